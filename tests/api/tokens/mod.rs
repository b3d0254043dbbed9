//! Tokens: forged ones, each scope against each operation, and the keys behind them.

mod attacks;
mod forged;
mod keys;
mod matrix;
pub mod server;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use newsstand::model::time::UtcTime;
use serde_json::{Value, json};

use crate::support::{SECRET, contract};

/// Path of a file of keys.
fn key_file(name: &str) -> String {
    format!("{}/tests/keys/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Now, in seconds.
fn now() -> i64 {
    UtcTime::now().millis() / 1_000
}

/// An object with members put in, or taken out where they are null.
fn changed(mut object: Value, changes: &Value) -> Value {
    let members = object.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(members.remove(name)),
            value => drop(members.insert(name.clone(), value.clone())),
        }
    }
    object
}

/// Claims that are good but for some.
fn claims(changes: &Value) -> Value {
    let good = json!({
        "sub": "mallory",
        "scope": "content:read_drafts content:write content:publish content:admin",
        "iat": now(),
        "exp": now() + 600,
        "jti": "t-1",
    });
    changed(good, changes)
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token with this very header.
fn sign(header: &Value, claims: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

/// A token that is signed with the secret of tests; its header and claims are changed.
pub fn signed(header: &Value, changes: &Value) -> String {
    let header = changed(json!({"alg": "HS256", "typ": "JWT"}), header);
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    sign(&header, &claims(changes), &key, Algorithm::HS256)
}

/// A token that is signed with the private key of RSA.
fn signed_by_rsa(header: &Value) -> String {
    let header = changed(json!({"alg": "RS256", "typ": "JWT"}), header);
    let key = include_bytes!("../../keys/rsa_private.pem");
    let key = EncodingKey::from_rsa_pem(key).unwrap();
    sign(&header, &claims(&json!({})), &key, Algorithm::RS256)
}

/// Every operation that nobody may do without a token: method, path with `key` in its holes, the
/// body it is sent, and the scope that it needs.
fn guarded(key: &str) -> Vec<(String, String, Value, &'static str)> {
    let operations = contract::operations().into_iter();
    let guarded = operations.filter(|(_, _, operation)| contract::needs_token(operation));
    let filled = guarded.map(|(method, path, operation)| {
        let path = path
            .replace("{key}", key)
            .replace("{number}", "1")
            .replace("{from}", "1")
            .replace("{to}", "1")
            .replace("{id}", "0198a5d2-7c4e-7bbb-8a53-2f6f3a1c9e10");
        assert!(!path.contains('{'), "{path} has a hole of its own");
        let body = match operation.get("requestBody") {
            Some(_) => json!({}),
            None => Value::Null,
        };
        let scope = operation["x-required-scopes"][0].as_str();
        (method, path, body, scope.expect("a scope"))
    });
    filled.collect()
}

/// Header fields of a request that meets any state.
fn any_state(method: &str) -> &'static [(&'static str, &'static str)] {
    match method {
        "GET" => &[],
        _ => &[("If-Match", "*")],
    }
}
