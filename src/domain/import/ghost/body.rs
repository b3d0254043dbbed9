//! The text of a post, from whichever of its forms can be read.

use crate::{
    domain::{
        body::{self, BodySource},
        import::ghost::{export::Post, lexical, mobiledoc, site::Site, writer::Writer},
    },
    model::{article::MAX_BODY, block::Block},
};

/// Bytes of a document, which has many more signs than its HTML.
const MAX_DOCUMENT: usize = 4 * MAX_BODY;

/// Comments around what only some readers see, in HTML that Ghost made.
const GATE_BEGIN: &str = "<!--kg-gated-block:begin";
const GATE_END: &str = "<!--kg-gated-block:end-->";
const PAYWALL: &str = "<!--members-only-->";

/// Writes a document into HTML.
type Write = fn(&str, &mut Writer) -> Result<(), String>;

/// Reads the body: its document, or else its HTML.
pub(super) fn blocks(
    post: &Post,
    site: &Site,
    notes: &mut Vec<String>,
) -> Result<Vec<Block>, String> {
    let documents: [(&str, &_, Write); 2] = [
        ("lexical", &post.lexical, lexical::write),
        ("mobiledoc", &post.mobiledoc, mobiledoc::write),
    ];
    let mut problem = None;
    for (name, document, write) in documents {
        let Some(text) = document.get() else { continue };
        match written(text, write).and_then(|(html, told)| Ok((stored(&html, site)?, told, html))) {
            Ok((blocks, told, html)) if !blocks.is_empty() => {
                if let Some((name, cause)) = problem {
                    notes.push(format!("its {name} can't be read ({cause})"));
                }
                notes.extend(told);
                tell_of_files(&html, site, notes);
                return Ok(blocks);
            }
            // All of it was left out for a reason that holds for its HTML too.
            Ok((_, told, _)) if !told.is_empty() => {
                return Err(format!("has no text: {}", told.join("; ")));
            }
            Ok(_) => {}
            Err(cause) => problem = problem.or(Some((name, cause))),
        }
    }
    match (post.html.get(), problem) {
        (Some(html), problem) => {
            let html = shown_to_everyone(html, notes);
            let blocks = stored(&html, site)?;
            if let Some((name, cause)) = problem {
                notes.push(format!(
                    "its {name} can't be read ({cause}): its HTML was taken"
                ));
            }
            tell_of_files(&html, site, notes);
            match blocks.is_empty() {
                true => Err("has no text".to_owned()),
                false => Ok(blocks),
            }
        }
        (None, Some((name, cause))) => Err(format!("its {name} can't be read: {cause}")),
        (None, None) => Err("has no text".to_owned()),
    }
}

fn written(text: &str, write: Write) -> Result<(String, Vec<String>), String> {
    if text.len() > MAX_DOCUMENT {
        return Err(format!("it has more than {MAX_DOCUMENT} bytes"));
    }
    let mut out = Writer::default();
    write(text, &mut out)?;
    out.finish()
}

fn stored(html: &str, site: &Site) -> Result<Vec<Block>, String> {
    if html.len() > MAX_BODY {
        return Err(body::BodyError::TooLong.to_string());
    }
    let html = site.localised(&html.replace('\0', ""));
    body::blocks(&BodySource::Html(html)).map_err(|cause| cause.to_string())
}

/// HTML without the parts that Ghost shows to members only.
fn shown_to_everyone(html: &str, notes: &mut Vec<String>) -> String {
    let mut pieces = html.split(GATE_BEGIN);
    let mut shown = pieces.next().unwrap_or_default().to_owned();
    let mut is_whole = true;
    for piece in pieces {
        let (terms, content) = piece.split_once("-->").unwrap_or((piece, ""));
        let (gated, after) = content.split_once(GATE_END).unwrap_or((content, ""));
        match terms.contains("nonMember:true") {
            true => shown.push_str(gated),
            false => is_whole = false,
        }
        shown.push_str(after);
    }
    if !is_whole {
        notes.push("what the site did not show to everyone was left out".to_owned());
    }
    if shown.contains(PAYWALL) {
        notes.push("what stood after the paywall was for members, and is kept".to_owned());
    }
    shown
}

fn tell_of_files(html: &str, site: &Site, notes: &mut Vec<String>) {
    let has_files = ["\"/content/", "__GHOST_URL__/content/"]
        .iter()
        .any(|start| html.contains(start));
    if has_files && !site.is_known() {
        notes.push(
            "its pictures and files keep addresses within the old site (/content/…), since the \
             export does not tell where that is"
                .to_owned(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> (Result<String, String>, Vec<String>) {
        let post: Post = serde_json::from_value(json).unwrap();
        let mut notes = Vec::new();
        let read = blocks(&post, &Site::new(&[]), &mut notes);
        (read.map(|blocks| body::text(&blocks)), notes)
    }

    #[test]
    fn html_stands_in_for_a_document_that_can_not_be_read() {
        let (text, notes) = read(serde_json::json!({"lexical": "{", "html": "<p>words</p>"}));
        assert_eq!(text.as_deref(), Ok("words"));
        assert!(notes[0].contains("lexical"), "{notes:?}");
        let (text, _) = read(serde_json::json!({"lexical": "{}"}));
        assert!(text.unwrap_err().contains("lexical can't be read"));
        let (text, _) = read(serde_json::json!({"html": " "}));
        assert_eq!(text.unwrap_err(), "has no text");
    }

    #[test]
    fn html_does_not_bring_back_what_was_for_members() {
        let hidden = "<p>a</p><!--kg-gated-block:begin nonMember:false memberSegment:\"\" -->\
                      <p>b</p><!--kg-gated-block:end--><p>c</p>\
                      <!--kg-gated-block:begin nonMember:true --><p>d</p><!--kg-gated-block:end-->";
        let (text, notes) = read(serde_json::json!({"html": hidden}));
        assert_eq!(text.as_deref(), Ok("a\n\nc\n\nd"));
        assert_eq!(notes.len(), 1, "{notes:?}");
        let card =
            serde_json::json!({"root": {"children": [{"type": "email", "html": "<p>b</p>"}]}});
        let post = serde_json::json!({"lexical": card.to_string(), "html": "<p>b</p>"});
        assert!(read(post).0.unwrap_err().contains("newsletter"));
    }
}
