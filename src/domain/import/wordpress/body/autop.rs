//! Paragraphs of classic text: a blank line parts them, a single break stays one.

use super::markup::{self, Token, Tokens};

/// What line breaks mean in an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Blank lines part paragraphs.
    Paragraphs,
    /// Each is a break.
    Breaks,
    /// Nothing.
    Plain,
    /// All stays as it is.
    Verbatim,
}

/// Elements that are followed this deep; what is deeper is refused later.
const MAX_DEPTH: usize = 300;

fn mode(name: &str) -> Option<Mode> {
    Some(match name {
        "blockquote" | "div" | "section" | "article" | "aside" | "header" | "footer" | "main"
        | "nav" | "form" | "fieldset" | "details" | "center" | "hgroup" => Mode::Paragraphs,
        "p" | "li" | "td" | "th" | "dt" | "dd" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
        | "figcaption" | "caption" | "address" | "summary" | "legend" => Mode::Breaks,
        "ul" | "ol" | "menu" | "dl" | "table" | "thead" | "tbody" | "tfoot" | "tr" | "colgroup"
        | "figure" | "audio" | "video" | "iframe" | "object" | "select" | "map" => Mode::Plain,
        "pre" | "script" | "style" | "textarea" | "svg" | "math" => Mode::Verbatim,
        _ => return None,
    })
}

/// Puts paragraphs and breaks into classic text.
pub(super) fn paragraphs(content: &str) -> String {
    let mut writer = Writer {
        out: String::with_capacity(content.len() + content.len() / 8),
        ..Writer::default()
    };
    for token in Tokens::new(content) {
        match token {
            Token::Tag(tag) => writer.tag(tag),
            Token::Text(text) => writer.text(text),
            Token::Comment(_) => {}
            Token::Code(code) => writer.text(code.raw),
        }
    }
    writer.flush();
    writer.out
}

#[derive(Default)]
struct Writer {
    out: String,
    /// Text under way, up to the next paragraph or block.
    line: String,
    /// Line breaks since the last word or tag.
    breaks: usize,
    /// Elements that are open, with what breaks mean in them.
    open: Vec<(String, Mode)>,
}

impl Writer {
    fn mode(&self) -> Mode {
        self.open.last().map_or(Mode::Paragraphs, |(_, mode)| *mode)
    }

    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.breaks = 0;
        let line = line.trim();
        match self.mode() {
            _ if line.is_empty() => {}
            Mode::Paragraphs => {
                self.out.push_str("<p>");
                self.out.push_str(line);
                self.out.push_str("</p>\n");
            }
            _ => self.out.push_str(line),
        }
    }

    fn tag(&mut self, tag: &str) {
        let name = markup::name(tag);
        let is_end = markup::is_end(tag);
        if self.mode() == Mode::Verbatim {
            self.out.push_str(tag);
            let ends = self.open.last().is_some_and(|(open, _)| *open == name);
            if is_end && ends {
                self.open.pop();
            }
            return;
        }
        let is_rule = name == "hr";
        let Some(mode) = mode(&name) else {
            if is_rule {
                self.flush();
                self.out.push_str(tag);
                return;
            }
            return self.inline(tag, &name);
        };
        self.flush();
        self.out.push_str(tag);
        match is_end {
            true => {
                // An end tag without a beginning ends nothing.
                let found = self.open.iter().rposition(|(open, _)| *open == name);
                if let Some(at) = found {
                    self.open.truncate(at);
                }
            }
            false if self.open.len() < MAX_DEPTH => self.open.push((name, mode)),
            false => {}
        }
    }

    fn inline(&mut self, tag: &str, name: &str) {
        if name == "br" {
            // The break in the text that stands beside it is the same one.
            self.breaks = usize::from(self.breaks > 1) * self.breaks;
            self.settle();
            self.line.push_str("<br>");
            return;
        }
        self.settle();
        self.line.push_str(tag);
    }

    fn text(&mut self, text: &str) {
        match self.mode() {
            Mode::Verbatim => self.out.push_str(text),
            Mode::Plain => self.line.push_str(text),
            Mode::Paragraphs | Mode::Breaks => {
                for (number, line) in text.split('\n').enumerate() {
                    self.breaks += usize::from(number > 0);
                    if line.trim().is_empty() {
                        // A space between two tags parts words.
                        if self.breaks == 0 && !self.line.is_empty() {
                            self.line.push_str(line);
                        }
                        continue;
                    }
                    self.settle();
                    let is_first = self.line.is_empty();
                    self.line
                        .push_str(if is_first { line.trim_start() } else { line });
                }
            }
        }
    }

    /// Writes what the line breaks before the next word or tag mean.
    fn settle(&mut self) {
        let breaks = std::mem::take(&mut self.breaks);
        if breaks == 0 || self.line.trim_start().is_empty() {
            return;
        }
        match self.mode() {
            Mode::Paragraphs if breaks > 1 => self.flush(),
            Mode::Paragraphs | Mode::Breaks => {
                let is_broken = self.line.trim_end().ends_with("<br>");
                self.line.push_str(match (is_broken, breaks) {
                    (true, _) => "\n",
                    (false, 1) => "<br>\n",
                    (false, _) => "<br><br>\n",
                });
            }
            Mode::Plain | Mode::Verbatim => self.line.push('\n'),
        }
    }
}
