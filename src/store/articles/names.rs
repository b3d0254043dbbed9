//! What articles name, and their bodies: each kind of thing in one statement, however many
//! articles there are, and all names together.

use std::collections::HashMap;

use diesel::{
    IntoSql,
    prelude::*,
    sql_types::{BigInt, Nullable, Text},
};

use crate::{
    model::{author::AuthorRef, category::CategoryRef, tag::TagRef},
    store::{
        among::{Numbers, among},
        connection::{DbConnection, on_backend},
        error::StoreError,
        schema::{article_authors, article_bodies, article_tags, authors, categories, tags},
    },
};

/// A name, with when it last changed.
pub(super) type Dated<T> = (T, i64);

/// What one article names, in its order.
#[derive(Default)]
pub(super) struct Names {
    pub(super) authors: Vec<Dated<AuthorRef>>,
    pub(super) tags: Vec<Dated<TagRef>>,
}

/// What articles name.
#[derive(Default)]
pub(super) struct AllNames {
    /// By row of the article.
    pub(super) of_articles: HashMap<i64, Names>,
    /// By row of the category.
    pub(super) categories: HashMap<i64, Dated<CategoryRef>>,
}

// What a row is of.
const CATEGORY: i64 = 0;
const AUTHOR: i64 = 1;
const TAG: i64 = 2;

/// No row has this number.
const NO_ROW: i64 = -1;

/// What it is of, the row of the article (of a category, its own), the position there, id, slug,
/// name, what is told beside, and when it last changed.
type Row = (i64, i64, i64, String, String, String, Option<String>, i64);

/// The names of these articles, and these categories.
pub(super) fn read(
    connection: &mut DbConnection,
    articles: Vec<i64>,
    categories: Vec<i64>,
) -> Result<AllNames, StoreError> {
    if articles.is_empty() && categories.is_empty() {
        return Ok(AllNames::default());
    }
    let mut rows = match (articles.as_slice(), categories.as_slice()) {
        ([article], []) => of_one(connection, *article, NO_ROW)?,
        ([article], [category]) => of_one(connection, *article, *category)?,
        _ => of_many(connection, articles, categories)?,
    };
    rows.sort_unstable_by_key(|row| (row.0, row.1, row.2));
    let mut all = AllNames::default();
    for (of, pk, _, id, slug, name, beside, updated_at) in rows {
        if of == CATEGORY {
            let path = beside.unwrap_or_default();
            let category = CategoryRef {
                id,
                slug,
                name,
                path,
            };
            all.categories.insert(pk, (category, updated_at));
            continue;
        }
        let names = all.of_articles.entry(pk).or_default();
        if of == AUTHOR {
            let author = AuthorRef {
                id,
                slug,
                name,
                avatar: beside,
            };
            names.authors.push((author, updated_at));
        } else {
            names.tags.push((TagRef { id, slug, name }, updated_at));
        }
    }
    Ok(all)
}

/// Categories, authors and tags in one statement, by these conditions. A macro, since they are
/// others on each database.
macro_rules! all {
    ($is_category:expr, $is_of_author:expr, $is_of_tag:expr) => {{
        let of_categories = categories::table.filter($is_category).select((
            CATEGORY.into_sql::<BigInt>(),
            categories::pk,
            0_i64.into_sql::<BigInt>(),
            categories::id,
            categories::slug,
            categories::name,
            categories::path.nullable(),
            categories::updated_at,
        ));
        let of_authors = article_authors::table
            .inner_join(authors::table)
            .filter($is_of_author)
            .select((
                AUTHOR.into_sql::<BigInt>(),
                article_authors::article_pk,
                article_authors::position,
                authors::id,
                authors::slug,
                authors::name,
                authors::avatar,
                authors::updated_at,
            ));
        let of_tags = article_tags::table
            .inner_join(tags::table)
            .filter($is_of_tag)
            .select((
                TAG.into_sql::<BigInt>(),
                article_tags::article_pk,
                article_tags::position,
                tags::id,
                tags::slug,
                tags::name,
                None::<String>.into_sql::<Nullable<Text>>(),
                tags::updated_at,
            ));
        of_categories.union_all(of_authors).union_all(of_tags)
    }};
}

/// For one article, which is asked for most: plain comparisons cost SQLite least.
fn of_one(
    connection: &mut DbConnection,
    article: i64,
    category: i64,
) -> Result<Vec<Row>, StoreError> {
    Ok(on_backend!(connection, inner => all!(
        categories::pk.eq(category),
        article_authors::article_pk.eq(article),
        article_tags::article_pk.eq(article)
    )
    .load(inner)?))
}

fn of_many(
    connection: &mut DbConnection,
    articles: Vec<i64>,
    categories: Vec<i64>,
) -> Result<Vec<Row>, StoreError> {
    let (articles, categories) = (Numbers::new(articles), Numbers::new(categories));
    Ok(on_backend!(connection, inner => all!(
        among(categories::pk, &categories),
        among(article_authors::article_pk, &articles),
        among(article_tags::article_pk, &articles)
    )
    .load(inner)?))
}

/// The bodies of these articles as they are kept, by row.
pub(super) fn bodies(
    connection: &mut DbConnection,
    articles: Vec<i64>,
) -> Result<HashMap<i64, String>, StoreError> {
    let articles = Numbers::new(articles);
    let rows: Vec<(i64, String)> = on_backend!(connection, inner => article_bodies::table
        .filter(among(article_bodies::article_pk, &articles))
        .select((article_bodies::article_pk, article_bodies::blocks))
        .load(inner)?);
    Ok(rows.into_iter().collect())
}
