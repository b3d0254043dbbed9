//! The members that articles alone have.

use serde_json::Value;

use crate::{
    domain::{
        body::{self, BodySource},
        import::record::{
            FieldProblem,
            reader::{BLANK, Reader, is_address},
        },
    },
    model::{
        article::{ArticleInput, Image, MAX_NAMES, Status},
        block::Block,
        category::MAX_DEPTH,
        language::is_language,
        shown::shows,
        time::UtcTime,
        whole::whole,
        words::nearest,
    },
};

const FORMS: [&str; 4] = ["html", "markdown", "text", "blocks"];

impl Reader<'_> {
    /// Names from the root of the tree down, or one name or slug.
    pub(super) fn category(&mut self) -> Vec<String> {
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

    /// A list of names or slugs.
    pub(super) fn names(&mut self, member: &str) -> Vec<String> {
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

    /// The editorial date, of years that all forms of feeds can say.
    pub(super) fn editorial_date(&mut self) -> Option<UtcTime> {
        let date = self.time("published_at")?.editorial();
        if date.is_none() {
            let message = "must lie in the years 1000 to 9999, which all forms of feeds can say";
            self.problem("/published_at", message);
        }
        date
    }

    /// Where in its editorial life it is to be.
    pub(super) fn status(&mut self) -> Option<Status> {
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

    /// A language tag.
    pub(super) fn language(&mut self) -> Option<String> {
        let tag = self.text("language", 2, 35)?;
        if !is_language(&tag) {
            self.problem("/language", "must be a BCP 47 tag such as en or pt-BR");
            return None;
        }
        Some(tag)
    }

    /// The lead picture.
    pub(super) fn image(&mut self) -> Option<Image> {
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

    /// The body, in the stored form, from the one form in which it is given.
    pub(super) fn body(&mut self) -> Vec<Block> {
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

    /// Notes a date that does not go with the status.
    pub(super) fn check_date(&mut self, input: &ArticleInput) {
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
