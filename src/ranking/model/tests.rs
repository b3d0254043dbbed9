//! Models of small made-up publications.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::ranking::{model::Telling, vector::id};

/// Numbers below a bound that look random and are always the same.
fn numbers(seed: u64) -> impl FnMut(u32) -> u32 {
    let mut state = seed;
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(state >> 33).unwrap() % below
    }
}

/// An article of these words, all with the same weight.
fn article(words: &[String]) -> Sample {
    let mut terms: Vec<Term> = (0_u8..)
        .zip(words)
        .map(|(place, word)| Term {
            id: id(word),
            weight: 51,
            place,
        })
        .collect();
    terms.sort_by_key(|term| term.id);
    terms.dedup_by_key(|term| term.id);
    Sample {
        vector: Vector {
            words: u32::try_from(words.len()).unwrap(),
            terms,
        },
        written: words.join(" "),
    }
}

fn text(words: &str) -> Sample {
    let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
    article(&words)
}

/// Half of the words of a subject.
fn half(subject: u32, first: u32) -> Vec<String> {
    (first..40)
        .step_by(2)
        .map(|word| format!("subject{subject}word{word}"))
        .collect()
}

/// Twenty articles about each of ten subjects: 16 words of the subject's 40, and four of 200 that
/// mean nothing.
fn publication() -> Vec<Sample> {
    let mut number = numbers(7);
    let mut written = |subject: u32| {
        let mut words: Vec<String> = Vec::new();
        while words.len() < 20 {
            let word = match words.len() < 16 {
                true => format!("subject{subject}word{}", number(40)),
                false => format!("nothing{}", number(200)),
            };
            if !words.contains(&word) {
                words.push(word);
            }
        }
        article(&words)
    };
    (0..200).map(|n| written(n % 10)).collect()
}

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::fit(&publication(), 200));

fn scored(model: &Model, one: &Sample, other: &Sample, beside: Beside) -> u16 {
    let (one, other) = (model.prepare(&one.vector), model.prepare(&other.vector));
    model.score(&one, &other, model.channels(&one, &other), beside)
}

fn score(model: &Model, one: &Sample, other: &Sample) -> u16 {
    scored(model, one, other, Beside::default())
}

#[test]
fn articles_of_one_subject_meet_without_a_word_in_common() {
    for subject in 0..10 {
        let (one, other) = (article(&half(subject, 0)), article(&half(subject, 1)));
        let stranger = article(&half((subject + 1) % 10, 1));
        let near = score(&MODEL, &one, &other);
        let far = score(&MODEL, &one, &stranger);
        assert!(near > 2_500 && far < 500, "{subject}: {near} {far}");
        let (one, other) = (MODEL.prepare(&one.vector), MODEL.prepare(&other.vector));
        let channels = MODEL.channels(&one, &other);
        assert!(
            channels.lexical < 1e-9 && channels.topic > 0.5,
            "{channels:?}"
        );
    }
}

#[test]
fn learning_twice_gives_the_same_model() {
    assert_eq!(Model::fit(&publication(), 200), *MODEL);
    assert_eq!(MODEL.topics(), 66);
    assert_eq!((MODEL.samples(), MODEL.articles()), (200, 200));
}

#[test]
fn a_model_comes_back_from_its_bytes() {
    let bytes = MODEL.encode();
    assert_eq!(Model::decode(&bytes).as_ref(), Some(&*MODEL));
    assert_eq!(Model::decode(&[]), None);
    let half = bytes.get(..bytes.len() / 2).unwrap();
    assert_eq!(Model::decode(half), None);
}

#[test]
fn the_same_text_is_a_near_duplicate() {
    let same = article(&half(4, 0));
    let prepared = MODEL.prepare(&same.vector);
    let channels = MODEL.channels(&prepared, &prepared);
    assert!(Model::is_near_duplicate(&prepared, &prepared, channels));
    assert!(score(&MODEL, &same, &same) > 9_500);
    let nothing = Channels::default();
    assert!(!Model::is_near_duplicate(&prepared, &prepared, nothing));
}

#[test]
fn category_and_tags_add_a_little() {
    let (one, other) = (article(&half(2, 0)), article(&half(2, 1)));
    let with = |same_category: bool, shared_tags: f64| {
        let beside = Beside {
            same_category,
            shared_tags,
        };
        scored(&MODEL, &one, &other, beside)
    };
    let plain = with(false, 0.0);
    assert!((plain + 20..plain + 300).contains(&with(true, 0.0)));
    assert!((plain + 500..plain + 2_000).contains(&with(false, 1.0)));
    assert!(with(true, 0.5) < with(true, 1.0));
    let stranger = article(&half(3, 1));
    let all = Beside {
        same_category: true,
        shared_tags: 1.0,
    };
    assert!(scored(&MODEL, &one, &stranger, all) < 500);

    let (one, other) = (MODEL.prepare(&one.vector), MODEL.prepare(&other.vector));
    let parts = MODEL.parts(&one, &other, MODEL.channels(&one, &other), all);
    let sum = parts.lexical + parts.topic + parts.category + parts.tags;
    assert!((parts.total - sum).abs() < 1e-12 && parts.topic > 0.2);
}

#[test]
fn words_of_the_subject_are_suggested() {
    let own = half(5, 0);
    let prepared = MODEL.prepare(&article(&own).vector);
    let suggested = MODEL.suggested(&prepared, 10);
    assert_eq!(suggested.len(), 10);
    assert!(suggested.is_sorted_by(|one, next| one.weight >= next.weight));
    for telling in &suggested {
        assert!(!own.iter().any(|own| own == telling.word), "{telling:?}");
        assert!(telling.share > 0.0 && telling.share < 0.5, "{telling:?}");
    }
    let of_subject = suggested
        .iter()
        .filter(|telling| telling.word.starts_with("subject5"));
    assert!(of_subject.count() >= 9, "{suggested:?}");
    assert!(MODEL.suggested(&Prepared::default(), 10).is_empty());
    assert!(MODEL.suggested(&prepared, 0).is_empty());
}

#[test]
fn an_article_is_the_same_among_however_many_it_is_made_ready() {
    let samples = publication();
    let twice = samples.iter().chain(&samples);
    let vectors: Vec<&Vector> = twice.map(|sample| &sample.vector).collect();
    let alone: Vec<Prepared> = vectors.iter().map(|one| MODEL.prepare(one)).collect();
    assert_eq!(MODEL.prepare_all(&vectors), alone);
}

#[test]
fn rare_words_are_the_strongest_and_common_ones_are_not_shown() {
    let samples: Vec<Sample> = (0..40)
        .map(|n| text(&format!("everywhere third{} pair{}", n % 3, n / 2)))
        .collect();
    let model = Model::fit(&samples, 40);
    let one = text("everywhere third1 pair4 unheard");
    let other = text("unheard pair4 third1 everywhere alone");
    let places =
        |found: Vec<Telling<u8>>| -> Vec<u8> { found.iter().map(|one| one.word).collect() };
    let strongest = places(model.strongest(&one.vector, 9));
    assert_eq!(strongest, [3, 2, 1, 0]);
    let shares = model.strongest(&one.vector, 9);
    let shares: Vec<f64> = shares.iter().map(|one| one.share).collect();
    assert_eq!(shares, [0.025, 0.05, 0.325, 1.0]);
    assert_eq!(places(model.strongest(&one.vector, 2)), [3, 2]);
    assert_eq!(model.shared(&one.vector, &other.vector, 9), [3, 2]);
    assert_eq!(model.shared(&other.vector, &one.vector, 1), [0]);
}

#[test]
fn words_are_spelt_as_most_write_them() {
    let run = id("run");
    let sample = |word: &str| {
        let terms = vec![Term {
            id: run,
            weight: 9,
            place: 0,
        }];
        Sample {
            vector: Vector { terms, words: 1 },
            written: word.to_owned(),
        }
    };
    let model = Model::fit(&[sample("run"), sample("Läufe"), sample("Läufe")], 3);
    assert_eq!(model.learned.words, "laufe");
}

#[test]
fn few_articles_are_compared_by_their_words() {
    let samples: Vec<Sample> = [
        "ferry harbour strike crews",
        "ferry harbour fares rise",
        "orchard apples frost april",
        "library roof repair vote",
        "council vote budget roads",
    ]
    .map(text)
    .into();
    for number in 0..=samples.len() {
        let model = Model::fit(&samples[..number], number);
        assert_eq!(model.topics(), 0);
        let related = score(&model, &samples[0], &samples[1]);
        assert!(related > 300, "{number}: {related}");
        assert_eq!(score(&model, &samples[0], &samples[2]), 0);
        assert_eq!(Model::decode(&model.encode()), Some(model));
    }
}

#[test]
fn articles_that_are_all_the_same_or_empty_do_no_harm() {
    let same = text("one two three");
    let model = Model::fit(&vec![same.clone(); 30], 30);
    assert!(score(&model, &same, &same) > 5_000);
    let empty = Sample {
        vector: Vector::default(),
        written: String::new(),
    };
    assert_eq!(score(&model, &same, &empty), 0);
    assert_eq!(score(&MODEL, &empty, &empty), 0);
    let of_nothing = Model::fit(&vec![empty.clone(); 30], 30);
    assert_eq!(of_nothing.topics(), 0);
    assert_eq!(score(&of_nothing, &empty, &empty), 0);
    assert_eq!(Model::decode(&of_nothing.encode()), Some(of_nothing));
}

#[test]
fn a_product_is_the_same_however_long_the_rows() {
    for length in [0_u8, 1, 7, 8, 9, 31] {
        let row: Vec<f32> = (0..length).map(f32::from).collect();
        let exact: f32 = row.iter().map(|number| number * number).sum();
        assert!((dot(&row, &row) - exact).abs() < 0.5);
    }
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let terms = prop::collection::btree_map(0_u32..40, 1_u8..=255, 0..12);
    let sample = terms.prop_map(|terms| Sample {
        written: terms
            .keys()
            .map(|n| format!("w{n}"))
            .collect::<Vec<_>>()
            .join(" "),
        vector: Vector {
            terms: (0_u8..)
                .zip(terms)
                .map(|(place, (n, weight))| Term {
                    id: n * 100_000_000,
                    weight,
                    place,
                })
                .collect(),
            words: 100,
        },
    });
    prop::collection::vec(sample, 0..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn scores_are_mutual_and_survive_the_codec(samples in samples()) {
        let model = Model::fit(&samples, samples.len());
        let again = Model::decode(&model.encode());
        prop_assert_eq!(again.as_ref(), Some(&model));
        for one in &samples {
            for other in &samples {
                let there = score(&model, one, other);
                prop_assert!(there <= 10_000);
                prop_assert_eq!(there, score(&model, other, one));
            }
        }
    }

    #[test]
    fn articles_are_made_ready_together_as_alone(samples in samples(), known in 0_usize..25) {
        let model = Model::fit(samples.get(known..).unwrap_or_default(), samples.len());
        let vectors: Vec<&Vector> = samples.iter().map(|sample| &sample.vector).collect();
        let alone: Vec<Prepared> = vectors.iter().map(|one| model.prepare(one)).collect();
        prop_assert_eq!(model.prepare_all(&vectors), alone);
    }

    #[test]
    fn damaged_bytes_are_refused_or_read(
        samples in samples(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in 0_usize..3,
    ) {
        let mut bytes = Model::fit(&samples, samples.len()).encode();
        bytes.truncate(bytes.len() - cut);
        for (place, byte) in damages {
            *place.get_mut(&mut bytes) = byte;
        }
        if let Some(model) = Model::decode(&bytes) {
            for sample in &samples {
                let prepared = model.prepare(&sample.vector);
                model.suggested(&prepared, 5);
                model.strongest(&sample.vector, 5);
                model.shared(&sample.vector, &sample.vector, 5);
                prop_assert!(score(&model, sample, sample) <= 10_000);
            }
        }
    }

    #[test]
    fn any_bytes_are_refused_or_read(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Some(version) = bytes.first_mut() {
            *version = 1;
        }
        let _ = Model::decode(&bytes);
    }
}
