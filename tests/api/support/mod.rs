//! A server of our own for each test, and content to put into it.

pub mod client;
pub mod content;
pub mod contract;
pub mod database;

use std::{sync::mpsc, thread::JoinHandle};

use clap::Parser;
use newsstand::{
    cli::ServeArgs,
    domain::import::{self, Observer, Options, Refusal, Summary, jsonl},
    server,
    store::Store,
};
use serde_json::Value;

pub use client::Answer;
pub use database::Kind::{self, Postgres, Sqlite};

/// `serve` and its flags, as the program reads them.
#[derive(Parser)]
struct Serve {
    #[command(flatten)]
    args: ServeArgs,
}

/// A running server with a database of its own; both end with the test.
pub struct App {
    pub address: std::net::SocketAddr,
    pub store: Store,
    pub database: database::Database,
    handle: Option<actix_server::ServerHandle>,
    thread: Option<JoinHandle<()>>,
}

impl App {
    /// A server without content.
    pub fn start(kind: Kind) -> Self {
        Self::start_with(kind, &[])
    }

    /// A server with some articles.
    pub fn with(kind: Kind, articles: &[Value]) -> Self {
        let app = Self::start(kind);
        app.put(articles);
        app
    }

    /// A server with flags of its own.
    pub fn start_with(kind: Kind, flags: &[&str]) -> Self {
        let database = database::Database::new(kind);
        let url = database.url.clone();
        let common = [
            "serve",
            "--database-url",
            &url,
            "--bind-addr",
            "127.0.0.1:0",
            "--database-pool-size",
            "2",
            "--workers",
            "1",
            "--server-timing",
            "true",
        ];
        let args = Serve::parse_from(common.iter().chain(flags)).args;
        let prepared = server::prepare(&args).expect("the server starts");
        let address = prepared.address;
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async {
                let server = server::start(prepared, &args).expect("the workers start");
                sender.send(server.handle()).expect("the test waits");
                server.await.expect("the server ends well");
            });
        });
        let handle = receiver.recv().expect("the server is up");
        Self {
            address,
            store: Store::open(&database.options()).expect("the database opens"),
            database,
            handle: Some(handle),
            thread: Some(thread),
        }
    }

    /// Puts articles in as `import jsonl` does; all of them must be taken.
    pub fn put(&self, articles: &[Value]) -> Summary {
        let lines: Vec<String> = articles.iter().map(Value::to_string).collect();
        let mut observer = NothingRefused;
        let options = Options {
            dry_run: false,
            language: "en".to_owned(),
        };
        let text = lines.join("\n");
        let entries = jsonl::entries(text.as_bytes(), "test");
        import::run(&self.store, entries, &options, &mut observer).expect("the import runs")
    }

    /// Asks, and holds the answer against the document.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[])
    }

    /// Asks with a method and header fields, and holds the answer against the document.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let answer = client::send(self.address, method, path, headers);
        contract::check(method, path, &answer);
        answer
    }

    /// Slugs of the articles of a list.
    pub fn slugs(&self, path: &str) -> Vec<String> {
        self.get(path).ok().slugs()
    }

    /// Walks a list by `next_cursor` from its beginning; gives the slugs of each page.
    pub fn walk(&self, path: &str) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let answer = self.get(&path).ok();
            pages.push(answer.slugs());
            next = answer.json()["links"]["next"].as_str().map(str::to_owned);
            assert!(pages.len() < 1_000, "a walk without end");
        }
        pages
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            // The command is taken when it is made; nothing need be awaited.
            drop(handle.stop(false));
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct NothingRefused;

impl Observer for NothingRefused {
    fn refused(&mut self, refusal: &Refusal) {
        panic!("{refusal}");
    }

    fn progress(&mut self, _so_far: &Summary) {}
}
