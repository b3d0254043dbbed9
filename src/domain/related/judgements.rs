//! Judgements: how related people find one article to another, as a table or as JSON lines.

use std::io::{BufRead, Read};

use crate::domain::{
    import::{Place, Refusal},
    related::{json::of_json, table::Columns},
};

/// One person's judgement of one pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The article whose related ones were judged: its id, slug or external id.
    pub article: String,
    /// The article that was judged: its id, slug or external id.
    pub other: String,
    /// How related it is; 0 for not at all.
    pub grade: f64,
    /// Where it stands.
    pub place: Place,
}

/// Judgements that are taken, at most.
pub const JUDGEMENTS_AT_MOST: usize = 1_000_000;
/// Bytes of a line.
const MAX_LINE: u64 = 16 * 1024;
/// Characters of an article's name, as of an external id.
const MAX_NAME: usize = 200;
/// The greatest grade: so far, no gain that a measure makes of it is without end.
const MAX_GRADE: f64 = 1_000.0;
/// Characters that are shown of a text that can't be taken.
const SHOWN_AT_MOST: usize = 60;
/// Columns of a table, members of a line.
pub(super) const MEMBERS: [&str; 3] = ["article", "other", "grade"];

/// Reads judgements: lines of JSON where the first line is a JSON object, else CSV with a header
/// that names `article`, `other` and `grade` in any order, each once, a row in each line. What
/// can't be taken is told. Fails when there is nothing to begin with, or far too much.
pub fn judgements(
    input: impl BufRead,
    file: &str,
    told: &mut dyn FnMut(&Refusal),
) -> Result<Vec<Judgement>, String> {
    let mut lines = Lines {
        input,
        number: 0,
        ended: false,
    };
    let mut form = None;
    let mut judgements = Vec::new();
    while let Some((line, text)) = lines.line() {
        let place = Place::line(file, line);
        let text = match text {
            Ok(text) => text,
            Err(reason) if form.is_none() => return Err(format!("{place}: {reason}")),
            Err(reason) => {
                told(&Refusal { place, reason });
                continue;
            }
        };
        let read = match &form {
            None if text.starts_with('{') => {
                form = Some(Form::Json);
                of_json(&text)
            }
            None => {
                let columns = Columns::of(&text).map_err(|reason| format!("{place}: {reason}"))?;
                form = Some(Form::Csv(columns));
                continue;
            }
            Some(Form::Json) => of_json(&text),
            Some(Form::Csv(columns)) => columns.judgement(&text),
        };
        match read {
            Ok((article, other, grade)) => judgements.push(Judgement {
                article,
                other,
                grade,
                place,
            }),
            Err(reason) => told(&Refusal { place, reason }),
        }
        if judgements.len() > JUDGEMENTS_AT_MOST {
            return Err(format!(
                "{file} has more than {JUDGEMENTS_AT_MOST} judgements"
            ));
        }
    }
    match form {
        Some(_) => Ok(judgements),
        None => Err(format!("{file} is empty")),
    }
}

enum Form {
    Json,
    Csv(Columns),
}

/// Lines that are not blank, with their numbers, none longer than [`MAX_LINE`].
struct Lines<R> {
    input: R,
    number: u64,
    ended: bool,
}

impl<R: BufRead> Lines<R> {
    fn line(&mut self) -> Option<(u64, Result<String, String>)> {
        while !self.ended {
            self.number += 1;
            let mut bytes = Vec::new();
            let read = Read::take(&mut self.input, MAX_LINE).read_until(b'\n', &mut bytes);
            let line = match read {
                Ok(0) => return None,
                Ok(read) if read as u64 == MAX_LINE && !bytes.ends_with(b"\n") => {
                    self.ended = self.skip().is_err();
                    Err(format!("a line may have at most {MAX_LINE} bytes"))
                }
                Ok(_) => String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned()),
                Err(cause) => {
                    self.ended = true;
                    Err(format!("can't be read: {cause}"))
                }
            };
            // A byte order mark may stand before the first line.
            let line = line.map(|line| line.trim_start_matches('\u{FEFF}').trim().to_owned());
            if line.as_ref().is_ok_and(String::is_empty) {
                continue;
            }
            return Some((self.number, line));
        }
        None
    }

    /// Passes over the rest of a line, a piece at a time.
    fn skip(&mut self) -> std::io::Result<()> {
        loop {
            let piece = self.input.fill_buf()?;
            if piece.is_empty() {
                return Ok(());
            }
            let end = piece.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(piece.len(), |end| end + 1);
            self.input.consume(length);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

/// Article, other and grade.
pub(super) type Judged = (String, String, f64);

/// A judgement of what stands for each of the three.
pub(super) fn judged(article: &str, other: &str, grade: &str) -> Result<Judged, String> {
    for (member, name) in [("article", article), ("other", other)] {
        if name.trim().is_empty() {
            return Err(format!("names no {member}"));
        }
        if name.chars().count() > MAX_NAME || name.contains('\0') {
            return Err(format!("\"{member}\" is no id, slug or external id"));
        }
    }
    let number: Option<f64> = grade.parse().ok();
    match number.filter(|number| (0.0..=MAX_GRADE).contains(number)) {
        Some(number) => Ok((article.trim().to_owned(), other.trim().to_owned(), number)),
        None => Err(no_grade(grade)),
    }
}

fn no_grade(text: &str) -> String {
    let shown = match text.starts_with('"') {
        // A string of JSON.
        true => shown(text),
        false => format!("\"{}\"", shown(text)),
    };
    format!("the grade must be a number from 0 to {MAX_GRADE}, and is {shown}")
}

/// A text as it stands, its end left out if it is long.
pub(super) fn shown(text: &str) -> String {
    if text.chars().nth(SHOWN_AT_MOST).is_none() {
        return text.to_owned();
    }
    let beginning = text.chars().take(SHOWN_AT_MOST - 1);
    beginning.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> (Result<Vec<Judged>, String>, Vec<String>) {
        let mut told = Vec::new();
        let mut tell = |refusal: &Refusal| told.push(refusal.to_string());
        let read = judgements(text.as_bytes(), "f", &mut tell);
        let judged = |one: Judgement| (one.article, one.other, one.grade);
        (read.map(|all| all.into_iter().map(judged).collect()), told)
    }

    #[test]
    fn a_table_and_lines_of_json_say_the_same() {
        let table = "\u{FEFF}grade, other,by,article\r\n\r\n2,\"b, c\",Bo,a\r\n0.5,d,Bo,7\r\n";
        let lines = "{\"article\":\"a\",\"other\":\"b, c\",\"grade\":2}\n{\"article\":7,\"other\":\"d\",\"grade\":0.5}";
        let expected = vec![
            ("a".to_owned(), "b, c".to_owned(), 2.0),
            ("7".to_owned(), "d".to_owned(), 0.5),
        ];
        for text in [table, lines] {
            assert_eq!(read(text), (Ok(expected.clone()), Vec::new()), "{text}");
        }
    }

    #[test]
    fn malformed_lines_are_told_with_line_and_reason() {
        let long = "x".repeat(20_000);
        let text = format!("article,other,grade\na,b,-1\na,b\na,,1\na,b,NaN\n{long}\na,b,1\n");
        let (judgements, told) = read(&text);
        assert_eq!(judgements.unwrap().len(), 1);
        let begins = ["f:2: ", "f:3: ", "f:4: ", "f:5: ", "f:6: "];
        assert_eq!(told.len(), begins.len(), "{told:?}");
        for (told, begin) in told.iter().zip(begins) {
            assert!(told.starts_with(begin), "{told}");
        }
        let (judgements, told) = read("{\"article\":\"a\",\"other\":1.5,\"grade\":1}\n[]\n{\"a\n");
        assert_eq!((judgements, told.len()), (Ok(Vec::new()), 3), "{told:?}");
    }

    #[test]
    fn a_file_without_a_header_is_refused() {
        assert_eq!(read("").0, Err("f is empty".to_owned()));
        let refused = read("a,b,1\n").0.unwrap_err();
        assert!(
            refused.starts_with("f:1: the header has no column \"article\""),
            "{refused}"
        );
    }

    #[test]
    fn a_grade_is_told_as_it_stands() {
        let told = |grade: &str| {
            let number = format!("article,other,grade\na,b,{grade}\n");
            let line = format!("{{\"article\":\"a\",\"other\":\"b\",\"grade\":{grade}}}");
            [number, line].map(|text| read(&text).1.concat())
        };
        for grade in ["1e308", "1E400", "-0.50", "1000.0000001"] {
            for told in told(grade) {
                assert!(told.ends_with(&format!(", and is \"{grade}\"")), "{told}");
            }
        }
        let long = "9".repeat(400);
        for told in told(&long) {
            let shown = format!("and is \"{}…\"", "9".repeat(59));
            assert!(told.ends_with(&shown), "{told}");
        }
        let [cell, member] = told("\"5\"");
        assert_eq!(cell, "");
        assert!(member.ends_with(", and is \"5\""), "{member}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "(article,other,grade\n)?[a-c,\"\n{}:0-9\\\\é-]{0,200}") {
            let _ = read(&text);
        }
    }
}
