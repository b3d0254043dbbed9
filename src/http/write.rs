//! How every write goes: who asks, which state they have seen, whether they asked before, what
//! they want back.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Payload},
};

use crate::{
    http::{
        code::Code,
        overload,
        payload::{self, Sent},
        problem::Problem,
        reply::{entity_hash, state_hash},
        request_id,
        state::{REQUEST_ID, State},
        wanted::tags,
    },
    model::{caller::Caller, stamp::Stamp, time::UtcTime},
    store::{Connection, StoreError, idempotency, idempotency::KeptAnswer},
};

/// Characters of an idempotency key, at most.
const MAX_KEY: usize = 255;

/// A request that writes, and who sent it.
pub(super) struct Call {
    pub(super) request: HttpRequest,
    pub(super) state: Data<State>,
    pub(super) caller: Caller,
}

/// One thing as it is now: its JSON, and the state that entity tags are made of.
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) json: String,
}

/// What a write is answered with.
pub(super) struct Answer {
    status: StatusCode,
    location: Option<String>,
    etag: Option<String>,
    body: Option<String>,
}

impl Answer {
    /// It was made, and is at this path.
    pub(super) fn created(path: &str, shown: Shown) -> Self {
        Self {
            status: StatusCode::CREATED,
            location: Some(format!("{path}/{}", shown.id)),
            ..Self::ok(shown)
        }
    }

    /// It is thus now.
    pub(super) fn ok(shown: Shown) -> Self {
        let version = Some((shown.id.as_str(), shown.version));
        let hash = entity_hash(version, shown.json.as_bytes());
        Self {
            status: StatusCode::OK,
            location: None,
            etag: Some(format!("\"{hash}\"")),
            body: Some(shown.json),
        }
    }

    /// Something that has no entity tag.
    pub(super) fn plain(status: StatusCode, json: String) -> Self {
        Self {
            status,
            location: None,
            etag: None,
            body: Some(json),
        }
    }

    /// The same, where what was made is at this path.
    pub(super) fn at(mut self, path: String) -> Self {
        self.location = Some(path);
        self
    }

    /// The same with a body that is made of this one's.
    pub(super) fn completed(
        mut self,
        complete: impl FnOnce(&str) -> Result<String, Problem>,
    ) -> Result<Self, Problem> {
        self.body = self.body.as_deref().map(complete).transpose()?;
        Ok(self)
    }

    /// It is gone, and there is nothing to say of it.
    pub(super) fn no_content() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            location: None,
            etag: None,
            body: None,
        }
    }

    fn kept(&self, fingerprint: &str) -> KeptAnswer {
        KeptAnswer {
            fingerprint: fingerprint.to_owned(),
            status: i64::from(self.status.as_u16()),
            location: self.location.clone(),
            etag: self.etag.clone(),
            body: self.body.clone(),
        }
    }

    fn from_kept(kept: KeptAnswer) -> Self {
        let status = u16::try_from(kept.status).ok();
        Self {
            status: status
                .and_then(|status| StatusCode::from_u16(status).ok())
                .unwrap_or(StatusCode::OK),
            location: kept.location,
            etag: kept.etag,
            body: kept.body,
        }
    }

    fn respond(self, minimal: bool, replayed: bool) -> HttpResponse {
        let status = match (minimal, self.status) {
            (true, StatusCode::OK) => StatusCode::NO_CONTENT,
            (_, status) => status,
        };
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CACHE_CONTROL, "private, no-store"));
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, etag));
        }
        if replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        match self.body {
            Some(_) if minimal => {
                response.insert_header(("Preference-Applied", "return=minimal"));
                response.finish()
            }
            Some(body) => {
                response.insert_header((header::CONTENT_TYPE, "application/json"));
                response.body(body)
            }
            None => response.finish(),
        }
    }
}

/// Which states of a thing a writer has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// Any will do.
    Any,
    /// One that one of these entity tags is of.
    Tags(Vec<String>),
}

impl Seen {
    /// The states that `If-Match` names, if it is there.
    pub(super) fn of(headers: &header::HeaderMap) -> Option<Self> {
        let tags = tags(headers, &header::IF_MATCH)?;
        Some(match tags.iter().any(|tag| tag == "*") {
            true => Self::Any,
            false => Self::Tags(tags),
        })
    }

    /// Fails with 412 when the thing has another state.
    pub(super) fn check(&self, id: &str, version: i64) -> Result<(), Problem> {
        let state = state_hash(id, version);
        let is_seen = match self {
            Self::Any => true,
            // A weak tag names no state (RFC 9110 section 13.1.1).
            Self::Tags(tags) => tags.iter().any(|tag| {
                let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
                inner.is_some_and(|inner| inner.starts_with(&state))
            }),
        };
        match is_seen {
            true => Ok(()),
            false => Err(Problem::moved_on()),
        }
    }
}

impl Call {
    pub(super) fn new(request: HttpRequest, state: Data<State>, caller: Caller) -> Self {
        Self {
            request,
            state,
            caller,
        }
    }

    /// Reads the body.
    pub(super) async fn sent(&self, payload: Payload, most: usize) -> Result<Sent, Problem> {
        payload::read(&self.request, payload, most).await
    }

    /// The states that `If-Match` names, if it is there.
    pub(super) fn seen(&self) -> Option<Seen> {
        Seen::of(self.request.headers())
    }

    /// The states that `If-Match` names; 428 without it (RFC 6585 section 3).
    pub(super) fn must_have_seen(&self) -> Result<Seen, Problem> {
        self.seen().ok_or_else(|| {
            let detail = "If-Match must hold the ETag of what is to be changed, or *";
            Problem::new(Code::PreconditionRequired, detail)
        })
    }

    /// Does the work in its turn, on the writer's thread, and answers when it is on disk. A
    /// request with an `Idempotency-Key` that was answered before gets that answer again.
    pub(super) async fn write<F>(&self, digest: &str, work: F) -> Result<HttpResponse, Problem>
    where
        F: FnOnce(&mut Connection, &Stamp, &State) -> Result<Answer, Problem> + Send + 'static,
    {
        self.write_and(digest, work, Ok).await
    }

    /// [`Self::write`] where the answer has something that must not be kept with the key:
    /// `complete` adds it, each time.
    pub(super) async fn write_and<F>(
        &self,
        digest: &str,
        work: F,
        complete: impl FnOnce(Answer) -> Result<Answer, Problem>,
    ) -> Result<HttpResponse, Problem>
    where
        F: FnOnce(&mut Connection, &Stamp, &State) -> Result<Answer, Problem> + Send + 'static,
    {
        let minimal = self.wants_minimal();
        let key = self.idempotency_key()?;
        // Also of those that have no body.
        overload::enter_to_write(&self.request).await?;
        let fingerprint = format!(
            "{} {} {digest}",
            self.request.method(),
            self.request
                .uri()
                .path_and_query()
                .map_or("/", |path| path.as_str())
        );
        let id = REQUEST_ID.try_with(Clone::clone).ok();
        let state = Data::clone(&self.state);
        let actor = self.caller.subject.clone();
        let run = move |connection: &mut Connection| -> Result<(Answer, bool), Failure> {
            let stamp = Stamp {
                actor,
                at: UtcTime::now(),
                request_id: id.as_ref().map(|id| request_id::text(id).to_owned()),
            };
            let once = || {
                once(
                    connection,
                    key.as_deref(),
                    &fingerprint,
                    &stamp,
                    &state,
                    work,
                )
            };
            Ok(match id {
                Some(id) => REQUEST_ID.sync_scope(id, once)?,
                None => once()?,
            })
        };
        let (answer, replayed) = self.state.store.write(run).await?;
        Ok(complete(answer)?.respond(minimal, replayed))
    }

    /// `Prefer: return=minimal`, in letters of any case (RFC 7240 sections 2 and 4.2).
    fn wants_minimal(&self) -> bool {
        let fields = self.request.headers().get_all("Prefer");
        let mut preferences = fields
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split([',', ';']))
            .map(|preference| {
                preference
                    .replace(['"', ' ', '\t'], "")
                    .to_ascii_lowercase()
            })
            .filter(|preference| preference.starts_with("return="));
        preferences
            .next()
            .is_some_and(|first| first == "return=minimal")
    }

    /// The key, without the quotes that a structured field has around it. Only POST takes one;
    /// other methods do the same however often they are sent.
    fn idempotency_key(&self) -> Result<Option<String>, Problem> {
        let mut fields = self.request.headers().get_all("Idempotency-Key");
        let (Some(field), true) = (fields.next(), *self.request.method() == "POST") else {
            return Ok(None);
        };
        let text = field.to_str().unwrap_or_default().trim();
        let key = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .unwrap_or(text);
        let is_plain = |b: u8| (b'!'..=b'~').contains(&b);
        let is_good = (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(is_plain);
        match is_good && fields.next().is_none() {
            true => Ok(Some(key.to_owned())),
            false => Err(Problem::parameter(
                "Idempotency-Key",
                format!("must be given once, with 1 to {MAX_KEY} visible ASCII characters"),
            )),
        }
    }
}

/// Why a write came to nothing. What the store says becomes a problem where the request is, so
/// that its cause is logged under the request's id.
enum Failure {
    Store(StoreError),
    Problem(Problem),
}

impl From<StoreError> for Failure {
    fn from(cause: StoreError) -> Self {
        Self::Store(cause)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Store(cause) => cause.into(),
            Failure::Problem(problem) => problem,
        }
    }
}

fn once(
    connection: &mut Connection,
    key: Option<&str>,
    fingerprint: &str,
    stamp: &Stamp,
    state: &State,
    work: impl FnOnce(&mut Connection, &Stamp, &State) -> Result<Answer, Problem>,
) -> Result<(Answer, bool), Problem> {
    let Some(key) = key else {
        return work(connection, stamp, state).map(|answer| (answer, false));
    };
    match idempotency::find(connection, key, stamp)? {
        Some(kept) if kept.fingerprint == fingerprint => Ok((Answer::from_kept(kept), true)),
        Some(_) => Err(Problem::new(
            Code::IdempotencyKeyReused,
            "this Idempotency-Key came with another request within the last 24 hours",
        )),
        None => {
            let answer = work(connection, stamp, state)?;
            idempotency::keep(connection, key, &answer.kept(fingerprint), stamp)?;
            Ok((answer, false))
        }
    }
}

/// JSON text of a value.
pub(super) fn json(value: &impl serde::Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|cause| Problem::internal(&cause))
}
