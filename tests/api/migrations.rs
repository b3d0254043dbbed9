//! Upgrades that fail half-way: the database stays what it was, and the version before can go on
//! with it.

use std::{
    process::{Child, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection, sql_query, sql_types::Text,
};
use newsstand::store::Store;
use rstest::rstest;

use crate::{
    search::said,
    support::{
        App, Kind, Postgres, Sqlite,
        content::{article, forty},
        database::Database,
        put,
    },
    tokens::server::{command, run},
};

/// The last migrations, newest first.
const LAST: [&str; 9] = [
    "00000000000015_former",
    "00000000000014_formulas",
    "00000000000013_facets",
    "00000000000012_signs",
    "00000000000011_vectors",
    "00000000000010_telling",
    "00000000000009_name_counts",
    "00000000000008_filing",
    "00000000000007_counts",
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(database: &Database, query: &str) -> Vec<String> {
    let query = sql_query(query);
    let found: Vec<Line> = match database.kind {
        Postgres => {
            let mut connection = PgConnection::establish(&database.url).unwrap();
            query.load(&mut connection).unwrap()
        }
        Sqlite => {
            let path = database.url.trim_start_matches("sqlite://");
            let mut connection = SqliteConnection::establish(path).unwrap();
            query.load(&mut connection).unwrap()
        }
    };
    found.into_iter().map(|line| line.line).collect()
}

/// All that a version finds in a database: tables, indexes, triggers and functions, which
/// migrations are applied, and articles.
fn standing(database: &Database) -> Vec<String> {
    let schema = match database.kind {
        Postgres => {
            "SELECT relkind::text || ' ' || relname AS line FROM pg_class \
             WHERE relnamespace = 'public'::regnamespace \
             UNION ALL SELECT 'function ' || proname FROM pg_proc \
             WHERE pronamespace = 'public'::regnamespace \
             UNION ALL SELECT 'trigger ' || tgrelid::regclass::text || ' ' || tgname \
             FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
        }
        Sqlite => {
            "SELECT type || ' ' || name || ' ' || COALESCE(sql, '') AS line FROM sqlite_master \
             ORDER BY type, name"
        }
    };
    [
        schema,
        "SELECT version AS line FROM __diesel_schema_migrations ORDER BY version",
        "SELECT slug AS line FROM articles ORDER BY slug",
    ]
    .iter()
    .flat_map(|query| lines(database, query))
    .collect()
}

/// Where the migrations of a kind of database are.
fn folder(kind: Kind) -> &'static str {
    match kind {
        Sqlite => "migrations/sqlite",
        Postgres => "migrations/postgres",
    }
}

/// Makes a database one that lacks these migrations, which are told newest first.
pub fn take_back(database: &Database, migrations: &[&str]) {
    for migration in migrations {
        let down = format!("{}/{migration}/down.sql", folder(database.kind));
        database.execute(&std::fs::read_to_string(down).unwrap());
        let version = migration.split('_').next().unwrap();
        database.execute(&format!(
            "DELETE FROM __diesel_schema_migrations WHERE version = '{version}'"
        ));
    }
}

/// A database that lacks the last migrations, with content.
fn former(kind: Kind) -> Database {
    let database = Database::new(kind);
    put(&Store::open(&database.options()).unwrap(), &forty());
    let known = std::fs::read_dir(folder(kind)).unwrap();
    let newest = known.map(|entry| entry.unwrap().file_name()).max().unwrap();
    assert_eq!(newest, LAST[0], "this test is about the last migrations");
    take_back(&database, &LAST);
    database
}

/// Puts something in the way of the last statement of `filing`, or takes it away again.
fn obstacle(database: &Database, is_there: bool) {
    database.execute(match (database.kind, is_there) {
        (Sqlite, true) => {
            "CREATE TRIGGER articles_noted_anew AFTER DELETE ON authors BEGIN SELECT 1; END"
        }
        (Sqlite, false) => "DROP TRIGGER articles_noted_anew",
        (Postgres, true) => {
            "CREATE FUNCTION obstacle() RETURNS TRIGGER LANGUAGE plpgsql \
             AS 'BEGIN RETURN NULL; END'; \
             CREATE TRIGGER articles_noted_anew AFTER TRUNCATE ON articles \
             FOR EACH STATEMENT EXECUTE FUNCTION obstacle()"
        }
        (Postgres, false) => {
            "DROP TRIGGER articles_noted_anew ON articles; DROP FUNCTION obstacle()"
        }
    });
}

#[rstest]
fn an_upgrade_that_fails_half_way_changes_nothing(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = former(kind);
    obstacle(&database, true);
    let before = standing(&database);
    for command in [
        vec!["migrate"],
        vec!["serve", "--bind-addr", "127.0.0.1:0"],
        vec!["migrate"],
    ] {
        let output = run(&database.url, &command);
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let names_it = told.contains("migration failed") && told.contains("articles_noted_anew");
        assert!(names_it, "{command:?}: {told}");
        // The migration before `filing` had gone well, and so had all but the last of its own
        // statements.
        assert_eq!(standing(&database), before, "{command:?}");
    }

    obstacle(&database, false);
    for command in ["migrate", "doctor"] {
        let output = run(&database.url, &[command]);
        assert!(output.status.success(), "{output:?}");
    }
    let app = App::on(database, &[]);
    let all = app.get("/v1/articles?count=exact&limit=1").ok().json();
    assert_eq!(all["page"]["total"], 40);
    app.create(&article("new", 1));
}

#[rstest]
fn of_many_upgrades_that_fail_none_is_applied(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = former(kind);
    obstacle(&database, true);
    let before = standing(&database);
    std::thread::scope(|scope| {
        let migrate = || run(&database.url, &["migrate"]).status.code();
        let runs: Vec<_> = (0..3).map(|_| scope.spawn(migrate)).collect();
        for run in runs {
            assert_eq!(run.join().unwrap(), Some(1));
        }
    });
    assert_eq!(standing(&database), before);
}

#[rstest]
fn what_has_a_formula_is_read_again_and_nothing_else(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = Database::new(kind);
    let store = Store::open(&database.options()).unwrap();
    put(
        &store,
        &[
            said(
                "in-title",
                "Less CO₂",
                "The harbour emits less than before.",
            ),
            said("in-text", "Clean air", "The harbour emits less CO₂."),
            said("in-none", "More CO2", "The airport emits ¹ CO2 per m²."),
        ],
    );
    drop(store);
    take_back(&database, &LAST[..2]);
    database.execute("DELETE FROM index_queue");
    let store = Store::open(&database.options()).unwrap();
    store.migrate().unwrap();
    let waiting =
        "SELECT slug AS line FROM articles JOIN index_queue ON article_pk = pk ORDER BY slug";
    assert_eq!(lines(&database, waiting), ["in-text", "in-title"]);
}

/// One who reads tables that migrations change, in a transaction that does not end by itself.
fn dump(database: &Database) -> PgConnection {
    let mut dump = PgConnection::establish(&database.url).unwrap();
    let begin = "SET application_name TO 'the-dump'; BEGIN; \
         LOCK TABLE articles, related_state IN ACCESS SHARE MODE";
    dump.batch_execute(begin).unwrap();
    dump
}

fn upgrade(database: &Database) -> Child {
    let mut migrate = command(&database.url, &["migrate"]);
    migrate.env("RUST_LOG", "info").stdout(Stdio::piped());
    migrate.stderr(Stdio::piped()).spawn().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn an_upgrade_that_waits_for_a_dump_keeps_readers_waiting_for_a_moment_only() {
    let database = former(Postgres);
    let mut dump = dump(&database);
    let upgrade = upgrade(&database);
    let mut reader = PgConnection::establish(&database.url).unwrap();
    let bound = "SET statement_timeout TO 4000";
    reader.batch_execute(bound).unwrap();
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(6) {
        let read = "SELECT count(*) FROM articles; SELECT count(*) FROM related_state";
        reader.batch_execute(read).unwrap();
        thread::sleep(Duration::from_millis(20));
    }
    dump.batch_execute("ROLLBACK").unwrap();
    let output = upgrade.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = told(&output);
    let names_it = told.contains("an upgrade waits") && told.contains("the-dump (process ");
    assert!(names_it, "{told}");
    let output = run(&database.url, &["doctor"]);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn an_upgrade_that_waits_in_vain_changes_nothing_and_says_for_whom() {
    let database = former(Postgres);
    let before = standing(&database);
    let dump = dump(&database);
    let started = Instant::now();
    let output = upgrade(&database).wait_with_output().unwrap();
    let took = started.elapsed();
    assert_eq!(output.status.code(), Some(1));
    assert!(took < Duration::from_secs(40), "{took:?}");
    let told = told(&output);
    let last = told.lines().next_back().unwrap_or_default();
    let names_it = last.contains("migration failed") && last.contains("the-dump (process ");
    assert!(names_it, "{told}");
    drop(dump);
    assert_eq!(standing(&database), before);
}
