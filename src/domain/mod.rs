//! Decisions: what content means and what is made of it. Knows neither actix-web nor Diesel.

pub mod address;
pub mod body;
pub mod export;
pub mod import;
pub mod patch;
pub mod related;
pub mod relink;
pub mod revision;
pub mod sample;
pub mod search;
pub mod share;
pub mod syndication;
pub mod token;
