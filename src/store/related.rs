//! Related articles: candidates by pin, shared tag, shared category and closeness in time, read
//! for any number of articles in a fixed number of statements.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use crate::{
    model::{
        article::Article,
        kind::Kind,
        related::{Reason, Related},
        stamp::Stamp,
    },
    store::{
        Reader,
        articles::{
            self,
            rows::{self, Candidate, Facts, Near},
        },
        audit::{self, Deed},
        connection::{DbConnection, on_backend},
        error::StoreError,
        schema::{article_tags, related_exclusions, related_pins},
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

/// What each piece of evidence adds to a score, at most; together below a pin.
const TAGS_WEIGHT: f64 = 0.5;
const CATEGORY_WEIGHT: f64 = 0.25;
const TIME_WEIGHT: f64 = 0.2;
/// After so many days, closeness in time counts half.
const HALF_LIFE_DAYS: f64 = 30.0;
const MILLIS_PER_DAY: f64 = 86_400_000.0;

/// Pins and exclusions differ in nothing but their table.
macro_rules! named_by_editors {
    ($table:ident, $set:ident, $get:ident, $what:literal) => {
        #[doc = concat!("Puts an article's ", $what, ", in order, in place of those it had.")]
        pub fn $set(
            connection: &mut DbConnection,
            article: i64,
            related: &[i64],
        ) -> Result<(), StoreError> {
            let rows: Vec<_> = (0_i64..)
                .zip(related)
                .map(|(position, pk)| {
                    (
                        $table::article_pk.eq(article),
                        $table::position.eq(position),
                        $table::related_pk.eq(*pk),
                    )
                })
                .collect();
            diesel::delete($table::table.filter($table::article_pk.eq(article)))
                .execute(connection)?;
            if !rows.is_empty() {
                on_backend!(connection, inner => {
                    diesel::insert_into($table::table).values(&rows).execute(inner)?;
                });
            }
            Ok(())
        }

        #[doc = concat!("An article's ", $what, " in order.")]
        pub fn $get(connection: &mut DbConnection, article: i64) -> Result<Vec<i64>, StoreError> {
            Ok($table::table
                .filter($table::article_pk.eq(article))
                .order($table::position)
                .select($table::related_pk)
                .load(connection)?)
        }
    };
}

named_by_editors!(related_pins, pin, pins, "pins");
named_by_editors!(related_exclusions, exclude, exclusions, "exclusions");

/// What an editor says of an article's related ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curated {
    /// Always first, in this order.
    pub pins: Vec<Article>,
    /// Never among them.
    pub exclusions: Vec<Article>,
}

/// Pins and exclusions of an article, as far as the reader may see them.
pub fn curated(reader: &mut Reader<'_>, article: &Article) -> Result<Curated, StoreError> {
    let pins = pins(reader.connection, article.row)?;
    let exclusions = exclusions(reader.connection, article.row)?;
    Ok(Curated {
        pins: articles::by_rows(reader, &pins, false)?,
        exclusions: articles::by_rows(reader, &exclusions, false)?,
    })
}

/// Puts pins and exclusions in place of those that the article of this version had.
pub fn curate(
    connection: &mut DbConnection,
    article: &Article,
    curated: &Curated,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let of =
        |articles: &[Article]| -> Vec<i64> { articles.iter().map(|article| article.row).collect() };
    let (wanted, unwanted) = (of(&curated.pins), of(&curated.exclusions));
    let compared = [
        ("pins", pins(connection, article.row)? != wanted),
        (
            "exclusions",
            exclusions(connection, article.row)? != unwanted,
        ),
    ];
    let changed = compared.iter().filter(|(_, differs)| *differs);
    let members: Vec<&str> = changed.map(|(name, _)| *name).collect();
    rows::bump(connection, article.row, article.version)?;
    pin(connection, article.row, &wanted)?;
    exclude(connection, article.row, &unwanted)?;
    let deed = Deed::new("curate", Kind::Article, &article.id, &article.slug);
    audit::record(connection, stamp, deed, &members)
}

/// The related articles of each of `sources`, best first. Deterministic: ties go to the newer
/// article, then to the smaller id.
pub fn of_articles(
    reader: &mut Reader<'_>,
    sources: &[Article],
    request: RelatedRequest,
) -> Result<HashMap<i64, Vec<Related>>, StoreError> {
    if sources.is_empty() {
        return Ok(HashMap::new());
    }
    let connection = &mut *reader.connection;
    let facts = source_facts(connection, sources)?;
    let pinned = all_pins(connection, sources)?;
    let excluded = all_exclusions(connection, sources)?;
    let most_excluded = excluded.values().map(Vec::len).max().unwrap_or(0);
    let mut candidates = near(connection, &facts, request, most_excluded)?;
    candidates.extend(tagged(connection, &facts)?);
    candidates.extend(pinned_rows(connection, &pinned)?);
    let named = (&pinned, &excluded);
    let ranked = ranked(connection, &facts, named, candidates, request)?;
    shaped(connection, sources, ranked)
}

/// A source with its tags.
struct Source {
    facts: Facts,
    tags: HashSet<i64>,
}

fn source_facts(
    connection: &mut DbConnection,
    sources: &[Article],
) -> Result<Vec<Source>, StoreError> {
    let pks: Vec<i64> = sources.iter().map(|article| article.row).collect();
    let all = rows::facts(connection, pks.clone())?;
    let mut tags = tags_of(connection, pks)?;
    Ok(all
        .into_iter()
        .map(|facts| Source {
            tags: tags.remove(&facts.pk).unwrap_or_default(),
            facts,
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

/// Rows that an editor named for each article, in order.
type Named = HashMap<i64, Vec<i64>>;

fn by_article(named: Vec<(i64, i64)>) -> Named {
    let mut by_article = Named::new();
    for (article, related) in named {
        by_article.entry(article).or_default().push(related);
    }
    by_article
}

fn all_pins(connection: &mut DbConnection, sources: &[Article]) -> Result<Named, StoreError> {
    let pks: Vec<i64> = sources.iter().map(|article| article.row).collect();
    Ok(by_article(
        related_pins::table
            .filter(related_pins::article_pk.eq_any(pks))
            .order((related_pins::article_pk, related_pins::position))
            .select((related_pins::article_pk, related_pins::related_pk))
            .load(connection)?,
    ))
}

fn all_exclusions(connection: &mut DbConnection, sources: &[Article]) -> Result<Named, StoreError> {
    let pks: Vec<i64> = sources.iter().map(|article| article.row).collect();
    Ok(by_article(
        related_exclusions::table
            .filter(related_exclusions::article_pk.eq_any(pks))
            .select((
                related_exclusions::article_pk,
                related_exclusions::related_pk,
            ))
            .load(connection)?,
    ))
}

fn pinned_rows(connection: &mut DbConnection, pins: &Named) -> Result<Vec<Candidate>, StoreError> {
    let all: HashSet<i64> = pins.values().flatten().copied().collect();
    let found = rows::published_facts(connection, all.into_iter().collect())?;
    let by_pk: HashMap<i64, Facts> = found.into_iter().map(|facts| (facts.pk, facts)).collect();
    let candidate = |source: i64, pk: &i64| {
        let facts = by_pk.get(pk)?.clone();
        Some(Candidate { source, facts })
    };
    Ok(pins
        .iter()
        .flat_map(|(source, related)| related.iter().map(|pk| candidate(*source, pk)))
        .flatten()
        .collect())
}

fn near(
    connection: &mut DbConnection,
    sources: &[Source],
    request: RelatedRequest,
    excluded: usize,
) -> Result<Vec<Candidate>, StoreError> {
    let wanted = Near {
        // Twins of the source, pins and exclusions fall out, so a few more are read.
        at_most: request.limit + 10 + excluded,
        same_category: request.same_category,
        include_newer: request.include_newer,
    };
    let sources: Vec<&Facts> = sources.iter().map(|source| &source.facts).collect();
    rows::near(connection, &sources, wanted)
}

fn tagged(connection: &mut DbConnection, sources: &[Source]) -> Result<Vec<Candidate>, StoreError> {
    let wanted = sources.iter().flat_map(|source| source.tags.clone());
    let found = rows::tagged(connection, wanted.collect())?;
    let mut candidates = Vec::new();
    for source in sources {
        for (tag, facts) in &found {
            if source.tags.contains(tag) {
                candidates.push(Candidate {
                    source: source.facts.pk,
                    facts: facts.clone(),
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
    named: (&Named, &Named),
    candidates: Vec<Candidate>,
    request: RelatedRequest,
) -> Result<Ranked, StoreError> {
    let pks: HashSet<i64> = candidates.iter().map(|one| one.facts.pk).collect();
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
        let own = &source.facts;
        let of_own = |named: &Named| named.get(&own.pk).cloned().unwrap_or_default();
        let (pinned, excluded) = (of_own(named.0), of_own(named.1));
        let place = |pk: i64| pinned.iter().position(|pin| *pin == pk);
        let mut seen: HashSet<i64> = excluded.into_iter().chain([own.pk]).collect();
        let mut scored: Vec<(Option<usize>, f64, Facts)> = Vec::new();
        for Candidate {
            facts: candidate, ..
        } in by_source.remove(&own.pk).unwrap_or_default()
        {
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
fn score(source: &Source, candidate: &Facts, tags: &HashSet<i64>) -> f64 {
    let shared = source.tags.intersection(tags).count();
    let all = source.tags.union(tags).count().max(1);
    let category = source.facts.category_pk;
    let same_category = category.is_some() && category == candidate.category_pk;
    let days = source.facts.sort_at.abs_diff(candidate.sort_at) as f64 / MILLIS_PER_DAY;
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
    let found: HashMap<i64, Article> = articles::published_by_rows(connection, &all)?
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
