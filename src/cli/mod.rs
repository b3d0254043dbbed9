//! The command line.

mod backup;
mod copy;
mod doctor;
mod export;
mod import;
mod related;
mod token;

use std::io::Write;

use clap::{Parser, Subcommand};

use crate::{
    config::{ContentSettings, DatabaseSettings, ServerSettings, SiteSettings, TokenSettings},
    http::openapi,
    server,
    store::{self, Store},
};

/// What watches servers of this version.
const DASHBOARD: &str = include_str!("../monitoring/dashboard.json");
const ALERTS: &str = include_str!("../monitoring/alerts.yml");

/// A headless content API for publications.
#[derive(Debug, Parser)]
#[command(name = "newsstand", version, about, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API.
    Serve(Box<ServeArgs>),
    /// Bring the database up to date.
    Migrate {
        #[command(flatten)]
        database: DatabaseSettings,
    },
    /// Put content in from files.
    Import(import::ImportArgs),
    /// Write all content to files.
    Export(export::ExportArgs),
    /// Copy all content to another database, of either kind.
    Copy(copy::CopyArgs),
    /// Write everything to one SQLite file that `serve` can open.
    Backup(backup::BackupArgs),
    /// Look over the database: whether all that it says agrees.
    Doctor(doctor::DoctorArgs),
    /// Judge how good related articles are.
    Related(related::RelatedArgs),
    /// Make tokens, and the secrets that sign them; revoke tokens.
    Token(token::TokenArgs),
    /// Print what watches servers: a dashboard for Grafana, or alert rules for Prometheus.
    Monitoring {
        /// Which of the two.
        #[arg(value_parser = ["dashboard", "alerts"])]
        what: String,
    },
    /// Print the OpenAPI document.
    Openapi {
        /// Which version of OpenAPI to write it in.
        #[arg(long, default_value = "3.1", value_parser = ["3.1", "3.0"])]
        version: String,
    },
}

/// Everything that `serve` needs.
#[derive(Debug, Clone, clap::Args)]
pub struct ServeArgs {
    /// Load the sample publication first, if it is not there yet.
    #[arg(long)]
    pub sample: bool,
    /// Do not bring the database up to date; refuse to start if it is not.
    #[arg(long)]
    pub no_migrate: bool,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseSettings,
    /// The public site.
    #[command(flatten)]
    pub site: SiteSettings,
    /// The content.
    #[command(flatten)]
    pub content: ContentSettings,
    /// The keys that tokens are checked with.
    #[command(flatten)]
    pub token: TokenSettings,
    /// The server.
    #[command(flatten)]
    pub server: ServerSettings,
}

/// Runs a command; gives the exit status.
pub fn run(cli: Cli) -> anyhow::Result<u8> {
    match cli.command {
        Command::Serve(args) => server::run(&args).map(|()| 0),
        Command::Migrate { database } => {
            let store = Store::open(&database.options())?;
            let applied = store.migrate()?;
            store::doctor::catch_up(&store, |_| {})?;
            let mut out = std::io::stdout().lock();
            for name in &applied {
                writeln!(out, "applied {name}")?;
            }
            writeln!(out, "{} is up to date", store.url())?;
            Ok(0)
        }
        Command::Import(args) => import::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Copy(args) => copy::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Related(args) => related::run(&args),
        Command::Token(args) => token::run(&args),
        Command::Monitoring { what } => {
            let file = match what.as_str() {
                "alerts" => ALERTS,
                _ => DASHBOARD,
            };
            std::io::stdout().lock().write_all(file.as_bytes())?;
            Ok(0)
        }
        Command::Openapi { version } => {
            let document = match version.as_str() {
                "3.0" => openapi::legacy_json(),
                _ => openapi::json(),
            };
            std::io::stdout().lock().write_all(document.as_bytes())?;
            Ok(0)
        }
    }
}
