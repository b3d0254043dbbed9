//! Answers a request for a feed: with the feed in the form that its address asks for, or with why
//! there is none and where it is now.

use actix_web::{HttpRequest, web::Data};

use crate::{
    domain::syndication::{Feed, FeedFormat},
    http::{
        auth::is_private,
        code::Code,
        feeds::{
            FeedParams,
            content::{Content, Of, content},
        },
        path::path_decoded,
        problem::Problem,
        query::Query,
        reply::Reply,
        state::State,
        stop::{Moved, Stop},
    },
    model::{page::MAX_LIMIT, sight::Sight, slug::Key},
    store::Found,
};

/// Articles of a feed unless asked otherwise.
const DEFAULT_LIMIT: i64 = 30;

/// Characters of a key, at most.
const MAX_KEY: usize = 200;

/// The feed of all articles, or of one thing.
pub(super) async fn feed(
    request: &HttpRequest,
    state: Data<State>,
    of: Option<Of>,
) -> Result<Reply, Stop> {
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
