//! File descriptors: each connection takes one, and unless a process asks for more, it may have
//! 1,024 of them on most systems. A server that has none left can't accept anybody.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is needed beside those of clients: for the database, its files, and the workers.
const BESIDE: u64 = 1_024;

/// Asks for as many as so many connections of clients need, or as many as there are to be had.
pub(super) fn ask_for(connections: u64) {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let needed = connections.saturating_add(BESIDE);
    let wanted = maximum.map_or(needed, |maximum| maximum.min(needed));
    // Without a limit there is nothing to ask for.
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let limit = Rlimit {
        current: Some(wanted),
        maximum,
    };
    if let Err(cause) = setrlimit(Resource::Nofile, limit) {
        log::warn!("there are no more than {current:?} file descriptors to be had: {cause}");
    }
}
