//! Who asks, and what they may do. The frame checks a token before any handler runs; what a
//! handler asks for stands in its signature, as [`Allowed`].

use std::{
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest,
    dev::{Payload, ServiceRequest},
    http::{Method, header},
    web::Data,
};

use crate::{
    domain::token::{TokenError, preview::read_preview},
    http::{code::Code, long::aside, problem::Problem, rate::is_counted, state::State},
    model::{
        caller::{Caller, Scope},
        sight::Sight,
        time::UtcTime,
    },
    store,
};

/// Says of a request that its answer depends on a token or a preview link, so that no shared
/// cache may keep it.
struct Private;

/// Whether an answer to this request depends on a token or a preview link.
pub(super) fn is_private(request: &HttpRequest) -> bool {
    request.extensions().contains::<Private>()
}

/// Notes that the answer to a request must be kept by no shared cache.
pub(super) fn mark_private(request: &HttpRequest) {
    request.extensions_mut().insert(Private);
}

/// Checks the token of a request, if it has one, counts it, and notes whose it is.
pub(super) async fn authenticate(request: &ServiceRequest) -> Result<(), Problem> {
    if !request.headers().contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    request.extensions_mut().insert(Private);
    let Some(state) = request.app_data::<Data<State>>() else {
        return Ok(());
    };
    let found = identify(request, state).await;
    let standing = match &found {
        _ if !is_counted(request.path()) => None,
        Ok(Some(caller)) => state.rates.charge_token(&caller.subject)?,
        // It was refused by its subject already.
        Err(problem) if problem.code == Code::RateLimited => None,
        // Who shows no good token is known by their address alone.
        Ok(None) | Err(_) => {
            let (peer, headers) = (request.peer_addr(), request.headers());
            state.rates.charge_address(peer, headers)?
        }
    };
    if let Some(standing) = standing {
        request.extensions_mut().insert(standing);
    }
    if let Some(caller) = found? {
        request.extensions_mut().insert(caller);
    }
    Ok(())
}

/// Whose token it is; nobody's where there is no key to tell, and the handler says so.
async fn identify(
    request: &ServiceRequest,
    state: &Data<State>,
) -> Result<Option<Caller>, Problem> {
    let mut fields = request.headers().get_all(header::AUTHORIZATION);
    let field = fields.next();
    if fields.next().is_some() {
        return Err(refused("there is more than one Authorization field"));
    }
    let Some(verifier) = &state.verifier else {
        // Writers are told more by the handler.
        if !is_safe(request.method()) {
            return Ok(None);
        }
        let detail = "this server has no key to check tokens with; read without one";
        return Err(refused(detail));
    };
    let token = field.and_then(|field| {
        let (scheme, token) = field.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
    });
    let token = token.ok_or_else(|| refused("Authorization must be: Bearer, and a token"))?;
    if verifier.is_to_refresh() {
        refresh(Data::clone(state)).await?;
    }
    let caller = verifier.verify(token).map_err(|cause: TokenError| {
        log::debug!("a token was refused: {cause}");
        refused(&cause.to_string())
    })?;
    // Paths are decoded where they are routed, so whatever is not known to need no token is asked for.
    if let Some(jti) = caller.token_id.clone()
        && is_counted(request.path())
    {
        // The database is not asked for one who may not ask.
        state.rates.check_token(&caller.subject)?;
        let revoked = state
            .read(Sight::Public, move |reader| {
                store::tokens::is_revoked(reader, &jti)
            })
            .await?;
        if revoked {
            return Err(refused("the token was revoked"));
        }
    }
    Ok(Some(caller))
}

/// Looks for other keys, away from the threads that answer: a file may be on a disk that is slow.
async fn refresh(state: Data<State>) -> Result<(), Problem> {
    let look = move || {
        if let Some(verifier) = &state.verifier {
            verifier.refresh();
        }
        Ok(())
    };
    aside(look).await
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn refused(detail: &str) -> Problem {
    Problem::new(Code::InvalidToken, detail).field(
        "WWW-Authenticate",
        "Bearer realm=\"newsstand\", error=\"invalid_token\"",
    )
}

/// What the one who asks may see of articles, by their token.
pub(super) fn sight(request: &HttpRequest) -> Sight {
    let extensions = request.extensions();
    match extensions.get::<Caller>() {
        Some(caller) if caller.may(Scope::ReadDrafts) => Sight::Desk,
        _ => Sight::Public,
    }
}

/// What the one who asks may see by their token, or by the link that they came with.
pub(super) async fn sight_with(
    request: &HttpRequest,
    state: &State,
    preview: Option<String>,
) -> Result<Sight, Problem> {
    let Some(token) = preview else {
        return Ok(sight(request));
    };
    mark_private(request);
    let bad = || refused("the preview link has ended, was taken back, or is none of this server");
    let secret = state.preview_secret().await?;
    let claims = read_preview(secret.reveal().as_bytes(), &token).map_err(|_| bad())?;
    let id = claims.article_id.clone();
    let good = state
        .read(Sight::Public, move |reader| {
            let now = UtcTime::now();
            store::previews::is_good(reader, &claims.link_id, &claims.article_id, now)
        })
        .await?;
    match (good, sight(request)) {
        (false, _) => Err(bad()),
        // An editor sees no less for having a link.
        (true, Sight::Desk) => Ok(Sight::Desk),
        (true, _) => Ok(Sight::Preview(id)),
    }
}

/// A scope, as a type.
pub(super) trait Scoped {
    /// Which.
    const SCOPE: Scope;
}

macro_rules! scoped {
    ($($name:ident = $scope:ident),*) => {$(
        /// Stands for the scope of its name.
        pub(super) struct $name;

        impl Scoped for $name {
            const SCOPE: Scope = Scope::$scope;
        }
    )*};
}

scoped!(
    ReadDrafts = ReadDrafts,
    Write = Write,
    Publish = Publish,
    Admin = Admin
);

/// A caller whose token has the scope `S`; a handler that takes one is run for no other.
pub(super) struct Allowed<S> {
    pub(super) caller: Caller,
    scope: PhantomData<S>,
}

impl<S: Scoped> FromRequest for Allowed<S> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            allowed(request, S::SCOPE)
                .map_err(Error::from)
                .map(|caller| Self {
                    caller,
                    scope: PhantomData,
                }),
        )
    }
}

fn allowed(request: &HttpRequest, scope: Scope) -> Result<Caller, Problem> {
    let state = request.app_data::<Data<State>>();
    if state.is_none_or(|state| state.verifier.is_none()) {
        return Err(Problem::new(
            Code::WritingDisabled,
            "this server has no key to check tokens with, so it only serves readers; set \
             JWT_SECRET, JWT_PUBLIC_KEY_FILE or JWT_JWKS_FILE",
        ));
    }
    let extensions = request.extensions();
    let caller = extensions.get::<Caller>().ok_or_else(|| {
        let detail = format!("this needs a token with the scope {}", scope.as_str());
        Problem::new(Code::InvalidToken, detail)
            .field("WWW-Authenticate", "Bearer realm=\"newsstand\"")
    })?;
    require(caller, scope)?;
    Ok(caller.clone())
}

/// Fails when the caller lacks a scope.
pub(super) fn require(caller: &Caller, scope: Scope) -> Result<(), Problem> {
    if caller.may(scope) {
        return Ok(());
    }
    let needed = scope.as_str();
    Err(Problem::new(
        Code::InsufficientScope,
        format!("this needs a token with the scope {needed}"),
    )
    .field(
        "WWW-Authenticate",
        format!("Bearer realm=\"newsstand\", error=\"insufficient_scope\", scope=\"{needed}\""),
    ))
}
