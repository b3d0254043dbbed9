//! Chance that is the same each time, and a vocabulary in which few words are common.

use std::collections::HashSet;

/// Words that the vocabulary has.
pub const VOCABULARY: usize = 300_000;
/// The commonest words, which stand in every text.
pub const COMMON: usize = 150;
/// Exponent of Zipf's law.
const EXPONENT: f64 = 1.05;

/// SplitMix64 (Steele, Lea and Flood 2014).
#[derive(Clone)]
pub struct Chance(u64);

impl Chance {
    /// The same for the same three numbers.
    pub fn new(seed: u64, kind: u64, number: u64) -> Self {
        let mut chance = Self(seed);
        for part in [kind, number] {
            chance.0 = chance.step() ^ part.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        }
        chance
    }

    fn step(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1.
    pub fn share(&mut self) -> f64 {
        (self.step() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 to below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (((self.step() >> 32) * bound as u64) >> 32) as usize
    }

    /// From `first` to `last`.
    pub fn between(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last - first + 1)
    }

    /// Normal with mean 0 and deviation 1, near enough.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

/// Draws a rank in one step (Walker's alias method, as Vose has it).
pub struct Ranks {
    keep: Vec<f32>,
    alias: Vec<u32>,
}

impl Ranks {
    /// By Zipf's law over so many ranks.
    pub fn zipf(count: usize, exponent: f64) -> Self {
        let weights: Vec<f64> = (1..=count)
            .map(|rank| (rank as f64).powf(-exponent))
            .collect();
        let mean = weights.iter().sum::<f64>() / count as f64;
        let mut scaled: Vec<f64> = weights.iter().map(|weight| weight / mean).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..count).partition(|rank| scaled[*rank] < 1.0);
        let (mut keep, mut alias) = (vec![1.0; count], vec![0; count]);
        while let (Some(less), Some(more)) = (small.pop(), large.last().copied()) {
            keep[less] = scaled[less] as f32;
            alias[less] = more as u32;
            scaled[more] -= 1.0 - scaled[less];
            if scaled[more] < 1.0 {
                large.pop();
                small.push(more);
            }
        }
        Self { keep, alias }
    }

    pub fn draw(&self, chance: &mut Chance) -> usize {
        let rank = chance.below(self.keep.len());
        match chance.share() < f64::from(self.keep[rank]) {
            true => rank,
            false => self.alias[rank] as usize,
        }
    }
}

const ONSETS: [&str; 30] = [
    "b", "br", "c", "ch", "cl", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p",
    "pl", "pr", "r", "s", "sh", "st", "t", "th", "tr", "v", "w", "z",
];
const VOWELS: [&str; 8] = ["a", "e", "i", "o", "u", "ai", "ea", "ou"];
const CODAS: [&str; 10] = ["", "", "", "n", "r", "l", "s", "t", "m", "nd"];
const ENDINGS: [&str; 4] = ["s", "ed", "ing", "er"];

/// A word that can be said, of so many syllables.
pub fn pronounceable(chance: &mut Chance, syllables: usize) -> String {
    let mut word = String::new();
    for _ in 0..syllables {
        for part in [&ONSETS[..], &VOWELS[..], &CODAS[..]] {
            word.push_str(part[chance.below(part.len())]);
        }
    }
    word
}

/// The same with a capital.
pub fn name(chance: &mut Chance) -> String {
    let syllables = chance.between(2, 3);
    capitalised(&pronounceable(chance, syllables))
}

pub fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// All words, the commonest first.
pub struct Vocabulary {
    words: Vec<String>,
    ranks: Ranks,
}

impl Vocabulary {
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed, 1, 0);
        let mut known = HashSet::with_capacity(VOCABULARY);
        let mut words: Vec<String> = Vec::with_capacity(VOCABULARY);
        while words.len() < VOCABULARY {
            let place = words.len();
            let word = match place {
                0..COMMON => {
                    let syllables = chance.between(1, 2);
                    pronounceable(&mut chance, syllables)
                }
                // A quarter are other forms of words that there are.
                _ if chance.below(4) == 0 => {
                    let stem = &words[chance.below(place)];
                    format!("{stem}{}", ENDINGS[chance.below(ENDINGS.len())])
                }
                _ => {
                    let syllables = chance.between(2, 4);
                    pronounceable(&mut chance, syllables)
                }
            };
            if known.insert(word.clone()) {
                words.push(word);
            }
        }
        Self {
            words,
            ranks: Ranks::zipf(VOCABULARY, EXPONENT),
        }
    }

    pub fn word(&self, rank: usize) -> &str {
        &self.words[rank]
    }

    pub fn draw(&self, chance: &mut Chance) -> usize {
        self.ranks.draw(chance)
    }
}
