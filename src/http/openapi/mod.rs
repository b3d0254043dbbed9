//! The OpenAPI document: collected from the handlers, then completed.

mod bounds;
mod complete;
mod components;
mod inputs;
mod legacy;

use std::sync::OnceLock;

use serde_json::Value;

/// The document as a value.
fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let collected = serde_json::to_value(super::documented()).unwrap_or_default();
        complete::complete(collected)
    })
}

/// Collects the document, so that nobody need wait for it who asks for it or for a path that there
/// is not.
pub fn prepare() {
    document();
}

/// The document (OpenAPI 3.1) as it is committed and served.
pub fn json() -> String {
    written(document())
}

/// The same as OpenAPI 3.0.3.
pub fn legacy_json() -> String {
    static LEGACY: OnceLock<String> = OnceLock::new();
    LEGACY
        .get_or_init(|| written(&legacy::downgraded(document())))
        .clone()
}

fn written(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

/// Every documented path with its methods in capitals.
pub(super) fn routes() -> Vec<(String, Vec<String>)> {
    let paths = document().get("paths").and_then(Value::as_object);
    let methods = |item: &Value| {
        let names = item.as_object().into_iter().flat_map(|item| item.keys());
        names.map(|name| name.to_uppercase()).collect()
    };
    paths
        .into_iter()
        .flatten()
        .map(|(path, item)| (path.clone(), methods(item)))
        .collect()
}
