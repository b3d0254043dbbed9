//! Puts entries into the store, and tells what became of each.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::{
    domain::import::{Entry, ImportedName, Place, Refusal, Summary, names, restore},
    model::{article::Outcome, stamp::Stamp},
    store::{self, Connection, Store, StoreError, articles::Ready},
};

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

/// Entries in one transaction: few enough (a third of a second) to let other writers in.
const BATCH: usize = 1_000;
/// Bytes of bodies in one transaction.
const BATCH_BYTES: usize = 16 * 1024 * 1024;
/// Batches that are read and ready before the database has taken them: reading goes on while words
/// are merged, which takes as long as reading some batches. They are some 30 MB each.
const READ_AHEAD: usize = 3;

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

/// The articles of an import by their external ids, as hashes: what goes under one id must be one
/// article, or each import of the same file would change one for the other.
#[derive(Default)]
struct Seen(HashMap<u64, u64>);

impl Seen {
    fn checked(&mut self, work: Work) -> Work {
        let Work::Put { article, place, .. } = &work else {
            return work;
        };
        let Some(id) = &article.input().external_id else {
            return work;
        };
        let what = hash(&(&article.input().title, article.body_hash()));
        match *self.0.entry(hash(id)).or_insert(what) == what {
            true => work,
            false => Work::Refused(Refusal {
                place: place.clone(),
                reason: format!("has the id of another article of this import: {id}"),
            }),
        }
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
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
            let mut seen = Seen::default();
            let works = entries.map(|entry| seen.checked(Work::new(entry, &options.language)));
            batches(works, |batch| sender.send(batch).is_ok());
        });
        match options.dry_run {
            true => rehearse(store, receiver.into_iter().flatten(), observer),
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

/// Gathers works into batches, as long as somebody takes them: once the database has failed,
/// nobody does.
fn batches(works: impl Iterator<Item = Work>, mut take: impl FnMut(Vec<Work>) -> bool) {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for work in works {
        bytes += work.size();
        batch.push(work);
        if batch.len() == BATCH || bytes >= BATCH_BYTES {
            if !take(std::mem::take(&mut batch)) {
                return;
            }
            bytes = 0;
        }
    }
    take(batch);
}

fn feed(
    store: &Store,
    batches: impl Iterator<Item = Vec<Work>>,
    observer: &mut dyn Observer,
) -> Result<Summary, StoreError> {
    let (mut summary, mut unmerged) = (Summary::default(), 0);
    for batch in batches {
        summary.add(put_batch(store, &batch, observer)?);
        observer.progress(&summary);
        unmerged += batch.len();
        if unmerged >= store::index::MERGED_AFTER {
            store::index::merge_all(store)?;
            unmerged = 0;
        }
    }
    store::related::settle(store)?;
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
        Err(cause) if cause.is_outage() => return Err(cause),
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
        (_, Err(cause)) if cause.is_outage() => Err(cause),
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
