//! Query strings, strictly: every parameter is known, given once, and of a valid value.

mod values;

use std::{any::TypeId, cell::RefCell, collections::HashMap, rc::Rc};

use actix_web::HttpRequest;
use utoipa::IntoParams;

use crate::{
    http::{
        code::Code,
        path::path_decoded,
        problem::{FieldError, Problem},
    },
    model::words::nearest,
};

thread_local! {
    /// Names of parameters, by the type that documents them: made once, since their whole
    /// documentation is made with them.
    static KNOWN: RefCell<HashMap<TypeId, Rc<[String]>>> = RefCell::default();
}

/// The names of the parameters that `P` documents.
fn known<P: IntoParams + 'static>() -> Rc<[String]> {
    let made = || {
        let documented = P::into_params(|| None).into_iter();
        documented.map(|parameter| parameter.name).collect()
    };
    KNOWN.with_borrow_mut(|known| Rc::clone(known.entry(TypeId::of::<P>()).or_insert_with(made)))
}

/// The parameters of a request. Getters note what is wrong; [`Query::finish`] tells it all.
pub(super) struct Query {
    given: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Query {
    /// Reads the query string, which may hold the parameters that `P` documents and no others.
    pub(super) fn of<P: IntoParams + 'static>(request: &HttpRequest) -> Result<Self, Problem> {
        Self::parse(request.query_string(), &known::<P>())
    }

    /// Checks that there are no parameters, where none are known.
    pub(super) fn none(request: &HttpRequest) -> Result<(), Problem> {
        Self::parse(request.query_string(), &[])?.finish()?;
        Ok(())
    }

    /// Reads a query string that may hold the parameters named.
    fn parse(text: &str, known: &[String]) -> Result<Self, Problem> {
        let mut query = Self {
            given: Vec::new(),
            errors: Vec::new(),
        };
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name).ok_or_else(|| {
                Problem::new(
                    Code::MalformedRequest,
                    "a parameter's name is not UTF-8 text",
                )
            })?;
            if !known.contains(&name) {
                query.refuse_unknown(&name, known);
                continue;
            }
            if query.given.iter().any(|(other, _)| *other == name) {
                query.error(
                    &name,
                    "is given more than once; use commas for several values",
                );
                continue;
            }
            match decoded(value) {
                Some(value) if value.contains('\0') => {
                    query.error(&name, "can't contain the character U+0000");
                }
                Some(value) => query.given.push((name, value)),
                None => query.error(&name, "is not percent-encoded UTF-8"),
            }
        }
        Ok(query)
    }

    fn refuse_unknown(&mut self, name: &str, known: &[String]) {
        let message = match known.is_empty() {
            true => "is not known; there are no parameters here".to_owned(),
            false => format!("is not known; valid are {}", known.join(", ")),
        };
        let mut error = FieldError::parameter(name, message);
        error.suggestion = nearest(name, known.iter().map(String::as_str));
        self.errors.push(error);
    }

    /// Notes what is wrong with a parameter.
    pub(super) fn error(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError::parameter(name, message));
    }

    /// Notes a value that is none of those that are valid.
    fn refuse_value(&mut self, name: &str, value: &str, valid: &[&str]) {
        let message = format!("must be one of {}", valid.join(", "));
        let mut error = FieldError::parameter(name, message);
        error.suggestion = nearest(value, valid.iter().copied());
        self.errors.push(error);
    }

    /// Fails when anything was wrong.
    pub(super) fn finish(self) -> Result<Self, Problem> {
        match self.errors.is_empty() {
            true => Ok(self),
            false => Err(Problem::errors(self.errors)),
        }
    }

    /// Whether a parameter is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| given == name)
    }

    /// Notes that a parameter is missing, unless something was said of it already.
    pub(super) fn require(&mut self, name: &str) {
        let is_told = |error: &FieldError| error.parameter.as_deref() == Some(name);
        if !self.has(name) && !self.errors.iter().any(is_told) {
            self.error(name, "is required");
        }
    }

    /// Every given parameter with its value, for links to other pages.
    pub(super) fn given(&self) -> &[(String, String)] {
        &self.given
    }

    fn value(&self, name: &str) -> Option<String> {
        let given = self.given.iter().find(|(given, _)| given == name);
        given.map(|(_, value)| value.clone())
    }
}

/// Percent-decoding as forms have it, or `None` for what is not UTF-8 or broken off.
pub(super) fn decoded(text: &str) -> Option<String> {
    match text.contains('+') {
        true => path_decoded(&text.replace('+', " ")),
        false => path_decoded(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn known() -> Vec<String> {
        ["limit", "category"].map(str::to_owned).to_vec()
    }

    fn refused(text: &str) -> Vec<FieldError> {
        let outcome = Query::parse(text, &known()).and_then(Query::finish);
        let errors = outcome.err().map(|problem| problem.errors);
        errors.unwrap_or_default()
    }

    #[test]
    fn unknown_and_repeated_parameters_are_named() {
        let errors = refused("limt=3&category=a&category=b");
        let named: Vec<_> = errors
            .iter()
            .filter_map(|error| error.parameter.as_deref())
            .collect();
        assert_eq!(named, ["limt", "category"]);
        assert_eq!(errors[0].suggestion.as_deref(), Some("limit"));
    }

    proptest! {
        #[test]
        fn any_query_string_is_read_or_refused(text in "\\PC{0,80}|([a-z%=&,+0-9]{0,60})") {
            if let Ok(mut query) = Query::parse(&text, &known()) {
                let _ = (query.number("limit", 1, 100), query.keys("category"), query.finish());
            }
        }
    }
}
