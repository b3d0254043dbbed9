//! Files through the importers into a throwaway database.

use std::{
    collections::BTreeMap,
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use newsstand::{
    domain::import::{
        self, Entry, Observer, Options, Place, Refusal, Summary, feed, ghost, html, markdown,
        wordpress,
    },
    store::{Store, StoreOptions},
};

type Entries<'a> = Result<Box<dyn Iterator<Item = Entry> + Send + 'a>, String>;

/// Files of one kind.
pub struct Corpus {
    pub name: &'static str,
    /// Whether a reader takes a folder at once, and ids are of the path in it.
    by_folder: bool,
    read: for<'a> fn(&'a Path, &'a str) -> Entries<'a>,
}

pub const ALL: [Corpus; 5] = [
    Corpus {
        name: "wordpress",
        by_folder: false,
        read: of_wordpress,
    },
    Corpus {
        name: "ghost",
        by_folder: false,
        read: of_ghost,
    },
    Corpus {
        name: "feed",
        by_folder: false,
        read: of_feed,
    },
    Corpus {
        name: "markdown",
        by_folder: true,
        read: of_markdown,
    },
    Corpus {
        name: "html",
        by_folder: true,
        read: of_html,
    },
];

fn of_wordpress<'a>(path: &'a Path, name: &'a str) -> Entries<'a> {
    let wanted = wordpress::Wanted { pages: false };
    let entries = wordpress::entries(File::open(path).unwrap(), name, &wanted)?;
    // `wanted` may be borrowed by what reads.
    Ok(Box::new(entries.collect::<Vec<_>>().into_iter()))
}

fn of_ghost<'a>(path: &'a Path, name: &'a str) -> Entries<'a> {
    Ok(Box::new(ghost::entries(File::open(path).unwrap(), name)?))
}

fn of_feed<'a>(path: &'a Path, name: &'a str) -> Entries<'a> {
    Ok(Box::new(feed::entries(File::open(path).unwrap(), name)?))
}

fn of_markdown<'a>(path: &'a Path, _name: &'a str) -> Entries<'a> {
    Ok(Box::new(markdown::entries(path)?))
}

fn of_html<'a>(path: &'a Path, _name: &'a str) -> Entries<'a> {
    Ok(Box::new(html::entries(path)?))
}

/// What is told, by reason.
#[derive(Default)]
struct Told {
    refused: BTreeMap<String, u64>,
    left_out: BTreeMap<String, u64>,
    notes: BTreeMap<String, u64>,
}

impl Observer for Told {
    fn refused(&mut self, refusal: &Refusal) {
        count(&mut self.refused, &refusal.reason);
    }

    fn left_out(&mut self, left: &Refusal) {
        count(&mut self.left_out, &left.reason);
    }

    fn note(&mut self, _place: &Place, note: &str) {
        count(&mut self.notes, note);
    }

    fn progress(&mut self, _so_far: &Summary) {}
}

/// Counts reasons that differ in numbers and quoted words as one.
fn count(reasons: &mut BTreeMap<String, u64>, reason: &str) {
    let mut general = String::new();
    let mut quoted = false;
    for c in reason.chars().take(400) {
        if c == '"' {
            quoted = !quoted;
            general.push_str(if quoted { "\"…" } else { "\"" });
        } else if quoted {
        } else if c.is_ascii_digit() {
            if !general.ends_with('N') {
                general.push('N');
            }
        } else {
            general.push(c);
        }
    }
    let general: String = general.chars().take(160).collect();
    *reasons.entry(general).or_default() += 1;
}

/// Imports everything, prints what became of it, and gives the number of panics.
pub fn run(corpus: &Corpus, folder: &Path, files: &[PathBuf]) -> u64 {
    let database = tempfile::tempdir().unwrap();
    let store = store(&database.path().join("corpus.db"));
    let mut told = Told::default();
    let mut sum = Summary::default();
    let mut unread = BTreeMap::new();
    let mut panics = 0;
    let mut slowest = (Duration::ZERO, PathBuf::new());
    let started = Instant::now();
    for file in &units(corpus, folder, files) {
        let begun = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            import_one(corpus, file, &store, &mut told)
        }));
        match outcome {
            Ok(Ok(summary)) => add(&mut sum, summary),
            Ok(Err(reason)) => count(&mut unread, &reason),
            Err(_) => {
                println!("PANIC in {}", file.display());
                panics += 1;
            }
        }
        slowest = slowest.max((begun.elapsed(), file.clone()));
    }
    if corpus.by_folder {
        slowest = slowest_alone(corpus, files);
    }
    let left: u64 = told.left_out.values().sum();
    let taken = sum.created + sum.updated + sum.unchanged;
    println!(
        "{} files in {:.1} s; items {}: taken {taken} (new {}, updated {}, unchanged {}), left out \
         {left}, refused {}; files that could not be read {}; panics {panics}",
        files.len(),
        started.elapsed().as_secs_f64(),
        taken + left + sum.refused,
        sum.created,
        sum.updated,
        sum.unchanged,
        sum.refused,
        unread.values().sum::<u64>(),
    );
    println!(
        "slowest: {:.0} ms, {}",
        slowest.0.as_secs_f64() * 1000.0,
        slowest.1.display()
    );
    for (what, reasons) in [
        ("refused", &told.refused),
        ("unread", &unread),
        ("left out", &told.left_out),
        ("note", &told.notes),
    ] {
        print(what, reasons);
    }
    panics
}

/// What is imported at once: files, or the folders right within.
fn units(corpus: &Corpus, folder: &Path, files: &[PathBuf]) -> Vec<PathBuf> {
    if !corpus.by_folder {
        return files.to_vec();
    }
    let entries = std::fs::read_dir(folder).unwrap();
    let mut units: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    units.sort();
    units
}

fn import_one(
    corpus: &Corpus,
    file: &Path,
    store: &Store,
    told: &mut Told,
) -> Result<Summary, String> {
    let name = file.display().to_string();
    let entries = (corpus.read)(file, &name)?;
    let options = Options {
        dry_run: false,
        language: "en".to_owned(),
    };
    import::run(store, entries, &options, told).map_err(|cause| format!("the store: {cause}"))
}

/// The file that takes longest to be read, without the database.
fn slowest_alone(corpus: &Corpus, files: &[PathBuf]) -> (Duration, PathBuf) {
    let mut slowest = (Duration::ZERO, PathBuf::new());
    for file in files {
        let begun = Instant::now();
        let name = file.display().to_string();
        let read = AssertUnwindSafe(|| (corpus.read)(file, &name).map(Iterator::count));
        // A panic was told of before.
        let _ = catch_unwind(read);
        slowest = slowest.max((begun.elapsed(), file.clone()));
    }
    slowest
}

fn add(sum: &mut Summary, one: Summary) {
    sum.created += one.created;
    sum.updated += one.updated;
    sum.unchanged += one.unchanged;
    sum.refused += one.refused;
}

/// The most frequent first.
fn print(what: &str, reasons: &BTreeMap<String, u64>) {
    let mut reasons: Vec<_> = reasons.iter().collect();
    reasons.sort_by_key(|(reason, times)| (std::cmp::Reverse(**times), (*reason).clone()));
    for (reason, times) in reasons.iter().take(40) {
        println!("  {what} {times:>6}  {reason}");
    }
    if reasons.len() > 40 {
        println!("  {what}: {} more reasons", reasons.len() - 40);
    }
}

fn store(path: &Path) -> Store {
    let options = StoreOptions {
        url: format!("sqlite://{}", path.display()).parse().unwrap(),
        pool_size: 1,
        pool_timeout: Duration::from_secs(5),
        longest_read: None,
    };
    let store = Store::open(&options).unwrap();
    store.migrate().unwrap();
    store
}
