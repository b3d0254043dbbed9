//! `/healthz` and `/readyz`: the second says what of the server does not work.

use std::{
    thread,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{App, Kind, Postgres, Sqlite};

/// What a server that is not ready says of it; each time the same.
fn lacking(app: &App) -> String {
    let answer = app.get("/readyz");
    assert_eq!(answer.problem(503).0, "unavailable");
    app.get("/healthz").ok();
    answer.json()["detail"].as_str().unwrap().to_owned()
}

fn degraded(app: &App) -> Value {
    app.get("/readyz").ok().json()["degraded"].clone()
}

/// Waits until just these parts do not work.
fn wait_for(app: &App, parts: &[&str]) {
    let started = Instant::now();
    while degraded(app) != json!(parts) {
        let waited = started.elapsed();
        assert!(waited < Duration::from_secs(20), "{}", degraded(app));
        thread::sleep(Duration::from_millis(50));
    }
}

#[rstest]
fn what_a_server_that_is_not_ready_lacks_is_named(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    wait_for(&app, &[]);

    let version = "version = '00000000000008'";
    let applied = "DELETE FROM __diesel_schema_migrations WHERE";
    app.database.execute(&format!("{applied} {version}"));
    let told = lacking(&app);
    assert!(told.starts_with("migrations: "), "{told}");
    let again = "INSERT INTO __diesel_schema_migrations (version) VALUES";
    app.database.execute(&format!("{again} ('00000000000008')"));
    app.get("/readyz").ok();

    // Servers of a newer version may be started beside this one.
    app.database.execute(&format!("{again} ('99999999999999')"));
    app.get("/readyz").ok();

    let begun = "INSERT INTO unfinished (work, since) VALUES ('copy', 1)";
    app.database.execute(begun);
    let told = lacking(&app);
    assert!(told.starts_with("copy: "), "{told}");
    app.database.execute("DELETE FROM unfinished");
    app.get("/readyz").ok();

    app.database.execute("ALTER TABLE articles RENAME TO lost");
    let told = lacking(&app);
    assert!(told.starts_with("database: "), "{told}");
    for inner in ["articles", "lost", "SELECT", "relation"] {
        assert!(!told.contains(inner), "{told}");
    }
    app.database.execute("ALTER TABLE lost RENAME TO articles");
    app.get("/readyz").ok();
}

/// Readers are served by a server that can't write; so it is not taken away from them.
#[rstest]
fn what_readers_can_do_without_is_told_of_a_server_that_is_ready(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = App::start(kind);
    let make = |name: &str| app.edit("POST", "/v1/tags", &[], &json!({ "name": name }));
    assert_eq!(make("One").status, 201);
    wait_for(&app, &[]);

    // Without it, what others change can't be read, and nothing that was changed can be told.
    let table = "ALTER TABLE invalidations RENAME TO elsewhere";
    app.database.execute(table);
    make("Two").problem(500);
    wait_for(&app, &["watch", "writer"]);
    app.get("/v1/tags/one").ok();

    let back = "ALTER TABLE elsewhere RENAME TO invalidations";
    app.database.execute(back);
    assert_eq!(make("Three").status, 201);
    wait_for(&app, &[]);
}

#[test]
fn health_and_figures_are_told() {
    let app = App::start(Sqlite);
    assert_eq!(app.get("/healthz").ok().json()["status"], "ok");
    app.get("/readyz").ok();
    app.get("/v1/articles/none");
    let figures = app.get("/metrics").ok().text();
    let wanted = "newsstand_http_request_duration_seconds_count{route=\"/v1/articles/{key}\",method=\"GET\",status=\"404\"} 1";
    assert!(figures.contains(wanted), "{figures}");
}

#[test]
fn a_server_without_its_tables_is_not_ready() {
    let app = App::start(Sqlite);
    app.database
        .execute("DROP TABLE article_bodies; ALTER TABLE articles RENAME TO lost;");
    assert_eq!(app.get("/readyz").problem(503).0, "unavailable");
    assert_eq!(app.get("/v1/articles").problem(500).0, "internal_error");
    app.get("/healthz").ok();
}
