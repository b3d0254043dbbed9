//! Newsstand: a headless content API for publications.
//!
//! The rooms, and the one rule between them: imports flow `http → domain → store → ranking → model`,
//! never upward, and any room may use `model`. Only `store` knows Diesel; only `http` and `server` know
//! actix-web. `cli`, `config` and `server` wire the rooms together and may see them all.

pub mod cli;
pub mod config;
pub mod domain;
pub mod http;
pub mod model;
pub mod ranking;
pub mod server;
pub mod store;
