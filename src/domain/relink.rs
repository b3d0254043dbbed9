//! Links within the publication: bodies keep the address that was written, and readers get the
//! one that the article has now.

use std::collections::{HashMap, HashSet};

use crate::{
    domain::address::Site,
    model::{
        article::Article,
        block::{Block, MarkDef},
        kind::Kind,
        slug::Key,
    },
    store::{
        Reader, StoreError,
        articles::{Address, by_addresses},
    },
};

/// Links of one answer that are looked up; others stay as they were written.
const LINKS_AT_MOST: usize = 2_000;

/// Puts present addresses into the bodies of articles, in place of such as lead to an article
/// that may be seen. An article that is linked to counts among what the linking one shows.
pub fn relink<'a>(
    reader: &mut Reader<'_>,
    site: &Site,
    articles: impl Iterator<Item = &'a mut Article>,
) -> Result<(), StoreError> {
    let mut articles: Vec<&mut Article> = articles.collect();
    let mut addresses: HashSet<Address> = HashSet::new();
    let bodies = articles
        .iter_mut()
        .flat_map(|article| article.body.iter_mut());
    for block in bodies.flatten() {
        each_link(block, &mut |href| {
            if addresses.len() < LINKS_AT_MOST
                && let Some(address) = address(site, href)
            {
                addresses.insert(address);
            }
        });
    }
    let addresses: Vec<Address> = addresses.into_iter().collect();
    let found = by_addresses(reader, &addresses)?;
    if found.is_empty() {
        return Ok(());
    }
    for article in articles {
        let mut links = Vec::new();
        for block in article.body.iter_mut().flatten() {
            each_link(block, &mut |href| {
                if let Some(target) = replaced(site, &found, href) {
                    links.push(target);
                }
            });
        }
        // Their addresses have names in them, which change by themselves.
        let date = |target: &&Article| target.names_updated_at.max(Some(target.updated_at));
        let newest = links.iter().filter_map(date).max();
        article.names_updated_at = article.names_updated_at.max(newest);
        article.links = links.into_iter().map(|target| target.id.clone()).collect();
    }
    Ok(())
}

/// Puts the present address in place of a link; gives what it leads to.
fn replaced<'a>(
    site: &Site,
    found: &'a HashMap<String, Article>,
    href: &mut String,
) -> Option<&'a Article> {
    let path = site.own_path(href)?;
    let target = found.get(&path)?;
    let tail = href.find(['?', '#']).map(|at| href.split_at(at).1);
    *href = format!("{}{}", site.article(target), tail.unwrap_or_default());
    Some(target)
}

fn address(site: &Site, href: &str) -> Option<Address> {
    let path = site.own_path(href)?;
    let key = site
        .candidates(&path)
        .into_iter()
        .find(|(kind, _)| *kind == Kind::Article)
        .map(|(_, key)| Key::new(&key));
    Some(Address { path, key })
}

fn each_link(block: &mut Block, with: &mut impl FnMut(&mut String)) {
    let mut of = |mark_defs: &mut Vec<MarkDef>| {
        for mark_def in mark_defs {
            mark_def.each_href(with);
        }
    };
    match block {
        Block::Block(text) => of(&mut text.mark_defs),
        Block::Quote(quote) => quote
            .content
            .iter_mut()
            .for_each(|text| of(&mut text.mark_defs)),
        Block::Table(table) => table
            .rows
            .iter_mut()
            .flat_map(|row| row.cells.iter_mut())
            .for_each(|cell| of(&mut cell.mark_defs)),
        Block::Image(image) => image.link.iter_mut().for_each(with),
        _ => {}
    }
}
