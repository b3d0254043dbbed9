//! The JSON of articles.

mod body;
mod image;
mod names;
mod parts;
mod seo;
mod shaper;

use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

pub(super) use body::blocks_schema;
use body::{BodyOut, TocOut};
pub(in crate::http) use image::ImageOut;
pub(in crate::http) use names::{AuthorOut, CategoryOut, TagOut};
pub(super) use parts::{ArticleOrParts, ArticleShown, articles_or_parts};
use seo::SeoOut;
pub(in crate::http) use shaper::Shaper;

use crate::{
    http::{related::RelatedOut, share::ShareOut},
    model::time::UtcTime,
};

/// Members of an article, in the order that they are written, without those that are embedded.
pub(in crate::http) const MEMBERS: [&str; 22] = [
    "id",
    "slug",
    "url",
    "title",
    "title_provisional",
    "summary",
    "category",
    "tags",
    "authors",
    "image",
    "status",
    "language",
    "featured",
    "published_at",
    "first_published_at",
    "modified_at",
    "updated_at",
    "reading_minutes",
    "word_count",
    "canonical_url",
    "body",
    "toc",
];

/// An article.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Article)]
pub struct ArticleOut {
    /// UUIDv7; never changes.
    #[schema(format = "uuid", max_length = 36)]
    id: String,
    /// Unique among articles; may change, and former ones lead here.
    #[schema(
        max_length = 120,
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        example = "a-new-timetable"
    )]
    slug: String,
    /// The page on the public site.
    #[schema(max_length = 3000, pattern = r"^https?://")]
    url: String,
    /// Headline.
    #[schema(max_length = 300, pattern = r"^[^\u0000]*$")]
    title: String,
    /// Whether an importer made the title up, because the source had none.
    title_provisional: bool,
    /// The dek under the headline.
    #[schema(required, max_length = 5000, pattern = r"^[^\u0000]*$")]
    summary: Option<String>,
    /// Primary category.
    #[schema(required)]
    category: Option<CategoryOut>,
    /// Tags.
    #[schema(max_items = 50)]
    tags: Vec<TagOut>,
    /// Authors in byline order.
    #[schema(max_items = 50)]
    authors: Vec<AuthorOut>,
    /// Lead picture.
    #[schema(required)]
    image: Option<ImageOut>,
    /// Where in its editorial life it is.
    #[schema(schema_with = status_schema)]
    status: &'static str,
    /// BCP 47 tag.
    #[schema(max_length = 35, pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
    language: String,
    /// Whether editors put it forward.
    featured: bool,
    /// Editorial date; may be back-dated.
    #[schema(required, value_type = Option<String>, format = DateTime, max_length = 24)]
    published_at: Option<UtcTime>,
    /// When it first became visible; never changes.
    #[schema(required, value_type = Option<String>, format = DateTime, max_length = 24)]
    first_published_at: Option<UtcTime>,
    /// When the text last changed.
    #[schema(value_type = String, format = DateTime, max_length = 24)]
    modified_at: UtcTime,
    /// When anything last changed.
    #[schema(value_type = String, format = DateTime, max_length = 24)]
    updated_at: UtcTime,
    /// As set by the editor or importer, else counted.
    #[schema(minimum = 1, maximum = 10000)]
    reading_minutes: i64,
    /// Words of the body.
    #[schema(minimum = 0, maximum = 10000000)]
    word_count: i64,
    /// Overrides the address made from the path pattern.
    #[schema(required, max_length = 2000, pattern = r"^https?://")]
    canonical_url: Option<String>,
    /// The body, in the forms asked for; left out of lists unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    body: Option<BodyOut>,
    /// Headings of the body; there where the body is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 100000)]
    toc: Option<Vec<TocOut>>,
    /// Related articles, with `include=related`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, no_recursion, max_items = 50)]
    related: Option<Vec<RelatedOut>>,
    /// The share block, with `include=share`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    share: Option<ShareOut>,
    /// Metadata for the page's head, with `include=seo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    seo: Option<SeoOut>,
}

pub(super) fn status_schema() -> RefOr<Schema> {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(
            crate::model::article::Status::ALL.map(|status| status.as_str()),
        ))
        .description(Some("Where in its editorial life it is."))
        .into()
}
