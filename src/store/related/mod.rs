//! Related articles: those that an editor pinned, then the nearest by content, then fillers; read
//! for any number of articles in a fixed number of statements where their lists are kept.
//!
//! What is near is learned from the publication itself ([`learn()`]). Lists of neighbours are kept
//! and brought up to date in the background ([`tend()`]), and computed on the spot where there is
//! none, so that an answer is right at once; such a list is kept afterwards ([`keep_computed()`]).

mod computed;
mod content;
mod curated;
mod filler;
mod gather;
mod kept;
mod keys;
mod learn;
mod listed;
mod memory;
mod nearest;
mod reasons;
mod tags;
mod tend;
mod thin;

use std::collections::{HashMap, HashSet};

pub use computed::keep_computed;
pub use curated::{Curated, curate, curated, exclude, exclusions, pin, pins};
pub(in crate::store) use kept::{OUTDATED, is_list};
pub(in crate::store) use keys::note_all;
pub use keys::{ALL, MERGED, PARTS, tell_part};
pub use learn::{Learning, is_due, learn, learn_if_due, settle};
pub use memory::Memory;
pub(in crate::store) use memory::restore_state;
pub use tend::tend;

use crate::{
    model::{
        article::{Article, Status},
        related::Related,
    },
    store::{
        Reader,
        articles::{
            self,
            rows::{self, Facts},
        },
        connection::DbConnection,
        error::StoreError,
    },
};
use content::Chosen;
use curated::{all_exclusions, all_pins};
use nearest::{Constraint, Finder};
use thin::{Looked, Shown};

/// What is asked about related articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelatedRequest {
    /// From 1 to 50.
    pub limit: usize,
    /// Only of the same category.
    pub same_category: bool,
    /// Also such as are newer.
    pub include_newer: bool,
    /// After so many days between two articles, a score counts half; `None` where distance in
    /// time does not count.
    pub half_life_days: Option<u32>,
    /// Whether to tell what each score is made of.
    pub explain: bool,
}

/// Twelve, of any category and date.
impl Default for RelatedRequest {
    fn default() -> Self {
        Self {
            limit: 12,
            same_category: false,
            include_newer: true,
            half_life_days: None,
            explain: false,
        }
    }
}

/// The article that is asked about, and what editors said of it.
struct Asked {
    facts: Facts,
    is_published: bool,
    pins: Vec<i64>,
    excluded: HashSet<i64>,
}

impl Asked {
    fn constraint(&self, request: RelatedRequest) -> Constraint {
        let category = self.facts.category_pk;
        Constraint {
            category: category.filter(|_| request.same_category),
            not_newer_than: (!request.include_newer).then_some(self.facts.sort_at),
        }
    }

    /// Whether nothing will do, since it has no category.
    fn is_alone(&self, request: RelatedRequest) -> bool {
        request.same_category && self.facts.category_pk.is_none()
    }

    /// Whether a published article may be among the related ones.
    fn allows(&self, facts: &Facts, request: RelatedRequest) -> bool {
        facts.pk != self.facts.pk
            && !self.excluded.contains(&facts.pk)
            && !self.is_alone(request)
            && self.constraint(request).allows(facts)
    }
}

/// The related articles of each of `sources`, best first. Deterministic: ties go to the newer
/// article, then to the smaller id. Notes with the reader what they depend on beside the articles
/// that are shown.
pub fn of_articles(
    reader: &mut Reader<'_>,
    sources: &[Article],
    request: RelatedRequest,
) -> Result<HashMap<i64, Vec<Related>>, StoreError> {
    if sources.is_empty() {
        return Ok(HashMap::new());
    }
    let asked = asked(reader.connection, sources)?;
    let mut finder = Finder::new(reader)?;
    let chosen: HashMap<i64, Chosen> = content::chosen(reader, finder.as_mut(), &asked, request)?;
    let model = finder.as_ref().map(|finder| &*finder.model);
    let (shown, looked) = thin::thinned(reader.connection, model, &asked, &chosen, request)?;
    let asked: HashMap<i64, &Asked> = asked.iter().map(|one| (one.facts.pk, one)).collect();
    shaped(reader.connection, sources, &asked, &shown, &looked, request)
}

fn asked(connection: &mut DbConnection, sources: &[Article]) -> Result<Vec<Asked>, StoreError> {
    let pks: Vec<i64> = sources.iter().map(|article| article.row).collect();
    let is_published = |article: &&Article| article.status == Status::Published;
    let published: HashSet<i64> = sources
        .iter()
        .filter(is_published)
        .map(|article| article.row)
        .collect();
    let mut pins = all_pins(connection, &pks)?;
    let mut excluded = all_exclusions(connection, &pks)?;
    let facts = rows::facts(connection, pks)?;
    let asked = facts.into_iter().map(|facts| Asked {
        is_published: published.contains(&facts.pk),
        pins: pins.remove(&facts.pk).unwrap_or_default(),
        excluded: excluded.remove(&facts.pk).into_iter().flatten().collect(),
        facts,
    });
    Ok(asked.collect())
}

/// Reads the articles that are shown, and says why each is.
fn shaped(
    connection: &mut DbConnection,
    sources: &[Article],
    asked: &HashMap<i64, &Asked>,
    shown: &Shown,
    looked: &Looked<'_>,
    request: RelatedRequest,
) -> Result<HashMap<i64, Vec<Related>>, StoreError> {
    let pks: HashSet<i64> = shown.values().flatten().map(|one| one.facts.pk).collect();
    let mut all: Vec<i64> = pks.into_iter().collect();
    all.sort_unstable();
    let found: HashMap<i64, Article> = articles::published_by_rows(connection, &all)?
        .into_iter()
        .map(|article| (article.row, article))
        .collect();
    let mut shaped = HashMap::new();
    for source in sources {
        let Some(own) = asked.get(&source.row) else {
            continue;
        };
        let mut list = Vec::new();
        let mut last = u16::MAX;
        for choice in shown.get(&source.row).into_iter().flatten() {
            let Some(article) = found.get(&choice.facts.pk) else {
                continue;
            };
            // What was moved down for variety shows no more than what stands before it.
            last = last.min(choice.score);
            let evidence = request.explain.then(|| {
                let time = content::closeness(&own.facts, &choice.facts, request);
                reasons::evidence(looked, (source, &own.facts), (article, &choice.facts), time)
            });
            list.push(Related {
                score: f64::from(last) / 10_000.0,
                reasons: reasons::reasons(looked, source, article, choice.is_pinned),
                evidence: evidence.flatten(),
                article: article.clone(),
            });
        }
        shaped.insert(source.row, list);
    }
    Ok(shaped)
}
