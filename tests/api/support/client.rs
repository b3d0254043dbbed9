//! An HTTP client that sends exactly what it is told, also what no library would.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// An answer as it came over the wire.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header field, all of its lines joined.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("the body is UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|cause| panic!("{cause}: {}", self.text()))
    }

    /// This answer, which must be a good one.
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.text());
        self
    }

    /// Slugs of the articles that a list holds.
    pub fn slugs(&self) -> Vec<String> {
        let slug = |item: &Value| {
            let article = item.get("article").unwrap_or(item);
            article["slug"].as_str().expect("a slug").to_owned()
        };
        self.json()["data"]
            .as_array()
            .expect("a list")
            .iter()
            .map(slug)
            .collect()
    }

    /// This answer, which must be a problem of some status; gives its code and the names of the
    /// parameters at fault.
    pub fn problem(&self, status: u16) -> (String, Vec<String>) {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(
            self.header("content-type").as_deref(),
            Some("application/problem+json")
        );
        let body = self.json();
        assert_eq!(body["status"], status);
        assert_eq!(
            body["request_id"].as_str(),
            self.header("x-request-id").as_deref()
        );
        let named = body["errors"].as_array().expect("a list").iter();
        let named = named.filter_map(|error| {
            error["parameter"]
                .as_str()
                .or_else(|| error["pointer"].as_str())
        });
        let code = body["code"].as_str().expect("a code").to_owned();
        (code, named.map(str::to_owned).collect())
    }
}

/// Sends a request over a connection of its own.
pub fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    send_with(address, method, path, headers, b"")
}

/// Sends a request with a body.
pub fn send_with(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    let mut request = request.into_bytes();
    request.extend_from_slice(body);
    send_raw(address, &request, method == "HEAD")
}

/// Sends bytes, and reads one answer.
pub fn send_raw(address: SocketAddr, request: &[u8], is_head: bool) -> Answer {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a time-out");
    // The server may have answered and closed before all is sent.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    let mut chunk = [0; 16_384];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
            Err(_) if !bytes.is_empty() => break,
            Err(cause) => panic!("no answer: {cause}"),
        }
        if is_whole(&bytes, is_head) {
            break;
        }
    }
    parse(&bytes)
}

fn is_whole(bytes: &[u8], is_head: bool) -> bool {
    let Some(end) = head_end(bytes) else {
        return false;
    };
    let answer = parse(bytes);
    let length: usize = answer
        .header("content-length")
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    is_head || bytes.len() >= end + 4 + length
}

fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n")
}

fn parse(bytes: &[u8]) -> Answer {
    let end = head_end(bytes)
        .unwrap_or_else(|| panic!("no HTTP answer: {:?}", String::from_utf8_lossy(bytes)));
    let head = String::from_utf8(bytes[..end].to_vec()).expect("an ASCII head");
    let mut lines = head.split("\r\n");
    let status = lines.next().expect("a status line");
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':').expect("a header field");
        (name.to_owned(), value.trim().to_owned())
    });
    Answer {
        status: status
            .split(' ')
            .nth(1)
            .and_then(|s| s.parse().ok())
            .expect("a status"),
        headers: headers.collect(),
        body: bytes[end + 4..].to_vec(),
    }
}
