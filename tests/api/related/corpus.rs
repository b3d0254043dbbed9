//! A small publication of eight subjects. Each has words of its own, of which every article draws
//! some; categories and tags lie across the subjects, so that they tell nothing.

use serde_json::{Value, json};

use crate::support::content::{article, with};

/// Articles of each subject.
pub const EACH: usize = 10;

/// The subjects, each with its words.
pub const SUBJECTS: [(&str, &str); 8] = [
    (
        "ferry",
        "harbour ferry deck captain crossing quay timetable passengers mooring engine tide island \
         gangway skipper berth hull lighthouse cargo anchor channel pilot dock vessel fog",
    ),
    (
        "bread",
        "bakery flour oven rye sourdough crust loaf yeast baker dough kneading grain mill butter \
         pastry wheat recipe salt kitchen apprentice breakfast bun barley proofing",
    ),
    (
        "football",
        "striker goalkeeper penalty referee midfield league stadium coach transfer defender header \
         offside trophy substitute corner tackle supporters fixture derby pitch whistle squad \
         relegation equaliser",
    ),
    (
        "court",
        "judge verdict appeal lawyer witness prosecutor trial jury sentence testimony defendant \
         hearing evidence bail plaintiff tribunal statute clerk courtroom acquittal charges \
         settlement attorney ruling",
    ),
    (
        "garden",
        "roses compost pruning seedlings greenhouse soil tulips hedge lawn watering shrubs mulch \
         orchard beetles nursery blossom spade perennials weeds trellis bulbs pollen ivy planting",
    ),
    (
        "opera",
        "soprano orchestra conductor aria stage libretto tenor rehearsal premiere chorus costume \
         violin overture audience curtain ballet composer score balcony applause duet singer \
         encore scenery",
    ),
    (
        "mountain",
        "summit glacier climber avalanche ridge rope crevasse expedition altitude basecamp icefall \
         valley peak boulder trail hut snowfall ascent rescue helicopter slope cornice guide \
         moraine",
    ),
    (
        "money",
        "inflation bank interest bonds currency treasury mortgage dividend budget deficit lender \
         investor shares exchange loan credit broker stocks fiscal tariff revenue auditor ledger \
         liquidity",
    ),
];

/// Numbers that look like chance and are always the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// The words of a subject.
pub fn words(subject: usize) -> Vec<&'static str> {
    SUBJECTS[subject].1.split_whitespace().collect()
}

/// A text of so many sentences, each of words drawn from these.
pub fn text(words: &[&str], sentences: usize, seed: u64) -> String {
    let mut chance = Chance(seed.wrapping_mul(2_654_435_761).wrapping_add(97));
    for _ in 0..5 {
        chance.below(2);
    }
    let sentence = |_| {
        let mut draw = || words[chance.below(words.len())];
        format!(
            "They said that the {} and the {} were near the {} when the {} was there.",
            draw(),
            draw(),
            draw(),
            draw()
        )
    };
    let sentences: Vec<String> = (0..sentences).map(sentence).collect();
    sentences.join("\n\n")
}

/// An article whose text is of these words.
pub fn of_words(slug: &str, day: i64, words: &[&str], seed: u64) -> Value {
    let members = json!({
        "title": format!("News of the {}", words[seed as usize % words.len()]),
        "summary": null,
        "body": {"text": text(words, 7, seed)},
    });
    with(article(slug, day), members)
}

/// The slug of an article of the publication.
pub fn slug(subject: usize, number: usize) -> String {
    format!("{}-{number}", SUBJECTS[subject].0)
}

/// The whole publication.
pub fn publication() -> Vec<Value> {
    let categories = ["Morning", "Midday", "Evening"];
    let tags = ["Long", "Short", "Local", "Abroad", "Weekend"];
    let mut articles = Vec::new();
    for number in 0..EACH {
        for subject in 0..SUBJECTS.len() {
            let place = number * SUBJECTS.len() + subject;
            let slug = slug(subject, number);
            let made = of_words(&slug, place as i64 % 37, &words(subject), place as u64 + 1);
            let members = json!({
                "category": categories[(place / 2) % categories.len()],
                "tags": [tags[(place / 3) % tags.len()]],
            });
            articles.push(with(made, members));
        }
    }
    articles
}

/// Of which subject an article is.
pub fn subject_of(slug: &str) -> &str {
    slug.split('-').next().expect("a subject")
}
