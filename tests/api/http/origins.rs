//! Which origins' pages may read.

use crate::support::{App, Sqlite, client};

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
