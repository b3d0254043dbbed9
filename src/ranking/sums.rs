//! The articles of which lists add up to the most.

use std::{cmp::Reverse, collections::BinaryHeap};

use crate::ranking::postings::{Merged, ROWS_AT_ONCE, Window};

/// Sums that are passed over together when none of them will do.
const SUMS_AT_ONCE: usize = 32;

/// The rows with the greatest sums, at most so many, greatest first; ties go to the smaller row. A
/// sum is that of the weights in all lists, each multiplied by what its list counts.
pub fn greatest(mut lists: Vec<(Merged<'_>, u32)>, most: usize) -> Vec<i64> {
    if most == 0 {
        return Vec::new();
    }
    let mut window = Window::with_room();
    let mut sums = vec![0_u32; ROWS_AT_ONCE];
    let mut best = Best::new(most);
    while let Some(first) = first_row(&lists) {
        window.move_to(first);
        for (list, counts) in &mut lists {
            add(list, *counts, &mut window, &mut sums);
        }
        best.take(first, &mut sums);
    }
    best.finish()
}

/// The first row that is left in any list.
fn first_row(lists: &[(Merged<'_>, u32)]) -> Option<i64> {
    lists.iter().filter_map(|(list, _)| list.first()).min()
}

/// Adds what a list has of the rows of a window, of which these are the sums.
fn add(list: &mut Merged<'_>, counts: u32, window: &mut Window, sums: &mut [u32]) {
    list.take_window(window, |place, weight| {
        if let Some(sum) = sums.get_mut(place) {
            *sum = sum.saturating_add(counts.saturating_mul(weight));
        }
    });
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
        let starts = (0_i64..).step_by(SUMS_AT_ONCE);
        for (start, some) in starts.zip(sums.chunks(SUMS_AT_ONCE)) {
            if some.iter().fold(0_u32, |most, sum| most.max(*sum)) <= self.bar {
                continue;
            }
            for (place, sum) in (start..).zip(some) {
                if *sum > self.bar {
                    self.keep(*sum, first.saturating_add(place));
                }
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
    use std::{collections::BTreeMap, ops::Range};

    use proptest::prelude::*;

    use super::*;
    use crate::ranking::{
        lists::{List, union},
        postings::{Entry, Packs},
    };

    type Map = BTreeMap<i64, u32>;

    fn entries(map: &Map) -> List {
        let entry = |(pk, weight): (&i64, &u32)| Entry {
            pk: *pk,
            weight: *weight,
        };
        map.iter().map(entry).collect()
    }

    fn packed(packs: &mut Packs, map: &Map) -> Range<usize> {
        let start = packs.count();
        packs.pack(&entries(map));
        start..packs.count()
    }

    /// Each list is that of some forms.
    fn found(lists: &[(Vec<Map>, u32)], most: usize) -> Vec<i64> {
        let mut packs = Packs::with_room();
        let mut blocks: Vec<(Vec<Range<usize>>, u32)> = Vec::new();
        for (forms, counts) in lists {
            let of_forms = forms.iter().map(|map| packed(&mut packs, map));
            blocks.push((of_forms.collect(), *counts));
        }
        let mut merged = Vec::new();
        for (of_forms, counts) in &blocks {
            let runs = of_forms.iter().map(|form| packs.run(form.clone(), &[]));
            merged.push((Merged::of(runs), *counts));
        }
        greatest(merged, most)
    }

    /// Lays all sums out, and sorts them.
    fn plain(lists: &[(Vec<Map>, u32)], most: usize) -> Vec<i64> {
        let mut sums = Map::new();
        for (forms, counts) in lists {
            for entry in union(forms.iter().map(entries).collect()) {
                let sum = sums.entry(entry.pk).or_default();
                *sum += counts * entry.weight;
            }
        }
        let mut sorted: Vec<(i64, u32)> = sums.into_iter().collect();
        sorted.sort_by_key(|(pk, sum)| (Reverse(*sum), *pk));
        sorted.into_iter().map(|(pk, _)| pk).take(most).collect()
    }

    fn lists() -> impl Strategy<Value = Vec<(Vec<Map>, u32)>> {
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
        let form = prop::collection::btree_map(pks, 1_u32..6, 0..60);
        let forms = prop::collection::vec(form, 1..4);
        prop::collection::vec((forms, counts), 0..7)
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
            (vec![Map::from([(1, 10), (2, 10), (9, 127)])], 100),
            (vec![Map::from([(2, 10), (3, 10)])], 50),
        ];
        assert_eq!(found(&lists, 10), [9, 2, 1, 3]);
        assert_eq!(found(&lists, 2), [9, 2]);
        assert!(found(&[], 2).is_empty());
    }

    #[test]
    fn of_the_forms_of_a_word_the_greatest_weight_counts() {
        let forms = vec![
            Map::from([(1, 10), (2, 30)]),
            Map::from([(1, 20), (2, 10), (40_000, 25)]),
        ];
        assert_eq!(found(&[(forms, 1)], 10), [2, 40_000, 1]);
    }

    #[test]
    fn lists_out_of_order_come_to_an_end() {
        let mut packs = Packs::with_room();
        for pk in [7, 3, i64::MIN, 70_000, 5, i64::MAX] {
            packs.pack(&[Entry { pk, weight: 1 }]);
        }
        let all = 0..packs.count();
        let run = || packs.run(all.clone(), &[]);
        for list in [Merged::of([run()]), Merged::of([run(), run()])] {
            assert!(list.clone().count() <= 12);
            assert!(greatest(vec![(list, 1)], 9).len() <= 6);
        }
    }
}
