//! Which lists caches are told of, and what an answer depends on.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Binary, Bool, Text},
};
use newsstand::{
    model::{sight::Sight, slug::Key},
    store::{
        Store, StoreError, articles,
        related::{self, RelatedRequest},
    },
};
use rstest::rstest;
use serde_json::json;

use crate::{
    related::{
        corpus::{of_words, publication, words},
        settle, soon,
    },
    support::{App, Kind, Postgres, Sqlite, content::with},
};

#[derive(QueryableByName)]
struct List {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Bool)]
    same_category: bool,
    #[diesel(sql_type = Binary)]
    entries: Vec<u8>,
}

#[derive(QueryableByName)]
struct Note {
    #[diesel(sql_type = BigInt)]
    sequence: i64,
    #[diesel(sql_type = Text)]
    keys: String,
}

/// The lists that are kept and hold.
fn lists(app: &App) -> BTreeMap<(String, bool), Vec<u8>> {
    let found = app
        .store
        .rehearse_blocking(|connection| -> Result<Vec<List>, StoreError> {
            let query = "SELECT a.id, l.same_category, l.entries FROM related_lists AS l \
                         JOIN articles AS a ON a.pk = l.article_pk \
                         JOIN related_state AS s ON s.epoch = l.epoch";
            Ok(sql_query(query).load(connection)?)
        });
    let found = found.unwrap().into_iter();
    found
        .map(|list| ((list.id, list.same_category), list.entries))
        .collect()
}

/// The keys that were told after a number, and the last number.
fn told_after(app: &App, number: i64) -> (BTreeSet<String>, i64) {
    let notes = app
        .store
        .rehearse_blocking(|connection| -> Result<Vec<Note>, StoreError> {
            let query = "SELECT sequence, keys FROM invalidations ORDER BY sequence";
            Ok(sql_query(query).load(connection)?)
        });
    let notes = notes.unwrap();
    let last = notes.last().map_or(0, |note| note.sequence);
    let new = notes.iter().filter(|note| note.sequence > number);
    let keys = new.flat_map(|note| note.keys.split(' ')).map(str::to_owned);
    (keys.collect(), last)
}

#[rstest]
fn caches_are_told_of_the_lists_that_change_and_of_no_others(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = App::with(kind, &publication());
    settle(&app);
    let before = lists(&app);
    let (_, last) = told_after(&app, 0);
    let new = with(
        of_words("mountain-new", 50, &words(6), 7_001),
        json!({"status": "published"}),
    );
    let (made, _) = app.create(&new);
    let own = (made["id"].as_str().unwrap().to_owned(), false);
    soon("its list is kept", || lists(&app).contains_key(&own));
    let after = lists(&app);
    let others = before
        .iter()
        .filter(|(list, entries)| after.get(*list) != Some(*entries));
    let others: BTreeSet<String> = others.map(|((id, _), _)| format!("related-{id}")).collect();
    let (told, _) = told_after(&app, last);
    assert_eq!(told, others);
    let neighbour = app.get("/v1/articles/mountain-0").ok().json();
    let neighbour = format!("related-{}", neighbour["id"].as_str().unwrap());
    assert!(told.contains(&neighbour), "{told:?}");
}

/// The keys of what the related articles of one depend on.
pub fn depends_on(store: &Store, slug: &str, request: RelatedRequest) -> BTreeSet<String> {
    let key = Key::new(slug);
    let read = store.read_blocking(Sight::Public, |reader| {
        let found = articles::by_key(reader, &key, false)?.here();
        related::of_articles(reader, &[found.unwrap()], request)?;
        Ok(reader.take_hidden_keys())
    });
    read.unwrap().value
}

/// So many.
fn of_limit(limit: usize) -> RelatedRequest {
    RelatedRequest {
        limit,
        ..RelatedRequest::default()
    }
}

#[rstest]
fn related_articles_depend_on_all_that_stand_in_a_kept_list(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = App::with(kind, &publication());
    settle(&app);
    let id = |slug: &str| {
        let article = app.get(&format!("/v1/articles/{slug}")).ok().json();
        article["id"].as_str().unwrap().to_owned()
    };
    let keys = depends_on(&app.store, "mountain-0", of_limit(1));
    for expected in [
        "related".to_owned(),
        format!("related-{}", id("mountain-0")),
        format!("article-{}", id("mountain-5")),
    ] {
        assert!(keys.contains(&expected), "{expected}");
    }
    assert!(!keys.contains("articles"), "{keys:?}");
    // What fills up is looked for among all articles.
    assert!(depends_on(&app.store, "mountain-0", of_limit(80)).contains("articles"));
}

#[rstest]
fn related_articles_that_are_computed_depend_on_all_articles(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = App::with(kind, &publication());
    settle(&app);
    app.database.execute("DELETE FROM related_lists");
    assert!(depends_on(&app.store, "mountain-0", of_limit(1)).contains("articles"));
}
