//! A change that breaks clients of the released document fails, unless it is acknowledged.
//!
//! `openapi/released.v1.json` is what clients were promised; lines of
//! `openapi/acknowledged-breaking-changes.txt` are findings that are wanted all the same.

use newsstand::http::openapi;
use serde_json::{Map, Value};

#[test]
fn nothing_breaks_clients_of_the_released_document() {
    let released = std::fs::read_to_string("openapi/released.v1.json").expect("it is committed");
    let released: Value = serde_json::from_str(&released).unwrap();
    let now: Value = serde_json::from_str(&openapi::json()).unwrap();
    let acknowledged = std::fs::read_to_string("openapi/acknowledged-breaking-changes.txt")
        .expect("it is committed");
    let acknowledged: Vec<&str> = acknowledged
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let found = breaking(&released, &now);
    let new: Vec<&String> = found
        .iter()
        .filter(|line| !acknowledged.contains(&line.as_str()))
        .collect();
    assert!(
        new.is_empty(),
        "breaking changes that nobody acknowledged: {new:#?}"
    );
    let stale: Vec<&&str> = acknowledged
        .iter()
        .filter(|line| !found.contains(&(**line).to_owned()))
        .collect();
    assert!(stale.is_empty(), "acknowledged, but not there: {stale:#?}");
}

#[test]
fn breaks_of_every_kind_are_seen() {
    let now: Value = serde_json::from_str(&openapi::json()).unwrap();
    assert!(breaking(&now, &now).is_empty());
    let list = "/paths/~1v1~1articles/get";
    let changes: [(&str, &dyn Fn(&mut Value)); 9] = [
        ("operation", &|d| {
            drop(
                d.pointer_mut("/paths/~1v1~1articles")
                    .unwrap()
                    .as_object_mut()
                    .unwrap()
                    .remove("get"),
            )
        }),
        ("parameter", &|d| {
            drop(
                d.pointer_mut(&format!("{list}/parameters"))
                    .unwrap()
                    .as_array_mut()
                    .unwrap()
                    .remove(0),
            )
        }),
        ("required", &|d| {
            *d.pointer_mut(&format!("{list}/parameters/0"))
                .unwrap()
                .get_mut("required")
                .unwrap() = true.into()
        }),
        ("maximum", &|d| {
            d.pointer_mut(&format!("{list}/parameters/0/schema"))
                .unwrap()["maximum"] = 50.into()
        }),
        ("answer", &|d| {
            drop(
                d.pointer_mut(&format!("{list}/responses"))
                    .unwrap()
                    .as_object_mut()
                    .unwrap()
                    .remove("200"),
            )
        }),
        ("member", &|d| {
            drop(
                d.pointer_mut("/components/schemas/Article/properties")
                    .unwrap()
                    .as_object_mut()
                    .unwrap()
                    .remove("slug"),
            )
        }),
        ("type", &|d| {
            d.pointer_mut("/components/schemas/Article/properties/slug")
                .unwrap()["type"] = "integer".into()
        }),
        ("always", &|d| {
            d.pointer_mut("/components/schemas/Article/required")
                .unwrap()
                .as_array_mut()
                .unwrap()
                .retain(|name| name != "slug")
        }),
        ("null", &|d| {
            d.pointer_mut("/components/schemas/Article/properties/slug")
                .unwrap()["type"] = serde_json::json!(["string", "null"])
        }),
    ];
    for (word, change) in changes {
        let mut changed = now.clone();
        change(&mut changed);
        let found = breaking(&now, &changed);
        assert!(
            found.iter().any(|line| line.contains(word)),
            "{word}: {found:?}"
        );
    }
}

fn breaking(before: &Value, after: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (path, item) in members(&before["paths"]) {
        for (method, operation) in members(item) {
            let name = format!("{} {path}", method.to_uppercase());
            match after["paths"].get(path).and_then(|item| item.get(method)) {
                Some(now) => compare_operations(&name, operation, now, &mut found),
                None => found.push(format!("{name}: the operation is gone")),
            }
        }
    }
    for (name, schema) in members(&before["components"]["schemas"]) {
        match after["components"]["schemas"].get(name) {
            Some(now) => compare_schemas(name, schema, now, &mut found),
            None => found.push(format!("{name}: the schema is gone")),
        }
    }
    found
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn compare_operations(name: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    if before["operationId"] != after["operationId"] {
        found.push(format!("{name}: the operationId is another"));
    }
    let parameters = |operation: &Value| -> Vec<Value> {
        operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    for parameter in parameters(before) {
        let of_name = parameter["name"].as_str().unwrap_or_default();
        let now = parameters(after)
            .into_iter()
            .find(|now| now["name"] == parameter["name"]);
        let Some(now) = now else {
            found.push(format!("{name}: the parameter {of_name} is gone"));
            continue;
        };
        if now["required"] == true && parameter["required"] != true {
            found.push(format!("{name}: the parameter {of_name} is required now"));
        }
        narrowed(
            &format!("{name}: the parameter {of_name}"),
            &parameter["schema"],
            &now["schema"],
            found,
        );
    }
    for parameter in parameters(after) {
        let is_new = parameters(before)
            .iter()
            .all(|known| known["name"] != parameter["name"]);
        if is_new && parameter["required"] == true {
            found.push(format!(
                "{name}: the new parameter {} is required",
                parameter["name"]
            ));
        }
    }
    for (status, answer) in members(&before["responses"]) {
        let Some(now) = after["responses"].get(status) else {
            found.push(format!("{name}: the answer {status} is gone"));
            continue;
        };
        for (form, content) in members(&answer["content"]) {
            match now["content"].get(form) {
                None => found.push(format!("{name}: the answer {status} is no {form} any more")),
                Some(now) => compare_schemas(
                    &format!("{name} {status}"),
                    &content["schema"],
                    &now["schema"],
                    found,
                ),
            }
        }
    }
}

/// What a client may send must not become less.
fn narrowed(name: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    if before["type"] != after["type"] {
        found.push(format!("{name} is of another type"));
    }
    if before["pattern"] != after["pattern"] {
        found.push(format!("{name} has another pattern"));
    }
    for (bound, sign) in [("maximum", 1.0), ("maxLength", 1.0), ("minimum", -1.0)] {
        let value = |schema: &Value| schema[bound].as_f64().map(|value| value * sign);
        match (value(before), value(after)) {
            (Some(before), Some(after)) if after < before => {
                found.push(format!("{name} has a narrower {bound}"))
            }
            (None, Some(_)) => found.push(format!("{name} has a {bound} now")),
            _ => {}
        }
    }
    for value in before["enum"].as_array().into_iter().flatten() {
        if after["enum"]
            .as_array()
            .is_some_and(|now| !now.contains(value))
        {
            found.push(format!("{name} does not take {value} any more"));
        }
    }
}

/// What a client may rely on in an answer must not become less.
fn compare_schemas(name: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    if before["$ref"] != after["$ref"] {
        found.push(format!("{name} is another schema"));
    }
    let types = |schema: &Value| -> Vec<String> {
        match &schema["type"] {
            Value::Array(names) => names.iter().map(Value::to_string).collect(),
            Value::Null => Vec::new(),
            one => vec![one.to_string()],
        }
    };
    for kind in types(after) {
        if !types(before).is_empty() && !types(before).contains(&kind) {
            let what = if kind == "\"null\"" {
                "can be null now".to_owned()
            } else {
                format!("has the type {kind} now")
            };
            found.push(format!("{name} {what}"));
        }
    }
    if before["format"] != after["format"] {
        found.push(format!("{name} has another format"));
    }
    let required = |schema: &Value, member: &str| {
        schema["required"]
            .as_array()
            .is_some_and(|names| names.iter().any(|name| name == member))
    };
    for (member, schema) in members(&before["properties"]) {
        let inner = format!("{name}.{member}");
        match after["properties"].get(member) {
            None => found.push(format!("{inner}: the member is gone")),
            Some(now) => compare_schemas(&inner, schema, now, found),
        }
        if required(before, member) && !required(after, member) {
            found.push(format!("{inner} is not always there any more"));
        }
    }
    if before["items"].is_object() && after["items"].is_object() {
        compare_schemas(
            &format!("{name}[]"),
            &before["items"],
            &after["items"],
            found,
        );
    }
    for value in after["enum"].as_array().into_iter().flatten() {
        if before["enum"]
            .as_array()
            .is_some_and(|known| !known.contains(value))
        {
            found.push(format!("{name} can be {value} now"));
        }
    }
}
