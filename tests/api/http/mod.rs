//! What goes for every path.

mod bad_input;
mod caching;
mod connections;
mod docs;
mod headers;
mod no_text;
mod origins;
mod patience;
mod protocol;
mod readiness;
mod statements;
mod unicode;
