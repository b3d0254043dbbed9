//! The limit: a bare actix-web handler that has the answers of the real server in a hash map.

use std::{collections::HashMap, net::SocketAddr};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    web::{self, Bytes, Data, ServiceConfig},
};

use crate::{
    client::{Answer, Client, Fields},
    hot::CODING,
};

/// Fields that every server writes itself, and those that differ with each answer.
const OF_THE_CONNECTION: [&str; 5] = [
    "date",
    "connection",
    "content-length",
    "transfer-encoding",
    "x-request-id",
];

/// Fields of an answer that were copied.
type Copied = Vec<(HeaderName, HeaderValue)>;

/// An answer as it was fetched.
struct Kept {
    etag: HeaderValue,
    fields: Copied,
    body: Bytes,
    /// Of the answer for those who have it already.
    known: Copied,
}

/// Answers by path and query, in each coding.
struct Answers {
    coding: HeaderValue,
    plain: HashMap<String, Kept>,
    coded: HashMap<String, Kept>,
}

/// Fetches the answers and gives the routes that they are served by, which are the same as those
/// of the real server.
pub fn routes(
    origin: SocketAddr,
    paths: Vec<String>,
) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    let answers = Data::new(Answers {
        coding: HeaderValue::from_static(CODING),
        plain: fetched(origin, &paths, &[]),
        coded: fetched(origin, &paths, &[("Accept-Encoding", CODING)]),
    });
    move |config: &mut ServiceConfig| {
        config.app_data(answers.clone());
        for route in [
            "/v1/articles",
            "/v1/articles/{key}",
            "/v1/articles/{key}/related",
            "/v1/articles/{key}/share",
        ] {
            config.route(route, web::get().to(answer));
        }
    }
}

fn fetched(origin: SocketAddr, paths: &[String], fields: Fields<'_>) -> HashMap<String, Kept> {
    let mut client = Client::new(origin);
    let kept = |path: &String| {
        // Once before, so that what is kept is the answer of a warm server.
        client.get(path, fields).must_be(200, path);
        let answer = client.get(path, fields).must_be(200, path);
        let etag = answer.header("etag").expect("an entity tag").to_owned();
        let mut with_tag = fields.to_vec();
        with_tag.push(("If-None-Match", &etag));
        let known = client.get(path, &with_tag).must_be(304, path);
        let kept = Kept {
            etag: HeaderValue::from_str(&etag).unwrap(),
            fields: copied(&answer),
            known: copied(&known),
            body: Bytes::from(answer.body),
        };
        (path.clone(), kept)
    };
    paths.iter().map(kept).collect()
}

fn copied(answer: &Answer) -> Copied {
    let fields = answer.headers.iter();
    let fields = fields.filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()));
    let parsed = |(name, value): &(String, String)| {
        (
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        )
    };
    fields.map(parsed).collect()
}

async fn answer(request: HttpRequest, answers: Data<Answers>) -> HttpResponse {
    let wanted = request.headers().get(header::ACCEPT_ENCODING);
    let kept = match wanted == Some(&answers.coding) {
        true => &answers.coded,
        false => &answers.plain,
    };
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let Some(kept) = kept.get(path) else {
        return HttpResponse::NotFound().finish();
    };
    let is_known = request.headers().get(header::IF_NONE_MATCH) == Some(&kept.etag);
    let (mut response, fields) = match is_known {
        true => (HttpResponse::new(StatusCode::NOT_MODIFIED), &kept.known),
        false => (HttpResponse::Ok().body(kept.body.clone()), &kept.fields),
    };
    let headers = response.headers_mut();
    for (name, value) in fields {
        headers.append(name.clone(), value.clone());
    }
    response
}
