//! An article made ready for the store, away from the database.

use sha2::{Digest, Sha256};

use crate::{
    model::{
        article::ArticleInput,
        block::{headings, plain_text},
        words::count,
    },
    ranking::forward::{Analysis, Fields},
    store::error::StoreError,
};

/// An article with everything that can be made of it without the database, so that it can be
/// made on another thread.
#[derive(Debug, Clone)]
pub struct Ready {
    pub(super) input: ArticleInput,
    pub(super) default_language: String,
    pub(super) blocks: String,
    pub(super) body_hash: String,
    pub(super) word_count: i64,
    pub(super) analysis: Analysis,
}

impl Ready {
    /// Counts, hashes and weighs the words. `default_language` is for an article that is new and
    /// names none.
    pub fn new(input: ArticleInput, default_language: &str) -> Result<Self, StoreError> {
        let text = plain_text(&input.body);
        let blocks = serde_json::to_string(&input.body)
            .map_err(|cause| StoreError::Invalid(format!("the body can't be stored: {cause}")))?;
        Ok(Self {
            body_hash: body_hash(&blocks),
            word_count: count(&text),
            analysis: Analysis::of(&Fields {
                language: input.language.as_deref().unwrap_or(default_language),
                title: &input.title,
                summary: input.summary.as_deref().unwrap_or_default(),
                headings: &headings(&input.body),
                body: &text,
            }),
            default_language: default_language.to_owned(),
            blocks,
            input,
        })
    }

    /// Bytes of the stored body.
    pub fn size(&self) -> usize {
        self.blocks.len()
    }

    /// The hash that tells its body from another.
    pub fn body_hash(&self) -> &str {
        &self.body_hash
    }

    /// What it was made of.
    pub fn input(&self) -> &ArticleInput {
        &self.input
    }
}

/// The hash that tells one stored body from another.
pub(super) fn body_hash(blocks: &str) -> String {
    match blocks {
        // No two articles are twins for want of text.
        "[]" => String::new(),
        blocks => hex(&Sha256::digest(blocks.as_bytes())),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
