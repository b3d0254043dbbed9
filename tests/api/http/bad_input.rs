//! Bad input to every operation: always a 4xx problem that names what is wrong, never a 500.

use serde_json::Value;

use crate::support::{App, Postgres, Sqlite, client, content::forty, contract};

/// Operations that read, and need no token for it.
fn operations() -> Vec<(String, String, &'static Value)> {
    let mut all = contract::operations();
    all.retain(|(method, _, operation)| method == "GET" && !contract::needs_token(operation));
    all
}

fn filled(pattern: &str) -> String {
    let path = pattern.replace("{key}", "a1").replace("{number}", "1");
    path.replace("{format}", "rss")
}

/// A path of an operation with all that it requires.
fn path_of(pattern: &str) -> String {
    let path = filled(pattern);
    match pattern {
        "/v1/search" => format!("{path}?q=harbour"),
        "/v1/resolve" => format!("{path}?path=/articles/a1"),
        "/v1/oembed" => format!("{path}?url=http://localhost:3000/articles/a1"),
        _ => path,
    }
}

fn with_parameter(path: &str, parameter: &str) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}{parameter}")
}

fn parameters(operation: &'static Value) -> Vec<(String, &'static Value)> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.filter(|parameter| parameter["in"] == "query")
        .map(|parameter| {
            (
                parameter["name"].as_str().unwrap().to_owned(),
                &parameter["schema"],
            )
        })
        .collect()
}

#[test]
fn unknown_and_repeated_parameters_are_named_by_every_operation() {
    let app = App::with(Sqlite, &forty());
    for (_, pattern, operation) in operations() {
        let path = path_of(&pattern);
        let (code, named) = app.get(&with_parameter(&path, "nonsense=1")).problem(400);
        assert_eq!(
            (code.as_str(), named),
            ("invalid_parameter", vec!["nonsense".to_owned()]),
            "{pattern}"
        );
        for (name, _) in parameters(operation) {
            let path = path.split('?').next().unwrap();
            let twice = app.get(&format!("{path}?{name}=a&{name}=a")).problem(400).1;
            assert!(twice.contains(&name), "{pattern} {name}");
            let mut typo = name.clone();
            typo.push('x');
            let answer = app.get(&format!("{path}?{typo}=a"));
            answer.problem(400);
            let errors = answer.json()["errors"].clone();
            let error = errors
                .as_array()
                .unwrap()
                .iter()
                .find(|error| error["parameter"] == typo.as_str());
            assert_eq!(
                error.unwrap()["suggestion"],
                name.as_str(),
                "{pattern} {typo}"
            );
        }
    }
}

#[test]
fn every_parameter_refuses_what_it_can_not_be() {
    for kind in [Sqlite, Postgres] {
        let app = App::with(kind, &forty());
        for (_, pattern, operation) in operations() {
            for (name, schema) in parameters(operation) {
                let mut bad: Vec<String> = vec![
                    "%00".into(),
                    "a%00b".into(),
                    "%ff".into(),
                    "%zz".into(),
                    "%e2%28%a1".into(),
                    "%".into(),
                ];
                let is_free_text =
                    matches!(name.as_str(), "q" | "path") || name.starts_with("utm_");
                if is_free_text {
                    bad.push("x".repeat(3_000));
                } else {
                    bad.extend(
                        [
                            "",
                            "%20",
                            "%F0%9F%A6%80",
                            "-1x",
                            "'%20OR%201=1",
                            "../..",
                            "a,,b",
                            ",",
                            "A_B",
                        ]
                        .map(String::from),
                    );
                    bad.push("x".repeat(5_000));
                }
                if schema["type"] == "integer" {
                    for number in [
                        "0",
                        "-1",
                        "101",
                        "1000001",
                        "1.5",
                        "1e5",
                        "0x1",
                        "null",
                        "1000000000000000000000000000000",
                        "+3",
                        "%D9%A3",
                        "%20",
                        "NaN",
                    ] {
                        let is_valid = number == "101" && schema["maximum"].as_i64() > Some(100);
                        if !is_valid {
                            bad.push(number.to_owned());
                        }
                    }
                }
                if schema["type"] == "boolean" {
                    bad.extend(["1", "yes", "TRUE", "truefalse"].map(String::from));
                }
                for value in bad {
                    let base = filled(&pattern);
                    let required = match pattern.as_str() {
                        "/v1/search" if name != "q" => "&q=harbour",
                        "/v1/resolve" if name != "path" => "&path=/articles/a1",
                        "/v1/oembed" if name != "url" => "&url=http://localhost:3000/articles/a1",
                        _ => "",
                    };
                    let path = format!("{base}?{name}={value}{required}");
                    let answer = app.get(&path);
                    assert!(
                        (400..500).contains(&answer.status),
                        "{path}: {} {}",
                        answer.status,
                        answer.text()
                    );
                    let (_, named) = answer.problem(answer.status);
                    assert_eq!(
                        named,
                        std::slice::from_ref(&name),
                        "{path}: {}",
                        answer.text()
                    );
                }
            }
        }
    }
}

#[test]
fn the_nearest_valid_word_is_suggested() {
    let app = App::start(Sqlite);
    for (path, suggestion) in [
        ("/v1/articles?LIMIT=1", "limit"),
        ("/v1/articles?categry=x", "category"),
        ("/v1/articles?count=EXACT", "exact"),
        ("/v1/articles?sort=-publishd_at", "-published_at"),
        ("/v1/search?q=x&facets=cat", "category"),
    ] {
        let answer = app.get(path);
        answer.problem(400);
        assert_eq!(
            answer.json()["errors"][0]["suggestion"],
            suggestion,
            "{path}"
        );
    }
}

#[test]
fn keys_that_can_not_be_are_refused_and_odd_ones_are_not_found() {
    for kind in [Sqlite, Postgres] {
        let app = App::with(kind, &forty());
        for (_, pattern, _) in operations()
            .into_iter()
            .filter(|(_, path, _)| path.contains("{key}"))
        {
            for bad in [
                "%00",
                "a%00",
                "%ff%fe",
                "%C0%AF",
                "%zz",
                "%0d%0aX:%20y",
                &"x".repeat(201),
                &"%C3%A9".repeat(201),
            ] {
                let answer = app.get(&pattern.replace("{key}", bad));
                assert_eq!(answer.problem(400).1, ["key"], "{pattern} {bad}");
            }
            for odd in [
                "%F0%9F%A6%80",
                "a%20b",
                "A1",
                "-",
                "a--b",
                "..%2F..",
                "%2e%2e",
                "a+b",
                "99999999999999999999",
                "%E2%80%AEa",
                "a%27%20OR%201=1",
            ] {
                let answer = app.get(&pattern.replace("{key}", odd));
                assert_eq!(answer.problem(404).0, "not_found", "{pattern} {odd}");
            }
        }
    }
}

#[test]
fn cursors_that_are_broken_or_made_up_are_refused() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    for kind in [Sqlite, Postgres] {
        let app = App::with(kind, &forty());
        let paths = [
            "/v1/articles",
            "/v1/categories",
            "/v1/authors",
            "/v1/tags",
            "/v1/search?q=harbour",
        ];
        let good = app.get("/v1/articles?limit=2").ok().json()["page"]["next_cursor"]
            .as_str()
            .unwrap()
            .to_owned();
        let made = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(&good).unwrap()).unwrap();
        for cursor in [
            "x".to_owned(),
            "====".to_owned(),
            good[1..].to_owned(),
            format!("{good}A"),
            made("{}"),
            made("[]"),
            made("null"),
            made(&plain.replace("\"n\":", "\"n\":99999999999999999999")),
            made(&plain.replace("\"n\"", "\"t\"")),
            made(&plain.replace("\"i\":\"", "\"i\":\"\\u0000")),
            made(&"[".repeat(1_000)),
        ] {
            for path in paths {
                let sign = if path.contains('?') { '&' } else { '?' };
                let answer = app.get(&format!("{path}{sign}cursor={cursor}"));
                assert_eq!(answer.problem(400).1, ["cursor"], "{path} {cursor}");
            }
        }
    }
}

#[test]
fn an_address_that_is_too_long_is_refused_however_long_it_is() {
    let app = App::start(Sqlite);
    for (_, pattern, _) in operations() {
        let path = path_of(&pattern);
        for length in [9_000, 60_000, 70_000, 100_000, 200_000] {
            let long = with_parameter(&path, &format!("q={}", "x".repeat(length)));
            let answer = app.send("GET", &long, &[]);
            assert_eq!(
                answer.problem(414),
                ("uri_too_long".to_owned(), vec!["query".to_owned()]),
                "{pattern} {length}"
            );
        }
    }
}

#[test]
fn a_head_that_is_no_http_is_answered_with_a_problem() {
    let app = App::start(Sqlite);
    let cases: [(&[u8], u16, &str); 6] = [
        (b"GET / HTTP/9.9\r\n\r\n", 400, "malformed_request"),
        (
            b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
            400,
            "malformed_request",
        ),
        (
            b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
            400,
            "malformed_request",
        ),
        (
            b"GET / HTTP/1.1\r\nBad Header\r\n\r\n",
            400,
            "malformed_request",
        ),
        (
            b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            400,
            "malformed_request",
        ),
        (b"GET /v1/articles\r\n\r\n", 400, "malformed_request"),
    ];
    for (bytes, status, code) in cases {
        let answer = client::send_raw(app.address, bytes, false);
        assert_eq!(
            answer.problem(status).0,
            code,
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
    let mut many = b"GET / HTTP/1.1\r\nHost: x\r\n".to_vec();
    for number in 0..5_000 {
        many.extend(format!("X-{number}: {}\r\n", "y".repeat(40)).bytes());
    }
    many.extend(b"\r\n");
    assert_eq!(
        client::send_raw(app.address, &many, false).problem(431).0,
        "headers_too_large"
    );
}

#[test]
fn a_head_may_have_ninety_six_fields() {
    let app = App::start(Sqlite);
    // Two are the client's own.
    let fields: Vec<String> = (0..95).map(|number| format!("X-{number}")).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|name| (name.as_str(), "y")).collect();
    app.send("GET", "/v1/articles", &fields[..94]).ok();
    let one_more = client::send(app.address, "GET", "/v1/articles", &fields);
    assert_eq!(one_more.problem(431).0, "headers_too_large");
}
