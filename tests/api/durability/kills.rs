//! Sudden death of the server: what it acknowledged is there, and nothing is there by halves.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rstest::rstest;

use super::{
    alone, create, etag, nothing_to_complain_of, patch,
    process::{Connection, Process, doctor, token},
    public_total, read_all, setting, told, version, word,
};
use crate::support::{Kind, Postgres, Sqlite, database::Database};

const WRITERS: usize = 16;
/// Versions of each article that are written.
const VERSIONS: u32 = 4;

fn random(from: u64, to: u64) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mut bits = u64::from(now.subsec_nanos()) | 1;
    bits ^= bits << 13;
    bits ^= bits >> 7;
    bits ^= bits << 17;
    from + bits % (to - from)
}

/// What is known of an article that a killed server took.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The version that was acknowledged last.
    acknowledged: Option<u32>,
    /// The version that was sent, and of which nothing was heard before the kill.
    in_flight: Option<u32>,
}

/// By slug.
type Ledger = BTreeMap<String, Entry>;

/// What one writer did before the server was killed.
#[derive(Default)]
struct Written {
    articles: Vec<(String, Entry)>,
    writes: usize,
    fault: Option<String>,
}

fn write_until_killed(
    address: SocketAddr,
    token: &str,
    killed: &AtomicBool,
    name: &str,
) -> Written {
    let mut connection = Connection::new(address, Some(token));
    let mut written = Written::default();
    for article in 0_usize.. {
        let slug = format!("{name}-n{article}");
        let mut entry = Entry {
            acknowledged: None,
            in_flight: None,
        };
        let mut last = String::new();
        for number in 1..=VERSIONS {
            entry.in_flight = Some(number);
            let expected = if number == 1 { 201 } else { 200 };
            let answer = match number {
                1 => create(&mut connection, &slug, "published"),
                _ => patch(&mut connection, &slug, &last, &version(&slug, number)),
            };
            match answer {
                Ok(answer) if answer.status == expected => {
                    last = etag(&answer);
                    written.writes += 1;
                    entry.acknowledged = Some(number);
                    entry.in_flight = None;
                    continue;
                }
                Ok(answer) => written.fault = Some(told(&slug, &answer)),
                Err(_) if killed.load(Ordering::SeqCst) => {}
                Err(cause) => written.fault = Some(format!("{slug}: {cause} before the kill")),
            }
            written.articles.push((slug, entry));
            return written;
        }
        written.articles.push((slug, entry));
    }
    written
}

/// What Postgres was told before the kill may still be going on there; waits till it has ended,
/// since only then is it settled what is stored.
fn await_orphans(database: &Database) {
    if database.kind == Postgres {
        database.execute(
            "DO $$ BEGIN FOR i IN 1..500 LOOP \
             PERFORM pg_stat_clear_snapshot(); \
             EXIT WHEN NOT EXISTS (SELECT 1 FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid() \
             AND backend_type = 'client backend'); \
             PERFORM pg_sleep(0.01); \
             END LOOP; END $$",
        );
    }
}

/// Holds what is stored against the ledger, and notes there what became of what was in flight.
/// Gives what is wrong.
fn settle(ledger: &mut Ledger, address: SocketAddr, token: &str) -> Vec<String> {
    let slugs: Vec<&str> = ledger.keys().map(String::as_str).collect();
    let found = read_all(address, token, &slugs);
    let mut wrong = Vec::new();
    for ((slug, entry), found) in ledger.iter_mut().zip(found) {
        match found {
            Ok(found) if found == entry.acknowledged => {}
            Ok(Some(found)) if entry.in_flight == Some(found) => entry.acknowledged = Some(found),
            Ok(found) => wrong.push(format!("{slug} has version {found:?}, not as {entry:?}")),
            Err(why) => wrong.push(why),
        }
        entry.in_flight = None;
    }
    ledger.retain(|_, entry| entry.acknowledged.is_some());
    wrong
}

/// A search finds the article by the version that is stored, and by no other.
fn is_indexed(connection: &mut Connection, slug: &str, number: u32) {
    let searches = [
        (number - 1, vec![]),
        (number, vec![slug]),
        (number + 1, vec![]),
    ];
    for (number, expected) in searches {
        let path = format!("/v1/search?q={}", word(slug, number));
        let answer = connection.get(&path).unwrap().ok();
        assert_eq!(answer.slugs(), expected, "{path}");
    }
}

#[rstest]
fn what_was_acknowledged_survives_a_kill(#[values(Sqlite, Postgres)] kind: Kind) {
    let _alone = alone();
    let database = Database::new(kind);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("stderr");
    let token = token(&database);
    let mut ledger = Ledger::new();
    let (mut writes, mut in_flight, mut kills) = (0, 0, 0);
    let mut wrong = Vec::new();
    let mut server = Process::start(&database, &log);
    for round in 0..setting("NEWSSTAND_KILLS", 3) {
        let killed = AtomicBool::new(false);
        let all: Vec<Written> = thread::scope(|scope| {
            let (address, token, killed) = (server.address, token.as_str(), &killed);
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let name = format!("k{round}-w{writer}");
                    scope.spawn(move || write_until_killed(address, token, killed, &name))
                })
                .collect();
            thread::sleep(Duration::from_millis(random(300, 1_200)));
            killed.store(true, Ordering::SeqCst);
            server.kill_hard();
            writers
                .into_iter()
                .map(|writer| writer.join().unwrap())
                .collect()
        });
        kills += 1;
        let mut searched: Vec<String> = Vec::new();
        for written in all {
            wrong.extend(written.fault);
            writes += written.writes;
            for (slug, entry) in written.articles {
                if entry.in_flight.is_some() {
                    in_flight += 1;
                    searched.push(slug.clone());
                }
                ledger.insert(slug, entry);
            }
        }
        await_orphans(&database);
        doctor(&database);
        server = Process::start(&database, &log);
        wrong.extend(settle(&mut ledger, server.address, &token));
        if !wrong.is_empty() {
            break;
        }
        // What was not acknowledged has been settled above, so the count is exact.
        assert_eq!(public_total(server.address), ledger.len() as u64);
        let sample = ledger.keys().step_by((ledger.len() / 20).max(1));
        searched.extend(sample.cloned());
        let mut connection = Connection::new(server.address, None);
        for slug in &searched {
            // What was in flight may have gone with the server.
            if let Some(number) = ledger.get(slug).and_then(|entry| entry.acknowledged) {
                is_indexed(&mut connection, slug, number);
            }
        }
    }
    eprintln!(
        "kills on {kind:?}: {kills} kills, {writes} writes acknowledged, {in_flight} in flight, \
         {} lost",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(writes > 0, "nothing was written");
    nothing_to_complain_of(&log);
}
