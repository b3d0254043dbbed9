//! How long hostile markup takes beside honest markup of the same length.

use std::time::{Duration, Instant};

use newsstand::domain::body::{self, BodySource};

const LENGTH: usize = 1024 * 1024;

/// Prints the time of each form, and its ratio to that of honest markup.
pub fn run() {
    println!("\n== times of 1 MiB");
    let honest = "<h2>A heading</h2><p>Some words with <a href=\"https://example.com/a\">a link</a>, \
                  <strong>strong</strong> and <em>soft</em> ones, and enough of them to make a \
                  paragraph of the usual length.</p><ul><li>One</li><li>Two</li></ul>";
    let (base, outcome) = (0..3).map(|_| timed(&filled(honest))).min().unwrap();
    println!("{:>9.1} ms         honest HTML: {outcome}", millis(base));
    for (what, html) in forms() {
        let (time, outcome) = timed(&html);
        println!(
            "{:>9.1} ms {:>6.2} × {what}: {outcome}",
            millis(time),
            time.as_secs_f64() / base.as_secs_f64()
        );
    }
}

fn forms() -> Vec<(&'static str, String)> {
    let mut forms: Vec<(&'static str, String)> = [
        ("nested div", "<div>"),
        ("nested lists", "<ul><li>"),
        ("nested quotations", "<blockquote>"),
        ("nested tables", "<table><tr><td>"),
        (
            "tables with rows, one in another",
            "<table><tr><td>a</td></tr><tr><td>b",
        ),
        ("text in tables outside of cells", "<table>a<b>"),
        ("unclosed b", "<b>a"),
        ("unclosed b and p", "<b><p>a"),
        (
            "unclosed formatting of many kinds",
            "<b><i><u><s><em><tt><p>a",
        ),
        ("misnested b", "<b><p>a</b></p>"),
        ("misnested a and div", "<a href=x><div>a</a></div>"),
        ("unclosed a", "<a href=x>a"),
        ("closed a", "<a href=x>a</a> "),
        ("entities", "&amp;&lt;&#x41;&notit;"),
        ("unfinished entities", "&ampampamp&"),
        ("svg and math", "<svg><desc><math><mi>"),
        ("details", "<details><summary>a</summary>b</details>"),
        ("nested details", "<details>"),
        ("definition lists", "<dl><dt>a<dd>b</dl>"),
        ("select", "<select><option>a"),
        ("frames", "<iframe src=https://example.com/></iframe>"),
        (
            "figures",
            "<figure><img src=/a.jpg><figcaption>b</figcaption></figure>",
        ),
        (
            "footnotes",
            "<sup class=footnote-ref><a href=#fn1>1</a></sup>",
        ),
        ("end tags", "</p></b></div>"),
        ("comments", "<!-- a -->"),
        ("open comments", "<!-- <!-- "),
        ("less-than signs", "< <a< "),
        ("cells", "<td>a"),
        ("line breaks", "<br>"),
        ("templates", "<template><p>a"),
    ]
    .map(|(what, piece)| (what, filled(piece)))
    .into();
    forms.push(("one text", "a".repeat(LENGTH)));
    forms.push(("many attributes", filled_within("<p ", "a=b ", ">a</p>")));
    let different: String = (0..LENGTH / 10).map(|one| format!("a{one}=b ")).collect();
    forms.push(("different attributes", format!("<p {different}>a</p>")));
    forms.push((
        "one long attribute",
        filled_within("<p title=\"", "a", "\">a</p>"),
    ));
    forms.push((
        "formatting, then paragraphs",
        format!("{}{}", "<b><i><u>".repeat(100), filled("<p>a")),
    ));
    forms.push((
        "depth just allowed, then paragraphs",
        format!("{}{}", "<div>".repeat(240), filled("<p>a</p>")),
    ));
    forms
}

fn filled(piece: &str) -> String {
    piece.repeat(LENGTH / piece.len())
}

fn filled_within(before: &str, piece: &str, after: &str) -> String {
    format!("{before}{}{after}", filled(piece))
}

fn timed(html: &str) -> (Duration, String) {
    let source = BodySource::Html(html.to_owned());
    let started = Instant::now();
    let blocks = body::blocks(&source);
    let outcome = match blocks {
        Ok(blocks) => {
            let written = body::html(&blocks).len() + body::markdown(&blocks).len();
            format!("{} blocks, written as {written} bytes", blocks.len())
        }
        Err(cause) => format!("refused: {cause}"),
    };
    (started.elapsed(), outcome)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
