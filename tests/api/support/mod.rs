//! A server of our own for each test, and content to put into it.

pub mod client;
pub mod content;
pub mod contract;
pub mod database;

use std::{net::SocketAddr, sync::mpsc, thread::JoinHandle, time::Duration};

use clap::Parser;
use newsstand::{
    cli::ServeArgs,
    domain::{
        import::{self, Observer, Options, Refusal, Summary, jsonl},
        token::{NewToken, Secret, SigningKey, issue},
    },
    model::{caller::Scope, time::UtcTime},
    server,
    store::{self, Store},
};
use serde_json::Value;

pub use client::Answer;
pub use database::Kind::{self, Postgres, Sqlite};

/// What tokens of tests are signed with.
pub const SECRET: &str = "a secret of the tests, of more than 32 bytes";

/// A token with these scopes.
pub fn token(scopes: &[Scope]) -> String {
    let second = |millis: i64| UtcTime::from_millis(millis / 1_000 * 1_000).expect("a time");
    let now = UtcTime::now().millis();
    let claims = NewToken {
        subject: "editor@example.com".to_owned(),
        scopes: scopes.to_vec(),
        token_id: newsstand::model::slug::new_id(),
        issued_at: second(now),
        expires_at: second(now + 3_600_000),
        issuer: None,
        audience: None,
    };
    let key = SigningKey::Secret {
        secret: Secret::new(SECRET.to_owned()).expect("long enough"),
        key_id: None,
    };
    issue(&key, claims).expect("a token")
}

/// A token that allows everything.
pub fn editor() -> String {
    token(&Scope::ALL)
}

/// Sends an editor's bytes as they are, from any thread.
pub fn send_as_editor(
    address: SocketAddr,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    body: &str,
) -> Answer {
    let bearer = format!("Bearer {}", editor());
    let mut headers = vec![("Authorization", bearer.as_str())];
    headers.extend(fields);
    client::send_with(address, method, path, &headers, body.as_bytes())
}

/// `serve` and its flags, as the program reads them.
#[derive(Parser)]
pub struct Serve {
    #[command(flatten)]
    pub args: ServeArgs,
}

/// A running server with a database of its own; both end with the test.
pub struct App {
    pub address: SocketAddr,
    /// The server's own, so that it knows at once what a test does with it.
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
        Self::on(database::Database::new(kind), flags)
    }

    /// A server with flags of its own on a database that is there.
    pub fn on(database: database::Database, flags: &[&str]) -> Self {
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
        let secret = ["--jwt-secret", SECRET];
        let keys: &[&str] = match flags.contains(&"--without-key")
            || flags.iter().any(|flag| flag.starts_with("--jwt-"))
        {
            true => &[],
            false => &secret,
        };
        // Tests ask as fast as they can, however slow the machine is.
        let patient = ["--overload-target", "60000"];
        let patience: &[&str] = match flags.iter().any(|flag| flag.starts_with("--overload-")) {
            true => &[],
            false => &patient,
        };
        let flags: Vec<&&str> = flags
            .iter()
            .filter(|flag| **flag != "--without-key")
            .collect();
        let all = common.iter().chain(keys).chain(patience).chain(flags);
        let args = Serve::parse_from(all).args;
        Self::serve(database, args)
    }

    /// A server as these arguments say.
    pub fn serve(database: database::Database, args: ServeArgs) -> Self {
        let prepared = server::prepare(&args).expect("the server starts");
        let (address, store) = (prepared.address, prepared.store().clone());
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
            store,
            database,
            handle: Some(handle),
            thread: Some(thread),
        }
    }

    /// [`put`] into its database.
    pub fn put(&self, articles: &[Value]) -> Summary {
        put(&self.store, articles)
    }

    /// Has done what the server would do by itself within moments: the index is whole, the
    /// publication is learned, and every list of related articles that is wanted is kept.
    pub fn settle(&self) {
        store::doctor::catch_up(&self.store, |_| {}).expect("the index is whole");
        while store::related::tend(&self.store, Duration::from_secs(1)).expect("lists are kept") {}
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

    /// Asks with the token of an editor who may do everything.
    pub fn edit(&self, method: &str, path: &str, fields: &[(&str, &str)], body: &Value) -> Answer {
        self.edit_as(&editor(), method, path, fields, body)
    }

    /// Asks with a token. A body that is null is none.
    pub fn edit_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("Authorization", bearer.as_str())];
        let body = match body {
            Value::Null => String::new(),
            body => {
                if fields.iter().all(|(name, _)| *name != "Content-Type") {
                    headers.push(("Content-Type", "application/json"));
                }
                body.to_string()
            }
        };
        headers.extend(fields);
        let answer = client::send_with(self.address, method, path, &headers, body.as_bytes());
        contract::check(method, path, &answer);
        answer
    }

    /// Makes an article through the API; gives it with its entity tag.
    pub fn create(&self, article: &Value) -> (Value, String) {
        let answer = self.edit("POST", "/v1/articles", &[], article);
        assert_eq!(answer.status, 201, "{}", answer.text());
        (answer.json(), answer.header("etag").expect("an entity tag"))
    }

    /// Reads as an editor.
    pub fn read(&self, path: &str) -> Answer {
        self.edit("GET", path, &[], &Value::Null)
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

/// Puts articles in as `import jsonl` does; all of them must be taken.
pub fn put(store: &Store, articles: &[Value]) -> Summary {
    let lines: Vec<String> = articles.iter().map(Value::to_string).collect();
    let mut observer = NothingRefused;
    let options = Options {
        dry_run: false,
        language: "en".to_owned(),
    };
    let text = lines.join("\n");
    let entries = jsonl::entries(text.as_bytes(), "test");
    import::run(store, entries, &options, &mut observer).expect("the import runs")
}

struct NothingRefused;

impl Observer for NothingRefused {
    fn refused(&mut self, refusal: &Refusal) {
        panic!("{refusal}");
    }

    fn progress(&mut self, _so_far: &Summary) {}
}
