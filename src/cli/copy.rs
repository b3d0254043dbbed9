//! `newsstand copy`: all content from one database into another, of either kind.

use std::{
    io::{IsTerminal, Write},
    path::Path,
    time::Duration,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    config::{DatabaseSettings, DatabaseUrlParser},
    store::{
        DatabaseUrl, Store, StoreOptions,
        copy::{self, Progress, Step},
    },
};

/// What to copy, and where.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Copies the state that the source (DATABASE_URL) has at the beginning: what is \
                  written to it meanwhile is not copied. A server may go on serving the source; \
                  none should serve the target yet. Copying again writes only what differs, so \
                  that a copy that was ended half-way is just begun again."
)]
pub struct CopyArgs {
    /// The database to copy to: sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME.
    #[arg(long, value_name = "DATABASE_URL", value_parser = DatabaseUrlParser)]
    to: DatabaseUrl,
    /// Let the target lose content of its own, which the source never had.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    database: DatabaseSettings,
}

/// Exit statuses: 0 when both are alike afterwards, 1 when they are not.
pub(super) fn run(args: &CopyArgs) -> anyhow::Result<u8> {
    let source = open_existing(&args.database)?;
    let target = Store::open(&StoreOptions {
        url: args.to.clone(),
        ..args.database.options()
    })?;
    let bar = bar();
    let done = copy::copy(&source, &target, args.replace, &mut |progress| {
        bar.set_message(told(progress));
    });
    bar.finish_and_clear();
    let done = done?;
    if done.written > 1_000 {
        target.optimize()?;
    }
    let mut out = std::io::stdout().lock();
    for found in &done.tables {
        match found.equal {
            true => writeln!(out, "{} {} rows, equal", found.table, found.rows)?,
            false => writeln!(
                out,
                "{} {} rows, DIFFERENT: the target has {}",
                found.table, found.rows, found.found
            )?,
        }
    }
    let removed = match done.removed {
        0 => String::new(),
        rows => format!(", {rows} removed"),
    };
    write!(
        out,
        "copied {} rows, {} already there{removed}; ",
        done.written, done.already
    )?;
    let differing = done.differing();
    if differing.is_empty() {
        writeln!(out, "all {} tables agree", done.tables.len())?;
        return Ok(0);
    }
    writeln!(out, "not alike: {}", differing.join(", "))?;
    Ok(1)
}

/// Opens a database that must be there: a copy of nothing is a mistake.
pub(super) fn open_existing(settings: &DatabaseSettings) -> anyhow::Result<Store> {
    if let DatabaseUrl::Sqlite(path) = &settings.database_url {
        anyhow::ensure!(
            Path::new(path).is_file(),
            "there is no database file {path}"
        );
    }
    Ok(Store::open(&settings.options())?)
}

/// Progress for people.
pub(super) fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Progress in words.
pub(super) fn told(progress: Progress) -> String {
    let step = match progress.step {
        Step::Comparing => "comparing",
        Step::Copying => "copying",
        Step::Indexing => "indexing",
        Step::Verifying => "verifying",
    };
    format!("{step} {}: {} rows", progress.table, progress.done)
}
