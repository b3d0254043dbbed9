//! What articles name, and their bodies: each kind of thing in one statement, however many
//! articles there are, and all names together.

use std::collections::HashMap;

use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Nullable, Text},
};

use crate::{
    model::{author::AuthorRef, category::CategoryRef, tag::TagRef},
    store::{
        among::{Numbers, among, as_rows},
        connection::{DbConnection, on_backend},
        error::StoreError,
        schema::article_bodies,
    },
};

// What a row is of; statements have these numbers in their text.
const CATEGORY: i64 = 1;
const AUTHOR: i64 = 2;

/// A name, as statements give it.
#[derive(Debug, Clone, Queryable)]
pub(super) struct NameRow {
    /// What it is of: 1 for a category, 2 for an author, 3 for a tag.
    pub(super) of: i64,
    /// The row of the article that names it; of a category, its own.
    pk: i64,
    /// Its place among others of its kind.
    pub(super) position: i64,
    id: String,
    slug: String,
    name: String,
    /// The path of a category, the portrait of an author.
    beside: Option<String>,
    updated_at: i64,
}

/// The types of a [`NameRow`] in SQL.
pub(super) type NameTypes = (
    BigInt,
    BigInt,
    BigInt,
    Text,
    Text,
    Text,
    Nullable<Text>,
    BigInt,
);

impl NameRow {
    /// The category that it is.
    pub(super) fn category(self) -> CategoryRef {
        CategoryRef {
            id: self.id,
            slug: self.slug,
            name: self.name,
            path: self.beside.unwrap_or_default(),
        }
    }
}

/// What one article names, in its order.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Where it is filed.
    pub(super) category: Option<CategoryRef>,
    /// In byline order.
    pub(super) authors: Vec<AuthorRef>,
    /// In the editor's order.
    pub(super) tags: Vec<TagRef>,
    /// When any of them last changed.
    pub(super) updated_at: Option<i64>,
}

impl Names {
    /// Adds one; those of a kind come in the order of their positions.
    pub(super) fn add(&mut self, name: NameRow) {
        self.updated_at = self.updated_at.max(Some(name.updated_at));
        match name.of {
            CATEGORY => self.category = Some(name.category()),
            AUTHOR => self.authors.push(AuthorRef {
                id: name.id,
                slug: name.slug,
                name: name.name,
                avatar: name.beside,
            }),
            _ => self.tags.push(TagRef {
                id: name.id,
                slug: name.slug,
                name: name.name,
            }),
        }
    }
}

/// What articles name.
#[derive(Default)]
pub(super) struct AllNames {
    /// Authors and tags, by row of the article.
    pub(super) of_articles: HashMap<i64, Names>,
    /// By row of the category.
    pub(super) categories: HashMap<i64, NameRow>,
}

/// The authors and tags of these articles, and these categories, of which some may be given twice.
pub(super) fn read(
    connection: &mut DbConnection,
    articles: Vec<i64>,
    categories: Vec<i64>,
) -> Result<AllNames, StoreError> {
    if articles.is_empty() && categories.is_empty() {
        return Ok(AllNames::default());
    }
    let mut all = AllNames {
        of_articles: HashMap::with_capacity(articles.len()),
        categories: HashMap::with_capacity(categories.len()),
    };
    let mut rows = named_by(connection, once(articles), once(categories))?;
    rows.sort_unstable_by_key(|row| (row.of, row.pk, row.position));
    for row in rows {
        let pk = row.pk;
        match row.of {
            CATEGORY => {
                all.categories.insert(pk, row);
            }
            _ => all.of_articles.entry(pk).or_default().add(row),
        }
    }
    Ok(all)
}

/// Each number once, since a row is given for each.
fn once(mut pks: Vec<i64>) -> Vec<i64> {
    pks.sort_unstable();
    pks.dedup();
    pks
}

fn named_by(
    connection: &mut DbConnection,
    articles: Vec<i64>,
    categories: Vec<i64>,
) -> Result<Vec<NameRow>, StoreError> {
    let (articles, categories) = (Numbers::new(articles), Numbers::new(categories));
    let query = NamedBy {
        categories: as_rows(&categories),
        articles: as_rows(&articles),
    };
    Ok(on_backend!(connection, inner => query.load(inner)?))
}

/// The names of articles and of categories, whose rows are these sources of numbers.
struct NamedBy<R> {
    categories: R,
    articles: R,
}

impl<R> Query for NamedBy<R> {
    type SqlType = NameTypes;
}

impl<R: QueryId> QueryId for NamedBy<R> {
    type QueryId = NamedBy<R::QueryId>;
}

impl<R, Conn> RunQueryDsl<Conn> for NamedBy<R> {}

impl<DB, R> QueryFragment<DB> for NamedBy<R>
where
    DB: Backend,
    R: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(
            "SELECT CAST(1 AS BIGINT), categories.pk, CAST(0 AS BIGINT), categories.id, \
             categories.slug, categories.name, categories.path, categories.updated_at FROM ",
        );
        self.categories.walk_ast(out.reborrow())?;
        out.push_sql(
            " JOIN categories ON categories.pk = picked.value \
             UNION ALL SELECT 2, article_authors.article_pk, article_authors.position, \
             authors.id, authors.slug, authors.name, authors.avatar, authors.updated_at FROM ",
        );
        self.articles.walk_ast(out.reborrow())?;
        out.push_sql(
            " JOIN article_authors ON article_authors.article_pk = picked.value \
             JOIN authors ON authors.pk = article_authors.author_pk \
             UNION ALL SELECT 3, article_tags.article_pk, article_tags.position, \
             tags.id, tags.slug, tags.name, NULL, tags.updated_at FROM ",
        );
        self.articles.walk_ast(out.reborrow())?;
        out.push_sql(
            " JOIN article_tags ON article_tags.article_pk = picked.value \
             JOIN tags ON tags.pk = article_tags.tag_pk",
        );
        Ok(())
    }
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
