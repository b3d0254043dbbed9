//! Plain nouns that every room speaks; imports nothing of the other rooms.

pub mod article;
pub mod audit;
pub mod author;
pub mod block;
pub mod caller;
pub mod category;
pub mod change;
pub mod kind;
pub mod language;
pub mod marked;
pub mod name;
pub mod page;
pub mod preview;
pub mod proxy;
pub mod quota;
pub mod record;
pub mod related;
pub mod search;
pub mod sight;
pub mod slug;
pub mod stamp;
pub mod stored_body;
pub mod tag;
pub mod time;
pub mod words;
