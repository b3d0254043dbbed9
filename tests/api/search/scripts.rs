//! Words of scripts in which marks are part of the spelling.

use rstest::rstest;
use serde_json::json;

use super::{found, said};
use crate::support::{App, Kind, Postgres, Sqlite, content::with};

#[rstest]
fn words_that_marks_tell_apart_are_not_mixed_up(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[
            said("heart", "दिल", "यह दिल की कहानी है।"),
            said("party", "दल", "यह एक दल है।"),
            said("lentils", "दाल", "यह गरम दाल है।"),
            said("fish", "মাছ", "নদীতে মাছ আছে।"),
            said("wipe", "মোছ", "টেবিল মোছ।"),
            said("oyster", "かき", "海のかきを食べる。"),
            said("brat", "がき", "町のがきが走る。"),
        ],
    );
    for (q, slug) in [
        ("दिल", "heart"),
        ("दल", "party"),
        ("दाल", "lentils"),
        ("মাছ", "fish"),
        ("মোছ", "wipe"),
        ("かき", "oyster"),
        ("がき", "brat"),
        ("か\u{3099}き", "brat"),
    ] {
        assert_eq!(found(&app, q), [slug], "{q}");
    }
}

#[rstest]
fn marks_that_not_everyone_writes_do_not_count(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[
            said("peace", "שָׁלוֹם", "שָׁלוֹם עֲלֵיכֶם"),
            said("name", "محمد", "جاء محمد اليوم."),
        ],
    );
    assert_eq!(found(&app, "שלום"), ["peace"]);
    assert_eq!(found(&app, "مُحَمَّد"), ["name"]);
}

#[rstest]
fn forms_of_a_word_are_found_where_endings_are_marks(#[values(Sqlite, Postgres)] kind: Kind) {
    let hindi = |slug: &str, text: &str| with(said(slug, "खबर", text), json!({"language": "hi"}));
    let app = App::with(
        kind,
        &[
            hindi("books", "नई किताबें आईं।"),
            hindi("of-books", "किताबों की दुकान।"),
        ],
    );
    let mut both = found(&app, "किताबें");
    both.sort();
    assert_eq!(both, ["books", "of-books"]);
}

#[rstest]
fn where_a_word_may_be_broken_it_is_one_word(#[values(Sqlite, Postgres)] kind: Kind) {
    let text = "Ein Donau\u{AD}dampf\u{AD}schiff und ein Anker\u{2060}platz.";
    let app = App::with(kind, &[said("ship", "Schiff", text)]);
    for q in ["Donaudampfschiff", "donau\u{AD}dampfschiff", "Ankerplatz"] {
        assert_eq!(found(&app, q), ["ship"], "{q}");
    }
    assert!(found(&app, "dampf").is_empty());
}

#[rstest]
fn formulas_are_found_as_they_are_typed(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[
            said(
                "below",
                "Less CO₂",
                "The harbour emits less CO₂ than before.",
            ),
            said(
                "plain",
                "More CO2",
                "The airport emits more CO2 than before.",
            ),
        ],
    );
    for q in ["CO2", "co₂"] {
        let mut both = found(&app, q);
        both.sort();
        assert_eq!(both, ["below", "plain"], "{q}");
    }
    assert_eq!(found(&app, "\"less co2\""), ["below"]);
}
