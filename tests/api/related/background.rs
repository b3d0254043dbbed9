//! New articles reach the lists of others, and hidden ones leave them.

use rstest::rstest;
use serde_json::json;

use crate::{
    related::{
        corpus::{of_words, publication, subject_of, words},
        path, publish, settle, soon,
    },
    support::{App, Kind, Postgres, Sqlite, content::with},
};

#[rstest]
fn a_new_article_enters_the_lists_of_its_neighbours(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &publication());
    settle(&app);
    let has = |of: &str, what: &str| {
        let found = app.slugs(&format!("{}?limit=12", path(of)));
        found.contains(&what.to_owned())
    };
    let new = with(
        of_words("mountain-new", 50, &words(6), 7_001),
        json!({"status": "published"}),
    );
    app.create(&new);
    // Its own list is right at once.
    let own = app.slugs(&format!("{}?limit=5", path("mountain-new")));
    assert!(
        own.iter().all(|slug| subject_of(slug) == "mountain"),
        "{own:?}"
    );
    soon("its neighbours know it", || {
        has("mountain-0", "mountain-new") && has("mountain-5", "mountain-new")
    });
    assert!(!has("money-0", "mountain-new"));
    // A hidden article is gone at once, and back soon.
    publish(&app, "mountain-new", "unpublish");
    assert!(!has("mountain-0", "mountain-new"));
    assert!(!has("mountain-5", "mountain-new"));
    publish(&app, "mountain-new", "publish");
    soon("it is back", || has("mountain-0", "mountain-new"));
}

#[rstest]
fn an_article_that_changes_its_subject_changes_its_neighbours(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = App::with(kind, &publication());
    settle(&app);
    let has = |of: &str, limit: usize| {
        let found = app.slugs(&format!("{}?limit={limit}", path(of)));
        found.contains(&"bread-3".to_owned())
    };
    assert!(has("bread-1", 9));
    let made = of_words("bread-3", 3, &words(7), 8_002);
    let changed = json!({"title": made["title"], "body": made["body"]});
    app.edit(
        "PATCH",
        "/v1/articles/bread-3",
        &[("If-Match", "*")],
        &changed,
    )
    .ok();
    let own = app.slugs(&format!("{}?limit=12", path("bread-3")));
    assert_eq!(own.len(), 12);
    soon("it has other neighbours", || {
        let own = app.slugs(&format!("{}?limit=5", path("bread-3")));
        own.iter().all(|slug| subject_of(slug) == "money")
    });
    soon("its new neighbours know it", || has("money-2", 10));
    soon("its former ones have forgotten it", || !has("bread-1", 8));
}

#[rstest]
fn a_publication_that_begins_is_learned_as_it_grows(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    for (number, subject) in [0, 1, 2, 0, 1, 2, 0, 1].into_iter().enumerate() {
        let slug = format!("s{subject}-{number}");
        let made = of_words(&slug, number as i64, &words(subject), 40 + number as u64);
        app.create(&with(made, json!({"status": "published"})));
    }
    // It is filled up from the first moment on.
    assert_eq!(app.slugs(&path("s0-0")).len(), 7);
    soon("subjects are told apart", || {
        let first = app.slugs(&format!("{}?limit=2", path("s0-0")));
        first.iter().all(|slug| subject_of(slug) == "s0")
    });
    assert_eq!(app.slugs(&path("s0-0")).len(), 7);
}
