//! A search finds what is stored now, whatever the index has taken in so far.

use rstest::rstest;
use serde_json::{Value, json};

use super::{found, said};
use crate::support::{App, Kind, Postgres, Sqlite, content::with};

const ANY: (&str, &str) = ("If-Match", "*");

fn published(slug: &str, title: &str, text: &str) -> Value {
    with(said(slug, title, text), json!({"status": "published"}))
}

#[rstest]
fn each_step_of_an_article_shows_at_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[said("other", "Harbour", "A walrus.")]);
    app.create(&published("one", "Narwhal", "Seen in the harbour."));
    assert_eq!(found(&app, "narwhal"), ["one"]);
    assert_eq!(found(&app, "harbour -narwhal"), ["other"]);
    let path = "/v1/articles/one";
    app.edit("PATCH", path, &[ANY], &json!({"title": "Beluga"}))
        .ok();
    assert!(found(&app, "narwhal").is_empty());
    assert_eq!(found(&app, "\"beluga\""), ["one"]);
    assert_eq!(found(&app, "bel*"), ["one"]);
    app.edit("POST", &format!("{path}/unpublish"), &[], &Value::Null)
        .ok();
    assert!(found(&app, "beluga").is_empty());
    assert_eq!(app.read("/v1/search?q=beluga").ok().slugs(), ["one"]);
    app.edit("POST", &format!("{path}/publish"), &[], &Value::Null)
        .ok();
    assert_eq!(found(&app, "beluga"), ["one"]);
    let deleted = app.edit("DELETE", path, &[ANY], &Value::Null);
    assert_eq!(deleted.status, 204, "{}", deleted.text());
    assert!(found(&app, "beluga").is_empty());
    assert!(app.read("/v1/search?q=beluga").ok().slugs().is_empty());
    assert_eq!(found(&app, "-walrus"), Vec::<String>::new());
}

#[rstest]
fn what_is_merged_is_found_as_what_waits_is(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    for number in 0..4 {
        let title = ["Harbour", "Harbours"][number % 2];
        let text = "The ferry came late. ".repeat(number + 1);
        app.create(&published(&format!("m{number}"), title, &text));
    }
    let asked = [
        "harbour",
        "harbours+late",
        "fer*",
        "%22came+late%22",
        "-late",
        "hrabour",
    ];
    let all = || -> Vec<Value> {
        let one = |q: &&str| {
            let answer = app.get(&format!("/v1/search?q={q}")).ok().json();
            json!([answer["data"], answer["did_you_mean"]])
        };
        asked.iter().map(one).collect()
    };
    let waiting = all();
    newsstand::store::index::merge_all(&app.store).expect("it merges");
    assert_eq!(all(), waiting);
}

#[rstest]
fn a_phrase_of_ideographs_is_found_at_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let sent = with(
        published("kyoto", "京都の朝", "港の朝市は早い。"),
        json!({"language": "ja"}),
    );
    app.create(&sent);
    assert_eq!(found(&app, "朝市"), ["kyoto"]);
    assert_eq!(found(&app, "\"京都の朝\""), ["kyoto"]);
    assert!(found(&app, "市朝").is_empty());
    assert!(found(&app, "都京").is_empty());
}

#[rstest]
fn an_editor_searches_among_articles_of_one_status(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[
            said("open", "Harbour", "Nothing."),
            with(
                said("draft", "Harbour", "Nothing."),
                json!({"status": "draft"}),
            ),
        ],
    );
    assert_eq!(app.slugs("/v1/articles?q=harbour"), ["open"]);
    for sort in ["relevance", "title"] {
        let path = format!("/v1/articles?q=harbour&sort={sort}&status=draft");
        assert_eq!(app.read(&path).ok().slugs(), ["draft"]);
        assert_eq!(
            app.read("/v1/articles?q=harbour&count=exact").ok().json()["page"]["total"],
            2
        );
    }
}
