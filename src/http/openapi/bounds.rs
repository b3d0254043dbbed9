//! Bounds for every value of the document that has none of its own.

use serde_json::{Map, Value, json};

/// Text that may have any character but the one that nothing can store.
const ANY_TEXT: &str = r"^[^\u0000]*$";

/// Gives bounds to every value that has none: they are far beyond what is ever sent, and clients
/// that allocate by them are safe.
pub(super) fn bound(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(bound),
        Value::Object(members) => {
            if members.contains_key("type") && members.get("type").is_some_and(is_type) {
                bound_schema(members);
            }
            for (name, member) in members.iter_mut() {
                // Examples look like schemas at times, and are none.
                if !matches!(name.as_str(), "example" | "examples" | "default" | "enum") {
                    bound(member);
                }
            }
        }
        _ => {}
    }
}

fn is_type(value: &Value) -> bool {
    let known = [
        "string", "integer", "array", "object", "boolean", "number", "null",
    ];
    match value {
        Value::String(name) => known.contains(&name.as_str()),
        Value::Array(names) => names.iter().all(is_type),
        _ => false,
    }
}

fn bound_schema(schema: &mut Map<String, Value>) {
    let is = |schema: &Map<String, Value>, wanted: &str| match schema.get("type") {
        Some(Value::Array(names)) => names.iter().any(|name| name == wanted),
        Some(name) => name == wanted,
        None => false,
    };
    let fixed = schema.contains_key("enum") || schema.contains_key("const");
    if is(schema, "string") && !fixed {
        schema
            .entry("maxLength")
            .or_insert_with(|| json!(16_777_216));
        if !(schema.contains_key("format") || schema.contains_key("pattern")) {
            schema.insert("pattern".to_owned(), json!(ANY_TEXT));
        }
    }
    if is(schema, "integer") {
        schema.entry("format").or_insert_with(|| json!("int64"));
        schema.entry("minimum").or_insert_with(|| json!(0));
        schema
            .entry("maximum")
            .or_insert_with(|| json!(9_007_199_254_740_991_i64));
    }
    if is(schema, "array") {
        schema.entry("maxItems").or_insert_with(|| json!(10_000));
    }
}
