//! Whether the languages of all articles, and the stems of all their words, are known.

use std::collections::HashSet;

use diesel::{
    dsl,
    prelude::*,
    sql_types::{Bool, Text},
};

use crate::{
    ranking::{forward::of_language, stems::stem},
    store::{
        connection::DbConnection,
        error::StoreError,
        index::{
            check::{fingerprint, words},
            read,
        },
        schema::index_stems,
    },
};

/// Stems that are read at a time.
const STEMS_AT_ONCE: i64 = 5_000;

/// Languages, and the words that go by their stems in them.
#[derive(Default)]
pub(super) struct Stems {
    languages: HashSet<String>,
    /// Fingerprints of language, stem and term.
    known: HashSet<u64>,
    /// Fingerprints of language and term, of all that were looked at.
    seen: HashSet<u64>,
    /// Languages of articles that are not known.
    pub(super) strange: HashSet<String>,
    /// Words whose stem is not known.
    pub(super) unstemmed: i64,
}

impl Stems {
    pub(super) fn read(connection: &mut DbConnection) -> Result<Self, StoreError> {
        let mut stems = Self {
            languages: read::languages(connection)?.into_iter().collect(),
            ..Self::default()
        };
        let mut after = (String::new(), String::new(), String::new());
        loop {
            let mut rows = stems_after(connection, &after)?;
            stems.known.extend(rows.iter().map(fingerprint));
            match rows.pop() {
                Some(last) => after = last,
                None => return Ok(stems),
            }
        }
    }

    /// Looks at the terms of one article.
    pub(super) fn take(&mut self, terms: &str) {
        let mark = of_language("");
        let Some(language) = words(terms).find_map(|term| term.strip_prefix(mark.as_str())) else {
            return;
        };
        if !self.languages.contains(language) {
            self.strange.insert(language.to_owned());
        }
        for term in words(terms) {
            let is_of_letters = term.chars().all(char::is_alphabetic);
            if is_of_letters && self.seen.insert(fingerprint((language, term))) {
                self.look_at(language, term);
            }
        }
    }

    fn look_at(&mut self, language: &str, term: &str) {
        let stem = stem(language, term);
        let is_another = stem != term && !stem.is_empty();
        if is_another && !self.known.contains(&fingerprint((language, &*stem, term))) {
            self.unstemmed += 1;
        }
    }
}

/// Stems that come after this one, by their key.
fn stems_after(
    connection: &mut DbConnection,
    (language, stem, term): &(String, String, String),
) -> Result<Vec<(String, String, String)>, StoreError> {
    let later = dsl::sql::<Bool>("(language, stem, term) > (")
        .bind::<Text, _>(language.as_str())
        .sql(", ")
        .bind::<Text, _>(stem.as_str())
        .sql(", ")
        .bind::<Text, _>(term.as_str())
        .sql(")");
    Ok(index_stems::table
        .filter(later)
        .order((index_stems::language, index_stems::stem, index_stems::term))
        .limit(STEMS_AT_ONCE)
        .select((index_stems::language, index_stems::stem, index_stems::term))
        .load(connection)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_and_languages_that_lack_are_counted_once() {
        let mut stems = Stems {
            languages: HashSet::from(["en".to_owned()]),
            known: HashSet::from([fingerprint(("en", "run", "running"))]),
            ..Stems::default()
        };
        stems.take("#day #in:en 2024 ferries running");
        stems.take("#day #in:en ferries quay running");
        assert_eq!((stems.strange.len(), stems.unstemmed), (0, 1));
        stems.take("#day #in:xx ferries");
        stems.take("#day #in:xx running");
        stems.take("#day ferries");
        assert_eq!((stems.strange.len(), stems.unstemmed), (1, 1));
    }
}
