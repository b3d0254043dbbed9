//! What can be asked of articles.

use actix_web::HttpRequest;
use utoipa::IntoParams;

use crate::{
    domain::search::{self, MAX_QUERY},
    http::{
        articles::shape::MEMBERS,
        pagination::Listing,
        param_types::{
            Bodies, Count, Fields, Ids, Includes, Keys, Languages, PreviewToken, Sort, Statuses,
        },
        problem::Problem,
        query::Query,
    },
    model::article::{ArticleFilter, ArticleSort, Status},
};

/// A form of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For the web.
    Html,
    /// Portable Text, for native apps.
    Blocks,
    /// For tools.
    Markdown,
    /// For speech and search.
    Text,
}

/// Something that can be embedded in an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Include {
    /// Related articles.
    Related,
    /// The share block.
    Share,
    /// Metadata of the page.
    Seo,
}

const FORMS: [(Option<Form>, &str); 5] = [
    (Some(Form::Html), "html"),
    (Some(Form::Blocks), "blocks"),
    (Some(Form::Markdown), "markdown"),
    (Some(Form::Text), "text"),
    (None, "none"),
];

const INCLUDES: [(Include, &str); 3] = [
    (Include::Related, "related"),
    (Include::Share, "share"),
    (Include::Seo, "seo"),
];

/// Parameters of lists of articles.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
pub(crate) struct ListArticlesParams {
    /// Articles of a page, at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Where the page begins, from `next_cursor` or `prev_cursor`; not with `page`.
    #[param(max_length = 2000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// Number of the page, from 1; not with `cursor`.
    #[param(minimum = 1, maximum = 1000000)]
    page: Option<i64>,
    /// `exact` to have the articles counted in cursor mode too.
    #[param(inline)]
    count: Option<Count>,
    /// Categories, with their descendants.
    #[param(inline, example = "culture")]
    category: Option<Keys>,
    /// Tags.
    #[param(inline)]
    tag: Option<Keys>,
    /// Authors.
    #[param(inline)]
    author: Option<Keys>,
    /// None of these categories, nor their descendants.
    #[param(inline)]
    exclude_category: Option<Keys>,
    /// None of these tags.
    #[param(inline)]
    exclude_tag: Option<Keys>,
    /// None of these authors.
    #[param(inline)]
    exclude_author: Option<Keys>,
    /// Languages.
    #[param(inline, example = "en")]
    language: Option<Languages>,
    /// Only featured articles, or only others.
    featured: Option<bool>,
    /// Editorial date after this time.
    #[param(format = DateTime, max_length = 40)]
    published_after: Option<String>,
    /// Editorial date before this time.
    #[param(format = DateTime, max_length = 40)]
    published_before: Option<String>,
    /// Statuses; readers without the scope `content:read_drafts` see published articles alone.
    #[param(inline)]
    status: Option<Statuses>,
    /// These ids.
    #[param(inline)]
    ids: Option<Ids>,
    /// These slugs.
    #[param(inline)]
    slugs: Option<Keys>,
    /// Hits of a search, as `/v1/search` takes it.
    #[param(max_length = 500, pattern = r"^[^\u0000]*$")]
    q: Option<String>,
    /// Order; `relevance` only with `q`.
    #[param(inline)]
    sort: Option<Sort>,
    /// Members to answer with.
    #[param(inline, example = "slug,title")]
    fields: Option<Fields>,
    /// Things to embed.
    #[param(inline, example = "share")]
    include: Option<Includes>,
    /// Forms of the body to answer with.
    #[param(inline, example = "blocks,text")]
    body: Option<Bodies>,
}

/// Parameters of one article.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
pub(crate) struct GetArticleParams {
    /// Members to answer with.
    #[param(inline, example = "slug,title")]
    fields: Option<Fields>,
    /// Things to embed.
    #[param(inline, example = "related,share")]
    include: Option<Includes>,
    /// Forms of the body to answer with; `html` unless asked otherwise.
    #[param(inline, example = "blocks")]
    body: Option<Bodies>,
    /// Token of a preview link.
    #[param(inline)]
    preview: Option<PreviewToken>,
}

/// Which members of articles an answer has.
#[derive(Debug, Clone, Default)]
pub(crate) struct ArticleView {
    fields: Option<Vec<&'static str>>,
    includes: Vec<Include>,
    forms: Vec<Form>,
    toc: bool,
}

impl ArticleView {
    /// The view, and the token of a preview link.
    pub(super) fn parse_one(request: &HttpRequest) -> Result<(Self, Option<String>), Problem> {
        let mut query = Query::of::<GetArticleParams>(request)?;
        let view = Self::read(&mut query, true);
        let preview = query.preview();
        query.finish()?;
        Ok((view, preview))
    }

    /// One article whole, as writers get it back.
    pub(crate) fn one() -> Self {
        Self {
            forms: vec![Form::Html],
            toc: true,
            ..Self::default()
        }
    }

    /// `whole` says whether the body belongs to the answer unless asked otherwise.
    fn read(query: &mut Query, whole: bool) -> Self {
        let members = MEMBERS.map(|name| (name, name));
        let fields = query.choices("fields", &members);
        let wanted = |name: &str| fields.as_ref().is_none_or(|fields| fields.contains(&name));
        let asked = query.choices("body", &FORMS);
        let is_none = asked.as_ref().is_some_and(|forms| forms.contains(&None));
        if is_none && asked.as_ref().is_some_and(|forms| forms.len() > 1) {
            query.error("body", "none stands alone");
        }
        // A body that `fields` names is wanted even where lists leave it out.
        let by_name = fields
            .as_ref()
            .is_some_and(|fields| fields.contains(&"body"));
        let mut forms: Vec<Form> = match asked {
            Some(forms) => forms.into_iter().flatten().collect(),
            None if whole || by_name => vec![Form::Html],
            None => Vec::new(),
        };
        let toc_by_name = fields
            .as_ref()
            .is_some_and(|fields| fields.contains(&"toc"));
        let toc = toc_by_name || (!forms.is_empty() && wanted("toc"));
        if !wanted("body") {
            forms.clear();
        }
        let includes = query.choices("include", &INCLUDES).unwrap_or_default();
        Self {
            fields,
            includes,
            forms,
            toc,
        }
    }

    /// Whether the stored body is needed.
    pub(super) fn needs_body(&self) -> bool {
        self.toc || !self.forms.is_empty()
    }

    pub(super) fn includes(&self, include: Include) -> bool {
        self.includes.contains(&include)
    }

    pub(super) fn forms(&self) -> &[Form] {
        &self.forms
    }

    pub(super) fn toc(&self) -> bool {
        self.toc
    }

    /// Whether `fields` leaves nothing out.
    pub(super) fn keeps_all(&self) -> bool {
        self.fields.is_none()
    }

    /// Whether a member is answered with; embedded ones always are.
    pub(super) fn keeps(&self, member: &str) -> bool {
        let embedded = INCLUDES
            .iter()
            .any(|(include, name)| *name == member && self.includes(*include));
        let fields = self.fields.as_ref();
        embedded || fields.is_none_or(|fields| fields.contains(&member))
    }
}

/// A request for a list of articles.
pub(super) struct ListRequest {
    pub(super) filter: ArticleFilter,
    pub(super) sort: ArticleSort,
    pub(super) view: ArticleView,
    pub(super) listing: Listing,
}

impl ListRequest {
    pub(super) fn parse(request: &HttpRequest) -> Result<Self, Problem> {
        let mut query = Query::of::<ListArticlesParams>(request)?;
        let mut filter = read_filter(&mut query);
        filter.exclude_category = query.keys("exclude_category");
        filter.exclude_tag = query.keys("exclude_tag");
        filter.exclude_author = query.keys("exclude_author");
        filter.featured = query.flag("featured");
        let statuses = Status::ALL.map(|status| (status, status.as_str()));
        filter.status = query.choices("status", &statuses).unwrap_or_default();
        filter.ids = query.ids("ids");
        filter.slugs = query.slugs("slugs");
        filter.search = query.text("q", MAX_QUERY).map(|text| search::parse(&text));
        let sort = query.choice("sort", &ArticleSort::ALL).unwrap_or_default();
        if sort == ArticleSort::Relevance && filter.search.is_none() {
            query.error("sort", "can be relevance only with q");
        }
        let view = ArticleView::read(&mut query, false);
        let is_text = matches!(sort, ArticleSort::Title | ArticleSort::TitleDescending);
        let listing = match (sort, &filter.search) {
            (ArticleSort::Relevance, Some(asked)) => {
                Listing::ranked(&mut query, request.path(), asked.wanted.len())
            }
            _ => Listing::of(&mut query, request.path(), is_text),
        };
        query.finish()?;
        Ok(Self {
            filter,
            sort,
            view,
            listing,
        })
    }
}

/// The lists of names that a filter goes by: what passes it may change with any of them.
pub(crate) fn filter_lists(filter: &ArticleFilter) -> Vec<&'static str> {
    let is_by = |some: &[String], none: &[String]| !some.is_empty() || !none.is_empty();
    let lists = [
        (
            "categories",
            is_by(&filter.category, &filter.exclude_category),
        ),
        ("tags", is_by(&filter.tag, &filter.exclude_tag)),
        ("authors", is_by(&filter.author, &filter.exclude_author)),
    ];
    let named = lists.into_iter().filter(|(_, is_named)| *is_named);
    named.map(|(list, _)| list).collect()
}

/// The filters that lists, searches and changes share.
pub(crate) fn read_filter(query: &mut Query) -> ArticleFilter {
    ArticleFilter {
        category: query.keys("category"),
        tag: query.keys("tag"),
        author: query.keys("author"),
        language: query.languages("language"),
        published_after: query.time("published_after"),
        published_before: query.time("published_before"),
        ..ArticleFilter::default()
    }
}
