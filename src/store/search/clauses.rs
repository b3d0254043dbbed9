//! The articles that the clauses of a search find together.

use crate::{
    model::{
        marked::Marked,
        search::{Clause, SearchQuery},
    },
    ranking::lists::List,
    store::{
        connection::DbConnection,
        error::StoreError,
        index::Snapshot,
        search::{
            forms::Forms,
            lists::{Common, Lists},
            rank::{Sums, weight},
        },
    },
};

/// Clauses whose lists lie in memory together: one list may name every article.
const CLAUSES_AT_ONCE: usize = 32;

/// What the clauses of a search find together.
pub(super) struct Together {
    /// The articles that all wanted clauses find and no unwanted one; the weight is the sum.
    pub(super) sums: List,
    /// What each wanted clause counts.
    pub(super) weights: Vec<u16>,
    /// The numbers of wanted clauses that find nothing.
    pub(super) empty: Vec<usize>,
    /// The words that count as hits.
    pub(super) marked: Marked,
}

impl Together {
    /// Reads the lists of many clauses in one statement of each kind, and in one for each
    /// beginning of a word. `weights` are those of an earlier page.
    pub(super) fn find(
        connection: &mut DbConnection,
        snapshot: &Snapshot,
        query: &SearchQuery,
        languages: &[String],
        weights: Option<&[u16]>,
    ) -> Result<Self, StoreError> {
        let mut gathering = Gathering {
            forms: Forms::find(connection, snapshot, query, languages)?,
            known: weights,
            articles: snapshot.articles(),
            // What is refused is refused of something.
            needs_all: query.wanted.is_empty(),
            common: None,
            weights: Vec::with_capacity(query.wanted.len()),
            empty: Vec::new(),
            sums: Sums::default(),
        };
        let wanted = query.wanted.iter().map(|clause| (true, clause));
        let unwanted = query.unwanted.iter().map(|clause| (false, clause));
        let clauses: Vec<(bool, &Clause)> = wanted.chain(unwanted).collect();
        for batch in clauses.chunks(CLAUSES_AT_ONCE) {
            gathering.take(connection, snapshot, batch)?;
        }
        Ok(gathering.finish(query))
    }
}

/// What the clauses find together, as they are taken one after the other.
struct Gathering<'a> {
    forms: Forms,
    /// What each wanted clause counts, if an earlier page told.
    known: Option<&'a [u16]>,
    articles: usize,
    needs_all: bool,
    /// Read with the first clauses.
    common: Option<Common>,
    weights: Vec<u16>,
    empty: Vec<usize>,
    sums: Sums,
}

impl Gathering<'_> {
    /// Takes clauses, each with whether it is wanted. All wanted ones come first.
    fn take(
        &mut self,
        connection: &mut DbConnection,
        snapshot: &Snapshot,
        batch: &[(bool, &Clause)],
    ) -> Result<(), StoreError> {
        let beside = match self.common {
            Some(_) => Vec::new(),
            None => Common::terms(&self.forms, self.needs_all),
        };
        let mut found = Lists::load(connection, snapshot, batch, &self.forms, beside)?;
        let common = match self.common.take() {
            Some(common) => common,
            None => found.take_common(&self.forms, self.articles),
        };
        let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
        for (is_wanted, clause) in batch {
            let list = found.list(clause, &self.forms, &common);
            match is_wanted {
                true => wanted.push((self.weighed(list.len()), list)),
                false => unwanted.push(list),
            }
        }
        self.sums.want(wanted);
        for list in unwanted {
            self.sums.refuse(&list, &common.all);
        }
        self.common = Some(common);
        Ok(())
    }

    /// What the next wanted clause counts, which finds so many articles.
    fn weighed(&mut self, found: usize) -> u16 {
        let number = self.weights.len();
        let weight = match self.known {
            Some(known) => known.get(number).copied().unwrap_or(1),
            None => weight(found, self.articles),
        };
        self.weights.push(weight);
        if found == 0 {
            self.empty.push(number);
        }
        weight
    }

    fn finish(self, query: &SearchQuery) -> Together {
        let common = self.common.unwrap_or_default();
        let mut marked = Marked::of(query);
        for word in query.wanted.iter().filter_map(Clause::plain_word) {
            for (language, forms) in self.forms.of(word) {
                let only = common.is_apart(language).then_some(language);
                for form in forms {
                    marked.add_form(word, form, only);
                }
            }
        }
        Together {
            sums: self.sums.finish(),
            weights: self.weights,
            empty: self.empty,
            marked,
        }
    }
}
