//! The nearest of the candidates.

use std::collections::{BTreeSet, HashMap};

use crate::{
    ranking::model::{Beside, Channels, Model},
    store::{
        articles::rows::Facts,
        connection::DbConnection,
        error::StoreError,
        index,
        related::{
            kept::Neighbour,
            nearest::{Finder, Sought, is_same_category, is_twin},
            tags::tags_of,
        },
    },
};

/// The lowest score of a neighbour, in ten-thousandths: even little in common is a better reason
/// than the date.
const LEAST: u16 = 1;
/// So many more rows are read at first than neighbours are wanted: twins fall out.
const SPARE: usize = 16;

/// A candidate before its row is read.
struct Likely {
    pk: i64,
    channels: Channels,
    /// As if it were of the same category.
    beside: Beside,
    /// What it scores then.
    at_most: u16,
}

impl Finder {
    /// The nearest of these candidates, best first. All but little of a score is known without a
    /// candidate's row, so that the rows of those that are too far are not read.
    pub(super) fn ranked(
        &mut self,
        connection: &mut DbConnection,
        own: &Facts,
        source: &Sought,
        candidates: &[i64],
        most: usize,
    ) -> Result<Vec<Neighbour>, StoreError> {
        let others = candidates.iter().filter(|pk| **pk != own.pk);
        let mut likely: Vec<Likely> = others
            .filter_map(|pk| self.likely(own, source, *pk))
            .collect();
        likely.sort_by_key(|one| std::cmp::Reverse(one.at_most));
        let (first, rest) = likely.split_at(likely.len().min(most.saturating_add(SPARE)));
        let mut scored = self.scored(connection, own, source, first)?;
        let scores = scored.iter().map(|(_, score)| *score).collect();
        let near = within_reach(rest.iter().map(|one| one.at_most), scores, most);
        let (near, _) = rest.split_at(near);
        scored.extend(self.scored(connection, own, source, near)?);
        let with_facts = |(pk, score): Neighbour| Some((score, self.facts.get(&pk)?));
        let mut ranked: Vec<(u16, &Facts)> = scored.into_iter().filter_map(with_facts).collect();
        ranked.sort_by(|(score, one), (other_score, other)| {
            other_score
                .cmp(score)
                .then(other.sort_at.cmp(&one.sort_at))
                .then(one.id.cmp(&other.id))
        });
        let nearest = ranked.into_iter().take(most);
        Ok(nearest.map(|(score, facts)| (facts.pk, score)).collect())
    }

    /// What the neighbours of each article score with it now, by article, in a fixed number of
    /// statements; those alone that are published and still near to it.
    pub(in crate::store::related) fn scores(
        &mut self,
        connection: &mut DbConnection,
        of: &[(&Facts, Vec<Neighbour>)],
    ) -> Result<HashMap<i64, HashMap<i64, u16>>, StoreError> {
        let own: Vec<i64> = of.iter().map(|(own, _)| own.pk).collect();
        let words = index::written(connection, &own)?;
        let mut tags = tags_of(connection, &own)?;
        let all = rows_of(of.iter().flat_map(|(_, others)| others));
        self.make_ready(connection, &all)?;
        self.read_facts(connection, &all)?;
        // In one statement for all of them.
        let tagged = of.iter().filter(|(own, _)| tags.contains_key(&own.pk));
        let of_tagged = rows_of(tagged.flat_map(|(_, others)| others));
        self.tags.read(connection, &of_tagged)?;
        let mut scores = HashMap::with_capacity(of.len());
        for (own, others) in of {
            let Some((vector, _)) = words.get(&own.pk) else {
                continue;
            };
            let own_tags = tags.remove(&own.pk).unwrap_or_default();
            let source = Sought {
                prepared: self.model.prepare(vector),
                shares: self.tags.shares(connection, &own_tags, &rows_of(others))?,
            };
            let likely = others
                .iter()
                .filter_map(|(pk, _)| self.likely(own, &source, *pk));
            let scored = likely.filter_map(|one| Some((one.pk, self.score(own, &source, &one)?)));
            scores.insert(own.pk, scored.collect());
        }
        Ok(scores)
    }

    /// What is known of a candidate without its row; nothing if it is not related, or all but the
    /// same.
    fn likely(&self, own: &Facts, source: &Sought, pk: i64) -> Option<Likely> {
        let prepared = self.ready.get(&pk)?;
        let channels = self.model.channels(&source.prepared, prepared);
        if Model::is_near_duplicate(&source.prepared, prepared, channels) {
            return None;
        }
        let beside = Beside {
            same_category: own.category_pk.is_some(),
            shared_tags: source.shares.get(&pk).copied().unwrap_or(0.0),
        };
        let at_most = self
            .model
            .score(&source.prepared, prepared, channels, beside);
        (at_most >= LEAST).then_some(Likely {
            pk,
            channels,
            beside,
            at_most,
        })
    }

    /// What these score, in no order; those that are published and related alone.
    fn scored(
        &mut self,
        connection: &mut DbConnection,
        own: &Facts,
        source: &Sought,
        likely: &[Likely],
    ) -> Result<Vec<Neighbour>, StoreError> {
        let pks: Vec<i64> = likely.iter().map(|one| one.pk).collect();
        self.read_facts(connection, &pks)?;
        let scores = likely
            .iter()
            .filter_map(|one| Some((one.pk, self.score(own, source, one)?)));
        Ok(scores.collect())
    }

    /// How near one is, unless it is not related, or a twin.
    fn score(&self, own: &Facts, source: &Sought, one: &Likely) -> Option<u16> {
        let facts = self.facts.get(&one.pk)?;
        let prepared = self.ready.get(&one.pk)?;
        if is_twin(own, facts) {
            return None;
        }
        let beside = Beside {
            same_category: is_same_category(own, facts),
            ..one.beside
        };
        let score = self
            .model
            .score(&source.prepared, prepared, one.channels, beside);
        (score >= LEAST).then_some(score)
    }
}

/// The rows of these, each once.
fn rows_of<'a>(neighbours: impl IntoIterator<Item = &'a Neighbour>) -> Vec<i64> {
    let pks: BTreeSet<i64> = neighbours.into_iter().map(|(pk, _)| *pk).collect();
    pks.into_iter().collect()
}

/// How many of those that score at most so much, the greatest first, may be among the best, when
/// there are others with these scores.
fn within_reach(at_most: impl Iterator<Item = u16>, mut scores: Vec<u16>, most: usize) -> usize {
    scores.sort_unstable_by(|one, other| other.cmp(one));
    let least = most.checked_sub(1).and_then(|last| scores.get(last));
    at_most
        .take_while(|at_most| least.is_none_or(|least| at_most >= least))
        .count()
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn none_of_the_best_is_out_of_reach(
            candidates in prop::collection::vec((0_u16..40, 0_u16..9), 0..80),
            first in 0_usize..40,
            most in 0_usize..30,
        ) {
            // What each scores at most, and what it scores.
            let mut all: Vec<(u16, u16)> = candidates
                .into_iter()
                .map(|(score, more)| (score + more, score))
                .collect();
            all.sort_by_key(|(at_most, _)| Reverse(*at_most));
            let (looked, rest) = all.split_at(first.min(all.len()));
            let scores = looked.iter().map(|(_, score)| *score).collect();
            let near = within_reach(rest.iter().map(|(at_most, _)| *at_most), scores, most);
            // Those of one score are told apart by what they are: here by their places.
            let best = |all: &[(u16, u16)]| {
                let mut places: Vec<(Reverse<u16>, usize)> = all
                    .iter()
                    .enumerate()
                    .map(|(place, (_, score))| (Reverse(*score), place))
                    .collect();
                places.sort_unstable();
                places.truncate(most);
                places
            };
            prop_assert_eq!(best(&all[..looked.len() + near]), best(&all));
        }
    }
}
