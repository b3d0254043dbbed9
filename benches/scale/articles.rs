//! Articles that are made up: each by its number alone, so that the same ones can be told again.

use newsstand::{
    domain::body::{self, BodySource},
    model::{
        article::{ArticleInput, Status},
        slug::slug_from,
        time::UtcTime,
    },
};
use serde_json::{Value, json};

use crate::words::{
    COMMON, Chance, Ranks, VOCABULARY, Vocabulary, capitalised, name, pronounceable,
};

const TOPICS: usize = 2_000;
const CATEGORIES: usize = 20;
const AUTHORS: usize = 2_000;
/// Words that a topic prefers.
const PREFERRED: usize = 120;
/// Days over which the articles are spread, from the first of January 2015.
const DAYS: f64 = 3_650.0;
const FIRST_DAY: i64 = 1_420_070_400_000;
const DAY: f64 = 86_400_000.0;
/// Articles for each event, and events that go on at the same time.
const ARTICLES_OF_EVENT: usize = 4;
const EVENTS_AT_ONCE: usize = 12;

/// What the randomness of each kind of thing is told apart by.
const TOPIC: u64 = 2;
const EVENT: u64 = 3;
const ARTICLE: u64 = 4;
const AUTHOR: u64 = 5;
const CATEGORY: u64 = 6;

/// Something that goes on for a few days, and several articles are about.
struct Event {
    topic: usize,
    names: Vec<String>,
}

/// A whole publication.
pub struct Publication {
    seed: u64,
    /// Articles that there are, the first ones.
    count: usize,
    /// Articles that there will be at the end of its ten years.
    planned: usize,
    vocabulary: Vocabulary,
    /// Ranks of the words that each topic prefers, the dearest first.
    topics: Vec<Vec<usize>>,
    dearness: Ranks,
    size: Ranks,
}

/// An article in words.
pub struct Made {
    pub title: String,
    pub paragraphs: Vec<String>,
    summary: Option<String>,
    category: String,
    tags: Vec<String>,
    authors: Vec<String>,
    date: UtcTime,
}

impl Publication {
    pub fn new(seed: u64, count: usize, planned: usize) -> Self {
        let topics = (0..TOPICS as u64)
            .map(|topic| {
                let mut chance = Chance::new(seed, TOPIC, topic);
                // Spread evenly over the orders of magnitude of rarity.
                let range = VOCABULARY as f64 / COMMON as f64;
                let mut rank = || {
                    let rank = COMMON as f64 * range.powf(chance.share());
                    (rank as usize).min(VOCABULARY - 1)
                };
                (0..PREFERRED).map(|_| rank()).collect()
            })
            .collect();
        Self {
            seed,
            count,
            planned,
            vocabulary: Vocabulary::new(seed),
            topics,
            dearness: Ranks::zipf(PREFERRED, 0.8),
            size: Ranks::zipf(TOPICS, 0.7),
        }
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// The slug of an article of the publication.
    pub fn slug(&self, number: usize) -> String {
        self.slug_of(&self.article(number), number)
    }

    fn slug_of(&self, made: &Made, number: usize) -> String {
        format!("{}-{number}", slug_from(&made.title).unwrap())
    }

    fn event(&self, number: usize) -> Event {
        let mut chance = Chance::new(self.seed, EVENT, number as u64);
        let names = chance.between(3, 6);
        Event {
            topic: self.size.draw(&mut chance),
            names: (0..names).map(|_| name(&mut chance)).collect(),
        }
    }

    fn author(&self, number: usize) -> String {
        let mut chance = Chance::new(self.seed, AUTHOR, number as u64);
        format!("{} {}", name(&mut chance), name(&mut chance))
    }

    fn category(&self, topic: usize) -> String {
        let number = (topic % CATEGORIES) as u64;
        format!(
            "{} {number}",
            name(&mut Chance::new(self.seed, CATEGORY, number))
        )
    }

    /// The article of this number; those behind the last are as new as that.
    pub fn article(&self, number: usize) -> Made {
        let mut chance = Chance::new(self.seed, ARTICLE, number as u64);
        let age = (number as f64 / self.planned as f64).min(1.0);
        let events = self.planned / ARTICLES_OF_EVENT + EVENTS_AT_ONCE;
        let current = (age * (events - EVENTS_AT_ONCE) as f64) as usize;
        let event = match chance.below(10) {
            0..7 => self.event(current + chance.below(EVENTS_AT_ONCE)),
            _ => Event {
                topic: self.size.draw(&mut chance),
                names: (0..3).map(|_| name(&mut chance)).collect(),
            },
        };
        let beside = self.size.draw(&mut chance);
        let mut writer = Writer {
            of: self,
            event: &event,
            beside,
            chance,
        };
        let title = writer.title();
        let summary = writer.sentence();
        let paragraphs = writer.paragraphs();
        let mut chance = writer.chance;
        let tag =
            |place: &usize| capitalised(self.vocabulary.word(self.topics[event.topic][*place]));
        let mut places: Vec<usize> = (0..chance.below(6)).map(|_| chance.below(8)).collect();
        places.sort_unstable();
        places.dedup();
        let mut tags: Vec<String> = places.iter().map(tag).collect();
        tags.sort();
        tags.dedup();
        let millis = FIRST_DAY + ((age * DAYS + chance.share()) * DAY) as i64;
        Made {
            title,
            paragraphs,
            summary: (chance.below(5) > 0).then_some(summary),
            category: self.category(event.topic),
            tags,
            authors: vec![self.author(chance.below(AUTHORS))],
            date: UtcTime::from_millis(millis).unwrap(),
        }
    }

    /// As an importer gives it.
    pub fn input(&self, number: usize) -> ArticleInput {
        let made = self.article(number);
        ArticleInput {
            external_id: Some(format!("scale-{number}")),
            slug: Some(self.slug_of(&made, number)),
            body: body::blocks(&BodySource::Text(made.text())).unwrap(),
            title: made.title,
            summary: made.summary,
            category: vec![made.category],
            tags: made.tags,
            authors: made.authors,
            published_at: Some(made.date),
            status: Some(Status::Published),
            language: Some("en".to_owned()),
            ..ArticleInput::default()
        }
    }

    /// As an editor sends it, published at once.
    pub fn sent(&self, number: usize) -> Value {
        let made = self.article(number);
        json!({
            "body": {"text": made.text()}, "title": made.title, "summary": made.summary,
            "category": made.category, "tags": made.tags, "authors": made.authors,
            "status": "published", "language": "en",
        })
    }
}

impl Made {
    pub fn text(&self) -> String {
        self.paragraphs.join("\n\n")
    }
}

/// Writes one article.
struct Writer<'a> {
    of: &'a Publication,
    event: &'a Event,
    /// Another topic that it touches.
    beside: usize,
    chance: Chance,
}

impl Writer<'_> {
    fn of_topic(&mut self, topic: usize) -> &str {
        let place = self.of.dearness.draw(&mut self.chance);
        self.of.vocabulary.word(self.of.topics[topic][place])
    }

    fn word(&mut self) -> String {
        match self.chance.below(1_000) {
            // Words that stand nowhere else.
            0..3 => {
                let syllables = self.chance.between(4, 5);
                pronounceable(&mut self.chance, syllables)
            }
            3..25 => self.event.names[self.chance.below(self.event.names.len())].clone(),
            25..345 => self.of_topic(self.event.topic).to_owned(),
            345..425 => self.of_topic(self.beside).to_owned(),
            _ => {
                let rank = self.of.vocabulary.draw(&mut self.chance);
                self.of.vocabulary.word(rank).to_owned()
            }
        }
    }

    fn title(&mut self) -> String {
        let words = self.chance.between(6, 10);
        let named = self.chance.below(words);
        let one = |place: usize| match place == named {
            true => self.event.names[0].clone(),
            false => self.of_topic(self.event.topic).to_owned(),
        };
        capitalised(&(0..words).map(one).collect::<Vec<_>>().join(" "))
    }

    fn sentence(&mut self) -> String {
        let words = self.chance.between(8, 25);
        let text = (0..words).map(|_| self.word()).collect::<Vec<_>>();
        format!("{}.", capitalised(&text.join(" ")))
    }

    /// 200 to 900 words, 420 in the middle.
    fn paragraphs(&mut self) -> Vec<String> {
        let words = (420.0 * (0.35 * self.chance.normal()).exp()).clamp(200.0, 900.0) as usize;
        let (mut paragraphs, mut written) = (Vec::new(), 0);
        while written < words {
            let sentences = self.chance.between(2, 5);
            let paragraph: Vec<String> = (0..sentences).map(|_| self.sentence()).collect();
            let paragraph = paragraph.join(" ");
            written += paragraph.split(' ').count();
            paragraphs.push(paragraph);
        }
        paragraphs
    }
}
