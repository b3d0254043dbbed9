//! An article made ready for the store, away from the database.

use sha2::{Digest, Sha256};

use crate::{
    model::{
        article::ArticleInput,
        block::plain_text,
        search::SearchDocument,
        words::{count, joined_tokens},
    },
    store::error::StoreError,
};

/// An article with everything that can be made of it without the database, so that it can be
/// made on another thread.
#[derive(Debug, Clone)]
pub struct Ready {
    pub(super) input: ArticleInput,
    pub(super) blocks: String,
    pub(super) body_hash: String,
    pub(super) word_count: i64,
    pub(super) document: SearchDocument,
}

impl Ready {
    /// Counts, hashes and tokenises.
    pub fn new(input: ArticleInput) -> Result<Self, StoreError> {
        let text = plain_text(&input.body);
        let blocks = serde_json::to_string(&input.body)
            .map_err(|cause| StoreError::Invalid(format!("the body can't be stored: {cause}")))?;
        Ok(Self {
            // No two articles are twins for want of text.
            body_hash: match input.body.is_empty() {
                true => String::new(),
                false => hex(&Sha256::digest(blocks.as_bytes())),
            },
            word_count: count(&text),
            document: SearchDocument {
                title: joined_tokens(&input.title),
                summary: joined_tokens(input.summary.as_deref().unwrap_or_default()),
                body: joined_tokens(&text),
            },
            blocks,
            input,
        })
    }

    /// Bytes of the stored body.
    pub fn size(&self) -> usize {
        self.blocks.len()
    }

    /// What it was made of.
    pub fn input(&self) -> &ArticleInput {
        &self.input
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
