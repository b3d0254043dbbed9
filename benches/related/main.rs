//! How well related articles are ranked, beside what is usual:
//! `cargo bench --bench related -- ARTICLES.jsonl GOLD.json`.
//!
//! Articles are lines of `{"article_id", "date", "outlet", "title", "text"}`; the gold is
//! `{"relations": {"NAME": {"ID": [ID, …]}}}`. Imports the articles into a SQLite database of its
//! own, without categories or tags, so that nothing but their words tells what is related, and
//! asks the store as the API does. The baselines are computed here, over all articles. Recall and
//! nDCG are of the first 5, of the first 10 for the relation `links`. Then all of it again with
//! the first 60 words of each text.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a bench prints, and stops where it fails"
)]

mod baselines;

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    time::Instant,
};

use newsstand::{
    domain::{
        body::{self, BodySource},
        import::{self, Entry, Observer, Options, Place, Refusal, Summary},
    },
    model::{
        article::{ArticleInput, Status},
        sight::Sight,
        time::UtcTime,
    },
    ranking::measures::{ndcg, recall},
    store::{self, Store, StoreOptions, related::RelatedRequest},
};
use serde_json::Value;

/// Articles of each ranking that are looked at.
const RESULTS: usize = 50;
/// Words of a short text.
const SHORT: usize = 60;

/// An article of the file.
#[derive(Clone)]
pub struct Piece {
    id: u64,
    pub date: String,
    pub outlet: String,
    title: String,
    text: String,
}

impl Piece {
    /// What every ranking but the two without words reads.
    pub fn words(&self) -> String {
        format!("{}\n{}", self.title, self.text)
    }

    fn shortened(&self) -> Self {
        let words: Vec<&str> = self.text.split_whitespace().take(SHORT).collect();
        Self {
            text: words.join(" "),
            ..self.clone()
        }
    }

    fn input(&self) -> ArticleInput {
        let title = match self.title.trim() {
            "" => {
                let words: Vec<&str> = self.text.split_whitespace().take(12).collect();
                words.join(" ")
            }
            title => title.to_owned(),
        };
        ArticleInput {
            external_id: Some(self.id.to_string()),
            title: title.chars().take(300).collect(),
            published_at: UtcTime::parse(&self.date),
            status: Some(Status::Published),
            language: Some("en".to_owned()),
            body: body::blocks(&BodySource::Text(self.text.clone())).unwrap(),
            ..ArticleInput::default()
        }
    }
}

/// Which articles are related to which, by place among the pieces.
struct Gold {
    name: String,
    /// How many of a ranking are looked at.
    depth: usize,
    related: Vec<(usize, Vec<usize>)>,
}

/// The best of a ranking by the article that it is for.
pub type Rankings = HashMap<usize, Vec<usize>>;

fn main() {
    let files: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let [articles, gold] = files.as_slice() else {
        println!("nothing to do: give a file of articles (JSON lines) and a file of gold (JSON)");
        return;
    };
    let pieces = pieces(articles);
    let golds = golds(gold, &pieces);
    println!("{} articles", pieces.len());
    for gold in &golds {
        println!("{}: {} articles judged", gold.name, gold.related.len());
    }
    table("Whole texts", &pieces, &golds);
    let short: Vec<Piece> = pieces.iter().map(Piece::shortened).collect();
    table(&format!("The first {SHORT} words"), &short, &golds);
    println!(
        "\nThe category of an article is its outlet. Relations between two outlets alone can't be \
         found in the same category, so that those rows are then 0."
    );
}

fn pieces(path: &str) -> Vec<Piece> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let piece = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        let text = |member: &str| value[member].as_str().unwrap_or_default().replace('\0', "");
        Piece {
            id: value["article_id"].as_u64().unwrap(),
            date: text("date").chars().take(10).collect(),
            outlet: text("outlet"),
            title: text("title"),
            text: text("text"),
        }
    };
    lines.map(piece).collect()
}

fn golds(path: &str, pieces: &[Piece]) -> Vec<Gold> {
    let value: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let places: HashMap<u64, usize> = (pieces.iter().enumerate())
        .map(|(place, piece)| (piece.id, place))
        .collect();
    let relations = value["relations"].as_object().unwrap();
    let gold = |(name, members): (&String, &Value)| {
        let mut related = Vec::new();
        for (id, others) in members.as_object().unwrap() {
            let source = places.get(&id.parse::<u64>().unwrap()).copied();
            let others: Vec<usize> = others
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|other| places.get(&other.as_u64()?).copied())
                .collect();
            if let Some(source) = source.filter(|_| !others.is_empty()) {
                related.push((source, others));
            }
        }
        Gold {
            name: name.clone(),
            depth: if name == "links" { 10 } else { 5 },
            related,
        }
    };
    relations.iter().map(gold).collect()
}

/// Prints how good each ranking is.
fn table(heading: &str, pieces: &[Piece], golds: &[Gold]) {
    let sources: BTreeSet<usize> = golds
        .iter()
        .flat_map(|gold| gold.related.iter().map(|(source, _)| *source))
        .collect();
    let sources: Vec<usize> = sources.into_iter().collect();
    println!("\n## {heading}\n");
    let own = ours(pieces, &sources);
    let head: Vec<String> = golds
        .iter()
        .map(|gold| format!("{0} recall@{1} | {0} nDCG@{1}", gold.name, gold.depth))
        .collect();
    println!("\n| ranking | {} |", head.join(" | "));
    println!("|---|{}", "---:|".repeat(2 * golds.len()));
    let print = |name: &str, rankings: &Rankings| {
        let cells: Vec<String> = golds
            .iter()
            .map(|gold| scored(gold, rankings))
            .map(|(share, gain)| format!("{share:.3} | {gain:.3}"))
            .collect();
        println!("| {name} | {} |", cells.join(" | "));
    };
    for (name, rankings) in baselines::all(pieces, &sources, RESULTS) {
        print(name, &rankings);
    }
    print("**Newsstand**", &own);
}

/// Mean recall and nDCG of a ranking.
fn scored(gold: &Gold, rankings: &Rankings) -> (f64, f64) {
    let (mut shares, mut gains) = (0.0, 0.0);
    for (source, others) in &gold.related {
        let ranking = rankings.get(source).map(Vec::as_slice).unwrap_or_default();
        let grade = |place: &usize| f64::from(u8::from(others.contains(place)));
        let grades: Vec<f64> = ranking.iter().map(grade).collect();
        let all = vec![1.0; others.len()];
        shares += recall(&grades, &all, gold.depth).unwrap_or_default();
        gains += ndcg(&grades, &all, gold.depth).unwrap_or_default();
    }
    let count = gold.related.len().max(1) as f64;
    (shares / count, gains / count)
}

/// The ranking that the API gives; tells how long everything took.
fn ours(pieces: &[Piece], sources: &[usize]) -> Rankings {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("bench.db"));
    let started = Instant::now();
    let entries = pieces
        .iter()
        .zip(1..)
        .map(|(piece, number)| Entry::article(piece.input(), Place::item("bench", number)));
    let options = Options {
        dry_run: false,
        language: "en".to_owned(),
    };
    let summary = import::run(&store, entries, &options, &mut Loud).unwrap();
    store::related::settle(&store).unwrap();
    let imported = started.elapsed().as_secs_f64();
    let rows = rows(&store, pieces);
    let places: HashMap<i64, usize> = (rows.iter().enumerate())
        .map(|(place, row)| (*row, place))
        .collect();
    let started = Instant::now();
    let mut rankings = Rankings::new();
    for some in sources.chunks(20) {
        let pks: Vec<i64> = some.iter().map(|source| rows[*source]).collect();
        let read = store.read_blocking(Sight::Public, |reader| {
            let articles = store::articles::by_rows(reader, &pks, false)?;
            store::related::of_articles(reader, &articles, request())
        });
        for (row, related) in read.unwrap().value {
            let ranking = related.iter().map(|one| places[&one.article.row]).collect();
            rankings.insert(places[&row], ranking);
        }
    }
    let each = started.elapsed().as_secs_f64() * 1e3 / sources.len().max(1) as f64;
    println!(
        "Newsstand: {} articles imported and learned from in {imported:.1} s, {each:.1} ms \
         for each article's related ones",
        summary.created
    );
    rankings
}

fn request() -> RelatedRequest {
    RelatedRequest {
        limit: RESULTS,
        same_category: false,
        include_newer: true,
        half_life_days: None,
        explain: false,
    }
}

fn open(path: &Path) -> Store {
    let options = StoreOptions {
        url: format!("sqlite://{}", path.display()).parse().unwrap(),
        pool_size: 1,
        pool_timeout: std::time::Duration::from_secs(5),
        longest_read: None,
    };
    let store = Store::open(&options).unwrap();
    store.migrate().unwrap();
    store
}

/// The row of each piece.
fn rows(store: &Store, pieces: &[Piece]) -> Vec<i64> {
    let rows = store.write_blocking(|connection| {
        let row = |piece: &Piece| -> Result<i64, store::StoreError> {
            let row = store::articles::row_by_external_id(connection, &piece.id.to_string());
            Ok(row?.unwrap_or_else(|| panic!("article {} was not imported", piece.id)))
        };
        pieces
            .iter()
            .map(row)
            .collect::<Result<_, store::StoreError>>()
    });
    rows.unwrap()
}

/// Stops at what is refused.
struct Loud;

impl Observer for Loud {
    fn refused(&mut self, refusal: &Refusal) {
        panic!("{refusal}");
    }

    fn progress(&mut self, _so_far: &Summary) {}
}
