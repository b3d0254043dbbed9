//! Whatever addresses clients and files name, nothing is fetched from them.

use std::{
    io::ErrorKind,
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    import::import,
    project::sources,
    support::{
        App, Kind, Postgres, Sqlite, client,
        content::{article, with},
    },
    tokens::server::run,
};

/// A place that nobody should ask.
struct Trap {
    listener: TcpListener,
    url: String,
}

impl Trap {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, url }
    }

    fn was_asked(&self) -> bool {
        match self.listener.accept() {
            Ok(_) => true,
            Err(cause) => {
                assert_eq!(cause.kind(), ErrorKind::WouldBlock);
                false
            }
        }
    }
}

/// HTML that browsers would fetch much for.
fn page(url: &str) -> String {
    format!(
        r#"<html><head><title>Words of a page</title><base href="{url}/base/">
        <link rel="stylesheet" href="{url}/a.css"><link rel="canonical" href="{url}/canonical">
        <meta property="og:image" content="{url}/og.png"><script src="{url}/a.js"></script></head>
        <body><article><h1>Words of a page</h1><p>Some words, <a href="{url}/link">a link</a>.</p>
        <p>More words of it, so that there is something to read in it, and then some more.</p>
        <img src="{url}/a.png" srcset="{url}/b.png 2x"><iframe src="{url}/frame"></iframe>
        <video src="{url}/a.mp4" poster="{url}/a.jpg"></video><object data="{url}/o"></object>
        </article></body></html>"#
    )
}

/// RSS that tells an XML parser to fetch as well.
fn feed(url: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><!DOCTYPE rss SYSTEM "{url}/rss.dtd" [<!ENTITY a SYSTEM "{url}/entity">]>
        <?xml-stylesheet href="{url}/feed.xsl"?>
        <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
        <title>Feed</title><link>{url}/</link><item><title>Item</title><link>{url}/item</link>
        <guid>{url}/guid</guid><enclosure url="{url}/a.mp3" length="1" type="audio/mpeg"/>
        <description>Words.</description></item></channel></rss>"#
    )
}

fn send_to_server(app: &App, url: &str) {
    let members = json!({
        "image": {"url": format!("{url}/image.jpg"), "alt": "A picture"},
        "canonical_url": format!("{url}/canonical"),
        "body": {"html": page(url)},
    });
    app.create(&with(article("one", 1), members));
    let markdown = format!("![a picture]({url}/m.png) and <{url}/auto>\n\n{url}/embed");
    let body = json!({"body": {"markdown": markdown}, "status": "published"});
    app.create(&with(article("two", 1), body));
    let author = json!({"name": "Ada Moe", "avatar": format!("{url}/ada.png")});
    assert_eq!(app.edit("POST", "/v1/authors", &[], &author).status, 201);
    app.read("/v1/articles/one?body=html,blocks,markdown,text&include=related,share,seo")
        .ok();
    let key = format!(r#"{{"alg":"RS256","kid":"a","jku":"{url}/jwks","x5u":"{url}/x5u"}}"#);
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let token = format!("Bearer {}.{}.{}", part(&key), part("{}"), part("mark"));
    let host = url.trim_start_matches("http://");
    for path in [
        "/v1/articles".to_owned(),
        format!("/v1/oembed?url={url}/articles/two"),
        format!("/v1/resolve?path={url}/articles/two"),
        format!("/v1/search?q={url}"),
        "/feeds/articles.rss".to_owned(),
    ] {
        for fields in [
            vec![("Authorization", token.as_str())],
            vec![("X-Forwarded-Host", host), ("Forwarded", host)],
            vec![("Origin", url), ("Referer", url)],
        ] {
            let answer = client::send(app.address, "GET", &path, &fields);
            assert!(answer.status < 500, "{path}: {}", answer.text());
        }
    }
}

#[rstest]
fn what_is_named_is_not_fetched(#[values(Sqlite, Postgres)] kind: Kind) {
    let trap = Trap::new();
    let app = App::start(kind);
    send_to_server(&app, &trap.url);
    let line: Value = with(
        article("three", 1),
        json!({"body": {"html": page(&trap.url)}}),
    );
    for (format, content) in [
        ("jsonl", line.to_string()),
        ("feed", feed(&trap.url)),
        ("wordpress", feed(&trap.url)),
    ] {
        let run = import(&app, format, &[], &content);
        assert!(matches!(run.status, 0 | 1 | 3), "{format}: {}", run.told);
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.html"), page(&trap.url)).unwrap();
    let import = ["import", "html", folder.path().to_str().unwrap()];
    let status = run(&app.database.url, &import).status.code();
    assert!(matches!(status, Some(0 | 3)), "{status:?}");
    app.settle();
    thread::sleep(Duration::from_millis(500));
    assert!(!trap.was_asked(), "something was fetched");

    // It would have been seen.
    let _asking = TcpStream::connect(trap.listener.local_addr().unwrap()).unwrap();
    let seen = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(10));
        trap.was_asked()
    });
    assert!(seen);
}

/// `deny.toml` keeps clients of HTTP out; this, what would need none. Drivers connect by themselves
/// to the database that the settings name.
#[test]
fn no_code_opens_a_connection() {
    for file in sources("src") {
        let text = std::fs::read_to_string(&file).unwrap();
        // A test of what is within may be the client of its own server.
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in ["TcpStream::connect", "UdpSocket", "UnixStream"] {
            assert!(!code.contains(word), "{} has {word}", file.display());
        }
    }
}
