//! One who asks for much, or sends slowly, holds up nobody else.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

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

#[test]
fn a_body_that_comes_too_slowly_is_not_waited_for() {
    let app = App::start(Sqlite);
    let mut stream = TcpStream::connect(app.address).unwrap();
    let head = format!(
        "POST /v1/articles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n",
        editor()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    let started = Instant::now();
    let mut came = Vec::new();
    while started.elapsed() < Duration::from_secs(15) && came.is_empty() {
        // The server may have closed already.
        let _ = stream.write_all(b" ");
        let mut bytes = [0; 4_096];
        if let Ok(read) = stream.read(&mut bytes) {
            came.extend_from_slice(&bytes[..read]);
        }
    }
    let answer = String::from_utf8_lossy(&came).into_owned();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("request_timeout"), "{answer}");
    assert!(
        started.elapsed() < Duration::from_secs(13),
        "{:?}",
        started.elapsed()
    );
}
