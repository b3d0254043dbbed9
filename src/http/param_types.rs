//! Types that exist only to describe parameters in the document: lists of words parted by commas,
//! which OpenAPI's own arrays can't say, and words of which one is chosen.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::{
    domain::share::Network,
    http::articles::MEMBERS,
    model::article::{ArticleSort, Status},
};

/// Patterns of slugs and ids.
const SLUG: &str = "[a-z0-9]+(-[a-z0-9]+)*";
const ID: &str = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";

macro_rules! parameter_type {
    ($(#[$doc:meta])* $name:ident, $schema:expr) => {
        $(#[$doc])*
        pub(super) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema
            }
        }

        impl ToSchema for $name {}
    };
}

parameter_type!(
    /// Slugs or ids.
    Keys,
    list(SLUG, 100, 8_192)
);
parameter_type!(
    /// One slug or id.
    OneKey,
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(format!("^({SLUG}|{ID})$")))
        .max_length(Some(120))
        .into()
);
parameter_type!(
    /// Ids.
    Ids,
    list(ID, 100, 8_192)
);
parameter_type!(
    /// BCP 47 tags.
    Languages,
    list("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}", 100, 8_192)
);
parameter_type!(
    /// Members of an article.
    Fields,
    words(&MEMBERS)
);
parameter_type!(
    /// What can be embedded.
    Includes,
    words(&["related", "share", "seo"])
);
parameter_type!(
    /// Forms of a body.
    Bodies,
    words(&["html", "blocks", "markdown", "text", "none"])
);
parameter_type!(
    /// Facets of a search.
    FacetNames,
    words(&["category", "tag", "author", "year"])
);
parameter_type!(
    /// Networks of share links.
    Networks,
    words(&Network::ALL.map(|(_, name, _)| name))
);
parameter_type!(
    /// Statuses of an article.
    Statuses,
    words(&Status::ALL.map(Status::as_str))
);
parameter_type!(
    /// The token of a preview link.
    PreviewToken,
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+$"))
        .max_length(Some(2_048))
        .into()
);
parameter_type!(
    /// Whether to count.
    Count,
    choice(&["exact", "none"])
);
parameter_type!(
    /// What is done to things.
    AuditAction,
    choice(&crate::http::audit::ACTIONS)
);
parameter_type!(
    /// What it is done to.
    AuditKind,
    choice(&crate::http::audit::KINDS)
);
parameter_type!(
    /// Orders of a list.
    Sort,
    choice(&ArticleSort::ALL.map(|(_, word)| word))
);

fn list(one: &str, most: usize, length: usize) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(format!("^{one}(,{one}){{0,{}}}$", most - 1)))
        .max_length(Some(length))
        .into()
}

fn words(valid: &[&str]) -> RefOr<Schema> {
    let length = valid.iter().map(|word| word.len() + 1).sum();
    list(&format!("({})", valid.join("|")), valid.len(), length)
}

fn choice(valid: &[&str]) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(valid.iter().copied()))
        .into()
}
