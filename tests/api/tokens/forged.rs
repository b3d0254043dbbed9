//! Tokens that are forged, broken or sent in the wrong way, and what each must be answered with.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::{changed, claims, now, part, sign, signed, signed_by_rsa};
use crate::support::SECRET;

const REFUSED: (u16, &str) = (401, "invalid_token");

/// Whom the server of a row trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    Secret,
    Strict,
    Pem,
    Set,
}

pub struct Attack {
    pub name: String,
    pub trust: Trust,
    /// Bytes of the values of `Authorization`, one a field.
    pub fields: Vec<Vec<u8>>,
    pub query: String,
    /// What reading is answered with, and what writing is.
    pub answers: [(u16, &'static str); 2],
}

fn attack(name: &str, trust: Trust, token: &str) -> Attack {
    Attack {
        name: name.to_owned(),
        trust,
        fields: vec![format!("Bearer {token}").into_bytes()],
        query: String::new(),
        answers: [REFUSED; 2],
    }
}

/// A field that holds more, or other, than a bearer's token.
fn sent(name: &str, fields: &[&[u8]]) -> Attack {
    Attack {
        fields: fields.iter().map(|field| field.to_vec()).collect(),
        ..attack(name, Trust::Secret, "")
    }
}

fn algorithms() -> Vec<Attack> {
    use Trust::{Pem, Secret, Set};
    let good = signed(&json!({}), &json!({}));
    let (message, _) = good.rsplit_once('.').unwrap();
    let payload = message.split_once('.').unwrap().1;
    let unsigned = |name: &str| format!("{}.{payload}.", part(&json!({"alg": name})));
    let by = |key: &[u8], name: &str, algorithm| {
        let key = EncodingKey::from_secret(key);
        sign(&json!({"alg": name}), &claims(&json!({})), &key, algorithm)
    };
    let public = include_bytes!("../../keys/rsa_public.pem");
    let other = include_bytes!("../../keys/other_rsa_private.pem");
    let by_other = |header: Value| {
        let key = EncodingKey::from_rsa_pem(other).unwrap();
        let header = changed(json!({"alg": "RS256"}), &header);
        sign(&header, &claims(&json!({})), &key, Algorithm::RS256)
    };
    let jwk = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"});
    vec![
        attack("alg none", Secret, &unsigned("none")),
        attack("alg NoNe", Secret, &unsigned("NoNe")),
        attack("alg none, PEM", Pem, &unsigned("none")),
        attack(
            "alg none, signed",
            Secret,
            &signed(&json!({"alg": "none"}), &json!({})),
        ),
        attack("no alg", Secret, &signed(&json!({"alg": null}), &json!({}))),
        attack(
            "a list of alg",
            Secret,
            &signed(&json!({"alg": ["HS256"]}), &json!({})),
        ),
        attack("signature stripped", Secret, &format!("{message}.")),
        attack("signature and dot stripped", Secret, message),
        attack(
            "HS256 by the public key",
            Pem,
            &by(public, "HS256", Algorithm::HS256),
        ),
        attack(
            "the same, said to be RS256",
            Pem,
            &by(public, "RS256", Algorithm::HS256),
        ),
        attack(
            "HS384",
            Secret,
            &by(SECRET.as_bytes(), "HS384", Algorithm::HS384),
        ),
        attack(
            "HS512",
            Secret,
            &by(SECRET.as_bytes(), "HS512", Algorithm::HS512),
        ),
        attack(
            "HS384 in name",
            Secret,
            &by(SECRET.as_bytes(), "HS384", Algorithm::HS256),
        ),
        attack(
            "another secret",
            Secret,
            &by(&[7; 32], "HS256", Algorithm::HS256),
        ),
        attack("another key", Pem, &by_other(json!({}))),
        attack(
            "another key of a known name",
            Set,
            &by_other(json!({"kid": "rsa-1"})),
        ),
        attack(
            "another key, brought along",
            Set,
            &by_other(json!({"kid": "rsa-1", "jwk": jwk})),
        ),
    ]
}

fn headers() -> Vec<Attack> {
    let kids = [
        ("unknown kid", json!("rsa-9")),
        ("no kid", Value::Null),
        ("kid of another key", json!("ec-1")),
        ("path in kid", json!("../../etc/passwd")),
        ("device in kid", json!("/dev/null")),
        ("SQL in kid", json!("x' OR '1'='1")),
        ("SQL in kid, of a key", json!("x' UNION SELECT 'key' --")),
        ("number in kid", json!(1)),
        ("empty kid", json!("")),
    ];
    let kids = kids
        .map(|(name, kid)| attack(name, Trust::Set, &signed_by_rsa(&json!({"kid": kid}))))
        .into_iter();
    let members = [
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/x5")),
        ("jwk", json!({"kty": "oct", "k": "AA"})),
        ("x5c", json!(["AA=="])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
    ];
    let members = members.into_iter().flat_map(|(name, value)| {
        let header = json!({name: value});
        let named = changed(json!({"kid": "rsa-1"}), &header);
        [
            attack(name, Trust::Secret, &signed(&header, &json!({}))),
            attack(&format!("{name}, set"), Trust::Set, &signed_by_rsa(&named)),
        ]
    });
    kids.chain(members).collect()
}

fn times_and_parties() -> Vec<Attack> {
    let parties = json!({"iss": "https://id.example", "aud": "newsstand"});
    let rows = [
        ("expired", json!({"exp": now() - 60})),
        ("not yet valid", json!({"nbf": now() + 60})),
        ("issued in the future", json!({"iat": now() + 60})),
        ("no exp", json!({"exp": null})),
        ("exp as a string", json!({"exp": (now() + 60).to_string()})),
        ("exp as a list", json!({"exp": [now() + 60]})),
        ("exp as true", json!({"exp": true})),
        ("nbf as a string", json!({"nbf": "0"})),
        ("iat as a string", json!({"iat": "0"})),
        ("no sub", json!({"sub": null})),
        ("no scope", json!({"scope": null})),
        ("empty sub", json!({"sub": ""})),
        ("wrong iss", json!({"iss": "https://evil.example"})),
        (
            "iss with a slash more",
            json!({"iss": "https://id.example/"}),
        ),
        ("no iss", json!({"iss": null})),
        ("wrong aud", json!({"aud": "other"})),
        ("wrong aud in a list", json!({"aud": ["other"]})),
        ("empty list of aud", json!({"aud": []})),
        ("no aud", json!({"aud": null})),
        ("number in aud", json!({"aud": 7})),
    ];
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let strict = |changes: &Value| {
        let claims = changed(claims(&parties), changes);
        sign(&json!({"alg": "HS256"}), &claims, &key, Algorithm::HS256)
    };
    let mut attacks: Vec<Attack> = rows
        .iter()
        .map(|(name, changes)| attack(name, Trust::Strict, &strict(changes)))
        .collect();
    for claim in ["sub", "scope", "iss", "jti"] {
        for value in [json!(["ann"]), json!(7), json!({"a": 1}), json!(true)] {
            let name = format!("{claim} is {value}");
            attacks.push(attack(
                &name,
                Trust::Strict,
                &strict(&json!({claim: value})),
            ));
        }
    }
    let aimed = signed(&json!({}), &json!({"aud": "newsstand"}));
    attacks.push(attack("aud where none is set", Trust::Secret, &aimed));
    attacks
}

fn signatures() -> Vec<Attack> {
    let good = signed(&json!({}), &json!({}));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut attacks = Vec::new();
    for cut in [1, 4, 22, 42] {
        let token = &good[..good.len() - cut];
        attacks.push(attack(&format!("{cut} cut off"), Trust::Secret, token));
    }
    for bit in [0, 1, 7, 8, 100, 255] {
        let mut wrong = bytes.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(wrong));
        attacks.push(attack(&format!("bit {bit} flipped"), Trust::Secret, &token));
    }
    // 32 bytes leave two bits of the last character over; they must be nought.
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = alphabet
        .iter()
        .position(|b| good.as_bytes().ends_with(&[*b]))
        .unwrap();
    let spare = char::from(alphabet[last ^ 1]);
    let spare = format!("{}{spare}", &good[..good.len() - 1]);
    attacks.push(attack("a spare bit", Trust::Secret, &spare));
    for tail in ["A", "AAAA", "=", ".", " x", ".AAAA"] {
        let token = format!("{good}{tail}");
        attacks.push(attack(&format!("{tail:?} appended"), Trust::Secret, &token));
    }
    let padded = format!("{good}{}", "A".repeat(9_000));
    attacks.push(attack("9 KB", Trust::Secret, &padded));
    attacks.push(Attack {
        answers: [(431, "headers_too_large"); 2],
        ..attack("1 MB", Trust::Secret, &"A".repeat(1 << 20))
    });
    attacks
}

fn ways_of_sending() -> Vec<Attack> {
    let good = signed(&json!({}), &json!({}));
    let bearer = format!("Bearer {good}");
    let bytes = |text: &str| text.to_owned().into_bytes();
    let joined = bytes(&format!("{bearer}, {bearer}"));
    let in_query = Attack {
        query: format!("?access_token={good}"),
        // A writer without a token is not told of parameters.
        answers: [(400, "invalid_parameter"), REFUSED],
        ..sent("token in the query", &[])
    };
    vec![
        sent("two fields", &[bearer.as_bytes(), bearer.as_bytes()]),
        sent("two tokens in a field", &[&joined]),
        sent("Basic", &[&bytes(&format!("Basic {good}"))]),
        sent("no scheme", &[good.as_bytes()]),
        sent(
            "a tab behind the scheme",
            &[&bytes(&format!("Bearer\t{good}"))],
        ),
        sent("empty bearer", &[b"Bearer "]),
        sent("scheme alone", &[b"Bearer"]),
        sent("empty field", &[b""]),
        sent("dots alone", &[b"Bearer .."]),
        sent("quoted", &[&bytes(&format!("Bearer \"{good}\""))]),
        sent("UTF-8 behind it", &[&bytes(&format!("{bearer}\u{e9}"))]),
        sent("bytes that are no text", &[b"Bearer \xff\xfe"]),
        in_query,
    ]
}

/// All of them.
pub fn attacks() -> Vec<Attack> {
    let kinds = [
        algorithms(),
        headers(),
        times_and_parties(),
        signatures(),
        ways_of_sending(),
    ];
    kinds.into_iter().flatten().collect()
}
