//! `newsstand related`: how good the ranking of related articles is, by what people judged.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    path::Path,
};

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::{
    config::DatabaseSettings,
    domain::{
        import::Refusal,
        related::{Evaluation, Figures, Question, RESULTS, evaluate, judgements},
    },
    store::Store,
};

/// What to do about related articles.
#[derive(Debug, Clone, Args)]
pub struct RelatedArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Clone, Subcommand)]
enum Action {
    /// Score the ranking by judgements of people.
    Evaluate(EvaluateArgs),
}

#[derive(Debug, Clone, Args)]
#[command(
    after_help = "A judgement says how related a person finds one article to another: a line of \
                  CSV with the header article,other,grade, or a JSON object with these members and \
                  no others. \
                  Articles go by id, slug or external id; a grade is a number from 0, not related, \
                  up. A pair that was judged several times counts with the mean of its grades.\n\n\
                  Prints one line of JSON: means over the articles that have any related one. The \
                  first 50 of a ranking are scored, as readers get them, pins included. Twice: over \
                  all of them, where what nobody judged counts as not related; and, under \
                  judged_only, without what nobody judged.\n\n\
                  Exit status: 0 when every line was used, 3 when some were not, 1 when none was."
)]
struct EvaluateArgs {
    /// File of judgements; - for standard input.
    #[arg(value_name = "FILE")]
    file: String,
    /// Score the ranking of articles of the same category alone.
    #[arg(long)]
    same_category: bool,
    /// Days after which closeness in time halves what a related article scores, 1 to 36500, as a
    /// server has it; without it, time does not count.
    #[arg(long, env, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    related_half_life_days: Option<u32>,
    /// Lengths of a list at which recall is told, 1 to 50, parted by commas.
    #[arg(
        long,
        value_name = "LENGTHS",
        value_delimiter = ',',
        default_value = "5,10",
        value_parser = clap::value_parser!(u16).range(1..=50)
    )]
    k: Vec<u16>,
    /// Print a line for each article before.
    #[arg(long)]
    each: bool,
    #[command(flatten)]
    database: DatabaseSettings,
}

/// Runs a command about related articles; gives the exit status.
pub(super) fn run(args: &RelatedArgs) -> anyhow::Result<u8> {
    match &args.action {
        Action::Evaluate(args) => run_evaluate(args),
    }
}

fn run_evaluate(args: &EvaluateArgs) -> anyhow::Result<u8> {
    let mut left_out = 0_u64;
    let mut tell = |refusal: &Refusal| {
        left_out += 1;
        // A closed standard error must not end it.
        let _ = writeln!(std::io::stderr().lock(), "left out {refusal}");
    };
    let read = judgements(opened(&args.file)?, &args.file, &mut tell);
    let judgements = read.map_err(anyhow::Error::msg)?;
    let store = Store::open(&args.database.options())?;
    store.check_version()?;
    let mut cutoffs: Vec<usize> = args.k.iter().map(|k| usize::from(*k)).collect();
    cutoffs.sort_unstable();
    cutoffs.dedup();
    let question = Question {
        same_category: args.same_category,
        half_life_days: args.related_half_life_days,
        cutoffs,
    };
    let evaluation = evaluate(&store, &judgements, &question, &mut tell)?;
    let mut out = std::io::stdout().lock();
    if args.each {
        for one in &evaluation.articles {
            let mut line = Map::new();
            line.insert("article".to_owned(), json!(one.slug));
            line.insert("judged".to_owned(), json!(one.judged));
            line.insert("related".to_owned(), json!(one.related));
            insert(&mut line, &one.whole, &one.judged_only);
            writeln!(out, "{}", Value::Object(line))?;
        }
    }
    writeln!(out, "{}", means(&evaluation, left_out))?;
    Ok(match (evaluation.articles.is_empty(), left_out) {
        (true, _) => 1,
        (false, 0) => 0,
        (false, _) => 3,
    })
}

fn opened(file: &str) -> anyhow::Result<Box<dyn BufRead>> {
    if file == "-" {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    let path = Path::new(file);
    anyhow::ensure!(!path.is_dir(), "{file} is a folder");
    let opened = File::open(path).with_context(|| format!("{file} can't be read"))?;
    Ok(Box::new(BufReader::new(opened)))
}

fn means(evaluation: &Evaluation, left_out: u64) -> Value {
    let (whole, judged_only) = evaluation.means();
    let scored = evaluation.scored();
    let mut line = Map::new();
    line.insert("articles".to_owned(), json!(scored));
    let without = evaluation.articles.len() - scored;
    line.insert("articles_without_related".to_owned(), json!(without));
    line.insert("judgements".to_owned(), json!(evaluation.judgements));
    line.insert("left_out".to_owned(), json!(left_out));
    line.insert("results_at_most".to_owned(), json!(RESULTS));
    insert(&mut line, &whole, &judged_only);
    Value::Object(line)
}

fn insert(line: &mut Map<String, Value>, whole: &Figures, judged_only: &Figures) {
    line.extend(figures(whole));
    line.insert(
        "judged_only".to_owned(),
        Value::Object(figures(judged_only)),
    );
}

fn figures(figures: &Figures) -> Map<String, Value> {
    // Four digits: further ones say nothing of a few hundred judgements.
    let shown = |value: Option<f64>| json!(value.map(|value| (value * 1e4).round() / 1e4));
    let mut members = Map::new();
    members.insert("ndcg_5".to_owned(), shown(figures.ndcg_5));
    members.insert("ndcg_10".to_owned(), shown(figures.ndcg_10));
    for (k, share) in &figures.recall {
        members.insert(format!("recall_{k}"), shown(*share));
    }
    members
}
