//! How many requests somebody may send.

use std::{fmt, str::FromStr};

/// Requests, at most.
const MOST: u32 = 1_000_000;
/// Seconds, at most: a day.
const LONGEST: u32 = 86_400;

/// So many requests in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// At least one.
    pub requests: u32,
    /// At least one.
    pub seconds: u32,
}

impl FromStr for Quota {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let within = |text: &str, most: u32| {
            let number = text.parse::<u32>().ok();
            number.filter(|number| (1..=most).contains(number))
        };
        let quota = text.split_once('/').and_then(|(requests, seconds)| {
            Some(Self {
                requests: within(requests, MOST)?,
                seconds: within(seconds, LONGEST)?,
            })
        });
        quota.ok_or_else(|| {
            format!(
                "expected requests/seconds such as 600/60, up to {MOST} requests in up to \
                 {LONGEST} seconds"
            )
        })
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.requests, self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_are_read_as_they_are_written() {
        for text in ["600/60", "1/1", "1000000/86400"] {
            assert_eq!(text.parse::<Quota>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_quota_is_refused() {
        for text in [
            "",
            "600",
            "/",
            "0/60",
            "60/0",
            "-1/60",
            "1/60/2",
            " 1/60",
            "1000001/60",
            "1/86401",
        ] {
            assert!(text.parse::<Quota>().is_err(), "{text}");
        }
    }
}
