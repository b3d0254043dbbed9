//! Answers about a category end with what readers see in it and below it, and with nothing else.

use std::{
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::{Value, json};

use super::{HIT, status, warmed};
use crate::{
    support::{
        App, Kind, Postgres, Sqlite,
        content::{article, date, forty, with},
        editor,
    },
    tokens::server::{Server, ask},
};

const ANY: (&str, &str) = ("If-Match", "*");
/// All articles, and the categories of [`forty`], of which the first three lie in each other.
const PLACES: [&str; 5] = ["all", "world", "europe", "nordic", "sport"];

/// Answers about a category, or about all articles.
fn about(place: &str) -> Vec<String> {
    match place {
        "all" => vec!["/v1/articles".to_owned(), "/feeds/articles.json".to_owned()],
        category => vec![
            format!("/v1/articles?category={category}"),
            format!("/v1/articles?category={category}&language=en&sort=title&page=1"),
            format!("/v1/articles?category={category}&tag=climate&exclude_author=cy-oh"),
            format!("/feeds/categories/{category}.rss"),
            format!("/v1/categories/{category}"),
        ],
    }
}

fn is_kept(app: &App, path: &str) -> bool {
    status(&app.get(path).ok()) == HIT
}

/// Does something; gives the places of which all answers ended by it. Those of others are kept.
fn ended(app: &App, happens: impl FnOnce()) -> Vec<&'static str> {
    // What an earlier change brings about later must not be taken for this one's.
    app.settle();
    for path in PLACES.iter().flat_map(|place| about(place)) {
        warmed(app, &path);
    }
    happens();
    let has_ended = |place: &&str| {
        let paths = about(place);
        let kept: Vec<bool> = paths.iter().map(|path| is_kept(app, path)).collect();
        assert!(kept.iter().all(|one| *one == kept[0]), "{place}: {kept:?}");
        !kept[0]
    };
    PLACES.into_iter().filter(has_ended).collect()
}

fn published(slug: &str, category: &str) -> Value {
    let members = json!({"status": "published", "category": category});
    with(article(slug, 100), members)
}

#[rstest]
fn what_happens_in_a_category_leaves_others_kept(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let draft = with(article("new", 100), json!({"category": "sport"}));
    let made = ended(&app, || {
        app.create(&draft);
    });
    assert!(made.is_empty(), "{made:?}");
    let (sport, europe) = (vec!["all", "sport"], vec!["all", "world", "europe"]);
    let nordic = vec!["all", "world", "europe", "nordic"];
    for (step, body, expected) in [
        ("edit", json!({"title": "Draft"}), vec![]),
        ("publish", Value::Null, sport.clone()),
        ("edit", json!({"title": "Other"}), sport.clone()),
        ("edit", json!({"published_at": date(1)}), sport.clone()),
        ("edit", json!({"category": "nordic"}), PLACES.to_vec()),
        ("edit", json!({"category": "europe"}), nordic),
        ("unpublish", Value::Null, europe.clone()),
        ("publish", Value::Null, europe.clone()),
        ("edit", json!({"category": null}), europe),
        ("edit", json!({"title": "Once more"}), vec!["all"]),
        ("edit", json!({"category": "sport"}), sport.clone()),
        ("delete", Value::Null, sport),
    ] {
        let path = "/v1/articles/new";
        let ended = ended(&app, || {
            let answer = match step {
                "edit" => app.edit("PATCH", path, &[ANY], &body),
                "delete" => app.edit("DELETE", path, &[ANY], &body),
                step => app.edit("POST", &format!("{path}/{step}"), &[], &body),
            };
            assert!(answer.status < 300, "{step}: {}", answer.text());
        });
        assert_eq!(ended, expected, "{step} {body}");
    }
}

#[rstest]
fn the_list_of_categories_ends_with_what_is_in_any(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    app.settle();
    let path = "/v1/categories?tree=true";
    warmed(&app, path);
    let loose = json!({"status": "published", "tags": ["Unheard of"]});
    app.create(&with(article("loose", 90), loose));
    assert!(is_kept(&app, path));
    app.create(&published("filed", "sport"));
    let after = app.get(path).ok();
    assert_ne!(status(&after), HIT);
    let all = after.json();
    let mut roots = all["data"].as_array().unwrap().iter();
    let sport = roots.find(|category| category["slug"] == "sport");
    assert_eq!(sport.unwrap()["article_count"], 11);
}

#[rstest]
fn a_category_that_moves_takes_along_what_ends_with_it(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let moved = ended(&app, || {
        let below = json!({"parent": "sport"});
        app.edit("PATCH", "/v1/categories/nordic", &[ANY], &below)
            .ok();
    });
    assert_eq!(moved, PLACES);
    let ended = ended(&app, || {
        app.create(&published("new", "nordic"));
    });
    assert_eq!(ended, ["all", "nordic", "sport"]);
    let sport = "/v1/articles?category=sport";
    let europe = "/v1/articles?category=europe";
    assert_eq!(app.slugs(sport)[0], "new");
    warmed(&app, sport);
    warmed(&app, europe);
    let gone = "/v1/categories/nordic?move_to=europe";
    let gone = app.edit("DELETE", gone, &[ANY], &Value::Null);
    assert_eq!(gone.status, 204, "{}", gone.text());
    assert!(!app.slugs(sport).contains(&"new".to_owned()));
    assert_eq!(app.slugs(europe)[0], "new");
}

#[rstest]
fn another_process_ends_what_is_of_its_category_alone(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    app.create(&with(article("new", 100), json!({"category": "sport"})));
    let other = Server::start(&app.database.url, "warn", Stdio::inherit());
    app.settle();
    let of = |category: &str| format!("/v1/articles?category={category}");
    let first_soon = |path: &str, slug: &str| {
        let started = Instant::now();
        while app.slugs(path)[0] != slug {
            assert!(started.elapsed() < Duration::from_secs(3), "{path}: {slug}");
            thread::sleep(Duration::from_millis(10));
        }
    };
    let (sport, world, nordic) = (of("sport"), of("world"), of("nordic"));
    for path in [&sport, &world, &nordic] {
        warmed(&app, path);
    }
    let edit = |method: &str, path: &str, fields: &[(&str, &str)], body: &Value| {
        ask(other.address, &editor(), (method, path), fields, body).ok();
    };
    edit("POST", "/v1/articles/new/publish", &[], &Value::Null);
    first_soon(&sport, "new");
    assert!(is_kept(&app, &world) && is_kept(&app, &nordic));
    warmed(&app, &sport);
    let moved = json!({"category": "world"});
    edit("PATCH", "/v1/articles/new", &[ANY], &moved);
    first_soon(&world, "new");
    assert!(!app.slugs(&sport).contains(&"new".to_owned()));
    assert!(is_kept(&app, &nordic));
}
