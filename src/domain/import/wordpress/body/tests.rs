//! Tests of bodies of WordPress.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn told(content: &str, footnotes: Option<&str>) -> (String, Vec<String>) {
    let survey = Survey::default();
    let mut notes = Vec::new();
    let post = Post {
        id: 1,
        footnotes,
        survey: &survey,
    };
    let html = html(content, &post, &mut notes).unwrap();
    (html, notes)
}

fn made(content: &str) -> String {
    told(content, None).0.replace('\n', "")
}

#[test]
fn blank_lines_part_paragraphs_and_single_breaks_stay() {
    for (content, expected) in [
        ("One\ntwo\n\nthree", "<p>One<br>two</p><p>three</p>"),
        ("One\r\n \r\n<em>two</em>", "<p>One</p><p><em>two</em></p>"),
        ("a <b>b</b> <i>c</i>", "<p>a <b>b</b> <i>c</i></p>"),
        ("One<br />\ntwo", "<p>One<br>two</p>"),
        ("<h2>Head</h2>\nText", "<h2>Head</h2><p>Text</p>"),
        (
            "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
            "<ul><li>a</li><li>b</li></ul>",
        ),
        (
            "<blockquote>a\n\nb</blockquote>",
            "<blockquote><p>a</p><p>b</p></blockquote>",
        ),
        ("a<!--more-->b<!--nextpage-->c", "<p>ab</p><hr><p>c</p>"),
    ] {
        assert_eq!(made(content), expected, "{content}");
    }
    let verbatim = "<pre>a\n\n[caption]b</pre>";
    assert_eq!(told(verbatim, None).0, verbatim);
}

#[test]
fn shortcodes_become_html() {
    let figure = "<figure class=\"embed\" data-url=\"https://youtu.be/a\">\
                  <a href=\"https://youtu.be/a\">https://youtu.be/a</a></figure>";
    for (content, expected) in [
        (
            "[caption id=\"x\" width=\"3\"]<a href=\"/b\"><img src=\"a.jpg\"></a> A <i>cat</i>[/caption]",
            "<figure><a href=\"/b\"><img src=\"a.jpg\"></a><figcaption>A <i>cat</i></figcaption></figure>",
        ),
        (
            "[wp_caption caption=\"A cat\"]<img src=\"a.jpg\">[/wp_caption]",
            "<figure><img src=\"a.jpg\"><figcaption>A cat</figcaption></figure>",
        ),
        ("[embed]https://youtu.be/a[/embed]", figure),
        ("[youtube https://youtu.be/a]", figure),
        ("https://youtu.be/a", figure),
        ("<p>https://youtu.be/a</p>", figure),
        (
            "[audio mp3=\"https://x.example/a.mp3\"][/audio]",
            "<audio controls src=\"https://x.example/a.mp3\"></audio>",
        ),
        ("[[caption]]", "<p>[caption]</p>"),
        (
            "see [1] and [sic] and https://youtu.be/a",
            "<p>see [1] and [sic] and https://youtu.be/a</p>",
        ),
    ] {
        assert_eq!(made(content), expected, "{content}");
    }
    let (html, notes) = told("[form id=\"3\"] [form id=\"4\"]", None);
    assert_eq!(html.trim(), "<p>[form id=\"3\"] [form id=\"4\"]</p>");
    assert_eq!(notes, ["the shortcode [form] stays as text"]);
}

#[test]
fn blocks_stay_html_and_those_without_content_are_told() {
    let content = "<!-- wp:paragraph --><p>a\n\nb</p><!-- /wp:paragraph -->\
                   <!-- wp:latest-posts {\"n\":1} /--><!-- wp:latest-posts /--><!-- wp:footnotes /-->";
    let (html, notes) = told(content, Some(r#"[{"id":"f","content":"N <b>o</b></li>"}]"#));
    assert_eq!(
        html,
        "<p>a\n\nb</p><ol class=\"wp-block-footnotes\"><li id=\"f\">N <b>o</b> \
         <a href=\"#f-link\">↩</a></li></ol>"
    );
    assert_eq!(notes.len(), 1);
    assert!(notes[0].contains("latest-posts"));
}

#[test]
fn much_of_everything_ends_in_time() {
    for piece in [
        "<a ",
        "<a b=\"",
        "<a =\">\"",
        "[a ",
        "[a \"",
        "[a \"[b '",
        "[[caption]",
        "[/caption]",
        "<!--",
        "<pre>",
        "<script>",
        "</script",
        "\n",
        "x\n",
        " \n",
        "[caption]<img>",
        "[gallery]",
        "<div>",
        "</div>",
        "<p>",
        "http://",
        "&amp;",
        "[audio]",
        "<b>\n\n",
    ] {
        let content = piece.repeat(400_000 / piece.len());
        let survey = Survey::default();
        let post = Post {
            id: 1,
            footnotes: None,
            survey: &survey,
        };
        let started = Instant::now();
        let _ = html(&content, &post, &mut Vec::new());
        assert!(started.elapsed() < Duration::from_secs(60), "{piece}");
    }
}

proptest! {
    #[test]
    fn no_word_is_lost(
        pieces in prop::collection::vec(
            prop_oneof![
                "[a-z]{1,8}".prop_map(|word| format!(" {word} ")),
                Just("\n".to_owned()),
                Just("\n\n".to_owned()),
                Just("<b>".to_owned()),
                Just("</b>".to_owned()),
                Just("<blockquote>".to_owned()),
                Just("</blockquote>".to_owned()),
                Just("<ul><li>".to_owned()),
                Just("</li></ul>".to_owned()),
                Just("[".to_owned()),
                Just("]".to_owned()),
                Just("[[".to_owned()),
                Just("<pre>".to_owned()),
                Just("</pre>".to_owned()),
                Just("[caption]".to_owned()),
                Just("[/caption]".to_owned()),
                Just("<img src=\"a.jpg\">".to_owned()),
                Just("<br>".to_owned()),
            ],
            0..40,
        )
    ) {
        let content: String = pieces.concat();
        let (html, _) = told(&content, None);
        for word in pieces.iter().filter(|piece| piece.starts_with(' ')) {
            prop_assert!(html.contains(word.trim()), "{word} of {content} in {html}");
        }
    }

    #[test]
    fn nothing_makes_it_stop(content in "[\\[\\]<>/a-c \"'=&!\\-\néß]{0,200}") {
        let survey = Survey::default();
        let post = Post { id: 1, footnotes: Some(&content), survey: &survey };
        let _ = html(&content, &post, &mut Vec::new());
    }
}
