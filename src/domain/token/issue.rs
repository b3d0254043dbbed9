//! Makes access tokens.

use std::fmt;

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{
    MAX_TOKEN, Secret,
    jws::{is_name, seconds},
    keys::Kind,
};
use crate::model::{caller::Scope, time::UtcTime};

/// What a new token is signed with.
#[derive(Clone)]
pub enum SigningKey {
    /// A secret that is shared with whoever checks.
    Secret {
        /// The secret.
        secret: Secret,
        /// The `kid` to write into the token.
        key_id: Option<String>,
    },
    /// A private key of RSA, P-256 or Ed25519.
    PrivateKeyPem {
        /// The PEM file's content.
        pem: Zeroizing<Vec<u8>>,
        /// The `kid` to write into the token.
        key_id: Option<String>,
    },
}

/// Shows no key.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, key_id) = match self {
            Self::Secret { key_id, .. } => ("Secret", key_id),
            Self::PrivateKeyPem { key_id, .. } => ("PrivateKeyPem", key_id),
        };
        f.debug_struct(name)
            .field("key_id", key_id)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    fn encoding(&self) -> Result<(Kind, EncodingKey, &Option<String>), String> {
        match self {
            Self::Secret { secret, key_id } => {
                let key = EncodingKey::from_secret(secret.bytes());
                Ok((Kind::Hs256, key, key_id))
            }
            Self::PrivateKeyPem { pem, key_id } => {
                let (kind, key) = read_private_key(pem)?;
                Ok((kind, key, key_id))
            }
        }
    }
}

fn read_private_key(pem: &[u8]) -> Result<(Kind, EncodingKey), String> {
    let text = String::from_utf8_lossy(pem);
    // The library would read a public key of RSA too, and fail only when it signs.
    if !text.contains("PRIVATE KEY-----") {
        return Err("there is no private key in PEM form".to_owned());
    }
    if let Ok(key) = EncodingKey::from_rsa_pem(pem) {
        return Ok((Kind::Rs256, key));
    }
    if let Ok(key) = EncodingKey::from_ec_pem(pem) {
        return Ok((Kind::Es256, key));
    }
    if let Ok(key) = EncodingKey::from_ed_pem(pem) {
        return Ok((Kind::EdDsa, key));
    }
    Err(
        "the private key can't be read: it must be of RSA, P-256 or Ed25519, in PKCS #8 and \
         without a password (openssl pkcs8 -topk8 -nocrypt)"
            .to_owned(),
    )
}

/// What a new token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Whom it is for: 1 to 200 characters.
    pub subject: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// Its own name, by which it can be revoked: 1 to 200 characters.
    pub token_id: String,
    /// When it is made; fractions of a second are cut off.
    pub issued_at: UtcTime,
    /// When it ends; fractions of a second are cut off.
    pub expires_at: UtcTime,
    /// Who makes it.
    pub issuer: Option<String>,
    /// Which service it is for.
    pub audience: Option<String>,
}

/// Makes a token.
pub fn issue(key: &SigningKey, claims: NewToken) -> Result<String, String> {
    if !is_name(&claims.subject) || !is_name(&claims.token_id) {
        return Err(
            "a token's subject and its id must have 1 to 200 characters, none of them a control"
                .to_owned(),
        );
    }
    let (issued, expires) = (seconds(claims.issued_at), seconds(claims.expires_at));
    if expires <= issued {
        return Err("a token must end after it begins".to_owned());
    }
    let (kind, encoding, key_id) = key.encoding()?;
    let scopes: Vec<&str> = claims.scopes.iter().map(|scope| scope.as_str()).collect();
    let mut members = Map::new();
    let parties = [("iss", claims.issuer), ("aud", claims.audience)];
    for (name, value) in parties {
        members.extend(value.map(|value| (name.to_owned(), Value::from(value))));
    }
    members.insert("sub".to_owned(), claims.subject.into());
    members.insert("scope".to_owned(), scopes.join(" ").into());
    members.insert("jti".to_owned(), claims.token_id.into());
    members.insert("iat".to_owned(), issued.into());
    members.insert("exp".to_owned(), expires.into());
    let mut header = Header::new(kind.algorithm());
    header.kid = key_id.clone();
    let token = encode(&header, &members, &encoding).map_err(|_| {
        let name = kind.name();
        format!("the key can't sign with {name}: RSA needs 2048 bits or more, EC needs P-256")
    })?;
    match token.len() <= MAX_TOKEN {
        true => Ok(token),
        false => Err(format!("the token would have more than {MAX_TOKEN} bytes")),
    }
}
