//! Feeds over HTTP.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, get, web::Data};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::{
    domain::{
        address::Site,
        relink::relink,
        syndication::{Feed, FeedFormat, Subject},
    },
    http::{
        auth::is_private,
        code::Code,
        path::path_decoded,
        problem::Problem,
        query::Query,
        reply::Reply,
        state::State,
        stop::{Moved, Stop},
    },
    model::{
        article::{Article, ArticleFilter, ArticleSort},
        author::AuthorRef,
        kind::Kind,
        name::Named,
        page::{MAX_LIMIT, PageRequest},
        sight::Sight,
        slug::Key,
        tag::TagRef,
    },
    store::{self, Found, Reader, StoreError},
};

/// Articles of a feed unless asked otherwise.
const DEFAULT_LIMIT: i64 = 30;

/// Characters of a key, at most.
const MAX_KEY: usize = 200;

/// The word that a feed's address ends with.
struct FormatWord;

impl PartialSchema for FormatWord {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(FeedFormat::ALL.map(FeedFormat::as_str)))
            .into()
    }
}

impl ToSchema for FormatWord {}

/// What names the feed of all articles.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read from the path"
)]
struct FeedPath {
    /// Form of the feed.
    #[param(inline)]
    format: FormatWord,
}

/// What names the feed of one thing.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read from the path"
)]
struct KeyedFeedPath {
    /// Id or slug.
    #[param(max_length = 200)]
    key: String,
    /// Form of the feed.
    #[param(inline)]
    format: FormatWord,
}

/// Parameters of feeds.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct FeedParams {
    /// Articles of the feed, at most.
    #[param(minimum = 1, maximum = 100, default = 30)]
    limit: Option<i64>,
}

/// Get the feed of all articles
///
/// The newest published articles, whole, as RSS 2.0, Atom or JSON Feed 1.1. Addresses are those of
/// the public site, also the feed's own.
#[utoipa::path(
    operation_id = "get_articles_feed",
    tag = "syndication",
    params(FeedPath, FeedParams),
    responses((status = 200, description = "The feed.", content(
        (String = "application/rss+xml"),
        (String = "application/atom+xml"),
        (Object = "application/feed+json")
    )))
)]
#[get("/feeds/articles.{format}")]
pub(super) async fn get_articles_feed(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Stop> {
    feed(&request, state, None).await
}

/// Get the feed of a category
///
/// The newest published articles of the category and its descendants. A former slug is answered
/// with 308 and the present address.
#[utoipa::path(
    operation_id = "get_category_feed",
    tag = "syndication",
    params(KeyedFeedPath, FeedParams),
    responses((status = 200, description = "The feed.", content(
        (String = "application/rss+xml"),
        (String = "application/atom+xml"),
        (Object = "application/feed+json")
    )))
)]
#[get("/feeds/categories/{key}.{format}")]
pub(super) async fn get_category_feed(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Stop> {
    feed(&request, state, Some(Of::Category)).await
}

/// Get the feed of an author
///
/// The newest published articles by the author. A former slug is answered with 308 and the present
/// address.
#[utoipa::path(
    operation_id = "get_author_feed",
    tag = "syndication",
    params(KeyedFeedPath, FeedParams),
    responses((status = 200, description = "The feed.", content(
        (String = "application/rss+xml"),
        (String = "application/atom+xml"),
        (Object = "application/feed+json")
    )))
)]
#[get("/feeds/authors/{key}.{format}")]
pub(super) async fn get_author_feed(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Stop> {
    feed(&request, state, Some(Of::Author)).await
}

/// Get the feed of a tag
///
/// The newest published articles with the tag. A former slug is answered with 308 and the present
/// address.
#[utoipa::path(
    operation_id = "get_tag_feed",
    tag = "syndication",
    params(KeyedFeedPath, FeedParams),
    responses((status = 200, description = "The feed.", content(
        (String = "application/rss+xml"),
        (String = "application/atom+xml"),
        (Object = "application/feed+json")
    )))
)]
#[get("/feeds/tags/{key}.{format}")]
pub(super) async fn get_tag_feed(request: HttpRequest, state: Data<State>) -> Result<Reply, Stop> {
    feed(&request, state, Some(Of::Tag)).await
}

/// What a feed can be about.
#[derive(Debug, Clone, Copy)]
enum Of {
    Category,
    Author,
    Tag,
}

impl Of {
    fn kind(self) -> Kind {
        match self {
            Self::Category => Kind::Category,
            Self::Author => Kind::Author,
            Self::Tag => Kind::Tag,
        }
    }

    /// The key of all such things.
    fn list(self) -> &'static str {
        match self {
            Self::Category => "categories",
            Self::Author => "authors",
            Self::Tag => "tags",
        }
    }

    /// Where its feeds are.
    fn folder(self) -> &'static str {
        match self {
            Self::Category => "/feeds/categories",
            Self::Author => "/feeds/authors",
            Self::Tag => "/feeds/tags",
        }
    }
}

/// What a feed holds.
struct Content {
    subject: Option<Subject>,
    articles: Vec<Article>,
    /// Keys of what it depends on beside.
    hidden: BTreeSet<String>,
}

async fn feed(request: &HttpRequest, state: Data<State>, of: Option<Of>) -> Result<Reply, Stop> {
    let mut query = Query::of::<FeedParams>(request)?;
    let limit = query.number("limit", 1, MAX_LIMIT);
    query.finish()?;
    let (name, format) = named(request)?;
    let asked = of.map(|of| (of, Key::new(&name)));
    let (reading, writing) = (Data::clone(&state), Data::clone(&state));
    // Whoever asks: what is not published is in no feed.
    let found = Reply::found(
        request,
        &state,
        Sight::Public,
        move |reader| {
            let limit = limit.unwrap_or(DEFAULT_LIMIT);
            content(reader, &reading.site, asked, limit)
        },
        move |content| written(&writing, of, format, content),
    );
    match (found.await?, of) {
        (Found::Here(reply), _) => Ok(*reply),
        (found, Some(of)) => Err(elsewhere(request, &found, of, &name, format)),
        (_, None) => Err(no_form().into()),
    }
}

fn written(
    state: &State,
    of: Option<Of>,
    format: FeedFormat,
    content: Content,
) -> Result<Reply, Problem> {
    let path = match (of, &content.subject) {
        (Some(of), Some(subject)) => format!("{}/{}", of.folder(), subject.slug),
        _ => "/feeds/articles".to_owned(),
    };
    let feed = Feed {
        site: &state.site,
        language: &state.default_language,
        subject: content.subject.as_ref(),
        path: &path,
        articles: &content.articles,
    };
    let body = feed.write(format);
    let body = body.map_err(|cause| Problem::internal(&cause))?;
    let reply = Reply::new(body, format.content_type())
        .told("articles")
        .article_keys(&content.articles)
        .watching(content.hidden);
    Ok(match (of, &content.subject) {
        (Some(of), Some(subject)) => {
            reply
                .key(of.list())
                .key(format!("{}-{}", of.kind().as_str(), subject.id))
        }
        _ => reply,
    })
}

/// The name and the form in `{name}.{format}`, from the path as it came.
fn named(request: &HttpRequest) -> Result<(String, FeedFormat), Problem> {
    let last = request.uri().path().rsplit('/').next().unwrap_or_default();
    let text = path_decoded(last)
        .ok_or_else(|| Problem::parameter("key", "is not percent-encoded UTF-8"))?;
    let (name, format) = text.rsplit_once('.').ok_or_else(no_form)?;
    if name.chars().any(char::is_control) || name.chars().count() > MAX_KEY {
        let message = format!("must be a slug or an id, of at most {MAX_KEY} characters");
        return Err(Problem::parameter("key", message));
    }
    let format = FeedFormat::parse(format).ok_or_else(no_form)?;
    Ok((name.to_owned(), format))
}

fn no_form() -> Problem {
    let forms = FeedFormat::ALL.map(FeedFormat::as_str).join(", ");
    let detail = format!("there is no feed of this form; its address ends with one of {forms}");
    Problem::new(Code::NotFound, detail)
}

/// Why there is no feed under this key, or where it is now.
fn elsewhere(
    request: &HttpRequest,
    found: &Found<Reply>,
    of: Of,
    key: &str,
    format: FeedFormat,
) -> Stop {
    let kind = of.kind().as_str();
    match found {
        Found::Moved(slug) => {
            let path = format!("{}/{slug}.{}", of.folder(), format.as_str());
            let location = match request.query_string() {
                "" => path,
                query => format!("{path}?{query}"),
            };
            let private = is_private(request);
            Stop::Moved(Moved { location, private })
        }
        Found::Gone => Problem::new(Code::Gone, format!("the {kind} was taken away")).into(),
        Found::Here(_) | Found::Never => Problem::not_found(kind, key).into(),
    }
}

fn content(
    reader: &mut Reader<'_>,
    site: &Site,
    asked: Option<(Of, Key)>,
    limit: i64,
) -> Result<Found<Content>, StoreError> {
    let mut filter = ArticleFilter::default();
    let subject = match asked {
        None => None,
        Some((of, key)) => match subject(reader, site, of, &key)? {
            Found::Here(subject) => {
                let only = vec![subject.id.clone()];
                match of {
                    Of::Category => filter.category = only,
                    Of::Author => filter.author = only,
                    Of::Tag => filter.tag = only,
                }
                Some(*subject)
            }
            Found::Moved(slug) => return Ok(Found::Moved(slug)),
            Found::Gone => return Ok(Found::Gone),
            Found::Never => return Ok(Found::Never),
        },
    };
    let request = PageRequest {
        limit,
        ..PageRequest::default()
    };
    let sort = ArticleSort::PublishedDescending;
    let page = store::articles::list(reader, &filter, sort, &request, true)?;
    let mut articles: Vec<Article> = page.items.into_iter().map(|(article, _)| article).collect();
    relink(reader, site, articles.iter_mut())?;
    Ok(Found::Here(Box::new(Content {
        subject,
        articles,
        hidden: reader.take_hidden_keys(),
    })))
}

/// What a key names, as a feed shows it.
fn subject(
    reader: &mut Reader<'_>,
    site: &Site,
    of: Of,
    key: &Key,
) -> Result<Found<Subject>, StoreError> {
    let of_name = |named: Named, url: String| Subject {
        id: named.id,
        slug: named.slug,
        name: named.name,
        description: named.description,
        url,
    };
    Ok(match of {
        Of::Category => store::categories::by_key(reader, key)?.map(|found| Subject {
            url: site.category(&found.category),
            id: found.category.id,
            slug: found.category.slug,
            name: found.category.name,
            description: found.description,
        }),
        Of::Author => store::authors::by_key(reader, key)?.map(|author| {
            let url = site.author(&AuthorRef::from(author.clone()));
            of_name(author, url)
        }),
        Of::Tag => store::tags::by_key(reader, key)?.map(|tag| {
            let url = site.tag(&TagRef::from(tag.clone()));
            of_name(tag, url)
        }),
    })
}
