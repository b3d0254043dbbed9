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
        long::aside,
        problem::Problem,
        state::State,
        stored::{Parts, Stored},
        unmade::Unmade,
        wanted::Wanted,
    },
    model::{article::Article, time::UtcTime},
    store::{self, Invalidation, InvalidationKey, invalidation::FILED_IN},
};

/// Bytes of `Surrogate-Key`; `Cache-Groups` has as many again, and clients such as Node's take 16
/// KB of header fields in all.
const KEYS_AT_MOST: usize = 4_000;
/// Things that a kept answer is held against each time it is given, at most.
const WATCHED_AT_MOST: usize = 256;
/// How the keys of each kind begin, and the word for all of a kind, which changes with any of
/// them.
const KINDS: [(&str, &str); 4] = [
    ("tag-", "tags"),
    ("author-", "authors"),
    ("article-", "articles"),
    ("category-", "categories"),
];

/// An answer on its way.
#[derive(Debug)]
pub(super) struct Reply {
    body: Vec<u8>,
    content_type: &'static str,
    last_modified: Option<UtcTime>,
    /// What it depends on.
    keys: BTreeSet<String>,
    /// What caches outside are told in place of what is known more exactly here.
    told: BTreeSet<String>,
    /// What it depends on beside, for the cache in this process alone.
    watched: BTreeSet<String>,
    link: Option<String>,
    no_store: bool,
    /// Id and version of the one thing that the answer is about.
    version: Option<(String, i64)>,
    /// The whole, where it was made away from the threads that answer.
    prepared: Option<Arc<Stored>>,
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
            told: BTreeSet::new(),
            watched: BTreeSet::new(),
            link: None,
            no_store: false,
            version: None,
            prepared: None,
        }
    }

    /// A public answer that was made before.
    pub(super) fn prepared(stored: Arc<Stored>) -> Self {
        Self {
            prepared: Some(stored),
            ..Self::new(Vec::new(), "")
        }
    }

    /// Makes a reply, hashes and encodes it away from the threads that answer: for such as may
    /// be large. Nothing can be added to it afterwards: `make` must name all.
    pub(super) async fn aside<F>(request: &HttpRequest, make: F) -> Result<Self, Problem>
    where
        F: FnOnce() -> Result<Self, Problem> + Send + 'static,
    {
        let coding = Wanted::read(request.headers()).coding();
        aside(move || {
            let mut reply = make()?;
            let stored = reply.whole();
            stored.make_here(coding);
            reply.prepared = Some(Arc::new(stored));
            Ok(reply)
        })
        .await
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

    /// Names lists that the answer depends on.
    pub(super) fn lists(mut self, lists: impl IntoIterator<Item = &'static str>) -> Self {
        self.keys.extend(lists.into_iter().map(str::to_owned));
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
            if !article.links.is_empty() {
                // Where a category is may be a part of the address that a link leads to.
                self.keys.insert("categories".to_owned());
            }
        }
        self
    }

    /// Tells caches outside a key of which the cache in this process knows better.
    pub(super) fn told(mut self, key: impl Into<String>) -> Self {
        self.told.insert(key.into());
        self
    }

    /// Names things that the answer depends on, and of which caches outside are not told.
    pub(super) fn watching(mut self, names: BTreeSet<String>) -> Self {
        self.watched.extend(names);
        self
    }

    /// What it lists, counts or finds may change with anything that is published: names decide
    /// too what passes a filter.
    pub(super) fn watching_all(mut self) -> Self {
        self.watched
            .extend(KINDS.map(|(_, plural)| plural.to_owned()));
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

    /// The whole answer; its body and link go with it.
    pub(super) fn whole(&mut self) -> Stored {
        let hash = self.hash();
        let body = mem::take(&mut self.body);
        let link = self.link.take();
        Stored::new(Parts {
            hash,
            body,
            content_type: self.content_type,
            last_modified: self.last_modified,
            keys: self.outer_keys(),
            link,
            no_store: self.no_store,
        })
    }

    fn respond(mut self, request: &HttpRequest) -> Result<HttpResponse, Problem> {
        let private = is_private(request);
        let stored = match self.prepared.take() {
            Some(stored) => stored,
            None => Arc::new(self.whole()),
        };
        if !private
            && !self.no_store
            && let Some(deposit) = Deposit::of(request)
        {
            // Also where this client gets a refusal: what it asks for is the same for the next.
            deposit.leave(Left {
                stored: Arc::clone(&stored),
                watched: self.watched_keys(),
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

    /// The keys that caches outside are told. Where they are too many for a header, one word for
    /// all of a kind: an answer may then be purged too often, never too seldom.
    fn outer_keys(&self) -> BTreeSet<&str> {
        let mut keys: BTreeSet<&str> = self.keys.union(&self.told).map(String::as_str).collect();
        for (kind, plural) in KINDS {
            let length: usize = keys.iter().map(|key| key.len() + 1).sum();
            if length > KEYS_AT_MOST {
                keys.retain(|key| !key.starts_with(kind));
                keys.insert(plural);
            }
        }
        keys
    }

    /// What the cache in this process holds the answer against. Where the word for all of a kind
    /// is among it, or there are too many of them, single things of that kind say nothing more;
    /// but for what is noted of a single article alone, beside the log of changes.
    fn watched_keys(&self) -> Box<[InvalidationKey]> {
        let own = self.version.as_ref().map(|(id, _)| format!("article-{id}"));
        let names = self.keys.union(&self.watched).map(String::as_str);
        let mut names: BTreeSet<&str> = names.collect();
        let [tags, authors, articles, categories] = KINDS;
        // What lies in a category is a part of all articles.
        let filed = (FILED_IN, articles.1);
        for (kind, plural) in [tags, authors, filed, articles, categories] {
            if names.contains(plural) || names.len() > WATCHED_AT_MOST {
                names.retain(|name| !name.starts_with(kind));
                names.insert(plural);
            }
        }
        if names.contains("articles") && names.contains(store::related::ALL) {
            names.insert(store::related::MERGED);
        }
        names.extend(own.as_deref());
        let keys: BTreeSet<InvalidationKey> = names.into_iter().map(Invalidation::key).collect();
        keys.into_iter().collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(reply: &Reply) -> Vec<InvalidationKey> {
        reply.watched_keys().into_vec()
    }

    fn keys(names: &[&str]) -> Vec<InvalidationKey> {
        let keys: BTreeSet<_> = names.iter().copied().map(Invalidation::key).collect();
        keys.into_iter().collect()
    }

    #[test]
    fn the_word_for_all_of_a_kind_stands_for_each() {
        let reply = Reply::new(Vec::new(), "text/plain")
            .key("articles")
            .key("article-1")
            .key("tag-1")
            .watching(BTreeSet::from(["related-1".to_owned()]));
        assert_eq!(watched(&reply), keys(&["articles", "tag-1", "related-1"]));
        let all = ["articles", "authors", "categories", "tags", "related-1"];
        assert_eq!(watched(&reply.watching_all()), keys(&all));
    }

    #[test]
    fn however_many_things_there_are_few_are_watched() {
        let reply = Reply::new(Vec::new(), "text/plain").key("article-1");
        let tags = (0..1_000).map(|tag| format!("tag-{tag}"));
        let reply = tags.fold(reply, Reply::key);
        assert_eq!(watched(&reply), keys(&["tags", "article-1"]));
        let told = reply.outer_keys();
        let told: Vec<&str> = told.into_iter().collect();
        assert_eq!(told, ["article-1", "tags"]);
    }

    #[test]
    fn few_categories_are_watched_each_and_many_as_all_articles() {
        let of = |categories: usize| {
            let filed = (0..categories).map(|pk| format!("{FILED_IN}{pk}"));
            Reply::new(Vec::new(), "text/plain")
                .told("articles")
                .key("categories")
                .key("article-1")
                .key("tag-1")
                .watching(filed.collect())
        };
        let few = ["article-1", "categories", "in-category-0", "tag-1"];
        assert_eq!(watched(&of(1)), keys(&few));
        let all = ["articles", "authors", "categories", "tags"];
        assert_eq!(watched(&of(1_000)), keys(&all));
        for categories in [1, 1_000] {
            let reply = of(categories);
            let told: Vec<&str> = reply.outer_keys().into_iter().collect();
            assert_eq!(told, ["article-1", "articles", "categories", "tag-1"]);
        }
    }

    #[test]
    fn what_is_noted_of_one_article_alone_is_watched_beside_all() {
        let hidden = ["articles", store::related::ALL].map(str::to_owned);
        let reply = Reply::new(Vec::new(), "text/plain")
            .key("article-1")
            .key("article-2")
            .version("1", 3)
            .watching(hidden.into());
        let (all, merged) = (store::related::ALL, store::related::MERGED);
        let known = ["articles", "article-1", all, merged];
        assert_eq!(watched(&reply), keys(&known));
    }

    #[test]
    fn each_cache_is_told_what_it_can_use() {
        let hidden = ["article-2", "related", "related-1"].map(str::to_owned);
        let reply = Reply::new(Vec::new(), "text/plain")
            .told("articles")
            .key("article-1")
            .watching(hidden.into());
        let told = reply.outer_keys();
        let told: Vec<&str> = told.into_iter().collect();
        assert_eq!(told, ["article-1", "articles"]);
        let known = ["article-1", "article-2", "related", "related-1"];
        assert_eq!(watched(&reply), keys(&known));
    }
}
