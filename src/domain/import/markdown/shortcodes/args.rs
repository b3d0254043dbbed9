//! The name and arguments of a tag.

use std::{iter::Peekable, str::Chars};

/// Arguments of one tag.
const ARGS_AT_MOST: usize = 64;

/// A tag such as `figure src="a.jpg"` or `youtube ID`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Args {
    pub(super) name: String,
    positional: Vec<String>,
    named: Vec<(String, String)>,
}

impl Args {
    pub(super) fn read(text: &str) -> Self {
        let mut chars = text.chars().peekable();
        let mut args = Self::default();
        skip_blanks(&mut chars);
        while let Some(c) = chars.next_if(|c| !c.is_whitespace()) {
            args.name.push(c);
        }
        for _ in 0..ARGS_AT_MOST {
            skip_blanks(&mut chars);
            let Some(first) = chars.peek().copied() else {
                break;
            };
            if let Some(value) = quoted(&mut chars) {
                args.positional.push(value);
                continue;
            }
            let mut word = String::new();
            while let Some(c) = chars.next_if(|c| !c.is_whitespace() && *c != '=') {
                word.push(c);
            }
            if chars.next_if_eq(&'=').is_some() {
                let value = value(&mut chars);
                // A part of an address is no name.
                match first.is_alphabetic() && !word.contains(['/', ':', '?']) {
                    true => args.named.push((word, value)),
                    false => args.positional.push(format!("{word}={value}")),
                }
            } else {
                args.positional.push(word);
            }
        }
        args
    }

    /// An argument by its place.
    pub(super) fn at(&self, place: usize) -> Option<&str> {
        let value = self.positional.get(place)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// An argument by one of its names.
    pub(super) fn named(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            let (_, value) = self.named.iter().find(|(known, _)| known == name)?;
            let value = value.trim();
            (!value.is_empty()).then_some(value)
        })
    }
}

fn skip_blanks(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| c.is_whitespace()).is_some() {}
}

fn quoted(chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    let quote = chars.next_if(|c| matches!(c, '"' | '\'' | '`'))?;
    let mut value = String::new();
    while let Some(c) = chars.next() {
        match c {
            c if c == quote => break,
            '\\' if quote != '`' => value.extend(chars.next()),
            c => value.push(c),
        }
    }
    Some(value)
}

/// A value after `=`; Astro puts some in braces.
fn value(chars: &mut Peekable<Chars<'_>>) -> String {
    let is_braced = chars.next_if_eq(&'{').is_some();
    if let Some(value) = quoted(chars) {
        if is_braced {
            let _ = chars.next_if_eq(&'}');
        }
        return value;
    }
    let mut value = String::new();
    while let Some(c) = chars.next_if(|c| !(c.is_whitespace() || is_braced && *c == '}')) {
        value.push(c);
    }
    if is_braced {
        let _ = chars.next_if_eq(&'}');
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_or_not() {
        let args = Args::read(r#" figure src="a \"b\".jpg" width=3 'c d' e id={"x"} "#);
        assert_eq!(args.name, "figure");
        assert_eq!(args.named(&["src"]), Some(r#"a "b".jpg"#));
        assert_eq!(args.named(&["none", "width"]), Some("3"));
        assert_eq!(args.named(&["id"]), Some("x"));
        assert_eq!(
            (args.at(0), args.at(1), args.at(2)),
            (Some("c d"), Some("e"), None)
        );
        assert_eq!(Args::read("x = =").name, "x");
    }
}
