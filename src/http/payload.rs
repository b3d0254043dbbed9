//! Bodies of requests: bounded in bytes and in time, JSON and nothing else, no member twice.

use std::{fmt, time::Duration};

use actix_web::{
    HttpRequest,
    http::{Method, header},
    web::Payload,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::StreamExt;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};

use crate::{
    http::{code::Code, long::aside_for_writer, overload, problem::Problem},
    model::article::MAX_BODY,
};

/// Bytes of an article as JSON: a body, escapes in it, and what stands around it.
pub(super) const MAX_ARTICLE: usize = 2 * MAX_BODY + 256 * 1024;
/// Bytes of anything small.
pub(super) const MAX_SMALL: usize = 256 * 1024;
/// Bodies from this many bytes on are read away from the threads that answer: it takes a
/// millisecond.
const LARGE_FROM: usize = 64 * 1024;
/// How long a client may take to send a body, and how many bytes each further second needs.
const SENT_WITHIN: Duration = Duration::from_secs(8);
const SLOWEST: u64 = 16 * 1024;
/// Items of an array at most, as many as an article has blocks; and members of an object. How deep
/// they may lie in each other, serde_json bounds: 127 levels.
const MAX_ITEMS: usize = 100_000;
const MAX_MEMBERS: usize = 10_000;

/// What a client sent.
pub(super) struct Sent {
    /// The JSON; null when nothing was sent.
    pub(super) value: Value,
    /// Tells one body from another.
    pub(super) digest: String,
}

impl Sent {
    /// An object, or nothing at all, which stands for an empty one.
    pub(super) fn object_or_nothing(self) -> Value {
        match self.value {
            Value::Null => Value::Object(Map::new()),
            value => value,
        }
    }
}

/// Reads a body of at most so many bytes. From its last one on, the request has a place among those
/// that write.
pub(super) async fn read(
    request: &HttpRequest,
    payload: Payload,
    most: usize,
) -> Result<Sent, Problem> {
    let bytes = collect(request, payload, most).await?;
    overload::enter_to_write(request).await?;
    if !bytes.is_empty() {
        check_type(request)?;
    }
    match bytes.len() < LARGE_FROM {
        true => understand(&bytes),
        false => aside_for_writer(move || understand(&bytes)).await,
    }
}

fn understand(bytes: &[u8]) -> Result<Sent, Problem> {
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(bytes));
    let value = match bytes.is_empty() {
        true => Value::Null,
        false => parse(bytes)?,
    };
    Ok(Sent { value, digest })
}

async fn collect(
    request: &HttpRequest,
    mut payload: Payload,
    most: usize,
) -> Result<Vec<u8>, Problem> {
    let too_large = || {
        let detail = format!("this takes a body of at most {most} bytes");
        Problem::new(Code::PayloadTooLarge, detail)
    };
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0).min(MAX_SMALL));
    let started = Instant::now();
    loop {
        let more = Duration::from_secs(bytes.len() as u64 / SLOWEST);
        let next = timeout_at(started + SENT_WITHIN + more, payload.next()).await;
        let chunk = next.map_err(|_| {
            let detail = "the body must come within 8 seconds, or at 16 KiB a second";
            Problem::new(Code::RequestTimeout, detail)
        })?;
        let Some(chunk) = chunk else {
            return Ok(bytes);
        };
        let chunk = chunk.map_err(|_| {
            Problem::new(Code::MalformedRequest, "the body broke off before its end")
        })?;
        if bytes.len() + chunk.len() > most {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
}

/// JSON by its media type; a patch may also say that it is one (RFC 7396).
fn check_type(request: &HttpRequest) -> Result<(), Problem> {
    let field = request.headers().get(header::CONTENT_TYPE);
    let given = field
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    let valid: &[&str] = match *request.method() {
        Method::PATCH => &["application/merge-patch+json", "application/json"],
        _ => &["application/json"],
    };
    let charset = given.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"'))
    });
    let is_utf8 = charset.is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8"));
    match valid
        .iter()
        .any(|valid| essence.eq_ignore_ascii_case(valid))
        && is_utf8
    {
        true => Ok(()),
        false => Err(Problem::new(
            Code::UnsupportedMediaType,
            format!("Content-Type must be {}, in UTF-8", valid.join(" or ")),
        )),
    }
}

/// Reads JSON.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    match serde_json::from_slice(bytes) {
        Ok(Strict(value)) => Ok(value),
        Err(cause) => {
            // What serde_json says tells the place, and of the text no more than a member's name.
            let message = format!("is not JSON as it is taken here: {cause}");
            Err(Problem::member(Code::InvalidBody, "", message))
        }
    }
}

/// A value in which no object has a member twice: which one is meant would be a guess.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            if list.len() == MAX_ITEMS {
                return Err(too_many("an array", MAX_ITEMS, "items"));
            }
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if object.contains_key(&name) {
                let name: String = name.chars().take(60).collect();
                return Err(A::Error::custom(format_args!(
                    "the member \"{name}\" is there twice"
                )));
            }
            if object.len() == MAX_MEMBERS {
                return Err(too_many("an object", MAX_MEMBERS, "members"));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

fn too_many<E: Error>(what: &str, most: usize, of_what: &str) -> E {
    E::custom(format_args!("{what} may have at most {most} {of_what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_as_it_is() {
        let text = r#"{"a":[1,-2,3.5,true,null,"é"],"b":{"c":{}}}"#;
        let value = parse(text.as_bytes()).unwrap();
        assert_eq!(value.to_string(), text);
    }

    #[test]
    fn what_is_as_large_as_it_may_be_is_read() {
        let nested = format!("{}1{}", "[".repeat(127), "]".repeat(127));
        let long = format!("[{}1]", "1,".repeat(MAX_ITEMS - 1));
        for text in [nested, long] {
            assert_eq!(parse(text.as_bytes()).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_ambiguous_or_broken_is_refused() {
        let deep = "[".repeat(1_000);
        let nested = format!("{}1{}", "[".repeat(128), "]".repeat(128));
        let long = format!("[{}1]", "1,".repeat(MAX_ITEMS));
        let wide: Vec<String> = (0..=MAX_MEMBERS).map(|n| format!("\"m{n}\":1")).collect();
        let wide = format!("{{{}}}", wide.join(","));
        for text in [
            r#"{"a":1,"a":2}"#,
            // The same name, written in another way.
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":"\ud800"}"#,
            "{",
            "{} x",
            "\u{feff}{}",
            &deep,
            &nested,
            &long,
            &wide,
        ] {
            let problem = parse(text.as_bytes()).unwrap_err();
            assert_eq!(problem.code, Code::InvalidBody, "{text}");
        }
    }
}
