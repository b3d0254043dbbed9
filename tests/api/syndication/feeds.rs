//! `GET /feeds/…`

use feed_rs::model::{Entry, Feed};
use rstest::rstest;
use serde_json::{Value, json};

use super::{SITE, start, whole};
use crate::support::{
    Answer, App, Kind, Postgres, Sqlite,
    content::{article, date, forty, with},
};

const FORMS: [(&str, &str); 3] = [
    ("rss", "application/rss+xml; charset=utf-8"),
    ("atom", "application/atom+xml; charset=utf-8"),
    ("json", "application/feed+json; charset=utf-8"),
];

fn parsed(answer: &Answer) -> Feed {
    feed_rs::parser::parse(answer.body.as_slice())
        .unwrap_or_else(|cause| panic!("{cause}: {}", answer.text()))
}

fn feed(app: &App, path: &str) -> Feed {
    parsed(&app.get(path).ok())
}

fn titles(feed: &Feed) -> Vec<String> {
    let title = |entry: &Entry| entry.title.as_ref().unwrap().content.clone();
    feed.entries.iter().map(title).collect()
}

/// What an entry says as its body, whichever member that is in.
fn body(entry: &Entry) -> String {
    entry.content.as_ref().unwrap().body.clone().unwrap()
}

#[rstest]
fn every_form_says_the_same(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = start(kind, &[whole("boats", 3), article("older", 1)]);
    let id = app.get("/v1/articles/boats").ok().json()["id"].clone();
    let id = format!("urn:uuid:{}", id.as_str().unwrap());
    for (form, content_type) in FORMS {
        let path = format!("/feeds/articles.{form}");
        let answer = app.get(&path).ok();
        assert_eq!(answer.header("content-type").as_deref(), Some(content_type));
        let feed = parsed(&answer);
        assert_eq!(feed.title.as_ref().unwrap().content, "Harbour & Times");
        assert_eq!(feed.language.as_deref(), Some("en"), "{form}");
        let links: Vec<&str> = feed
            .links
            .iter()
            .map(|link| link.href.trim_end_matches('/'))
            .collect();
        assert!(links.contains(&SITE), "{form}: {links:?}");
        assert!(
            links.contains(&format!("{SITE}{path}").as_str()),
            "{form}: {links:?}"
        );
        assert_eq!(feed.entries.len(), 2);
        let entry = &feed.entries[0];
        assert_eq!(entry.id, id, "{form}");
        assert_eq!(
            entry.title.as_ref().unwrap().content,
            "Boats < ships & \"ferries\" 🦀"
        );
        let summary = match form {
            "rss" => "A dek ]]&gt; with &amp; signs.",
            _ => "A dek ]]> with & signs.",
        };
        assert_eq!(entry.summary.as_ref().unwrap().content, summary, "{form}");
        let pages: Vec<&str> = entry.links.iter().map(|link| link.href.as_str()).collect();
        assert!(
            pages.contains(&format!("{SITE}/articles/boats").as_str()),
            "{form}: {pages:?}"
        );
        let authors: Vec<&str> = entry
            .authors
            .iter()
            .filter_map(|author| author.name.as_deref())
            .collect();
        assert_eq!(authors, ["Ada Moe", "Bo Ek"], "{form}");
        let published = newsstand::model::time::UtcTime::parse(&date(3)).unwrap();
        assert_eq!(
            entry.published.unwrap().timestamp_millis(),
            published.millis(),
            "{form}"
        );
        let html = body(entry);
        for part in [
            "href=\"https://www.example.com/about?a=1&amp;b=2\"",
            "href=\"https://other.example/x\"",
            "src=\"https://www.example.com/pictures/quay.jpg\"",
        ] {
            assert!(html.contains(part), "{form} has no {part}: {html}");
        }
    }
}

#[rstest]
fn what_each_form_has_of_its_own(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = start(kind, &[whole("boats", 3)]);
    let rss = app.get("/feeds/articles.rss").ok().text();
    for part in [
        "<guid isPermaLink=\"false\">urn:uuid:",
        "<dc:creator>Ada Moe</dc:creator>",
        "<content:encoded>",
        "<category>Europe</category>",
        "<media:content ",
        "rel=\"self\"",
        "https://images.example.com/logo.png",
        "<language>en</language>",
        "<dc:language>nb</dc:language>",
    ] {
        assert!(rss.contains(part), "no {part}: {rss}");
    }
    let atom = app.get("/feeds/articles.atom").ok().text();
    for part in [
        "<logo>https://images.example.com/logo.png</logo>",
        "rel=\"enclosure\"",
        "xml:lang=\"nb\"",
    ] {
        assert!(atom.contains(part), "no {part}: {atom}");
    }
    let modified = app.get("/v1/articles/boats").ok().json()["modified_at"].clone();
    let entry = feed(&app, "/feeds/articles.atom").entries.remove(0);
    let modified = newsstand::model::time::UtcTime::parse(modified.as_str().unwrap()).unwrap();
    assert_eq!(entry.updated.unwrap().timestamp_millis(), modified.millis());
    let json = app.get("/feeds/articles.json").ok().json();
    assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
    let item = &json["items"][0];
    assert_eq!(item["image"], "https://images.example.com/a.jpg?w=1&h=2");
    assert_eq!(item["tags"], json!(["Europe", "Sea", "Ferries"]));
    assert_eq!(item["language"], "nb");
    assert_eq!(json["icon"], "https://images.example.com/logo.png");
}

#[rstest]
fn a_feed_is_as_long_as_it_was_asked_for(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let count = |path: &str| feed(&app, path).entries.len();
    assert_eq!(count("/feeds/articles.rss"), 30);
    assert_eq!(count("/feeds/articles.rss?limit=100"), 40);
    let newest: Vec<Value> = app.get("/v1/articles?limit=5").ok().json()["data"]
        .as_array()
        .unwrap()
        .clone();
    let newest: Vec<&str> = newest
        .iter()
        .map(|one| one["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles(&feed(&app, "/feeds/articles.atom?limit=5")), newest);
    for wrong in ["limit=0", "limit=101", "page=2"] {
        app.get(&format!("/feeds/articles.json?{wrong}"))
            .problem(400);
    }
    assert_eq!(
        count("/feeds/tags/football.json?limit=100"),
        forty()
            .iter()
            .filter(|one| { one["tags"].as_array().unwrap().contains(&json!("Football")) })
            .count()
    );
}

#[rstest]
fn a_category_feed_has_its_descendants(#[values(Sqlite, Postgres)] kind: Kind) {
    let articles = [
        with(article("root", 1), json!({"category": ["World"]})),
        with(
            article("leaf", 2),
            json!({"category": ["World", "Europe", "Nordic"]}),
        ),
        with(
            article("other", 3),
            json!({"category": ["Sport"], "authors": ["Ada Moe"]}),
        ),
    ];
    let app = start(kind, &articles);
    for (form, _) in FORMS {
        let feed = feed(&app, &format!("/feeds/categories/world.{form}"));
        assert_eq!(titles(&feed), ["Title of leaf", "Title of root"]);
        assert_eq!(
            feed.title.as_ref().unwrap().content,
            "World – Harbour & Times"
        );
        let links: Vec<&str> = feed.links.iter().map(|link| link.href.as_str()).collect();
        for link in [
            format!("{SITE}/categories/world"),
            format!("{SITE}/feeds/categories/world.{form}"),
        ] {
            assert!(links.contains(&link.as_str()), "{form}: {links:?}");
        }
    }
    assert_eq!(
        titles(&feed(&app, "/feeds/authors/ada-moe.rss")),
        ["Title of other"]
    );
    // By id it is the same feed, and says the same of itself.
    let id = app.get("/v1/categories/world").ok().json()["id"].clone();
    let by_id = app
        .get(&format!("/feeds/categories/{}.rss", id.as_str().unwrap()))
        .ok();
    assert_eq!(by_id.body, app.get("/feeds/categories/world.rss").ok().body);
}

#[rstest]
fn a_feed_that_is_elsewhere_or_nowhere(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = start(kind, &[]);
    for folder in ["categories", "authors", "tags"] {
        let path = format!("/v1/{folder}");
        for name in ["Former", "Away"] {
            assert_eq!(
                app.edit("POST", &path, &[], &json!({"name": name})).status,
                201
            );
        }
        let any = [("If-Match", "*")];
        let present = json!({"name": "Former", "slug": "present"});
        app.edit("PUT", &format!("{path}/former"), &any, &present)
            .ok();
        assert_eq!(
            app.edit("DELETE", &format!("{path}/away"), &any, &Value::Null)
                .status,
            204
        );
        let moved = app.get(&format!("/feeds/{folder}/former.atom?limit=3"));
        assert_eq!(moved.status, 308);
        let location = moved.header("location").unwrap();
        assert_eq!(location, format!("/feeds/{folder}/present.atom?limit=3"));
        assert!(feed(&app, &location).entries.is_empty());
        app.get(&format!("/feeds/{folder}/away.rss")).problem(410);
        app.get(&format!("/feeds/{folder}/never.rss")).problem(404);
        app.get(&format!("/feeds/{folder}/present.xml"))
            .problem(404);
        app.get(&format!("/feeds/{folder}/present")).problem(404);
    }
    app.get("/feeds/articles.xml").problem(404);
    app.get("/feeds/articles").problem(404);
    app.get("/feeds/tags/%00.rss").problem(400);
}

#[rstest]
fn a_feed_is_cached_as_all_public_reads(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = start(kind, &[whole("boats", 3)]);
    for (form, _) in FORMS {
        let path = format!("/feeds/categories/world.{form}");
        let first = app.get(&path).ok();
        let etag = first.header("etag").unwrap();
        let again = app.send("GET", &path, &[("If-None-Match", &etag)]);
        assert_eq!(again.status, 304, "{form}");
        assert_eq!(app.get(&path).ok().body, first.body);
        let head = app.send("HEAD", &path, &[]).ok();
        assert!(head.body.is_empty());
        assert_eq!(head.header("etag"), Some(etag));
        assert!(first.header("cache-control").unwrap().starts_with("public"));
        let keys = first.header("surrogate-key").unwrap();
        for (path, kind) in [
            ("/v1/categories/world", "category"),
            ("/v1/articles/boats", "article"),
        ] {
            let id = app.get(path).ok().json()["id"].clone();
            let key = format!("{kind}-{}", id.as_str().unwrap());
            assert!(keys.split(' ').any(|known| known == key), "{keys}");
        }
        let coded = app.send("GET", &path, &[("Accept-Encoding", "gzip")]).ok();
        assert_eq!(coded.header("content-encoding").as_deref(), Some("gzip"));
    }
    app.send("POST", "/feeds/articles.rss", &[]).problem(405);
    app.send("GET", "/feeds/articles.rss", &[("Accept", "image/png")])
        .problem(406);
    assert_eq!(app.get("/feeds/articles.rss/").status, 308);
}

#[rstest]
fn drafts_are_in_no_feed(#[values(Sqlite, Postgres)] kind: Kind) {
    let draft = |slug: &str| {
        with(
            whole(slug, 4),
            json!({"title": "Quux", "status": "draft", "tags": ["Quux tag"]}),
        )
    };
    let app = start(kind, &[whole("boats", 3)]);
    let before = app.get("/feeds/articles.rss").ok().body;
    app.create(&draft("hidden"));
    assert_eq!(app.get("/feeds/articles.rss").ok().body, before);
    app.get("/feeds/tags/quux-tag.rss").problem(404);
    // Not for an editor either: whatever reads feeds passes them on.
    for (form, _) in FORMS {
        let answer = app.read(&format!("/feeds/categories/world.{form}")).ok();
        assert!(!answer.text().contains("Quux"));
        assert_eq!(
            answer.header("cache-control").as_deref(),
            Some("private, no-store")
        );
    }
}

#[rstest]
fn odd_characters_do_no_harm(#[values(Sqlite, Postgres)] kind: Kind) {
    let odd = "A\u{1}B\u{8}\u{B} \u{1F}C\u{FFFE} 👨‍👩‍👧 \u{202E}e\u{301} ]]> <b> &amp;";
    let members = json!({
        "title": odd, "summary": odd, "tags": [format!("Tag {odd}")],
        "body": {"text": format!("{odd}\n\n{odd}")},
    });
    let app = start(kind, &[with(article("odd", 1), members)]);
    for (form, _) in FORMS {
        let feed = feed(&app, &format!("/feeds/articles.{form}"));
        let title = titles(&feed).remove(0);
        assert!(
            title.starts_with('A') && title.contains("👨‍👩‍👧"),
            "{form}: {title}"
        );
        if form != "json" {
            assert!(!title.contains('\u{1}'), "{form}");
        }
    }
}

#[rstest]
fn links_between_articles_lead_to_present_addresses(#[values(Sqlite, Postgres)] kind: Kind) {
    let target = article("target", 1);
    let source = with(
        article("source", 2),
        json!({"body": {"html": "<p><a href=\"/articles/target#part\">there</a></p>"}}),
    );
    let app = start(kind, &[target.clone(), source]);
    app.put(&[with(target, json!({"slug": "renamed"}))]);
    for (form, _) in FORMS {
        let feed = feed(&app, &format!("/feeds/articles.{form}?limit=1"));
        let html = body(&feed.entries[0]);
        assert!(
            html.contains("https://www.example.com/articles/renamed#part"),
            "{html}"
        );
    }
}
