//! Full-text search: what a query finds in the index, best first, and pages of it.
//!
//! The index lies in ordinary tables ([`crate::store::index`]) and all reckoning is done here in
//! whole numbers, so that a search finds the same articles in the same order with the same scores
//! on SQLite and on Postgres.

mod clauses;
mod facets;
mod forms;
mod lists;
mod page;
mod rank;
mod sorted;
mod spelling;

pub use facets::FacetChoice;
pub(in crate::store) use facets::facets;
pub(in crate::store) use page::{narrow, page};
pub(in crate::store) use rank::Hit;
pub(in crate::store) use sorted::sorted;

use crate::{
    model::{
        article::Article,
        marked::Marked,
        page::{Page, SortValue},
        search::{Basis, Facets, SearchQuery},
    },
    ranking::{forward::DAY, lists::List},
    store::{Reader, error::StoreError, index::Snapshot, search::clauses::Together},
};

/// Most articles named in one `IN`: where there are more, all that may be seen are read.
pub(in crate::store) const NAMED_AT_MOST: usize = 2_000;

/// An article that a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The article itself.
    pub article: Article,
    /// Where it stands among the hits.
    pub place: SortValue,
    /// How well it fits, from 0 to 1.
    pub score: f64,
}

/// A page of hits, and what tells why they are hits.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The hits of this page.
    pub page: Page<Found>,
    /// What they are ranked by, and which words were put right.
    pub basis: Basis,
    /// The words that count as hits.
    pub marked: Marked,
    /// Counts of all hits, where they were asked for.
    pub facets: Option<Facets>,
}

/// A search to be looked up.
pub(in crate::store) struct Asked<'a> {
    /// What is asked.
    pub(in crate::store) query: &'a SearchQuery,
    /// Languages whose inflections count; all that there are when empty.
    pub(in crate::store) languages: &'a [String],
    /// What an earlier page was ranked by.
    pub(in crate::store) basis: Option<&'a Basis>,
    /// Whether a word that stands nowhere is put right.
    pub(in crate::store) corrects: bool,
}

/// All that a search finds, before any filter.
pub(in crate::store) struct Matches {
    /// By row; the weight is the sum over the wanted clauses.
    sums: List,
    snapshot: Snapshot,
    /// What the hits are ranked by.
    pub(in crate::store) basis: Basis,
    /// The words that count as hits.
    pub(in crate::store) marked: Marked,
}

impl Matches {
    /// Looks a search up in the index.
    pub(in crate::store) fn find(
        reader: &mut Reader<'_>,
        asked: &Asked<'_>,
    ) -> Result<Self, StoreError> {
        let snapshot = Snapshot::open(reader)?;
        reader.go_on()?;
        let connection = &mut *reader.connection;
        let weights = asked.basis.map(|basis| basis.weights.as_slice());
        let mut corrections = match asked.basis {
            Some(basis) => basis.corrections.clone(),
            None => Vec::new(),
        };
        let mut query = asked.query.corrected(&corrections);
        let mut found = Together::find(connection, &snapshot, &query, asked.languages, weights)?;
        if asked.corrects && asked.basis.is_none() && !found.empty.is_empty() {
            corrections = spelling::corrections(connection, &snapshot, &query, &found.empty)?;
            if !corrections.is_empty() {
                query = query.corrected(&corrections);
                found = Together::find(connection, &snapshot, &query, asked.languages, None)?;
            }
        }
        Ok(Self {
            sums: found.sums,
            snapshot,
            basis: Basis {
                weights: found.weights,
                corrections,
            },
            marked: found.marked,
        })
    }

    /// Rows of the hits, ascending.
    pub(in crate::store) fn rows(&self) -> Vec<i64> {
        self.sums.iter().map(|entry| entry.pk).collect()
    }

    /// The hits, best first; those of one step in no order that means anything.
    pub(in crate::store) fn hits(&self) -> Vec<Hit> {
        rank::ranked(&self.sums, &self.basis.weights)
    }

    /// Looks up when these hits were published.
    fn date(&self, reader: &mut Reader<'_>, hits: &mut [Hit]) -> Result<(), StoreError> {
        reader.go_on()?;
        let term = [DAY.to_owned()];
        let packed = self.snapshot.packed(reader.connection, &term)?;
        let mut wanted: Vec<&mut Hit> = hits.iter_mut().collect();
        wanted.sort_unstable_by_key(|hit| hit.pk);
        // Along both: all articles have a day.
        let mut days = packed.any_of(&term).peekable();
        for hit in wanted {
            while days.next_if(|day| day.pk < hit.pk).is_some() {}
            if let Some(day) = days.next_if(|day| day.pk == hit.pk) {
                *hit = hit.on(day.weight);
            }
        }
        Ok(())
    }
}
