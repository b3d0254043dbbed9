//! Servers asked in turn, and their figures side by side.

use crate::{
    process::Process,
    wrk::{Run, Wrk},
};

/// A server, and what it is asked.
pub struct Side<'a> {
    pub process: &'a Process,
    pub requests: Vec<String>,
}

/// How the first server should stand to the second.
#[derive(Clone, Copy)]
pub struct Wanted {
    /// Its requests a second, at least.
    pub rate: f64,
    /// Its processor time for each request, at most.
    pub cpu: Option<f64>,
}

/// One kind of request.
pub struct Row {
    name: String,
    wanted: Wanted,
    /// By server, and then by round.
    runs: Vec<Vec<Run>>,
}

type Figure = fn(&Run) -> f64;

const RATE: Figure = |run| run.rate;
const P50: Figure = |run| run.p50;
const P99: Figure = |run| run.p99;
const CPU: Figure = |run| run.cpu;

impl Row {
    /// Asks the servers one after the other, so that what else the machine does meets all of them.
    pub fn measure(
        wrk: &Wrk<'_>,
        rounds: usize,
        name: String,
        wanted: Wanted,
        sides: &[Side<'_>],
    ) -> Self {
        let mut runs: Vec<Vec<Run>> = vec![Vec::new(); sides.len()];
        for round in 0..rounds {
            let mut order: Vec<usize> = (0..sides.len()).collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for side in order {
                let Side { process, requests } = &sides[side];
                runs[side].push(wrk.run(process, requests));
            }
        }
        Self { name, wanted, runs }
    }

    /// The medians of a figure, server by server.
    fn cell(&self, figure: Figure, digits: usize) -> String {
        let of_side = |runs: &Vec<Run>| shown(median(runs.iter().map(figure)), digits);
        let cells: Vec<String> = self.runs.iter().map(of_side).collect();
        cells.join(" / ")
    }

    /// How the first server stands to another, as the median of the rounds.
    fn ratio(&self, side: usize, figure: Figure) -> f64 {
        let pairs = self.runs[0].iter().zip(&self.runs[side]);
        median(pairs.map(|(ours, other)| figure(ours) / figure(other)))
    }

    fn ratios(&self, figure: Figure) -> String {
        let sides = 1..self.runs.len();
        let ratios: Vec<String> = sides
            .map(|side| shown(self.ratio(side, figure), 2))
            .collect();
        ratios.join(" / ")
    }

    fn verdict(&self) -> String {
        let Wanted { rate, cpu } = self.wanted;
        let mut wanted = format!("≥ {rate}");
        let mut is_met = self.ratio(1, RATE) >= rate;
        if let Some(cpu) = cpu {
            wanted += &format!(", CPU ≤ {cpu}");
            let ratio = self.ratio(1, CPU);
            is_met &= ratio.is_nan() || ratio <= cpu;
        }
        match is_met {
            true => wanted + " met",
            false => wanted + " **missed**",
        }
    }

    /// As a line of the table.
    pub fn print(&self) {
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            self.name,
            self.cell(RATE, 0),
            self.ratios(RATE),
            self.cell(P50, 2),
            self.cell(P99, 2),
            self.cell(CPU, 1),
            self.ratios(CPU),
            self.verdict()
        );
    }
}

/// The head of the table, for servers of these names.
pub fn print_head(names: &[&str]) {
    let all = names.join(" / ");
    let others: Vec<String> = names[1..].iter().map(|name| format!("to {name}")).collect();
    let others = others.join(" / ");
    println!(
        "| request | requests/s: {all} | {others} | p50 ms | p99 ms | CPU µs a request | {others} \
         | wanted |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---|");
}

/// Resident memory of servers.
pub fn print_memory(servers: &[(&str, &Process)]) {
    let one = |(name, process): &(&str, &Process)| {
        let memory = process.memory().unwrap_or(f64::NAN);
        format!("{name} {} MB", shown(memory, 0))
    };
    let all: Vec<String> = servers.iter().map(one).collect();
    println!("\nresident memory: {}", all.join(", "));
}

/// Whether a figure is at most what is wanted.
pub fn at_most(figure: f64, most: f64) -> String {
    let met = match (figure.is_nan(), figure <= most) {
        (true, _) => "",
        (false, true) => " met",
        (false, false) => " **missed**",
    };
    format!("≤ {most}{met}")
}

/// A figure, or a stroke where there is none.
pub fn shown(figure: f64, digits: usize) -> String {
    match figure.is_nan() {
        true => "-".to_owned(),
        false => format!("{figure:.digits$}"),
    }
}

/// The median of some figures.
pub fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let upper = figures[figures.len() / 2];
    let lower = figures[(figures.len() - 1) / 2];
    (lower + upper) / 2.0
}
