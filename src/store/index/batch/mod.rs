//! What a batch of articles changes in the index. Their lists are told a range of terms at a time:
//! one article stands in hundreds, and those of all together would be much memory in which nothing
//! is near.

use std::collections::{BTreeSet, HashMap};

use crate::{
    ranking::{
        forward::Encoded,
        stems::{has_stems, stem},
    },
    store::{
        error::StoreError,
        index::{
            article::{Article, Term},
            pending::{self, Waiting},
            plan::Edits,
        },
    },
};

/// Changes of a range of terms, about.
const EDITS_AT_ONCE: usize = 50_000;
/// Articles whose terms show how those of all lie.
const SAMPLED: usize = 64;

/// What the index had of an article.
pub(super) struct Before {
    pub(super) published: bool,
    /// Its terms, parted by spaces.
    pub(super) words: String,
}

/// What the index keeps of an article beside its postings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document<'a> {
    pub(super) pk: i64,
    pub(super) published: bool,
    pub(super) vector: &'a [u8],
    pub(super) written: &'a str,
    /// Its terms, parted by spaces.
    pub(super) words: String,
}

/// A stem, and a term that has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stem {
    pub(super) language: String,
    pub(super) stem: String,
    pub(super) term: String,
}

/// Everything that a batch changes beside the lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Batch<'a> {
    /// Articles that the index has from now on, or has otherwise.
    pub(super) documents: Vec<Document<'a>>,
    /// Articles that it has no more.
    pub(super) gone: Vec<i64>,
    /// Stems that are other words than the term.
    pub(super) stems: Vec<Stem>,
    /// Languages that the articles are written in.
    pub(super) languages: BTreeSet<String>,
    /// Articles that are published.
    pub(super) published: Vec<i64>,
    /// Articles that are not, the deleted among them.
    pub(super) hidden: Vec<i64>,
    /// How many articles more the shelf of those that are not published has, and the other.
    pub(super) shelves: [(bool, i64); 2],
}

/// A batch whose lists are being told.
#[derive(Default)]
pub(super) struct Gathering<'a> {
    batch: Batch<'a>,
    articles: Vec<Article<'a>>,
    /// Where ranges of terms end, the last one first.
    ends: Vec<&'a str>,
    is_told: bool,
    languages: Vec<&'a str>,
    hidden: i64,
    published: i64,
}

impl<'a> Gathering<'a> {
    /// What these articles, by their row, change in an index that had of them what `before` says.
    pub(super) fn of(
        waiting: &'a [Waiting<Vec<u8>>],
        before: &'a HashMap<i64, Before>,
    ) -> Result<Self, StoreError> {
        Self::by(EDITS_AT_ONCE, waiting, before)
    }

    fn by(
        at_once: usize,
        waiting: &'a [Waiting<Vec<u8>>],
        before: &'a HashMap<i64, Before>,
    ) -> Result<Self, StoreError> {
        let mut gathering = Self::default();
        for article in waiting {
            gathering.take(article, before.get(&article.pk))?;
        }
        gathering.ends = ends(&gathering.articles, at_once);
        Ok(gathering)
    }

    fn take(
        &mut self,
        waiting: &'a Waiting<Vec<u8>>,
        before: Option<&'a Before>,
    ) -> Result<(), StoreError> {
        let (pk, published) = (waiting.pk, waiting.published);
        if let Some(before) = before {
            *self.shelf(before.published) -= 1;
        }
        let after = match &waiting.forward {
            Some(bytes) => Some(Encoded::of(bytes).ok_or_else(|| pending::corrupt(pk))?),
            None => None,
        };
        let mut language = None;
        match &after {
            Some(after) => {
                *self.shelf(published) += 1;
                match published {
                    true => self.batch.published.push(pk),
                    false => self.batch.hidden.push(pk),
                }
                // Terms need not tell the others, of which there may be as many as articles.
                let number = self.language(after.language);
                language = number.filter(|_| has_stems(after.language));
            }
            None => {
                self.batch.gone.push(pk);
                self.batch.hidden.push(pk);
            }
        }
        let article = Article::new(waiting, before, after, language);
        self.articles.push(article);
        Ok(())
    }

    fn shelf(&mut self, published: bool) -> &mut i64 {
        match published {
            true => &mut self.published,
            false => &mut self.hidden,
        }
    }

    /// The number of a language, if it is one.
    fn language(&mut self, language: &'a str) -> Option<usize> {
        if language.is_empty() {
            return None;
        }
        let known = self.languages.iter().position(|known| *known == language);
        Some(known.unwrap_or_else(|| {
            self.languages.push(language);
            self.languages.len() - 1
        }))
    }

    /// What becomes of the next terms, in the order in which the table has them: neighbours are on
    /// the same pages. `None` when all is told.
    pub(super) fn next_edits(&mut self) -> Option<Vec<Edits>> {
        if self.is_told {
            return None;
        }
        let end = self.ends.pop();
        self.is_told = end.is_none();
        let mut terms: HashMap<&'a str, Term> = HashMap::new();
        for article in &mut self.articles {
            article.tell(end, &mut terms);
        }
        let mut terms: Vec<(&'a str, Term)> = terms.into_iter().collect();
        terms.sort_unstable_by_key(|(term, _)| *term);
        for (term, of_term) in &terms {
            self.add_stems(term, &of_term.languages);
        }
        let edits = terms
            .into_iter()
            .flat_map(|(term, of_term)| of_term.edits(term));
        Some(edits.collect())
    }

    fn add_stems(&mut self, term: &str, languages: &[usize]) {
        if !term.chars().all(char::is_alphabetic) {
            return;
        }
        let languages = languages
            .iter()
            .filter_map(|number| self.languages.get(*number));
        let stems = languages.filter_map(|language| stemmed(language, term));
        self.batch.stems.extend(stems);
    }

    /// The rest, when all lists are told.
    pub(super) fn finish(self) -> Batch<'a> {
        let mut batch = self.batch;
        let articles = self.articles.into_iter();
        batch.documents = articles.filter_map(Article::document).collect();
        batch.languages = self.languages.into_iter().map(str::to_owned).collect();
        batch.stems.sort_unstable();
        batch.shelves = [(false, self.hidden), (true, self.published)];
        batch
    }
}

/// Where ranges of terms end, the last one first, so that each has about so many changes.
fn ends<'a>(articles: &[Article<'a>], at_once: usize) -> Vec<&'a str> {
    let changes: usize = articles.iter().map(Article::len).sum();
    let ranges = changes.div_ceil(at_once);
    if ranges <= 1 {
        return Vec::new();
    }
    let step = articles.len().div_ceil(SAMPLED);
    let sampled = articles.iter().step_by(step);
    let mut sample: Vec<&str> = sampled.flat_map(Article::terms).collect();
    sample.sort_unstable();
    let end = |range: usize| sample.get(range * sample.len() / ranges).copied();
    let mut ends: Vec<&str> = (1..ranges).filter_map(end).collect();
    ends.dedup();
    ends.reverse();
    ends
}

fn stemmed(language: &str, term: &str) -> Option<Stem> {
    let stem = stem(language, term);
    let is_another = stem != term && !stem.is_empty();
    is_another.then(|| Stem {
        language: language.to_owned(),
        stem: stem.into_owned(),
        term: term.to_owned(),
    })
}

#[cfg(test)]
mod tests;
