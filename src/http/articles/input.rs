//! What writers send, as the document describes it. It is read by `domain::import`, which names
//! everything that is wrong; a test holds both to the same members.

use utoipa::ToSchema;

use crate::http::articles::shape::ImageOut;

/// An article as a writer sends it. Only `title` and `body` are required.
#[derive(ToSchema)]
#[schema(as = ArticleInput)]
#[expect(dead_code, reason = "describes what is sent; it is read by the domain")]
pub(in crate::http) struct ArticleInputDoc {
    /// The key of the system that it comes from.
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\u0000]*$")]
    external_id: Option<String>,
    /// Lower-case ASCII words joined by hyphens; made from the title where it is left out.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: Option<String>,
    /// Headline.
    #[schema(min_length = 1, max_length = 300, pattern = r"^[^\u0000]*$")]
    title: String,
    /// The dek under the headline.
    #[schema(max_length = 5000, pattern = r"^[^\u0000]*$")]
    summary: Option<String>,
    /// Slug or name of the category, or names from the root of the tree down.
    #[schema(schema_with = category_schema)]
    category: Option<String>,
    /// Names or slugs; made where they are new.
    #[schema(max_items = 50)]
    tags: Option<Vec<String>>,
    /// Names or slugs in byline order; made where they are new.
    #[schema(max_items = 50)]
    authors: Option<Vec<String>>,
    /// Editorial date (RFC 3339) of the years 1000 to 9999; may be back-dated.
    #[schema(format = DateTime, max_length = 64)]
    published_at: Option<String>,
    /// `draft` where it is left out of a new article.
    #[schema(schema_with = super::shape::status_schema)]
    status: Option<String>,
    /// BCP 47 tag.
    #[schema(max_length = 35, pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
    language: Option<String>,
    /// Whether editors put it forward.
    featured: Option<bool>,
    /// Minutes; counted from the body where it is left out.
    #[schema(minimum = 1, maximum = 10000)]
    reading_minutes: Option<i64>,
    /// Lead picture.
    image: Option<ImageOut>,
    /// Overrides the address made from the path pattern.
    #[schema(max_length = 2000, pattern = r"^https?://")]
    canonical_url: Option<String>,
    /// What the editor says of this save; kept with the revision.
    #[schema(min_length = 1, max_length = 500, pattern = r"^[^\u0000]*$")]
    note: Option<String>,
    /// The body, in exactly one form.
    body: BodyInputDoc,
}

/// A body as a writer sends it: exactly one of its members.
#[derive(ToSchema)]
#[schema(as = BodyInput)]
#[expect(dead_code, reason = "describes what is sent; it is read by the domain")]
pub(in crate::http) struct BodyInputDoc {
    /// HTML; sanitised.
    #[schema(max_length = 4194304, format = "html")]
    html: Option<String>,
    /// CommonMark with tables.
    #[schema(max_length = 4194304, format = "markdown")]
    markdown: Option<String>,
    /// Paragraphs parted by blank lines.
    #[schema(max_length = 4194304, pattern = r"^[^\u0000]*$")]
    text: Option<String>,
    /// Portable Text.
    #[schema(schema_with = super::shape::blocks_schema)]
    blocks: Option<serde_json::Value>,
}

fn category_schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
    use utoipa::openapi::{
        ObjectBuilder,
        schema::{AnyOfBuilder, ArrayBuilder, Type},
    };
    let name = || {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(200))
            .pattern(Some(r"^[^\u0000]*$"))
    };
    let null = ObjectBuilder::new().schema_type(Type::Null);
    AnyOfBuilder::new()
        .item(name())
        .item(ArrayBuilder::new().items(name()).max_items(Some(8)))
        .item(null)
        .description(Some(
            "Slug or name of the category, or names from the root of the tree down.",
        ))
        .into()
}
