//! What batches of made-up articles change.

use proptest::{collection, prelude::*};

use super::*;
use crate::ranking::{
    forward::{Forward, Word},
    postings::Edit,
};

fn forward(terms: &[&str]) -> Forward {
    let word = |(place, term): (u32, &&str)| Word {
        term: (*term).to_owned(),
        weight: 3,
        places: vec![place],
    };
    Forward {
        language: "en".to_owned(),
        words: (0..).zip(terms).map(word).collect(),
        vector: vec![1, 2],
        written: "Harbour".to_owned(),
    }
}

fn waiting(pk: i64, published: bool, terms: Option<&[&str]>) -> Waiting<Vec<u8>> {
    Waiting {
        pk,
        published,
        forward: terms.map(|terms| forward(terms).encode()),
    }
}

fn before(pk: i64, published: bool, words: &str) -> HashMap<i64, Before> {
    let words = words.to_owned();
    HashMap::from([(pk, Before { published, words })])
}

fn all(mut gathering: Gathering<'_>) -> (Vec<Edits>, Batch<'_>) {
    let mut all = Vec::new();
    while let Some(edits) = gathering.next_edits() {
        all.extend(edits);
    }
    (all, gathering.finish())
}

fn gathered<'a>(
    waiting: &'a [Waiting<Vec<u8>>],
    before: &'a HashMap<i64, Before>,
) -> (Vec<Edits>, Batch<'a>) {
    all(Gathering::of(waiting, before).unwrap())
}

fn told(edits: &[Edits]) -> Vec<(&str, bool, Vec<i64>)> {
    let signed = |edit: &Edit| match edit {
        Edit::Put(posting) => posting.pk,
        Edit::Remove(pk) => -pk,
    };
    edits
        .iter()
        .map(|one| {
            let edits = one.edits.iter().map(signed).collect();
            (one.term.as_str(), one.published, edits)
        })
        .collect()
}

#[test]
fn a_new_article_is_put_under_its_terms() {
    let new = [waiting(4, true, Some(&["#day", "harbour"]))];
    let before = HashMap::new();
    let (edits, batch) = gathered(&new, &before);
    assert_eq!(
        told(&edits),
        [("#day", true, vec![4]), ("harbour", true, vec![4])]
    );
    assert_eq!(batch.documents[0].words, "#day harbour");
    assert_eq!(batch.shelves, [(false, 0), (true, 1)]);
    assert_eq!((batch.published, batch.hidden), (vec![4], vec![]));
    assert_eq!(batch.languages, BTreeSet::from(["en".to_owned()]));
}

#[test]
fn a_changed_article_leaves_the_terms_that_it_lost() {
    let changed = [waiting(4, true, Some(&["#day", "quay"]))];
    let before = before(4, true, "#day harbour");
    let (edits, batch) = gathered(&changed, &before);
    assert_eq!(
        told(&edits),
        [
            ("#day", true, vec![4]),
            ("harbour", true, vec![-4]),
            ("quay", true, vec![4])
        ]
    );
    assert_eq!(batch.shelves, [(false, 0), (true, 0)]);
}

#[test]
fn an_article_that_changes_shelves_leaves_all_its_terms() {
    let drafted = [waiting(4, false, Some(&["harbour"]))];
    let before = before(4, true, "harbour");
    let (edits, batch) = gathered(&drafted, &before);
    assert_eq!(
        told(&edits),
        [("harbour", false, vec![4]), ("harbour", true, vec![-4])]
    );
    assert_eq!(batch.shelves, [(false, 1), (true, -1)]);
    assert_eq!((batch.published, batch.hidden), (vec![], vec![4]));
}

#[test]
fn a_deleted_article_is_gone() {
    let deleted = [waiting(4, false, None)];
    let before = before(4, true, "harbour quay");
    let (edits, batch) = gathered(&deleted, &before);
    assert_eq!(
        told(&edits),
        [("harbour", true, vec![-4]), ("quay", true, vec![-4])]
    );
    assert_eq!((batch.gone, batch.hidden), (vec![4], vec![4]));
    assert!(batch.documents.is_empty());
    assert_eq!(batch.shelves, [(false, 0), (true, -1)]);
}

#[test]
fn an_article_that_the_index_never_had_goes_without_trace() {
    let unknown = [waiting(4, false, None)];
    let before = HashMap::new();
    let (edits, batch) = gathered(&unknown, &before);
    assert!(edits.is_empty());
    assert_eq!(batch.shelves, [(false, 0), (true, 0)]);
}

#[test]
fn stems_are_kept_once_and_for_words_of_letters() {
    let articles = [
        waiting(1, true, Some(&["#day", "2024", "running"])),
        waiting(2, true, Some(&["run", "running"])),
    ];
    let before = HashMap::new();
    let (_, batch) = gathered(&articles, &before);
    let stem = Stem {
        language: "en".to_owned(),
        stem: "run".to_owned(),
        term: "running".to_owned(),
    };
    assert_eq!(batch.stems, [stem]);
}

#[test]
fn a_language_without_stems_is_one_too() {
    let strange = Forward {
        language: "tlh".to_owned(),
        ..forward(&["harbours"])
    };
    let mut new = waiting(1, true, None);
    new.forward = Some(strange.encode());
    let before = HashMap::new();
    let (_, batch) = gathered(std::slice::from_ref(&new), &before);
    assert_eq!(batch.languages, BTreeSet::from(["tlh".to_owned()]));
    assert!(batch.stems.is_empty());
}

#[test]
fn bytes_that_are_none_of_ours_are_told() {
    let mut damaged = waiting(4, true, Some(&["harbour"]));
    damaged.forward.as_mut().unwrap().pop();
    let before = HashMap::new();
    let result = Gathering::of(std::slice::from_ref(&damaged), &before);
    assert!(matches!(result.err(), Some(StoreError::Corrupt(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn however_few_are_told_at_once_all_are_told(
        at_once in 1_usize..40,
        articles in collection::vec(
            (
                any::<[bool; 2]>(),
                collection::btree_set("[a-c]{1,3}", 0..9),
                prop::option::of(collection::btree_set("[a-c]{1,3}", 0..9)),
            ),
            0..30,
        ),
    ) {
        let mut known = HashMap::new();
        let mut new = Vec::new();
        for (pk, ([was_published, published], had, has)) in (1_i64..).zip(&articles) {
            let words: Vec<&str> = had.iter().map(String::as_str).collect();
            known.extend(before(pk, *was_published, &words.join(" ")));
            let has: Option<Vec<&str>> =
                has.as_ref().map(|has| has.iter().map(String::as_str).collect());
            new.push(waiting(pk, *published && has.is_some(), has.as_deref()));
        }
        let (few, batch) = all(Gathering::by(at_once, &new, &known).unwrap());
        let (many, same) = all(Gathering::by(usize::MAX, &new, &known).unwrap());
        prop_assert_eq!(batch, same);
        prop_assert!(few.is_sorted_by_key(|one| (one.term.clone(), one.published)));
        prop_assert_eq!(few, many);
    }
}
