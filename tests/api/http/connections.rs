//! What stands on the line beside one whole request: several sent ahead, heads in pieces, rubbish
//! behind a good one, and connections that are idle.

use rstest::rstest;

use crate::support::{App, Kind, Postgres, Sqlite, client, content::forty};

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
