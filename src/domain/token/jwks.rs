//! Sets of keys as JSON (RFC 7517 section 5).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use super::keys::Key;

/// Keys of a set at most.
const MAX_KEYS: usize = 100;

/// Reads a set: each key and its `kid`. All of them must be right.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<(Option<String>, Key)>, String> {
    let mut set: Value =
        serde_json::from_slice(bytes).map_err(|cause| format!("is not JSON: {cause}"))?;
    let keys = keys_of(&set);
    wipe(&mut set);
    keys
}

/// Leaves no secret of a set in memory.
fn wipe(set: &mut Value) {
    let members = set.get_mut("keys").and_then(Value::as_array_mut);
    for member in members.into_iter().flatten() {
        if let Some(Value::String(secret)) = member.get_mut("k") {
            secret.zeroize();
        }
    }
}

fn keys_of(set: &Value) -> Result<Vec<(Option<String>, Key)>, String> {
    let Some(Value::Array(members)) = set.get("keys") else {
        return Err("has no list named keys".to_owned());
    };
    if members.is_empty() || members.len() > MAX_KEYS {
        return Err(format!("has {} keys, not 1 to {MAX_KEYS}", members.len()));
    }
    let mut keys: Vec<(Option<String>, Key)> = Vec::with_capacity(members.len());
    for (index, member) in members.iter().enumerate() {
        let place = format!("key {}", index + 1);
        let Value::Object(member) = member else {
            return Err(format!("{place} is not an object"));
        };
        let id = match member.get("kid") {
            None => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Err(format!("{place} has a kid that is not a string")),
        };
        let name = id.as_ref().map_or(place, |id| format!("key {id:?}"));
        if id.is_none() && members.len() > 1 {
            return Err(format!("{name} has no kid, which a set of several needs"));
        }
        if keys.iter().any(|(other, _)| *other == id) {
            return Err(format!("{name} is there twice"));
        }
        let key = read_key(member).map_err(|cause| format!("{name} {cause}"))?;
        keys.push((id, key));
    }
    Ok(keys)
}

fn read_key(members: &Map<String, Value>) -> Result<Key, String> {
    if members.contains_key("d") {
        return Err("is a private key; only public ones belong here".to_owned());
    }
    let curve = members.get("crv").and_then(Value::as_str);
    let key = match (text(members, "kty")?, curve) {
        ("RSA", _) => Key::rsa(&bytes(members, "n")?, &bytes(members, "e")?)?,
        ("EC", Some("P-256")) => {
            let (x, y) = (bytes(members, "x")?, bytes(members, "y")?);
            if x.len() != 32 || y.len() != 32 {
                return Err("has coordinates that are not of 32 bytes".to_owned());
            }
            Key::p256(&[[4_u8].as_slice(), &x, &y].concat())?
        }
        ("OKP", Some("Ed25519")) => Key::ed25519(&bytes(members, "x")?)?,
        ("oct", _) => Key::hmac(&bytes(members, "k")?)?,
        _ => return Err("is not of RSA, EC with P-256, OKP with Ed25519, or oct".to_owned()),
    };
    check_purpose(members, &key)?;
    Ok(key)
}

/// What the key says of itself must be what it is taken for.
fn check_purpose(members: &Map<String, Value>, key: &Key) -> Result<(), String> {
    let is = |name: &str, valid: &str| members.get(name).is_none_or(|value| value == valid);
    if !is("alg", key.kind.name()) {
        return Err(format!("has an alg other than {}", key.kind.name()));
    }
    if !is("use", "sig") {
        return Err("has a use other than sig".to_owned());
    }
    let verifies = |value: &Value| {
        let operations = value.as_array();
        operations.is_some_and(|list| list.iter().any(|operation| operation == "verify"))
    };
    match members.get("key_ops").is_none_or(verifies) {
        true => Ok(()),
        false => Err("has key_ops without verify".to_owned()),
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    let value = members.get(name).and_then(Value::as_str);
    value.ok_or_else(|| format!("has no {name}, or one that is not a string"))
}

fn bytes(members: &Map<String, Value>, name: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    URL_SAFE_NO_PAD
        .decode(text(members, name)?)
        .map(Zeroizing::new)
        .map_err(|_| format!("has a {name} that is not base64url without padding"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const JWKS: &str = include_str!("../../../tests/keys/jwks.json");

    /// The keys of the test set, changed.
    fn set_error(change: impl FnOnce(&mut Vec<Value>)) -> String {
        let mut set: Value = serde_json::from_str(JWKS).unwrap();
        change(set["keys"].as_array_mut().unwrap());
        read(set.to_string().as_bytes()).err().unwrap()
    }

    #[test]
    fn secrets_of_a_set_are_wiped() {
        let mut set = json!({"keys": [{"kty": "oct", "k": "c2Vj"}, {"k": 7}, 7, {"n": "AQAB"}]});
        wipe(&mut set);
        assert_eq!(set["keys"][0], json!({"kty": "oct", "k": ""}));
        assert_eq!(set["keys"][3], json!({"n": "AQAB"}));
        wipe(&mut json!([]));
    }

    #[test]
    fn sets_with_a_wrong_key_are_refused() {
        assert!(set_error(Vec::clear).contains("0 keys"));
        assert!(
            set_error(|keys| keys[1]["kid"] = json!("rsa-1")).contains("\"rsa-1\" is there twice")
        );
        assert!(set_error(|keys| keys[0]["alg"] = json!("PS256")).contains("\"rsa-1\" has an alg"));
        assert!(set_error(|keys| keys[1]["use"] = json!("enc")).contains("\"ec-1\" has a use"));
        assert!(set_error(|keys| keys[1]["crv"] = json!("P-384")).contains("\"ec-1\" is not of"));
        assert!(set_error(|keys| keys[2]["x"] = json!("AAAA")).contains("\"ed-1\" is no Ed25519"));
        assert!(set_error(|keys| keys[0]["n"] = json!("AQAB")).contains("\"rsa-1\" is an RSA key"));
        assert!(set_error(|keys| keys[0]["d"] = json!("AQAB")).contains("private"));
        assert!(
            set_error(|keys| keys[2] = json!({"kty": "oct", "kid": "o", "k": "AAAA"}))
                .contains("32 bytes")
        );
        assert!(
            set_error(|keys| drop(keys[2].as_object_mut().unwrap().remove("kid")))
                .contains("key 3")
        );
        assert!(set_error(|keys| keys.resize(101, json!({}))).contains("101 keys"));
    }
}
