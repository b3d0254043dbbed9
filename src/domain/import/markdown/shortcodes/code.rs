//! Where code begins and ends in Markdown.

/// Bytes in which inline code must end.
const SPAN_AT_MOST: usize = 10_000;
/// Bytes of the tag of a component.
const COMPONENT_AT_MOST: usize = 1_024;

/// The first bytes of a text, at most so many.
pub(super) fn head(text: &str, most: usize) -> &str {
    let most = most.min(text.len());
    (0..4)
        .find_map(|back| text.get(..most.checked_sub(back)?))
        .unwrap_or_default()
}

/// A text without its first bytes, at most so many.
pub(super) fn tail(text: &str, most: usize) -> &str {
    let most = most.min(text.len());
    (0..4)
        .find_map(|back| text.get(most.checked_sub(back)?..))
        .unwrap_or(text)
}

/// The length of fenced code that a text begins with, its fences included.
pub(in super::super) fn fence(text: &str) -> Option<usize> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next()?;
    let (mark, count, info) = marks(first)?;
    if count < 3 || (mark == '`' && info.contains('`')) {
        return None;
    }
    let mut length = first.len();
    for line in lines {
        length += line.len();
        let closes = marks(line).is_some_and(|(other, more, rest)| {
            other == mark && more >= count && rest.trim().is_empty()
        });
        if closes {
            break;
        }
    }
    Some(length)
}

/// The marks that a line begins with, in quotations and lists too, how many, and what follows.
fn marks(line: &str) -> Option<(char, usize, &str)> {
    let bare = line.trim_start_matches([' ', '\t', '>']);
    let bare = ["- ", "* ", "+ "]
        .into_iter()
        .find_map(|bullet| bare.strip_prefix(bullet))
        .map_or(bare, str::trim_start);
    let mark = bare.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = bare.trim_start_matches(mark);
    Some((mark, bare.len() - rest.len(), rest))
}

/// The length of inline code that a text begins with, or of its marks when it has no end.
pub(super) fn span(text: &str) -> usize {
    let count = text.len() - text.trim_start_matches('`').len();
    let mut rest = tail(head(text, SPAN_AT_MOST), count);
    // Inline code ends within its paragraph.
    if let Some((paragraph, _)) = rest.split_once("\n\n") {
        rest = paragraph;
    }
    let mut length = count;
    while let Some(at) = rest.find('`') {
        let after = rest.get(at..).unwrap_or_default();
        let other = after.trim_start_matches('`');
        let found = after.len() - other.len();
        length += at + found;
        if found == count {
            return length;
        }
        rest = other;
    }
    count
}

/// The length of the tag of a component that a text begins with.
pub(super) fn component(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, c) in head(text, COMPONENT_AT_MOST).char_indices().skip(1) {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') => depth = depth.saturating_sub(1),
            (None, '>') if depth == 0 => return Some(at + 1),
            (None, '<') if depth == 0 => return None,
            _ => {}
        }
    }
    None
}
