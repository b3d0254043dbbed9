//! What a reader computed is kept as it is, while it holds. No server runs meanwhile, so nothing is
//! kept but what these tests keep.

use std::time::Duration;

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use newsstand::{
    model::{sight::Sight, slug::Key},
    store::{
        Store, StoreError, articles,
        related::{self, RelatedRequest},
    },
};
use rstest::rstest;

use crate::{
    related::{
        corpus::slug,
        learning::{rewritten, unserved},
        servers::lists,
    },
    support::{Kind, Postgres, Sqlite, put},
};

/// The rows and scores of what a reader is shown with an article.
pub fn read(store: &Store, slug: &str, request: RelatedRequest) -> Vec<(i64, f64)> {
    let key = Key::new(slug);
    let read = store.read_blocking(Sight::Public, |reader| {
        let found = articles::by_key(reader, &key, false)?.here().unwrap();
        let mut related = related::of_articles(reader, std::slice::from_ref(&found), request)?;
        let shown = related.remove(&found.row).unwrap();
        Ok(shown
            .iter()
            .map(|one| (one.article.row, one.score))
            .collect())
    });
    read.unwrap().value
}

pub const OF_ALL: RelatedRequest = RelatedRequest {
    limit: 12,
    same_category: false,
    include_newer: true,
    half_life_days: None,
    explain: false,
};

pub const OF_CATEGORY: RelatedRequest = RelatedRequest {
    same_category: true,
    ..OF_ALL
};

#[rstest]
fn a_list_that_a_reader_computed_is_the_one_that_is_kept(#[values(Sqlite, Postgres)] kind: Kind) {
    let (_database, store) = unserved(kind);
    let shown = read(&store, &slug(6, 0), OF_ALL);
    let of_its_category = read(&store, &slug(6, 0), OF_CATEGORY);
    assert!(lists(&store).is_empty());
    assert!(!related::keep_computed(&store).unwrap());
    let kept = lists(&store);
    let kinds: Vec<bool> = kept.iter().map(|list| list.same_category).collect();
    assert_eq!(kinds, [false, true]);
    assert_eq!(read(&store, &slug(6, 0), OF_ALL), shown);
    assert_eq!(read(&store, &slug(6, 0), OF_CATEGORY), of_its_category);
    // The article is in the queue as well, so that its list is computed once more.
    while related::tend(&store, Duration::from_secs(5)).unwrap() {}
    let after = lists(&store);
    assert!(after.len() > kept.len());
    assert!(kept.iter().all(|list| after.contains(list)), "{kept:?}");
}

#[rstest]
fn the_list_that_is_kept_is_the_same_if_older_articles_alone_were_asked_for(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (database, store) = unserved(kind);
    let older = |limit| RelatedRequest {
        limit,
        include_newer: false,
        ..OF_ALL
    };
    let all = || [3, 12, 25, 50].map(|limit| read(&store, &slug(6, 5), older(limit)));
    let shown = all();
    related::keep_computed(&store).unwrap();
    let kept = lists(&store);
    assert_eq!(kept.len(), 1);
    assert_eq!(all(), shown);
    database.execute("DELETE FROM related_lists");
    read(&store, &slug(6, 5), OF_ALL);
    related::keep_computed(&store).unwrap();
    assert_eq!(lists(&store), kept);
}

#[derive(QueryableByName)]
struct Note {
    #[diesel(sql_type = Text)]
    keys: String,
}

/// What caches were told, oldest first.
pub fn told(store: &Store) -> Vec<String> {
    let found = store.rehearse_blocking(|connection| -> Result<Vec<Note>, StoreError> {
        let query = "SELECT keys FROM invalidations ORDER BY sequence";
        Ok(sql_query(query).load(connection)?)
    });
    found.unwrap().into_iter().map(|note| note.keys).collect()
}

#[rstest]
fn caches_are_told_of_a_first_list_if_something_was_written_since_it_was_computed(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (database, store) = unserved(kind);
    let before = told(&store);
    read(&store, &slug(6, 0), OF_ALL);
    related::keep_computed(&store).unwrap();
    assert_eq!(lists(&store).len(), 1);
    assert_eq!(told(&store), before);
    read(&store, &slug(6, 1), OF_ALL);
    database.execute(
        "INSERT INTO changes (entity_id, change, at, kind) VALUES ('x', 'updated', 0, 'tag')",
    );
    related::keep_computed(&store).unwrap();
    assert_eq!(lists(&store).len(), 2);
    let after = told(&store);
    assert_eq!(after.len(), before.len() + 1);
    let last = after.last().unwrap();
    assert!(
        last.starts_with("related-") && !last.contains(' '),
        "{last}"
    );
}

#[rstest]
fn a_list_is_not_kept_while_any_of_its_articles_waits_to_be_merged(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (database, store) = unserved(kind);
    let (nearest, _) = read(&store, &slug(6, 0), OF_ALL)[0];
    database.execute(&format!(
        "INSERT INTO index_pending (article_pk, published, forward) \
         VALUES ({nearest}, FALSE, NULL)"
    ));
    related::keep_computed(&store).unwrap();
    assert!(lists(&store).is_empty());
    database.execute("DELETE FROM index_pending");
    read(&store, &slug(6, 0), OF_ALL);
    related::keep_computed(&store).unwrap();
    assert_eq!(lists(&store).len(), 1);
}

#[rstest]
fn what_was_computed_before_a_merge_is_not_kept(#[values(Sqlite, Postgres)] kind: Kind) {
    let (_database, store) = unserved(kind);
    read(&store, &slug(6, 0), OF_ALL);
    assert_eq!(put(&store, &rewritten(0..1)).updated, 1);
    related::keep_computed(&store).unwrap();
    assert!(lists(&store).is_empty());
    read(&store, &slug(6, 0), OF_ALL);
    related::keep_computed(&store).unwrap();
    assert_eq!(lists(&store).len(), 1);
}

#[rstest]
fn what_holds_no_longer_by_then_is_not_kept(#[values(Sqlite, Postgres)] kind: Kind) {
    let (database, store) = unserved(kind);
    read(&store, &slug(6, 0), OF_ALL);
    database.execute("UPDATE articles SET version = version + 1");
    assert!(!related::keep_computed(&store).unwrap());
    assert!(lists(&store).is_empty());
    read(&store, &slug(6, 0), OF_ALL);
    related::learn(&store).unwrap();
    assert!(!related::keep_computed(&store).unwrap());
    assert!(lists(&store).is_empty());
    read(&store, &slug(6, 0), OF_ALL);
    database.execute("UPDATE articles SET status = 'unpublished'");
    assert!(!related::keep_computed(&store).unwrap());
    assert!(lists(&store).is_empty());
}
