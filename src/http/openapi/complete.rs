//! What the handlers need not say one by one: who we are, the errors and header fields that every
//! operation has, and bounds for every value.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::http::code::Code;

const DESCRIPTION: &str = "Published articles with their categories, authors and tags, related \
articles, share links and search. Every parameter is known and bounded: an unknown one is refused \
with the nearest valid name. Lists are read by cursor, which stays right while articles are added, \
or by page number. Errors are problem details (RFC 9457).";

/// Completes the document that was collected from the handlers.
pub(super) fn complete(mut document: Value) -> Value {
    set_root(&mut document);
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, item) in paths {
            for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
                complete_operation(path, operation);
            }
        }
    }
    add_components(&mut document);
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
            {"name": "operations", "description": "The server itself: documents, health and figures."},
        ]),
    );
}

/// Header fields that answers carry; `RateLimit` fields only where a limit is in force.
const PUBLIC_HEADERS: [&str; 12] = [
    "Access-Control-Allow-Origin",
    "Cache-Control",
    "CDN-Cache-Control",
    "Cache-Groups",
    "ETag",
    "Last-Modified",
    "Link",
    "RateLimit",
    "RateLimit-Policy",
    "Surrogate-Key",
    "Vary",
    "X-Request-Id",
];

fn headers(names: &[&str]) -> Value {
    let reference = |name: &&str| {
        (
            (*name).to_owned(),
            json!({"$ref": format!("#/components/headers/{name}")}),
        )
    };
    Value::Object(names.iter().map(reference).collect())
}

fn complete_operation(path: &str, operation: &mut Value) {
    let Some(operation) = operation.as_object_mut() else {
        return;
    };
    let id = operation.get("operationId").and_then(Value::as_str);
    let example = id.and_then(|id| examples().get(id).cloned());
    // No token is needed to read.
    operation.insert("security".to_owned(), json!([{}]));
    let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    for response in responses.values_mut().filter_map(Value::as_object_mut) {
        response.insert("headers".to_owned(), headers(&PUBLIC_HEADERS));
        if let Some(forms) = response.get_mut("content").and_then(Value::as_object_mut)
            && let Some(example) = &example
        {
            for form in forms.values_mut().filter_map(Value::as_object_mut) {
                form.insert("example".to_owned(), example.clone());
            }
        }
    }
    let is_cached = !matches!(path, "/healthz" | "/readyz" | "/metrics");
    if is_cached {
        let text =
            "Unchanged: the client's copy, named by If-None-Match or If-Modified-Since, is right.";
        responses.insert(
            "304".to_owned(),
            json!({"description": text, "headers": headers(&PUBLIC_HEADERS)}),
        );
    }
    if path.starts_with("/v1/articles/{key}") {
        responses.insert(
            "308".to_owned(),
            json!({
                "description": "The slug is a former one; Location has the present address.",
                "headers": headers(&["Access-Control-Allow-Origin", "Cache-Control", "Location", "X-Request-Id"]),
            }),
        );
    }
    let has_key = path.contains("{key}");
    for (code, _, status, _) in Code::TABLE {
        let applies = match code {
            Code::NotFound => has_key || path == "/v1/resolve",
            Code::Gone => path.starts_with("/v1/articles/{key}"),
            Code::PreconditionFailed => is_cached,
            // Of the connection, before there is an operation; or of bodies, which none takes.
            Code::RequestTimeout | Code::HeadersTooLarge | Code::PayloadTooLarge => false,
            Code::MalformedRequest => false,
            _ => true,
        };
        if applies {
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

fn sort_keys(members: &mut Map<String, Value>) {
    let mut sorted: Vec<(String, Value)> = std::mem::take(members).into_iter().collect();
    sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
    members.extend(sorted);
}

/// `not_found` becomes `NotFound`.
fn response_name(code: Code) -> String {
    let capitalized = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    code.as_str().split('_').map(capitalized).collect()
}

fn add_components(document: &mut Value) {
    let used = serde_json::to_string(document).unwrap_or_default();
    let Some(components) = document
        .as_object_mut()
        .map(|root| root.entry("components").or_insert_with(|| json!({})))
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    let mut responses = Map::new();
    for (code, word, status, title) in Code::TABLE {
        let name = response_name(code);
        if used.contains(&format!("#/components/responses/{name}\"")) {
            responses.insert(name, problem_response(code, word, status, title));
        }
    }
    components.insert("responses".to_owned(), Value::Object(responses));
    components.insert("headers".to_owned(), header_components());
    if let Some(schemas) = components.get_mut("schemas").and_then(Value::as_object_mut) {
        add_schemas(schemas);
    }
}

/// The problem's own schema, which no handler names, and the parts of an article.
fn add_schemas(schemas: &mut Map<String, Value>) {
    use utoipa::{PartialSchema, ToSchema};

    use crate::http::problem::{FieldError, ProblemBody};
    let schema = |schema| serde_json::to_value(schema).unwrap_or_default();
    schemas.insert(
        ProblemBody::name().into_owned(),
        schema(ProblemBody::schema()),
    );
    schemas.insert(
        FieldError::name().into_owned(),
        schema(FieldError::schema()),
    );
    // The same members, of which none must be there.
    let mut parts = schemas.get("Article").cloned().unwrap_or_default();
    if let Some(members) = parts.as_object_mut() {
        members.remove("required");
        members.insert(
            "description".to_owned(),
            json!("The members of an article that `fields` names."),
        );
        members.insert("minProperties".to_owned(), json!(1));
        members.insert("additionalProperties".to_owned(), json!(false));
    }
    schemas.insert("ArticleFields".to_owned(), parts);
    sort_keys(schemas);
}

fn problem_response(code: Code, word: &str, status: u16, title: &str) -> Value {
    let mut names = vec![
        "Access-Control-Allow-Origin",
        "Cache-Control",
        "RateLimit",
        "RateLimit-Policy",
        "X-Request-Id",
    ];
    match code {
        Code::MethodNotAllowed => names.push("Allow"),
        Code::InvalidToken => names.push("WWW-Authenticate"),
        Code::RateLimited | Code::Unavailable => names.push("Retry-After"),
        _ => {}
    }
    let errors = match code {
        Code::InvalidParameter => json!([{
            "parameter": "limit",
            "pointer": null,
            "message": "must be a whole number from 1 to 100",
            "suggestion": null,
        }]),
        _ => json!([]),
    };
    let detail = match code {
        Code::InvalidParameter => "limit: must be a whole number from 1 to 100",
        _ => "what happened this time, in words",
    };
    json!({
        "description": format!("{title}."),
        "headers": headers(&names),
        "content": {"application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": {
                "type": format!("/docs/problems#{word}"),
                "title": title,
                "status": status,
                "detail": detail,
                "instance": "/v1/articles",
                "code": word,
                "errors": errors,
                "request_id": "0198a5d2-7c4e-7bbb-8a53-2f6f3a1c9e10",
            },
        }},
    })
}

fn header_components() -> Value {
    let described = [
        (
            "Access-Control-Allow-Origin",
            "Origins whose pages may read the answer.",
        ),
        ("Allow", "Methods of the path."),
        ("Cache-Control", "How long any cache may keep the answer."),
        (
            "CDN-Cache-Control",
            "How long a content delivery network may keep it (RFC 9213).",
        ),
        (
            "Cache-Groups",
            "Everything that the answer depends on (RFC 9875).",
        ),
        ("ETag", "Strong validator, one for each content coding."),
        ("Last-Modified", "When what the answer says last changed."),
        ("Link", "The next and the previous page (RFC 8288)."),
        ("Location", "The present address."),
        ("RateLimit", "What is left; only where a limit is in force."),
        ("RateLimit-Policy", "The limit; only where one is in force."),
        ("Retry-After", "Seconds to wait."),
        (
            "Surrogate-Key",
            "Everything that the answer depends on, for purging.",
        ),
        ("Vary", "Request fields that the answer depends on."),
        ("WWW-Authenticate", "How to authenticate."),
        (
            "X-Request-Id",
            "Finds the request in the server's log; the client's own is kept.",
        ),
    ];
    let header = |(name, text): (&str, &str)| {
        let schema = json!({"type": "string", "maxLength": 32768, "pattern": r"^[\x20-\x7e]*$"});
        (
            name.to_owned(),
            json!({"description": text, "schema": schema}),
        )
    };
    Value::Object(described.into_iter().map(header).collect())
}

/// Text that may have any character but the one that nothing can store.
const ANY_TEXT: &str = r"^[^\u0000]*$";

/// Gives bounds to every value that has none: they are far beyond what is ever sent, and clients
/// that allocate by them are safe.
fn bound(value: &mut Value) {
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
