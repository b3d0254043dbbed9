//! What operations of the document refer to: errors, header fields, schemas that no handler names.

use serde_json::{Map, Value, json};

use crate::http::{
    code::Code,
    openapi::complete::{headers, response_name, sort_keys},
};

/// Adds what the operations use.
pub(super) fn add_components(document: &mut Value) {
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
    components.insert(
        "securitySchemes".to_owned(),
        json!({"token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A JSON Web Token (RFC 7519), issued and checked as RFC8725 has it. Its \
                            claim `scope` holds, parted by spaces, some of `content:read_drafts`, \
                            `content:write`, `content:publish` and `content:admin`; what an \
                            operation needs stands there as `x-required-scopes`.",
        }}),
    );
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
        Code::InvalidToken | Code::InsufficientScope => names.push("WWW-Authenticate"),
        // Both are 503, and the one that passes says when to come back.
        Code::RateLimited | Code::Unavailable | Code::WritingDisabled => {
            names.push("Retry-After");
        }
        _ => {}
    }
    let errors = match code {
        Code::InvalidParameter => json!([{
            "parameter": "limit",
            "pointer": null,
            "message": "must be a whole number from 1 to 100",
            "suggestion": null,
        }]),
        Code::InvalidBody => json!([{
            "parameter": null,
            "pointer": "/title",
            "message": "is required",
            "suggestion": null,
        }]),
        _ => json!([]),
    };
    let detail = match code {
        Code::InvalidParameter => "limit: must be a whole number from 1 to 100",
        Code::InvalidBody => "/title: is required",
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
        (
            "Age",
            "For how many seconds it has not been known whether the answer holds.",
        ),
        ("Allow", "Methods of the path."),
        ("Cache-Control", "How long any cache may keep the answer."),
        (
            "CDN-Cache-Control",
            "How long a content delivery network may keep it (RFC 9213).",
        ),
        (
            "Cache-Groups",
            "What stands in the answer, and the lists that it belongs to (RFC 9875).",
        ),
        (
            "Cache-Status",
            "Whether the answer was kept ready (RFC 9211).",
        ),
        ("ETag", "Strong validator, one for each content coding."),
        (
            "Idempotency-Replayed",
            "`true` when this is the first answer to the request, given again.",
        ),
        ("Last-Modified", "When what the answer says last changed."),
        ("Link", "The next and the previous page (RFC 8288)."),
        ("Location", "The present address."),
        (
            "Preference-Applied",
            "The preference that was followed (RFC 7240).",
        ),
        (
            "RateLimit",
            "What is left to the client (draft-ietf-httpapi-ratelimit-headers): `r` requests at \
             once, one more after `t` seconds. Only where a limit is in force, and in no answer \
             that a shared cache may keep.",
        ),
        (
            "RateLimit-Policy",
            "The limit: `q` requests in `w` seconds. Only where one is in force, as `RateLimit`.",
        ),
        ("Retry-After", "Seconds to wait."),
        (
            "Surrogate-Key",
            "What stands in the answer, and the lists that it belongs to, for purging.",
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
