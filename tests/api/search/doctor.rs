//! `newsstand doctor` on an index that was broken behind its back, and `doctor --reindex` after it.

use std::{fs, process::Output};

use newsstand::store::{Store, doctor};
use rstest::rstest;
use serde_json::{Value, json};

use super::said;
use crate::{
    support::{
        App, Kind, Postgres, Sqlite,
        content::{article, forty, with},
        database::Database,
    },
    tokens::server::run,
};

const POSTED: &str = "every article stands under all of its words in the index";
const PLACED: &str = "every article is on the shelf of the index that its status says";
const SHELVED: &str = "every list of the index has nothing but articles of its shelf";
const READABLE: &str = "every list of the index can be read";
const ABOUT: &str = "the index knows what every article is about";
const OF_ARTICLES: &str = "the index has vectors of its articles alone";
const COUNTED: &str = "the index counts the articles that it has";
const LANGUAGES: &str = "the index knows the language of every article that it has";
const STEMS: &str = "the index knows the stem of every word that it has";
const KEPT: &str = "every count of articles that is kept is right";
const NAMED: &str = "every count that is kept of an author's or a tag's articles is right";
const WAITING: &str = "all that waits for the index can be read";
const LEARNED: &str = "what was learned of the publication can be read";
const LISTS: &str = "every list of related articles that is kept can be read";

/// Things that are done to a whole index, and what no longer holds then; bytes stand in braces.
const BREAKAGES: [(&str, &[&str]); 33] = [
    ("DELETE FROM index_postings", &[POSTED]),
    (
        "DELETE FROM index_postings WHERE term = 'harbour'",
        &[POSTED],
    ),
    ("DELETE FROM index_postings WHERE term = '#day'", &[POSTED]),
    (
        "UPDATE index_postings SET term = 'elsewhere' WHERE term = 'harbour'",
        &[POSTED],
    ),
    (
        "UPDATE index_postings SET published = NOT published WHERE term = 'walrus'",
        &[POSTED, SHELVED],
    ),
    // The article of row 999,999, with a weight of 5 and at no place.
    (
        "INSERT INTO index_postings (term, published, first_pk, docs, places) \
         VALUES ('zebra', TRUE, 0, {BF843D05}, {00})",
        &[SHELVED],
    ),
    (
        "UPDATE index_postings SET docs = {00} WHERE term = 'harbour'",
        &[READABLE, POSTED],
    ),
    (
        "UPDATE index_postings SET docs = {FFFFFF} WHERE term = 'harbour'",
        &[READABLE, POSTED],
    ),
    (
        "UPDATE index_postings SET places = {05} WHERE term = 'harbour'",
        &[READABLE],
    ),
    (
        "UPDATE index_postings SET places = {} WHERE term = 'harbour'",
        &[READABLE],
    ),
    (
        "DELETE FROM index_documents WHERE published",
        &[SHELVED, COUNTED, OF_ARTICLES],
    ),
    ("UPDATE index_documents SET words = '#day'", &[POSTED]),
    ("UPDATE index_vectors SET vector = {09}", &[ABOUT]),
    ("DELETE FROM index_vectors", &[ABOUT]),
    (
        "DELETE FROM index_vectors \
         WHERE article_pk = (SELECT pk FROM articles WHERE slug = 'a3')",
        &[ABOUT],
    ),
    (
        "INSERT INTO index_vectors (article_pk, vector) SELECT 999999, vector FROM index_vectors \
         WHERE article_pk = (SELECT pk FROM articles WHERE slug = 'a3')",
        &[OF_ARTICLES],
    ),
    (
        "UPDATE index_shelves SET articles = articles + 1 WHERE published",
        &[COUNTED],
    ),
    ("DELETE FROM index_shelves", &[COUNTED]),
    ("DELETE FROM index_stems WHERE language = 'en'", &[STEMS]),
    (
        "DELETE FROM index_languages WHERE language = 'nb'",
        &[LANGUAGES],
    ),
    (
        "INSERT INTO index_pending (article_pk, published, forward) \
         SELECT pk, TRUE, {09} FROM articles WHERE slug = 'a3'",
        &[WAITING],
    ),
    ("UPDATE related_models SET model = {0099AB}", &[LEARNED]),
    (
        "INSERT INTO related_lists (article_pk, same_category, epoch, entries) \
         SELECT a.pk, TRUE, s.epoch, {09} FROM articles AS a, related_state AS s \
         WHERE a.slug = 'a3'",
        &[LISTS],
    ),
    ("DELETE FROM related_state", &[LEARNED]),
    (
        "UPDATE article_counts SET articles = articles + 1 \
         WHERE grain = 0 AND status = 'published' AND category_pk = 0",
        &[KEPT],
    ),
    (
        "UPDATE article_counts SET span = span + 100 WHERE grain = 1",
        &[KEPT],
    ),
    ("DELETE FROM article_counts", &[KEPT]),
    (
        "UPDATE author_counts SET articles = articles + 1 \
         WHERE author_pk = (SELECT pk FROM authors WHERE slug = 'bo-ek')",
        &[NAMED],
    ),
    (
        "UPDATE tag_counts SET latest_at = latest_at - 1 \
         WHERE tag_pk = (SELECT pk FROM tags WHERE slug = 'climate')",
        &[NAMED],
    ),
    ("DELETE FROM author_counts", &[NAMED]),
    (
        "INSERT INTO tag_counts (tag_pk, articles, latest_at) VALUES (999, 0, 1)",
        &[NAMED],
    ),
    (
        "UPDATE index_documents SET published = NOT published \
         WHERE article_pk = (SELECT pk FROM articles WHERE slug = 'a3')",
        &[PLACED, SHELVED, COUNTED],
    ),
    // The draft, of which all the rest of the index says the same.
    (
        "DELETE FROM index_postings WHERE NOT published; \
         UPDATE index_documents SET published = TRUE, words = '' WHERE NOT published; \
         UPDATE index_shelves SET articles = articles + CASE WHEN published THEN 1 ELSE -1 END",
        &[PLACED],
    ),
];

/// The bytes in braces as the database writes them.
fn sql(kind: Kind, sql: &str) -> String {
    match kind {
        Sqlite => sql.replace('{', "X'").replace('}', "'"),
        Postgres => sql.replace('{', "'\\x").replace('}', "'::bytea"),
    }
}

/// Articles of two languages and on both shelves, merged and learned; nobody serves them.
fn filled(kind: Kind) -> Database {
    let database = Database::new(kind);
    let mut articles = forty();
    articles.push(with(
        said("draft", "Unseen", "A walrus in the harbour."),
        json!({"status": "draft"}),
    ));
    let lines: Vec<String> = articles.iter().map(Value::to_string).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("articles.jsonl");
    fs::write(&file, lines.join("\n")).unwrap();
    let imported = run(&database.url, &["import", "jsonl", file.to_str().unwrap()]);
    assert!(imported.status.success(), "{imported:?}");
    let store = Store::open(&database.options()).unwrap();
    doctor::catch_up(&store, |_| {}).unwrap();
    database
}

/// What the doctor found not to hold.
fn faults(output: &Output) -> Vec<String> {
    let said = String::from_utf8_lossy(&output.stdout);
    let faults = said.lines().filter(|line| line.starts_with("FAULT"));
    faults
        .map(|line| line.split_once(" places: ").unwrap().1.to_owned())
        .collect()
}

#[rstest]
fn what_is_broken_is_told_and_made_anew(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = filled(kind);
    let well = run(&database.url, &["doctor"]);
    assert_eq!((well.status.code(), faults(&well)), (Some(0), Vec::new()));
    for (breakage, expected) in BREAKAGES {
        database.execute(&sql(kind, breakage));
        let ill = run(&database.url, &["doctor"]);
        let found = faults(&ill);
        assert_eq!(ill.status.code(), Some(1), "{breakage}: {ill:?}");
        for holds in expected {
            assert!(
                found.iter().any(|fault| fault == holds),
                "{breakage}: {found:?}"
            );
        }
        let mended = run(&database.url, &["doctor", "--reindex"]);
        assert_eq!(
            (mended.status.code(), faults(&mended)),
            (Some(0), Vec::new()),
            "{breakage}: {mended:?}"
        );
    }
}

#[rstest]
fn an_index_is_well_at_each_step_of_an_article(#[values(Sqlite, Postgres)] kind: Kind) {
    const ANY: (&str, &str) = ("If-Match", "*");
    let app = App::with(kind, &forty());
    app.settle();
    let path = "/v1/articles/one";
    app.create(&with(article("one", 1), json!({"status": "published"})));
    let steps: [&dyn Fn(); 4] = [
        &|| {
            let members = json!({"title": "Runners", "language": "de"});
            app.edit("PATCH", path, &[ANY], &members).ok();
        },
        &|| {
            let unpublish = format!("{path}/unpublish");
            app.edit("POST", &unpublish, &[], &Value::Null).ok();
        },
        &|| {
            let deleted = app.edit("DELETE", path, &[ANY], &Value::Null);
            assert_eq!(deleted.status, 204, "{}", deleted.text());
        },
        &|| app.settle(),
    ];
    for step in steps {
        step();
        let well = run(&app.database.url, &["doctor"]);
        assert_eq!(faults(&well), Vec::<String>::new(), "{well:?}");
        app.settle();
        let well = run(&app.database.url, &["doctor"]);
        assert_eq!(faults(&well), Vec::<String>::new(), "{well:?}");
    }
}
