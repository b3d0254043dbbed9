//! Threads that let others go first where there are few processors.

/// Has this thread stand behind others; 0 is usual, and 19 the furthest. Linux has a priority for
/// each thread; elsewhere nothing changes.
pub fn give_way(niceness: i32) {
    #[cfg(target_os = "linux")]
    if let Err(cause) =
        rustix::process::setpriority_process(Some(rustix::thread::gettid()), niceness)
    {
        log::debug!("a thread has the priority of all others: {cause}");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = niceness;
}
