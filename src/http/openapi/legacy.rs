//! OpenAPI 3.0.3, derived from 3.1 by what differs between their schemas.

use serde_json::{Map, Value, json};

/// The same document as OpenAPI 3.0.3.
pub(super) fn downgraded(document: &Value) -> Value {
    let mut copy = document.clone();
    if let Some(root) = copy.as_object_mut() {
        root.insert("openapi".to_owned(), json!("3.0.3"));
        root.remove("jsonSchemaDialect");
    }
    walk(&mut copy);
    copy
}

fn walk(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(walk),
        Value::Object(members) => {
            one_kind_of_patch(members);
            nullable_type(members);
            nullable_union(members);
            exclusive_bounds(members);
            if let Some(fixed) = members.remove("const") {
                members.insert("enum".to_owned(), json!([fixed]));
            }
            if let Some(Value::Array(examples)) = members.get("examples")
                && let Some(first) = examples.first().cloned()
            {
                members.remove("examples");
                members.insert("example".to_owned(), first);
            }
            for name in [
                "contentMediaType",
                "unevaluatedProperties",
                "patternProperties",
            ] {
                members.remove(name);
            }
            for (name, member) in members.iter_mut() {
                // What an answer may say is no schema.
                if name != "example" {
                    walk(member);
                }
            }
        }
        _ => {}
    }
}

/// Some generators know no merge patch; the same is taken as plain JSON.
fn one_kind_of_patch(members: &mut Map<String, Value>) {
    if members.contains_key("application/json") {
        members.remove("application/merge-patch+json");
    }
}

/// `type: [string, null]` becomes `type: string, nullable: true`.
fn nullable_type(members: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = members.get("type") else {
        return;
    };
    let others: Vec<Value> = types
        .iter()
        .filter(|name| *name != "null")
        .cloned()
        .collect();
    let has_null = others.len() < types.len();
    if let [only] = others.as_slice() {
        members.insert("type".to_owned(), only.clone());
        if has_null {
            members.insert("nullable".to_owned(), json!(true));
        }
    }
}

/// `oneOf: [{type: null}, X]` becomes `nullable: true, allOf: [X]`.
fn nullable_union(members: &mut Map<String, Value>) {
    for union in ["oneOf", "anyOf"] {
        let Some(Value::Array(items)) = members.get(union) else {
            continue;
        };
        let is_null = |item: &&Value| item.get("type").is_some_and(|name| name == "null");
        let others: Vec<Value> = items
            .iter()
            .filter(|item| !is_null(item))
            .cloned()
            .collect();
        if others.len() == items.len() {
            continue;
        }
        members.remove(union);
        let kept = if others.len() == 1 { "allOf" } else { union };
        members.insert(kept.to_owned(), Value::Array(others));
        members.insert("nullable".to_owned(), json!(true));
    }
}

/// `exclusiveMinimum: 0` becomes `minimum: 0, exclusiveMinimum: true`.
fn exclusive_bounds(members: &mut Map<String, Value>) {
    for (exclusive, plain) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        if let Some(bound) = members
            .get(exclusive)
            .filter(|bound| bound.is_number())
            .cloned()
        {
            members.insert(plain.to_owned(), bound);
            members.insert(exclusive.to_owned(), json!(true));
        }
    }
}
