//! Pieces that every request or every saved article goes through, one at a time:
//! `cargo bench --bench pieces -- [FILTER]`.
//!
//! The text is an article of the publication that `scale` makes up, of some 450 words.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench prints, and stops where it fails"
)]

#[path = "scale/articles.rs"]
#[allow(dead_code, reason = "another bench needs more of it")]
mod articles;
#[path = "scale/words.rs"]
#[allow(dead_code, reason = "another bench needs more of it")]
mod words;

use std::sync::LazyLock;

use divan::{Bencher, black_box, counter::BytesCount};
use newsstand::{
    domain::{
        body::{self, BodySource},
        search::{parse, snippet},
    },
    model::{
        block::Block,
        marked::Marked,
        slug::slug_from,
        words::{sort_key, tokens},
    },
    ranking::{
        lists::{self, List},
        postings::{self, Entry, Merged, Packs, Posting},
        stems::stem,
        sums,
        typos::near,
    },
};

use crate::articles::{Made, Publication};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

static ARTICLE: LazyLock<Made> = LazyLock::new(|| Publication::new(1, 1_000, 1_000).article(500));
static TEXT: LazyLock<String> = LazyLock::new(|| ARTICLE.text());
static BLOCKS: LazyLock<Vec<Block>> =
    LazyLock::new(|| body::blocks(&BodySource::Text(TEXT.clone())).unwrap());

/// A search of every kind of clause.
const SEARCH: &str = "ferry \"arms control\" treat* -nuclear harbour";

fn main() {
    divan::main();
}

#[divan::bench]
fn words_of_a_text(bencher: Bencher<'_, '_>) {
    let text = TEXT.as_str();
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(|| tokens(black_box(text)));
}

#[divan::bench]
fn text_folded(bencher: Bencher<'_, '_>) {
    let text = TEXT.as_str();
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(|| sort_key(black_box(text)));
}

#[divan::bench]
fn stems_of_a_text(bencher: Bencher<'_, '_>) {
    let words = tokens(TEXT.as_str());
    bencher.bench_local(|| {
        let stems = black_box(&words).iter().map(|word| stem("en", word));
        stems.map(|stem| stem.len()).sum::<usize>()
    });
}

#[divan::bench]
fn slug_of_a_title(bencher: Bencher<'_, '_>) {
    let title = ARTICLE.title.as_str();
    bencher.bench_local(|| slug_from(black_box(title)));
}

#[divan::bench]
fn body_read_from_text(bencher: Bencher<'_, '_>) {
    let source = BodySource::Text(TEXT.clone());
    bencher
        .counter(BytesCount::new(TEXT.len()))
        .bench_local(|| body::blocks(black_box(&source)));
}

#[divan::bench]
fn body_written_as_html(bencher: Bencher<'_, '_>) {
    let blocks = BLOCKS.as_slice();
    bencher
        .counter(BytesCount::new(TEXT.len()))
        .bench_local(|| body::html(black_box(blocks)));
}

#[divan::bench]
fn body_parsed_from_its_column(bencher: Bencher<'_, '_>) {
    let column = serde_json::to_string(&*BLOCKS).unwrap();
    bencher
        .counter(BytesCount::new(column.len()))
        .bench_local(|| serde_json::from_str::<Vec<Block>>(black_box(&column)));
}

#[divan::bench]
fn search_parsed(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| parse(black_box(SEARCH)));
}

#[divan::bench]
fn snippet_of_a_text(bencher: Bencher<'_, '_>) {
    let text = TEXT.as_str();
    let words = tokens(text);
    let middle = &words[words.len() / 2];
    let marked = Marked::of(&parse(&format!("{middle} {SEARCH}")));
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(|| snippet(black_box(text), "en", &marked));
}

#[divan::bench]
fn strings_near_a_word(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| near(black_box("harbuor")));
}

/// So many articles with a word, in every `step`th row.
fn with_word(articles: usize, step: usize) -> Vec<Posting> {
    let posting = |number: usize| Posting {
        pk: i64::try_from(number * step + 1).unwrap(),
        weight: u32::try_from(number % 200 + 1).unwrap(),
        places: (0..=number % 3).map(|place| (place * 40) as u32).collect(),
    };
    (0..articles).map(posting).collect()
}

fn list(articles: usize, step: usize) -> List {
    let entry = |Posting { pk, weight, .. }: Posting| Entry { pk, weight };
    with_word(articles, step).into_iter().map(entry).collect()
}

#[divan::bench(args = [100, 10_000])]
fn postings_packed(bencher: Bencher<'_, '_>, articles: usize) {
    let unpacked = with_word(articles, 7);
    bencher.bench_local(|| postings::blocks(1, black_box(&unpacked)));
}

#[divan::bench(args = [100, 10_000])]
fn postings_read(bencher: Bencher<'_, '_>, articles: usize) {
    let packed = postings::blocks(1, &with_word(articles, 7));
    bencher.bench_local(|| {
        let blocks = black_box(&packed).iter();
        blocks.flat_map(postings::postings).count()
    });
}

#[divan::bench(args = [100, 10_000])]
fn entries_read(bencher: Bencher<'_, '_>, articles: usize) {
    let packed = postings::blocks(1, &with_word(articles, 7));
    bencher.bench_local(|| {
        let mut entries = List::new();
        for block in black_box(&packed) {
            postings::entries(block.first_pk, &block.docs, &mut entries);
        }
        entries
    });
}

/// As for related articles: those of many words, the best of all.
#[divan::bench(args = [100, 3_000])]
fn lists_added_up(bencher: Bencher<'_, '_>, articles: usize) {
    let mut packs = Packs::with_room();
    let mut ends = vec![0];
    for step in 1..=48 {
        for block in postings::blocks(1, &with_word(articles, 7 * step)) {
            packs.push(block.first_pk, &block.docs);
        }
        ends.push(packs.count());
    }
    bencher.bench_local(|| {
        let list = |two: &[usize]| Merged::of([packs.run(two[0]..two[1], &[])]);
        let lists = ends.windows(2).map(|two| (list(two), 7));
        sums::greatest(black_box(lists.collect()), 301)
    });
}

/// The same, where each word has three forms.
#[divan::bench(args = [100, 3_000])]
fn lists_of_forms_added_up(bencher: Bencher<'_, '_>, articles: usize) {
    let mut packs = Packs::with_room();
    let mut ends = vec![0];
    for step in 1..=48 {
        for block in postings::blocks(1, &with_word(articles, 7 * step)) {
            packs.push(block.first_pk, &block.docs);
        }
        ends.push(packs.count());
    }
    bencher.bench_local(|| {
        let form = |two: &[usize]| packs.run(two[0]..two[1], &[]);
        let list = |four: &[usize]| Merged::of(four.windows(2).map(form));
        let lists = ends.windows(4).step_by(3).map(|four| (list(four), 7));
        sums::greatest(black_box(lists.collect()), 301)
    });
}

#[divan::bench(args = [100, 10_000])]
fn union_of_three(bencher: Bencher<'_, '_>, articles: usize) {
    let three = [2, 3, 5].map(|step| list(articles, step)).to_vec();
    bencher
        .with_inputs(|| three.clone())
        .bench_local_values(lists::union);
}

#[divan::bench(args = [100, 10_000])]
fn intersection_of_equals(bencher: Bencher<'_, '_>, articles: usize) {
    let (one, other) = (list(articles, 2), list(articles, 3));
    let join = |one: u32, other: u32| one + other;
    bencher.bench_local(|| lists::intersection(black_box(&one), black_box(&other), join));
}

#[divan::bench(args = [100, 10_000])]
fn intersection_with_a_short_one(bencher: Bencher<'_, '_>, articles: usize) {
    let (one, other) = (list(articles / 50, 100), list(articles, 2));
    let join = |one: u32, other: u32| one + other;
    bencher.bench_local(|| lists::intersection(black_box(&one), black_box(&other), join));
}

#[divan::bench(args = [100, 10_000])]
fn phrase_of_two(bencher: Bencher<'_, '_>, articles: usize) {
    let words = [with_word(articles, 2), with_word(articles, 3)];
    bencher.bench_local(|| lists::phrase(black_box(&words)));
}
