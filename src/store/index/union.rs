//! The union of the lists of a range of terms, read block by block.

use std::{cmp::Reverse, mem};

use crate::ranking::{
    lists::{self, List},
    postings::{self, Entry},
};

/// Entries that are gathered, at least, before they are joined to the rest.
const LOOSE_AT_LEAST: usize = 4_096;

/// Articles of any number of blocks, each with its greatest weight; in memory that is bounded by
/// the number of articles.
#[derive(Default)]
pub(super) struct Union {
    whole: List,
    /// In no order; an article may be there many times.
    loose: Vec<Entry>,
}

impl Union {
    /// Adds what a block of postings has.
    pub(super) fn add(&mut self, first_pk: i64, docs: &[u8]) {
        postings::entries(first_pk, docs, &mut self.loose);
        self.join_if_many();
    }

    /// Joins when at least half of what is joined is new, so that nothing is gone through again
    /// and again.
    fn join_if_many(&mut self) {
        if self.loose.len() >= self.whole.len().max(LOOSE_AT_LEAST) {
            self.join();
        }
    }

    fn join(&mut self) {
        let mut loose = mem::take(&mut self.loose);
        loose.sort_unstable_by_key(|entry| (entry.pk, Reverse(entry.weight)));
        loose.dedup_by_key(|entry| entry.pk);
        self.whole = lists::union(vec![mem::take(&mut self.whole), loose]);
    }

    /// The whole, by article.
    pub(super) fn finish(mut self) -> List {
        self.join();
        self.whole
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::{collection, prelude::*};

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_union_has_each_article_once(
            lists in collection::vec(collection::btree_map(0_i64..9_000, 1_u32..99, 0..3_000), 0..8),
        ) {
            let mut union = Union::default();
            let mut model = BTreeMap::new();
            for list in &lists {
                for (pk, weight) in list {
                    let (pk, weight) = (*pk, *weight);
                    union.loose.push(Entry { pk, weight });
                    let greatest = model.entry(pk).or_insert(0);
                    *greatest = weight.max(*greatest);
                }
                union.join_if_many();
            }
            let expected = model.into_iter().map(|(pk, weight)| Entry { pk, weight });
            prop_assert_eq!(union.finish(), expected.collect::<List>());
        }
    }
}
