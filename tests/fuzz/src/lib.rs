//! What the targets hold all that a parser gives to.

// The elements and addresses that may be put into a page: the same as for files that others made.
#[path = "../../corpora/safe.rs"]
mod safe;

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind, set_hook},
    process::abort,
};

use newsstand::{
    domain::{
        body::{self, BodySource},
        import::{Entry, FieldProblem, Refusal},
    },
    http::fuzzing::Refused,
    model::{
        article::{ArticleInput, Image, MAX_NAMES, MAX_NOTE, MAX_SUMMARY, MAX_TITLE},
        block::Block,
        language::is_language,
        slug::is_slug,
        stored_body,
    },
};
use serde_json::Value;

/// The character that no database takes.
const NUL: char = '\0';

thread_local! {
    /// What the last panic said, and where.
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// To be called before the first input: lets panics be caught that the program itself catches, of
/// libraries that stumble. libFuzzer would end at each. See [`watched`].
pub fn let_panics_be_caught() {
    set_hook(Box::new(|panic| {
        LAST_PANIC.set(panic.to_string());
    }));
}

/// Runs a target that has called [`let_panics_be_caught`]; what nobody catches ends it.
pub fn watched(target: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(target)).is_err() {
        eprintln!("{}", LAST_PANIC.take());
        abort();
    }
}

/// The first line of an input, and what follows it; nothing where it is no text.
pub fn parted(data: &[u8]) -> Option<(&str, &str)> {
    let text = std::str::from_utf8(data).ok()?;
    Some(text.split_once('\n').unwrap_or((text, "")))
}

/// Holds a body to what every one must be that is stored: it is read as it was written, it is safe
/// in each form, and can be sent back.
fn check_shown(stored: &[Block]) -> Vec<Block> {
    let json = serde_json::to_string(stored).expect("any body can be written");
    assert!(!has_nul(&json), "{json}");
    let read = stored_body::read(&json).expect("what is stored can be read");
    assert_eq!(read, stored, "as the store reads it");
    check_safe(&body::html(stored));
    let _ = (body::text(stored), body::toc(stored), body::markdown(stored));
    again(BodySource::Blocks(read))
}

/// The same of a body that came in by itself: whoever sends it back as blocks changes nothing.
pub fn check_body(stored: &[Block]) {
    assert_eq!(check_shown(stored), stored, "as it is sent back");
}

/// Holds a body that was read from markup to what such a one must be besides: it is the same when
/// what is shown of it is read again.
pub fn check_read_body(stored: &[Block]) {
    check_body(stored);
    let shown = body::html(stored);
    let of_html = again(BodySource::Html(shown.clone()));
    assert_eq!(body::html(&of_html), shown, "through HTML");
    assert_eq!(body::text(&of_html), body::text(stored), "{shown}");
    // What a sanitised block begins with may be no block to Markdown, which then reads on in it.
    if !stored.iter().any(|block| matches!(block, Block::Html(_))) {
        let written = body::markdown(stored);
        let of_markdown = again(BodySource::Markdown(written.clone()));
        assert_eq!(body::html(&of_markdown), shown, "through {written:?}");
    }
}

fn again(source: BodySource) -> Vec<Block> {
    match body::blocks(&source) {
        Ok(blocks) => blocks,
        Err(cause) => panic!("{cause}: {source:?}"),
    }
}

/// Holds markup to what may be put into a page.
pub fn check_safe(html: &str) {
    let faults = safe::faults(html);
    assert!(faults.is_empty(), "{faults:?} in {html}");
}

/// Holds an article to the bounds of all articles, whoever made it.
pub fn check_article(article: &ArticleInput) {
    let ArticleInput {
        external_id,
        slug,
        yields_slug: _,
        title,
        title_provisional: _,
        summary,
        category,
        tags,
        authors,
        published_at: _,
        clears_date: _,
        status: _,
        language,
        featured: _,
        reading_minutes,
        image,
        canonical_url,
        body,
        note,
        former_slugs,
        former_paths,
    } = article;
    check_text("title", title, MAX_TITLE);
    assert!(!title.trim().is_empty(), "a title that is blank");
    let texts = [
        ("external_id", external_id, 200),
        ("summary", summary, MAX_SUMMARY),
        ("canonical_url", canonical_url, 2_000),
        ("note", note, MAX_NOTE),
    ];
    for (what, text, most) in texts {
        if let Some(text) = text {
            check_text(what, text, most);
        }
    }
    for names in [category, tags, authors] {
        assert!(names.len() <= MAX_NAMES, "{} names", names.len());
        // How long they may be is the store's to say.
        for name in names {
            check_text("name", name, usize::MAX);
        }
    }
    assert!(slug.as_deref().is_none_or(is_slug), "{slug:?}");
    assert!(language.as_deref().is_none_or(is_language), "{language:?}");
    assert!(reading_minutes.is_none_or(|minutes| (1..=10_000).contains(&minutes)));
    if let Some(address) = canonical_url {
        check_address(address);
    }
    if let Some(image) = image {
        check_image(image);
    }
    assert!(former_slugs.iter().all(|slug| !slug.contains(NUL)));
    let is_path = |path: &String| path.starts_with('/') && !path.contains(NUL);
    assert!(former_paths.iter().all(is_path), "{former_paths:?}");
    // An importer may have taken blocks out, so that keys are others then.
    assert_eq!(body::html(&check_shown(body)), body::html(body), "as it is sent back");
}

fn check_image(image: &Image) {
    let Image {
        url,
        alt,
        width,
        height,
        caption,
        credit,
    } = image;
    check_address(url);
    for text in [alt, caption, credit].into_iter().flatten() {
        check_text("image", text, 2_000);
    }
    for pixels in [width, height].into_iter().flatten() {
        assert!((1..=100_000).contains(pixels), "{pixels} pixels");
    }
}

fn check_address(address: &str) {
    let begin: String = address.trim_start().chars().take(8).collect();
    let begin = begin.to_ascii_lowercase();
    let is_web = begin.starts_with("http:") || begin.starts_with("https:");
    assert!(is_web, "{address:?} is no address on the web");
}

/// Whether a text of the document has U+0000 in it.
fn has_nul(json: &str) -> bool {
    fn within(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains(NUL),
            Value::Array(items) => items.iter().any(within),
            Value::Object(members) => {
                let mut members = members.iter();
                members.any(|(name, value)| name.contains(NUL) || within(value))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
    // Without the escape, none of them can be there.
    json.contains("\\u0000") && within(&serde_json::from_str(json).expect("JSON"))
}

fn check_text(what: &str, text: &str, most: usize) {
    assert!(!text.contains(NUL), "U+0000 in {what}");
    assert!(text.chars().count() <= most, "{what} is too long");
}

/// Holds what an importer gives to what all of them must give; gives how many entries there are.
pub fn check_entries(entries: impl IntoIterator<Item = Entry>) -> usize {
    let mut many = 0;
    for entry in entries {
        many += 1;
        match entry {
            Entry::Article {
                article,
                related,
                place: _,
                notes,
            } => {
                check_article(&article);
                for related in &related {
                    // Of it, only what another page says is known.
                    assert!(!related.title.trim().is_empty());
                }
                assert!(notes.iter().all(|note| !note.is_empty()));
            }
            Entry::Name { name, place: _ } => {
                check_text("name", &name.name, usize::MAX);
                assert!(name.slug.as_deref().is_none_or(is_slug), "{name:?}");
            }
            Entry::Restored { .. } => {}
            Entry::LeftOut(refusal) | Entry::Refused(refusal) => check_refusal(&refusal),
        }
    }
    many
}

fn check_refusal(Refusal { place, reason }: &Refusal) {
    assert!(!reason.is_empty(), "{place} is refused without a reason");
}

/// Holds what is wrong with members of a body to what must be said of each: which, and what would
/// be right.
pub fn check_problems(problems: &[FieldProblem], sent: &Value) {
    assert!(!problems.is_empty(), "refused for nothing");
    for problem in problems {
        let FieldProblem {
            pointer, message, ..
        } = problem;
        assert!(!message.is_empty(), "{pointer} is wrong without a reason");
        assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer:?}");
        // Either it is there, or what is around it lacks it.
        let around = pointer.rsplit_once('/').map_or("", |(around, _)| around);
        assert!(
            sent.pointer(pointer).is_some() || sent.pointer(around).is_some(),
            "{pointer:?} leads nowhere in {sent}"
        );
    }
}

/// Holds a refusal over HTTP to what every one must be: the client's fault, which is named, in a
/// whole problem document.
pub fn check_refused(refused: &Refused) {
    assert!((400..500).contains(&refused.status), "{refused:?}");
    assert!(!has_nul(&refused.document), "{refused:?}");
    let document: Value = serde_json::from_str(&refused.document).expect("JSON");
    assert_eq!(document["status"], refused.status);
    let detail = document["detail"].as_str();
    assert!(detail.is_some_and(|detail| !detail.is_empty()));
    let errors = document["errors"].as_array().expect("a list");
    for error in errors {
        let length = |name: &str| error[name].as_str().map_or(0, |text| text.chars().count());
        assert!(length("message") > 0 && length("message") <= 2_000, "{error}");
        assert!(length("parameter") <= 200 && length("pointer") <= 1_000, "{error}");
        let is_named = error["parameter"].is_string() || error["pointer"].is_string();
        assert!(is_named, "{error} names nothing");
    }
}
