//! What an answer depends on: by which keys caches outside are told to let go of it, and what the
//! cache in this process holds it against.

use std::collections::BTreeSet;

use crate::{
    model::article::Article,
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

/// Names of what an answer depends on.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// What all caches are told.
    pub(super) known: BTreeSet<String>,
    /// What caches outside are told in place of what is known more exactly here.
    pub(super) told: BTreeSet<String>,
    /// What it depends on beside, for the cache in this process alone.
    pub(super) watched: BTreeSet<String>,
}

/// The names of articles and of all that they name.
pub(super) fn article_keys<'a>(
    articles: impl IntoIterator<Item = &'a Article>,
) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for article in articles {
        let mut add = |kind: &str, id: &str| keys.insert([kind, id].concat());
        add("article-", &article.id);
        if let Some(category) = &article.category {
            add("category-", &category.id);
        }
        for author in &article.authors {
            add("author-", &author.id);
        }
        for tag in &article.tags {
            add("tag-", &tag.id);
        }
        for id in &article.links {
            add("article-", id);
        }
        if !article.links.is_empty() {
            // Where a category is may be a part of the address that a link leads to.
            keys.insert("categories".to_owned());
        }
    }
    keys
}

impl Keys {
    /// Adds the words for all of each kind: what an answer lists, counts or finds may change with
    /// anything that is published, since names decide too what passes a filter.
    pub(super) fn watch_all(&mut self) {
        let words = KINDS.map(|(_, plural)| plural.to_owned());
        self.watched.extend(words);
    }

    /// The keys that caches outside are told, in order. Where they are too many for a header, one
    /// word for all of a kind: an answer may then be purged too often, never too seldom.
    pub(super) fn outer(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = self.known.union(&self.told).map(String::as_str).collect();
        for (kind, plural) in KINDS {
            let length: usize = keys.iter().map(|key| key.len() + 1).sum();
            if length <= KEYS_AT_MOST {
                break;
            }
            keys.retain(|key| !key.starts_with(kind));
            if let Err(place) = keys.binary_search(&plural) {
                keys.insert(place, plural);
            }
        }
        keys
    }

    /// What the cache in this process holds the answer against. Where the word for all of a kind
    /// is among it, or there are too many of them, single things of that kind say nothing more;
    /// but for what is noted of a single article alone, beside the log of changes: that of this
    /// id, which the answer is about.
    pub(super) fn inner(&self, own: Option<&str>) -> Box<[InvalidationKey]> {
        let own = own.map(|id| ["article-", id].concat());
        let names = self.known.union(&self.watched).map(String::as_str);
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
        let mut keys: Vec<InvalidationKey> = names.into_iter().map(Invalidation::key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().copied().map(str::to_owned).collect()
    }

    /// What caches in this process hold an answer against that depends on these.
    fn hashed(names: &[&str]) -> Vec<InvalidationKey> {
        let keys: BTreeSet<_> = names.iter().copied().map(Invalidation::key).collect();
        keys.into_iter().collect()
    }

    #[test]
    fn the_word_for_all_of_a_kind_stands_for_each() {
        let mut keys = Keys {
            known: set(&["articles", "article-1", "tag-1"]),
            watched: set(&["related-1"]),
            ..Keys::default()
        };
        let known = hashed(&["articles", "tag-1", "related-1"]);
        assert_eq!(*keys.inner(None), known);
        keys.watch_all();
        let all = hashed(&["articles", "authors", "categories", "tags", "related-1"]);
        assert_eq!(*keys.inner(None), all);
    }

    #[test]
    fn however_many_things_there_are_few_are_watched() {
        let tags = (0..1_000).map(|tag| format!("tag-{tag}"));
        let keys = Keys {
            known: tags.chain(["article-1".to_owned()]).collect(),
            ..Keys::default()
        };
        assert_eq!(*keys.inner(None), hashed(&["tags", "article-1"]));
        assert_eq!(keys.outer(), ["article-1", "tags"]);
    }

    #[test]
    fn few_categories_are_watched_each_and_many_as_all_articles() {
        let of = |categories: usize| {
            let filed = (0..categories).map(|pk| format!("{FILED_IN}{pk}"));
            Keys {
                known: set(&["categories", "article-1", "tag-1"]),
                told: set(&["articles"]),
                watched: filed.collect(),
            }
        };
        let few = hashed(&["article-1", "categories", "in-category-0", "tag-1"]);
        assert_eq!(*of(1).inner(None), few);
        let all = hashed(&["articles", "authors", "categories", "tags"]);
        assert_eq!(*of(1_000).inner(None), all);
        for categories in [1, 1_000] {
            let told = ["article-1", "articles", "categories", "tag-1"];
            assert_eq!(of(categories).outer(), told);
        }
    }

    #[test]
    fn what_is_noted_of_one_article_alone_is_watched_beside_all() {
        let keys = Keys {
            known: set(&["article-1", "article-2"]),
            watched: set(&["articles", store::related::ALL]),
            ..Keys::default()
        };
        let (all, merged) = (store::related::ALL, store::related::MERGED);
        let known = hashed(&["articles", "article-1", all, merged]);
        assert_eq!(*keys.inner(Some("1")), known);
    }

    #[test]
    fn each_cache_is_told_what_it_can_use() {
        let keys = Keys {
            known: set(&["article-1"]),
            told: set(&["articles"]),
            watched: set(&["article-2", "related", "related-1"]),
        };
        assert_eq!(keys.outer(), ["article-1", "articles"]);
        let known = hashed(&["article-1", "article-2", "related", "related-1"]);
        assert_eq!(*keys.inner(None), known);
    }
}
