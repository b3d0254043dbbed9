//! Searches: what a reader types, and the passage that shows why an article was found.

mod query;
mod snippet;

pub use query::{MAX_QUERY, corrected, parse};
pub use snippet::snippet;
