//! A database whose file goes away under the server, or has no room; and writes that fail beside good
//! ones.

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use clap::Parser;
use diesel::connection::SimpleConnection;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    support::{
        App, Kind, Postgres, SECRET, Serve, Sqlite, client,
        content::{article, with},
        database::Database,
        editor,
    },
    tokens::server::{SERVE, Server, ask, command},
};

/// Path of a database file, and of its write-ahead log.
fn files(database: &Database) -> (String, String) {
    let path = database.url.trim_start_matches("sqlite://").to_owned();
    let log = format!("{path}-wal");
    (path, log)
}

/// Nothing more is taken, whatever it is, and the server says that it can't serve.
fn takes_nothing(app: &App) {
    for _ in 0..2 {
        let create = app.edit("POST", "/v1/articles", &[], &article("lost", 1));
        assert_eq!(create.problem(503).0, "unavailable");
        let batch = json!([article("lost", 1)]);
        app.edit("POST", "/v1/articles/batch", &[], &batch)
            .problem(503);
        app.edit(
            "PATCH",
            "/v1/articles/first",
            &[("If-Match", "*")],
            &json!({"title": "Lost"}),
        )
        .problem(503);
        app.edit(
            "DELETE",
            "/v1/articles/first",
            &[("If-Match", "*")],
            &Value::Null,
        )
        .problem(503);
        app.edit("POST", "/v1/revoked-tokens", &[], &json!({"jti": "lost"}))
            .problem(503);
        assert_eq!(app.get("/readyz").problem(503).0, "unavailable");
    }
    app.get("/healthz").ok();
}

/// A server that has written, so that all of its files are there.
fn app() -> App {
    let app = App::start(Sqlite);
    app.create(&article("first", 1));
    app.get("/readyz").ok();
    let (path, log) = files(&app.database);
    assert!(fs::exists(&path).unwrap() && fs::exists(&log).unwrap());
    app
}

#[test]
fn nothing_is_taken_once_the_file_is_deleted() {
    let app = app();
    fs::remove_file(files(&app.database).0).unwrap();
    takes_nothing(&app);
}

#[test]
fn nothing_is_taken_once_the_file_is_another() {
    let app = app();
    let (path, _) = files(&app.database);
    let other = format!("{path}.other");
    fs::copy(&path, &other).unwrap();
    let before = fs::read(&other).unwrap();
    fs::rename(&other, &path).unwrap();
    takes_nothing(&app);
    assert!(
        fs::read(&path).unwrap() == before,
        "the new file was written to"
    );
}

#[test]
fn nothing_is_taken_once_the_log_is_deleted() {
    let app = app();
    fs::remove_file(files(&app.database).1).unwrap();
    takes_nothing(&app);
}

#[test]
fn a_file_that_comes_back_is_not_trusted_again() {
    let app = app();
    let (path, _) = files(&app.database);
    let aside = format!("{path}.aside");
    fs::rename(&path, &aside).unwrap();
    app.edit("POST", "/v1/articles", &[], &article("lost", 1))
        .problem(503);
    fs::rename(&aside, &path).unwrap();
    takes_nothing(&app);
}

#[test]
fn what_was_acknowledged_before_the_file_went_is_all_there() {
    let app = app();
    let (address, token) = (app.address, editor());
    let is_over = AtomicBool::new(false);
    let moved = Database::empty(Sqlite);
    let acknowledged: Vec<String> = thread::scope(|scope| {
        let write = |writer: usize| {
            let (token, is_over) = (&token, &is_over);
            move || {
                let mut taken = Vec::new();
                for number in 0..10_000 {
                    let slug = format!("w{writer}-{number}");
                    let path = ("POST", "/v1/articles");
                    let answer = ask(address, token, path, &[], &article(&slug, 1));
                    match answer.status {
                        201 => taken.push(slug),
                        _ if is_over.load(Ordering::SeqCst) => break,
                        503 => {}
                        status => panic!("{status}: {}", answer.text()),
                    }
                }
                taken
            }
        };
        let writers: Vec<_> = (0..4).map(|writer| scope.spawn(write(writer))).collect();
        thread::sleep(Duration::from_millis(500));
        let ((from, from_log), (to, to_log)) = (files(&app.database), files(&moved));
        fs::rename(from, to).unwrap();
        thread::sleep(Duration::from_millis(200));
        fs::rename(from_log, to_log).unwrap();
        is_over.store(true, Ordering::SeqCst);
        writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap())
            .collect()
    });
    drop(app);
    assert!(acknowledged.len() > 4, "{acknowledged:?}");
    let url = moved.url.clone();
    let flags = [
        "serve",
        "--database-url",
        &url,
        "--bind-addr",
        "127.0.0.1:0",
        "--workers",
        "1",
        "--jwt-secret",
        SECRET,
    ];
    let app = App::serve(moved, Serve::parse_from(flags).args);
    for slug in acknowledged {
        app.read(&format!("/v1/articles/{slug}")).ok();
    }
}

/// Tells the connection that writes something, as SQL.
fn tell_writer(app: &App, sql: &'static str) {
    let told = app
        .store
        .write_waiting(move |connection| Ok(connection.batch_execute(sql)?));
    told.unwrap();
}

#[test]
fn a_disk_that_is_full_loses_nothing_and_goes_on_when_it_has_room() {
    let app = app();
    // To SQLite, a file that may not grow is on a disk that is full.
    tell_writer(&app, "PRAGMA max_page_count = 1");
    let (address, token) = (app.address, editor());
    let write = |writer: usize| {
        let token = &token;
        move || {
            let mut statuses = BTreeMap::new();
            for number in 0..100 {
                let slug = format!("w{writer}-{number}");
                let mut body = article(&slug, 1);
                body["body"] = json!({"text": "All day long it rained. ".repeat(2_000)});
                let answer = ask(address, token, ("POST", "/v1/articles"), &[], &body);
                statuses.insert(slug, answer.status);
            }
            statuses
        }
    };
    let statuses: BTreeMap<String, u16> = thread::scope(|scope| {
        let writers: Vec<_> = (0..3).map(|writer| scope.spawn(write(writer))).collect();
        writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap())
            .collect()
    });
    // Who shared a transaction with what found no room is told to come again.
    let is_known = |status: &u16| matches!(status, 201 | 503 | 507);
    assert!(statuses.values().all(is_known), "{statuses:?}");
    let last = app.edit("POST", "/v1/articles", &[], &article("last", 1));
    assert!(
        statuses.values().any(|status| *status == 507),
        "{statuses:?}"
    );
    app.get("/v1/articles").ok();
    app.read("/v1/articles/first").ok();
    app.get("/readyz").ok();

    tell_writer(&app, "PRAGMA max_page_count = 1000000");
    for (slug, status) in &statuses {
        let stored = app.read(&format!("/v1/articles/{slug}")).status;
        assert_eq!(stored == 200, *status == 201, "{slug}: {status}, {stored}");
    }
    if last.status != 201 {
        app.create(&article("last", 1));
    }
    let url = app.database.url.clone();
    let doctor = Command::new(env!("CARGO_BIN_EXE_newsstand"))
        .args(["doctor", "--database-url", &url])
        .output()
        .unwrap();
    assert!(doctor.status.success(), "{doctor:?}");
}

#[test]
fn what_can_only_be_read_is_read() {
    let app = app();
    tell_writer(&app, "PRAGMA query_only = ON");
    for _ in 0..2 {
        let create = app.edit("POST", "/v1/articles", &[], &article("second", 1));
        assert_eq!(create.problem(503).0, "unavailable");
        app.read("/v1/articles/first").ok();
        app.get("/v1/articles").ok();
        app.get("/readyz").ok();
    }
}

/// A server that must heed what files permit, as root need not.
fn heeding(database: &Database) -> Server {
    let program = command(&database.url, &SERVE);
    if !rustix::process::geteuid().is_root() {
        return Server::of(program, "warn", Stdio::null());
    }
    let mut bounded = Command::new("setpriv");
    bounded
        .args(["--bounding-set", "-dac_override,-dac_read_search"])
        .arg(program.get_program())
        .args(program.get_args())
        .stdin(Stdio::null());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => bounded.env(name, value),
            None => bounded.env_remove(name),
        };
    }
    Server::of(bounded, "warn", Stdio::null())
}

#[test]
fn a_file_that_may_only_be_read_is_served_and_stays_as_it_is() {
    let database = Database::new(Sqlite);
    let (path, log) = files(&database);
    let token = editor();
    let post = |server: &Server, slug: &str| {
        let body = with(article(slug, 1), json!({"status": "published"}));
        let path = ("POST", "/v1/articles");
        ask(server.address, &token, path, &[], &body)
    };
    let first = Server::start(&database.url, "warn", Stdio::null());
    assert_eq!(post(&first, "first").status, 201);
    // It is killed, and leaves its log.
    drop(first);
    let permit = |mode: u32| {
        for file in [path.clone(), log.clone(), format!("{path}-shm")] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).expect(&file);
        }
    };
    permit(0o444);
    let before = [fs::read(&path).unwrap(), fs::read(&log).unwrap()];
    let server = heeding(&database);
    for round in 0..2 {
        let refused = post(&server, &format!("second-{round}"));
        assert_eq!(refused.problem(503).0, "unavailable");
        let any = [("If-Match", "*")];
        let delete = ("DELETE", "/v1/articles/first");
        let refused = ask(server.address, &token, delete, &any, &Value::Null);
        assert_eq!(refused.problem(503).0, "unavailable");
        for path in [
            "/v1/articles/first",
            "/v1/articles?limit=3",
            "/v1/search?q=title",
            "/v1/articles/first/related",
            "/readyz",
        ] {
            client::send(server.address, "GET", path, &[]).ok();
        }
    }
    drop(server);
    let after = [fs::read(&path).unwrap(), fs::read(&log).unwrap()];
    assert!(before == after, "it was written to");
    permit(0o644);
    let again = Server::start(&database.url, "warn", Stdio::null());
    assert_eq!(post(&again, "second").status, 201);
    client::send(again.address, "GET", "/v1/articles/first", &[]).ok();
}

/// As a server is that follows another, or one that its operator has set so.
#[test]
fn a_postgres_that_can_only_be_read_is_read() {
    let app = App::start(Postgres);
    app.create(&with(article("first", 1), json!({"status": "published"})));
    let name = app.database.url.rsplit_once('/').unwrap().1.to_owned();
    let set = |how: &str| {
        let sql = format!("BEGIN READ WRITE; ALTER DATABASE {name} {how}; COMMIT");
        app.database.execute(&sql);
        // Connections that are open go on as they were.
        app.database.cut_off();
        app.database.let_in();
        let deadline = Instant::now() + Duration::from_secs(10);
        while app.read("/v1/articles/first").status != 200 {
            assert!(Instant::now() < deadline, "it can't be read");
            thread::sleep(Duration::from_millis(50));
        }
    };
    set("SET default_transaction_read_only TO on");
    for _ in 0..2 {
        let create = app.edit("POST", "/v1/articles", &[], &article("second", 1));
        assert_eq!(create.problem(503).0, "unavailable");
        assert_eq!(create.json()["detail"], "nothing can be stored just now");
        app.get("/v1/articles").ok();
        app.get("/readyz").ok();
    }
    set("RESET default_transaction_read_only");
    app.create(&article("second", 1));
}

#[rstest]
fn writes_that_fail_take_none_of_the_good_ones_with_them(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("taken", 1)]);
    let (address, token) = (app.address, editor());
    let is_bad = |number: usize| number.is_multiple_of(3);
    let body = |number: usize| {
        let slug = if is_bad(number) {
            "taken".to_owned()
        } else {
            format!("good-{number}")
        };
        // Each makes a name of its own too, which must go with it.
        json!({
            "slug": slug, "title": "T", "tags": [format!("tag-{number}")], "body": {"text": "Words."},
        })
    };
    let statuses: Vec<u16> = thread::scope(|scope| {
        let send = |number: usize| {
            let (token, body) = (&token, body(number));
            move || ask(address, token, ("POST", "/v1/articles"), &[], &body).status
        };
        let threads: Vec<_> = (0..40).map(|number| scope.spawn(send(number))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for (number, status) in statuses.iter().enumerate() {
        assert_eq!(*status, if is_bad(number) { 409 } else { 201 }, "{number}");
    }
    let mut expected: Vec<String> = (0..40)
        .filter(|number| !is_bad(*number))
        .map(|number| format!("good-{number}"))
        .collect();
    let mut tags: Vec<String> = expected
        .iter()
        .map(|slug| slug.replace("good", "tag"))
        .collect();
    expected.push("taken".to_owned());
    let sorted = |path: &str| {
        let mut slugs = app.read(path).ok().slugs();
        slugs.sort();
        slugs
    };
    expected.sort();
    tags.sort();
    assert_eq!(sorted("/v1/articles?limit=100"), expected);
    assert_eq!(sorted("/v1/tags?limit=100"), tags);
}
