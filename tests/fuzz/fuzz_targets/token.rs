//! Access tokens and those of preview links: only what is signed and right names anyone.
#![no_main]

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use libfuzzer_sys::fuzz_target;
use newsstand::domain::token::{KeySource, Secret, TokenRules, Verifier, preview::read_preview};
use newsstand_fuzz::parted;
use serde_json::{Map, Value};

const SECRET: &str = "a secret of the fuzz targets, of 32 bytes";

static VERIFIERS: LazyLock<[Verifier; 2]> = LazyLock::new(|| {
    let verifier = |rules: TokenRules| {
        let source = KeySource::Secret {
            secret: Secret::new(SECRET.to_owned()).expect("long enough"),
            key_id: None,
        };
        Verifier::new(source, rules).expect("a good key")
    };
    let named = TokenRules {
        issuer: Some("https://issuer.example".to_owned()),
        audience: Some("newsstand".to_owned()),
    };
    [verifier(TokenRules::default()), verifier(named)]
});

// A digit says whether a token follows, or a header and, in the next line, claims, which are signed
// here.
fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    if *kind == b'0' {
        let token = String::from_utf8_lossy(rest);
        for verifier in &*VERIFIERS {
            assert!(verifier.verify(&token).is_err(), "{token}");
        }
        assert!(read_preview(SECRET.as_bytes(), &token).is_err(), "{token}");
        return;
    }
    let Some((header, claims)) = parted(rest) else {
        return;
    };
    let token = signed(header, claims);
    for verifier in &*VERIFIERS {
        match verifier.verify(&token) {
            Ok(caller) => {
                let claims = right(header, claims);
                assert_eq!(claims.get("sub"), Some(&Value::from(caller.subject)));
                let scope = claims.get("scope").and_then(Value::as_str).expect("a scope");
                for allowed in &caller.scopes {
                    assert!(scope.split(' ').any(|word| word == allowed.as_str()), "{scope}");
                }
            }
            Err(cause) => assert!(!cause.to_string().is_empty()),
        }
    }
    if let Ok(found) = read_preview(SECRET.as_bytes(), &token) {
        let claims = right(header, claims);
        assert_eq!(claims.get("aud"), Some(&Value::from("newsstand-preview")));
        assert_eq!(claims.get("jti"), Some(&Value::from(found.link_id)));
        assert!(VERIFIERS.iter().all(|verifier| verifier.verify(&token).is_err()));
    }
});

fn signed(header: &str, claims: &str) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("a signature");
    format!("{message}.{signature}")
}

/// The claims of a token that was taken, which must be such as may be.
fn right(header: &str, claims: &str) -> Map<String, Value> {
    let header: Map<String, Value> = serde_json::from_str(header).expect("an object");
    assert_eq!(header.get("alg"), Some(&Value::from("HS256")));
    for refused in ["jku", "jwk", "x5u", "x5c", "crit"] {
        assert!(!header.contains_key(refused), "{refused}");
    }
    let claims: Map<String, Value> = serde_json::from_str(claims).expect("an object");
    let expires = claims.get("exp").and_then(Value::as_f64).expect("an end");
    assert!(expires > 1_700_000_000.0, "{expires}");
    for name in ["sub", "jti"] {
        if let Some(text) = claims.get(name).and_then(Value::as_str) {
            assert!((1..=200).contains(&text.chars().count()), "{name}");
        }
    }
    claims
}
