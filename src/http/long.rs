//! Work that takes long is done away from the threads that answer: a worker that is busy with it
//! would let all wait whom it serves.

use std::sync::Arc;

use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
};

/// Pieces of such work at a time for one worker. There are as many workers as cores, and each
/// piece takes a core, so that more at a time would not be sooner done. Those who read have
/// threads left, however many wait with such work.
pub const ASIDE_AT_MOST: usize = 4;

thread_local! {
    /// Of the worker whose thread this is.
    static PLACES: Arc<Semaphore> = Arc::new(Semaphore::new(ASIDE_AT_MOST));
}

/// Does work in its turn; fails when it panics.
pub(super) async fn run<T, F>(work: F) -> Result<T, JoinError>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let places = PLACES.with(Arc::clone);
    // They are never closed.
    let place = places.acquire_owned().await.ok();
    let work = move || {
        let done = work();
        drop(place);
        done
    };
    spawn_blocking(work).await
}
