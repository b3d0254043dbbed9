//! Rows of articles. This room alone knows their table: everyone else begins a read with what
//! [`visible()`] or [`published()`] lets them see, so that no read can forget who is looking, and
//! all that changes an article is done here.

mod by_date;
mod candidates;
mod copy;
mod counts;
mod delete;
mod doctor;
mod facets;
mod filed;
mod former;
mod input;
mod kept;
mod one;
mod order;
mod put;
mod record;
mod revisions;
mod row;
mod save;
mod seeds;
mod status;
mod stretches;
mod table;
mod touch;
mod visible;
mod words;

pub(in crate::store::articles) use by_date::ByDate;
pub(in crate::store) use candidates::{
    Candidate, Facts, Near, facts, ids, named, near, published_facts, tagged,
};
pub(in crate::store) use copy::{CopiedArticle, queue_copied, release_category};
pub(in crate::store) use counts::{
    Counts, author_total, by_author, by_category, by_tag, recount_names, tag_total,
};
pub use delete::delete;
pub(in crate::store) use doctor::{bodies_at_fault, checks, queue_all};
pub(in crate::store) use facets::{FiledAndDated, filed_and_dated};
pub(in crate::store) use filed::Filed;
pub(in crate::store) use kept::{Counted, begin_of, kept_spans, kept_total, recount};
pub(in crate::store::articles) use one::published_one;
pub(in crate::store) use order::{Beyond, Picked};
pub use put::{Saved, create, put, replace, row_by_external_id};
pub use record::{records, restore, restore_revision, revision_records};
pub use revisions::{Revision, RevisionContent, revision, revisions};
pub use seeds::{AuthorSeed, CategorySeed, TagSeed, seed_author, seed_category, seed_tag};
pub use status::{StatusChange, next_due, publish_due, scheduled, set_status};
pub(in crate::store) use stretches::{Reach, Stretches, Take};
pub(in crate::store) use touch::{
    Carriers, bump, count_in_category, move_category, queue_index, touch,
};
pub(in crate::store::articles) use visible::published_rows;
pub(in crate::store) use visible::{Articles, columns, published, visible};
pub use words::{drain_index_queue, index_queue_is_empty};

use diesel::prelude::*;

use crate::{
    model::{article::Status, slug::Key},
    store::{connection::DbConnection, error::StoreError},
};
use table::articles;

/// Whether a key names an article that readers could see once and can't see now. Tells nothing of
/// one that they never saw.
pub(in crate::store) fn was_public(
    connection: &mut DbConnection,
    key: &Key,
) -> Result<bool, StoreError> {
    let query = articles::table
        .filter(articles::status.ne(Status::Published.as_str()))
        .filter(articles::first_published_at.is_not_null())
        .into_boxed();
    let query = match key {
        Key::Id(id) => query.filter(articles::id.eq(id.clone())),
        // A slug that it got since, readers do not know.
        Key::Slug(slug) => query
            .filter(articles::slug.eq(slug.clone()))
            .filter(articles::public_slug.eq(slug.clone())),
    };
    let found: Option<i64> = query.select(articles::pk).first(connection).optional()?;
    Ok(found.is_some())
}
