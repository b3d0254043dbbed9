//! Where articles were before: former slugs and paths, which go on leading to them.

use diesel::prelude::*;

use crate::{
    model::{article::ArticleInput, kind::Kind, record::FormerSlug, stamp::Stamp},
    store::{
        articles::rows::save,
        connection::DbConnection,
        error::StoreError,
        invalidation, past,
        schema::{former_paths, former_slugs},
    },
};

/// The former slugs that an article came in with: they were public where it comes from, and lead
/// only to what may be seen.
pub(super) fn slugs(input: &ArticleInput, stamp: &Stamp) -> Vec<FormerSlug> {
    let former = |slug: &String| FormerSlug {
        slug: slug.clone(),
        public: true,
        retired_at: stamp.at,
    };
    input.former_slugs.iter().map(former).collect()
}

/// Tells that links and addresses may lead elsewhere now, where no entry in the log of changes
/// tells it.
pub(super) fn tell(connection: &mut DbConnection) -> Result<(), StoreError> {
    let lists = invalidation::all_of(Kind::Article);
    invalidation::note(connection, &[lists.to_owned()])
}

/// Keeps former slugs and paths of an article; gives whether any are new. What is another's by now
/// stays with that one: its readers would be led astray.
pub(super) fn keep(
    connection: &mut DbConnection,
    pk: i64,
    id: &str,
    slugs: &[FormerSlug],
    paths: &[String],
) -> Result<bool, StoreError> {
    let mut any_new = false;
    for former in slugs {
        let known = past::former_holder(connection, Kind::Article, &former.slug)?.is_some();
        if known || save::slug_is_taken(connection, &former.slug, None)? {
            continue;
        }
        diesel::insert_into(former_slugs::table)
            .values((
                former_slugs::kind.eq(Kind::Article.as_str()),
                former_slugs::slug.eq(&former.slug),
                former_slugs::id.eq(id),
                former_slugs::public.eq(former.public),
                former_slugs::retired_at.eq(former.retired_at.millis()),
            ))
            .execute(connection)?;
        any_new = true;
    }
    for path in paths {
        let known: i64 = former_paths::table
            .find(path)
            .count()
            .get_result(connection)?;
        if known == 0 {
            diesel::insert_into(former_paths::table)
                .values((former_paths::path.eq(path), former_paths::article_pk.eq(pk)))
                .execute(connection)?;
            any_new = true;
        }
    }
    Ok(any_new)
}
