//! Which edits of a term's postings go to which of its blocks.
//!
//! A block has the articles from its `first_pk` up to the next block of its term and shelf. The
//! first block of a term begins at [`FIRST`], so that an article always finds a block once the
//! term has one, and old articles that get a new word do not leave a trail of tiny blocks.

use crate::ranking::postings::{self, Block, Edit};

/// Where the first block of a term begins: before every article.
const FIRST: i64 = 0;

/// What changes in the postings of one term on one shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edits {
    pub(super) term: String,
    pub(super) published: bool,
    /// By article, and one for each at most.
    pub(super) edits: Vec<Edit>,
}

impl Edits {
    /// The last article concerned.
    pub(super) fn last(&self) -> Option<i64> {
        self.edits.last().map(Edit::pk)
    }

    /// The last article concerned that comes before this one.
    pub(super) fn last_before(&self, pk: i64) -> Option<i64> {
        let before = self.edits.partition_point(|edit| edit.pk() < pk);
        self.edits.get(before.checked_sub(1)?).map(Edit::pk)
    }

    /// All articles concerned.
    pub(super) fn articles(&self) -> impl Iterator<Item = i64> {
        self.edits.iter().map(Edit::pk)
    }
}

/// What is to be done to one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// It is written, in place of what has its key.
    Put(Block),
    /// What has this `first_pk` goes.
    Delete(i64),
}

/// What is to be done to the blocks of one term. `edits` are by article; `blocks`, in their order,
/// are for each article concerned the one with the greatest `first_pk` that is not above it.
///
/// No two changes have the same key. An edited block keeps its key, and what it has grown by
/// begins at articles of its own, which lie below the next block; articles without a block come
/// before all blocks, so that the new ones for them do as well.
pub(super) fn changes(edits: &[Edit], blocks: &[Block]) -> Vec<Change> {
    let before = |bound: Option<&Block>, edits: &[Edit]| match bound {
        Some(block) => edits.partition_point(|edit| edit.pk() < block.first_pk),
        None => edits.len(),
    };
    let (homeless, mut rest) = edits.split_at(before(blocks.first(), edits));
    let new = postings::blocks_of_new(FIRST, homeless);
    let mut changes: Vec<Change> = new.into_iter().map(Change::Put).collect();
    for (at, block) in blocks.iter().enumerate() {
        let (own, others) = rest.split_at(before(blocks.get(at + 1), rest));
        rest = others;
        changes.extend(edited(block, own));
    }
    changes
}

fn edited(block: &Block, edits: &[Edit]) -> Vec<Change> {
    if edits.is_empty() {
        return Vec::new();
    }
    let after = postings::edited(Some(block), edits);
    if let [same] = after.as_slice()
        && same == block
    {
        return Vec::new();
    }
    let keeps_its_key = after.iter().any(|one| one.first_pk == block.first_pk);
    let gone = (!keeps_its_key).then_some(Change::Delete(block.first_pk));
    gone.into_iter()
        .chain(after.into_iter().map(Change::Put))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::{collection, prelude::*};

    use super::*;
    use crate::ranking::postings::Posting;

    /// The rows of one term, as a database would keep them.
    type Table = BTreeMap<i64, Block>;

    fn concerned(table: &Table, edits: &[Edit]) -> Vec<Block> {
        let found: BTreeMap<i64, &Block> = edits
            .iter()
            .filter_map(|edit| table.range(..=edit.pk()).next_back())
            .map(|(first_pk, block)| (*first_pk, block))
            .collect();
        found.into_values().cloned().collect()
    }

    fn apply(table: &mut Table, edits: &[Edit]) {
        let mut keys = BTreeSet::new();
        for change in changes(edits, &concerned(table, edits)) {
            match change {
                Change::Put(block) => {
                    assert!(keys.insert(block.first_pk), "one key twice");
                    table.insert(block.first_pk, block);
                }
                Change::Delete(first_pk) => {
                    assert!(keys.insert(first_pk), "one key twice");
                    assert!(table.remove(&first_pk).is_some());
                }
            }
        }
    }

    fn content(table: &Table) -> Vec<Posting> {
        table.values().flat_map(postings::postings).collect()
    }

    fn put(pk: i64, weight: u32, places: usize) -> Edit {
        Edit::Put(Posting {
            pk,
            weight,
            places: (0..places).map(|place| place as u32 * 7).collect(),
        })
    }

    /// Whether an article gets the term, or loses it, by article.
    type Batch = BTreeMap<i64, Option<(u32, usize)>>;

    fn batches() -> impl Strategy<Value = Vec<Batch>> {
        let article = prop_oneof![1_i64..3_000, 1_i64..40, 2_900_i64..1_000_000];
        let what = prop_oneof![
            3 => (1_u32..=127, 0_usize..6).prop_map(Some),
            1 => Just(None),
        ];
        let batch = prop_oneof![
            collection::btree_map(article.clone(), what.clone(), 0..8),
            collection::btree_map(article, what, 0..900),
        ];
        collection::vec(batch, 1..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn blocks_have_what_the_edits_say(batches in batches()) {
            let mut table = Table::new();
            let mut model: BTreeMap<i64, Posting> = BTreeMap::new();
            for batch in batches {
                let edits: Vec<Edit> = batch
                    .into_iter()
                    .map(|(pk, what)| match what {
                        Some((weight, places)) => put(pk, weight, places),
                        None => Edit::Remove(pk),
                    })
                    .collect();
                apply(&mut table, &edits);
                for edit in edits {
                    match edit {
                        Edit::Put(posting) => { model.insert(posting.pk, posting); }
                        Edit::Remove(pk) => { model.remove(&pk); }
                    }
                }
                prop_assert_eq!(content(&table), model.values().cloned().collect::<Vec<_>>());
                for (first_pk, block) in &table {
                    prop_assert_eq!(*first_pk, block.first_pk);
                    let next = table.range(first_pk + 1..).next().map(|(next, _)| *next);
                    for posting in postings::postings(block) {
                        prop_assert!(posting.pk >= *first_pk);
                        prop_assert!(next.is_none_or(|next| posting.pk < next));
                    }
                }
            }
        }
    }

    #[test]
    fn old_articles_share_a_block() {
        let mut table = Table::new();
        for pk in [900, 500, 300, 100] {
            apply(&mut table, &[put(pk, 5, 1)]);
        }
        assert_eq!(table.len(), 1);
        apply(&mut table, &[100, 300, 500, 900].map(Edit::Remove));
        assert!(table.is_empty());
    }

    #[test]
    fn what_says_nothing_new_writes_nothing() {
        let mut table = Table::new();
        let edits = [put(3, 5, 2), put(9, 7, 0)];
        apply(&mut table, &edits);
        let blocks: Vec<Block> = table.into_values().collect();
        assert!(changes(&edits, &blocks).is_empty());
        assert!(changes(&[Edit::Remove(4)], &blocks).is_empty());
        assert!(changes(&[Edit::Remove(4)], &[]).is_empty());
    }

    #[test]
    fn the_last_before_an_article_is_found() {
        let edits = Edits {
            term: "news".to_owned(),
            published: true,
            edits: vec![put(3, 1, 0), Edit::Remove(7)],
        };
        assert_eq!(edits.last(), Some(7));
        assert_eq!(edits.last_before(7), Some(3));
        assert_eq!(edits.last_before(3), None);
    }
}
