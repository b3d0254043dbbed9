//! Holds an answer against the OpenAPI document: its status, its form and its schema; and any to what
//! guards browsers.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, OnceLock},
};

use jsonschema::Validator;
use newsstand::http::openapi;
use serde_json::{Map, Value, json};

use crate::support::client::Answer;

pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(&openapi::json()).expect("the document is JSON"))
}

/// Every operation: method in capitals, path, and what the document says of it.
pub fn operations() -> Vec<(String, String, &'static Value)> {
    let paths = document()["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &'static Value)| {
        let operations = item.as_object().expect("operations").iter();
        operations
            .map(|(method, operation)| (method.to_uppercase(), path.clone(), operation))
            .collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

/// Whether nobody may do an operation without a token.
pub fn needs_token(operation: &Value) -> bool {
    let alternatives = operation["security"].as_array().expect("security");
    alternatives
        .iter()
        .all(|scheme| scheme.get("token").is_some())
}

/// Follows a reference within the document.
pub fn resolved(value: &'static Value) -> &'static Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => document()
            .pointer(reference.trim_start_matches('#'))
            .expect(reference),
        None => value,
    }
}

fn operation(method: &str, path: &str) -> Option<(String, &'static Value)> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let given: Vec<&str> = path.split('/').collect();
    let method = if method == "HEAD" { "GET" } else { method };
    operations()
        .into_iter()
        .find_map(|(known, pattern, operation)| {
            let parts: Vec<&str> = pattern.split('/').collect();
            let fits = parts.len() == given.len()
                // A path of its own goes before a key.
                && (method != "POST" || (pattern == "/v1/articles/batch") == (path == "/v1/articles/batch"))
                && parts.iter().zip(&given).all(|(part, text)| has_form(part, text));
            (fits && known == method).then(|| (format!("{known} {pattern}"), operation))
        })
}

/// Whether a segment has the form of a pattern's, which may have fixed text around its holes.
fn has_form(part: &str, text: &str) -> bool {
    let Some((before, rest)) = part.split_once('{') else {
        return part == text;
    };
    let (_, after) = rest.split_once('}').expect("a hole is closed");
    let Some(text) = text.strip_prefix(before) else {
        return false;
    };
    if after.is_empty() {
        return !text.is_empty();
    }
    // As the router does, a hole takes as much as it can.
    let fixed = after.split('{').next().unwrap_or_default();
    let place = text.rfind(fixed);
    place.is_some_and(|at| at > 0 && has_form(after, &text[at..]))
}

/// Fails unless a browser can make nothing of an answer that it should not.
pub fn check_guards(name: &str, answer: &Answer) {
    let field = |field: &str| answer.header(field).unwrap_or_default();
    assert_eq!(field("x-content-type-options"), "nosniff", "{name}");
    assert_eq!(field("referrer-policy"), "no-referrer", "{name}");
    let policy = field("content-security-policy");
    let rules: BTreeSet<&str> = policy.split(';').map(str::trim).collect();
    for rule in [
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(rules.contains(rule), "{name}: {policy}");
    }
    let scripts = rules.iter().find(|rule| rule.starts_with("script-src"));
    assert!(
        scripts.is_none_or(|rule| *rule == "script-src 'self'"),
        "{name}: {policy}"
    );
    for told in ["server", "x-powered-by"] {
        assert!(answer.header(told).is_none(), "{name} tells {told}");
    }
    if !answer.body.is_empty() {
        assert!(!field("content-type").is_empty(), "{name} has no type");
    }
    if field("content-type").starts_with("text/") {
        assert!(field("content-type").contains("charset="), "{name}");
    }
}

/// Fails the test when the answer is not as the document says, or lacks what guards browsers.
pub fn check(method: &str, path: &str, answer: &Answer) {
    check_guards(&format!("{method} {path}"), answer);
    assert!(
        answer.header("x-request-id").is_some(),
        "{method} {path} has no X-Request-Id"
    );
    if answer.status >= 400 && method != "HEAD" {
        answer.problem(answer.status);
    }
    let Some((name, operation)) = operation(method, path) else {
        return;
    };
    let status = answer.status.to_string();
    let said = operation["responses"]
        .get(&status)
        .unwrap_or_else(|| panic!("{name} does not document {status}: {}", answer.text()));
    let said = resolved(said);
    let documented = said["headers"].as_object().expect("headers");
    for (field, _) in &answer.headers {
        let is_plain = matches!(
            field.to_ascii_lowercase().as_str(),
            "content-type"
                | "content-length"
                | "content-encoding"
                | "date"
                | "connection"
                | "server-timing"
                | "x-content-type-options"
                | "access-control-expose-headers"
                | "content-security-policy"
                | "referrer-policy"
        );
        let is_known = documented
            .keys()
            .any(|known| known.eq_ignore_ascii_case(field));
        assert!(
            is_plain || is_known,
            "{name} does not document the field {field} of {status}"
        );
    }
    let Some(forms) = said.get("content").and_then(Value::as_object) else {
        assert!(
            answer.body.is_empty(),
            "{name} documents no body of {status}"
        );
        return;
    };
    let is_minimal = answer.header("preference-applied").is_some();
    if method == "HEAD" || is_minimal || answer.header("content-encoding").is_some() {
        return;
    }
    let form = answer.header("content-type").expect("a content type");
    let form = form.split(';').next().expect("a media type");
    let schema = &forms
        .get(form)
        .unwrap_or_else(|| panic!("{name} does not document {form}"))["schema"];
    if form.ends_with("json") {
        let validator = validator(schema);
        let body = answer.json();
        let errors: Vec<String> = validator
            .iter_errors(&body)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name} {status}: {errors:#?}\n{body:#}");
    }
}

/// What checks a schema. Making one takes long, and many answers have the same schema.
fn validator(schema: &Value) -> Arc<Validator> {
    static KNOWN: OnceLock<Mutex<HashMap<String, Arc<Validator>>>> = OnceLock::new();
    let mut known = KNOWN
        .get_or_init(Mutex::default)
        .lock()
        .expect("no test panics in here");
    let name = schema.to_string();
    let make = || {
        let options = jsonschema::options().should_validate_formats(true);
        Arc::new(options.build(&whole(schema)).expect("a schema"))
    };
    Arc::clone(known.entry(name).or_insert_with(make))
}

/// A schema with those of the document's that it leads to.
fn whole(schema: &Value) -> Value {
    let known = &document()["components"]["schemas"];
    let mut found = Map::new();
    let mut waiting = vec![schema];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Array(items) => waiting.extend(items),
            Value::Object(members) => {
                waiting.extend(members.values());
                let reference = members.get("$ref").and_then(Value::as_str);
                let name = reference.and_then(|text| text.strip_prefix("#/components/schemas/"));
                if let Some(name) = name
                    && !found.contains_key(name)
                {
                    found.insert(name.to_owned(), known[name].clone());
                    waiting.push(&known[name]);
                }
            }
            _ => {}
        }
    }
    json!({"components": {"schemas": found}, "allOf": [schema]})
}
