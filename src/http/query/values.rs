//! The values of parameters. What is wrong with one is noted, and then there is none.

use std::str::FromStr;

use crate::{
    http::query::Query,
    model::{
        language::is_language,
        slug::{Key, is_slug},
        time::UtcTime,
    },
};

/// Values in one comma-separated list, at most.
const MAX_VALUES: usize = 100;

impl Query {
    /// A text of at most so many characters.
    pub(in crate::http) fn text(&mut self, name: &str, most: usize) -> Option<String> {
        let value = self.value(name)?;
        if value.chars().count() > most {
            self.error(name, format!("must have at most {most} characters"));
            return None;
        }
        Some(value)
    }

    /// A whole number within bounds.
    pub(in crate::http) fn number(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        let value = self.value(name)?;
        let number = i64::from_str(&value).ok();
        let plain = value.bytes().all(|b| b.is_ascii_digit());
        match number.filter(|number| plain && (least..=most).contains(number)) {
            Some(number) => Some(number),
            None => {
                self.error(
                    name,
                    format!("must be a whole number from {least} to {most}"),
                );
                None
            }
        }
    }

    /// `true` or `false`.
    pub(in crate::http) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.value(name)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            other => {
                self.refuse_value(name, other, &["true", "false"]);
                None
            }
        }
    }

    /// A point in time.
    pub(in crate::http) fn time(&mut self, name: &str) -> Option<UtcTime> {
        let value = self.value(name)?;
        let time = UtcTime::parse(&value);
        if time.is_none() {
            self.error(
                name,
                "must be an RFC 3339 time such as 2025-08-09T12:00:00Z, or a date",
            );
        }
        time
    }

    /// One of some words.
    pub(in crate::http) fn choice<T: Copy>(
        &mut self,
        name: &str,
        valid: &[(T, &str)],
    ) -> Option<T> {
        let value = self.value(name)?;
        let chosen = valid.iter().find(|(_, word)| *word == value);
        if chosen.is_none() {
            self.refuse_value(name, &value, &words(valid));
        }
        chosen.map(|(choice, _)| *choice)
    }

    /// Some of some words, parted by commas, each once, in the order given.
    pub(in crate::http) fn choices<T: Copy>(
        &mut self,
        name: &str,
        valid: &[(T, &str)],
    ) -> Option<Vec<T>> {
        let mut chosen = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        for value in self.values(name)? {
            match valid.iter().find(|(_, word)| *word == value) {
                Some(_) if seen.contains(&value) => {
                    self.error(name, format!("names {value} twice"))
                }
                Some((choice, _)) => {
                    chosen.push(*choice);
                    seen.push(value);
                }
                None => self.refuse_value(name, &value, &words(valid)),
            }
        }
        Some(chosen)
    }

    /// Values parted by commas; none of them empty.
    fn values(&mut self, name: &str) -> Option<Vec<String>> {
        let value = self.value(name)?;
        let values: Vec<String> = value.split(',').map(str::to_owned).collect();
        if values.len() > MAX_VALUES || values.iter().any(String::is_empty) {
            self.error(
                name,
                format!("must be 1 to {MAX_VALUES} values parted by commas"),
            );
            return None;
        }
        Some(values)
    }

    fn checked_values(
        &mut self,
        name: &str,
        what: &str,
        is_valid: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let values = self.values(name).unwrap_or_default();
        if let Some(wrong) = values.iter().find(|value| !is_valid(value)) {
            let wrong: String = wrong.chars().take(60).collect();
            self.error(name, format!("\"{wrong}\" is not {what}"));
        }
        values
    }

    /// Slugs or ids.
    pub(in crate::http) fn keys(&mut self, name: &str) -> Vec<String> {
        self.checked_values(name, "a slug or an id", |value| {
            is_slug(value) || matches!(Key::new(value), Key::Id(_))
        })
    }

    /// One slug or id.
    pub(in crate::http) fn key(&mut self, name: &str) -> Option<Key> {
        let value = self.value(name)?;
        let key = Key::new(&value);
        match is_slug(&value) || matches!(key, Key::Id(_)) {
            true => Some(key),
            false => {
                self.error(name, "must be a slug or an id");
                None
            }
        }
    }

    /// Slugs.
    pub(in crate::http) fn slugs(&mut self, name: &str) -> Vec<String> {
        self.checked_values(name, "a slug", is_slug)
    }

    /// Ids, in their canonical form.
    pub(in crate::http) fn ids(&mut self, name: &str) -> Vec<String> {
        let is_id = |value: &str| matches!(Key::new(value), Key::Id(_));
        let given = self.checked_values(name, "an id", is_id);
        given
            .iter()
            .map(|value| value.to_ascii_lowercase())
            .collect()
    }

    /// The token of a preview link: letters, digits, and the signs of a JWS.
    pub(in crate::http) fn preview(&mut self) -> Option<String> {
        let token = self.value("preview")?;
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
        let mut parts = token.split('.');
        let are_plain = parts.all(|part| !part.is_empty() && part.bytes().all(is_plain));
        if token.len() > 2_048 || token.matches('.').count() != 2 || !are_plain {
            self.error("preview", "must be the token of a preview link");
            return None;
        }
        Some(token)
    }

    /// Language tags.
    pub(in crate::http) fn languages(&mut self, name: &str) -> Vec<String> {
        self.checked_values(name, "a language tag such as en or pt-BR", is_language)
    }
}

/// The words that a parameter may be.
fn words<'a, T>(valid: &[(T, &'a str)]) -> Vec<&'a str> {
    valid.iter().map(|(_, word)| *word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain_and_bounded() {
        let known = ["limit".to_owned()];
        for wrong in [
            "0",
            "-1",
            "101",
            "1e2",
            "+5",
            "",
            "５",
            "1000000000000000000000000000000",
        ] {
            let text = format!("limit={}", wrong.replace('+', "%2B"));
            let mut query = Query::parse(&text, &known).unwrap();
            assert_eq!(query.number("limit", 1, 100), None, "{wrong}");
            assert!(query.finish().is_err(), "{wrong}");
        }
    }
}
