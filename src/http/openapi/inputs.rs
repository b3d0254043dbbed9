//! What clients send: as strict in the document as the handlers are.

use serde_json::{Value, json};

/// A name of some kind: at least one character that can be seen.
const NAME: &str = r"^[^\u0000]*[^\s\u0000][^\u0000]*$";
/// Text of one character or more, none of them a control.
const PLAIN: &str = r"^[^\u0000-\u001f\u007f-\u009f]+$";
/// Kinds of things that can be patched.
const PATCHED: [&str; 4] = ["Article", "Author", "Category", "Tag"];

/// Says of inputs what is refused in them.
pub(super) fn strict(document: &mut Value) {
    keys(document);
    article(document);
    for (schema, member) in [
        ("ArticleInput", "title"),
        ("AuthorInput", "name"),
        ("CategoryInput", "name"),
        ("TagInput", "name"),
    ] {
        let pointer = format!("/components/schemas/{schema}/properties/{member}");
        set(document, &pointer, json!({"pattern": NAME}));
    }
    let jti = "/components/schemas/RevokedTokenInput/properties/jti";
    set(document, jti, json!({"pattern": PLAIN}));
    close(document);
    patches(document);
}

/// Puts members into the object at a place, if there is one.
fn set(document: &mut Value, pointer: &str, members: Value) {
    let object = document.pointer_mut(pointer).and_then(Value::as_object_mut);
    if let (Some(object), Value::Object(members)) = (object, members) {
        object.extend(members);
    }
}

/// Keys in paths.
fn keys(document: &mut Value) {
    let operations = operations(document).filter_map(|operation| operation.get_mut("parameters"));
    for parameters in operations {
        let is_key = |parameter: &&mut Value| {
            let is = |name: &str, value: &str| parameter.get(name).is_some_and(|it| it == value);
            is("in", "path") && is("name", "key")
        };
        let parameters = parameters.as_array_mut().into_iter().flatten();
        for parameter in parameters.filter(is_key) {
            set(
                parameter,
                "/schema",
                json!({"minLength": 1, "pattern": PLAIN}),
            );
        }
    }
}

/// Every operation of every path.
fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(|paths| paths.values_mut());
    let operations = items.filter_map(Value::as_object_mut);
    operations.flat_map(|item| item.values_mut())
}

fn article(document: &mut Value) {
    let at = |member: &str| format!("/components/schemas/ArticleInput/properties/{member}");
    let name = json!({"type": "string", "minLength": 1, "maxLength": 200, "pattern": NAME});
    for names in ["tags", "authors"] {
        set(document, &at(names), json!({"items": name}));
    }
    let category = json!({"anyOf": [
        name,
        {"type": "array", "maxItems": 8, "items": name},
        {"type": "null"},
    ]});
    set(document, &at("category"), category);
    let statuses = document.pointer(&format!("{}/enum", at("status"))).cloned();
    if let Some(Value::Array(mut statuses)) = statuses {
        statuses.push(Value::Null);
        let nullable = json!({"type": ["string", "null"], "enum": statuses});
        set(document, &at("status"), nullable);
    }
    // Of a picture, only its address must be known.
    if let Some(mut image) = document.pointer("/components/schemas/Image").cloned() {
        set(&mut image, "", json!({"required": ["url"]}));
        set(
            document,
            "/components/schemas",
            json!({"ImageInput": image}),
        );
        let image = json!({"oneOf": [
            {"$ref": "#/components/schemas/ImageInput", "description": "Lead picture."},
            {"type": "null"},
        ]});
        set(document, &at("image"), image);
    }
    body(document);
}

/// Exactly one form, and text in it.
fn body(document: &mut Value) {
    let one = json!({"minProperties": 1, "maxProperties": 1});
    set(document, "/components/schemas/BodyInput", one);
    for form in ["html", "markdown", "text"] {
        let pointer = format!("/components/schemas/BodyInput/properties/{form}");
        let text = json!({"type": "string", "pattern": r"^[^\u0000]*$"});
        set(document, &pointer, text);
    }
    // Keys are given anew, so those that come in may be anything, or missing.
    let block = "/components/schemas/BodyInput/properties/blocks/items";
    set(document, block, json!({"required": ["_type"]}));
    let text = "Unique within the body; another is given in its place.";
    let key = json!({"_key": {"type": "string", "description": text}});
    set(document, &format!("{block}/properties"), key);
}

/// No member is taken that is not known.
fn close(document: &mut Value) {
    let schemas = document.pointer_mut("/components/schemas");
    let schemas = schemas.and_then(Value::as_object_mut);
    for (_, schema) in schemas
        .into_iter()
        .flatten()
        .filter(|(name, _)| name.ends_with("Input"))
    {
        set(schema, "", json!({"additionalProperties": false}));
    }
}

/// A patch has what is to be changed, and no more.
fn patches(document: &mut Value) {
    for kind in PATCHED {
        let input = document.pointer(&format!("/components/schemas/{kind}Input"));
        let Some(mut patch) = input.cloned() else {
            continue;
        };
        if let Some(members) = patch.as_object_mut() {
            members.remove("required");
            let text = "What is to be changed; null takes away (RFC 7396).";
            members.insert("description".to_owned(), json!(text));
        }
        let name = format!("{kind}PatchInput");
        let schemas = document.pointer_mut("/components/schemas");
        if let Some(schemas) = schemas.and_then(Value::as_object_mut) {
            schemas.insert(name.clone(), patch);
        }
        let whole = format!("#/components/schemas/{kind}Input");
        let part = format!("#/components/schemas/{name}");
        refer(document, &whole, &part);
    }
}

/// Has the bodies of patches be of another schema.
fn refer(document: &mut Value, whole: &str, part: &str) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(|paths| paths.values_mut());
    let contents = items.filter_map(|item| item.pointer_mut("/patch/requestBody/content"));
    for content in contents.filter_map(Value::as_object_mut) {
        for form in content.values_mut() {
            let reference = form.pointer_mut("/schema/$ref");
            if let Some(reference) = reference.filter(|reference| *reference == whole) {
                *reference = json!(part);
            }
        }
    }
}
