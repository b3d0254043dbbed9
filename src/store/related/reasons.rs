//! Why an article is related to another, in words for readers and in figures for editors.

use std::collections::HashMap;

use crate::{
    model::{
        article::Article,
        related::{Evidence, Reason, SharedTerm},
    },
    ranking::{
        model::{Beside, Model},
        vector::{TERMS_AT_MOST, Vector},
    },
    store::{
        articles::rows::Facts,
        related::{
            nearest::is_same_category,
            thin::{Looked, Words},
        },
    },
};

/// Shared words that readers are told.
const TERMS_TOLD: usize = 5;
/// Shared words that editors are told.
const TERMS_EXPLAINED: usize = 20;

/// The reasons, the strongest kinds first.
pub(super) fn reasons(
    looked: &Looked<'_>,
    source: &Article,
    related: &Article,
    is_pinned: bool,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if is_pinned {
        reasons.push(Reason::Pinned);
    }
    let terms = shared_terms(looked, source.row, related.row);
    if !terms.is_empty() {
        reasons.push(Reason::SharedTerms(terms));
    }
    let tags: Vec<String> = source
        .tags
        .iter()
        .filter(|tag| related.tags.contains(tag))
        .map(|tag| tag.name.clone())
        .collect();
    if !tags.is_empty() {
        reasons.push(Reason::SharedTags(tags));
    }
    if let Some(category) = &source.category
        && related.category.as_ref() == Some(category)
    {
        reasons.push(Reason::SameCategory(category.name.clone()));
    }
    let authors: Vec<String> = source
        .authors
        .iter()
        .filter(|author| related.authors.contains(author))
        .map(|author| author.name.clone())
        .collect();
    if !authors.is_empty() {
        reasons.push(Reason::SameAuthor(authors));
    }
    reasons
}

/// The telling words of both, as the source writes them.
fn shared_terms(looked: &Looked<'_>, source: i64, related: i64) -> Vec<String> {
    let (Some(model), Some(own), Some((vector, _))) = (
        looked.model,
        looked.sources.get(&source),
        looked.others.get(&related),
    ) else {
        return Vec::new();
    };
    let mut terms: Vec<String> = Vec::new();
    for place in model.shared(&own.vector, vector, TERMS_TOLD) {
        if let Some(word) = own.written.get(usize::from(place))
            && !terms.contains(word)
        {
            terms.push(word.clone());
        }
    }
    terms
}

/// What the score of one article for another is made of; `None` where nothing is known of either.
pub(super) fn evidence(
    looked: &Looked<'_>,
    (source, own_facts): (&Article, &Facts),
    (related, facts): (&Article, &Facts),
    time: f64,
) -> Option<Evidence> {
    let model = looked.model?;
    let own = looked.sources.get(&source.row)?;
    let (vector, prepared) = looked.others.get(&related.row)?;
    let channels = model.channels(&own.prepared, prepared);
    let beside = Beside {
        same_category: is_same_category(own_facts, facts),
        shared_tags: tags_in_common(source, related),
    };
    let score = |beside: Beside| {
        let score = model.score(&own.prepared, prepared, channels, beside);
        f64::from(score) / 10_000.0
    };
    let content = score(Beside::default());
    let filed = score(Beside {
        shared_tags: 0.0,
        ..beside
    });
    let whole = score(beside);
    Some(Evidence {
        terms: weighed(model, own, vector),
        lexical: rounded(channels.lexical),
        topic: rounded(channels.topic.max(0.0)),
        category: rounded(filed - content),
        tags: rounded(whole - filed),
        time: rounded(time),
        total: rounded(whole * time),
    })
}

/// How many tags of two articles are of both, from 0 to 1 (Jaccard).
#[expect(clippy::cast_precision_loss, reason = "an article has few tags")]
fn tags_in_common(one: &Article, other: &Article) -> f64 {
    let shared = one.tags.iter().filter(|tag| other.tags.contains(tag));
    let shared = shared.count();
    let all = (one.tags.len() + other.tags.len()).saturating_sub(shared);
    shared as f64 / all.max(1) as f64
}

/// The words of both, and what each adds to the likeness of words.
fn weighed(model: &Model, own: &Words, other: &Vector) -> Vec<SharedTerm> {
    let (of_own, of_other) = (weights(model, &own.vector), weights(model, other));
    let terms = &own.vector.terms;
    let ids: HashMap<u8, u32> = terms.iter().map(|term| (term.place, term.id)).collect();
    let shared = model.shared(&own.vector, other, TERMS_EXPLAINED);
    let weighed = shared.into_iter().filter_map(|place| {
        let id = ids.get(&place)?;
        Some(SharedTerm {
            term: own.written.get(usize::from(place))?.clone(),
            weight: rounded(of_own.get(id)? * of_other.get(id)?),
        })
    });
    weighed.collect()
}

/// The weight of each term, by its id, as a share of the whole.
fn weights(model: &Model, vector: &Vector) -> HashMap<u32, f64> {
    let ids: HashMap<u8, u32> = vector
        .terms
        .iter()
        .map(|term| (term.place, term.id))
        .collect();
    let strongest = model.strongest(vector, TERMS_AT_MOST);
    let squares = strongest
        .iter()
        .map(|telling| f64::from(telling.weight).powi(2));
    let length = squares.sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    let weights = strongest
        .iter()
        .filter_map(|telling| Some((*ids.get(&telling.word)?, f64::from(telling.weight) / length)));
    weights.collect()
}

/// To ten-thousandths, as scores are.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
