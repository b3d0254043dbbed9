//! What the handlers need not say one by one: who we are, the errors and header fields that every
//! operation has, and bounds for every value.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::http::{
    code::Code,
    openapi::{bounds::bound, components::add_components, inputs::strict},
};

const DESCRIPTION: &str = "Published articles with their categories, authors and tags, related \
articles, share links and search; and, for editors with a token, everything that makes and changes \
them. Every parameter is known and bounded: an unknown one is refused \
with the nearest valid name. Lists are read by cursor, which stays right while articles are added, \
or by page number. Errors are problem details (RFC 9457).";

/// Reads that tell editors more than readers.
const RELATED: &str = "/v1/articles/{key}/related";

/// Completes the document that was collected from the handlers.
pub(super) fn complete(mut document: Value) -> Value {
    set_root(&mut document);
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, item) in paths {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                complete_operation(path, method, operation);
            }
        }
    }
    add_components(&mut document);
    strict(&mut document);
    bound(&mut document);
    document
}

fn set_root(document: &mut Value) {
    let Some(root) = document.as_object_mut() else {
        return;
    };
    root.insert(
        "info".to_owned(),
        json!({
            "title": "Newsstand",
            "description": DESCRIPTION,
            "version": env!("CARGO_PKG_VERSION"),
            "contact": {"name": "The publisher of this server"},
            "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
        }),
    );
    root.insert(
        "servers".to_owned(),
        json!([{"url": "/", "description": "This server, local or in production.", "x-internal": false}]),
    );
    root.insert(
        "tags".to_owned(),
        json!([
            {"name": "articles", "description": "Articles, what is related to them, and how they are shared."},
            {"name": "categories", "description": "The tree of sections."},
            {"name": "authors", "description": "The names in bylines."},
            {"name": "tags", "description": "Subjects."},
            {"name": "search", "description": "Full-text search."},
            {"name": "syndication", "description": "Feeds, sitemaps, and cards for other sites."},
            {"name": "administration", "description": "Who did what, and tokens that are revoked."},
            {"name": "operations", "description": "The server itself: documents, health and figures."},
        ]),
    );
}

/// Header fields that answers carry; `RateLimit` fields only where a limit is in force.
const PUBLIC_HEADERS: [&str; 14] = [
    "Access-Control-Allow-Origin",
    "Age",
    "Cache-Control",
    "CDN-Cache-Control",
    "Cache-Groups",
    "Cache-Status",
    "ETag",
    "Last-Modified",
    "Link",
    "RateLimit",
    "RateLimit-Policy",
    "Surrogate-Key",
    "Vary",
    "X-Request-Id",
];

pub(super) fn headers(names: &[&str]) -> Value {
    let reference = |name: &&str| {
        (
            (*name).to_owned(),
            json!({"$ref": format!("#/components/headers/{name}")}),
        )
    };
    Value::Object(names.iter().map(reference).collect())
}

/// Header fields of answers to writers.
const WRITE_HEADERS: [&str; 9] = [
    "Access-Control-Allow-Origin",
    "Cache-Control",
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-Id",
];

/// What of an operation decides how it is completed.
struct Shape {
    has_key: bool,
    is_read: bool,
    needs_token: bool,
    has_body: bool,
    is_cached: bool,
    is_api: bool,
    method: String,
}

impl Shape {
    /// Whether `If-Match` must be sent.
    fn needs_etag(&self) -> bool {
        matches!(self.method.as_str(), "put" | "patch") || (self.method == "delete" && self.has_key)
    }

    fn can_fail_with(&self, code: Code, path: &str) -> bool {
        match code {
            Code::NotFound => {
                self.has_key
                    || matches!(path, "/v1/resolve" | "/v1/oembed")
                    || path.contains("{format}")
                    || path.contains("{number}")
            }
            Code::Gone => self.has_key,
            Code::InvalidParameter => self.is_read || !self.has_body,
            Code::InvalidBody => self.has_body && !self.is_read,
            // What `explain` tells is for editors.
            Code::InsufficientScope => self.needs_token || path == RELATED,
            Code::PreconditionFailed => self.is_cached || (!self.is_read && self.has_key),
            Code::PreconditionRequired => self.needs_etag() && !path.contains("{id}"),
            Code::Conflict => !self.is_read,
            Code::IdempotencyKeyReused => self.method == "post",
            Code::RequestTimeout | Code::PayloadTooLarge => !self.is_read && self.has_body,
            Code::NotAcceptable => self.is_read,
            // Of the connection, before there is an operation.
            Code::HeadersTooLarge | Code::MalformedRequest => false,
            // All are 503; the document has one answer for each status.
            Code::Unavailable => !self.needs_token,
            Code::WritingDisabled => self.needs_token,
            Code::Overloaded => false,
            Code::InsufficientStorage => !self.is_read,
            _ => true,
        }
    }
}

fn complete_operation(path: &str, method: &str, operation: &mut Value) {
    let Some(operation) = operation.as_object_mut() else {
        return;
    };
    let id = operation.get("operationId").and_then(Value::as_str);
    let id = id.unwrap_or_default().to_owned();
    let is_read = method == "get";
    let shape = Shape {
        has_key: path.contains("{key}"),
        is_read,
        needs_token: operation.contains_key("security"),
        has_body: operation.contains_key("requestBody") || method == "post",
        is_cached: is_read && !matches!(path, "/healthz" | "/readyz" | "/metrics"),
        is_api: path.starts_with("/v1/"),
        method: method.to_owned(),
    };
    if shape.needs_token {
        // A bearer scheme has no scopes of its own to refer to, so they stand beside it.
        let scopes = operation
            .get("security")
            .and_then(|all| all.pointer("/0/token"))
            .cloned();
        operation.insert("security".to_owned(), json!([{"token": []}]));
        operation.insert("x-required-scopes".to_owned(), scopes.unwrap_or_default());
    } else {
        // No token is needed to read; with one, editors see drafts.
        let security = match shape.is_api {
            true => json!([{}, {"token": []}]),
            false => json!([{}]),
        };
        operation.insert("security".to_owned(), security);
    }
    add_fields(&shape, path, operation);
    let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    complete_responses(&shape, path, &id, responses);
}

/// Header fields that requests may have.
fn add_fields(shape: &Shape, path: &str, operation: &mut Map<String, Value>) {
    let mut fields: Vec<Value> = Vec::new();
    let mut field = |name: &str, required: bool, text: &str, pattern: &str| {
        fields.push(json!({
            "name": name, "in": "header", "required": required, "description": text,
            "schema": {"type": "string", "maxLength": 8192, "pattern": pattern},
        }));
    };
    let tags = r#"^(\*|"[^"]*"(, *"[^"]*")*)$"#;
    if shape.needs_etag() && !path.contains("{id}") {
        let text = "The `ETag` of what is to be changed, or `*`.";
        field("If-Match", true, text, tags);
    } else if shape.method == "post" && shape.has_key && !path.ends_with("preview-links") {
        let text = "The `ETag` of the article; it is left alone when it has moved on.";
        field("If-Match", false, text, tags);
    }
    if shape.method == "post" {
        let text = "The same key with the same request gets the first answer again, for 24 hours.";
        field("Idempotency-Key", false, text, r"^[\x21-\x7e]{1,257}$");
    }
    if !shape.is_read && shape.method != "delete" {
        let text = "`return=minimal` for an answer without the thing itself (RFC 7240).";
        field("Prefer", false, text, r"^[\x20-\x7e]*$");
    }
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        parameters.extend(fields);
        if parameters.is_empty() {
            operation.remove("parameters");
        }
    }
}

fn complete_responses(shape: &Shape, path: &str, id: &str, responses: &mut Map<String, Value>) {
    let names: &[&str] = match shape.is_read {
        true => &PUBLIC_HEADERS,
        false => &WRITE_HEADERS,
    };
    for response in responses.values_mut().filter_map(Value::as_object_mut) {
        response.insert("headers".to_owned(), headers(names));
        let forms = response.get_mut("content").and_then(Value::as_object_mut);
        for (form, content) in forms.into_iter().flatten() {
            // An operation of several forms has an example of each.
            let own = examples().get(&format!("{id} {form}"));
            let example = own.or_else(|| examples().get(id));
            if let (Some(example), Some(content)) = (example, content.as_object_mut()) {
                content.insert("example".to_owned(), example.clone());
            }
        }
    }
    if shape.is_cached {
        let text =
            "Unchanged: the client's copy, named by If-None-Match or If-Modified-Since, is right.";
        responses.insert(
            "304".to_owned(),
            json!({"description": text, "headers": headers(&PUBLIC_HEADERS)}),
        );
    }
    if !shape.is_read && responses.contains_key("200") {
        let text = "It was done; with `Prefer: return=minimal`, that is all that is said.";
        responses.insert(
            "204".to_owned(),
            json!({"description": text, "headers": headers(&WRITE_HEADERS)}),
        );
    }
    if shape.has_key {
        let text = "The slug is a former one; Location has the present address.";
        let names = [
            "Access-Control-Allow-Origin",
            "Cache-Control",
            "Location",
            "X-Request-Id",
        ];
        responses.insert(
            "308".to_owned(),
            json!({"description": text, "headers": headers(&names)}),
        );
    }
    for (code, _, status, _) in Code::TABLE {
        if shape.can_fail_with(code, path) {
            let reference = format!("#/components/responses/{}", response_name(code));
            responses.insert(status.to_string(), json!({"$ref": reference}));
        }
    }
    sort_keys(responses);
}

/// Answers of the server on its sample publication, by operation; a test holds them true.
fn examples() -> &'static Map<String, Value> {
    static EXAMPLES: OnceLock<Map<String, Value>> = OnceLock::new();
    EXAMPLES.get_or_init(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default())
}

pub(super) fn sort_keys(members: &mut Map<String, Value>) {
    let mut sorted: Vec<(String, Value)> = std::mem::take(members).into_iter().collect();
    sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
    members.extend(sorted);
}

/// `not_found` becomes `NotFound`.
pub(super) fn response_name(code: Code) -> String {
    let capitalized = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    code.as_str().split('_').map(capitalized).collect()
}
