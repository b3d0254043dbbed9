//! Refuses markup whose depth or attributes would cost a parser or sanitiser quadratic time.

use crate::domain::body::BodyError;

/// Elements open inside one another, at most.
const MAX_DEPTH: usize = 256;
/// Attributes of one tag, at most.
const MAX_ATTRIBUTES: usize = 64;

/// Elements that never nest in themselves without another between, or never have content: they
/// close of their own accord, so that a missing end tag is no depth.
const SELF_CLOSING: [&str; 28] = [
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta",
    "optgroup", "option", "p", "param", "rp", "rt", "source", "tbody", "td", "tfoot", "th",
    "thead", "tr", "track", "wbr",
];

/// Looks over the tags of a text in one pass, in linear time.
pub(super) fn check(html: &str) -> Result<(), BodyError> {
    let mut depth = 0_usize;
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let (closing, after) = match after.strip_prefix('/') {
            Some(after) => (true, after),
            None => (false, after),
        };
        if !after.starts_with(|c: char| c.is_ascii_alphabetic()) {
            rest = after;
            continue;
        }
        let name_end = after
            .find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/')
            .unwrap_or(after.len());
        let (name, tail) = after.split_at(name_end);
        let (attributes, after_tag) = attributes(tail);
        if attributes > MAX_ATTRIBUTES {
            return Err(BodyError::Hostile("a tag may have at most 64 attributes"));
        }
        rest = after_tag;
        let closes_itself = SELF_CLOSING.contains(&name.to_ascii_lowercase().as_str());
        match (closing, closes_itself) {
            (_, true) => {}
            (true, false) => depth = depth.saturating_sub(1),
            (false, false) => depth += 1,
        }
        if depth > MAX_DEPTH {
            return Err(BodyError::Hostile("elements may nest at most 256 deep"));
        }
    }
    Ok(())
}

/// The number of attributes up to the end of a tag, at least as many as a parser sees, and what
/// follows the tag.
fn attributes(tail: &str) -> (usize, &str) {
    let mut count = 0;
    let mut quote: Option<char> = None;
    let mut before = ' ';
    for (index, c) in tail.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '>' => return (count, tail.split_at(index + 1).1),
            None if (c == '"' || c == '\'') && before == '=' => quote = Some(c),
            None => {
                let begins = before.is_ascii_whitespace()
                    || before == '/'
                    || before == '"'
                    || before == '\'';
                if begins && !c.is_ascii_whitespace() && c != '/' && c != '=' {
                    count += 1;
                }
            }
        }
        // White space around "=" belongs to the attribute.
        if !(c.is_ascii_whitespace() && before == '=') {
            before = c;
        }
    }
    (count, "")
}
