//! `newsstand import`: files in, one line of figures out.

use std::{
    fs::File,
    io::{BufReader, IsTerminal, Read, Write},
    time::Duration,
};

use anyhow::Context;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    config::{ContentSettings, DatabaseSettings},
    domain::import::{self, Entry, Observer, Options, Refusal, Summary, csv, jsonl, page},
    store::Store,
};

/// What to import.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Clone, Subcommand)]
enum Format {
    /// Article pages saved as text.
    Page(Common),
    /// Tables of articles.
    Csv(CsvArgs),
    /// One JSON article in each line.
    Jsonl(Common),
}

#[derive(Debug, Clone, Args)]
struct Common {
    /// Files to read; - for standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Look at everything and change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    database: DatabaseSettings,
    #[command(flatten)]
    content: ContentSettings,
}

#[derive(Debug, Clone, Args)]
struct CsvArgs {
    #[command(flatten)]
    common: Common,
    /// Which column is what: member=column, parted by commas.
    #[arg(
        long,
        value_name = "MEMBER=COLUMN,…",
        default_value = "title=title,summary=subtitle,text=text,published_at=publish_date,external_id=article_id"
    )]
    map: String,
    /// Form of dates, as strftime has it.
    #[arg(long, value_name = "FORMAT", default_value = "%Y/%m/%d")]
    date_format: String,
    /// Category of articles that have none.
    #[arg(long, value_name = "NAME")]
    category: Option<String>,
    /// Author of articles that have none.
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
}

/// Exit statuses: 0 when nothing was refused, 3 when something was, 1 when nothing could be read.
pub(super) fn run(args: &ImportArgs) -> anyhow::Result<u8> {
    match &args.format {
        Format::Page(common) => import_files(common, |input, file| {
            let mut bytes = Vec::new();
            input.take(MAX_PAGE).read_to_end(&mut bytes)?;
            let text = String::from_utf8(bytes)
                .map_err(|_| anyhow::anyhow!("{file} is not UTF-8 text"))?;
            Ok(Box::new(std::iter::once(page::entry(&text, file))))
        }),
        Format::Jsonl(common) => import_files(common, |input, file| {
            Ok(Box::new(jsonl::entries(BufReader::new(input), file)))
        }),
        Format::Csv(args) => {
            let mapping = csv::Mapping {
                columns: csv::Mapping::parse(&args.map)
                    .map_err(|cause| anyhow::anyhow!("--map: {cause}"))?,
                date_format: args.date_format.clone(),
                category: args.category.clone(),
                author: args.author.clone(),
            };
            import_files(&args.common, |input, file| {
                let entries = csv::entries(input, file, &mapping).map_err(anyhow::Error::msg)?;
                Ok(Box::new(entries))
            })
        }
    }
}

/// Bytes of a page that are read.
const MAX_PAGE: u64 = 4 * 1024 * 1024;

type Entries<'a> = Box<dyn Iterator<Item = Entry> + Send + 'a>;

fn import_files<'a>(
    common: &'a Common,
    read: impl Fn(Box<dyn Read + Send>, &'a str) -> anyhow::Result<Entries<'a>>,
) -> anyhow::Result<u8> {
    // All files are opened before anything is written.
    let mut entries: Vec<Entries<'_>> = Vec::new();
    for file in &common.files {
        let input: Box<dyn Read + Send> = match file.as_str() {
            "-" => Box::new(std::io::stdin()),
            path => {
                let opened = File::open(path).with_context(|| format!("{path} can't be read"))?;
                anyhow::ensure!(!opened.metadata()?.is_dir(), "{path} is a folder");
                Box::new(opened)
            }
        };
        entries.push(read(input, file)?);
    }
    let store = Store::open(&common.database.options())?;
    if !common.dry_run {
        store.migrate()?;
    }
    store.check_version()?;
    let options = Options {
        dry_run: common.dry_run,
        language: common.content.default_language.clone(),
    };
    let mut observer = Terminal::new();
    let summary = import::run(
        &store,
        entries.into_iter().flatten(),
        &options,
        &mut observer,
    )?;
    observer.bar.finish_and_clear();
    if summary.created + summary.updated > 1_000 && !common.dry_run {
        store.optimize()?;
    }
    let note = if common.dry_run {
        " (dry run: nothing was changed)"
    } else {
        ""
    };
    writeln!(std::io::stdout().lock(), "{summary}")?;
    if !note.is_empty() {
        writeln!(std::io::stderr().lock(), "newsstand:{note}")?;
    }
    let nothing_read = summary.refused > 0 && summary.seen() == summary.refused;
    Ok(match (nothing_read, summary.refused) {
        (true, _) => 1,
        (false, 0) => 0,
        (false, _) => 3,
    })
}

/// Progress for people, refusals for everyone.
struct Terminal {
    bar: ProgressBar,
}

impl Terminal {
    fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self {
                bar: ProgressBar::hidden(),
            };
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }
}

impl Observer for Terminal {
    fn refused(&mut self, refusal: &Refusal) {
        self.bar.suspend(|| {
            // A closed standard error must not end the import.
            let _ = writeln!(std::io::stderr().lock(), "refused {refusal}");
        });
    }

    fn progress(&mut self, so_far: &Summary) {
        self.bar.set_message(so_far.to_string());
    }
}
