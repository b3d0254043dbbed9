//! Whole numbers of JSON, however they are written: JSON has one kind of numbers (RFC 8259, section
//! 6), so `571.0` is the same as `571`.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};
use serde_json::Value;

/// The greatest number up to which every whole one can be told from the next, whoever reads it.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// The whole number that a value is.
pub fn whole(value: &Value) -> Option<i64> {
    Whole::deserialize(value).ok().map(|Whole(number)| number)
}

/// Reads a whole number of a struct, which may be null.
pub(super) fn maybe_whole<'de, D, N>(deserializer: D) -> Result<Option<N>, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<i64>,
{
    let Some(Whole(number)) = Option::deserialize(deserializer)? else {
        return Ok(None);
    };
    let out_of_range = |_| D::Error::custom(format_args!("{number} is out of range"));
    N::try_from(number).map(Some).map_err(out_of_range)
}

struct Whole(i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeVisitor).map(Self)
    }
}

struct WholeVisitor;

impl Visitor<'_> for WholeVisitor {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        let wrong = |_| E::invalid_value(Unexpected::Unsigned(number), &self);
        i64::try_from(number).map_err(wrong)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<i64, E> {
        match number.fract() == 0.0 && number.abs() <= EXACT {
            true => Ok(number as i64),
            false => Err(E::invalid_value(Unexpected::Float(number), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_whole_by_its_value() {
        for (json, expected) in [
            ("571", Some(571)),
            ("571.0", Some(571)),
            ("5.71e2", Some(571)),
            ("-0.0", Some(0)),
            ("-3", Some(-3)),
            ("9007199254740991.0", Some(9_007_199_254_740_991)),
            ("571.5", None),
            ("1e300", None),
            ("18446744073709551615", None),
            ("\"571\"", None),
            ("true", None),
            ("null", None),
        ] {
            let value: Value = serde_json::from_str(json).unwrap();
            assert_eq!(whole(&value), expected, "{json}");
        }
    }

    #[test]
    fn a_member_may_be_null_and_must_be_in_range() {
        let read = |json: &str| {
            let mut deserializer = serde_json::Deserializer::from_str(json);
            maybe_whole::<_, u8>(&mut deserializer).ok()
        };
        assert_eq!(read("2.0"), Some(Some(2)));
        assert_eq!(read("null"), Some(None));
        assert_eq!(read("256"), None);
        assert_eq!(read("1.5"), None);
    }
}
