//! Databases: brought up to date, refused when they are newer, and planned for.

use std::process::{Command, Output};

use newsstand::store::Store;
use rstest::rstest;

use crate::support::{App, Kind, Postgres, Sqlite, database::Database};

fn newsstand(database: &Database, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_newsstand"))
        .args(arguments)
        .env("DATABASE_URL", &database.url)
        .output()
        .unwrap()
}

#[rstest]
fn a_new_database_is_brought_up_to_date(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = Database::empty(kind);
    let first = newsstand(&database, &["migrate"]);
    assert!(first.status.success(), "{first:?}");
    assert!(String::from_utf8_lossy(&first.stdout).contains("applied 00000000000001"));
    let second = newsstand(&database, &["migrate"]);
    assert!(
        String::from_utf8_lossy(&second.stdout).ends_with("is up to date\n"),
        "{second:?}"
    );
    assert!(!String::from_utf8_lossy(&second.stdout).contains("applied"));
}

#[rstest]
fn many_may_migrate_at_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = Database::empty(kind);
    let outputs: Vec<Output> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| newsstand(&database, &["migrate"])))
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for output in outputs {
        assert!(output.status.success(), "{output:?}");
    }
}

#[rstest]
fn a_database_that_is_newer_is_refused(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = Database::new(kind);
    database.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99999999999999')");
    for command in [
        vec!["migrate"],
        vec!["serve", "--bind-addr", "127.0.0.1:0"],
        vec!["serve", "--no-migrate", "--bind-addr", "127.0.0.1:0"],
    ] {
        let output = newsstand(&database, &command);
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            told.contains("newer") && told.contains("99999999999999"),
            "{told}"
        );
    }
}

#[rstest]
fn a_database_that_is_older_is_refused_without_migration(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = Database::empty(kind);
    let output = newsstand(
        &database,
        &["serve", "--no-migrate", "--bind-addr", "127.0.0.1:0"],
    );
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("newsstand migrate"), "{told}");
}

#[test]
fn a_server_that_can_not_be_reached_is_named_without_its_password() {
    let output = Command::new(env!("CARGO_BIN_EXE_newsstand"))
        .args([
            "migrate",
            "--database-url",
            "postgres://ed:hunter2@127.0.0.1:1/news",
        ])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(
        told.contains("ed:***@127.0.0.1:1/news") && !told.contains("hunter2"),
        "{told}"
    );
}

#[test]
fn sqlite_is_opened_as_it_should_be() {
    let app = App::start(Sqlite);
    app.database.execute("PRAGMA journal_mode");
    let path = app.database.url.trim_start_matches("sqlite://");
    assert!(
        std::path::Path::new(&format!("{path}-wal")).exists(),
        "no write-ahead log"
    );
}

#[test]
fn sqlites_log_does_not_grow_with_what_is_written() {
    use diesel::RunQueryDsl;
    let app = App::start(Sqlite);
    let path = app.database.url.trim_start_matches("sqlite://");
    app.database
        .execute("CREATE TABLE ballast (bytes BLOB NOT NULL)");
    for _ in 0..10 {
        // Two thousand pages.
        let written = app.store.write_waiting(|connection| {
            let insert = diesel::sql_query("INSERT INTO ballast VALUES (zeroblob(8000000))");
            Ok(insert.execute(connection)?)
        });
        assert_eq!(written.unwrap(), 1);
    }
    let log = std::fs::metadata(format!("{path}-wal")).unwrap().len();
    assert!(log < 40_000_000, "{log}");
}

/// Four writers that each read and then write, at once: none is lost, none is refused.
#[rstest]
fn writers_wait_for_each_other(#[values(Sqlite, Postgres)] kind: Kind) {
    use crate::support::content::article;
    let app = App::start(kind);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let app = &app;
            scope.spawn(move || {
                for number in 0..10 {
                    let summary = app.put(&[article(&format!("w{writer}-{number}"), number)]);
                    assert_eq!(summary.created, 1);
                }
            });
        }
    });
    assert_eq!(
        app.get("/v1/articles?count=exact").ok().json()["page"]["total"],
        40
    );
    assert_eq!(
        app.get("/v1/changes?limit=100").ok().json()["data"]
            .as_array()
            .unwrap()
            .len(),
        40
    );
}

/// What a database held before there was editing is there afterwards, and agrees with itself.
#[rstest]
fn a_database_of_the_former_version_is_brought_along(#[values(Sqlite, Postgres)] kind: Kind) {
    use crate::support::content::{article, with};
    use serde_json::json;
    let database = Database::new(kind);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("articles.jsonl");
    let import = |articles: &[serde_json::Value]| {
        let lines: Vec<String> = articles.iter().map(ToString::to_string).collect();
        std::fs::write(&file, lines.join("\n")).unwrap();
        let output = newsstand(&database, &["import", "jsonl", file.to_str().unwrap()]);
        assert!(output.status.success(), "{output:?}");
    };
    let draft = with(
        article("draft", 2),
        json!({"status": "draft", "tags": ["Sea"]}),
    );
    import(&[
        with(article("one", 1), json!({"category": ["News", "Sea"]})),
        draft,
    ]);
    import(&[with(article("one", 1), json!({"slug": "first"}))]);
    let name = match kind {
        Sqlite => "sqlite",
        Postgres => "postgres",
    };
    let steps = [
        (15, "former"),
        (11, "vectors"),
        (10, "telling"),
        (9, "name_counts"),
        (8, "filing"),
        (7, "counts"),
        (6, "planning"),
        (2, "editing"),
    ];
    for (version, folder) in steps {
        let down = format!("migrations/{name}/{version:014}_{folder}/down.sql");
        database.execute(&std::fs::read_to_string(down).unwrap());
        let forgotten = format!("version = '{version:014}'");
        database.execute(&format!(
            "DELETE FROM __diesel_schema_migrations WHERE {forgotten}"
        ));
    }
    let output = newsstand(&database, &["migrate"]);
    assert!(output.status.success(), "{output:?}");
    let doctor = newsstand(&database, &["doctor"]);
    assert!(doctor.status.success(), "{doctor:?}");
    let app = App::on(database, &[]);
    app.get("/v1/articles/first").ok();
    assert_eq!(app.get("/v1/articles/one").status, 308);
    app.get("/v1/articles/draft").problem(404);
    let revisions = app.read("/v1/articles/first/revisions").ok().json();
    assert_eq!(revisions["data"].as_array().unwrap().len(), 1);
}

#[derive(diesel::QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

/// A publication that grew article by article was never analysed.
#[test]
fn sqlite_plans_for_a_large_publication_from_the_beginning() {
    use diesel::RunQueryDsl;
    let database = Database::new(Sqlite);
    let store = Store::open(&database.options()).unwrap();
    store.migrate().unwrap();
    let plan = |query: &str| -> String {
        let query = format!("EXPLAIN QUERY PLAN {query}");
        let steps: Vec<Step> = store
            .write_blocking(|connection| Ok(diesel::sql_query(query).load(connection)?))
            .unwrap();
        let steps: Vec<String> = steps.into_iter().map(|step| step.detail).collect();
        steps.join("; ")
    };
    let facets = plan(
        "SELECT articles.category_pk, articles.sort_at FROM json_each('[1, 2]') AS picked \
         CROSS JOIN articles INDEXED BY articles_filed WHERE articles.pk = picked.value \
         AND articles.status = 'published'",
    );
    let of_one = "COVERING INDEX articles_filed (pk=? AND status=?)";
    assert!(facets.contains(of_one), "{facets}");
    let by_rows = plan("SELECT id FROM articles WHERE status = 'published' AND pk IN (1, 2, 3)");
    assert!(by_rows.contains("INTEGER PRIMARY KEY"), "{by_rows}");
    let list = plan(
        "SELECT id FROM articles WHERE status = 'published' ORDER BY sort_at DESC, id DESC LIMIT 9",
    );
    assert!(list.contains("articles_by_date"), "{list}");
    assert!(!list.contains("TEMP B-TREE"), "{list}");
    let after = plan(
        "SELECT title FROM articles WHERE status = 'published' AND (sort_at, id) < (9, 'x') \
         ORDER BY sort_at DESC, id DESC LIMIT 9",
    );
    assert!(after.contains("(sort_at,id)<(?,?)"), "{after}");
    assert!(!after.contains("TEMP B-TREE"), "{after}");
    let deep = plan(
        "SELECT title FROM articles WHERE status = 'published' AND id IN (SELECT id FROM (\
         SELECT id FROM articles WHERE status = 'published' AND sort_at >= 1 AND sort_at < 9 \
         ORDER BY sort_at DESC, id DESC LIMIT 9 OFFSET 7) AS picked LIMIT 11)",
    );
    assert!(deep.contains("COVERING INDEX articles_by_date"), "{deep}");
    assert!(!deep.contains("TEMP B-TREE"), "{deep}");
    let stretches = plan(
        "SELECT title FROM articles WHERE status = 'published' AND id IN (SELECT id FROM (\
         SELECT sort_at, id FROM (SELECT * FROM (SELECT sort_at, id FROM articles \
         WHERE status = 'published' AND category_pk = 1 AND (sort_at, id) < (9, 'x') \
         AND sort_at >= 1 ORDER BY sort_at DESC, id DESC LIMIT 11) AS part0 \
         UNION ALL SELECT * FROM (SELECT sort_at, id FROM articles \
         WHERE status = 'published' AND category_pk = 2 AND (sort_at, id) < (9, 'x') \
         AND sort_at >= 1 ORDER BY sort_at DESC, id DESC LIMIT 11) AS part1) AS parts \
         ORDER BY sort_at + 0 DESC, id DESC LIMIT 11) AS picked LIMIT 11)",
    );
    let walk = "COVERING INDEX articles_by_category (status=? AND category_pk=?";
    assert_eq!(stretches.matches(walk).count(), 2, "{stretches}");
    // All together are sorted once.
    assert_eq!(stretches.matches("TEMP B-TREE").count(), 1, "{stretches}");
    let newest = plan(
        "SELECT category_pk, (SELECT MAX(sort_at) FROM articles WHERE status = 'published' \
         AND category_pk = kept.category_pk) FROM article_counts AS kept \
         WHERE grain = 0 AND status = 'published' AND category_pk > 0",
    );
    assert!(newest.contains("PRIMARY KEY (grain=?"), "{newest}");
    assert!(
        newest.contains("COVERING INDEX articles_by_category"),
        "{newest}"
    );
    let of_tags = plan(
        "SELECT tag_pk, articles, latest_at FROM tag_counts \
         WHERE tag_pk IN (SELECT value FROM json_each('[1, 2]'))",
    );
    assert!(
        of_tags.contains("tag_counts USING INTEGER PRIMARY KEY"),
        "{of_tags}"
    );
    // As triggers look for the newest date of a tag.
    let near = plan(
        "SELECT sort_at FROM articles \
         WHERE status = 'published' AND sort_at <= 9 AND sort_at > 1 AND EXISTS \
         (SELECT 1 FROM article_tags WHERE article_pk = articles.pk AND tag_pk = 1) \
         ORDER BY sort_at DESC, id DESC LIMIT 1",
    );
    assert!(near.contains("COVERING INDEX articles_by_date"), "{near}");
    assert!(near.contains("SEARCH article_tags"), "{near}");
    assert!(!near.contains("TEMP B-TREE"), "{near}");
    let all = plan(
        "SELECT MAX(a.sort_at) FROM article_tags AS j JOIN articles AS a ON a.pk = j.article_pk \
         WHERE j.tag_pk = 1 AND a.status = 'published'",
    );
    assert!(all.contains("article_tags_by_tag (tag_pk=?"), "{all}");
    assert!(
        all.contains("a USING COVERING INDEX articles_filed (pk=? AND status=?)"),
        "{all}"
    );
    // As related articles are looked for.
    let by_row = "index_vectors USING INTEGER PRIMARY KEY";
    let vectors = plan(
        "SELECT article_pk, vector FROM index_vectors \
         WHERE article_pk IN (SELECT value FROM json_each('[1, 2]'))",
    );
    assert!(vectors.contains(by_row), "{vectors}");
    let sample = plan(
        "SELECT article_pk, (SELECT vector FROM index_vectors \
         WHERE index_vectors.article_pk = index_documents.article_pk LIMIT 1), written \
         FROM index_documents WHERE published = 1 AND article_pk * 7 % 9 < 2 \
         ORDER BY article_pk LIMIT 9",
    );
    assert!(sample.contains("SCAN index_documents"), "{sample}");
    assert!(sample.contains(by_row), "{sample}");
    assert!(!sample.contains("TEMP B-TREE"), "{sample}");
    let carriers = plan(
        "SELECT picked.value FROM (SELECT value FROM json_each('[1, 2]') AS picked) AS own \
         CROSS JOIN json_each('[3, 4]') AS picked WHERE (SELECT TRUE FROM article_tags \
         WHERE article_tags.tag_pk = own.value AND article_tags.article_pk = picked.value LIMIT 1)",
    );
    let of_both = "COVERING INDEX article_tags_by_tag (tag_pk=? AND article_pk=?)";
    assert!(carriers.contains(of_both), "{carriers}");
}
