//! Lists of neighbours as the database keeps them, so that a read need not look for them.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::{
    dsl::{exists, not},
    prelude::*,
};

use crate::store::{
    among::{Numbers, among},
    connection::{DbConnection, on_backend},
    error::StoreError,
    related::memory::State,
    schema::{index_pending, related_lists},
};

diesel::allow_tables_to_appear_in_same_query!(index_pending, related_lists);

/// Neighbours in one list, at most.
pub(super) const KEPT_AT_MOST: usize = 64;
/// A list that was longer than could be kept and has lost so many that fewer remain is given up:
/// those that did not fit may be nearer than the last that did.
const SHORTEST: usize = 48;
/// Rows in one statement: four values each, and SQLite binds 32,766 at most.
const WRITTEN_AT_ONCE: usize = 2_000;

/// In place of the epoch of a list whose own article was edited: it holds no longer, but tells who
/// has that article in theirs.
pub(in crate::store) const OUTDATED: i64 = -1;

/// The row of an article, and how near it is, in ten-thousandths.
pub(super) type Neighbour = (i64, u16);

/// The neighbours of one article, best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// When it was looked for.
    pub(super) epoch: i64,
    /// Whether there were more than fitted.
    pub(super) is_cut: bool,
    /// At most [`KEPT_AT_MOST`].
    pub(super) entries: Vec<Neighbour>,
}

impl Kept {
    /// A list of neighbours that are sorted already.
    pub(super) fn new(epoch: i64, mut entries: Vec<Neighbour>) -> Self {
        entries.truncate(KEPT_AT_MOST);
        Self {
            epoch,
            is_cut: entries.len() >= KEPT_AT_MOST,
            entries,
        }
    }

    /// Whether answers made of the other one are the same.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        (self.is_cut, &self.entries) == (other.is_cut, &other.entries)
    }

    /// Whether any of these articles is in it.
    pub(super) fn has_any(&self, pks: &HashSet<i64>) -> bool {
        self.entries.iter().any(|(pk, _)| pks.contains(pk))
    }

    /// As bytes: whether it is cut, then each row, and by how much its score is below the one
    /// before it.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + self.entries.len() * 5);
        bytes.push(u8::from(self.is_cut));
        let mut last = u16::MAX;
        for (pk, score) in &self.entries {
            push_varint(&mut bytes, u64::try_from(*pk).unwrap_or(0));
            push_varint(&mut bytes, u64::from(last.saturating_sub(*score)));
            last = *score;
        }
        bytes
    }

    /// Reads what [`Self::encode`] wrote of a list from this epoch; `None` for anything else.
    pub(super) fn decode(epoch: i64, bytes: &[u8]) -> Option<Self> {
        let (first, mut rest) = bytes.split_first()?;
        let is_cut = match first {
            0 => false,
            1 => true,
            _ => return None,
        };
        let mut entries = Vec::new();
        let mut last = u16::MAX;
        while !rest.is_empty() {
            if entries.len() >= KEPT_AT_MOST {
                return None;
            }
            let pk = i64::try_from(varint(&mut rest)?).ok()?;
            let below = u16::try_from(varint(&mut rest)?).ok()?;
            last = last.checked_sub(below)?;
            entries.push((pk, last));
        }
        Some(Self {
            epoch,
            is_cut,
            entries,
        })
    }

    /// Puts an article where its score belongs, or takes it out; gives whether anything changed.
    pub(super) fn place(&mut self, pk: i64, score: Option<u16>) -> bool {
        let known = self.entries.iter().position(|(known, _)| *known == pk);
        let before = known.and_then(|at| self.entries.get(at)).copied();
        if before.map(|(_, score)| score) == score {
            return false;
        }
        if let Some(at) = known {
            self.entries.remove(at);
        }
        // Below the last of a list that was cut there may be others, nearer than this one.
        let last = self.entries.last().map_or(0, |(_, score)| *score);
        let Some(score) = score.filter(|score| !self.is_cut || *score >= last) else {
            return known.is_some();
        };
        let is_before = |other: &Neighbour| other.1 >= score;
        let at = self.entries.partition_point(is_before);
        self.entries.insert(at, (pk, score));
        if self.entries.len() > KEPT_AT_MOST {
            self.entries.truncate(KEPT_AT_MOST);
            self.is_cut = true;
            return at < KEPT_AT_MOST;
        }
        true
    }

    /// Puts in what these articles score now; takes those out that score nothing.
    pub(super) fn rescore(&mut self, pks: &[i64], scores: &HashMap<i64, u16>) {
        // All are out before the first goes in, since it is compared with the last that is in.
        for pk in pks {
            self.place(*pk, None);
        }
        for pk in pks {
            self.place(*pk, scores.get(pk).copied());
        }
    }

    /// Whether so many were taken out that it must be looked for anew.
    fn is_spent(&self) -> bool {
        self.is_cut && self.entries.len() < SHORTEST
    }
}

/// Whether these are the bytes of a list.
pub(in crate::store) fn is_list(bytes: &[u8]) -> bool {
    Kept::decode(0, bytes).is_some()
}

fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for place in 0..9_u32 {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << (7 * place);
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

type Row = (i64, i64, Vec<u8>);

/// As [`Kept`], by article. A damaged one is as good as none.
fn read(rows: Vec<Row>) -> HashMap<i64, Kept> {
    let read = |(pk, epoch, bytes): Row| Some((pk, Kept::decode(epoch, &bytes)?));
    rows.into_iter().filter_map(read).collect()
}

/// Lists that are kept for these articles and hold.
pub(super) fn load(
    connection: &mut DbConnection,
    pks: &[i64],
    same_category: bool,
    state: State,
) -> Result<HashMap<i64, Kept>, StoreError> {
    load_with(connection, pks, same_category, state, state.holds_from)
}

/// [`load`], with those of articles that were edited.
pub(super) fn load_outdated_too(
    connection: &mut DbConnection,
    pks: &[i64],
    same_category: bool,
    state: State,
) -> Result<HashMap<i64, Kept>, StoreError> {
    load_with(connection, pks, same_category, state, OUTDATED)
}

/// Those that hold, and those of another epoch.
fn load_with(
    connection: &mut DbConnection,
    pks: &[i64],
    same_category: bool,
    state: State,
    epoch: i64,
) -> Result<HashMap<i64, Kept>, StoreError> {
    let pks = Numbers::new(pks.to_vec());
    let holds = related_lists::epoch.ge(state.holds_from);
    let rows: Vec<Row> = on_backend!(connection, inner => related_lists::table
        .filter(among(related_lists::article_pk, &pks))
        .filter(related_lists::same_category.eq(same_category))
        .filter(holds.or(related_lists::epoch.eq(epoch)))
        .select((related_lists::article_pk, related_lists::epoch, related_lists::entries))
        .load(inner)?);
    Ok(read(rows))
}

/// [`load`], but none of an article that waits to be merged: it may have been written anew.
pub(super) fn load_settled(
    connection: &mut DbConnection,
    pks: &[i64],
    same_category: bool,
    state: State,
) -> Result<HashMap<i64, Kept>, StoreError> {
    let pks = Numbers::new(pks.to_vec());
    let waits = index_pending::article_pk.eq(related_lists::article_pk);
    let rows: Vec<Row> = on_backend!(connection, inner => related_lists::table
        .filter(among(related_lists::article_pk, &pks))
        .filter(related_lists::same_category.eq(same_category))
        .filter(related_lists::epoch.ge(state.holds_from))
        .filter(not(exists(index_pending::table.filter(waits))))
        .select((related_lists::article_pk, related_lists::epoch, related_lists::entries))
        .load(inner)?);
    Ok(read(rows))
}

/// Whether any list of one category alone is kept and holds.
pub(super) fn has_any_of_category(
    connection: &mut DbConnection,
    state: State,
) -> Result<bool, StoreError> {
    let one: Option<i64> = related_lists::table
        .filter(related_lists::same_category)
        .filter(related_lists::epoch.ge(state.holds_from))
        .select(related_lists::epoch)
        .first(connection)
        .optional()?;
    Ok(one.is_some())
}

/// Keeps lists in place of those that there were; `None` keeps none.
pub(super) fn store(
    connection: &mut DbConnection,
    lists: &BTreeMap<i64, Option<Kept>>,
    same_category: bool,
) -> Result<(), StoreError> {
    let pks = Numbers::new(lists.keys().copied().collect());
    let former = related_lists::table
        .filter(among(related_lists::article_pk, &pks))
        .filter(related_lists::same_category.eq(same_category));
    on_backend!(connection, inner => diesel::delete(former).execute(inner)?);
    let rows: Vec<_> = lists
        .iter()
        .filter_map(|(pk, kept)| Some((*pk, kept.as_ref()?)))
        .filter(|(_, kept)| !kept.is_spent())
        .map(|(pk, kept)| {
            (
                related_lists::article_pk.eq(pk),
                related_lists::same_category.eq(same_category),
                related_lists::epoch.eq(kept.epoch),
                related_lists::entries.eq(kept.encode()),
            )
        })
        .collect();
    for rows in rows.chunks(WRITTEN_AT_ONCE) {
        on_backend!(connection, inner => {
            diesel::insert_into(related_lists::table).values(rows).execute(inner)?;
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EPOCH: i64 = 7;

    fn kept(entries: Vec<Neighbour>) -> Kept {
        let mut entries = entries;
        entries.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
        entries.dedup_by_key(|(pk, _)| *pk);
        Kept::new(EPOCH, entries)
    }

    #[test]
    fn an_article_takes_its_place_and_leaves_it() {
        let mut list = kept(vec![(1, 900), (2, 800), (3, 700)]);
        assert!(list.place(4, Some(850)));
        assert_eq!(list.entries, [(1, 900), (4, 850), (2, 800), (3, 700)]);
        assert!(!list.place(4, Some(850)));
        assert!(list.place(4, Some(100)));
        assert_eq!(list.entries.last(), Some(&(4, 100)));
        assert!(list.place(1, None));
        assert!(!list.place(1, None));
        assert_eq!(list.entries, [(2, 800), (3, 700), (4, 100)]);
    }

    #[test]
    fn a_full_list_takes_what_is_nearer_alone() {
        let full = (1..=64).map(|pk| (pk, 5_000 - u16::try_from(pk).unwrap()));
        let mut list = Kept::new(EPOCH, full.collect());
        assert!(list.is_cut);
        assert!(!list.place(99, Some(10)));
        assert!(list.place(99, Some(9_999)));
        assert_eq!(list.entries.len(), KEPT_AT_MOST);
        assert_eq!(list.entries.first(), Some(&(99, 9_999)));
        assert!(list.entries.iter().all(|(pk, _)| *pk != 64));
        // What falls below the last one goes: others may be nearer than it is now.
        assert!(list.place(99, Some(10)));
        assert_eq!(list.entries.len(), KEPT_AT_MOST - 1);
    }

    #[test]
    fn scores_that_were_wrong_are_put_right() {
        let mut list = Kept::new(EPOCH, vec![(1, 900), (2, 800), (3, 700), (4, 600)]);
        list.rescore(&[1, 2, 3], &HashMap::from([(1, 650), (3, 950)]));
        assert_eq!(list.entries, [(3, 950), (1, 650), (4, 600)]);
    }

    #[test]
    fn what_was_wrong_at_the_end_of_a_full_list_is_compared_with_what_is_right() {
        let full = (1..=64).map(|pk| (pk, 5_000 - u16::try_from(pk).unwrap()));
        let mut list = Kept::new(EPOCH, full.collect());
        list.rescore(&[63, 64], &HashMap::from([(63, 10), (64, 4_990)]));
        assert_eq!(list.entries.len(), KEPT_AT_MOST - 1);
        assert!(list.entries.contains(&(64, 4_990)));
    }

    #[test]
    fn a_list_tells_whether_it_has_any_of_some() {
        let list = Kept::new(EPOCH, vec![(1, 900), (2, 800)]);
        assert!(list.has_any(&HashSet::from([2, 7])));
        assert!(!list.has_any(&HashSet::from([7])));
        assert!(!list.has_any(&HashSet::new()));
    }

    proptest! {
        #[test]
        fn lists_come_back_as_they_were(
            entries in prop::collection::vec((1_i64..i64::MAX / 2, 0_u16..=10_000), 0..64)
        ) {
            let list = kept(entries);
            prop_assert_eq!(Kept::decode(EPOCH, &list.encode()), Some(list));
        }

        #[test]
        fn any_bytes_are_a_list_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(list) = Kept::decode(EPOCH, &bytes) {
                prop_assert!(list.entries.len() <= KEPT_AT_MOST);
            }
        }
    }
}
