//! Related articles over HTTP.

use std::{collections::BTreeSet, iter};

use actix_web::{HttpMessage, HttpRequest, get, web::Data};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    http::{
        articles::{ArticleOut, Shaper, present},
        auth::{require, sight_with},
        code::Code,
        keys::article_keys,
        pagination::{PageInfo, PageLinks, describe_one},
        param_types::PreviewToken,
        path::path_key,
        problem::Problem,
        query::Query,
        reply::Reply,
        state::State,
        stop::Stop,
    },
    model::{
        article::Article,
        caller::{Caller, Scope},
        kind::Kind,
        related::{Evidence, Reason, Related, SharedTerm},
        slug::Key,
    },
    store::{self, Found, Reader, StoreError, related::RelatedRequest},
};

/// Related articles of an article, unless asked otherwise.
const DEFAULT_LIMIT: i64 = 12;

/// Parameters of related articles.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct RelatedParams {
    /// Articles, at most.
    #[param(minimum = 1, maximum = 50, default = 12)]
    limit: Option<i64>,
    /// Only articles of the same category.
    #[param(default = false)]
    same_category: Option<bool>,
    /// Also articles that are newer than this one.
    #[param(default = true)]
    include_newer: Option<bool>,
    /// Tell what each score is made of; needs a token with the scope `content:read_drafts`.
    #[param(default = false)]
    explain: Option<bool>,
    /// Token of a preview link.
    #[param(inline)]
    preview: Option<PreviewToken>,
}

/// Why an article is related.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RelatedReason)]
pub(crate) struct ReasonOut {
    /// Which kind of reason.
    #[schema(schema_with = reason_kind_schema)]
    kind: &'static str,
    /// What is shared, as readers see it.
    #[schema(max_items = 100, schema_with = reason_values_schema)]
    values: Vec<String>,
}

fn reason_kind_schema() -> utoipa::openapi::schema::Object {
    let kinds = [
        "shared_terms",
        "same_category",
        "shared_tags",
        "same_author",
        "pinned",
    ];
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(kinds))
        .description(Some("Which kind of reason."))
        .build()
}

fn reason_values_schema() -> utoipa::openapi::schema::Array {
    let value = utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .max_length(Some(200));
    utoipa::openapi::schema::ArrayBuilder::new()
        .items(value)
        .max_items(Some(100))
        .description(Some("What is shared, as readers see it."))
        .build()
}

impl From<&Reason> for ReasonOut {
    fn from(reason: &Reason) -> Self {
        match reason {
            Reason::Pinned => Self {
                kind: "pinned",
                values: Vec::new(),
            },
            Reason::SharedTerms(words) => Self {
                kind: "shared_terms",
                values: words.clone(),
            },
            Reason::SharedTags(names) => Self {
                kind: "shared_tags",
                values: names.clone(),
            },
            Reason::SameCategory(name) => Self {
                kind: "same_category",
                values: vec![name.clone()],
            },
            Reason::SameAuthor(names) => Self {
                kind: "same_author",
                values: names.clone(),
            },
        }
    }
}

/// A word that both articles have.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RelatedTerm)]
pub(crate) struct TermOut {
    /// As the article that is asked about writes it.
    #[schema(max_length = 200)]
    term: String,
    /// What it adds to the likeness of words.
    #[schema(minimum = 0, maximum = 1)]
    weight: f64,
}

/// What a score is made of.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RelatedEvidence)]
pub(crate) struct EvidenceOut {
    /// The shared words that add most, best first.
    #[schema(max_items = 20)]
    terms: Vec<TermOut>,
    /// Likeness of words.
    #[schema(minimum = 0, maximum = 1)]
    lexical: f64,
    /// Likeness of subjects, also in other words.
    #[schema(minimum = 0, maximum = 1)]
    topic: f64,
    /// What the same category adds to the score.
    #[schema(minimum = 0, maximum = 1)]
    category: f64,
    /// What shared tags add to the score.
    #[schema(minimum = 0, maximum = 1)]
    tags: f64,
    /// What the score is multiplied by for the time between both articles; 1 where that does not
    /// count.
    #[schema(minimum = 0, maximum = 1)]
    time: f64,
    /// What content alone makes of it: an article that was pinned, or fills the list up, has
    /// another score, and one that was moved down for variety shows no more than the one before
    /// it.
    #[schema(minimum = 0, maximum = 1)]
    total: f64,
}

impl From<&Evidence> for EvidenceOut {
    fn from(evidence: &Evidence) -> Self {
        let term = |shared: &SharedTerm| TermOut {
            term: shared.term.clone(),
            weight: shared.weight,
        };
        Self {
            terms: evidence.terms.iter().map(term).collect(),
            lexical: evidence.lexical,
            topic: evidence.topic,
            category: evidence.category,
            tags: evidence.tags,
            time: evidence.time,
            total: evidence.total,
        }
    }
}

/// A related article.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RelatedArticle)]
pub(crate) struct RelatedOut {
    /// The article, without its body.
    article: ArticleOut,
    /// How closely it is related; 1 for what an editor pinned.
    #[schema(minimum = 0, maximum = 1)]
    score: f64,
    /// Why, the strongest first; empty for an article that is only near in time.
    #[schema(max_items = 10)]
    reasons: Vec<ReasonOut>,
    /// What the score is made of, with `explain=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    evidence: Option<EvidenceOut>,
}

impl RelatedOut {
    pub(crate) fn new(state: &State, related: Related) -> Self {
        Self {
            article: Shaper::card(state, related.article),
            score: related.score,
            reasons: related.reasons.iter().map(ReasonOut::from).collect(),
            evidence: related.evidence.as_ref().map(EvidenceOut::from),
        }
    }
}

/// Related articles, best first.
#[derive(Debug, Serialize, ToSchema)]
struct RelatedList {
    /// The related articles.
    #[schema(max_items = 50)]
    data: Vec<RelatedOut>,
    /// The list has one page.
    page: PageInfo,
    /// The address of this list.
    links: PageLinks,
}

/// Fails unless the one who asks is an editor.
fn may_explain(request: &HttpRequest) -> Result<(), Problem> {
    let extensions = request.extensions();
    let caller = extensions.get::<Caller>().ok_or_else(|| {
        let scope = Scope::ReadDrafts.as_str();
        let detail = format!("explain needs a token with the scope {scope}");
        Problem::new(Code::InvalidToken, detail)
            .field("WWW-Authenticate", "Bearer realm=\"newsstand\"")
    })?;
    require(caller, Scope::ReadDrafts)
}

/// List related articles
///
/// Pinned articles first, in the editor's order, and excluded ones never. Then the nearest by
/// content: by the telling words that both have, and by subject, also in other words, as it is
/// learned from the publication's own articles; the same category and shared tags add a little.
/// Not more than three of one event come first while there are others. Filled up to `limit` with
/// articles near by tags, category and time, which score lowest. Never the article itself, nor
/// one that says the same. The same answer each time for the same content.
#[utoipa::path(
    operation_id = "list_related_articles",
    tag = "articles",
    params(
        ("key" = String, Path, description = "Id or slug of the article.", max_length = 200),
        RelatedParams
    ),
    responses((status = 200, description = "Related articles.", body = RelatedList))
)]
#[get("/v1/articles/{key}/related")]
pub(super) async fn list_related_articles(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Stop> {
    let mut query = Query::of::<RelatedParams>(&request)?;
    let limit = query.number("limit", 1, 50).unwrap_or(DEFAULT_LIMIT);
    let asked = RelatedRequest {
        limit: usize::try_from(limit).unwrap_or(1),
        same_category: query.flag("same_category").unwrap_or(false),
        include_newer: query.flag("include_newer").unwrap_or(true),
        half_life_days: state.related_half_life_days,
        explain: query.flag("explain").unwrap_or(false),
    };
    let preview = query.preview();
    let query = query.finish()?;
    let key = path_key(&request)?;
    if asked.explain {
        may_explain(&request)?;
    }
    let sight = sight_with(&request, &state, preview).await?;
    let (page, links) = describe_one(&query, request.path(), limit, None);
    let (wanted, shaping) = (key.clone(), Data::clone(&state));
    let found = Reply::found(
        &request,
        &state,
        sight,
        move |reader| read(reader, &wanted, asked),
        move |Read(article, related, hidden)| {
            let embedded = related.iter().map(|related| &related.article);
            let keys = article_keys(iter::once(&article).chain(embedded));
            let shown = |related| RelatedOut::new(&shaping, related);
            let answer = RelatedList {
                data: related.into_iter().map(shown).collect(),
                page,
                links,
            };
            // Caches outside can't tell which articles may come in; this one can.
            let reply = Reply::json(&answer)?.told("articles");
            Ok(reply.keys(keys).watching(hidden))
        },
    );
    present(&request, found.await?, &key, Kind::Article)
}

/// An article, those related to it, and names of what both depend on beside.
struct Read(Article, Vec<Related>, BTreeSet<String>);

fn read(
    reader: &mut Reader<'_>,
    key: &Key,
    asked: RelatedRequest,
) -> Result<Found<Read>, StoreError> {
    let found = store::articles::by_key(reader, key, false)?;
    let related = match &found {
        Found::Here(article) => {
            let one = std::slice::from_ref(&**article);
            let mut all = store::related::of_articles(reader, one, asked)?;
            all.remove(&article.row).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    let hidden = reader.take_hidden_keys();
    Ok(found.map(|article| Read(article, related, hidden)))
}
