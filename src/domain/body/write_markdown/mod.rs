//! Blocks into CommonMark with GFM tables, strikethrough and footnotes.

mod tree;

use crate::{
    domain::body::{BodySource, blocks, write_html},
    model::block::{Block, footnotes},
};

/// Blocks that are written together: the items of a list, or any other block by itself.
#[derive(Debug, Clone)]
struct Run {
    blocks: std::ops::Range<usize>,
    as_html: bool,
}

/// A body as Markdown. What Markdown has no sign for, or none that would be read as it was meant
/// (emphasis that ends in the middle of a word, say), is written as the HTML that it allows: each
/// part is read back, and written the other way where it would come out as another.
pub fn markdown(body: &[Block]) -> String {
    let mut runs = runs(body);
    let direct = tree::write(body, &runs, false);
    if reads_as(&direct, body) {
        return direct;
    }
    let part = |run: &Run| body.get(run.blocks.clone()).unwrap_or_default();
    for run in &mut runs {
        let alone = part(run);
        let whole = Run {
            blocks: 0..alone.len(),
            as_html: false,
        };
        run.as_html = !reads_as(&tree::write(alone, &[whole], false), alone);
    }
    let noted = |run: &Run| !footnotes(part(run)).is_empty();
    // Notes of both kinds would not be counted together.
    let notes_as_html = runs.iter().any(|run| run.as_html && noted(run));
    if notes_as_html {
        for run in &mut runs {
            run.as_html |= noted(run);
        }
    }
    let written = tree::write(body, &runs, notes_as_html);
    if reads_as(&written, body) {
        return written;
    }
    // Parts that are right by themselves can still run into each other.
    for run in &mut runs {
        run.as_html = true;
    }
    tree::write(body, &runs, true)
}

/// Whether Markdown means what the blocks mean. The HTML that is made of both is compared, since
/// that is what a reader of either sees.
fn reads_as(markdown: &str, body: &[Block]) -> bool {
    let read = blocks(&BodySource::Markdown(markdown.to_owned()));
    read.is_ok_and(|read| write_html::html(&read) == write_html::html(body))
}

fn runs(body: &[Block]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let is_item = |block: &Block| matches!(block, Block::Block(text) if text.list_item.is_some());
    let mut in_list = false;
    for (number, block) in body.iter().enumerate() {
        match runs.last_mut() {
            Some(last) if in_list && is_item(block) => last.blocks.end = number + 1,
            _ => runs.push(Run {
                blocks: number..number + 1,
                as_html: false,
            }),
        }
        in_list = is_item(block);
    }
    runs
}
