//! Articles: what readers get, and what importers and editors give.

use serde::{Deserialize, Serialize};

use crate::model::{
    author::AuthorRef, block::Block, category::CategoryRef, tag::TagRef, time::UtcTime,
    whole::maybe_whole,
};

/// The most characters of a title.
pub const MAX_TITLE: usize = 300;
/// The most characters of a summary.
pub const MAX_SUMMARY: usize = 5_000;
/// The most tags, and the most authors, of one article.
pub const MAX_NAMES: usize = 50;
/// The most characters of a note on a save.
pub const MAX_NOTE: usize = 500;
/// The most bytes of a body as it comes in.
pub const MAX_BODY: usize = 4 * 1024 * 1024;

/// Where an article is in its editorial life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    /// Being written.
    Draft,
    /// Written, and waiting for its time.
    Scheduled,
    /// Visible to everyone.
    #[default]
    Published,
    /// Taken back.
    Unpublished,
}

impl Status {
    /// Every status, in the order of an article's life.
    pub const ALL: [Self; 4] = [
        Self::Draft,
        Self::Scheduled,
        Self::Published,
        Self::Unpublished,
    ];

    /// The word in columns and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
            Self::Unpublished => "unpublished",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// A picture by URL; the bytes live elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Absolute `http` or `https` URL.
    pub url: String,
    /// What the picture shows, for those who do not see it.
    #[serde(default)]
    pub alt: Option<String>,
    /// Pixels.
    #[serde(default, deserialize_with = "maybe_whole")]
    pub width: Option<i64>,
    /// Pixels.
    #[serde(default, deserialize_with = "maybe_whole")]
    pub height: Option<i64>,
    /// Text under the picture.
    #[serde(default)]
    pub caption: Option<String>,
    /// Who made it.
    #[serde(default)]
    pub credit: Option<String>,
}

/// An article as it is stored and read.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// Row number inside this database; never served.
    pub row: i64,
    /// UUIDv7.
    pub id: String,
    /// Unique among articles.
    pub slug: String,
    /// Headline.
    pub title: String,
    /// Whether an importer made the title up from the summary's first words.
    pub title_provisional: bool,
    /// The dek under the headline.
    pub summary: Option<String>,
    /// Primary category.
    pub category: Option<CategoryRef>,
    /// In the editor's order.
    pub tags: Vec<TagRef>,
    /// In byline order.
    pub authors: Vec<AuthorRef>,
    /// Lead picture.
    pub image: Option<Image>,
    /// Where in its life it is.
    pub status: Status,
    /// BCP 47 tag.
    pub language: String,
    /// Whether editors put it forward.
    pub featured: bool,
    /// Overrides the address made from the path pattern.
    pub canonical_url: Option<String>,
    /// Editorial date; may be back-dated.
    pub published_at: Option<UtcTime>,
    /// Set once, when it first became visible.
    pub first_published_at: Option<UtcTime>,
    /// When the text last changed.
    pub modified_at: UtcTime,
    /// When anything last changed.
    pub updated_at: UtcTime,
    /// Minutes as set by the editor or importer, if they were.
    pub reading_minutes: Option<i64>,
    /// Counted from the body.
    pub word_count: i64,
    /// Grows with every change of the article.
    pub version: i64,
    /// Ids of articles that its body links to and whose addresses stand in it.
    pub links: Vec<String>,
    /// When any of the names that it shows, or of the articles that it links to, last changed.
    pub names_updated_at: Option<UtcTime>,
    /// The stored body, where it was asked for.
    pub body: Option<Vec<Block>>,
}

/// An article as an importer or editor gives it, checked and with its body converted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArticleInput {
    /// The key of the system that it comes from; finds it again on the next import.
    pub external_id: Option<String>,
    /// A wanted slug; else one is made from the title.
    pub slug: Option<String>,
    /// Whether another slug will do where the wanted one is another article's.
    pub yields_slug: bool,
    /// Headline.
    pub title: String,
    /// Whether the title was made up.
    pub title_provisional: bool,
    /// The dek.
    pub summary: Option<String>,
    /// Names (or one slug) from the root of the tree down; empty for no category.
    pub category: Vec<String>,
    /// Names or slugs.
    pub tags: Vec<String>,
    /// Names or slugs, in byline order.
    pub authors: Vec<String>,
    /// Editorial date; `None` keeps what is stored, unless `clears_date` says otherwise.
    pub published_at: Option<UtcTime>,
    /// Whether the stored date goes where no other is given.
    pub clears_date: bool,
    /// Where in its life it is; `None` keeps what is stored, and is a draft where nothing is.
    pub status: Option<Status>,
    /// BCP 47 tag; `None` keeps what is stored, or takes the default.
    pub language: Option<String>,
    /// Whether editors put it forward.
    pub featured: bool,
    /// Minutes, if given.
    pub reading_minutes: Option<i64>,
    /// Lead picture.
    pub image: Option<Image>,
    /// Overrides the address.
    pub canonical_url: Option<String>,
    /// The body in its stored form.
    pub body: Vec<Block>,
    /// What the editor says of this save; kept with the revision.
    pub note: Option<String>,
    /// Slugs that it had in the system that it comes from; they go on leading to it.
    pub former_slugs: Vec<String>,
    /// Paths (from `/`, without query) that it had on the site that it comes from; they go on
    /// leading to it.
    pub former_paths: Vec<String>,
}

/// What became of one article that was put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was new.
    Created,
    /// It was known, and something about it changed.
    Updated,
    /// It was known, and nothing about it changed.
    Unchanged,
}

/// Which articles a list holds; an empty list of values does not narrow.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArticleFilter {
    /// Any of these categories or their descendants.
    pub category: Vec<String>,
    /// Any of these tags.
    pub tag: Vec<String>,
    /// Any of these authors.
    pub author: Vec<String>,
    /// None of these categories or their descendants.
    pub exclude_category: Vec<String>,
    /// None of these tags.
    pub exclude_tag: Vec<String>,
    /// None of these authors.
    pub exclude_author: Vec<String>,
    /// Any of these languages.
    pub language: Vec<String>,
    /// Only featured ones, or only others.
    pub featured: Option<bool>,
    /// Editorial date after this instant.
    pub published_after: Option<UtcTime>,
    /// Editorial date before this instant.
    pub published_before: Option<UtcTime>,
    /// Any of these statuses, of those that may be seen.
    pub status: Vec<Status>,
    /// Any of these ids.
    pub ids: Vec<String>,
    /// Any of these slugs.
    pub slugs: Vec<String>,
    /// Hits of this search.
    pub search: Option<crate::model::search::SearchQuery>,
}

/// In which order a list stands; ties are broken by id in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ArticleSort {
    /// Newest editorial date first.
    #[default]
    PublishedDescending,
    /// Oldest editorial date first.
    Published,
    /// By folded title.
    Title,
    /// By folded title, backwards.
    TitleDescending,
    /// Latest change of the text first.
    ModifiedDescending,
    /// Best hit first; needs a search.
    Relevance,
}

impl ArticleSort {
    /// Every order with its word in the `sort` parameter.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::PublishedDescending, "-published_at"),
        (Self::Published, "published_at"),
        (Self::Title, "title"),
        (Self::TitleDescending, "-title"),
        (Self::ModifiedDescending, "-modified_at"),
        (Self::Relevance, "relevance"),
    ];

    /// The word in the `sort` parameter.
    pub fn as_str(self) -> &'static str {
        Self::ALL
            .into_iter()
            .find(|(sort, _)| *sort == self)
            .map_or("", |(_, word)| word)
    }
}
