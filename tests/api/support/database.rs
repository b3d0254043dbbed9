//! A database of its own for each test, of either kind.

use std::{path::PathBuf, sync::OnceLock, time::Duration};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use newsstand::store::{Store, StoreOptions};

/// Which kind of database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A database that ends with the test.
pub struct Database {
    pub url: String,
    pub kind: Kind,
    folder: Option<tempfile::TempDir>,
    name: Option<String>,
}

/// Address of a server on which databases can be made; without a database name at its end.
fn server() -> String {
    std::env::var("TEST_DATABASE_URL").expect(
        "TEST_DATABASE_URL must name a Postgres server, such as postgres://postgres@localhost; \
         ./tests/run starts one by itself",
    )
}

fn on_server(sql: &str) {
    let mut connection =
        PgConnection::establish(&format!("{}/postgres", server())).expect("the server answers");
    connection.batch_execute(sql).expect(sql);
}

/// An up-to-date database to copy: much quicker than migrating each.
fn template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = new_name();
        on_server(&format!("CREATE DATABASE {name}"));
        let url = format!("{}/{name}", server());
        let options = options(&url);
        Store::open(&options)
            .expect("opens")
            .migrate()
            .expect("migrates");
        // A template must have no connections; the pool closes its own soon after.
        std::thread::sleep(Duration::from_millis(300));
        name
    })
}

/// The bytes of an up-to-date file, to copy for the same reason.
fn template_file() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let database = Database::empty(Kind::Sqlite);
        Store::open(&database.options())
            .expect("opens")
            .migrate()
            .expect("migrates");
        let folder = tempfile::tempdir().expect("a folder");
        let copy = folder.path().join("template.db");
        database.execute(&format!("VACUUM INTO '{}'", copy.display()));
        std::fs::read(copy).expect("a copy")
    })
}

fn new_name() -> String {
    format!("t{}", newsstand::model::slug::new_id().replace('-', ""))
}

fn options(url: &str) -> StoreOptions {
    StoreOptions {
        url: url.parse().expect("a database URL"),
        pool_size: 2,
        pool_timeout: Duration::from_secs(10),
        longest_read: None,
    }
}

impl Database {
    /// An up-to-date database without content.
    pub fn new(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let database = Self::empty(kind);
                let path = database.url.trim_start_matches("sqlite://");
                std::fs::write(path, template_file()).expect("a file");
                database
            }
            Kind::Postgres => {
                let name = new_name();
                let copy = format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{0}'; \
                     CREATE DATABASE {name} TEMPLATE {0}",
                    template()
                );
                for statement in copy.split("; ") {
                    on_server(statement);
                }
                Self {
                    url: format!("{}/{name}", server()),
                    kind,
                    folder: None,
                    name: Some(name),
                }
            }
        }
    }

    /// A database without even tables.
    pub fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().expect("a folder");
                let path: PathBuf = folder.path().join("test.db");
                Self {
                    url: format!("sqlite://{}", path.display()),
                    kind,
                    folder: Some(folder),
                    name: None,
                }
            }
            Kind::Postgres => {
                let name = new_name();
                on_server(&format!("CREATE DATABASE {name}"));
                Self {
                    url: format!("{}/{name}", server()),
                    kind,
                    folder: None,
                    name: Some(name),
                }
            }
        }
    }

    pub fn options(&self) -> StoreOptions {
        options(&self.url)
    }

    /// Has the server refuse this database to everyone, those who are connected among them. On
    /// Postgres alone.
    pub fn cut_off(&self) {
        let name = self.name.as_deref().expect("a database on Postgres");
        on_server(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        );
        // One that was just being opened may come after the first.
        for _ in 0..2 {
            on_server(&end);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Takes [`Self::cut_off`] back.
    pub fn let_in(&self) {
        let name = self.name.as_deref().expect("a database on Postgres");
        on_server(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    }

    /// Runs SQL behind the server's back.
    pub fn execute(&self, sql: &str) {
        match self.kind {
            Kind::Postgres => {
                let mut connection = PgConnection::establish(&self.url).expect("connects");
                connection.batch_execute(sql).expect(sql);
            }
            Kind::Sqlite => {
                let path = self.url.trim_start_matches("sqlite://");
                let mut connection = diesel::SqliteConnection::establish(path).expect("opens");
                // Others may still be closing it.
                connection
                    .batch_execute("PRAGMA busy_timeout = 5000")
                    .expect("a time-out");
                connection.batch_execute(sql).expect(sql);
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            on_server(&format!("DROP DATABASE {name} WITH (FORCE)"));
        }
        drop(self.folder.take());
    }
}
