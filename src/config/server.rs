//! How the server answers.

use std::net::SocketAddr;

use clap::Args;

use crate::{
    config::{AdmissionSettings, cores, short_text},
    domain::share::{Network, ShareOptions, Utm},
};

/// Threads that answer, at most.
const MOST_WORKERS: u32 = 256;

/// How the server answers.
#[derive(Debug, Clone, Args)]
pub struct ServerSettings {
    /// Address and port to listen on.
    #[arg(long, env, default_value = "127.0.0.1:8080")]
    pub bind_addr: SocketAddr,
    /// Threads that answer requests, 1 to 256; as many as the machine has cores when not set.
    #[arg(long, env, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,
    /// Threads of each worker for what reads or takes long, 1 to 1024; four more than connections
    /// that read when not set.
    #[arg(long, env, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub blocking_threads: Option<u16>,
    /// Seconds that the server goes on at shutdown after it has said that it is not ready, 0 to 300.
    #[arg(long, env, default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=300))]
    pub shutdown_delay: u64,
    /// Seconds that requests in flight may take to finish at shutdown, 0 to 300.
    #[arg(long, env, default_value_t = 30, value_parser = clap::value_parser!(u64).range(0..=300))]
    pub shutdown_timeout: u64,
    /// How much is let in.
    #[command(flatten)]
    pub admission: AdmissionSettings,
    /// Cache-Control of public answers.
    #[arg(
        long,
        env,
        default_value = "public, max-age=30, stale-while-revalidate=60, stale-if-error=86400",
        value_parser = header_value
    )]
    pub cache_control: String,
    /// CDN-Cache-Control of public answers (RFC 9213).
    #[arg(long, env, default_value = "max-age=3600", value_parser = header_value)]
    pub cdn_cache_control: String,
    /// Bytes of memory for answers that are kept ready, 0 to 1099511627776; under 16384, none are.
    #[arg(long, env, default_value_t = 67_108_864, value_parser = clap::value_parser!(u64).range(0..=1_099_511_627_776))]
    pub cache_bytes: u64,
    /// Seconds that a kept answer may stand in, marked as stale, while the database is away, 0 to
    /// 2592000.
    #[arg(long, env, default_value_t = 86_400, value_parser = clap::value_parser!(u64).range(0..=2_592_000))]
    pub stale_if_error: u64,
    /// Origins that browsers may read from, parted by commas; * for all.
    #[arg(long, env, default_value = "*", value_delimiter = ',', value_parser = origin)]
    pub cors_allowed_origins: Vec<String>,
    /// Tell database time and the number of statements in a Server-Timing header; for development.
    #[arg(long, env, default_value_t = false, action = clap::ArgAction::Set)]
    pub server_timing: bool,
    /// Words a reader reads in a minute, 50 to 2000 (Brysbaert 2019: 238).
    #[arg(long, env, default_value_t = 238, value_parser = clap::value_parser!(i64).range(50..=2000))]
    pub reading_words_per_minute: i64,
    /// Days after which closeness in time halves what a related article scores, 1 to 36500;
    /// without it, time does not count.
    #[arg(long, env, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub related_half_life_days: Option<u32>,
    /// Networks of share links, in order, parted by commas.
    #[arg(
        long,
        env,
        default_value = "x,linkedin,facebook,reddit,email,bluesky",
        value_delimiter = ',',
        value_parser = network
    )]
    pub share_networks: Vec<Network>,
    /// utm_medium of shared addresses; with it, utm_source names the network.
    #[arg(long, env, value_parser = short_text)]
    pub share_utm_medium: Option<String>,
    /// utm_campaign of shared addresses.
    #[arg(long, env, value_parser = short_text)]
    pub share_utm_campaign: Option<String>,
    /// App id for Facebook's share dialogue; its plain sharer is used without.
    #[arg(long, env, value_parser = short_text)]
    pub facebook_app_id: Option<String>,
    /// Mastodon server of share links; the link is a template with {instance} without.
    #[arg(long, env, value_parser = host)]
    pub mastodon_instance: Option<String>,
}

impl ServerSettings {
    /// Threads that answer: as set, or as many as there are cores.
    pub fn workers(&self) -> usize {
        let fitting = || cores().min(MOST_WORKERS) as usize;
        self.workers.map_or_else(fitting, usize::from)
    }

    /// Share settings as the domain takes them.
    pub fn share_options(&self) -> ShareOptions {
        ShareOptions {
            networks: self.share_networks.clone(),
            utm: Utm {
                source: None,
                medium: self.share_utm_medium.clone(),
                campaign: self.share_utm_campaign.clone(),
            },
            facebook_app_id: self.facebook_app_id.clone(),
            mastodon_instance: self.mastodon_instance.clone(),
        }
    }
}

fn network(text: &str) -> Result<Network, String> {
    let valid = Network::ALL.map(|(_, name, _)| name);
    Network::parse(text.trim()).ok_or_else(|| format!("expected some of {}", valid.join(", ")))
}

fn header_value(text: &str) -> Result<String, String> {
    let is_visible = |b: u8| (b' '..=b'~').contains(&b);
    match !text.is_empty() && text.bytes().all(is_visible) {
        true => Ok(text.to_owned()),
        false => Err("expected visible ASCII characters".to_owned()),
    }
}

fn host(text: &str) -> Result<String, String> {
    match url::Host::parse(text) {
        Ok(url::Host::Domain(name)) => Ok(name),
        _ => Err("expected a host name such as mastodon.social".to_owned()),
    }
}

fn origin(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_origin = url::Url::parse(text)
        .is_ok_and(|url| url.origin().is_tuple() && url.origin().ascii_serialization() == text);
    match text == "*" || is_origin {
        true => Ok(text.to_owned()),
        false => Err("expected * or an origin such as https://www.example.com".to_owned()),
    }
}
