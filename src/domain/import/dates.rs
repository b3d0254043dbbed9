//! Dates as pages and front matter have them.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use crate::model::time::UtcTime;

const ZONED: [&str; 7] = [
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%dT%H:%M%z",
    "%Y-%m-%d %H:%M:%S%.f %z",
    "%Y-%m-%d %H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M %z",
    "%Y-%m-%d %H:%M%z",
    "%a %b %d %H:%M:%S %z %Y",
];
const UNZONED: [&str; 6] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
];
const DAYS: [&str; 8] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%B %d, %Y",
    "%B %d %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%b %d %Y",
];

/// An instant that an article may bear as its date; one without a zone is taken to be in UTC.
pub(super) fn parse(text: &str) -> Option<UtcTime> {
    instant(text).and_then(UtcTime::editorial)
}

fn instant(text: &str) -> Option<UtcTime> {
    let text = text.trim();
    if text.len() > 64 {
        return None;
    }
    if let Some(time) = UtcTime::parse(text) {
        return Some(time);
    }
    if let Ok(time) = DateTime::parse_from_rfc2822(text) {
        return UtcTime::from_millis(time.timestamp_millis());
    }
    let bare = text
        .strip_suffix(['Z', 'z'])
        .or_else(|| text.strip_suffix("UTC"))
        .or_else(|| text.strip_suffix("GMT"))
        .map_or(text, str::trim_end);
    let with_zone = |form: &&str| DateTime::parse_from_str(bare, form).ok();
    if let Some(time) = ZONED.iter().find_map(with_zone) {
        return UtcTime::from_millis(time.timestamp_millis());
    }
    let without = |form: &&str| NaiveDateTime::parse_from_str(bare, form).ok();
    if let Some(time) = UNZONED.iter().find_map(without) {
        return UtcTime::from_millis(time.and_utc().timestamp_millis());
    }
    DAYS.iter()
        .find_map(|form| NaiveDate::parse_from_str(bare, form).ok())
        .and_then(UtcTime::from_date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_come_in_many_forms() {
        let told = |text: &str| parse(text).map(|time| time.to_string());
        for (text, expected) in [
            ("2024-03-05", "2024-03-05T00:00:00.000Z"),
            ("2024-03-05 10:00:00 +0200", "2024-03-05T08:00:00.000Z"),
            ("2024-03-05 10:00:00 +02:00", "2024-03-05T08:00:00.000Z"),
            ("2024-03-05 10:00", "2024-03-05T10:00:00.000Z"),
            ("2024-03-05T10:00:00", "2024-03-05T10:00:00.000Z"),
            ("2024-03-05 10:00:00 UTC", "2024-03-05T10:00:00.000Z"),
            ("2024-03-05T10:00:00+02:00", "2024-03-05T08:00:00.000Z"),
            ("2024-03-05T10:00:00+0200", "2024-03-05T08:00:00.000Z"),
            ("2024-03-05T10:00Z", "2024-03-05T10:00:00.000Z"),
            ("20240305", "2024-03-05T00:00:00.000Z"),
            ("Mar 05 2024", "2024-03-05T00:00:00.000Z"),
            ("March 5, 2024", "2024-03-05T00:00:00.000Z"),
            ("Tue, 05 Mar 2024 10:00:00 GMT", "2024-03-05T10:00:00.000Z"),
        ] {
            assert_eq!(told(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(parse("soon"), None);
        assert_eq!(parse("99999-01-01"), None);
        // What stands for no date in some languages.
        assert_eq!(parse("0001-01-01T00:00:00Z"), None);
    }
}
