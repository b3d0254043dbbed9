//! Text among HTML.

/// Text made safe within elements and quoted attributes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    push_escaped(&mut out, text);
    out
}

/// Writes text that is made safe so.
pub(super) fn push_escaped(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = first_special(rest) {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        let mut after = special.chars();
        out.push_str(match after.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            _ => "&quot;",
        });
        rest = after.as_str();
    }
    out.push_str(rest);
}

/// Bytes that are looked at together: the processor compares many at once where none of them
/// decides whether the next is looked at.
const STRETCH: usize = 32;

/// Where the first character stands that means something else in HTML.
fn first_special(text: &str) -> Option<usize> {
    let is_special = |byte: u8| (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == b'"');
    let is_plain = |stretch: &&[u8; STRETCH]| {
        let found = stretch.iter().map(|byte| is_special(*byte));
        !found.fold(false, |before, this| before | this)
    };
    let (stretches, _) = text.as_bytes().as_chunks::<STRETCH>();
    let passed = stretches.iter().take_while(is_plain).count() * STRETCH;
    let mut left = text.bytes().enumerate().skip(passed);
    left.find(|(_, byte)| is_special(*byte)).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_found_wherever_they_stand() {
        for length in [0, 1, 31, 32, 33, 63, 64, 65, 100] {
            for plain in ["x".repeat(length), "é".repeat(length)] {
                let text = format!("{plain}&{plain}<>{plain}\"{plain}");
                let safe = format!("{plain}&amp;{plain}&lt;&gt;{plain}&quot;{plain}");
                assert_eq!(escaped(&text), safe);
            }
        }
    }
}
