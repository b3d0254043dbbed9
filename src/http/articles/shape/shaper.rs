//! What makes the JSON of an article from what was read.

use serde_json::Value;

use crate::{
    domain::share,
    http::{
        articles::{
            params::{ArticleView, Include},
            shape::{
                ArticleOut, ArticleShown, AuthorOut, CategoryOut, ImageOut, TagOut,
                body::body_and_toc, seo::SeoOut,
            },
        },
        problem::Problem,
        related::RelatedOut,
        share::ShareOut,
        state::State,
    },
    model::{article::Article, related::Related},
};

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
        let seo = || SeoOut::new(&article, self.state);
        let seo = self.view.includes(Include::Seo).then(seo);
        let (body, toc) = body_and_toc(self.view, article.body.as_deref());
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
}
