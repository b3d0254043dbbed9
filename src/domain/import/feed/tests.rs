//! Tests of what is read of feeds.

use super::*;
use crate::model::article::Status;

fn all(text: &str) -> Vec<Entry> {
    entries(text.as_bytes(), "feed").unwrap().collect()
}

fn taken(text: &str) -> Vec<ArticleInput> {
    let article = |entry| match entry {
        Entry::Article { article, .. } => Some(*article),
        _ => None,
    };
    all(text).into_iter().filter_map(article).collect()
}

#[test]
fn entities_that_a_feed_defines_are_not_expanded() {
    let bomb = r#"<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">]>
<rss version="2.0"><channel><title>T</title><item><title>One</title><description>x &b; y &c; z</description></item></channel></rss>"#;
    let articles = taken(bomb);
    assert_eq!(articles.len(), 1);
    assert_eq!(body::text(&articles[0].body).trim(), "x &b; y &c; z");
}

#[test]
fn old_versions_of_rss_are_read() {
    for head in [
        r#"<rss version="0.91"><channel><title>T</title>"#,
        r#"<rss version="0.94"><channel><title>T</title>"#,
        "<rss><channel><title>T</title>",
        r#"<rss version="2.0" xmlns="http://backend.userland.com/rss2"><channel><title>T</title>"#,
    ] {
        let feed = format!(
            "{head}<item><title>One</title><description>Text</description></item></channel></rss>"
        );
        assert_eq!(taken(&feed).len(), 1, "{head}");
    }
    let rdf = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>T</title><link>https://old.example/</link></channel><item><title>One</title><link>https://old.example/one</link><description>Text</description></item></rdf:RDF>"#;
    assert_eq!(taken(rdf)[0].former_paths, ["/one"]);
}

#[test]
fn a_mail_address_that_the_parser_stumbles_over_costs_no_more_than_the_authors() {
    let feed = "<rss version=\"2.0\"><channel><title>T</title><item><title>One</title>\
                <author>\u{5F20}\u{4E09}\u{4E09}\u{4E09}\u{4E09}\u{FF08}zhang@old.example\u{FF09}</author>\
                <description>Text</description></item></channel></rss>";
    assert_eq!(taken(feed).len(), 1);
}

#[test]
fn json_feed_gives_pictures_and_attachments() {
    let feed = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "T", "home_page_url": "https://old.example/",
        "authors": [{"name": "Ada"}], "language": "en-GB",
        "items": [{"id": 7, "url": "https://old.example/a/", "content_text": "One.\n\nTwo & three.", "image": "https://old.example/a.jpg",
                   "tags": ["X", "x", ""], "attachments": [{"url": "https://old.example/a.mp3", "mime_type": "audio/mpeg"}]},
                  {"id": "8", "title": "Nothing"}]}"#;
    let articles = taken(feed);
    assert_eq!(articles.len(), 1);
    let article = &articles[0];
    assert_eq!(article.external_id.as_deref(), Some("feed:7"));
    assert!(article.title_provisional);
    assert_eq!(article.authors, ["Ada"]);
    assert_eq!(article.tags, ["X"]);
    assert_eq!(article.language.as_deref(), Some("en-GB"));
    assert_eq!(
        article.image.as_ref().unwrap().url,
        "https://old.example/a.jpg"
    );
    assert_eq!(article.status, Some(Status::Published));
    assert!(matches!(all(feed).get(1), Some(Entry::Refused(_))));
}

#[test]
fn what_is_no_feed_is_told() {
    for text in [
        "",
        "{}",
        "<html></html>",
        "words",
        "{\"version\": 1",
        "<rss",
    ] {
        assert!(entries(text.as_bytes(), "feed").is_err(), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_input_panics(text in "(<rss version='2.0'><channel><item>)?(<title>|</title>|<author>|&[a-z]{1,3};|[ -~]|\\PC){0,40}") {
        if let Ok(found) = entries(text.as_bytes(), "feed") {
            found.for_each(drop);
        }
    }
}
