//! Settings: each is an environment variable, a line of `.env`, and a flag of the commands that
//! use it. `.env.example` lists them all; a test holds it against these structs.

mod admission;
mod database;
mod server;
mod site;
mod token;

use std::{path::Path, thread};

use clap::CommandFactory;

pub use admission::AdmissionSettings;
pub use database::{DatabaseSettings, DatabaseUrlParser};
pub use server::ServerSettings;
pub use site::{ContentSettings, SiteSettings};
pub use token::TokenSettings;

use crate::{cli::Cli, model::words::nearest};

/// Cores that this process may use; containers are often given fewer than there are.
fn cores() -> u32 {
    let known = thread::available_parallelism().map_or(2, usize::from);
    u32::try_from(known).unwrap_or(u32::MAX)
}

fn short_text(text: &str) -> Result<String, String> {
    match (1..=200).contains(&text.chars().count()) {
        true => Ok(text.to_owned()),
        false => Err("expected 1 to 200 characters".to_owned()),
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
    collect(&Cli::command(), &mut names);
    names.sort();
    names.dedup();
    names
}

/// Loads `.env` from the working directory, if there is one; refuses settings that do not exist.
/// What the environment has already goes before.
pub fn load_env_file() -> Result<(), String> {
    let path = Path::new(".env");
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
