//! The tree of categories: what moves, and what can't.

use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn tree(kind: Kind) -> App {
    let app = App::start(kind);
    put(&app, "in-world", json!({"category": ["World"]}));
    put(&app, "in-europe", json!({"category": ["World", "Europe"]}));
    put(
        &app,
        "in-nordic",
        json!({"category": ["World", "Europe", "Nordic"]}),
    );
    make(&app, "categories", json!({"name": "Sport"}));
    app
}

#[rstest]
fn a_category_moves_with_all_below_it(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = tree(kind);
    let from = log(&app, 0).len();
    let moved = patch(&app, "categories/europe", json!({"parent": "sport"}))
        .ok()
        .json();
    assert_eq!(
        (&moved["path"], &moved["parent"]["slug"]),
        (&json!("sport/europe"), &json!("sport"))
    );
    assert_eq!(path_of(&app, "nordic"), "sport/europe/nordic");
    assert_eq!(
        log(&app, from),
        ["category moved europe", "category moved nordic"]
    );
    let sport = app.get("/v1/categories/sport").ok().json();
    assert_eq!(sport["total_article_count"], 2);
    patch(&app, "categories/sport", json!({"slug": "games"})).ok();
    assert_eq!(path_of(&app, "nordic"), "games/europe/nordic");
    let article = app.get("/v1/articles/in-nordic").ok().json();
    let address = "http://localhost:3000/categories/games/europe/nordic";
    assert_eq!(article["category"]["url"], address);
    let former = app
        .get("/v1/resolve?path=/categories/world/europe/nordic")
        .ok()
        .json();
    assert_eq!(
        (&former["status"], &former["location"]),
        (&json!("moved"), &json!(address))
    );
    patch(&app, "categories/europe", json!({"parent": null})).ok();
    assert_eq!(path_of(&app, "nordic"), "europe/nordic");
    assert_eq!(path_of(&app, "europe"), "europe");
}

#[rstest]
fn a_category_can_not_go_just_anywhere(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = tree(kind);
    for parent in ["europe", "nordic", "world", "none"] {
        let answer = patch(&app, "categories/world", json!({"parent": parent}));
        assert_eq!(answer.problem(400).1, ["/parent"], "{parent}");
    }
    let mut parent = Value::Null;
    for level in 1..=8 {
        let sent = json!({"name": format!("Level {level}"), "parent": parent});
        parent = make(&app, "categories", sent)["slug"].clone();
    }
    let ninth = json!({"name": "Level 9", "parent": parent});
    let answer = app.edit("POST", "/v1/categories", &[], &ninth);
    assert_eq!(answer.problem(400).1, ["/parent"]);
    for moved in ["level-1", "level-7"] {
        let answer = patch(
            &app,
            &format!("categories/{moved}"),
            json!({"parent": "nordic"}),
        );
        match moved {
            "level-1" => assert_eq!(answer.problem(400).1, ["/parent"], "seven below it"),
            _ => assert_eq!(answer.ok().json()["path"], "world/europe/nordic/level-7"),
        }
    }
    assert_eq!(path_of(&app, "level-6").split('/').count(), 6);
    assert_eq!(
        path_of(&app, "level-8"),
        "world/europe/nordic/level-7/level-8"
    );
}

#[rstest]
fn a_deleted_category_leaves_what_it_holds_to_another(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = tree(kind);
    let from = log(&app, 0).len();
    for full in ["world", "europe", "nordic"] {
        let answer = delete(&app, &format!("categories/{full}"));
        assert_eq!(answer.problem(409).0, "conflict", "{full}");
    }
    for to in ["europe", "nordic", "none"] {
        let answer = delete(&app, &format!("categories/europe?move_to={to}"));
        assert_eq!(answer.problem(400).1, ["move_to"], "{to}");
    }
    assert!(log(&app, from).is_empty());
    assert_eq!(delete(&app, "categories/europe?move_to=sport").status, 204);
    assert_eq!(path_of(&app, "nordic"), "sport/nordic");
    for (slug, category) in [("in-europe", "sport"), ("in-nordic", "nordic")] {
        let article = app.get(&format!("/v1/articles/{slug}")).ok().json();
        assert_eq!(article["category"]["slug"], category);
    }
    assert_eq!(
        log(&app, from),
        [
            "article updated in-europe",
            "category moved nordic",
            "category deleted -"
        ]
    );
    let sport = app.get("/v1/categories/sport").ok().json();
    assert_eq!(
        (&sport["article_count"], &sport["total_article_count"]),
        (&json!(1), &json!(2))
    );
    app.get("/v1/categories/europe").problem(410);
    // Deeper than it may be, nothing is moved.
    let mut parent = json!("world");
    for level in 2..=8 {
        let sent = json!({"name": format!("Level {level}"), "parent": parent});
        parent = make(&app, "categories", sent)["slug"].clone();
    }
    delete(&app, "categories/sport?move_to=level-8").problem(400);
    assert_eq!(path_of(&app, "nordic"), "sport/nordic");
}
