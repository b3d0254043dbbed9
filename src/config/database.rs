//! Which database, and how it is used.

use std::{ffi::OsStr, time::Duration};

use clap::{Arg, Args, Command, Error, builder::TypedValueParser, error::ErrorKind};

use crate::{
    config::cores,
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
    /// As the store takes them, for programs that answer no requests.
    pub fn options(&self) -> StoreOptions {
        StoreOptions {
            url: self.database_url.clone(),
            pool_size: self.pool_size(),
            pool_timeout: Duration::from_secs(self.database_timeout),
            longest_read: None,
        }
    }

    /// The same for a server.
    pub fn server_options(&self) -> StoreOptions {
        StoreOptions {
            longest_read: Some(Duration::from_secs(self.query_timeout)),
            ..self.options()
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

/// Reads an address. What the parser of the command line refuses by itself, it quotes; and there
/// may be a password in this.
#[derive(Debug, Clone)]
pub struct DatabaseUrlParser;

impl TypedValueParser for DatabaseUrlParser {
    type Value = DatabaseUrl;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<DatabaseUrl, Error> {
        let read = match value.to_str() {
            Some(text) => text.parse::<DatabaseUrl>(),
            None => Err("expected UTF-8".to_owned()),
        };
        read.map_err(|cause| {
            let name = arg.map_or_else(|| "DATABASE_URL".to_owned(), ToString::to_string);
            let told = format!("the value of {name} can't be used: {cause}\n");
            Error::raw(ErrorKind::ValueValidation, told).with_cmd(command)
        })
    }
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
