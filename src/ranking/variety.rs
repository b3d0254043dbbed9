//! Lists that are not all about one event.

/// Articles of one event that may stand near the head of a list.
const OF_ONE_EVENT: usize = 3;

/// A list in a better order.
#[derive(Debug, PartialEq, Eq)]
pub struct Varied {
    /// The places of all, as they come now.
    pub places: Vec<usize>,
    /// Whether there were enough others, so that the first are not too much alike.
    pub is_varied: bool,
}

/// The places of a list in a better order: by score, but among the first `first` at most three
/// that are all alike, as long as there are others. Those left out follow after them, by score.
///
/// Equal scores keep their order. `alike` is asked about pairs of a candidate and one chosen
/// before it.
pub fn varied(scores: &[u16], alike: impl Fn(usize, usize) -> bool, first: usize) -> Varied {
    let mut by_score: Vec<(usize, u16)> = scores.iter().copied().enumerate().collect();
    by_score.sort_by(|(_, one), (_, other)| other.cmp(one));
    let mut chosen = Chosen::default();
    let mut later = Vec::new();
    for (place, _) in by_score {
        if chosen.places.len() >= first || !chosen.take(place, &alike) {
            later.push(place);
        }
    }
    let mut places = chosen.places;
    let is_varied = places.len() >= first;
    places.extend(later);
    Varied { places, is_varied }
}

/// Those that were chosen, and which of them are alike.
#[derive(Debug, Default)]
struct Chosen {
    places: Vec<usize>,
    /// For each of them its like among those before it, as places in `places`.
    like: Vec<Vec<usize>>,
}

impl Chosen {
    /// Takes one more, unless it would be too many of its event.
    fn take(&mut self, place: usize, alike: impl Fn(usize, usize) -> bool) -> bool {
        let like: Vec<usize> = (0_usize..)
            .zip(&self.places)
            .filter(|(_, chosen)| alike(place, **chosen))
            .map(|(at, _)| at)
            .collect();
        if self.has_event(&like, OF_ONE_EVENT) {
            return false;
        }
        self.places.push(place);
        self.like.push(like);
        true
    }

    /// Whether so many of these, which are in order, are all alike.
    fn has_event(&self, among: &[usize], many: usize) -> bool {
        if many <= 1 {
            return among.len() >= many;
        }
        among.iter().any(|at| {
            let like = self.like.get(*at).map(Vec::as_slice).unwrap_or_default();
            let both: Vec<usize> = among
                .iter()
                .copied()
                .filter(|other| like.binary_search(other).is_ok())
                .collect();
            self.has_event(&both, many - 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn varied(scores: &[u16], alike: impl Fn(usize, usize) -> bool, first: usize) -> Vec<usize> {
        super::varied(scores, alike, first).places
    }

    #[test]
    fn a_fourth_of_one_event_comes_after_others() {
        let event = [1, 1, 1, 1, 2, 1, 3];
        let scores = [90, 80, 70, 60, 50, 40, 30];
        let alike = |one: usize, other: usize| event[one] == event[other];
        assert_eq!(varied(&scores, alike, 5), [0, 1, 2, 4, 6, 3, 5]);
        assert_eq!(varied(&scores, alike, 4), [0, 1, 2, 4, 3, 5, 6]);
        assert_eq!(varied(&scores, alike, 0), [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn where_there_is_nothing_else_all_may_be_of_one_event() {
        let scores = [5, 9, 9, 1, 7];
        assert_eq!(varied(&scores, |_, _| true, 5), [1, 2, 4, 0, 3]);
        assert_eq!(varied(&[], |_, _| true, 5), [0_usize; 0]);
        let is_varied = |first| super::varied(&scores, |_, _| true, first).is_varied;
        assert!(is_varied(3) && !is_varied(4));
    }

    #[test]
    fn a_chain_is_not_an_event() {
        let scores = [9, 8, 7, 6, 5];
        let alike = |one: usize, other: usize| one.abs_diff(other) == 1;
        assert_eq!(varied(&scores, alike, 5), [0, 1, 2, 3, 4]);
    }

    proptest! {
        #[test]
        fn it_is_an_order_without_too_much_of_one_event(
            list in prop::collection::vec((0_u16..50, prop::collection::vec(any::<bool>(), 12)), 0..12),
            first in 0_usize..14,
        ) {
            let scores: Vec<u16> = list.iter().map(|(score, _)| *score).collect();
            let alike = |one: usize, other: usize| list[one.min(other)].1[one.max(other)];
            let places = varied(&scores, alike, first);
            let mut sorted = places.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..scores.len()).collect::<Vec<_>>());

            // However many were chosen: four that are all alike are not among them.
            let four = |head: &[usize]| {
                head.iter().enumerate().any(|(n, a)| {
                    let like: Vec<usize> =
                        head[n + 1..].iter().copied().filter(|b| alike(*a, *b)).collect();
                    like.iter().enumerate().any(|(n, b)| {
                        let both: Vec<usize> =
                            like[n + 1..].iter().copied().filter(|c| alike(*b, *c)).collect();
                        both.iter().enumerate().any(|(n, c)| {
                            both[n + 1..].iter().any(|d| alike(*c, *d))
                        })
                    })
                })
            };
            let by_score = |part: &[usize]| part.is_sorted_by_key(|place| (u16::MAX - scores[*place], *place));
            let chosen = (0..=first.min(places.len()))
                .rev()
                .find(|end| !four(&places[..*end]))
                .unwrap();
            // Others may follow within the head only when each of them would be a fourth.
            for late in &places[chosen..] {
                let mut more = places[..chosen].to_vec();
                more.push(*late);
                prop_assert!(chosen == first || four(&more));
            }
            prop_assert!(by_score(&places[..chosen]));
            prop_assert!(by_score(&places[chosen..]));
        }
    }
}
