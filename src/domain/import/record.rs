//! One article as JSON: a line of `jsonl`, and what writers send.

use serde_json::{Map, Value};

use crate::{
    domain::body::{self, BodySource},
    model::{
        article::{ArticleInput, Image, MAX_NAMES, MAX_NOTE, MAX_SUMMARY, MAX_TITLE, Status},
        block::Block,
        category::MAX_DEPTH,
        language::is_language,
        shown::shows,
        slug::is_slug,
        time::UtcTime,
        whole::whole,
        words::nearest,
    },
};

/// What is wrong with one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// What would be right.
    pub message: String,
    /// The nearest valid name, for one that is not known.
    pub suggestion: Option<String>,
}

const MEMBERS: [&str; 15] = [
    "external_id",
    "slug",
    "title",
    "summary",
    "category",
    "tags",
    "authors",
    "published_at",
    "status",
    "language",
    "featured",
    "reading_minutes",
    "image",
    "canonical_url",
    "note",
];
const FORMS: [&str; 4] = ["html", "markdown", "text", "blocks"];

/// What is wrong with a title or a name that no reader would see.
const BLANK: &str = "must have a character that shows";

/// The most minutes that an article may be said to take.
const MAX_MINUTES: i64 = 10_000;

/// What goes without saying of an article.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// Its status.
    pub status: Option<Status>,
    /// Its body, in the stored form; without one, a body must be given.
    pub body: Option<Vec<Block>>,
}

/// Reads an article; names everything that is wrong with it.
pub fn article_input(value: &Value, defaults: Defaults) -> Result<ArticleInput, Vec<FieldProblem>> {
    let valid = MEMBERS.into_iter().chain(["body"]);
    let mut reader = Reader::new(value, &valid.collect::<Vec<_>>())?;
    let input = ArticleInput {
        external_id: reader.text("external_id", 1, 200),
        slug: reader.slug(),
        yields_slug: false,
        title: reader.required_text("title", MAX_TITLE),
        title_provisional: false,
        summary: reader
            .text("summary", 0, MAX_SUMMARY)
            .filter(|text| !text.is_empty()),
        category: reader.category(),
        tags: reader.names("tags"),
        authors: reader.names("authors"),
        published_at: reader.editorial_date(),
        clears_date: false,
        status: reader.status().or(defaults.status),
        language: reader.language(),
        featured: reader.flag("featured"),
        reading_minutes: reader.number("reading_minutes", MAX_MINUTES),
        image: reader.image(),
        canonical_url: reader.web_address("canonical_url"),
        body: match (reader.get("body"), defaults.body) {
            (None, Some(stored)) => stored,
            _ => reader.body(),
        },
        note: reader.text("note", 1, MAX_NOTE),
        former_slugs: Vec::new(),
        former_paths: Vec::new(),
    };
    reader.check_date(&input);
    reader.finish(input)
}

/// Reads the members of an object, and notes what is wrong with them.
pub(super) struct Reader<'a> {
    members: &'a Map<String, Value>,
    problems: Vec<FieldProblem>,
}

impl<'a> Reader<'a> {
    /// Of an object that may have these members and no others.
    pub(super) fn new(value: &'a Value, valid: &[&str]) -> Result<Self, Vec<FieldProblem>> {
        let Value::Object(members) = value else {
            return Err(vec![FieldProblem {
                pointer: String::new(),
                message: "expected an object".to_owned(),
                suggestion: None,
            }]);
        };
        let mut reader = Self {
            members,
            problems: Vec::new(),
        };
        reader.refuse_unknown("", members, valid);
        Ok(reader)
    }

    /// What was read, unless something was wrong.
    pub(super) fn finish<T>(self, input: T) -> Result<T, Vec<FieldProblem>> {
        match self.problems.is_empty() {
            true => Ok(input),
            false => Err(self.problems),
        }
    }

    pub(super) fn problem(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.problems.push(FieldProblem {
            pointer: pointer.into(),
            message: message.into(),
            suggestion: None,
        });
    }

    fn refuse_unknown(&mut self, at: &str, members: &Map<String, Value>, valid: &[&str]) {
        for name in members
            .keys()
            .filter(|name| !valid.contains(&name.as_str()))
        {
            self.problems.push(FieldProblem {
                // RFC 6901 section 3: "~" and "/" are escaped.
                pointer: format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")),
                message: format!("is not known; valid are {}", valid.join(", ")),
                suggestion: nearest(name, valid.iter().copied()),
            });
        }
    }

    /// A member that is there and not null.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &str, least: usize, most: usize) -> Option<String> {
        let value = self.get(name)?.clone();
        self.checked_text(&format!("/{name}"), &value, least, most)
    }

    fn checked_text(
        &mut self,
        pointer: &str,
        value: &Value,
        least: usize,
        most: usize,
    ) -> Option<String> {
        let length = value.as_str().map(|text| text.chars().count());
        match (value.as_str(), length) {
            (Some(text), _) if text.contains('\0') => {
                self.problem(pointer, "can't contain the character U+0000");
                None
            }
            (Some(text), Some(length)) if (least..=most).contains(&length) => Some(text.to_owned()),
            (Some(_), _) => {
                self.problem(pointer, format!("must have {least} to {most} characters"));
                None
            }
            (None, _) => {
                self.problem(pointer, "must be a string");
                None
            }
        }
    }

    /// A title or a name, without the white space around it.
    pub(super) fn required_text(&mut self, name: &str, most: usize) -> String {
        let pointer = format!("/{name}");
        match self.text(name, 1, most) {
            Some(text) if shows(&text) => text.trim().to_owned(),
            Some(_) => {
                self.problem(pointer, BLANK);
                String::new()
            }
            None if self.get(name).is_none() => {
                self.problem(pointer, "is required");
                String::new()
            }
            None => String::new(),
        }
    }

    pub(super) fn slug(&mut self) -> Option<String> {
        let slug = self.text("slug", 1, 120)?;
        if !is_slug(&slug) {
            self.problem(
                "/slug",
                "must be lower-case ASCII words joined by single hyphens, and no UUID",
            );
            return None;
        }
        Some(slug)
    }

    fn category(&mut self) -> Vec<String> {
        match self.get("category").cloned() {
            None => Vec::new(),
            Some(Value::Array(path)) if path.len() <= MAX_DEPTH => {
                self.each_name("category", &path)
            }
            Some(Value::Array(_)) => {
                self.problem("/category", format!("may have at most {MAX_DEPTH} levels"));
                Vec::new()
            }
            Some(name) => self.name("/category", &name).into_iter().collect(),
        }
    }

    fn names(&mut self, member: &str) -> Vec<String> {
        match self.get(member).cloned() {
            None => Vec::new(),
            Some(Value::Array(names)) if names.len() <= MAX_NAMES => self.each_name(member, &names),
            Some(_) => {
                self.problem(
                    format!("/{member}"),
                    format!("must be a list of at most {MAX_NAMES} names"),
                );
                Vec::new()
            }
        }
    }

    fn each_name(&mut self, member: &str, names: &[Value]) -> Vec<String> {
        let name = |(index, value)| self.name(&format!("/{member}/{index}"), value);
        names.iter().enumerate().filter_map(name).collect()
    }

    fn name(&mut self, pointer: &str, value: &Value) -> Option<String> {
        let name = self.checked_text(pointer, value, 1, 200)?;
        if !shows(&name) {
            self.problem(pointer, BLANK);
            return None;
        }
        Some(name)
    }

    pub(super) fn time(&mut self, name: &str) -> Option<UtcTime> {
        let text = self.text(name, 1, 64)?;
        let time = UtcTime::parse(&text);
        if time.is_none() {
            self.problem(
                format!("/{name}"),
                "must be an RFC 3339 time such as 2025-08-09T12:00:00Z",
            );
        }
        time
    }

    fn editorial_date(&mut self) -> Option<UtcTime> {
        let date = self.time("published_at")?.editorial();
        if date.is_none() {
            let message = "must lie in the years 1000 to 9999, which all forms of feeds can say";
            self.problem("/published_at", message);
        }
        date
    }

    fn status(&mut self) -> Option<Status> {
        let word = self.text("status", 1, 20)?;
        let status = Status::parse(&word);
        if status.is_none() {
            let valid = Status::ALL.map(Status::as_str);
            self.problems.push(FieldProblem {
                pointer: "/status".to_owned(),
                message: format!("must be one of {}", valid.join(", ")),
                suggestion: nearest(&word, valid),
            });
        }
        status
    }

    fn language(&mut self) -> Option<String> {
        let tag = self.text("language", 2, 35)?;
        if !is_language(&tag) {
            self.problem("/language", "must be a BCP 47 tag such as en or pt-BR");
            return None;
        }
        Some(tag)
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        match self.get(name) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(_) => {
                self.problem(format!("/{name}"), "must be true or false");
                false
            }
        }
    }

    pub(super) fn number(&mut self, name: &str, most: i64) -> Option<i64> {
        let value = self.get(name)?;
        let number = whole(value).filter(|number| (1..=most).contains(number));
        if number.is_none() {
            self.problem(
                format!("/{name}"),
                format!("must be a whole number from 1 to {most}"),
            );
        }
        number
    }

    pub(super) fn web_address(&mut self, name: &str) -> Option<String> {
        let text = self.text(name, 1, 2_000)?;
        if !is_address(&text) {
            self.problem(format!("/{name}"), "must be an absolute http or https URL");
            return None;
        }
        Some(text)
    }

    fn image(&mut self) -> Option<Image> {
        let value = self.get("image")?.clone();
        let Value::Object(members) = &value else {
            let message =
                "must be an object with url, and perhaps alt, width, height, caption, credit";
            self.problem("/image", message);
            return None;
        };
        let before = self.problems.len();
        let valid = ["url", "alt", "width", "height", "caption", "credit"];
        self.refuse_unknown("/image", members, &valid);
        let url = members.get("url").filter(|url| !url.is_null());
        match url.map(|url| url.as_str().is_some_and(is_address)) {
            Some(true) => {}
            Some(false) => self.problem("/image/url", "must be an absolute http or https URL"),
            None => self.problem("/image/url", "is required: an absolute http or https URL"),
        }
        let given = |name: &str| members.get(name).filter(|value| !value.is_null());
        for name in ["width", "height"] {
            let is_in_bounds = |number: i64| (1..=100_000).contains(&number);
            let is_size = |value: &Value| whole(value).is_some_and(is_in_bounds);
            if given(name).is_some_and(|value| !is_size(value)) {
                let message = "must be a whole number from 1 to 100000";
                self.problem(format!("/image/{name}"), message);
            }
        }
        for name in ["alt", "caption", "credit"] {
            let is_short = |text: &str| text.chars().count() <= 2_000;
            let message = match given(name).map(Value::as_str) {
                Some(Some(text)) if text.contains('\0') => "can't contain the character U+0000",
                Some(text) if !text.is_some_and(is_short) => {
                    "must be a string of at most 2000 characters"
                }
                _ => continue,
            };
            self.problem(format!("/image/{name}"), message);
        }
        if self.problems.len() > before {
            return None;
        }
        serde_json::from_value(value)
            .map_err(|cause| self.problem("/image", cause.to_string()))
            .ok()
    }

    fn body(&mut self) -> Vec<Block> {
        let Some(Value::Object(forms)) = self.get("body").cloned() else {
            self.problem(
                "/body",
                "is required: an object with html, markdown, text or blocks",
            );
            return Vec::new();
        };
        self.refuse_unknown("/body", &forms, &FORMS);
        let mut given = forms
            .iter()
            .filter(|(name, _)| FORMS.contains(&name.as_str()));
        let (Some((form, value)), None) = (given.next(), given.next()) else {
            self.problem(
                "/body",
                "must have exactly one of html, markdown, text and blocks",
            );
            return Vec::new();
        };
        let pointer = format!("/body/{form}");
        let source = match (form.as_str(), value) {
            ("blocks", blocks) => match serde_json::from_value(blocks.clone()) {
                Ok(blocks) => BodySource::Blocks(blocks),
                Err(cause) => {
                    self.problem(pointer, format!("is not Portable Text: {cause}"));
                    return Vec::new();
                }
            },
            ("html", Value::String(text)) => BodySource::Html(text.clone()),
            ("markdown", Value::String(text)) => BodySource::Markdown(text.clone()),
            (_, Value::String(text)) => BodySource::Text(text.clone()),
            _ => {
                self.problem(pointer, "must be a string");
                return Vec::new();
            }
        };
        match body::blocks(&source) {
            Ok(blocks) if blocks.is_empty() => {
                self.problem(pointer, "has no text");
                Vec::new()
            }
            Ok(blocks) => blocks,
            Err(cause) => {
                self.problem(pointer, cause.to_string());
                Vec::new()
            }
        }
    }

    fn check_date(&mut self, input: &ArticleInput) {
        let is_ahead = input.published_at.is_some_and(|time| time > UtcTime::now());
        match input.status {
            Some(Status::Published) if is_ahead => {
                self.problem(
                    "/published_at",
                    "lies in the future; such an article is scheduled",
                );
            }
            Some(Status::Scheduled) if input.published_at.is_some() && !is_ahead => {
                self.problem(
                    "/published_at",
                    "of a scheduled article must lie in the future",
                );
            }
            _ => {}
        }
    }
}

pub(super) fn is_address(text: &str) -> bool {
    !text.contains('\0') && body::is_web_address(text)
}
