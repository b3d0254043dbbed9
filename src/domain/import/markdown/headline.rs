//! The heading that is a text's title.

use crate::domain::{
    body::{self, BodySource},
    import::{bounds, markdown::shortcodes::fence},
};

/// Bytes of a heading.
const HEADING_AT_MOST: usize = 4_000;

/// A first heading of the first level.
pub(super) struct Headline {
    pub(super) title: String,
    /// Whether nothing stands before it.
    pub(super) is_first: bool,
    /// The text without it.
    pub(super) rest: String,
}

impl Headline {
    /// Whether it says what a title says.
    pub(super) fn says(&self, title: &str) -> bool {
        bounds::collapsed(title).to_lowercase() == self.title.to_lowercase()
    }
}

/// Looks for a line `# heading` outside of code.
pub(super) fn find(markdown: &str) -> Option<Headline> {
    let mut before = String::new();
    let mut rest = markdown;
    while !rest.is_empty() {
        let length = fence(rest).unwrap_or(0);
        if length > 0 {
            let (code, tail) = rest.split_at_checked(length)?;
            before.push_str(code);
            rest = tail;
            continue;
        }
        let line = rest.split_inclusive('\n').next()?;
        let tail = rest.get(line.len()..)?;
        if let Some(heading) = heading(line) {
            return Some(Headline {
                title: heading,
                is_first: before.trim().is_empty(),
                rest: format!("{before}{tail}"),
            });
        }
        before.push_str(line);
        rest = tail;
    }
    None
}

fn heading(line: &str) -> Option<String> {
    let text = line.strip_prefix("# ")?.trim();
    if text.len() > HEADING_AT_MOST {
        return None;
    }
    // `{#id}` and closing marks are no part of it.
    let text = text.split(" {#").next()?;
    let bare = text.trim_end_matches('#');
    let text = if bare.ends_with(' ') {
        bare.trim_end()
    } else {
        text
    };
    let blocks = body::blocks(&BodySource::Markdown(text.to_owned())).ok()?;
    let title = bounds::collapsed(&body::text(&blocks));
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heading_is_taken_off_the_text() {
        let found = find("\n```\n# no\n```\n# A *fine* day #\n\nText\n").unwrap();
        assert_eq!(found.title, "A fine day");
        assert_eq!(found.rest, "\n```\n# no\n```\n\nText\n");
        assert!(!found.is_first && found.says("a fine  day"));
        assert!(find("## Second\n#none\n").is_none());
    }
}
