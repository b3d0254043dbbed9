//! Authors: the names in a byline.

use serde::{Deserialize, Serialize};

/// An author as articles name them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorRef {
    /// UUIDv7.
    pub id: String,
    /// Unique among authors.
    pub slug: String,
    /// As the byline has it.
    pub name: String,
    /// URL of a portrait.
    pub avatar: Option<String>,
}
