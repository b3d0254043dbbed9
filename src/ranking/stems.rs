//! Words brought down to their stems, language by language: "running" and "runs" to "run".

use std::borrow::Cow;

use snowball_stemmers_rs::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;

/// Letters of the shortest word that has an ending to lose.
const SHORTEST: usize = 4;

/// The first part of a language tag, in lower case: "en" of "en-GB".
pub fn primary(language: &str) -> String {
    first(language).to_ascii_lowercase()
}

fn first(language: &str) -> &str {
    language.split(['-', '_']).next().unwrap_or_default()
}

/// The stem of a folded word ([`crate::model::words::tokens`]); never empty.
///
/// Short words, words with digits, words in a script that the language is not written in and
/// words of a language without stemmer are their own stems.
pub fn stem<'a>(language: &str, word: &'a str) -> Cow<'a, str> {
    let Some((algorithm, script)) = algorithm(language) else {
        return Cow::Borrowed(word);
    };
    let is_short = word.chars().nth(SHORTEST - 1).is_none();
    if is_short || !word.chars().all(|c| script.has(c)) {
        return Cow::Borrowed(word);
    }
    let stemmer = Stemmer::create(algorithm);
    let stem = match (algorithm, with_marks(algorithm, word)) {
        (_, Some(marked)) => Cow::Owned(stemmer.stem(&marked).into_owned()),
        // It knows signs that folding takes apart.
        (Algorithm::Tamil, None) => {
            let composed: String = word.nfc().collect();
            Cow::Owned(stemmer.stem(&composed).nfkd().collect())
        }
        (_, None) => stemmer.stem(word),
    };
    let is_one_letter = stem.chars().nth(1).is_none();
    if is_one_letter {
        return Cow::Borrowed(word);
    }
    stem
}

/// Whether a language has a stemmer: words of another are all their own stems.
pub fn has_stems(language: &str) -> bool {
    algorithm(language).is_some()
}

/// The scripts of the languages below.
#[derive(Debug, Clone, Copy)]
enum Script {
    Latin,
    Cyrillic,
    /// Serbian is written in both.
    LatinOrCyrillic,
    Greek,
    Arabic,
    Armenian,
    Hebrew,
    Devanagari,
    Tamil,
}

impl Script {
    /// Whether a folded letter is of the script. Digits are of none.
    fn has(self, c: char) -> bool {
        match self {
            Self::Latin => {
                c.is_ascii_lowercase() || (matches!(c, 'ß'..='\u{24F}') && c.is_alphabetic())
            }
            Self::Cyrillic => matches!(c, '\u{430}'..='\u{52F}') && c.is_alphabetic(),
            Self::LatinOrCyrillic => Self::Latin.has(c) || Self::Cyrillic.has(c),
            Self::Greek => matches!(c, 'α'..='ω'),
            Self::Arabic => matches!(c, '\u{620}'..='\u{64A}' | '\u{671}'..='\u{6D3}'),
            Self::Armenian => matches!(c, '\u{561}'..='\u{587}'),
            Self::Hebrew => matches!(c, 'א'..='ת'),
            Self::Devanagari => matches!(c, '\u{900}'..='\u{963}' | '\u{971}'..='\u{97F}'),
            Self::Tamil => matches!(c, '\u{B80}'..='\u{BE5}'),
        }
    }
}

/// How the words of a language are stemmed, and in which script they are.
fn algorithm(language: &str) -> Option<(Algorithm, Script)> {
    let mut letters = first(language).bytes().map(|b| b.to_ascii_lowercase());
    let (Some(one), Some(two), None) = (letters.next(), letters.next(), letters.next()) else {
        return None;
    };
    Some(match &[one, two] {
        b"ar" => (Algorithm::Arabic, Script::Arabic),
        b"ca" => (Algorithm::Catalan, Script::Latin),
        b"cs" => (Algorithm::Czech, Script::Latin),
        b"da" => (Algorithm::Danish, Script::Latin),
        b"de" => (Algorithm::German, Script::Latin),
        b"el" => (Algorithm::Greek, Script::Greek),
        b"en" => (Algorithm::English, Script::Latin),
        b"eo" => (Algorithm::Esperanto, Script::Latin),
        b"es" => (Algorithm::Spanish, Script::Latin),
        b"et" => (Algorithm::Estonian, Script::Latin),
        b"eu" => (Algorithm::Basque, Script::Latin),
        b"fa" => (Algorithm::Persian, Script::Arabic),
        b"fi" => (Algorithm::Finnish, Script::Latin),
        b"fr" => (Algorithm::French, Script::Latin),
        b"ga" => (Algorithm::Irish, Script::Latin),
        b"hi" => (Algorithm::Hindi, Script::Devanagari),
        b"hu" => (Algorithm::Hungarian, Script::Latin),
        b"hy" => (Algorithm::Armenian, Script::Armenian),
        b"id" => (Algorithm::Indonesian, Script::Latin),
        b"it" => (Algorithm::Italian, Script::Latin),
        b"lt" => (Algorithm::Lithuanian, Script::Latin),
        b"ne" => (Algorithm::Nepali, Script::Devanagari),
        b"nl" => (Algorithm::Dutch, Script::Latin),
        b"nb" | b"nn" | b"no" => (Algorithm::Norwegian, Script::Latin),
        b"pl" => (Algorithm::Polish, Script::Latin),
        b"pt" => (Algorithm::Portuguese, Script::Latin),
        b"ro" => (Algorithm::Romanian, Script::Latin),
        b"ru" => (Algorithm::Russian, Script::Cyrillic),
        b"sr" => (Algorithm::Serbian, Script::LatinOrCyrillic),
        b"st" => (Algorithm::Sesotho, Script::Latin),
        b"sv" => (Algorithm::Swedish, Script::Latin),
        b"ta" => (Algorithm::Tamil, Script::Tamil),
        b"tr" => (Algorithm::Turkish, Script::Latin),
        b"uk" => (Algorithm::Ukrainian, Script::Cyrillic),
        b"yi" => (Algorithm::Yiddish, Script::Hebrew),
        _ => return None,
    })
}

/// A word with the marks of its ending put back, where the stemmer knows the ending by its marks.
///
/// Folding has taken them away, and they are all that tells the forms of such words apart: "ый"
/// and "ая" of Russian adjectives, for one.
fn with_marks(algorithm: Algorithm, word: &str) -> Option<String> {
    endings(algorithm).iter().find_map(|(folded, marked)| {
        word.strip_suffix(*folded)
            .map(|before| format!("{before}{marked}"))
    })
}

/// Frequent endings, folded and as the stemmer expects them. Those that are as often part of the
/// stem are left out.
fn endings(algorithm: Algorithm) -> &'static [(&'static str, &'static str)] {
    match algorithm {
        Algorithm::Catalan => &[("cio", "ció")],
        Algorithm::Czech => &[
            ("ych", "ých"),
            ("ymi", "ými"),
            ("ich", "ích"),
            ("imi", "ími"),
            ("eho", "ého"),
            ("iho", "ího"),
            ("emu", "ému"),
        ],
        Algorithm::Hungarian => &[
            ("bol", "ból"),
            ("rol", "ról"),
            ("tol", "tól"),
            ("nal", "nál"),
            ("nel", "nél"),
            ("kent", "ként"),
        ],
        Algorithm::Polish => &[("ow", "ów")],
        Algorithm::Portuguese => &[
            ("acao", "ação"),
            ("acoes", "ações"),
            ("ucao", "ução"),
            ("ucoes", "uções"),
            ("encia", "ência"),
            ("encias", "ências"),
        ],
        Algorithm::Russian => &[("ыи", "ый"), ("ои", "ой")],
        Algorithm::Spanish => &[("ucion", "ución"), ("logia", "logía"), ("logias", "logías")],
        Algorithm::Ukrainian => &[("ии", "ий"), ("іи", "ій"), ("ои", "ой"), ("іі", "ії")],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::model::words::tokens;

    fn fold(word: &str) -> String {
        tokens(word).concat()
    }

    #[rstest]
    #[case::english("en", "running", "runs")]
    #[case::a_region("en-GB", "elections", "election")]
    #[case::any_case("EN", "connected", "connection")]
    #[case::french("fr", "chevaux", "cheval")]
    #[case::german("de-AT", "Häuser", "Haus")]
    #[case::spanish("es", "contribución", "contribuciones")]
    #[case::portuguese("pt-BR", "educação", "educações")]
    #[case::russian("ru", "красный", "красная")]
    #[case::norwegian("nb", "husene", "huset")]
    #[case::hindi("hi", "किताबें", "किताबों")]
    #[case::nepali("ne", "किताबहरू", "किताबलाई")]
    #[case::tamil("ta", "புத்தகங்கள்", "புத்தகத்தை")]
    fn forms_of_a_word_have_one_stem(
        #[case] language: &str,
        #[case] one: &str,
        #[case] other: &str,
    ) {
        let (one, other) = (fold(one), fold(other));
        assert_ne!(one, other);
        assert_eq!(stem(language, &one), stem(language, &other));
    }

    #[rstest]
    #[case::a_short_word("en", "ing")]
    #[case::digits("en", "mp3s")]
    #[case::another_script("en", "выборы")]
    #[case::an_unknown_language("tlh", "running")]
    #[case::no_language("", "running")]
    #[case::a_script_without_spaces("ja", "港")]
    fn such_words_are_left_alone(#[case] language: &str, #[case] word: &str) {
        assert_eq!(stem(language, word), word);
    }

    #[rstest]
    #[case::ukrainian(Algorithm::Ukrainian, "червоний")]
    #[case::czech(Algorithm::Czech, "krasného")]
    #[case::polish(Algorithm::Polish, "samochodów")]
    fn endings_get_their_marks_back(#[case] algorithm: Algorithm, #[case] word: &str) {
        assert_eq!(with_marks(algorithm, &fold(word)).as_deref(), Some(word));
    }

    #[test]
    fn the_first_part_of_a_tag_counts() {
        assert_eq!(primary("en-GB"), "en");
        assert_eq!(primary("ZH-Hant-TW"), "zh");
        assert_eq!(primary(""), "");
    }

    const LANGUAGES: [&str; 37] = [
        "ar", "ca", "cs", "da", "de", "el", "en", "eo", "es", "et", "eu", "fa", "fi", "fr", "ga",
        "hi", "hu", "hy", "id", "it", "lt", "ne", "nl", "nb", "nn", "no", "pl", "pt", "ro", "ru",
        "sr", "st", "sv", "ta", "tr", "uk", "yi",
    ];

    /// A much used older version of these stemmers stops at Greek words such as these.
    #[test]
    fn greek_words_are_stemmed() {
        for word in ["αντιθετος", "αντιθετα", "ισαξιος", "αδιαθετος", "θετος"]
        {
            assert!(!stem("el", word).is_empty());
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2_000))]

        /// Whatever the letters, no stemmer may stop.
        #[test]
        fn a_stem_is_never_empty(
            word in "[a-zßøæœłđıþð]{1,24}|[а-яєіїјљњђћџґ]{1,24}|[α-ω]{1,24}\
                     |[\u{620}-\u{64A}\u{671}-\u{6D3}]{1,24}|[\u{561}-\u{587}]{1,24}|[א-ת]{1,24}\
                     |[\u{900}-\u{963}\u{971}-\u{97F}]{1,24}|[\u{B80}-\u{BE5}]{1,24}",
        ) {
            for language in LANGUAGES {
                proptest::prop_assert!(!stem(language, &word).is_empty());
            }
        }

        /// Endings alone, which are what stemmers look for.
        #[test]
        fn words_made_of_endings_have_stems(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "ing", "ed", "s", "ation", "ness", "ement", "eux", "ung", "keit", "lar", "ler",
                    "nin", "acion", "mente", "issimo", "ы", "ости", "ами", "ого", "ουσ", "ικ",
                    "ησ", "αδεσ", "ος", "ων", "ها", "ات", "ال", "ون", "qu", "y", "ssa", "kaan",
                ]),
                1..6,
            ),
        ) {
            let word = parts.concat();
            for language in LANGUAGES {
                proptest::prop_assert!(!stem(language, &word).is_empty());
            }
        }
    }
}
