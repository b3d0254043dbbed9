//! Tags: subjects, without a hierarchy.

use serde::{Deserialize, Serialize};

/// A tag as articles name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagRef {
    /// UUIDv7.
    pub id: String,
    /// Unique among tags.
    pub slug: String,
    /// As readers see it.
    pub name: String,
}
