//! Lists that have an article which is edited, and others that are looked for by two servers at
//! once. None runs meanwhile, so nothing is kept but what these tests keep.

use std::{thread, time::Duration};

use diesel::{RunQueryDsl, sql_query};
use newsstand::{
    model::{sight::Sight, slug::Key},
    store::{Store, articles, related},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    related::{
        computed::{OF_ALL, read},
        corpus::{publication, slug},
        learning::unserved,
        servers::lists,
    },
    support::{Kind, Postgres, Sqlite, content::with, put},
};

fn tend(store: &Store) {
    while related::tend(store, Duration::from_secs(5)).unwrap() {}
}

/// The article of the publication that has this row.
fn of_row(store: &Store, row: i64) -> Value {
    let has_it = |article: &Value| {
        let key = Key::new(article["slug"].as_str().unwrap());
        let found = store.read_blocking(Sight::Public, |reader| {
            Ok(articles::by_key(reader, &key, false)?.here().unwrap().row)
        });
        found.unwrap().value == row
    };
    publication().into_iter().find(has_it).unwrap()
}

#[rstest]
fn an_edited_article_does_not_stay_in_lists_that_are_not_told_of_it(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (database, store) = unserved(kind);
    tend(&store);
    let source = slug(1, 1);
    let (nearest, score) = read(&store, &source, OF_ALL)[0];
    assert!(score > 0.1, "{score}");
    // As if its own list had never had the other one.
    database.execute(&format!(
        "DELETE FROM related_lists WHERE article_pk = {nearest}"
    ));
    let members = json!({
        "title": "Quokka",
        "summary": null,
        "tags": [],
        "body": {"text": "Quokka marmalade wobbles beneath lavender umbrellas. ".repeat(12)},
    });
    let edited = with(of_row(&store, nearest), members);
    assert_eq!(put(&store, &[edited]).updated, 1);
    tend(&store);
    let shown = read(&store, &source, OF_ALL);
    let its = shown.iter().find(|(row, _)| *row == nearest);
    assert!(its.is_none_or(|(_, score)| *score < 0.05), "{shown:?}");
    // Its list is found anew, and is right then.
    let before = lists(&store);
    tend(&store);
    let kept = lists(&store);
    assert!(kept != before);
    assert_eq!(read(&store, &source, OF_ALL), shown);
    tend(&store);
    assert!(lists(&store) == kept, "lists were kept anew");
}

#[rstest]
fn a_list_is_not_kept_over_what_another_server_told_since_it_was_found(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (database, store) = unserved(kind);
    let other = Store::open(&database.options()).unwrap();
    tend(&store);
    let all = lists(&store).len();
    let of_one = "SELECT pk FROM articles WHERE slug = 'mountain-0'";
    database.execute(&format!(
        "INSERT INTO related_queue (article_pk) {of_one}; \
         DELETE FROM related_lists WHERE article_pk IN ({of_one})"
    ));
    let tending = other.write_blocking(|connection| {
        let store = store.clone();
        let tending = thread::spawn(move || related::tend(&store, Duration::from_secs(5)));
        // By then it has found the list, and waits for its turn to write.
        thread::sleep(Duration::from_secs(2));
        sql_query("UPDATE related_state SET told = told + 1").execute(connection)?;
        Ok(tending)
    });
    let more = tending.unwrap().join().unwrap().unwrap();
    assert!(more);
    assert_eq!(lists(&store).len(), all - 1);
    tend(&store);
    assert_eq!(lists(&store).len(), all);
}
