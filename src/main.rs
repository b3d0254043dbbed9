//! The `newsstand` program: settings, logging, and the command line.

use std::{io::Write, process::ExitCode};

use clap::Parser;
use newsstand::{cli, config};

fn main() -> ExitCode {
    // Before anything else reads the environment, and while there is one thread.
    if let Err(cause) = config::load_env_file() {
        return fail(&cause);
    }
    let arguments = cli::Cli::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info"))
        .format_timestamp_millis()
        .init();
    match cli::run(arguments) {
        Ok(status) => ExitCode::from(status),
        Err(cause) => fail(&format!("{cause:#}")),
    }
}

/// A closed standard error is no reason to panic.
fn fail(cause: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr().lock(), "newsstand: {cause}");
    ExitCode::FAILURE
}
