//! The number of SQL statements of an answer is fixed: it does not grow with what is listed.

use rstest::rstest;

use crate::support::{App, Kind, Postgres, Sqlite, content::forty};

fn statements(app: &App, path: &str) -> u32 {
    let timing = app.get(path).ok().header("server-timing").unwrap();
    let count = timing
        .split("desc=\"")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    count.parse().unwrap()
}

#[rstest]
fn every_endpoint_has_its_number(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    app.settle();
    // What was learned is read once, and the list that was found is kept.
    app.get("/v1/articles/a1/related").ok();
    app.settle();
    let mut wrong = Vec::new();
    // BEGIN and COMMIT are among them, where there is more than one.
    for (path, expected) in [
        ("/v1/articles?limit=1", 4),
        ("/v1/articles?limit=100", 4),
        (
            "/v1/articles?limit=1&sort=title&category=world&tag=climate,trade&author=ada-moe",
            5,
        ),
        (
            "/v1/articles?limit=100&sort=title&category=world&tag=climate,trade",
            5,
        ),
        ("/v1/articles?limit=1&body=html", 5),
        ("/v1/articles?limit=100&body=html,text", 5),
        ("/v1/articles?limit=1&page=2", 5),
        ("/v1/articles?limit=100&count=exact", 5),
        ("/v1/articles?limit=1&tag=climate&count=exact", 5),
        ("/v1/articles?limit=1&author=ada-moe&page=2", 5),
        ("/v1/articles?limit=1&category=world", 5),
        ("/v1/articles?limit=100&category=world&count=exact", 6),
        ("/v1/articles?limit=1&category=world&page=2", 6),
        ("/v1/articles?limit=1&q=harbour&sort=relevance", 10),
        ("/v1/articles?limit=100&q=harbour&sort=relevance", 10),
        ("/v1/articles?limit=1&include=related,share,seo", 19),
        ("/v1/articles?limit=100&include=related,share,seo", 19),
        ("/v1/articles/a1", 1),
        ("/v1/articles/a1/share", 1),
        // Where there are not enough neighbours, what fills up is looked for.
        ("/v1/articles/a1/related?limit=1", 14),
        ("/v1/articles/a1/related?limit=50", 18),
        ("/v1/categories", 4),
        ("/v1/categories?tree=true", 4),
        ("/v1/categories/world", 4),
        ("/v1/authors?limit=1", 4),
        ("/v1/authors?limit=100", 4),
        ("/v1/authors/ada-moe", 4),
        ("/v1/tags?limit=100", 4),
        ("/v1/tags/climate", 4),
        ("/v1/search?q=harbour&limit=1", 11),
        ("/v1/search?q=harbour&limit=100", 11),
        (
            "/v1/search?q=harbour&limit=1&facets=category,tag,author,year",
            17,
        ),
        (
            "/v1/search?q=harbour&limit=100&facets=category,tag,author,year",
            17,
        ),
        ("/v1/resolve?path=/articles/a1", 3),
        ("/feeds/articles.rss?limit=1", 5),
        ("/feeds/articles.atom?limit=100", 5),
        ("/feeds/categories/world.json?limit=1", 8),
        ("/feeds/categories/world.json?limit=100", 8),
        ("/feeds/tags/climate.rss", 7),
        ("/sitemap.xml", 4),
        ("/sitemaps/articles-1.xml", 4),
        ("/sitemaps/news.xml", 3),
        ("/v1/oembed?url=http://localhost:3000/articles/a1", 3),
        // The last change is of no article, and there are no names to read.
        ("/v1/changes?limit=1", 7),
        ("/v1/changes?limit=100", 8),
        ("/healthz", 0),
        ("/readyz", 5),
    ] {
        let found = statements(&app, path);
        if found != expected {
            wrong.push(format!("{path}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
