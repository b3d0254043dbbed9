//! Metadata for the heads of pages, as the JSON of articles has it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    domain::share,
    http::{
        share::{OpenGraphOut, TwitterCardOut},
        state::State,
    },
    model::article::Article,
};

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

impl SeoOut {
    /// That of an article's page.
    pub(super) fn new(article: &Article, state: &State) -> Self {
        let share = share::share(article, &state.site, &state.share);
        Self {
            title: format!("{} – {}", article.title, state.site.name),
            description: article.summary.clone(),
            canonical_url: share.canonical_url,
            open_graph: share.open_graph.into(),
            twitter_card: share.twitter_card.into(),
            json_ld: share.json_ld,
        }
    }
}
