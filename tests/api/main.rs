//! Newsstand as its clients see it: a real server, real databases, real sockets. Every answer in
//! every test is held against the OpenAPI document by the client that the tests use.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::type_complexity,
    reason = "a test that fails should stop there"
)]
#![allow(missing_docs, reason = "test names are sentences")]

mod articles;
mod audit;
mod authors;
mod batch;
mod cache;
mod categories;
mod changes;
mod copy;
mod database;
mod database_file;
mod durability;
mod export;
mod fetches;
mod http;
mod idempotency;
mod import;
mod invalidation;
mod logs;
mod metrics;
mod migrations;
mod names;
mod openapi;
mod overload;
mod project;
mod rate_limits;
mod reads;
mod related;
mod related_evaluate;
mod resolve;
mod search;
mod secrets;
mod support;
mod syndication;
mod tags;
mod tokens;
mod visibility;
