//! The tables, alike on both databases. Full-text tables are known to `store::search` alone.

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
    }
}

table! {
    articles (pk) {
        pk -> BigInt,
        id -> Text,
        slug -> Text,
        external_id -> Nullable<Text>,
        title -> Text,
        title_key -> Text,
        title_provisional -> Bool,
        summary -> Nullable<Text>,
        category_pk -> Nullable<BigInt>,
        image -> Nullable<Text>,
        status -> Text,
        language -> Text,
        featured -> Bool,
        canonical_url -> Nullable<Text>,
        published_at -> Nullable<BigInt>,
        first_published_at -> Nullable<BigInt>,
        sort_at -> BigInt,
        modified_at -> BigInt,
        updated_at -> BigInt,
        created_at -> BigInt,
        reading_minutes -> Nullable<BigInt>,
        word_count -> BigInt,
        body_hash -> Text,
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
    related_pins (article_pk, position) {
        article_pk -> BigInt,
        position -> BigInt,
        related_pk -> BigInt,
    }
}

table! {
    former_slugs (slug) {
        slug -> Text,
        article_pk -> BigInt,
        retired_at -> BigInt,
    }
}

table! {
    changes (sequence) {
        sequence -> BigInt,
        article_id -> Text,
        change -> Text,
        at -> BigInt,
    }
}

joinable!(article_authors -> authors (author_pk));
joinable!(article_authors -> articles (article_pk));
joinable!(article_tags -> tags (tag_pk));
joinable!(article_tags -> articles (article_pk));
joinable!(article_bodies -> articles (article_pk));
joinable!(articles -> categories (category_pk));

allow_tables_to_appear_in_same_query!(
    categories,
    authors,
    tags,
    articles,
    article_bodies,
    article_authors,
    article_tags,
    related_pins,
    former_slugs,
);
