//! `newsstand copy` and `newsstand backup`: all content, from one database into another.

mod backup;
mod content;
mod dump;

use std::{
    collections::BTreeSet,
    process::{Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{BigInt, Text},
};
use rstest::rstest;
use serde_json::{Value, json};

use self::content::{answers, fill, write_on};
use crate::{
    support::{
        App, Kind, Postgres, Sqlite,
        content::{article, with},
        database::Database,
    },
    tokens::server::{command, run},
};

const ANY: (&str, &str) = ("If-Match", "*");

fn copy(from: &str, to: &str, flags: &[&str]) -> Output {
    let arguments = [&["copy", "--to", to], flags].concat();
    run(from, &arguments)
}

/// What a run that went well said.
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a run that failed complained of.
fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The last line of a run that went well.
fn summary(output: &Output) -> String {
    said(output).lines().last().unwrap().to_owned()
}

#[rstest]
fn a_copy_answers_as_the_original_does(
    #[values(Sqlite, Postgres)] from: Kind,
    #[values(Sqlite, Postgres)] to: Kind,
) {
    let original = App::start(from);
    let paths = fill(&original);
    let target = Database::empty(to);
    let first = said(&copy(&original.database.url, &target.url, &[]));
    assert!(first.contains("articles 41 rows, equal\n"), "{first}");
    assert!(first.ends_with(" tables agree\n"), "{first}");
    let again = summary(&copy(&original.database.url, &target.url, &[]));
    assert!(again.starts_with("copied 0 rows, "), "{again}");
    said(&run(&target.url, &["doctor"]));
    let copied = App::on(target, &[]);
    for (path, expected) in answers(&original, &paths) {
        let found = answers(&copied, std::slice::from_ref(&path));
        assert_eq!(found[0].1, expected, "{path:?}");
    }
    write_on(&copied);
    said(&run(&copied.database.url, &["doctor"]));
}

#[rstest]
fn a_copy_that_went_its_own_way_is_made_equal_again_when_told_so(
    #[values(Sqlite, Postgres)] from: Kind,
    #[values(Sqlite, Postgres)] to: Kind,
) {
    let original = App::start(from);
    let paths = fill(&original);
    let target = Database::empty(to);
    said(&copy(&original.database.url, &target.url, &[]));
    let copied = App::on(target, &[]);
    let edit = |method: &str, path: &str, body: Value| {
        let answer = copied.edit(method, path, &[ANY], &body);
        assert!(answer.status < 300, "{path}: {}", answer.text());
    };
    edit("DELETE", "/v1/articles/a0", Value::Null);
    edit("PATCH", "/v1/articles/a1", json!({"slug": "elsewhere"}));
    edit(
        "PATCH",
        "/v1/authors/bo-ek",
        json!({"name": "Someone Else"}),
    );
    edit(
        "PATCH",
        "/v1/articles/a2",
        json!({"tags": ["Own"], "category": "Own"}),
    );
    let own = with(
        article("own", 2),
        json!({"status": "published", "tags": ["Own"]}),
    );
    copied.create(&own);
    let refused = complaint(&copy(&original.database.url, &copied.database.url, &[]));
    assert!(refused.contains("--replace"), "{refused}");
    copied.get("/v1/articles/own").ok();
    let again = copy(&original.database.url, &copied.database.url, &["--replace"]);
    assert!(summary(&again).contains(" removed; all "), "{again:?}");
    for (path, expected) in answers(&original, &paths) {
        let found = answers(&copied, std::slice::from_ref(&path));
        assert_eq!(found[0].1, expected, "{path:?}");
    }
    said(&run(&copied.database.url, &["doctor"]));
}

#[rstest]
fn the_original_may_go_on_meanwhile_and_is_copied_again(
    #[values(Sqlite, Postgres)] from: Kind,
    #[values(Sqlite, Postgres)] to: Kind,
) {
    let original = App::start(from);
    let paths = fill(&original);
    let target = Database::empty(to);
    said(&copy(&original.database.url, &target.url, &[]));
    write_on(&original);
    // Names that changed hands.
    for (slug, id) in [("~", "bo-ek"), ("bo-ek", "cy-oh"), ("cy-oh", "~")] {
        let sql = format!("UPDATE authors SET slug = '{slug}' WHERE slug = '{id}'");
        original.database.execute(&sql);
    }
    let again = summary(&copy(&original.database.url, &target.url, &[]));
    assert!(
        again.ends_with("tables agree") && !again.starts_with("copied 0 "),
        "{again}"
    );
    let copied = App::on(target, &[]);
    for (path, expected) in answers(&original, &paths) {
        let found = answers(&copied, std::slice::from_ref(&path));
        assert_eq!(found[0].1, expected, "{path:?}");
    }
}

#[rstest]
fn a_copy_that_was_killed_goes_on(
    #[values(Sqlite, Postgres)] from: Kind,
    #[values(Sqlite, Postgres)] to: Kind,
) {
    let many: Vec<Value> = (0..300)
        .map(|n| article(&format!("m{n}"), n % 90))
        .collect();
    let original = App::with(from, &many);
    let target = Database::new(to);
    let mut child = command(&original.database.url, &["copy", "--to", &target.url])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while articles_of(&target) == 0 {
        assert!(Instant::now() < deadline, "nothing was ever copied");
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // Postgres may notice only later that the killed one is gone, and with it its lock.
    let mut output = copy(&original.database.url, &target.url, &[]);
    while !output.status.success() && Instant::now() < deadline {
        let told = complaint(&output);
        assert!(told.contains("another copy"), "{told}");
        thread::sleep(Duration::from_millis(50));
        output = copy(&original.database.url, &target.url, &[]);
    }
    let all = said(&output);
    assert!(all.contains("articles 300 rows, equal\n"), "{all}");
    assert!(all.ends_with("tables agree\n"), "{all}");
    said(&run(&target.url, &["doctor"]));
    let copied = App::on(target, &[]);
    assert_eq!(copied.slugs("/v1/search?q=m299"), ["m299"]);
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn articles_of(database: &Database) -> i64 {
    let query = sql_query("SELECT COUNT(*) AS number FROM articles");
    let found = match database.kind {
        Postgres => {
            let mut connection = PgConnection::establish(&database.url).unwrap();
            query.get_result::<Number>(&mut connection)
        }
        Sqlite => {
            let path = database.url.trim_start_matches("sqlite://");
            let mut connection = SqliteConnection::establish(path).unwrap();
            query.get_result::<Number>(&mut connection)
        }
    };
    // SQLite may be locked just now.
    found.map_or(0, |found| found.number)
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[test]
fn every_table_is_copied_or_left_out_on_purpose() {
    let source = Database::new(Sqlite);
    let target = Database::empty(Sqlite);
    let said = said(&copy(&source.url, &target.url, &[]));
    let copied: BTreeSet<&str> = said
        .lines()
        .filter(|line| line.ends_with(", equal"))
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    let path = source.url.trim_start_matches("sqlite://");
    let mut connection = SqliteConnection::establish(path).unwrap();
    let tables: Vec<Name> = sql_query("SELECT name FROM sqlite_master WHERE type = 'table'")
        .load(&mut connection)
        .unwrap();
    let left_out = |name: &str| {
        [
            "article_counts",
            "author_counts",
            "tag_counts",
            "idempotency_keys",
            "unfinished",
            "invalidations",
            "untold_categories",
            "related_state",
            "related_models",
            "related_lists",
            "related_queue",
            "related_edited",
        ]
        .contains(&name)
            || ["sqlite_", "__diesel_", "index_"]
                .iter()
                .any(|beginning| name.starts_with(beginning))
    };
    let expected: BTreeSet<&str> = tables
        .iter()
        .map(|table| table.name.as_str())
        .filter(|name| !left_out(name))
        .collect();
    assert_eq!(copied, expected);
}

#[rstest]
fn a_database_is_not_copied_onto_itself(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1)]);
    let url = &app.database.url;
    let same = match kind {
        // Another way to write it.
        Sqlite => url.replacen("/test.db", "/./test.db", 1),
        Postgres => format!("{url}?application_name=other"),
    };
    let told = complaint(&copy(url, &same, &["--replace"]));
    assert!(told.contains("the same database"), "{told}");
    app.get("/v1/articles/one").ok();
}

#[rstest]
fn nothing_is_lost_by_mistaking_the_target_for_the_source(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1)]);
    let empty = Database::new(Sqlite);
    let told = complaint(&copy(&empty.url, &app.database.url, &[]));
    assert!(told.contains("nothing was changed"), "{told}");
    app.get("/v1/articles/one").ok();
    assert_eq!(app.slugs("/v1/search?q=paragraph"), ["one"]);
}

#[test]
fn a_source_that_is_missing_or_old_is_named() {
    let target = Database::empty(Sqlite);
    let told = complaint(&copy("sqlite:///nowhere/at-all.db", &target.url, &[]));
    assert!(told.contains("/nowhere/at-all.db"), "{told}");
    let old = Database::empty(Postgres);
    let told = complaint(&copy(&old.url, &target.url, &[]));
    assert!(told.contains("newsstand migrate"), "{told}");
}

#[rstest]
fn a_database_that_is_half_copied_is_not_served(#[values(Sqlite, Postgres)] kind: Kind) {
    let source = App::with(kind, &[article("one", 1)]);
    let target = Database::new(kind);
    target.execute("INSERT INTO unfinished (work, since) VALUES ('copy', 1)");
    for command in ["doctor", "serve"] {
        let told = complaint(&run(&target.url, &[command]));
        assert!(told.contains("run `newsstand copy` again"), "{told}");
    }
    said(&copy(&source.database.url, &target.url, &[]));
    said(&run(&target.url, &["doctor"]));
}
