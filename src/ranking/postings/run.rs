//! Lists that are gone through as they are packed. Laid out, an article takes sixteen bytes of a
//! list, and packed two or three; who only adds lists up needs no more.

use std::{ops::Range, slice};

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
        let mut run = Run {
            bytes: &self.bytes,
            rest: self.blocks.get(blocks).unwrap_or_default().iter(),
            docs: Docs::new(0, &[]),
            without,
            head: None,
        };
        run.head = run.read();
        run
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
    /// The next article, which has been read; none at the end.
    head: Option<Entry>,
}

impl<'a> Run<'a> {
    /// The pk of the next article.
    #[inline]
    pub(super) fn first(&self) -> Option<i64> {
        self.head.map(|head| head.pk)
    }

    /// The next article, if it is this one.
    #[inline]
    pub(super) fn take_at(&mut self, pk: i64) -> Option<Entry> {
        let head = self.head.take_if(|head| head.pk == pk)?;
        self.head = self.read();
        Some(head)
    }

    /// Gives all articles up to a pk, which then come no more.
    #[inline]
    pub(super) fn take_until(&mut self, last: i64, mut give: impl FnMut(Entry)) {
        let Some(head) = self.head.take_if(|head| head.pk <= last) else {
            return;
        };
        give(head);
        let mut without = self.without;
        // Mostly, none is left out, and none is looked for.
        let beyond = match without.is_empty() {
            true => self.read_until(last, give),
            false => self.read_until(last, |entry| {
                if !is_left_out(&mut without, entry.pk) {
                    give(entry);
                }
            }),
        };
        self.without = without;
        self.head = match beyond {
            Some(entry) if is_left_out(&mut self.without, entry.pk) => self.read(),
            other => other,
        };
    }

    /// Gives all articles up to a pk, those too that are to be left out, and returns the first one
    /// beyond it.
    #[inline]
    fn read_until(&mut self, last: i64, mut give: impl FnMut(Entry)) -> Option<Entry> {
        loop {
            if let Some(beyond) = self.docs.until(last, &mut give) {
                return Some(beyond);
            }
            self.docs = self.next_docs()?;
        }
    }

    fn read(&mut self) -> Option<Entry> {
        loop {
            let Some(entry) = self.docs.next() else {
                self.docs = self.next_docs()?;
                continue;
            };
            if !is_left_out(&mut self.without, entry.pk) {
                return Some(entry);
            }
        }
    }

    fn next_docs(&mut self) -> Option<Docs<'a>> {
        let pack = self.rest.next()?;
        let docs = self.bytes.get(pack.docs.clone()).unwrap_or_default();
        Some(Docs::new(pack.first_pk, docs))
    }
}

/// Whether an article is among those that are left out, of which those before it are dropped.
#[inline]
fn is_left_out(without: &mut &[i64], pk: i64) -> bool {
    while let [first, behind @ ..] = *without
        && *first < pk
    {
        *without = behind;
    }
    without.first() == Some(&pk)
}

impl Iterator for Run<'_> {
    type Item = Entry;

    #[inline]
    fn next(&mut self) -> Option<Entry> {
        let head = self.head.take()?;
        self.head = self.read();
        Some(head)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::ranking::lists::List;

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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

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
