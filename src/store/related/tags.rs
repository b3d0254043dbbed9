//! Tags of articles, and how many of them two articles share.

use std::collections::{HashMap, HashSet};

use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::BigInt,
};

use crate::store::{
    among::{Numbers, among, as_rows},
    connection::{DbConnection, on_backend},
    error::StoreError,
    schema::article_tags,
};

/// Tags of articles, by row.
pub(super) fn tags_of(
    connection: &mut DbConnection,
    pks: &[i64],
) -> Result<HashMap<i64, HashSet<i64>>, StoreError> {
    let mut tags: HashMap<i64, HashSet<i64>> = HashMap::new();
    if pks.is_empty() {
        return Ok(tags);
    }
    let pks = Numbers::new(pks.to_vec());
    let rows: Vec<(i64, i64)> = on_backend!(connection, inner => article_tags::table
        .filter(among(article_tags::article_pk, &pks))
        .select((article_tags::article_pk, article_tags::tag_pk))
        .load(inner)?);
    for (article, tag) in rows {
        tags.entry(article).or_default().insert(tag);
    }
    Ok(tags)
}

/// How many tags of two articles are of both, from 0 to 1 (Jaccard).
#[expect(clippy::cast_precision_loss, reason = "an article has few tags")]
pub(super) fn shared_tags(one: &HashSet<i64>, other: &HashSet<i64>) -> f64 {
    let shared = one.intersection(other).count();
    let all = (one.len() + other.len() - shared).max(1);
    shared as f64 / all as f64
}

/// What [`shared_tags`] says of one article and each of others, by row; those that share none may
/// be left out.
pub(super) type Shares = HashMap<i64, f64>;

/// Tags of articles that were read on the way.
#[derive(Default)]
pub(super) struct Tags {
    /// All that each of these articles has.
    known: HashMap<i64, HashSet<i64>>,
}

impl Tags {
    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// Reads all tags of these articles.
    pub(super) fn read(
        &mut self,
        connection: &mut DbConnection,
        pks: &[i64],
    ) -> Result<(), StoreError> {
        let is_new = |pk: &&i64| !self.known.contains_key(*pk);
        let new: Vec<i64> = pks.iter().filter(is_new).copied().collect();
        let mut tags = tags_of(connection, &new)?;
        let read = |pk: i64| (pk, tags.remove(&pk).unwrap_or_default());
        self.known.extend(new.into_iter().map(read));
        Ok(())
    }

    /// What an article with these tags shares with others. Of those whose tags were not read, it
    /// reads the tags of such as share any.
    pub(super) fn shares(
        &self,
        connection: &mut DbConnection,
        own: &HashSet<i64>,
        pks: &[i64],
    ) -> Result<Shares, StoreError> {
        let mut shares = Shares::new();
        if own.is_empty() {
            return Ok(shares);
        }
        let mut unknown = Vec::new();
        for pk in pks {
            match self.known.get(pk) {
                Some(tags) => {
                    shares.insert(*pk, shared_tags(own, tags));
                }
                None => unknown.push(*pk),
            }
        }
        let sharing = carriers(connection, own, unknown)?;
        for (pk, tags) in tags_of(connection, &sharing)? {
            shares.insert(pk, shared_tags(own, &tags));
        }
        Ok(shares)
    }
}

/// Those of these articles that carry any of these tags.
fn carriers(
    connection: &mut DbConnection,
    tags: &HashSet<i64>,
    mut pks: Vec<i64>,
) -> Result<Vec<i64>, StoreError> {
    if pks.is_empty() {
        return Ok(pks);
    }
    // In the order of the index, so that neighbours follow each other.
    pks.sort_unstable();
    let mut tags: Vec<i64> = tags.iter().copied().collect();
    tags.sort_unstable();
    let (tags, pks) = (Numbers::new(tags), Numbers::new(pks));
    let query = Carriers {
        tags: as_rows(&tags),
        articles: as_rows(&pks),
    };
    let mut found: Vec<i64> = on_backend!(connection, inner => query.load(inner)?);
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Which of some articles carry any of some tags, each as often as it does; the rows of both are
/// these sources of numbers.
///
/// Each article is looked up under each tag, in the index by tag: articles with one tag lie close
/// together there, where those of an article lie far from those of another. Nothing but a query of
/// its own for each pair keeps both databases from going through all articles with a tag, which may
/// be a tenth of all, or through all tags of the articles.
struct Carriers<R> {
    tags: R,
    articles: R,
}

impl<R> Query for Carriers<R> {
    type SqlType = BigInt;
}

impl<R: QueryId> QueryId for Carriers<R> {
    type QueryId = Carriers<R::QueryId>;
}

impl<R, Conn> RunQueryDsl<Conn> for Carriers<R> {}

impl<DB, R> QueryFragment<DB> for Carriers<R>
where
    DB: Backend,
    R: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT picked.value FROM (SELECT value FROM ");
        self.tags.walk_ast(out.reborrow())?;
        out.push_sql(") AS own CROSS JOIN ");
        self.articles.walk_ast(out.reborrow())?;
        out.push_sql(
            " WHERE (SELECT TRUE FROM article_tags \
             WHERE article_tags.tag_pk = own.value AND article_tags.article_pk = picked.value \
             LIMIT 1)",
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(one: &[i64], other: &[i64]) -> f64 {
        let set = |tags: &[i64]| tags.iter().copied().collect();
        shared_tags(&set(one), &set(other))
    }

    #[test]
    fn tags_of_one_alone_count_against_those_of_both() {
        assert_eq!(shared(&[1, 2], &[2, 1]), 1.0);
        assert_eq!(shared(&[1, 2], &[2]), 0.5);
        assert_eq!(shared(&[1, 2], &[2, 3, 4]), 0.25);
        assert_eq!(shared(&[1, 2], &[3]), 0.0);
    }

    #[test]
    fn an_article_without_tags_shares_none() {
        assert_eq!(shared(&[], &[1, 2]), 0.0);
        assert_eq!(shared(&[1, 2], &[]), 0.0);
        assert_eq!(shared(&[], &[]), 0.0);
    }
}
