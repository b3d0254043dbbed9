//! Categories, authors, tags, pins and what is past, with all that is kept of them.

mod read;
mod restore;

pub use read::{
    all_categories, deleted, next_authors, next_former_slugs, next_pins, next_tags, next_tombstones,
};
pub(super) use restore::unbury;
pub use restore::{restore_former_slug, restore_name, restore_pins, restore_tombstone};
