//! Lists that have an article which is edited, and others that are looked for by two servers at
//! once. None runs meanwhile, so nothing is kept but what these tests keep.

use std::{thread, time::Duration};

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use newsstand::{
    model::{sight::Sight, slug::Key},
    store::{Store, StoreError, articles, related},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    related::{
        computed::{OF_ALL, read},
        corpus::{publication, slug, subject_of, text, words},
        items,
        learning::unserved,
        path,
        servers::lists,
        settle,
    },
    support::{App, Kind, Postgres, Sqlite, content::with, put},
};

pub fn tend(store: &Store) {
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
fn an_edited_article_has_what_is_near_to_its_new_text_at_once(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = App::with(kind, &publication());
    settle(&app);
    let of = |subject: &str| {
        let found = items(&app, &format!("{}?limit=5", path(&slug(6, 1))));
        let slugs = found
            .iter()
            .map(|one| one["article"]["slug"].as_str().unwrap());
        slugs.filter(|slug| subject_of(slug) == subject).count()
    };
    assert_eq!(of("mountain"), 5);
    for (subject, name) in [(1, "bread"), (3, "court"), (5, "opera")] {
        let body = text(&words(subject), 7, 9_000);
        let members = json!({"title": name, "body": {"text": body}});
        let path = format!("/v1/articles/{}", slug(6, 1));
        app.edit("PATCH", &path, &[("If-Match", "*")], &members)
            .ok();
        assert_eq!(of(name), 5);
    }
}

#[derive(QueryableByName)]
struct Queued {
    #[diesel(sql_type = BigInt)]
    article_pk: i64,
}

/// The articles that wait to be told to their neighbours, the oldest first.
fn queued(store: &Store) -> Vec<i64> {
    let found = store.rehearse_blocking(|connection| -> Result<Vec<Queued>, StoreError> {
        let query = "SELECT article_pk FROM related_queue ORDER BY article_pk";
        Ok(sql_query(query).load(connection)?)
    });
    let found = found.unwrap().into_iter();
    found.map(|queued| queued.article_pk).collect()
}

#[rstest]
fn neither_the_newest_nor_the_oldest_waits_long_to_be_told(#[values(Sqlite, Postgres)] kind: Kind) {
    let (_database, store) = unserved(kind);
    let before = queued(&store);
    assert_eq!(before.len(), 80);
    // There is time for one at a time.
    for _ in 0..2 {
        assert!(related::tend(&store, Duration::ZERO).unwrap());
    }
    assert_eq!(queued(&store), before[1..79]);
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
