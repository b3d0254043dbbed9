//! An article of a batch: which of its terms it gets and loses.

use std::{collections::HashMap, iter::Peekable, vec};

use crate::{
    ranking::{
        forward::{Encoded, EncodedWord, Words},
        postings::{Edit, Posting},
    },
    store::index::{
        batch::{Before, Document},
        pending::Waiting,
        plan::Edits,
    },
};

/// An article whose terms are told, in their order.
pub(super) struct Article<'a> {
    pk: i64,
    was_published: bool,
    published: bool,
    /// The number of its language, if that has stems.
    language: Option<usize>,
    /// Terms that it had.
    before: Peekable<vec::IntoIter<&'a str>>,
    /// What it has now.
    after: Peekable<Words<'a>>,
    /// Those of its terms that are told.
    words: String,
    vector: &'a [u8],
    written: &'a str,
    is_gone: bool,
}

impl<'a> Article<'a> {
    /// One that waits, of which the index had what `before` says, and has `after` from now on.
    pub(super) fn new(
        waiting: &Waiting<Vec<u8>>,
        before: Option<&'a Before>,
        after: Option<Encoded<'a>>,
        language: Option<usize>,
    ) -> Self {
        let had = before.map_or("", |before| before.words.as_str());
        let mut had: Vec<&str> = had.split(' ').filter(|term| !term.is_empty()).collect();
        had.sort_unstable();
        had.dedup();
        let is_gone = after.is_none();
        let (words, vector, written) = after.map_or_else(Default::default, |after| {
            (after.words, after.vector, after.written)
        });
        Self {
            pk: waiting.pk,
            was_published: before.is_some_and(|before| before.published),
            published: waiting.published,
            language,
            before: had.into_iter().peekable(),
            after: words.peekable(),
            words: String::new(),
            vector,
            written,
            is_gone,
        }
    }

    /// Terms that are left, those that stay counted twice.
    pub(super) fn len(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// All terms of which something is to be told.
    pub(super) fn terms(&self) -> impl Iterator<Item = &'a str> {
        let after = self.after.clone().map(|word| word.term);
        self.before.clone().chain(after)
    }

    /// Tells what becomes of its terms before `end`.
    pub(super) fn tell(&mut self, end: Option<&str>, terms: &mut HashMap<&'a str, Term>) {
        while let Some(term) = self.next_term(end) {
            let of_term = terms.entry(term).or_default();
            let had = self.before.next_if_eq(&term).is_some();
            let Some(word) = self.after.next_if(|word| word.term == term) else {
                of_term.push(self.was_published, Edit::Remove(self.pk));
                continue;
            };
            if had && self.was_published != self.published {
                of_term.push(self.was_published, Edit::Remove(self.pk));
            }
            let EncodedWord { weight, places, .. } = word;
            let posting = Posting {
                pk: self.pk,
                weight,
                places,
            };
            of_term.push(self.published, Edit::Put(posting));
            of_term.note_language(self.language);
            if !self.words.is_empty() {
                self.words.push(' ');
            }
            self.words.push_str(term);
        }
    }

    fn next_term(&mut self, end: Option<&str>) -> Option<&'a str> {
        let before = self.before.peek().copied();
        let after = self.after.peek().map(|word| word.term);
        let next = match (before, after) {
            (Some(before), Some(after)) => before.min(after),
            (before, after) => before.or(after)?,
        };
        end.is_none_or(|end| next < end).then_some(next)
    }

    /// What is kept of it, when all of its terms are told.
    pub(super) fn document(self) -> Option<Document<'a>> {
        (!self.is_gone).then_some(Document {
            pk: self.pk,
            published: self.published,
            vector: self.vector,
            written: self.written,
            words: self.words,
        })
    }
}

/// What becomes of a term.
#[derive(Default)]
pub(super) struct Term {
    hidden: Vec<Edit>,
    published: Vec<Edit>,
    /// Languages with stems of articles that have it, by their number.
    pub(super) languages: Vec<usize>,
}

impl Term {
    fn push(&mut self, published: bool, edit: Edit) {
        match published {
            true => self.published.push(edit),
            false => self.hidden.push(edit),
        }
    }

    fn note_language(&mut self, language: Option<usize>) {
        if let Some(language) = language
            && !self.languages.contains(&language)
        {
            self.languages.push(language);
        }
    }

    /// What becomes of it on each shelf.
    pub(super) fn edits(self, term: &str) -> impl Iterator<Item = Edits> {
        let shelves = [(false, self.hidden), (true, self.published)];
        let changed = shelves.into_iter().filter(|(_, edits)| !edits.is_empty());
        changed.map(move |(published, edits)| Edits {
            term: term.to_owned(),
            published,
            edits,
        })
    }
}
