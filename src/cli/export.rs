//! `newsstand export`: everything out, as files that other programs or another Newsstand read.

use std::{
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{Args, Subcommand};

use crate::{
    config::{DatabaseSettings, SiteSettings},
    domain::export::{ExportError, Figures, jsonl, markdown, wordpress},
    store::Store,
};

/// What to export.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Clone, Subcommand)]
enum Format {
    /// One JSON object in each line, with all that `import jsonl` needs to put it back exactly.
    Jsonl(Common),
    /// A folder of Markdown files with front matter, for Hugo, Astro and their like.
    Markdown(Box<WithSite>),
    /// A file that WordPress imports (WXR).
    Wordpress(Box<WithSite>),
}

#[derive(Debug, Clone, Args)]
struct Common {
    /// File to write, or the folder of Markdown files; - for standard output.
    #[arg(value_name = "DESTINATION")]
    destination: PathBuf,
    /// Write over what is there.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    database: DatabaseSettings,
}

#[derive(Debug, Clone, Args)]
struct WithSite {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    site: SiteSettings,
}

/// Exit status 0 when everything was written.
pub(super) fn run(args: &ExportArgs) -> anyhow::Result<u8> {
    match &args.format {
        Format::Jsonl(common) => to_file(common, jsonl::write),
        Format::Wordpress(args) => {
            let site = args.site.site().map_err(anyhow::Error::msg)?;
            to_file(&args.common, |store, out| {
                wordpress::write(store, &site, out)
            })
        }
        Format::Markdown(args) => {
            let site = args.site.site().map_err(anyhow::Error::msg)?;
            let common = &args.common;
            let folder = common.destination.as_path();
            anyhow::ensure!(
                !is_standard_output(folder),
                "Markdown files need a folder; standard output is none"
            );
            let store = open(common)?;
            let figures = markdown::write(&store, &site, folder, common.force)
                .with_context(|| format!("{} is not complete", folder.display()))?;
            writeln!(std::io::stdout().lock(), "{figures}")?;
            Ok(0)
        }
    }
}

fn is_standard_output(destination: &Path) -> bool {
    destination == Path::new("-")
}

fn open(common: &Common) -> anyhow::Result<Store> {
    let store = Store::open(&common.database.options())?;
    store.check_version()?;
    Ok(store)
}

fn to_file(
    common: &Common,
    write: impl FnOnce(&Store, &mut dyn Write) -> Result<Figures, ExportError>,
) -> anyhow::Result<u8> {
    let path = common.destination.as_path();
    if is_standard_output(path) {
        let store = open(common)?;
        let figures = write(&store, &mut BufWriter::new(std::io::stdout().lock()))?;
        writeln!(std::io::stderr().lock(), "{figures}")?;
        return Ok(0);
    }
    let taken = || {
        format!(
            "{} is there already; --force writes over it",
            path.display()
        )
    };
    anyhow::ensure!(!path.is_dir(), "{} is a folder", path.display());
    anyhow::ensure!(common.force || !path.exists(), taken());
    let store = open(common)?;
    // Beside it, so that it can be renamed; readable by its owner alone, since drafts are in it.
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let unwritable = || format!("{} can't be written", path.display());
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(unwritable)?;
    let mut out = BufWriter::new(file.as_file_mut());
    let figures = write(&store, &mut out).with_context(unwritable)?;
    out.flush().with_context(unwritable)?;
    drop(out);
    file.as_file().sync_all().with_context(unwritable)?;
    let kept = match common.force {
        true => file.persist(path),
        false => file.persist_noclobber(path),
    };
    kept.map_err(|cause| cause.error).with_context(unwritable)?;
    writeln!(std::io::stdout().lock(), "{figures}")?;
    Ok(0)
}
