//! What goes for every path.

mod bad_input;
mod caching;
mod protocol;
mod statements;
