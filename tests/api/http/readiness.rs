//! `/healthz` and `/readyz`: the second says what of the server does not work.

use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection,
    sql_query, sql_types::BigInt,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{App, Kind, Postgres, Sqlite, client};

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
    let started = Instant::now();
    // What is done in the background may need no such table, and go well in between.
    loop {
        make("Two").problem(500);
        if degraded(&app) == json!(["watch", "writer"]) {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(20));
        thread::sleep(Duration::from_millis(50));
    }
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

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Balancers do not wait for long, and ask again and again.
#[test]
fn a_database_that_hangs_is_told_of_in_time_and_holds_one_connection() {
    let app = App::start(Postgres);
    wait_for(&app, &[]);
    let mut other = PgConnection::establish(&app.database.url).unwrap();
    let lock = "BEGIN; LOCK TABLE unfinished IN ACCESS EXCLUSIVE MODE";
    other.batch_execute(lock).unwrap();
    let address = app.address;
    let ask = move || {
        let started = Instant::now();
        let answer = client::send(address, "GET", "/readyz", &[]);
        (answer, started.elapsed())
    };
    for _ in 0..3 {
        let asked: Vec<_> = (0..6).map(|_| thread::spawn(ask)).collect();
        for asked in asked {
            let (answer, took) = asked.join().unwrap();
            assert_eq!(answer.problem(503).0, "unavailable");
            let told = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(told.starts_with("database: "), "{told}");
            assert!(took < Duration::from_secs(2), "{took:?}");
        }
        app.get("/healthz").ok();
    }
    let waiting = "SELECT count(*) AS count FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waiting: Count = sql_query(waiting).get_result(&mut other).unwrap();
    assert_eq!(waiting.count, 1);

    other.batch_execute("ROLLBACK").unwrap();
    let back = Instant::now();
    while app.get("/readyz").status != 200 {
        assert!(back.elapsed() < Duration::from_secs(5));
        thread::sleep(Duration::from_millis(20));
    }
}
