//! Authors and tags: names that articles carry. Both have the same functions over tables of their
//! own, so they are written once, as a macro.

mod functions;

use crate::{
    model::{
        shown::shows,
        slug::{MAX_SLUG, new_id, slug_from},
        words::sort_key,
    },
    store::error::StoreError,
};

pub(super) use crate::model::name::MAX_NAME;
pub(super) use functions::{change_functions, make_functions, name_functions, read_functions};

/// A name made fit to be kept, and what it sorts and is found by.
pub(super) struct Name {
    pub(super) name: String,
    pub(super) key: String,
    /// What a slug is made of where none is given.
    pub(super) slug: String,
}

impl Name {
    pub(super) fn new(text: &str, kind: &str) -> Result<Self, StoreError> {
        let name = text.trim().to_owned();
        if !shows(&name) || name.chars().count() > MAX_NAME {
            return Err(StoreError::Invalid(format!(
                "the name of a {kind} must have 1 to {MAX_NAME} characters, one at least that shows"
            )));
        }
        let slug = slug_from(&name).unwrap_or_else(|| kind.to_owned());
        let key = sort_key(&name);
        Ok(Self { name, key, slug })
    }
}

/// A row that a name leads to, and whether readers may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NameRow {
    pub(super) pk: i64,
    pub(super) public: bool,
}

/// How many numbers are tried before chance decides.
const NUMBERED_AT_MOST: u32 = 50;

/// The first of `slug`, `slug-2`, `slug-3`, … that is not taken; when many are, one with letters
/// and digits by chance behind it, so that thousands may share a title.
pub(super) fn free_slug(
    slug: &str,
    mut is_taken: impl FnMut(&str) -> Result<bool, StoreError>,
) -> Result<String, StoreError> {
    if !is_taken(slug)? {
        return Ok(slug.to_owned());
    }
    // Room for what comes behind it.
    let short: String = slug.chars().take(MAX_SLUG - 14).collect();
    let short = short.trim_end_matches('-');
    for number in 2..=NUMBERED_AT_MOST {
        let candidate = format!("{short}-{number}");
        if !is_taken(&candidate)? {
            return Ok(candidate);
        }
    }
    // The last twelve digits of a UUIDv7 are random: 48 bits.
    let id = new_id();
    let (_, random) = id.rsplit_once('-').unwrap_or(("", &id));
    Ok(format!("{short}-{random}"))
}

/// The slug that is wanted, if it is free, or a free one made of the name. `is_taken` says so of
/// a slug that is, or was, another's.
pub(super) fn chosen_slug(
    wanted: Option<&str>,
    made: &str,
    kind: &str,
    mut is_taken: impl FnMut(&str) -> Result<bool, StoreError>,
) -> Result<String, StoreError> {
    match wanted {
        Some(slug) if is_taken(slug)? => Err(slug_of_another(slug, kind)),
        Some(slug) => Ok(slug.to_owned()),
        None => free_slug(made, is_taken),
    }
}

/// Readers of the other thing would be led astray.
pub(super) fn slug_of_another(slug: &str, kind: &str) -> StoreError {
    StoreError::Taken {
        member: "slug",
        message: format!("\"{slug}\" is, or was, another {kind}'s"),
    }
}
