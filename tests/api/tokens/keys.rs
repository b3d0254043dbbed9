//! Keys that change or are wrong, servers without one, and tokens that are revoked.

use std::{fs, process::Stdio, thread, time::Duration};

use newsstand::model::caller::Scope;
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    any_state, guarded, key_file,
    server::{Server, ask, run},
    signed, signed_by_rsa,
};
use crate::support::{
    App, Kind, Postgres, SECRET, Sqlite,
    content::{article, with},
    database::Database,
    token,
};

#[rstest]
fn a_set_of_keys_that_changes_is_taken_while_the_server_runs(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let set: Value =
        serde_json::from_str(&fs::read_to_string(key_file("jwks.json")).unwrap()).unwrap();
    // The same key under two names, so that one token is of the old set and one of the new.
    let put = |name: &str| {
        let key = with(set["keys"][0].clone(), json!({"kid": name}));
        fs::write(&path, json!({"keys": [key]}).to_string()).unwrap();
    };
    put("old");
    let app = App::start_with(kind, &["--jwt-jwks-file", path.to_str().unwrap()]);
    app.put(&[with(article("draft", 1), json!({"status": "draft"}))]);
    let status = |name: &str| {
        let token = signed_by_rsa(&json!({"kid": name}));
        app.edit_as(&token, "GET", "/v1/articles/draft", &[], &Value::Null)
            .status
    };
    assert_eq!((status("old"), status("new")), (200, 401));
    put("newer");
    thread::sleep(Duration::from_millis(1_300));
    assert_eq!((status("old"), status("newer")), (401, 200));
    // A file that can't be read, or is gone, leaves the keys there were.
    fs::write(&path, "{\"keys\": [").unwrap();
    thread::sleep(Duration::from_millis(1_300));
    assert_eq!((status("old"), status("newer")), (401, 200));
    fs::remove_file(&path).unwrap();
    thread::sleep(Duration::from_millis(1_300));
    assert_eq!(status("newer"), 200);
}

#[rstest]
fn a_server_without_a_key_serves_readers_and_no_writer(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start_with(kind, &["--without-key"]);
    app.put(&[
        article("one", 1),
        with(article("draft", 1), json!({"status": "draft"})),
    ]);
    for (method, path, body, _) in guarded("one") {
        let name = format!("{method} {path}");
        let bare = app.send(&method, &path, any_state(&method));
        assert_eq!(bare.problem(503).0, "writing_disabled", "{name}");
        if method != "GET" {
            let answer = app.edit(&method, &path, any_state(&method), &body);
            assert_eq!(answer.problem(503).0, "writing_disabled", "{name}");
        }
    }
    assert_eq!(app.slugs("/v1/articles"), ["one"]);
    app.get("/v1/articles/one").ok();
    app.get("/v1/articles/draft").problem(404);
    app.get("/readyz").ok();
    app.read("/v1/articles").problem(401);
}

#[rstest]
fn a_revoked_token_is_refused_by_every_server_on_the_database(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = App::start(kind);
    app.put(&[with(article("draft", 1), json!({"status": "draft"}))]);
    let second = Server::start(&app.database.url, "warn", Stdio::inherit());
    let of = |jti: &str| signed(&json!({}), &json!({"jti": jti}));
    let statuses = |jti: &str| {
        let statuses = [app.address, second.address].map(|address| {
            let read = ask(
                address,
                &of(jti),
                ("GET", "/v1/articles/draft"),
                &[],
                &Value::Null,
            );
            let path = ("POST", "/v1/articles");
            let write = ask(address, &of(jti), path, &[], &json!({}));
            assert_eq!(read.status == 401, write.status == 401);
            // Written otherwise, it is the same address.
            let path = ("GET", "/%761/articles/draft");
            let read_so = ask(address, &of(jti), path, &[], &Value::Null);
            assert_eq!(read_so.status, read.status);
            read.status
        });
        assert_eq!(statuses[0], statuses[1], "{jti}");
        statuses[0]
    };
    assert_eq!(["a", "b", "c"].map(statuses), [200; 3]);
    let revoked = app.edit("POST", "/v1/revoked-tokens", &[], &json!({"jti": "a"}));
    assert_eq!((revoked.status, &revoked.json()["jti"]), (200, &json!("a")));
    assert_eq!(["a", "b", "c"].map(statuses), [401, 200, 200]);
    let output = run(&app.database.url, &["token", "revoke", "b"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(["a", "b", "c"].map(statuses), [401, 401, 200]);
    // Once more says when it was first; a token that revokes itself is gone too.
    let again = app.edit("POST", "/v1/revoked-tokens", &[], &json!({"jti": "a"}));
    assert_eq!(again.json(), revoked.json());
    let own = app.edit_as(
        &of("c"),
        "POST",
        "/v1/revoked-tokens",
        &[],
        &json!({"jti": "c"}),
    );
    assert_eq!(own.status, 200);
    assert_eq!(statuses("c"), 401);
    // Not one who merely writes.
    let writer = token(&[Scope::Write, Scope::Publish, Scope::ReadDrafts]);
    let answer = app.edit_as(
        &writer,
        "POST",
        "/v1/revoked-tokens",
        &[],
        &json!({"jti": "d"}),
    );
    answer.problem(403);
    assert_eq!(statuses("d"), 200);
}

#[rstest]
fn what_can_not_be_a_tokens_id_is_not_revoked(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let long = "a".repeat(201);
    for jti in ["", long.as_str(), "a\u{7}"] {
        let answer = app.edit("POST", "/v1/revoked-tokens", &[], &json!({"jti": jti}));
        assert_eq!(answer.problem(400).1, ["/jti"]);
        let output = run(&app.database.url, &["token", "revoke", jti]);
        assert!(!output.status.success(), "{jti:?} was revoked");
    }
    let answer = app.edit("POST", "/v1/revoked-tokens", &[], &json!({"jti": 1}));
    assert_eq!(answer.problem(400).1, ["/jti"]);
}

#[test]
fn keys_that_are_no_good_stop_the_start_and_are_not_shown() {
    let database = Database::new(Sqlite);
    let short = "s3cr3t-of-only-31-bytes-exactly";
    assert_eq!(short.len(), 31);
    let (private, set) = (key_file("rsa_private.pem"), key_file("jwks.json"));
    let public = key_file("ec_public.pem");
    let pem = fs::read_to_string(&private).unwrap();
    let pem: Vec<&str> = pem
        .lines()
        .filter(|line| line.len() > 40 && !line.starts_with('-'))
        .collect();
    let cases: [(&[&str], &[&str]); 7] = [
        (&["--jwt-secret", short], &["JWT_SECRET", "32"]),
        (
            &["--jwt-secret", SECRET, "--jwt-jwks-file", &set],
            &["JWT_SECRET", "JWT_JWKS_FILE"],
        ),
        (
            &["--jwt-public-key-file", &public, "--jwt-jwks-file", &set],
            &["JWT_PUBLIC_KEY_FILE", "JWT_JWKS_FILE"],
        ),
        (
            &["--jwt-public-key-file", &private],
            &["JWT_PUBLIC_KEY_FILE", "private"],
        ),
        (
            &["--jwt-public-key-file", "/none.pem"],
            &["JWT_PUBLIC_KEY_FILE", "/none.pem"],
        ),
        (
            &["--jwt-jwks-file", "/none.json"],
            &["JWT_JWKS_FILE", "/none.json"],
        ),
        (&["--jwt-jwks-file", &private], &["JWT_JWKS_FILE"]),
    ];
    for (flags, named) in cases {
        let serve = ["serve", "--bind-addr", "127.0.0.1:0"];
        let arguments: Vec<&str> = serve.iter().chain(flags).copied().collect();
        let output = run(&database.url, &arguments);
        assert_eq!(output.status.code(), Some(1), "{flags:?}");
        let told = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        for name in named {
            assert!(told.contains(name), "{flags:?}: {told}");
        }
        let secrets = [short, SECRET].into_iter().chain(pem.iter().copied());
        for secret in secrets {
            assert!(!told.contains(secret), "{flags:?}: {told}");
        }
    }
}
