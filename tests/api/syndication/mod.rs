//! Feeds, sitemaps, cards and structured data.

mod feeds;
mod json_ld;
mod oembed;
mod sitemaps;

use serde_json::{Value, json};

use crate::support::{
    App, Kind,
    content::{article, with},
};

/// The public site of these tests.
const SITE: &str = "https://www.example.com";

/// A server whose public site is not where the API is.
fn start(kind: Kind, articles: &[Value]) -> App {
    let logo = "https://images.example.com/logo.png";
    let flags = [
        "--public-site-url",
        SITE,
        "--publication-name",
        "Harbour & Times",
        "--publication-logo-url",
        logo,
    ];
    let app = App::start_with(kind, &flags);
    app.put(articles);
    app
}

/// An article with everything in it.
fn whole(slug: &str, day: i64) -> Value {
    let html = "<p>Read <a href=\"/about?a=1&amp;b=2\">about us</a> and \
                <a href=\"https://other.example/x\">others</a>.</p>\
                <figure><img src=\"/pictures/quay.jpg\" alt=\"The quay\"></figure>";
    with(
        article(slug, day),
        json!({
            "title": "Boats < ships & \"ferries\" 🦀",
            "summary": "A dek ]]> with & signs.",
            "category": ["World", "Europe"],
            "tags": ["Sea", "Ferries"],
            "authors": ["Ada Moe", "Bo Ek"],
            "language": "nb",
            "image": {
                "url": "https://images.example.com/a.jpg?w=1&h=2", "alt": "A quay",
                "width": 300, "height": 150, "credit": "C. Oh",
            },
            "body": {"html": html},
        }),
    )
}
