//! Drives a server with wrk, which goes through given requests in order, each of its threads from
//! another point on, and tells its figures in one line.
//!
//! wrk asks again as soon as it is answered. So the slowest answers are those that waited longest
//! behind its own other requests, whatever the server does; with pauses between, they are those
//! that the server itself was slow with.

use std::{
    fmt::Write,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::process::Process;

/// Threads of wrk: more would take from the servers what they are to show.
const THREADS: usize = 2;
/// What begins the line of figures.
const MARK: &str = "figures:";

/// How a server is driven.
#[derive(Clone, Copy)]
pub struct Wrk<'a> {
    /// Where scripts may be written.
    pub folder: &'a Path,
    pub connections: u64,
    pub seconds: u64,
    /// Milliseconds from an answer to the next request of its connection, on average.
    pub pause: Option<f64>,
}

/// What came of it.
#[derive(Clone, Copy)]
pub struct Run {
    /// Requests a second.
    pub rate: f64,
    /// Milliseconds.
    pub p50: f64,
    pub p99: f64,
    /// Microseconds of processor time for each request; not a number where that is unknown.
    pub cpu: f64,
}

/// How to come by wrk, when it is not there.
pub fn missing() -> Option<&'static str> {
    let mut command = Command::new("wrk");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    match command.arg("-v").status() {
        Ok(_) => None,
        Err(_) => Some(
            "this bench drives the servers with wrk, which is not installed: apt-get install wrk \
             on Debian and Ubuntu, brew install wrk on macOS, or https://github.com/wg/wrk",
        ),
    }
}

impl Wrk<'_> {
    /// Drives a server with these requests, over and over.
    pub fn run(&self, server: &Process, requests: &[String]) -> Run {
        let script = self.folder.join("requests.lua");
        fs::write(&script, lua(requests, self.pause)).unwrap();
        let before = server.cpu();
        let output = Command::new("wrk")
            .args(["-t", &THREADS.to_string()])
            .args(["-c", &self.connections.to_string()])
            .args(["-d", &format!("{}s", self.seconds)])
            .arg("-s")
            .arg(&script)
            .arg(format!("http://{}/", server.address))
            .output()
            .unwrap();
        let after = server.cpu();
        let told = String::from_utf8_lossy(&output.stdout);
        let line = told.lines().find_map(|line| line.strip_prefix(MARK));
        let Some(line) = line else {
            panic!("wrk: {told}{}", String::from_utf8_lossy(&output.stderr));
        };
        let figures: Vec<f64> = line
            .split_whitespace()
            .map(|figure| figure.parse().unwrap())
            .collect();
        let [requests, micros, p50, p99, failed] = figures[..] else {
            panic!("wrk: {line}");
        };
        assert!(
            failed * 1_000.0 <= requests,
            "{failed} of {requests} failed"
        );
        let cpu = before.zip(after).map_or(f64::NAN, |(before, after)| {
            (after - before).as_secs_f64() * 1e6 / requests
        });
        Run {
            rate: requests / micros * 1e6,
            p50: p50 / 1e3,
            p99: p99 / 1e3,
            cpu,
        }
    }
}

/// The script: wrk reads it once for all, and once for each thread.
fn lua(requests: &[String], pause: Option<f64>) -> String {
    let mut script = "local requests = {\n".to_owned();
    for request in requests {
        let request = request.replace('\\', "\\\\").replace('"', "\\\"");
        let request = request.replace('\r', "\\r").replace('\n', "\\n");
        writeln!(script, "\"{request}\",").unwrap();
    }
    write!(
        script,
        "}}
local threads = 0
local at = 0
function setup(thread)
   thread:set('number', threads)
   threads = threads + 1
end
function init(args)
   at = math.floor(number * #requests / {THREADS})
end
function request()
   at = at % #requests + 1
   return requests[at]
end
function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   io.write(string.format('{MARK} %.0f %.0f %.0f %.0f %.0f\\n', summary.requests,
      summary.duration, latency:percentile(50), latency:percentile(99), failed))
end
"
    )
    .unwrap();
    if let Some(pause) = pause {
        // Anything up to twice as long, so that connections do not ask in step. wrk takes whole
        // milliseconds, and does not count them to the answer.
        let longest = 2.0 * pause;
        write!(
            script,
            "function delay()
   return math.floor(math.random() * {longest:.3} + 0.5)
end
"
        )
        .unwrap();
    }
    script
}
