//! What readers ask for: mostly articles, and of lists the first pages.

use std::net::SocketAddr;

use crate::{
    categories::Category,
    client::{self, Client},
    kinds::{Kind, LISTED},
};

/// By turns: articles (12 of 20), related ones (3), shares (1), the first list (2), and first pages
/// of categories (2).
const ROUND: &str = "aaraalacaaaraalacars";
/// After so many rounds it begins anew.
const ROUNDS: usize = 200;

/// First pages of categories.
pub fn categories(address: SocketAddr) -> Kind {
    let all = Category::all(&mut Client::new(address));
    let path = |one: &Category| format!("/v1/articles?category={}&limit={LISTED}", one.slug);
    Kind {
        name: "first page of a category",
        paths: all.iter().map(path).collect(),
    }
}

/// Their requests, in order; where there are no categories, for the first list in place of theirs.
pub fn requests(address: SocketAddr, kinds: &[Kind], categories: &Kind) -> Vec<String> {
    let [articles, lists, related, shares] = kinds else {
        panic!("there are other kinds than articles, lists, related ones and shares");
    };
    let first = &lists.paths[0];
    let mut articles = articles.paths.iter().cycle();
    let mut related = related.paths.iter().cycle();
    let mut shares = shares.paths.iter().cycle();
    let mut categories = categories.paths.iter().cycle();
    let mut path = |asked: char| match asked {
        'a' => articles.next(),
        'r' => related.next(),
        's' => shares.next(),
        'c' => categories.next(),
        _ => None,
    };
    let asked = (0..ROUNDS).flat_map(|_| ROUND.chars());
    let request = |asked: char| {
        let path = path(asked).unwrap_or(first);
        client::request("GET", path, address, &[], "")
    };
    asked.map(request).collect()
}
