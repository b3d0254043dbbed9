//! `newsstand import`: files in, one line of figures out.

use std::{
    fs::File,
    io::{BufReader, IsTerminal, Read, Seek, Write},
    path::Path,
    time::Duration,
};

use anyhow::Context;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    config::{ContentSettings, DatabaseSettings},
    domain::import::{
        self, Entry, Observer, Options, Place, Refusal, Summary, csv, feed, ghost, html, jsonl,
        markdown, page, wordpress,
    },
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
    /// One JSON article in each line; also what `export jsonl` wrote.
    Jsonl(Common),
    /// WordPress exports (WXR).
    Wordpress(WordpressArgs),
    /// Ghost exports (JSON of versions 2 to 6).
    Ghost(Common),
    /// RSS, Atom and JSON feeds.
    Feed(Common),
    /// Markdown with front matter, as Hugo, Jekyll and Astro have it: folders or files.
    Markdown(Common),
    /// Saved article pages: folders or files.
    Html(Common),
}

#[derive(Debug, Clone, Args)]
struct WordpressArgs {
    #[command(flatten)]
    common: Common,
    /// Also pages, which are left out otherwise.
    #[arg(long)]
    pages: bool,
}

#[derive(Debug, Clone, Args)]
struct Common {
    /// Files (or folders, where said) to read; - for standard input.
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
        Format::Page(common) => import_files(common, |source| {
            let text = source.text(MAX_PAGE)?;
            Ok(Box::new(std::iter::once(page::entry(&text, source.name))))
        }),
        Format::Jsonl(common) => import_files(common, |source| {
            let input = BufReader::new(source.open()?);
            Ok(Box::new(jsonl::entries(input, source.name)))
        }),
        Format::Csv(args) => {
            let mapping = csv::Mapping {
                columns: csv::Mapping::parse(&args.map)
                    .map_err(|cause| anyhow::anyhow!("--map: {cause}"))?,
                date_format: args.date_format.clone(),
                category: args.category.clone(),
                author: args.author.clone(),
            };
            import_files(&args.common, |source| {
                let entries = csv::entries(source.open()?, source.name, &mapping);
                Ok(Box::new(read(entries)?))
            })
        }
        Format::Wordpress(args) => {
            let wanted = wordpress::Wanted { pages: args.pages };
            import_files(&args.common, |source| {
                let entries = wordpress::entries(source.seekable()?, source.name, &wanted);
                Ok(Box::new(read(entries)?))
            })
        }
        Format::Ghost(common) => import_files(common, |source| {
            Ok(Box::new(read(ghost::entries(source.open()?, source.name))?))
        }),
        Format::Feed(common) => import_files(common, |source| {
            Ok(Box::new(read(feed::entries(source.open()?, source.name))?))
        }),
        Format::Markdown(common) => import_files(common, |source| match source.path() {
            Some(path) => Ok(Box::new(read(markdown::entries(path))?)),
            None => {
                let text = source.text(MAX_PAGE)?;
                Ok(Box::new(std::iter::once(markdown::entry(
                    &text,
                    source.name,
                ))))
            }
        }),
        Format::Html(common) => import_files(common, |source| match source.path() {
            Some(path) => Ok(Box::new(read(html::entries(path))?)),
            None => {
                let bytes = source.bytes(MAX_HTML)?;
                Ok(Box::new(std::iter::once(html::entry(&bytes, source.name))))
            }
        }),
    }
}

fn read<T>(entries: Result<T, String>) -> anyhow::Result<T> {
    entries.map_err(anyhow::Error::msg)
}

/// Bytes of a page that are read.
const MAX_PAGE: u64 = 4 * 1024 * 1024;
/// Bytes of a saved page that are read, its scripts and styles among them.
const MAX_HTML: u64 = 8 * 1024 * 1024;

type Entries<'a> = Box<dyn Iterator<Item = Entry> + Send + 'a>;

/// A file as it was named; `-` is standard input.
struct Source<'a> {
    name: &'a str,
}

impl<'a> Source<'a> {
    fn path(&self) -> Option<&'a Path> {
        (self.name != "-").then(|| Path::new(self.name))
    }

    fn open(&self) -> anyhow::Result<Box<dyn Read + Send>> {
        let Some(path) = self.path() else {
            return Ok(Box::new(std::io::stdin()));
        };
        Ok(Box::new(opened(path)?))
    }

    /// A file that can be read twice; what standard input holds is put into one.
    fn seekable(&self) -> anyhow::Result<File> {
        if let Some(path) = self.path() {
            return opened(path);
        }
        let mut file = tempfile::tempfile().context("no room for standard input")?;
        std::io::copy(&mut std::io::stdin().lock(), &mut file)?;
        file.rewind()?;
        Ok(file)
    }

    fn bytes(&self, most: u64) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open()?.take(most + 1).read_to_end(&mut bytes)?;
        let is_whole = bytes.len() as u64 <= most;
        anyhow::ensure!(is_whole, "{} has more than {most} bytes", self.name);
        Ok(bytes)
    }

    fn text(&self, most: u64) -> anyhow::Result<String> {
        let text = String::from_utf8(self.bytes(most)?);
        text.map_err(|_| anyhow::anyhow!("{} is not UTF-8 text", self.name))
    }
}

fn opened(path: &Path) -> anyhow::Result<File> {
    let name = path.display();
    let file = File::open(path).with_context(|| format!("{name} can't be read"))?;
    anyhow::ensure!(!file.metadata()?.is_dir(), "{name} is a folder");
    Ok(file)
}

fn import_files<'a>(
    common: &'a Common,
    read: impl Fn(Source<'a>) -> anyhow::Result<Entries<'a>>,
) -> anyhow::Result<u8> {
    // All files are opened before anything is written.
    let mut entries: Vec<Entries<'_>> = Vec::new();
    for name in &common.files {
        entries.push(read(Source { name })?);
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

    fn tell(&self, line: &str) {
        self.bar.suspend(|| {
            // A closed standard error must not end the import.
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        });
    }
}

impl Observer for Terminal {
    fn refused(&mut self, refusal: &Refusal) {
        self.tell(&format!("refused {refusal}"));
    }

    fn left_out(&mut self, left: &Refusal) {
        self.tell(&format!("left out {left}"));
    }

    fn note(&mut self, place: &Place, note: &str) {
        self.tell(&format!("note {place}: {note}"));
    }

    fn progress(&mut self, so_far: &Summary) {
        self.bar.set_message(so_far.to_string());
    }
}
