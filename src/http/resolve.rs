//! Paths of the public site, resolved to what is there.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, get, web::Data};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    domain::address::Site,
    http::{
        articles::{ArticleOut, AuthorOut, CategoryOut, Shaper, TagOut},
        auth::sight,
        code::Code,
        keys::article_keys,
        problem::Problem,
        query::Query,
        reply::Reply,
        state::State,
    },
    model::{
        article::Article, author::AuthorRef, category::CategoryRef, kind::Kind, slug::Key,
        tag::TagRef,
    },
    store::{self, Found, Reader, StoreError},
};

/// Characters of a path, at most.
const MAX_PATH: usize = 2_000;

/// Parameters of a resolution.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct ResolveParams {
    /// A path of the public site.
    #[param(
        max_length = 2000,
        pattern = r"^/[^\u0000]*$",
        example = "/articles/a-new-timetable"
    )]
    path: String,
}

/// What a path of the public site leads to. Exactly one of `article`, `category`, `author` and
/// `tag` is set when something is there.
#[derive(Debug, Serialize, ToSchema)]
struct Resolution {
    /// Whether it is there, is elsewhere now, or was taken away.
    #[schema(schema_with = status_schema)]
    status: &'static str,
    /// What it is, or was.
    #[schema(schema_with = kind_schema)]
    kind: &'static str,
    /// The article, without its body.
    #[schema(required)]
    article: Option<ArticleOut>,
    /// The category.
    #[schema(required)]
    category: Option<CategoryOut>,
    /// The author.
    #[schema(required)]
    author: Option<AuthorOut>,
    /// The tag.
    #[schema(required)]
    tag: Option<TagOut>,
    /// Its present address; null when it is gone.
    #[schema(required, max_length = 3000, pattern = r"^https?://")]
    location: Option<String>,
}

fn status_schema() -> utoipa::openapi::schema::Object {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(["found", "moved", "gone"]))
        .description(Some(
            "Whether it is there, is elsewhere now, or was taken away.",
        ))
        .build()
}

fn kind_schema() -> utoipa::openapi::schema::Object {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(Kind::ALL.map(Kind::as_str)))
        .description(Some("What it is, or was."))
        .build()
}

/// What was found in the store.
enum Target {
    Article(Box<Article>),
    Category(CategoryRef),
    Author(AuthorRef),
    Tag(TagRef),
    Gone(Kind),
}

/// Resolve a path of the public site
///
/// `found` when the path is the address of something, `moved` when its present address is
/// another, `gone` when it was taken away; 404 when there never was anything.
#[utoipa::path(
    operation_id = "resolve_path",
    tag = "articles",
    params(ResolveParams),
    responses((status = 200, description = "What is there.", body = Resolution))
)]
#[get("/v1/resolve")]
pub(super) async fn resolve_path(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Problem> {
    let mut query = Query::of::<ResolveParams>(&request)?;
    let path = query.text("path", MAX_PATH);
    query.require("path");
    if path.as_ref().is_some_and(|path| !path.starts_with('/')) {
        query.error("path", "must begin with /");
    }
    let path = path.unwrap_or_default();
    query.finish()?;
    let candidates = state.site.candidates(&path);
    let own_path = state.site.own_path(&path);
    let target = state
        .read(sight(&request), move |reader| {
            let found = first_target(reader, &candidates)?;
            // What is there now goes before what was there on the site that it came from.
            let is_missing = matches!(found, None | Some(Target::Gone(_)));
            let former = match own_path.filter(|_| is_missing) {
                Some(path) => store::articles::by_former_path(reader, &path)?,
                None => None,
            };
            let former = former.map(|article| Target::Article(Box::new(article)));
            Ok(former.or(found))
        })
        .await?
        .ok_or_else(|| Problem::new(Code::NotFound, "there never was anything at this path"))?;
    let keys = match &target {
        Target::Article(article) => article_keys([&**article]),
        Target::Category(category) => [format!("category-{}", category.id)].into(),
        Target::Author(author) => [format!("author-{}", author.id)].into(),
        Target::Tag(tag) => [format!("tag-{}", tag.id)].into(),
        Target::Gone(_) => BTreeSet::new(),
    };
    let answer = resolution(&state, &path, target);
    let reply = Reply::json(&answer)?.keys(keys);
    Ok(reply.key("articles").watching_all())
}

fn first_target(
    reader: &mut Reader<'_>,
    candidates: &[(Kind, String)],
) -> Result<Option<Target>, StoreError> {
    let mut gone = None;
    for (kind, key) in candidates {
        let found = match target(reader, *kind, &Key::new(key))? {
            // A former slug: where it leads to is looked at once more.
            Found::Moved(slug) => target(reader, *kind, &Key::Slug(slug))?,
            found => found,
        };
        match found {
            Found::Here(target) => return Ok(Some(*target)),
            Found::Gone => gone = gone.or(Some(Target::Gone(*kind))),
            Found::Moved(_) | Found::Never => {}
        }
    }
    Ok(gone)
}

fn target(reader: &mut Reader<'_>, kind: Kind, key: &Key) -> Result<Found<Target>, StoreError> {
    Ok(match kind {
        Kind::Article => store::articles::by_key(reader, key, false)?
            .map(|article| Target::Article(Box::new(article))),
        Kind::Category => store::categories::by_key(reader, key)?
            .map(|category| Target::Category(category.category)),
        Kind::Author => {
            store::authors::by_key(reader, key)?.map(|author| Target::Author(author.into()))
        }
        Kind::Tag => store::tags::by_key(reader, key)?.map(|tag| Target::Tag(tag.into())),
    })
}

fn resolution(state: &State, path: &str, target: Target) -> Resolution {
    let site: &Site = &state.site;
    let status = |is_here: bool| if is_here { "found" } else { "moved" };
    let at = |kind: Kind, address: String| Resolution {
        status: status(site.is_path_of(path, &address)),
        kind: kind.as_str(),
        article: None,
        category: None,
        author: None,
        tag: None,
        location: Some(address),
    };
    match target {
        Target::Article(article) => {
            let status = status(site.is_page_of(path, &article));
            let address = site.article(&article);
            Resolution {
                status,
                article: Some(Shaper::card(state, *article)),
                ..at(Kind::Article, address)
            }
        }
        Target::Category(category) => {
            let address = site.category(&category);
            Resolution {
                category: Some(CategoryOut::new(category, site)),
                ..at(Kind::Category, address)
            }
        }
        Target::Author(author) => {
            let address = site.author(&author);
            Resolution {
                author: Some(AuthorOut::new(author, site)),
                ..at(Kind::Author, address)
            }
        }
        Target::Tag(tag) => {
            let address = site.tag(&tag);
            Resolution {
                tag: Some(TagOut::new(tag, site)),
                ..at(Kind::Tag, address)
            }
        }
        Target::Gone(kind) => Resolution {
            status: "gone",
            location: None,
            ..at(kind, String::new())
        },
    }
}
