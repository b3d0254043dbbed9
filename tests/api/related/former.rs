//! What holds behind a learning, and for how long. No server runs meanwhile, so nothing is kept but
//! what these tests keep.

use newsstand::{
    model::{sight::Sight, slug::Key},
    store::{
        Store, articles,
        related::{self, Learning, RelatedRequest},
    },
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    related::{
        computed::{OF_ALL, OF_CATEGORY, read, told},
        corpus::{of_words, slug, words},
        edited::tend,
        learning::{rewritten, state, unserved},
        servers::{List, lists},
        told::depends_on,
    },
    support::{
        Kind, Postgres, Sqlite,
        content::{article, with},
        database::Database,
        put,
    },
};

/// The newest articles, of which lists are found at once behind a learning.
const NOTES: usize = 100;
const EXPLAINED: RelatedRequest = RelatedRequest {
    explain: true,
    ..OF_ALL
};

/// A publication that was learned and takes itself for a large one, in which the newest articles
/// are notes.
fn large(kind: Kind) -> (Database, Store) {
    let (database, store) = unserved(kind);
    database.execute("UPDATE index_shelves SET articles = articles + 2000 WHERE published");
    let note = |number: usize| {
        let text = format!("Note number w{number} of day w{}.", number % 90);
        with(
            article(&format!("note-{number}"), 50),
            json!({"title": "Note", "summary": null, "body": {"text": text}}),
        )
    };
    let notes: Vec<Value> = (0..NOTES).map(note).collect();
    put(&store, &notes);
    let fitted = state(&store).fitted_articles;
    assert_eq!(fitted, 2_180);
    tend(&store);
    (database, store)
}

/// Has a reader look for the list of an article, and keeps it.
fn keep(store: &Store, slug: &str, request: RelatedRequest) {
    read(store, slug, request);
    assert!(!related::keep_computed(store).unwrap());
}

/// Whether what is nearest is looked for as it is read: then any article may change what is found.
fn is_looked_for(store: &Store, slug: &str, request: RelatedRequest) -> bool {
    let request = RelatedRequest {
        limit: 1,
        ..request
    };
    depends_on(store, slug, request).contains("articles")
}

/// When the lists were found that are kept of an article.
fn epochs(store: &Store, lists: &[List], slug: &str) -> Vec<i64> {
    let of_it = |list: &&List| row_of(store, slug) == list.article_pk;
    lists.iter().filter(of_it).map(|list| list.epoch).collect()
}

fn row_of(store: &Store, slug: &str) -> i64 {
    let key = Key::new(slug);
    let found = store.read_blocking(Sight::Public, |reader| {
        Ok(articles::by_key(reader, &key, false)?.here().unwrap().row)
    });
    found.unwrap().value
}

#[rstest]
fn among_many_articles_a_list_holds_until_it_is_found_anew(#[values(Sqlite, Postgres)] kind: Kind) {
    let (_database, store) = large(kind);
    let (asked, unasked) = (slug(6, 0), slug(2, 0));
    let shown = read(&store, &asked, OF_ALL);
    let first = state(&store).epoch;
    related::learn(&store).unwrap();
    assert!(!is_looked_for(&store, &asked, OF_ALL));
    assert_eq!(read(&store, &asked, OF_ALL), shown);
    assert_eq!(epochs(&store, &lists(&store), &asked), [first]);
    // It was asked for, so it is found anew; the other one was not.
    tend(&store);
    let kept = lists(&store);
    assert_eq!(epochs(&store, &kept, &asked), [first + 1]);
    assert_eq!(epochs(&store, &kept, &unasked), [first]);
    tend(&store);
    assert!(lists(&store) == kept, "lists were kept anew");
    // What was found before the last but one is too old.
    related::learn(&store).unwrap();
    assert!(!is_looked_for(&store, &asked, OF_ALL));
    assert!(is_looked_for(&store, &unasked, OF_ALL));
}

#[rstest]
fn among_few_articles_all_lists_end_with_a_learning(#[values(Sqlite, Postgres)] kind: Kind) {
    let (_database, store) = unserved(kind);
    keep(&store, &slug(6, 0), OF_ALL);
    assert!(!is_looked_for(&store, &slug(6, 0), OF_ALL));
    related::learn(&store).unwrap();
    assert!(is_looked_for(&store, &slug(6, 0), OF_ALL));
}

#[rstest]
fn a_server_that_has_learned_tells_caches_part_by_part(#[values(Sqlite, Postgres)] kind: Kind) {
    let (database, store) = large(kind);
    let depends = [slug(6, 0), slug(2, 0)].map(|slug| depends_on(&store, &slug, OF_ALL));
    database.execute("UPDATE related_state SET changed = 2000");
    let before = told(&store).len();
    assert_eq!(related::learn_if_due(&store).unwrap(), Learning::Untold);
    assert_eq!(told(&store).len(), before);
    for part in 0..related::PARTS {
        related::tell_part(&store, part).unwrap();
    }
    let told = told(&store).split_off(before);
    assert_eq!(told.len(), usize::from(related::PARTS));
    for keys in depends {
        let its = told.iter().filter(|key| keys.contains(*key));
        assert_eq!(its.count(), 1, "{keys:?}");
    }
}

#[rstest]
fn a_score_that_is_explained_is_of_what_was_learned_last(#[values(Sqlite, Postgres)] kind: Kind) {
    let (_database, store) = large(kind);
    assert!(!is_looked_for(&store, &slug(6, 0), EXPLAINED));
    related::learn(&store).unwrap();
    assert!(is_looked_for(&store, &slug(6, 0), EXPLAINED));
    assert!(!related::keep_computed(&store).unwrap());
    assert!(!is_looked_for(&store, &slug(6, 0), EXPLAINED));
}

#[rstest]
fn caches_are_told_of_a_list_that_takes_the_place_of_another_from_before(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (database, store) = large(kind);
    let (other, same) = (slug(6, 0), slug(2, 0));
    // As if it had been none before.
    let empty = match kind {
        Sqlite => "x'00'",
        Postgres => "'\\x00'",
    };
    let row = row_of(&store, &other);
    database.execute(&format!(
        "UPDATE related_lists SET entries = {empty} WHERE article_pk = {row}"
    ));
    related::learn(&store).unwrap();
    let before = told(&store).len();
    for slug in [&other, &same] {
        read(&store, slug, EXPLAINED);
    }
    assert!(!related::keep_computed(&store).unwrap());
    let told = told(&store).split_off(before);
    let keys = depends_on(&store, &other, OF_ALL);
    assert_eq!(told.len(), 1);
    assert!(keys.contains(&told[0]), "{told:?}");
}

#[rstest]
fn a_list_from_before_has_no_article_as_it_was_before_it_was_edited(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (_database, store) = large(kind);
    let source = slug(6, 0);
    let shown = read(&store, &source, OF_ALL);
    let edited = row_of(&store, &slug(6, 1));
    assert!(shown.iter().any(|(row, _)| *row == edited), "{shown:?}");
    let members = json!({
        "title": "Quokka",
        "summary": null,
        "tags": [],
        "body": {"text": "Quokka marmalade wobbles beneath lavender umbrellas. ".repeat(12)},
    });
    let article = with(rewritten(14..15).remove(0), members);
    assert_eq!(article["slug"], json!(slug(6, 1)));
    assert_eq!(put(&store, &[article]).updated, 1);
    for _ in 0..2 {
        let shown = read(&store, &source, OF_ALL);
        let its = shown.iter().find(|(row, _)| *row == edited);
        assert!(its.is_none_or(|(_, score)| *score < 0.05), "{shown:?}");
        related::learn(&store).unwrap();
    }
}

#[rstest]
fn a_new_article_enters_lists_of_its_category_that_are_kept(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (_database, store) = unserved(kind);
    let source = slug(6, 0);
    tend(&store);
    keep(&store, &source, OF_CATEGORY);
    let of_category = |store: &Store| {
        let lists = lists(store).into_iter();
        let is_it = |list: &List| list.same_category;
        lists.filter(is_it).collect::<Vec<List>>()
    };
    let before = of_category(&store);
    assert_eq!(before.len(), 1);
    let new = with(
        of_words("mountain-new", 20, &words(6), 7_001),
        json!({"category": "Morning"}),
    );
    put(&store, &[new]);
    let row = row_of(&store, "mountain-new");
    tend(&store);
    assert!(of_category(&store) != before, "{before:?}");
    let shown = read(&store, &source, OF_CATEGORY);
    assert!(shown.iter().any(|(other, _)| *other == row), "{shown:?}");
}
