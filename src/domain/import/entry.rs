//! What readers read, and what became of it.

use std::fmt;

use crate::{
    domain::import::restore::Restored,
    model::{
        article::{ArticleInput, Outcome},
        kind::Kind,
    },
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
        restored: Box<Restored>,
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

    pub(super) fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Created => self.created += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
        }
    }

    pub(super) fn add(&mut self, other: Self) {
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
