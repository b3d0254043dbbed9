//! What is kept in memory between reads: the model that was learned last, and which lists readers
//! computed or wanted that the database does not keep yet.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use diesel::{dsl, prelude::*};

use crate::{
    ranking::model::Model,
    store::{
        connection::DbConnection,
        error::StoreError,
        related::computed::Computed,
        schema::{related_lists, related_models, related_state},
    },
};

/// Lists that wait to be kept, at most; more are computed again when they are read again.
const WANTED_AT_MOST: usize = 10_000;
/// Lists that were computed and wait to be kept, at most; each has about a kilobyte.
const COMPUTED_AT_MOST: usize = 2_000;

/// An article's row, and whether its list is of its own category alone.
pub(super) type Wanted = (i64, bool);

/// Shared by all readers of a store.
#[derive(Default)]
pub struct Memory {
    /// With the epoch that it is of.
    model: RwLock<Option<(i64, Arc<Model>)>>,
    computed: Mutex<BTreeMap<Wanted, Computed>>,
    wanted: Mutex<BTreeSet<Wanted>>,
}

impl Memory {
    /// The model of this epoch; `None` where nothing was learned yet, or it can't be read.
    pub(super) fn model(
        &self,
        connection: &mut DbConnection,
        epoch: i64,
    ) -> Result<Option<Arc<Model>>, StoreError> {
        if let Some(model) = self.held(epoch) {
            return Ok(Some(model));
        }
        let stored: Option<Vec<u8>> = related_models::table
            .find(epoch)
            .select(related_models::model)
            .first(connection)
            .optional()?;
        let Some(model) = stored.as_deref().and_then(Model::decode).map(Arc::new) else {
            return Ok(None);
        };
        let mut held = self.model.write().unwrap_or_else(PoisonError::into_inner);
        // One that began to read before the last learning must not bring back what it knew.
        if held.as_ref().is_none_or(|(known, _)| *known <= epoch) {
            *held = Some((epoch, Arc::clone(&model)));
        }
        Ok(Some(model))
    }

    fn held(&self, epoch: i64) -> Option<Arc<Model>> {
        let held = self.model.read().unwrap_or_else(PoisonError::into_inner);
        let (known, model) = held.as_ref()?;
        (*known == epoch).then(|| Arc::clone(model))
    }

    /// Hands over a list that a reader computed, to be kept. Where too many wait, it is computed
    /// again.
    pub(super) fn hand_over(&self, wanted: Wanted, computed: Computed) {
        let mut all = self.computed.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < COMPUTED_AT_MOST || all.contains_key(&wanted) {
            all.insert(wanted, computed);
            return;
        }
        drop(all);
        self.want(wanted);
    }

    /// Takes some of the lists that readers computed.
    pub(super) fn take_computed(&self, most: usize) -> BTreeMap<Wanted, Computed> {
        let mut all = self.computed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = BTreeMap::new();
        while taken.len() < most
            && let Some((wanted, computed)) = all.pop_last()
        {
            taken.insert(wanted, computed);
        }
        taken
    }

    /// Notes that a list should be kept.
    pub(super) fn want(&self, wanted: Wanted) {
        let mut all = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < WANTED_AT_MOST {
            all.insert(wanted);
        }
    }

    /// Takes some of the lists that should be kept.
    pub(super) fn take_wanted(&self, most: usize) -> Vec<Wanted> {
        let mut all = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = Vec::new();
        while taken.len() < most
            && let Some(wanted) = all.pop_last()
        {
            taken.push(wanted);
        }
        taken
    }
}

/// When the publication was learned last, and what has come since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Queryable)]
pub(super) struct State {
    /// Counts the learnings; 0 before the first.
    pub(super) epoch: i64,
    /// In milliseconds.
    pub(super) fitted_at: i64,
    /// Published articles that there were then.
    pub(super) fitted_articles: i64,
    /// Articles that have changed since.
    pub(super) changed: i64,
    /// The first epoch whose lists hold.
    pub(super) holds_from: i64,
}

/// Reads it.
pub(super) fn state(connection: &mut DbConnection) -> Result<State, StoreError> {
    let found: Option<State> = related_state::table
        .select((
            related_state::epoch,
            related_state::fitted_at,
            related_state::fitted_articles,
            related_state::changed,
            related_state::holds_from,
        ))
        .first(connection)
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// How often new articles were told to their neighbours.
pub(super) fn told(connection: &mut DbConnection) -> Result<i64, StoreError> {
    let found: Option<i64> = related_state::table
        .select(related_state::told)
        .first(connection)
        .optional()?;
    Ok(found.unwrap_or(0))
}

/// Counts one time more.
pub(super) fn note_told(connection: &mut DbConnection) -> Result<(), StoreError> {
    diesel::update(related_state::table)
        .set(related_state::told.eq(related_state::told + 1_i64))
        .execute(connection)?;
    Ok(())
}

/// Notes anew that nothing was learned, where that note was lost: without it, it never would be.
/// Epochs count on from those of what is left, so that none is given to two models.
pub(in crate::store) fn restore_state(connection: &mut DbConnection) -> Result<(), StoreError> {
    let noted: Option<i64> = related_state::table
        .select(related_state::epoch)
        .first(connection)
        .optional()?;
    if noted.is_some() {
        return Ok(());
    }
    let of_model: Option<i64> = related_models::table
        .select(dsl::max(related_models::epoch))
        .first(connection)?;
    let of_lists: Option<i64> = related_lists::table
        .select(dsl::max(related_lists::epoch))
        .first(connection)?;
    let epoch = of_model.max(of_lists).unwrap_or(0);
    diesel::insert_into(related_state::table)
        .values((
            related_state::one.eq(1_i64),
            related_state::epoch.eq(epoch),
            related_state::holds_from.eq(epoch),
            related_state::fitted_at.eq(0_i64),
            related_state::fitted_articles.eq(0_i64),
            related_state::changed.eq(0_i64),
        ))
        .execute(connection)?;
    Ok(())
}
