//! What has changed since when, for caches in this process.
//!
//! An answer names what it depends on by keys, such as `article-<id>` or `articles`. Kept here is
//! when each key last changed, by a clock that counts changes: an answer holds as long as none of
//! its keys changed after the moment that was taken before its reading began. So nothing need be
//! looked for and thrown away.
//!
//! What a transaction changed is read just before it is committed, from the log of changes and
//! from a table of what that log does not tell, and takes effect before its writer is answered:
//! whoever was told of a write never gets an answer that is older. What other processes commit is
//! read by a thread, within a second.

mod filed;
mod journal;
mod watch;

use std::{
    hash::{DefaultHasher, Hasher},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

pub use filed::FILED_IN;
pub(in crate::store) use filed::filed_in;
pub(in crate::store) use journal::{News, all_of, note};
pub use journal::{forget_old, note_everything};

use crate::store::{
    connection::{DatabaseUrl, DbConnection},
    error::StoreError,
};
use journal::{Changed, Cursor};

/// A point in the order of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

/// A key as it is kept with an answer. Few keys share one, and change together; that costs an
/// answer that is made anew without need, never one that is old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u32);

/// Bits of a [`Key`]. A related answer hangs on some 130 keys and a publication changes some 70, so
/// that one in thirty of them is made anew without need; the slots take 2 MB.
const BITS: u32 = 18;

/// What has changed since when.
pub struct Invalidation {
    /// Counts changes.
    clock: AtomicU64,
    /// When everything changed.
    everything: AtomicU64,
    /// When what is kept in each slot changed.
    slots: Box<[AtomicU64]>,
    is_watched: AtomicBool,
    /// How far both tables were read.
    known: Mutex<Cursor>,
    opened_at: Instant,
    /// Milliseconds from `opened_at` to the last look, and one; 0 before the first.
    looked_at: AtomicU64,
}

/// Of something that changes here alone.
impl Default for Invalidation {
    fn default() -> Self {
        Self::changed_at(0)
    }
}

impl Invalidation {
    /// Of a database of which is not known yet what changes: nothing holds before
    /// [`Self::watch`].
    pub(super) fn unwatched() -> Self {
        Self::changed_at(u64::MAX)
    }

    fn changed_at(everything: u64) -> Self {
        Self {
            clock: AtomicU64::new(0),
            everything: AtomicU64::new(everything),
            slots: (0..1_u32 << BITS).map(|_| AtomicU64::new(0)).collect(),
            is_watched: AtomicBool::new(false),
            known: Mutex::default(),
            opened_at: Instant::now(),
            looked_at: AtomicU64::new(0),
        }
    }

    /// To be taken before a reading begins, of which an answer is made.
    pub fn now(&self) -> Moment {
        Moment(self.clock.load(SeqCst))
    }

    /// The key of this name.
    pub fn key(name: &str) -> Key {
        let mut hasher = DefaultHasher::new();
        hasher.write(name.as_bytes());
        let high = hasher.finish() >> (u64::BITS - BITS);
        Key(u32::try_from(high).unwrap_or(0))
    }

    /// Whether nothing of this has changed since then.
    pub fn holds(&self, since: Moment, keys: &[Key]) -> bool {
        let is_older = |changed: &AtomicU64| changed.load(SeqCst) <= since.0;
        let slot = |key: &Key| self.slots.get(key.0 as usize);
        is_older(&self.everything) && keys.iter().all(|key| slot(key).is_some_and(is_older))
    }

    /// What has these keys has changed.
    pub fn changed<'a>(&self, names: impl IntoIterator<Item = &'a str>) {
        let keys: Vec<Key> = names.into_iter().map(Self::key).collect();
        let moment = self.next();
        for key in keys {
            if let Some(slot) = self.slots.get(key.0 as usize) {
                slot.fetch_max(moment, SeqCst);
            }
        }
    }

    /// No answer holds any longer.
    pub fn everything_changed(&self) {
        self.everything.fetch_max(self.next(), SeqCst);
    }

    fn next(&self) -> u64 {
        self.clock.fetch_add(1, SeqCst) + 1
    }

    /// All that other processes had committed by then has taken effect here; what they have
    /// committed since may not have. `None` before this process began to watch.
    pub fn looked_at(&self) -> Option<Instant> {
        let since = self.looked_at.load(SeqCst).checked_sub(1)?;
        self.opened_at.checked_add(Duration::from_millis(since))
    }

    fn note_look(&self, at: Instant) {
        let since = at.saturating_duration_since(self.opened_at).as_millis();
        let since = u64::try_from(since).unwrap_or(u64::MAX);
        self.looked_at.fetch_max(since.saturating_add(1), SeqCst);
    }

    /// Begins to note what transactions change, here and in other processes. The connection must
    /// not be in a transaction.
    pub(super) fn watch(
        self: &Arc<Self>,
        connection: &mut DbConnection,
        url: &DatabaseUrl,
    ) -> Result<(), StoreError> {
        if self.is_watched.load(SeqCst) {
            return Ok(());
        }
        let at = Instant::now();
        *self.known() = journal::latest(connection)?;
        self.is_watched.store(true, SeqCst);
        self.everything.store(self.next(), SeqCst);
        self.note_look(at);
        watch::start(self, url)
    }

    /// What a transaction is about to commit, and what was committed before it and is not known
    /// yet; tells other processes that there is something to read. To be called last in the
    /// transaction, which must not be committed when this fails. Where nobody watches, it reads
    /// none of it, and gives nothing.
    pub(super) fn gather(&self, connection: &mut DbConnection) -> Result<Option<News>, StoreError> {
        filed::tell(connection)?;
        let news = match self.is_watched.load(SeqCst) {
            true => Some(journal::read(connection, self.cursor())?),
            false => None,
        };
        if news.as_ref().is_none_or(|news| !news.is_empty()) {
            journal::notify(connection)?;
        }
        Ok(news)
    }

    /// Lets news take effect; they are read again later unless they are sure to be committed.
    pub(super) fn apply(&self, news: &News, is_committed: bool) {
        match &news.changed {
            Changed::Names(names) if names.is_empty() => {}
            Changed::Names(names) => self.changed(names.iter().map(String::as_str)),
            Changed::Everything => self.everything_changed(),
        }
        if is_committed {
            let mut known = self.known();
            *known = match news.changed {
                Changed::Names(_) => known.furthest(news.cursor),
                // The tables may have gone back, as those of a server that took another's place.
                Changed::Everything => news.cursor,
            };
        }
    }

    /// Reads what was committed and is not known yet, and lets it take effect.
    fn catch_up(&self, connection: &mut DbConnection) -> Result<(), StoreError> {
        let at = Instant::now();
        // First, so that what is told meanwhile is among the news.
        let untold = filed::untold(connection)?;
        let news = journal::read(connection, self.cursor())?;
        self.apply(&news, true);
        if !untold.is_empty() {
            self.changed(untold.iter().map(String::as_str));
        }
        self.note_look(at);
        Ok(())
    }

    fn cursor(&self) -> Cursor {
        *self.known()
    }

    fn known(&self) -> MutexGuard<'_, Cursor> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Invalidation::key(name)
    }

    #[test]
    fn an_answer_holds_until_one_of_its_keys_changes() {
        let invalidation = Invalidation::default();
        let answer = [key("article-1"), key("author-1")];
        let before = invalidation.now();
        assert!(invalidation.holds(before, &answer));
        invalidation.changed(["article-2", "articles"]);
        assert!(invalidation.holds(before, &answer));
        invalidation.changed(["author-1"]);
        assert!(!invalidation.holds(before, &answer));
        assert!(invalidation.holds(invalidation.now(), &answer));
    }

    #[test]
    fn what_was_read_while_something_changed_does_not_hold() {
        let invalidation = Invalidation::default();
        let before = invalidation.now();
        invalidation.changed(["articles"]);
        let after = invalidation.now();
        assert!(before < after);
        assert!(!invalidation.holds(before, &[key("articles")]));
        assert!(invalidation.holds(after, &[key("articles")]));
    }

    #[test]
    fn nothing_holds_once_everything_has_changed() {
        let invalidation = Invalidation::default();
        let before = invalidation.now();
        invalidation.everything_changed();
        assert!(!invalidation.holds(before, &[]));
        assert!(invalidation.holds(invalidation.now(), &[key("articles")]));
    }

    #[test]
    fn nothing_holds_where_nobody_watches() {
        let invalidation = Invalidation::unwatched();
        invalidation.changed(["articles"]);
        assert!(!invalidation.holds(invalidation.now(), &[]));
        assert_eq!(invalidation.looked_at(), None);
    }

    #[test]
    fn the_last_look_is_never_told_as_later_than_it_was() {
        let invalidation = Invalidation::default();
        let at = Instant::now();
        invalidation.note_look(at);
        let told = invalidation.looked_at().expect("a look");
        assert!(told <= at && at - told < Duration::from_millis(2));
        invalidation.note_look(told);
        assert_eq!(invalidation.looked_at(), Some(told));
    }

    #[test]
    fn news_are_read_again_unless_they_are_committed() {
        let invalidation = Invalidation::default();
        let news = News::of(["tags"], Cursor::at(7, 3));
        let before = invalidation.now();
        invalidation.apply(&news, false);
        assert!(!invalidation.holds(before, &[key("tags")]));
        assert_eq!(invalidation.cursor(), Cursor::default());
        invalidation.apply(&news, true);
        assert_eq!(invalidation.cursor(), Cursor::at(7, 3));
        // What was read earlier and comes later takes nothing back.
        invalidation.apply(&News::of(["tags"], Cursor::at(5, 4)), true);
        assert_eq!(invalidation.cursor(), Cursor::at(7, 4));
    }

    #[test]
    fn keys_are_spread_over_all_slots() {
        let keys: std::collections::BTreeSet<Key> = (0..10_000)
            .map(|number| key(&format!("article-{number}")))
            .collect();
        assert!(keys.len() > 9_000, "{}", keys.len());
    }
}
