//! Imports from each format, in articles a second, and the most memory that each takes:
//! `cargo bench --bench formats -- [ARTICLES] [WXR_MEGABYTES]`.
//!
//! Writes a made-up publication in every format into a temporary folder, imports each with the
//! program itself into an empty SQLite database, and prints a line for each. With a second figure,
//! a WordPress export of that many megabytes is imported as well. Memory is the kernel's high-water
//! mark of the resident set (proc(5), VmHWM), so that it is told on Linux only.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench that fails should stop there"
)]

use std::{
    fmt::Write as _,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const WORDS: [&str; 24] = [
    "harbour", "ferry", "council", "tide", "engineer", "budget", "library", "winter", "market",
    "school", "river", "bridge", "night", "festival", "harvest", "museum", "engine", "garden",
    "window", "letter", "season", "captain", "signal", "island",
];

/// A paragraph that differs from article to article.
fn sentence(seed: usize, words: usize) -> String {
    let mut state = seed as u64 | 1;
    let mut text = String::new();
    for number in 0..words {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let word = WORDS[(state >> 33) as usize % WORDS.len()];
        let separator = if number == 0 { "" } else { " " };
        let _ = write!(text, "{separator}{word}");
    }
    text
}

/// Six paragraphs of markup, some 3 KB.
fn body(number: usize) -> String {
    (0..6)
        .map(|part| {
            let text = sentence(number * 31 + part, 60);
            format!("<p>{text} <strong>{part}</strong> <a href=\"https://example.com/{number}\">link</a>.</p>")
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn date(number: usize) -> String {
    format!(
        "20{:02}-{:02}-{:02}",
        10 + number % 15,
        1 + number % 12,
        1 + number % 28
    )
}

fn file(folder: &Path, name: &str) -> (PathBuf, BufWriter<File>) {
    let path = folder.join(name);
    let out = BufWriter::new(File::create(&path).unwrap());
    (path, out)
}

fn wordpress(folder: &Path, articles: usize, bytes: u64) -> (PathBuf, usize) {
    let (path, mut out) = file(folder, "wordpress.xml");
    out.write_all(
        b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" \
          xmlns:excerpt=\"http://wordpress.org/export/1.2/excerpt/\" \
          xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
          xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
          xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel><title>Made up</title>\
          <link>https://old.example.com</link><wp:wxr_version>1.2</wp:wxr_version>\
          <wp:base_site_url>https://old.example.com</wp:base_site_url>\
          <wp:base_blog_url>https://old.example.com</wp:base_blog_url>\n",
    )
    .unwrap();
    let (mut written, mut number) = (0_u64, 0);
    while number < articles || written < bytes {
        number += 1;
        let item = format!(
            "<item><title>Article {number}</title><link>https://old.example.com/{number}/</link>\
             <dc:creator><![CDATA[bo]]></dc:creator><content:encoded><![CDATA[{}]]></content:encoded>\
             <excerpt:encoded><![CDATA[]]></excerpt:encoded><wp:post_id>{number}</wp:post_id>\
             <wp:post_date_gmt>{} 10:00:00</wp:post_date_gmt><wp:post_name>article-{number}</wp:post_name>\
             <wp:status>publish</wp:status><wp:post_type>post</wp:post_type>\
             <category domain=\"category\" nicename=\"news\"><![CDATA[News]]></category>\
             <category domain=\"post_tag\" nicename=\"t{tag}\"><![CDATA[T{tag}]]></category></item>\n",
            body(number),
            date(number),
            tag = number % 50,
        );
        written += item.len() as u64;
        out.write_all(item.as_bytes()).unwrap();
    }
    out.write_all(b"</channel></rss>\n").unwrap();
    (path, number)
}

fn ghost(folder: &Path, articles: usize) -> PathBuf {
    let (path, out) = file(folder, "ghost.json");
    let posts: Vec<serde_json::Value> = (1..=articles)
        .map(|number| {
            serde_json::json!({"id": format!("{number:024}"), "uuid": format!("u-{number}"),
                "title": format!("Article {number}"), "slug": format!("article-{number}"),
                "html": body(number), "type": "post", "status": "published", "visibility": "public",
                "published_at": format!("{}T10:00:00.000Z", date(number))})
        })
        .collect();
    let export =
        serde_json::json!({"db": [{"meta": {"version": "5.0.0"}, "data": {"posts": posts}}]});
    serde_json::to_writer(out, &export).unwrap();
    path
}

fn feed(folder: &Path, articles: usize) -> PathBuf {
    let (path, mut out) = file(folder, "feed.xml");
    out.write_all(
        b"<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>\
          <title>Made up</title><link>https://old.example.com</link><description>x</description>",
    )
    .unwrap();
    for number in 1..=articles {
        let item = format!(
            "<item><title>Article {number}</title><guid isPermaLink=\"false\">g{number}</guid>\
             <content:encoded><![CDATA[{}]]></content:encoded></item>",
            body(number)
        );
        out.write_all(item.as_bytes()).unwrap();
    }
    out.write_all(b"</channel></rss>").unwrap();
    path
}

fn folder_of(folder: &Path, kind: &str, articles: usize) -> PathBuf {
    let inner = folder.join(kind);
    std::fs::create_dir(&inner).unwrap();
    for number in 1..=articles {
        let date = date(number);
        let (name, text) = match kind {
            "markdown" => (
                format!("article-{number}.md"),
                format!(
                    "---\ntitle: Article {number}\ndate: {date}\ntags: [a, b]\n---\n\n{}\n",
                    (0..6)
                        .map(|part| format!("{} **{part}**.", sentence(number * 31 + part, 60)))
                        .collect::<Vec<_>>()
                        .join("\n\n")
                ),
            ),
            _ => (
                format!("article-{number}.html"),
                format!(
                    "<!doctype html><html lang=\"en\"><head><title>Article {number}</title>\
                     <meta property=\"article:published_time\" content=\"{date}\"></head><body>\
                     <nav><a href=\"/\">Home</a></nav><article><h1>Article {number}</h1>{}</article>\
                     <footer>Imprint</footer></body></html>",
                    body(number)
                ),
            ),
        };
        std::fs::write(inner.join(name), text).unwrap();
    }
    inner
}

fn jsonl(folder: &Path, articles: usize) -> PathBuf {
    let (path, mut out) = file(folder, "articles.jsonl");
    for number in 1..=articles {
        let line = serde_json::json!({"external_id": number.to_string(), "title": format!("Article {number}"),
            "published_at": format!("{}T10:00:00Z", date(number)), "body": {"html": body(number)}});
        writeln!(out, "{line}").unwrap();
    }
    path
}

/// The most memory that a process had so far, in megabytes.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1_024)
}

fn import(format: &str, path: &Path, articles: usize) {
    let database = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_newsstand"))
        .args(["import", format])
        .arg(path)
        .env(
            "DATABASE_URL",
            format!("sqlite://{}/bench.db", database.path().display()),
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(peak(&child).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(20));
    }
    let seconds = started.elapsed().as_secs_f64();
    let output = child.wait_with_output().unwrap();
    let summary = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let megabytes = size(path) as f64 / 1e6;
    println!(
        "{format:>9}: {:>7.0} articles/s, {megabytes:>7.1} MB in {seconds:>6.1} s, peak {most:>4} MB resident; {summary}",
        articles as f64 / seconds
    );
}

fn size(path: &Path) -> u64 {
    let metadata = path.metadata().unwrap();
    match metadata.is_dir() {
        true => {
            let entries = std::fs::read_dir(path).unwrap();
            entries.map(|entry| size(&entry.unwrap().path())).sum()
        }
        false => metadata.len(),
    }
}

fn main() {
    let figures: Vec<u64> = std::env::args()
        .filter_map(|word| word.parse().ok())
        .collect();
    let articles = figures.first().copied().unwrap_or(2_000) as usize;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    import("jsonl", &jsonl(folder, articles), articles);
    let (path, count) = wordpress(folder, articles, 0);
    import("wordpress", &path, count);
    import("ghost", &ghost(folder, articles), articles);
    import("feed", &feed(folder, articles), articles);
    import(
        "markdown",
        &folder_of(folder, "markdown", articles),
        articles,
    );
    import("html", &folder_of(folder, "html", articles), articles);
    if let Some(megabytes) = figures.get(1) {
        let (path, count) = wordpress(folder, 0, megabytes * 1_000_000);
        import("wordpress", &path, count);
    }
}
