//! Access tokens (JWT, RFC 7519): who calls, and what they may do.
//!
//! The algorithm follows from the key and never from the token (RFC 8725 section 3.1), and no
//! key is ever taken from a token.

mod issue;
mod jwks;
mod jws;
mod keys;
pub mod preview;
#[cfg(test)]
mod tests;
mod watch;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use zeroize::Zeroizing;

use self::{
    jws::{Claims, Signed},
    keys::KeySet,
    watch::Watch,
};
use crate::model::{
    caller::{Caller, Scope},
    secret::SecretText,
    time::UtcTime,
};

pub use self::{
    issue::{NewToken, SigningKey, issue},
    keys::{KeySource, Secret},
};

/// Bytes of a token at most.
pub const MAX_TOKEN: usize = 8_192;

/// Seconds by which two clocks may differ.
const LEEWAY: f64 = 5.0;

/// How often a file of keys is looked at, at most.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is wrong with a token. Holds nothing of it, so that it can be shown to whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// More bytes than any token needs.
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of base64url, of which two are JSON objects.
    #[error("the token is not a signed JWT")]
    Malformed,
    /// `typ` is something else.
    #[error("the token is of another type")]
    Type,
    /// The header brings a key, points to one, or asks for an extension.
    #[error("the token's header has a member that is not supported")]
    RefusedHeader,
    /// No key has the token's `kid`, or it has none and there are several.
    #[error("the token's key is not known")]
    UnknownKey,
    /// `alg` is not the algorithm of the key.
    #[error("the token's algorithm is not the one of its key")]
    Algorithm,
    /// Not signed with the key.
    #[error("the signature is not right")]
    Signature,
    /// `exp` is past.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is ahead.
    #[error("the token is not yet valid")]
    NotYetValid,
    /// `iat` is ahead.
    #[error("the token was issued in the future")]
    IssuedAhead,
    /// `iss` is not the one that is trusted.
    #[error("the token is from another issuer")]
    Issuer,
    /// `aud` does not name this service.
    #[error("the token is for another audience")]
    Audience,
    /// A claim that must be there is not.
    #[error("the token lacks the claim {0}")]
    MissingClaim(&'static str),
    /// A claim is of another kind or length.
    #[error("the token's claim {0} is not of the right form")]
    WrongClaim(&'static str),
}

/// What tokens must say beyond their times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenRules {
    /// What `iss` must be; without it, any issuer is taken.
    pub issuer: Option<String>,
    /// What `aud` must hold; without it, a token for some audience is refused.
    pub audience: Option<String>,
}

/// Checks tokens. Takes its file of keys anew when that changes.
pub struct Verifier {
    source: KeySource,
    rules: TokenRules,
    keys: RwLock<Arc<KeySet>>,
    watch: Option<Watch>,
    look_every: Duration,
}

impl Verifier {
    /// Reads the keys now; says what is wrong with them, and shows none.
    pub fn new(source: KeySource, rules: TokenRules) -> Result<Self, String> {
        let watch = source.file().map(Watch::new);
        let keys = KeySet::load(&source)?;
        Ok(Self {
            source,
            rules,
            keys: RwLock::new(Arc::new(keys)),
            watch,
            look_every: LOOK_EVERY,
        })
    }

    /// What tokens are checked with, for the log.
    pub fn describe(&self) -> String {
        self.keys().describe().to_owned()
    }

    /// The caller whom a token names, if everything about it is right. Never waits for a file: see
    /// [`Self::refresh`].
    pub fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        self.verify_at(token, UtcTime::now())
    }

    fn verify_at(&self, token: &str, now: UtcTime) -> Result<Caller, TokenError> {
        let keys = self.keys();
        let signed = Signed::parse(token, MAX_TOKEN)?;
        let key = keys.find(signed.key_id()?);
        let claims = signed.claims(key.ok_or(TokenError::UnknownKey)?)?;
        claims.check_times(now, LEEWAY)?;
        self.check_parties(&claims)?;
        Ok(Caller {
            subject: claims.required_name("sub")?.to_owned(),
            scopes: scopes(claims.required_text("scope")?),
            token_id: claims.name("jti")?.map(str::to_owned),
        })
    }

    fn check_parties(&self, claims: &Claims) -> Result<(), TokenError> {
        let issuer = claims.text("iss")?;
        match &self.rules.issuer {
            Some(_) if issuer.is_none() => return Err(TokenError::MissingClaim("iss")),
            Some(expected) if issuer != Some(expected.as_str()) => return Err(TokenError::Issuer),
            _ => {}
        }
        match (&self.rules.audience, claims.get("aud")) {
            (None, None) => Ok(()),
            // RFC 7519 section 4.1.3: who does not find itself in it must refuse the token.
            (None, Some(_)) => Err(TokenError::Audience),
            (Some(_), None) => Err(TokenError::MissingClaim("aud")),
            (Some(expected), Some(audience)) => match names(audience, expected)? {
                true => Ok(()),
                false => Err(TokenError::Audience),
            },
        }
    }

    fn keys(&self) -> Arc<KeySet> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether it is time to look for other keys.
    pub fn is_to_refresh(&self) -> bool {
        let watch = self.watch.as_ref();
        watch.is_some_and(|watch| watch.is_due(self.look_every))
    }

    /// Looks whether the file of keys has changed, and reads it then: for a thread that may wait.
    pub fn refresh(&self) {
        let Some(watch) = &self.watch else {
            return;
        };
        watch.when_changed(self.look_every, || match KeySet::load(&self.source) {
            Ok(keys) => {
                log::info!("tokens are now checked by {}", keys.describe());
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
            }
            Err(cause) => log::error!("the old keys are kept, since the new are wrong: {cause}"),
        });
    }
}

/// Shows no key.
impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("keys", &self.keys().describe())
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// Whether an `aud`, a string or a list of strings, holds this one.
fn names(audience: &Value, expected: &str) -> Result<bool, TokenError> {
    match audience {
        Value::String(one) => Ok(one == expected),
        Value::Array(all) if all.iter().all(Value::is_string) => {
            Ok(all.iter().any(|one| one == expected))
        }
        _ => Err(TokenError::WrongClaim("aud")),
    }
}

/// The scopes that are known (RFC 8693 section 4.2), each once; what is not known allows nothing.
fn scopes(text: &str) -> Vec<Scope> {
    let mut scopes = Vec::new();
    for scope in text.split(' ').filter_map(Scope::parse) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

/// 32 bytes by chance, as URL-safe base64: a secret to sign with.
pub fn random_secret() -> Result<SecretText, String> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    let filled = getrandom::fill(bytes.as_mut_slice());
    filled.map_err(|cause| format!("no random bytes: {cause}"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes.as_slice()).into())
}
