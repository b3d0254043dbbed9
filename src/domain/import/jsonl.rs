//! `jsonl`: one article in each line, as writers send it.

use std::io::BufRead;

use crate::{
    domain::import::{Defaults, Entry, FieldProblem, Place, Refusal, article_input, restore},
    model::article::{MAX_BODY, Status},
};

/// The most bytes of a line: a body and what stands around it, with room for escapes.
const MAX_LINE: u64 = 8 * MAX_BODY as u64;

/// Reads entries from lines; blank lines are passed over.
pub fn entries<'a>(
    mut input: impl BufRead + 'a,
    file: &'a str,
) -> impl Iterator<Item = Entry> + 'a {
    let mut line = 0_u64;
    let mut ended = false;
    std::iter::from_fn(move || {
        loop {
            if ended {
                return None;
            }
            line += 1;
            let place = Place::line(file, line);
            let mut bytes = Vec::new();
            let read = std::io::Read::take(&mut input, MAX_LINE).read_until(b'\n', &mut bytes);
            match read {
                Ok(0) => return None,
                Ok(read) if read as u64 == MAX_LINE && !bytes.ends_with(b"\n") => {
                    ended = skip_line(&mut input).is_err();
                    let reason = format!("a line may have at most {MAX_LINE} bytes");
                    return Some(Entry::Refused(Refusal { place, reason }));
                }
                Ok(_) if bytes.trim_ascii().is_empty() => {}
                Ok(_) => return Some(entry(&bytes, place)),
                Err(cause) => {
                    ended = true;
                    let reason = format!("can't be read: {cause}");
                    return Some(Entry::Refused(Refusal { place, reason }));
                }
            }
        }
    })
}

/// Passes over the rest of a line, a piece at a time.
fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let piece = input.fill_buf()?;
        if piece.is_empty() {
            return Ok(());
        }
        let end = piece.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(piece.len(), |end| end + 1);
        input.consume(length);
        if end.is_some() {
            return Ok(());
        }
    }
}

fn entry(line: &[u8], place: Place) -> Entry {
    // A byte order mark may stand before the first line.
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(cause) => {
            let reason = format!("is not JSON: {cause}");
            return Entry::Refused(Refusal { place, reason });
        }
    };
    if restore::is_restored(&value) {
        return match restore::line(&value) {
            Ok(restored) => Entry::Restored {
                restored: Box::new(restored),
                place,
            },
            Err(problems) => Entry::refused(place, told(&problems)),
        };
    }
    let defaults = Defaults {
        status: Some(Status::Published),
        body: None,
    };
    match article_input(&value, defaults) {
        Ok(article) => Entry::article(article, place),
        Err(problems) => Entry::Refused(Refusal {
            place,
            reason: told(&problems),
        }),
    }
}

fn told(problems: &[FieldProblem]) -> String {
    let one = |problem: &FieldProblem| {
        let hint = match &problem.suggestion {
            Some(name) => format!(" (did you mean \"{name}\"?)"),
            None => String::new(),
        };
        format!("{} {}{hint}", problem.pointer, problem.message)
    };
    problems
        .iter()
        .map(one)
        .collect::<Vec<_>>()
        .join("; ")
        .trim_start()
        .to_owned()
}
