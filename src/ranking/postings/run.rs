//! Lists that are gone through as they are packed. Laid out, an article takes sixteen bytes of a
//! list, and packed two or three; who only adds lists up needs no more.

use std::{iter::Peekable, ops::Range, slice};

use super::{Docs, Entry, push_varint};

/// Bytes that there is room for from the beginning, which mostly do: a piece that grows is copied
/// again and again. What is not used of it is not taken from the system.
const ROOM: usize = 1_024 * 1_024;

/// Blocks without their places, in one piece of memory.
#[derive(Debug)]
pub struct Packs {
    bytes: Vec<u8>,
    blocks: Vec<Pack>,
}

/// Where the bytes of a block are.
#[derive(Debug)]
struct Pack {
    first_pk: i64,
    docs: Range<usize>,
}

impl Packs {
    /// As yet without a block.
    pub fn with_room() -> Self {
        Self {
            bytes: Vec::with_capacity(ROOM),
            blocks: Vec::new(),
        }
    }

    /// How many blocks there are.
    pub fn count(&self) -> usize {
        self.blocks.len()
    }

    /// Adds a block.
    pub fn push(&mut self, first_pk: i64, docs: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(docs);
        self.end_block(first_pk, start);
    }

    /// Packs articles, sorted by pk and no pk twice, into a block of their own, however large; none
    /// without any.
    pub fn pack(&mut self, entries: &[Entry]) {
        let Some(first) = entries.first() else {
            return;
        };
        let start = self.bytes.len();
        let mut last = first.pk;
        for entry in entries {
            push_varint(&mut self.bytes, entry.pk.abs_diff(last));
            push_varint(&mut self.bytes, u64::from(entry.weight));
            last = entry.pk;
        }
        self.end_block(first.pk, start);
    }

    fn end_block(&mut self, first_pk: i64, start: usize) {
        self.blocks.push(Pack {
            first_pk,
            docs: start..self.bytes.len(),
        });
    }

    /// The articles of these blocks, which follow one another, but for some, sorted by pk.
    pub fn run<'a>(&'a self, blocks: Range<usize>, without: &'a [i64]) -> Run<'a> {
        Run {
            bytes: &self.bytes,
            rest: self.blocks.get(blocks).unwrap_or_default().iter(),
            docs: Docs::new(0, &[]),
            without,
        }
    }
}

/// The articles of some blocks, one after the other. A damaged block ends early.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    bytes: &'a [u8],
    /// Blocks that have not been begun.
    rest: slice::Iter<'a, Pack>,
    /// What is left of the one that has.
    docs: Docs<'a>,
    /// Articles that are left out, as far as they may still come.
    without: &'a [i64],
}

impl Run<'_> {
    fn is_left_out(&mut self, pk: i64) -> bool {
        while let [first, behind @ ..] = self.without
            && *first < pk
        {
            self.without = behind;
        }
        self.without.first() == Some(&pk)
    }
}

impl Iterator for Run<'_> {
    type Item = Entry;

    #[inline]
    fn next(&mut self) -> Option<Entry> {
        loop {
            let Some(entry) = self.docs.next() else {
                let pack = self.rest.next()?;
                let docs = self.bytes.get(pack.docs.clone()).unwrap_or_default();
                self.docs = Docs::new(pack.first_pk, docs);
                continue;
            };
            if !self.is_left_out(entry.pk) {
                return Some(entry);
            }
        }
    }
}

/// The articles of any of some runs, each with its greatest weight, sorted by pk and no pk twice.
#[derive(Debug, Clone)]
pub struct Merged<'a>(Vec<Peekable<Run<'a>>>);

impl<'a> Merged<'a> {
    /// Of these.
    pub fn of(runs: impl IntoIterator<Item = Run<'a>>) -> Self {
        Self(runs.into_iter().map(Iterator::peekable).collect())
    }
}

impl Iterator for Merged<'_> {
    type Item = Entry;

    #[inline]
    fn next(&mut self) -> Option<Entry> {
        // Most words have but one form.
        if let [only] = self.0.as_mut_slice() {
            return only.next();
        }
        let first = |run: &mut Peekable<Run<'_>>| run.peek().map(|entry| entry.pk);
        let pk = self.0.iter_mut().filter_map(first).min()?;
        let at_pk = |run: &mut Peekable<Run<'_>>| run.next_if(|entry| entry.pk == pk);
        let of_pk = self.0.iter_mut().filter_map(at_pk);
        let weight = of_pk.map(|entry| entry.weight).max()?;
        Some(Entry { pk, weight })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::ranking::{
        lists::{List, union},
        postings::{Posting, blocks},
    };

    type Map = BTreeMap<i64, u32>;

    fn map() -> impl Strategy<Value = Map> {
        let pks = prop_oneof![4 => 0_i64..2_000, 1 => any::<i64>()];
        prop::collection::btree_map(pks, prop_oneof![1_u32..128, any::<u32>()], 0..400)
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
            maps in prop::collection::vec(map(), 0..5),
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
            prop_assert_eq!(merged.collect::<List>(), expected);
        }

        #[test]
        fn articles_are_packed_into_one_block(one in map(), other in map()) {
            let mut packs = Packs::with_room();
            for map in [&one, &other] {
                let start = packs.count();
                packs.pack(&list(map));
                prop_assert_eq!(packs.count() - start, usize::from(!map.is_empty()));
                let run = packs.run(start..packs.count(), &[]);
                prop_assert_eq!(run.collect::<List>(), list(map));
            }
        }

        #[test]
        fn damaged_bytes_end_a_block_alone(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let mut packs = Packs::with_room();
            packs.push(5, &bytes);
            packs.pack(&[Entry { pk: i64::MAX, weight: 7 }]);
            let last = packs.run(0..2, &[]).last();
            prop_assert_eq!(last, Some(Entry { pk: i64::MAX, weight: 7 }));
        }
    }
}
