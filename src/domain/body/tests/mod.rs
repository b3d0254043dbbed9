//! One body, four faces.

use super::*;
use crate::model::block::Span;

mod faces;
mod hostile;

fn of_html(html: &str) -> Vec<Block> {
    blocks(&BodySource::Html(html.to_owned())).unwrap()
}

fn of_markdown(markdown: &str) -> Vec<Block> {
    blocks(&BodySource::Markdown(markdown.to_owned())).unwrap()
}

#[test]
fn marks_headings_and_links_survive() {
    let page = "<h2>First <em>part</em></h2>\n<p>One <strong>bold <em>both</em></strong>, \
                <a href=\"https://example.com/?a=1&amp;b=2\" title=\"T\">link</a>.<br>Line two</p>";
    let stored = of_html(page);
    assert_eq!(
        html(&stored),
        "<h2 id=\"first-part\">First <em>part</em></h2>\n<p>One <strong>bold \
         <em>both</em></strong>, <a href=\"https://example.com/?a=1&amp;b=2\" \
         title=\"T\">link</a>.<br>Line two</p>"
    );
    assert_eq!(
        text(&stored),
        "First part\n\nOne bold both, link.\nLine two"
    );
}

#[test]
fn lists_nest_and_come_back() {
    let page = "<ul><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ul>";
    assert_eq!(html(&of_html(page)), page);
    assert_eq!(markdown(&of_html(page)), "- a\n  1. b\n  2. c\n- d");
}

#[test]
fn markdown_keeps_its_meaning() {
    let source = "## Fares\n\nA *single* costs **4 marks**, see [the table](https://example.com/).\n\n\
                  | Route | Fare |\n| --- | --- |\n| North | 4 |\n\n```rust\nlet fare = 4;\n```\n\n\
                  > Fair enough.\n\n![A ferry](https://images.example.com/f.jpg \"At dawn\")";
    let stored = of_markdown(source);
    assert_eq!(of_markdown(&markdown(&stored)), stored);
    assert!(matches!(stored.get(2), Some(Block::Table(_))), "{stored:?}");
    assert!(html(&stored).contains("<figcaption>At dawn</figcaption>"));
}

#[test]
fn text_is_kept_as_it_is() {
    let source = "One  two \u{FFFD}\"?three\nfour\n\n\n  five";
    let stored = blocks(&BodySource::Text(source.to_owned())).unwrap();
    assert_eq!(text(&stored), "One  two \u{FFFD}\"?three\nfour\n\n  five");
}

#[test]
fn nothing_that_runs_gets_through() {
    let hostile = "<p onclick=x()>a<script>alert(1)</script><a href=\"javascript:alert(1)\">b</a>\
                   <img src=\"data:text/html,x\"><img src=x onerror=alert(1)></p>\
                   <iframe src=\"javascript:x\"></iframe><svg><script>x</script></svg>\
                   <details><summary>s</summary><p style=\"x\" onclick=\"y\">c</p></details>";
    let shown = html(&of_html(hostile));
    for word in ["script", "onclick", "onerror", "data:", "style", "iframe"] {
        assert!(!shown.contains(word), "{word} in {shown}");
    }
    assert!(shown.contains("<details><summary>s</summary>"), "{shown}");
}

#[test]
fn an_ad_slot_comes_back_as_one() {
    let stored = of_html("<p>a</p><div class=\"ad-slot\" data-ad-slot></div><p>b</p>");
    assert!(matches!(stored.get(1), Some(Block::AdSlot(_))));
    assert_eq!(of_html(&html(&stored)), stored);
    assert_eq!(of_markdown(&markdown(&stored)), stored);
}

#[test]
fn a_link_around_several_blocks_goes_on_in_each() {
    let shown = html(&of_html("<a href=\"x\">one<hr>two</a>three"));
    assert_eq!(
        shown,
        "<p><a href=\"x\">one</a></p>\n<hr>\n<p><a href=\"x\">two</a>three</p>"
    );
}

#[test]
fn a_heading_in_a_list_is_no_heading() {
    let stored = of_html("<h2><ol>x</ol>after</h2>");
    assert_eq!(toc(&stored).len(), 1);
    assert_eq!(
        html(&stored),
        "<ol><li>x</li></ol>\n<h2 id=\"after\">after</h2>"
    );
}

#[test]
fn no_text_is_lost() {
    for page in [
        "<table><tr><td><div><p>kept</p></div></td><td>b</td></tr></table>",
        "<table><tr><td><h3>kept</h3></td></tr></table>",
        "<table><tr><td><dl><dt>kept</dt></dl></td></tr></table>",
        "<figure><img src=a><img src=b><p>kept</p></figure>",
        "<figure><img src=a><figcaption>kept</figcaption></figure>",
        "<blockquote><cite>kept</cite></blockquote>",
        "<ul>kept</ul>",
    ] {
        let stored = of_html(page);
        let shown = html(&stored);
        assert!(text(&stored).contains("kept"), "{page}: {stored:?}");
        assert_eq!(shown.matches("kept").count(), 1, "{shown}");
        assert_eq!(
            page.matches("<img").count(),
            shown.matches("<img").count(),
            "{shown}"
        );
    }
}

#[test]
fn anchors_are_unique_also_where_a_heading_is_called_like_one() {
    let stored = of_html("<h2>Same</h2><h2>Same</h2><h2>Same 2</h2>");
    let anchors: Vec<String> = toc(&stored).into_iter().map(|entry| entry.anchor).collect();
    assert_eq!(anchors, ["same", "same-2", "same-2-2"]);
}

#[test]
fn depth_and_attributes_are_bounded() {
    let deep = "<div>".repeat(100_000);
    let wide = format!("<p {}>x</p>", "a=1 ".repeat(100));
    for hostile in [deep, wide] {
        let refused = blocks(&BodySource::Html(hostile));
        assert!(matches!(refused, Err(BodyError::Hostile(_))));
    }
    let paragraphs = "<p>text".repeat(1_000);
    assert_eq!(of_html(&paragraphs).len(), 1_000);
}

#[test]
fn headings_alike_have_anchors_apart() {
    let stored = of_html("<h2>Results</h2><h2>Results</h2><h3>成果</h3>");
    let anchors: Vec<String> = toc(&stored).into_iter().map(|entry| entry.anchor).collect();
    assert_eq!(anchors, ["results", "results-2", "cheng-guo"]);
}

#[test]
fn blocks_from_outside_are_checked() {
    let span = Span::new("x", vec!["blink".to_owned()]);
    let wrong = TextBlock {
        children: vec![span],
        ..TextBlock::plain("normal", "")
    };
    let refused = blocks(&BodySource::Blocks(vec![Block::Block(wrong)]));
    assert!(matches!(refused, Err(BodyError::Block(why)) if why.contains("blink")));
}
