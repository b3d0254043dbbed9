// A reader's program, typed only by the published document: takes a base URL,
// lists two articles, reads the first by its slug and prints its title.
import createClient from "openapi-fetch";
import type { paths } from "./generated.js";

function fail(message: string): never {
  console.error(`client: ${message}`);
  process.exit(1);
}

const baseUrl = process.argv[2] ?? fail("usage: node dist/client.js BASE_URL");

try {
  const api = createClient<paths>({ baseUrl });

  const list = await api.GET("/v1/articles", {
    params: { query: { limit: 2 } },
    signal: AbortSignal.timeout(10_000),
  });
  if (!list.data) fail(`GET /v1/articles answered ${list.response.status}: ${JSON.stringify(list.error)}`);
  const articles = list.data.data ?? [];
  if (articles.length > 2) fail(`asked for 2 articles, got ${articles.length}`);
  const first = articles[0] ?? fail("the list of articles is empty");
  // An answer with `fields` may lack members, so the types ask whether they are there.
  const slug = first.slug ?? fail("the article has no slug");

  const one = await api.GET("/v1/articles/{key}", {
    params: { path: { key: slug } },
    signal: AbortSignal.timeout(10_000),
  });
  if (!one.data) fail(`GET /v1/articles/${slug} answered ${one.response.status}: ${JSON.stringify(one.error)}`);

  const article = one.data;
  if (article.title !== first.title) fail(`"${first.title}" in the list is "${article.title}" on its own`);
  console.log(article.title ?? fail("the article has no title"));
} catch (error) {
  fail(String(error instanceof Error ? (error.cause ?? error) : error));
}
