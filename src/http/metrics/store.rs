//! What the store does, what waits to be done by itself, and what was done to content.

use std::time::Duration;

use crate::{
    http::metrics::{
        Watched,
        text::{Kind, Text},
    },
    model::time::UtcTime,
    store::{COUNTED_AT_MOST, Figures},
};

/// Writes what the database is asked, and how long it takes.
pub(super) fn write_database(text: &mut Text, figures: &Figures) {
    let name = "newsstand_database_connections";
    text.family(name, Kind::Gauge, "Connections that read, by state.");
    text.sample(name, "state=\"busy\"", figures.connections.busy);
    text.sample(name, "state=\"idle\"", figures.connections.idle);
    text.single(
        "newsstand_database_connections_max",
        Kind::Gauge,
        "Connections that read at most.",
        figures.connections.most,
    );
    text.single(
        "newsstand_database_reachable",
        Kind::Gauge,
        "Whether the last connection that was to be opened could be; with 0, nobody waits for one.",
        u8::from(figures.connections.are_to_be_had),
    );
    text.single(
        "newsstand_database_readers_waiting",
        Kind::Gauge,
        "Requests that wait for their turn to read.",
        figures.readers,
    );
    text.histogram(
        "newsstand_database_wait_seconds",
        "Time that readers waited for a connection.",
        &figures.waited,
    );
    text.histogram(
        "newsstand_database_read_seconds",
        "Time that readers had a connection.",
        &figures.read,
    );
    text.single(
        "newsstand_database_statements_total",
        Kind::Counter,
        "SQL statements of readers.",
        figures.statements,
    );
    text.single(
        "newsstand_database_refused_total",
        Kind::Counter,
        "Readers who got no connection in time.",
        figures.refused,
    );
    text.single(
        "newsstand_database_timeouts_total",
        Kind::Counter,
        "Readers whose reading took longer than QUERY_TIMEOUT.",
        figures.timed_out,
    );
    write_writer(text, figures);
}

fn write_writer(text: &mut Text, figures: &Figures) {
    text.single(
        "newsstand_database_writers_waiting",
        Kind::Gauge,
        "Writes that wait for their turn.",
        figures.writers,
    );
    text.histogram(
        "newsstand_database_write_seconds",
        "Time from asking for a write until it was on disk, or not.",
        &figures.written,
    );
    let name = "newsstand_database_commits_total";
    let help = "Transactions that wrote, each for all who waited, by what came of it.";
    text.family(name, Kind::Counter, help);
    text.sample(name, "result=\"ok\"", figures.committed);
    text.sample(name, "result=\"failed\"", figures.failed);
}

/// Writes what waits and what was done, as far as it is known.
pub(super) fn write_watched(text: &mut Text, watched: &Watched) {
    if let Some(rounded) = watched.rounded {
        text.single(
            "newsstand_housekeeping_age_seconds",
            Kind::Gauge,
            "Time since what is done without being asked for last went well.",
            format_args!("{:.3}", rounded.elapsed().as_secs_f64()),
        );
    }
    if let Some(queues) = &watched.queues {
        text.single(
            "newsstand_scheduled_articles",
            Kind::Gauge,
            "Articles that will go live by themselves.",
            queues.scheduled,
        );
        text.single(
            "newsstand_scheduled_overdue_seconds",
            Kind::Gauge,
            "How long the first of them should have been live.",
            format_args!("{:.3}", overdue(queues.due, UtcTime::now()).as_secs_f64()),
        );
        let name = "newsstand_queued_articles";
        let help = format!(
            "Articles whose words are to be read anew (read), to be merged into the index (merge), \
             or whose neighbours are to be looked for (relate); {COUNTED_AT_MOST} are counted."
        );
        text.family(name, Kind::Gauge, &help);
        text.sample(name, "queue=\"read\"", queues.to_read);
        text.sample(name, "queue=\"merge\"", queues.to_merge);
        text.sample(name, "queue=\"relate\"", queues.to_relate);
    }
    let name = "newsstand_deeds_total";
    let help = "What was done to content by any process since this one started, as the audit \
                trail has it.";
    text.family(name, Kind::Counter, help);
    for ((who, kind, action), count) in &watched.deeds {
        let labels = format!("by=\"{who}\",kind=\"{kind}\",action=\"{action}\"");
        text.sample(name, &labels, count);
    }
}

/// How long ago something was due.
fn overdue(due: Option<UtcTime>, now: UtcTime) -> Duration {
    let late = due.map_or(0, |due| now.millis().saturating_sub(due.millis()));
    Duration::from_millis(u64::try_from(late).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_ahead_is_not_overdue() {
        let at = UtcTime::from_millis;
        let now = UtcTime::from_column(5_000);
        assert_eq!(overdue(None, now), Duration::ZERO);
        assert_eq!(overdue(at(6_000), now), Duration::ZERO);
        assert_eq!(overdue(at(3_000), now), Duration::from_secs(2));
    }
}
