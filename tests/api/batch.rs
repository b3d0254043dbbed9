//! `POST /v1/articles/batch`

use newsstand::model::caller::Scope;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, App, Kind, Postgres, Sqlite,
    content::{article, with},
    token,
};

fn batch(app: &App, body: &Value) -> Answer {
    app.edit("POST", "/v1/articles/batch", &[], body)
}

fn each(app: &App, body: &Value) -> Answer {
    app.edit("POST", "/v1/articles/batch?atomic=false", &[], body)
}

/// Created, updated, unchanged and refused.
fn counts(answer: &Answer) -> [i64; 4] {
    let answer = answer.json();
    ["created", "updated", "unchanged", "refused"].map(|name| answer[name].as_i64().unwrap())
}

fn outcomes(answer: &Answer) -> Vec<(i64, String)> {
    let answer = answer.json();
    let items = answer["data"].as_array().unwrap().iter().enumerate();
    let outcome = |(index, item): (usize, &Value)| {
        assert_eq!(item["index"], index);
        assert_eq!(item["problem"].is_null(), item["outcome"] != "refused");
        assert_eq!(item["id"].is_null(), item["outcome"] == "refused");
        let word = item["outcome"].as_str().unwrap().to_owned();
        (item["status"].as_i64().unwrap(), word)
    };
    items.map(outcome).collect()
}

fn total(app: &App, path: &str) -> Value {
    app.read(&format!("{path}?count=exact")).ok().json()["page"]["total"].clone()
}

#[rstest]
fn a_list_and_an_object_are_taken_alike(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let list = batch(&app, &json!([article("one", 1), article("two", 1)])).ok();
    assert_eq!(counts(&list), [2, 0, 0, 0]);
    let object = json!({"articles": [article("three", 1)], "atomic": true});
    assert_eq!(counts(&batch(&app, &object).ok()), [1, 0, 0, 0]);
    let item = &list.json()["data"][0];
    let id = item["id"].as_str().unwrap();
    assert_eq!(
        app.read(&format!("/v1/articles/{id}")).ok().json()["slug"],
        item["slug"]
    );
    // Drafts, unless they say otherwise.
    app.get("/v1/articles/one").problem(404);
    let wrong = [
        (json!({}), "/articles"),
        (json!({"articles": {}}), "/articles"),
        (
            json!({"articles": [article("x", 1)], "atomic": "no"}),
            "/atomic",
        ),
        (
            json!({"articles": [article("x", 1)], "atomics": true}),
            "/atomics",
        ),
        (json!({"articles": [7]}), "/articles/0"),
        (json!("text"), ""),
    ];
    for (body, pointer) in wrong {
        let (code, named) = batch(&app, &body).problem(400);
        assert_eq!(
            (code.as_str(), named),
            ("invalid_body", vec![pointer.to_owned()]),
            "{body}"
        );
    }
    let contradiction = json!({"articles": [article("x", 1)], "atomic": true});
    assert_eq!(each(&app, &contradiction).problem(400).1, ["/atomic"]);
    assert_eq!(total(&app, "/v1/articles"), 3);
}

#[rstest]
fn known_articles_are_replaced_by_external_id_or_else_by_slug(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = App::start(kind);
    let text = |members: Value| with(json!({"title": "New", "body": {"text": "Words."}}), members);
    batch(
        &app,
        &json!([article("one", 1), text(json!({"slug": "two"}))]),
    )
    .ok();
    let changes = json!([
        text(json!({"external_id": "test-one", "slug": "uno"})),
        text(json!({"slug": "two", "summary": "More."})),
        text(json!({"slug": "two", "summary": "More."})),
        text(json!({"external_id": "test-new", "slug": "three"})),
    ]);
    let answer = batch(&app, &changes).ok();
    let expected = [
        (200, "updated"),
        (200, "updated"),
        (200, "unchanged"),
        (201, "created"),
    ];
    let expected = expected.map(|(status, word)| (status, word.to_owned()));
    assert_eq!(outcomes(&answer), expected);
    assert_eq!(counts(&answer), [1, 2, 1, 0]);
    assert_eq!(app.read("/v1/articles/uno").ok().json()["title"], "New");
    assert_eq!(app.read("/v1/articles/two").ok().json()["summary"], "More.");
    assert_eq!(total(&app, "/v1/articles"), 3);
    assert_eq!(counts(&batch(&app, &changes).ok()), [0, 0, 4, 0]);
}

#[rstest]
fn one_that_is_wrong_keeps_all_of_them_out(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("taken", 1)]);
    let before = total(&app, "/v1/audit");
    let good = |slug: &str| {
        let names = json!({"category": ["Desk", "Sub"], "tags": ["T"], "authors": ["A"]});
        with(article(slug, 1), names)
    };
    let of = |last: Value| json!([good("a"), good("b"), good("c"), last]);
    let untitled = json!({"body": {"text": "Words."}});
    let clash = json!({"external_id": "other", "slug": "a", "title": "T", "body": {"text": "W."}});
    let cases = [
        (untitled, 400, "invalid_body", "/title"),
        (clash, 409, "conflict", "/slug"),
    ];
    for (last, status, code, member) in cases {
        let list = of(last);
        let forms = [
            (list.clone(), format!("/3{member}")),
            (json!({"articles": list}), format!("/articles/3{member}")),
        ];
        for (body, pointer) in forms {
            let problem = batch(&app, &body).problem(status);
            assert_eq!(problem, (code.to_owned(), vec![pointer]));
        }
    }
    // A token that may not publish, and the last of them would be.
    let published = of(with(article("d", 1), json!({"status": "published"})));
    let writer = token(&[Scope::Write]);
    let answer = app.edit_as(&writer, "POST", "/v1/articles/batch", &[], &published);
    assert_eq!(
        answer.problem(403),
        ("insufficient_scope".to_owned(), vec!["/3".to_owned()])
    );
    assert_eq!(total(&app, "/v1/articles"), 1);
    for path in ["/v1/categories", "/v1/tags", "/v1/authors"] {
        assert_eq!(app.read(path).ok().json()["data"], json!([]), "{path}");
    }
    assert_eq!(total(&app, "/v1/audit"), before);
    assert_eq!(app.slugs("/v1/articles"), ["taken"]);
}

#[rstest]
fn without_atomic_each_is_taken_for_itself(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("known", 1)]);
    let body = json!([
        article("one", 1),
        {"titel": "Wrong", "body": {"text": "Words."}},
        {"external_id": "other", "slug": "one", "title": "Clash", "tags": ["Lost"], "body": {"text": "W."}},
        article("known", 1),
        with(article("two", 1), json!({"status": "published"})),
    ]);
    let answer = each(&app, &body).ok();
    let expected = [
        (201, "created"),
        (400, "refused"),
        (409, "refused"),
        (200, "unchanged"),
        (201, "created"),
    ];
    assert_eq!(
        outcomes(&answer),
        expected.map(|(status, word)| (status, word.to_owned()))
    );
    assert_eq!(counts(&answer), [2, 0, 1, 2]);
    let items = answer.json()["data"].clone();
    let wrong = &items[1]["problem"];
    assert_eq!(
        (&wrong["code"], &wrong["errors"][0]["pointer"]),
        (&json!("invalid_body"), &json!("/titel"))
    );
    assert_eq!(wrong["errors"][0]["suggestion"], "title");
    let clash = &items[2]["problem"];
    assert_eq!(
        (&clash["code"], &clash["errors"][0]["pointer"]),
        (&json!("conflict"), &json!("/slug"))
    );
    assert_eq!(total(&app, "/v1/articles"), 3);
    // What the one that was refused would have made is not there either.
    assert_eq!(app.read("/v1/tags").ok().json()["data"], json!([]));
    let member = json!({"articles": body, "atomic": false});
    assert_eq!(counts(&batch(&app, &member).ok()), [0, 0, 3, 2]);
}

#[rstest]
fn publishing_in_a_batch_needs_its_own_scope(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("live", 1)]);
    let writer = token(&[Scope::Write]);
    let ask = |query: &str, body: &Value| {
        app.edit_as(
            &writer,
            "POST",
            &format!("/v1/articles/batch{query}"),
            &[],
            body,
        )
    };
    let members = [
        (json!({"status": "published"}), "new"),
        (json!({"status": "unpublished"}), "live"),
        (json!({"status": "draft"}), "live"),
    ];
    for (status, slug) in members {
        let body = json!([with(article(slug, 1), status)]);
        let answer = ask("", &body);
        assert_eq!(answer.problem(403).0, "insufficient_scope", "{body}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(
            challenge.contains("scope=\"content:publish\""),
            "{challenge}"
        );
        let answer = ask("?atomic=false", &body).ok();
        assert_eq!(outcomes(&answer), [(403, "refused".to_owned())]);
    }
    assert_eq!(app.slugs("/v1/articles"), ["live"]);
    // One that is out and says nothing of its status stays out, with its new text.
    let edited = json!([with(article("live", 1), json!({"title": "Corrected"}))]);
    assert_eq!(counts(&ask("", &edited).ok()), [0, 1, 0, 0]);
    let live = app.get("/v1/articles/live").ok().json();
    assert_eq!(
        (&live["title"], &live["status"]),
        (&json!("Corrected"), &json!("published"))
    );
    let both = token(&[Scope::Write, Scope::Publish]);
    let body = json!([with(article("new", 2), json!({"status": "published"}))]);
    app.edit_as(&both, "POST", "/v1/articles/batch", &[], &body)
        .ok();
    assert_eq!(app.slugs("/v1/articles"), ["new", "live"]);
}

#[rstest]
fn two_articles_of_one_batch_have_no_key_in_common(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let same = |member: &str, title: &str| {
        let mut article = json!({"title": title, "body": {"text": title}});
        article[member] = json!("e");
        article
    };
    for member in ["external_id", "slug"] {
        let body = json!([same(member, "First"), same(member, "Second")]);
        let refused = batch(&app, &body).problem(400);
        assert_eq!(refused.1, [format!("/1/{member}")]);
        let drafts = app.read("/v1/articles?status=draft").ok();
        assert!(drafts.slugs().is_empty());
    }
    let body = json!([
        same("slug", "First"),
        same("slug", "Second"),
        same("slug", "First")
    ]);
    let answer = each(&app, &body).ok();
    let expected = [(201, "created"), (400, "refused"), (200, "unchanged")];
    let expected = expected.map(|(status, word)| (status, word.to_owned()));
    assert_eq!(outcomes(&answer), expected);
    assert_eq!(app.read("/v1/articles/e").ok().json()["title"], "First");
}

#[rstest]
fn a_thousand_are_taken_and_neither_more_nor_none(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let many = |count: usize| -> Vec<Value> {
        let short =
            |number| json!({"slug": format!("n{number}"), "title": "T", "body": {"text": "W."}});
        (0..count).map(short).collect()
    };
    for count in [0, 1_001] {
        assert_eq!(batch(&app, &json!(many(count))).problem(400).1, [""]);
        let object = json!({"articles": many(count), "atomic": false});
        assert_eq!(batch(&app, &object).problem(400).1, ["/articles"]);
    }
    assert_eq!(total(&app, "/v1/articles"), 0);
    assert_eq!(
        counts(&batch(&app, &json!(many(1_000))).ok()),
        [1_000, 0, 0, 0]
    );
    assert_eq!(total(&app, "/v1/articles"), 1_000);
}
