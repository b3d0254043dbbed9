//! Forms of words: as the index will know them once all that waits is merged.

use std::collections::BTreeSet;

use crate::{
    ranking::stems::stem,
    store::{
        connection::DbConnection,
        error::StoreError,
        index::{read::terms_of_stems, snapshot::Snapshot},
    },
};

impl Snapshot {
    /// The terms that have these stems in a language, each with its stem, in no order; those of
    /// articles that wait to be merged are among them, so that merging adds none. They may be of
    /// articles that are gone, or that not everyone sees.
    pub(in crate::store) fn terms_of_stems(
        &self,
        connection: &mut DbConnection,
        language: &str,
        stems: &BTreeSet<&str>,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let pairs: Vec<(String, String)> = stems
            .iter()
            .map(|stem| (language.to_owned(), (*stem).to_owned()))
            .collect();
        let merged = terms_of_stems(connection, &pairs)?;
        let mut found: Vec<(String, String)> = merged
            .into_iter()
            .map(|(_, stem, term)| (stem, term))
            .collect();
        let forwards = self
            .waiting()
            .filter(|forward| forward.language == language);
        let terms = forwards
            .flat_map(|forward| &forward.words)
            .map(|word| word.term.as_str());
        // As when they are merged: what has digits is no word with a stem.
        let is_word = |term: &&str| term.chars().all(char::is_alphabetic);
        let words: BTreeSet<&str> = terms.filter(is_word).collect();
        found.extend(words.into_iter().filter_map(|word| {
            let stem = stem(language, word);
            let is_sought = stems.contains(&*stem);
            is_sought.then(|| (stem.into_owned(), word.to_owned()))
        }));
        Ok(found)
    }
}
