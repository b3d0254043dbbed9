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
    // What was learned is read once.
    app.get("/v1/articles/a1/related").ok();
    let mut wrong = Vec::new();
    // BEGIN and COMMIT are among them.
    for (path, expected) in [
        ("/v1/articles?limit=1", 6),
        ("/v1/articles?limit=100", 6),
        (
            "/v1/articles?limit=1&sort=title&category=world&tag=climate,trade&author=ada-moe",
            7,
        ),
        (
            "/v1/articles?limit=100&sort=title&category=world&tag=climate,trade",
            7,
        ),
        ("/v1/articles?limit=1&body=html", 7),
        ("/v1/articles?limit=100&body=html,text", 7),
        ("/v1/articles?limit=1&page=2", 7),
        ("/v1/articles?limit=100&count=exact", 7),
        ("/v1/articles?limit=1&category=world", 7),
        ("/v1/articles?limit=100&category=world&count=exact", 8),
        ("/v1/articles?limit=1&category=world&page=2", 8),
        ("/v1/articles?limit=1&q=harbour&sort=relevance", 12),
        ("/v1/articles?limit=100&q=harbour&sort=relevance", 12),
        ("/v1/articles?limit=1&include=related,share,seo", 23),
        ("/v1/articles?limit=100&include=related,share,seo", 23),
        ("/v1/articles/a1", 7),
        ("/v1/articles/a1/share", 6),
        // Where there are not enough neighbours, what fills up is looked for.
        ("/v1/articles/a1/related?limit=1", 19),
        ("/v1/articles/a1/related?limit=50", 23),
        ("/v1/categories", 4),
        ("/v1/categories?tree=true", 4),
        ("/v1/categories/world", 4),
        ("/v1/authors?limit=1", 4),
        ("/v1/authors?limit=100", 4),
        ("/v1/authors/ada-moe", 4),
        ("/v1/tags?limit=100", 4),
        ("/v1/tags/climate", 4),
        ("/v1/search?q=harbour&limit=1", 13),
        ("/v1/search?q=harbour&limit=100", 13),
        (
            "/v1/search?q=harbour&limit=1&facets=category,tag,author,year",
            17,
        ),
        (
            "/v1/search?q=harbour&limit=100&facets=category,tag,author,year",
            17,
        ),
        ("/v1/resolve?path=/articles/a1", 6),
        ("/feeds/articles.rss?limit=1", 7),
        ("/feeds/articles.atom?limit=100", 7),
        ("/feeds/categories/world.json?limit=1", 10),
        ("/feeds/categories/world.json?limit=100", 10),
        ("/feeds/tags/climate.rss", 9),
        ("/sitemap.xml", 4),
        ("/sitemaps/articles-1.xml", 4),
        ("/sitemaps/news.xml", 6),
        ("/v1/oembed?url=http://localhost:3000/articles/a1", 6),
        ("/v1/changes?limit=1", 10),
        ("/v1/changes?limit=100", 10),
        ("/healthz", 0),
        ("/readyz", 3),
    ] {
        let found = statements(&app, path);
        if found != expected {
            wrong.push(format!("{path}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
