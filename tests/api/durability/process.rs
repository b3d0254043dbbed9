//! The program as a process of its own, which can be killed, and a client that keeps its connection.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::{Answer, database::Database};

const SECRET: &str = "known-to-these-tests-alone-0123456789-abcdefghijklmnopqrstuvwxyz";
/// How long anything may take before the test gives up on it.
const PATIENCE: Duration = Duration::from_secs(30);

fn command(database: &Database, arguments: &[&str]) -> Command {
    // Figures are taken from a release build: NEWSSTAND_BINARY=target/release/newsstand.
    let binary = std::env::var("NEWSSTAND_BINARY");
    let mut command = Command::new(binary.as_deref().unwrap_or(env!("CARGO_BIN_EXE_newsstand")));
    command
        .args(arguments)
        .env("DATABASE_URL", &database.url)
        .env("JWT_SECRET", SECRET)
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null());
    command
}

/// A token that may do everything.
pub fn token(database: &Database) -> String {
    let scopes = "content:read_drafts,content:write,content:publish,content:admin";
    let arguments = [
        "token",
        "create",
        "--scope",
        scopes,
        "--subject",
        "tester",
        "--expires",
        "1h",
    ];
    let output: Output = command(database, &arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    // Every JWT begins with `{"` in base64.
    let token = told.split_whitespace().find(|word| word.starts_with("eyJ"));
    token.expect("a token on standard output").to_owned()
}

/// Has the program look the database over; it must find nothing wrong.
pub fn doctor(database: &Database) {
    let output = command(database, &["doctor"]).output().unwrap();
    assert!(
        output.status.success(),
        "the doctor found something ({}):\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A running server; ends with the test at the latest.
pub struct Process {
    pub address: SocketAddr,
    child: Child,
}

impl Process {
    /// Starts the server and waits till it can serve. What it complains about goes behind what
    /// already stands in the log.
    pub fn start(database: &Database, log: &Path) -> Self {
        Self::start_on(database, log, "127.0.0.1:0", &[])
    }

    /// The same on an address, with flags of its own.
    pub fn start_on(database: &Database, log: &Path, address: &str, flags: &[&str]) -> Self {
        let complaints = File::options().create(true).append(true).open(log).unwrap();
        let arguments = [
            "serve",
            "--database-url",
            database.url.as_str(),
            "--bind-addr",
            address,
            // However slowly all of them are served, none is refused.
            "--overload-target",
            "60000",
        ];
        let mut child = command(database, &arguments)
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(complaints)
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, receiver) = mpsc::channel();
        // Read to the end, also when nobody wants it: a full pipe would stop the server.
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let first: String = receiver.recv_timeout(PATIENCE).unwrap_or_default();
        let address: Option<SocketAddr> = first
            .rsplit_once("http://")
            .and_then(|(_, address)| address.trim().parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            let told = fs::read_to_string(log).unwrap_or_default();
            panic!("the server did not start: {first}\n{told}");
        };
        let process = Self { address, child };
        let deadline = Instant::now() + PATIENCE;
        while !process.is_ready() {
            let told = fs::read_to_string(log).unwrap_or_default();
            assert!(Instant::now() < deadline, "never ready: {told}");
            thread::sleep(Duration::from_millis(10));
        }
        process
    }

    fn is_ready(&self) -> bool {
        let answer = Connection::new(self.address, None).get("/readyz");
        answer.is_ok_and(|answer| answer.status == 200)
    }

    /// SIGTERM: the process is to end when it has finished what it is doing.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Whether it has ended, and well, within a while.
    pub fn has_ended_well(&mut self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }

    /// SIGKILL: the process gets no chance to finish anything.
    pub fn kill_hard(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_hard();
    }
}

/// A port that nobody has, out of those that the system gives to no client: one that asks for a
/// port at which nobody listens could else be connected to itself.
pub fn free_port() -> u16 {
    let first = 20_000 + u16::try_from(std::process::id() % 5_000).unwrap();
    let mut ports = first..32_000;
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    ports.find(is_free).expect("a free port")
}

/// One connection, kept over many requests, so that connecting does not bound the load. Any error
/// of it means that the request was not acknowledged; the next request connects anew.
pub struct Connection {
    address: SocketAddr,
    token: Option<String>,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    pub fn new(address: SocketAddr, token: Option<&str>) -> Self {
        Self {
            address,
            token: token.map(str::to_owned),
            stream: None,
        }
    }

    pub fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.send("GET", path, &[], None)
    }

    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> io::Result<Answer> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        if let Some(token) = &self.token {
            request.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        match body.map(Value::to_string) {
            Some(body) => {
                request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
            }
            None => request.push_str("\r\n"),
        }
        let answer = self.exchange(request.as_bytes());
        let is_last = match &answer {
            Ok(answer) => answer
                .header("connection")
                .is_some_and(|value| value.eq_ignore_ascii_case("close")),
            Err(_) => true,
        };
        if is_last {
            self.stream = None;
        }
        answer
    }

    fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            self.stream = Some(BufReader::new(stream));
        }
        let stream = self.stream.as_mut().expect("connected above");
        stream.get_mut().write_all(request)?;
        read_answer(stream)
    }
}

fn read_answer(stream: &mut BufReader<TcpStream>) -> io::Result<Answer> {
    let broken = || io::Error::from(io::ErrorKind::InvalidData);
    let status: u16 = read_line(stream)?
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or_else(broken)?;
    let mut headers = Vec::new();
    loop {
        let field = read_line(stream)?;
        if field.is_empty() {
            break;
        }
        let (name, value) = field.split_once(':').ok_or_else(broken)?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    let length: usize = answer
        .header("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    answer.body.resize(length, 0);
    stream.read_exact(&mut answer.body)?;
    Ok(answer)
}

fn read_line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    match line.strip_suffix("\r\n") {
        Some(line) => Ok(line.to_owned()),
        // The connection ended within the line.
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
