//! Several runs as one list: a word has forms, and each form is on some shelves.
//!
//! Who needs all of a list, whatever the order, has it a window of rows at a time: there each run
//! is gone through by itself, which is much less work than always to look for the first of all.

use std::mem;

use super::{Entry, Run};

/// Rows of a window: what is kept of each stays in the processor's cache, and takes the same memory
/// however many articles there are.
pub const ROWS_AT_ONCE: usize = 32_768;

/// Rows of which one number tells whether they were seen.
const BITS: usize = 64;

/// The articles of any of some runs, each with its greatest weight, sorted by pk and no pk twice.
#[derive(Debug, Clone)]
pub struct Merged<'a>(Vec<Run<'a>>);

impl<'a> Merged<'a> {
    /// Of these.
    pub fn of(runs: impl IntoIterator<Item = Run<'a>>) -> Self {
        Self(runs.into_iter().collect())
    }

    /// The pk of the next article.
    pub fn first(&self) -> Option<i64> {
        self.0.iter().filter_map(Run::first).min()
    }

    /// Gives all articles up to the last row of a window, which then come no more: where in the
    /// window each is, and its greatest weight. They come in any order; one without weight may be
    /// passed over.
    pub fn take_window(&mut self, window: &mut Window, mut give: impl FnMut(usize, u32)) {
        let first = window.first;
        let last = last_row(first);
        let runs = self.0.iter_mut();
        let mut begun = runs.filter(|run| run.first().is_some_and(|pk| pk <= last));
        match (begun.next(), begun.next()) {
            (None, _) => {}
            // Most words have but one form, and other forms are mostly rare.
            (Some(only), None) => only.take_until(last, |entry| {
                if let Some(place) = place_from(first, entry.pk) {
                    give(place, entry.weight);
                }
            }),
            (Some(one), Some(other)) => {
                for run in [one, other].into_iter().chain(begun) {
                    run.take_until(last, |entry| window.put(entry));
                }
                window.empty(give);
            }
        }
    }
}

impl Iterator for Merged<'_> {
    type Item = Entry;

    #[inline]
    fn next(&mut self) -> Option<Entry> {
        if let [only] = self.0.as_mut_slice() {
            return only.next();
        }
        let pk = self.first()?;
        let of_pk = self.0.iter_mut().filter_map(|run| run.take_at(pk));
        let weight = of_pk.map(|entry| entry.weight).max()?;
        Some(Entry { pk, weight })
    }

    fn count(mut self) -> usize {
        let mut count = 0;
        if let [only] = self.0.as_mut_slice() {
            only.take_until(i64::MAX, |_| count += 1);
            return count;
        }
        let mut seen = [0_u64; ROWS_AT_ONCE / BITS];
        while let Some(first) = self.first() {
            for run in &mut self.0 {
                run.take_until(last_row(first), |entry| {
                    let place = place_from(first, entry.pk).unwrap_or(usize::MAX);
                    if let Some(bits) = seen.get_mut(place / BITS) {
                        let bit = 1_u64 << (place % BITS);
                        count += usize::from(*bits & bit == 0);
                        *bits |= bit;
                    }
                });
            }
            seen.fill(0);
        }
        count
    }
}

/// Rows that follow one another, and room for the greatest weight of each.
#[derive(Debug)]
pub struct Window {
    first: i64,
    /// Zeros, but while a list is gone through.
    greatest: Vec<u32>,
    /// Where there are others.
    touched: Vec<usize>,
}

impl Window {
    /// With room for [`ROWS_AT_ONCE`] rows.
    pub fn with_room() -> Self {
        Self {
            first: 0,
            greatest: vec![0; ROWS_AT_ONCE],
            touched: Vec::new(),
        }
    }

    /// Lets it begin with this row.
    pub fn move_to(&mut self, first: i64) {
        self.first = first;
    }

    #[inline]
    fn put(&mut self, entry: Entry) {
        let Some(place) = place_from(self.first, entry.pk) else {
            return;
        };
        if let Some(greatest) = self.greatest.get_mut(place)
            && entry.weight > *greatest
        {
            if *greatest == 0 {
                self.touched.push(place);
            }
            *greatest = entry.weight;
        }
    }

    /// Gives all that was put into it.
    #[inline]
    fn empty(&mut self, mut give: impl FnMut(usize, u32)) {
        for place in self.touched.drain(..) {
            if let Some(greatest) = self.greatest.get_mut(place) {
                give(place, mem::take(greatest));
            }
        }
    }
}

/// The last row of a window that begins with this one.
fn last_row(first: i64) -> i64 {
    let further = i64::try_from(ROWS_AT_ONCE - 1).unwrap_or(i64::MAX);
    first.saturating_add(further)
}

/// How far a row lies beyond another; none where it lies before it, as it does in damaged lists
/// alone.
#[inline]
fn place_from(first: i64, pk: i64) -> Option<usize> {
    usize::try_from(pk.saturating_sub(first)).ok()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, ops::Range};

    use proptest::prelude::*;

    use super::*;
    use crate::ranking::{
        lists::{List, union},
        postings::{Packs, Posting, blocks},
    };

    type Map = BTreeMap<i64, u32>;

    fn maps() -> impl Strategy<Value = Vec<Map>> {
        let pks = prop_oneof![4 => 0_i64..2_000, 2 => 0_i64..200_000, 1 => any::<i64>()];
        let weights = prop_oneof![1_u32..128, any::<u32>(), Just(0_u32)];
        let map = prop::collection::btree_map(pks, weights, 0..400);
        prop::collection::vec(map, 0..5)
    }

    fn list(map: &Map) -> List {
        let entry = |(pk, weight): (&i64, &u32)| Entry {
            pk: *pk,
            weight: *weight,
        };
        map.iter().map(entry).collect()
    }

    /// Adds the blocks that are stored of a list.
    fn stored(packs: &mut Packs, list: &[Entry]) -> Range<usize> {
        let posting = |entry: &Entry| Posting {
            pk: entry.pk,
            weight: entry.weight,
            places: vec![3, 9],
        };
        let postings: Vec<Posting> = list.iter().map(posting).collect();
        let start = packs.count();
        for block in blocks(i64::MAX, &postings) {
            packs.push(block.first_pk, &block.docs);
        }
        start..packs.count()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn lists_are_gone_through_as_if_they_were_laid_out(
            maps in maps(),
            without in prop::collection::btree_set(0_i64..2_000, 0..300),
        ) {
            let mut packs = Packs::with_room();
            let blocks: Vec<Range<usize>> =
                maps.iter().map(|map| stored(&mut packs, &list(map))).collect();
            let left_out: Vec<i64> = without.iter().copied().collect();
            let runs = blocks.iter().map(|blocks| packs.run(blocks.clone(), &left_out));
            let merged = Merged::of(runs);
            let mut laid_out: Vec<List> = maps.iter().map(list).collect();
            for list in &mut laid_out {
                list.retain(|entry| !without.contains(&entry.pk));
            }
            let expected = union(laid_out);
            prop_assert_eq!(merged.clone().count(), expected.len());
            prop_assert_eq!(in_windows(merged.clone()), with_weight(&expected));
            prop_assert_eq!(merged.collect::<List>(), expected);
        }
    }

    fn with_weight(list: &[Entry]) -> List {
        let entries = list.iter().copied();
        entries.filter(|entry| entry.weight > 0).collect()
    }

    /// All that is given, window by window.
    fn in_windows(mut merged: Merged<'_>) -> List {
        let mut window = Window::with_room();
        let mut all = List::new();
        while let Some(first) = merged.first() {
            let mut some = List::new();
            window.move_to(first);
            merged.take_window(&mut window, |place, weight| {
                let pk = first + i64::try_from(place).unwrap();
                some.push(Entry { pk, weight });
            });
            some.sort_by_key(|entry| entry.pk);
            all.extend(some);
        }
        with_weight(&all)
    }
}
