//! `newsstand export wordpress`

use rstest::rstest;

use crate::{
    export::{day, export, filled, import_path, kept, read, run},
    support::{App, Kind, Postgres, Sqlite},
};

#[rstest]
fn an_export_comes_back_as_it_was(
    #[values(Sqlite, Postgres)] from: Kind,
    #[values(Sqlite, Postgres)] to: Kind,
) {
    let app = filled(from);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("posts.xml");
    export(&app, "wordpress", &path);
    let other = App::start(to);
    let done = import_path(&other, "wordpress", &path);
    assert!(
        done.out
            .starts_with("created 4, updated 0, unchanged 0, refused 0"),
        "{}{}",
        done.out,
        done.told
    );
    for slug in ["first", "draft", "later", "back"] {
        assert_eq!(kept(&app, slug), kept(&other, slug), "{slug}");
    }
    assert_eq!(read(&other, "first")["published_at"], day(3));
    for (slug, status) in [
        ("first", "published"),
        ("draft", "draft"),
        ("later", "scheduled"),
        ("back", "draft"),
    ] {
        assert_eq!(read(&other, slug)["status"], status, "{slug}");
    }
    // Its former slug leads to it there too.
    assert_eq!(other.get("/v1/articles/one").status, 308);
    let again = import_path(&other, "wordpress", &path);
    assert!(
        again
            .out
            .starts_with("created 0, updated 0, unchanged 4, refused 0"),
        "{}{}",
        again.out,
        again.told
    );
}

#[test]
fn the_document_has_what_wordpress_looks_for() {
    let app = filled(Sqlite);
    let out = run(
        &app,
        &[
            "export",
            "wordpress",
            "-",
            "--public-site-url",
            "https://www.example.com",
        ],
    );
    assert_eq!(out.status, 0, "{}", out.told);
    for part in [
        "<wp:wxr_version>1.2</wp:wxr_version>",
        "<wp:base_site_url>https://www.example.com</wp:base_site_url>",
        "<wp:category_nicename><![CDATA[nordic]]></wp:category_nicename>\n<wp:category_parent><![CDATA[euro]]></wp:category_parent>",
        "<link>https://www.example.com/articles/first</link>",
        "<wp:post_date_gmt><![CDATA[2026-01-04 00:00:00]]></wp:post_date_gmt>",
        "<wp:post_date_gmt><![CDATA[0000-00-00 00:00:00]]></wp:post_date_gmt>",
        "<wp:meta_key><![CDATA[_thumbnail_id]]></wp:meta_key>",
        "<wp:meta_key><![CDATA[_wp_old_slug]]></wp:meta_key>\n<wp:meta_value><![CDATA[one]]></wp:meta_value>",
        "<wp:status><![CDATA[future]]></wp:status>",
        "<wp:is_sticky>1</wp:is_sticky>",
        "<category domain=\"post_tag\" nicename=\"boats\"><![CDATA[Ferries]]></category>",
        "<category domain=\"author\" nicename=\"cap-bo-ek\"><![CDATA[bo-ek]]></category>",
    ] {
        assert!(out.out.contains(part), "{part}");
    }
}
