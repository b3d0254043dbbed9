//! Good answers: what they say, what they depend on, and how they become whole.

use std::{collections::BTreeSet, mem, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, web::Data};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    http::{
        auth::is_private,
        cache::{Deposit, Left},
        coding::Coding,
        keys::{Keys, article_keys},
        problem::Problem,
        state::{REQUEST_ID, State},
        stored::{Parts, Stored},
        unmade::Unmade,
        wanted::Wanted,
    },
    model::{article::Article, sight::Sight, time::UtcTime},
    store::{Found, InvalidationKey, Reader, StoreError},
};

/// Bytes of a usual body; longer ones find more room as they are written.
const USUAL: usize = 8 * 1_024;

/// An answer on its way.
#[derive(Debug)]
pub(super) struct Reply {
    body: Vec<u8>,
    content_type: &'static str,
    last_modified: Option<UtcTime>,
    keys: Keys,
    link: Option<String>,
    no_store: bool,
    /// Id and version of the one thing that the answer is about.
    version: Option<(String, i64)>,
    /// The whole, where it is made already.
    whole: Option<Whole>,
}

/// A whole answer.
#[derive(Debug)]
struct Whole {
    stored: Arc<Stored>,
    /// What the cache in this process holds it against, where it is made for that.
    watched: Option<Box<[InvalidationKey]>>,
}

impl Reply {
    /// A public answer in JSON.
    pub(super) fn json(value: &impl Serialize) -> Result<Self, Problem> {
        let mut body = Vec::with_capacity(USUAL);
        serde_json::to_writer(&mut body, value).map_err(|cause| Problem::internal(&cause))?;
        Ok(Self::new(body, "application/json"))
    }

    /// A public answer of any kind.
    pub(super) fn new(body: Vec<u8>, content_type: &'static str) -> Self {
        Self {
            body,
            content_type,
            last_modified: None,
            keys: Keys::default(),
            link: None,
            no_store: false,
            version: None,
            whole: None,
        }
    }

    /// A public answer that was made before, and is the same for as long as the program runs.
    pub(super) fn prepared(stored: Arc<Stored>) -> Self {
        let watched = None;
        Self {
            whole: Some(Whole { stored, watched }),
            ..Self::new(Vec::new(), "")
        }
    }

    /// Reads, and makes a reply of what was read, on one thread that may wait: neither is handed
    /// over, and the threads that answer have only to send it. Nothing can be added to it
    /// afterwards: `make` must name all.
    pub(super) async fn of<T, R, M>(
        request: &HttpRequest,
        state: &State,
        sight: Sight,
        read: R,
        make: M,
    ) -> Result<Self, Problem>
    where
        T: 'static,
        R: FnOnce(&mut Reader<'_>) -> Result<T, StoreError> + Send + 'static,
        M: FnOnce(T) -> Result<Self, Problem> + Send + 'static,
    {
        let make = Self::finishing(request, make);
        state.read_then(sight, read, make).await?
    }

    /// [`Reply::of`] for what may be elsewhere, or not be there.
    pub(super) async fn found<T, R, M>(
        request: &HttpRequest,
        state: &State,
        sight: Sight,
        read: R,
        make: M,
    ) -> Result<Found<Self>, Problem>
    where
        T: 'static,
        R: FnOnce(&mut Reader<'_>) -> Result<Found<T>, StoreError> + Send + 'static,
        M: FnOnce(T) -> Result<Self, Problem> + Send + 'static,
    {
        let make = Self::finishing(request, make);
        let make = move |found: Found<T>| found.try_map(make);
        state.read_then(sight, read, make).await?
    }

    /// [`Reply::found`] of what one statement mostly tells; `read` may be run twice.
    pub(super) async fn found_at_once<T, R, M>(
        request: &HttpRequest,
        state: &State,
        sight: Sight,
        read: R,
        make: M,
    ) -> Result<Found<Self>, Problem>
    where
        T: 'static,
        R: FnMut(&mut Reader<'_>) -> Result<Found<T>, StoreError> + Send + 'static,
        M: FnOnce(T) -> Result<Self, Problem> + Send + 'static,
    {
        let make = Self::finishing(request, make);
        let make = move |found: Found<T>| found.try_map(make);
        state.read_single(sight, read, make).await?
    }

    /// Makes a reply whole: in the form that the request will have, and for those too who wait for
    /// the same answer.
    fn finishing<T, M>(
        request: &HttpRequest,
        make: M,
    ) -> impl FnOnce(T) -> Result<Self, Problem> + Send + 'static + use<T, M>
    where
        T: 'static,
        M: FnOnce(T) -> Result<Self, Problem> + Send + 'static,
    {
        let coding = Wanted::read(request.headers()).coding_ahead();
        let is_awaited = Deposit::of(request).is_some();
        // What goes wrong is logged under the request's id, on whichever thread that is.
        let id = REQUEST_ID.try_with(Clone::clone).ok();
        move |read: T| {
            let whole = || make(read).map(|reply| reply.finished(coding, is_awaited));
            match id {
                Some(id) => REQUEST_ID.sync_scope(id, whole),
                None => whole(),
            }
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
        self.keys.known.insert(key.into());
        self
    }

    /// Names lists that the answer depends on.
    pub(super) fn lists(mut self, lists: impl IntoIterator<Item = &'static str>) -> Self {
        let lists = lists.into_iter().map(str::to_owned);
        self.keys.known.extend(lists);
        self
    }

    /// Names things that the answer depends on.
    pub(super) fn keys(mut self, mut keys: BTreeSet<String>) -> Self {
        self.keys.known.append(&mut keys);
        self
    }

    /// Names articles and all that they name.
    pub(super) fn article_keys<'a>(self, articles: impl IntoIterator<Item = &'a Article>) -> Self {
        self.keys(article_keys(articles))
    }

    /// Tells caches outside a key of which the cache in this process knows better.
    pub(super) fn told(mut self, key: impl Into<String>) -> Self {
        self.keys.told.insert(key.into());
        self
    }

    /// Names things that the answer depends on, and of which caches outside are not told.
    pub(super) fn watching(mut self, mut names: BTreeSet<String>) -> Self {
        self.keys.watched.append(&mut names);
        self
    }

    /// What it lists, counts or finds may change with anything that is published.
    pub(super) fn watching_all(mut self) -> Self {
        self.keys.watch_all();
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

    /// The answer as it is stored; its body and link go with it.
    pub(super) fn stored(&mut self) -> Stored {
        let hash = self.hash();
        let body = mem::take(&mut self.body);
        let link = self.link.take();
        Stored::new(Parts {
            hash,
            body,
            content_type: self.content_type,
            last_modified: self.last_modified,
            keys: self.keys.outer(),
            link,
            no_store: self.no_store,
        })
    }

    /// The whole answer, and what it is held against where it `is_awaited` by others too.
    fn into_whole(mut self, is_awaited: bool) -> Whole {
        if let Some(whole) = self.whole.take() {
            return whole;
        }
        let watched = is_awaited.then(|| {
            let own = self.version.as_ref().map(|(id, _)| id.as_str());
            self.keys.inner(own)
        });
        let stored = Arc::new(self.stored());
        Whole { stored, watched }
    }

    /// The same, made whole here, with the form that the client wants.
    fn finished(self, coding: Coding, is_awaited: bool) -> Self {
        let no_store = self.no_store;
        let whole = self.into_whole(is_awaited);
        whole.stored.make_here(coding);
        Self {
            no_store,
            whole: Some(whole),
            ..Self::new(Vec::new(), "")
        }
    }

    fn respond(self, request: &HttpRequest) -> Result<HttpResponse, Problem> {
        let private = is_private(request);
        let is_for_all = !private && !self.no_store;
        let deposit = Deposit::of(request).filter(|_| is_for_all);
        let Whole { stored, watched } = self.into_whole(deposit.is_some());
        if let (Some(deposit), Some(watched)) = (deposit, watched) {
            // Also where this client gets a refusal: what it asks for is the same for the next.
            deposit.leave(Left {
                stored: Arc::clone(&stored),
                watched,
                route: request.match_pattern().unwrap_or_default(),
            });
        }
        let state = request.app_data::<Data<State>>();
        let wanted = Wanted::read(request.headers());
        if stored.is_long_in_making(&wanted) {
            return Ok(Unmade::response(stored, private));
        }
        let response = stored.respond(&wanted, state.map(Data::get_ref), private)?;
        Ok(response.into())
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
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.respond(request)
            .unwrap_or_else(|problem| actix_web::Error::from(problem).into())
    }
}
