//! Secrets are told to nobody who did not give them: neither by what goes wrong, nor by what is
//! printed of settings, nor by what lies in the database. What is logged: see `logs`.

use std::process::Output;

use clap::Parser;
use diesel::RunQueryDsl;
use rstest::rstest;
use serde_json::json;

use crate::{
    support::{
        App, Kind, Postgres, Serve, Sqlite,
        content::{article, with},
    },
    tokens::server::{command, run},
};

const PASSWORD: &str = "hunter2";

fn told(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(both).unwrap()
}

#[test]
fn an_address_that_can_not_be_read_is_refused_without_its_password() {
    for url in [
        "postgre://ed:hunter2@db.example.com/news",
        "mysql://ed:hunter2@db.example.com/news",
        "ed:hunter2@db.example.com/news",
        "sqlite://news.db?key=hunter2",
        "postgres://ed:hunter2%zz@db.example.com/news",
        "postgres://ed:hunter2/@127.0.0.1:1/news",
        "postgres://ed:hunter2/news",
        "postgres://127.0.0.1:1/news?password=hunter2",
        "postgres://127.0.0.1:1/news?password=hunter2%zz",
    ] {
        let good = "sqlite://none.db";
        for output in [
            run(url, &["migrate"]),
            run(good, &["migrate", "--database-url", url]),
            run(good, &["copy", "--to", url]),
        ] {
            let told = told(&output);
            assert!(!output.status.success(), "{url}: {told}");
            assert!(!told.contains(PASSWORD), "{url}: {told}");
        }
    }
    let refused = told(&run("mysql://ed:hunter2@db/news", &["migrate"]));
    assert!(refused.contains("--database-url"), "{refused}");
    assert!(refused.contains("expected sqlite://"), "{refused}");
}

#[test]
fn a_line_of_settings_that_can_not_be_read_is_named_and_not_shown() {
    let first = "the first setting";
    for (lines, which) in [
        ("JWT_SECRET=hunter2 hunter2", first),
        ("# A comment.\nJWT_SECRET='hunter2", first),
        ("hunter2", first),
        ("hunter2 = 'x", first),
        (
            "BIND_ADDR=127.0.0.1:1\nJWT_SECRET=HUNTER2=hunter2 hunter2",
            "the setting after BIND_ADDR",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".env"), format!("{lines}\n")).unwrap();
        let output = command("sqlite://none.db", &["migrate"])
            .current_dir(&folder)
            .output()
            .unwrap();
        let told = told(&output);
        assert!(!output.status.success(), "{lines}: {told}");
        assert!(told.contains(which), "{lines}: {told}");
        assert!(!told.to_lowercase().contains(PASSWORD), "{lines}: {told}");
    }
}

#[test]
fn a_secret_that_is_no_good_is_not_shown() {
    let command = |arguments: &[&str]| {
        let output = command("sqlite://none.db", arguments)
            .env("JWT_SECRET", PASSWORD)
            .output()
            .unwrap();
        assert!(!output.status.success(), "{output:?}");
        told(&output)
    };
    let serve = ["serve", "--bind-addr", "127.0.0.1:0"];
    let create = [
        "token",
        "create",
        "--subject",
        "me",
        "--scope",
        "content:write",
    ];
    let two = [&serve[..], &["--jwt-jwks-file", "none.json"]].concat();
    for arguments in [&serve[..], &create[..], &two[..]] {
        let told = command(arguments);
        assert!(told.contains("JWT_SECRET"), "{told}");
        assert!(!told.contains(PASSWORD), "{told}");
    }
}

#[test]
fn settings_can_be_printed() {
    let serve = Serve::parse_from([
        "serve",
        "--database-url",
        "postgres://ed:hunter2@db.example.com/news?sslpassword=hunter2",
        "--jwt-secret",
        "hunter2hunter2hunter2hunter2hunter2",
    ]);
    let told = format!("{:?} {:#?}", serve.args, serve.args.database.options());
    assert!(told.contains("ed:***@db.example.com/news"), "{told}");
    assert!(told.contains("jwt_secret: Some(…)"), "{told}");
    assert!(!told.contains(PASSWORD), "{told}");
}

#[derive(diesel::QueryableByName)]
struct Kept {
    #[diesel(sql_type = diesel::sql_types::Text)]
    body: String,
}

/// Whoever reads the database, or a copy of it, can't show drafts with what they find there.
#[rstest]
fn the_token_of_a_preview_link_is_not_kept(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    app.put(&[with(article("draft", 1), json!({"status": "draft"}))]);
    let make = || {
        let path = "/v1/articles/draft/preview-links";
        let answer = app.edit("POST", path, &[("Idempotency-Key", "k")], &json!({}));
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer
    };
    let (first, again) = (make(), make());
    assert_eq!(
        again.header("idempotency-replayed").as_deref(),
        Some("true")
    );
    assert_eq!(first.body, again.body);
    assert_eq!(first.header("location"), again.header("location"));
    let token = first.json()["token"].as_str().unwrap().to_owned();
    let path = format!("/v1/articles/draft?preview={token}");
    app.get(&path).ok();
    let kept: Vec<Kept> = app
        .store
        .write_blocking(|connection| {
            let query = "SELECT COALESCE(body, '') AS body FROM idempotency_keys";
            Ok(diesel::sql_query(query).load(connection)?)
        })
        .unwrap();
    assert_eq!(kept.len(), 1);
    let (_, signature) = token.rsplit_once('.').unwrap();
    assert!(kept[0].body.contains("expires_at"), "{}", kept[0].body);
    assert!(!kept[0].body.contains(signature), "{}", kept[0].body);
}
