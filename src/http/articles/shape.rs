//! The JSON of articles.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, Ref, RefOr, Schema,
        schema::{AnyOfBuilder, Array},
    },
};

use crate::{
    domain::{address::Site, body, share},
    http::{
        articles::params::{ArticleView, Form, Include},
        problem::Problem,
        related::RelatedOut,
        share::{OpenGraphOut, ShareOut, TwitterCardOut},
        state::State,
    },
    model::{
        article::{Article, Image},
        author::AuthorRef,
        block::Block,
        category::CategoryRef,
        related::Related,
        tag::TagRef,
        time::UtcTime,
    },
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

/// A category as articles name it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CategoryRef)]
pub(crate) struct CategoryOut {
    /// Id.
    #[schema(format = "uuid", max_length = 36)]
    id: String,
    /// Slug.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: String,
    /// As readers see it.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    name: String,
    /// Its page on the public site.
    #[schema(max_length = 3000, pattern = r"^https?://")]
    url: String,
}

impl CategoryOut {
    pub(crate) fn new(category: CategoryRef, site: &Site) -> Self {
        Self {
            url: site.category(&category),
            id: category.id,
            slug: category.slug,
            name: category.name,
        }
    }
}

/// An author as articles name them.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AuthorRef)]
pub(crate) struct AuthorOut {
    /// Id.
    #[schema(format = "uuid", max_length = 36)]
    id: String,
    /// Slug.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: String,
    /// As the byline has it.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    name: String,
    /// Their page on the public site.
    #[schema(max_length = 3000, pattern = r"^https?://")]
    url: String,
    /// URL of a portrait.
    #[schema(required, max_length = 2000, pattern = r"^https?://")]
    avatar: Option<String>,
}

impl AuthorOut {
    pub(crate) fn new(author: AuthorRef, site: &Site) -> Self {
        Self {
            url: site.author(&author),
            id: author.id,
            slug: author.slug,
            name: author.name,
            avatar: author.avatar,
        }
    }
}

/// A tag as articles name it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TagRef)]
pub(crate) struct TagOut {
    /// Id.
    #[schema(format = "uuid", max_length = 36)]
    id: String,
    /// Slug.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: String,
    /// As readers see it.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    name: String,
    /// Its page on the public site.
    #[schema(max_length = 3000, pattern = r"^https?://")]
    url: String,
}

impl TagOut {
    pub(crate) fn new(tag: TagRef, site: &Site) -> Self {
        Self {
            url: site.tag(&tag),
            id: tag.id,
            slug: tag.slug,
            name: tag.name,
        }
    }
}

/// A picture.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Image)]
pub(crate) struct ImageOut {
    /// Where it is.
    #[schema(max_length = 2000, pattern = r"^https?://")]
    url: String,
    /// What it shows.
    #[schema(required, max_length = 2000, pattern = r"^[^\u0000]*$")]
    alt: Option<String>,
    /// Pixels.
    #[schema(required, minimum = 1, maximum = 100000)]
    width: Option<i64>,
    /// Pixels.
    #[schema(required, minimum = 1, maximum = 100000)]
    height: Option<i64>,
    /// Text under it.
    #[schema(required, max_length = 2000, pattern = r"^[^\u0000]*$")]
    caption: Option<String>,
    /// Who made it.
    #[schema(required, max_length = 2000, pattern = r"^[^\u0000]*$")]
    credit: Option<String>,
}

impl From<Image> for ImageOut {
    fn from(image: Image) -> Self {
        let Image {
            url,
            alt,
            width,
            height,
            caption,
            credit,
        } = image;
        Self {
            url,
            alt,
            width,
            height,
            caption,
            credit,
        }
    }
}

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

pub(super) fn blocks_schema() -> Array {
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

/// Metadata for the page's head.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Seo)]
pub(crate) struct SeoOut {
    /// For the title element.
    #[schema(max_length = 600, pattern = r"^[^\u0000]*$")]
    title: String,
    /// For the meta description.
    #[schema(required, max_length = 5000, pattern = r"^[^\u0000]*$")]
    description: Option<String>,
    /// For the canonical link.
    #[schema(max_length = 3000, pattern = r"^https?://")]
    canonical_url: String,
    /// Open Graph properties.
    open_graph: OpenGraphOut,
    /// Properties of X's card.
    twitter_card: TwitterCardOut,
    /// schema.org `NewsArticle`.
    #[schema(value_type = Object, additional_properties)]
    json_ld: Value,
}

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
pub(super) fn articles_or_parts() -> Array {
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

/// Makes the JSON of articles, as one request wants it.
pub(crate) struct Shaper<'a> {
    state: &'a State,
    view: &'a ArticleView,
}

impl<'a> Shaper<'a> {
    pub(crate) fn new(state: &'a State, view: &'a ArticleView) -> Self {
        Self { state, view }
    }

    /// The article with the members that are wanted.
    pub(crate) fn article(
        &self,
        article: Article,
        related: Option<Vec<Related>>,
    ) -> Result<ArticleShown, Problem> {
        let whole = self.whole(article, related);
        if self.view.keeps_all() {
            return Ok(ArticleShown::Whole(Box::new(whole)));
        }
        match serde_json::to_value(whole).map_err(|cause| Problem::internal(&cause))? {
            Value::Object(members) => {
                let kept = members
                    .into_iter()
                    .filter(|(name, _)| self.view.keeps(name));
                Ok(ArticleShown::Parts(kept.collect()))
            }
            _ => Err(Problem::internal(&"an article is no JSON object")),
        }
    }

    /// An article as other answers embed it: whole, without its body.
    pub(crate) fn card(state: &State, article: Article) -> ArticleOut {
        let view = ArticleView::default();
        Shaper::new(state, &view).whole(article, None)
    }

    /// The article with all members of the view. What it shows is taken from what was read.
    pub(crate) fn whole(&self, article: Article, related: Option<Vec<Related>>) -> ArticleOut {
        let site = &self.state.site;
        let minutes = article.reading_minutes.unwrap_or_else(|| {
            let rate = self.state.words_per_minute.max(1);
            ((article.word_count + rate / 2) / rate).max(1)
        });
        let share = self.view.includes(Include::Share).then(|| {
            let share = share::share(&article, site, &self.state.share);
            ShareOut::from(share)
        });
        let seo = self
            .view
            .includes(Include::Seo)
            .then(|| self.seo(&article));
        let (body, toc) = self.body(article.body.as_deref());
        let category = |category| CategoryOut::new(category, site);
        let tag = |tag| TagOut::new(tag, site);
        let author = |author| AuthorOut::new(author, site);
        let related_one = |related| RelatedOut::new(self.state, related);
        ArticleOut {
            url: site.article(&article),
            id: article.id,
            slug: article.slug,
            title: article.title,
            title_provisional: article.title_provisional,
            summary: article.summary,
            category: article.category.map(category),
            tags: article.tags.into_iter().map(tag).collect(),
            authors: article.authors.into_iter().map(author).collect(),
            image: article.image.map(ImageOut::from),
            status: article.status.as_str(),
            language: article.language,
            featured: article.featured,
            published_at: article.published_at,
            first_published_at: article.first_published_at,
            modified_at: article.modified_at,
            updated_at: article.updated_at,
            reading_minutes: minutes,
            word_count: article.word_count,
            canonical_url: article.canonical_url,
            body,
            toc,
            related: related.map(|related| related.into_iter().map(related_one).collect()),
            share,
            seo,
        }
    }

    /// A body in the forms that are wanted, and its headings.
    fn body(&self, blocks: Option<&[Block]>) -> (Option<BodyOut>, Option<Vec<TocOut>>) {
        let Some(blocks) = blocks.filter(|_| self.view.needs_body()) else {
            return (None, None);
        };
        let toc = body::toc(blocks);
        let mut shown = BodyOut::default();
        for form in self.view.forms() {
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
        let is_shown = !self.view.forms().is_empty();
        (is_shown.then_some(shown), self.view.toc().then(headings))
    }

    fn seo(&self, article: &Article) -> SeoOut {
        let share = share::share(article, &self.state.site, &self.state.share);
        SeoOut {
            title: format!("{} – {}", article.title, self.state.site.name),
            description: article.summary.clone(),
            canonical_url: share.canonical_url,
            open_graph: share.open_graph.into(),
            twitter_card: share.twitter_card.into(),
            json_ld: share.json_ld,
        }
    }
}
