//! Postings against plain maps.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

type Shelf = BTreeMap<i64, Posting>;

fn plain(pk: i64) -> Posting {
    Posting {
        pk,
        weight: 5,
        places: vec![3, 9],
    }
}

fn shelf(pks: impl Strategy<Value = i64>) -> impl Strategy<Value = Shelf> {
    let places = prop::collection::btree_set(prop_oneof![0_u32..3000, any::<u32>()], 0..6);
    let weights = prop_oneof![1_u32..128, any::<u32>()];
    prop::collection::btree_map(pks, (weights, places), 0..400).prop_map(|all| {
        let posting = |(pk, (weight, places)): (i64, (u32, BTreeSet<u32>))| Posting {
            pk,
            weight,
            places: places.into_iter().collect(),
        };
        all.into_iter()
            .map(posting)
            .map(|posting| (posting.pk, posting))
            .collect()
    })
}

/// All that blocks hold; they keep the rules of a list.
fn held(blocks: &[Block]) -> Vec<Posting> {
    let mut all = Vec::new();
    let mut listed = Vec::new();
    for block in blocks {
        let inside = postings(block);
        assert!(!inside.is_empty());
        let bytes = block.docs.len() + block.places.len();
        assert!(bytes <= BLOCK_AT_MOST || inside.len() == 1);
        let last: Option<i64> = all.last().map(|posting: &Posting| posting.pk);
        assert!(last < Some(block.first_pk) || last.is_none());
        assert!(block.first_pk <= inside[0].pk);
        all.extend(inside);
        entries(block.first_pk, &block.docs, &mut listed);
    }
    assert!(all.windows(2).all(|two| two[0].pk < two[1].pk));
    let plain = all.iter().map(|posting| (posting.pk, posting.weight));
    assert!(plain.eq(listed.iter().map(|entry| (entry.pk, entry.weight))));
    all
}

/// Applies edits to the blocks that they belong to, as the store does.
fn apply(list: &mut BTreeMap<i64, Block>, edits: &[Edit]) {
    let mut by_block: BTreeMap<Option<i64>, Vec<Edit>> = BTreeMap::new();
    for edit in edits {
        let key = list.range(..=edit.pk()).next_back().map(|(key, _)| *key);
        by_block.entry(key).or_default().push(edit.clone());
    }
    for (key, edits) in by_block {
        let block = key.and_then(|key| list.remove(&key));
        for (place, block) in edited(block.as_ref(), &edits).into_iter().enumerate() {
            if place == 0 {
                assert!(key.is_none_or(|key| key == block.first_pk));
            } else {
                assert_eq!(block.first_pk, postings(&block)[0].pk);
            }
            assert!(list.insert(block.first_pk, block).is_none());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_packed_is_read_again(
        shelf in prop_oneof![shelf(0_i64..5000), shelf(any::<i64>())],
        before in 0_i64..200,
    ) {
        let all: Vec<Posting> = shelf.into_values().collect();
        let first_pk = all.first().map_or(before, |first| first.pk.saturating_sub(before));
        let blocks = blocks(first_pk, &all);
        prop_assert_eq!(held(&blocks), all);
        prop_assert!(blocks.first().is_none_or(|block| block.first_pk == first_pk));
        for block in blocks.iter().skip(1) {
            prop_assert_eq!(block.first_pk, postings(block)[0].pk);
        }
    }

    #[test]
    fn edits_do_what_they_do_to_a_map(
        rounds in prop::collection::vec((shelf(0_i64..3000), any::<u64>()), 1..5),
    ) {
        let mut model = Shelf::new();
        let mut list = BTreeMap::new();
        for (puts, choice) in rounds {
            // Some are removals: of articles that are there, and of others.
            let mut edits: Vec<Edit> = Vec::new();
            for (pk, posting) in puts {
                if (choice >> (pk % 64)) & 3 == 0 {
                    model.remove(&pk);
                    edits.push(Edit::Remove(pk));
                } else {
                    model.insert(pk, posting.clone());
                    edits.push(Edit::Put(posting));
                }
            }
            apply(&mut list, &edits);
            let blocks: Vec<Block> = list.values().cloned().collect();
            prop_assert_eq!(held(&blocks), model.values().cloned().collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_grows_at_its_end_is_as_if_packed_anew(
        shelf in shelf(0_i64..100_000),
        at in any::<prop::sample::Index>(),
    ) {
        let all: Vec<Posting> = shelf.into_values().collect();
        let (old, new) = all.split_at(at.index(all.len() + 1));
        let mut packed = blocks(0, old);
        let edits: Vec<Edit> = new.iter().cloned().map(Edit::Put).collect();
        let last = packed.pop();
        prop_assume!(last.is_some());
        packed.extend(edited(last.as_ref(), &edits));
        prop_assert_eq!(packed, blocks(0, &all));
    }

    #[test]
    fn damaged_bytes_end_a_list(
        first_pk in any::<i64>(),
        docs in prop::collection::vec(prop_oneof![any::<u8>(), 0_u8..4], 0..80),
        places in prop::collection::vec(prop_oneof![any::<u8>(), 0_u8..4], 0..80),
    ) {
        let mut listed = Vec::new();
        entries(first_pk, &docs, &mut listed);
        prop_assert!(listed.windows(2).all(|two| two[0].pk < two[1].pk));
        let block = Block { first_pk, docs, places };
        let pks: Vec<i64> = postings(&block).iter().map(|posting| posting.pk).collect();
        prop_assert_eq!(pks, listed.iter().map(|entry| entry.pk).collect::<Vec<_>>());
    }

    #[test]
    fn postings_have_the_length_that_is_reckoned(
        shelf in prop_oneof![shelf(0_i64..5000), shelf(any::<i64>())],
    ) {
        let all: Vec<Posting> = shelf.into_values().collect();
        let first_pk = all.first().map_or(0, |first| first.pk);
        let bytes = block(first_pk, &all).map_or(0, |all| all.docs.len() + all.places.len());
        let refs: Vec<&Posting> = all.iter().collect();
        prop_assert_eq!(bytes, edit::length(first_pk, &refs));
    }

    #[test]
    fn numbers_have_the_length_that_is_reckoned(value in any::<u64>(), shift in 0_u32..64) {
        let mut bytes = Vec::new();
        push_varint(&mut bytes, value >> shift);
        prop_assert_eq!(bytes.len(), varint_length(value >> shift));
        let (read, rest) = varint(&bytes).unwrap();
        prop_assert_eq!(read, value >> shift);
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn two_numbers_are_read_at_once_as_they_are_one_by_one(
        bytes in prop::collection::vec(prop_oneof![0_u8..0x80, any::<u8>()], 0..24),
    ) {
        let one_by_one = || {
            let (one, rest) = long_varint(&bytes)?;
            let (two, rest) = long_varint(rest)?;
            Some((one, two, rest))
        };
        prop_assert_eq!(pair(&bytes), one_by_one());
    }
}

#[test]
fn articles_written_one_after_the_other_leave_full_blocks() {
    let mut list = BTreeMap::new();
    for pk in 1..=1500 {
        apply(&mut list, &[Edit::Put(plain(pk))]);
    }
    let lengths: Vec<usize> = list.values().map(|block| block.docs.len()).collect();
    // Two bytes of docs and three of places for each.
    assert_eq!(lengths, [376, 376, 376, 376, 376, 376, 376, 368]);
}

#[test]
fn a_block_that_grows_in_its_middle_is_halved() {
    let all: Vec<Posting> = (1..=188).map(|number| plain(2 * number)).collect();
    let full = blocks(0, &all);
    assert_eq!(full.len(), 1);
    let halves = edited(full.first(), &[Edit::Put(plain(301))]);
    assert_eq!(held(&halves).len(), 189);
    assert_eq!(halves[0].first_pk, 0);
    assert!(halves.len() == 2 && halves.iter().all(|half| half.docs.len() > 180));
}

#[test]
fn a_block_of_a_larger_kind_is_shared_out_when_it_changes() {
    let all: Vec<Posting> = (1..=400).map(|number| plain(2 * number)).collect();
    let large = block(0, &all);
    for edit in [
        Edit::Put(plain(900)),
        Edit::Put(plain(301)),
        Edit::Remove(302),
        Edit::Remove(2),
    ] {
        let shared_out = edited(large.as_ref(), std::slice::from_ref(&edit));
        let mut expected: BTreeMap<i64, Posting> =
            all.iter().map(|one| (one.pk, one.clone())).collect();
        match edit {
            Edit::Put(posting) => expected.insert(posting.pk, posting),
            Edit::Remove(pk) => expected.remove(&pk),
        };
        assert!(held(&shared_out).iter().eq(expected.values()));
        assert!(shared_out.len() > 1 && shared_out[0].first_pk == 0);
    }
}

#[test]
fn a_block_may_lose_its_first_article_and_gain_one_before_it() {
    let block = blocks(7, &[plain(7), plain(9)]);
    let less = edited(block.first(), &[Edit::Remove(7), Edit::Remove(8)]);
    assert_eq!((less[0].first_pk, held(&less)), (7, vec![plain(9)]));
    assert!(edited(block.first(), &[Edit::Remove(7), Edit::Remove(9)]).is_empty());
    let more = edited(block.first(), &[Edit::Put(plain(3))]);
    assert_eq!(more.iter().map(|b| b.first_pk).collect::<Vec<_>>(), [3, 7]);
    assert!(edited(None, &[Edit::Remove(1)]).is_empty());
}

#[test]
fn damage_does_not_spoil_what_comes_after_it() {
    let mut block = blocks(1, &[plain(1), plain(2)]).remove(0);
    block.places.pop();
    let after = edited(Some(&block), &[Edit::Put(plain(3))]);
    let nowhere = Posting {
        places: Vec::new(),
        ..plain(2)
    };
    assert_eq!(held(&after), [plain(1), nowhere, plain(3)]);
}

#[test]
fn no_more_places_are_kept_than_count() {
    let posting = Posting {
        places: (0..1000).collect(),
        ..plain(1)
    };
    let read = postings(&blocks(1, &[posting])[0]);
    assert_eq!(read[0].places, (0..256).collect::<Vec<u32>>());
}
