//! The dashboard and the alert rules ask for figures that are there, and leave none out. That
//! Prometheus can read what they ask, and when alerts fire, `tests/monitoring/check` sees to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use serde_json::{Value, json};

use crate::{
    metrics::{Figures, wait_for},
    support::{App, Sqlite, content::article},
};

/// Labels that Prometheus itself gives.
const OF_SCRAPES: [&str; 2] = ["instance", "job"];

fn dashboard() -> Value {
    let text = fs::read_to_string("src/monitoring/dashboard.json").unwrap();
    serde_json::from_str(&text).unwrap()
}

fn alerts() -> Vec<Value> {
    let text = fs::read_to_string("src/monitoring/alerts.yml").unwrap();
    let file: Value = serde_saphyr::from_str(&text).unwrap();
    file["groups"][0]["rules"].as_array().unwrap().clone()
}

fn panels() -> Vec<Value> {
    dashboard()["panels"].as_array().unwrap().clone()
}

fn expr(of: &Value) -> String {
    of["expr"].as_str().unwrap().to_owned()
}

/// All that the dashboard asks.
fn queries() -> Vec<String> {
    let queries = |panel: &Value| -> Vec<String> {
        let targets = panel["targets"].as_array();
        targets.into_iter().flatten().map(expr).collect()
    };
    panels().iter().flat_map(queries).collect()
}

/// Names of figures in a query, with what stands in the braces behind each.
fn asked(query: &str) -> Vec<(String, String)> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut rest = query;
    while let Some(start) = ["newsstand_", "process_"]
        .into_iter()
        .filter_map(|prefix| rest.find(prefix))
        .min()
    {
        rest = &rest[start..];
        let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let braces = behind.strip_prefix('{');
        let labels = braces.map_or("", |inner| inner.split('}').next().unwrap());
        found.push((name.to_owned(), labels.to_owned()));
        rest = behind;
    }
    found
}

/// Names, values and signs of `name="value"`, parted by commas.
fn matchers(labels: &str) -> Vec<(String, bool, String)> {
    let one = |part: &str| {
        let (name, value) = part.split_once('=').expect(part);
        let is_exact = value.starts_with('"') && !name.ends_with('!');
        let name = name.trim_end_matches('!').to_owned();
        (name, is_exact, value.trim_matches(['~', '"']).to_owned())
    };
    let parts = labels.split(',').filter(|part| !part.is_empty());
    parts.map(one).collect()
}

/// Values of labels, by the name that queries know a figure by.
fn labels(figures: &Figures) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let mut known: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (family, kind) in &figures.families {
        let endings: &[&str] = match kind.as_str() {
            "histogram" => &["_bucket", "_sum", "_count"],
            _ => &[""],
        };
        for ending in endings {
            known.entry(format!("{family}{ending}")).or_default();
        }
    }
    for name in figures.values.keys() {
        let (bare, labels) = name.split_once('{').unwrap_or((name.as_str(), ""));
        for (label, _, value) in matchers(labels.trim_end_matches('}')) {
            let values = known.get_mut(bare).unwrap().entry(label).or_default();
            values.insert(value);
        }
    }
    known
}

#[test]
#[cfg(target_os = "linux")]
fn whatever_is_asked_for_is_there() {
    let app = App::with(Sqlite, &[article("one", 1)]);
    app.get("/v1/articles").ok();
    wait_for(&app, "newsstand_scheduled_articles", 0.0);
    let known = labels(&Figures::of(&app));
    let rules = alerts();
    for query in queries().into_iter().chain(rules.iter().map(expr)) {
        let figures = asked(&query);
        assert!(!figures.is_empty(), "{query} asks for nothing");
        for (name, inner) in figures {
            let labels = known.get(&name);
            let labels = labels.unwrap_or_else(|| panic!("{query}: there is no {name}"));
            for (label, is_exact, value) in matchers(&inner) {
                if OF_SCRAPES.contains(&label.as_str()) {
                    continue;
                }
                let values = labels.get(&label);
                let values = values.unwrap_or_else(|| panic!("{query}: {name} has no {label}"));
                let is_told = values.contains(&value) || label == "status";
                assert!(is_told || !is_exact, "{query}: no {label} is {value}");
            }
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn every_figure_is_on_the_dashboard() {
    let app = App::start(Sqlite);
    wait_for(&app, "newsstand_scheduled_articles", 0.0);
    let shown: BTreeSet<String> = queries()
        .iter()
        .flat_map(|query| asked(query))
        .map(|(name, _)| name)
        .collect();
    // When servers were started is told by their marks.
    let marks = dashboard()["annotations"]["list"][0].clone();
    let shown_by_marks = asked(&expr(&marks)).swap_remove(0).0;
    for (family, kind) in Figures::of(&app).families {
        let name = match kind.as_str() {
            "histogram" => format!("{family}_bucket"),
            _ => family,
        };
        assert!(shown.contains(&name) || name == shown_by_marks, "{name}");
    }
}

#[test]
fn panels_lie_beside_each_other_and_ask_the_chosen_server() {
    let mut ids = BTreeSet::new();
    let mut taken: BTreeMap<(u64, u64), String> = BTreeMap::new();
    for panel in panels() {
        let title = panel["title"].as_str().unwrap().to_owned();
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}");
        let place = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        assert!(place("x") + place("w") <= 24, "{title}");
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                let other = taken.insert((x, y), title.clone());
                assert_eq!(other, None, "{title} lies upon another");
            }
        }
        if panel["type"] == "row" {
            continue;
        }
        let source = json!({"type": "prometheus", "uid": "${datasource}"});
        assert_eq!(panel["datasource"], source, "{title}");
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"], source, "{title}");
            for (name, labels) in asked(&expr(target)) {
                let chosen = "job=~\"$job\",instance=~\"$instance\"";
                assert!(labels.starts_with(chosen), "{title}: {name}");
            }
        }
    }
    let variables = dashboard()["templating"]["list"].clone();
    let names = variables.as_array().unwrap().iter();
    let names: Vec<&str> = names.map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["datasource", "job", "instance"]);
}

#[test]
fn each_alert_says_what_it_is_and_is_tried() {
    let tried = fs::read_to_string("tests/monitoring/alerts.test.yml").unwrap();
    for rule in alerts() {
        let name = rule["alert"].as_str().unwrap();
        assert!(name.starts_with("Newsstand"), "{name}");
        assert!(tried.contains(&format!("alertname: {name}")), "{name}");
        let severity = rule["labels"]["severity"].as_str().unwrap();
        assert!(["critical", "warning"].contains(&severity), "{name}");
        for text in ["summary", "description"] {
            let text = rule["annotations"][text].as_str().unwrap();
            assert!(text.len() > 10, "{name}: {text}");
        }
    }
}

#[test]
fn the_program_has_both_with_it() {
    for (what, file) in [("dashboard", "dashboard.json"), ("alerts", "alerts.yml")] {
        let output = Command::new(env!("CARGO_BIN_EXE_newsstand"))
            .args(["monitoring", what])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let expected = fs::read(format!("src/monitoring/{file}")).unwrap();
        assert!(output.stdout == expected, "{what}");
    }
}
