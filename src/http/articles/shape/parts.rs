//! Whole articles, or the parts of them that `fields` names.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, Ref, RefOr, Schema,
        schema::{AnyOfBuilder, Array},
    },
};

use crate::http::articles::shape::ArticleOut;

/// A whole article, or the parts of one that `fields` names.
pub(crate) struct ArticleOrParts;

impl PartialSchema for ArticleOrParts {
    fn schema() -> RefOr<Schema> {
        AnyOfBuilder::new()
            .item(Ref::from_schema_name("Article"))
            .item(Ref::from_schema_name("ArticleFields"))
            .description(Some("A whole article; with `fields`, parts of one."))
            .into()
    }
}

impl ToSchema for ArticleOrParts {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("Article".to_owned(), ArticleOut::schema()));
        ArticleOut::schemas(schemas);
    }
}

/// A list of them.
pub(in crate::http::articles) fn articles_or_parts() -> Array {
    ArrayBuilder::new()
        .items(ArticleOrParts::schema())
        .max_items(Some(100))
        .description(Some("The articles of this page."))
        .build()
}

/// An article with the members that a request wants.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum ArticleShown {
    /// All that its view has.
    Whole(Box<ArticleOut>),
    /// Those that `fields` names.
    Parts(Map<String, Value>),
}
