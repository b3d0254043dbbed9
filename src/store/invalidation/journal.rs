//! The tables that tell what has changed: the log of changes, and what that log does not tell.

use std::collections::BTreeSet;

use diesel::{connection::SimpleConnection, dsl::max, prelude::*};

use crate::{
    model::{kind::Kind, time::UtcTime},
    store::{
        connection::DbConnection,
        error::StoreError,
        schema::{changes, invalidations},
    },
};

/// New rows that are read; where there are more, everything has changed.
const ROWS_AT_MOST: usize = 5_000;
/// Keys in one row, at most.
const KEYS_AT_MOST: usize = 500;
/// Milliseconds that rows are kept for those who look.
const KEPT: i64 = 60 * 60 * 1_000;
/// In place of keys: all answers.
const EVERYTHING: &str = "*";

/// How far both tables were read: their last rows; 0 where there was none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::store) struct Cursor {
    changes: i64,
    invalidations: i64,
}

impl Cursor {
    /// The one or the other, whichever is further, for each table.
    pub(super) fn furthest(self, other: Self) -> Self {
        Self {
            changes: self.changes.max(other.changes),
            invalidations: self.invalidations.max(other.invalidations),
        }
    }
}

/// What rows tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Changed {
    /// What has these keys.
    Names(BTreeSet<String>),
    /// All there is, or it can't be told what.
    Everything,
}

/// What was read, and how far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct News {
    pub(super) changed: Changed,
    pub(super) cursor: Cursor,
}

impl News {
    /// Whether nothing has changed.
    pub(super) fn is_empty(&self) -> bool {
        matches!(&self.changed, Changed::Names(names) if names.is_empty())
    }
}

/// A row with its number.
type Numbered<T> = (i64, T);

/// An entry of the log of changes: kind and id of what it is about.
type Entry = (String, String);

/// Reads the rows behind these. Tells that everything has changed where they are too many, and
/// where the last one that is known is gone: then others may be gone that never were read.
pub(super) fn read(connection: &mut DbConnection, known: Cursor) -> Result<News, StoreError> {
    // The known one, and one more than are read.
    let most = i64::try_from(ROWS_AT_MOST + 2).unwrap_or(i64::MAX);
    let entries: Vec<(i64, String, String)> = changes::table
        .filter(changes::sequence.ge(known.changes))
        .order(changes::sequence)
        .limit(most)
        .select((changes::sequence, changes::kind, changes::entity_id))
        .load(connection)?;
    let entries = entries
        .into_iter()
        .map(|(number, kind, id)| (number, (kind, id)))
        .collect();
    let notes: Vec<Numbered<String>> = invalidations::table
        .filter(invalidations::sequence.ge(known.invalidations))
        .order(invalidations::sequence)
        .limit(most)
        .select((invalidations::sequence, invalidations::keys))
        .load(connection)?;
    let entries: Option<Vec<Numbered<Entry>>> = behind(entries, known.changes);
    let notes = behind(notes, known.invalidations);
    match (entries, notes) {
        (Some(entries), Some(notes)) if entries.len() + notes.len() <= ROWS_AT_MOST => {
            let last = Cursor {
                changes: last(&entries),
                invalidations: last(&notes),
            };
            Ok(News {
                changed: changed(&entries, &notes),
                cursor: known.furthest(last),
            })
        }
        _ => Ok(News {
            changed: Changed::Everything,
            cursor: latest(connection)?,
        }),
    }
}

/// The rows behind the last known one, with which they begin; `None` where it is gone.
fn behind<T>(mut rows: Vec<Numbered<T>>, known: i64) -> Option<Vec<Numbered<T>>> {
    match (known, rows.first().map(|(number, _)| *number)) {
        // There was none; the very first has number 1.
        (0, None | Some(1)) => Some(rows),
        (known, Some(first)) if first == known => {
            rows.remove(0);
            Some(rows)
        }
        _ => None,
    }
}

fn last<T>(rows: &[Numbered<T>]) -> i64 {
    rows.last().map_or(0, |(number, _)| *number)
}

/// The keys that rows tell of: of each thing, of all of its kind, and of the log itself.
fn changed(entries: &[Numbered<Entry>], notes: &[Numbered<String>]) -> Changed {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (_, (kind, id)) in entries {
        let Some(kind) = Kind::parse(kind) else {
            return Changed::Everything;
        };
        names.insert(format!("{}-{id}", kind.as_str()));
        names.insert(all_of(kind).to_owned());
        names.insert("changes".to_owned());
    }
    for name in notes.iter().flat_map(|(_, keys)| keys.split_whitespace()) {
        if name == EVERYTHING {
            return Changed::Everything;
        }
        names.insert(name.to_owned());
    }
    Changed::Names(names)
}

/// The key of all things of a kind.
pub(in crate::store) fn all_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Article => "articles",
        Kind::Category => "categories",
        Kind::Author => "authors",
        Kind::Tag => "tags",
    }
}

/// The last rows that there are.
pub(super) fn latest(connection: &mut DbConnection) -> Result<Cursor, StoreError> {
    let entry: Option<i64> = changes::table
        .select(max(changes::sequence))
        .first(connection)?;
    let note: Option<i64> = invalidations::table
        .select(max(invalidations::sequence))
        .first(connection)?;
    Ok(Cursor {
        changes: entry.unwrap_or(0),
        invalidations: note.unwrap_or(0),
    })
}

/// Has those who listen told, once it is committed, that there are new rows. SQLite has no such
/// thing.
pub(super) fn notify(connection: &mut DbConnection) -> Result<(), StoreError> {
    if let DbConnection::Postgres(inner) = connection {
        inner.batch_execute("NOTIFY newsstand_changes")?;
    }
    Ok(())
}

/// Listens to [`notify`].
pub(super) fn listen(connection: &mut diesel::PgConnection) -> Result<(), StoreError> {
    Ok(connection.batch_execute("LISTEN newsstand_changes")?)
}

/// Tells that answers with these keys no longer hold, where no entry in the log of changes tells
/// it.
pub(in crate::store) fn note(
    connection: &mut DbConnection,
    keys: &[String],
) -> Result<(), StoreError> {
    for keys in keys.chunks(KEYS_AT_MOST) {
        diesel::insert_into(invalidations::table)
            .values((
                invalidations::keys.eq(keys.join(" ")),
                invalidations::at.eq(UtcTime::now().millis()),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Tells that no answer holds any longer: for work that goes past the log of changes.
pub fn note_everything(connection: &mut DbConnection) -> Result<(), StoreError> {
    note(connection, &[EVERYTHING.to_owned()])
}

/// Forgets what was told more than an hour ago; gives how many rows. The last one stays, by which
/// those who were away for longer see that there is something that they have not read.
pub fn forget_old(connection: &mut DbConnection, now: UtcTime) -> Result<usize, StoreError> {
    let last = latest(connection)?.invalidations;
    let old = invalidations::table
        .filter(invalidations::at.le(now.millis() - KEPT))
        .filter(invalidations::sequence.lt(last));
    Ok(diesel::delete(old).execute(connection)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Cursor {
        /// At these rows.
        pub(in crate::store::invalidation) fn at(changes: i64, invalidations: i64) -> Self {
            Self {
                changes,
                invalidations,
            }
        }
    }

    impl News {
        /// That these have changed.
        pub(in crate::store::invalidation) fn of<const N: usize>(
            names: [&str; N],
            cursor: Cursor,
        ) -> Self {
            let names = names.into_iter().map(str::to_owned).collect();
            Self {
                changed: Changed::Names(names),
                cursor,
            }
        }
    }

    fn entry(kind: &str, id: &str) -> Numbered<Entry> {
        (1, (kind.to_owned(), id.to_owned()))
    }

    #[test]
    fn only_what_is_new_is_read() {
        let rows = |numbers: &[i64]| -> Vec<Numbered<()>> {
            numbers.iter().map(|number| (*number, ())).collect()
        };
        assert_eq!(behind(rows(&[]), 0), Some(rows(&[])));
        assert_eq!(behind(rows(&[1, 2]), 0), Some(rows(&[1, 2])));
        assert_eq!(behind(rows(&[7, 8, 11]), 7), Some(rows(&[8, 11])));
        assert_eq!(behind(rows(&[7]), 7), Some(rows(&[])));
    }

    #[test]
    fn a_gap_before_what_is_new_is_noticed() {
        let rows = |numbers: &[i64]| -> Vec<Numbered<()>> {
            numbers.iter().map(|number| (*number, ())).collect()
        };
        assert_eq!(behind(rows(&[]), 7), None);
        assert_eq!(behind(rows(&[8, 9]), 7), None);
        assert_eq!(behind(rows(&[3]), 0), None);
    }

    #[test]
    fn an_entry_tells_of_its_thing_and_of_all_of_its_kind() {
        let entries = [entry("category", "c1"), entry("article", "a1")];
        let notes = [(1, "related-a2 related".to_owned())];
        let expected = [
            "article-a1",
            "articles",
            "categories",
            "category-c1",
            "changes",
            "related",
            "related-a2",
        ];
        let expected: BTreeSet<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(changed(&entries, &notes), Changed::Names(expected));
        assert!(News::of([], Cursor::default()).is_empty());
    }

    #[test]
    fn what_can_not_be_told_is_everything() {
        let all = [(1, "related-a1 *".to_owned())];
        assert_eq!(changed(&[], &all), Changed::Everything);
        assert_eq!(
            changed(&[entry("newsletter", "n1")], &[]),
            Changed::Everything
        );
    }
}
