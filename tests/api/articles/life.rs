//! The steps of an article's life: scheduled, published, unpublished.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use newsstand::model::{caller::Scope, time::UtcTime};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, App, Kind, Postgres, SECRET, Sqlite, client,
    content::{article, date, with},
    database::Database,
    editor, token,
};

const ANY: (&str, &str) = ("If-Match", "*");
const NEVER: &str = "2999-01-01T00:00:00.000Z";

fn ahead(millis: i64) -> String {
    let time = UtcTime::from_millis(UtcTime::now().millis() + millis);
    time.expect("a time").to_string()
}

fn step(app: &App, slug: &str, step: &str, body: Value) -> Answer {
    app.edit("POST", &format!("/v1/articles/{slug}/{step}"), &[], &body)
}

/// Waits until readers see an article, and gives it.
fn live(address: SocketAddr, slug: &str) -> Value {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let answer = client::send(address, "GET", &format!("/v1/articles/{slug}"), &[]);
        if answer.status == 200 {
            return answer.json();
        }
        assert_eq!(answer.status, 404, "{}", answer.text());
        assert!(Instant::now() < deadline, "{slug} never went live");
        thread::sleep(Duration::from_millis(20));
    }
}

/// What the log says of a thing, oldest first.
fn changes_of(address: SocketAddr, id: &Value) -> Vec<String> {
    let log = client::send(address, "GET", "/v1/changes?limit=100", &[]).ok();
    let log = log.json();
    let entries = log["data"].as_array().unwrap().iter();
    entries
        .filter(|entry| entry["id"] == *id)
        .map(|entry| entry["change"].as_str().unwrap().to_owned())
        .collect()
}

/// The program on a database that is there; killed at the end at the latest.
struct Program {
    address: SocketAddr,
    child: Child,
    // What it tells must have somewhere to go.
    _told: BufReader<ChildStdout>,
}

impl Program {
    fn start(database: &Database) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_newsstand"))
            .args(["serve", "--bind-addr", "127.0.0.1:0"])
            .args(["--database-url", &database.url, "--database-pool-size", "2"])
            .args(["--jwt-secret", SECRET])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        told.read_line(&mut line).unwrap();
        let address = line.rsplit_once("http://").expect("an address").1;
        Self {
            address: address.trim().parse().unwrap(),
            child,
            _told: told,
        }
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let bearer = format!("Bearer {}", editor());
        let fields = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
        ];
        let body = body.to_string();
        let answer = client::send_with(self.address, "POST", path, &fields, body.as_bytes());
        assert!(answer.status < 300, "{}", answer.text());
        answer.json()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[rstest]
fn a_scheduled_article_goes_live_on_time_and_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (draft, _) = app.create(&article("one", 1));
    let at = ahead(1_500);
    let scheduled = step(&app, "one", "schedule", json!({"at": at})).ok().json();
    assert_eq!(
        (&scheduled["status"], &scheduled["published_at"]),
        (&json!("scheduled"), &json!(at))
    );
    assert!(scheduled["first_published_at"].is_null());
    let seen = live(app.address, "one");
    assert!(ahead(0) >= at, "it was early");
    assert_eq!(
        (&seen["status"], &seen["published_at"]),
        (&json!("published"), &json!(at))
    );
    assert!(seen["first_published_at"].as_str().unwrap() >= at.as_str());
    thread::sleep(Duration::from_millis(1_100));
    assert_eq!(changes_of(app.address, &draft["id"]), ["published"]);
}

#[rstest]
fn of_many_servers_one_publishes(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let others = [Program::start(&app.database), Program::start(&app.database)];
    let ids: Vec<(String, Value)> = (0..5)
        .map(|number| {
            let slug = format!("a{number}");
            let (draft, _) = app.create(&article(&slug, 1));
            (slug, draft["id"].clone())
        })
        .collect();
    let at = ahead(4_000);
    for (slug, _) in &ids {
        step(&app, slug, "schedule", json!({"at": at})).ok();
    }
    for (slug, id) in &ids {
        for server in others
            .iter()
            .map(|other| other.address)
            .chain([app.address])
        {
            live(server, slug);
        }
        thread::sleep(Duration::from_millis(200));
        assert_eq!(changes_of(app.address, id), ["published"], "{slug}");
    }
}

#[rstest]
fn what_fell_due_while_no_server_ran_goes_live_at_the_start(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let database = Database::new(kind);
    let first = Program::start(&database);
    let draft = first.post("/v1/articles", &article("one", 1));
    first.post("/v1/articles/one/schedule", &json!({"at": ahead(1_000)}));
    drop(first);
    thread::sleep(Duration::from_millis(1_500));
    let second = Program::start(&database);
    live(second.address, "one");
    assert_eq!(changes_of(second.address, &draft["id"]), ["published"]);
}

#[rstest]
fn a_clock_that_jumps_skips_nothing(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (draft, _) = app.create(&article("one", 1));
    step(&app, "one", "schedule", json!({"at": NEVER})).ok();
    app.database
        .execute("UPDATE articles SET published_at = 1, sort_at = 1 WHERE slug = 'one'");
    let seen = live(app.address, "one");
    assert_eq!(seen["published_at"], "1970-01-01T00:00:00.001Z");
    thread::sleep(Duration::from_millis(1_100));
    assert_eq!(changes_of(app.address, &draft["id"]), ["published"]);
}

#[rstest]
fn publishing_keeps_dates_that_were_set(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let start = ahead(0);
    let (draft, _) = app.create(&article("one", 1));
    let once = step(&app, "one", "publish", Value::Null).ok();
    let first = once.json();
    assert_eq!(
        (&first["status"], &first["published_at"]),
        (&json!("published"), &json!(date(1)))
    );
    assert!(first["first_published_at"].as_str().unwrap() >= start.as_str());
    let twice = step(&app, "one", "publish", Value::Null).ok();
    assert_eq!(twice.json(), first);
    assert_eq!(twice.header("etag"), once.header("etag"));
    app.get("/v1/articles/one").ok();
    for _ in 0..2 {
        let away = step(&app, "one", "unpublish", Value::Null).ok().json();
        assert_eq!(away["status"], "unpublished");
        app.get("/v1/articles/one").problem(410);
    }
    thread::sleep(Duration::from_millis(5));
    let again = step(&app, "one", "publish", json!({})).ok().json();
    for name in ["published_at", "first_published_at", "modified_at"] {
        assert_eq!(again[name], first[name], "{name}");
    }
    assert_eq!(
        changes_of(app.address, &draft["id"]),
        ["published", "unpublished", "published"]
    );
    let undated = json!({"slug": "two", "title": "Two", "body": {"text": "Two."}});
    app.create(&undated);
    let two = step(&app, "two", "publish", Value::Null).ok().json();
    assert!(two["published_at"].is_string());
    assert_eq!(two["published_at"], two["first_published_at"]);
}

#[rstest]
fn a_scheduled_article_can_be_taken_back(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (draft, _) = app.create(&article("one", 1));
    for at in [NEVER.to_owned(), ahead(1_000)] {
        step(&app, "one", "schedule", json!({"at": at})).ok();
        let back = step(&app, "one", "unpublish", Value::Null).ok().json();
        assert_eq!(back["status"], "draft");
    }
    thread::sleep(Duration::from_millis(1_800));
    app.get("/v1/articles/one").problem(404);
    assert!(changes_of(app.address, &draft["id"]).is_empty());
    // One that readers saw before is gone until then, not unheard of.
    step(&app, "one", "publish", Value::Null).ok();
    step(&app, "one", "unpublish", Value::Null).ok();
    step(&app, "one", "schedule", json!({"at": NEVER})).ok();
    app.get("/v1/articles/one").problem(410);
    let back = step(&app, "one", "unpublish", Value::Null).ok().json();
    assert_eq!(back["status"], "unpublished");
}

#[rstest]
fn a_step_that_does_not_fit_is_refused(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    app.create(&article("draft", 1));
    app.create(&with(article("live", 1), json!({"status": "published"})));
    let states = || ["draft", "live"].map(|slug| app.read(&format!("/v1/articles/{slug}")).json());
    let before = states();
    for (slug, name, body) in [
        ("draft", "unpublish", Value::Null),
        ("live", "schedule", json!({"at": NEVER})),
    ] {
        assert_eq!(step(&app, slug, name, body).problem(409).0, "conflict");
    }
    for (name, body, named) in [
        ("schedule", json!({"at": date(1)}), "/at"),
        ("schedule", json!({"at": "tomorrow"}), "/at"),
        ("schedule", json!({"at": 5}), "/at"),
        ("schedule", Value::Null, "/at"),
        ("schedule", json!({"att": NEVER}), "/att"),
        ("publish", json!({"at": NEVER}), "/at"),
        ("unpublish", json!([]), ""),
    ] {
        assert_eq!(
            step(&app, "draft", name, body).problem(400).1,
            [named],
            "{name}"
        );
    }
    for name in ["publish", "unpublish"] {
        step(&app, "none", name, Value::Null).problem(404);
    }
    assert_eq!(states(), before);
}

#[rstest]
fn a_step_heeds_if_match_where_it_is_given(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (_, old) = app.create(&article("one", 1));
    let path = "/v1/articles/one";
    let title = app.edit("PATCH", path, &[ANY], &json!({"title": "Other"}));
    let new = title.ok().header("etag").unwrap();
    for (name, body) in [
        ("schedule", json!({"at": NEVER})),
        ("publish", Value::Null),
        ("unpublish", Value::Null),
    ] {
        let path = format!("{path}/{name}");
        app.edit("POST", &path, &[("If-Match", &old)], &body)
            .problem(412);
    }
    assert_eq!(app.read(path).json()["status"], "draft");
    let path = format!("{path}/publish");
    app.edit("POST", &path, &[("If-Match", &new)], &Value::Null)
        .ok();
    app.edit("POST", &path, &[("If-Match", &new)], &Value::Null)
        .problem(412);
    app.edit("POST", &path, &[ANY], &Value::Null).ok();
}

/// One draft, one that readers see, and one that they will see.
fn three(kind: Kind) -> App {
    let app = App::start(kind);
    app.create(&article("draft", 1));
    app.create(&with(article("live", 1), json!({"status": "published"})));
    let later = json!({"status": "scheduled", "published_at": NEVER});
    app.create(&with(article("later", 1), later));
    app
}

fn statuses(app: &App) -> [Value; 3] {
    ["draft", "live", "later"].map(|slug| app.read(&format!("/v1/articles/{slug}")).json())
}

#[rstest]
fn who_may_only_write_decides_nothing_that_readers_see(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = three(kind);
    let before = statuses(&app);
    let writer = token(&[Scope::Write]);
    let published = json!({"title": "x", "body": {"text": "x"}, "status": "published"});
    let scheduled = with(
        published.clone(),
        json!({"status": "scheduled", "published_at": NEVER}),
    );
    let away = |status: &str| json!({"status": status});
    let attempts = [
        ("POST", "", published.clone()),
        ("POST", "", scheduled.clone()),
        ("PUT", "/draft", published.clone()),
        ("PUT", "/draft", scheduled.clone()),
        ("PATCH", "/draft", away("published")),
        ("PATCH", "/live", away("draft")),
        ("PATCH", "/live", away("unpublished")),
        ("PUT", "/live", with(published.clone(), away("draft"))),
        ("PATCH", "/later", away("draft")),
        ("DELETE", "/live", Value::Null),
        ("DELETE", "/later", Value::Null),
        ("POST", "/batch", json!({"articles": [published.clone()]})),
        (
            "POST",
            "/batch",
            json!([with(article("live", 1), away("draft"))]),
        ),
        ("POST", "/draft/publish", Value::Null),
        ("POST", "/draft/schedule", json!({"at": NEVER})),
        ("POST", "/live/unpublish", Value::Null),
    ];
    for (method, tail, body) in attempts {
        let path = format!("/v1/articles{tail}");
        let answer = app.edit_as(&writer, method, &path, &[ANY], &body);
        assert_eq!(
            answer.problem(403).0,
            "insufficient_scope",
            "{method} {tail}"
        );
        let needed = answer.header("www-authenticate").unwrap();
        assert!(needed.contains("scope=\"content:publish\""), "{needed}");
    }
    let each = app.edit_as(
        &writer,
        "POST",
        "/v1/articles/batch?atomic=false",
        &[],
        &json!([published]),
    );
    assert_eq!(each.ok().json()["data"][0]["status"], 403);
    assert_eq!(statuses(&app), before);
    let all = app.read("/v1/articles?count=exact").ok().json();
    assert_eq!(all["page"]["total"], 3);
    assert_eq!(changes_of(app.address, &before[1]["id"]), ["published"]);
    let title = json!({"title": "Other"});
    app.edit_as(&writer, "PATCH", "/v1/articles/draft", &[ANY], &title)
        .ok();
}

#[rstest]
fn who_may_only_write_does_not_decide_when_either(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = three(kind);
    let before = statuses(&app);
    let writer = token(&[Scope::Write]);
    let soon = json!({"published_at": ahead(60_000)});
    let whole = with(article("later", 1), soon.clone());
    for (method, path, body) in [
        ("PATCH", "/v1/articles/later", soon.clone()),
        ("PUT", "/v1/articles/later", whole.clone()),
        ("POST", "/v1/articles/batch", json!([whole])),
    ] {
        let answer = app.edit_as(&writer, method, path, &[ANY], &body);
        assert_eq!(answer.problem(403).0, "insufficient_scope", "{method}");
    }
    assert_eq!(statuses(&app), before);
}

#[rstest]
fn a_slug_that_readers_never_saw_is_not_gone_but_unknown(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("seen", 1)]);
    app.edit("POST", "/v1/articles/seen/unpublish", &[], &Value::Null)
        .ok();
    let any = [("If-Match", "*")];
    app.edit(
        "PATCH",
        "/v1/articles/seen",
        &any,
        &json!({"slug": "embargoed"}),
    )
    .ok();
    app.get("/v1/articles/seen").problem(410);
    app.get("/v1/articles/embargoed").problem(404);
    app.get("/v1/resolve?path=/articles/embargoed").problem(404);
    app.edit("POST", "/v1/articles/embargoed/publish", &[], &Value::Null)
        .ok();
    assert_eq!(app.get("/v1/articles/seen").status, 308);
    app.edit("DELETE", "/v1/articles/embargoed", &any, &Value::Null);
    for slug in ["seen", "embargoed"] {
        app.get(&format!("/v1/articles/{slug}")).problem(410);
    }
}
