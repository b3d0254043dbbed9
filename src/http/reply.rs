//! Good answers: validators, caching, coding, and the keys that caches are purged by.

use std::collections::BTreeSet;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    http::{
        StatusCode,
        header::{self, Header, IfModifiedSince},
    },
    web::Data,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    http::{
        auth::is_private, code::Code, coding::Coding, problem::Problem, state::State, write::aside,
    },
    model::{article::Article, time::UtcTime},
};

/// Bodies below this many bytes are not worth compressing.
const COMPRESS_FROM: usize = 1_024;

/// Bytes of `Surrogate-Key`; `Cache-Groups` has as many again, and clients such as Node's take 16
/// KB of header fields in all.
const KEYS_AT_MOST: usize = 4_000;

/// An answer on its way.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    body: Vec<u8>,
    content_type: &'static str,
    last_modified: Option<UtcTime>,
    keys: BTreeSet<String>,
    link: Option<String>,
    no_store: bool,
    /// Id and version of the one thing that the answer is about.
    version: Option<(String, i64)>,
    /// What was made of the body away from the threads that answer.
    prepared: Option<Prepared>,
}

/// The hash of a body, and the body in the coding that the client wants.
#[derive(Debug, Clone)]
struct Prepared {
    hash: String,
    encoded: Option<Vec<u8>>,
}

impl Reply {
    /// A public answer in JSON.
    pub(super) fn json(value: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_vec(value).map_err(|cause| Problem::internal(&cause))?;
        Ok(Self::new(body, "application/json"))
    }

    /// A public answer of any kind.
    pub(super) fn new(body: Vec<u8>, content_type: &'static str) -> Self {
        Self {
            body,
            content_type,
            last_modified: None,
            keys: BTreeSet::new(),
            link: None,
            no_store: false,
            version: None,
            prepared: None,
        }
    }

    /// Makes a reply, hashes and encodes it away from the threads that answer: for such as may
    /// be large.
    pub(super) async fn aside<F>(request: &HttpRequest, make: F) -> Result<Self, Problem>
    where
        F: FnOnce() -> Result<Self, Problem> + Send + 'static,
    {
        let wanted = Coding::choose(request);
        aside(move || {
            let mut reply = make()?;
            let coding = reply.coding(wanted);
            reply.prepared = Some(Prepared {
                hash: reply.hash(),
                encoded: coding.encode(&reply.body),
            });
            Ok(reply)
        })
        .await
    }

    /// The coding of the answer, given the one that the client wants.
    fn coding(&self, wanted: Coding) -> Coding {
        match self.body.len() >= COMPRESS_FROM {
            true => wanted,
            false => Coding::Identity,
        }
    }

    /// Names the one thing that the answer is about, and its version: writers come back with the
    /// entity tag that is made of them.
    pub(super) fn version(mut self, id: &str, version: i64) -> Self {
        self.version = Some((id.to_owned(), version));
        self
    }

    /// When what it says last changed; only for what changes with nothing else.
    pub(super) fn last_modified(mut self, time: UtcTime) -> Self {
        self.last_modified = Some(time);
        self
    }

    /// Names a thing that the answer depends on.
    pub(super) fn key(mut self, key: impl Into<String>) -> Self {
        self.keys.insert(key.into());
        self
    }

    /// Names an article and all that it names.
    pub(super) fn article_keys<'a>(
        mut self,
        articles: impl IntoIterator<Item = &'a Article>,
    ) -> Self {
        for article in articles {
            self.keys.insert(format!("article-{}", article.id));
            self.keys.extend(
                article
                    .category
                    .iter()
                    .map(|category| format!("category-{}", category.id)),
            );
            self.keys.extend(
                article
                    .authors
                    .iter()
                    .map(|author| format!("author-{}", author.id)),
            );
            self.keys
                .extend(article.tags.iter().map(|tag| format!("tag-{}", tag.id)));
            let links = article.links.iter().map(|id| format!("article-{id}"));
            self.keys.extend(links);
        }
        self
    }

    /// A `Link` header.
    pub(super) fn link(mut self, link: Option<String>) -> Self {
        self.link = link;
        self
    }

    /// No cache may keep it.
    pub(super) fn no_store(mut self) -> Self {
        self.no_store = true;
        self
    }

    fn hash(&self) -> String {
        let version = self
            .version
            .as_ref()
            .map(|(id, version)| (id.as_str(), *version));
        entity_hash(version, &self.body)
    }

    fn respond(mut self, request: &HttpRequest) -> Result<HttpResponse, Problem> {
        check_accept(request, self.content_type)?;
        let coding = self.coding(Coding::choose(request));
        let (hash, encoded) = match self.prepared.take() {
            Some(prepared) => (prepared.hash, Some(prepared.encoded)),
            None => (self.hash(), None),
        };
        let etag = format!("\"{hash}{}\"", coding.suffix());
        if let Some(wanted) = tags(request, &header::IF_MATCH)
            && !self.no_store
            && !matches_any(&wanted, &hash, false)
        {
            let detail = "the resource is not in a state that If-Match names";
            return Err(Problem::new(Code::PreconditionFailed, detail));
        }
        let unchanged = match tags(request, &header::IF_NONE_MATCH) {
            // What no cache may keep is never the same again.
            _ if self.no_store => false,
            Some(known) => matches_any(&known, &hash, true),
            None => self.is_unmodified(request),
        };
        let mut response = match unchanged {
            true => HttpResponse::build(StatusCode::NOT_MODIFIED),
            false => HttpResponse::Ok(),
        };
        response.insert_header((header::ETAG, etag));
        response.insert_header((header::VARY, "Accept-Encoding"));
        self.write_caching(request, &mut response);
        if unchanged {
            return Ok(response.finish());
        }
        response.insert_header((header::CONTENT_TYPE, self.content_type));
        if let Some(link) = &self.link {
            response.insert_header((header::LINK, link.as_str()));
        }
        match encoded.unwrap_or_else(|| coding.encode(&self.body)) {
            Some(encoded) => {
                response.insert_header((header::CONTENT_ENCODING, coding.name()));
                Ok(response.body(encoded))
            }
            None => Ok(response.body(self.body)),
        }
    }

    fn is_unmodified(&self, request: &HttpRequest) -> bool {
        let since = IfModifiedSince::parse(request).ok().map(|since| since.0);
        match (self.last_modified, since) {
            (Some(modified), Some(since)) => {
                // Header fields have whole seconds.
                let since = std::time::SystemTime::from(since);
                let seconds = since
                    .duration_since(std::time::UNIX_EPOCH)
                    .map_or(0, |since| since.as_secs());
                u64::try_from(modified.millis() / 1_000).unwrap_or(0) <= seconds
            }
            _ => false,
        }
    }

    fn write_caching(&self, request: &HttpRequest, response: &mut actix_web::HttpResponseBuilder) {
        if is_private(request) {
            response.insert_header((header::CACHE_CONTROL, "private, no-store"));
            return;
        }
        if self.no_store {
            response.insert_header((header::CACHE_CONTROL, "no-store"));
            return;
        }
        if let Some(state) = request.app_data::<Data<State>>() {
            response.insert_header((header::CACHE_CONTROL, state.cache_control.as_str()));
            response.insert_header(("CDN-Cache-Control", state.cdn_cache_control.as_str()));
        }
        if let Some(time) = self.last_modified {
            response.insert_header((header::LAST_MODIFIED, time.to_http_date()));
        }
        if !self.keys.is_empty() {
            let keys: Vec<String> = self.bounded_keys().into_iter().collect();
            // RFC 9875 section 2: a list of strings (RFC 9651).
            let groups: Vec<String> = keys.iter().map(|key| format!("\"{key}\"")).collect();
            response.insert_header(("Surrogate-Key", keys.join(" ")));
            response.insert_header(("Cache-Groups", groups.join(", ")));
        }
    }

    /// The keys; where they are too many for a header, one word for all of a kind, which changes
    /// with any of them: an answer may then be purged too often, never too seldom.
    fn bounded_keys(&self) -> BTreeSet<String> {
        let kinds = [
            ("tag-", "tags"),
            ("author-", "authors"),
            ("article-", "articles"),
            ("category-", "categories"),
        ];
        let mut keys = self.keys.clone();
        for (kind, all) in kinds {
            let length: usize = keys.iter().map(|key| key.len() + 1).sum();
            if length > KEYS_AT_MOST {
                keys.retain(|key| !key.starts_with(kind));
                keys.insert(all.to_owned());
            }
        }
        keys
    }
}

/// What the entity tag of an answer holds between its quotes: for one thing, its state, and behind
/// it what tells one form of the answer from another.
pub(super) fn entity_hash(version: Option<(&str, i64)>, body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let content = URL_SAFE_NO_PAD.encode(digest.get(..15).unwrap_or_default());
    match version {
        Some((id, version)) => state_hash(id, version) + &content,
        None => content,
    }
}

/// The state of a thing: 48 bits of a hash, in eight characters. It is the same in every form of
/// an answer, so that a writer may come back with the entity tag of any.
pub(super) fn state_hash(id: &str, version: i64) -> String {
    let digest = Sha256::digest(format!("{id} {version}"));
    URL_SAFE_NO_PAD.encode(digest.get(..6).unwrap_or_default())
}

impl Responder for Reply {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.respond(request)
            .unwrap_or_else(|problem| actix_web::Error::from(problem).into())
    }
}

/// 406 when the client takes nothing that the answer can be (RFC 9110 section 12.5.1).
fn check_accept(request: &HttpRequest, content_type: &str) -> Result<(), Problem> {
    let ours = content_type.split(';').next().unwrap_or_default();
    let kind = ours.split('/').next().unwrap_or_default();
    let fields: Vec<&str> = request
        .headers()
        .get_all(header::ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .collect();
    // The most specific range that covers ours decides.
    let quality = |wanted: &str| {
        fields.iter().find_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let is_it = parts.next()?.eq_ignore_ascii_case(wanted);
            let refused = parts.any(|part| {
                part.replace(' ', "").starts_with("q=0") && {
                    part.trim_start_matches(|c| c != '=')
                        .trim_matches(['=', '0', '.', ' '])
                        .is_empty()
                }
            });
            is_it.then_some(!refused)
        })
    };
    let range = format!("{kind}/*");
    let taken = quality(ours)
        .or_else(|| quality(&range))
        .or_else(|| quality("*/*"));
    if fields.is_empty() || taken == Some(true) {
        return Ok(());
    }
    Err(Problem::new(
        Code::NotAcceptable,
        format!("Accept must allow {ours}; it is the only form of this answer"),
    ))
}

/// The entity tags of a condition, or `None` without one.
pub(super) fn tags(request: &HttpRequest, name: &header::HeaderName) -> Option<Vec<String>> {
    let mut fields = request.headers().get_all(name).peekable();
    fields.peek()?;
    Some(
        fields
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|tag| tag.trim().to_owned())
            .collect(),
    )
}

/// Whether one of the tags is of this representation in any coding. If-Match compares strongly,
/// so that no weak tag satisfies it (RFC 9110 section 13.1.1).
fn matches_any(tags: &[String], hash: &str, weakly: bool) -> bool {
    tags.iter().any(|tag| {
        let tag = match tag.strip_prefix("W/") {
            Some(tag) if weakly => tag,
            Some(_) => return false,
            None => tag,
        };
        let Some(inner) = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')) else {
            return tag == "*";
        };
        Coding::ALL
            .iter()
            .any(|coding| inner.strip_prefix(hash) == Some(coding.suffix()))
    })
}
