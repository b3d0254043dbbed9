//! `explain=true`: what a score is made of, for editors.

use newsstand::model::caller::Scope;
use rstest::rstest;
use serde_json::Value;

use crate::{
    related::{
        corpus::{publication, words},
        items, path,
    },
    support::{App, Kind, Postgres, Sqlite, token},
};

#[rstest]
fn editors_are_told_what_a_score_is_made_of(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &publication());
    let plain = path("court-1");
    let asked = format!("{plain}?explain=true&limit=5");
    app.get(&asked).problem(401);
    app.edit_as(&token(&[Scope::Write]), "GET", &asked, &[], &Value::Null)
        .problem(403);
    let reader = token(&[Scope::ReadDrafts]);
    let answer = app
        .edit_as(&reader, "GET", &asked, &[], &Value::Null)
        .ok()
        .json();
    let plain = items(&app, &format!("{plain}?limit=5"));
    for (item, plain) in answer["data"].as_array().unwrap().iter().zip(&plain) {
        assert_eq!(item["article"]["slug"], plain["article"]["slug"]);
        assert_eq!(item["score"], plain["score"]);
        assert!(plain["evidence"].is_null());
        let evidence = &item["evidence"];
        let figure = |name: &str| evidence[name].as_f64().expect(name);
        assert!(figure("lexical") > 0.0 && figure("lexical") < 0.9);
        assert!(figure("topic") > 0.0);
        assert!(figure("total") >= item["score"].as_f64().unwrap());
        assert_eq!(figure("time"), 1.0);
        assert!(figure("category") >= 0.0 && figure("tags") >= 0.0);
        let terms = evidence["terms"].as_array().unwrap();
        assert!(!terms.is_empty());
        for term in terms {
            let mut parts = term["term"].as_str().unwrap().split(' ');
            assert!(parts.all(|part| words(3).contains(&part)), "{term}");
            assert!(term["weight"].as_f64().unwrap() > 0.0);
        }
    }
    // Nobody need be an editor to leave it off.
    app.get(&format!("{}?explain=false", path("court-1"))).ok();
    app.get(&format!("{}?explain=yes", path("court-1")))
        .problem(400);
}
