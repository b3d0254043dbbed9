//! Judgements as JSON: an object in each line.

use serde::de::IgnoredAny;

use crate::{
    domain::related::judgements::{Judged, MEMBERS, judged, shown},
    model::words::nearest,
};

/// Reads one object.
pub(super) fn of_json(line: &str) -> Result<Judged, String> {
    // Its members are taken as they stand: a number that is too great can still be shown.
    serde_json::from_str::<IgnoredAny>(line).map_err(|cause| format!("is not JSON: {cause}"))?;
    let members = members(line).ok_or_else(|| "is not a JSON object".to_owned())?;
    for (place, (name, _)) in members.iter().enumerate() {
        if !MEMBERS.contains(&name.as_str()) {
            return Err(unknown(name));
        }
        if members.iter().take(place).any(|(before, _)| before == name) {
            return Err(format!("has \"{name}\" twice"));
        }
    }
    let text = |member: &str| {
        let found = members.iter().find(|(name, _)| name == member);
        found
            .map(|(_, text)| *text)
            .ok_or_else(|| format!("has no \"{member}\""))
    };
    let named =
        |member: &str| name(text(member)?).ok_or_else(|| format!("\"{member}\" must be a string"));
    let [article, other, grade] = MEMBERS;
    judged(&named(article)?, &named(other)?, text(grade)?)
}

fn unknown(name: &str) -> String {
    let hint = nearest(name, MEMBERS)
        .map(|member| format!("; did you mean \"{member}\"?"))
        .unwrap_or_default();
    format!("has an unknown member \"{}\"{hint}", shown(name))
}

/// A string, or a whole number: external ids are numbers in many systems.
fn name(text: &str) -> Option<String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    match digits.chars().all(|c| c.is_ascii_digit()) {
        true => Some(text.to_owned()),
        false => serde_json::from_str(text).ok(),
    }
}

/// The members of an object that is known to be JSON, with the texts of their values. `None` for
/// what is no object.
fn members<'a>(object: &'a str) -> Option<Vec<(String, &'a str)>> {
    let inner = object.trim().strip_prefix('{')?.strip_suffix('}')?;
    if inner.trim().is_empty() {
        return Some(Vec::new());
    }
    let member = |text: &'a str| match parted(text, ':').as_slice() {
        [name, value] => Some((serde_json::from_str::<String>(name).ok()?, value.trim())),
        _ => None,
    };
    parted(inner, ',').into_iter().map(member).collect()
}

/// Parts a piece of JSON at each such mark that is in no string, list or object.
fn parted(text: &str, mark: char) -> Vec<&str> {
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    let is_between = |c: char| {
        if in_string {
            in_string = is_escaped || c != '"';
            is_escaped = !is_escaped && c == '\\';
            return false;
        }
        match c {
            '"' => in_string = true,
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && c == mark
    };
    text.split(is_between).collect()
}

#[cfg(test)]
mod tests {
    use proptest::{collection, prelude::*};
    use rstest::rstest;
    use serde_json::{Map, Value, json};

    use super::*;

    #[rstest]
    #[case::no_object("[]", "is not a JSON object")]
    #[case::no_json("{\"article\":", "is not JSON: ")]
    #[case::nothing("{ }", "has no \"article\"")]
    #[case::no_grade(r#"{"article":"a","other":"b"}"#, "has no \"grade\"")]
    #[case::a_list(
        r#"{"article":["a"],"other":"b","grade":1}"#,
        "\"article\" must be a string"
    )]
    #[case::a_fraction(
        r#"{"article":1.5,"other":"b","grade":1}"#,
        "\"article\" must be a string"
    )]
    #[case::twice(
        r#"{"article":"a","other":"b","grade":1,"grade":2}"#,
        "has \"grade\" twice"
    )]
    #[case::unknown(
        r#"{"article":"a","other":"b","grad":1}"#,
        "has an unknown member \"grad\"; did you mean \"grade\"?"
    )]
    #[case::beside(
        r#"{"article":"a","other":"b","grade":1,"by":{"grade":2}}"#,
        "has an unknown member \"by\""
    )]
    fn what_is_no_judgement_is_refused(#[case] line: &str, #[case] reason: &str) {
        let refused = of_json(line).unwrap_err();
        assert!(refused.starts_with(reason), "{refused}");
    }

    #[test]
    fn names_are_strings_or_whole_numbers() {
        let line = r#" {"grade" : 0.5, "oth\u0065r":12345678901234567890123,"article":"\\\",}:"} "#;
        let expected = (
            "\\\",}:".to_owned(),
            "12345678901234567890123".to_owned(),
            0.5,
        );
        assert_eq!(of_json(line), Ok(expected));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            "[a,:{}\\[\\]\"\\\\é]{0,8}".prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                inner.prop_map(|inner| json!({"a\",:": inner})),
            ]
        })
    }

    proptest! {
        #[test]
        fn members_stand_as_they_were_written(
            object in collection::btree_map("[a,:{}\"\\\\]{0,4}", value(), 0..5),
        ) {
            let object: Map<String, Value> = object.into_iter().collect();
            let text = Value::Object(object.clone()).to_string();
            let found = members(&text).map(|all| {
                let read = |(name, text): (String, &str)| (name, text.to_owned());
                all.into_iter().map(read).collect::<Vec<_>>()
            });
            let expected = object.iter().map(|(name, value)| (name.clone(), value.to_string()));
            prop_assert_eq!(found, Some(expected.collect::<Vec<_>>()));
        }
    }
}
