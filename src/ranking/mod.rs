//! What is found for words, and in which order: the layer between the store and the model.
//!
//! Pure: it knows neither databases nor HTTP, and imports `model` alone, so that every rule of
//! ranking can be tested and measured by itself, and is the same on SQLite and on Postgres. The
//! store keeps the bytes that are made here, and asks again with them.
//!
//! Two things are ranked. A *search* reads what an article says into words with weights
//! ([`forward`], [`bm25`]), keeps for each word the list of its articles ([`postings`]), and
//! answers by joining lists ([`lists`]), where a word also stands for others of its stem
//! ([`stems`]) and a misspelt one for its neighbours ([`typos`]). *Related articles* are those
//! whose words ([`vector`]) and topics ([`svd`]) are near by what was learned of the publication
//! ([`model`]), among those of which the lists of telling words add up to the most ([`sums`]),
//! without too much of one event ([`variety`]). [`measures`] says how good an order is where people
//! have judged it.

pub mod bm25;
pub mod forward;
pub mod lists;
pub mod measures;
pub mod model;
pub mod postings;
pub mod stems;
pub mod sums;
pub mod svd;
pub mod typos;
pub mod variety;
pub mod vector;
mod wide;
