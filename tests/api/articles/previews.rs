//! Preview links.

use newsstand::{
    domain::token::preview::{PreviewClaims, sign_preview},
    model::{caller::Scope, time::UtcTime},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, App, Kind, Postgres, Sqlite,
    content::{article, with},
    editor, token,
};

const ANY: (&str, &str) = ("If-Match", "*");
const LINKS: &str = "/v1/articles/draft/preview-links";

/// A server with two drafts and an article that readers see.
fn drafts(kind: Kind) -> App {
    let app = App::start(kind);
    app.create(&article("draft", 1));
    app.create(&article("other", 1));
    app.create(&with(article("live", 1), json!({"status": "published"})));
    app
}

/// Makes a link to `draft`.
fn link(app: &App) -> Value {
    let answer = app.edit("POST", LINKS, &[], &Value::Null);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

fn shown(app: &App, slug: &str, token: &str) -> Answer {
    app.get(&format!("/v1/articles/{slug}?preview={token}"))
}

#[rstest]
fn a_link_shows_its_draft_to_whoever_has_it(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = drafts(kind);
    let made = link(&app);
    let token = made["token"].as_str().unwrap();
    let whole = shown(&app, "draft", token).ok().json();
    assert_eq!(whole["status"], "draft");
    let id = whole["id"].as_str().unwrap();
    for key in ["draft", id] {
        for tail in ["", "/related", "/share"] {
            app.get(&format!("/v1/articles/{key}{tail}")).problem(404);
            let answer = app.get(&format!("/v1/articles/{key}{tail}?preview={token}"));
            let answer = answer.ok();
            let caching = answer.header("cache-control");
            assert_eq!(caching.as_deref(), Some("private, no-store"), "{tail}");
            for name in ["cdn-cache-control", "surrogate-key", "cache-groups"] {
                assert!(answer.header(name).is_none(), "{name}");
            }
        }
    }
    let path = format!("/v1/articles/draft?fields=slug&include=related,share&preview={token}");
    let part = app.get(&path).ok().json();
    assert_eq!(part["slug"], "draft");
    assert!(part["share"].is_object() && part["related"].is_array());
    assert_eq!(
        app.get(made["api_path"].as_str().unwrap()).ok().json(),
        whole
    );
    assert_eq!(
        made["url"],
        format!("http://localhost:3000/articles/draft?preview={token}")
    );
    // What readers see is not kept by caches either when it came by a link.
    app.edit("POST", "/v1/articles/draft/publish", &[], &Value::Null)
        .ok();
    let public = shown(&app, "draft", token).ok();
    assert_eq!(
        public.header("cache-control").as_deref(),
        Some("private, no-store")
    );
}

#[rstest]
fn a_link_shows_nothing_else(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = drafts(kind);
    let made = link(&app);
    let token = made["token"].as_str().unwrap();
    for tail in ["", "/related", "/share"] {
        let path = format!("/v1/articles/other{tail}?preview={token}");
        assert_eq!(app.get(&path).problem(404).0, "not_found");
    }
    let related = app.get(&format!("/v1/articles/draft/related?preview={token}"));
    assert_eq!(related.ok().slugs(), ["live"]);
    for path in [
        "/v1/articles",
        "/v1/search?q=title",
        "/v1/categories",
        "/v1/authors",
        "/v1/tags",
        "/v1/changes",
        "/v1/resolve?path=/articles/draft",
        "/v1/articles/draft/revisions",
        "/v1/articles/draft/revisions/1",
        "/v1/articles/draft/related-pins",
        LINKS,
    ] {
        let sign = if path.contains('?') { '&' } else { '?' };
        let answer = app.read(&format!("{path}{sign}preview={token}"));
        assert_eq!(answer.problem(400).1, ["preview"], "{path}");
    }
    let path = format!("/v1/articles/draft?preview={token}");
    let answer = app.edit("PATCH", &path, &[ANY], &json!({"title": "x"}));
    assert_eq!(answer.problem(400).1, ["preview"]);
    // It is no token of a caller, and a caller's is no preview.
    for path in ["/v1/articles", "/v1/articles/draft"] {
        let answer = app.edit_as(token, "GET", path, &[], &Value::Null);
        assert_eq!(answer.problem(401).0, "invalid_token");
    }
    let title = json!({"title": "x"});
    let answer = app.edit_as(token, "PATCH", "/v1/articles/draft", &[ANY], &title);
    answer.problem(401);
    shown(&app, "draft", &editor()).problem(401);
}

#[rstest]
fn what_is_no_good_token_shows_nothing(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = drafts(kind);
    let made = link(&app);
    let token = made["token"].as_str().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let (head, claims, mark) = (parts[0], parts[1], parts[2]);
    // {"alg":"none"}
    let unsigned = format!("eyJhbGciOiJub25lIn0.{claims}.{mark}");
    for bad in [
        token[..token.len() - 1].to_owned(),
        format!("{token}A"),
        format!("{head}.{claims}.{}", "A".repeat(mark.len())),
        format!("{head}.{}.{mark}", &claims[..claims.len() - 4]),
        format!("{head}.{}.{mark}", claims.replacen('0', "1", 1)),
        unsigned,
        "a.b.c".to_owned(),
    ] {
        for slug in ["draft", "live", "none"] {
            let answer = shown(&app, slug, &bad);
            assert_eq!(answer.problem(401).0, "invalid_token", "{bad}");
            assert!(answer.header("www-authenticate").is_some());
        }
    }
    for bad in [
        "",
        "garbage",
        "a.b",
        "..",
        "a.b.c.d",
        "a%20b.c.d",
        &"a.b.".repeat(600),
    ] {
        assert_eq!(
            shown(&app, "draft", bad).problem(400).1,
            ["preview"],
            "{bad}"
        );
    }
}

#[rstest]
fn a_token_of_another_key_article_or_time_is_refused(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = drafts(kind);
    let secret = "a secret of preview links, of more than 32 bytes";
    app.database.execute(&format!(
        "INSERT INTO secrets (name, value) VALUES ('preview_links', '{secret}')"
    ));
    let made = link(&app);
    let id = |slug: &str| {
        let article = app.read(&format!("/v1/articles/{slug}")).ok().json();
        article["id"].as_str().unwrap().to_owned()
    };
    let (draft, other) = (id("draft"), id("other"));
    let link_id = made["id"].as_str().unwrap();
    let sign = |secret: &str, link_id: &str, article_id: &str, seconds: i64| {
        let claims = PreviewClaims {
            link_id: link_id.to_owned(),
            article_id: article_id.to_owned(),
            expires_at: UtcTime::from_millis(UtcTime::now().millis() + seconds * 1_000).unwrap(),
        };
        sign_preview(secret.as_bytes(), &claims).unwrap()
    };
    shown(&app, "draft", &sign(secret, link_id, &draft, 60)).ok();
    shown(&app, "draft", &sign(secret, link_id, &draft, -2)).problem(401);
    let elsewhere = "another secret, which also has more than 32 bytes";
    shown(&app, "draft", &sign(elsewhere, link_id, &draft, 60)).problem(401);
    let stranger = newsstand::model::slug::new_id();
    shown(&app, "draft", &sign(secret, &stranger, &draft, 60)).problem(401);
    for slug in ["draft", "other"] {
        shown(&app, slug, &sign(secret, link_id, &other, 60)).problem(401);
    }
}

#[rstest]
fn a_link_ends_when_it_is_taken_back_or_its_time_is_over(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = drafts(kind);
    let (first, second) = (link(&app), link(&app));
    let tokens = [&first, &second].map(|link| link["token"].as_str().unwrap());
    let path = format!("{LINKS}/{}", first["id"].as_str().unwrap());
    for _ in 0..2 {
        let answer = app.edit("DELETE", &path, &[], &Value::Null);
        assert_eq!((answer.status, answer.body.len()), (204, 0));
        shown(&app, "draft", tokens[0]).problem(401);
    }
    shown(&app, "draft", tokens[1]).ok();
    let other = path.replace("draft", "other");
    app.edit("DELETE", &other, &[], &Value::Null).problem(404);
    let answer = app.edit("DELETE", &format!("{LINKS}/x"), &[], &Value::Null);
    assert_eq!(answer.problem(400).1, ["id"]);
    let short = app
        .edit("POST", LINKS, &[], &json!({"expires_in": 60}))
        .json();
    let short_token = short["token"].as_str().unwrap();
    shown(&app, "draft", short_token).ok();
    app.database.execute(&format!(
        "UPDATE preview_links SET expires_at = 1 WHERE id = '{}'",
        short["id"].as_str().unwrap()
    ));
    shown(&app, "draft", short_token).problem(401);
    shown(&app, "draft", tokens[1]).ok();
    app.edit("DELETE", "/v1/articles/draft", &[ANY], &Value::Null);
    assert!([401, 404, 410].contains(&shown(&app, "draft", tokens[1]).status));
}

#[rstest]
fn links_are_listed_without_their_tokens(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = drafts(kind);
    let (first, second) = (link(&app), link(&app));
    let path = format!("{LINKS}/{}", first["id"].as_str().unwrap());
    app.edit("DELETE", &path, &[], &Value::Null);
    let answer = app.read(LINKS).ok();
    assert!(!answer.text().contains("eyJ"), "{}", answer.text());
    let list = answer.json();
    let data = list["data"].as_array().unwrap();
    let ids: Vec<&Value> = data.iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&second["id"], &first["id"]]);
    assert_eq!(data[0]["created_by"], "editor@example.com");
    assert_eq!(data[0]["expires_at"], second["expires_at"]);
    assert!(data[0]["revoked_at"].is_null() && data[1]["revoked_at"].is_string());
    let others = app.read("/v1/articles/other/preview-links").ok().json();
    assert_eq!(others["data"], json!([]));
}

#[rstest]
fn a_link_lasts_from_a_minute_to_ninety_days(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = drafts(kind);
    let (minute, week, most) = (60, 7 * 86_400, 90 * 86_400);
    for (sent, seconds) in [
        (Value::Null, week),
        (json!({}), week),
        (json!({"expires_in": null}), week),
        (json!({"expires_in": minute}), minute),
        (json!({"expires_in": most}), most),
        (json!({"expires_in": 60.0}), minute),
    ] {
        let answer = app.edit("POST", LINKS, &[], &sent);
        let made = answer.json();
        let ends = UtcTime::parse(made["expires_at"].as_str().unwrap()).unwrap();
        let left = ends.millis() - UtcTime::now().millis();
        assert!(
            (seconds * 1_000 - 5_000..=seconds * 1_000).contains(&left),
            "{sent} {left}"
        );
    }
    for bad in [
        json!(59),
        json!(most + 1),
        json!(-60),
        json!(60.5),
        json!("60"),
        json!([60]),
    ] {
        let answer = app.edit("POST", LINKS, &[], &json!({"expires_in": bad}));
        assert_eq!(answer.problem(400).1, ["/expires_in"], "{bad}");
    }
    let answer = app.edit("POST", LINKS, &[], &json!({"expires": 60}));
    assert_eq!(answer.problem(400).1, ["/expires"]);
    app.edit("POST", "/v1/articles/none/preview-links", &[], &json!({}))
        .problem(404);
}

#[rstest]
fn who_may_not_write_makes_no_links(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = drafts(kind);
    let reader = token(&[Scope::ReadDrafts, Scope::Publish]);
    for method in ["GET", "POST"] {
        app.send(method, LINKS, &[]).problem(401);
        let answer = app.edit_as(&reader, method, LINKS, &[], &Value::Null);
        assert_eq!(answer.problem(403).0, "insufficient_scope");
    }
    assert_eq!(app.read(LINKS).ok().json()["data"], json!([]));
}

#[rstest]
fn a_link_follows_its_article_to_another_slug(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = drafts(kind);
    let made = link(&app);
    let token = made["token"].as_str().unwrap();
    let rename = json!({"slug": "renamed"});
    app.edit("PATCH", "/v1/articles/draft", &[ANY], &rename)
        .ok();
    app.get("/v1/articles/draft").problem(404);
    for tail in ["", "/related", "/share"] {
        let answer = app.get(&format!("/v1/articles/draft{tail}?preview={token}"));
        assert_eq!(answer.status, 308);
        assert_eq!(
            answer.header("cache-control").as_deref(),
            Some("private, no-store"),
            "that there is such a draft is told to nobody else"
        );
        let location = answer.header("location").unwrap();
        assert_eq!(
            location,
            format!("/v1/articles/renamed{tail}?preview={token}")
        );
        app.get(&location).ok();
    }
}

#[rstest]
fn a_former_slug_leads_to_the_same_link(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = drafts(kind);
    let made = link(&app);
    let former = format!("{LINKS}/{}", made["id"].as_str().unwrap());
    let rename = json!({"slug": "renamed"});
    app.edit("PATCH", "/v1/articles/draft", &[ANY], &rename)
        .ok();
    let answer = app.edit("DELETE", &former, &[], &Value::Null);
    let present = former.replace("draft", "renamed");
    assert_eq!(
        (answer.status, answer.header("location")),
        (308, Some(present))
    );
}
