//! What the program logs, be it ever so much, holds neither secrets nor what is not published.

use std::fs::{self, File};

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    support::{
        Kind, Postgres, SECRET, Sqlite, client, content::article, database::Database, editor,
    },
    tokens::server::{Server, ask},
};

/// Text of a draft, each kind of it by a word of its own.
const TITLE: &str = "canarytitle4711";
const TEXT: [&str; 6] = [
    "canaryhtml4711",
    "canarybold4711",
    "canaryscript4711",
    "canarymarkdown4711",
    "canarytext4711",
    "canarysummary4711",
];
const REFUSED: [&str; 3] = ["canarymember4711", "canaryvalue4711", "canarysyntax4711"];
const PASSWORD: &str = "canarypassword4711";

/// The address of a database with a password in it; Postgres passes it over where, as in tests, it
/// trusts everyone.
fn with_password(database: &Database) -> String {
    let (scheme, rest) = database.url.split_once("://").unwrap();
    match rest.split_once('@') {
        Some((user, place)) if !user.contains(':') => {
            format!("{scheme}://{user}:{PASSWORD}@{place}")
        }
        _ => database.url.clone(),
    }
}

fn drafts() -> [Value; 3] {
    let html = format!(
        "<p>{} <b>{}</b></p><script>{}</script>",
        TEXT[0], TEXT[1], TEXT[2]
    );
    let markdown = format!("# {}\n\n<b>x</b>", TEXT[3]);
    [
        json!({"slug": "one", "title": TITLE, "summary": TEXT[5], "body": {"html": html}}),
        json!({"slug": "two", "title": TITLE, "body": {"markdown": markdown}}),
        json!({"slug": "three", "title": TITLE, "body": {"text": TEXT[4]}}),
    ]
}

#[rstest]
fn the_log_holds_no_secret_and_no_draft(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = Database::new(kind);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let url = with_password(&database);
    let server = Server::start(&url, "trace", File::create(&path).unwrap());
    let address = server.address;
    let token = editor();
    let write = |path: &str, method: &str, fields: &[(&str, &str)], body: &Value| {
        let answer = ask(address, &token, (method, path), fields, body);
        assert!(answer.status < 300, "{method} {path}: {}", answer.text());
        answer
    };
    for draft in drafts() {
        let key = [("Idempotency-Key", "canarykey4711")];
        let fields: &[(&str, &str)] = if draft["slug"] == "one" { &key } else { &[] };
        write("/v1/articles", "POST", fields, &draft);
    }
    write(
        "/v1/articles",
        "POST",
        &[("Idempotency-Key", "canarykey4711")],
        &drafts()[0],
    );
    write("/v1/articles/batch", "POST", &[], &json!(drafts()));
    let any = [("If-Match", "*")];
    write(
        "/v1/articles/one",
        "PATCH",
        &any,
        &json!({"title": format!("{TITLE} again")}),
    );
    write("/v1/articles/two", "PUT", &any, &drafts()[1]);
    for path in [
        "/v1/articles/one?body=html,text,blocks,markdown",
        "/v1/articles/one/revisions",
        "/v1/articles?q=harbour",
    ] {
        write(path, "GET", &[], &Value::Null);
    }
    let link = write("/v1/articles/one/preview-links", "POST", &[], &json!({})).json();
    let preview = link["token"].as_str().unwrap().to_owned();
    let get = |path: &str| client::send(address, "GET", path, &[]).status;
    assert_eq!(get(&format!("/v1/articles/one?preview={preview}")), 200);

    // And all that goes wrong.
    let bad = format!("{}canary4711", editor());
    let (_, bad_tail) = bad.rsplit_once('.').unwrap();
    assert_eq!(
        ask(address, &bad, ("GET", "/v1/articles"), &[], &Value::Null).status,
        401
    );
    assert_eq!(get(&format!("/v1/articles/one?preview={preview}x")), 401);
    assert_eq!(get(&format!("/v1/articles?access_token={token}")), 400);
    let wrong = json!({"title": TITLE, (REFUSED[0]): REFUSED[1], "body": {"text": 7}});
    for body in [
        wrong,
        json!({"slug": "one", "title": TITLE, "body": {"text": TEXT[4]}}),
    ] {
        let status = ask(address, &token, ("POST", "/v1/articles"), &[], &body).status;
        assert!(matches!(status, 400 | 409), "{status}");
    }
    let bearer = format!("Bearer {token}");
    let fields = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    let broken = format!("{{\"title\": \"{TITLE}\" {}", REFUSED[2]);
    let answer = client::send_with(address, "POST", "/v1/articles", &fields, broken.as_bytes());
    assert_eq!(answer.status, 400);
    // Heads that no server can read.
    let split =
        format!("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer}\r\nb ad: {token}\r\n\r\n");
    assert_eq!(
        client::send_raw(address, split.as_bytes(), false).status,
        400
    );
    drop(server);

    let log = fs::read_to_string(&path).unwrap();
    assert!(
        log.contains("TRACE") && log.contains("DEBUG"),
        "it logs too little to tell"
    );
    let (message, signature) = token.rsplit_once('.').unwrap();
    let payload = message.split_once('.').unwrap().1;
    let preview = preview.rsplit_once('.').unwrap();
    let secrets = [SECRET, payload, signature, bad_tail, preview.0, preview.1];
    let canaries = secrets
        .into_iter()
        .chain([PASSWORD, TITLE])
        .chain(TEXT)
        .chain(REFUSED);
    let told = |canary: &&str| log.lines().any(|line| line.contains(*canary));
    let mut leaked: Vec<String> = Vec::new();
    for canary in canaries.filter(told) {
        let line = log.lines().find(|line| line.contains(canary)).unwrap();
        leaked.push(format!(
            "{canary}: {}",
            line.chars().take(200).collect::<String>()
        ));
    }
    assert!(leaked.is_empty(), "{leaked:#?}");
}

#[test]
fn a_request_that_can_not_be_read_is_no_error_of_the_server() {
    let database = Database::new(Sqlite);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let server = Server::start(&database.url, "info", File::create(&path).unwrap());
    for malformed in ["GARBAGE\r\n\r\n", "GET / HTTP/1.1\r\nHost x\r\n\r\n"] {
        let answer = client::send_raw(server.address, malformed.as_bytes(), false);
        assert_eq!(answer.status, 400, "{malformed}");
    }
    // The one worker has ended those connections before it answers this.
    client::send(server.address, "GET", "/healthz", &[]).ok();
    drop(server);
    let log = fs::read_to_string(&path).unwrap();
    assert!(log.contains("/healthz") && !log.contains("ERROR"), "{log}");
}

#[rstest]
fn the_log_names_the_request_that_failed_and_its_cause(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = Database::new(kind);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let server = Server::start(&database.url, "info", File::create(&path).unwrap());
    database.execute("ALTER TABLE idempotency_keys RENAME TO elsewhere");
    let fields = [
        ("Idempotency-Key", "k"),
        ("X-Request-Id", "failing-request-1"),
    ];
    let path_and_method = ("POST", "/v1/articles");
    let answer = ask(
        server.address,
        &editor(),
        path_and_method,
        &fields,
        &article("one", 1),
    );
    assert!(answer.status >= 500, "{}", answer.text());
    for inner in ["idempotency_keys", "SELECT", "relation", "no such table"] {
        assert!(!answer.text().contains(inner), "{}", answer.text());
    }
    // So it is when the database is gone.
    if kind == Sqlite {
        fs::remove_file(database.url.trim_start_matches("sqlite://")).unwrap();
        let fields = [("X-Request-Id", "failing-request-2")];
        let path_and_method = ("POST", "/v1/articles");
        let answer = ask(
            server.address,
            &editor(),
            path_and_method,
            &fields,
            &article("two", 1),
        );
        answer.problem(503);
    }
    drop(server);
    let log = fs::read_to_string(&path).unwrap();
    let tells = |request: &str, cause: &str| {
        let mut lines = log.lines();
        lines.any(|line| line.contains(request) && line.contains(cause))
    };
    assert!(tells("failing-request-1", "idempotency_keys"), "{log}");
    let is_told = tells("failing-request-2", "deleted or replaced");
    assert_eq!(is_told, kind == Sqlite, "{log}");
    assert!(!log.contains("Title of "), "{log}");
}
