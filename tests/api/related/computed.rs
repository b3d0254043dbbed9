//! What a reader computed is kept as it is, while it holds. No server runs meanwhile, so nothing is
//! kept but what these tests keep.

use std::time::Duration;

use newsstand::{
    model::{sight::Sight, slug::Key},
    store::{
        Store, articles,
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
fn read(store: &Store, slug: &str, request: RelatedRequest) -> Vec<(i64, f64)> {
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

const OF_ALL: RelatedRequest = RelatedRequest {
    limit: 12,
    same_category: false,
    include_newer: true,
    half_life_days: None,
    explain: false,
};

#[rstest]
fn a_list_that_a_reader_computed_is_the_one_that_is_kept(#[values(Sqlite, Postgres)] kind: Kind) {
    let (_database, store) = unserved(kind);
    let of_category = RelatedRequest {
        same_category: true,
        ..OF_ALL
    };
    let shown = read(&store, &slug(6, 0), OF_ALL);
    let of_its_category = read(&store, &slug(6, 0), of_category);
    assert!(lists(&store).is_empty());
    assert!(!related::keep_computed(&store).unwrap());
    let kept = lists(&store);
    let kinds: Vec<bool> = kept.iter().map(|list| list.same_category).collect();
    assert_eq!(kinds, [false, true]);
    assert_eq!(read(&store, &slug(6, 0), OF_ALL), shown);
    assert_eq!(read(&store, &slug(6, 0), of_category), of_its_category);
    // The article is in the queue as well, so that its list is computed once more.
    while related::tend(&store, Duration::from_secs(5)).unwrap() {}
    let after = lists(&store);
    assert!(after.len() > kept.len());
    assert!(kept.iter().all(|list| after.contains(list)), "{kept:?}");
}

#[rstest]
fn a_list_of_older_articles_alone_is_not_kept(#[values(Sqlite, Postgres)] kind: Kind) {
    let (_database, store) = unserved(kind);
    let older = RelatedRequest {
        include_newer: false,
        ..OF_ALL
    };
    read(&store, &slug(6, 5), older);
    related::keep_computed(&store).unwrap();
    assert!(lists(&store).is_empty());
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
