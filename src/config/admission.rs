//! How much the server takes on, and how often a client may ask.

use clap::Args;

use crate::model::{
    proxy::{ProxyHeader, Subnet},
    quota::Quota,
};

/// What is let in; all else is refused at once.
#[derive(Debug, Clone, Args)]
pub struct AdmissionSettings {
    /// Reads in hand at a time, 1 to 10000; as many as connections that read when not set.
    #[arg(long, env, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub overload_reads: Option<u32>,
    /// Searches, and what is as dear, in hand at a time, 1 to 10000; half as many as connections
    /// that read when not set.
    #[arg(long, env, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub overload_searches: Option<u32>,
    /// Writes in hand at a time, 1 to 10000.
    #[arg(long, env, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub overload_writes: u32,
    /// Requests of each of these kinds that wait at a time, 0 to 100000; others get 503 at once.
    #[arg(long, env, default_value_t = 1_024, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub overload_waiting: u32,
    /// Milliseconds that they may wait, at least, while there are always some, 1 to 60000.
    #[arg(long, env, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    pub overload_target: u64,
    /// Requests that an address may send without a good token, as requests/seconds such as 600/60;
    /// no limit when not set.
    #[arg(long, env)]
    pub rate_limit_address: Option<Quota>,
    /// Requests that the subject of a token may send, as requests/seconds; no limit when not set.
    #[arg(long, env)]
    pub rate_limit_token: Option<Quota>,
    /// Addresses and networks of proxies that are believed when they say who asked them, parted by
    /// commas.
    #[arg(long, env, value_delimiter = ',')]
    pub trusted_proxies: Vec<Subnet>,
    /// Where these say it: X-Forwarded-For or Forwarded.
    #[arg(long, env, default_value = "X-Forwarded-For")]
    pub trusted_proxy_header: ProxyHeader,
}
