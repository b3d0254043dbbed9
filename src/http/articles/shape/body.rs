//! Bodies, as the JSON of articles has them.

use serde::Serialize;
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{ArrayBuilder, schema::Array},
};

use crate::{
    domain::body,
    http::articles::params::{ArticleView, Form},
    model::block::Block,
};

/// The body, one member for each form that was asked for; all are made of one stored body.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(as = Body)]
pub(crate) struct BodyOut {
    /// Sanitised HTML; headings carry ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "html", max_length = 16777216)]
    html: Option<String>,
    /// Portable Text. Beside `block` there are `image` (with `caption` and perhaps `link`),
    /// `code`, `quote` (with `attribution`), `embed` (`provider`, `url`, `title`, `caption`),
    /// `table`, `divider`, `ad_slot` and `html` (sanitised, with its `text`). Beside Portable
    /// Text's own marks there are `sub`, `sup`, and definitions of type `footnote`, whose `content`
    /// is a list of blocks; the marked text is the note's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, schema_with = blocks_schema)]
    blocks: Option<Value>,
    /// CommonMark with the tables, strikethrough and footnotes of GFM; what it has no sign for is
    /// HTML in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "markdown", max_length = 16777216)]
    markdown: Option<String>,
    /// Plain text; paragraphs are parted by blank lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 16777216, pattern = r"^[^\u0000]*$")]
    text: Option<String>,
}

pub(in crate::http::articles) fn blocks_schema() -> Array {
    let kinds = [
        "block", "image", "code", "quote", "embed", "table", "divider", "ad_slot", "html",
    ];
    let kind = utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(kinds))
        .description(Some("What the block is."));
    let key = utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .max_length(Some(40))
        .pattern(Some("^[a-z0-9]+$"))
        .description(Some("Unique within the body, and the same in each answer."));
    let block = utoipa::openapi::ObjectBuilder::new()
        .property("_type", kind)
        .property("_key", key)
        .required("_type")
        .required("_key")
        .additional_properties(Some(
            utoipa::openapi::schema::AdditionalProperties::FreeForm(true),
        ))
        .description(Some(
            "A block of Portable Text, or one of the types added to it.",
        ));
    ArrayBuilder::new()
        .items(block)
        .max_items(Some(100_000))
        .description(Some("Portable Text."))
        .build()
}

/// A heading of the body.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TocEntry)]
pub(crate) struct TocOut {
    /// 1 to 6.
    #[schema(minimum = 1, maximum = 6)]
    level: i32,
    /// The heading's text.
    #[schema(max_length = 16777216, pattern = r"^[^\u0000]*$")]
    text: String,
    /// The heading's id in the HTML.
    #[schema(max_length = 200, pattern = "^[a-z0-9-]+$")]
    anchor: String,
}

/// A body in the forms that are wanted, and its headings.
pub(super) fn body_and_toc(
    view: &ArticleView,
    blocks: Option<&[Block]>,
) -> (Option<BodyOut>, Option<Vec<TocOut>>) {
    let Some(blocks) = blocks.filter(|_| view.needs_body()) else {
        return (None, None);
    };
    let toc = body::toc(blocks);
    let mut shown = BodyOut::default();
    for form in view.forms() {
        match form {
            Form::Html => shown.html = Some(body::html_with_toc(blocks, &toc)),
            Form::Blocks => shown.blocks = serde_json::to_value(blocks).ok(),
            Form::Markdown => shown.markdown = Some(body::markdown(blocks)),
            Form::Text => shown.text = Some(body::text(blocks)),
        }
    }
    let heading = |entry: body::TocEntry| TocOut {
        level: i32::from(entry.level),
        text: entry.text,
        anchor: entry.anchor,
    };
    let headings = || toc.into_iter().map(heading).collect();
    let is_shown = !view.forms().is_empty();
    (is_shown.then_some(shown), view.toc().then(headings))
}
