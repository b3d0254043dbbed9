//! Members of a JSON object, read with everything that is wrong with them.

use serde_json::{Map, Value};

use crate::{
    domain::{body, import::record::FieldProblem},
    model::{shown::shows, slug::is_slug, time::UtcTime, whole::whole, words::nearest},
};

/// What is wrong with a title or a name that no reader would see.
pub(super) const BLANK: &str = "must have a character that shows";

/// Reads the members of an object, and notes what is wrong with them.
pub(in crate::domain::import) struct Reader<'a> {
    members: &'a Map<String, Value>,
    /// What is wrong so far.
    pub(super) problems: Vec<FieldProblem>,
}

impl<'a> Reader<'a> {
    /// Of an object that may have these members and no others.
    pub(in crate::domain::import) fn new(
        value: &'a Value,
        valid: &[&str],
    ) -> Result<Self, Vec<FieldProblem>> {
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
    pub(in crate::domain::import) fn finish<T>(self, input: T) -> Result<T, Vec<FieldProblem>> {
        match self.problems.is_empty() {
            true => Ok(input),
            false => Err(self.problems),
        }
    }

    /// Notes what is wrong with a member.
    pub(in crate::domain::import) fn problem(
        &mut self,
        pointer: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.problems.push(FieldProblem {
            pointer: pointer.into(),
            message: message.into(),
            suggestion: None,
        });
    }

    /// Notes members that are none of those that are valid.
    pub(super) fn refuse_unknown(
        &mut self,
        at: &str,
        members: &Map<String, Value>,
        valid: &[&str],
    ) {
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
    pub(in crate::domain::import) fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A text of so many characters.
    pub(in crate::domain::import) fn text(
        &mut self,
        name: &str,
        least: usize,
        most: usize,
    ) -> Option<String> {
        let value = self.get(name)?.clone();
        self.checked_text(&format!("/{name}"), &value, least, most)
    }

    /// A value that must be a text of so many characters.
    pub(super) fn checked_text(
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
    pub(in crate::domain::import) fn required_text(&mut self, name: &str, most: usize) -> String {
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

    /// The member `slug`.
    pub(in crate::domain::import) fn slug(&mut self) -> Option<String> {
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

    /// A point in time.
    pub(in crate::domain::import) fn time(&mut self, name: &str) -> Option<UtcTime> {
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

    /// `true` or `false`, which goes without saying.
    pub(in crate::domain::import) fn flag(&mut self, name: &str) -> bool {
        match self.get(name) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(_) => {
                self.problem(format!("/{name}"), "must be true or false");
                false
            }
        }
    }

    /// A whole number from 1 on.
    pub(in crate::domain::import) fn number(&mut self, name: &str, most: i64) -> Option<i64> {
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

    /// An address on the web.
    pub(in crate::domain::import) fn web_address(&mut self, name: &str) -> Option<String> {
        let text = self.text(name, 1, 2_000)?;
        if !is_address(&text) {
            self.problem(format!("/{name}"), "must be an absolute http or https URL");
            return None;
        }
        Some(text)
    }
}

/// Whether a text is an absolute address on the web.
pub(in crate::domain::import) fn is_address(text: &str) -> bool {
    !text.contains('\0') && body::is_web_address(text)
}
