//! The articles of which lists add up to the most.

use std::{cmp::Reverse, collections::BinaryHeap, iter::Peekable};

use crate::ranking::postings::Entry;

/// Rows of which sums are made at a time: they stay in the processor's cache, and take the same
/// memory however many articles there are.
const ROWS_AT_ONCE: usize = 32_768;

/// The rows with the greatest sums, at most so many, greatest first; ties go to the smaller row. A
/// sum is that of the weights in all lists, each multiplied by what its list counts. Lists are
/// sorted by pk, no pk twice.
pub fn greatest<L>(lists: Vec<(L, u32)>, most: usize) -> Vec<i64>
where
    L: Iterator<Item = Entry>,
{
    if most == 0 {
        return Vec::new();
    }
    let begun = |(list, counts): (L, u32)| (list.peekable(), counts);
    let mut lists: Vec<(Peekable<L>, u32)> = lists.into_iter().map(begun).collect();
    let mut sums = vec![0_u32; ROWS_AT_ONCE];
    let mut best = Best::new(most);
    while let Some(first) = first_row(&mut lists) {
        for (list, counts) in &mut lists {
            add(list, *counts, first, &mut sums);
        }
        best.take(first, &mut sums);
    }
    best.finish()
}

/// The first row that is left in any list.
fn first_row<L>(lists: &mut [(Peekable<L>, u32)]) -> Option<i64>
where
    L: Iterator<Item = Entry>,
{
    let lists = lists.iter_mut();
    let firsts = lists.filter_map(|(list, _)| list.peek().map(|entry| entry.pk));
    firsts.min()
}

/// Adds what a list has of the rows of which sums are made, from the first one on.
fn add<L>(list: &mut Peekable<L>, counts: u32, first: i64, sums: &mut [u32])
where
    L: Iterator<Item = Entry>,
{
    let rows = i64::try_from(sums.len()).unwrap_or(i64::MAX);
    while let Some(entry) = list.next_if(|entry| entry.pk.saturating_sub(first) < rows) {
        let place = usize::try_from(entry.pk.saturating_sub(first));
        if let Some(sum) = place.ok().and_then(|place| sums.get_mut(place)) {
            *sum = sum.saturating_add(counts.saturating_mul(entry.weight));
        }
    }
}

/// The greatest sums so far.
struct Best {
    most: usize,
    /// The least one is the first to go.
    kept: BinaryHeap<Reverse<(u32, Reverse<i64>)>>,
    /// No sum that is not greater will do.
    bar: u32,
}

impl Best {
    fn new(most: usize) -> Self {
        Self {
            most,
            kept: BinaryHeap::new(),
            bar: 0,
        }
    }

    /// Takes the sums of rows that come after all those before, from the first one on, and leaves
    /// zeros. Most of very many are passed over.
    fn take(&mut self, first: i64, sums: &mut [u32]) {
        for (place, sum) in (0_i64..).zip(&*sums) {
            if *sum > self.bar {
                self.keep(*sum, first.saturating_add(place));
            }
        }
        sums.fill(0);
    }

    fn keep(&mut self, sum: u32, pk: i64) {
        let one = Reverse((sum, Reverse(pk)));
        if self.kept.len() < self.most {
            self.kept.push(one);
        } else if let Some(mut least) = self.kept.peek_mut() {
            *least = one;
        }
        if self.kept.len() >= self.most {
            let least = self.kept.peek();
            self.bar = least.map_or(0, |Reverse((sum, _))| *sum);
        }
    }

    fn finish(self) -> Vec<i64> {
        let best = self.kept.into_sorted_vec().into_iter();
        best.map(|Reverse((_, Reverse(pk)))| pk).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Map = BTreeMap<i64, u32>;

    fn entries(map: &Map) -> impl Iterator<Item = Entry> {
        let entry = |(pk, weight): (&i64, &u32)| Entry {
            pk: *pk,
            weight: *weight,
        };
        map.iter().map(entry)
    }

    fn found(lists: &[(Map, u32)], most: usize) -> Vec<i64> {
        let lists = lists.iter().map(|(map, counts)| (entries(map), *counts));
        greatest(lists.collect(), most)
    }

    /// Lays all sums out, and sorts them.
    fn plain(lists: &[(Map, u32)], most: usize) -> Vec<i64> {
        let mut sums = Map::new();
        for (map, counts) in lists {
            for (pk, weight) in map {
                let sum = sums.entry(*pk).or_default();
                *sum += counts * weight;
            }
        }
        let mut sorted: Vec<(i64, u32)> = sums.into_iter().collect();
        sorted.sort_by_key(|(pk, sum)| (Reverse(*sum), *pk));
        sorted.into_iter().map(|(pk, _)| pk).take(most).collect()
    }

    fn lists() -> impl Strategy<Value = Vec<(Map, u32)>> {
        let rows = i64::try_from(ROWS_AT_ONCE).unwrap();
        // Near each other, around where others are begun with, and anywhere.
        let pks = prop_oneof![
            4 => 1_i64..300,
            2 => rows - 20..rows + 20,
            2 => 3 * rows..3 * rows + 300,
            1 => any::<i64>(),
        ];
        // Small numbers, of which many are equal.
        let counts = prop_oneof![1_u32..4, 1_u32..=4_096];
        let list = prop::collection::btree_map(pks, 1_u32..6, 0..60);
        prop::collection::vec((list, counts), 0..7)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_greatest_are_those_that_sorting_gives(lists in lists(), most in 0_usize..80) {
            prop_assert_eq!(found(&lists, most), plain(&lists, most));
        }
    }

    #[test]
    fn what_is_in_more_lists_comes_first() {
        let lists = [
            (Map::from([(1, 10), (2, 10), (9, 127)]), 100),
            (Map::from([(2, 10), (3, 10)]), 50),
        ];
        assert_eq!(found(&lists, 10), [9, 2, 1, 3]);
        assert_eq!(found(&lists, 2), [9, 2]);
        assert!(found(&[], 2).is_empty());
    }

    #[test]
    fn lists_out_of_order_come_to_an_end() {
        let list = [7, 3, i64::MIN, 70_000, 5, i64::MAX].map(|pk| Entry { pk, weight: 1 });
        assert!(greatest(vec![(list.into_iter(), 1)], 9).len() <= 6);
    }
}
