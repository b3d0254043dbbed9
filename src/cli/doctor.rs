//! `newsstand doctor`: whether what a database says in one place agrees with what it says in
//! another.

use std::io::Write;

use clap::Args;

use crate::{
    config::DatabaseSettings,
    store::{Store, doctor},
};

/// What to look over.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Make the index of search and related articles anew first, and count all articles anew. Until
    /// that ends, a server that runs meanwhile finds only a part of its articles.
    #[arg(long)]
    reindex: bool,
    #[command(flatten)]
    database: DatabaseSettings,
}

/// Exit statuses: 0 when all agrees, 1 when something does not.
pub(super) fn run(args: &DoctorArgs) -> anyhow::Result<u8> {
    let store = Store::open(&args.database.options())?;
    store.check_version()?;
    let mut out = std::io::stdout().lock();
    if args.reindex {
        doctor::reindex(&store)?;
        writeln!(out, "done   the full-text index was made anew")?;
    }
    let findings = doctor::examine(&store)?;
    for finding in &findings {
        match finding.faults {
            0 => writeln!(out, "ok     {}", finding.holds)?,
            faults => writeln!(out, "FAULT  not so in {faults} places: {}", finding.holds)?,
        }
    }
    let ill = findings.iter().filter(|finding| finding.faults > 0).count();
    match ill {
        0 => writeln!(out, "{} is well: {} checks", store.url(), findings.len())?,
        ill => writeln!(
            out,
            "{} is not well: {ill} of {} checks found faults",
            store.url(),
            findings.len()
        )?,
    }
    Ok(u8::from(ill > 0))
}
