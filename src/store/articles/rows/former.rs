//! Where articles were in the system that they came from: former slugs and paths, which go on
//! leading to them.

use diesel::prelude::*;

use crate::{
    model::{article::ArticleInput, kind::Kind, stamp::Stamp},
    store::{
        articles::rows::save,
        connection::DbConnection,
        error::StoreError,
        past,
        schema::{former_paths, former_slugs},
    },
};

/// Keeps the former slugs and paths that an article came in with. What is another's by now stays
/// with that one: its readers would be led astray.
pub(super) fn keep(
    connection: &mut DbConnection,
    pk: i64,
    id: &str,
    input: &ArticleInput,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    for slug in &input.former_slugs {
        let known = past::former_holder(connection, Kind::Article, slug)?.is_some();
        if known || save::slug_is_taken(connection, slug, None)? {
            continue;
        }
        diesel::insert_into(former_slugs::table)
            .values((
                former_slugs::kind.eq(Kind::Article.as_str()),
                former_slugs::slug.eq(slug),
                former_slugs::id.eq(id),
                // It was public where it comes from, and leads only to what may be seen.
                former_slugs::public.eq(true),
                former_slugs::retired_at.eq(stamp.at.millis()),
            ))
            .execute(connection)?;
    }
    for path in &input.former_paths {
        let known: i64 = former_paths::table
            .find(path)
            .count()
            .get_result(connection)?;
        if known == 0 {
            diesel::insert_into(former_paths::table)
                .values((former_paths::path.eq(path), former_paths::article_pk.eq(pk)))
                .execute(connection)?;
        }
    }
    Ok(())
}
