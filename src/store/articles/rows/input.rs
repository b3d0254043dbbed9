//! What an input becomes: the columns of an article, and the rows of the names that it carries.

use crate::{
    model::{article::Status, stamp::Stamp, time::UtcTime, words::sort_key},
    store::{
        articles::{
            ready::Ready,
            rows::save::{Known, Names, Written},
        },
        authors, categories,
        connection::DbConnection,
        error::StoreError,
        names::NameRow,
        tags,
    },
};

/// The rows of what an article names, made where they are new; and the names of its authors and
/// tags, for the index.
pub(super) fn find_names(
    connection: &mut DbConnection,
    ready: &Ready,
    stamp: &Stamp,
) -> Result<(Names, Vec<String>), StoreError> {
    let input = &ready.input;
    let category = categories::find_or_make(connection, &input.category, stamp)?;
    let authors = each(connection, &input.authors, stamp, authors::find_or_make)?;
    let tags = each(connection, &input.tags, stamp, tags::find_or_make)?;
    let (authors, mut texts): (Vec<NameRow>, Vec<String>) = authors.into_iter().unzip();
    let (tags, of_tags): (Vec<NameRow>, Vec<String>) = tags.into_iter().unzip();
    texts.extend(of_tags);
    let names = Names {
        category,
        authors,
        tags,
    };
    Ok((names, texts))
}

/// A row, and its name.
type Found = (NameRow, String);

fn each(
    connection: &mut DbConnection,
    texts: &[String],
    stamp: &Stamp,
    find: fn(&mut DbConnection, &str, &Stamp) -> Result<Found, StoreError>,
) -> Result<Vec<Found>, StoreError> {
    let mut found: Vec<Found> = Vec::with_capacity(texts.len());
    for text in texts {
        let (row, name) = find(connection, text, stamp)?;
        // Two spellings of one name count once, at the first place.
        if found.iter().all(|(known, _)| known.pk != row.pk) {
            found.push((row, name));
        }
    }
    Ok(found)
}

/// The columns that an article is to have, in place of those that it has.
pub(super) fn written(
    ready: &Ready,
    known: Option<&Known>,
    names: &Names,
    now: UtcTime,
) -> Result<Written, StoreError> {
    let input = &ready.input;
    let image = input
        .image
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(|cause| StoreError::Invalid(format!("the image can't be stored: {cause}")))?;
    let status = input
        .status
        .or(known.and_then(|known| Status::parse(&known.status)))
        .unwrap_or(Status::Draft);
    let published_at = date(ready, known, status, now)?;
    let language = input
        .language
        .clone()
        .or(known.map(|known| known.language.clone()));
    Ok(Written {
        // What is found by its slug keeps the key of the system that it came from.
        external_id: input
            .external_id
            .clone()
            .or(known.and_then(|known| known.external_id.clone())),
        title: input.title.clone(),
        title_key: sort_key(&input.title),
        title_provisional: input.title_provisional,
        summary: input.summary.clone(),
        category_pk: names.category.map(|row| row.pk),
        image,
        status: status.as_str().to_owned(),
        language: language.unwrap_or_else(|| ready.default_language.clone()),
        featured: input.featured,
        canonical_url: input.canonical_url.clone(),
        published_at,
        reading_minutes: input.reading_minutes,
        word_count: ready.word_count,
        body_hash: ready.body_hash.clone(),
    })
}

/// The editorial date, in milliseconds. What becomes visible without one is of now; one that was
/// set is only changed by another.
fn date(
    ready: &Ready,
    known: Option<&Known>,
    status: Status,
    now: UtcTime,
) -> Result<Option<i64>, StoreError> {
    let refused = |message: &str| StoreError::Refused {
        member: "published_at",
        message: message.to_owned(),
    };
    let now = now.millis();
    let given = ready.input.published_at.map(UtcTime::millis);
    let stored = known.and_then(|known| known.published_at);
    let date = match ready.input.clears_date && given.is_none() {
        true => None,
        false => given.or(stored),
    };
    match (status, date) {
        (Status::Published, None) if stored.is_some() => {
            Err(refused("can't be taken from a published article"))
        }
        // Its time has come, and it goes live by itself in a moment.
        (Status::Scheduled, Some(date)) if given.is_none() && known.is_some_and(is_scheduled) => {
            Ok(Some(date))
        }
        (Status::Published, Some(date)) if date > now && given.is_some() => {
            Err(refused("lies in the future; such an article is scheduled"))
        }
        (Status::Published, Some(date)) => Ok(Some(date.min(now))),
        (Status::Published, None) => Ok(Some(now)),
        (Status::Scheduled, date) if date.is_none_or(|date| date <= now) => {
            Err(refused("of a scheduled article must lie in the future"))
        }
        (_, date) => Ok(date),
    }
}

fn is_scheduled(known: &Known) -> bool {
    known.status == Status::Scheduled.as_str()
}
