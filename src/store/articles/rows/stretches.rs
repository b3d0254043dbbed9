//! Articles of several categories or statuses by date. Those of one category and one status lie in
//! order in an index, in one stretch; a list is made of the beginnings of several, and no longer
//! ones are read than it needs. Sorting all that pass would take the longer the more there are.

use diesel::{
    ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, Text},
};

use crate::{
    model::article::Status,
    store::{
        articles::rows::{
            order::{Picked, step},
            table::articles,
            visible::Articles,
        },
        connection::DbConnection,
        error::StoreError,
    },
};

/// Stretches that one statement walks, at most: each is a part of its text and of its plan.
const PARTS_AT_MOST: usize = 64;

/// No category has this row; it makes up the number of stretches.
const NOWHERE: i64 = 0;

/// The dates that a walk meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Reach {
    /// Whether it goes from newer ones to older ones.
    pub(in crate::store) descending: bool,
    /// It begins right behind this date and id.
    pub(in crate::store) behind: (i64, String),
    /// It ends with this date where it goes down, and right before it where it goes up.
    pub(in crate::store) end: i64,
}

/// How much of a walk is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Take {
    /// So many from its beginning, and perhaps some more.
    First(i64),
    /// Some behind others, of a short reach that begins with a date: all of it is read. Only where
    /// [`Stretches::are_few`], since several statements would have to give all that they read.
    Later {
        /// How many go before.
        skip: i64,
        /// So many, and perhaps some more.
        at_most: i64,
    },
}

/// Stretches of an index, walked side by side.
#[derive(Debug, Clone)]
pub(in crate::store) struct Stretches {
    /// One for each of these statuses,
    pub(in crate::store) statuses: Vec<Status>,
    /// in each of these categories, by row; wherever they are filed without any.
    pub(in crate::store) places: Option<Vec<i64>>,
    /// How far they go.
    pub(in crate::store) reach: Reach,
    /// How much is wanted of all together.
    pub(in crate::store) take: Take,
}

/// Categories that one statement walks, at most, in each of so many statuses.
fn at_once(statuses: usize) -> usize {
    (PARTS_AT_MOST / statuses.max(1)).max(1)
}

impl Stretches {
    /// Whether one statement walks so many categories, in each of so many statuses.
    pub(in crate::store) fn are_few(statuses: usize, categories: usize) -> bool {
        categories <= at_once(statuses)
    }

    /// As statements that are not too long: one as a rule.
    fn parted(self) -> Vec<Self> {
        let Some(places) = &self.places else {
            return vec![self];
        };
        let at_once = at_once(self.statuses.len());
        let some = |places: &[i64]| {
            let mut places = places.to_vec();
            places.resize(places.len().next_power_of_two(), NOWHERE);
            Self {
                places: Some(places),
                ..self.clone()
            }
        };
        places.chunks(at_once).map(some).collect()
    }

    /// Narrows a query to what is picked; without a statement of its own as a rule.
    pub(in crate::store) fn narrow<'a>(
        self,
        connection: &mut DbConnection,
        query: Articles<'a>,
    ) -> Result<Articles<'a>, StoreError> {
        let (Take::First(at_most) | Take::Later { at_most, .. }) = self.take;
        let descending = self.reach.descending;
        let several = match <[Self; 1]>::try_from(self.parted()) {
            Ok([only]) => return Ok(query.filter(Picked::new(Keys(only), at_most))),
            Err(several) => several,
        };
        let mut keys: Vec<(i64, String)> = Vec::new();
        for some in several {
            let found: Vec<(i64, String)> = Keys(some).load(connection)?;
            keys.extend(found);
        }
        keys.sort_unstable();
        if descending {
            keys.reverse();
        }
        let at_most = usize::try_from(at_most).unwrap_or(0);
        let ids: Vec<String> = keys.into_iter().take(at_most).map(|(_, id)| id).collect();
        Ok(query.filter(articles::id.eq_any(ids)))
    }
}

/// Dates and ids of what stretches have, in their order.
struct Keys(Stretches);

impl Keys {
    fn push_part<'b, DB>(
        &'b self,
        number: usize,
        (status, place): (Status, Option<&'b i64>),
        out: &mut AstPass<'_, 'b, DB>,
    ) -> QueryResult<()>
    where
        DB: Backend,
        i64: ToSql<BigInt, DB>,
        str: ToSql<Text, DB>,
    {
        let Reach {
            descending,
            behind: (at, id),
            end,
        } = &self.0.reach;
        let first = match self.0.take {
            Take::First(at_most) => Some(step(at_most)),
            Take::Later { .. } => None,
        };
        if first.is_some() {
            out.push_sql("SELECT * FROM (");
        }
        out.push_sql("SELECT sort_at, id FROM articles WHERE status = '");
        out.push_sql(status.as_str());
        out.push_sql("'");
        if let Some(place) = place {
            out.push_sql(" AND category_pk = ");
            out.push_bind_param::<BigInt, i64>(place)?;
        }
        let Some(first) = first else {
            // So Postgres takes it for short, whatever the dates.
            let (from, until) = match descending {
                true => (end, at),
                false => (at, end),
            };
            out.push_sql(" AND sort_at >= ");
            out.push_bind_param::<BigInt, i64>(from)?;
            out.push_sql(" AND sort_at < ");
            return out.push_bind_param::<BigInt, i64>(until);
        };
        let (beyond, until, order) = match descending {
            true => ("<", ">=", "DESC"),
            false => (">", "<", "ASC"),
        };
        out.push_sql(&format!(" AND (sort_at, id) {beyond} ("));
        out.push_bind_param::<BigInt, i64>(at)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, str>(id.as_str())?;
        out.push_sql(&format!(") AND sort_at {until} "));
        out.push_bind_param::<BigInt, i64>(end)?;
        out.push_sql(&format!(
            " ORDER BY sort_at {order}, id {order} LIMIT {first}) AS part{number}"
        ));
        Ok(())
    }

    fn push_end<'b, DB>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend,
        i64: ToSql<BigInt, DB>,
    {
        let order = match self.0.reach.descending {
            true => "DESC",
            false => "ASC",
        };
        // Adding nothing keeps SQLite from sorting each stretch again by itself.
        let order = format!(" ORDER BY sort_at + 0 {order}, id {order}");
        match &self.0.take {
            Take::First(at_most) => {
                out.push_sql(&format!("{order} LIMIT {}", step(*at_most)));
            }
            Take::Later { skip, at_most } => {
                out.push_sql(&format!("{order} LIMIT {} OFFSET ", step(*at_most)));
                out.push_bind_param::<BigInt, i64>(skip)?;
            }
        }
        Ok(())
    }
}

impl Query for Keys {
    type SqlType = (BigInt, Text);
}

impl QueryId for Keys {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Conn> RunQueryDsl<Conn> for Keys {}

impl<DB> QueryFragment<DB> for Keys
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
    str: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let Stretches {
            statuses, places, ..
        } = &self.0;
        let places: Vec<Option<&'b i64>> = match places {
            Some(places) => places.iter().map(Some).collect(),
            None => vec![None],
        };
        let parts = places
            .into_iter()
            .flat_map(|place| statuses.iter().map(move |status| (*status, place)));
        out.push_sql("SELECT sort_at, id FROM (");
        for (number, part) in parts.enumerate() {
            if number > 0 {
                out.push_sql(" UNION ALL ");
            }
            self.push_part(number, part, &mut out)?;
        }
        out.push_sql(") AS parts");
        self.push_end(&mut out)
    }
}

#[cfg(test)]
mod tests {
    use diesel::{debug_query, pg::Pg, sqlite::Sqlite};

    use super::*;

    fn stretches(statuses: &[Status], places: Option<Vec<i64>>, take: Take) -> Stretches {
        Stretches {
            statuses: statuses.to_vec(),
            places,
            reach: Reach {
                descending: true,
                behind: (900, "b".to_owned()),
                end: 5,
            },
            take,
        }
    }

    #[test]
    fn a_statement_has_a_part_for_each_stretch() {
        let two = stretches(&[Status::Published], Some(vec![3, 4]), Take::First(21));
        let sql = debug_query::<Sqlite, _>(&Keys(two)).to_string();
        assert!(
            sql.starts_with(
                "SELECT sort_at, id FROM (SELECT * FROM (SELECT sort_at, id FROM articles \
                 WHERE status = 'published' AND category_pk = ? AND (sort_at, id) < (?, ?) \
                 AND sort_at >= ? ORDER BY sort_at DESC, id DESC LIMIT 21) AS part0 UNION ALL "
            ),
            "{sql}"
        );
        assert!(
            sql.contains(") AS part1) AS parts ORDER BY sort_at + 0 DESC, id DESC LIMIT 21"),
            "{sql}"
        );
        let take = Take::Later {
            skip: 7,
            at_most: 30,
        };
        let statuses = [Status::Draft, Status::Scheduled];
        let sql = debug_query::<Pg, _>(&Keys(stretches(&statuses, None, take))).to_string();
        assert!(
            sql.starts_with(
                "SELECT sort_at, id FROM (SELECT sort_at, id FROM articles \
                 WHERE status = 'draft' AND sort_at >= $1 AND sort_at < $2 \
                 UNION ALL SELECT sort_at, id FROM articles WHERE status = 'scheduled'"
            ),
            "{sql}"
        );
        assert!(sql.contains(" LIMIT 51 OFFSET $5"), "{sql}");
    }

    #[test]
    fn many_stretches_are_walked_by_several_statements() {
        let parted = |statuses: &[Status], count: i64| -> Vec<usize> {
            let places = Some((1..=count).collect());
            let parts = stretches(statuses, places, Take::First(21)).parted();
            let lengths = parts.iter().map(|part| part.places.as_ref().unwrap().len());
            lengths.collect()
        };
        assert_eq!(parted(&[Status::Published], 3), [4]);
        assert_eq!(parted(&[Status::Published], 64), [64]);
        assert_eq!(parted(&[Status::Published], 70), [64, 8]);
        assert_eq!(parted(&Status::ALL, 17), [16, 1]);
        assert!(Stretches::are_few(1, 64) && !Stretches::are_few(1, 65));
        assert!(Stretches::are_few(Status::ALL.len(), 16));
        assert!(!Stretches::are_few(Status::ALL.len(), 17));
        let once = stretches(&Status::ALL, None, Take::First(21)).parted();
        assert_eq!(once.len(), 1);
    }
}
