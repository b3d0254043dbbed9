//! Tags count as the articles have them, wherever their neighbours were looked for. No server runs
//! meanwhile, so no list is kept but those that these tests keep.

use std::{collections::BTreeMap, time::Duration};

use newsstand::{
    model::{article::Article, related::Related, sight::Sight, slug::Key},
    store::{
        Store, articles,
        related::{self, RelatedRequest},
    },
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    related::{
        computed::OF_ALL,
        corpus::{publication, subject_of},
        learning::unserved,
    },
    support::{
        Kind, Postgres, Sqlite,
        content::{article, with},
        database::Database,
        put,
    },
};

/// With these and the rest of the publication, more than are all compared.
const NOTES: usize = 1_450;

/// An article of the publication with other tags than it has in it.
fn tagged(slug: &str, tags: &[&str]) -> Value {
    let all = publication().into_iter();
    let mut of_slug = all.filter(|article| article["slug"] == slug);
    with(of_slug.next().unwrap(), json!({"tags": tags}))
}

/// A publication that was learned, and so many notes with a tag that few others have.
fn filled(kind: Kind, notes: usize) -> (Database, Store) {
    let (database, store) = unserved(kind);
    // Or it would be learned anew.
    database.execute("UPDATE related_state SET fitted_articles = 100000");
    let note = |number: usize| {
        let members = json!({
            "title": format!("Note {number}"),
            "summary": null,
            "tags": ["Everywhere"],
            "body": {"text": format!("This is note {number}.")},
        });
        with(article(&format!("note-{number}"), 5), members)
    };
    let mut articles: Vec<Value> = (0..notes).map(note).collect();
    articles.extend([
        tagged("mountain-0", &["Alps", "Everywhere"]),
        tagged("mountain-1", &["Weather", "Alps", "Long"]),
        tagged("mountain-2", &["Everywhere", "Alps"]),
        tagged("mountain-3", &[]),
        tagged("bread-0", &[]),
    ]);
    put(&store, &articles);
    (database, store)
}

/// An article that is shown with another.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    slug: String,
    score: f64,
    /// What content makes of it, and what of that is for tags, as told by the articles as they are.
    total: f64,
    tags: f64,
}

impl Shown {
    fn new(one: &Related) -> Self {
        let evidence = one.evidence.as_ref().unwrap();
        Self {
            slug: one.article.slug.clone(),
            score: one.score,
            total: evidence.total,
            tags: evidence.tags,
        }
    }
}

/// What is shown with these articles, which are asked about together.
fn shown(store: &Store, slugs: &[&str]) -> BTreeMap<String, Vec<Shown>> {
    let keys: Vec<Key> = slugs.iter().map(|slug| Key::new(slug)).collect();
    let request = RelatedRequest {
        explain: true,
        ..OF_ALL
    };
    let read = store.read_blocking(Sight::Public, |reader| {
        let mut sources: Vec<Article> = Vec::new();
        for key in &keys {
            sources.push(articles::by_key(reader, key, false)?.here().unwrap());
        }
        let mut related = related::of_articles(reader, &sources, request)?;
        let of_source = |source: Article| {
            let list = related.remove(&source.row).unwrap();
            let list: Vec<Shown> = list.iter().map(Shown::new).collect();
            (source.slug, list)
        };
        Ok(sources.into_iter().map(of_source).collect())
    });
    read.unwrap().value
}

/// Those of the same subject score what content makes of them, unless what stands before them
/// scores less; what stands behind them may only fill up.
fn assert_right(source: &str, list: &[Shown]) {
    let mut last = 1.0_f64;
    let mut of_subject = 0;
    for one in list {
        last = last.min(one.total);
        if subject_of(&one.slug) == subject_of(source) {
            assert_eq!(one.score, last, "{source}: {list:#?}");
            of_subject += 1;
        }
    }
    assert!(of_subject > 5, "{source}: {list:#?}");
}

/// What tags add to one of these.
fn tags(list: &[Shown], slug: &str) -> f64 {
    let mut of_slug = list.iter().filter(|one| one.slug == slug);
    of_slug.next().unwrap().tags
}

const SOURCES: [&str; 3] = ["mountain-0", "mountain-4", "bread-0"];

#[rstest]
fn tags_that_are_shared_count_and_no_others(
    #[values(Sqlite, Postgres)] kind: Kind,
    #[values(0, NOTES)] notes: usize,
) {
    let (_database, store) = filled(kind, notes);
    let together = shown(&store, &SOURCES);
    for source in SOURCES {
        assert_right(source, &together[source]);
        // Nothing of the one before is taken for its own.
        assert_eq!(shown(&store, &[source])[source], together[source]);
    }
    let of_two = &together["mountain-0"];
    assert!(tags(of_two, "mountain-1") > 0.0, "{of_two:#?}");
    assert!(tags(of_two, "mountain-2") > 0.0, "{of_two:#?}");
    assert_eq!(tags(of_two, "mountain-3"), 0.0, "{of_two:#?}");
    let of_none = &together["bread-0"];
    assert!(of_none.iter().all(|one| one.tags == 0.0), "{of_none:#?}");
}

#[rstest]
fn tags_that_have_changed_count_in_lists_that_were_kept_before(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (_database, store) = filled(kind, 0);
    while related::tend(&store, Duration::from_secs(5)).unwrap() {}
    let edited = [
        tagged("mountain-1", &["Weather"]),
        tagged("mountain-3", &["Alps"]),
        tagged("bread-3", &["Weather", "Alps"]),
    ];
    assert_eq!(put(&store, &edited).updated, 3);
    let together = shown(&store, &SOURCES);
    for source in SOURCES {
        assert_right(source, &together[source]);
    }
    let of_two = &together["mountain-0"];
    assert_eq!(tags(of_two, "mountain-1"), 0.0, "{of_two:#?}");
    assert!(tags(of_two, "mountain-3") > 0.0, "{of_two:#?}");
}
