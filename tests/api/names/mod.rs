//! Categories, authors and tags made, changed and deleted.

mod counts;
mod tree;

use std::{
    thread,
    time::{Duration, Instant},
};

use newsstand::model::caller::Scope;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, App, Kind, Postgres, Sqlite,
    content::{article, with},
    token,
};

const ANY: (&str, &str) = ("If-Match", "*");
const KINDS: [(&str, &str); 3] = [
    ("categories", "category"),
    ("authors", "author"),
    ("tags", "tag"),
];

fn etag(answer: &Answer) -> String {
    answer.header("etag").expect("an entity tag")
}

fn make(app: &App, kind: &str, body: Value) -> Value {
    let answer = app.edit("POST", &format!("/v1/{kind}"), &[], &body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

fn patch(app: &App, path: &str, body: Value) -> Answer {
    app.edit("PATCH", &format!("/v1/{path}"), &[ANY], &body)
}

fn delete(app: &App, path: &str) -> Answer {
    app.edit("DELETE", &format!("/v1/{path}"), &[ANY], &Value::Null)
}

/// The log without what was in it at some length: kind, change and slug of each entry.
fn log(app: &App, from: usize) -> Vec<String> {
    let log = app.get("/v1/changes?limit=100").ok().json();
    let told = |entry: &Value| {
        let kind = entry["kind"].as_str().unwrap();
        let slug = entry[kind]["slug"].as_str().unwrap_or("-");
        format!("{kind} {} {slug}", entry["change"].as_str().unwrap())
    };
    let entries = log["data"].as_array().unwrap().iter();
    entries.skip(from).map(told).collect()
}

fn slugs(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one["slug"].as_str().unwrap()).collect()
}

fn put(app: &App, slug: &str, members: Value) {
    let published = json!({"status": "published"});
    app.create(&with(with(article(slug, 1), published), members));
}

fn path_of(app: &App, slug: &str) -> String {
    let category = app.get(&format!("/v1/categories/{slug}")).ok().json();
    category["path"].as_str().unwrap().to_owned()
}

#[rstest]
fn each_kind_is_made_changed_and_replaced(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    for (kind, one) in KINDS {
        let list = format!("/v1/{kind}");
        let sent = json!({"name": "Ärger & Co", "description": "A line."});
        let made = app.edit("POST", &list, &[], &sent);
        assert_eq!(made.status, 201);
        assert_eq!(made.json()["slug"], "arger-co", "{one}");
        let location = made.header("location").unwrap();
        assert_eq!(
            location,
            format!("{list}/{}", made.json()["id"].as_str().unwrap())
        );
        let read = app.get(&location).ok();
        assert_eq!((read.json(), etag(&read)), (made.json(), etag(&made)));
        assert_eq!(make(&app, kind, sent.clone())["slug"], "arger-co-2");
        let path = format!("{list}/arger-co");
        for (method, body) in [
            ("PUT", sent.clone()),
            ("PATCH", sent),
            ("DELETE", Value::Null),
        ] {
            app.edit(method, &path, &[], &body).problem(428);
            for tag in ["\"other\"".to_owned(), format!("W/{}", etag(&made))] {
                app.edit(method, &path, &[("If-Match", &tag)], &body)
                    .problem(412);
            }
        }
        let named = json!({"name": "Named"});
        let patched = app
            .edit("PATCH", &path, &[("If-Match", &etag(&made))], &named)
            .ok();
        assert_eq!(
            (
                &patched.json()["name"],
                &patched.json()["slug"],
                &patched.json()["description"]
            ),
            (&json!("Named"), &json!("arger-co"), &json!("A line."))
        );
        app.edit("PATCH", &path, &[("If-Match", &etag(&made))], &named)
            .problem(412);
        let replaced = app.edit("PUT", &path, &[("If-Match", &etag(&patched))], &named);
        assert_eq!(replaced.ok().json()["description"], Value::Null);
        assert_eq!(app.get(&path).ok().json()["description"], Value::Null);
    }
}

#[rstest]
fn what_is_wrong_with_a_name_is_named(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    for (kind, one) in KINDS {
        make(&app, kind, json!({"name": "There"}));
        for (sent, named) in [
            (json!({}), "/name"),
            (json!({"name": " "}), "/name"),
            (json!({"name": "\u{200F}\u{202E}"}), "/name"),
            (json!({"name": "a\0"}), "/name"),
            (json!({"name": "x".repeat(201)}), "/name"),
            (json!({"name": "a", "slug": "A b"}), "/slug"),
            (
                json!({"name": "a", "slug": "0198a5d2-7c4e-7bbb-8a53-2f6f3a1c9e10"}),
                "/slug",
            ),
            (json!({"name": "a", "descripton": "x"}), "/descripton"),
            (json!("a"), ""),
        ] {
            let answer = app.edit("POST", &format!("/v1/{kind}"), &[], &sent);
            assert_eq!(answer.problem(400).1, [named], "{one} {sent}");
        }
        let taken = json!({"name": "a", "slug": "there"});
        let answer = app.edit("POST", &format!("/v1/{kind}"), &[], &taken);
        assert_eq!(answer.problem(409).1, ["/slug"]);
        let all = app.read(&format!("/v1/{kind}?count=exact")).ok().json();
        assert_eq!(all["page"]["total"], 1, "{one}");
        let path = format!("/v1/{kind}/there");
        app.send("DELETE", &path, &[ANY]).problem(401);
        let reader = token(&[Scope::ReadDrafts, Scope::Publish]);
        app.edit_as(&reader, "DELETE", &path, &[ANY], &Value::Null)
            .problem(403);
        app.get(&path).ok();
    }
}

#[rstest]
fn a_renamed_one_moves_and_a_deleted_one_is_gone(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    for (kind, one) in KINDS {
        let from = log(&app, 0).len();
        let id = make(&app, kind, json!({"name": "Old"}))["id"].clone();
        patch(&app, &format!("{kind}/old"), json!({"slug": "new"})).ok();
        let moved = app.get(&format!("/v1/{kind}/old"));
        let location = format!("/v1/{kind}/new");
        assert_eq!(
            (moved.status, moved.header("location")),
            (308, Some(location.clone()))
        );
        app.get(&location).ok();
        let resolve = |slug: &str| {
            let path = format!("/v1/resolve?path=/{kind}/{slug}");
            let answer = app.get(&path).ok().json();
            (answer["status"].clone(), answer["location"].clone())
        };
        let address = json!(format!("http://localhost:3000/{kind}/new"));
        assert_eq!(resolve("old"), (json!("moved"), address.clone()));
        assert_eq!(resolve("new"), (json!("found"), address));
        assert_eq!(
            log(&app, from),
            [format!("{one} published new"), format!("{one} moved new")]
        );
        assert_eq!(delete(&app, &format!("{kind}/new")).status, 204);
        for key in ["old", "new", id.as_str().unwrap()] {
            let answer = app.get(&format!("/v1/{kind}/{key}"));
            assert_eq!(answer.problem(410).0, "gone");
        }
        assert_eq!(resolve("old"), (json!("gone"), Value::Null));
        assert_eq!(resolve("new"), (json!("gone"), Value::Null));
        assert_eq!(log(&app, from + 2), [format!("{one} deleted -")]);
        assert_ne!(make(&app, kind, json!({"name": "New"}))["id"], id);
        app.get(&location).ok();
    }
}

#[rstest]
fn a_renamed_author_is_renamed_in_all_that_they_wrote(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    put(&app, "one", json!({"authors": ["Ada Moe"]}));
    let before = app.get("/v1/articles/one").ok();
    let modified = before.header("last-modified").unwrap();
    // Last-Modified has whole seconds.
    thread::sleep(Duration::from_millis(1_100));
    patch(&app, "authors/ada-moe", json!({"name": "Adelheid Moe"})).ok();
    let since = ("If-Modified-Since", modified.as_str());
    let after = app.send("GET", "/v1/articles/one", &[since]).ok();
    assert_eq!(after.json()["authors"][0]["name"], "Adelheid Moe");
    assert_ne!(after.header("last-modified").unwrap(), modified);
    assert_ne!(etag(&after), etag(&before));
    let deadline = Instant::now() + Duration::from_secs(5);
    while app.slugs("/v1/search?q=adelheid") != ["one"] {
        assert!(Instant::now() < deadline, "never found by the new name");
        thread::sleep(Duration::from_millis(50));
    }
    assert!(app.slugs("/v1/search?q=ada").is_empty());
}

#[rstest]
fn an_author_with_articles_leaves_them_to_another(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    put(&app, "both", json!({"authors": ["Ada", "Bo", "Cy"]}));
    put(&app, "one", json!({"authors": ["Ada"]}));
    let tag = etag(&app.get("/v1/articles/one").ok());
    let from = log(&app, 0).len();
    assert_eq!(delete(&app, "authors/ada").problem(409).0, "conflict");
    for to in ["ada", "none", "A_b"] {
        let answer = delete(&app, &format!("authors/ada?move_to={to}"));
        assert_eq!(answer.problem(400).1, ["move_to"], "{to}");
    }
    assert!(log(&app, from).is_empty());
    assert_eq!(delete(&app, "authors/ada?move_to=bo").status, 204);
    let authors = |slug: &str| {
        let article = app.get(&format!("/v1/articles/{slug}")).ok().json();
        article["authors"].clone()
    };
    assert_eq!(slugs(&authors("one")), ["bo"]);
    assert_eq!(slugs(&authors("both")), ["bo", "cy"], "each once");
    assert_eq!(app.get("/v1/authors/bo").ok().json()["article_count"], 2);
    app.get("/v1/authors/ada").problem(410);
    assert_eq!(
        log(&app, from),
        [
            "article updated both",
            "article updated one",
            "author deleted -"
        ]
    );
    let title = json!({"title": "x"});
    let stale = app.edit("PATCH", "/v1/articles/one", &[("If-Match", &tag)], &title);
    stale.problem(412);
}

#[rstest]
fn a_deleted_tag_vanishes_or_gives_way_to_another(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    put(&app, "one", json!({"tags": ["Ferries", "Rails", "Tides"]}));
    put(&app, "two", json!({"tags": ["Rails"]}));
    let tags = |slug: &str| {
        let answer = app.get(&format!("/v1/articles/{slug}")).ok();
        (answer.json()["tags"].clone(), etag(&answer))
    };
    let (_, before) = tags("one");
    let from = log(&app, 0).len();
    assert_eq!(delete(&app, "tags/ferries").status, 204);
    let (left, after) = tags("one");
    assert_eq!(slugs(&left), ["rails", "tides"]);
    assert_ne!(before, after);
    assert_eq!(log(&app, from), ["article updated one", "tag deleted -"]);
    app.get("/v1/articles?tag=ferries").ok();
    assert_eq!(
        delete(&app, "tags/rails?move_to=rails").problem(400).1,
        ["move_to"]
    );
    assert_eq!(delete(&app, "tags/rails?move_to=tides").status, 204);
    assert_eq!(slugs(&tags("one").0), ["tides"], "once");
    assert_eq!(slugs(&tags("two").0), ["tides"]);
    assert_eq!(app.slugs("/v1/articles?tag=tides").len(), 2);
}

/// World > Europe > Nordic, each with an article, and Sport without.
#[rstest]
fn names_that_only_drafts_carry_are_not_known_to_readers(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    put(
        &app,
        "live",
        json!({"tags": ["T"], "authors": ["A"], "category": ["C"]}),
    );
    let hidden = json!({"tags": ["Tidal"], "authors": ["Ada"], "category": ["Sea", "Ferries"]});
    app.create(&with(article("draft", 1), hidden));
    let paths = [
        "tags/tidal",
        "authors/ada",
        "categories/sea",
        "categories/ferries",
    ];
    let totals = || {
        KINDS.map(|(kind, _)| {
            let list = app.get(&format!("/v1/{kind}?count=exact")).ok().json();
            assert_eq!(list["page"]["total"], slugs(&list["data"]).len());
            slugs(&list["data"]).len()
        })
    };
    let from = log(&app, 0).len();
    assert_eq!(totals(), [1, 1, 1]);
    for path in paths {
        app.get(&format!("/v1/{path}")).problem(404);
        app.read(&format!("/v1/{path}")).ok();
    }
    for path in ["/tags/tidal", "/authors/ada", "/categories/sea/ferries"] {
        app.get(&format!("/v1/resolve?path={path}")).problem(404);
    }
    let tree = app.get("/v1/categories?tree=true").ok().json();
    assert_eq!(slugs(&tree["data"]), ["c"]);
    // What happens to them is no news, and leaves nothing behind.
    patch(&app, "tags/tidal", json!({"slug": "tides"})).ok();
    app.get("/v1/tags/tidal").problem(404);
    assert!(log(&app, from).is_empty());
    app.edit("POST", "/v1/articles/draft/publish", &[], &Value::Null)
        .ok();
    assert_eq!(totals(), [3, 2, 2]);
    for path in [
        "tags/tides",
        "authors/ada",
        "categories/sea",
        "categories/ferries",
    ] {
        app.get(&format!("/v1/{path}")).ok();
    }
    let mut news = log(&app, from);
    news.sort();
    assert_eq!(
        news,
        [
            "article published draft",
            "author published ada",
            "category published ferries",
            "category published sea",
            "tag published tides"
        ]
    );
}

#[rstest]
fn an_id_names_what_there_is_and_makes_nothing(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let ids = KINDS.map(|(kind, _)| make(&app, kind, json!({"name": "Known"}))["id"].clone());
    let [category, author, tag] = ["categories", "authors", "tags"].map(|wanted| {
        let place = KINDS.iter().position(|(kind, _)| *kind == wanted).unwrap();
        ids[place].clone()
    });
    let sent = json!({
        "title": "By id", "body": {"text": "x"},
        "category": category, "authors": [author], "tags": [tag],
    });
    let (made, _) = app.create(&sent);
    assert_eq!(made["category"]["id"], category);
    assert_eq!(made["authors"][0]["id"], author);
    assert_eq!(made["tags"][0]["id"], tag);
    let unknown = "0198a5d2-7c4e-7bbb-8a53-2f6f3a1c9e10";
    for (member, value) in [
        ("category", json!(unknown)),
        ("authors", json!([unknown])),
        ("tags", json!([unknown])),
    ] {
        let sent = json!({"title": "Another", "body": {"text": "x"}, member: value});
        let answer = app.edit("POST", "/v1/articles", &[], &sent);
        assert_eq!(answer.problem(400).1, [format!("/{member}")]);
    }
    for (kind, _) in KINDS {
        let total = app.read(&format!("/v1/{kind}?count=exact")).ok().json();
        assert_eq!(total["page"]["total"], 1, "{kind}");
    }
}
