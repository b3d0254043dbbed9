// Renders the bodies of all articles with the public Portable Text renderer, which knows nothing
// of Newsstand: only the documented types and marks get components. Takes a base URL; with a type
// or mark that is not documented, or text that is not the body's text, it fails.
import { escapeHTML, toHTML, type PortableTextComponents } from "@portabletext/to-html";
import createClient from "openapi-fetch";
import type { paths } from "./generated.js";

function fail(message: string): never {
  console.error(`portable text: ${message}`);
  process.exit(1);
}

interface Paragraph {
  children: { text: string }[];
}

const TYPES = ["image", "code", "quote", "embed", "table", "divider", "ad_slot", "html"] as const;
const MARKS = ["sub", "sup", "footnote"] as const;
const seen = new Set<string>();

// Each note stands behind the block that refers to it here; the text comes at the end of a body.
let notes: string[] = [];

const paragraphs = (content: Paragraph[]) =>
  content.map((one) => one.children.map((span) => span.text).join(""));
const lines = (text: string) => escapeHTML(text).replaceAll("\n", "<br>");

const components: PortableTextComponents = {
  types: {
    image: ({ value }) => `<p>${lines(value.caption ?? "")}</p>`,
    code: ({ value }) => `<pre>${escapeHTML(value.code)}</pre>`,
    quote: ({ value }) =>
      [...paragraphs(value.content), value.attribution ?? ""].map((text) => `<p>${lines(text)}</p>`).join(""),
    embed: ({ value }) => `<p>${lines(value.caption ?? "")}</p>`,
    table: ({ value }) =>
      value.rows
        .map((row: { cells: Paragraph[] }) => `<p>${lines(paragraphs(row.cells).join("\t"))}</p>`)
        .join(""),
    divider: () => "",
    ad_slot: () => "",
    html: ({ value }) => `<p>${lines(value.text)}</p>`,
  },
  marks: {
    sub: ({ children }) => `<sub>${children}</sub>`,
    sup: ({ children }) => `<sup>${children}</sup>`,
    footnote: ({ children, value }) => {
      notes.push(...paragraphs(value?.content ?? []));
      seen.add("footnote");
      return `<sup>${children}</sup>`;
    },
  },
};

/** What is left of markup once a browser has read it: enough for what the renderer writes. */
function textOf(html: string): string {
  return html
    .replaceAll(/<br ?\/?>|<(ul|ol)>|<\/(p|h[1-6]|li|blockquote|pre)>/g, "\n")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", `"`)
    .replaceAll("&nbsp;", " ")
    .replaceAll(/&#(x?)([\da-f]+);/gi, (_, hex: string, code: string) =>
      String.fromCodePoint(Number.parseInt(code, hex === "" ? 10 : 16)),
    )
    .replaceAll("&amp;", "&");
}

const squeezed = (text: string) => text.split(/\s+/).filter(Boolean).join(" ");

const baseUrl = process.argv[2] ?? fail("usage: node dist/portable-text.js BASE_URL");
const api = createClient<paths>({ baseUrl });
let cursor: string | undefined;
let rendered = 0;
do {
  const page = await api.GET("/v1/articles", {
    params: { query: { limit: 50, body: "blocks,text", ...(cursor === undefined ? {} : { cursor }) } },
    signal: AbortSignal.timeout(10_000),
  });
  if (!page.data) fail(`GET /v1/articles answered ${page.response.status}: ${JSON.stringify(page.error)}`);
  for (const article of page.data.data) {
    const body = article.body ?? fail(`${article.slug} has no body`);
    const blocks = body.blocks ?? fail(`${article.slug} has no blocks`);
    for (const block of blocks) seen.add(block._type);
    notes = [];
    const html = toHTML(blocks, {
      components,
      onMissingComponent: (message) => fail(`${article.slug}: ${message}`),
    });
    const text = squeezed([textOf(html), ...notes].join("\n"));
    const expected = squeezed(body.text ?? "");
    if (text !== expected) fail(`${article.slug} renders as\n${text}\nand its text is\n${expected}`);
    rendered += 1;
  }
  cursor = page.data.page.next_cursor ?? undefined;
} while (cursor !== undefined);

const unseen = ["block", ...TYPES, "footnote"].filter((kind) => !seen.has(kind));
if (unseen.length > 0) fail(`no article has ${unseen.join(", ")}: nothing was shown of these`);
console.log(`${rendered} bodies rendered, with ${MARKS.join(", ")} and ${TYPES.join(", ")}`);
