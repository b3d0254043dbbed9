//! Words that stand nowhere, and what may have been meant by them.

use crate::{
    model::search::{Clause, Correction, SearchQuery},
    ranking::typos,
    store::{connection::DbConnection, error::StoreError, index::Snapshot},
};

/// Words of a search that are put right, at most: looking for each takes time.
const CORRECTIONS_AT_MOST: usize = 3;

/// The words to search for in place of those of the wanted clauses that find nothing: for each,
/// the nearest that most of the articles which may be seen have. None when one of them has no such
/// word, since nothing would be found all the same.
pub(super) fn corrections(
    connection: &mut DbConnection,
    snapshot: &Snapshot,
    query: &SearchQuery,
    empty: &[usize],
) -> Result<Vec<Correction>, StoreError> {
    if empty.len() > CORRECTIONS_AT_MOST {
        return Ok(Vec::new());
    }
    let mut corrections = Vec::with_capacity(empty.len());
    for number in empty {
        let clause = query.wanted.get(*number);
        let nearest = match clause.and_then(Clause::plain_word) {
            Some(word) => nearest(connection, snapshot, word)?,
            None => None,
        };
        let Some(word) = nearest else {
            return Ok(Vec::new());
        };
        corrections.push(Correction {
            clause: *number,
            word,
        });
    }
    Ok(corrections)
}

fn nearest(
    connection: &mut DbConnection,
    snapshot: &Snapshot,
    word: &str,
) -> Result<Option<String>, StoreError> {
    let near = typos::near(word);
    if near.is_empty() {
        return Ok(None);
    }
    let known = snapshot.known(connection, &near)?;
    let best = known
        .into_iter()
        .filter(|(_, articles)| *articles > 0)
        // Ties go to what comes first in the alphabet.
        .max_by(|(one, more), (other, than)| more.cmp(than).then_with(|| other.cmp(one)));
    Ok(best.map(|(word, _)| word))
}
