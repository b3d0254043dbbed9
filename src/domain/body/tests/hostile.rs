//! Markup that would cost a parser more than its length is refused before it gets there.

use std::time::Instant;

use super::*;

fn is_refused(page: &str) -> bool {
    let started = Instant::now();
    let refused = matches!(
        blocks(&BodySource::Html(page.to_owned())),
        Err(BodyError::Hostile(_))
    );
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    refused
}

#[test]
fn depth_is_seen_behind_end_tags_that_close_nothing() {
    for page in [
        "<div>".repeat(100_000),
        "<div></x>".repeat(50_000),
        "<x><div></x></div>".repeat(30_000),
        "<div></table>".repeat(50_000),
        "<rt>".repeat(50_000),
        "<optgroup>".repeat(50_000),
        "<table><div></div></table></b><i>".repeat(30_000),
        format!("<table><td><div></td>{}", "<span>".repeat(1_000)),
        format!("<table>{}", "<td><div><table></td>".repeat(20_000)),
        "<svg><g></p></g><g>".repeat(20_000),
    ] {
        assert!(
            is_refused(&page),
            "{}",
            page.chars().take(60).collect::<String>()
        );
    }
}

#[test]
fn formatting_that_is_never_closed_does_not_multiply() {
    let many: String = (0..200).map(|number| format!("<b a={number}>")).collect();
    let page = format!("<p>{many}x{}", "<p>x".repeat(100_000));
    assert!(is_refused(&page));
    let behind = format!("<p>{many}{}x{}", "</u>".repeat(300), "<p>x".repeat(100_000));
    assert!(is_refused(&behind));
    let honest = format!("<b>{}", "<p>text <i>x</i>".repeat(20_000));
    assert!(!is_refused(&honest));
    let anchors = "<a name=x><p>text".repeat(5_000);
    assert!(!is_refused(&anchors));
    let sloppy = format!("<table>{}</table>", "<tr><td><b>x<td><i>y".repeat(5_000));
    assert!(!is_refused(&sloppy));
}
