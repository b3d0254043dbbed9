//! `newsstand backup`: one state of the database, in a SQLite file.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;

use crate::{
    cli::copy::{bar, open_existing, told},
    config::DatabaseSettings,
    store::{DatabaseUrl, Store, StoreOptions, copy},
};

/// Where to write the backup.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "The file is a SQLite database, whichever database it is of: it can be served as \
                  it is, and `copy` brings it back into Postgres. It holds one state, though a \
                  server goes on writing meanwhile. It holds drafts and secrets too; only its \
                  owner may read it."
)]
pub struct BackupArgs {
    /// File to write; must not exist.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseSettings,
}

/// Beginning of the names of unfinished files, beside the backup.
const UNFINISHED: &str = ".newsstand-backup-";

/// Exit statuses: 0 when the backup is on disk, 1 when there is none.
pub(super) fn run(args: &BackupArgs) -> anyhow::Result<u8> {
    let file = &args.file;
    anyhow::ensure!(
        !file.try_exists().unwrap_or(false),
        "{} is there already; nothing was written",
        file.display()
    );
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let store = open_existing(&args.database)?;
    store.check_version()?;
    let unfinished = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .suffix(".db")
        .tempfile_in(folder)
        .with_context(|| format!("{} can't be written", file.display()))?;
    match store.url() {
        DatabaseUrl::Sqlite(_) => copy::write_file(&store, unfinished.path())?,
        DatabaseUrl::Postgres(_) => {
            copy_into(&store, &args.database.options(), folder, unfinished.path())?;
        }
    }
    unfinished.as_file().sync_all()?;
    // Fails when another file got that name meanwhile.
    let written = unfinished
        .persist_noclobber(file)
        .map_err(|failed| failed.error)
        .with_context(|| format!("{} can't be written", file.display()))?;
    sync_folder(folder)?;
    let size = written.metadata()?.len();
    writeln!(
        std::io::stdout().lock(),
        "wrote {} ({size} bytes), a backup of {}",
        file.display(),
        store.url()
    )?;
    Ok(0)
}

/// Copies into a database file in a folder of its own, and from there into the backup: so it has
/// no log beside it.
fn copy_into(
    store: &Store,
    options: &StoreOptions,
    folder: &Path,
    unfinished: &Path,
) -> anyhow::Result<()> {
    let between = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempdir_in(folder)?;
    let path = between.path().join("copy.db");
    let path = path.to_str().context("the path of FILE is not UTF-8")?;
    let target = Store::open(&StoreOptions {
        url: DatabaseUrl::Sqlite(path.to_owned()),
        ..options.clone()
    })?;
    let bar = bar();
    let done = copy::copy(store, &target, false, &mut |progress| {
        bar.set_message(told(progress));
    });
    bar.finish_and_clear();
    let differing = done?.differing();
    anyhow::ensure!(
        differing.is_empty(),
        "the copy is not like the database: {}",
        differing.join(", ")
    );
    Ok(copy::write_file(&target, unfinished)?)
}

/// A new name is on disk when its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// Elsewhere a folder can't be opened, and needs not be.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}
