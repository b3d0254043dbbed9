//! Whether the lists of articles by word agree with what else is known of the articles.

use diesel::{
    dsl,
    prelude::*,
    sql_types::{BigInt, Bool, Text},
};

use crate::{
    ranking::postings::{self, Block, Posting},
    store::{
        connection::DbConnection,
        error::StoreError,
        index::check::{Standings, fingerprint},
        schema::index_postings,
    },
};

/// Blocks that are read at a time.
const BLOCKS_AT_ONCE: i64 = 500;

/// Term, shelf, lower bound, articles, places.
type BlockRow = (String, bool, i64, Vec<u8>, Vec<u8>);

/// The lists of all words, block by block.
pub(super) struct Lists<'a> {
    standings: &'a mut Standings,
    /// The key of the last block that was read.
    last: (String, bool, i64),
    /// The last article in it.
    last_pk: i64,
    /// Blocks that can't be read, or reach into the one before.
    pub(super) damaged: i64,
    /// Entries of articles that the index does not have on that shelf.
    pub(super) strays: i64,
}

impl<'a> Lists<'a> {
    fn new(standings: &'a mut Standings) -> Self {
        Self {
            standings,
            last: (String::new(), false, i64::MIN),
            last_pk: i64::MIN,
            damaged: 0,
            strays: 0,
        }
    }

    pub(super) fn read(
        connection: &mut DbConnection,
        standings: &'a mut Standings,
    ) -> Result<Self, StoreError> {
        let mut lists = Self::new(standings);
        loop {
            let rows = blocks_after(connection, &lists.last)?;
            if rows.is_empty() {
                return Ok(lists);
            }
            for row in rows {
                lists.take(row);
            }
        }
    }

    fn take(&mut self, (term, published, first_pk, docs, places): BlockRow) {
        let block = Block {
            first_pk,
            docs,
            places,
        };
        let postings = postings::postings(&block);
        let (last_term, last_published, _) = &self.last;
        let goes_on = *last_term == term && *last_published == published;
        let overlaps = goes_on && first_pk <= self.last_pk;
        self.damaged += i64::from(overlaps || !is_whole(&block, &postings));
        let met = fingerprint(term.as_str());
        for posting in &postings {
            let standing = self.standings.get_mut(&posting.pk);
            match standing.filter(|one| one.published == published) {
                Some(one) => one.due = one.due.wrapping_sub(met),
                None => self.strays += 1,
            }
        }
        self.last_pk = postings.last().map_or(first_pk, |last| last.pk);
        self.last = (term, published, first_pk);
    }
}

/// Whether these postings are all that the block has.
fn is_whole(block: &Block, postings: &[Posting]) -> bool {
    postings::block(block.first_pk, postings).as_ref() == Some(block)
}

/// Blocks that come after this one, by their key.
fn blocks_after(
    connection: &mut DbConnection,
    (term, published, first_pk): &(String, bool, i64),
) -> Result<Vec<BlockRow>, StoreError> {
    let later = dsl::sql::<Bool>("(term, published, first_pk) > (")
        .bind::<Text, _>(term.as_str())
        .sql(", ")
        .bind::<Bool, _>(*published)
        .sql(", ")
        .bind::<BigInt, _>(*first_pk)
        .sql(")");
    Ok(index_postings::table
        .filter(later)
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
            index_postings::places,
        ))
        .load(connection)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::index::check::Standing;

    fn block(first_pk: i64, pks: &[i64]) -> Block {
        let posting = |pk: &i64| Posting {
            pk: *pk,
            weight: 300,
            places: vec![2, 900],
        };
        let all: Vec<Posting> = pks.iter().map(posting).collect();
        postings::blocks(first_pk, &all).remove(0)
    }

    fn row(term: &str, published: bool, block: Block) -> BlockRow {
        let Block {
            first_pk,
            docs,
            places,
        } = block;
        (term.to_owned(), published, first_pk, docs, places)
    }

    fn standings(articles: &[(i64, bool, &[&str])]) -> Standings {
        let standing = |(pk, published, terms): &(i64, bool, &[&str])| {
            let due = terms.iter().copied().map(fingerprint);
            let standing = Standing {
                published: *published,
                due: due.fold(0, u64::wrapping_add),
            };
            (*pk, standing)
        };
        articles.iter().map(standing).collect()
    }

    /// Damaged blocks, strays, and articles that do not stand where they should.
    fn looked_over(articles: &[(i64, bool, &[&str])], rows: Vec<BlockRow>) -> (i64, i64, usize) {
        let mut standings = standings(articles);
        let mut lists = Lists::new(&mut standings);
        for row in rows {
            lists.take(row);
        }
        let (damaged, strays) = (lists.damaged, lists.strays);
        let elsewhere = standings.values().filter(|one| one.due != 0).count();
        (damaged, strays, elsewhere)
    }

    const ARTICLES: [(i64, bool, &[&str]); 3] = [
        (3, true, &["ferry", "quay"]),
        (5, true, &["ferry"]),
        (9, false, &["quay"]),
    ];

    #[test]
    fn lists_that_agree_are_without_fault() {
        let rows = vec![
            row("ferry", true, block(0, &[3])),
            row("ferry", true, block(5, &[5])),
            row("quay", false, block(0, &[9])),
            row("quay", true, block(0, &[3])),
        ];
        assert_eq!(looked_over(&ARTICLES, rows), (0, 0, 0));
    }

    #[test]
    fn what_is_missing_doubled_or_on_the_wrong_shelf_is_counted() {
        assert_eq!(looked_over(&ARTICLES, Vec::new()), (0, 0, 3));
        let rows = vec![
            row("ferry", true, block(0, &[3, 5])),
            row("ferry", true, block(4, &[5])),
            row("quay", true, block(0, &[3, 9, 77])),
        ];
        assert_eq!(looked_over(&ARTICLES, rows), (1, 2, 2));
        let rows = vec![
            row("ferries", true, block(0, &[3, 5])),
            row("quay", false, block(0, &[9])),
            row("quay", true, block(0, &[3])),
        ];
        assert_eq!(looked_over(&ARTICLES, rows), (0, 0, 2));
    }

    #[test]
    fn any_byte_too_few_or_too_many_is_damage() {
        let whole = block(0, &[3, 400, 90_000]);
        assert!(is_whole(&whole, &postings::postings(&whole)));
        let damages: [fn(&mut Block); 6] = [
            |block| block.docs.truncate(block.docs.len() - 1),
            |block| block.docs.clear(),
            |block| block.docs.push(1),
            |block| block.places.truncate(block.places.len() - 1),
            |block| block.places.clear(),
            |block| block.places.push(0),
        ];
        for damage in damages {
            let mut damaged = whole.clone();
            damage(&mut damaged);
            let read = postings::postings(&damaged);
            assert!(!is_whole(&damaged, &read), "{damaged:?}");
        }
    }
}
