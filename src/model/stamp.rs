//! Who writes and when: what every change is signed with.

use crate::model::time::UtcTime;

/// The signature under a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The token's subject, or the part of the program that did it.
    pub actor: String,
    /// When.
    pub at: UtcTime,
    /// The request that asked for it, if one did.
    pub request_id: Option<String>,
}

impl Stamp {
    /// The signature of a part of the program itself, now.
    pub fn of_program(part: &str) -> Self {
        Self {
            actor: part.to_owned(),
            at: UtcTime::now(),
            request_id: None,
        }
    }
}
