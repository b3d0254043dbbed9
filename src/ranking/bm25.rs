//! What a word weighs in an article, and among articles: BM25 over fields (Robertson and
//! Zaragoza 2009, sections 3.4 and 3.6), with a fixed usual length, so that a weight depends on
//! nothing but the article.

/// Times that a word in the body counts, at most.
const BODY_AT_MOST: u32 = 100;

/// How many times a word of the title counts.
const TITLE: u64 = 8;

/// How many times a word of the summary or of a name counts.
const HEAD: u64 = 4;

/// The greatest weight: that of a word which the article is all about.
pub const IMPACT_AT_MOST: u8 = 127;

// The frequency at which half of the weight is reached is k1 × (1 − b + b × words ÷ usual), with
// k1 = 1.2, b = 0.75 and a usual length of 500 words: 0.3 + 0.0018 × words. All is reckoned in
// ten-thousandths, in whole numbers.
const UNIT: u64 = 10_000;
const HALF_WITHOUT_WORDS: u64 = 3_000;
const HALF_PER_WORD: u64 = 18;

/// What a word weighs in an article, from 1 to 127: the saturated frequency, by how often it
/// stands in the title, in the head (summary and names) and in the body, which has so many words.
pub fn impact(title: u32, head: u32, body: u32, words: usize) -> u8 {
    let in_body = u64::from(body.min(BODY_AT_MOST));
    let frequency = UNIT * (TITLE * u64::from(title) + HEAD * u64::from(head) + in_body);
    let words = u64::from(u32::try_from(words).unwrap_or(u32::MAX));
    let whole = frequency + HALF_WITHOUT_WORDS + HALF_PER_WORD * words;
    let most = u64::from(IMPACT_AT_MOST);
    let rounded = (2 * most * frequency + whole) / (2 * whole);
    u8::try_from(rounded.clamp(1, most)).unwrap_or(IMPACT_AT_MOST)
}

/// How much a word tells that so many of all articles have; never below 0.
#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of articles are below 2^53"
)]
pub fn idf(articles_with: usize, articles: usize) -> f64 {
    let without = articles.saturating_sub(articles_with) as f64;
    ((without + 0.5) / (articles_with as f64 + 0.5)).ln_1p()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_impact_is_what_the_formula_says(
            title in 0_u32..20, head in 0_u32..20, body in 0_u32..300, words in 0_usize..20_000,
        ) {
            let frequency = f64::from(8 * title + 4 * head + body.min(100));
            let half = 1.2 * (0.25 + 0.75 * words as f64 / 500.0);
            let exact = (127.0 * frequency / (frequency + half)).clamp(1.0, 127.0);
            let impact = impact(title, head, body, words);
            prop_assert!((f64::from(impact) - exact).abs() < 0.5 + 1e-9, "{impact} {exact}");
        }

        #[test]
        fn no_number_is_too_great(
            title in any::<u32>(), head in any::<u32>(), body in any::<u32>(), words in any::<usize>(),
        ) {
            prop_assert!((1..=127).contains(&impact(title, head, body, words)));
        }

        #[test]
        fn a_rarer_word_tells_more(with in 0_usize..10_000, more in 1_usize..100, rest in 0_usize..10_000) {
            let articles = with + more + rest;
            prop_assert!(idf(with, articles) > idf(with + more, articles));
            prop_assert!(idf(articles, articles) > 0.0);
            prop_assert!(idf(articles + more, articles) > 0.0);
        }
    }

    #[test]
    fn examples() {
        assert_eq!(impact(0, 0, 1, 500), 58); // 127 × 1 ÷ 2.2 = 57.7
        assert_eq!(impact(1, 0, 0, 500), 110); // 127 × 8 ÷ 9.2 = 110.4
        assert_eq!(impact(0, 0, 0, 0), 1);
        assert_eq!(impact(u32::MAX, 0, 0, 0), 127);
        assert!((idf(10, 1000) - 4.557).abs() < 0.001); // ln(1 + 990.5 ÷ 10.5)
    }
}
