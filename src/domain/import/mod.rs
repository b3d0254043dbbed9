//! Imports: readers turn files into entries, and one runner puts entries into the store.

mod bounds;
pub mod csv;
mod dates;
mod entry;
pub mod feed;
pub mod ghost;
pub mod html;
pub mod jsonl;
pub mod markdown;
mod names;
pub mod page;
mod record;
pub mod restore;
mod run;
pub mod wordpress;

pub use entry::{At, Entry, ImportedName, Place, Refusal, Summary};
pub use names::{author_input, category_input, tag_input};
pub use record::{Defaults, FieldProblem, article_input};
pub use run::{Observer, Options, run};
