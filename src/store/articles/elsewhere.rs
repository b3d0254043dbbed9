//! Articles by the addresses that bodies link to, and by paths of the site that they came from.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use crate::{
    model::{
        article::Article,
        kind::Kind,
        slug::{Key, is_slug},
    },
    store::{
        Reader,
        articles::{
            ArticleRow, by_rows, complete, published_by_rows,
            rows::{columns as articles, published},
        },
        error::StoreError,
        invalidation::all_of,
        schema::{former_paths, former_slugs},
    },
};

/// An address on the public site, as a link has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// Its path, without a slash at the end.
    pub path: String,
    /// The article that it names, if it has the form of an article's address.
    pub key: Option<Key>,
}

/// The article that had this path on the site that it came from, if it may be seen.
pub fn by_former_path(reader: &mut Reader<'_>, path: &str) -> Result<Option<Article>, StoreError> {
    let pk: Option<i64> = former_paths::table
        .find(path)
        .select(former_paths::article_pk)
        .first(reader.connection)
        .optional()?;
    match pk {
        Some(pk) => Ok(by_rows(reader, &[pk], false)?.pop()),
        None => Ok(None),
    }
}

/// The published articles that addresses lead to, by path: by slug or id, by a former slug, or by
/// a path of the site that they came from. Published ones for editors too: what they read, they
/// may send back as the text. At most seven statements, however
/// many addresses there are.
pub fn by_addresses(
    reader: &mut Reader<'_>,
    addresses: &[Address],
) -> Result<HashMap<String, Article>, StoreError> {
    let mut found = HashMap::new();
    if addresses.is_empty() {
        return Ok(found);
    }
    reader.more()?;
    let present = by_keys(reader, addresses)?;
    let former = by_former_slugs(reader, addresses, &present)?;
    for address in addresses {
        let article = address.key.as_ref().and_then(|key| {
            let is_it = |article: &&Article| match key {
                Key::Id(id) => article.id == *id,
                Key::Slug(slug) => article.slug == *slug,
            };
            let (Key::Id(text) | Key::Slug(text)) = key;
            present.iter().find(is_it).or_else(|| former.get(text))
        });
        if let Some(article) = article {
            found.insert(address.path.clone(), article.clone());
        }
    }
    let by_key: HashSet<String> = found.keys().cloned().collect();
    let others = addresses.iter().map(|address| &address.path);
    let others: Vec<String> = others
        .filter(|path| !found.contains_key(*path))
        .cloned()
        .collect();
    let rows: Vec<(String, i64)> = former_paths::table
        .filter(former_paths::path.eq_any(others))
        .select((former_paths::path, former_paths::article_pk))
        .load(reader.connection)?;
    let pks: Vec<i64> = rows.iter().map(|(_, pk)| *pk).collect();
    let articles: HashMap<i64, Article> = published_by_rows(reader.connection, &pks)?
        .into_iter()
        .map(|article| (article.row, article))
        .collect();
    for (path, pk) in rows {
        if let Some(article) = articles.get(&pk) {
            found.insert(path, article.clone());
        }
    }
    // Where it leads nowhere, or to where an article may come whose slug it names, that may change
    // with any article.
    let is_open = |address: &Address| match address.key {
        Some(_) => !by_key.contains(&address.path),
        None => !found.contains_key(&address.path),
    };
    if addresses.iter().any(is_open) {
        reader.depends_on(all_of(Kind::Article));
    }
    Ok(found)
}

fn by_keys(reader: &mut Reader<'_>, addresses: &[Address]) -> Result<Vec<Article>, StoreError> {
    let (mut ids, mut slugs) = (Vec::new(), Vec::new());
    for key in addresses.iter().filter_map(|address| address.key.as_ref()) {
        match key {
            Key::Id(id) => ids.push(id.clone()),
            Key::Slug(slug) if is_slug(slug) => slugs.push(slug.clone()),
            Key::Slug(_) => {}
        }
    }
    if ids.is_empty() && slugs.is_empty() {
        return Ok(Vec::new());
    }
    let rows = published()
        .filter(articles::id.eq_any(ids).or(articles::slug.eq_any(slugs)))
        .select(ArticleRow::as_select())
        .load(reader.connection)?;
    complete(reader.connection, rows, false)
}

/// The articles that once had the slugs that are none's now, by those slugs.
fn by_former_slugs(
    reader: &mut Reader<'_>,
    addresses: &[Address],
    present: &[Article],
) -> Result<HashMap<String, Article>, StoreError> {
    let keys = addresses.iter().filter_map(|address| address.key.as_ref());
    let slugs: Vec<String> = keys
        .filter_map(|key| match key {
            Key::Slug(slug) if present.iter().all(|article| article.slug != *slug) => {
                Some(slug.clone())
            }
            _ => None,
        })
        .collect();
    if slugs.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, String)> = former_slugs::table
        .filter(former_slugs::kind.eq(Kind::Article.as_str()))
        .filter(former_slugs::slug.eq_any(slugs))
        .filter(former_slugs::public.eq(true))
        .select((former_slugs::slug, former_slugs::id))
        .load(reader.connection)?;
    let ids: Vec<String> = rows.iter().map(|(_, id)| id.clone()).collect();
    let found = published()
        .filter(articles::id.eq_any(ids))
        .select(ArticleRow::as_select())
        .load(reader.connection)?;
    let found = complete(reader.connection, found, false)?;
    let by_slug = rows.into_iter().filter_map(|(slug, id)| {
        let article = found.iter().find(|article| article.id == id)?;
        Some((slug, article.clone()))
    });
    Ok(by_slug.collect())
}
