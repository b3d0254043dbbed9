//! The sample publication that comes with the binary: an invented local paper.

use crate::{
    domain::import::{self, Options, Summary, jsonl, page},
    model::stamp::Stamp,
    store::{
        self, Store, StoreError,
        articles::{AuthorSeed, CategorySeed, TagSeed},
    },
};

const TAXONOMY: &str = include_str!("../sample/taxonomy.json");
const ARTICLES: &str = include_str!("../sample/articles.jsonl");
const PAGE: &str = include_str!("../sample/page.txt");

/// Categories, authors and tags with their descriptions.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Taxonomy {
    categories: Vec<CategorySeed>,
    authors: Vec<AuthorSeed>,
    tags: Vec<TagSeed>,
}

/// Loads the sample content; what is there already is left as it is.
pub fn load(store: &Store, language: &str) -> Result<Summary, StoreError> {
    let unreadable = |cause: serde_json::Error| StoreError::Invalid(format!("sample: {cause}"));
    let taxonomy: Taxonomy = serde_json::from_str(TAXONOMY).map_err(unreadable)?;
    store.write_blocking(|connection| {
        let stamp = Stamp::of_program("sample");
        for category in &taxonomy.categories {
            store::articles::seed_category(connection, category, &stamp)?;
        }
        for author in &taxonomy.authors {
            store::articles::seed_author(connection, author, &stamp)?;
        }
        for tag in &taxonomy.tags {
            store::articles::seed_tag(connection, tag, &stamp)?;
        }
        // Descriptions are written past the log of changes.
        store::invalidation::note_everything(connection)
    })?;
    let entries = jsonl::entries(ARTICLES.as_bytes(), "sample")
        .chain(std::iter::once(page::entry(PAGE, "sample")));
    let options = Options {
        dry_run: false,
        language: language.to_owned(),
    };
    import::run(store, entries, &options, &mut Silent)
}

struct Silent;

impl import::Observer for Silent {
    fn refused(&mut self, refusal: &import::Refusal) {
        log::error!("{refusal}");
    }

    fn progress(&mut self, _so_far: &Summary) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::import::Entry;

    #[test]
    fn the_sample_is_whole() {
        let refused: Vec<Entry> = jsonl::entries(ARTICLES.as_bytes(), "sample")
            .chain([page::entry(PAGE, "sample")])
            .filter(|entry| matches!(entry, Entry::Refused(_)))
            .collect();
        assert!(refused.is_empty(), "{refused:?}");
        assert!(ARTICLES.lines().count() >= 40);
    }
}
