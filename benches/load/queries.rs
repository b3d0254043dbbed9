//! The least that the database has to do, as one query each, for both kinds of database. Their
//! statements are prepared once for each connection, as those of the program are.

use diesel::{
    QueryResult, RunQueryDsl,
    backend::Backend,
    deserialize::Queryable,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, Bool, Nullable, Text},
};
use serde::Serialize;

/// What an article says of itself.
macro_rules! of_article {
    () => {
        "SELECT a.id, a.slug, a.title, a.title_provisional, a.summary, a.image, a.status, \
         a.language, a.featured, a.canonical_url, a.published_at, a.first_published_at, \
         a.modified_at, a.updated_at, a.reading_minutes, a.word_count, a.version, "
    };
}

const ARTICLE: &str = concat!(
    of_article!(),
    "a.category_pk, b.blocks FROM articles AS a JOIN article_bodies AS b ON b.article_pk = a.pk \
     WHERE a.status = 'published' AND a.slug = "
);

const LIST: &str = concat!(
    of_article!(),
    "c.slug, c.name, (SELECT string_agg(u.name, ', ' ORDER BY n.position) \
     FROM article_authors AS n JOIN authors AS u ON u.pk = n.author_pk \
     WHERE n.article_pk = a.pk) FROM articles AS a \
     LEFT JOIN categories AS c ON c.pk = a.category_pk \
     WHERE a.status = 'published' ORDER BY a.sort_at DESC, a.id DESC LIMIT 20"
);

/// Columns that both queries begin with.
type Columns = (
    Text,
    Text,
    Text,
    Bool,
    Nullable<Text>,
    Nullable<Text>,
    Text,
    Text,
    Bool,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<BigInt>,
    BigInt,
    BigInt,
    Nullable<BigInt>,
    BigInt,
    BigInt,
);

/// An article, as both queries find it.
#[derive(Queryable, Serialize)]
pub struct OfArticle {
    id: String,
    slug: String,
    title: String,
    title_provisional: bool,
    summary: Option<String>,
    image: Option<String>,
    status: String,
    language: String,
    featured: bool,
    canonical_url: Option<String>,
    published_at: Option<i64>,
    first_published_at: Option<i64>,
    modified_at: i64,
    updated_at: i64,
    reading_minutes: Option<i64>,
    word_count: i64,
    version: i64,
}

/// The row of the published article with this slug, and its body in JSON.
pub struct OneArticle {
    pub slug: String,
}

/// What [`OneArticle`] finds: the article, the row of its category, and its body.
pub type Whole = (OfArticle, Option<i64>, String);

impl Query for OneArticle {
    type SqlType = (Columns, Nullable<BigInt>, Text);
}

impl QueryId for OneArticle {
    type QueryId = Self;
}

impl<Conn> RunQueryDsl<Conn> for OneArticle {}

impl<DB> QueryFragment<DB> for OneArticle
where
    DB: Backend,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(ARTICLE);
        out.push_bind_param::<Text, _>(&self.slug)
    }
}

/// The newest articles with the names of their category and authors.
pub struct FirstList;

/// One of what [`FirstList`] finds: the article, slug and name of its category, and its authors.
pub type Listed = (OfArticle, Option<String>, Option<String>, Option<String>);

impl Query for FirstList {
    type SqlType = (Columns, Nullable<Text>, Nullable<Text>, Nullable<Text>);
}

impl QueryId for FirstList {
    type QueryId = Self;
}

impl<Conn> RunQueryDsl<Conn> for FirstList {}

impl<DB: Backend> QueryFragment<DB> for FirstList {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(LIST);
        Ok(())
    }
}
