//! The `newsstand` program: settings, logging, and the command line.

use std::{io::Write, process::ExitCode};

use clap::Parser;
use newsstand::{cli, config, server::logs};

/// Lists of postings, lists of articles and JSON are made and dropped all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Before anything else reads the environment, and while there is one thread.
    if let Err(cause) = config::load_env_file() {
        return fail(&cause);
    }
    let arguments = cli::Cli::parse();
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned());
    if let Err(cause) = logs::start(&filter) {
        return fail(&format!("{cause:#}"));
    }
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
