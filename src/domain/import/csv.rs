//! CSV: a row is an article, by a mapping of members to columns.

use std::{collections::HashMap, io::Read};

use chrono::NaiveDateTime;

use crate::{
    domain::{
        body::{self, BodySource},
        import::{Entry, Place, record::is_address},
    },
    model::{
        article::{ArticleInput, MAX_NAMES, MAX_SUMMARY, MAX_TITLE, Status},
        language::is_language,
        name::MAX_NAME,
        shown::shows,
        slug::is_slug,
        time::UtcTime,
        words::nearest,
    },
};

/// Members that a column can be mapped to.
pub const MEMBERS: [&str; 11] = [
    "title",
    "summary",
    "text",
    "published_at",
    "external_id",
    "slug",
    "category",
    "author",
    "tags",
    "language",
    "canonical_url",
];

/// Which column is what, and what goes for every row.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Column name by member.
    pub columns: HashMap<String, String>,
    /// `strftime` form of dates.
    pub date_format: String,
    /// The category of rows that have none.
    pub category: Option<String>,
    /// The author of rows that have none.
    pub author: Option<String>,
}

impl Mapping {
    /// Reads `title=headline,text=body,…`.
    pub fn parse(text: &str) -> Result<HashMap<String, String>, String> {
        let mut columns = HashMap::new();
        for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
            let (member, column) = pair
                .split_once('=')
                .map(|(member, column)| (member.trim(), column.trim()))
                .ok_or_else(|| format!("\"{pair}\" is not of the form member=column"))?;
            if !MEMBERS.contains(&member) {
                let hint = nearest(member, MEMBERS)
                    .map(|name| format!("; did you mean \"{name}\"?"))
                    .unwrap_or_default();
                return Err(format!(
                    "\"{member}\" is no member; valid are {}{hint}",
                    MEMBERS.join(", ")
                ));
            }
            if columns
                .insert(member.to_owned(), column.to_owned())
                .is_some()
            {
                return Err(format!("\"{member}\" is mapped twice"));
            }
        }
        for needed in ["title", "text"] {
            if !columns.contains_key(needed) {
                return Err(format!("\"{needed}\" must be mapped to a column"));
            }
        }
        Ok(columns)
    }
}

/// Reads entries; fails at once when the header lacks a mapped column.
pub fn entries<'a>(
    input: impl Read + 'a,
    file: &'a str,
    mapping: &'a Mapping,
) -> Result<impl Iterator<Item = Entry> + 'a, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let header = reader
        .byte_headers()
        .map_err(|cause| format!("{file}:1: the header can't be read: {cause}"))?
        .clone();
    let names: Vec<String> = header
        .iter()
        .map(|name| {
            let name = String::from_utf8_lossy(name);
            name.trim_start_matches('\u{FEFF}').trim().to_owned()
        })
        .collect();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (member, column) in &mapping.columns {
        let place = names
            .iter()
            .position(|name| name == column)
            .ok_or_else(|| {
                format!(
                    "{file}:1: there is no column \"{column}\" for {member}; there are {}",
                    names.join(", ")
                )
            })?;
        places.insert(member.clone(), place);
    }
    let width = names.len();
    Ok(reader.into_byte_records().map(move |row| {
        let line = |position: Option<&csv::Position>| position.map_or(0, csv::Position::line);
        match row {
            Ok(row) => {
                let place = Place::line(file, line(row.position()));
                let row = Row {
                    row,
                    places: &places,
                    width,
                };
                match row.article(mapping) {
                    Ok(article) => Entry::article(article, place),
                    Err(reason) => Entry::refused(place, reason),
                }
            }
            Err(cause) => {
                let place = Place::line(file, line(cause.position()));
                Entry::refused(place, format!("is not CSV: {cause}"))
            }
        }
    }))
}

struct Row<'a> {
    row: csv::ByteRecord,
    places: &'a HashMap<String, usize>,
    width: usize,
}

impl Row<'_> {
    /// The text of a member's column, or `None` when nothing of it shows or it is not mapped.
    fn get(&self, member: &str) -> Result<Option<&str>, String> {
        let Some(place) = self.places.get(member) else {
            return Ok(None);
        };
        let bytes = self.row.get(*place).unwrap_or_default();
        let text = std::str::from_utf8(bytes)
            .map_err(|_| format!("the column for {member} is not UTF-8"))?;
        if text.contains('\0') {
            return Err(format!(
                "the column for {member} contains the character U+0000"
            ));
        }
        Ok(shows(text).then_some(text))
    }

    /// [`Self::get`] of at most so many characters.
    fn bounded(&self, member: &str, most: usize) -> Result<Option<String>, String> {
        match self.get(member)? {
            Some(text) if text.chars().count() > most => {
                Err(format!("the {member} has more than {most} characters"))
            }
            text => Ok(text.map(str::to_owned)),
        }
    }

    /// Names parted by semicolons.
    fn names(&self, member: &str) -> Result<Vec<String>, String> {
        let text = self.get(member)?.unwrap_or_default();
        let names = text.split(';').map(str::trim).filter(|name| shows(name));
        let names: Vec<String> = names.map(str::to_owned).collect();
        let is_long = |name: &String| name.chars().count() > MAX_NAME;
        if names.len() > MAX_NAMES {
            return Err(format!(
                "there are more than {MAX_NAMES} names for {member}"
            ));
        }
        match names.iter().any(is_long) {
            true => Err(format!(
                "one of the names for {member} has more than {MAX_NAME} characters"
            )),
            false => Ok(names),
        }
    }

    fn language(&self) -> Result<Option<String>, String> {
        let tag = self.bounded("language", 35)?;
        match tag.as_deref().map(str::trim) {
            Some(tag) if !is_language(tag) => Err(format!(
                "\"{tag}\" is no BCP 47 tag of a language such as en or pt-BR"
            )),
            tag => Ok(tag.map(str::to_owned)),
        }
    }

    fn canonical_url(&self) -> Result<Option<String>, String> {
        let address = self.bounded("canonical_url", 2_000)?;
        match address.as_deref().map(str::trim) {
            Some(address) if !is_address(address) => {
                Err("the canonical_url is no absolute http or https URL".to_owned())
            }
            address => Ok(address.map(str::to_owned)),
        }
    }

    fn article(&self, mapping: &Mapping) -> Result<ArticleInput, String> {
        if self.row.len() != self.width {
            return Err(format!(
                "has {} columns where the header has {}",
                self.row.len(),
                self.width
            ));
        }
        let title = self.bounded("title", MAX_TITLE)?.ok_or("has no title")?;
        let text = self.get("text")?.ok_or("has no text")?;
        let slug = self.bounded("slug", 120)?;
        if let Some(slug) = slug.as_deref().filter(|slug| !is_slug(slug)) {
            return Err(format!("\"{slug}\" is no slug"));
        }
        let mut authors = self.names("author")?;
        if authors.is_empty() {
            let given = mapping.author.as_deref().unwrap_or_default();
            let names = given.split(';').map(str::trim).filter(|name| shows(name));
            authors = names.map(str::to_owned).collect();
        }
        let body =
            body::blocks(&BodySource::Text(text.to_owned())).map_err(|why| why.to_string())?;
        Ok(ArticleInput {
            external_id: self
                .bounded("external_id", 200)?
                .map(|id| id.trim().to_owned()),
            slug,
            title: title.trim().to_owned(),
            summary: self.bounded("summary", MAX_SUMMARY)?,
            category: self
                .bounded("category", MAX_NAME)?
                .or_else(|| mapping.category.clone())
                .into_iter()
                .collect(),
            tags: self.names("tags")?,
            authors,
            published_at: self.date(&mapping.date_format)?,
            status: Some(Status::Published),
            language: self.language()?,
            canonical_url: self.canonical_url()?,
            body,
            ..ArticleInput::default()
        })
    }

    /// A date in the given form, with a time of day behind it or without; else RFC 3339.
    fn date(&self, format: &str) -> Result<Option<UtcTime>, String> {
        let Some(text) = self.get("published_at")?.map(str::trim) else {
            return Ok(None);
        };
        let with_time = |tail: &str| {
            let form = format!("{format}{tail}");
            let parsed = NaiveDateTime::parse_from_str(text, &form).ok()?;
            UtcTime::from_millis(parsed.and_utc().timestamp_millis())
        };
        let date = chrono::NaiveDate::parse_from_str(text, format)
            .ok()
            .and_then(UtcTime::from_date)
            .or_else(|| with_time(" %H:%M"))
            .or_else(|| with_time(" %H:%M:%S"))
            .or_else(|| with_time(""))
            .or_else(|| UtcTime::parse(text));
        match date {
            Some(date) if date.editorial().is_none() => Err(format!(
                "the date \"{text}\" lies outside the years 1000 to 9999"
            )),
            Some(date) if date <= UtcTime::now() => Ok(Some(date)),
            Some(_) => Err(format!("the date \"{text}\" lies in the future")),
            None => Err(format!("the date \"{text}\" is not of the form {format}")),
        }
    }
}
