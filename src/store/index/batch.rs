//! What a batch of articles changes in the index, gathered before any of it is written.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::{
    ranking::{
        forward::{Forward, Word},
        postings::{Edit, Posting},
        stems::stem,
    },
    store::index::{pending::Waiting, plan::Edits},
};

/// What the index had of an article.
pub(super) struct Before {
    pub(super) published: bool,
    /// Its terms, parted by spaces.
    pub(super) words: String,
}

/// What the index keeps of an article beside its postings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) pk: i64,
    pub(super) published: bool,
    pub(super) vector: Vec<u8>,
    pub(super) written: String,
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

/// Everything that a batch changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Batch {
    /// By term and shelf.
    pub(super) edits: Vec<Edits>,
    /// Articles that the index has from now on, or has otherwise.
    pub(super) documents: Vec<Document>,
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

impl Batch {
    /// What these articles, by their row, change in an index that had of them what `before` says.
    pub(super) fn of(waiting: Vec<Waiting>, before: &HashMap<i64, Before>) -> Self {
        let mut gathering = Gathering::default();
        for article in waiting {
            let before = before.get(&article.pk);
            gathering.take(article, before);
        }
        gathering.finish()
    }
}

#[derive(Default)]
struct Gathering {
    batch: Batch,
    edits: HashMap<(String, bool), Vec<Edit>>,
    /// Terms by language.
    terms: HashMap<String, HashSet<String>>,
    hidden: i64,
    published: i64,
}

impl Gathering {
    fn take(&mut self, article: Waiting, before: Option<&Before>) {
        let Waiting {
            pk,
            published,
            forward,
        } = article;
        if let Some(before) = before {
            *self.shelf(before.published) -= 1;
            self.take_out(
                pk,
                before,
                forward.as_ref().filter(|_| before.published == published),
            );
        }
        match forward {
            Some(forward) => {
                *self.shelf(published) += 1;
                match published {
                    true => self.batch.published.push(pk),
                    false => self.batch.hidden.push(pk),
                }
                self.put(pk, published, forward);
            }
            None => {
                self.batch.gone.push(pk);
                self.batch.hidden.push(pk);
            }
        }
    }

    fn shelf(&mut self, published: bool) -> &mut i64 {
        match published {
            true => &mut self.published,
            false => &mut self.hidden,
        }
    }

    /// Takes an article out from under its terms, but for those under which `after` puts it again.
    fn take_out(&mut self, pk: i64, before: &Before, after: Option<&Forward>) {
        let terms = before.words.split(' ').filter(|term| !term.is_empty());
        for term in terms {
            if after.is_none_or(|after| after.word(term).is_none()) {
                let shelf = (term.to_owned(), before.published);
                self.edits.entry(shelf).or_default().push(Edit::Remove(pk));
            }
        }
    }

    fn put(&mut self, pk: i64, published: bool, forward: Forward) {
        let terms: Vec<&str> = forward
            .words
            .iter()
            .map(|word| word.term.as_str())
            .collect();
        let words = terms.join(" ");
        if !forward.language.is_empty() {
            let known = self.terms.entry(forward.language).or_default();
            for term in terms {
                if !known.contains(term) && term.chars().all(char::is_alphabetic) {
                    known.insert(term.to_owned());
                }
            }
        }
        for Word {
            term,
            weight,
            places,
        } in forward.words
        {
            let posting = Posting { pk, weight, places };
            let shelf = (term, published);
            self.edits
                .entry(shelf)
                .or_default()
                .push(Edit::Put(posting));
        }
        self.batch.documents.push(Document {
            pk,
            published,
            vector: forward.vector,
            written: forward.written,
            words,
        });
    }

    fn finish(self) -> Batch {
        let mut batch = self.batch;
        batch.shelves = [(false, self.hidden), (true, self.published)];
        batch.edits = self
            .edits
            .into_iter()
            .map(|((term, published), edits)| Edits {
                term,
                published,
                edits,
            })
            .collect();
        // The order in which the table has them: neighbours are on the same pages.
        batch
            .edits
            .sort_unstable_by(|a, b| (&a.term, a.published).cmp(&(&b.term, b.published)));
        for (language, terms) in self.terms {
            let of_language = terms
                .into_iter()
                .filter_map(|term| stemmed(&language, term));
            batch.stems.extend(of_language);
            batch.languages.insert(language);
        }
        batch.stems.sort_unstable();
        batch
    }
}

fn stemmed(language: &str, term: String) -> Option<Stem> {
    let stem = stem(language, &term).into_owned();
    let is_another = stem != term && !stem.is_empty();
    is_another.then(|| Stem {
        language: language.to_owned(),
        stem,
        term,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forward(terms: &[&str]) -> Forward {
        let word = |(place, term): (u32, &&str)| Word {
            term: (*term).to_owned(),
            weight: 3,
            places: vec![place],
        };
        Forward {
            language: "en".to_owned(),
            words: (0..).zip(terms).map(word).collect(),
            vector: vec![1, 2],
            written: "Harbour".to_owned(),
        }
    }

    fn waiting(pk: i64, published: bool, terms: Option<&[&str]>) -> Waiting {
        Waiting {
            pk,
            published,
            forward: terms.map(forward),
        }
    }

    fn before(pk: i64, published: bool, words: &str) -> HashMap<i64, Before> {
        let words = words.to_owned();
        HashMap::from([(pk, Before { published, words })])
    }

    fn told(batch: &Batch) -> Vec<(&str, bool, Vec<i64>)> {
        let signed = |edit: &Edit| match edit {
            Edit::Put(posting) => posting.pk,
            Edit::Remove(pk) => -pk,
        };
        batch
            .edits
            .iter()
            .map(|one| {
                let edits = one.edits.iter().map(signed).collect();
                (one.term.as_str(), one.published, edits)
            })
            .collect()
    }

    #[test]
    fn a_new_article_is_put_under_its_terms() {
        let new = waiting(4, true, Some(&["#day", "harbour"]));
        let batch = Batch::of(vec![new], &HashMap::new());
        assert_eq!(
            told(&batch),
            [("#day", true, vec![4]), ("harbour", true, vec![4])]
        );
        assert_eq!(batch.documents[0].words, "#day harbour");
        assert_eq!(batch.shelves, [(false, 0), (true, 1)]);
        assert_eq!((batch.published, batch.hidden), (vec![4], vec![]));
        assert_eq!(batch.languages, BTreeSet::from(["en".to_owned()]));
    }

    #[test]
    fn a_changed_article_leaves_the_terms_that_it_lost() {
        let changed = waiting(4, true, Some(&["#day", "quay"]));
        let batch = Batch::of(vec![changed], &before(4, true, "#day harbour"));
        assert_eq!(
            told(&batch),
            [
                ("#day", true, vec![4]),
                ("harbour", true, vec![-4]),
                ("quay", true, vec![4])
            ]
        );
        assert_eq!(batch.shelves, [(false, 0), (true, 0)]);
    }

    #[test]
    fn an_article_that_changes_shelves_leaves_all_its_terms() {
        let drafted = waiting(4, false, Some(&["harbour"]));
        let batch = Batch::of(vec![drafted], &before(4, true, "harbour"));
        assert_eq!(
            told(&batch),
            [("harbour", false, vec![4]), ("harbour", true, vec![-4])]
        );
        assert_eq!(batch.shelves, [(false, 1), (true, -1)]);
        assert_eq!((batch.published, batch.hidden), (vec![], vec![4]));
    }

    #[test]
    fn a_deleted_article_is_gone() {
        let deleted = waiting(4, false, None);
        let batch = Batch::of(vec![deleted], &before(4, true, "harbour quay"));
        assert_eq!(
            told(&batch),
            [("harbour", true, vec![-4]), ("quay", true, vec![-4])]
        );
        assert_eq!((batch.gone, batch.hidden), (vec![4], vec![4]));
        assert!(batch.documents.is_empty());
        assert_eq!(batch.shelves, [(false, 0), (true, -1)]);
    }

    #[test]
    fn an_article_that_the_index_never_had_goes_without_trace() {
        let batch = Batch::of(vec![waiting(4, false, None)], &HashMap::new());
        assert!(batch.edits.is_empty());
        assert_eq!(batch.shelves, [(false, 0), (true, 0)]);
    }

    #[test]
    fn stems_are_kept_once_and_for_words_of_letters() {
        let articles = vec![
            waiting(1, true, Some(&["#day", "2024", "running"])),
            waiting(2, true, Some(&["run", "running"])),
        ];
        let batch = Batch::of(articles, &HashMap::new());
        let stem = Stem {
            language: "en".to_owned(),
            stem: "run".to_owned(),
            term: "running".to_owned(),
        };
        assert_eq!(batch.stems, [stem]);
    }
}
