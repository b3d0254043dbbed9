//! The real server in a process of its own, and one connection to it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use newsstand::{
    domain::token::{NewToken, Secret, SigningKey, issue},
    model::{caller::Scope, slug::new_id, time::UtcTime},
};
use serde_json::Value;

/// How long the server may take before the bench gives up on it.
const PATIENCE: Duration = Duration::from_secs(120);
/// What tokens are signed with; the server knows it while the bench runs.
const SECRET: &str = "known-to-this-bench-alone-0123456789-abcdefghijklmnopqrstuvwxyz";

/// A running server; ends with the bench.
pub struct Server {
    pub address: SocketAddr,
    child: Child,
}

impl Server {
    pub fn start(database: &str) -> Self {
        // Away from the folder of the project, so that no .env is read.
        let mut child = Command::new(env!("CARGO_BIN_EXE_newsstand"))
            .args(["serve", "--bind-addr", "127.0.0.1:0"])
            .current_dir(std::env::temp_dir())
            .env("DATABASE_URL", database)
            .env("JWT_SECRET", SECRET)
            .env("RUST_LOG", "warn")
            // What is measured is what answers take to make.
            .env("CACHE_BYTES", "0")
            .env("OVERLOAD_TARGET", "60000")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        // Read to the end, also when nobody wants it: a full pipe would stop the server.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let (_, address) = first.rsplit_once("http://").unwrap();
        let server = Self {
            address: address.trim().parse().unwrap(),
            child,
        };
        let deadline = Instant::now() + PATIENCE;
        while Client::new(server.address).get("/readyz").status != 200 {
            assert!(Instant::now() < deadline, "the server is never ready");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// Megabytes of a line of proc(5), such as `VmRSS`; none but on Linux.
    pub fn memory(&self, line: &str) -> Option<u64> {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).ok()?;
        let line = status.lines().find(|one| one.starts_with(line))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes / 1_024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A token that may publish.
fn token() -> String {
    let second = |millis: i64| UtcTime::from_millis(millis / 1_000 * 1_000).unwrap();
    let now = UtcTime::now().millis();
    let claims = NewToken {
        subject: "bench".to_owned(),
        scopes: vec![Scope::Write, Scope::Publish],
        token_id: new_id(),
        issued_at: second(now),
        expires_at: second(now + 86_400_000),
        issuer: None,
        audience: None,
    };
    let key = SigningKey::Secret {
        secret: Secret::new(SECRET.to_owned()).unwrap(),
        key_id: None,
    };
    issue(&key, claims).unwrap()
}

/// What the server said, and how long it took from the first byte sent to the last one read.
pub struct Answer {
    pub status: u16,
    pub took: Duration,
    body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Slugs of a list of articles that stand in members `article`.
    pub fn slugs(&self) -> Vec<String> {
        self.scores().into_iter().map(|(slug, _)| slug).collect()
    }

    /// The same with the score of each.
    pub fn scores(&self) -> Vec<(String, f64)> {
        let value = self.json();
        let items = value["data"].as_array().cloned().unwrap_or_default();
        let scored = |item: &Value| {
            let slug = item["article"]["slug"].as_str()?;
            Some((slug.to_owned(), item["score"].as_f64()?))
        };
        items.iter().filter_map(scored).collect()
    }

    /// The answer itself, which must be a good one.
    pub fn good(self) -> Self {
        let text = String::from_utf8_lossy(&self.body);
        assert!((200..300).contains(&self.status), "{} {text}", self.status);
        self
    }
}

/// One connection that is kept.
pub struct Client {
    address: SocketAddr,
    token: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            token: token(),
            stream: None,
        }
    }

    /// Waits, longer perhaps than the server keeps a silent connection.
    pub fn pause(&mut self, time: Duration) {
        self.stream = None;
        std::thread::sleep(time);
        self.get("/healthz");
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.exchange(&format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n",
            self.address
        ))
    }

    pub fn post(&mut self, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        self.exchange(&format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            self.token,
            body.len()
        ))
    }

    fn exchange(&mut self, request: &str) -> Answer {
        let address = self.address;
        let stream = self.stream.get_or_insert_with(|| {
            let stream = TcpStream::connect(address).unwrap();
            stream.set_nodelay(true).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            BufReader::new(stream)
        });
        let started = Instant::now();
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let status = line(stream).split(' ').nth(1).unwrap().parse().unwrap();
        let (mut length, mut closes) = (None, false);
        loop {
            let field = line(stream).to_ascii_lowercase();
            match field.split_once(':') {
                None => break,
                Some(("content-length", value)) => length = value.trim().parse::<usize>().ok(),
                Some(("connection", value)) => closes = value.trim() == "close",
                Some(_) => {}
            }
        }
        let mut body = vec![0; length.expect("an answer that says its length")];
        stream.read_exact(&mut body).unwrap();
        let took = started.elapsed();
        if closes {
            self.stream = None;
        }
        Answer { status, took, body }
    }
}

fn line(stream: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}
