//! The tables that are copied, in an order in which each comes after those that it refers to.
//!
//! Left out are the index of words and what was learned from it, which are made anew from the
//! articles; the counts of articles, which the target itself keeps; the answers kept for requests
//! that may be sent again: they are those of a server that was just now asked, and are forgotten
//! within a day; and what caches of the source were told, and are to be: those of the target are
//! told that everything is new.

use diesel::prelude::*;

use crate::store::{
    articles::rows::{self, Carriers, CopiedArticle},
    connection::DbConnection,
    copy::{
        hidden::Hidden,
        row::{Row, copied, named},
    },
    error::StoreError,
    schema::{
        article_authors, article_bodies, article_tags, audit, authors, categories, changes,
        former_paths, former_slugs, preview_links, related_exclusions, related_pins, revisions,
        revoked_tokens, secrets, tags, tombstones,
    },
};

/// Something that is done with one table after another.
pub(super) trait Visit {
    fn table<R: Row>(&mut self) -> Result<(), StoreError>;
}

macro_rules! in_order {
    ($($row:ident),+ $(,)?) => {
        /// Visits all tables, those first to which others refer.
        pub(super) fn parents_first<V: Visit>(visit: &mut V) -> Result<(), StoreError> {
            $(visit.table::<$row>()?;)+
            Ok(())
        }

        /// Visits all tables, those last to which others refer.
        pub(super) fn children_first<V: Visit>(visit: &mut V) -> Result<(), StoreError> {
            type Step<V> = fn(&mut V) -> Result<(), StoreError>;
            let steps = [$(V::table::<$row> as Step<V>),+];
            steps.iter().rev().try_for_each(|step| step(visit))
        }
    };
}

in_order!(
    Secret,
    RevokedToken,
    Tombstone,
    FormerSlug,
    Category,
    Author,
    Tag,
    CopiedArticle,
    Body,
    ArticleAuthor,
    ArticleTag,
    Pin,
    Exclusion,
    FormerPath,
    Revision,
    PreviewLink,
    Change,
    AuditEntry,
);

/// Whether something was deleted.
pub(super) fn is_buried(connection: &mut DbConnection, id: &str) -> Result<bool, StoreError> {
    let found: Option<String> = tombstones::table
        .filter(tombstones::id.eq(id.to_owned()))
        .select(tombstones::id)
        .first(connection)
        .optional()?;
    Ok(found.is_some())
}

copied! {
    /// A secret of the server, such as the key of preview links, which go on being good.
    Secret of secrets by (name: String as Text) { name: String, value: Hidden, } {}
}

copied! {
    /// A token that was revoked.
    RevokedToken of revoked_tokens by (jti: String as Text) {
        jti: String,
        revoked_at: i64,
        revoked_by: String,
    } {}
}

copied! {
    /// What is left of something deleted.
    Tombstone of tombstones by (id: String as Text) {
        id: String,
        kind: String,
        slug: String,
        public: bool,
        deleted_at: i64,
    } {}
}

copied! {
    /// A slug that something once had.
    FormerSlug of former_slugs by (kind: String as Text, slug: String as Text) {
        kind: String,
        slug: String,
        id: String,
        public: bool,
        retired_at: i64,
    } {}
}

copied! {
    /// A category.
    Category of categories by (pk: i64 as BigInt) {
        pk: i64,
        id: String,
        slug: String,
        name: String,
        name_key: String,
        description: Option<String>,
        parent_pk: Option<i64>,
        path: String,
        created_at: i64,
        updated_at: i64,
        version: i64,
        public: bool,
    } {
        named!(categories: id, slug, path);
        const REFERS_TO_ITSELF: bool = true;

        fn by_itself(&self) -> Self {
            Self { parent_pk: None, ..self.clone() }
        }

        fn release(connection: &mut DbConnection, key: &Self::Key) -> Result<(), StoreError> {
            rows::release_category(connection, key.0)?;
            diesel::update(categories::table.filter(categories::parent_pk.eq(key.0)))
                .set(categories::parent_pk.eq(None::<i64>))
                .execute(connection)?;
            Ok(())
        }
    }
}

copied! {
    /// An author.
    Author of authors by (pk: i64 as BigInt) {
        pk: i64,
        id: String,
        slug: String,
        name: String,
        name_key: String,
        description: Option<String>,
        avatar: Option<String>,
        created_at: i64,
        updated_at: i64,
        version: i64,
        public: bool,
    } {
        named!(authors: id, slug);

        fn release(connection: &mut DbConnection, key: &Self::Key) -> Result<(), StoreError> {
            diesel::delete(article_authors::table.filter(article_authors::author_pk.eq(key.0)))
                .execute(connection)?;
            Ok(())
        }

        fn changed(&self, connection: &mut DbConnection) -> Result<(), StoreError> {
            rows::queue_index(connection, Carriers::Author(self.pk))
        }
    }
}

copied! {
    /// A tag.
    Tag of tags by (pk: i64 as BigInt) {
        pk: i64,
        id: String,
        slug: String,
        name: String,
        name_key: String,
        description: Option<String>,
        created_at: i64,
        updated_at: i64,
        version: i64,
        public: bool,
    } {
        named!(tags: id, slug);

        fn release(connection: &mut DbConnection, key: &Self::Key) -> Result<(), StoreError> {
            diesel::delete(article_tags::table.filter(article_tags::tag_pk.eq(key.0)))
                .execute(connection)?;
            Ok(())
        }

        fn changed(&self, connection: &mut DbConnection) -> Result<(), StoreError> {
            rows::queue_index(connection, Carriers::Tag(self.pk))
        }
    }
}

copied! {
    /// The body of an article.
    Body of article_bodies by (article_pk: i64 as BigInt) {
        article_pk: i64,
        blocks: String,
    } {
        // Bodies are large.
        const AT_ONCE: i64 = 50;

        fn article(&self) -> Option<i64> {
            Some(self.article_pk)
        }
    }
}

copied! {
    /// That an author wrote an article.
    ArticleAuthor of article_authors by (article_pk: i64 as BigInt, position: i64 as BigInt) {
        article_pk: i64,
        position: i64,
        author_pk: i64,
    } {
        fn article(&self) -> Option<i64> {
            Some(self.article_pk)
        }
    }
}

copied! {
    /// That an article has a tag.
    ArticleTag of article_tags by (article_pk: i64 as BigInt, position: i64 as BigInt) {
        article_pk: i64,
        position: i64,
        tag_pk: i64,
    } {
        fn article(&self) -> Option<i64> {
            Some(self.article_pk)
        }
    }
}

copied! {
    /// That an article is pinned to another.
    Pin of related_pins by (article_pk: i64 as BigInt, position: i64 as BigInt) {
        article_pk: i64,
        position: i64,
        related_pk: i64,
    } {}
}

copied! {
    /// That an article is kept from another.
    Exclusion of related_exclusions by (article_pk: i64 as BigInt, position: i64 as BigInt) {
        article_pk: i64,
        position: i64,
        related_pk: i64,
    } {}
}

copied! {
    /// A path that an article had elsewhere.
    FormerPath of former_paths by (path: String as Text) { path: String, article_pk: i64, } {}
}

copied! {
    /// A save of an article.
    Revision of revisions by (article_pk: i64 as BigInt, number: i64 as BigInt) {
        article_pk: i64,
        number: i64,
        saved_at: i64,
        saved_by: String,
        note: Option<String>,
        title: String,
        content: Option<String>,
    } {
        // They hold bodies.
        const AT_ONCE: i64 = 50;
    }
}

copied! {
    /// A preview link.
    PreviewLink of preview_links by (id: String as Text) {
        id: String,
        article_pk: i64,
        created_at: i64,
        created_by: String,
        expires_at: i64,
        revoked_at: Option<i64>,
    } {}
}

copied! {
    /// An entry of the log of changes.
    Change of changes by (sequence: i64 as BigInt) {
        sequence: i64,
        entity_id: String,
        change: String,
        at: i64,
        kind: String,
    } {
        const COUNTER: Option<&'static str> = Some("sequence");
        const TELLS_APART: bool = true;

        // Entries never change.
        fn is_another(&self, theirs: &Self) -> bool {
            self != theirs
        }
    }
}

copied! {
    /// An entry of the log of deeds.
    AuditEntry of audit by (sequence: i64 as BigInt) {
        sequence: i64,
        at: i64,
        actor: String,
        action: String,
        kind: String,
        entity_id: String,
        slug: Option<String>,
        members: String,
        request_id: Option<String>,
    } {
        const COUNTER: Option<&'static str> = Some("sequence");
        const TELLS_APART: bool = true;

        // Entries never change.
        fn is_another(&self, theirs: &Self) -> bool {
            self != theirs
        }
    }
}
