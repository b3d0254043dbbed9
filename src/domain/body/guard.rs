//! Refuses markup whose depth, attributes or forgotten end tags would cost a parser or sanitiser
//! far more than their length.
//!
//! What is open is followed as the HTML standard has it (section 13.2.6, "in body"), but for
//! elements that close of their own accord. Where in doubt, more is taken to be open than is.

use crate::domain::body::BodyError;

/// Elements open inside one another, at most.
const MAX_DEPTH: usize = 256;
/// Attributes of one tag, at most.
const MAX_ATTRIBUTES: usize = 64;

/// Elements that have no content, or never nest in themselves without another between: a missing
/// end tag of theirs is no depth.
const SELF_CLOSING: [&str; 25] = [
    "area", "base", "br", "col", "dd", "dt", "embed", "frame", "hr", "img", "input", "li", "link",
    "meta", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
];

/// Elements that a parser opens anew in each block while they are not closed ("reconstruct the
/// active formatting elements").
const FORMATTING: [&str; 14] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];

/// Elements through which no end tag reaches.
const SCOPES: [&str; 8] = [
    "applet", "caption", "marquee", "object", "svg", "math", "table", "template",
];

/// Elements that are closed by their own end tag however many others are open in them.
const BLOCKS: [&str; 32] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "button",
    "center",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "main",
    "menu",
    "nav",
    "ol",
    "pre",
    "section",
    "summary",
    "ul",
];

/// How often formatting may be opened anew, for each tag of the text and to begin with: a
/// forgotten end tag or two is honest; hundreds make millions of elements of a few bytes each.
const REOPENED_PER_TAG: usize = 4;
const REOPENED_AT_LEAST: usize = 10_000;

/// Where a cell of a table begins: what is open before it is not opened anew in it.
const CELL: &str = "";

/// Looks over the tags of a text in one pass.
pub(super) fn check(html: &str) -> Result<(), BodyError> {
    let mut open = Open::default();
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
        let name = name.to_ascii_lowercase();
        match closing {
            true => open.end(&name),
            false => open.start(name),
        }
        open.check()?;
    }
    Ok(())
}

/// What is open at a place of a text.
#[derive(Default)]
struct Open {
    /// Elements, outermost first.
    stack: Vec<String>,
    /// Formatting that has not been closed, and cells that it stands in.
    formatting: Vec<String>,
    tags: usize,
    reopened: usize,
}

impl Open {
    fn start(&mut self, name: String) {
        self.tags += 1;
        if FORMATTING.contains(&name.as_str()) {
            if matches!(name.as_str(), "a" | "nobr") {
                // One ends where the next begins.
                self.close_formatting(&name);
            }
            self.formatting.push(name.clone());
        } else {
            self.reopened += self.formatting_in_cell();
        }
        if matches!(name.as_str(), "td" | "th" | "tr" | "caption") {
            self.leave_cell();
            let in_table = self.scope().is_some_and(|(_, open)| open == "table");
            if in_table && name != "tr" {
                self.formatting.push(CELL.to_owned());
                self.stack.push(CELL.to_owned());
            }
        }
        if !SELF_CLOSING.contains(&name.as_str()) {
            self.stack.push(name);
        }
    }

    fn end(&mut self, name: &str) {
        self.tags += 1;
        if FORMATTING.contains(&name) {
            return self.close_formatting(name);
        }
        self.reopened += self.formatting_in_cell();
        if matches!(name, "td" | "th" | "tr" | "caption" | "table") {
            self.leave_cell();
            if name != "table" {
                return;
            }
        }
        let is_end = |open: &String| {
            open == name
                || open == CELL
                || SCOPES.contains(&open.as_str())
                || (!BLOCKS.contains(&name)
                    && !SCOPES.contains(&name)
                    && BLOCKS.contains(&open.as_str()))
        };
        // An end tag that finds nothing of its own is passed over.
        if let Some(at) = self.stack.iter().rposition(is_end)
            && self.stack.get(at).is_some_and(|open| open == name)
        {
            self.truncate(at);
        }
    }

    /// The innermost cell or other element that end tags do not reach through.
    fn scope(&self) -> Option<(usize, &str)> {
        let is_scope = |open: &String| open == CELL || SCOPES.contains(&open.as_str());
        let at = self.stack.iter().rposition(is_scope)?;
        Some((at, self.stack.get(at)?))
    }

    fn truncate(&mut self, at: usize) {
        for closed in self.stack.drain(at..) {
            if closed == CELL
                && let Some(at) = self.formatting.iter().rposition(|open| open == CELL)
            {
                self.formatting.truncate(at);
            }
        }
    }

    /// Of those that overlap, the others stay open.
    fn close_formatting(&mut self, name: &str) {
        if let Some(at) = self.formatting.iter().rposition(|open| open == name) {
            self.formatting.remove(at);
        }
        if let Some(at) = self.stack.iter().rposition(|open| open == name) {
            self.stack.remove(at);
        }
    }

    fn formatting_in_cell(&self) -> usize {
        let of_cell = self.formatting.iter().rev();
        of_cell.take_while(|open| *open != CELL).count()
    }

    fn leave_cell(&mut self) {
        if let Some((at, CELL)) = self.scope() {
            self.truncate(at);
        }
    }

    fn check(&self) -> Result<(), BodyError> {
        if self.stack.len() > MAX_DEPTH || self.formatting.len() > 2 * MAX_DEPTH {
            return Err(BodyError::Hostile("elements may nest at most 256 deep"));
        }
        if self.reopened > REOPENED_AT_LEAST + REOPENED_PER_TAG * self.tags {
            return Err(BodyError::Hostile(
                "b, i, a and such must be closed before the next blocks",
            ));
        }
        Ok(())
    }
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
