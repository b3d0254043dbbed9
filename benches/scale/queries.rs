//! Searches as readers make them: words that stand in an article, not too common and not too rare.

use std::collections::{HashMap, HashSet};

use newsstand::model::words::tokens;

use crate::{
    articles::{Made, Publication},
    words::Chance,
};

/// Articles whose words are counted.
const SAMPLE: usize = 4_000;
/// Shares of the articles that an ordinary word stands in.
const RAREST: f64 = 0.001;
const COMMONEST: f64 = 0.05;

/// Searches of each kind.
pub struct Queries {
    pub kinds: [(&'static str, Vec<String>); 5],
}

impl Queries {
    pub fn new(publication: &Publication, seed: u64, each: usize) -> Self {
        let words = Ordinary::new(publication, seed);
        let mut chance = Chance::new(seed, 22, 0);
        let mut kinds = [
            ("one word", Vec::new()),
            ("two words", Vec::new()),
            ("phrase of two", Vec::new()),
            ("prefix", Vec::new()),
            ("misspelt word", Vec::new()),
        ];
        for _ in 0..each {
            let made = publication.article(chance.below(publication.count()));
            let ordinary = words.of(&made);
            let mut some = || ordinary[chance.below(ordinary.len())].as_str();
            let (one, first, second) = (some(), some(), some());
            let (begun, wrong) = (some(), some());
            let phrase = phrase(&made, first);
            let prefix: String = begun.chars().take(4).collect();
            let made = [
                one.to_owned(),
                format!("{first} {second}"),
                format!("\"{phrase}\""),
                format!("{prefix}*"),
                misspelt(wrong),
            ];
            for ((_, queries), query) in kinds.iter_mut().zip(made) {
                queries.push(query);
            }
        }
        Self { kinds }
    }
}

/// A word of an article and the one that follows it, or goes before it.
fn phrase(made: &Made, word: &str) -> String {
    for paragraph in &made.paragraphs {
        let words = tokens(paragraph);
        let pair = words
            .windows(2)
            .find(|pair| pair.iter().any(|one| one == word));
        if let Some(pair) = pair {
            return pair.join(" ");
        }
    }
    word.to_owned()
}

/// With another letter in its middle.
fn misspelt(word: &str) -> String {
    let middle = word.chars().count() / 2;
    let other = |(place, letter): (usize, char)| match (place == middle, letter) {
        (false, letter) => letter,
        (true, 'o') => 'a',
        (true, _) => 'o',
    };
    word.chars().enumerate().map(other).collect()
}

/// In how many articles of a sample each word stands.
struct Ordinary {
    articles: HashMap<String, usize>,
    sample: usize,
}

impl Ordinary {
    fn new(publication: &Publication, seed: u64) -> Self {
        let sample = SAMPLE.min(publication.count());
        let mut chance = Chance::new(seed, 21, 0);
        let mut articles: HashMap<String, usize> = HashMap::new();
        for _ in 0..sample {
            let made = publication.article(chance.below(publication.count()));
            let words: HashSet<String> = tokens(&made.text()).into_iter().collect();
            for word in words {
                *articles.entry(word).or_default() += 1;
            }
        }
        Self { articles, sample }
    }

    /// The ordinary words of an article, in order.
    fn of(&self, made: &Made) -> Vec<String> {
        let share = |word: &String| {
            let articles = self.articles.get(word).copied().unwrap_or_default();
            articles as f64 / self.sample as f64
        };
        let mut words = tokens(&made.text());
        words.sort();
        words.dedup();
        words.retain(|word| word.len() >= 5 && (RAREST..=COMMONEST).contains(&share(word)));
        assert!(!words.is_empty(), "an article without ordinary words");
        words
    }
}
