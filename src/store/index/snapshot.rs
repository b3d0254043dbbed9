//! The index as a read sees it: what is merged, and what waits to be.

use std::{collections::HashMap, slice};

use diesel::{
    dsl,
    prelude::*,
    sql_types::{BigInt, Bool, Text},
};

use crate::{
    model::sight::Sight,
    ranking::{
        forward::{Forward, Word},
        lists::List,
        postings::{self, Block, Entry, PLACES_AT_MOST, Posting},
    },
    store::{
        Reader,
        among::{Numbers, Texts, among},
        connection::{DbConnection, on_backend},
        error::StoreError,
        index::{pending, union::Union},
        schema::{index_documents, index_postings, index_shelves},
    },
};

/// Terms that one statement asks for.
pub(super) const TERMS_AT_ONCE: usize = 500;
/// Blocks that are read at a time of a range of terms.
const BLOCKS_AT_ONCE: i64 = 5_000;

/// A block without its places: term, shelf, lower bound, articles.
pub(super) type DocsRow = (String, bool, i64, Vec<u8>);

/// What a search needs of the index. A preview of one article sees what everyone sees.
pub(in crate::store) struct Snapshot {
    /// Which articles there are to be found: those that are published, or from those that are not
    /// on, all.
    pub(super) lowest_shelf: bool,
    articles: usize,
    /// Articles of which the postings tell nothing valid, in order.
    pub(super) pending: Vec<i64>,
    /// What holds of those that are to be found, by article.
    pub(super) current: Vec<(i64, Forward)>,
}

impl Snapshot {
    /// Reads what waits, and counts.
    pub(in crate::store) fn open(reader: &mut Reader<'_>) -> Result<Self, StoreError> {
        let lowest_shelf = reader.sight != Sight::Desk;
        let connection = &mut *reader.connection;
        let waiting = pending::all(connection, |published| published >= lowest_shelf)?;
        let mut snapshot = Self {
            lowest_shelf,
            articles: 0,
            pending: waiting.iter().map(|article| article.pk).collect(),
            current: waiting
                .into_iter()
                .filter_map(|article| Some((article.pk, article.forward?)))
                .collect(),
        };
        let merged = snapshot.merged(connection)?;
        let still = usize::try_from(merged).unwrap_or(0);
        snapshot.articles = still + snapshot.current.len();
        Ok(snapshot)
    }

    /// How many of the articles to be found are in the postings as they are now.
    fn merged(&self, connection: &mut DbConnection) -> Result<i64, StoreError> {
        let counts: Vec<i64> = index_shelves::table
            .filter(index_shelves::published.ge(self.lowest_shelf))
            .select(index_shelves::articles)
            .load(connection)?;
        let mut merged: i64 = counts.iter().sum();
        if !self.pending.is_empty() {
            let pending = Numbers::new(self.pending.clone());
            let outdated: i64 = on_backend!(connection, inner => index_documents::table
                .filter(among(index_documents::article_pk, &pending))
                .filter(index_documents::published.ge(self.lowest_shelf))
                .select(dsl::count_star())
                .first(inner)?);
            merged -= outdated;
        }
        Ok(merged)
    }

    /// How many articles there are to be found.
    pub(in crate::store) fn articles(&self) -> usize {
        self.articles
    }

    /// What waits to be merged, of the articles that are to be found.
    pub(in crate::store) fn waiting(&self) -> impl Iterator<Item = &Forward> {
        self.current.iter().map(|(_, forward)| forward)
    }

    /// The articles that have each of these terms; a term that none has is left out.
    pub(in crate::store) fn lists(
        &self,
        connection: &mut DbConnection,
        terms: &[String],
    ) -> Result<HashMap<String, List>, StoreError> {
        let wanted = distinct(terms);
        let mut merged: HashMap<String, List> = HashMap::new();
        for chunk in wanted.chunks(TERMS_AT_ONCE) {
            let terms = Texts::of(chunk.iter().copied());
            let rows: Vec<(String, i64, Vec<u8>)> = on_backend!(connection, inner => index_postings::table
                .filter(among(index_postings::term, &terms))
                .filter(index_postings::published.ge(self.lowest_shelf))
                .order((
                    index_postings::term,
                    index_postings::published,
                    index_postings::first_pk,
                ))
                .select((
                    index_postings::term,
                    index_postings::first_pk,
                    index_postings::docs,
                ))
                .load(inner)?);
            for blocks in rows.chunk_by(|(term, ..), (next, ..)| term == next) {
                let bytes: usize = blocks.iter().map(|(.., docs)| docs.len()).sum();
                // No entry has fewer than two bytes.
                let mut list = List::with_capacity(bytes / 2);
                for (_, first_pk, docs) in blocks {
                    postings::entries(*first_pk, docs, &mut list);
                }
                if let Some((term, ..)) = blocks.first() {
                    merged.insert(term.clone(), list);
                }
            }
        }
        Ok(self.current_of(&wanted, merged, |pk, word| Entry {
            pk,
            weight: word.weight,
        }))
    }

    /// [`Snapshot::lists`] with where the terms stand.
    pub(in crate::store) fn postings(
        &self,
        connection: &mut DbConnection,
        terms: &[String],
    ) -> Result<HashMap<String, Vec<Posting>>, StoreError> {
        let wanted = distinct(terms);
        let mut merged: HashMap<String, Vec<Posting>> = HashMap::new();
        for chunk in wanted.chunks(TERMS_AT_ONCE) {
            let terms = Texts::of(chunk.iter().copied());
            let rows: Vec<(String, i64, Vec<u8>, Vec<u8>)> = on_backend!(connection, inner => index_postings::table
                .filter(among(index_postings::term, &terms))
                .filter(index_postings::published.ge(self.lowest_shelf))
                .order((
                    index_postings::term,
                    index_postings::published,
                    index_postings::first_pk,
                ))
                .select((
                    index_postings::term,
                    index_postings::first_pk,
                    index_postings::docs,
                    index_postings::places,
                ))
                .load(inner)?);
            for (term, first_pk, docs, places) in rows {
                let block = Block {
                    first_pk,
                    docs,
                    places,
                };
                let of_term = merged.entry(term).or_default();
                of_term.extend(postings::postings(&block));
            }
        }
        Ok(self.current_of(&wanted, merged, |pk, word| Posting {
            pk,
            weight: word.weight,
            places: word.places.iter().take(PLACES_AT_MOST).copied().collect(),
        }))
    }

    /// Lists whose union has the articles with a term that begins so, each with the greatest
    /// weight that it has under such a term. Complete, however many terms there are; their blocks
    /// are read a few at a time, so that memory is bounded by the number of articles.
    pub(in crate::store) fn beginning(
        &self,
        connection: &mut DbConnection,
        prefix: &str,
    ) -> Result<Vec<List>, StoreError> {
        if prefix.is_empty() {
            return Ok(Vec::new());
        }
        let end = format!("{prefix}\u{10FFFF}");
        let mut union = Union::default();
        let mut after = (prefix.to_owned(), false, i64::MIN);
        loop {
            let rows = self.blocks_after(connection, &after, &end)?;
            let is_last = i64::try_from(rows.len()).is_ok_and(|read| read < BLOCKS_AT_ONCE);
            for (term, published, first_pk, docs) in rows {
                union.add(first_pk, &docs);
                after = (term, published, first_pk);
            }
            if is_last {
                break;
            }
        }
        let waiting = self.current.iter().filter_map(|(pk, forward)| {
            let weight = weight_beginning(forward, prefix)?;
            Some(Entry { pk: *pk, weight })
        });
        let list = self.valid(union.finish(), waiting);
        Ok(Vec::from_iter((!list.is_empty()).then_some(list)))
    }

    /// Blocks of the terms before `end` that come after this one, by their key.
    fn blocks_after(
        &self,
        connection: &mut DbConnection,
        (term, published, first_pk): &(String, bool, i64),
        end: &str,
    ) -> Result<Vec<DocsRow>, StoreError> {
        let later = dsl::sql::<Bool>("(term, published, first_pk) > (")
            .bind::<Text, _>(term.as_str())
            .sql(", ")
            .bind::<Bool, _>(*published)
            .sql(", ")
            .bind::<BigInt, _>(*first_pk)
            .sql(")");
        Ok(index_postings::table
            .filter(later)
            .filter(index_postings::term.lt(end))
            .filter(index_postings::published.ge(self.lowest_shelf))
            .order((
                index_postings::term,
                index_postings::published,
                index_postings::first_pk,
            ))
            .limit(BLOCKS_AT_ONCE)
            .select((
                index_postings::term,
                index_postings::published,
                index_postings::first_pk,
                index_postings::docs,
            ))
            .load(connection)?)
    }

    /// In how many articles each of these terms is; one that is in none is left out.
    pub(in crate::store) fn known(
        &self,
        connection: &mut DbConnection,
        terms: &[String],
    ) -> Result<HashMap<String, usize>, StoreError> {
        let mut known = HashMap::new();
        for chunk in terms.chunks(TERMS_AT_ONCE) {
            let packed = self.packed(connection, chunk)?;
            for term in chunk {
                let articles = packed.any_of(slice::from_ref(term)).count();
                if articles > 0 {
                    known.insert(term.clone(), articles);
                }
            }
        }
        Ok(known)
    }

    /// What the postings have of each term, put right by what waits.
    fn current_of<T: HasArticle>(
        &self,
        terms: &[&str],
        mut merged: HashMap<String, Vec<T>>,
        made: impl Fn(i64, &Word) -> T,
    ) -> HashMap<String, Vec<T>> {
        let mut current = HashMap::new();
        for term in terms {
            let waiting = self
                .current
                .iter()
                .filter_map(|(pk, forward)| Some(made(*pk, forward.word(term)?)));
            let list = merged.remove(*term).unwrap_or_default();
            let list = self.valid(list, waiting);
            if !list.is_empty() {
                current.insert((*term).to_owned(), list);
            }
        }
        current
    }

    /// Takes out what no longer holds, adds what does, and orders it all by article.
    fn valid<T: HasArticle>(&self, mut list: Vec<T>, waiting: impl Iterator<Item = T>) -> Vec<T> {
        // Where both shelves are seen, there are two runs, each in order already.
        if !list.is_sorted_by_key(HasArticle::article) {
            list.sort_by_key(HasArticle::article);
        }
        if self.pending.is_empty() {
            return list;
        }
        let mut pending = self.pending.as_slice();
        list.retain(|one| {
            while let [first, behind @ ..] = pending
                && *first < one.article()
            {
                pending = behind;
            }
            pending.first() != Some(&one.article())
        });
        list.extend(waiting);
        list.sort_by_key(HasArticle::article);
        list
    }
}

/// What stands for one article in a list.
trait HasArticle {
    fn article(&self) -> i64;
}

impl HasArticle for Entry {
    fn article(&self) -> i64 {
        self.pk
    }
}

impl HasArticle for Posting {
    fn article(&self) -> i64 {
        self.pk
    }
}

/// The terms, each once and in order.
pub(super) fn distinct(terms: &[String]) -> Vec<&str> {
    let mut distinct: Vec<&str> = terms.iter().map(String::as_str).collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}

/// The greatest weight of an article's terms that begin so.
fn weight_beginning(forward: &Forward, prefix: &str) -> Option<u32> {
    let before = forward
        .words
        .partition_point(|word| word.term.as_str() < prefix);
    let words = forward.words.iter().skip(before);
    words
        .take_while(|word| word.term.starts_with(prefix))
        .map(|word| word.weight)
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(pk: i64, weight: u32) -> Entry {
        Entry { pk, weight }
    }

    #[test]
    fn what_waits_overrides_what_is_merged() {
        let snapshot = Snapshot {
            lowest_shelf: false,
            articles: 5,
            pending: vec![2, 4],
            current: Vec::new(),
        };
        let both_shelves = vec![entry(2, 1), entry(5, 1), entry(1, 1), entry(4, 1)];
        let waiting = [entry(4, 9), entry(6, 9)];
        let list = snapshot.valid(both_shelves, waiting.into_iter());
        assert_eq!(list, [entry(1, 1), entry(4, 9), entry(5, 1), entry(6, 9)]);
    }

    #[test]
    fn the_greatest_weight_of_a_prefix_counts() {
        let word = |term: &str, weight| Word {
            term: term.to_owned(),
            weight,
            places: Vec::new(),
        };
        let forward = Forward {
            language: "en".to_owned(),
            words: vec![
                word("#day", 50),
                word("har", 3),
                word("harbour", 9),
                word("harp", 4),
                word("hat", 11),
            ],
            vector: Vec::new(),
            written: String::new(),
        };
        assert_eq!(weight_beginning(&forward, "har"), Some(9));
        assert_eq!(weight_beginning(&forward, "ha"), Some(11));
        assert_eq!(weight_beginning(&forward, "hb"), None);
    }
}
