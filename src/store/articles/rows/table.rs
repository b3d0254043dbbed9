//! The table of articles, known to this room alone.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

use crate::store::schema::{
    article_authors, article_bodies, article_tags, authors, categories, index_queue, preview_links,
    related_edited, related_exclusions, related_pins, revisions, tags,
};

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
        version -> BigInt,
        public_slug -> Nullable<Text>,
    }
}

joinable!(article_authors -> articles (article_pk));
joinable!(article_tags -> articles (article_pk));
joinable!(article_bodies -> articles (article_pk));
joinable!(articles -> categories (category_pk));

allow_tables_to_appear_in_same_query!(articles, categories);
allow_tables_to_appear_in_same_query!(articles, authors);
allow_tables_to_appear_in_same_query!(articles, tags);
allow_tables_to_appear_in_same_query!(articles, article_bodies);
allow_tables_to_appear_in_same_query!(articles, article_authors);
allow_tables_to_appear_in_same_query!(articles, article_tags);
allow_tables_to_appear_in_same_query!(articles, related_edited);
allow_tables_to_appear_in_same_query!(articles, related_pins);
allow_tables_to_appear_in_same_query!(articles, related_exclusions);
allow_tables_to_appear_in_same_query!(articles, revisions);
allow_tables_to_appear_in_same_query!(articles, preview_links);
allow_tables_to_appear_in_same_query!(articles, index_queue);
