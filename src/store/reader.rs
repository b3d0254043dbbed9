//! Who reads, and through what.

use std::{collections::BTreeSet, mem, sync::Arc, time::Instant};

use crate::{
    model::sight::Sight,
    store::{articles::rows, connection::DbConnection as Connection, error::StoreError, related},
};

/// A transaction that reads, or a single statement, and who is looking.
pub struct Reader<'a> {
    pub(super) connection: &'a mut Connection,
    pub(super) sight: Sight,
    pub(super) memory: Arc<related::Memory>,
    hidden_keys: BTreeSet<String>,
    /// Until when somebody waits for what is read.
    until: Option<Instant>,
    /// Whether there is no transaction, so that one statement is all that sees one state.
    is_single: bool,
    wants_more: bool,
}

impl<'a> Reader<'a> {
    /// For one who may see so much.
    pub fn new(connection: &'a mut Connection, sight: Sight) -> Self {
        Self {
            connection,
            sight,
            memory: Arc::default(),
            hidden_keys: BTreeSet::new(),
            until: None,
            is_single: false,
            wants_more: false,
        }
    }

    /// With what the store keeps in memory between reads.
    pub(super) fn remembering(self, memory: &Arc<related::Memory>) -> Self {
        let memory = Arc::clone(memory);
        Self { memory, ..self }
    }

    /// For one who waits until then.
    pub(super) fn until(self, until: Option<Instant>) -> Self {
        Self { until, ..self }
    }

    /// For everyone.
    pub fn public(connection: &'a mut Connection) -> Self {
        Self::new(connection, Sight::Public)
    }

    /// For an editor.
    pub fn desk(connection: &'a mut Connection) -> Self {
        Self::new(connection, Sight::Desk)
    }

    /// For everyone, without a transaction.
    pub(super) fn single(connection: &'a mut Connection) -> Self {
        Self {
            is_single: true,
            ..Self::public(connection)
        }
    }

    /// To be asked before what takes more statements than
    /// [`Store::read_single`](crate::store::Store::read_single) mostly does. Fails where there is
    /// no transaction; then all is read again in one.
    pub fn more(&mut self) -> Result<(), StoreError> {
        if !self.is_single {
            return Ok(());
        }
        self.wants_more = true;
        let cause = "more than one statement, and no transaction";
        Err(StoreError::Database(cause.to_owned()))
    }

    /// Whether [`Reader::more`] has failed.
    pub(super) fn wants_more(&self) -> bool {
        self.wants_more
    }

    /// To be asked on the way by what takes many statements: fails when nobody waits for the rest
    /// any longer. Postgres ends a statement by itself; SQLite only ends between two.
    pub(super) fn go_on(&self) -> Result<(), StoreError> {
        match self.until {
            Some(until) if until <= Instant::now() => {
                Err(StoreError::TooLong("nobody waits any longer".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// The articles that may be seen: where every read of them begins.
    pub(super) fn articles<'q>(&self) -> rows::Articles<'q> {
        rows::visible(&self.sight)
    }

    /// Notes the key of something that what is read depends on, beside what it shows.
    pub fn depends_on(&mut self, key: impl Into<String>) {
        self.hidden_keys.insert(key.into());
    }

    /// Takes the keys that were noted. They may name what the one who looks may not see, so they
    /// are for caches in this process, never for headers.
    pub fn take_hidden_keys(&mut self) -> BTreeSet<String> {
        mem::take(&mut self.hidden_keys)
    }
}
