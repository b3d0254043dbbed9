//! Lists of articles joined: all sorted by pk, with no pk twice.

use super::postings::{Entry, Posting};

/// Articles with their weights, sorted by pk, no pk twice.
pub type List = Vec<Entry>;

/// How many times longer the longer of two lists is when it is leapt through.
const LEAPT_FROM: usize = 8;

/// The articles of any list, each with its greatest weight.
pub fn union(mut lists: Vec<List>) -> List {
    lists.retain(|list| !list.is_empty());
    let longest = lists.iter().enumerate().max_by_key(|(_, list)| list.len());
    let Some((longest, _)) = longest else {
        return List::new();
    };
    let mut all = lists.swap_remove(longest);
    if lists.is_empty() {
        return all;
    }
    all.reserve_exact(lists.iter().map(List::len).sum());
    all.extend(lists.iter().flatten());
    // The stable sort sees the lists for the ordered runs that they are, and merges them.
    all.sort_by_key(|entry| entry.pk);
    all.dedup_by(|next, kept| {
        let is_same = next.pk == kept.pk;
        if is_same {
            kept.weight = kept.weight.max(next.weight);
        }
        is_same
    });
    all
}

/// The articles of both lists; `join` makes one weight of the two, the first list's first.
pub fn intersection(one: &[Entry], other: &[Entry], join: impl Fn(u32, u32) -> u32) -> List {
    if other.len() / LEAPT_FROM > one.len() {
        return leapt(one, other, join);
    }
    if one.len() / LEAPT_FROM > other.len() {
        return leapt(other, one, |few, many| join(many, few));
    }
    let mut both = List::with_capacity(one.len().min(other.len()));
    let (mut place, mut other_place) = (0, 0);
    while let (Some(left), Some(right)) = (one.get(place), other.get(other_place)) {
        if left.pk == right.pk {
            both.push(Entry {
                pk: left.pk,
                weight: join(left.weight, right.weight),
            });
        }
        // Added, not branched on: which list is behind cannot be foreseen.
        place += usize::from(left.pk <= right.pk);
        other_place += usize::from(right.pk <= left.pk);
    }
    both
}

fn leapt(few: &[Entry], many: &[Entry], join: impl Fn(u32, u32) -> u32) -> List {
    let mut both = List::with_capacity(few.len());
    let mut rest = many;
    for entry in few {
        rest = from_pk(rest, entry.pk);
        match rest.first() {
            Some(found) if found.pk == entry.pk => both.push(Entry {
                pk: entry.pk,
                weight: join(entry.weight, found.weight),
            }),
            Some(_) => {}
            None => break,
        }
    }
    both
}

/// The articles of the first list that are not in the other.
pub fn without(one: &[Entry], other: &[Entry]) -> List {
    let mut rest = other;
    let mut left = List::with_capacity(one.len());
    for entry in one {
        rest = from_pk(rest, entry.pk);
        if rest.first().is_none_or(|found| found.pk != entry.pk) {
            left.push(*entry);
        }
    }
    left
}

/// The same articles with so many thousandths of their weights, but at least 1.
pub fn scaled(mut list: List, thousandths: u32) -> List {
    for entry in &mut list {
        let weight = u64::from(entry.weight) * u64::from(thousandths) / 1000;
        entry.weight = u32::try_from(weight).unwrap_or(u32::MAX).max(1);
    }
    list
}

/// The articles where words stand one right after the other, in this order; the weight is the
/// mean of theirs.
pub fn phrase(words: &[Vec<Posting>]) -> List {
    let Some(rarest) = words.iter().min_by_key(|postings| postings.len()) else {
        return List::new();
    };
    let mut rests: Vec<&[Posting]> = words.iter().map(Vec::as_slice).collect();
    let mut here: Vec<&Posting> = Vec::with_capacity(words.len());
    let mut found = List::new();
    for Posting { pk, .. } in rarest {
        here.clear();
        for rest in &mut rests {
            *rest = from_pk(rest, *pk);
            match rest.first() {
                Some(posting) if posting.pk == *pk => here.push(posting),
                _ => break,
            }
        }
        if here.len() == words.len() && stand_in_order(&here) {
            found.push(Entry {
                pk: *pk,
                weight: mean_weight(&here),
            });
        }
    }
    found
}

/// Whether words of one article stand one right after the other somewhere.
fn stand_in_order(words: &[&Posting]) -> bool {
    let stand_from = |start: u32| {
        words.iter().zip(0_u32..).all(|(word, further)| {
            let place = start.checked_add(further);
            place.is_some_and(|place| word.places.binary_search(&place).is_ok())
        })
    };
    // The word with the fewest places tells where the phrase may begin.
    let rarest = words.iter().zip(0_u32..);
    let rarest = rarest.min_by_key(|(word, _)| word.places.len());
    rarest.is_some_and(|(word, before)| {
        let mut starts = word
            .places
            .iter()
            .filter_map(|place| place.checked_sub(before));
        starts.any(stand_from)
    })
}

fn mean_weight(words: &[&Posting]) -> u32 {
    let sum: u64 = words.iter().map(|word| u64::from(word.weight)).sum();
    let count = (words.len() as u64).max(1);
    u32::try_from((sum + count / 2) / count).unwrap_or(u32::MAX)
}

/// What is sorted by pk.
trait Keyed {
    fn pk(&self) -> i64;
}

impl Keyed for Entry {
    fn pk(&self) -> i64 {
        self.pk
    }
}

impl Keyed for Posting {
    fn pk(&self) -> i64 {
        self.pk
    }
}

/// The rest of a list from a pk on, found by leaps that double and then by halving.
fn from_pk<T: Keyed>(list: &[T], pk: i64) -> &[T] {
    if list.first().is_none_or(|first| first.pk() >= pk) {
        return list;
    }
    let mut leap = 1;
    while list.get(leap).is_some_and(|item| item.pk() < pk) {
        leap *= 2;
    }
    // All up to half a leap is less; what stands at the leap is not.
    let (low, high) = (leap / 2, leap.min(list.len()));
    let between = list.get(low..high).unwrap_or_default();
    let start = low + between.partition_point(|item| item.pk() < pk);
    list.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn map(list: &[Entry]) -> BTreeMap<i64, u32> {
        list.iter().map(|entry| (entry.pk, entry.weight)).collect()
    }

    fn list_of(map: BTreeMap<i64, u32>) -> List {
        let entry = |(pk, weight)| Entry { pk, weight };
        map.into_iter().map(entry).collect()
    }

    fn list(most: usize) -> impl Strategy<Value = List> {
        prop::collection::btree_map(-20_i64..400, 1_u32..128, 0..=most).prop_map(list_of)
    }

    /// The postings of a word in texts, whose places in the slice are their pks; the weight is
    /// how often it is there.
    fn postings_of(word: u8, texts: &[Vec<u8>]) -> Vec<Posting> {
        let in_text = |(pk, text): (i64, &Vec<u8>)| {
            let places = (0..).zip(text).filter(|(_, other)| **other == word);
            let places: Vec<u32> = places.map(|(place, _)| place).collect();
            let weight = u32::try_from(places.len()).unwrap();
            (weight > 0).then_some(Posting { pk, weight, places })
        };
        (0..).zip(texts).filter_map(in_text).collect()
    }

    fn phrase_of(words: &[u8], texts: &[Vec<u8>]) -> List {
        let words: Vec<_> = words.iter().map(|w| postings_of(*w, texts)).collect();
        phrase(&words)
    }

    proptest! {
        #[test]
        fn a_union_is_that_of_maps(lists in prop::collection::vec(list(60), 0..6)) {
            let mut model = BTreeMap::new();
            for entry in lists.iter().flatten() {
                let weight = model.entry(entry.pk).or_insert(0);
                *weight = entry.weight.max(*weight);
            }
            prop_assert_eq!(union(lists), list_of(model));
        }

        #[test]
        fn lists_are_joined_and_parted_like_maps(
            (one, other) in prop_oneof![
                (list(200), list(200)),
                (list(300), list(12)),
                (list(12), list(300)),
            ],
        ) {
            let (of_one, of_other) = (map(&one), map(&other));
            let both = of_one.iter().filter_map(|(pk, weight)| {
                Some((*pk, 1000 * *weight + *of_other.get(pk)?))
            });
            let joined = intersection(&one, &other, |weight, other| 1000 * weight + other);
            prop_assert_eq!(joined, list_of(both.collect()));
            let mut left = of_one;
            left.retain(|pk, _| !of_other.contains_key(pk));
            prop_assert_eq!(without(&one, &other), list_of(left));
        }

        #[test]
        fn the_rest_of_a_list_begins_where_it_should(list in list(200), pk in -30_i64..410) {
            let rest: Vec<Entry> = list.iter().copied().filter(|e| e.pk >= pk).collect();
            prop_assert_eq!(from_pk(&list, pk), rest);
        }

        #[test]
        fn weights_are_scaled(list in list(50), thousandths in 0_u32..3000) {
            let mut model = map(&list);
            model.values_mut().for_each(|weight| *weight = (*weight * thousandths / 1000).max(1));
            prop_assert_eq!(scaled(list, thousandths), list_of(model));
        }

        #[test]
        fn a_phrase_is_found_where_it_is_read(
            texts in prop::collection::vec(prop::collection::vec(0_u8..3, 0..24), 0..30),
            words in prop::collection::vec(0_u8..4, 1..5),
        ) {
            let mut model = List::new();
            for (pk, text) in (0..).zip(&texts) {
                if text.windows(words.len()).any(|window| window == words) {
                    let times = |word: &u8| text.iter().filter(|other| *other == word).count();
                    let sum: usize = words.iter().map(times).sum();
                    let mean = (sum + words.len() / 2) / words.len();
                    model.push(Entry { pk, weight: u32::try_from(mean).unwrap() });
                }
            }
            prop_assert_eq!(phrase_of(&words, &texts), model);
        }
    }

    #[test]
    fn a_word_may_come_twice_in_a_phrase() {
        // 1 is "new", 2 is "york".
        let texts = vec![vec![1, 2, 0, 1, 2], vec![0, 1, 2, 1, 2], vec![2, 1, 2, 1]];
        let pks = |words: &[u8]| -> Vec<i64> {
            let found = phrase_of(words, &texts);
            found.iter().map(|entry| entry.pk).collect()
        };
        assert_eq!(pks(&[1, 2, 1, 2]), [1]);
        assert_eq!(pks(&[1, 2]), [0, 1, 2]);
        assert_eq!(pks(&[1, 1]), [0_i64; 0]);
        assert_eq!(pks(&[]), [0_i64; 0]);
    }

    #[test]
    fn places_at_the_end_of_numbers_do_no_harm() {
        let at = |places: &[u32]| {
            let places = places.to_vec();
            vec![Posting {
                pk: 1,
                weight: 1,
                places,
            }]
        };
        assert!(phrase(&[at(&[u32::MAX]), at(&[0, 5, 7])]).is_empty());
        assert!(phrase(&[at(&[4, 5, 7]), at(&[0])]).is_empty());
        assert_eq!(phrase(&[at(&[u32::MAX - 1]), at(&[u32::MAX])]).len(), 1);
    }
}
