//! The tables, alike on both databases, but for `articles`, which `store::articles::rows` alone
//! knows.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    categories (pk) {
        pk -> BigInt,
        id -> Text,
        slug -> Text,
        name -> Text,
        name_key -> Text,
        description -> Nullable<Text>,
        parent_pk -> Nullable<BigInt>,
        path -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        version -> BigInt,
        public -> Bool,
    }
}

table! {
    authors (pk) {
        pk -> BigInt,
        id -> Text,
        slug -> Text,
        name -> Text,
        name_key -> Text,
        description -> Nullable<Text>,
        avatar -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        version -> BigInt,
        public -> Bool,
    }
}

table! {
    tags (pk) {
        pk -> BigInt,
        id -> Text,
        slug -> Text,
        name -> Text,
        name_key -> Text,
        description -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        version -> BigInt,
        public -> Bool,
    }
}

table! {
    article_bodies (article_pk) {
        article_pk -> BigInt,
        blocks -> Text,
    }
}

table! {
    article_authors (article_pk, position) {
        article_pk -> BigInt,
        position -> BigInt,
        author_pk -> BigInt,
    }
}

table! {
    article_tags (article_pk, position) {
        article_pk -> BigInt,
        position -> BigInt,
        tag_pk -> BigInt,
    }
}

table! {
    author_counts (author_pk) {
        author_pk -> BigInt,
        articles -> BigInt,
        latest_at -> Nullable<BigInt>,
    }
}

table! {
    tag_counts (tag_pk) {
        tag_pk -> BigInt,
        articles -> BigInt,
        latest_at -> Nullable<BigInt>,
    }
}

table! {
    related_pins (article_pk, position) {
        article_pk -> BigInt,
        position -> BigInt,
        related_pk -> BigInt,
    }
}

table! {
    related_exclusions (article_pk, position) {
        article_pk -> BigInt,
        position -> BigInt,
        related_pk -> BigInt,
    }
}

table! {
    former_slugs (kind, slug) {
        kind -> Text,
        slug -> Text,
        id -> Text,
        public -> Bool,
        retired_at -> BigInt,
    }
}

table! {
    former_paths (path) {
        path -> Text,
        article_pk -> BigInt,
    }
}

table! {
    unfinished (work) {
        work -> Text,
        since -> BigInt,
    }
}

table! {
    tombstones (id) {
        id -> Text,
        kind -> Text,
        slug -> Text,
        public -> Bool,
        deleted_at -> BigInt,
    }
}

table! {
    changes (sequence) {
        sequence -> BigInt,
        entity_id -> Text,
        change -> Text,
        at -> BigInt,
        kind -> Text,
    }
}

table! {
    invalidations (sequence) {
        sequence -> BigInt,
        keys -> Text,
        at -> BigInt,
    }
}

table! {
    untold_categories (category_pk) {
        category_pk -> BigInt,
    }
}

table! {
    revisions (article_pk, number) {
        article_pk -> BigInt,
        number -> BigInt,
        saved_at -> BigInt,
        saved_by -> Text,
        note -> Nullable<Text>,
        title -> Text,
        content -> Nullable<Text>,
    }
}

table! {
    preview_links (id) {
        id -> Text,
        article_pk -> BigInt,
        created_at -> BigInt,
        created_by -> Text,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

table! {
    idempotency_keys (actor, key) {
        actor -> Text,
        key -> Text,
        fingerprint -> Text,
        status -> BigInt,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        body -> Nullable<Text>,
        created_at -> BigInt,
    }
}

table! {
    revoked_tokens (jti) {
        jti -> Text,
        revoked_at -> BigInt,
        revoked_by -> Text,
    }
}

table! {
    audit (sequence) {
        sequence -> BigInt,
        at -> BigInt,
        actor -> Text,
        action -> Text,
        kind -> Text,
        entity_id -> Text,
        slug -> Nullable<Text>,
        members -> Text,
        request_id -> Nullable<Text>,
    }
}

table! {
    secrets (name) {
        name -> Text,
        value -> Text,
    }
}

table! {
    index_queue (article_pk) {
        article_pk -> BigInt,
    }
}

table! {
    index_pending (article_pk) {
        article_pk -> BigInt,
        published -> Bool,
        forward -> Nullable<Binary>,
    }
}

table! {
    index_documents (article_pk) {
        article_pk -> BigInt,
        published -> Bool,
        written -> Text,
        words -> Text,
    }
}

table! {
    index_vectors (article_pk) {
        article_pk -> BigInt,
        vector -> Binary,
    }
}

table! {
    index_postings (term, published, first_pk) {
        term -> Text,
        published -> Bool,
        first_pk -> BigInt,
        docs -> Binary,
        places -> Binary,
    }
}

table! {
    index_stems (language, stem, term) {
        language -> Text,
        stem -> Text,
        term -> Text,
    }
}

table! {
    index_languages (language) {
        language -> Text,
    }
}

table! {
    index_shelves (published) {
        published -> Bool,
        articles -> BigInt,
    }
}

table! {
    related_state (one) {
        one -> BigInt,
        epoch -> BigInt,
        fitted_at -> BigInt,
        fitted_articles -> BigInt,
        changed -> BigInt,
        told -> BigInt,
        holds_from -> BigInt,
    }
}

table! {
    related_models (epoch) {
        epoch -> BigInt,
        model -> Binary,
    }
}

table! {
    related_lists (article_pk, same_category) {
        article_pk -> BigInt,
        same_category -> Bool,
        epoch -> BigInt,
        entries -> Binary,
    }
}

table! {
    related_queue (article_pk) {
        article_pk -> BigInt,
    }
}

table! {
    related_edited (article_pk) {
        article_pk -> BigInt,
        epoch -> BigInt,
    }
}

joinable!(article_authors -> authors (author_pk));
joinable!(article_tags -> tags (tag_pk));
joinable!(author_counts -> authors (author_pk));
joinable!(tag_counts -> tags (tag_pk));

allow_tables_to_appear_in_same_query!(author_counts, authors);
allow_tables_to_appear_in_same_query!(tag_counts, tags);
allow_tables_to_appear_in_same_query!(index_documents, index_vectors);
allow_tables_to_appear_in_same_query!(
    categories,
    authors,
    tags,
    article_bodies,
    article_authors,
    article_tags,
    related_pins,
    related_exclusions,
    revisions,
);
