//! Preview links: a draft shown to whoever has the link.

use crate::model::time::UtcTime;

/// A preview link; its token is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewLink {
    /// UUIDv7.
    pub id: String,
    /// When it was made.
    pub created_at: UtcTime,
    /// Who made it.
    pub created_by: String,
    /// When it ends.
    pub expires_at: UtcTime,
    /// When it was taken back, if it was.
    pub revoked_at: Option<UtcTime>,
}
