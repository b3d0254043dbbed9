//! How good an order is, where people have judged what is in it.

/// The discounted gain of the first `k`, against the best that there could be (nDCG@k of
/// Järvelin and Kekäläinen 2002), from 0 to 1.
///
/// `ranked_grades` are the judgements of what was found, best first, 0 for what nobody judged;
/// `all_grades` are all judgements for the question, in any order. The gain is the grade itself
/// and the discount log2(rank + 1), as `trec_eval` has it, so figures may be compared with
/// published ones; grades below 0 gain nothing. `None` when nothing could be gained: no grade is
/// above 0, or `k` is 0.
pub fn ndcg(ranked_grades: &[f64], all_grades: &[f64], k: usize) -> Option<f64> {
    let mut ideal = all_grades.to_vec();
    ideal.sort_by(|one, other| other.total_cmp(one));
    let best = gain(&ideal, k);
    (best > 0.0).then(|| gain(ranked_grades, k) / best)
}

fn gain(grades: &[f64], k: usize) -> f64 {
    let discounted = grades
        .iter()
        .take(k)
        .zip(2_u32..)
        .map(|(grade, rank_and_one)| grade.max(0.0) / f64::from(rank_and_one).log2());
    discounted.sum()
}

/// The share of all that is relevant (graded above 0) which is among the first `k`. `None` when
/// nothing is relevant.
#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of judgements are below 2^53"
)]
pub fn recall(ranked_grades: &[f64], all_grades: &[f64], k: usize) -> Option<f64> {
    let relevant = |grade: &&f64| **grade > 0.0;
    let all = all_grades.iter().filter(relevant).count();
    let found = ranked_grades.iter().take(k).filter(relevant).count();
    (all > 0).then(|| found as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grades() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec((0_u8..4).prop_map(f64::from), 0..8)
    }

    /// The gain by the letter of the definition.
    fn plain_gain(grades: &[f64], k: usize) -> f64 {
        let mut sum = 0.0;
        for rank in 1..=k.min(grades.len()) {
            sum += grades[rank - 1] / (rank as f64 + 1.0).log2();
        }
        sum
    }

    /// The best gain of all orders.
    fn best_gain(done: &mut Vec<f64>, left: &[f64], k: usize) -> f64 {
        let mut best = plain_gain(done, k);
        if done.len() < k {
            for place in 0..left.len() {
                let mut fewer = left.to_vec();
                done.push(fewer.remove(place));
                best = best.max(best_gain(done, &fewer, k));
                done.pop();
            }
        }
        best
    }

    proptest! {
        #[test]
        fn the_gain_is_measured_by_the_best_of_all_orders(
            all in prop::collection::vec((0_u8..4).prop_map(f64::from), 0..6),
            found in 0_usize..6,
            k in 0_usize..8,
        ) {
            let ranked = &all[..found.min(all.len())];
            let best = best_gain(&mut Vec::new(), &all, k);
            match ndcg(ranked, &all, k) {
                None => prop_assert!(best == 0.0),
                Some(share) => {
                    prop_assert!((share - plain_gain(ranked, k) / best).abs() < 1e-12);
                    prop_assert!((0.0..=1.0 + 1e-12).contains(&share));
                }
            }
        }

        #[test]
        fn the_best_order_has_all(mut all in grades(), k in 1_usize..10) {
            all.sort_by(|one, other| other.total_cmp(one));
            let is_any = all.iter().any(|grade| *grade > 0.0);
            prop_assert_eq!(ndcg(&all, &all, k), is_any.then_some(1.0));
            prop_assert_eq!(recall(&all, &all, all.len()), is_any.then_some(1.0));
        }

        #[test]
        fn recall_counts(ranked in grades(), more in grades(), k in 0_usize..10) {
            let all = [ranked.clone(), more].concat();
            let (mut among, mut relevant) = (0.0, 0.0);
            for (place, grade) in all.iter().enumerate() {
                if *grade > 0.0 {
                    relevant += 1.0;
                    among += f64::from(u8::from(place < k.min(ranked.len())));
                }
            }
            let share = (relevant > 0.0).then_some(among / relevant);
            prop_assert_eq!(recall(&ranked, &all, k), share);
        }
    }

    #[test]
    fn an_example() {
        let ranked = [3.0, 2.0, 3.0, 0.0, 1.0, 2.0];
        let all = [3.0, 2.0, 3.0, 0.0, 1.0, 2.0, 3.0, 2.0];
        let share = ndcg(&ranked, &all, 6).unwrap();
        assert!((share - 0.785).abs() < 0.0005, "{share}");
        assert_eq!(recall(&ranked, &all, 2), Some(2.0 / 7.0));
        assert_eq!(ndcg(&[0.0], &[0.0, -1.0], 10), None);
        assert_eq!(recall(&[], &[], 10), None);
    }
}
