//! The editorial life of an article: draft, scheduled, published, unpublished.

use diesel::{dsl, prelude::*};

use crate::{
    model::{
        article::{Outcome, Status},
        change::ChangeKind,
        kind::Kind,
        stamp::Stamp,
        time::UtcTime,
    },
    store::{
        Reader,
        articles::rows::{
            put::Saved,
            save::{self, Known, Names},
            table::articles,
            words,
        },
        audit::{self, Deed},
        changes,
        connection::DbConnection,
        error::StoreError,
        names::NameRow,
    },
};

/// A step of an article's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusChange {
    /// To be seen from now on.
    Publish,
    /// To be seen no longer, or not to be seen by itself when its time comes.
    Unpublish,
    /// To be seen from this instant on, which must lie ahead.
    Schedule(UtcTime),
}

impl StatusChange {
    fn action(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Unpublish => "unpublish",
            Self::Schedule(_) => "schedule",
        }
    }

    /// The status that it leads to from another, and the editorial date.
    fn target(self, known: &Known, now: UtcTime) -> Result<(Status, Option<i64>), StoreError> {
        let status = Status::parse(&known.status)
            .ok_or_else(|| StoreError::Corrupt(format!("status {}", known.status)))?;
        let was_seen = known.first_published_at.is_some();
        match (self, status) {
            (Self::Publish, Status::Published) => Ok((status, known.published_at)),
            (Self::Publish, _) => {
                // A date that was set stays, but nothing is of a day that has not come.
                let date = known.published_at.unwrap_or(now.millis()).min(now.millis());
                Ok((Status::Published, Some(date)))
            }
            (Self::Unpublish, Status::Published) => Ok((Status::Unpublished, known.published_at)),
            (Self::Unpublish, Status::Scheduled) if was_seen => {
                Ok((Status::Unpublished, known.published_at))
            }
            (Self::Unpublish, Status::Scheduled) => Ok((Status::Draft, known.published_at)),
            (Self::Unpublish, Status::Unpublished) => Ok((status, known.published_at)),
            (Self::Unpublish, Status::Draft) => Err(StoreError::NotNow(
                "a draft is not published, so it can't be unpublished".to_owned(),
            )),
            (Self::Schedule(_), Status::Published) => Err(StoreError::NotNow(
                "the article is published; unpublish it before it is scheduled".to_owned(),
            )),
            (Self::Schedule(at), _) if at <= now => Err(StoreError::Refused {
                member: "at",
                message: "must lie in the future".to_owned(),
            }),
            (Self::Schedule(at), _) => Ok((Status::Scheduled, Some(at.millis()))),
        }
    }
}

/// Takes a step, if the article still has this version; without one, in any case.
pub fn set_status(
    connection: &mut DbConnection,
    row: i64,
    version: Option<i64>,
    change: StatusChange,
    stamp: &Stamp,
) -> Result<Saved, StoreError> {
    let known: Option<Known> = articles::table
        .find(row)
        .select(Known::as_select())
        .first(connection)
        .optional()?;
    let known = known
        .filter(|known| version.is_none_or(|version| known.version == version))
        .ok_or(StoreError::MovedOn)?;
    let (status, published_at) = change.target(&known, stamp.at)?;
    let before = Status::parse(&known.status);
    let mut saved = Saved {
        row,
        id: known.id.clone(),
        slug: known.slug.clone(),
        outcome: Outcome::Unchanged,
        before,
        status,
        dated: published_at != known.published_at,
    };
    if before == Some(status) && published_at == known.published_at {
        return Ok(saved);
    }
    saved.outcome = Outcome::Updated;
    let first = match status {
        Status::Published => known.first_published_at.or(Some(stamp.at.millis())),
        _ => known.first_published_at,
    };
    diesel::update(articles::table.find(row))
        .set((
            articles::status.eq(status.as_str()),
            articles::published_at.eq(published_at),
            articles::first_published_at.eq(first),
            articles::public_slug.eq(match status {
                Status::Published => Some(&known.slug),
                _ => known.public_slug.as_ref(),
            }),
            articles::sort_at.eq(published_at.unwrap_or(known.created_at)),
            articles::updated_at.eq(stamp.at.millis()),
            articles::version.eq(known.version + 1),
        ))
        .execute(connection)?;
    words::reindex(connection, row)?;
    tell(connection, &known, before, status, stamp)?;
    let deed = Deed::new(change.action(), Kind::Article, &known.id, &known.slug);
    let changed = [
        ("status", before != Some(status)),
        ("published_at", published_at != known.published_at),
    ];
    let changed = changed.iter().filter(|(_, differs)| *differs);
    let members: Vec<&str> = changed.map(|(name, _)| *name).collect();
    audit::record(connection, stamp, deed, &members)?;
    Ok(saved)
}

/// Notes what readers see of a step.
fn tell(
    connection: &mut DbConnection,
    known: &Known,
    before: Option<Status>,
    status: Status,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let was_published = before == Some(Status::Published);
    let change = match (was_published, status == Status::Published) {
        (false, true) => ChangeKind::Published,
        (true, false) => ChangeKind::Unpublished,
        _ => return Ok(()),
    };
    if change == ChangeKind::Published {
        let names = names(connection, known.pk)?;
        save::publish_names(connection, &names, stamp)?;
    }
    changes::record(connection, Kind::Article, &known.id, change, stamp.at)
}

/// The names that an article carries, as if readers did not know them yet.
fn names(connection: &mut DbConnection, pk: i64) -> Result<Names, StoreError> {
    let hidden = |pk| NameRow { pk, public: false };
    let (authors, tags) = words::names_of(connection, pk)?;
    let category: Option<i64> = articles::table
        .find(pk)
        .select(articles::category_pk)
        .first(connection)?;
    Ok(Names {
        category: category.map(hidden),
        authors: authors.into_iter().map(hidden).collect(),
        tags: tags.into_iter().map(hidden).collect(),
    })
}

/// When the next scheduled article is due.
pub fn next_due(reader: &mut Reader<'_>) -> Result<Option<UtcTime>, StoreError> {
    let next: Option<i64> = articles::table
        .filter(articles::status.eq(Status::Scheduled.as_str()))
        .select(dsl::min(articles::sort_at))
        .first(reader.connection)?;
    Ok(next.map(UtcTime::from_column))
}

/// How many articles are scheduled, and when the next of them is due.
pub fn scheduled(reader: &mut Reader<'_>) -> Result<(i64, Option<UtcTime>), StoreError> {
    let (count, next): (i64, Option<i64>) = articles::table
        .filter(articles::status.eq(Status::Scheduled.as_str()))
        .select((dsl::count_star(), dsl::min(articles::sort_at)))
        .first(reader.connection)?;
    Ok((count, next.map(UtcTime::from_column)))
}

/// Articles that go live in one transaction, at most.
const DUE_AT_ONCE: i64 = 100;

/// Publishes scheduled articles whose time has come, the earliest first; gives how many. Writers
/// go one after another, so each goes live once, however many servers look.
pub fn publish_due(connection: &mut DbConnection, stamp: &Stamp) -> Result<usize, StoreError> {
    let due: Vec<i64> = articles::table
        .filter(articles::status.eq(Status::Scheduled.as_str()))
        .filter(articles::sort_at.le(stamp.at.millis()))
        .order((articles::sort_at, articles::id))
        .limit(DUE_AT_ONCE)
        .select(articles::pk)
        .load(connection)?;
    for row in &due {
        set_status(connection, *row, None, StatusChange::Publish, stamp)?;
    }
    Ok(due.len())
}
