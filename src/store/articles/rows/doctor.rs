//! What must hold of stored articles, as queries that count where it does not. They read SQL that
//! both databases understand, and are run by `newsstand doctor` alone.

use diesel::prelude::*;

use crate::{
    model::{
        block::{Block, plain_text},
        words::count,
    },
    store::{
        articles::{
            ready::body_hash,
            rows::{counts, kept, table::articles},
        },
        connection::DbConnection,
        error::StoreError,
        schema::article_bodies,
    },
};

/// Something that must hold, and the query that counts where it does not.
#[derive(Debug, Clone)]
pub(in crate::store) struct Check {
    /// What holds when all is well.
    pub(in crate::store) holds: &'static str,
    /// Counts faults; one column of one row.
    pub(in crate::store) sql: String,
}

/// All checks that are a query; `indexed` selects the rows that the index has.
pub(in crate::store) fn checks(indexed: &str) -> Vec<Check> {
    let check = |holds, sql: &str| Check {
        holds,
        sql: format!(
            "SELECT COUNT(*) AS faults FROM {}",
            sql.replace("{indexed}", indexed)
        ),
    };
    let last_changes = "(SELECT entity_id, MAX(sequence) AS last FROM changes \
                        WHERE kind = 'article' GROUP BY entity_id) AS m \
                        JOIN changes AS c ON c.sequence = m.last";
    vec![
        check(
            "every article has a body",
            "articles WHERE pk NOT IN (SELECT article_pk FROM article_bodies)",
        ),
        check(
            "every article is in the full-text index, or waits to be",
            "articles WHERE pk NOT IN ({indexed}) AND pk NOT IN (SELECT article_pk FROM index_queue)",
        ),
        check(
            "the full-text index has nothing but articles",
            "({indexed}) AS i WHERE i.pk NOT IN (SELECT pk FROM articles)",
        ),
        check(
            "every article is on the shelf of the index that its status says",
            "(SELECT article_pk, published FROM index_pending WHERE forward IS NOT NULL \
             UNION ALL SELECT article_pk, published FROM index_documents \
             WHERE article_pk NOT IN (SELECT article_pk FROM index_pending)) AS i \
             JOIN articles AS a ON a.pk = i.article_pk \
             WHERE i.published <> (a.status = 'published') \
             AND a.pk NOT IN (SELECT article_pk FROM index_queue)",
        ),
        check(
            "every article stands in lists where its date says",
            "articles WHERE sort_at <> COALESCE(published_at, created_at)",
        ),
        check(
            "every published article was first published at some time",
            "articles WHERE status = 'published' AND first_published_at IS NULL",
        ),
        check(
            "the log of changes ends with what is published",
            &format!(
                "articles AS a LEFT JOIN ({last_changes}) ON m.entity_id = a.id \
                 WHERE a.status = 'published' \
                 AND COALESCE(c.change, 'none') IN ('none', 'unpublished', 'deleted')"
            ),
        ),
        check(
            "the log of changes tells of everything that is gone",
            &format!(
                "{last_changes} WHERE c.change NOT IN ('unpublished', 'deleted') AND c.entity_id \
                 NOT IN (SELECT id FROM articles WHERE status = 'published')"
            ),
        ),
        check(
            "every article has its revisions, numbered without gaps",
            "(SELECT a.pk FROM articles AS a LEFT JOIN revisions AS r ON r.article_pk = a.pk \
             GROUP BY a.pk HAVING COUNT(r.number) = 0 OR COUNT(r.number) <> MAX(r.number) \
             OR SUM(CASE WHEN r.content IS NULL THEN 1 ELSE 0 END) <> 1) AS broken",
        ),
        check(
            "no former slug is the present one of an article",
            "former_slugs AS f JOIN articles AS a ON a.slug = f.slug WHERE f.kind = 'article'",
        ),
        check(
            "every deleted article is gone",
            "tombstones AS t JOIN articles AS a ON a.id = t.id",
        ),
        check(
            "every count of articles that is kept is right",
            &format!(
                "(SELECT grain, status, category_pk, span FROM (\
                 SELECT grain, status, category_pk, span, articles FROM article_counts \
                 UNION ALL SELECT grain, status, category_pk, span, -articles \
                 FROM ({}) AS truth) AS told \
                 GROUP BY grain, status, category_pk, span HAVING SUM(articles) <> 0) AS wrong",
                kept::TRUTH
            ),
        ),
        check(
            "every count that is kept of an author's or a tag's articles is right",
            &counts::wrong_names(),
        ),
        check(
            "readers may know every category of a published article",
            "articles AS a JOIN categories AS c ON c.pk = a.category_pk \
             WHERE a.status = 'published' AND NOT c.public",
        ),
        check(
            "readers may know every author of a published article",
            "articles AS a JOIN article_authors AS j ON j.article_pk = a.pk \
             JOIN authors AS n ON n.pk = j.author_pk WHERE a.status = 'published' AND NOT n.public",
        ),
        check(
            "readers may know every tag of a published article",
            "articles AS a JOIN article_tags AS j ON j.article_pk = a.pk \
             JOIN tags AS n ON n.pk = j.tag_pk WHERE a.status = 'published' AND NOT n.public",
        ),
    ]
}

/// Bodies that are read at a time.
const BODIES_AT_ONCE: i64 = 500;

/// Articles whose stored hash or number of words is not that of their body.
pub(in crate::store) fn bodies_at_fault(connection: &mut DbConnection) -> Result<i64, StoreError> {
    let mut faults = 0;
    let mut after = 0_i64;
    loop {
        let found: Vec<(i64, String, i64, String)> = articles::table
            .inner_join(article_bodies::table)
            .filter(articles::pk.gt(after))
            .order(articles::pk)
            .limit(BODIES_AT_ONCE)
            .select((
                articles::pk,
                articles::body_hash,
                articles::word_count,
                article_bodies::blocks,
            ))
            .load(connection)?;
        let Some((last, ..)) = found.last() else {
            return Ok(faults);
        };
        after = *last;
        let is_right = |(_, hash, words, blocks): &(i64, String, i64, String)| {
            let parsed: Result<Vec<Block>, _> = serde_json::from_str(blocks);
            parsed.is_ok_and(|parsed| {
                body_hash(blocks) == *hash && count(&plain_text(&parsed)) == *words
            })
        };
        faults += found
            .iter()
            .filter(|row| !is_right(row))
            .map(|_| 1)
            .sum::<i64>();
    }
}

/// Has the words of every article put into the index anew.
pub(in crate::store) fn queue_all(connection: &mut DbConnection) -> Result<(), StoreError> {
    diesel::sql_query(
        "INSERT INTO index_queue (article_pk) SELECT pk FROM articles \
         WHERE pk NOT IN (SELECT article_pk FROM index_queue)",
    )
    .execute(connection)?;
    Ok(())
}
