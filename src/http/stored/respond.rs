//! What an answer says to a request: all of it, that the client has it already, or that a condition
//! does not hold.

use actix_web::{
    body::BoxBody,
    dev::Response,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};

use crate::http::{
    code::Code,
    coding::Coding,
    problem::Problem,
    state::State,
    stored::{Stored, value},
    wanted::Wanted,
};

/// Names what an answer depends on, for caches that purge by it.
pub(super) const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");
/// The same, as RFC 9875 has it.
pub(super) const CACHE_GROUPS: HeaderName = HeaderName::from_static("cache-groups");

impl Stored {
    /// Answers a request: with all of it, or with 304 where the client has it. `private` answers
    /// depend on who asks.
    pub(in crate::http) fn respond(
        &self,
        wanted: &Wanted<'_>,
        state: Option<&State>,
        private: bool,
    ) -> Result<Response<BoxBody>, Problem> {
        if !wanted.accepts(self.content_type) {
            let ours = self.content_type.split(';').next().unwrap_or_default();
            let detail = format!("Accept must allow {ours}; it is the only form of this answer");
            return Err(Problem::new(Code::NotAcceptable, detail));
        }
        if let Some(detail) = self.failing(wanted) {
            return Err(Problem::new(Code::PreconditionFailed, detail));
        }
        let coding = self.coding(wanted.coding());
        let mut response = match self.is_unchanged(wanted) {
            true => Response::with_body(StatusCode::NOT_MODIFIED, BoxBody::new(())),
            false => self.whole(coding),
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.etag(coding));
        headers.insert(
            header::VARY,
            const { HeaderValue::from_static("Accept-Encoding") },
        );
        self.write_caching(headers, state, private);
        Ok(response)
    }

    /// What is wrong with the condition that must hold, in the order of RFC 9110 section 13.2.2:
    /// a date counts only without `If-Match`, and where there is one to compare it with.
    pub(super) fn failing(&self, wanted: &Wanted<'_>) -> Option<&'static str> {
        let (holds, detail) = match wanted.if_match(&self.hash) {
            Some(is_named) => {
                let detail = "the resource is not in a state that If-Match names";
                (is_named, detail)
            }
            None => {
                let detail = "the resource has changed since the time in If-Unmodified-Since";
                let since = wanted.if_unmodified_since();
                (self.is_unmodified(since) != Some(false), detail)
            }
        };
        (!holds && !self.no_store).then_some(detail)
    }

    /// Whether the client has it already. What no cache may keep is never the same again.
    pub(super) fn is_unchanged(&self, wanted: &Wanted<'_>) -> bool {
        let named = wanted.if_none_match(&self.hash);
        let by_date = || self.is_unmodified(wanted.if_modified_since()) == Some(true);
        !self.no_store && named.unwrap_or_else(by_date)
    }

    /// All of it, with what tells of its body.
    fn whole(&self, coding: Coding) -> Response<BoxBody> {
        let form = self.form(coding);
        let is_encoded = form.is_some();
        let body = BoxBody::new(form.unwrap_or_else(|| self.body.clone()));
        let mut response = Response::with_body(StatusCode::OK, body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.content_type_value.clone());
        if let Some(link) = &self.link {
            headers.insert(header::LINK, link.clone());
        }
        if is_encoded {
            headers.insert(header::CONTENT_ENCODING, coding.value());
        }
        response
    }

    fn etag(&self, coding: Coding) -> HeaderValue {
        let make = || {
            let tag = ["\"", &self.hash, coding.suffix(), "\""].concat();
            // A hash in base64 is always a value.
            value("ETag", tag).unwrap_or(const { HeaderValue::from_static("\"\"") })
        };
        self.etags.of(coding).get_or_init(make).clone()
    }

    /// Whether it has stayed the same since a time, in seconds; `None` without either time.
    fn is_unmodified(&self, since: Option<u64>) -> Option<bool> {
        let (modified, _) = self.last_modified.as_ref()?;
        // Header fields have whole seconds.
        let modified = u64::try_from(modified.millis() / 1_000).unwrap_or(0);
        since.map(|since| modified <= since)
    }

    fn write_caching(&self, headers: &mut HeaderMap, state: Option<&State>, private: bool) {
        if private || self.no_store {
            let value = match private {
                true => const { HeaderValue::from_static("private, no-store") },
                false => const { HeaderValue::from_static("no-store") },
            };
            headers.insert(header::CACHE_CONTROL, value);
            return;
        }
        if let Some(state) = state {
            headers.insert(header::CACHE_CONTROL, state.cache_control.clone());
            headers.insert(header::CDN_CACHE_CONTROL, state.cdn_cache_control.clone());
        }
        if let Some((_, value)) = &self.last_modified {
            headers.insert(header::LAST_MODIFIED, value.clone());
        }
        if let Some((surrogate, groups)) = &self.keys {
            headers.insert(SURROGATE_KEY, surrogate.clone());
            headers.insert(CACHE_GROUPS, groups.clone());
        }
    }
}
