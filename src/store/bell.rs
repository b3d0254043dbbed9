//! What those wait for who do something after each write, sooner than they would look for it.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Is rung when something was written for a request.
#[derive(Debug, Default)]
pub struct Bell {
    rung: Mutex<bool>,
    ringing: Condvar,
}

impl Bell {
    /// Wakes who waits, or the next one who will.
    pub(super) fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.ringing.notify_one();
    }

    /// Waits until it rings, or not at all if it did since it was last waited for; no longer than
    /// this. Gives whether it rang.
    pub fn wait(&self, at_most: Duration) -> bool {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .ringing
            .wait_timeout_while(rung, at_most, |rung| !*rung);
        let (mut rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *rung)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread, time::Instant};

    use super::*;

    const SOON: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn it_wakes_who_waits_and_who_comes_after_it_rang_once() {
        let bell = Arc::new(Bell::default());
        assert!(!bell.wait(SOON));
        bell.ring();
        bell.ring();
        assert!(bell.wait(LONG));
        assert!(!bell.wait(SOON));
        let ringing = Arc::clone(&bell);
        let started = Instant::now();
        let ringer = thread::spawn(move || {
            thread::sleep(SOON);
            ringing.ring();
        });
        assert!(bell.wait(LONG));
        assert!(started.elapsed() < LONG);
        ringer.join().unwrap();
    }
}
