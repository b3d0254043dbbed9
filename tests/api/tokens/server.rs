//! The program as a process of its own, on a database of a test.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Output, Stdio},
    thread,
};

use serde_json::Value;

use crate::support::{Answer, SECRET, client, contract};

/// The program with arguments, and with no settings but these.
pub fn command(database_url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_newsstand"));
    command
        .args(arguments)
        .env("DATABASE_URL", database_url)
        .stdin(Stdio::null());
    for name in ["SECRET", "KEY_ID", "PUBLIC_KEY_FILE", "JWKS_FILE"] {
        command.env_remove(format!("JWT_{name}"));
    }
    command
}

/// What makes the program serve, with one worker and on any port.
pub const SERVE: [&str; 5] = ["serve", "--bind-addr", "127.0.0.1:0", "--workers", "1"];

/// Runs the program to its end.
pub fn run(database_url: &str, arguments: &[&str]) -> Output {
    command(database_url, arguments).output().unwrap()
}

/// A running server; ends with the test.
pub struct Server {
    pub address: SocketAddr,
    child: Child,
}

impl Server {
    /// Starts one with the secret of tests; what it logs goes where this says.
    pub fn start(database_url: &str, filter: &str, log: impl Into<Stdio>) -> Self {
        Self::of(command(database_url, &SERVE), filter, log)
    }

    /// The same of a command that makes the program serve.
    pub fn of(mut command: Command, filter: &str, log: impl Into<Stdio>) -> Self {
        let mut child = command
            .env("JWT_SECRET", SECRET)
            .env("RUST_LOG", filter)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        // Read to the end: a full pipe would stop the server.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let address = first.rsplit_once("http://").expect("an address").1.trim();
        Self {
            address: address.parse().expect("an address"),
            child,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks a server with a token, from whatever thread, and holds the answer against the document.
pub fn ask(
    address: SocketAddr,
    token: &str,
    (method, path): (&str, &str),
    fields: &[(&str, &str)],
    body: &Value,
) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("Authorization", bearer.as_str())];
    let body = match body {
        Value::Null => String::new(),
        body => {
            headers.push(("Content-Type", "application/json"));
            body.to_string()
        }
    };
    headers.extend(fields);
    let answer = client::send_with(address, method, path, &headers, body.as_bytes());
    contract::check(method, path, &answer);
    answer
}
