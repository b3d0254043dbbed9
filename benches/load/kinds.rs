//! What is asked for: so many addresses of each kind.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::{PATIENCE, client::Client};

/// Articles of a list.
pub const LISTED: i64 = 20;
/// How long answers must stay the same to be taken for settled.
const SETTLED_AFTER: Duration = Duration::from_secs(4);

/// A kind of request.
pub struct Kind {
    pub name: &'static str,
    pub paths: Vec<String>,
}

/// Every kind, with at most so many addresses each.
pub fn all(address: SocketAddr, keys: i64) -> Vec<Kind> {
    let mut client = Client::new(address);
    let slugs = slugs(&mut client, keys);
    let pages = ((total(&mut client) + LISTED - 1) / LISTED).min(keys);
    let of_articles = |name, end: &str| Kind {
        name,
        paths: slugs
            .iter()
            .map(|slug| format!("/v1/articles/{slug}{end}"))
            .collect(),
    };
    let list = |page: i64| match page {
        1 => format!("/v1/articles?limit={LISTED}"),
        page => format!("/v1/articles?limit={LISTED}&page={page}"),
    };
    vec![
        of_articles("article by slug", ""),
        Kind {
            name: "list of 20",
            paths: (1..=pages).map(list).collect(),
        },
        of_articles("related", "/related"),
        of_articles("share", "/share"),
    ]
}

/// Articles that the server has.
pub fn total(client: &mut Client) -> i64 {
    let path = "/v1/articles?limit=1&fields=slug&count=exact";
    let answer = client.get(path, &[]).must_be(200, path);
    let total = answer.json()["page"]["total"].as_i64().unwrap();
    assert!(total > 0, "there are no articles");
    total
}

/// Slugs of articles that are spread over the whole list.
fn slugs(client: &mut Client, keys: i64) -> Vec<String> {
    let total = total(client).min(1_000_000);
    let keys = keys.min(total);
    let slug = |key: i64| {
        let number = key * total / keys + 1;
        let path = format!("/v1/articles?limit=1&fields=slug&page={number}");
        let answer = client.get(&path, &[]).must_be(200, &path);
        let slug = &answer.json()["data"][0]["slug"];
        slug.as_str().unwrap().to_owned()
    };
    (0..keys).map(slug).collect()
}

/// Asks for everything until the answers stay the same: some of what stands in them is found in
/// the background.
pub fn settle(address: SocketAddr, kinds: &[Kind]) {
    let deadline = Instant::now() + PATIENCE;
    let mut before: Vec<Option<String>> = Vec::new();
    loop {
        let mut client = Client::new(address);
        let tag = |path: &String| {
            let answer = client.get(path, &[]).must_be(200, path);
            answer.header("etag").map(str::to_owned)
        };
        let paths = kinds.iter().flat_map(|kind| &kind.paths);
        let now: Vec<Option<String>> = paths.map(tag).collect();
        if now == before {
            return;
        }
        assert!(Instant::now() < deadline, "answers go on changing");
        before = now;
        std::thread::sleep(SETTLED_AFTER);
    }
}
