//! Lists as they lie packed in the index, for those who go through each of them once or twice.

use std::{collections::HashMap, ops::Range};

use diesel::{connection::DefaultLoadingMode, prelude::*};

use crate::{
    ranking::{
        forward::Forward,
        lists::List,
        postings::{Entry, Merged, Packs},
    },
    store::{
        among::{Texts, among},
        connection::{DbConnection, on_backend},
        error::StoreError,
        index::snapshot::{DocsRow, Snapshot, TERMS_AT_ONCE, distinct},
        schema::index_postings,
    },
};

/// The lists of some terms.
pub(in crate::store) struct Packed<'a> {
    packs: Packs,
    /// What there is of each term.
    stretches: HashMap<String, Vec<Stretch>>,
    /// Articles of which nothing holds that is merged, in order.
    pending: &'a [i64],
}

/// Blocks of a term that follow one another.
struct Stretch {
    blocks: Range<usize>,
    /// The shelf that they are of; `None` for what waits to be merged.
    shelf: Option<bool>,
}

impl Snapshot {
    /// What [`Snapshot::lists`] has of these terms, in a sixth of the memory.
    pub(in crate::store) fn packed(
        &self,
        connection: &mut DbConnection,
        terms: &[String],
    ) -> Result<Packed<'_>, StoreError> {
        let wanted = distinct(terms);
        let mut packed = Packed::new(&self.pending);
        for chunk in wanted.chunks(TERMS_AT_ONCE) {
            let terms = Texts::of(chunk.iter().copied());
            let blocks = index_postings::table
                .filter(among(index_postings::term, &terms))
                .filter(index_postings::published.ge(self.lowest_shelf))
                .order((
                    index_postings::term,
                    index_postings::published,
                    index_postings::first_pk,
                ))
                .select((
                    index_postings::term,
                    index_postings::published,
                    index_postings::first_pk,
                    index_postings::docs,
                ));
            on_backend!(connection, inner => {
                for block in blocks.load_iter::<DocsRow, DefaultLoadingMode>(inner)? {
                    packed.push(block?);
                }
            });
        }
        packed.push_waiting(&wanted, &self.current);
        Ok(packed)
    }
}

impl<'a> Packed<'a> {
    fn new(pending: &'a [i64]) -> Self {
        Self {
            packs: Packs::with_room(),
            stretches: HashMap::new(),
            pending,
        }
    }

    /// Adds a block. Those of one term and shelf come one after the other.
    fn push(&mut self, (term, published, first_pk, docs): DocsRow) {
        let number = self.packs.count();
        self.packs.push(first_pk, &docs);
        let stretches = self.stretches.entry(term).or_default();
        match stretches.last_mut() {
            Some(last) if last.shelf == Some(published) => last.blocks.end = number + 1,
            _ => stretches.push(Stretch {
                blocks: number..number + 1,
                shelf: Some(published),
            }),
        }
    }

    /// Adds what articles that wait to be merged have of these terms.
    fn push_waiting(&mut self, terms: &[&str], current: &[(i64, Forward)]) {
        for term in terms {
            let entry = |(pk, forward): &(i64, Forward)| {
                let weight = forward.word(term)?.weight;
                Some(Entry { pk: *pk, weight })
            };
            let waiting: List = current.iter().filter_map(entry).collect();
            if waiting.is_empty() {
                continue;
            }
            let number = self.packs.count();
            self.packs.pack(&waiting);
            let stretches = self.stretches.entry((*term).to_owned()).or_default();
            stretches.push(Stretch {
                blocks: number..number + 1,
                shelf: None,
            });
        }
    }

    /// The articles that have any of these terms, each with its greatest weight; terms whose lists
    /// were not read, none has.
    pub(in crate::store) fn any_of(&self, terms: &[String]) -> Merged<'_> {
        let of_term = |term: &String| self.stretches.get(term);
        let stretches = terms.iter().filter_map(of_term).flatten();
        Merged::of(stretches.map(|stretch| {
            let without: &[i64] = match stretch.shelf {
                Some(_) => self.pending,
                None => &[],
            };
            self.packs.run(stretch.blocks.clone(), without)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranking::{
        forward::Word,
        postings::{Posting, blocks},
    };

    fn list(entries: &[(i64, u32)]) -> List {
        let entry = |(pk, weight): &(i64, u32)| Entry {
            pk: *pk,
            weight: *weight,
        };
        entries.iter().map(entry).collect()
    }

    /// Adds a list of a shelf as it is stored.
    fn store(packed: &mut Packed<'_>, term: &str, published: bool, entries: &[(i64, u32)]) {
        let posting = |(pk, weight): &(i64, u32)| Posting {
            pk: *pk,
            weight: *weight,
            places: vec![4],
        };
        let postings: Vec<Posting> = entries.iter().map(posting).collect();
        // In several blocks, as a long one is.
        for block in postings.chunks(2).flat_map(|some| blocks(i64::MAX, some)) {
            packed.push((term.to_owned(), published, block.first_pk, block.docs));
        }
    }

    fn waiting(pk: i64, words: &[(&str, u32)]) -> (i64, Forward) {
        let word = |(term, weight): &(&str, u32)| Word {
            term: (*term).to_owned(),
            weight: *weight,
            places: Vec::new(),
        };
        let forward = Forward {
            language: "en".to_owned(),
            words: words.iter().map(word).collect(),
            vector: Vec::new(),
            written: String::new(),
        };
        (pk, forward)
    }

    fn found(packed: &Packed<'_>, terms: &[&str]) -> List {
        let terms: Vec<String> = terms.iter().map(|term| (*term).to_owned()).collect();
        packed.any_of(&terms).collect()
    }

    #[test]
    fn what_waits_stands_in_for_what_is_merged() {
        let mut packed = Packed::new(&[2, 4]);
        store(&mut packed, "ferry", false, &[(2, 1), (5, 1), (8, 1)]);
        store(
            &mut packed,
            "ferry",
            true,
            &[(1, 1), (4, 1), (7, 1), (9, 1)],
        );
        store(&mut packed, "harbour", true, &[(4, 8), (5, 8)]);
        let current = [
            waiting(4, &[("ferry", 9), ("quay", 3)]),
            waiting(6, &[("ferry", 9)]),
        ];
        packed.push_waiting(&["ferry", "harbour", "quay"], &current);
        let of_ferry = list(&[(1, 1), (4, 9), (5, 1), (6, 9), (7, 1), (8, 1), (9, 1)]);
        assert_eq!(found(&packed, &["ferry"]), of_ferry);
        assert_eq!(found(&packed, &["harbour"]), list(&[(5, 8)]));
        assert_eq!(found(&packed, &["quay"]), list(&[(4, 3)]));
        let of_both = list(&[(1, 1), (4, 9), (5, 8), (6, 9), (7, 1), (8, 1), (9, 1)]);
        assert_eq!(found(&packed, &["harbour", "ferry", "pier"]), of_both);
        assert!(found(&packed, &["pier"]).is_empty());
        assert!(found(&packed, &[]).is_empty());
    }
}
