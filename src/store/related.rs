//! Related articles: candidates by pin, shared tag, shared category and closeness in time, read
//! for any number of articles in a fixed number of statements.

use std::collections::{HashMap, HashSet};

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Nullable, Text},
};

use crate::{
    model::{
        article::{Article, Status},
        related::{Reason, Related},
    },
    store::{
        articles::{self, is_published},
        connection::{DbConnection, on_backend},
        error::StoreError,
        schema::{article_tags, articles as article_rows, related_pins},
    },
};

/// What is asked about related articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelatedRequest {
    /// From 1 to 50.
    pub limit: usize,
    /// Only of the same category.
    pub same_category: bool,
    /// Also such as are newer.
    pub include_newer: bool,
}

/// Articles with a shared tag that are looked at, for one article; the newest.
const TAGGED_AT_MOST: i64 = 2_000;
/// What each piece of evidence adds to a score, at most; together below a pin.
const TAGS_WEIGHT: f64 = 0.5;
const CATEGORY_WEIGHT: f64 = 0.25;
const TIME_WEIGHT: f64 = 0.2;
/// After so many days, closeness in time counts half.
const HALF_LIFE_DAYS: f64 = 30.0;
const MILLIS_PER_DAY: f64 = 86_400_000.0;

/// An article that may be related, with what ranks it.
#[derive(QueryableByName, Clone)]
struct Candidate {
    #[diesel(sql_type = BigInt)]
    source: i64,
    #[diesel(sql_type = BigInt)]
    pk: i64,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    category_pk: Option<i64>,
    #[diesel(sql_type = BigInt)]
    sort_at: i64,
    #[diesel(sql_type = Text)]
    body_hash: String,
}

/// Puts an article's pins, in order, in place of those it had.
pub fn pin(connection: &mut DbConnection, article: i64, related: &[i64]) -> Result<(), StoreError> {
    let rows: Vec<_> = (0_i64..)
        .zip(related)
        .map(|(position, pk)| {
            (
                related_pins::article_pk.eq(article),
                related_pins::position.eq(position),
                related_pins::related_pk.eq(*pk),
            )
        })
        .collect();
    diesel::delete(related_pins::table.filter(related_pins::article_pk.eq(article)))
        .execute(connection)?;
    if !rows.is_empty() {
        on_backend!(connection, inner => {
            diesel::insert_into(related_pins::table).values(&rows).execute(inner)?;
        });
    }
    Ok(())
}

/// An article's pins in order.
pub fn pins(connection: &mut DbConnection, article: i64) -> Result<Vec<i64>, StoreError> {
    Ok(related_pins::table
        .filter(related_pins::article_pk.eq(article))
        .order(related_pins::position)
        .select(related_pins::related_pk)
        .load(connection)?)
}

/// The related articles of each of `sources`, best first. Deterministic: ties go to the newer
/// article, then to the smaller id.
pub fn of_articles(
    connection: &mut DbConnection,
    sources: &[Article],
    request: RelatedRequest,
) -> Result<HashMap<i64, Vec<Related>>, StoreError> {
    if sources.is_empty() {
        return Ok(HashMap::new());
    }
    let facts = source_facts(connection, sources)?;
    let pinned = all_pins(connection, sources)?;
    let mut candidates = near(connection, &facts, request)?;
    candidates.extend(tagged(connection, &facts)?);
    candidates.extend(pinned_rows(connection, &pinned)?);
    let ranked = ranked(connection, &facts, &pinned, candidates, request)?;
    shaped(connection, sources, ranked)
}

/// What of a source the ranking needs.
struct Source {
    candidate: Candidate,
    tags: HashSet<i64>,
}

fn source_facts(
    connection: &mut DbConnection,
    sources: &[Article],
) -> Result<Vec<Source>, StoreError> {
    let pks: Vec<i64> = sources.iter().map(|article| article.row).collect();
    let rows: Vec<(i64, String, Option<i64>, i64, String)> = article_rows::table
        .filter(article_rows::pk.eq_any(pks.clone()))
        .select((
            article_rows::pk,
            article_rows::id,
            article_rows::category_pk,
            article_rows::sort_at,
            article_rows::body_hash,
        ))
        .load(connection)?;
    let mut tags = tags_of(connection, pks)?;
    Ok(rows
        .into_iter()
        .map(|(pk, id, category_pk, sort_at, body_hash)| Source {
            tags: tags.remove(&pk).unwrap_or_default(),
            candidate: Candidate {
                source: pk,
                pk,
                id,
                category_pk,
                sort_at,
                body_hash,
            },
        })
        .collect())
}

fn tags_of(
    connection: &mut DbConnection,
    pks: Vec<i64>,
) -> Result<HashMap<i64, HashSet<i64>>, StoreError> {
    let rows: Vec<(i64, i64)> = article_tags::table
        .filter(article_tags::article_pk.eq_any(pks))
        .select((article_tags::article_pk, article_tags::tag_pk))
        .load(connection)?;
    let mut tags: HashMap<i64, HashSet<i64>> = HashMap::new();
    for (article, tag) in rows {
        tags.entry(article).or_default().insert(tag);
    }
    Ok(tags)
}

fn all_pins(
    connection: &mut DbConnection,
    sources: &[Article],
) -> Result<HashMap<i64, Vec<i64>>, StoreError> {
    let pks: Vec<i64> = sources.iter().map(|article| article.row).collect();
    let rows: Vec<(i64, i64)> = related_pins::table
        .filter(related_pins::article_pk.eq_any(pks))
        .order((related_pins::article_pk, related_pins::position))
        .select((related_pins::article_pk, related_pins::related_pk))
        .load(connection)?;
    let mut pins: HashMap<i64, Vec<i64>> = HashMap::new();
    for (article, related) in rows {
        pins.entry(article).or_default().push(related);
    }
    Ok(pins)
}

fn pinned_rows(
    connection: &mut DbConnection,
    pins: &HashMap<i64, Vec<i64>>,
) -> Result<Vec<Candidate>, StoreError> {
    let all: HashSet<i64> = pins.values().flatten().copied().collect();
    let rows: Vec<(i64, String, Option<i64>, i64, String)> = articles::published()
        .filter(article_rows::pk.eq_any(all.into_iter().collect::<Vec<_>>()))
        .select((
            article_rows::pk,
            article_rows::id,
            article_rows::category_pk,
            article_rows::sort_at,
            article_rows::body_hash,
        ))
        .load(connection)?;
    let by_pk: HashMap<i64, _> = rows.into_iter().map(|row| (row.0, row)).collect();
    let candidate = |source: i64, pk: &i64| {
        let (pk, id, category_pk, sort_at, body_hash) = by_pk.get(pk)?.clone();
        Some(Candidate {
            source,
            pk,
            id,
            category_pk,
            sort_at,
            body_hash,
        })
    };
    Ok(pins
        .iter()
        .flat_map(|(source, related)| related.iter().map(|pk| candidate(*source, pk)))
        .flatten()
        .collect())
}

/// The nearest in time before and after each source, in its category and in all, each found by a
/// walk along an index. One statement: SQL text of whole numbers, the same for both databases.
fn near(
    connection: &mut DbConnection,
    sources: &[Source],
    request: RelatedRequest,
) -> Result<Vec<Candidate>, StoreError> {
    // Twins of the source and pins may fall out of what is found, so a few more are read.
    let at_most = request.limit + 10;
    let published = Status::Published.as_str();
    let mut walks: Vec<String> = Vec::new();
    for Source {
        candidate: source, ..
    } in sources
    {
        let mut walk = |within: &str, side: &str, order: &str| {
            walks.push(format!(
                "SELECT * FROM (SELECT CAST({source} AS BIGINT) AS source, pk, id, category_pk, \
                 sort_at, body_hash FROM articles WHERE status = '{published}'{within} \
                 AND sort_at {side} {time} AND pk <> {source} \
                 ORDER BY sort_at {order}, id {order} LIMIT {at_most}) AS walk{number}",
                source = source.pk,
                time = source.sort_at,
                number = walks.len(),
            ));
        };
        let mut both = |within: &str| {
            walk(within, "<=", "DESC");
            if request.include_newer {
                walk(within, ">", "ASC");
            }
        };
        if let Some(category) = source.category_pk {
            both(&format!(" AND category_pk = {category}"));
        }
        if !request.same_category {
            both("");
        }
    }
    if walks.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sql_query(walks.join(" UNION ALL ")).load(connection)?)
}

/// The newest that share a tag with any of the sources.
fn tagged(connection: &mut DbConnection, sources: &[Source]) -> Result<Vec<Candidate>, StoreError> {
    let wanted: HashSet<i64> = sources
        .iter()
        .flat_map(|source| source.tags.clone())
        .collect();
    type Row = (i64, (i64, String, Option<i64>, i64, String));
    let rows: Vec<Row> = article_tags::table
        .inner_join(article_rows::table)
        .filter(is_published())
        .filter(article_tags::tag_pk.eq_any(wanted.into_iter().collect::<Vec<_>>()))
        .order((
            article_rows::sort_at.desc(),
            article_rows::id.desc(),
            article_tags::tag_pk,
        ))
        .limit(TAGGED_AT_MOST)
        .select((
            article_tags::tag_pk,
            (
                article_rows::pk,
                article_rows::id,
                article_rows::category_pk,
                article_rows::sort_at,
                article_rows::body_hash,
            ),
        ))
        .load(connection)?;
    let mut candidates = Vec::new();
    for source in sources {
        for (tag, (pk, id, category_pk, sort_at, body_hash)) in &rows {
            if source.tags.contains(tag) {
                candidates.push(Candidate {
                    source: source.candidate.pk,
                    pk: *pk,
                    id: id.clone(),
                    category_pk: *category_pk,
                    sort_at: *sort_at,
                    body_hash: body_hash.clone(),
                });
            }
        }
    }
    Ok(candidates)
}

/// Row and score of each related article, best first, by source.
type Ranked = HashMap<i64, Vec<(i64, f64, bool)>>;

fn ranked(
    connection: &mut DbConnection,
    sources: &[Source],
    pins: &HashMap<i64, Vec<i64>>,
    candidates: Vec<Candidate>,
    request: RelatedRequest,
) -> Result<Ranked, StoreError> {
    let pks: HashSet<i64> = candidates.iter().map(|candidate| candidate.pk).collect();
    let tags = tags_of(connection, pks.into_iter().collect())?;
    let mut by_source: HashMap<i64, Vec<Candidate>> = HashMap::new();
    for candidate in candidates {
        by_source
            .entry(candidate.source)
            .or_default()
            .push(candidate);
    }
    let none = HashSet::new();
    let mut ranked = Ranked::new();
    for source in sources {
        let own = &source.candidate;
        let pinned = pins.get(&own.pk).map(Vec::as_slice).unwrap_or_default();
        let place = |pk: i64| pinned.iter().position(|pin| *pin == pk);
        let mut seen: HashSet<i64> = HashSet::from([own.pk]);
        let mut scored: Vec<(Option<usize>, f64, Candidate)> = Vec::new();
        for candidate in by_source.remove(&own.pk).unwrap_or_default() {
            let place = place(candidate.pk);
            let is_twin = !own.body_hash.is_empty()
                && candidate.body_hash == own.body_hash
                && place.is_none();
            let is_outside = (request.same_category
                && (own.category_pk.is_none() || candidate.category_pk != own.category_pk))
                || (!request.include_newer && candidate.sort_at > own.sort_at);
            if is_twin || is_outside || !seen.insert(candidate.pk) {
                continue;
            }
            let tags = tags.get(&candidate.pk).unwrap_or(&none);
            let score = score(source, &candidate, tags);
            scored.push((place, score, candidate));
        }
        scored.sort_by(|(place, score, one), (other_place, other_score, other)| {
            let rank = |place: &Option<usize>| place.unwrap_or(usize::MAX);
            rank(place)
                .cmp(&rank(other_place))
                .then(other_score.total_cmp(score))
                .then(other.sort_at.cmp(&one.sort_at))
                .then(one.id.cmp(&other.id))
        });
        scored.truncate(request.limit);
        let rows = scored
            .into_iter()
            .map(|(place, score, candidate)| (candidate.pk, score, place.is_some()))
            .collect();
        ranked.insert(own.pk, rows);
    }
    Ok(ranked)
}

/// The share of common tags (Jaccard), the category and closeness in time. Authors are left to
/// the reasons, which are found when the articles are read.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts and milliseconds are below 2^53"
)]
fn score(source: &Source, candidate: &Candidate, tags: &HashSet<i64>) -> f64 {
    let shared = source.tags.intersection(tags).count();
    let all = source.tags.union(tags).count().max(1);
    let category = source.candidate.category_pk;
    let same_category = category.is_some() && category == candidate.category_pk;
    let days = source.candidate.sort_at.abs_diff(candidate.sort_at) as f64 / MILLIS_PER_DAY;
    let closeness = (-days / HALF_LIFE_DAYS).exp2();
    let score = TAGS_WEIGHT * (shared as f64 / all as f64).sqrt()
        + if same_category { CATEGORY_WEIGHT } else { 0.0 }
        + TIME_WEIGHT * closeness;
    // Whole ten-thousandths, so that the last bits of a sum decide nothing.
    (score * 10_000.0).round() / 10_000.0
}

fn shaped(
    connection: &mut DbConnection,
    sources: &[Article],
    ranked: Ranked,
) -> Result<HashMap<i64, Vec<Related>>, StoreError> {
    let pks: HashSet<i64> = ranked.values().flatten().map(|(pk, ..)| *pk).collect();
    let all: Vec<i64> = pks.into_iter().collect();
    let found: HashMap<i64, Article> = articles::by_rows(connection, &all)?
        .into_iter()
        .map(|article| (article.row, article))
        .collect();
    let mut shaped = HashMap::new();
    for source in sources {
        let related = ranked
            .get(&source.row)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let of_source = related.iter().filter_map(|(pk, score, pinned)| {
            let article = found.get(pk)?.clone();
            let score = if *pinned { 1.0 } else { *score };
            let reasons = reasons(source, &article, *pinned);
            Some(Related {
                article,
                score,
                reasons,
            })
        });
        shaped.insert(source.row, of_source.collect());
    }
    Ok(shaped)
}

fn reasons(source: &Article, related: &Article, pinned: bool) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if pinned {
        reasons.push(Reason::Pinned);
    }
    let tags: Vec<String> = source
        .tags
        .iter()
        .filter(|tag| related.tags.contains(tag))
        .map(|tag| tag.name.clone())
        .collect();
    if !tags.is_empty() {
        reasons.push(Reason::SharedTags(tags));
    }
    if let Some(category) = &source.category
        && related.category.as_ref() == Some(category)
    {
        reasons.push(Reason::SameCategory(category.name.clone()));
    }
    let authors: Vec<String> = source
        .authors
        .iter()
        .filter(|author| related.authors.contains(author))
        .map(|author| author.name.clone())
        .collect();
    if !authors.is_empty() {
        reasons.push(Reason::SameAuthor(authors));
    }
    reasons
}
