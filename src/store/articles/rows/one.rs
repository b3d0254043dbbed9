//! One published article and all that it names in one statement, which is what readers ask for
//! most. So it sees one state by itself, and needs no transaction.

use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{Nullable, Text},
};

use crate::{
    model::slug::Key,
    store::{
        articles::{
            ArticleRow,
            names::{NameRow, NameTypes, Names},
            rows::row::{COLUMNS, ColumnTypes},
        },
        connection::{DbConnection, on_backend},
        error::StoreError,
    },
};

/// An article, its body as it is kept, and what it names.
type Found = (ArticleRow, Option<String>, Names);

/// A row of the statement: a name; or, with nothing in its place, the article with its body.
type Row = (NameRow, Option<(ArticleRow, Option<String>)>);

/// What stands for the article in the rows of names.
const NO_ARTICLE: &str = ", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
                          NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL";

/// The published article that a key names.
pub(in crate::store::articles) fn published_one(
    connection: &mut DbConnection,
    key: &Key,
    with_body: bool,
) -> Result<Option<Found>, StoreError> {
    let (Key::Id(text) | Key::Slug(text)) = key;
    let rows = match (key, with_body) {
        (Key::Id(_), false) => read(connection, One::<true, false>(text)),
        (Key::Id(_), true) => read(connection, One::<true, true>(text)),
        (Key::Slug(_), false) => read(connection, One::<false, false>(text)),
        (Key::Slug(_), true) => read(connection, One::<false, true>(text)),
    };
    Ok(gathered(rows?))
}

fn read<const BY_ID: bool, const WITH_BODY: bool>(
    connection: &mut DbConnection,
    query: One<'_, BY_ID, WITH_BODY>,
) -> Result<Vec<Row>, StoreError> {
    Ok(on_backend!(connection, inner => query.load(inner)?))
}

fn gathered(mut rows: Vec<Row>) -> Option<Found> {
    rows.sort_unstable_by_key(|(name, _)| (name.of, name.position));
    let mut rows = rows.into_iter();
    let (_, article) = rows.next()?;
    let (row, body) = article?;
    let mut names = Names::default();
    for (name, _) in rows {
        names.add(name);
    }
    Some((row, body, names))
}

/// The article with this id or slug. Each kind is a type of its own, which is what Diesel knows a
/// prepared statement by.
struct One<'a, const BY_ID: bool, const WITH_BODY: bool>(&'a str);

impl<const BY_ID: bool, const WITH_BODY: bool> Query for One<'_, BY_ID, WITH_BODY> {
    type SqlType = (NameTypes, Nullable<(ColumnTypes, Nullable<Text>)>);
}

impl<const BY_ID: bool, const WITH_BODY: bool> QueryId for One<'_, BY_ID, WITH_BODY> {
    type QueryId = One<'static, BY_ID, WITH_BODY>;
}

impl<Conn, const BY_ID: bool, const WITH_BODY: bool> RunQueryDsl<Conn>
    for One<'_, BY_ID, WITH_BODY>
{
}

impl<DB, const BY_ID: bool, const WITH_BODY: bool> QueryFragment<DB> for One<'_, BY_ID, WITH_BODY>
where
    DB: Backend,
    str: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // Looking it up for each kind of name costs SQLite less than laying it aside.
        out.push_sql(
            "WITH found AS NOT MATERIALIZED (\
             SELECT * FROM articles WHERE status = 'published' AND ",
        );
        out.push_sql(match BY_ID {
            true => "id = ",
            false => "slug = ",
        });
        out.push_bind_param::<Text, str>(self.0)?;
        out.push_sql(
            ") SELECT CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT), '', '', '', \
             CAST(NULL AS TEXT), CAST(0 AS BIGINT), ",
        );
        out.push_sql(COLUMNS);
        out.push_sql(match WITH_BODY {
            true => ", blocks FROM found LEFT JOIN article_bodies ON article_pk = pk",
            false => ", CAST(NULL AS TEXT) FROM found",
        });
        out.push_sql(
            " UNION ALL SELECT 1, 0, 0, categories.id, categories.slug, categories.name, \
             categories.path, categories.updated_at",
        );
        out.push_sql(NO_ARTICLE);
        out.push_sql(
            " FROM found JOIN categories ON categories.pk = found.category_pk \
             UNION ALL SELECT 2, 0, article_authors.position, authors.id, authors.slug, \
             authors.name, authors.avatar, authors.updated_at",
        );
        out.push_sql(NO_ARTICLE);
        out.push_sql(
            " FROM found JOIN article_authors ON article_authors.article_pk = found.pk \
             JOIN authors ON authors.pk = article_authors.author_pk \
             UNION ALL SELECT 3, 0, article_tags.position, tags.id, tags.slug, \
             tags.name, NULL, tags.updated_at",
        );
        out.push_sql(NO_ARTICLE);
        out.push_sql(
            " FROM found JOIN article_tags ON article_tags.article_pk = found.pk \
             JOIN tags ON tags.pk = article_tags.tag_pk",
        );
        Ok(())
    }
}
