//! `GET /sitemap.xml`, its parts, and `/robots.txt`

use newsstand::model::time::UtcTime;
use quick_xml::{Reader, events::Event};
use rstest::rstest;
use serde_json::{Value, json};

use super::{SITE, start, whole};
use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, forty, with},
};

/// The texts of all elements of a name; fails on a document that is not well-formed.
fn texts(xml: &str, name: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    let (mut found, mut open, mut depth) = (Vec::new(), None::<String>, 0_i32);
    loop {
        match reader
            .read_event()
            .unwrap_or_else(|cause| panic!("{cause}: {xml}"))
        {
            Event::Start(start) => {
                depth += 1;
                let own: &str = start.name().into_inner();
                open = (own == name).then(String::new);
            }
            Event::Text(text) => {
                if let Some(open) = &mut open {
                    open.push_str(&text);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(open) = &mut open {
                    let character = match &*reference {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        other => panic!("&{other};"),
                    };
                    open.push(character);
                }
            }
            Event::End(_) => {
                depth -= 1;
                found.extend(open.take());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "{xml}");
    found
}

fn sitemap(app: &App, path: &str) -> String {
    let answer = app.get(path).ok();
    assert_eq!(
        answer.header("content-type").as_deref(),
        Some("application/xml; charset=utf-8")
    );
    answer.text()
}

/// A time so many hours ago.
fn ago(hours: i64) -> String {
    let millis = UtcTime::now().millis() - hours * 3_600_000;
    UtcTime::from_millis(millis).unwrap().to_string()
}

#[rstest]
fn the_sitemap_names_its_parts_and_each_article(#[values(Sqlite, Postgres)] kind: Kind) {
    let elsewhere = json!({"canonical_url": "https://other.example/page"});
    let mut articles: Vec<Value> = forty();
    articles.push(with(article("elsewhere", 1), elsewhere));
    articles.push(with(
        article("special", 2),
        json!({"canonical_url": format!("{SITE}/special?a=1&b=2")}),
    ));
    let app = start(kind, &articles);
    let index = sitemap(&app, "/sitemap.xml");
    assert_eq!(
        texts(&index, "loc"),
        [format!("{SITE}/sitemaps/articles-1.xml")]
    );
    let part = sitemap(&app, "/sitemaps/articles-1.xml");
    let found = texts(&part, "loc");
    assert_eq!(found.len(), 41);
    assert!(
        found.iter().all(|url| url.starts_with(&format!("{SITE}/"))),
        "{found:?}"
    );
    assert!(found.contains(&format!("{SITE}/articles/a7")));
    assert!(found.contains(&format!("{SITE}/special?a=1&b=2")));
    let modified = texts(&part, "lastmod");
    assert_eq!(modified.len(), 41);
    assert!(modified.iter().all(|time| UtcTime::parse(time).is_some()));
    app.get("/sitemaps/articles-2.xml").problem(404);
    for wrong in ["0", "x", "1e3", "-1", "99999999999999999999"] {
        app.get(&format!("/sitemaps/articles-{wrong}.xml"))
            .problem(400);
    }
    assert_eq!(texts(&sitemap(&app, "/sitemaps/news.xml"), "loc"), [""; 0]);
}

#[rstest]
fn addresses_follow_the_pattern(#[values(Sqlite, Postgres)] kind: Kind) {
    let flags = [
        "--public-site-url",
        "https://www.example.com/paper/",
        "--article-path",
        "/{category_path}/{year}/{month}/{slug}",
    ];
    let app = App::start_with(kind, &flags);
    app.put(&[whole("boats", 3), article("plain", 40)]);
    let found = texts(&sitemap(&app, "/sitemaps/articles-1.xml"), "loc");
    let wanted = ["boats", "plain"].map(|slug| {
        let url = app.get(&format!("/v1/articles/{slug}")).ok().json()["url"].clone();
        url.as_str().unwrap().to_owned()
    });
    assert_eq!(found, wanted);
    assert_eq!(
        wanted[0],
        "https://www.example.com/paper/world/europe/2026/01/boats"
    );
}

#[rstest]
fn news_is_what_is_two_days_old_at_most(#[values(Sqlite, Postgres)] kind: Kind) {
    let title = "Boats \u{1}& <ships> 🦀";
    let fresh = json!({"published_at": ago(5), "title": title, "language": "en-GB"});
    let stale = json!({"published_at": ago(72)});
    let app = start(
        kind,
        &[
            with(article("fresh", 1), fresh),
            with(article("stale", 1), stale),
        ],
    );
    let index = texts(&sitemap(&app, "/sitemap.xml"), "loc");
    assert!(
        index.contains(&format!("{SITE}/sitemaps/news.xml")),
        "{index:?}"
    );
    let news = sitemap(&app, "/sitemaps/news.xml");
    assert_eq!(texts(&news, "loc"), [format!("{SITE}/articles/fresh")]);
    assert_eq!(texts(&news, "news:title"), ["Boats & <ships> 🦀"]);
    assert_eq!(texts(&news, "news:name"), ["Harbour & Times"]);
    assert_eq!(texts(&news, "news:language"), ["en"]);
    assert_eq!(texts(&news, "news:publication_date").len(), 1);
}

#[rstest]
fn drafts_are_in_no_sitemap(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = start(kind, &[article("one", 1)]);
    let paths = [
        "/sitemap.xml",
        "/sitemaps/articles-1.xml",
        "/sitemaps/news.xml",
    ];
    let before = paths.map(|path| app.get(path).ok().body);
    app.create(&with(
        article("draft", 2),
        json!({"status": "draft", "published_at": ago(1)}),
    ));
    assert_eq!(paths.map(|path| app.get(path).ok().body), before);
    for path in paths {
        assert!(!app.read(path).ok().text().contains("draft"));
    }
}

#[rstest]
fn sitemaps_are_cached_as_all_public_reads(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = start(kind, &forty());
    for path in [
        "/sitemap.xml",
        "/sitemaps/articles-1.xml",
        "/sitemaps/news.xml",
        "/robots.txt",
    ] {
        let first = app.get(path).ok();
        let etag = first.header("etag").unwrap();
        assert_eq!(
            app.send("GET", path, &[("If-None-Match", &etag)]).status,
            304,
            "{path}"
        );
        let head = app.send("HEAD", path, &[]).ok();
        assert!(
            head.body.is_empty() && head.header("etag") == Some(etag),
            "{path}"
        );
        assert!(
            first.header("cache-control").unwrap().starts_with("public"),
            "{path}"
        );
        app.get(&format!("{path}?x=1")).problem(400);
    }
}

#[test]
fn crawlers_find_the_sitemap() {
    let app = start(Sqlite, &[]);
    let answer = app.get("/robots.txt").ok();
    assert_eq!(
        answer.header("content-type").as_deref(),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(
        answer.text(),
        "User-agent: *\nDisallow:\n\nSitemap: https://www.example.com/sitemap.xml\n"
    );
    assert_eq!(texts(&sitemap(&app, "/sitemap.xml"), "loc").len(), 1);
    assert!(texts(&sitemap(&app, "/sitemaps/articles-1.xml"), "loc").is_empty());
}
