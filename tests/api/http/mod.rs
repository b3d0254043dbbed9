//! What goes for every path.

mod bad_input;
mod caching;
mod headers;
mod no_text;
mod patience;
mod protocol;
mod readiness;
mod statements;
mod unicode;
