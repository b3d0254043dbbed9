//! What goes for every path.

mod bad_input;
mod caching;
mod headers;
mod patience;
mod protocol;
mod readiness;
mod statements;
mod unicode;
