//! Tokens that are forged, broken or sent in the wrong way, and good ones of every kind of key.

use jsonwebtoken::{Algorithm, EncodingKey};
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    changed, claims,
    forged::{Attack, Trust, attacks},
    key_file, sign, signed,
};
use crate::support::{
    App, Kind, Postgres, SECRET, Sqlite, client,
    content::{article, with},
    editor,
};

/// Sends an attack; the body is that of an article that must never be there.
fn strike(app: &App, attack: &Attack, method: &str) -> client::Answer {
    let query = &attack.query;
    let mut request =
        format!("{method} /v1/articles{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n")
            .into_bytes();
    for field in &attack.fields {
        request.extend(b"Authorization: ");
        request.extend(field);
        request.extend(b"\r\n");
    }
    let body = article("taken", 1).to_string();
    if method == "POST" {
        let fields = format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        request.extend(fields.bytes());
    }
    request.extend(b"\r\n");
    if method == "POST" {
        request.extend(body.bytes());
    }
    client::send_raw(app.address, &request, false)
}

#[rstest]
fn every_attack_gets_its_answer(#[values(Sqlite, Postgres)] kind: Kind) {
    let (pem, set) = (key_file("rsa_public.pem"), key_file("jwks.json"));
    let strict = [
        "--jwt-secret",
        SECRET,
        "--jwt-issuer",
        "https://id.example",
        "--jwt-audience",
        "newsstand",
    ];
    let servers: [(Trust, &[&str]); 4] = [
        (Trust::Secret, &["--jwt-secret", SECRET]),
        (Trust::Strict, &strict),
        (Trust::Pem, &["--jwt-public-key-file", &pem]),
        (Trust::Set, &["--jwt-jwks-file", &set]),
    ];
    let draft = with(article("hidden", 1), json!({"status": "draft"}));
    let rows = attacks();
    for (trust, flags) in servers {
        let app = App::start_with(kind, flags);
        app.put(&[draft.clone(), article("public", 1)]);
        for attack in rows.iter().filter(|attack| attack.trust == trust) {
            for (method, (status, code)) in ["GET", "POST"].into_iter().zip(attack.answers) {
                let name = format!("{} ({trust:?}, {method})", attack.name);
                let answer = strike(&app, attack, method);
                assert_eq!(answer.status, status, "{name}: {}", answer.text());
                assert_eq!(answer.problem(status).0, code, "{name}");
                assert!(!answer.text().contains("hidden"), "{name}");
                let challenge = answer.header("www-authenticate").unwrap_or_default();
                assert_eq!(challenge.starts_with("Bearer "), status == 401, "{name}");
            }
        }
        assert_eq!(app.slugs("/v1/articles"), ["public"]);
        app.get("/v1/articles/taken").problem(404);
        app.get("/v1/articles/hidden").problem(404);
    }
}

#[rstest]
#[case("rsa", Algorithm::RS256)]
#[case("ec", Algorithm::ES256)]
#[case("ed", Algorithm::EdDSA)]
fn good_tokens_of_every_kind_of_key_are_taken(
    #[values(Sqlite, Postgres)] kind: Kind,
    #[case] name: &str,
    #[case] algorithm: Algorithm,
) {
    let pem = std::fs::read(key_file(&format!("{name}_private.pem"))).unwrap();
    let key = match name {
        "rsa" => EncodingKey::from_rsa_pem(&pem),
        "ec" => EncodingKey::from_ec_pem(&pem),
        _ => EncodingKey::from_ed_pem(&pem),
    };
    let key = key.unwrap();
    let token = |header: Value| {
        let header = changed(json!({"alg": format!("{algorithm:?}")}), &header);
        sign(&header, &claims(&json!({})), &key, algorithm)
    };
    let public = key_file(&format!("{name}_public.pem"));
    let set = key_file("jwks.json");
    let named = token(json!({"kid": format!("{name}-1")}));
    takes(kind, &["--jwt-public-key-file", &public], &token(json!({})));
    takes(kind, &["--jwt-jwks-file", &set], &named);
}

#[rstest]
fn good_tokens_of_a_secret_are_taken(#[values(Sqlite, Postgres)] kind: Kind) {
    takes(kind, &["--jwt-secret", SECRET], &editor());
    takes(
        kind,
        &["--jwt-secret", SECRET],
        &signed(&json!({}), &json!({})),
    );
    let parties = json!({"iss": "https://id.example", "aud": ["other", "newsstand"]});
    let strict = [
        "--jwt-secret",
        SECRET,
        "--jwt-issuer",
        "https://id.example",
        "--jwt-audience",
        "newsstand",
    ];
    takes(kind, &strict, &signed(&json!({}), &parties));
}

/// Reads a draft and writes an article with a token.
fn takes(kind: Kind, flags: &[&str], token: &str) {
    let app = App::start_with(kind, flags);
    app.put(&[with(article("draft", 1), json!({"status": "draft"}))]);
    app.get("/v1/articles/draft").problem(404);
    let read = app
        .edit_as(token, "GET", "/v1/articles/draft", &[], &Value::Null)
        .ok();
    assert_eq!(
        read.header("cache-control").as_deref(),
        Some("private, no-store")
    );
    let answer = app.edit_as(token, "POST", "/v1/articles", &[], &article("new", 1));
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[rstest]
fn preview_links_are_no_access_tokens_nor_the_other_way_round(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = App::start(kind);
    app.create(&article("draft", 1));
    let link = app
        .edit("POST", "/v1/articles/draft/preview-links", &[], &json!({}))
        .json();
    let link = link["token"].as_str().unwrap();
    app.get(&format!("/v1/articles/draft?preview={link}")).ok();
    let answer = app.edit_as(link, "GET", "/v1/articles/draft", &[], &Value::Null);
    assert_eq!(answer.problem(401).0, "invalid_token");
    let answer = app.get(&format!("/v1/articles/draft?preview={}", editor()));
    assert_eq!(answer.problem(401).0, "invalid_token");
}
