//! How near two articles are, and what each piece of evidence adds.

use crate::ranking::model::{Model, Prepared, dot, fit::TOPICS_AT_MOST};

/// How alike two articles are in each way of looking at it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Channels {
    /// The cosine of their words, from 0 to 1.
    pub lexical: f64,
    /// The cosine of their topics, from -1 to 1.
    pub topic: f64,
}

/// What two articles have in common beside their text.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Beside {
    /// Whether they are of the same category.
    pub same_category: bool,
    /// The share of their tags that both have, from 0 to 1.
    pub shared_tags: f64,
}

/// What each piece of evidence adds to the whole.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Parts {
    /// Their words.
    pub lexical: f64,
    /// Their topics.
    pub topic: f64,
    /// Their category.
    pub category: f64,
    /// Their tags.
    pub tags: f64,
    /// The sum: below 0.1 for most articles that have nothing to do with each other, 0.3 to 0.8
    /// for related ones.
    pub total: f64,
}

/// The share of as many topics as there can be; the rest is the words'. Both cosines count as they
/// are: set in relation to what is usual (z-scores), words count too much where texts are short.
const TOPIC_SHARE: f64 = 0.6;
/// The fewer the topics, the smaller their share, since among few unrelated articles meet by
/// chance. With so many it would be half of what it could be with any number.
const FEW_TOPICS: f64 = 32.0;
/// What the same category adds: enough to part articles that are otherwise about equal.
const CATEGORY: f64 = 0.01;
/// What the same tags add.
const TAGS: f64 = 0.08;
/// The sum that is about half of the greatest score.
const HALF: f64 = 0.45;
/// The greatest score.
const SCALE: f64 = 10_000.0;
/// Two articles with more of their words alike say the same.
const NEAR_DUPLICATE: f64 = 0.9;
/// Shorter articles may be alike by chance, such as forecasts of two days.
const TERMS_OF_A_DUPLICATE: usize = 20;

impl Model {
    /// How alike two articles are.
    pub fn channels(&self, one: &Prepared, other: &Prepared) -> Channels {
        Channels {
            lexical: lexical(&one.terms, &other.terms).clamp(0.0, 1.0),
            topic: f64::from(dot(&one.topics, &other.topics)).clamp(-1.0, 1.0),
        }
    }

    /// How near two articles are, from 0 to 10,000: it grows with the sum of the evidence, steeply
    /// where related articles part from others, and never so that great sums become alike.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a score lies between 0 and 10,000"
    )]
    pub fn score(
        &self,
        one: &Prepared,
        other: &Prepared,
        channels: Channels,
        beside: Beside,
    ) -> u16 {
        let total = self.parts(one, other, channels, beside).total;
        let bent = |sum: f64| {
            let cube = sum.powi(3);
            cube / (cube + HALF.powi(3))
        };
        let share = bent(total.clamp(0.0, 1.0)) / bent(1.0);
        (share * SCALE).round() as u16
    }

    /// What each piece of evidence adds.
    pub fn parts(
        &self,
        one: &Prepared,
        other: &Prepared,
        channels: Channels,
        beside: Beside,
    ) -> Parts {
        let share = match one.has_topics && other.has_topics {
            true => self.topic_share(),
            false => 0.0,
        };
        let lexical = (1.0 - share) * (channels.lexical - f64::from(self.learned.usual));
        let topic = share * channels.topic;
        let category = if beside.same_category { CATEGORY } else { 0.0 };
        // One tag of many is more than its share of evidence, hence the root.
        let tags = TAGS * beside.shared_tags.clamp(0.0, 1.0).sqrt();
        Parts {
            lexical,
            topic,
            category,
            tags,
            total: lexical + topic + category + tags,
        }
    }

    fn topic_share(&self) -> f64 {
        let of = |topics: usize| {
            let topics = f64::from(u32::try_from(topics).unwrap_or(u32::MAX));
            topics / (topics + FEW_TOPICS)
        };
        TOPIC_SHARE * of(self.topics()) / of(TOPICS_AT_MOST)
    }

    /// Whether two articles say the same in the same words. A few words in common tell nothing.
    pub fn is_near_duplicate(one: &Prepared, other: &Prepared, channels: Channels) -> bool {
        let terms = one.terms.len().min(other.terms.len());
        channels.lexical > NEAR_DUPLICATE && terms >= TERMS_OF_A_DUPLICATE
    }
}

/// The sum of the products of the weights of the terms that both have.
fn lexical(one: &[(u32, f32)], other: &[(u32, f32)]) -> f64 {
    let (mut at, mut at_other, mut sum) = (0, 0, 0.0);
    while let (Some((id, weight)), Some((other_id, other_weight))) =
        (one.get(at), other.get(at_other))
    {
        if id == other_id {
            sum += f64::from(*weight) * f64::from(*other_weight);
        }
        // Without a branch, which could only be guessed.
        at += usize::from(id <= other_id);
        at_other += usize::from(other_id <= id);
    }
    sum
}
