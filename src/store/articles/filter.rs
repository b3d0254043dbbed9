//! Turns a filter into conditions on the articles that may be seen.

use diesel::prelude::*;

use crate::{
    model::{article::ArticleFilter, slug::Key},
    store::{
        Reader,
        articles::rows::{Articles, columns as articles},
        categories,
        error::StoreError,
        schema::{article_authors, article_tags, authors, tags},
    },
};

/// Ids and slugs, parted.
fn split(keys: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut ids, mut slugs) = (Vec::new(), Vec::new());
    for key in keys {
        match Key::new(key) {
            Key::Id(id) => ids.push(id),
            Key::Slug(slug) => slugs.push(slug),
        }
    }
    (ids, slugs)
}

/// Articles that may be seen and pass the filter, but for its search, which [`crate::store::search`]
/// looks up. Costs one statement when it names categories, whose tree is needed, and none otherwise.
pub(in crate::store) fn filtered<'a>(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
) -> Result<Articles<'a>, StoreError> {
    let mut query = reader.articles();
    if !(filter.category.is_empty() && filter.exclude_category.is_empty()) {
        let tree = categories::Tree::load(reader.connection)?;
        if !filter.category.is_empty() {
            let inside: Vec<Option<i64>> = nullable(tree.with_descendants(&filter.category));
            query = query.filter(articles::category_pk.eq_any(inside));
        }
        if !filter.exclude_category.is_empty() {
            let outside: Vec<Option<i64>> =
                nullable(tree.with_descendants(&filter.exclude_category));
            query = query.filter(
                articles::category_pk
                    .is_null()
                    .or(articles::category_pk.ne_all(outside)),
            );
        }
    }
    query = by_tags_and_authors(query, filter);
    if !filter.language.is_empty() {
        query = query.filter(articles::language.eq_any(filter.language.clone()));
    }
    if let Some(featured) = filter.featured {
        query = query.filter(articles::featured.eq(featured));
    }
    if let Some(after) = filter.published_after {
        query = query.filter(articles::sort_at.gt(after.millis()));
    }
    if let Some(before) = filter.published_before {
        query = query.filter(articles::sort_at.lt(before.millis()));
    }
    if !filter.ids.is_empty() {
        query = query.filter(articles::id.eq_any(filter.ids.clone()));
    }
    if !filter.slugs.is_empty() {
        query = query.filter(articles::slug.eq_any(filter.slugs.clone()));
    }
    if !filter.status.is_empty() {
        let words: Vec<&str> = filter.status.iter().map(|status| status.as_str()).collect();
        query = query.filter(articles::status.eq_any(words));
    }
    Ok(query)
}

fn nullable(pks: Vec<i64>) -> Vec<Option<i64>> {
    pks.into_iter().map(Some).collect()
}

fn by_tags_and_authors<'a>(mut query: Articles<'a>, filter: &ArticleFilter) -> Articles<'a> {
    let tagged = |keys: &[String]| {
        let (ids, slugs) = split(keys);
        article_tags::table
            .inner_join(tags::table)
            .filter(tags::id.eq_any(ids).or(tags::slug.eq_any(slugs)))
            .select(article_tags::article_pk)
    };
    let written = |keys: &[String]| {
        let (ids, slugs) = split(keys);
        article_authors::table
            .inner_join(authors::table)
            .filter(authors::id.eq_any(ids).or(authors::slug.eq_any(slugs)))
            .select(article_authors::article_pk)
    };
    if !filter.tag.is_empty() {
        query = query.filter(articles::pk.eq_any(tagged(&filter.tag)));
    }
    if !filter.exclude_tag.is_empty() {
        query = query.filter(articles::pk.ne_all(tagged(&filter.exclude_tag)));
    }
    if !filter.author.is_empty() {
        query = query.filter(articles::pk.eq_any(written(&filter.author)));
    }
    if !filter.exclude_author.is_empty() {
        query = query.filter(articles::pk.ne_all(written(&filter.exclude_author)));
    }
    query
}
