//! Which articles have a word, how much it weighs there and where it stands, packed into blocks.
//!
//! A block's `docs` are pairs of numbers: how far the article's pk lies beyond the one before
//! (the first: beyond `first_pk`), and the weight. Its `places` are, in the same order, the
//! number of places and how far each lies beyond the one before. All numbers are written seven
//! bits a byte, the lowest first, with the eighth bit set where more follow (LEB128).

mod edit;
mod merged;
mod run;

pub use edit::{block, blocks, blocks_of_new, edited};
pub use merged::{Merged, ROWS_AT_ONCE, Window};
pub use run::{Packs, Run};

/// An article of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The article's row.
    pub pk: i64,
    /// What the word weighs in it.
    pub weight: u32,
}

/// An article of a list, with the places of the word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The article's row.
    pub pk: i64,
    /// What the word weighs in it.
    pub weight: u32,
    /// Where the word stands, counted in words; ascending.
    pub places: Vec<u32>,
}

/// Packed postings, sorted by pk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// No pk in it is less; it need not be in it.
    pub first_pk: i64,
    /// Pks and weights.
    pub docs: Vec<u8>,
    /// Places, in the same order.
    pub places: Vec<u8>,
}

/// A change of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// The article has the word, whether it had it before or not.
    Put(Posting),
    /// The article has the word no more.
    Remove(i64),
}

impl Edit {
    /// The article that it is about.
    pub fn pk(&self) -> i64 {
        match self {
            Self::Put(posting) => posting.pk,
            Self::Remove(pk) => *pk,
        }
    }

    fn put(&self) -> Option<&Posting> {
        match self {
            Self::Put(posting) => Some(posting),
            Self::Remove(_) => None,
        }
    }
}

/// Bytes of a block, at most, unless it has but one article. SQLite keeps a row of its table whole
/// up to 1,002 bytes. Of a longer one it puts most on a page of its own, which stays half empty:
/// twice the room, and two pages to read. What is left is for the word and the head of the row.
pub const BLOCK_AT_MOST: usize = 940;

/// Places of a word in one article that are kept, at most: the first ones.
pub const PLACES_AT_MOST: usize = 256;

/// Reads a block's pks and weights, and adds them. Damaged bytes end it early; what it gives
/// ascends strictly in any case.
pub fn entries(first_pk: i64, docs: &[u8], into: &mut Vec<Entry>) {
    // No entry has fewer than two bytes.
    into.reserve(docs.len() / 2);
    into.extend(Docs::new(first_pk, docs));
}

/// Reads a block. Damaged `docs` end it early; from damaged `places` on, articles have none.
pub fn postings(block: &Block) -> Vec<Posting> {
    let mut rest = block.places.as_slice();
    Docs::new(block.first_pk, &block.docs)
        .map(|Entry { pk, weight }| {
            let (places, after) = places(rest).unwrap_or_default();
            rest = after;
            Posting { pk, weight, places }
        })
        .collect()
}

fn push_places(bytes: &mut Vec<u8>, places: &[u32]) {
    let kept = places.len().min(PLACES_AT_MOST);
    push_varint(bytes, kept as u64);
    let mut last = 0;
    for place in places.iter().take(kept) {
        push_varint(bytes, u64::from(place.saturating_sub(last)));
        last = *place;
    }
}

/// The places of one article, and the bytes after them.
fn places(bytes: &[u8]) -> Option<(Vec<u32>, &[u8])> {
    let (count, mut rest) = varint(bytes)?;
    let count = usize::try_from(count).ok()?;
    if count > PLACES_AT_MOST {
        return None;
    }
    let mut places = Vec::with_capacity(count);
    let mut place = 0_u32;
    for _ in 0..count {
        let (further, after) = varint(rest)?;
        place = place.checked_add(u32::try_from(further).ok()?)?;
        places.push(place);
        rest = after;
    }
    Some((places, rest))
}

/// The bytes after the places of one article.
fn after_places(bytes: &[u8]) -> Option<&[u8]> {
    let (count, mut rest) = varint(bytes)?;
    let count = usize::try_from(count).ok()?;
    if count > PLACES_AT_MOST {
        return None;
    }
    let mut place = 0_u32;
    for _ in 0..count {
        let (further, after) = varint(rest)?;
        place = place.checked_add(u32::try_from(further).ok()?)?;
        rest = after;
    }
    Some(rest)
}

/// The entries of a block, one after the other.
#[derive(Debug, Clone)]
struct Docs<'a> {
    rest: &'a [u8],
    pk: i64,
    /// How far the next pk lies beyond this one, at least: the first may be `first_pk` itself.
    least: u64,
}

impl<'a> Docs<'a> {
    fn new(first_pk: i64, docs: &'a [u8]) -> Self {
        Self {
            rest: docs,
            pk: first_pk,
            least: 0,
        }
    }

    /// Gives the entries up to a pk, and returns the first one beyond it, if there is one.
    #[inline]
    fn until(&mut self, last: i64, mut give: impl FnMut(Entry)) -> Option<Entry> {
        // A copy of its own can be kept in registers; what is behind a reference cannot.
        let mut docs = self.clone();
        let beyond = loop {
            match docs.next() {
                Some(entry) if entry.pk <= last => give(entry),
                other => break other,
            }
        };
        *self = docs;
        beyond
    }
}

impl Iterator for Docs<'_> {
    type Item = Entry;

    #[inline]
    fn next(&mut self) -> Option<Entry> {
        let (further, weight, rest) = pair(self.rest)?;
        let weight = u32::try_from(weight).ok()?;
        if further < self.least {
            return None;
        }
        self.pk = self.pk.checked_add_unsigned(further)?;
        self.least = 1;
        self.rest = rest;
        Some(Entry {
            pk: self.pk,
            weight,
        })
    }
}

/// The bit of each of eight bytes that tells whether more follow.
const MORE: u64 = 0x8080_8080_8080_8080;

/// Two numbers; in a long list, most have one byte each.
#[inline]
fn pair(bytes: &[u8]) -> Option<(u64, u64, &[u8])> {
    if let [one, two, rest @ ..] = bytes
        && (*one | *two) < 0x80
    {
        return Some((u64::from(*one), u64::from(*two), rest));
    }
    short_pair(bytes).or_else(|| long_pair(bytes))
}

/// Two numbers of at most four bytes each, if eight bytes are left. How many bytes they have
/// changes too often to be foreseen by the processor, so that nothing branches on it.
#[inline]
fn short_pair(bytes: &[u8]) -> Option<(u64, u64, &[u8])> {
    let word = u64::from_le_bytes(*bytes.first_chunk::<8>()?);
    let ends = !word & MORE;
    let later_ends = ends & ends.wrapping_sub(1);
    let bits_of_one = ends.trailing_zeros() + 1;
    let bits_of_both = later_ends.trailing_zeros() + 1;
    if later_ends == 0 || bits_of_one > 32 || bits_of_both - bits_of_one > 32 {
        return None;
    }
    // A number and the one below it differ in all bits up to the lowest that is set.
    let one = word & (ends ^ ends.wrapping_sub(1));
    let both = word & (later_ends ^ later_ends.wrapping_sub(1));
    let rest = bytes.get((bits_of_both / 8) as usize..)?;
    Some((squeezed(one), squeezed(both >> bits_of_one), rest))
}

/// Seven bits of each of four bytes.
#[inline]
fn squeezed(bytes: u64) -> u64 {
    let (first, second) = (bytes & 0x7F, (bytes >> 1) & 0x3F80);
    let (third, fourth) = ((bytes >> 2) & 0x1F_C000, (bytes >> 3) & 0x0FE0_0000);
    first | second | third | fourth
}

fn long_pair(bytes: &[u8]) -> Option<(u64, u64, &[u8])> {
    let (one, rest) = varint(bytes)?;
    let (two, rest) = varint(rest)?;
    Some((one, two, rest))
}

#[inline]
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    match bytes {
        [one, rest @ ..] if *one < 0x80 => Some((u64::from(*one), rest)),
        [one, two, rest @ ..] if *two < 0x80 => {
            Some((u64::from(*one & 0x7F) | (u64::from(*two) << 7), rest))
        }
        _ => long_varint(bytes),
    }
}

fn long_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    let mut rest = bytes;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, after) = rest.split_first()?;
        let bits = u64::from(*byte & 0x7F);
        if (bits << shift) >> shift != bits {
            return None;
        }
        value |= bits << shift;
        rest = after;
        if *byte < 0x80 {
            return Some((value, rest));
        }
    }
    None
}

fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn varint_length(value: u64) -> usize {
    // Zero has a byte, too.
    let bits = u64::BITS - (value | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

#[cfg(test)]
mod tests;
