//! Round trips: what goes in as one form comes out as each, and means the same.

use proptest::prelude::*;
use scraper::{ElementRef, Html, Node};

use super::*;

/// Words and the signs that Markdown and HTML have a meaning for.
fn words() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec![
        "word",
        "two words",
        "é",
        "日本",
        "שלום",
        "🦀",
        " ",
        "*",
        "_",
        "**",
        "`",
        "[x](y)",
        "|",
        "#",
        "1.",
        "-",
        "+",
        "&amp;",
        "&lt;b&gt;",
        "~~",
        "^",
        "!",
        "\\",
        "http://example.com/a_b",
        "\n",
        "\"",
        "'",
        "end.",
        "(",
        ")",
        ":",
        "[^1]",
        "---",
        "&nbsp;",
        "a_b_c",
        "=",
        "@",
    ]);
    prop::collection::vec(sign, 1..6).prop_map(|signs| signs.concat())
}

/// Honest markup within a paragraph.
fn inline() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        6 => words(),
        1 => Just("<br>".to_owned()),
        1 => Just("<sup><a href=\"#fn1\" id=\"r1\">1</a></sup>".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let tag = prop::sample::select(vec![
            "b",
            "i",
            "em",
            "strong",
            "code",
            "u",
            "s",
            "sub",
            "sup",
            "span",
            "q",
            "a href=\"https://example.com/?a=1&amp;b=2\"",
            "a href=\"/x\" title=\"t &quot;q&quot;\"",
        ]);
        (tag, prop::collection::vec(inner, 1..4)).prop_map(|(tag, inner)| {
            let name = tag.split(' ').next().unwrap();
            format!("<{tag}>{}</{name}>", inner.concat())
        })
    })
}

/// Honest markup of a page.
fn page() -> impl Strategy<Value = String> {
    let block = prop_oneof![
        4 => inline().prop_map(|text| format!("<p>{text}</p>")),
        2 => (1..7_u8, inline()).prop_map(|(level, text)| format!("<h{level}>{text}</h{level}>")),
        1 => inline().prop_map(|text| format!("<blockquote><p>{text}</p></blockquote>")),
        1 => (inline(), inline()).prop_map(|(text, name)| {
            format!("<blockquote><p>{text}</p><p>{text}</p><footer>{name}</footer></blockquote>")
        }),
        1 => words().prop_map(|code| format!("<pre><code class=\"language-rust\">{code}</code></pre>")),
        1 => words().prop_map(|alt| {
            format!("<figure><img src=\"https://example.com/i.jpg\" alt=\"a\"><figcaption>{alt}</figcaption></figure>")
        }),
        1 => Just("<hr>".to_owned()),
        1 => Just("<a href=\"/p\"><img src=\"/i.jpg\" width=\"3\" height=\"2\"></a>".to_owned()),
        1 => Just("<iframe src=\"https://www.youtube.com/embed/abc\"></iframe>".to_owned()),
        1 => inline().prop_map(|text| format!("<details><summary>s</summary><p>{text}</p></details>")),
        2 => prop::collection::vec(inline(), 1..4).prop_map(|items| {
            let items: Vec<String> = items.iter().map(|item| format!("<li>{item}")).collect();
            format!("<ul>{}<ol><li>deep<li>deeper</ol></ul>", items.concat())
        }),
        2 => (any::<bool>(), inline(), inline()).prop_map(|(head, one, two)| {
            let name = if head { "th" } else { "td" };
            format!("<table><tr><{name}>{one}</{name}><{name}>x</{name}></tr><tr><td>{two}</td><td></td></tr></table>")
        }),
    ];
    prop::collection::vec(block, 1..6).prop_map(|blocks| {
        let notes =
            "<ol class=\"footnotes\"><li id=\"fn1\">A <b>note</b>. <a href=\"#r1\">↩</a></li></ol>";
        format!("{}{notes}", blocks.concat())
    })
}

/// What a browser's `textContent` gives of each block of a page, in the order of the page; line
/// breaks as such, notes without the way back.
fn text_content(page: &str) -> Vec<String> {
    fn of(node: ego_tree::NodeRef<'_, Node>, into: &mut String) {
        match node.value() {
            Node::Text(text) => into.push_str(text),
            Node::Element(element) if element.name() == "br" => into.push('\n'),
            Node::Element(element) if element.classes().any(|class| class == "footnote-back") => {}
            _ => node.children().for_each(|child| of(child, into)),
        }
    }
    const LEAVES: [&str; 11] = [
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "td", "th", "footer",
    ];
    fn walk(element: ElementRef<'_>, into: &mut Vec<String>) {
        for child in element.child_elements() {
            let name = child.value().name();
            let mut text = String::new();
            match name {
                // Their text is that of sanitised HTML, or none.
                "details" | "figure" => {}
                "li" if child
                    .child_elements()
                    .all(|inner| !LEAVES.contains(&inner.value().name())) =>
                {
                    for inner in child.children() {
                        match ElementRef::wrap(inner) {
                            Some(list) if matches!(list.value().name(), "ul" | "ol") => {
                                into.push(std::mem::take(&mut text));
                                walk(child, into);
                            }
                            _ => of(inner, &mut text),
                        }
                    }
                    into.push(text);
                }
                _ if LEAVES.contains(&name) => {
                    of(*child, &mut text);
                    into.push(text);
                }
                _ => walk(child, into),
            }
        }
    }
    let parsed = Html::parse_fragment(page);
    let mut texts = Vec::new();
    walk(parsed.root_element(), &mut texts);
    let trimmed = texts
        .iter()
        .map(|text| text.trim_matches([' ', '\n']).to_owned());
    trimmed.filter(|text| !text.is_empty()).collect()
}

/// The text of each block but those that [`text_content`] passes over.
fn texts(stored: &[Block]) -> Vec<String> {
    let kept = stored
        .iter()
        .filter(|block| !matches!(block, Block::Html(_) | Block::Image(_) | Block::Embed(_)));
    let kept: Vec<Block> = kept.cloned().collect();
    let whole = text(&kept);
    let parts = whole
        .split("\n\n")
        .flat_map(|part| part.split('\t').map(str::to_owned));
    let trimmed = parts.map(|text| text.trim_matches([' ', '\n']).to_owned());
    trimmed.filter(|text| !text.is_empty()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn html_is_stable_after_one_pass(page in page()) {
        let once = of_html(&page);
        let shown = html(&once);
        let twice = of_html(&shown);
        prop_assert_eq!(&html(&twice), &shown);
        prop_assert_eq!(text(&twice), text(&once));
    }

    #[test]
    fn markdown_keeps_the_meaning_of_any_page(page in page()) {
        let stored = of_html(&page);
        let written = markdown(&stored);
        let read = of_markdown(&written);
        prop_assert_eq!(html(&read), html(&stored), "{}", written);
    }

    #[test]
    fn text_is_what_a_browser_reads_block_by_block(page in page()) {
        let stored = of_html(&page);
        let shown = html(&stored);
        // Lines within a block and cells of a row are told apart in their own ways.
        let flat = |texts: Vec<String>| texts.join("\n").split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
        prop_assert_eq!(flat(texts(&stored)), flat(text_content(&shown)), "{}", shown);
    }

    #[test]
    fn blocks_are_taken_back_as_they_were_given(page in page()) {
        let stored = of_html(&page);
        let sent: Vec<Block> = serde_json::from_str(&serde_json::to_string(&stored).unwrap()).unwrap();
        prop_assert_eq!(&blocks(&BodySource::Blocks(sent)).unwrap(), &stored);
    }

    #[test]
    fn broken_html_is_stable_after_one_pass(page in "(<(p|b|i|ul|ol|li|h2|blockquote|pre|table|tr|td|a href=x|br|hr|img src=y|em)>|</(p|b|i|ul|ol|li|h2|blockquote|table|a)>|[a-z &<é\n]{1,9}){0,24}") {
        if let Ok(once) = blocks(&BodySource::Html(page)) {
            let shown = html(&once);
            let twice = of_html(&shown);
            prop_assert_eq!(html(&twice), shown);
        }
    }

    #[test]
    fn any_text_can_be_read_and_shown(page in "\\PC{0,300}") {
        for source in [BodySource::Html(page.clone()), BodySource::Markdown(page.clone()), BodySource::Text(page)] {
            if let Ok(stored) = blocks(&source) {
                let _ = (html(&stored), markdown(&stored), text(&stored), toc(&stored));
            }
        }
    }
}

#[test]
fn notes_are_footnotes_in_whichever_form_they_come() {
    let github = "<p>One<sup><a href=\"#user-content-fn-1\" id=\"user-content-fnref-1\" data-footnote-ref>1</a></sup> end</p>\
                  <section data-footnotes class=\"footnotes\"><h2 class=\"sr-only\">Footnotes</h2><ol>\
                  <li id=\"user-content-fn-1\"><p>The <em>note</em>. <a href=\"#user-content-fnref-1\" data-footnote-backref>↩</a></p></li></ol></section>";
    let wordpress = "<p>One<sup data-fn=\"a-b\" class=\"fn\"><a href=\"#a-b\" id=\"a-b-link\">1</a></sup> end</p>\
                     <ol class=\"wp-block-footnotes\"><li id=\"a-b\">The <em>note</em>. <a href=\"#a-b-link\">↩︎</a></li></ol>";
    let markdown_source = "One[^x] end\n\n[^x]: The *note*.";
    let expected = "<p>One<sup class=\"footnote-ref\"><a href=\"#fn:1\" id=\"fnref:1\" role=\"doc-noteref\">1</a></sup> end</p>\n\
                    <section class=\"footnotes\" role=\"doc-endnotes\"><ol><li id=\"fn:1\"><p>The <em>note</em>. \
                    <a href=\"#fnref:1\" class=\"footnote-back\" role=\"doc-backlink\">↩</a></p></li></ol></section>";
    for stored in [
        of_html(github),
        of_html(wordpress),
        of_markdown(markdown_source),
    ] {
        assert_eq!(html(&stored), expected);
        assert_eq!(text(&stored), "One1 end\n\nThe note.");
        assert_eq!(
            of_markdown(&markdown(&stored)),
            stored,
            "{}",
            markdown(&stored)
        );
    }
}

#[test]
fn a_list_that_nothing_refers_to_stays_a_list() {
    let page = "<ol class=\"footnotes\"><li id=\"fn1\">kept <a href=\"#r1\">↩</a></li></ol>";
    assert!(text(&of_html(page)).contains("kept"));
    let page = "<p>See <a href=\"#part\">1</a>.</p><div id=\"part\">kept</div>";
    assert!(text(&of_html(page)).contains("kept"));
}

#[test]
fn words_that_a_client_marks_as_a_footnote_stay() {
    let sent = serde_json::json!([{"_type": "block", "children": [{"_type": "span", "text": "claim", "marks": ["n"]}],
        "markDefs": [{"_type": "footnote", "_key": "n", "content": [{"children": [{"text": "Source"}]}]}]}]);
    let sent = serde_json::from_value(sent).unwrap();
    let stored = blocks(&BodySource::Blocks(sent)).unwrap();
    assert_eq!(text(&stored), "claim1\n\nSource");
}

#[test]
fn words_that_are_marked_as_several_footnotes_have_the_number_of_each() {
    let note = |key: &str, text: &str| serde_json::json!({"_type": "footnote", "_key": key, "content": [{"children": [{"text": text}]}]});
    let sent = serde_json::json!([{"_type": "block",
        "children": [{"text": "claim", "marks": ["em", "b", "a", "b"]}, {"text": "2", "marks": ["a", "b"]}],
        "markDefs": [note("a", "One"), note("b", "Other")]}]);
    let stored = blocks(&BodySource::Blocks(serde_json::from_value(sent).unwrap())).unwrap();
    assert_eq!(text(&stored), "claim1234\n\nOther\n\nOne\n\nOne\n\nOther");
    let again = blocks(&BodySource::Blocks(stored.clone())).unwrap();
    assert_eq!(again, stored);
}

#[test]
fn pictures_keep_their_captions_links_and_late_addresses() {
    let picture = |page: &str| match of_html(page).first() {
        Some(Block::Image(image)) => image.clone(),
        other => panic!("{other:?}"),
    };
    let linked = picture(
        "<figure><a href=\"https://example.com/big.jpg\"><img src=\"/s.jpg\" alt=\"A\"></a>\
         <figcaption>By <a href=\"/bo\">Bo</a></figcaption></figure>",
    );
    assert_eq!(linked.link.as_deref(), Some("https://example.com/big.jpg"));
    assert_eq!(linked.caption.as_deref(), Some("By Bo"));
    let late =
        picture("<img src=\"data:image/gif;base64,R0\" data-src=\"https://example.com/l.jpg\">");
    assert_eq!(late.url, "https://example.com/l.jpg");
    assert_eq!(
        text(&of_html(
            "<p>a <img src=\"data:image/png;base64,R0\" alt=\"a map\"> b</p>"
        )),
        "a a map b"
    );
}

#[test]
fn what_is_of_another_site_is_an_embed_without_script() {
    let embed = |page: &str| match of_html(page).as_slice() {
        [Block::Embed(embed)] => (embed.provider.clone(), embed.url.clone()),
        other => panic!("{other:?}"),
    };
    let of = |provider: &str, url: &str| (provider.to_owned(), url.to_owned());
    let video = of("youtube", "https://www.youtube.com/watch?v=abc");
    assert_eq!(
        embed("<iframe src=\"//www.youtube.com/embed/abc?rel=0\" title=\"T\"></iframe>"),
        video
    );
    assert_eq!(
        embed(
            "<figure class=\"wp-block-embed is-type-video\"><div class=\"wp-block-embed__wrapper\">\nhttps://www.youtube.com/watch?v=abc\n</div></figure>"
        ),
        video
    );
    assert_eq!(
        embed(
            "<blockquote class=\"twitter-tweet\"><p>Words <a href=\"https://t.co/x\">t.co</a></p>— Bo <a href=\"https://twitter.com/bo/status/1\">May 1</a></blockquote><script async src=\"https://platform.twitter.com/widgets.js\"></script>"
        ),
        of("x", "https://twitter.com/bo/status/1")
    );
    assert_eq!(
        embed(
            "<blockquote class=\"bluesky-embed\" data-bluesky-uri=\"at://x\"><p>Words</p><a href=\"https://bsky.app/profile/bo/post/1\">May 1</a></blockquote>"
        ),
        of("bluesky", "https://bsky.app/profile/bo/post/1")
    );
    let odd = "<figure class=\"embed\" data-provider=\"odd one\" data-url=\"https://example.com/x\"><a href=\"https://example.com/x\">Title</a><figcaption>C</figcaption></figure>";
    assert_eq!(html(&of_html(odd)), odd);
    assert_eq!(of_markdown(&markdown(&of_html(odd))), of_html(odd));
}

#[test]
fn sound_and_moving_pictures_stay_as_sanitised_html() {
    let page = "<video controls src=\"https://example.com/v.mp4\" poster=\"javascript:x\" onplay=\"x()\"></video>";
    assert_eq!(
        html(&of_html(page)),
        "<video controls=\"\" src=\"https://example.com/v.mp4\"></video>"
    );
}

#[test]
fn text_within_sound_and_moving_pictures_is_no_markdown() {
    for page in [
        "<video src=\"https://example.com/v.mp4\" controls=\"\">[x](y) *z*</video>",
        "<p>Hear:</p>\n<audio src=\"https://example.com/a.mp3\">\n# no heading\n</audio>\n<p>x</p>",
    ] {
        let stored = of_html(page);
        let written = markdown(&stored);
        assert_eq!(html(&of_markdown(&written)), html(&stored), "{written}");
    }
}

#[test]
fn a_script_from_right_to_left_is_laid_out_so() {
    assert_eq!(
        html(&of_html("<p>שלום 1</p><p>a שלום</p>")),
        "<p dir=\"rtl\">שלום 1</p>\n<p>a שלום</p>"
    );
}

#[test]
fn lines_of_code_that_are_parted_by_tags_stay_lines() {
    let stored = of_html("<pre class=\"lang-rust\">a<br>b</pre>");
    assert_eq!(
        html(&stored),
        "<pre><code class=\"language-rust\">a\nb\n</code></pre>"
    );
}

#[test]
fn a_quotation_in_a_figure_is_of_whom_its_caption_names() {
    let stored = of_html(
        "<figure><blockquote><p>Words.</p></blockquote><figcaption>— Bo</figcaption></figure>",
    );
    assert_eq!(
        html(&stored),
        "<blockquote><p>Words.</p><footer>— Bo</footer></blockquote>"
    );
}

#[test]
fn keys_that_change_places_mark_what_they_marked() {
    let page = "<p><a href=\"/one\">1</a> <a href=\"/two\">2</a></p>";
    let mut stored = of_html(page);
    if let Some(Block::Block(text)) = stored.first_mut() {
        text.mark_defs.reverse();
    }
    assert_eq!(html(&blocks(&BodySource::Blocks(stored)).unwrap()), page);
}

#[test]
fn spans_without_text_are_left_out() {
    let sent = serde_json::json!([
        {"_type": "block", "children": [{"text": "", "marks": ["code"]}, {"text": "x"}, {"text": "", "marks": ["n"]}],
         "markDefs": [{"_type": "footnote", "_key": "n", "content": [{"children": [{"text": "Source"}, {"text": "", "marks": ["code"]}]}]}]},
        {"_type": "quote", "content": [{"children": [{"text": "", "marks": ["code", "em"]}, {"text": "said"}]}]},
        {"_type": "table", "rows": [{"cells": [{"children": [{"text": "", "marks": ["code"]}]}, {"children": [{"text": "cell"}]}]}]},
    ]);
    let sent: Vec<Block> = serde_json::from_value(sent).unwrap();
    // Also where they were stored.
    assert!(markdown(&sent).contains("said"));
    let stored = blocks(&BodySource::Blocks(sent)).unwrap();
    let shown = html(&stored);
    assert!(!shown.contains("<code>"), "{shown}");
    assert_eq!(html(&of_markdown(&markdown(&stored))), shown);
    assert_eq!(text(&stored), "x1\n\nsaid\n\n\tcell\n\nSource");
}

#[test]
fn carriage_returns_are_line_feeds() {
    for page in [
        "<pre>a&#13;b&#13;\nc</pre>",
        "<p>a&#13;b</p>",
        "<figure><img src=\"/i.jpg\" alt=\"a&#13;b\"><figcaption>c</figcaption></figure>",
        "<p><a href=\"/x\" title=\"a&#13;\nb\">c</a></p>",
        "<details><summary>s</summary><pre>&#13;a&#13;b</pre></details>",
    ] {
        let stored = of_html(page);
        let shown = html(&stored);
        assert!(!shown.contains('\r'), "{shown:?}");
        assert_eq!(html(&of_html(&shown)), shown);
        assert_eq!(html(&of_markdown(&markdown(&stored))), shown);
    }
    assert_eq!(text(&of_html("<pre>a&#13;b&#13;\nc</pre>")), "a\nb\nc");
    let stored = blocks(&BodySource::Text("a\rb\r\n\r\nc\r\rd".to_owned())).unwrap();
    assert_eq!(text(&stored), "a\nb\n\nc\n\nd");
    let sent = vec![Block::Block(TextBlock::plain("normal", "a\r\nb\rc"))];
    let stored = blocks(&BodySource::Blocks(sent)).unwrap();
    assert_eq!(html(&stored), "<p>a<br>b<br>c</p>");
}
