//! What is related is the same before an upgrade and after it.

use newsstand::{
    domain::body::{self, BodySource},
    model::{
        article::{ArticleInput, Status},
        sight::Sight,
        stamp::Stamp,
        time::UtcTime,
    },
    store::{
        Store,
        articles::{self, Ready},
        index,
    },
};
use rstest::rstest;

use crate::{
    migrations::take_back,
    related::{
        computed::{OF_ALL, read},
        corpus::{publication, text, words},
        learning::unserved,
    },
    support::{Kind, Postgres, Sqlite, database::Database},
    tokens::server::run,
};

/// Has articles wait to be merged: some that were merged and are others now, and a new one.
fn let_some_wait(database: &Database, store: &Store) {
    let bakers = "slug LIKE 'bread-%'";
    database.execute(&format!(
        "UPDATE articles SET title = 'A glacier and an avalanche' WHERE {bakers}; \
         INSERT INTO index_queue (article_pk) SELECT pk FROM articles WHERE {bakers}"
    ));
    let input = ArticleInput {
        slug: Some("mountain-new".to_owned()),
        title: "An icefall".to_owned(),
        body: body::blocks(&BodySource::Text(text(&words(6), 7, 7_001))).unwrap(),
        published_at: Some(UtcTime::parse("2026-02-01").unwrap()),
        status: Some(Status::Published),
        ..ArticleInput::default()
    };
    let new = Ready::new(input, "en").unwrap();
    let read = store.write_blocking(|connection| {
        articles::put(connection, &new, &Stamp::of_program("test"))?;
        articles::drain_index_queue(connection, 100)
    });
    assert_eq!(read.unwrap(), 10);
}

/// The rows and scores of what is shown with each article; nothing is kept.
fn all(store: &Store) -> Vec<Vec<(i64, f64)>> {
    let slugs = publication().into_iter();
    let slugs = slugs.map(|article| article["slug"].as_str().unwrap().to_owned());
    let slugs = slugs.chain(["mountain-new".to_owned()]);
    slugs.map(|slug| read(store, &slug, OF_ALL)).collect()
}

#[rstest]
fn vectors_in_a_table_of_their_own_find_what_they_found_before(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (database, store) = unserved(kind);
    let_some_wait(&database, &store);
    let before = all(&store);
    drop(store);
    take_back(&database, &["00000000000011_vectors"]);
    let store = Store::open(&database.options()).unwrap();
    assert_eq!(store.migrate().unwrap(), ["00000000000011"]);
    let waits = store.read_blocking(Sight::Public, |reader| {
        Ok(!index::pending_is_empty(reader)?)
    });
    assert!(waits.unwrap().value);
    assert_eq!(all(&store), before);
    index::merge_all(&store).unwrap();
    let well = run(&database.url, &["doctor"]);
    assert_eq!(well.status.code(), Some(0), "{well:?}");
}
