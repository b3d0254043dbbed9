//! `ghost`: the JSON export of a Ghost site, version 2 to 6.

mod body;
mod cards;
mod export;
mod index;
mod lexical;
mod media;
mod mobiledoc;
mod post;
mod site;
mod writer;

use std::io::Read;

use crate::domain::import::{Entry, Place};
use index::Index;

/// Reads a Ghost JSON export (version 2 to 6): first the names that its posts use, then the posts,
/// then what was left out.
pub fn entries<'a>(
    input: impl Read,
    file: &'a str,
) -> Result<impl Iterator<Item = Entry> + Send + 'a, String> {
    let mut data = export::read(input).map_err(|reason| format!("{file} {reason}"))?;
    let posts = data.posts.take().unwrap_or_default();
    let index = Index::new(data);
    let names = index.names(&posts, file);
    let last = index.internal_tags(file);
    let articles = (1_u64..)
        .zip(posts)
        .map(move |(number, post)| post::entry(&post, &index, Place::item(file, number)));
    Ok(names.into_iter().chain(articles).chain(last))
}
