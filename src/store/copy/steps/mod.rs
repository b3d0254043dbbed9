//! The steps of a copy: what the target must lose, what it lacks, its counters, its index of
//! words, and a last look at both sides.

mod fill;
mod surplus;
mod verify;

use crate::{
    model::sight::Sight,
    store::{
        Store,
        connection::DbConnection,
        copy::{
            Copied, Progress, Step,
            row::{Row, Span},
            tables::{children_first, parents_first},
        },
        error::StoreError,
    },
};
use fill::{Counters, Filling, Parking};
use surplus::{Kinship, Removal};

/// Keys that are read at a time.
const KEYS_AT_ONCE: i64 = 500;

struct Work<'a> {
    source: &'a mut DbConnection,
    target: &'a Store,
    observer: &'a mut dyn FnMut(Progress),
    copied: Copied,
}

/// Does all steps. The connection to the source is in a transaction that sees one state.
pub(super) fn run(
    source: &mut DbConnection,
    target: &Store,
    replace: bool,
    observer: &mut dyn FnMut(Progress),
) -> Result<Copied, StoreError> {
    let mut work = Work {
        source,
        target,
        observer,
        copied: Copied::default(),
    };
    if !replace {
        children_first(&mut Kinship(&mut work))?;
    }
    super::begin(target)?;
    children_first(&mut Removal(&mut work))?;
    parents_first(&mut Parking(&mut work))?;
    parents_first(&mut Filling(&mut work))?;
    target.write_blocking(|connection| parents_first(&mut Counters(connection)))?;
    fill::index(&mut work)?;
    verify::verify(&mut work)?;
    Ok(work.copied)
}

impl Work<'_> {
    fn tell<R: Row>(&mut self, step: Step, done: i64) {
        (self.observer)(Progress {
            step,
            table: R::TABLE,
            done,
        });
    }

    fn target_keys<R: Row>(&self, after: Option<&R::Key>) -> Result<Vec<R::Key>, StoreError> {
        let read = self.target.read_blocking(Sight::Desk, |reader| {
            Ok(R::keys(reader.connection, after, KEYS_AT_ONCE)?)
        })?;
        Ok(read.value)
    }

    /// The source's next rows, each with the target's row of the same key; none at the end.
    fn next_pairs<R: Row>(&mut self, after: &mut Option<R::Key>) -> Result<Pairs<R>, StoreError> {
        let span = Span {
            after: after.take(),
            through: None,
            at_most: R::AT_ONCE,
        };
        let ours = R::rows(self.source, &span)?;
        let Some(last) = ours.last().map(Row::key) else {
            return Ok(Vec::new());
        };
        let span = Span {
            through: Some(last.clone()),
            ..span
        };
        let theirs = self
            .target
            .read_blocking(Sight::Desk, |reader| Ok(R::rows(reader.connection, &span)?))?;
        *after = Some(last);
        let mut theirs = theirs.value.into_iter().peekable();
        let pairs = ours.into_iter().map(|row| {
            let key = row.key();
            while theirs.next_if(|their| their.key() < key).is_some() {}
            let their = theirs.next_if(|their| their.key() == key);
            (row, their)
        });
        Ok(pairs.collect())
    }
}

/// Rows of the source, each with the target's of the same key.
type Pairs<R> = Vec<(R, Option<R>)>;

fn length<T>(list: &[T]) -> i64 {
    i64::try_from(list.len()).unwrap_or(i64::MAX)
}
