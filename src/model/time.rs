//! Instants as milliseconds since the Unix epoch, written as RFC 3339 in UTC.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use serde::{Serialize, Serializer};

/// An instant in UTC with a resolution of one millisecond, between the years 0 and 9999.
///
/// Both databases hold it as a 64-bit integer, so that no driver, session time zone or text
/// format can make them differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcTime(i64);

/// Milliseconds of 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: what RFC 3339 can write.
const RFC_3339_RANGE: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

impl UtcTime {
    /// The present instant.
    pub fn now() -> Self {
        Self(Utc::now().timestamp_millis())
    }

    /// The instant `millis` milliseconds after the epoch, or `None` outside the years 0 to 9999.
    pub fn from_millis(millis: i64) -> Option<Self> {
        RFC_3339_RANGE.contains(&millis).then_some(Self(millis))
    }

    /// An instant read from a database column, which only ever holds what `millis` gave.
    pub fn from_column(millis: i64) -> Self {
        Self(millis.clamp(*RFC_3339_RANGE.start(), *RFC_3339_RANGE.end()))
    }

    /// Milliseconds since the epoch.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 with any offset, or a bare date, which means its midnight in UTC.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return Self::from_date(date);
        }
        let instant = DateTime::parse_from_rfc3339(text).ok()?;
        Self::from_millis(instant.timestamp_millis())
    }

    /// Midnight in UTC of a calendar date.
    pub fn from_date(date: NaiveDate) -> Option<Self> {
        Self::from_millis(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
    }

    /// The calendar date in UTC.
    pub fn date(self) -> NaiveDate {
        self.to_chrono().date_naive()
    }

    /// The calendar year in UTC.
    pub fn year(self) -> i32 {
        self.date().year()
    }

    /// The same, where an article may bear it as its editorial date: with a year of four digits, and
    /// no zero before them. Dates of RSS (RFC 822) may have years of two digits, so that its readers
    /// take the year 0050 for 1950, and the year 0000 is none at all.
    pub fn editorial(self) -> Option<Self> {
        (1_000..=9_999).contains(&self.year()).then_some(self)
    }

    /// The form of HTTP header fields (RFC 9110 section 5.6.7); whole seconds, rounded down.
    pub fn to_http_date(self) -> String {
        let time = self.to_chrono();
        let month = usize::try_from(time.month0()).ok();
        format!(
            "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
            time.weekday(),
            time.day(),
            month.and_then(|month| MONTHS.get(month)).unwrap_or(&""),
            time.year(),
            time.hour(),
            time.minute(),
            time.second()
        )
    }

    fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// RFC 3339 in UTC with milliseconds and `Z`, always of one width, so that text sorts as time.
    /// Digit by digit, since a list of articles has a hundred of them.
    fn written(self) -> [u8; 24] {
        let time = self.to_chrono();
        let year = time.year().unsigned_abs();
        let millis = time.timestamp_subsec_millis();
        let ([y1, y2], [y3, y4]) = (two_digits(year / 100), two_digits(year));
        let ([m1, m2], [d1, d2]) = (two_digits(time.month()), two_digits(time.day()));
        let ([h1, h2], [n1, n2]) = (two_digits(time.hour()), two_digits(time.minute()));
        let [s1, s2] = two_digits(time.second());
        let ([_, f1], [f2, f3]) = (two_digits(millis / 100), two_digits(millis));
        [
            y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2,
            b'.', f1, f2, f3, b'Z',
        ]
    }
}

/// Names of months in header fields.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The last two digits of a number.
fn two_digits(number: u32) -> [u8; 2] {
    let digit = |number: u32| b'0' + u8::try_from(number % 10).unwrap_or_default();
    [digit(number / 10), digit(number)]
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.written()).unwrap_or_default())
    }
}

impl Serialize for UtcTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.written()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use chrono::SecondsFormat;

    use super::*;

    #[test]
    fn a_time_with_an_offset_is_written_in_utc() {
        let time = UtcTime::parse("2025-08-09T02:30:00+02:00").map(|time| time.to_string());
        assert_eq!(time.as_deref(), Some("2025-08-09T00:30:00.000Z"));
    }

    #[test]
    fn a_bare_date_is_its_midnight() {
        let time = UtcTime::parse("2025-08-09").map(|time| time.to_string());
        assert_eq!(time.as_deref(), Some("2025-08-09T00:00:00.000Z"));
    }

    #[test]
    fn times_are_written_as_their_library_writes_them() {
        let last = *RFC_3339_RANGE.end();
        for millis in [*RFC_3339_RANGE.start(), -1, 0, 951_782_399_999, last] {
            let time = UtcTime::from_millis(millis).unwrap();
            let known = time.to_chrono();
            let text = known.to_rfc3339_opts(SecondsFormat::Millis, true);
            assert_eq!(time.to_string(), text);
            let date = known.format("%a, %d %b %Y %H:%M:%S GMT");
            assert_eq!(time.to_http_date(), date.to_string());
        }
    }

    #[test]
    fn editorial_dates_have_years_that_feeds_can_say() {
        let may_be = |text: &str| UtcTime::parse(text).and_then(UtcTime::editorial).is_some();
        for text in ["1000-01-01", "1605-07-01", "9999-12-31T23:59:59.999Z"] {
            assert!(may_be(text), "{text}");
        }
        for text in ["0000-01-01", "0050-06-01", "1000-01-01T00:59:59+01:00"] {
            assert!(!may_be(text), "{text}");
        }
    }

    #[test]
    fn a_time_without_a_zone_is_refused() {
        assert_eq!(UtcTime::parse("2025-08-09T02:30:00"), None);
    }
}
