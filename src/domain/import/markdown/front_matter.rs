//! Front matter: YAML between `---`, TOML between `+++`, or a JSON object.

use serde_json::{Map, Value};

/// Bytes of front matter.
const MAX_FRONT: usize = 64 * 1024;
/// Levels within levels.
const MAX_DEPTH: usize = 32;
/// Values that aliases may stand for, each time they do.
const MAX_ALIASED: usize = 2_000;

/// What is wrong with a file, and on which line of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) line: Option<u64>,
    pub(super) reason: String,
}

impl Problem {
    /// A problem of the whole file.
    pub(super) fn of(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { line: None, reason }
    }

    fn at(line: u64, reason: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            reason: format!("the front matter can't be read: {}", reason.into()),
        }
    }
}

/// The fields of a text, and the text after them.
pub(super) fn read(text: &str) -> Result<(Map<String, Value>, &str), Problem> {
    let (blank, text) = text.split_at(text.len() - text.trim_start().len());
    // Lines count as in the file.
    let above = blank.matches('\n').count();
    let first_line = above as u64 + 1;
    let first = text.lines().next().unwrap_or_default().trim_end();
    match first {
        "---" => match fenced(text, &["---", "..."]) {
            Some((front, body)) => Ok((yaml(front, above)?, body)),
            // It may be a break between parts; but then a draft would be taken for an article.
            None => Err(Problem::at(
                first_line,
                "the line --- at its end is missing",
            )),
        },
        "+++" => match fenced(text, &["+++"]) {
            Some((front, body)) => Ok((toml(front, above)?, body)),
            None => Err(Problem::at(
                first_line,
                "the line +++ at its end is missing",
            )),
        },
        _ if is_json(text) => json(text, above),
        other
            if ["---", "+++", ";;;"]
                .iter()
                .any(|mark| other.starts_with(mark)) =>
        {
            Err(Problem::at(
                first_line,
                "its first line must be --- (YAML), +++ (TOML) or { (JSON)",
            ))
        }
        _ => Ok((Map::new(), text)),
    }
}

/// Everything between the first line and one of the marks at its end, and what follows.
fn fenced<'a>(text: &'a str, ends: &[&str]) -> Option<(&'a str, &'a str)> {
    let mut lines = text.split_inclusive('\n');
    let start = lines.next()?.len();
    let mut at = start;
    for line in lines {
        let after = at + line.len();
        if ends.contains(&line.trim_end()) {
            return Some((text.get(start..at)?, text.get(after..)?));
        }
        at = after;
    }
    None
}

fn check_size(front: &str, above: usize) -> Result<(), Problem> {
    match front.len() <= MAX_FRONT {
        true => Ok(()),
        false => Err(Problem::at(
            above as u64 + 1,
            format!("it has more than {MAX_FRONT} bytes"),
        )),
    }
}

fn yaml(front: &str, above: usize) -> Result<Map<String, Value>, Problem> {
    check_size(front, above)?;
    let is_empty = |line: &str| line.trim().is_empty() || line.starts_with('#');
    if front.lines().all(is_empty) {
        return Ok(Map::new());
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_aliases: MAX_ALIASED,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_ALIASED,
        },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    };
    // A line for that of the marks, and each above it, so that lines count as in the file.
    let front = format!("{}{front}", "\n".repeat(above + 1));
    let value: Value = serde_saphyr::from_str_with_options(&front, options).map_err(|cause| {
        let first_line = above as u64 + 1;
        let line = cause
            .location()
            .map_or(first_line, |location| location.line());
        Problem::at(line, cause.to_string())
    })?;
    object(value, above)
}

fn object(value: Value, above: usize) -> Result<Map<String, Value>, Problem> {
    match value {
        Value::Object(fields) => Ok(fields),
        Value::Null => Ok(Map::new()),
        _ => Err(Problem::at(above as u64 + 1, "it has no fields")),
    }
}

fn toml(front: &str, above: usize) -> Result<Map<String, Value>, Problem> {
    check_size(front, above)?;
    let table: toml::Table = toml::from_str(front).map_err(|cause| {
        let start = cause.span().map_or(0, |span| span.start);
        let before = front.bytes().take(start);
        let line = above + before.filter(|byte| *byte == b'\n').count() + 2;
        Problem::at(line as u64, cause.message())
    })?;
    Ok(of_table(table))
}

fn of_table(table: toml::Table) -> Map<String, Value> {
    table
        .into_iter()
        .map(|(name, value)| (name, of_toml(value)))
        .collect()
}

fn of_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(values) => values.into_iter().map(of_toml).collect(),
        toml::Value::Table(table) => Value::Object(of_table(table)),
    }
}

/// Not so `{{< shortcode >}}` and `{% tag %}`.
fn is_json(text: &str) -> bool {
    let rest = text.strip_prefix('{').map(str::trim_start);
    rest.is_some_and(|rest| rest.starts_with(['"', '}']))
}

fn json(text: &str, above: usize) -> Result<(Map<String, Value>, &str), Problem> {
    let whole = format!("{}{text}", "\n".repeat(above));
    let mut values = serde_json::Deserializer::from_str(&whole).into_iter::<Value>();
    let value = match values.next() {
        Some(Ok(value)) => value,
        Some(Err(cause)) => return Err(Problem::at(cause.line() as u64, cause.to_string())),
        None => Value::Null,
    };
    let end = values.byte_offset().saturating_sub(above);
    check_size(text.get(..end).unwrap_or_default(), above)?;
    Ok((object(value, above)?, text.get(end..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fields(text: &str) -> Value {
        Value::Object(read(text).unwrap().0)
    }

    #[test]
    fn all_forms_give_the_same() {
        let expected = json!({"title": "A: b", "date": "2024-05-01", "tags": ["x", "y"], "n": 1, "draft": false});
        for text in [
            "---\ntitle: \"A: b\"\ndate: 2024-05-01\ntags: [x, y]\nn: 1\ndraft: false\n---\nText\n",
            "+++\ntitle = \"A: b\"\ndate = 2024-05-01\ntags = [\"x\", \"y\"]\nn = 1\ndraft = false\n+++\nText\n",
            "{\"title\": \"A: b\", \"date\": \"2024-05-01\", \"tags\": [\"x\", \"y\"], \"n\": 1, \"draft\": false}\nText\n",
        ] {
            assert_eq!(fields(text), expected, "{text}");
            assert_eq!(read(text).unwrap().1.trim(), "Text");
        }
    }

    #[test]
    fn a_problem_has_its_line() {
        let line = |text: &str| read(text).unwrap_err().line;
        assert_eq!(line("+++\na = 1\nb = = 2\n+++\n"), Some(3));
        assert_eq!(line("{\"a\": 1,\n \"b\": }\n"), Some(2));
        assert!(line("---\na: 1\nb: [1, 2\n---\n").is_some());
        assert!(line("---\n- a\n---\n").is_some());
    }

    #[test]
    fn blank_lines_above_count() {
        for text in [
            "---\na: 1\nb: [1, 2\n---\n",
            "---\n- a\n---\n",
            "---\na: 1\n",
            "+++\na = 1\nb = = 2\n+++\n",
            "+++\na = 1\n",
            "{\"a\": 1,\n \"b\": }\n",
            "----\n",
        ] {
            let line = |text: &str| read(text).unwrap_err().line.unwrap();
            let below = format!("\n \r\n\n{text}");
            assert_eq!(line(&below), line(text) + 3, "{text}");
        }
        let json = "\n\n{\"a\": 1}\nText";
        assert_eq!(read(json).unwrap().1, "\nText");
    }

    #[test]
    fn what_has_none_is_all_text() {
        for text in ["Text", "{{< figure >}}", "{% raw %}", "", "- a\n"] {
            assert_eq!(read(text), Ok((Map::new(), text)), "{text}");
        }
        assert_eq!(read("---\n---\nText"), Ok((Map::new(), "Text")));
        // A draft whose end mark is missing must not be taken for an article.
        assert!(read("---\nText").is_err());
    }

    #[test]
    fn aliases_are_no_bomb() {
        let mut text = "---\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}, ", level - 1).repeat(9);
            text.push_str(&format!("a{level}: &a{level} [{before}x]\n"));
        }
        text.push_str("---\n");
        assert!(read(&text).is_err());
        let deep = format!("---\na: {}\n---\n", "[".repeat(10_000));
        assert!(read(&deep).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(---\n|\\+\\+\\+\n|\\{)?([a-z]{1,3}(: |=)|[-+\\[\\]{}\"'&*!|>#\n ]|\\PC){0,60}(\n---\n|\n\\+\\+\\+\n)?") {
            let _ = read(&text);
        }
    }
}
