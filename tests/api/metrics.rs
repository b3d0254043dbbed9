//! Figures for Prometheus: what there is, in its format, and how many there can be.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::{Duration, Instant},
};

use newsstand::model::time::UtcTime;
use rstest::rstest;
use serde_json::json;

use crate::{
    support::{
        App, Kind, Postgres, Sqlite, client,
        content::{article, with},
        contract,
    },
    tokens::server::run,
};

/// Figures as they were told: each with its labels, and the families that they are of.
pub struct Figures {
    pub values: BTreeMap<String, f64>,
    pub families: BTreeMap<String, String>,
}

impl Figures {
    /// Asks for them, and holds them against the format.
    pub fn of(app: &App) -> Self {
        let answer = app.get("/metrics").ok();
        let form = answer.header("content-type").unwrap();
        assert_eq!(form, "text/plain; version=0.0.4; charset=utf-8");
        let text = answer.text();
        assert!(text.ends_with('\n'));
        let (mut values, mut families) = (BTreeMap::new(), BTreeMap::new());
        let mut family = String::new();
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, help) = help.split_once(' ').unwrap();
                assert!(help.ends_with('.') && !help.contains('\\'), "{line}");
                assert!(!families.contains_key(name), "{name} comes twice");
                family = name.to_owned();
                continue;
            }
            if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert_eq!(name, family, "{line}");
                families.insert(name.to_owned(), kind.to_owned());
                continue;
            }
            let (name, value) = line.rsplit_once(' ').unwrap();
            let bare = name.split('{').next().unwrap();
            let endings: &[&str] = match families[&family].as_str() {
                "histogram" => &["_bucket", "_sum", "_count"],
                _ => &[""],
            };
            let ending = bare.strip_prefix(family.as_str()).expect(line);
            assert!(endings.contains(&ending), "{line} is not of {family}");
            assert_eq!(name.contains('{'), name.ends_with('}'), "{line}");
            let value: f64 = value.parse().expect(line);
            assert!(value >= 0.0, "{line}");
            let earlier = values.insert(name.to_owned(), value);
            assert!(earlier.is_none(), "{name} comes twice");
        }
        Self { values, families }
    }

    pub fn value(&self, name: &str) -> f64 {
        let value = self.values.get(name);
        *value.unwrap_or_else(|| panic!("no {name} in {:#?}", self.values.keys()))
    }
}

/// Waits until a figure is such.
pub fn wait_for(app: &App, name: &str, expected: f64) {
    let started = Instant::now();
    loop {
        let value = Figures::of(app).values.get(name).copied();
        if value == Some(expected) {
            return;
        }
        let waited = started.elapsed();
        assert!(waited < Duration::from_secs(30), "{name} is {value:?}");
        thread::sleep(Duration::from_millis(100));
    }
}

#[rstest]
fn there_are_figures_of_every_kind(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    app.create(&article("one", 1));
    app.get("/v1/articles").ok();
    wait_for(&app, "newsstand_scheduled_articles", 0.0);
    let figures = Figures::of(&app);
    for (name, kind) in &figures.families {
        if kind == "counter" {
            assert!(name.ends_with("_total"), "{name}");
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    let build = format!("newsstand_build_info{{version=\"{version}\"}}");
    for name in [
        build.as_str(),
        "newsstand_cache_requests_total{result=\"miss\"}",
        "newsstand_database_commits_total{result=\"ok\"}",
        "newsstand_database_connections_max",
        "newsstand_database_reachable",
        "newsstand_database_read_seconds_count",
        "newsstand_database_statements_total",
        "newsstand_database_wait_seconds_count",
        "newsstand_database_write_seconds_sum",
        "process_start_time_seconds",
    ] {
        assert!(figures.value(name) > 0.0, "{name}");
    }
    for name in [
        "newsstand_cache_bytes",
        "newsstand_cache_current",
        "newsstand_cache_entries",
        "newsstand_database_commits_total{result=\"failed\"}",
        "newsstand_database_connections{state=\"busy\"}",
        "newsstand_database_connections{state=\"idle\"}",
        "newsstand_database_readers_waiting",
        "newsstand_database_refused_total",
        "newsstand_database_timeouts_total",
        "newsstand_database_writers_waiting",
        "newsstand_housekeeping_age_seconds",
        "newsstand_overload_in_hand{class=\"searches\"}",
        "newsstand_overload_requests_total{class=\"reads\",result=\"refused\"}",
        "newsstand_overload_waiting{class=\"writes\"}",
        "newsstand_queued_articles{queue=\"merge\"}",
        "newsstand_queued_articles{queue=\"read\"}",
        "newsstand_queued_articles{queue=\"relate\"}",
        "newsstand_scheduled_overdue_seconds",
        "newsstand_uptime_seconds",
    ] {
        figures.value(name);
    }
    let now = UtcTime::now().millis() as f64 / 1_000.0;
    let started = figures.value("process_start_time_seconds");
    let uptime = figures.value("newsstand_uptime_seconds");
    assert!((now - started - uptime).abs() < 5.0);
}

#[test]
#[cfg(target_os = "linux")]
fn the_process_is_told_of() {
    let app = App::start(Sqlite);
    let figures = Figures::of(&app);
    let megabyte = 1_048_576.0;
    assert!(figures.value("process_resident_memory_bytes") > megabyte);
    assert!(figures.value("process_threads") > 3.0);
    let open = figures.value("process_open_fds");
    assert!(open > 3.0 && open <= figures.value("process_max_fds"));
    figures.value("process_cpu_seconds_total");
}

#[rstest]
fn what_the_database_does_is_counted(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1)]);
    let before = Figures::of(&app);
    app.get("/v1/articles/one").ok();
    app.edit("POST", "/v1/tags", &[], &json!({"name": "New"}));
    let after = Figures::of(&app);
    for name in [
        "newsstand_database_commits_total{result=\"ok\"}",
        "newsstand_database_read_seconds_count",
        "newsstand_database_wait_seconds_count",
        "newsstand_database_write_seconds_count",
    ] {
        assert!(after.value(name) > before.value(name), "{name}");
    }
    let statements = "newsstand_database_statements_total";
    assert!(after.value(statements) >= before.value(statements) + 3.0);
    assert_eq!(after.value("newsstand_database_connections_max"), 2.0);
}

/// Whichever process does it.
#[rstest]
fn what_is_scheduled_and_imported_is_told(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    wait_for(&app, "newsstand_scheduled_articles", 0.0);
    let at = "2099-01-01T00:00:00Z";
    let later = json!({"status": "scheduled", "published_at": at});
    app.create(&with(article("later", 1), later));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("articles.jsonl");
    let lines: Vec<String> = (0..3)
        .map(|number| article(&format!("imported-{number}"), 1).to_string())
        .collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let import = ["import", "jsonl", file.to_str().unwrap()];
    assert!(run(&app.database.url, &import).status.success());

    wait_for(&app, "newsstand_scheduled_articles", 1.0);
    let deeds = |by: &str| {
        let labels = format!("by=\"{by}\",kind=\"article\",action=\"create\"");
        format!("newsstand_deeds_total{{{labels}}}")
    };
    wait_for(&app, &deeds("import"), 3.0);
    let figures = Figures::of(&app);
    assert_eq!(figures.value(&deeds("request")), 1.0);
    assert_eq!(figures.value("newsstand_scheduled_overdue_seconds"), 0.0);
    // Again, nothing was changed, and nothing is counted twice.
    assert!(run(&app.database.url, &import).status.success());
    thread::sleep(Duration::from_secs(6));
    assert_eq!(Figures::of(&app).value(&deeds("import")), 3.0);
}

/// Whatever is asked for, there are no more figures than there are patterns of paths, methods and
/// statuses.
#[test]
fn figures_are_as_many_whatever_is_asked_for() {
    let app = App::with(Sqlite, &[article("one", 1)]);
    let routes: BTreeSet<String> = contract::operations()
        .into_iter()
        .map(|(_, pattern, _)| pattern)
        .chain(["unmatched", "refused", "/docs/assets/{name}"].map(str::to_owned))
        .collect();
    let ask = |round: usize| {
        for number in 0..50 {
            let name = format!("x{round}-{number}");
            for path in [
                format!("/{name}"),
                format!("/v1/articles/{name}"),
                format!("/v1/articles?tag={name}"),
                format!("/v1/articles/one?{name}=1"),
                format!("/docs/assets/{name}.js"),
                format!("/feeds/tags/{name}.rss"),
            ] {
                client::send(app.address, "GET", &path, &[]);
            }
            let method = format!("X{round}{number}");
            client::send(app.address, &method, "/v1/articles", &[]);
        }
    };
    ask(0);
    let before = Figures::of(&app);
    ask(1);
    let after = Figures::of(&app);
    let names = |figures: &Figures| -> Vec<String> {
        // The first request for them is among them the second time.
        let own = |name: &&String| !name.contains("route=\"/metrics\"");
        figures.values.keys().filter(own).cloned().collect()
    };
    let known: BTreeSet<String> = names(&before).into_iter().collect();
    let new: Vec<String> = names(&after)
        .into_iter()
        .filter(|name| !known.contains(name))
        .filter(|name| name.starts_with("newsstand_http"))
        .collect();
    assert!(new.is_empty(), "{new:#?}");
    for name in known {
        let Some((_, rest)) = name.split_once("route=\"") else {
            continue;
        };
        let (route, _) = rest.split_once('"').unwrap();
        assert!(routes.contains(route), "{route}");
        assert!(!name.contains("method=\"X"), "{name}");
    }
}

#[rstest]
fn figures_are_told_also_while_the_database_is_of_no_use(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    app.database.execute("ALTER TABLE articles RENAME TO lost");
    app.get("/readyz").problem(503);
    let figures = Figures::of(&app);
    let route = "route=\"/readyz\",method=\"GET\",status=\"503\"";
    let name = format!("newsstand_http_request_duration_seconds_count{{{route}}}");
    assert_eq!(figures.value(&name), 1.0);
}
