//! Articles as they are copied from one database to another.

use std::collections::HashSet;

use diesel::prelude::*;

use crate::store::{
    articles::rows::table::articles,
    connection::{DbConnection, on_backend},
    copy::row::{copied, named},
    error::StoreError,
    index,
    schema::index_queue,
};

copied! {
    /// An article, without what other tables know of it.
    CopiedArticle of articles by (pk: i64 as BigInt) {
        pk: i64,
        id: String,
        slug: String,
        external_id: Option<String>,
        title: String,
        title_key: String,
        title_provisional: bool,
        summary: Option<String>,
        category_pk: Option<i64>,
        image: Option<String>,
        status: String,
        language: String,
        featured: bool,
        canonical_url: Option<String>,
        published_at: Option<i64>,
        first_published_at: Option<i64>,
        sort_at: i64,
        modified_at: i64,
        updated_at: i64,
        created_at: i64,
        reading_minutes: Option<i64>,
        word_count: i64,
        body_hash: String,
        version: i64,
        public_slug: Option<String>,
    } {
        named!(articles: id, slug, external_id);

        fn article(&self) -> Option<i64> {
            Some(self.pk)
        }

        fn release(connection: &mut DbConnection, key: &Self::Key) -> Result<(), StoreError> {
            index::remove(connection, key.0)
        }
    }
}

/// Takes all articles out of a category.
pub(in crate::store) fn release_category(
    connection: &mut DbConnection,
    category_pk: i64,
) -> Result<(), StoreError> {
    diesel::update(articles::table.filter(articles::category_pk.eq(category_pk)))
        .set(articles::category_pk.eq(None::<i64>))
        .execute(connection)?;
    Ok(())
}

/// Has the words of these articles, a few hundred at most, put into the index anew.
pub(in crate::store) fn queue_copied(
    connection: &mut DbConnection,
    pks: Vec<i64>,
) -> Result<(), StoreError> {
    let waiting: Vec<i64> = index_queue::table
        .filter(index_queue::article_pk.eq_any(pks.clone()))
        .select(index_queue::article_pk)
        .load(connection)?;
    let mut known: HashSet<i64> = waiting.into_iter().collect();
    let rows: Vec<_> = pks
        .into_iter()
        .filter(|pk| known.insert(*pk))
        .map(|pk| (index_queue::article_pk.eq(pk),))
        .collect();
    if !rows.is_empty() {
        on_backend!(connection, inner => {
            diesel::insert_into(index_queue::table).values(&rows).execute(inner)?;
        });
    }
    Ok(())
}
