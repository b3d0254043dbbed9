//! What of a text shows, and the invisible characters that turn the text around them.

/// Whether a reader sees anything of a text.
pub fn shows(text: &str) -> bool {
    text.chars().any(is_seen)
}

fn is_seen(c: char) -> bool {
    !(c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// Unicode's `Default_Ignorable_Code_Point`, marks of interlinear annotations, and the Braille
/// pattern without dots.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// The text without embeddings, overrides and isolates of the bidirectional algorithm (UAX 9): one
/// that is not closed turns what another writes behind it too. Marks of a direction stay, since
/// they reach no further than the characters next to them.
pub fn without_turns(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.replace(turns, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_marks_and_joiners_alone_show_nothing() {
        for text in [
            "",
            " \t\n\u{A0}\u{3000}",
            "\u{200F}\u{202E}",
            "\u{200B}\u{200D}\u{FEFF}",
            "\u{AD} \u{2800} \u{3164}",
            "\u{E0041}\u{FE0F}",
            "\u{7}\u{9F}",
        ] {
            assert!(!shows(text), "{text:?}");
        }
        for text in [
            "a",
            "\u{200F}א",
            "👩\u{200D}🚀",
            "\u{202E}x",
            ".",
            "\u{301}",
        ] {
            assert!(shows(text), "{text:?}");
        }
    }

    #[test]
    fn turns_are_left_out_and_marks_stay() {
        assert_eq!(without_turns("a\u{202E}b\u{2066}c\u{2069}\u{202C}"), "abc");
        assert_eq!(
            without_turns("\u{200F}שלום\u{200E}"),
            "\u{200F}שלום\u{200E}"
        );
    }
}
