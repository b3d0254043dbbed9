//! Exports: all content, drafts and what is past included, as files that other programs or
//! another Newsstand read. Each is one consistent state, and is written piece by piece.

pub mod jsonl;
pub mod markdown;
pub mod wordpress;

use std::{fmt, io};

use thiserror::Error;

use crate::{
    model::{
        record::{ArticleRecord, NameRecord},
        sight::Sight,
    },
    store::{self, Reader, Store, StoreError},
};

/// Articles, or names, that are read at a time.
const PAGE: i64 = 200;

/// Why an export ended early.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The database can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file can't be written.
    #[error("the export can't be written: {0}")]
    Write(#[from] io::Error),
}

/// How much was exported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Articles of every status.
    pub articles: u64,
    /// Categories.
    pub categories: u64,
    /// Authors.
    pub authors: u64,
    /// Tags.
    pub tags: u64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            articles,
            categories,
            authors,
            tags,
        } = self;
        write!(
            f,
            "exported {articles} articles, {categories} categories, {authors} authors, {tags} tags"
        )
    }
}

/// Runs `work` in one transaction that reads as an editor does.
fn read<T>(
    store: &Store,
    work: impl FnOnce(&mut Reader<'_>) -> Result<T, ExportError>,
) -> Result<T, ExportError> {
    let mut unwritten = None;
    let done = store.read_blocking(Sight::Desk, |reader| {
        work(reader).map_err(|cause| match cause {
            ExportError::Store(cause) => cause,
            ExportError::Write(cause) => {
                let told = StoreError::Invalid(cause.to_string());
                unwritten = Some(cause);
                told
            }
        })
    });
    match (done, unwritten) {
        (_, Some(cause)) => Err(ExportError::Write(cause)),
        (Ok(measured), None) => Ok(measured.value),
        (Err(cause), None) => Err(ExportError::Store(cause)),
    }
}

/// Shows `with` every article, in the order in which they came in.
fn each_article(
    reader: &mut Reader<'_>,
    mut with: impl FnMut(&mut Reader<'_>, ArticleRecord) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut after = 0;
    loop {
        let page = store::articles::records(reader, after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.article.row;
        for record in page {
            with(reader, record)?;
        }
    }
}

/// A page of names after a row.
type NextNames = fn(&mut Reader<'_>, i64, i64) -> Result<Vec<NameRecord>, StoreError>;

/// Shows `with` every author, or every tag.
fn each_name(
    reader: &mut Reader<'_>,
    next: NextNames,
    mut with: impl FnMut(NameRecord) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut after = 0;
    loop {
        let page = next(reader, after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.row;
        for record in page {
            with(record)?;
        }
    }
}
