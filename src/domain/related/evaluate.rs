//! The ranking of related articles, scored by judgements.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    domain::{import::Refusal, related::Judgement},
    model::{article::Article, related::Related, sight::Sight, slug::Key},
    ranking::measures::{ndcg, recall},
    store::{self, Connection, Found, Reader, Store, StoreError, related::RelatedRequest},
};

/// Articles of a ranking that is scored: as many as the API gives at most.
pub const RESULTS: usize = 50;
/// Articles whose names are looked up in one transaction.
const NAMES_AT_ONCE: usize = 500;
/// Articles whose related ones are read in one transaction.
const SOURCES_AT_ONCE: usize = 20;

/// What is scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The ranking of articles of the same category alone.
    pub same_category: bool,
    /// Days after which closeness in time halves a score; without it, time does not count.
    pub half_life_days: Option<u32>,
    /// Lengths of a list at which recall is told.
    pub cutoffs: Vec<usize>,
}

/// How good a ranking is; `None` where nothing was judged to be related.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// nDCG of the first 5.
    pub ndcg_5: Option<f64>,
    /// nDCG of the first 10.
    pub ndcg_10: Option<f64>,
    /// At each of the asked lengths, the share of what was judged to be related that is in it.
    pub recall: Vec<(usize, Option<f64>)>,
}

/// How one article's related ones are ranked.
#[derive(Debug, Clone, PartialEq)]
pub struct OfArticle {
    /// The article.
    pub slug: String,
    /// Articles that were judged.
    pub judged: usize,
    /// Those of a grade above 0.
    pub related: usize,
    /// Over the whole ranking: what nobody judged counts as not related.
    pub whole: Figures,
    /// Over the ranking without what nobody judged.
    pub judged_only: Figures,
}

/// How good the ranking is.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// One for each article that was judged, in the order of the judgements.
    pub articles: Vec<OfArticle>,
    /// Judgements that went into it.
    pub judgements: usize,
    /// Lengths of a list at which recall is told.
    pub cutoffs: Vec<usize>,
}

impl Evaluation {
    /// Articles that have any article judged to be related: those that the means are of.
    pub fn scored(&self) -> usize {
        self.articles.iter().filter(|one| one.related > 0).count()
    }

    /// The means over the whole rankings, and over what was judged alone.
    pub fn means(&self) -> (Figures, Figures) {
        let whole: Vec<&Figures> = self.articles.iter().map(|one| &one.whole).collect();
        let judged: Vec<&Figures> = self.articles.iter().map(|one| &one.judged_only).collect();
        let mean = |all: &[&Figures]| Figures::mean(all, &self.cutoffs);
        (mean(&whole), mean(&judged))
    }
}

impl Figures {
    fn of(ranked: &[f64], judged: &[f64], cutoffs: &[usize]) -> Self {
        let recall_at = |k: &usize| (*k, recall(ranked, judged, *k));
        Self {
            ndcg_5: ndcg(ranked, judged, 5),
            ndcg_10: ndcg(ranked, judged, 10),
            recall: cutoffs.iter().map(recall_at).collect(),
        }
    }

    fn mean(all: &[&Self], cutoffs: &[usize]) -> Self {
        let recall_at = |(place, k): (usize, &usize)| {
            let value = |figures: &&Self| figures.recall.get(place).and_then(|(_, value)| *value);
            (*k, mean(all.iter().map(value)))
        };
        Self {
            ndcg_5: mean(all.iter().map(|figures| figures.ndcg_5)),
            ndcg_10: mean(all.iter().map(|figures| figures.ndcg_10)),
            recall: cutoffs.iter().enumerate().map(recall_at).collect(),
        }
    }
}

/// The mean of the values that there are.
fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let (sum, count) = values
        .flatten()
        .fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// Brings the index up to date and scores the related articles that readers would get. Judgements
/// of articles that are not known, or that readers can't see, are told and left out. A pair that
/// was judged several times counts with the mean of its grades.
pub fn evaluate(
    store: &Store,
    judgements: &[Judgement],
    question: &Question,
    told: &mut dyn FnMut(&Refusal),
) -> Result<Evaluation, StoreError> {
    store::related::settle(store)?;
    let (sources, used) = by_source(store, judgements, told)?;
    let mut articles = Vec::with_capacity(sources.len());
    for some in sources.chunks(SOURCES_AT_ONCE) {
        let pks: Vec<i64> = some.iter().map(|source| source.pk).collect();
        let request = request(question);
        let ranked = store.read_blocking(Sight::Public, |reader| ranked(reader, &pks, request))?;
        for source in some {
            // One may have been taken back since its name was looked up.
            if let Some((slug, ranking)) = ranked.value.get(&source.pk) {
                articles.push(source.scored(slug, ranking, &question.cutoffs));
            }
        }
    }
    Ok(Evaluation {
        articles,
        judgements: used,
        cutoffs: question.cutoffs.clone(),
    })
}

fn request(question: &Question) -> RelatedRequest {
    RelatedRequest {
        limit: RESULTS,
        same_category: question.same_category,
        include_newer: true,
        half_life_days: question.half_life_days,
        explain: false,
    }
}

/// Slug and ranking of each of the rows.
fn ranked(
    reader: &mut Reader<'_>,
    pks: &[i64],
    request: RelatedRequest,
) -> Result<HashMap<i64, (String, Vec<i64>)>, StoreError> {
    let articles = store::articles::by_rows(reader, pks, false)?;
    let mut related = store::related::of_articles(reader, &articles, request)?;
    let one = |article: Article| {
        let ranking: Vec<Related> = related.remove(&article.row).unwrap_or_default();
        let rows = ranking.iter().map(|related| related.article.row).collect();
        (article.row, (article.slug, rows))
    };
    Ok(articles.into_iter().map(one).collect())
}

/// An article, and what was judged of others.
struct Source {
    pk: i64,
    /// The grades that each of the others got.
    grades: BTreeMap<i64, Vec<f64>>,
}

impl Source {
    fn scored(&self, slug: &str, ranking: &[i64], cutoffs: &[usize]) -> OfArticle {
        let grade_of = |pk: &i64| mean(self.grades.get(pk)?.iter().copied().map(Some));
        let judged: Vec<f64> = self.grades.keys().filter_map(grade_of).collect();
        let whole: Vec<f64> = ranking
            .iter()
            .map(|pk| grade_of(pk).unwrap_or(0.0))
            .collect();
        let condensed: Vec<f64> = ranking.iter().filter_map(grade_of).collect();
        OfArticle {
            slug: slug.to_owned(),
            judged: judged.len(),
            related: judged.iter().filter(|grade| **grade > 0.0).count(),
            whole: Figures::of(&whole, &judged, cutoffs),
            judged_only: Figures::of(&condensed, &judged, cutoffs),
        }
    }
}

/// Judgements by the article that they are of, in order, and how many they are.
fn by_source(
    store: &Store,
    judgements: &[Judgement],
    told: &mut dyn FnMut(&Refusal),
) -> Result<(Vec<Source>, usize), StoreError> {
    let rows = rows(store, judgements)?;
    let mut sources: Vec<Source> = Vec::new();
    let mut places: HashMap<i64, usize> = HashMap::new();
    let mut used = 0;
    for judgement in judgements {
        let row = |name: &str| {
            let unknown = || format!("no published article has the id, slug or external id {name}");
            rows.get(name).copied().ok_or_else(unknown)
        };
        let pair = row(&judgement.article).and_then(|pk| Ok((pk, row(&judgement.other)?)));
        let pair = match pair {
            Ok((pk, other)) if pk == other => Err("is of an article and itself".to_owned()),
            pair => pair,
        };
        let (pk, other) = match pair {
            Ok(pair) => pair,
            Err(reason) => {
                let place = judgement.place.clone();
                told(&Refusal { place, reason });
                continue;
            }
        };
        let place = *places.entry(pk).or_insert(sources.len());
        if place == sources.len() {
            let grades = BTreeMap::new();
            sources.push(Source { pk, grades });
        }
        if let Some(source) = sources.get_mut(place) {
            source
                .grades
                .entry(other)
                .or_default()
                .push(judgement.grade);
            used += 1;
        }
    }
    Ok((sources, used))
}

/// The rows of the published articles that judgements name.
fn rows<'a>(
    store: &Store,
    judgements: &'a [Judgement],
) -> Result<HashMap<&'a str, i64>, StoreError> {
    let names: BTreeSet<&str> = judgements
        .iter()
        .flat_map(|judgement| [judgement.article.as_str(), judgement.other.as_str()])
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    let mut rows = HashMap::new();
    for some in names.chunks(NAMES_AT_ONCE) {
        // External ids are looked up where things are written; nothing is changed.
        let found = store.rehearse_blocking(|connection| {
            let row = |name: &&'a str| -> Result<Option<(&'a str, i64)>, StoreError> {
                Ok(row(connection, name)?.map(|row| (*name, row)))
            };
            some.iter().map(row).collect::<Result<Vec<_>, StoreError>>()
        })?;
        rows.extend(found.into_iter().flatten());
    }
    Ok(rows)
}

fn row(connection: &mut Connection, name: &str) -> Result<Option<i64>, StoreError> {
    let mut reader = Reader::public(connection);
    let here = match store::articles::by_key(&mut reader, &Key::new(name), false)? {
        Found::Moved(slug) => store::articles::by_key(&mut reader, &Key::Slug(slug), false)?.here(),
        found => found.here(),
    };
    if let Some(article) = here {
        return Ok(Some(article.row));
    }
    let Some(row) = store::articles::row_by_external_id(connection, name)? else {
        return Ok(None);
    };
    let visible = store::articles::published_by_rows(connection, &[row])?;
    Ok(visible.first().map(|article| article.row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_judged_counts_over_the_whole_ranking_alone() {
        let source = Source {
            pk: 1,
            grades: BTreeMap::from([(2, vec![2.0]), (3, vec![0.0, 1.0]), (4, vec![0.0])]),
        };
        let scored = source.scored("one", &[9, 8, 2, 4, 7, 3], &[1, 3, 10]);
        assert_eq!((scored.judged, scored.related), (3, 2));
        let shares = |figures: &Figures| -> Vec<Option<f64>> {
            figures.recall.iter().map(|(_, share)| *share).collect()
        };
        assert_eq!(shares(&scored.whole), [Some(0.0), Some(0.5), Some(1.0)]);
        assert_eq!(
            shares(&scored.judged_only),
            [Some(0.5), Some(1.0), Some(1.0)]
        );
        assert!(scored.whole.ndcg_5 < scored.judged_only.ndcg_5);
        assert!(scored.judged_only.ndcg_10 < Some(1.0));
    }

    #[test]
    fn articles_without_any_related_one_are_not_in_the_means() {
        let source = |grade| Source {
            pk: 1,
            grades: BTreeMap::from([(2, vec![grade])]),
        };
        let evaluation = Evaluation {
            articles: vec![
                source(0.0).scored("none", &[2], &[5]),
                source(1.0).scored("one", &[2], &[5]),
            ],
            judgements: 2,
            cutoffs: vec![5],
        };
        let (whole, judged_only) = evaluation.means();
        assert_eq!(evaluation.scored(), 1);
        assert_eq!(whole, judged_only);
        assert_eq!(whole.ndcg_5, Some(1.0));
        assert_eq!(whole.recall, [(5, Some(1.0))]);
    }

    #[test]
    fn means_of_nothing_are_none_at_every_length() {
        let evaluation = Evaluation {
            articles: Vec::new(),
            judgements: 0,
            cutoffs: vec![5, 10],
        };
        let (whole, judged_only) = evaluation.means();
        assert_eq!(whole, judged_only);
        assert_eq!((whole.ndcg_5, whole.ndcg_10), (None, None));
        assert_eq!(whole.recall, [(5, None), (10, None)]);
    }
}
