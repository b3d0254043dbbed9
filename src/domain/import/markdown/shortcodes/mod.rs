//! What Hugo, Jekyll and Astro write into Markdown beside Markdown: turned into HTML and Markdown
//! before it is read, outside of code.

mod args;
mod code;
mod hugo;
mod liquid;
mod said;

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
};

use args::Args;
pub(super) use code::fence;
use said::Said;

/// Bytes of one tag.
const TAG_AT_MOST: usize = 4_096;
/// Unknown tags that are told of by name.
const UNKNOWN_AT_MOST: usize = 20;

/// The text with everything in it replaced that is known; the rest is told of once.
pub(super) fn expanded(text: &str, is_mdx: bool, notes: &mut Vec<String>) -> String {
    let text = match is_mdx {
        true => without_imports(text),
        false => text,
    };
    let mut scanner = Scanner {
        rest: text,
        length: text.len(),
        out: String::with_capacity(text.len()),
        begins_line: true,
        is_mdx,
        barren: HashMap::new(),
        unclosed: HashSet::new(),
        unknown: Vec::new(),
        components: Vec::new(),
    };
    while !scanner.rest.is_empty() {
        scanner.step();
    }
    if !scanner.unknown.is_empty() {
        let names = scanner.unknown.join(", ");
        notes.push(format!("not known, and kept as text: {names}"));
    }
    if !scanner.components.is_empty() {
        let names = scanner.components.join(", ");
        notes.push(format!(
            "components that are not known, of which only the text within was kept: {names}"
        ));
    }
    scanner.out
}

/// A text without the lines at its beginning that are for a program.
fn without_imports(text: &str) -> &str {
    let mut rest = text;
    let mut is_within = false;
    for line in text.split_inclusive('\n') {
        let begins = line.starts_with("import ") || line.starts_with("export ");
        let is_blank = line.trim().is_empty();
        is_within = begins || (is_within && !is_blank);
        if !is_within && !is_blank {
            break;
        }
        rest = rest.get(line.len()..).unwrap_or_default();
    }
    rest
}

struct Scanner<'a> {
    rest: &'a str,
    length: usize,
    out: String,
    begins_line: bool,
    is_mdx: bool,
    /// Up to where nothing is closed by these marks.
    barren: HashMap<&'static str, usize>,
    /// Names of tags that are not closed any more.
    unclosed: HashSet<&'static str>,
    unknown: Vec<String>,
    components: Vec<String>,
}

impl<'a> Scanner<'a> {
    fn step(&mut self) {
        if self.begins_line
            && let Some(length) = fence(self.rest)
        {
            return self.copy(length);
        }
        match self.rest.bytes().next() {
            Some(b'`') => self.copy(code::span(self.rest)),
            Some(b'{') => self.braces(),
            Some(b'<') => self.angle(),
            // What is escaped begins nothing.
            Some(b'\\') => self.copy(self.rest.chars().take(2).map(char::len_utf8).sum()),
            _ => {
                let ends = |c: char| matches!(c, '`' | '{' | '<' | '\\' | '\n');
                let length = match self.rest.find(ends) {
                    Some(at) => at + usize::from(self.rest.get(at..=at) == Some("\n")),
                    None => self.rest.len(),
                };
                self.copy(length);
            }
        }
    }

    fn copy(&mut self, length: usize) {
        let (head, tail) = self
            .rest
            .split_at_checked(length.max(1))
            .unwrap_or((self.rest, ""));
        self.out.push_str(head);
        self.begins_line = head.ends_with('\n');
        self.rest = tail;
    }

    /// What stands before the next mark, and what after it, if it is near.
    fn until(&mut self, after: &'a str, mark: &'static str) -> Option<(&'a str, &'a str)> {
        let at = self.length - after.len();
        let known = self.barren.get(mark).copied().unwrap_or(0);
        let skip = known.saturating_sub(at);
        if skip >= TAG_AT_MOST {
            return None;
        }
        let window = code::head(after, TAG_AT_MOST);
        let searched = code::tail(window, skip);
        match searched.find(mark) {
            Some(found) => {
                let inner = window.len() - searched.len() + found;
                let tail = after.get(inner + mark.len()..)?;
                Some((after.get(..inner)?, tail))
            }
            None => {
                let barren = (at + window.len()).saturating_sub(mark.len());
                self.barren.insert(mark, barren);
                None
            }
        }
    }

    fn braces(&mut self) {
        for (open, close) in [
            ("{{<", ">}}"),
            ("{{%", "%}}"),
            ("{%", "%}"),
            ("{{", "}}"),
            ("{/*", "*/}"),
        ] {
            let Some(after) = self.rest.strip_prefix(open) else {
                continue;
            };
            if open == "{/*" && !self.is_mdx {
                continue;
            }
            let Some((inner, tail)) = self.until(after, close) else {
                return self.copy(1);
            };
            // Nothing reaches over paragraphs and code.
            if inner.contains("\n\n") || inner.contains("```") {
                return self.copy(1);
            }
            let whole = code::head(self.rest, self.rest.len() - tail.len());
            return match open {
                "{{<" | "{{%" => self.hugo(whole, inner, tail),
                "{%" => self.liquid(whole, inner, tail),
                "{{" => self.output(whole, inner, tail),
                _ => self.rest = tail,
            };
        }
        self.copy(1);
    }

    fn hugo(&mut self, whole: &'a str, inner: &str, tail: &'a str) {
        let inner = inner.trim();
        if let Some(shown) = inner.strip_prefix("/*") {
            // A shortcode that is written about.
            let shown = shown.trim_end_matches("*/").trim();
            let (open, close) = match whole.starts_with("{{<") {
                true => ("{{&lt;", "&gt;}}"),
                false => ("{{%", "%}}"),
            };
            let shown = format!("{open} {} {close}", shown.replace('<', "&lt;"));
            return self.put(Said::Inline(shown), tail);
        }
        let inner = inner.trim_end_matches('/');
        let args = Args::read(inner);
        if args.name == "highlight"
            && let Some((code, tail)) = self.closed(tail, "/highlight", &["{{<", "{{%"])
        {
            let language = args.at(0).unwrap_or_default();
            return self.put(Said::Block(said::fenced(language, code)), tail);
        }
        match hugo::said(&args) {
            Some(said) => self.put(said, tail),
            None => {
                let name = args.name.trim_start_matches('/');
                self.keep(format!("{{{{< {name} >}}}}"), whole, tail);
            }
        }
    }

    fn liquid(&mut self, whole: &'a str, inner: &str, tail: &'a str) {
        let args = Args::read(inner.trim_matches('-'));
        let open = &["{%"];
        let closed = match args.name.as_str() {
            "highlight" => self.closed(tail, "endhighlight", open),
            "raw" => self.closed(tail, "endraw", open),
            "comment" => self.closed(tail, "endcomment", open),
            _ => None,
        };
        match (args.name.as_str(), closed) {
            ("highlight", Some((code, tail))) => {
                let language = args.at(0).unwrap_or_default();
                self.put(Said::Block(said::fenced(language, code)), tail);
            }
            ("raw", Some((text, tail))) => self.put(Said::Inline(text.to_owned()), tail),
            ("comment", Some((_, tail))) => self.rest = tail,
            _ => match liquid::said(&args) {
                Some(said) => self.put(said, tail),
                None => {
                    let name = args.name.strip_prefix("end").unwrap_or(&args.name);
                    self.keep(format!("{{% {name} %}}"), whole, tail);
                }
            },
        }
    }

    fn output(&mut self, whole: &'a str, inner: &str, tail: &'a str) {
        let inner = inner.trim_matches('-').trim();
        match liquid::output(inner) {
            Some(text) => self.put(Said::Inline(text), tail),
            None if liquid::is_output(inner) => {
                self.keep(format!("{{{{ {inner} }}}}"), whole, tail);
            }
            None => self.copy("{{".len()),
        }
    }

    /// What stands before the tag that closes, and what after it.
    fn closed(
        &mut self,
        text: &'a str,
        name: &'static str,
        opens: &[&str],
    ) -> Option<(&'a str, &'a str)> {
        if self.unclosed.contains(name) {
            return None;
        }
        for (at, found) in text.match_indices(name) {
            let before = text.get(..at)?.trim_end_matches([' ', '-']);
            let after = text.get(at + found.len()..)?;
            let after = code::head(after, 64).trim_start_matches([' ', '-']);
            let body = opens.iter().find_map(|open| before.strip_suffix(*open));
            let close = [">}}", "%}}", "%}"]
                .into_iter()
                .find(|close| after.starts_with(close));
            if let (Some(body), Some(close)) = (body, close) {
                let rest = text.get(at..)?;
                let end = rest.find(close)? + close.len();
                return Some((body, rest.get(end..)?));
            }
        }
        self.unclosed.insert(name);
        None
    }

    fn angle(&mut self) {
        if let Some(after) = self.rest.strip_prefix("<!--") {
            match self.until(after, "-->") {
                Some((inner, tail)) if inner.trim().eq_ignore_ascii_case("more") => {
                    self.rest = tail;
                }
                Some((_, tail)) => self.copy(self.rest.len() - tail.len()),
                None => self.copy(1),
            }
            return;
        }
        let name = self.rest.strip_prefix("</").or(self.rest.strip_prefix('<'));
        let is_named = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
        let is_component = self.is_mdx && name.is_some_and(is_named);
        let length = match is_component {
            true => code::component(self.rest),
            false => None,
        };
        match length {
            Some(length) => self.component(length),
            None => self.copy(1),
        }
    }

    /// Takes out a tag of a component that is not known.
    fn component(&mut self, length: usize) {
        let whole = code::head(self.rest, length);
        let tail = self.rest.get(length..).unwrap_or_default();
        let inner = whole.trim_start_matches('<').trim_end_matches(['/', '>']);
        let args = Args::read(inner);
        let is_end = inner.starts_with('/');
        match hugo::player(&args).filter(|_| !is_end) {
            Some(said) => self.put(said, tail),
            None => {
                let name = args.name.trim_start_matches('/');
                let is_player = matches!(name, "YouTube" | "Vimeo" | "Tweet" | "Gist");
                if !(is_end && is_player) {
                    remember(&mut self.components, format!("<{name}>"));
                }
                self.rest = tail;
            }
        }
    }

    fn put(&mut self, said: Said, tail: &'a str) {
        match said {
            Said::Inline(text) => {
                self.begins_line = false;
                self.out.push_str(&text);
            }
            Said::Block(text) => {
                let is_line = self.out.is_empty() || self.out.ends_with('\n');
                let gap = if is_line { "\n" } else { "\n\n" };
                let _ = write!(self.out, "{gap}{text}\n\n");
                self.begins_line = true;
            }
        }
        self.rest = tail;
    }

    /// Keeps a tag as text; nothing in it may be taken for HTML.
    fn keep(&mut self, name: String, whole: &str, tail: &'a str) {
        remember(&mut self.unknown, name);
        self.put(Said::Inline(whole.replace('<', "&lt;")), tail);
    }
}

fn remember(names: &mut Vec<String>, name: String) {
    let name: String = name.chars().take(100).collect();
    if names.len() < UNKNOWN_AT_MOST && !names.contains(&name) {
        names.push(name);
    }
}

#[cfg(test)]
mod tests;
