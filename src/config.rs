//! Settings: each is an environment variable, a line of `.env`, and a flag of the commands that
//! use it. `.env.example` lists them all; a test holds it against these structs.

use std::{net::SocketAddr, path::PathBuf, thread, time::Duration};

use clap::{Args, CommandFactory};

use crate::{
    cli::DatabaseUrlParser,
    domain::{
        address::{Pattern, Site},
        share::{Network, ShareOptions, Utm},
        token::{KeySource, Secret, TokenRules, Verifier},
    },
    model::{
        kind::Kind,
        language::is_language,
        proxy::{ProxyHeader, Subnet},
        quota::Quota,
        secret::SecretText,
        words::nearest,
    },
    store::{DatabaseUrl, StoreOptions},
};

/// Which database, and how to use it.
#[derive(Debug, Clone, Args)]
pub struct DatabaseSettings {
    /// Where the content is kept: sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME.
    #[arg(
        long,
        env,
        default_value = "sqlite://newsstand.db",
        hide_env_values = true,
        value_parser = DatabaseUrlParser
    )]
    pub database_url: DatabaseUrl,
    /// Connections that read at most, 1 to 500; as fits the database and the cores when not set.
    #[arg(long, env, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub database_pool_size: Option<u32>,
    /// Seconds to wait for a free connection before answering 503, 1 to 60.
    #[arg(long, env, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub database_timeout: u64,
    /// Seconds that what a request reads may take before it is answered with 503, 1 to 3600.
    #[arg(long, env, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub query_timeout: u64,
}

impl DatabaseSettings {
    /// As the store takes them.
    pub fn options(&self) -> StoreOptions {
        StoreOptions {
            url: self.database_url.clone(),
            pool_size: self.pool_size(),
            pool_timeout: Duration::from_secs(self.database_timeout),
        }
    }

    /// Connections that read, at most: as set, or as fits the machine.
    pub fn pool_size(&self) -> u32 {
        let fitting = || connections(&self.database_url, cores());
        self.database_pool_size.unwrap_or_else(fitting)
    }
}

/// Connections that read, for so many cores. SQLite reads on our own cores: more connections than
/// these only take memory, each for its cache, but for a few that wait for the disk. A Postgres
/// server is waited for most of the time; it takes 100 connections unless told otherwise, and may
/// have other clients.
fn connections(url: &DatabaseUrl, cores: u32) -> u32 {
    match url {
        DatabaseUrl::Sqlite(_) => cores.saturating_add(2).clamp(4, 64),
        DatabaseUrl::Postgres(_) => cores.saturating_mul(4).clamp(8, 32),
    }
}

/// Cores that this process may use; containers are often given fewer than there are.
fn cores() -> u32 {
    let known = thread::available_parallelism().map_or(2, usize::from);
    u32::try_from(known).unwrap_or(u32::MAX)
}

/// What goes without saying in content.
#[derive(Debug, Clone, Args)]
pub struct ContentSettings {
    /// BCP 47 language of articles that say none.
    #[arg(long, env, default_value = "en", value_parser = language)]
    pub default_language: String,
}

/// The public site, where readers are.
#[derive(Debug, Clone, Args)]
pub struct SiteSettings {
    /// Name of the publication.
    #[arg(long, env, default_value = "Newsstand", value_parser = short_text)]
    pub publication_name: String,
    /// Address of the publication's logo (http or https), for feeds and search engines.
    #[arg(long, env, value_parser = web_address)]
    pub publication_logo_url: Option<String>,
    /// Origin of the public site; all addresses in answers begin with it.
    #[arg(long, env, default_value = "http://localhost:3000")]
    pub public_site_url: String,
    /// Path of an article; may hold {slug}, {id}, {category}, {category_path}, {year}, {month}, {day}.
    #[arg(long, env, default_value = "/articles/{slug}", value_parser = article_path)]
    pub article_path: Pattern,
    /// Path of a category; may hold {slug}, {id}, {path}.
    #[arg(long, env, default_value = "/categories/{path}", value_parser = category_path)]
    pub category_path: Pattern,
    /// Path of an author; may hold {slug}, {id}.
    #[arg(long, env, default_value = "/authors/{slug}", value_parser = author_path)]
    pub author_path: Pattern,
    /// Path of a tag; may hold {slug}, {id}.
    #[arg(long, env, default_value = "/tags/{slug}", value_parser = tag_path)]
    pub tag_path: Pattern,
}

impl SiteSettings {
    /// As the domain takes them.
    pub fn site(&self) -> Result<Site, String> {
        let patterns = [
            self.article_path.clone(),
            self.category_path.clone(),
            self.author_path.clone(),
            self.tag_path.clone(),
        ];
        Site::new(&self.publication_name, &self.public_site_url, patterns)
            .map(|site| site.with_logo(self.publication_logo_url.clone()))
            .map_err(|cause| format!("PUBLIC_SITE_URL \"{}\": {cause}", self.public_site_url))
    }
}

/// The keys that tokens are checked with: a secret, or a file; without any, nobody may write.
#[derive(Debug, Clone, Args)]
pub struct TokenSettings {
    /// Secret that tokens are signed with (HS256), of at least 32 bytes.
    #[arg(long, env, hide_env_values = true, value_parser = secret)]
    pub jwt_secret: Option<SecretText>,
    /// Name of that secret; tokens with another kid are refused.
    #[arg(long, env, value_parser = short_text)]
    pub jwt_key_id: Option<String>,
    /// File with a public key (PEM): RSA for RS256, P-256 for ES256, Ed25519 for EdDSA.
    #[arg(long, env)]
    pub jwt_public_key_file: Option<PathBuf>,
    /// File with a set of keys (JWKS), told apart by kid; read again when it changes.
    #[arg(long, env)]
    pub jwt_jwks_file: Option<PathBuf>,
    /// Issuer that tokens must name (iss).
    #[arg(long, env, value_parser = short_text)]
    pub jwt_issuer: Option<String>,
    /// Audience that tokens must name (aud).
    #[arg(long, env, value_parser = short_text)]
    pub jwt_audience: Option<String>,
}

impl TokenSettings {
    /// What checks tokens, or nothing where no key is set.
    pub fn verifier(&self) -> Result<Option<Verifier>, String> {
        let files = [&self.jwt_public_key_file, &self.jwt_jwks_file];
        let given = files.iter().filter(|file| file.is_some()).count();
        if given + usize::from(self.jwt_secret.is_some()) > 1 {
            let names = "JWT_SECRET, JWT_PUBLIC_KEY_FILE and JWT_JWKS_FILE";
            return Err(format!("of {names}, only one may be set"));
        }
        if self.jwt_key_id.is_some() && self.jwt_secret.is_none() {
            return Err("JWT_KEY_ID is the name of JWT_SECRET, which is not set".to_owned());
        }
        let (name, source) = if let Some(secret) = &self.jwt_secret {
            let secret =
                Secret::new(secret.clone()).map_err(|cause| format!("JWT_SECRET: {cause}"))?;
            let key_id = self.jwt_key_id.clone();
            ("JWT_SECRET", KeySource::Secret { secret, key_id })
        } else if let Some(path) = &self.jwt_public_key_file {
            (
                "JWT_PUBLIC_KEY_FILE",
                KeySource::PublicKeyFile(path.clone()),
            )
        } else if let Some(path) = &self.jwt_jwks_file {
            ("JWT_JWKS_FILE", KeySource::JwksFile(path.clone()))
        } else {
            return Ok(None);
        };
        let rules = TokenRules {
            issuer: self.jwt_issuer.clone(),
            audience: self.jwt_audience.clone(),
        };
        Verifier::new(source, rules)
            .map(Some)
            .map_err(|cause| format!("{name}: {cause}"))
    }
}

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
    #[arg(long, env, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60_000))]
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

/// Takes whatever it is given: what is refused here would be told with the whole value.
fn secret(text: &str) -> Result<SecretText, String> {
    Ok(text.to_owned().into())
}

fn language(text: &str) -> Result<String, String> {
    match is_language(text) {
        true => Ok(text.to_owned()),
        false => Err("expected a BCP 47 tag such as en or pt-BR".to_owned()),
    }
}

fn article_path(text: &str) -> Result<Pattern, String> {
    Pattern::parse(Kind::Article, text)
}

fn category_path(text: &str) -> Result<Pattern, String> {
    Pattern::parse(Kind::Category, text)
}

fn author_path(text: &str) -> Result<Pattern, String> {
    Pattern::parse(Kind::Author, text)
}

fn tag_path(text: &str) -> Result<Pattern, String> {
    Pattern::parse(Kind::Tag, text)
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

fn short_text(text: &str) -> Result<String, String> {
    match (1..=200).contains(&text.chars().count()) {
        true => Ok(text.to_owned()),
        false => Err("expected 1 to 200 characters".to_owned()),
    }
}

fn web_address(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && text.len() <= 2_000);
    url.map(String::from)
        .ok_or_else(|| "expected an http or https address".to_owned())
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

/// Names of all settings: those of every command's flags, and the log's.
pub fn setting_names() -> Vec<String> {
    fn collect(command: &clap::Command, names: &mut Vec<String>) {
        let of_flags = command.get_arguments().filter_map(clap::Arg::get_env);
        names.extend(of_flags.map(|name| name.to_string_lossy().into_owned()));
        for inner in command.get_subcommands() {
            collect(inner, names);
        }
    }
    let mut names = vec!["RUST_LOG".to_owned()];
    collect(&crate::cli::Cli::command(), &mut names);
    names.sort();
    names.dedup();
    names
}

/// Loads `.env` from the working directory, if there is one; refuses settings that do not exist.
/// What the environment has already goes before.
pub fn load_env_file() -> Result<(), String> {
    let path = std::path::Path::new(".env");
    if !path.exists() {
        return Ok(());
    }
    let valid = setting_names();
    let entries = dotenvy::from_path_iter(path).map_err(|cause| unread(&cause, None))?;
    let mut before: Option<String> = None;
    for entry in entries {
        let (name, _) = entry.map_err(|cause| unread(&cause, before.as_deref()))?;
        if !valid.contains(&name) {
            let hint = nearest(&name, valid.iter().map(String::as_str))
                .map(|near| format!("; did you mean {near}?"))
                .unwrap_or_default();
            return Err(format!(
                ".env: {name} is not a setting{hint} (all settings are in .env.example)"
            ));
        }
        before = Some(name);
    }
    dotenvy::from_path(path).map_err(|cause| unread(&cause, None))
}

/// Why `.env` can't be read. A line is named by the one before it, and nothing of it is told: there
/// may be a secret in it.
fn unread(cause: &dotenvy::Error, before: Option<&str>) -> String {
    let which = match (cause, before) {
        (dotenvy::Error::LineParse(..), Some(name)) => format!("the setting after {name}"),
        (dotenvy::Error::LineParse(..), None) => "the first setting".to_owned(),
        _ => return format!(".env: {cause}"),
    };
    format!(".env: {which} can't be read; a value with spaces needs quotes around it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_fit_the_machine_within_bounds() {
        let sqlite = DatabaseUrl::Sqlite("news.db".to_owned());
        let postgres = DatabaseUrl::Postgres("postgres://db/news".to_owned().into());
        let of = |cores| (connections(&sqlite, cores), connections(&postgres, cores));
        assert_eq!(of(1), (4, 8));
        assert_eq!(of(2), (4, 8));
        assert_eq!(of(8), (10, 32));
        assert_eq!(of(u32::MAX), (64, 32));
    }
}
