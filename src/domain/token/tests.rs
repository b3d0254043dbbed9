use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    preview::{PreviewClaims, read_preview, read_preview_at, sign_preview},
    *,
};

const SECRET: &str = "a secret of the tests, longer than 32 bytes";
const NOW: i64 = 1_767_225_600;
const RSA: &[u8] = include_bytes!("../../../tests/keys/rsa_private.pem");
const RSA_PUBLIC: &[u8] = include_bytes!("../../../tests/keys/rsa_public.pem");
const OTHER_RSA: &[u8] = include_bytes!("../../../tests/keys/other_rsa_private.pem");
const EC: &[u8] = include_bytes!("../../../tests/keys/ec_private.pem");
const ED: &[u8] = include_bytes!("../../../tests/keys/ed_private.pem");
const JWKS: &str = include_str!("../../../tests/keys/jwks.json");

fn now() -> UtcTime {
    UtcTime::from_millis(NOW * 1_000).unwrap()
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/keys")
        .join(name)
}

fn secret() -> KeySource {
    KeySource::Secret {
        secret: Secret::new(SECRET.to_owned()).unwrap(),
        key_id: Some("main".to_owned()),
    }
}

fn verifier(source: KeySource) -> Verifier {
    Verifier::new(source, TokenRules::default()).unwrap()
}

/// With an issuer and an audience.
fn strict() -> Verifier {
    let rules = TokenRules {
        issuer: Some("https://id.example".to_owned()),
        audience: Some("newsstand".to_owned()),
    };
    Verifier::new(secret(), rules).unwrap()
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

fn claims(changes: &Value) -> Value {
    let good = json!({"sub": "ann", "scope": "content:write", "iat": NOW, "exp": NOW + 60});
    changed(good, changes)
}

fn sign(header: &Value, claims: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

/// Signed with the secret; the header and the claims are changed.
fn signed(header: &Value, changes: &Value) -> String {
    let header = changed(json!({"alg": "HS256", "typ": "JWT"}), header);
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    sign(&header, &claims(changes), &key, Algorithm::HS256)
}

fn issued(key: &SigningKey) -> String {
    let claims = NewToken {
        subject: "ann".to_owned(),
        scopes: vec![Scope::Publish, Scope::Write],
        token_id: "t-1".to_owned(),
        issued_at: now(),
        expires_at: UtcTime::from_millis((NOW + 60) * 1_000).unwrap(),
        issuer: None,
        audience: None,
    };
    issue(key, claims).unwrap()
}

fn private(pem: &[u8], key_id: Option<&str>) -> SigningKey {
    SigningKey::PrivateKeyPem {
        pem: pem.to_vec().into(),
        key_id: key_id.map(str::to_owned),
    }
}

#[rstest]
#[case(RSA, "rsa_public.pem", "rsa-1", "RS256")]
#[case(EC, "ec_public.pem", "ec-1", "ES256")]
#[case(ED, "ed_public.pem", "ed-1", "EdDSA")]
fn tokens_of_private_keys_are_taken(
    #[case] pem: &[u8],
    #[case] public: &str,
    #[case] key_id: &str,
    #[case] algorithm: &str,
) {
    let of_file = verifier(KeySource::PublicKeyFile(file(public)));
    let of_set = verifier(KeySource::JwksFile(file("jwks.json")));
    assert!(
        of_file
            .describe()
            .starts_with(&format!("{algorithm} with "))
    );
    assert!(of_set.describe().starts_with("3 keys of "));
    let expected = Ok(Caller {
        subject: "ann".to_owned(),
        scopes: vec![Scope::Publish, Scope::Write],
        token_id: Some("t-1".to_owned()),
    });
    let plain = issued(&private(pem, None));
    let named = issued(&private(pem, Some(key_id)));
    assert_eq!(of_file.verify_at(&plain, now()), expected);
    assert_eq!(of_set.verify_at(&named, now()), expected);
    // A file has no name, and a set of several needs one.
    let unknown = Err(TokenError::UnknownKey);
    assert_eq!(of_file.verify_at(&named, now()), unknown);
    assert_eq!(of_set.verify_at(&plain, now()), unknown);
    // The name of another key of the set.
    let other = if key_id == "ec-1" { "ed-1" } else { "ec-1" };
    let crossed = issued(&private(pem, Some(other)));
    assert_eq!(
        of_set.verify_at(&crossed, now()),
        Err(TokenError::Algorithm)
    );
}

#[test]
fn tokens_of_the_secret_are_taken() {
    let verifier = verifier(secret());
    assert_eq!(verifier.describe(), "HS256 with a secret");
    for key_id in [None, Some("main".to_owned())] {
        let secret = Secret::new(SECRET.to_owned()).unwrap();
        let token = issued(&SigningKey::Secret { secret, key_id });
        assert!(verifier.verify_at(&token, now()).is_ok());
    }
}

#[rstest]
#[case(json!({"exp": NOW - 3}))]
#[case(json!({"nbf": NOW + 3}))]
#[case(json!({"iat": null}))]
#[case(json!({"iat": NOW + 3, "exp": NOW as f64 + 60.5}))]
#[case(json!({"iss": "anyone"}))]
#[case(json!({"scope": ""}))]
fn claims_within_bounds_are_taken(#[case] changes: Value) {
    let token = signed(&json!({}), &changes);
    let caller = verifier(secret()).verify_at(&token, now());
    assert_eq!(caller.map(|caller| caller.subject), Ok("ann".to_owned()));
}

#[test]
fn scopes_that_are_not_known_allow_nothing() {
    let scope = "openid content:write content:writes content:write  content:admin";
    let token = signed(&json!({}), &json!({"scope": scope}));
    let caller = verifier(secret()).verify_at(&token, now()).unwrap();
    assert_eq!(caller.scopes, [Scope::Write, Scope::Admin]);
}

#[rstest]
#[case(json!({"exp": NOW - 6}), TokenError::Expired)]
#[case(json!({"exp": null}), TokenError::MissingClaim("exp"))]
#[case(json!({"exp": (NOW + 60).to_string()}), TokenError::WrongClaim("exp"))]
#[case(json!({"nbf": NOW + 10}), TokenError::NotYetValid)]
#[case(json!({"nbf": [NOW]}), TokenError::WrongClaim("nbf"))]
#[case(json!({"iat": NOW + 10}), TokenError::IssuedAhead)]
#[case(json!({"iat": "now"}), TokenError::WrongClaim("iat"))]
#[case(json!({"aud": "newsstand"}), TokenError::Audience)]
#[case(json!({"aud": []}), TokenError::Audience)]
#[case(json!({"iss": ["a"]}), TokenError::WrongClaim("iss"))]
#[case(json!({"sub": null}), TokenError::MissingClaim("sub"))]
#[case(json!({"sub": ["ann"]}), TokenError::WrongClaim("sub"))]
#[case(json!({"sub": 7}), TokenError::WrongClaim("sub"))]
#[case(json!({"sub": ""}), TokenError::WrongClaim("sub"))]
#[case(json!({"sub": "a\nb"}), TokenError::WrongClaim("sub"))]
#[case(json!({"sub": "a".repeat(201)}), TokenError::WrongClaim("sub"))]
#[case(json!({"scope": null}), TokenError::MissingClaim("scope"))]
#[case(json!({"scope": ["content:write"]}), TokenError::WrongClaim("scope"))]
#[case(json!({"jti": 1}), TokenError::WrongClaim("jti"))]
#[case(json!({"jti": ""}), TokenError::WrongClaim("jti"))]
fn wrong_claims_are_refused(#[case] changes: Value, #[case] expected: TokenError) {
    let token = signed(&json!({}), &changes);
    assert_eq!(verifier(secret()).verify_at(&token, now()), Err(expected));
}

#[rstest]
#[case("https://id.example", json!("newsstand"), None)]
#[case("https://id.example", json!(["other", "newsstand"]), None)]
#[case("https://id.example", json!(["other"]), Some(TokenError::Audience))]
#[case("https://id.example", json!(["newsstand", 1]), Some(TokenError::WrongClaim("aud")))]
#[case("https://id.example", json!(null), Some(TokenError::MissingClaim("aud")))]
#[case("https://id.example/", json!("newsstand"), Some(TokenError::Issuer))]
fn issuer_and_audience_are_held_to(
    #[case] issuer: &str,
    #[case] audience: Value,
    #[case] expected: Option<TokenError>,
) {
    let token = signed(&json!({}), &json!({"iss": issuer, "aud": audience}));
    assert_eq!(strict().verify_at(&token, now()).err(), expected);
    let without = signed(&json!({}), &json!({"aud": "newsstand"}));
    let missing = Err(TokenError::MissingClaim("iss"));
    assert_eq!(strict().verify_at(&without, now()), missing);
    let list = json!({"aud": "newsstand", "iss": ["https://id.example"]});
    let wrong = Err(TokenError::WrongClaim("iss"));
    assert_eq!(strict().verify_at(&signed(&json!({}), &list), now()), wrong);
}

#[rstest]
#[case(json!({"alg": "none"}), TokenError::Algorithm)]
#[case(json!({"alg": "NoNe"}), TokenError::Algorithm)]
#[case(json!({"alg": "HS384"}), TokenError::Algorithm)]
#[case(json!({"alg": null}), TokenError::Algorithm)]
#[case(json!({"alg": ["HS256"]}), TokenError::Algorithm)]
#[case(json!({"kid": "other"}), TokenError::UnknownKey)]
#[case(json!({"kid": "../../../dev/null"}), TokenError::UnknownKey)]
#[case(json!({"kid": 1}), TokenError::Malformed)]
#[case(json!({"jku": "https://evil.example/keys"}), TokenError::RefusedHeader)]
#[case(json!({"jwk": {"kty": "oct", "k": "AA"}}), TokenError::RefusedHeader)]
#[case(json!({"x5u": "https://evil.example/x5"}), TokenError::RefusedHeader)]
#[case(json!({"x5c": ["AA=="]}), TokenError::RefusedHeader)]
#[case(json!({"crit": ["exp"]}), TokenError::RefusedHeader)]
#[case(json!({"typ": "JWE"}), TokenError::Type)]
#[case(json!({"typ": 1}), TokenError::Type)]
fn wrong_headers_are_refused(#[case] header: Value, #[case] expected: TokenError) {
    let token = signed(&header, &json!({}));
    assert_eq!(verifier(secret()).verify_at(&token, now()), Err(expected));
}

#[rstest]
#[case(json!({"typ": null}))]
#[case(json!({"typ": "jwt"}))]
#[case(json!({"typ": "AT+JWT"}))]
fn types_of_access_tokens_are_taken(#[case] header: Value) {
    let token = signed(&header, &json!({}));
    assert!(verifier(secret()).verify_at(&token, now()).is_ok());
}

#[test]
fn another_hash_is_refused_though_the_secret_is_right() {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = sign(
        &json!({"alg": "HS384"}),
        &claims(&json!({})),
        &key,
        Algorithm::HS384,
    );
    let refused = Err(TokenError::Algorithm);
    assert_eq!(verifier(secret()).verify_at(&token, now()), refused);
}

#[test]
fn a_public_key_is_no_secret() {
    let verifier = verifier(KeySource::PublicKeyFile(file("rsa_public.pem")));
    let key = EncodingKey::from_secret(RSA_PUBLIC);
    for (name, expected) in [
        ("HS256", TokenError::Algorithm),
        ("RS256", TokenError::Signature),
    ] {
        let token = sign(
            &json!({"alg": name}),
            &claims(&json!({})),
            &key,
            Algorithm::HS256,
        );
        assert_eq!(verifier.verify_at(&token, now()), Err(expected));
    }
    let other = issued(&private(OTHER_RSA, None));
    assert_eq!(
        verifier.verify_at(&other, now()),
        Err(TokenError::Signature)
    );
}

#[test]
fn tokens_of_another_shape_are_refused() {
    let verifier = verifier(secret());
    let good = signed(&json!({}), &json!({}));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let payload = message.split_once('.').unwrap().1;
    let cases = [
        (String::new(), TokenError::Malformed),
        ("..".to_owned(), TokenError::Malformed),
        (message.to_owned(), TokenError::Malformed),
        (format!("{good}.{signature}"), TokenError::Malformed),
        (format!("{good}é"), TokenError::Malformed),
        (format!("{message}."), TokenError::Signature),
        (format!("{none}.{payload}."), TokenError::Algorithm),
        (format!("{good}="), TokenError::Signature),
        (format!("{good}AAAA"), TokenError::Signature),
        (format!("{good} "), TokenError::Signature),
        (
            good.split_at(good.len() - 4).0.to_owned(),
            TokenError::Signature,
        ),
        ("a".repeat(1 << 20), TokenError::TooLong),
        (
            format!("{message}.{}", "A".repeat(1 << 20)),
            TokenError::TooLong,
        ),
    ];
    for (token, expected) in cases {
        assert_eq!(verifier.verify_at(&token, now()), Err(expected));
    }
}

#[rstest]
#[case(RSA, "rsa_public.pem")]
#[case(EC, "ec_public.pem")]
#[case(ED, "ed_public.pem")]
fn a_flipped_bit_is_refused(#[case] pem: &[u8], #[case] public: &str) {
    let verifier = verifier(KeySource::PublicKeyFile(file(public)));
    let token = issued(&private(pem, None));
    let (message, signature) = token.rsplit_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    for bit in (0..bytes.len() * 8).step_by(37) {
        let mut wrong = bytes.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(wrong));
        assert_eq!(
            verifier.verify_at(&token, now()),
            Err(TokenError::Signature)
        );
    }
}

#[test]
fn files_without_a_fit_public_key_are_refused() {
    let private = ["rsa_private.pem", "ec_private.pem", "ed_private.pem"];
    let others = [
        "rsa_1024_public.pem",
        "ec_384_public.pem",
        "README.md",
        ".",
        "none.pem",
    ];
    for name in private.into_iter().chain(others) {
        let source = KeySource::PublicKeyFile(file(name));
        let cause = Verifier::new(source, TokenRules::default()).unwrap_err();
        assert!(cause.contains(name), "{cause}");
        assert_eq!(
            cause.contains("private"),
            private.contains(&name),
            "{cause}"
        );
    }
}

#[test]
fn a_secret_that_is_short_is_refused() {
    assert!(Secret::new("a".repeat(31)).is_err());
    assert!(Secret::new("a".repeat(32)).is_ok());
}

#[test]
fn no_key_is_shown() {
    let secret_key = SigningKey::Secret {
        secret: Secret::new(SECRET.to_owned()).unwrap(),
        key_id: None,
    };
    let shown = format!("{:?} {:?} {secret_key:?}", secret(), verifier(secret()));
    assert!(shown.contains("Secret(…)"));
    assert!(!shown.contains(SECRET));
}

#[test]
fn a_file_that_changes_is_read_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let set: Value = serde_json::from_str(JWKS).unwrap();
    let put = |keys: &[usize]| {
        let keys: Vec<Value> = keys.iter().map(|key| set["keys"][*key].clone()).collect();
        fs::write(&path, json!({"keys": keys}).to_string()).unwrap();
    };
    put(&[0]);
    let mut verifier = verifier(KeySource::JwksFile(path.clone()));
    verifier.look_every = Duration::ZERO;
    let takes = |pem: &[u8], key_id: &str| {
        let token = issued(&private(pem, Some(key_id)));
        verifier.refresh();
        verifier.verify_at(&token, now()).is_ok()
    };
    assert_eq!((takes(RSA, "rsa-1"), takes(EC, "ec-1")), (true, false));
    put(&[0, 1]);
    assert_eq!((takes(RSA, "rsa-1"), takes(EC, "ec-1")), (true, true));
    put(&[1]);
    assert_eq!((takes(RSA, "rsa-1"), takes(EC, "ec-1")), (false, true));
    fs::write(&path, "{\"keys\": [").unwrap();
    assert_eq!((takes(RSA, "rsa-1"), takes(EC, "ec-1")), (false, true));
    fs::remove_file(&path).unwrap();
    assert!(takes(EC, "ec-1"));
    put(&[0]);
    assert_eq!((takes(RSA, "rsa-1"), takes(EC, "ec-1")), (true, false));
}

#[test]
fn preview_links_end_on_the_second_and_are_no_access_tokens() {
    let claims = PreviewClaims {
        link_id: "link".to_owned(),
        article_id: "article".to_owned(),
        expires_at: now(),
    };
    let key = SECRET.as_bytes();
    let token = sign_preview(key, &claims).unwrap();
    let before = UtcTime::from_millis(NOW * 1_000 - 1).unwrap();
    assert_eq!(read_preview_at(key, &token, before), Ok(claims.clone()));
    let refused = [
        (read_preview_at(key, &token, now()), TokenError::Expired),
        (
            read_preview_at(&[7; 32], &token, before),
            TokenError::Signature,
        ),
        (
            read_preview_at(&[7; 31], &token, before),
            TokenError::UnknownKey,
        ),
        (read_preview(key, &"a".repeat(2_049)), TokenError::TooLong),
        (
            read_preview_at(key, &signed(&json!({}), &json!({"iat": null})), before),
            TokenError::MissingClaim("aud"),
        ),
        (
            read_preview_at(
                key,
                &signed(&json!({}), &json!({"aud": "newsstand", "iat": null})),
                before,
            ),
            TokenError::Audience,
        ),
    ];
    for (result, expected) in refused {
        assert_eq!(result, Err(expected));
    }
    assert_eq!(
        verifier(secret()).verify_at(&token, before),
        Err(TokenError::Audience)
    );
    assert!(sign_preview(&[7; 31], &claims).is_err());
}
