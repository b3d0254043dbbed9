//! Scores and ranks, in whole numbers: sums in another order can't differ.

use std::cmp::Reverse;

use crate::ranking::{
    bm25::{IMPACT_AT_MOST, idf},
    lists::{List, intersection, without},
    postings::Entry,
};

/// Scores are kept as whole millionths.
const SCALE: u64 = 1_000_000;
/// Steps of relevance: within one, the newer article goes first.
const STEPS: u64 = 200;
/// Bits of a rank that hold the day.
const DAY_BITS: u32 = 20;

/// An article that a search found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Hit {
    /// Its row.
    pub(in crate::store) pk: i64,
    /// From 0 to 1,000,000.
    pub(in crate::store) score: u64,
    /// The step of its score, then the day: the greater, the better.
    pub(in crate::store) rank: i64,
}

impl Hit {
    /// The score as answers have it, from 0 to 1.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a score lies between 0 and a million"
    )]
    pub(super) fn unit_score(self) -> f64 {
        self.score as f64 / SCALE as f64
    }
}

/// What each clause counts by how rare it is, in thousandths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what fits"
)]
pub(super) fn weights(clauses: &[List], articles: usize) -> Vec<u16> {
    let weight = |list: &List| {
        let thousandths = idf(list.len(), articles.max(list.len())) * 1_000.0;
        thousandths.round().clamp(1.0, f64::from(u16::MAX)) as u16
    };
    clauses.iter().map(weight).collect()
}

/// The articles of all wanted lists and of no unwanted one, with the sum of their weighted
/// weights. Without wanted lists, all that there are, with nothing.
pub(super) fn sums(wanted: Vec<List>, unwanted: &[List], weights: &[u16], all: &[Entry]) -> List {
    let mut weighted: Vec<(List, u32)> = wanted
        .into_iter()
        .zip(weights.iter().map(|weight| u32::from(*weight)))
        .collect();
    // The shortest first: what it lacks need not be looked at again.
    weighted.sort_by_key(|(list, _)| list.len());
    let mut weighted = weighted.into_iter();
    let mut sums: List = match weighted.next() {
        Some((list, weight)) => times(&list, weight),
        None => times(all, 0),
    };
    for (list, weight) in weighted {
        sums = intersection(&sums, &list, |sum, of_clause| {
            sum.saturating_add(of_clause.saturating_mul(weight))
        });
    }
    for list in unwanted {
        sums = without(&sums, list);
    }
    sums
}

fn times(list: &[Entry], factor: u32) -> List {
    let multiplied = |entry: &Entry| Entry {
        pk: entry.pk,
        weight: entry.weight.saturating_mul(factor),
    };
    list.iter().map(multiplied).collect()
}

/// Turns sums into hits, best first. `days` says of every article when it was published.
pub(super) fn ranked(sums: &[Entry], days: &[Entry], weights: &[u16]) -> Vec<Hit> {
    let all: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let most = all * u64::from(IMPACT_AT_MOST);
    let mut days = days.iter().peekable();
    let mut hits: Vec<Hit> = Vec::with_capacity(sums.len());
    for entry in sums {
        while days.next_if(|day| day.pk < entry.pk).is_some() {}
        let day = days.peek().filter(|day| day.pk == entry.pk);
        let score = score(u64::from(entry.weight), most);
        hits.push(Hit {
            pk: entry.pk,
            score,
            rank: rank(score, day.map_or(0, |day| day.weight)),
        });
    }
    hits.sort_unstable_by_key(|hit| (Reverse(hit.rank), hit.pk));
    hits
}

/// Part of the most that there could be, in millionths, rounded.
fn score(sum: u64, most: u64) -> u64 {
    match most {
        0 => 0,
        most => ((sum * SCALE + most / 2) / most).min(SCALE),
    }
}

fn rank(score: u64, day: u32) -> i64 {
    let step = (score * STEPS + SCALE / 2) / SCALE;
    let day = i64::from(day).min((1 << DAY_BITS) - 1);
    // A step is at most 200.
    (i64::try_from(step).unwrap_or(0) << DAY_BITS) | day
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

    #[test]
    fn all_wanted_lists_count_by_their_weights() {
        let wanted = vec![
            list(&[(1, 100), (2, 50), (4, 127)]),
            list(&[(2, 10), (4, 127)]),
        ];
        let found = sums(wanted, &[list(&[(9, 1)])], &[1_000, 3_000], &[]);
        assert_eq!(found, list(&[(2, 80_000), (4, 508_000)]));
        let hits = ranked(&found, &list(&[(1, 5), (2, 7), (4, 6)]), &[1_000, 3_000]);
        assert_eq!(hits[0].pk, 4);
        assert_eq!(hits[0].score, 1_000_000);
        assert_eq!(hits[0].rank, (200 << 20) + 6);
        assert_eq!(hits[1].score, 157_480);
        assert_eq!(hits[1].rank, (31 << 20) + 7);
    }

    #[test]
    fn unwanted_lists_alone_leave_all_others() {
        let all = list(&[(1, 20_000), (2, 20_001), (3, 19_999)]);
        let found = sums(Vec::new(), &[list(&[(2, 5)])], &[], &all);
        let hits = ranked(&found, &all, &[]);
        assert_eq!(hits.iter().map(|hit| hit.pk).collect::<Vec<_>>(), [1, 3]);
        assert!(hits.iter().all(|hit| hit.score == 0));
    }

    #[test]
    fn within_a_step_the_newer_goes_first() {
        let sums = list(&[(1, 59_900), (2, 60_000), (3, 64_000)]);
        let days = list(&[(1, 9), (2, 8), (3, 1)]);
        let hits = ranked(&sums, &days, &[1_000]);
        assert_eq!(hits.iter().map(|hit| hit.pk).collect::<Vec<_>>(), [3, 1, 2]);
    }

    #[test]
    fn a_day_far_off_does_not_reach_into_the_score() {
        assert_eq!(rank(0, u32::MAX), (1 << 20) - 1);
        assert_eq!(rank(SCALE, 0), 200 << 20);
    }

    #[test]
    fn the_rarer_clause_counts_more() {
        let weights = weights(&[list(&[(1, 1)]), list(&[(1, 1), (2, 1), (3, 1)])], 100);
        assert!(weights[0] > weights[1], "{weights:?}");
    }
}
