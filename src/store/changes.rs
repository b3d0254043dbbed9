//! The log of changes: written in the transaction that makes them, read oldest first.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use crate::{
    model::{
        article::{Article, ArticleFilter},
        change::{Change, ChangeKind, Subject},
        kind::Kind,
        time::UtcTime,
    },
    store::{
        Reader,
        articles::{self, filtered, rows::columns},
        authors, categories,
        connection::{DbConnection, on_backend},
        error::StoreError,
        schema::changes,
        tags,
    },
};

/// Where to begin reading the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// After the entry of this sequence number; 0 for all.
    Sequence(i64),
    /// At this instant, itself included.
    Time(UtcTime),
}

/// Adds an entry about a thing.
pub(super) fn record(
    connection: &mut DbConnection,
    kind: Kind,
    id: &str,
    change: ChangeKind,
    at: UtcTime,
) -> Result<(), StoreError> {
    let at = moment(connection, at)?;
    let entry = diesel::insert_into(changes::table).values((
        changes::entity_id.eq(id),
        changes::change.eq(change.as_str()),
        changes::at.eq(at.millis()),
        changes::kind.eq(kind.as_str()),
    ));
    on_backend!(connection, inner => entry.execute(inner)?);
    Ok(())
}

/// When a change is noted that was made at an instant: never before the entry that is the last so
/// far, also where the clock was put back. So nobody who asks for what was since then misses it.
pub(super) fn moment(connection: &mut DbConnection, at: UtcTime) -> Result<UtcTime, StoreError> {
    let last = changes::table
        .order(changes::sequence.desc())
        .select(changes::at);
    let last: Option<i64> = on_backend!(connection, inner => last.first(inner).optional()?);
    Ok(last.map_or(at, |last| at.max(UtcTime::from_column(last))))
}

/// A row of the log: sequence, id, change, time, kind.
type Entry = (i64, String, String, i64, String);

/// The next entries of the log, at most `limit`; whether more follow; and where the next call
/// begins. A filter leaves out entries about articles that are visible now and do not pass it,
/// never one about a thing that is gone. The log is about what readers see, whoever asks.
pub fn list(
    reader: &mut Reader<'_>,
    since: Since,
    filter: &ArticleFilter,
    limit: i64,
    with_body: bool,
) -> Result<(Vec<Change>, bool, i64), StoreError> {
    let mut reader = Reader::public(reader.connection);
    let reader = &mut reader;
    let mut query = changes::table
        .order(changes::sequence)
        .limit(limit + 1)
        .into_boxed();
    query = match since {
        Since::Sequence(sequence) => query.filter(changes::sequence.gt(sequence)),
        Since::Time(time) => query.filter(changes::at.ge(time.millis())),
    };
    let mut entries: Vec<Entry> = query.load(reader.connection)?;
    let wanted = usize::try_from(limit).unwrap_or(0);
    let more = entries.len() > wanted;
    entries.truncate(wanted);
    let next = match (entries.last(), since) {
        (Some((sequence, ..)), _) => *sequence,
        (None, Since::Sequence(sequence)) => sequence,
        (None, Since::Time(_)) => last_sequence(reader.connection)?,
    };
    let visible = visible(reader, &entries, with_body)?;
    let passing = passing(reader, &visible, filter)?;
    let names = names(reader, &entries)?;
    let mut found = Vec::with_capacity(entries.len());
    for (sequence, id, word, at, kind) in entries {
        let corrupt = || StoreError::Corrupt(format!("change {sequence} is a {word} of a {kind}"));
        let change = ChangeKind::parse(&word).ok_or_else(corrupt)?;
        let subject = match Kind::parse(&kind).ok_or_else(corrupt)? {
            Kind::Article => Subject::Article(visible.get(&id).cloned().map(Box::new)),
            kind => names.get(&id).cloned().unwrap_or(Subject::Gone(kind)),
        };
        let passes = match &subject {
            Subject::Article(Some(article)) => passing.contains(&article.row),
            _ => true,
        };
        if passes || change.is_tombstone() {
            let at = UtcTime::from_column(at);
            found.push(Change {
                sequence,
                id,
                kind: change,
                at,
                subject,
            });
        }
    }
    Ok((found, more, next))
}

/// Categories, authors and tags among the entries, as readers see them now.
fn names(
    reader: &mut Reader<'_>,
    entries: &[Entry],
) -> Result<HashMap<String, Subject>, StoreError> {
    let of = |wanted: Kind| -> Vec<String> {
        let ids = entries.iter().filter(|(.., kind)| kind == wanted.as_str());
        let ids: BTreeSet<String> = ids.map(|(_, id, ..)| id.clone()).collect();
        ids.into_iter().collect()
    };
    let mut found = HashMap::new();
    for category in categories::public_by_ids(reader.connection, of(Kind::Category))? {
        found.insert(category.id.clone(), Subject::Category(category));
    }
    for author in authors::public_by_ids(reader.connection, of(Kind::Author))? {
        found.insert(author.id.clone(), Subject::Author(author));
    }
    for tag in tags::public_by_ids(reader.connection, of(Kind::Tag))? {
        found.insert(tag.id.clone(), Subject::Tag(tag));
    }
    Ok(found)
}

/// The sequence number of the last entry; 0 where there is none.
pub(super) fn last_sequence(connection: &mut DbConnection) -> Result<i64, StoreError> {
    let last: Option<i64> = changes::table
        .select(diesel::dsl::max(changes::sequence))
        .first(connection)?;
    Ok(last.unwrap_or(0))
}

fn visible(
    reader: &mut Reader<'_>,
    entries: &[Entry],
    with_body: bool,
) -> Result<HashMap<String, Article>, StoreError> {
    let mut ids: Vec<String> = entries.iter().map(|(_, id, ..)| id.clone()).collect();
    ids.sort();
    ids.dedup();
    let rows = reader
        .articles()
        .filter(columns::id.eq_any(ids))
        .select(articles::ArticleRow::as_select())
        .load(reader.connection)?;
    Ok(articles::complete(reader.connection, rows, with_body)?
        .into_iter()
        .map(|article| (article.id.clone(), article))
        .collect())
}

/// Rows of those articles that pass the filter.
fn passing(
    reader: &mut Reader<'_>,
    visible: &HashMap<String, Article>,
    filter: &ArticleFilter,
) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<i64> = visible.values().map(|article| article.row).collect();
    if *filter == ArticleFilter::default() {
        return Ok(rows);
    }
    Ok(filtered(reader, filter)?
        .filter(columns::pk.eq_any(rows))
        .select(columns::pk)
        .load(reader.connection)?)
}
