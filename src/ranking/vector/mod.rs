//! What an article is about: the stems of its words and how much each tells, for comparing.

mod common;
mod made;
pub(in crate::ranking) mod packed;
mod said;
mod texts;

pub(in crate::ranking) use made::made;
pub(in crate::ranking) use said::pair;
pub use said::term;
pub(in crate::ranking) use texts::{Glossary, Text, Texts};

use packed::{Taken, push_varint};

/// The terms that are kept of an article.
pub const TERMS_AT_MOST: usize = 128;

/// How late the weight of a term saturates: used `f` times in a text of the usual length, it
/// weighs f/(f + this).
pub const SATURATION: f64 = 4.0;

/// An article as a list of weighted stems.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vector {
    /// Sorted by id, none twice.
    pub terms: Vec<Term>,
    /// The length of the text in words.
    pub words: u32,
}

/// A stem of a [`Vector`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// [`id`] of the stem.
    pub id: u32,
    /// How much the article says it, from 1 to 255, which stands for 1.
    pub weight: u8,
    /// Where the stem stands in the list of words as written that goes with the vector.
    pub place: u8,
}

/// The number that a stem goes by. Two stems in a hundred thousand may share one.
pub fn id(stem: &str) -> u32 {
    // FNV-1a, then mixed, since its upper bits are weak.
    let hash = stem.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    let hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

impl Vector {
    /// As bytes, five a term.
    pub fn encode(&self) -> Vec<u8> {
        let mut terms = self.terms.iter().enumerate();
        let in_order = terms.all(|(n, term)| usize::from(term.place) == n);
        let mut bytes = Vec::with_capacity(8 + 6 * self.terms.len());
        push_varint(&mut bytes, u64::from(self.words));
        push_varint(
            &mut bytes,
            ((self.terms.len() as u64) << 1) | u64::from(in_order),
        );
        let mut before = 0;
        for term in &self.terms {
            push_varint(&mut bytes, u64::from(term.id.wrapping_sub(before)));
            bytes.push(term.weight);
            // The words as written mostly come in the order of the terms.
            if !in_order {
                bytes.push(term.place);
            }
            before = term.id;
        }
        bytes
    }

    /// From [`Self::encode`]; nothing if the bytes are not its.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut taken = Taken::of(bytes);
        let words = taken.varint32()?;
        let head = taken.varint()?;
        let (count, in_order) = (usize::try_from(head >> 1).ok()?, head & 1 == 1);
        if count > TERMS_AT_MOST {
            return None;
        }
        let mut terms: Vec<Term> = Vec::with_capacity(count);
        for place in (0_u8..).take(count) {
            let step = taken.varint32()?;
            let id = match terms.last() {
                Some(before) if step > 0 => before.id.checked_add(step)?,
                Some(_) => return None,
                None => step,
            };
            let weight = taken.byte()?;
            let place = match in_order {
                true => place,
                false => taken.byte()?,
            };
            terms.push(Term { id, weight, place });
        }
        taken.is_empty().then_some(Self { terms, words })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stems_have_numbers_of_their_own() {
        let mut ids: Vec<u32> = (0..10_000).map(|n| id(&format!("stem{n}"))).collect();
        ids.sort_unstable();
        ids.dedup();
        assert!(ids.len() >= 9_998);
        assert_ne!(id("port"), id("prot"));
    }

    #[test]
    fn a_term_takes_five_bytes() {
        let terms = (0..128_u32)
            .map(|n| Term {
                id: n * (u32::MAX / 128),
                weight: 9,
                place: u8::try_from(n).unwrap(),
            })
            .collect();
        let vector = Vector { terms, words: 450 };
        assert!(vector.encode().len() <= 5 * 128 + 8);
    }

    fn vectors() -> impl Strategy<Value = Vector> {
        let terms = prop::collection::btree_map(any::<u32>(), any::<(u8, u8)>(), 0..=TERMS_AT_MOST);
        (terms, any::<u32>(), any::<bool>()).prop_map(|(terms, words, in_order)| Vector {
            terms: (0_u8..)
                .zip(terms)
                .map(|(n, (id, (weight, place)))| Term {
                    id,
                    weight,
                    place: if in_order { n } else { place },
                })
                .collect(),
            words,
        })
    }

    proptest! {
        #[test]
        fn a_vector_comes_back_as_it_was(vector in vectors()) {
            prop_assert_eq!(Vector::decode(&vector.encode()), Some(vector));
        }

        #[test]
        fn damaged_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(vector) = Vector::decode(&bytes) {
                prop_assert!(vector.terms.is_sorted_by_key(|term| term.id));
            }
        }

        #[test]
        fn rubbish_at_the_end_is_refused(vector in vectors(), more in 1_usize..4) {
            let mut bytes = vector.encode();
            bytes.extend(std::iter::repeat_n(7, more));
            prop_assert_eq!(Vector::decode(&bytes), None);
        }
    }
}
