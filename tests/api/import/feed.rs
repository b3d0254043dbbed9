//! `newsstand import feed`

use rstest::rstest;

use crate::{
    import::import,
    support::{App, Kind, Postgres, Sqlite},
};

const RSS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Old</title><link>https://old.example/</link><language>en-gb</language>
<item><title>Fish &amp;amp; chips</title><link>https://old.example/2024/fish/</link><guid isPermaLink="false">old-1</guid>
<pubDate>Wed, 01 May 2024 10:00:00 +0200</pubDate><dc:creator>Ada Moe</dc:creator><category>Food</category><category>Sea</category>
<description>&lt;p&gt;In short&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>See <a href="https://www.old.example/2024/chips/">chips</a>.</p><script>alert(1)</script><img src="/fish.jpg" alt="Fish">]]></content:encoded>
<media:thumbnail url="https://old.example/small.jpg"/>
<enclosure url="https://old.example/fish.mp3" length="1" type="audio/mpeg"/></item>
<item><link>https://old.example/2024/untitled/</link><description>Only a few words of text.</description></item>
<item><title>Nothing</title><link>https://old.example/2024/nothing/</link></item>
</channel></rss>"#;

#[rstest]
fn rss_goes_in_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let run = import(&app, "feed", &[], RSS);
    assert_eq!(
        run.out, "created 2, updated 0, unchanged 0, refused 1\n",
        "{}",
        run.told
    );
    assert_eq!(run.status, 3);
    assert!(
        run.told.contains("-, item 3: the item has no text"),
        "{}",
        run.told
    );
    let article = app.get("/v1/articles/fish-chips").ok().json();
    assert_eq!(article["title"], "Fish & chips");
    assert_eq!(article["summary"], "In short");
    assert_eq!(article["published_at"], "2024-05-01T08:00:00.000Z");
    assert_eq!(article["language"], "en-gb");
    assert_eq!(article["authors"][0]["name"], "Ada Moe");
    assert_eq!(article["tags"][1]["name"], "Sea");
    assert!(article["category"].is_null());
    assert_eq!(article["image"]["url"], "https://old.example/small.jpg");
    let html = article["body"]["html"].as_str().unwrap();
    assert!(html.contains("href=\"/2024/chips/\""), "{html}");
    assert!(html.contains("https://old.example/fish.jpg"), "{html}");
    assert!(html.contains("https://old.example/fish.mp3"), "{html}");
    assert!(!html.contains("alert"), "{html}");
    let again = import(&app, "feed", &[], RSS);
    assert_eq!(
        again.out, "created 0, updated 0, unchanged 2, refused 1\n",
        "{}",
        again.told
    );
}

#[rstest]
fn atom_goes_in_and_future_entries_wait(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>Old</title><id>urn:x</id>
<link rel="self" href="https://old.example/feed"/><link href="https://old.example/"/><author><name>Bo Ek</name></author>
<entry><id>urn:x:1</id><title type="text">a &lt; b</title><link href="https://old.example/a"/><updated>2024-05-01T10:00:00Z</updated>
<summary>Short</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Long <em>text</em></p></div></content></entry>
<entry><id>urn:x:2</id><title>Later</title><published>2999-01-01T00:00:00Z</published><updated>2024-05-01T10:00:00Z</updated><content type="text">One.</content></entry>
</feed>"#;
    let run = import(&app, "feed", &[], atom);
    assert_eq!(
        run.out, "created 2, updated 0, unchanged 0, refused 0\n",
        "{}",
        run.told
    );
    let article = app.get("/v1/articles/a-b").ok().json();
    assert_eq!(article["title"], "a < b");
    assert_eq!(article["authors"][0]["name"], "Bo Ek");
    assert_eq!(article["body"]["html"], "<p>Long <em>text</em></p>");
    app.get("/v1/articles/later").problem(404);
}

#[test]
fn what_is_no_feed_ends_the_import() {
    let app = App::start(Sqlite);
    let run = import(&app, "feed", &[], "<html><p>no</p></html>");
    assert_eq!(run.status, 1);
    assert!(run.told.contains("- is no feed"), "{}", run.told);
}

#[rstest]
fn drafts_of_a_feed_are_not_published(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom" xmlns:app="http://www.w3.org/2007/app"><title>F</title><id>f</id>
        <entry><id>1</id><title>One</title><content>Text</content><app:control><app:draft>yes</app:draft></app:control></entry></feed>"#;
    let run = import(&app, "feed", &[], atom);
    assert!(run.out.starts_with("created 1,"), "{}{}", run.out, run.told);
    assert!(run.told.contains("is a draft here"), "{}", run.told);
    assert!(app.slugs("/v1/articles").is_empty());
}
