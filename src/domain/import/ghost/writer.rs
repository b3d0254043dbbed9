//! HTML under way, and what is to be told of it.

use std::fmt::Write;

use scraper::Html;

use crate::{
    domain::body::{self, escaped},
    model::article::MAX_BODY,
};

/// Different notes of one article's body.
const NOTES_AT_MOST: usize = 30;

/// Collects HTML, no more of it than a body may have.
#[derive(Debug, Default)]
pub(super) struct Writer {
    html: String,
    notes: Vec<String>,
    is_full: bool,
}

impl Writer {
    /// The HTML and the notes, unless it became too long.
    pub(super) fn finish(self) -> Result<(String, Vec<String>), String> {
        match self.is_full {
            true => Err(body::BodyError::TooLong.to_string()),
            false => Ok((self.html, self.notes)),
        }
    }

    /// A writer for a part that may be written several times.
    pub(super) fn part(&mut self, write: impl FnOnce(&mut Self)) -> String {
        let whole = std::mem::take(&mut self.html);
        write(self);
        std::mem::replace(&mut self.html, whole)
    }

    pub(super) fn len(&self) -> usize {
        self.html.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Tells something once.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if self.notes.len() < NOTES_AT_MOST && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Markup that is known to be whole.
    pub(super) fn raw(&mut self, html: &str) {
        if self.html.len() + html.len() > MAX_BODY {
            self.is_full = true;
        } else {
            self.html.push_str(html);
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.raw(&escaped(text));
    }

    /// A start tag with those of the attributes that have a value.
    pub(super) fn open(&mut self, tag: &str, attributes: &[(&str, Option<&str>)]) {
        let mut start = format!("<{tag}");
        for (name, value) in attributes {
            if let Some(value) = value {
                let _ = write!(start, " {name}=\"{}\"", escaped(value));
            }
        }
        start.push('>');
        self.raw(&start);
    }

    pub(super) fn close(&mut self, tag: &str) {
        self.raw(&format!("</{tag}>"));
    }

    /// HTML that an author wrote: what it leaves open is closed, lest it swallow what follows.
    pub(super) fn fragment(&mut self, html: &str) {
        if html.contains(['<', '&']) && body::check_markup(html).is_ok() {
            let whole = Html::parse_fragment(html).root_element().inner_html();
            self.raw(&whole);
        } else {
            // Markup that is refused is refused with the whole body.
            self.raw(html);
        }
    }

    /// An author's HTML in an element, if there is any.
    pub(super) fn fragment_in(&mut self, tag: &str, html: Option<&str>) {
        if let Some(html) = html {
            self.open(tag, &[]);
            self.fragment(html);
            self.close(tag);
        }
    }

    pub(super) fn text_in(&mut self, tag: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.open(tag, &[]);
            self.text(text);
            self.close(tag);
        }
    }

    /// A paragraph that is one link, or its words where it leads nowhere.
    pub(super) fn link(&mut self, url: Option<&str>, words: Option<&str>) {
        let Some(words) = words.or(url) else { return };
        self.open("p", &[]);
        match url {
            Some(_) => {
                self.open("a", &[("href", url)]);
                self.text(words);
                self.close("a");
            }
            None => self.text(words),
        }
        self.close("p");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_author_leaves_open_is_closed() {
        let mut out = Writer::default();
        out.fragment("<div><b>a<!-- ");
        out.text_in("p", Some("<b>"));
        let (html, _) = out.finish().unwrap();
        assert!(html.starts_with("<div><b>a"), "{html}");
        assert!(html.ends_with("--></b></div><p>&lt;b&gt;</p>"), "{html}");
    }

    #[test]
    fn no_more_is_written_than_a_body_may_have() {
        let mut out = Writer::default();
        out.raw(&"x".repeat(MAX_BODY));
        assert!(!out.is_full());
        out.text("y");
        assert!(out.is_full() && out.finish().is_err());
    }
}
