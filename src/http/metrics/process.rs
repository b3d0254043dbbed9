//! The process itself, as Linux tells of it. Elsewhere these figures are left out.

use std::fs;

use crate::http::metrics::text::{Kind, Text};

/// Ticks of a second in what Linux tells of time: the same on every kind of processor that we run
/// on, whatever the kernel's own are.
const TICKS: f64 = 100.0;

/// Writes what is known.
pub(super) fn write(text: &mut Text) {
    if let Some(seconds) = read("/proc/self/stat").as_deref().and_then(cpu_seconds) {
        let help = "Time of processors that was used, in seconds.";
        text.single("process_cpu_seconds_total", Kind::Counter, help, seconds);
    }
    if let Some(status) = read("/proc/self/status") {
        if let Some(kilobytes) = number(&status, "VmRSS") {
            let bytes = kilobytes.saturating_mul(1_024);
            let name = "process_resident_memory_bytes";
            text.single(name, Kind::Gauge, "Memory in use.", bytes);
        }
        if let Some(threads) = number(&status, "Threads") {
            text.single("process_threads", Kind::Gauge, "Threads.", threads);
        }
    }
    if let Some(open) = open_files() {
        let help = "Open files and connections.";
        text.single("process_open_fds", Kind::Gauge, help, open);
    }
    if let Some(most) = read("/proc/self/limits").as_deref().and_then(most_files) {
        let help = "Files and connections that may be open at most.";
        text.single("process_max_fds", Kind::Gauge, help, most);
    }
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Time in the program and in the kernel for it: the 14th and 15th field. The second is a name,
/// which may hold anything, and ends with the last parenthesis.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_ascii_whitespace().skip(11);
    let (user, system): (u64, u64) = (times.next()?.parse().ok()?, times.next()?.parse().ok()?);
    Some(user.saturating_add(system) as f64 / TICKS)
}

/// The number behind a name in `/proc/self/status`.
fn number(status: &str, field: &str) -> Option<u64> {
    let values = status
        .lines()
        .filter_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let value = values.map(str::trim).next()?;
    value.split(' ').next()?.parse().ok()
}

/// How many files are open. Newer kernels tell it as the size of the folder, where older ones have
/// them counted one by one.
fn open_files() -> Option<u64> {
    let folder = "/proc/self/fd";
    match fs::metadata(folder).ok()?.len() {
        // That of the folder itself is among them while it is read.
        0 => u64::try_from(fs::read_dir(folder).ok()?.count().saturating_sub(1)).ok(),
        open => Some(open),
    }
}

/// The bound in force of open files in `/proc/self/limits`.
fn most_files(limits: &str) -> Option<u64> {
    let mut lines = limits.lines();
    let values = lines.find_map(|line| line.strip_prefix("Max open files"))?;
    values.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_tells_is_read() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 90 0 0 0 250 50 0 0 20 0 9 0 100 1 2";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(cpu_seconds("7 (a) S 1"), None);
        let status = "Name:\ta\nVmSize:\t  2048 kB\nVmRSS:\t    64 kB\nThreads:\t9\n";
        assert_eq!(number(status, "VmRSS"), Some(64));
        assert_eq!(number(status, "Threads"), Some(9));
        assert_eq!(number(status, "Vm"), None);
        let limits = "Limit                     Soft Limit           Hard Limit\n\
                      Max open files            1024                 4096                 files\n";
        assert_eq!(most_files(limits), Some(1_024));
        assert_eq!(most_files("Max open files            unlimited"), None);
    }
}
