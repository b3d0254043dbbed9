//! The audit trail: who changed what, and when.

use crate::model::time::UtcTime;

/// One entry of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place in the trail; grows without reuse.
    pub sequence: i64,
    /// When it was done.
    pub at: UtcTime,
    /// Who did it: a token's subject, or a part of the program.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// The kind of thing that it was done to.
    pub kind: String,
    /// The thing's id.
    pub id: String,
    /// The thing's slug at that time, if it had one.
    pub slug: Option<String>,
    /// Names of the members that changed.
    pub members: Vec<String>,
    /// The request that asked for it, if one did.
    pub request_id: Option<String>,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this actor.
    pub actor: Option<String>,
    /// Of this action.
    pub action: Option<String>,
    /// About this kind of thing.
    pub kind: Option<String>,
    /// About the thing of this id.
    pub id: Option<String>,
    /// At or after this instant.
    pub since: Option<UtcTime>,
}
