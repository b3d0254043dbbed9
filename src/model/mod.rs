//! Plain nouns that every room speaks; imports nothing of the other rooms.

pub mod article;
pub mod author;
pub mod block;
pub mod category;
pub mod change;
pub mod language;
pub mod page;
pub mod related;
pub mod search;
pub mod slug;
pub mod tag;
pub mod time;
pub mod words;
