//! What the target lacks, its counters, and its index of words.

use crate::store::{
    articles::rows,
    connection::DbConnection,
    copy::{
        Progress, Step, postgres,
        row::Row,
        steps::{Pairs, Work, length},
        tables::Visit,
    },
    doctor,
    error::StoreError,
    invalidation,
};

/// Takes the unique values of rows that will have others out of the way: they may be those of rows
/// that are written before.
pub(super) struct Parking<'w, 'a>(pub(super) &'w mut Work<'a>);

impl Visit for Parking<'_, '_> {
    fn table<R: Row>(&mut self) -> Result<(), StoreError> {
        let work = &mut *self.0;
        if !R::HAS_NAMES || work.target_keys::<R>(None)?.is_empty() {
            return Ok(());
        }
        let mut after = None;
        loop {
            let pairs = work.next_pairs::<R>(&mut after)?;
            if pairs.is_empty() {
                return Ok(());
            }
            let renamed: Vec<R::Key> = pairs
                .iter()
                .filter(|(ours, theirs)| theirs.as_ref().is_some_and(|it| ours.names_differ(it)))
                .map(|(ours, _)| ours.key())
                .collect();
            if !renamed.is_empty() {
                work.target.write_blocking(|connection| {
                    for key in &renamed {
                        R::park(connection, key)?;
                    }
                    invalidation::note_everything(connection)
                })?;
            }
        }
    }
}

/// Writes what is not there, and what is there otherwise.
pub(super) struct Filling<'w, 'a>(pub(super) &'w mut Work<'a>);

impl Visit for Filling<'_, '_> {
    fn table<R: Row>(&mut self) -> Result<(), StoreError> {
        let work = &mut *self.0;
        if R::REFERS_TO_ITSELF {
            // All rows must be there before one refers to another.
            fill::<R>(work, Extent::MissingRows)?;
        }
        fill::<R>(work, Extent::Everything)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    MissingRows,
    Everything,
}

fn fill<R: Row>(work: &mut Work<'_>, extent: Extent) -> Result<(), StoreError> {
    // A table that is gone through twice is counted once.
    let counts = !R::REFERS_TO_ITSELF || extent == Extent::MissingRows;
    let (mut after, mut done) = (None, 0);
    loop {
        let pairs = work.next_pairs::<R>(&mut after)?;
        if pairs.is_empty() {
            return Ok(());
        }
        let read = length(&pairs);
        let changed: Pairs<R> = pairs
            .into_iter()
            .filter(|(ours, theirs)| theirs.as_ref() != Some(ours))
            .collect();
        if !changed.is_empty() {
            let target = work.target;
            target
                .write_blocking(|connection| write(connection, &changed, extent))
                .map_err(not_written::<R>)?;
        }
        if counts {
            work.copied.written += length(&changed);
            work.copied.already += read - length(&changed);
        }
        done += read;
        work.tell::<R>(Step::Copying, done);
    }
}

fn write<R: Row>(
    connection: &mut DbConnection,
    changed: &[(R, Option<R>)],
    extent: Extent,
) -> Result<(), StoreError> {
    let missing: Vec<R> = changed
        .iter()
        .filter(|(_, theirs)| theirs.is_none())
        .map(|(ours, _)| ours.by_itself())
        .collect();
    if !missing.is_empty() {
        R::insert(connection, &missing)?;
    }
    if extent == Extent::Everything {
        for (ours, _) in changed.iter().filter(|(_, theirs)| theirs.is_some()) {
            ours.update(connection)?;
            ours.changed(connection)?;
        }
    }
    let articles: Vec<i64> = changed
        .iter()
        .filter_map(|(ours, _)| ours.article())
        .collect();
    if !articles.is_empty() {
        rows::queue_copied(connection, articles)?;
    }
    invalidation::note_everything(connection)
}

fn not_written<R: Row>(cause: StoreError) -> StoreError {
    match cause {
        StoreError::Conflict(place) => StoreError::Invalid(format!(
            "{} can't be written: another row of the target has the same value ({place}); is \
             something else writing to it? Copy into an empty database",
            R::TABLE
        )),
        other => other,
    }
}

/// Lets counters go on where the source's are. SQLite's follow what is put in.
pub(super) struct Counters<'w>(pub(super) &'w mut DbConnection);

impl Visit for Counters<'_> {
    fn table<R: Row>(&mut self) -> Result<(), StoreError> {
        if let (DbConnection::Postgres(inner), Some(column)) = (&mut *self.0, R::COUNTER) {
            postgres::advance(inner, R::TABLE, column)?;
        }
        Ok(())
    }
}

/// Puts the words of what was written into the target's index.
pub(super) fn index(work: &mut Work<'_>) -> Result<(), StoreError> {
    let (target, observer) = (work.target, &mut work.observer);
    doctor::catch_up(target, |done| {
        observer(Progress {
            step: Step::Indexing,
            table: "articles",
            done: i64::try_from(done).unwrap_or(i64::MAX),
        });
    })
}
