//! What is asked for to see whether the size of a publication shows: addresses that are spread
//! over the whole of it.

use std::net::SocketAddr;

use crate::{
    categories::Category,
    client::Client,
    kinds::{self, Kind, LISTED},
};

/// The page that is asked for by its number.
const DEEP: i64 = 10_000;
/// The highest number that a page may have.
const MOST_PAGES: i64 = 1_000_000;

/// Addresses, with `KEY` in place of what differs.
const ARTICLE: &str = "/v1/articles/KEY";
const SHARE: &str = "/v1/articles/KEY/share";
const LIST: &str = "/v1/articles?limit=20";
const LIST_FROM: &str = "/v1/articles?limit=20&cursor=KEY";
const LIST_IN: &str = "/v1/articles?limit=20&category=KEY";
const PAGE: &str = "/v1/articles?limit=20&page=KEY";
const COUNT: &str = "/v1/articles?limit=1&count=exact";
const COUNT_IN: &str = "/v1/articles?limit=1&count=exact&category=KEY";
const TREE: &str = "/v1/categories?limit=100&tree=true";

/// A kind of request, and how many times as long as that of a small publication its answer may
/// take, at most.
pub struct Growing {
    pub kind: Kind,
    pub goal: Option<f64>,
}

/// Kinds that were chosen so far.
struct Chosen(Vec<Growing>);

impl Chosen {
    /// Adds a kind, with an address for each key.
    fn add(&mut self, goal: Option<f64>, name: &'static str, keys: &[String], pattern: &str) {
        let path = |key: &String| pattern.replace("KEY", key);
        let paths = keys.iter().map(path).collect();
        let kind = Kind { name, paths };
        self.0.push(Growing { kind, goal });
    }
}

/// Every kind, with at most so many addresses each: the same kinds for each publication. One
/// without categories has no addresses of those that go by them.
pub fn all(address: SocketAddr, keys: i64) -> Vec<Growing> {
    let mut client = Client::new(address);
    let total = kinds::total(&mut client);
    let pages = ((total + LISTED - 1) / LISTED).min(MOST_PAGES);
    let (slugs, cursors) = depths(&mut client, pages, keys);
    let categories = Category::all(&mut client);
    let most = usize::try_from(keys).unwrap();
    let some = |is_one: fn(&Category) -> bool| -> Vec<String> {
        let chosen = categories.iter().filter(|one| is_one(one)).take(most);
        chosen.map(|one| one.slug.clone()).collect()
    };
    let (tops, leaves) = (some(Category::is_top), some(Category::is_leaf));
    let deep = [pages.min(DEEP).to_string()];
    let once = [String::new()];
    let mut chosen = Chosen(Vec::new());
    chosen.add(Some(1.3), "article by slug", &slugs, ARTICLE);
    chosen.add(Some(1.3), "share", &slugs, SHARE);
    chosen.add(Some(1.5), "first list of 20", &once, LIST);
    chosen.add(Some(1.5), "list of 20 by cursor", &cursors, LIST_FROM);
    chosen.add(Some(1.5), "list of a top category", &tops, LIST_IN);
    chosen.add(Some(1.5), "list of a leaf category", &leaves, LIST_IN);
    chosen.add(Some(5.0), "page 10,000, or the last", &deep, PAGE);
    chosen.add(Some(2.0), "total", &once, COUNT);
    chosen.add(Some(2.0), "total of a top category", &tops, COUNT_IN);
    chosen.add(Some(2.0), "total of a leaf category", &leaves, COUNT_IN);
    chosen.add(None, "tree of categories", &once, TREE);
    chosen.add(None, "authors", &once, "/v1/authors?limit=20");
    chosen.add(None, "tags", &once, "/v1/tags?limit=20");
    chosen.add(None, "feed", &once, "/feeds/articles.rss");
    chosen.add(None, "sitemap", &once, "/sitemap.xml");
    chosen.0
}

/// From pages that are spread over the whole list, the slug of an article and the cursor to the
/// page behind.
fn depths(client: &mut Client, pages: i64, keys: i64) -> (Vec<String>, Vec<String>) {
    let (mut slugs, mut cursors) = (Vec::new(), Vec::new());
    let keys = keys.min(pages);
    for key in 0..keys {
        let page = key * pages / keys + 1;
        let path = format!("/v1/articles?limit={LISTED}&fields=slug&page={page}");
        let answer = client.get(&path, &[]).must_be(200, &path).json();
        let slug = answer["data"][0]["slug"].as_str().unwrap();
        slugs.push(slug.to_owned());
        // The last page has none.
        let cursor = answer["page"]["next_cursor"].as_str();
        cursors.extend(cursor.map(str::to_owned));
    }
    (slugs, cursors)
}
