//! Imports: readers turn files into entries, and one runner puts entries into the store.

pub mod csv;
pub mod jsonl;
pub mod page;
mod record;

use std::fmt;

pub use record::{FieldProblem, MadeOf, article_input, is_language, nearest};

use crate::{
    model::{
        article::{ArticleInput, Outcome},
        time::UtcTime,
    },
    store::{self, Connection, Store, StoreError},
};

/// What a reader reads from one place of a file.
#[derive(Debug, Clone)]
pub enum Entry {
    /// An article, and articles that are pinned to it as related, in order.
    Article {
        /// The article.
        article: Box<ArticleInput>,
        /// Its pins; the pins that it had stay when there are none.
        related: Vec<ArticleInput>,
        /// Where it stands in the file.
        place: Place,
    },
    /// Something that can't be taken.
    Refused(Refusal),
}

/// Where in which file something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file as it was named, or `-`.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A record that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where it stands.
    pub place: Place,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

/// What became of the articles of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Articles that were new.
    pub created: u64,
    /// Articles that were known and changed.
    pub updated: u64,
    /// Articles that were known and stayed as they were.
    pub unchanged: u64,
    /// Records that were not taken.
    pub refused: u64,
}

impl Summary {
    /// Records seen so far.
    pub fn seen(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.refused
    }

    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Created => self.created += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
        }
    }

    fn add(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.refused += other.refused;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            created,
            updated,
            unchanged,
            refused,
        } = self;
        write!(
            f,
            "created {created}, updated {updated}, unchanged {unchanged}, refused {refused}"
        )
    }
}

/// How an import goes.
#[derive(Debug, Clone)]
pub struct Options {
    /// Look at everything, change nothing.
    pub dry_run: bool,
    /// For articles that have no language.
    pub language: String,
}

/// What an import tells while it goes on.
pub trait Observer {
    /// A record was refused.
    fn refused(&mut self, refusal: &Refusal);
    /// So far.
    fn progress(&mut self, so_far: &Summary);
}

/// Entries in one transaction: long enough to be fast, short enough to let other writers in.
const BATCH: usize = 250;

/// Puts entries into the store. Each entry is taken whole or not at all; when the process dies,
/// what was taken stays, and the same import run again completes it.
pub fn run(
    store: &Store,
    entries: impl Iterator<Item = Entry>,
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<Summary, StoreError> {
    if options.dry_run {
        // One transaction for all, so that later entries meet the earlier ones, then undone.
        return store.rehearse_blocking(|connection| {
            let mut summary = Summary::default();
            for entry in entries {
                summary.add(put_one(connection, &entry, options, observer)?);
                observer.progress(&summary);
            }
            Ok(summary)
        });
    }
    let mut summary = Summary::default();
    let mut batch = Vec::with_capacity(BATCH);
    for entry in entries {
        batch.push(entry);
        if batch.len() == BATCH {
            summary.add(put_batch(store, &batch, options, observer)?);
            observer.progress(&summary);
            batch.clear();
        }
    }
    summary.add(put_batch(store, &batch, options, observer)?);
    observer.progress(&summary);
    Ok(summary)
}

/// Takes a batch in one transaction; when the database refuses an entry of it, each for itself,
/// so that only the one at fault is left out.
fn put_batch(
    store: &Store,
    batch: &[Entry],
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<Summary, StoreError> {
    let mut refusals = Vec::new();
    let together = store.write_blocking(|connection| {
        let mut summary = Summary::default();
        for entry in batch {
            match entry {
                Entry::Refused(refusal) => {
                    refusals.push(refusal.clone());
                    summary.refused += 1;
                }
                entry => summary.add(put(connection, entry, options)?),
            }
        }
        Ok(summary)
    });
    match together {
        Ok(summary) => {
            refusals
                .iter()
                .for_each(|refusal| observer.refused(refusal));
            Ok(summary)
        }
        Err(StoreError::Unavailable(cause)) => Err(StoreError::Unavailable(cause)),
        Err(_) => {
            let mut summary = Summary::default();
            for entry in batch {
                let alone = store.write_blocking(|connection| put(connection, entry, options));
                summary.add(or_refusal(entry, alone, observer)?);
            }
            Ok(summary)
        }
    }
}

fn put_one(
    connection: &mut Connection,
    entry: &Entry,
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<Summary, StoreError> {
    let result = put(connection, entry, options);
    or_refusal(entry, result, observer)
}

/// Turns what the store refuses into a refusal of the entry.
fn or_refusal(
    entry: &Entry,
    result: Result<Summary, StoreError>,
    observer: &mut dyn Observer,
) -> Result<Summary, StoreError> {
    let refused = Summary {
        refused: 1,
        ..Summary::default()
    };
    match (entry, result) {
        (Entry::Refused(refusal), _) => {
            observer.refused(refusal);
            Ok(refused)
        }
        (_, Ok(summary)) => Ok(summary),
        (_, Err(StoreError::Unavailable(cause))) => Err(StoreError::Unavailable(cause)),
        (Entry::Article { place, .. }, Err(cause)) => {
            let reason = cause.to_string();
            observer.refused(&Refusal {
                place: place.clone(),
                reason,
            });
            Ok(refused)
        }
    }
}

fn put(
    connection: &mut Connection,
    entry: &Entry,
    options: &Options,
) -> Result<Summary, StoreError> {
    let Entry::Article {
        article, related, ..
    } = entry
    else {
        return Ok(Summary::default());
    };
    let now = UtcTime::now();
    let mut summary = Summary::default();
    let (mut outcome, row) = store::articles::put(connection, article, &options.language, now)?;
    if !related.is_empty() {
        let mut pins = Vec::with_capacity(related.len());
        for one in related {
            // What a page says of another article is less than that article may have by now.
            let known = match &one.external_id {
                Some(id) => store::articles::row_by_external_id(connection, id)?,
                None => None,
            };
            let (outcome, pin) = match known {
                Some(row) => (Outcome::Unchanged, row),
                None => store::articles::put(connection, one, &options.language, now)?,
            };
            summary.count(outcome);
            pins.push(pin);
        }
        if store::related::pins(connection, row)? != pins {
            store::related::pin(connection, row, &pins)?;
            if outcome == Outcome::Unchanged {
                outcome = Outcome::Updated;
            }
        }
    }
    summary.count(outcome);
    Ok(summary)
}
