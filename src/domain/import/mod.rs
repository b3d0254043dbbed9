//! Imports: readers turn files into entries, and one runner puts entries into the store.

mod bounds;
pub mod csv;
pub mod feed;
pub mod ghost;
pub mod html;
pub mod jsonl;
pub mod markdown;
mod names;
pub mod page;
mod record;
pub mod restore;
pub mod wordpress;

use std::fmt;

pub use names::{author_input, category_input, tag_input};
pub use record::{Defaults, FieldProblem, article_input};

use crate::{
    model::{
        article::{ArticleInput, Outcome},
        kind::Kind,
        stamp::Stamp,
    },
    store::{self, Connection, Store, StoreError, articles::Ready},
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
        /// What of it could not be taken, each told to whoever runs the import.
        notes: Vec<String>,
    },
    /// A category, author or tag with more about it than its name; made where it is new.
    Name {
        /// The name.
        name: Box<ImportedName>,
        /// Where it stands in the file.
        place: Place,
    },
    /// A line of our own export.
    Restored {
        /// What it says.
        restored: Box<restore::Restored>,
        /// Where it stands in the file.
        place: Place,
    },
    /// Something that is not for Newsstand, such as a page or a navigation entry.
    LeftOut(Refusal),
    /// Something that can't be taken.
    Refused(Refusal),
}

impl Entry {
    /// An article without pins of which everything was taken.
    pub fn article(article: ArticleInput, place: Place) -> Self {
        Self::Article {
            article: Box::new(article),
            related: Vec::new(),
            place,
            notes: Vec::new(),
        }
    }

    /// A record that can't be taken, and why.
    pub fn refused(place: Place, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self::Refused(Refusal { place, reason })
    }
}

/// A category, author or tag as other systems tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedName {
    /// Which it is; never an article.
    pub kind: Kind,
    /// Its slug there, if it may be one here.
    pub slug: Option<String>,
    /// As readers see it.
    pub name: String,
    /// A line about it.
    pub description: Option<String>,
    /// URL of a portrait, for an author.
    pub avatar: Option<String>,
    /// Of a category: the names above it, from the root down.
    pub parents: Vec<String>,
}

/// Where in which file something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file as it was named, or `-`.
    pub file: String,
    /// Where in it.
    pub at: At,
}

/// Where in a file something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Line, from 1.
    Line(u64),
    /// Number of the record, from 1.
    Item(u64),
    /// The file is one record.
    Whole,
}

impl Place {
    /// A line of a file.
    pub fn line(file: &str, line: u64) -> Self {
        let (file, at) = (file.to_owned(), At::Line(line));
        Self { file, at }
    }

    /// A record of a file.
    pub fn item(file: &str, number: u64) -> Self {
        let (file, at) = (file.to_owned(), At::Item(number));
        Self { file, at }
    }

    /// A file that is one record.
    pub fn whole(file: &str) -> Self {
        let (file, at) = (file.to_owned(), At::Whole);
        Self { file, at }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            At::Line(line) => write!(f, "{}:{line}", self.file),
            At::Item(number) => write!(f, "{}, item {number}", self.file),
            At::Whole => f.write_str(&self.file),
        }
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
    /// A record is not for Newsstand.
    fn left_out(&mut self, _left: &Refusal) {}
    /// A record was taken, but for this.
    fn note(&mut self, _place: &Place, _note: &str) {}
    /// So far.
    fn progress(&mut self, so_far: &Summary);
}

/// Entries in one transaction: enough that the full-text index is not merged again and again, few
/// enough (a third of a second) to let other writers in.
const BATCH: usize = 1_000;
/// Bytes of bodies in one transaction.
const BATCH_BYTES: usize = 16 * 1024 * 1024;
/// Entries that are read and ready before the database has taken them.
const READ_AHEAD: usize = 64;

/// An entry with all of its work done but that of the database.
enum Work {
    Put {
        article: Box<Ready>,
        related: Vec<Ready>,
        place: Place,
        notes: Vec<String>,
    },
    Name {
        name: Box<ImportedName>,
        place: Place,
    },
    Restored {
        restored: Box<restore::Restored>,
        place: Place,
    },
    LeftOut(Refusal),
    Refused(Refusal),
}

impl Work {
    fn new(entry: Entry, language: &str) -> Self {
        let (article, related, place, notes) = match entry {
            Entry::Refused(refusal) => return Self::Refused(refusal),
            Entry::LeftOut(left) => return Self::LeftOut(left),
            Entry::Restored { restored, place } => return Self::Restored { restored, place },
            Entry::Name { name, place } => return Self::Name { name, place },
            Entry::Article {
                article,
                related,
                place,
                notes,
            } => (article, related, place, notes),
        };
        let ready = |input| Ready::new(input, language);
        let related: Result<Vec<Ready>, StoreError> = related.into_iter().map(ready).collect();
        match (ready(*article), related) {
            (Ok(article), Ok(related)) => Self::Put {
                article: Box::new(article),
                related,
                place,
                notes,
            },
            (Err(cause), _) | (_, Err(cause)) => Self::Refused(Refusal {
                place,
                reason: cause.to_string(),
            }),
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Put { article, .. } => article.size(),
            Self::Restored { restored, .. } => restored.size(),
            Self::Name { .. } | Self::LeftOut(_) | Self::Refused(_) => 0,
        }
    }
}

/// Puts entries into the store. Each entry is taken whole or not at all; when the process dies,
/// what was taken stays, and the same import run again completes it.
///
/// One thread reads and converts while this one feeds the database.
pub fn run(
    store: &Store,
    entries: impl Iterator<Item = Entry> + Send,
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<Summary, StoreError> {
    std::thread::scope(|scope| {
        let (sender, receiver) = std::sync::mpsc::sync_channel(READ_AHEAD);
        scope.spawn(move || {
            for entry in entries {
                // Nobody receives any more once the database has failed.
                if sender.send(Work::new(entry, &options.language)).is_err() {
                    break;
                }
            }
        });
        match options.dry_run {
            true => rehearse(store, receiver.into_iter(), observer),
            false => feed(store, receiver.into_iter(), observer),
        }
    })
}

/// One transaction for all, so that later entries meet the earlier ones, then undone.
fn rehearse(
    store: &Store,
    works: impl Iterator<Item = Work>,
    observer: &mut dyn Observer,
) -> Result<Summary, StoreError> {
    store.rehearse_blocking(|connection| {
        let mut summary = Summary::default();
        for work in works {
            let mut told = Vec::new();
            let result = put(connection, &work, &mut told);
            summary.add(or_refusal(&work, result, observer)?);
            tell(&told, observer);
            observer.progress(&summary);
        }
        Ok(summary)
    })
}

fn feed(
    store: &Store,
    works: impl Iterator<Item = Work>,
    observer: &mut dyn Observer,
) -> Result<Summary, StoreError> {
    let mut summary = Summary::default();
    let (mut batch, mut bytes) = (Vec::with_capacity(BATCH), 0);
    for work in works {
        bytes += work.size();
        batch.push(work);
        if batch.len() == BATCH || bytes >= BATCH_BYTES {
            summary.add(put_batch(store, &batch, observer)?);
            observer.progress(&summary);
            batch.clear();
            bytes = 0;
        }
    }
    summary.add(put_batch(store, &batch, observer)?);
    observer.progress(&summary);
    Ok(summary)
}

/// Takes a batch in one transaction; when the database refuses an entry of it, each for itself,
/// so that only the one at fault is left out.
fn put_batch(
    store: &Store,
    batch: &[Work],
    observer: &mut dyn Observer,
) -> Result<Summary, StoreError> {
    let mut told = Vec::new();
    let together = store.write_blocking(|connection| {
        let mut summary = Summary::default();
        for work in batch {
            summary.add(put(connection, work, &mut told)?);
        }
        Ok(summary)
    });
    let mut summary = Summary::default();
    match together {
        Ok(taken) => {
            summary.add(taken);
            for work in batch {
                summary.add(or_refusal(work, Ok(Summary::default()), observer)?);
            }
        }
        Err(StoreError::Unavailable(cause)) => return Err(StoreError::Unavailable(cause)),
        Err(_) => {
            told.clear();
            for work in batch {
                let alone = store.write_blocking(|connection| put(connection, work, &mut told));
                summary.add(or_refusal(work, alone, observer)?);
            }
        }
    }
    tell(&told, observer);
    Ok(summary)
}

fn tell(told: &[(Place, String)], observer: &mut dyn Observer) {
    for (place, note) in told {
        observer.note(place, note);
    }
}

/// Turns what the store refuses into a refusal of the entry.
fn or_refusal(
    work: &Work,
    result: Result<Summary, StoreError>,
    observer: &mut dyn Observer,
) -> Result<Summary, StoreError> {
    let refused = Summary {
        refused: 1,
        ..Summary::default()
    };
    match (work, result) {
        (Work::Refused(refusal), _) => {
            observer.refused(refusal);
            Ok(refused)
        }
        (Work::LeftOut(left), _) => {
            observer.left_out(left);
            Ok(Summary::default())
        }
        (Work::Put { place, notes, .. }, Ok(summary)) => {
            notes.iter().for_each(|note| observer.note(place, note));
            Ok(summary)
        }
        (Work::Name { .. } | Work::Restored { .. }, Ok(summary)) => Ok(summary),
        (_, Err(StoreError::Unavailable(cause))) => Err(StoreError::Unavailable(cause)),
        (
            Work::Put { place, .. } | Work::Name { place, .. } | Work::Restored { place, .. },
            Err(cause),
        ) => {
            let reason = cause.to_string();
            observer.refused(&Refusal {
                place: place.clone(),
                reason,
            });
            Ok(refused)
        }
    }
}

/// Puts one in; adds to `told` what became otherwise than it was wanted.
fn put(
    connection: &mut Connection,
    work: &Work,
    told: &mut Vec<(Place, String)>,
) -> Result<Summary, StoreError> {
    let stamp = Stamp::of_program("import");
    let (article, related, place) = match work {
        Work::Put {
            article,
            related,
            place,
            ..
        } => (article, related, place),
        Work::Name { name, .. } => {
            return names::put(connection, name, &stamp).map(|()| Summary::default());
        }
        Work::Restored { restored, .. } => {
            let mut summary = Summary::default();
            if let Some(outcome) = restore::put(connection, restored, &stamp)? {
                summary.count(outcome);
            }
            return Ok(summary);
        }
        Work::LeftOut(_) | Work::Refused(_) => return Ok(Summary::default()),
    };
    let mut summary = Summary::default();
    let saved = store::articles::put(connection, article, &stamp)?;
    let (mut outcome, row) = (saved.outcome, saved.row);
    if let Some(slug) = &article.input().slug
        && *slug != saved.slug
    {
        let note = format!(
            "the slug {slug} is another article's; it got {}",
            saved.slug
        );
        told.push((place.clone(), note));
    }
    if !related.is_empty() {
        let mut pins = Vec::with_capacity(related.len());
        for one in related {
            // What a page says of another article is less than that article may have by now.
            let known = match &one.input().external_id {
                Some(id) => store::articles::row_by_external_id(connection, id)?,
                None => None,
            };
            let (outcome, pin) = match known {
                Some(row) => (Outcome::Unchanged, row),
                None => {
                    let saved = store::articles::put(connection, one, &stamp)?;
                    (saved.outcome, saved.row)
                }
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
