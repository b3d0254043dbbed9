//! What is told of categories, and what depends on it.

use std::{collections::BTreeSet, thread, time::Duration};

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use newsstand::{
    model::{
        article::{ArticleFilter, ArticleSort},
        page::PageRequest,
        sight::Sight,
        time::UtcTime,
    },
    store::{Store, StoreError, articles},
};
use rstest::rstest;
use serde_json::json;

use crate::{
    invalidation::{Pair, at_last, holds, tag},
    support::{
        App, Kind, Postgres, Sqlite,
        content::{article, forty, with},
        put,
    },
};

/// How the keys of what lies in categories begin.
const FILED: &str = "in-category-";

#[derive(QueryableByName)]
struct Note {
    #[diesel(sql_type = Text)]
    keys: String,
}

fn named(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The articles of some categories.
fn of(categories: &[&str]) -> ArticleFilter {
    ArticleFilter {
        category: named(categories),
        ..ArticleFilter::default()
    }
}

/// What a list depends on beside what it shows: the keys of categories are only counted.
fn depends_on(store: &Store, filter: &ArticleFilter) -> (usize, Vec<String>) {
    let keys = keys(store, filter);
    let (filed, others): (Vec<String>, Vec<String>) =
        keys.into_iter().partition(|key| key.starts_with(FILED));
    (filed.len(), others)
}

fn keys(store: &Store, filter: &ArticleFilter) -> BTreeSet<String> {
    let request = PageRequest {
        limit: 20,
        ..PageRequest::default()
    };
    let read = store.read_blocking(Sight::Public, |reader| {
        articles::list(reader, filter, ArticleSort::default(), &request, false)?;
        Ok(reader.take_hidden_keys())
    });
    read.unwrap().value
}

/// The key of what lies in a category that has none below it.
fn key(store: &Store, category: &str) -> String {
    let mut keys = keys(store, &of(&[category])).into_iter();
    let key = keys.find(|key| key.starts_with(FILED));
    key.unwrap()
}

#[rstest]
fn a_list_of_categories_depends_on_what_lies_in_them(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    put(&pair.there, &forty());
    let all = named(&["articles", "authors", "categories", "tags"]);
    let own = named(&["categories"]);
    let climate = named(&["climate"]);
    let tagged = ArticleFilter {
        tag: climate.clone(),
        ..of(&["world"])
    };
    let untagged = ArticleFilter {
        exclude_tag: climate.clone(),
        exclude_category: named(&["europe"]),
        ..of(&["world"])
    };
    let elsewhere = ArticleFilter {
        exclude_category: named(&["sport"]),
        ..ArticleFilter::default()
    };
    let of_tag = ArticleFilter {
        tag: climate,
        ..ArticleFilter::default()
    };
    for (filter, expected) in [
        (of(&["world"]), (3, own.clone())),
        (of(&["nordic", "sport"]), (2, own.clone())),
        (of(&["nowhere"]), (0, own)),
        (tagged, (3, named(&["categories", "tags"]))),
        (untagged, (1, named(&["categories", "tags"]))),
        (elsewhere, (0, all.clone())),
        (of_tag, (0, all.clone())),
        (of(&[]), (0, all)),
    ] {
        assert_eq!(depends_on(&pair.here, &filter), expected, "{filter:?}");
    }
}

/// Waits till one process has read what the other wrote so far.
fn seen(pair: &Pair) {
    let before = pair.now();
    let last = tag(&pair.there, "Last");
    pair.soon(before, &last);
}

#[rstest]
fn an_import_tells_of_each_category_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    put(&pair.there, &forty());
    let notes = pair
        .there
        .rehearse_blocking(|connection| -> Result<Vec<Note>, StoreError> {
            let query = "SELECT keys FROM invalidations WHERE keys LIKE 'in-category-%'";
            Ok(sql_query(query).load(connection)?)
        });
    let notes = notes.unwrap();
    let told = notes.iter().map(|note| note.keys.split(' ').count());
    assert_eq!(told.collect::<Vec<_>>(), [4]);
    let (sport, nordic) = (key(&pair.here, "sport"), key(&pair.here, "nordic"));
    seen(&pair);
    let new = |slug: &str, status: &str| {
        let members = json!({"status": status, "category": "Sport"});
        put(&pair.there, &[with(article(slug, 50), members)]);
    };
    let before = pair.now();
    new("new", "published");
    pair.soon(before, &sport);
    assert!(pair.holds(before, &nordic));
    let before = pair.now();
    new("draft", "draft");
    // Nothing tells when nothing will be told: what is written next comes after it.
    let next = tag(&pair.there, "Sea");
    pair.soon(before, &next);
    assert!(pair.holds(before, &sport));
}

#[rstest]
fn a_category_is_told_of_whoever_changes_what_lies_in_it(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    put(&pair.there, &forty());
    let (sport, nordic) = (key(&pair.here, "sport"), key(&pair.here, "nordic"));
    seen(&pair);
    let before = pair.now();
    // As a server of an older version does, or someone by hand.
    pair.database
        .execute("UPDATE articles SET featured = NOT featured WHERE slug = 'a3'");
    pair.soon(before, &sport);
    assert!(pair.holds(before, &nordic));
    // It is told for good with whatever is written next.
    let before = pair.now();
    let next = tag(&pair.there, "Sea");
    pair.soon(before, &next);
    thread::sleep(Duration::from_millis(300));
    let before = pair.now();
    thread::sleep(Duration::from_millis(900));
    assert!(pair.holds(before, &sport));
}

#[rstest]
fn a_category_is_told_of_what_goes_live_by_itself(#[values(Sqlite, Postgres)] kind: Kind) {
    let filed = |slug: &str| with(article(slug, 1), json!({"category": "Sport"}));
    let app = App::with(kind, &[filed("one")]);
    let (made, _) = app.create(&filed("two"));
    assert_eq!(made["status"], "draft");
    let sport = key(&app.store, "sport");
    let before = app.store.invalidation().now();
    let due = UtcTime::from_millis(UtcTime::now().millis() + 2_000).unwrap();
    let at = json!({"at": due.to_string()});
    app.edit("POST", "/v1/articles/two/schedule", &[], &at).ok();
    assert!(holds(&app.store, before, &sport));
    at_last(&app.store, before, &sport);
    assert_eq!(app.slugs("/v1/articles?category=sport").len(), 2);
}
