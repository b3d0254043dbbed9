//! Tokens of preview links: each shows one article, whatever its status, to whoever has the link.

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::{
    TokenError,
    jws::{Signed, is_name, seconds},
    keys::{Key, Kind},
};
use crate::model::time::UtcTime;

/// Keeps these tokens and access tokens apart, even where both are signed with one secret.
const AUDIENCE: &str = "newsstand-preview";

/// Bytes of such a token at most.
const MAX_PREVIEW: usize = 2_048;

/// What a preview link allows, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewClaims {
    /// The link's own name, by which it can be taken back.
    pub link_id: String,
    /// The one article that it shows.
    pub article_id: String,
    /// When it ends; fractions of a second are cut off.
    pub expires_at: UtcTime,
}

/// Makes a token with a secret of at least 32 bytes.
pub fn sign_preview(secret: &[u8], claims: &PreviewClaims) -> Result<String, String> {
    Key::hmac(secret).map_err(|cause| format!("the key of preview links {cause}"))?;
    if !is_name(&claims.link_id) || !is_name(&claims.article_id) {
        return Err("the ids of a preview link must have 1 to 200 characters".to_owned());
    }
    let members = json!({
        "aud": AUDIENCE,
        "jti": claims.link_id,
        "sub": claims.article_id,
        "exp": seconds(claims.expires_at),
    });
    let header = Header::new(Kind::Hs256.algorithm());
    let token = encode(&header, &members, &EncodingKey::from_secret(secret))
        .map_err(|_| "the preview link can't be signed".to_owned())?;
    match token.len() <= MAX_PREVIEW {
        true => Ok(token),
        false => Err("the ids of a preview link are too long".to_owned()),
    }
}

/// Reads a token of `sign_preview`. It ends on the second: both ends of it are this service.
pub fn read_preview(secret: &[u8], token: &str) -> Result<PreviewClaims, TokenError> {
    read_preview_at(secret, token, UtcTime::now())
}

pub(super) fn read_preview_at(
    secret: &[u8],
    token: &str,
    now: UtcTime,
) -> Result<PreviewClaims, TokenError> {
    let signed = Signed::parse(token, MAX_PREVIEW)?;
    if signed.key_id()?.is_some() {
        return Err(TokenError::UnknownKey);
    }
    let key = Key::hmac(secret).map_err(|_| TokenError::UnknownKey)?;
    let claims = signed.claims(&key)?;
    let expires = claims.check_times(now, 0.0)?;
    if claims.required_text("aud")? != AUDIENCE {
        return Err(TokenError::Audience);
    }
    // Floats become integers by saturation; what is no instant then is refused.
    let expires_at = UtcTime::from_millis((expires * 1_000.0) as i64);
    Ok(PreviewClaims {
        link_id: claims.required_name("jti")?.to_owned(),
        article_id: claims.required_name("sub")?.to_owned(),
        expires_at: expires_at.ok_or(TokenError::WrongClaim("exp"))?,
    })
}
