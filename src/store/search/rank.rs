//! Scores and ranks, in whole numbers: sums in another order can't differ.

use std::{borrow::Cow, cmp::Reverse};

use crate::{
    model::search::WEIGHT_AT_MOST,
    ranking::{
        bm25::{IMPACT_AT_MOST, idf},
        lists::{List, intersection, without},
        postings::Entry,
    },
};

/// Steps of relevance: within one, the newer article goes first. They are what answers show, so
/// that no score is greater than one before it.
const STEPS: u64 = 200;
/// Bits of a rank that hold the day.
const DAY_BITS: u32 = 20;

/// An article that a search found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Hit {
    /// Its row.
    pub(in crate::store) pk: i64,
    /// The step of its score, then the day where that has been looked up: the greater, the better.
    pub(in crate::store) rank: i64,
}

impl Hit {
    /// The score as answers have it, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a step lies between 0 and 200")]
    pub(super) fn unit_score(self) -> f64 {
        (self.rank >> DAY_BITS) as f64 / STEPS as f64
    }

    /// The hit with the day that it was published on.
    pub(super) fn on(self, day: u32) -> Self {
        let day = i64::from(day).min((1 << DAY_BITS) - 1);
        Self {
            rank: step_of(self.rank) | day,
            ..self
        }
    }
}

/// A rank without the day.
pub(super) fn step_of(rank: i64) -> i64 {
    rank >> DAY_BITS << DAY_BITS
}

/// What a clause that finds so many of all articles counts by how rare it is, in hundredths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what fits"
)]
pub(super) fn weight(found: usize, articles: usize) -> u16 {
    let hundredths = idf(found, articles.max(found)) * 100.0;
    hundredths.round().clamp(1.0, f64::from(WEIGHT_AT_MOST)) as u16
}

/// The articles that all wanted clauses find and no unwanted one, with the sum of their weighted
/// weights, as clauses are added.
#[derive(Debug, Default)]
pub(super) struct Sums(Option<List>);

impl Sums {
    /// Adds the lists of wanted clauses, each with what the clause counts.
    pub(super) fn want(&mut self, mut lists: Vec<(u16, Cow<'_, [Entry]>)>) {
        // The shortest first: what it lacks need not be looked at again.
        lists.sort_by_key(|(_, list)| list.len());
        for (weight, list) in lists {
            let weight = u32::from(weight);
            self.0 = Some(match self.0.take() {
                None => times(&list, weight),
                Some(sums) => intersection(&sums, &list, |sum, of_clause| {
                    sum.saturating_add(of_clause.saturating_mul(weight))
                }),
            });
        }
    }

    /// Leaves out what an unwanted clause finds: of all that there are, if nothing is wanted.
    pub(super) fn refuse(&mut self, list: &[Entry], all: &[Entry]) {
        let sums = self.0.take().unwrap_or_else(|| times(all, 0));
        self.0 = Some(without(&sums, list));
    }

    /// What is left; nothing if no clause was added.
    pub(super) fn finish(self) -> List {
        self.0.unwrap_or_default()
    }
}

fn times(list: &[Entry], factor: u32) -> List {
    let multiplied = |entry: &Entry| Entry {
        pk: entry.pk,
        weight: entry.weight.saturating_mul(factor),
    };
    list.iter().map(multiplied).collect()
}

/// Turns sums into hits, best first, of which it is not known yet when they were published: few
/// of them are ever shown, and the days of all would be the longest list of a search.
pub(super) fn ranked(sums: &[Entry], weights: &[u16]) -> Vec<Hit> {
    let all: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let most = all * u64::from(IMPACT_AT_MOST);
    let hit = |entry: &Entry| Hit {
        pk: entry.pk,
        rank: rank(step(u64::from(entry.weight), most)),
    };
    let mut hits: Vec<Hit> = sums.iter().map(hit).collect();
    hits.sort_unstable_by_key(|hit| (Reverse(hit.rank), hit.pk));
    hits
}

/// Part of the most that there could be, in steps, rounded.
fn step(sum: u64, most: u64) -> u64 {
    match most {
        0 => 0,
        most => ((sum * STEPS + most / 2) / most).min(STEPS),
    }
}

fn rank(step: u64) -> i64 {
    // A step is at most 200.
    i64::try_from(step).unwrap_or(0) << DAY_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[(i64, u32)]) -> List {
        let entry = |(pk, weight): &(i64, u32)| Entry {
            pk: *pk,
            weight: *weight,
        };
        entries.iter().map(entry).collect()
    }

    fn pks(hits: &[Hit]) -> Vec<i64> {
        hits.iter().map(|hit| hit.pk).collect()
    }

    fn together(wanted: Vec<(u16, List)>, unwanted: &[List], all: &[Entry]) -> List {
        let mut sums = Sums::default();
        for (weight, list) in wanted {
            sums.want(vec![(weight, Cow::Owned(list))]);
        }
        for list in unwanted {
            sums.refuse(list, all);
        }
        sums.finish()
    }

    #[test]
    fn all_wanted_lists_count_by_their_weights() {
        let wanted = vec![
            (100, list(&[(1, 100), (2, 50), (4, 127)])),
            (300, list(&[(2, 10), (4, 127)])),
        ];
        let found = together(wanted.clone(), &[list(&[(9, 1)])], &[]);
        assert_eq!(found, list(&[(2, 8_000), (4, 50_800)]));
        let mut at_once = Sums::default();
        let owned = wanted
            .into_iter()
            .map(|(weight, list)| (weight, Cow::Owned(list)));
        at_once.want(owned.collect());
        assert_eq!(at_once.finish(), found);
        let hits = ranked(&found, &[100, 300]);
        assert_eq!(pks(&hits), [4, 2]);
        assert_eq!(hits[0].rank, 200 << 20);
        assert_eq!(hits[1].on(7).rank, (31 << 20) + 7);
        let scores: Vec<f64> = hits.iter().map(|hit| hit.unit_score()).collect();
        assert_eq!(scores, [1.0, 0.155]);
    }

    #[test]
    fn unwanted_lists_alone_leave_all_others() {
        let all = list(&[(1, 20_000), (2, 20_001), (3, 19_999)]);
        let found = together(Vec::new(), &[list(&[(2, 5)])], &all);
        let hits = ranked(&found, &[]);
        assert_eq!(pks(&hits), [1, 3]);
        assert!(hits.iter().all(|hit| hit.unit_score() == 0.0));
        assert!(Sums::default().finish().is_empty());
    }

    #[test]
    fn sums_that_differ_little_are_of_one_step() {
        let sums = list(&[(1, 5_990), (2, 6_000), (3, 6_400)]);
        let hits = ranked(&sums, &[100]);
        assert_eq!(pks(&hits), [3, 1, 2]);
        assert_eq!(hits[1].rank, hits[2].rank);
        assert_eq!(hits[1].unit_score(), hits[2].on(9).unit_score());
    }

    #[test]
    fn a_day_far_off_does_not_reach_into_the_score() {
        let hit = Hit {
            pk: 1,
            rank: rank(3),
        };
        assert_eq!(hit.on(u32::MAX).rank, (4 << 20) - 1);
        assert_eq!(hit.on(9).on(8), hit.on(8));
        assert_eq!(step_of(hit.on(9).rank), hit.rank);
    }

    #[test]
    fn many_of_the_heaviest_clauses_fit() {
        let clauses: Vec<(u16, List)> = vec![(WEIGHT_AT_MOST, list(&[(1, 127)])); 250];
        let weights = vec![WEIGHT_AT_MOST; 250];
        let sums = together(clauses, &[], &[]);
        let hits = ranked(&sums, &weights);
        assert_eq!(hits[0].rank, 200 << 20);
    }

    #[test]
    fn the_rarer_clause_counts_more() {
        assert!(weight(1, 100) > weight(3, 100));
        assert_eq!(weight(100, 100), 1);
        assert_eq!(weight(5, 0), weight(5, 5));
        assert!((1_000..1_600).contains(&weight(0, 1_000_000)));
    }
}
