//! What clients are told of their limits.

use serde_json::{Value, json};

use super::{PATH, ask, token_of, wait};
use crate::support::{Answer, App, Sqlite, content::article};

fn app() -> App {
    let flags = [
        "--rate-limit-address",
        "4/3600",
        "--rate-limit-token",
        "600/60",
    ];
    let app = App::start_with(Sqlite, &flags);
    app.put(&[article("one", 1)]);
    app
}

/// `RateLimit` without the seconds, and `RateLimit-Policy`.
fn told(answer: &Answer) -> Option<(String, u64, String)> {
    let limit = answer.header("ratelimit")?;
    let (left, seconds) = limit.rsplit_once(";t=").expect("when there is more");
    let policy = answer.header("ratelimit-policy").expect("the policy");
    Some((left.to_owned(), seconds.parse().expect("seconds"), policy))
}

#[test]
fn what_is_left_is_told_where_nobody_else_may_get_the_answer() {
    let app = app();
    for _ in 0..2 {
        let public = ask(&app, "/v1/articles/one", &[]).ok();
        assert_eq!(told(&public), None);
        assert_eq!(public.header("ratelimit-policy"), None);
    }
    let (left, seconds, policy) = told(&ask(&app, "/v1/articles/none", &[])).unwrap();
    assert_eq!(left, "\"address\";r=1");
    assert!((1..=900).contains(&seconds), "{seconds}");
    assert_eq!(policy, "\"address\";q=4;w=3600");
    ask(&app, PATH, &[]).ok();
    for _ in 0..2 {
        let refused = ask(&app, PATH, &[]);
        let (left, seconds, policy) = told(&refused).unwrap();
        assert_eq!(left, "\"address\";r=0");
        assert_eq!(seconds, wait(&refused));
        assert!((1..=900).contains(&seconds), "{seconds}");
        assert_eq!(policy, "\"address\";q=4;w=3600");
    }
}

#[test]
fn editors_are_told_with_each_answer_but_redirects() {
    let app = app();
    let token = token_of("ann", "a-1");
    let send = |method: &str, path: &str, body: &Value| {
        app.edit_as(&token, method, path, &[("If-Match", "*")], body)
    };
    let whole = send("GET", "/v1/articles/one", &Value::Null).ok();
    let (left, seconds, policy) = told(&whole).unwrap();
    assert_eq!((left.as_str(), seconds), ("\"token\";r=599", 1));
    assert_eq!(policy, "\"token\";q=600;w=60");
    let changed = send("PATCH", "/v1/articles/one", &json!({"slug": "two"})).ok();
    assert!(told(&changed).is_some());
    let moved = send("GET", "/v1/articles/one", &Value::Null);
    assert_eq!((moved.status, told(&moved)), (308, None));
    let etag = send("GET", "/v1/articles/two", &Value::Null).header("etag");
    let known = [("If-None-Match", etag.as_deref().unwrap())];
    let same = app.edit_as(&token, "GET", "/v1/articles/two", &known, &Value::Null);
    assert_eq!(same.status, 304);
    assert!(told(&same).is_some());
}
