//! Every operation that needs a token against every token, as the document has it.

use newsstand::model::caller::Scope;
use rstest::rstest;
use serde_json::{Value, json};

use super::{any_state, guarded, signed};
use crate::support::{
    Answer, App, Kind, Postgres, Sqlite, client,
    content::{article, with},
    contract, token,
};

/// A server with a draft, a category, a tag and an author of each of these names.
fn app_with(kind: Kind, names: usize) -> App {
    let articles: Vec<Value> = (0..names)
        .map(|number| {
            let name = format!("m{number}");
            let members = json!({
                "status": "draft", "category": [name], "tags": [name], "authors": [name],
            });
            with(article(&name, 1), members)
        })
        .collect();
    App::with(kind, &articles)
}

fn ask(app: &App, bearer: Option<&str>, method: &str, path: &str, body: &Value) -> Answer {
    let Some(bearer) = bearer else {
        let mut fields = any_state(method).to_vec();
        fields.push(("Content-Type", "application/json"));
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let answer = client::send_with(app.address, method, path, &fields, body.as_bytes());
        contract::check(method, path, &answer);
        return answer;
    };
    app.edit_as(bearer, method, path, any_state(method), body)
}

#[rstest]
fn each_operation_takes_the_token_that_the_document_names_and_no_other(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let count = guarded("m").len();
    assert!(count > 20, "only {count} operations need a token");
    let app = app_with(kind, count);
    let bad = format!("{}x", signed(&json!({}), &json!({})));
    for number in 0..count {
        // Of its own, since a test before it may have removed another.
        let (method, path, body, needed) = guarded(&format!("m{number}")).swap_remove(number);
        let name = format!("{method} {path}");
        let challenge = |answer: &Answer| answer.header("www-authenticate").expect(&name);

        let none = ask(&app, None, &method, &path, &body);
        assert_eq!(none.problem(401).0, "invalid_token", "{name}");
        assert!(challenge(&none).starts_with("Bearer realm="), "{name}");

        let wrong = ask(&app, Some(&bad), &method, &path, &body);
        assert_eq!(wrong.problem(401).0, "invalid_token", "{name}");
        assert!(
            challenge(&wrong).contains("error=\"invalid_token\""),
            "{name}"
        );

        let others = Scope::ALL
            .into_iter()
            .filter(|scope| scope.as_str() != needed);
        let others: Vec<Scope> = others.collect();
        for scopes in [others, Vec::new()] {
            let poor = ask(&app, Some(&token(&scopes)), &method, &path, &body);
            assert_eq!(poor.problem(403).0, "insufficient_scope", "{name}");
            let challenge = challenge(&poor);
            assert!(challenge.contains("error=\"insufficient_scope\""), "{name}");
            assert!(challenge.contains(&format!("scope=\"{needed}\"")), "{name}");
        }

        let scope = Scope::parse(needed).expect(&name);
        let right = ask(&app, Some(&token(&[scope])), &method, &path, &body);
        let is_let_in = !matches!(right.status, 401 | 403) && right.status < 500;
        assert!(is_let_in, "{name}: {} {}", right.status, right.text());
    }
}

#[test]
fn whatever_changes_something_needs_a_token_of_one_known_scope() {
    for (method, path, operation) in contract::operations() {
        let name = format!("{method} {path}");
        let scopes = operation["x-required-scopes"].as_array();
        for scope in scopes.into_iter().flatten() {
            assert!(
                scope.as_str().and_then(Scope::parse).is_some(),
                "{name}: {scope}"
            );
        }
        if method != "GET" {
            assert!(contract::needs_token(operation), "{name} needs no token");
        }
        if contract::needs_token(operation) {
            assert_eq!(scopes.map(Vec::len), Some(1), "{name}");
            for status in ["401", "403"] {
                assert!(
                    operation["responses"].get(status).is_some(),
                    "{name}: {status}"
                );
            }
        }
    }
}
