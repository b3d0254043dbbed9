//! Blocks made of postings, and changed by edits.

use super::{
    BLOCK_AT_MOST, Block, Docs, Edit, PLACES_AT_MOST, Posting, after_places, postings, push_places,
    push_varint, varint_length,
};

/// Packs postings, sorted by pk and no pk twice, into blocks as full as may be. The first block
/// has `first_pk` (or the first pk, should that be less), later ones begin at their first pk.
pub fn blocks(first_pk: i64, postings: &[Posting]) -> Vec<Block> {
    begun(first_pk, postings.iter())
}

/// Packs postings, sorted by pk and no pk twice, into one block, however large; none without any.
pub fn block(first_pk: i64, postings: &[Posting]) -> Option<Block> {
    packed(first_pk, postings.iter(), usize::MAX).pop()
}

/// [`blocks`] of what edits put, sorted by pk.
pub fn blocks_of_new(first_pk: i64, edits: &[Edit]) -> Vec<Block> {
    begun(first_pk, edits.iter().filter_map(Edit::put))
}

fn begun<'a>(first_pk: i64, postings: impl Iterator<Item = &'a Posting>) -> Vec<Block> {
    let mut postings = postings.peekable();
    let first_pk = postings
        .peek()
        .map_or(first_pk, |first| first_pk.min(first.pk));
    packed(first_pk, postings, BLOCK_AT_MOST)
}

/// What a block becomes by edits, sorted by pk and at most one for each: the blocks that replace
/// it, of which one has its `first_pk` unless nothing of it is left.
///
/// A block that grows at its end is filled up before a new one begins, so that articles written
/// one after the other leave full blocks; one that grows in its middle is halved, so that both
/// halves have room. Articles before `first_pk` get blocks of their own. Without a block, new
/// ones begin at the first article that is put.
pub fn edited(block: Option<&Block>, edits: &[Edit]) -> Vec<Block> {
    let Some(block) = block else {
        return blocks_of_new(i64::MAX, edits);
    };
    if let Some(grown) = grown(block, edits) {
        return grown;
    }
    let first_pk = block.first_pk;
    let (before, within) = edits.split_at(edits.partition_point(|edit| edit.pk() < first_pk));
    let mut all = blocks_of_new(i64::MAX, before);
    let held = postings(block);
    let last = held.last().map(|posting| posting.pk);
    let kept = applied(&held, within);
    let (middle, _) = kept.split_at(kept.partition_point(|posting| Some(posting.pk) <= last));
    let most = match length(first_pk, middle) <= BLOCK_AT_MOST {
        true => BLOCK_AT_MOST,
        false => even(first_pk, &kept),
    };
    all.extend(packed(first_pk, kept.into_iter(), most));
    all
}

/// What a block becomes by articles that all come after its own, as those of an import do: its
/// bytes are taken as they are. `None` where they do not, or where it has bytes that would not be
/// written so.
fn grown(block: &Block, edits: &[Edit]) -> Option<Vec<Block>> {
    let last = last_of_whole(block)?;
    if block.length() > BLOCK_AT_MOST || edits.first().is_none_or(|edit| edit.pk() <= last) {
        return None;
    }
    let mut packing = Packing {
        full: Vec::new(),
        block: block.clone(),
        last,
        most: BLOCK_AT_MOST,
    };
    let new = edits.iter().filter_map(Edit::put);
    new.for_each(|posting| packing.push(posting));
    Some(packing.finish())
}

/// The last article of a block that can be read to the end of its bytes.
fn last_of_whole(block: &Block) -> Option<i64> {
    let mut docs = Docs::new(block.first_pk, &block.docs);
    let mut rest = block.places.as_slice();
    let mut last = None;
    for entry in docs.by_ref() {
        rest = after_places(rest)?;
        last = Some(entry.pk);
    }
    last.filter(|_| docs.rest.is_empty() && rest.is_empty())
}

/// Bytes of a block, at most, when postings are shared out among blocks a half to three quarters
/// full.
fn even(first_pk: i64, postings: &[&Posting]) -> usize {
    let bytes = length(first_pk, postings);
    let parts = (bytes / (BLOCK_AT_MOST / 2)).max(1);
    let longest = lengths(first_pk, postings).max().unwrap_or(0);
    (bytes.div_ceil(parts) + longest).min(BLOCK_AT_MOST)
}

fn applied<'a>(held: &'a [Posting], edits: &'a [Edit]) -> Vec<&'a Posting> {
    let mut all: Vec<&Posting> = Vec::with_capacity(held.len() + edits.len());
    let mut edits = edits.iter().peekable();
    for posting in held {
        while let Some(edit) = edits.next_if(|edit| edit.pk() < posting.pk) {
            all.extend(edit.put());
        }
        match edits.next_if(|edit| edit.pk() == posting.pk) {
            Some(edit) => all.extend(edit.put()),
            None => all.push(posting),
        }
    }
    all.extend(edits.filter_map(Edit::put));
    all
}

/// Blocks that are being filled.
struct Packing {
    full: Vec<Block>,
    block: Block,
    /// The article that is reckoned from.
    last: i64,
    /// Bytes of a block.
    most: usize,
}

impl Packing {
    fn push(&mut self, posting: &Posting) {
        if !self.block.docs.is_empty() {
            if posting.pk <= self.last {
                return; // Written down, it would end the list for whoever reads it.
            }
            if self.block.length() + entry_length(self.last, posting) > self.most {
                let full = std::mem::replace(&mut self.block, empty(posting.pk));
                self.full.push(full);
                self.last = posting.pk;
            }
        }
        push_varint(&mut self.block.docs, posting.pk.abs_diff(self.last));
        push_varint(&mut self.block.docs, u64::from(posting.weight));
        push_places(&mut self.block.places, &posting.places);
        self.last = posting.pk;
    }

    fn finish(mut self) -> Vec<Block> {
        if !self.block.docs.is_empty() {
            self.full.push(self.block);
        }
        self.full
    }
}

fn empty(first_pk: i64) -> Block {
    Block {
        first_pk,
        docs: Vec::new(),
        places: Vec::new(),
    }
}

fn packed<'a>(
    first_pk: i64,
    postings: impl Iterator<Item = &'a Posting>,
    most: usize,
) -> Vec<Block> {
    let mut packing = Packing {
        full: Vec::new(),
        block: empty(first_pk),
        last: first_pk,
        most,
    };
    postings.for_each(|posting| packing.push(posting));
    packing.finish()
}

/// Bytes that postings take when they stand in one block.
pub(super) fn length(first_pk: i64, postings: &[&Posting]) -> usize {
    lengths(first_pk, postings).sum()
}

/// The same for each of them.
fn lengths(first_pk: i64, postings: &[&Posting]) -> impl Iterator<Item = usize> {
    let mut last = first_pk;
    postings.iter().map(move |posting| {
        let bytes = entry_length(last, posting);
        last = posting.pk;
        bytes
    })
}

fn entry_length(last: i64, posting: &Posting) -> usize {
    let article = varint_length(posting.pk.abs_diff(last));
    article + varint_length(u64::from(posting.weight)) + places_length(&posting.places)
}

fn places_length(places: &[u32]) -> usize {
    let kept = places.len().min(PLACES_AT_MOST);
    let mut last = 0;
    let steps = places.iter().take(kept).map(|place| {
        let step = place.saturating_sub(last);
        last = *place;
        varint_length(u64::from(step))
    });
    varint_length(kept as u64) + steps.sum::<usize>()
}

impl Block {
    /// Its bytes.
    fn length(&self) -> usize {
        self.docs.len() + self.places.len()
    }
}
