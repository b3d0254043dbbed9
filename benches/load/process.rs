//! Servers in processes of their own, which end with the bench, and what they take.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{PATIENCE, client::Client};

/// How long a process may take to end when it is asked to.
const ENDS_WITHIN: Duration = Duration::from_secs(5);
/// A server is quiet when, for so long, it takes less than one of so many parts of a core.
const QUIET_FOR: Duration = Duration::from_secs(3);
const QUIET_PART: u32 = 50;
/// Ticks of a second in proc(5), on all common machines.
const TICKS: u64 = 100;

/// A running server.
pub struct Process {
    pub address: SocketAddr,
    child: Child,
    /// What asks it to end; it is killed without.
    ending: Option<Command>,
}

impl Process {
    /// Starts a server whose first line ends with its address.
    pub fn start(command: &mut Command) -> Self {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut process = Self::start_at(command.stdout(Stdio::piped()), nowhere, None);
        let stdout = process.child.stdout.take().unwrap();
        let mut lines = BufReader::new(stdout).lines();
        let first = lines.next().expect("the server says where it is").unwrap();
        // Read to the end, also when nobody wants it: a full pipe would stop the server.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let (_, address) = first.rsplit_once("http://").expect("an address");
        process.address = address.trim().parse().unwrap();
        process
    }

    /// Starts a server of which the address is known.
    pub fn start_at(command: &mut Command, address: SocketAddr, ending: Option<Command>) -> Self {
        // Our own children end when this pipe does, whatever becomes of the bench.
        let child = command.stdin(Stdio::piped()).spawn().unwrap();
        Self {
            address,
            child,
            ending,
        }
    }

    /// Waits till this is answered with 200.
    pub fn wait_for(&self, path: &str) {
        let deadline = Instant::now() + PATIENCE;
        let is_there = || TcpStream::connect(self.address).is_ok();
        while !is_there() || Client::new(self.address).get(path, &[]).status != 200 {
            assert!(Instant::now() < deadline, "{path} is never there");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The process and those that it started.
    fn ids(&self) -> Vec<u32> {
        let own = self.child.id();
        let children = fs::read_to_string(format!("/proc/{own}/task/{own}/children"));
        let children = children.unwrap_or_default();
        let children = children.split_whitespace().filter_map(|id| id.parse().ok());
        std::iter::once(own).chain(children).collect()
    }

    /// Processor time that was taken so far; none but on Linux.
    pub fn cpu(&self) -> Option<Duration> {
        let ticks: Option<u64> = self.ids().into_iter().map(ticks).sum();
        Some(Duration::from_millis(ticks? * 1_000 / TICKS))
    }

    /// Megabytes of resident memory; none but on Linux.
    pub fn memory(&self) -> Option<f64> {
        self.status("VmRSS")
    }

    /// Megabytes of a line of proc(5), such as `VmHWM`; none but on Linux.
    pub fn status(&self, line: &str) -> Option<f64> {
        let of = |process| kilobytes(process, line);
        let kilobytes: Option<u64> = self.ids().into_iter().map(of).sum();
        Some(kilobytes? as f64 / 1_024.0)
    }

    /// Waits till it does nothing by itself, such as to look for related articles. Where that
    /// can't be known, it gets some time.
    pub fn wait_till_quiet(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let before = self.cpu();
            std::thread::sleep(QUIET_FOR);
            let Some((before, after)) = before.zip(self.cpu()) else {
                return;
            };
            if after.saturating_sub(before) * QUIET_PART < QUIET_FOR {
                return;
            }
            if Instant::now() > deadline {
                println!("the server is still at work by itself, which will show in the figures");
                return;
            }
        }
    }
}

/// The fields `utime` and `stime` of proc(5).
fn ticks(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// A line of proc(5), in kilobytes.
fn kilobytes(process: u32, line: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|one| one.starts_with(line))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(ending) = &mut self.ending {
            let _ = ending.status();
            let deadline = Instant::now() + ENDS_WITHIN;
            while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
