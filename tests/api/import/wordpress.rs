//! `newsstand import wordpress`

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::Value;

use crate::{
    import::import,
    support::{App, Kind, Postgres, Sqlite},
};

/// A small export with something of everything.
const SITE: &str = r##"<?xml version="1.0" encoding="UTF-8" ?>
<!-- made for a test -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>The Pier</title><link>https://pier.example</link><language>en-GB</language>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>https://pier.example</wp:base_site_url>
<wp:base_blog_url>https://pier.example</wp:base_blog_url>
<wp:author><wp:author_login><![CDATA[ada]]></wp:author_login><wp:author_display_name><![CDATA[Ada Moe]]></wp:author_display_name></wp:author>
<wp:author><wp:author_login>bo</wp:author_login><wp:author_display_name>Bo Ek</wp:author_display_name></wp:author>
<wp:category><wp:term_id>3</wp:term_id><wp:category_nicename>boats</wp:category_nicename><wp:category_parent>harbour</wp:category_parent><wp:cat_name><![CDATA[Boats &amp; Ships]]></wp:cat_name></wp:category>
<wp:category><wp:term_id>2</wp:term_id><wp:category_nicename>harbour</wp:category_nicename><wp:category_parent></wp:category_parent><wp:cat_name>Harbour</wp:cat_name><wp:category_description>All about it</wp:category_description></wp:category>
<wp:tag><wp:term_id>5</wp:term_id><wp:tag_slug>rope</wp:tag_slug><wp:tag_name>Ropes</wp:tag_name></wp:tag>
<item><title>Ferry &amp;amp; fog</title><link>https://pier.example/2013/01/11/ferry/</link>
<pubDate>Fri, 11 Jan 2013 20:22:19 +0000</pubDate><dc:creator>ada</dc:creator>
<content:encoded><![CDATA[First line
second line

See <a href="http://www.pier.example/2012/old/">this</a>.

[caption width="3"]<img src="https://pier.example/wp-content/a.jpg" alt="Boat"> The boat[/caption]

[gallery ids="20"]

https://www.youtube.com/watch?v=abc

[form id="3"]]]></content:encoded>
<excerpt:encoded><![CDATA[A <b>short</b> one]]></excerpt:encoded>
<wp:post_id>10</wp:post_id><wp:post_date>2013-01-11 21:22:19</wp:post_date><wp:post_date_gmt>2013-01-11 20:22:19</wp:post_date_gmt>
<wp:post_name>ferry</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type><wp:is_sticky>1</wp:is_sticky>
<category domain="category" nicename="uncategorized">Uncategorized</category>
<category domain="category" nicename="boats">Boats</category>
<category domain="post_tag" nicename="rope">Ropes</category>
<category domain="author" nicename="cap-bo">bo</category><category domain="author" nicename="cap-ada">ada</category>
<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>20</wp:meta_value></wp:postmeta>
<wp:postmeta><wp:meta_key>_wp_old_slug</wp:meta_key><wp:meta_value>old-ferry</wp:meta_value></wp:postmeta>
<wp:postmeta><wp:meta_key>_yoast_wpseo_canonical</wp:meta_key><wp:meta_value>https://else.example/f</wp:meta_value></wp:postmeta>
<wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_content>Nice</wp:comment_content></wp:comment>
</item>
<item><title></title><content:encoded><![CDATA[<!-- wp:paragraph --><p>Words without a title</p><!-- /wp:paragraph --><!-- wp:latest-posts /-->]]></content:encoded>
<wp:post_id>11</wp:post_id><wp:post_date>2014-01-01 10:00:00</wp:post_date><wp:post_date_gmt>0000-00-00 00:00:00</wp:post_date_gmt><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>
<item><title>Locked</title><content:encoded>x</content:encoded><wp:post_id>12</wp:post_id><wp:status>publish</wp:status><wp:post_type>post</wp:post_type><wp:post_password>p</wp:post_password></item>
<item><title>About</title><content:encoded>About us</content:encoded><wp:post_id>13</wp:post_id><wp:status>publish</wp:status><wp:post_type>page</wp:post_type></item>
<item><title>Gone</title><content:encoded>x</content:encoded><wp:post_id>14</wp:post_id><wp:status>trash</wp:status><wp:post_type>post</wp:post_type></item>
<item><title>a.jpg</title><excerpt:encoded>In the fog</excerpt:encoded><wp:post_id>20</wp:post_id><wp:post_parent>10</wp:post_parent><wp:status>inherit</wp:status><wp:post_type>attachment</wp:post_type><wp:attachment_url>https://pier.example/wp-content/a.jpg</wp:attachment_url>
<wp:postmeta><wp:meta_key>_wp_attachment_image_alt</wp:meta_key><wp:meta_value>A ferry</wp:meta_value></wp:postmeta></item>
<item><title>Bad</title><content:encoded>&nothing;</content:encoded><wp:post_id>15</wp:post_id><wp:post_type>post</wp:post_type></item>
</channel></rss>
"##;

const ITEM: &str = "<item><title>T</title><content:encoded>Text</content:encoded>\
                    <wp:post_id>1</wp:post_id><wp:status>publish</wp:status></item>";

#[rstest]
fn an_export_becomes_articles(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let run = import(&app, "wordpress", &[], SITE);
    assert_eq!(
        run.out, "created 3, updated 0, unchanged 0, refused 1\n",
        "{}",
        run.told
    );
    assert_eq!(run.status, 3);
    let article = app.get("/v1/articles/ferry").ok().json();
    assert_eq!(article["title"], "Ferry & fog");
    assert_eq!(article["summary"], "A short one");
    assert_eq!(article["published_at"], "2013-01-11T20:22:19.000Z");
    assert_eq!(article["featured"], true);
    assert_eq!(article["language"], "en-GB");
    assert_eq!(article["category"]["name"], "Boats & Ships");
    assert_eq!(article["category"]["slug"], "boats");
    assert_eq!(article["tags"][0]["slug"], "rope");
    assert_eq!(article["authors"][0]["name"], "Bo Ek");
    assert_eq!(article["authors"][1]["name"], "Ada Moe");
    assert_eq!(article["image"]["alt"], "A ferry");
    assert_eq!(article["image"]["caption"], "In the fog");
    assert_eq!(article["canonical_url"], "https://else.example/f");
    let html = article["body"]["html"].as_str().unwrap();
    for part in [
        "The boat",
        "In the fog",
        "youtube.com/watch?v=abc",
        "[form id=",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(html.contains("href=\"/2012/old/\""), "{html}");
    for told in [
        "is a page",
        "is in the trash",
        "1 of type attachment is not an article",
        "1 comments of readers",
        "the entity &nothing; is not known",
    ] {
        assert!(run.told.contains(told), "{told} in {}", run.told);
    }
    let again = import(&app, "wordpress", &[], SITE);
    assert_eq!(again.out, "created 0, updated 0, unchanged 3, refused 1\n");
}

#[rstest]
fn what_is_not_public_there_is_a_draft_here(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    import(&app, "wordpress", &[], SITE);
    let list = app.read("/v1/articles?status=draft").ok().json();
    let titles: Vec<&Value> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|article| &article["title"])
        .collect();
    assert_eq!(titles, ["Locked"]);
}

#[test]
fn a_file_that_is_cut_off_gives_what_stands_before() {
    let app = App::start(Sqlite);
    let (before, _) = SITE.split_once("<excerpt:encoded>In the fog").unwrap();
    let run = import(&app, "wordpress", &[], before);
    assert_eq!(
        run.out, "created 3, updated 0, unchanged 0, refused 1\n",
        "{}",
        run.told
    );
    assert!(
        run.told
            .contains("-, item 6: the file ends in the middle of an item"),
        "{}",
        run.told
    );
}

#[test]
fn entities_are_never_expanded() {
    let app = App::start(Sqlite);
    let mut bomb = "<!DOCTYPE rss [<!ENTITY l0 \"lol\">".to_owned();
    for n in 1..20 {
        let above = format!("&l{};", n - 1).repeat(10);
        bomb.push_str(&format!("<!ENTITY l{n} \"{above}\">"));
    }
    bomb.push_str("<!ENTITY file SYSTEM \"file:///etc/passwd\">]>");
    let item = |entity: &str, id: u8| {
        format!(
            "<item><title>&{entity};</title><content:encoded>x</content:encoded>\
             <wp:post_id>{id}</wp:post_id></item>"
        )
    };
    let xml = format!(
        "<?xml version=\"1.0\"?>{bomb}<rss xmlns:wp=\"http://wordpress.org/export/1.2/\">\
         <channel>{}{}{ITEM}</channel></rss>",
        item("l19", 2),
        item("file", 3)
    );
    let started = Instant::now();
    let run = import(&app, "wordpress", &[], &xml);
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(
        run.out, "created 1, updated 0, unchanged 0, refused 2\n",
        "{}",
        run.told
    );
    assert!(!run.told.contains("root:"), "{}", run.told);
}

#[test]
fn what_is_no_export_changes_nothing() {
    let app = App::start(Sqlite);
    for text in ["", "not XML", "<rss><channel><item></item></channel></rss>"] {
        let run = import(&app, "wordpress", &[], text);
        assert_eq!(run.status, 1, "{text}");
        assert!(run.told.contains("no export of WordPress"), "{}", run.told);
    }
}

#[test]
fn a_broken_item_costs_no_other() {
    let app = App::start(Sqlite);
    let long = "x".repeat(9 * 1024 * 1024);
    let xml = format!(
        "<rss xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel>\
         <item><title>Long</title><content:encoded>{long}</content:encoded></item>\
         <item><title><b>Open</title></item>\
         <item><title>Control \u{1}</title></item>{ITEM}</channel></rss>"
    );
    let run = import(&app, "wordpress", &[], &xml);
    assert_eq!(
        run.out, "created 1, updated 0, unchanged 0, refused 3\n",
        "{}",
        run.told
    );
}
