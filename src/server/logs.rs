//! The log of the program: lines on standard error, as `RUST_LOG` wants them.

use anyhow::Context;
use log::{Level, LevelFilter, Log, Metadata, Record};

/// What reads requests and writes answers.
const DISPATCHER: &str = "actix_http::h1::dispatcher";
/// How it begins to tell, as errors, of what clients alone cause: requests that can't be read, and
/// connections that they break off.
const BY_CLIENTS: [&str; 2] = [
    "stream error: request parse error",
    "stream error: I/O error",
];

/// Begins the log; `filter` is of the form of `RUST_LOG`.
pub fn start(filter: &str) -> anyhow::Result<()> {
    env_filter::Builder::new()
        .try_parse(filter)
        .with_context(|| format!("RUST_LOG \"{filter}\""))?;
    let lines = env_logger::Builder::new()
        .parse_filters(filter)
        // Below warnings, the HTML parser tells every word that it reads, of drafts too.
        .filter_module("html5ever", LevelFilter::Warn)
        .format_timestamp_millis()
        .build();
    let most = lines.filter();
    log::set_boxed_logger(Box::new(Lines(lines))).context("the log is begun already")?;
    log::set_max_level(most);
    Ok(())
}

/// Writes lines. Of what clients cause it tells as of their requests, so that nobody outside can
/// fill the level of errors.
struct Lines(env_logger::Logger);

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.0.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if !is_by_client(record) {
            return self.0.log(record);
        }
        self.0.log(
            &Record::builder()
                .args(*record.args())
                .level(Level::Info)
                .target(record.target())
                .module_path(record.module_path())
                .file(record.file())
                .line(record.line())
                .build(),
        );
    }

    fn flush(&self) {
        self.0.flush();
    }
}

fn is_by_client(record: &Record<'_>) -> bool {
    if record.level() != Level::Error || record.target() != DISPATCHER {
        return false;
    }
    let told = record.args().to_string();
    BY_CLIENTS.iter().any(|begin| told.starts_with(*begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_clients_cause_is_no_error() {
        let by_client = |target: &str, told: &str| {
            is_by_client(
                &Record::builder()
                    .level(Level::Error)
                    .target(target)
                    .args(format_args!("{told}"))
                    .build(),
            )
        };
        let malformed = "stream error: request parse error: invalid HTTP version specified";
        assert!(by_client(DISPATCHER, malformed));
        assert!(by_client(DISPATCHER, "stream error: I/O error: reset"));
        for told in [
            "stream error: internal error",
            "Response payload stream error: x",
            "Internal server error: unexpected eof",
        ] {
            assert!(!by_client(DISPATCHER, told), "{told}");
        }
        assert!(!by_client("newsstand", malformed));
    }
}
