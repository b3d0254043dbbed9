//! What keeps the server quick when more is asked of it than it can do: of each kind of work, so
//! much is in hand at a time and so much waits; the rest is refused at once, with 503.
//!
//! Health, figures and documents need no place, and neither does what the cache gives.

mod gate;
mod row;

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpMessage, HttpRequest,
    http::{Method, Uri},
    web::Data,
};

pub(super) use gate::Place;
use gate::{Full, Gate};
use row::Bounds;

use crate::http::{
    code::Code,
    problem::{Problem, RETRY_AFTER},
    state::State,
};

/// Seconds after which those who are refused are to come back: some sooner than others, so that
/// they do not come together.
const BACK_WITHIN: u64 = 3;

/// How much is let in.
#[derive(Debug, Clone, Copy)]
pub struct OverloadOptions {
    /// Reads in hand at a time.
    pub reads: u32,
    /// Searches, and what is as dear, in hand at a time.
    pub searches: u32,
    /// Writes in hand at a time.
    pub writes: u32,
    /// Requests of each kind that wait, at most.
    pub waiting: usize,
    /// How long they may wait, at least, while there are always some who wait.
    pub target: Duration,
}

/// Kinds of work that share no places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Reads that the cache has no answer to.
    Reads,
    /// Those among them that take many times longer.
    Searches,
    /// What editors send.
    Writes,
}

impl Class {
    const ALL: [Self; 3] = [Self::Reads, Self::Searches, Self::Writes];

    /// Of a request; `None` where it needs no place.
    fn of(method: &Method, uri: &Uri) -> Option<Self> {
        let path = uri.path();
        if *method != Method::GET && *method != Method::HEAD {
            let is_write = *method != Method::OPTIONS && path.starts_with("/v1/");
            return is_write.then_some(Self::Writes);
        }
        let reads = ["/v1/", "/feeds/", "/sitemap"];
        // What is written with escapes may be any of these: it is let in with the dearest.
        let is_escaped = path.contains('%');
        if !is_escaped && !reads.iter().any(|begin| path.starts_with(begin)) {
            return None;
        }
        let query = uri.query().unwrap_or_default();
        let is_dear = is_escaped
            || path == "/v1/search"
            || path.ends_with("/related")
            || path.starts_with("/sitemaps/")
            || query.split('&').any(asks_for_much);
        Some(match is_dear {
            true => Self::Searches,
            false => Self::Reads,
        })
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Searches => "searches",
            Self::Writes => "writes",
        }
    }
}

/// Whether a parameter makes a search of a read, or asks for related articles.
fn asks_for_much(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some(("q", _)) => true,
        Some(("include", names)) => names.contains("related") || names.contains('%'),
        Some((name, _)) => name.contains('%'),
        None => false,
    }
}

/// The gates before all work.
#[derive(Debug)]
pub struct Overload {
    reads: Arc<Gate>,
    searches: Arc<Gate>,
    writes: Arc<Gate>,
}

impl Overload {
    /// Lets in so much.
    pub fn new(options: OverloadOptions) -> Self {
        let gate = |places: u32| {
            Arc::new(Gate::new(Bounds {
                places: places.max(1),
                waiting: options.waiting,
                target: options.target,
            }))
        };
        Self {
            reads: gate(options.reads),
            searches: gate(options.searches),
            writes: gate(options.writes),
        }
    }

    fn gate(&self, class: Class) -> &Arc<Gate> {
        match class {
            Class::Reads => &self.reads,
            Class::Searches => &self.searches,
            Class::Writes => &self.writes,
        }
    }

    /// Waits for the place that a request needs, if it needs one, and fails when there is none
    /// soon; what it has waited for already counts. Writes get theirs when their body has come, so
    /// that nobody holds one who sends slowly; they are only refused here, before they cost
    /// anything.
    pub(super) async fn admit(
        &self,
        method: &Method,
        uri: &Uri,
        waited: Duration,
    ) -> Result<Option<Place>, Problem> {
        match Class::of(method, uri) {
            None => Ok(None),
            Some(Class::Writes) => match self.writes.turns_away() {
                true => Err(self.refusal(Class::Writes)),
                false => Ok(None),
            },
            Some(class) => self.enter(class, waited).await.map(Some),
        }
    }

    async fn enter(&self, class: Class, waited: Duration) -> Result<Place, Problem> {
        let place = self.gate(class).enter_after(waited).await;
        place.map_err(|Full| self.refusal(class))
    }

    fn refusal(&self, class: Class) -> Problem {
        let (counts, _) = self.gate(class).figures();
        let seconds = 1 + counts.refused % BACK_WITHIN;
        let kind = class.as_str();
        let detail = format!("there are more {kind} than can be answered soon; try again later");
        Problem::new(Code::Overloaded, detail).field(RETRY_AFTER, seconds.to_string())
    }

    /// What came of those who needed a place, by kind of work.
    pub(super) fn figures(&self) -> [ClassFigures; 3] {
        Class::ALL.map(|class| {
            let (counts, (in_hand, waiting)) = self.gate(class).figures();
            ClassFigures {
                class: class.as_str(),
                results: [
                    ("at_once", counts.at_once),
                    ("after_waiting", counts.after_waiting),
                    ("refused", counts.refused),
                ],
                in_hand,
                waiting,
            }
        })
    }
}

/// Figures of one kind of work.
#[derive(Debug)]
pub(super) struct ClassFigures {
    /// Its name.
    pub(super) class: &'static str,
    /// What came of those who needed a place, since the start.
    pub(super) results: [(&'static str, u64); 3],
    /// Requests that have one, now.
    pub(super) in_hand: u32,
    /// Requests that wait for one, now.
    pub(super) waiting: usize,
}

/// Waits for the place of a write, once; it has it until it is answered.
pub(super) async fn enter_to_write(request: &HttpRequest) -> Result<(), Problem> {
    let Some(state) = request.app_data::<Data<State>>() else {
        return Ok(());
    };
    let has_place = request.extensions().contains::<Place>();
    if !has_place {
        let place = state.overload.enter(Class::Writes, Duration::ZERO).await?;
        request.extensions_mut().insert(place);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(method: &str, address: &str) -> Option<Class> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        Class::of(&method, &address.parse().unwrap())
    }

    #[test]
    fn health_figures_and_documents_need_no_place() {
        for path in [
            "/healthz",
            "/readyz",
            "/metrics",
            "/docs",
            "/docs/problems",
            "/openapi.json",
            "/robots.txt",
            "/none",
        ] {
            assert_eq!(class("GET", path), None, "{path}");
            assert_eq!(class("POST", path), None, "{path}");
        }
        assert_eq!(class("OPTIONS", "/v1/articles"), None);
    }

    #[test]
    fn reads_searches_and_writes_are_told_apart() {
        let (reads, searches) = (Some(Class::Reads), Some(Class::Searches));
        for (address, expected) in [
            ("/v1/articles", reads),
            ("/v1/articles/a?include=share,seo", reads),
            ("/v1/articles?exclude_tag=related", reads),
            ("/feeds/articles.rss", reads),
            ("/sitemap.xml", reads),
            ("/sitemaps/news.xml", searches),
            ("/v1/search?q=a", searches),
            ("/v1/articles?limit=1&q=a", searches),
            ("/v1/articles?%71=a", searches),
            ("/v1/articles/a?include=%72elated", searches),
            ("/%761/articles", searches),
            ("/v1/resolve?path=%2Fa", reads),
            ("/v1/articles/a/related", searches),
            ("/v1/articles/a?include=share,related", searches),
        ] {
            assert_eq!(class("GET", address), expected, "{address}");
            assert_eq!(class("HEAD", address), expected, "{address}");
        }
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            assert_eq!(class(method, "/v1/articles/a"), Some(Class::Writes));
        }
    }
}
