//! Counts of articles that the database keeps by itself, with triggers (see its migration
//! `counts`): no list need be counted, and no page be looked for from the beginning.

use diesel::{
    QueryResult, RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_query,
    sql_types::BigInt,
};

use crate::{
    model::article::Status,
    store::{articles::rows::filed::Filed, connection::DbConnection, error::StoreError},
};

/// Bits of a date that its span does without, as the triggers have it.
const SPAN_BITS: u32 = 31;

/// What stands for all articles where counts have the row of a category.
const ALL: i64 = 0;

/// Categories that are asked for in a statement that is kept prepared, at most.
const KEPT_AT_MOST: usize = 64;

/// What the counts must be. Both databases shift numbers below zero alike.
pub(super) const TRUTH: &str = "\
    SELECT 0 AS grain, status, 0 AS category_pk, 0 AS span, COUNT(*) AS articles \
    FROM articles GROUP BY status \
    UNION ALL SELECT 0, status, COALESCE(category_pk, -1), 0, COUNT(*) \
    FROM articles GROUP BY status, COALESCE(category_pk, -1) \
    UNION ALL SELECT 1, status, 0, sort_at >> 31, COUNT(*) \
    FROM articles GROUP BY status, sort_at >> 31 \
    UNION ALL SELECT 1, status, COALESCE(category_pk, -1), sort_at >> 31, COUNT(*) \
    FROM articles GROUP BY status, COALESCE(category_pk, -1), sort_at >> 31";

/// A span of dates, and how many articles it has.
pub(in crate::store) type Counted = (i64, i64);

/// The first date of a span.
pub(in crate::store) fn begin_of(span: i64) -> i64 {
    span.saturating_mul(1 << SPAN_BITS)
}

/// How many articles have one of these statuses and are filed there.
pub(in crate::store) fn kept_total(
    connection: &mut DbConnection,
    statuses: &[Status],
    filed: &Filed,
) -> Result<i64, StoreError> {
    Ok(Total(Sum::new(statuses, filed)).get_result(connection)?)
}

/// The same by spans of dates, the earliest first.
pub(in crate::store) fn kept_spans(
    connection: &mut DbConnection,
    statuses: &[Status],
    filed: &Filed,
) -> Result<Vec<Counted>, StoreError> {
    Ok(Spans(Sum::new(statuses, filed)).load(connection)?)
}

/// Counts all articles anew.
pub(in crate::store) fn recount(connection: &mut DbConnection) -> Result<(), StoreError> {
    sql_query("DELETE FROM article_counts").execute(connection)?;
    sql_query(format!(
        "INSERT INTO article_counts (grain, status, category_pk, span, articles) \
         SELECT grain, status, category_pk, span, articles FROM ({TRUTH}) AS truth"
    ))
    .execute(connection)?;
    Ok(())
}

/// Adds up counts.
struct Sum {
    statuses: Vec<Status>,
    /// Rows of categories, or [`ALL`].
    places: Vec<i64>,
    /// Whether those of categories are taken from those of all.
    subtracts: bool,
}

impl Sum {
    fn new(statuses: &[Status], filed: &Filed) -> Self {
        let (mut places, subtracts) = match filed {
            Filed::Anywhere => (vec![ALL], false),
            Filed::Within(pks) => (pks.clone(), false),
            Filed::Outside(pks) => {
                let places = std::iter::once(ALL).chain(pks.iter().copied());
                (places.collect(), true)
            }
        };
        // Naming one twice changes nothing, and few lengths are few statements.
        if places.len() <= KEPT_AT_MOST
            && let Some(last) = places.last().copied()
        {
            places.resize(places.len().next_power_of_two(), last);
        }
        Self {
            statuses: statuses.to_vec(),
            places,
            subtracts,
        }
    }

    fn added(&self) -> &'static str {
        match self.subtracts {
            true => "SUM(CASE category_pk WHEN 0 THEN articles ELSE -articles END)",
            false => "SUM(articles)",
        }
    }

    fn push_conditions<'b, DB>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend,
        i64: ToSql<BigInt, DB>,
    {
        out.push_sql(" AND status IN (");
        out.push_sql(&words(&self.statuses));
        out.push_sql(") AND category_pk IN (");
        for (number, place) in self.places.iter().enumerate() {
            if number > 0 {
                out.push_sql(", ");
            }
            out.push_bind_param::<BigInt, i64>(place)?;
        }
        out.push_sql(")");
        if self.places.len() > KEPT_AT_MOST {
            out.unsafe_to_cache_prepared();
        }
        Ok(())
    }
}

/// Statuses as SQL writes a list of them.
fn words(statuses: &[Status]) -> String {
    let quoted = statuses
        .iter()
        .map(|status| format!("'{}'", status.as_str()));
    quoted.collect::<Vec<_>>().join(", ")
}

/// One number.
struct Total(Sum);

impl Query for Total {
    type SqlType = BigInt;
}

impl QueryId for Total {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Conn> RunQueryDsl<Conn> for Total {}

impl<DB> QueryFragment<DB> for Total
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT CAST(COALESCE(");
        out.push_sql(self.0.added());
        out.push_sql(", 0) AS BIGINT) FROM article_counts WHERE grain = 0");
        self.0.push_conditions(&mut out)
    }
}

/// A number for each span.
struct Spans(Sum);

impl Query for Spans {
    type SqlType = (BigInt, BigInt);
}

impl QueryId for Spans {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Conn> RunQueryDsl<Conn> for Spans {}

impl<DB> QueryFragment<DB> for Spans
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT span, CAST(");
        out.push_sql(self.0.added());
        out.push_sql(" AS BIGINT) FROM article_counts WHERE grain = 1");
        self.0.push_conditions(&mut out)?;
        out.push_sql(" GROUP BY span ORDER BY span");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_lengths_of_lists_are_asked_for() {
        let places = |count: i64| {
            let filed = Filed::Within((1..=count).collect());
            Sum::new(&[Status::Published], &filed).places
        };
        assert_eq!(places(1), [1]);
        assert_eq!(places(3), [1, 2, 3, 3]);
        assert_eq!(places(40).len(), 64);
        assert_eq!(places(65).len(), 65);
    }

    #[test]
    fn what_is_left_out_is_taken_from_all() {
        let sum = Sum::new(&[Status::Published], &Filed::Outside(vec![7]));
        assert_eq!(
            (sum.places.as_slice(), sum.subtracts),
            (&[ALL, 7][..], true)
        );
        let sum = Sum::new(&[Status::Published], &Filed::Anywhere);
        assert_eq!((sum.places.as_slice(), sum.subtracts), (&[ALL][..], false));
    }

    #[test]
    fn dates_before_1970_have_spans_too() {
        for at in [-1, 0, 1, i64::from(i32::MIN), 1_700_000_000_000] {
            let span = at >> SPAN_BITS;
            assert!((begin_of(span)..begin_of(span + 1)).contains(&at), "{at}");
        }
    }
}
