//! Methods, media types, origins, ids, and addresses with a slash too many.

use std::collections::{BTreeMap, BTreeSet};

use rstest::rstest;

use crate::support::{App, Kind, Postgres, Sqlite, client, content::forty, contract};

#[rstest]
fn head_has_the_headers_of_get_and_no_body(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    for path in [
        "/v1/articles",
        "/v1/articles/a1",
        "/v1/articles/none",
        "/docs",
        "/openapi.json",
        "/healthz",
    ] {
        let (get, head) = (app.get(path), app.send("HEAD", path, &[]));
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty());
        for field in [
            "content-length",
            "etag",
            "content-type",
            "cache-control",
            "surrogate-key",
        ] {
            let of_problem = get.status == 404 && field == "content-length";
            assert!(
                of_problem || head.header(field) == get.header(field),
                "{path} {field}"
            );
        }
    }
}

#[test]
fn every_path_names_its_methods() {
    let app = App::start(Sqlite);
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (method, pattern, _) in contract::operations() {
        let of_path = methods.entry(filled(&pattern)).or_default();
        if method == "GET" {
            of_path.insert("HEAD".to_owned());
        }
        of_path.extend(["OPTIONS".to_owned(), method]);
    }
    // What is a path of its own is a key too.
    let of_key = methods["/v1/articles/some-key"].clone();
    methods
        .get_mut("/v1/articles/batch")
        .unwrap()
        .extend(of_key);
    for (path, methods) in methods {
        let allowed = methods.iter().cloned().collect::<Vec<_>>().join(", ");
        for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            if methods.contains(method) {
                continue;
            }
            let answer = app.send(method, &path, &[]);
            assert_eq!(
                answer.problem(405).0,
                "method_not_allowed",
                "{method} {path}"
            );
            assert_eq!(answer.header("allow"), Some(allowed.clone()), "{path}");
        }
        let options = app.send("OPTIONS", &path, &[]);
        assert_eq!(options.status, 204);
        assert_eq!(options.header("allow"), Some(allowed), "{path}");
    }
}

#[test]
fn the_server_as_a_whole_names_its_methods() {
    let app = App::start(Sqlite);
    let answer = app.send("OPTIONS", "*", &[]);
    assert_eq!(answer.status, 204);
    let methods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
    assert_eq!(answer.header("allow").as_deref(), Some(methods));
    // Nothing else goes there.
    app.send("GET", "*", &[]).problem(404);
    app.send("OPTIONS", "/*", &[]).problem(404);
}

/// A path without holes.
pub(super) fn filled(pattern: &str) -> String {
    pattern
        .replace("{key}", "some-key")
        .replace("{number}", "1")
        .replace("{from}", "1")
        .replace("{to}", "2")
        .replace("{id}", "0198a5d2-7c4e-7bbb-8a53-2f6f3a1c9e10")
}

#[test]
fn unknown_paths_are_problems() {
    let app = App::start(Sqlite);
    for path in [
        "/",
        "/v1",
        "/v2/articles",
        "/v1/articles/a/b/c",
        "/v1//articles",
        "/docs/assets/none.js",
        "/docs/assets/..%2f..%2fetc",
    ] {
        assert_eq!(app.get(path).problem(404).0, "not_found", "{path}");
        assert_eq!(app.send("POST", path, &[]).status, 404);
    }
}

#[test]
fn a_slash_at_the_end_leads_to_the_path_without() {
    let app = App::start(Sqlite);
    let leads = |path: &str| {
        let answer = app.send("GET", path, &[]);
        (answer.status, answer.header("location"))
    };
    assert_eq!(
        leads("/v1/articles/"),
        (308, Some("/v1/articles".to_owned()))
    );
    assert_eq!(
        leads("/v1/articles/x//?limit=2"),
        (308, Some("/v1/articles/x?limit=2".to_owned()))
    );
    assert_eq!(leads("/docs/"), (308, Some("/docs".to_owned())));
    // Never to another host, nor to nothing.
    for path in [
        "//example.com/",
        "//example.com//",
        "/none/",
        "/%2Fexample.com/",
    ] {
        assert_eq!(leads(path).0, 404, "{path}");
    }
}

#[test]
fn only_json_is_to_be_had() {
    let app = App::start(Sqlite);
    for good in [
        "*/*",
        "application/json",
        "application/*",
        "text/html, */*;q=0.1",
        "APPLICATION/JSON; q=0.5",
    ] {
        app.send("GET", "/v1/articles", &[("Accept", good)]).ok();
    }
    for bad in [
        "text/html",
        "application/xml",
        "application/json;q=0",
        "application/json;q=0.0, */*;q=0",
    ] {
        let answer = app.send("GET", "/v1/articles", &[("Accept", bad)]);
        assert_eq!(answer.problem(406).0, "not_acceptable", "{bad}");
    }
    app.send("GET", "/docs", &[("Accept", "text/html")]).ok();
}

#[test]
fn coded_bodies_and_tokens_without_a_key_are_refused() {
    let app = App::start(Sqlite);
    let coded = app.send("GET", "/v1/articles", &[("Content-Encoding", "gzip")]);
    assert_eq!(coded.problem(415).0, "unsupported_media_type");
    let bearer = app.send("GET", "/v1/articles", &[("Authorization", "Bearer abc")]);
    assert_eq!(bearer.problem(401).0, "invalid_token");
    assert!(
        bearer
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer")
    );
}

#[test]
fn a_request_keeps_its_id() {
    let app = App::start(Sqlite);
    let id = |given: &str| {
        app.send("GET", "/v1/articles/none", &[("X-Request-Id", given)])
            .header("x-request-id")
            .unwrap()
    };
    assert_eq!(id("abc-123_X.y"), "abc-123_X.y");
    for bad in ["", "a b", "é", &"x".repeat(129), "a\tb"] {
        assert_ne!(id(bad), bad, "{bad}");
    }
}

#[test]
fn pages_of_any_origin_may_read() {
    let app = App::start(Sqlite);
    for headers in [vec![], vec![("Origin", "https://a.example.com")]] {
        for path in ["/v1/articles", "/v1/articles/none", "/nowhere"] {
            let answer = app.send("GET", path, &headers);
            assert_eq!(
                answer.header("access-control-allow-origin").as_deref(),
                Some("*"),
                "{path}"
            );
            assert!(answer.header("access-control-allow-credentials").is_none());
        }
    }
    let asked = [
        ("Origin", "https://a.example.com"),
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", "if-none-match"),
    ];
    let preflight = app.send("OPTIONS", "/v1/articles", &asked);
    assert_eq!(preflight.status, 204);
    assert_eq!(
        preflight.header("access-control-max-age").as_deref(),
        Some("7200")
    );
    assert!(
        preflight
            .header("access-control-allow-headers")
            .unwrap()
            .contains("If-None-Match")
    );
}

#[test]
fn origins_can_be_limited() {
    let app = App::start_with(
        Sqlite,
        &[
            "--cors-allowed-origins",
            "https://a.example.com,https://b.example.com",
        ],
    );
    let allowed = |origin: &str| {
        let answer = client::send(app.address, "GET", "/v1/articles", &[("Origin", origin)]);
        assert_eq!(
            answer.header("vary").as_deref(),
            Some("Accept-Encoding, Origin")
        );
        answer.header("access-control-allow-origin")
    };
    assert_eq!(
        allowed("https://b.example.com").as_deref(),
        Some("https://b.example.com")
    );
    assert_eq!(allowed("https://c.example.com"), None);
}

#[test]
fn the_docs_come_from_the_binary_alone() {
    let app = App::start(Sqlite);
    let page = app.get("/docs").ok();
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"));
    let text = page.text();
    let mut files = 0;
    for (_, rest) in text
        .match_indices("=\"")
        .map(|(at, _)| text.split_at(at + 2))
    {
        let reference = rest.split('"').next().unwrap();
        assert!(!reference.contains("://"), "{reference}");
        if reference.starts_with("/docs/assets/") {
            app.get(reference).ok();
            files += 1;
        }
    }
    assert!(files >= 4, "{text}");
    let starter = app.get("/docs/assets/swagger-initializer.js").ok().text();
    assert!(starter.contains("/openapi.json"), "{starter}");
    assert!(
        app.get("/docs/problems")
            .ok()
            .text()
            .contains("id=\"not_found\"")
    );
}

#[test]
fn health_and_figures_are_told() {
    let app = App::start(Sqlite);
    assert_eq!(app.get("/healthz").ok().json()["status"], "ok");
    app.get("/readyz").ok();
    app.get("/v1/articles/none");
    let figures = app.get("/metrics").ok().text();
    let wanted = "newsstand_http_request_duration_seconds_count{route=\"/v1/articles/{key}\",method=\"GET\",status=\"404\"} 1";
    assert!(figures.contains(wanted), "{figures}");
}

#[test]
fn a_server_without_its_tables_is_not_ready() {
    let app = App::start(Sqlite);
    app.database
        .execute("DROP TABLE article_bodies; ALTER TABLE articles RENAME TO lost;");
    assert_eq!(app.get("/readyz").problem(503).0, "unavailable");
    assert_eq!(app.get("/v1/articles").problem(500).0, "internal_error");
    app.get("/healthz").ok();
}

#[test]
fn what_is_no_http_behind_a_good_request_is_a_problem_too() {
    let app = App::start(Sqlite);
    let both = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE\r\n\r\n";
    let mut stream = std::net::TcpStream::connect(app.address).unwrap();
    std::io::Write::write_all(&mut stream, both).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut stream, &mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
    assert!(text.contains("\"code\":\"malformed_request\""), "{text}");
}

#[test]
fn a_field_whose_name_is_too_long_is_told() {
    let app = App::start(Sqlite);
    let long = format!("Host: x\r\n{}: y\r\n\r\n", "X".repeat(65_536));
    for request in ["GET /healthz", "POST /v1/articles", "OPTIONS *"] {
        let head = format!("{request} HTTP/1.1\r\n{long}");
        let answer = client::send_raw(app.address, head.as_bytes(), false);
        assert_eq!(answer.problem(431).0, "headers_too_large", "{request}");
    }
    // Also where requests before it are answered first, whatever they have behind their heads.
    let second = "GET /healthz HTTP/1.1\r\n";
    for before in [
        "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    ] {
        let mut stream = std::net::TcpStream::connect(app.address).unwrap();
        let both = format!("{before}{second}{long}");
        std::io::Write::write_all(&mut stream, both.as_bytes()).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut stream, &mut text).unwrap();
        assert_eq!(text.matches("HTTP/1.1 ").count(), 2, "{text}");
        assert!(text.contains("HTTP/1.1 431"), "{text}");
        assert!(text.contains("\"code\":\"headers_too_large\""), "{text}");
    }
    app.get("/healthz").ok();
}

#[test]
fn the_longest_name_of_a_field_is_taken() {
    let app = App::start(Sqlite);
    let name = "X".repeat(65_535);
    app.send("GET", "/healthz", &[(&name, "y")]).ok();
}

#[test]
fn what_is_sent_behind_a_body_gets_its_own_answer() {
    let app = App::start(Sqlite);
    let post = |fields: &str, body: &str| {
        let fields = format!("Host: x\r\nContent-Type: application/json\r\n{fields}");
        format!(
            "POST /v1/articles HTTP/1.1\r\n{fields}\r\nAuthorization: Bearer {}\r\n\r\n{body}",
            crate::support::editor()
        )
    };
    let head = "HEAD /v1/articles/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let article = serde_json::json!({"title": "First", "body": {"text": "x"}}).to_string();
    let (length, size) = (article.len(), format!("{:x}", article.len()));
    for first in [
        post(&format!("Content-Length: {length}"), &article),
        post(
            "Transfer-Encoding: chunked",
            &format!("{size}\r\n{article}\r\n0\r\n\r\n"),
        ),
    ] {
        let mut stream = std::net::TcpStream::connect(app.address).unwrap();
        let both = format!("{first}{head}");
        std::io::Write::write_all(&mut stream, both.as_bytes()).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut stream, &mut text).unwrap();
        assert_eq!(text.matches("HTTP/1.1 201 ").count(), 1, "{text}");
        assert_eq!(text.matches("HTTP/1.1 404 ").count(), 1, "{text}");
        // The answer to the first has its body, and that to the second has none.
        assert_eq!(text.matches("\"slug\":").count(), 1, "{text}");
        assert_eq!(text.matches("\"code\":").count(), 0, "{text}");
    }
}

#[test]
fn idle_connections_do_not_hold_a_server_that_is_told_to_stop() {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        process::{Command, Stdio},
    };
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_newsstand"))
        .args(["serve", "--shutdown-delay", "0"])
        .args(["--bind-addr", "127.0.0.1:0", "--database-url"])
        .arg(format!("sqlite://{}", folder.path().join("n.db").display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    let address = first.trim().rsplit("http://").next().unwrap().to_owned();
    // The line is told before the workers run, but the port is taken already.
    let mut stream = std::net::TcpStream::connect(&address).unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut some = [0; 64];
    assert!(stream.read(&mut some).unwrap() > 0);
    let started = std::time::Instant::now();
    Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert!(
        started.elapsed() < std::time::Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
}

/// Sends several requests at once; gives what comes back until the server closes.
fn sent_ahead(app: &App, requests: &[&str]) -> String {
    let mut text = String::new();
    for (number, request) in requests.iter().enumerate() {
        let last = if number + 1 == requests.len() {
            "Connection: close\r\n"
        } else {
            ""
        };
        text.push_str(&format!("{request} HTTP/1.1\r\nHost: x\r\n{last}\r\n"));
    }
    let mut stream = std::net::TcpStream::connect(app.address).unwrap();
    stream
        .set_read_timeout(Some(std::time::Duration::from_secs(10)))
        .unwrap();
    std::io::Write::write_all(&mut stream, text.as_bytes()).unwrap();
    let mut came = String::new();
    std::io::Read::read_to_string(&mut stream, &mut came).unwrap();
    came
}

#[rstest]
fn requests_sent_ahead_get_their_own_answers(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let list = "/v1/articles?limit=1&fields=slug";
    let body = app.get(list).ok().text();
    let bodies = |requests: &[&str]| sent_ahead(&app, requests).matches(&body).count();
    let (get, head) = (format!("GET {list}"), format!("HEAD {list}"));
    assert_eq!(bodies(&[&get, "HEAD /healthz"]), 1);
    assert_eq!(bodies(&[&head, "GET /healthz"]), 0);
    assert_eq!(bodies(&[&get, &head, &get, &head, &get]), 3);
    assert_eq!(bodies(&vec![get.as_str(); 50]), 50);
    let mixed = sent_ahead(&app, &[&get, "POST /v1/search", &get]);
    assert_eq!(
        (
            mixed.matches(&body).count(),
            mixed.matches("HTTP/1.1 405").count()
        ),
        (2, 1),
        "{mixed}"
    );
}

#[test]
fn a_head_that_comes_in_pieces_is_put_together() {
    use std::io::{Read, Write};
    let app = App::start(Sqlite);
    let mut stream = std::net::TcpStream::connect(app.address).unwrap();
    for _ in 0..2 {
        for piece in [
            "G",
            "ET /heal",
            "thz HTTP/1.1\r\nHost: x\r",
            "\n",
            "\r",
            "\n",
        ] {
            stream.write_all(piece.as_bytes()).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let mut came = [0; 2_048];
        let length = stream.read(&mut came).unwrap();
        assert!(came[..length].starts_with(b"HTTP/1.1 200 OK"));
    }
}
