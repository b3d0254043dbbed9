//! One who asks for much, or sends slowly, holds up nobody else.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::json;

use crate::support::{App, Sqlite, client, editor};

#[test]
fn a_large_article_keeps_nobody_waiting() {
    let app = App::start(Sqlite);
    let large = json!({
        "slug": "large", "title": "Large", "status": "published",
        "body": {"text": "word ".repeat(100_000)},
    });
    app.create(&large);
    let address = app.address;
    let readers: Vec<_> = (0..6)
        .map(|_| {
            let path = "/v1/articles/large?body=html,blocks,markdown,text";
            let fields = [("Accept-Encoding", "br")];
            thread::spawn(move || client::send(address, "GET", path, &fields).status)
        })
        .collect();
    thread::sleep(Duration::from_millis(100));
    let mut longest = Duration::ZERO;
    while readers.iter().any(|reader| !reader.is_finished()) {
        let started = Instant::now();
        app.get("/healthz").ok();
        longest = longest.max(started.elapsed());
    }
    assert!(longest < Duration::from_secs(1), "{longest:?}");
    for reader in readers {
        assert_eq!(reader.join().unwrap(), 200);
    }
}

/// What came over a connection, and how long it took until the last of it, and until the server
/// closed it.
struct Told {
    text: String,
    told_after: Duration,
    closed_after: Duration,
}

impl Told {
    /// Fails unless it ends with a problem of status 408, guarded as all are, within ten seconds.
    fn assert_too_slow(&self) {
        let text = &self.text;
        assert_eq!(text.matches("HTTP/1.1 408 ").count(), 1, "{text}");
        assert!(text.contains("\"code\":\"request_timeout\""), "{text}");
        let (_, answer) = text.split_once("HTTP/1.1 408 ").expect("one of them");
        let head = answer.to_ascii_lowercase();
        for field in [
            "content-type: application/problem+json\r\n",
            "x-content-type-options: nosniff\r\n",
            "content-security-policy: default-src 'none'",
            "referrer-policy: no-referrer\r\n",
        ] {
            assert!(head.contains(field), "{text}");
        }
        let (told, closed) = (self.told_after, self.closed_after);
        assert!(told < Duration::from_secs(10), "{told:?}");
        assert!(closed < Duration::from_secs(13), "{closed:?}");
    }
}

/// Sends bytes, and then a few more each second, until the server closes; for 20 seconds at most.
fn trickle(app: &App, before: &str, piece: &str) -> Told {
    let mut stream = TcpStream::connect(app.address).unwrap();
    let started = Instant::now();
    stream.write_all(before.as_bytes()).unwrap();
    let pause = Duration::from_secs(1);
    stream.set_read_timeout(Some(pause)).unwrap();
    let mut told_after = Duration::ZERO;
    let mut came = Vec::new();
    while started.elapsed() < Duration::from_secs(20) {
        // The server may have closed already.
        let _ = stream.write_all(piece.as_bytes());
        let mut bytes = [0; 4_096];
        match stream.read(&mut bytes) {
            Ok(0) => break,
            Ok(read) => {
                came.extend_from_slice(&bytes[..read]);
                told_after = started.elapsed();
            }
            Err(cause) if matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    Told {
        text: String::from_utf8_lossy(&came).into_owned(),
        told_after,
        closed_after: started.elapsed(),
    }
}

/// The head of a request that writes.
fn writing(fields: &str) -> String {
    format!(
        "POST /v1/articles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\n{fields}\r\n\r\n",
        editor()
    )
}

#[rstest]
#[case("Content-Length: 1000", " ")]
#[case("Transfer-Encoding: chunked", "1\r\n \r\n")]
fn a_body_that_comes_too_slowly_is_not_waited_for(#[case] field: &str, #[case] piece: &str) {
    let app = App::start(Sqlite);
    let told = trickle(&app, &writing(field), piece);
    assert!(told.text.starts_with("HTTP/1.1 408 "), "{}", told.text);
    told.assert_too_slow();
}

#[test]
fn a_body_that_nobody_reads_is_not_waited_for() {
    let app = App::start(Sqlite);
    for (request, status) in [
        ("POST /v1/articles", "401"),
        ("POST /nowhere", "404"),
        ("GET /healthz", "200"),
        ("DELETE /v1/articles/a", "401"),
    ] {
        let fields = "Host: x\r\nTransfer-Encoding: chunked";
        let head = format!("{request} HTTP/1.1\r\n{fields}\r\n\r\n");
        let told = trickle(&app, &head, "1\r\n\n\r\n");
        let expected = format!("HTTP/1.1 {status} ");
        assert!(told.text.starts_with(&expected), "{}", told.text);
        assert!(told.text.contains("connection: close"), "{}", told.text);
        assert_eq!(told.text.matches("HTTP/1.1 ").count(), 1, "{}", told.text);
        assert!(
            told.closed_after < Duration::from_secs(5),
            "{:?}",
            told.closed_after
        );
    }
}

#[rstest]
#[case("Content-Length: 1000", "{")]
#[case("Transfer-Encoding: chunked", "20\r\n{")]
#[case("Transfer-Encoding: chunked", "")]
fn a_body_that_nobody_reads_and_that_ends_nowhere_is_given_up(
    #[case] field: &str,
    #[case] begun: &str,
) {
    let app = App::start(Sqlite);
    let mut stream = TcpStream::connect(app.address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(8)))
        .unwrap();
    let request = format!("POST /v1/articles HTTP/1.1\r\nHost: x\r\n{field}\r\n\r\n{begun}");
    stream.write_all(request.as_bytes()).unwrap();
    let mut came = String::new();
    stream.read_to_string(&mut came).unwrap();
    assert!(came.starts_with("HTTP/1.1 401"), "{came}");
}

#[test]
fn every_head_must_come_in_time() {
    let app = App::start(Sqlite);
    let whole = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    for before in [
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX: ".to_owned(),
        format!("{whole}GET /healthz HTTP/1.1\r\nX: "),
        format!("{whole}\r\n\r\nPOST /v1/articles HTTP/1.1\r\nX: "),
    ] {
        trickle(&app, &before, "x").assert_too_slow();
    }
}

#[test]
fn chunks_that_are_none_are_answered_with_a_problem() {
    let app = App::start(Sqlite);
    for body in [
        "ZZZ\r\n",
        "\r\n",
        "-1\r\n",
        "1\r\n{}\r\n",
        "FFFFFFFFFFFFFFFFF\r\n",
    ] {
        let request = format!("{}{body}", writing("Transfer-Encoding: chunked"));
        let answer = client::send_raw(app.address, request.as_bytes(), false);
        assert_eq!(answer.problem(400).0, "malformed_request", "{body:?}");
    }
}

#[test]
fn chunks_are_put_together_and_the_connection_goes_on() {
    let app = App::start(Sqlite);
    let article =
        json!({"slug": "in-chunks", "title": "T", "body": {"text": "Words."}}).to_string();
    let (one, other) = article.split_at(10);
    let chunk = |text: &str| format!("{:X};a=b\r\n{text}\r\n", text.len());
    let body = format!("{}{}0\r\nX: y\r\n\r\n", chunk(one), chunk(other));
    let request = format!(
        "{}{body}GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        writing("Transfer-Encoding: chunked")
    );
    let mut stream = TcpStream::connect(app.address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    for byte in request.as_bytes().chunks(7) {
        stream.write_all(byte).unwrap();
    }
    let mut came = String::new();
    stream.read_to_string(&mut came).unwrap();
    assert!(came.starts_with("HTTP/1.1 201"), "{came}");
    assert!(came.contains("HTTP/1.1 200 OK"), "{came}");
    app.read("/v1/articles/in-chunks").ok();
}
