//! A model as bytes: a version, six numbers, and the columns one after another; all numbers are
//! little-endian.

use crate::ranking::model::{Learned, fit::TOPICS_AT_MOST};

const VERSION: u8 = 1;
/// Bytes of a number.
const NUMBER: usize = size_of::<u32>();
/// Columns of numbers that have one for each term.
const COLUMNS: usize = 4;
/// Columns that have one for each topic.
const TOPIC_COLUMNS: usize = 2;

pub(super) fn encode(learned: &Learned) -> Vec<u8> {
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let mut bytes = vec![VERSION];
    put(
        &mut bytes,
        [
            learned.articles,
            learned.samples,
            learned.usual.to_bits(),
            count(learned.ids.len()),
            count(learned.mean.len()),
            count(learned.words.len()),
        ],
    );
    let bits =
        |floats: &[f32]| -> Vec<u32> { floats.iter().map(|float| float.to_bits()).collect() };
    put(&mut bytes, learned.ids.iter().copied());
    put(&mut bytes, learned.samples_with.iter().copied());
    put(&mut bytes, bits(&learned.unevenness));
    put(&mut bytes, bits(&learned.scales));
    put(&mut bytes, bits(&learned.strengths));
    put(&mut bytes, bits(&learned.mean));
    bytes.extend(learned.topics.iter().map(|topic| topic.cast_unsigned()));
    bytes.extend_from_slice(learned.words.as_bytes());
    bytes
}

fn put(bytes: &mut Vec<u8>, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
}

/// What the bytes hold, if they are whole.
pub(super) fn decode(bytes: &[u8]) -> Option<Learned> {
    let (version, mut rest) = bytes.split_first()?;
    if *version != VERSION {
        return None;
    }
    let head = take(&mut rest, 6)?;
    let [articles, samples, usual, terms, topics, words]: [u32; 6] =
        head.as_slice().try_into().ok()?;
    let [terms, topics, words] = [terms, topics, words].map(|number| number as usize);
    let of_terms = terms.checked_mul(topics)?;
    // Before anything is laid out, so that a number too great costs nothing.
    let of_topics = topics.checked_mul(TOPIC_COLUMNS)?;
    let numbers = terms.checked_mul(COLUMNS)?.checked_add(of_topics)?;
    let whole = numbers.checked_mul(NUMBER)?.checked_add(of_terms)?;
    if whole.checked_add(words)? != rest.len() {
        return None;
    }
    let learned = Learned {
        articles,
        samples,
        usual: f32::from_bits(usual),
        ids: take(&mut rest, terms)?,
        samples_with: take(&mut rest, terms)?,
        unevenness: floats(&mut rest, terms)?,
        scales: floats(&mut rest, terms)?,
        strengths: floats(&mut rest, topics)?,
        mean: floats(&mut rest, topics)?,
        topics: take_bytes(&mut rest, of_terms)?
            .iter()
            .map(|byte| byte.cast_signed())
            .collect(),
        words: String::from_utf8(rest.to_vec()).ok()?,
    };
    is_sound(&learned).then_some(learned)
}

fn take_bytes<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn take(rest: &mut &[u8], numbers: usize) -> Option<Vec<u32>> {
    let taken = take_bytes(rest, numbers.checked_mul(NUMBER)?)?;
    let (numbers, _) = taken.as_chunks::<NUMBER>();
    Some(
        numbers
            .iter()
            .map(|bytes| u32::from_le_bytes(*bytes))
            .collect(),
    )
}

fn floats(rest: &mut &[u8], numbers: usize) -> Option<Vec<f32>> {
    let bits = take(rest, numbers)?;
    Some(bits.into_iter().map(f32::from_bits).collect())
}

/// Whether the columns are such as are learned.
fn is_sound(learned: &Learned) -> bool {
    let words = match learned.words.is_empty() && learned.ids.is_empty() {
        true => 0,
        false => learned.words.split(' ').count(),
    };
    let floats = [
        &learned.unevenness,
        &learned.scales,
        &learned.strengths,
        &learned.mean,
    ];
    let mut floats = floats.into_iter().flatten();
    words == learned.ids.len()
        && learned.mean.len() <= TOPICS_AT_MOST
        && learned.ids.is_sorted_by(|one, next| one < next)
        && learned.usual.is_finite()
        && floats.all(|float| float.is_finite())
}
