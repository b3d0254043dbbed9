//! The articles nearest to one by content: in small publications and categories every article is
//! looked at, in others those that share telling words, and all of them are then compared with
//! the model that was learned from the publication.

mod ranked;

use std::{collections::HashMap, sync::Arc};

use diesel::prelude::*;

use crate::{
    ranking::{
        model::{Model, Prepared},
        vector::Vector,
    },
    store::{
        Reader,
        articles::rows::{self, Facts, columns},
        changes,
        connection::DbConnection,
        error::StoreError,
        index::{self, Snapshot},
        related::{
            gather::{self, Source},
            kept::Neighbour,
            memory::{self, State},
            tags::{Shares, Tags, tags_of},
        },
    },
};

/// So many articles, or fewer, are all compared.
const FEW: usize = 1_500;
/// Otherwise, so many of those that share words.
const COMPARED_AT_MOST: usize = 300;
/// Of those that share words, how many are looked at in one statement, and in all where not all
/// of them will do.
const LOOKED_AT_ONCE: usize = 1_000;
const LOOKED_AT_MOST: usize = 10_000;
/// Articles that are held ready for comparison.
const HELD_AT_MOST: usize = 6_000;

/// Which articles will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Constraint {
    /// Only of this category.
    pub(super) category: Option<i64>,
    /// Only with an editorial date up to this one.
    pub(super) not_newer_than: Option<i64>,
}

impl Constraint {
    /// Whether this one will do.
    pub(super) fn allows(self, facts: &Facts) -> bool {
        self.category
            .is_none_or(|category| facts.category_pk == Some(category))
            && self.not_newer_than.is_none_or(|time| facts.sort_at <= time)
    }
}

/// An article made ready for comparison with candidates.
struct Sought {
    prepared: Prepared,
    /// What it and each of them have in common of their tags.
    shares: Shares,
}

/// Articles that share words with one.
struct Sharing {
    own: i64,
    /// How many were looked for, at most.
    most: usize,
    /// Those that share most first.
    pks: Vec<i64>,
}

/// Looks for neighbours within one transaction, and remembers what it read.
pub(super) struct Finder {
    /// How things stood when the transaction began, the version of the model included.
    pub(super) state: State,
    /// What was learned from the publication.
    pub(super) model: Arc<Model>,
    /// The last entry of the log of changes then, once it was asked for.
    last_change: Option<i64>,
    snapshot: Option<Snapshot>,
    is_large: bool,
    /// What was found last.
    sharing: Option<Sharing>,
    facts: HashMap<i64, Facts>,
    /// Articles made ready for comparison.
    ready: HashMap<i64, Prepared>,
    /// Their tags, where all of them were read.
    tags: Tags,
}

impl Finder {
    /// With the model that was learned last; `None` before there is one.
    pub(super) fn new(reader: &mut Reader<'_>) -> Result<Option<Self>, StoreError> {
        let state = memory::state(reader.connection)?;
        if state.epoch == 0 {
            return Ok(None);
        }
        let model = reader.memory.model(reader.connection, state.epoch)?;
        Ok(model.map(|model| Self {
            state,
            model,
            last_change: None,
            snapshot: None,
            is_large: false,
            sharing: None,
            facts: HashMap::new(),
            ready: HashMap::new(),
            tags: Tags::default(),
        }))
    }

    /// The last entry of the log of changes when the transaction began.
    pub(super) fn last_change(&mut self, connection: &mut DbConnection) -> Result<i64, StoreError> {
        if let Some(known) = self.last_change {
            return Ok(known);
        }
        let last = changes::last_sequence(connection)?;
        self.last_change = Some(last);
        Ok(last)
    }

    /// What was read of published articles while looking.
    pub(super) fn facts(&self) -> &HashMap<i64, Facts> {
        &self.facts
    }

    /// The published articles nearest to one, which may itself be a draft; best first, and never
    /// itself nor one that is all but the same.
    pub(super) fn compute(
        &mut self,
        reader: &mut Reader<'_>,
        own: &Facts,
        constraint: Constraint,
        most: usize,
    ) -> Result<Vec<Neighbour>, StoreError> {
        if self.facts.len().max(self.ready.len()) > HELD_AT_MOST {
            self.facts.clear();
            self.ready.clear();
            self.tags.clear();
        }
        let mut found = index::written(reader.connection, &[own.pk])?;
        let Some((vector, written)) = found.remove(&own.pk) else {
            return Ok(Vec::new());
        };
        let mut tags = tags_of(reader.connection, &[own.pk])?;
        let tags = tags.remove(&own.pk).unwrap_or_default();
        let prepared = self.model.prepare(&vector);
        let candidates = match self.few(reader.connection, constraint)? {
            Some(all) => {
                // Whoever is looked for next is compared with the same ones.
                if !tags.is_empty() {
                    self.tags.read(reader.connection, &all)?;
                }
                all
            }
            None => {
                let words = Source {
                    vector: &vector,
                    written: &written,
                    prepared: &prepared,
                    language: &own.language,
                };
                self.sharing_words(reader, &words, own.pk, constraint)?
            }
        };
        reader.go_on()?;
        self.make_ready(reader.connection, &candidates)?;
        let shares = self.tags.shares(reader.connection, &tags, &candidates)?;
        let source = Sought { prepared, shares };
        self.ranked(reader.connection, own, &source, &candidates, most)
    }

    /// Every published article that will do, if they are few.
    fn few(
        &mut self,
        connection: &mut DbConnection,
        constraint: Constraint,
    ) -> Result<Option<Vec<i64>>, StoreError> {
        let is_any = constraint == Constraint::default();
        if is_any && self.is_large {
            return Ok(None);
        }
        let fitting = || {
            let mut query = rows::published();
            if let Some(category) = constraint.category {
                query = query.filter(columns::category_pk.eq(category));
            }
            if let Some(time) = constraint.not_newer_than {
                query = query.filter(columns::sort_at.le(time));
            }
            query.select(columns::pk)
        };
        let few = i64::try_from(FEW).unwrap_or(i64::MAX);
        // The database passes over rows of an index sooner than it tells them.
        let one_more: Option<i64> = fitting().offset(few).first(connection).optional()?;
        if one_more.is_some() {
            self.is_large |= is_any;
            return Ok(None);
        }
        let pks: Vec<i64> = fitting().limit(few).load(connection)?;
        self.read_facts(connection, &pks)?;
        Ok(Some(pks))
    }

    /// The best of those that share telling words, and will do as far as that is asked for.
    fn sharing_words(
        &mut self,
        reader: &mut Reader<'_>,
        source: &Source<'_>,
        own: i64,
        constraint: Constraint,
    ) -> Result<Vec<i64>, StoreError> {
        let is_any = constraint == Constraint::default();
        let most = match is_any {
            // The article itself may be among them.
            true => COMPARED_AT_MOST + 1,
            false => LOOKED_AT_MOST,
        };
        let mut found = self.found_by_words(reader, source, own, most)?;
        if is_any {
            found.retain(|pk| *pk != own);
            // All are compared, so that the rows of most need not be read.
            if found.len() <= COMPARED_AT_MOST {
                return Ok(found);
            }
        }
        let mut fitting = Vec::new();
        for pks in found.chunks(LOOKED_AT_ONCE) {
            reader.go_on()?;
            self.read_facts(reader.connection, pks)?;
            let will_do = |pk: &&i64| {
                let facts = self.facts.get(*pk);
                **pk != own && facts.is_some_and(|facts| constraint.allows(facts))
            };
            fitting.extend(pks.iter().filter(will_do).copied());
            if fitting.len() >= COMPARED_AT_MOST {
                break;
            }
        }
        fitting.truncate(COMPARED_AT_MOST);
        Ok(fitting)
    }

    /// At most so many that share words, whether they will do or not; taken from what was found
    /// last where that was for the same article.
    fn found_by_words(
        &mut self,
        reader: &mut Reader<'_>,
        source: &Source<'_>,
        own: i64,
        most: usize,
    ) -> Result<Vec<i64>, StoreError> {
        let is_it = |known: &&Sharing| known.own == own && known.most >= most;
        if let Some(known) = self.sharing.as_ref().filter(is_it) {
            return Ok(known.pks.iter().take(most).copied().collect());
        }
        reader.go_on()?;
        let snapshot = match self.snapshot.take() {
            Some(snapshot) => snapshot,
            // Drafts are nobody's neighbours, whoever looks.
            None => Snapshot::open(&mut Reader::public(&mut *reader.connection))?,
        };
        let found = gather::by_words(reader.connection, &snapshot, &self.model, source, most);
        self.snapshot = Some(snapshot);
        let pks = found?;
        self.sharing = Some(Sharing {
            own,
            most,
            pks: pks.clone(),
        });
        Ok(pks)
    }

    fn read_facts(&mut self, connection: &mut DbConnection, pks: &[i64]) -> Result<(), StoreError> {
        let is_new = |pk: &&i64| !self.facts.contains_key(*pk);
        let new: Vec<i64> = pks.iter().filter(is_new).copied().collect();
        if !new.is_empty() {
            let read = rows::published_facts(connection, new)?;
            self.facts
                .extend(read.into_iter().map(|facts| (facts.pk, facts)));
        }
        Ok(())
    }

    fn make_ready(&mut self, connection: &mut DbConnection, pks: &[i64]) -> Result<(), StoreError> {
        let is_new = |pk: &&i64| !self.ready.contains_key(*pk);
        let new: Vec<i64> = pks.iter().filter(is_new).copied().collect();
        if new.is_empty() {
            return Ok(());
        }
        let vectors = vectors(connection, &new)?;
        let (pks, vectors): (Vec<i64>, Vec<&Vector>) =
            vectors.iter().map(|(pk, vector)| (*pk, vector)).unzip();
        let prepared = self.model.prepare_all(&vectors);
        self.ready.extend(pks.into_iter().zip(prepared));
        Ok(())
    }
}

/// Whether both have the same text.
pub(super) fn is_twin(one: &Facts, other: &Facts) -> bool {
    !one.body_hash.is_empty() && one.body_hash == other.body_hash
}

/// Whether both are filed under the same category.
pub(super) fn is_same_category(one: &Facts, other: &Facts) -> bool {
    one.category_pk.is_some() && one.category_pk == other.category_pk
}

/// Vectors of articles, also of such as came too lately to be merged into the index.
pub(super) fn vectors(
    connection: &mut DbConnection,
    pks: &[i64],
) -> Result<HashMap<i64, Vector>, StoreError> {
    let mut vectors = index::vectors(connection, pks)?;
    let is_missing = |pk: &&i64| !vectors.contains_key(*pk);
    let missing: Vec<i64> = pks.iter().filter(is_missing).copied().collect();
    if !missing.is_empty() {
        let written = index::written(connection, &missing)?;
        vectors.extend(written.into_iter().map(|(pk, (vector, _))| (pk, vector)));
    }
    Ok(vectors)
}
