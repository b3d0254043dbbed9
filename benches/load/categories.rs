//! Categories, some above others.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::client::Client;

/// Categories that are put above others.
const SECTIONS: usize = 3;
/// What their slugs begin with.
const SECTION: &str = "load-section-";

/// A category, and how many articles it has.
pub struct Category {
    pub slug: String,
    is_root: bool,
    /// Right in it.
    own: i64,
    /// In it and all below it.
    total: i64,
}

impl Category {
    /// All that readers know.
    pub fn all(client: &mut Client) -> Vec<Self> {
        let mut all = Vec::new();
        let mut next = Some("/v1/categories?limit=100".to_owned());
        while let Some(path) = next {
            let page = client.get(&path, &[]).must_be(200, &path).json();
            let data = page["data"].as_array().unwrap();
            all.extend(data.iter().map(Self::read));
            next = page["links"]["next"].as_str().map(str::to_owned);
        }
        all
    }

    fn read(value: &Value) -> Self {
        Self {
            slug: value["slug"].as_str().unwrap().to_owned(),
            is_root: value["parent"].is_null(),
            own: value["article_count"].as_i64().unwrap(),
            total: value["total_article_count"].as_i64().unwrap(),
        }
    }

    /// Whether it stands at the top, with articles in others below it.
    pub fn is_top(&self) -> bool {
        self.is_root && self.total > self.own
    }

    /// Whether it has articles, all of them right in it.
    pub fn is_leaf(&self) -> bool {
        self.own > 0 && self.total == self.own
    }

    fn is_section(&self) -> bool {
        self.slug.starts_with(SECTION)
    }
}

/// Puts categories above those that there are, unless some stand above others already. What an
/// earlier run has begun is finished.
pub fn ensure_tree(address: SocketAddr, token: &str) {
    let mut client = Client::new(address);
    let known = Category::all(&mut client);
    let has_tree = known.iter().any(|one| one.is_top() && !one.is_section());
    let is_loose = |one: &&Category| one.is_root && !one.is_section();
    let loose: Vec<&Category> = known.iter().filter(is_loose).collect();
    if has_tree || loose.is_empty() {
        return;
    }
    for number in 1..=SECTIONS {
        let slug = format!("{SECTION}{number}");
        if known.iter().any(|one| one.slug == slug) {
            continue;
        }
        let section = json!({"name": format!("Section {number}"), "slug": slug});
        let answer = client.send("POST", "/v1/categories", token, &section);
        answer.must_be(201, &slug);
    }
    for (place, one) in loose.iter().enumerate() {
        let above = json!({"parent": format!("{SECTION}{}", place % SECTIONS + 1)});
        let path = format!("/v1/categories/{}", one.slug);
        client
            .send("PATCH", &path, token, &above)
            .must_be(200, &path);
    }
}
