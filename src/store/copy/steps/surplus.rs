//! What the target has and the source does not.

use std::collections::VecDeque;

use crate::{
    model::sight::Sight,
    store::{
        connection::DbConnection,
        copy::{
            Step,
            row::Row,
            steps::{KEYS_AT_ONCE, Work, length},
            tables::{Visit, is_buried},
        },
        error::StoreError,
        invalidation,
    },
};

/// The keys of the source, one after another.
struct SourceKeys<R: Row> {
    waiting: VecDeque<R::Key>,
    last: Option<R::Key>,
    ended: bool,
}

impl<R: Row> SourceKeys<R> {
    fn new() -> Self {
        Self {
            waiting: VecDeque::new(),
            last: None,
            ended: false,
        }
    }

    /// Whether there is such a key; it must lie behind all that were asked for.
    fn has(&mut self, source: &mut DbConnection, key: &R::Key) -> Result<bool, StoreError> {
        loop {
            match self.waiting.front() {
                Some(first) if first < key => {
                    self.waiting.pop_front();
                }
                Some(first) => return Ok(first == key),
                None if self.ended => return Ok(false),
                None => {
                    let found = R::keys(source, self.last.as_ref(), KEYS_AT_ONCE)?;
                    self.ended = found.is_empty();
                    self.last = found.last().cloned().or(self.last.take());
                    self.waiting = found.into();
                }
            }
        }
    }
}

/// Goes through the keys that the target has and the source does not, some at a time.
fn each_surplus<R: Row>(
    work: &mut Work<'_>,
    mut act: impl FnMut(&mut Work<'_>, &[R::Key]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut keys = SourceKeys::<R>::new();
    let (mut after, mut done) = (None, 0);
    loop {
        let theirs = work.target_keys::<R>(after.as_ref())?;
        let Some(last) = theirs.last() else {
            return Ok(());
        };
        after = Some(last.clone());
        done += length(&theirs);
        work.tell::<R>(Step::Comparing, done);
        let mut surplus = Vec::new();
        for key in theirs {
            if !keys.has(work.source, &key)? {
                surplus.push(key);
            }
        }
        if !surplus.is_empty() {
            act(work, &surplus)?;
        }
    }
}

/// Removes what the source does not have.
pub(super) struct Removal<'w, 'a>(pub(super) &'w mut Work<'a>);

impl Visit for Removal<'_, '_> {
    fn table<R: Row>(&mut self) -> Result<(), StoreError> {
        each_surplus::<R>(self.0, |work, surplus| {
            work.target.write_blocking(|connection| {
                for key in surplus {
                    R::release(connection, key)?;
                    R::delete(connection, key)?;
                }
                invalidation::note_everything(connection)
            })?;
            work.copied.removed += length(surplus);
            Ok(())
        })
    }
}

/// Sees that what is in the target came from this source: all that its logs say is said there
/// too, and things that are not there were deleted there.
pub(super) struct Kinship<'w, 'a>(pub(super) &'w mut Work<'a>);

impl Visit for Kinship<'_, '_> {
    fn table<R: Row>(&mut self) -> Result<(), StoreError> {
        if !R::TELLS_APART {
            return Ok(());
        }
        each_surplus::<R>(self.0, |work, surplus| {
            let ids = work.target.read_blocking(Sight::Desk, |reader| {
                let ids = surplus.iter().map(|key| R::id_of(reader.connection, key));
                Ok(ids.collect::<Result<Vec<_>, _>>()?)
            })?;
            for id in ids.value {
                let was_deleted = match id {
                    Some(id) => is_buried(work.source, &id)?,
                    None => false,
                };
                if !was_deleted {
                    return Err(would_be_lost::<R>());
                }
            }
            Ok(())
        })?;
        let mut after = None;
        loop {
            let pairs = self.0.next_pairs::<R>(&mut after)?;
            let known: Vec<(&R, &R)> = pairs
                .iter()
                .filter_map(|(ours, theirs)| Some((ours, theirs.as_ref()?)))
                .collect();
            if known.iter().any(|(ours, theirs)| ours.is_another(theirs)) {
                return Err(would_be_lost::<R>());
            }
            // Copies go in this order, so that nothing follows the first gap.
            if known.is_empty() {
                return Ok(());
            }
        }
    }
}

fn would_be_lost<R: Row>() -> StoreError {
    StoreError::Invalid(format!(
        "the target has content of its own, which the source never had (see its table {}); \
         nothing was changed; copy into an empty database, or let the target lose that content \
         with --replace",
        R::TABLE
    ))
}
