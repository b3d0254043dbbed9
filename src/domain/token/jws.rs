//! The signed form of tokens (RFC 7515 section 7.1) and their claims (RFC 7519 section 4).
//!
//! Read here and not by the library, which is asked for the signature alone: it takes lists in
//! place of an issuer, rounds times, and passes over what is not a string.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::crypto;
use serde_json::{Map, Value};

use super::{TokenError, keys::Key};
use crate::model::time::UtcTime;

/// Members of the header that bring a key, or ask for what is not done here.
const REFUSED: [&str; 5] = ["jku", "jwk", "x5u", "x5c", "crit"];

/// Characters of a name at most.
const MAX_NAME: usize = 200;

/// A token that is read, but not checked.
pub(super) struct Signed<'a> {
    header: Map<String, Value>,
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Signed<'a> {
    /// Parts a token of at most so many bytes and reads its header.
    pub(super) fn parse(token: &'a str, longest: usize) -> Result<Self, TokenError> {
        if token.len() > longest {
            return Err(TokenError::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(TokenError::Malformed)?;
        if !token.is_ascii() || payload.contains('.') {
            return Err(TokenError::Malformed);
        }
        let header = decode(header)?;
        if REFUSED.iter().any(|name| header.contains_key(*name)) {
            return Err(TokenError::RefusedHeader);
        }
        let is_type = |value: &Value| {
            let types = ["JWT", "at+jwt"];
            let text = value.as_str();
            text.is_some_and(|text| types.iter().any(|valid| text.eq_ignore_ascii_case(valid)))
        };
        if !header.get("typ").is_none_or(is_type) {
            return Err(TokenError::Type);
        }
        Ok(Self {
            header,
            message,
            payload,
            signature,
        })
    }

    /// The name of the key, if the token has one.
    pub(super) fn key_id(&self) -> Result<Option<&str>, TokenError> {
        match self.header.get("kid") {
            None => Ok(None),
            Some(Value::String(id)) => Ok(Some(id)),
            Some(_) => Err(TokenError::Malformed),
        }
    }

    /// The claims, if the token is signed with this key and by its algorithm.
    pub(super) fn claims(&self, key: &Key) -> Result<Claims, TokenError> {
        let algorithm = self.header.get("alg").and_then(Value::as_str);
        if algorithm != Some(key.kind.name()) {
            return Err(TokenError::Algorithm);
        }
        let message = self.message.as_bytes();
        match crypto::verify(self.signature, message, &key.decoding, key.kind.algorithm()) {
            Ok(true) => Ok(Claims(decode(self.payload)?)),
            Ok(false) | Err(_) => Err(TokenError::Signature),
        }
    }
}

fn decode(part: &str) -> Result<Map<String, Value>, TokenError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenError::Malformed)
}

/// Whether a text can name a subject or a token: 1 to 200 characters, none of them a control.
pub(super) fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// An instant as claims have it: whole seconds, rounded down.
pub(super) fn seconds(time: UtcTime) -> i64 {
    time.millis().div_euclid(1_000)
}

/// What a token says, once its signature is right.
pub(super) struct Claims(Map<String, Value>);

impl Claims {
    /// Any claim.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A string.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<&str>, TokenError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(TokenError::WrongClaim(name)),
        }
    }

    /// A string that must be there.
    pub(super) fn required_text(&self, name: &'static str) -> Result<&str, TokenError> {
        self.text(name)?.ok_or(TokenError::MissingClaim(name))
    }

    /// A string that can name something.
    pub(super) fn name(&self, name: &'static str) -> Result<Option<&str>, TokenError> {
        match self.text(name)? {
            Some(text) if !is_name(text) => Err(TokenError::WrongClaim(name)),
            text => Ok(text),
        }
    }

    /// The same where it must be there.
    pub(super) fn required_name(&self, name: &'static str) -> Result<&str, TokenError> {
        self.name(name)?.ok_or(TokenError::MissingClaim(name))
    }

    fn number(&self, name: &'static str) -> Result<Option<f64>, TokenError> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        let number = value.as_f64().filter(|number| number.is_finite());
        number.map(Some).ok_or(TokenError::WrongClaim(name))
    }

    /// Holds `exp`, `nbf` and `iat` against the clock, which may be wrong by so many seconds;
    /// gives `exp` in seconds.
    pub(super) fn check_times(&self, now: UtcTime, leeway: f64) -> Result<f64, TokenError> {
        let now = now.millis() as f64 / 1_000.0;
        let expires = self.number("exp")?.ok_or(TokenError::MissingClaim("exp"))?;
        let begins = self.number("nbf")?;
        let issued = self.number("iat")?;
        let is_ahead = |time: f64| time > now + leeway;
        if now >= expires + leeway {
            return Err(TokenError::Expired);
        }
        if begins.is_some_and(is_ahead) {
            return Err(TokenError::NotYetValid);
        }
        if issued.is_some_and(is_ahead) {
            return Err(TokenError::IssuedAhead);
        }
        Ok(expires)
    }
}
