//! The audit trail: who changed what, and when. It names members and never holds their text.

use diesel::{
    dsl,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};

use crate::{
    model::{
        audit::{AuditEntry, AuditFilter},
        kind::Kind,
        page::{Page, PageRequest, Position, SortValue, Window},
        stamp::Stamp,
        time::UtcTime,
    },
    store::{
        Reader,
        connection::{DbConnection, on_backend},
        error::StoreError,
        schema::audit,
    },
};

/// Something that was done to something.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// What was done: `create`, `update`, `publish`, …
    pub action: &'static str,
    /// The kind of thing: of content, or `token`, `preview_link`.
    pub kind: &'static str,
    /// Its id.
    pub id: &'a str,
    /// Its slug, if it has one.
    pub slug: Option<&'a str>,
}

impl<'a> Deed<'a> {
    /// Something done to content.
    pub fn new(action: &'static str, kind: Kind, id: &'a str, slug: &'a str) -> Self {
        Self {
            action,
            kind: kind.as_str(),
            id,
            slug: Some(slug),
        }
    }
}

/// Writes a deed down, in the transaction that does it.
pub fn record(
    connection: &mut DbConnection,
    stamp: &Stamp,
    deed: Deed<'_>,
    members: &[&str],
) -> Result<(), StoreError> {
    let entry = diesel::insert_into(audit::table).values((
        audit::at.eq(stamp.at.millis()),
        audit::actor.eq(&stamp.actor),
        audit::action.eq(deed.action),
        audit::kind.eq(deed.kind),
        audit::entity_id.eq(deed.id),
        audit::slug.eq(deed.slug),
        audit::members.eq(members.join(",")),
        audit::request_id.eq(stamp.request_id.as_deref()),
    ));
    on_backend!(connection, inner => entry.execute(inner)?);
    Ok(())
}

/// How often something was done to things of one kind.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Deeds {
    /// Who did it: `request`, or the part of the program, `import`, `schedule` or `program`.
    #[diesel(sql_type = Text)]
    pub who: String,
    /// The kind of thing.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// What was done.
    #[diesel(sql_type = Text)]
    pub action: String,
    /// How often.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

/// What was written down behind an entry, counted, whichever process did it; and the last entry,
/// from which to go on. Without one to begin with, nothing is counted.
pub fn counted_since(
    reader: &mut Reader<'_>,
    sequence: Option<i64>,
) -> Result<(Vec<Deeds>, i64), StoreError> {
    let last: Option<i64> = audit::table
        .select(dsl::max(audit::sequence))
        .first(reader.connection)?;
    let last = last.unwrap_or(0);
    let Some(since) = sequence.filter(|since| *since < last) else {
        return Ok((Vec::new(), last));
    };
    let counted = sql_query(format!(
        "SELECT CASE WHEN request_id IS NOT NULL THEN 'request' \
         WHEN actor IN ('import', 'schedule') THEN actor ELSE 'program' END AS who, \
         kind, action, COUNT(*) AS count \
         FROM audit WHERE sequence > {since} AND sequence <= {last} GROUP BY 1, 2, 3"
    ));
    Ok((counted.load(reader.connection)?, last))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
struct AuditRow {
    sequence: i64,
    at: i64,
    actor: String,
    action: String,
    kind: String,
    entity_id: String,
    slug: Option<String>,
    members: String,
    request_id: Option<String>,
}

/// A page of the trail, newest first.
pub fn list(
    reader: &mut Reader<'_>,
    filter: &AuditFilter,
    request: &PageRequest,
) -> Result<Page<AuditEntry>, StoreError> {
    let narrowed = || {
        let mut query = audit::table.into_boxed();
        if let Some(actor) = &filter.actor {
            query = query.filter(audit::actor.eq(actor.clone()));
        }
        if let Some(action) = &filter.action {
            query = query.filter(audit::action.eq(action.clone()));
        }
        if let Some(kind) = &filter.kind {
            query = query.filter(audit::kind.eq(kind.clone()));
        }
        if let Some(id) = &filter.id {
            query = query.filter(audit::entity_id.eq(id.clone()));
        }
        if let Some(since) = filter.since {
            query = query.filter(audit::at.ge(since.millis()));
        }
        query
    };
    let total = match request.wants_total() {
        true => Some(narrowed().count().get_result(reader.connection)?),
        false => None,
    };
    let mut query = narrowed();
    if let Window::After(Position {
        value: SortValue::Number(sequence),
        ..
    }) = &request.window
    {
        query = query.filter(audit::sequence.lt(*sequence));
    }
    if let Window::Before(Position {
        value: SortValue::Number(sequence),
        ..
    }) = &request.window
    {
        query = query.filter(audit::sequence.gt(*sequence));
    }
    query = match request.is_backward() {
        true => query.order(audit::sequence.asc()),
        false => query.order(audit::sequence.desc()),
    };
    let rows: Vec<AuditRow> = query
        .limit(request.limit + 1)
        .offset(request.offset())
        .select(AuditRow::as_select())
        .load(reader.connection)?;
    Ok(request.page_of(rows.into_iter().map(entry).collect(), total))
}

fn entry(row: AuditRow) -> AuditEntry {
    let AuditRow {
        sequence,
        at,
        actor,
        action,
        kind,
        entity_id,
        slug,
        members,
        request_id,
    } = row;
    let members = members.split(',').filter(|name| !name.is_empty());
    AuditEntry {
        sequence,
        at: UtcTime::from_column(at),
        actor,
        action,
        kind,
        id: entity_id,
        slug,
        members: members.map(str::to_owned).collect(),
        request_id,
    }
}
