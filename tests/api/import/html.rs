//! `newsstand import html`

use std::{fs, path::Path, time::Duration, time::Instant};

use newsstand::domain::import::{self, Entry, Observer, Options, Refusal, Summary, html};
use rstest::rstest;
use serde_json::Value;

use crate::support::{App, Kind, Postgres, Sqlite};

/// A news page with everything around the article that such pages have.
const NEWS: &str = r##"<!doctype html>
<html lang="en-GB"><head>
<meta charset="utf-8"><title>Harbour ferry returns after nine years - The Quayside Post</title>
<link rel="canonical" href="https://www.quayside.example/2021/04/harbour-ferry/?ref=home">
<meta property="og:title" content="Ferry is back | The Quayside Post">
<meta property="og:site_name" content="The Quayside Post">
<meta property="og:image" content="/pictures/ferry.jpg">
<meta name="keywords" content="ferries, Harbour, ferries">
<style>p { color: red }</style>
<script>if (rows<b && b>2) { document.write("<div><div>"); }</script>
<script type="application/ld+json">
{"@context": "https://schema.org", "@graph": [
 {"@type": "WebSite", "name": "The Quayside Post"},
 {"@type": "Person", "@id": "#/ada", "name": "Ada Moe"},
 {"@type": ["NewsArticle", "Thing"], "headline": "Harbour ferry returns after nine years",
  "author": [{"@id": "#/ada"}, {"@type": "Person", "name": "Bo Ek"}],
  "datePublished": "2021-04-03T09:30:00+02:00", "description": "The old boat sails &amp; smokes.",
  "articleSection": ["Transport", "Local"], "inLanguage": "en-GB",
  "image": {"@id": "#/image"}},
 {"@type": "ImageObject", "@id": "#/image", "url": "https://pictures.quayside.example/boat.jpg"}
]}
</script></head>
<body>
<nav class="menu"><ul><li><a href="/">Front page</a></li><li><a href="/sport/">Sport</a></li></ul></nav>
<div class="banner-ad"><iframe src="https://ads.example/frame"></iframe>Buy a boat today!</div>
<article class="story">
<h1>Harbour ferry returns after nine years</h1>
<p>The harbour ferry left its berth on Saturday morning, for the first time in nine years, with two hundred passengers, a brass band, and a good deal of smoke from its new engine.</p>
<figure><img src="/pictures/deck.jpg" alt="A crowded deck"><figcaption>Passengers on the upper deck</figcaption></figure>
<p>It had been laid up since a storm, when the pier broke, as <a href="https://quayside.example/2012/storm/">we told at the time</a>, and few believed that it would sail again, least of all its owner.</p>
<div class="video-wrap"><iframe src="https://www.youtube.com/embed/abc123"></iframe></div>
<h2>What it costs</h2>
<p>A single ticket costs four crowns, children and bicycles travel free, and the crossing, says the <a href="https://ferries.example/times">timetable</a>, takes eleven minutes when the tide is kind.</p>
<pre><code class="language-json">{"price": 4}</code></pre>
<blockquote class="twitter-tweet"><p>She sails!</p><a href="https://twitter.com/ferry/status/12">3 April</a></blockquote>
<p>The next boat leaves on the hour, every hour, until the lamps are lit along the quay, and after that the captain, who has waited nine years for this, intends to sleep.</p>
</article>
<aside class="sidebar"><h3>Most read</h3><ul><li><a href="/a/">Cat found</a></li></ul></aside>
<footer class="footer"><p>Copyright The Quayside Post</p></footer>
</body></html>"##;

const ONLY_NETWORK: &str = r#"<html><head>
<meta property="og:title" content="Bread without an oven – Crumb">
<meta property="og:site_name" content="Crumb">
<meta property="og:url" content="https://crumb.example/bread">
<meta property="og:description" content="A pan will do.">
<meta property="og:locale" content="de_AT">
<meta property="og:image" content="https://crumb.example/b.jpg">
<meta property="og:image:width" content="800">
<meta property="article:published_time" content="2020-02-01T08:00:00">
<meta property="article:author" content="https://crumb.example/people/cy">
<meta property="article:section" content="Kitchen">
<meta property="article:tag" content="Bread"><meta property="article:tag" content="Pans">
<meta name="author" content="Cy Ng and Di Orr">
</head><body><main>
<p>Flour, water, salt, and patience are all that bread asks for, and of these the last is the dearest, as every baker who has looked into the bowl too early will tell you.</p>
<p>Heat the pan until a drop of water dances, lay the dough in it, cover it, and turn it once, when the smell of the crust fills the kitchen and the neighbours come to ask.</p>
</main></body></html>"#;

const BARE: &str = "<title>A note from the lighthouse keeper</title>\
<p>The lamp was lit at six, as it is every evening of the year.</p><p>Nobody came.</p>";

#[derive(Default)]
struct Told(Vec<String>);

impl Observer for Told {
    fn refused(&mut self, refusal: &Refusal) {
        self.0.push(refusal.to_string());
    }

    fn progress(&mut self, _so_far: &Summary) {}
}

fn run(app: &App, path: &Path) -> (Summary, Vec<String>) {
    let options = Options {
        dry_run: false,
        language: "en".to_owned(),
    };
    let mut told = Told::default();
    let entries = html::entries(path).unwrap();
    let summary = import::run(&app.store, entries, &options, &mut told).unwrap();
    (summary, told.0)
}

fn folder(pages: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in pages {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

fn only(app: &App) -> Value {
    let slugs = app.slugs("/v1/articles");
    assert_eq!(slugs.len(), 1, "{slugs:?}");
    app.get(&format!("/v1/articles/{}?body=html,blocks", slugs[0]))
        .ok()
        .json()
}

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect()
}

#[rstest]
fn a_news_page_is_read_without_what_stands_around_it(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let folder = folder(&[("a/ferry.html", NEWS), ("a/notes.txt", "x")]);
    let (summary, told) = run(&app, folder.path());
    assert_eq!((summary.created, summary.refused), (1, 0), "{told:?}");
    let article = only(&app);
    assert_eq!(article["title"], "Harbour ferry returns after nine years");
    assert_eq!(article["summary"], "The old boat sails & smokes.");
    assert_eq!(article["published_at"], "2021-04-03T07:30:00.000Z");
    assert_eq!(article["language"], "en-GB");
    assert_eq!(names(&article["authors"]), ["Ada Moe", "Bo Ek"]);
    assert_eq!(article["category"]["name"], "Transport");
    assert_eq!(names(&article["tags"]), ["Local", "ferries", "Harbour"]);
    assert_eq!(
        article["image"]["url"],
        "https://pictures.quayside.example/boat.jpg"
    );
    let html = article["body"]["html"].as_str().unwrap();
    for kept in [
        "left its berth",
        "Passengers on the upper deck",
        "https://www.quayside.example/pictures/deck.jpg",
        "href=\"/2012/storm/\"",
        "href=\"https://ferries.example/times\"",
        "https://www.youtube.com/watch?v=abc123",
        "https://twitter.com/ferry/status/12",
        "language-json",
        "What it costs",
        "intends to sleep",
    ] {
        assert!(html.contains(kept), "{kept} in {html}");
    }
    for gone in [
        "<h1",
        "Front page",
        "Most read",
        "Copyright",
        "Buy a boat",
        "ads.example",
        "document.write",
    ] {
        assert!(!html.contains(gone), "{gone} in {html}");
    }
}

#[rstest]
fn a_page_with_words_for_networks_only(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let folder = folder(&[("bread.htm", ONLY_NETWORK)]);
    let (summary, told) = run(&app, &folder.path().join("bread.htm"));
    assert_eq!(summary.created, 1, "{told:?}");
    let article = only(&app);
    assert_eq!(article["title"], "Bread without an oven");
    assert_eq!(article["summary"], "A pan will do.");
    assert_eq!(article["published_at"], "2020-02-01T08:00:00.000Z");
    assert_eq!(article["language"], "de-AT");
    assert_eq!(names(&article["authors"]), ["Cy Ng", "Di Orr"]);
    assert_eq!(article["category"]["name"], "Kitchen");
    assert_eq!(names(&article["tags"]), ["Bread", "Pans"]);
    assert_eq!(article["image"]["url"], "https://crumb.example/b.jpg");
    assert_eq!(article["image"]["width"], 800);
    let html = article["body"]["html"].as_str().unwrap();
    assert!(html.contains("Flour, water"), "{html}");
    assert!(html.contains("come to ask"), "{html}");
}

#[rstest]
fn a_bare_page_is_known_again_by_its_file(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let folder = folder(&[
        ("a/index.html", BARE),
        ("b/index.html", BARE),
        ("ferry.html", NEWS),
        ("bread.html", ONLY_NETWORK),
    ]);
    let (first, told) = run(&app, folder.path());
    assert_eq!((first.created, first.refused), (4, 0), "{told:?}");
    let (again, _) = run(&app, folder.path());
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 4));
    let titles = app.get("/v1/articles").ok().text();
    assert!(titles.contains("A note from the lighthouse keeper"));
}

#[test]
fn a_page_keeps_its_address_as_a_former_one() {
    let Entry::Article { article, .. } = html::entry(NEWS.as_bytes(), "ferry.html") else {
        panic!("it is an article");
    };
    assert_eq!(article.former_paths, ["/2021/04/harbour-ferry"]);
    assert_eq!(article.canonical_url, None);
    assert_eq!(
        article.external_id.as_deref(),
        Some("html:https://www.quayside.example/2021/04/harbour-ferry/?ref=home")
    );
}

#[test]
fn hostile_and_empty_pages_are_refused_quickly() {
    let text = "word ".repeat(100);
    let nested = format!("<title>x</title>{}", "<div>".repeat(100_000));
    let attributes = format!("<title>x</title><p {}>{text}", "a=b ".repeat(100_000));
    let formatting = format!("<title>x</title>{}", "<b><p>".repeat(100_000));
    let too_long = format!("<title>x</title>{}", "a".repeat(9 * 1024 * 1024));
    let empty = "<title>x</title><nav><a href=/>Home</a></nav>".to_owned();
    let untitled = format!("<p>{text}</p>");
    let long_title = format!("<title>{}</title><p>{text}</p>", "x".repeat(301));
    for (page, reason) in [
        (nested, "nest"),
        (attributes, "attributes"),
        (formatting, ""),
        (too_long, "at most"),
        (untitled, "no title"),
        (long_title, "title"),
    ] {
        let started = Instant::now();
        let Entry::Refused(refusal) = html::entry(page.as_bytes(), "page.html") else {
            panic!("refused for {reason}");
        };
        assert!(started.elapsed() < Duration::from_secs(5), "{reason}");
        assert!(refusal.reason.contains(reason), "{refusal}");
    }
    // Whatever it makes of this, it ends.
    let _ = html::entry(empty.as_bytes(), "page.html");
    let foreign = b"<meta charset=martian><title>x</title><p>x</p>";
    assert!(matches!(html::entry(foreign, "x"), Entry::Refused(_)));
}

#[test]
fn much_of_everything_ends_in_time() {
    let title = "<title>Many</title>";
    let pages = [
        "<br>".repeat(200_000),
        "<p>a, b, c</p>".repeat(100_000),
        "<div class=share><img src=a.jpg></div>".repeat(40_000),
        "<iframe src=https://youtube.com/embed/a></iframe>".repeat(20_000),
        format!("{}{}", "<div>".repeat(250), "a, b ".repeat(200_000)),
        "<table><tr><td>a</table>".repeat(40_000),
        "€youtube.com".repeat(1_000),
        "<p title='€youtube.com'><object data='€youtube.com'></object>a, b".repeat(100),
    ];
    for page in pages {
        let started = Instant::now();
        let _ = html::entry(format!("{title}{page}").as_bytes(), "page.html");
        let begins: String = page.chars().take(30).collect();
        assert!(started.elapsed() < Duration::from_secs(30), "{begins}");
    }
}

#[test]
fn an_article_that_is_still_to_come_is_scheduled() {
    let page = ONLY_NETWORK.replace("2020-02-01", "2999-02-01");
    let Entry::Article { article, .. } = html::entry(page.as_bytes(), "bread.html") else {
        panic!("it is an article");
    };
    assert_eq!(
        article.status,
        Some(newsstand::model::article::Status::Scheduled)
    );
}

#[test]
fn a_page_that_was_not_for_everyone_is_a_draft() {
    let app = App::start(Sqlite);
    let page = r#"<html><head><title>Paid</title><script type="application/ld+json">
        {"@type": "NewsArticle", "headline": "Paid", "isAccessibleForFree": "False"}</script></head>
        <body><article><p>Words for subscribers, and enough of them to be an article.</p></article></body></html>"#;
    let run = crate::import::import(&app, "html", &[], page);
    assert!(run.out.starts_with("created 1,"), "{}{}", run.out, run.told);
    assert!(
        run.told.contains("not everyone could read it"),
        "{}",
        run.told
    );
    assert!(app.slugs("/v1/articles").is_empty());
}
