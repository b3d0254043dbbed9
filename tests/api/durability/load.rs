//! Many writers at once: no update is lost, none is refused, and nobody starves.

use std::{
    io,
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::json;

use super::{
    alone, create, etag, nothing_to_complain_of, patch,
    process::{Connection, Process, doctor, token},
    public_total, read, read_all, setting, told, version,
};
use crate::support::{Answer, Kind, Postgres, Sqlite, database::Database};

const WRITERS: usize = 32;
/// Articles that all writers contend for.
const SHARED: usize = 4;

/// What one writer did.
#[derive(Default)]
struct Tally {
    /// Of each acknowledged write.
    latencies: Vec<Duration>,
    conflicts: usize,
    /// Acknowledged ones, for each shared article.
    increments: [u64; SHARED],
    /// Own articles, with the version that was acknowledged last.
    articles: Vec<(String, u32)>,
    published: usize,
    /// What ended it before its time.
    fault: Option<String>,
}

impl Tally {
    /// Takes the time of a write. Gives its answer when it has the status, nothing on a 412.
    fn write(
        &mut self,
        what: &str,
        status: u16,
        write: impl FnOnce() -> io::Result<Answer>,
    ) -> Result<Option<Answer>, String> {
        let start = Instant::now();
        let answer = write().map_err(|cause| format!("{what}: {cause}"))?;
        if answer.status == status {
            self.latencies.push(start.elapsed());
            return Ok(Some(answer));
        }
        match answer.status {
            412 => Ok(None),
            _ => Err(told(what, &answer)),
        }
    }

    /// Creates an article of one's own, changes it twice, and reads each time what stands there.
    fn write_own(
        &mut self,
        connection: &mut Connection,
        writer: usize,
        round: usize,
    ) -> Result<(), String> {
        let slug = format!("w{writer}-n{round}");
        let status = ["published", "draft"][round % 2];
        let moved_on = || format!("{slug} moved on, though nobody else writes it");
        let created = self.write(&slug, 201, || create(connection, &slug, status))?;
        let mut last = etag(&created.ok_or_else(moved_on)?);
        self.published += usize::from(round.is_multiple_of(2));
        self.articles.push((slug.clone(), 1));
        for number in 2..=3 {
            let members = version(&slug, number);
            let changed = self.write(&slug, 200, || patch(connection, &slug, &last, &members))?;
            last = etag(&changed.ok_or_else(moved_on)?);
            self.articles.last_mut().expect("pushed above").1 = number;
            let found = read(connection, &slug)?;
            if found != Some(number) {
                return Err(format!("{slug}: read {found:?} after writing {number}"));
            }
        }
        Ok(())
    }

    /// Adds one to the counter in a shared article, unless another writer comes between.
    fn increment(&mut self, connection: &mut Connection, shared: usize) -> Result<(), String> {
        let slug = format!("shared-{shared}");
        let stored = connection
            .get(&format!("/v1/articles/{slug}"))
            .map_err(|cause| format!("{slug}: {cause}"))?;
        if stored.status != 200 {
            return Err(told(&slug, &stored));
        }
        let members = json!({"summary": (counter(&stored) + 1).to_string()});
        let seen = etag(&stored);
        match self.write(&slug, 200, || patch(connection, &slug, &seen, &members))? {
            Some(_) => self.increments[shared] += 1,
            None => self.conflicts += 1,
        }
        Ok(())
    }
}

fn counter(answer: &Answer) -> u64 {
    let article = answer.json();
    let summary = article["summary"].as_str().expect("a summary");
    summary.parse().expect("a number")
}

fn write_until(end: Instant, address: SocketAddr, token: &str, writer: usize) -> Tally {
    let mut connection = Connection::new(address, Some(token));
    let mut tally = Tally::default();
    for round in 0_usize.. {
        if Instant::now() >= end {
            break;
        }
        let mut done = tally.write_own(&mut connection, writer, round);
        if done.is_ok() && round % 5 == 0 {
            done = tally.increment(&mut connection, (writer + round / 5) % SHARED);
        }
        if let Err(fault) = done {
            tally.fault = Some(fault);
            break;
        }
    }
    tally
}

fn report(kind: Kind, tallies: &[Tally], took: Duration) {
    let mut latencies: Vec<Duration> = tallies
        .iter()
        .flat_map(|tally| tally.latencies.iter().copied())
        .collect();
    latencies.sort();
    let writes = latencies.len();
    let at = |thousandth: usize| {
        let place = writes.saturating_sub(1) * thousandth / 1_000;
        latencies.get(place).copied().unwrap_or_default()
    };
    let of_each = || tallies.iter().map(|tally| tally.latencies.len());
    eprintln!(
        "load on {kind:?}: {writes} writes acknowledged, {:.0} a second; p50 {:.1?}, p99 {:.1?}, \
         worst {:.1?}; {} conflicts (412); {} to {} writes for each of {WRITERS} writers",
        writes as f64 / took.as_secs_f64(),
        at(500),
        at(990),
        at(1_000),
        tallies.iter().map(|tally| tally.conflicts).sum::<usize>(),
        of_each().min().unwrap_or(0),
        of_each().max().unwrap_or(0),
    );
}

#[rstest]
fn writers_at_once_lose_nothing(#[values(Sqlite, Postgres)] kind: Kind) {
    let _alone = alone();
    let database = Database::new(kind);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("stderr");
    let token = token(&database);
    let server = Process::start(&database, &log);
    let address = server.address;
    let mut connection = Connection::new(address, Some(&token));
    for shared in 0..SHARED {
        let article = json!({
            "slug": format!("shared-{shared}"),
            "title": "Written by all",
            "summary": "0",
            "body": {"text": "The summary counts."},
            "status": "published",
        });
        let headers = [("Content-Type", "application/json")];
        let answer = connection.send("POST", "/v1/articles", &headers, Some(&article));
        let answer = answer.unwrap();
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    let start = Instant::now();
    let end = start + Duration::from_secs(setting("NEWSSTAND_LOAD_SECONDS", 2));
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let token = token.as_str();
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| scope.spawn(move || write_until(end, address, token, writer)))
            .collect();
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .collect()
    });
    report(kind, &tallies, start.elapsed());

    let faults: Vec<&String> = tallies.iter().filter_map(|t| t.fault.as_ref()).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    nothing_to_complain_of(&log);
    let starved = tallies.iter().any(|tally| tally.latencies.is_empty());
    assert!(!starved, "a writer never got its turn");
    let mut connection = Connection::new(address, Some(&token));
    for shared in 0..SHARED {
        let stored = connection.get(&format!("/v1/articles/shared-{shared}"));
        let acknowledged: u64 = tallies.iter().map(|tally| tally.increments[shared]).sum();
        let counted = counter(&stored.unwrap().ok());
        assert_eq!(counted, acknowledged, "updates of shared-{shared}");
    }
    let articles: Vec<&(String, u32)> = tallies.iter().flat_map(|t| &t.articles).collect();
    let slugs: Vec<&str> = articles.iter().map(|(slug, _)| slug.as_str()).collect();
    let found = read_all(address, &token, &slugs);
    for ((slug, number), found) in articles.iter().zip(found) {
        assert_eq!(found, Ok(Some(*number)), "{slug}");
    }
    let published: usize = tallies.iter().map(|tally| tally.published).sum();
    assert_eq!(public_total(address), (published + SHARED) as u64);
    drop(server);
    doctor(&database);
}
