//! Work that takes long is done away from the threads that answer: a worker that is busy with it
//! would let all wait whom it serves.

use std::sync::Arc;

use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
};

use crate::{http::problem::Problem, store::StoreError};

/// Pieces of such work at a time for one worker. There are as many workers as cores, and each
/// piece takes a core, so that more at a time would not be sooner done. Those who read have
/// threads left, however many wait with such work.
pub const ASIDE_AT_MOST: usize = 4;

/// Those among them that come with what editors send: a batch may take seconds, and readers are not
/// to wait behind some of them.
const OF_WRITERS_AT_MOST: usize = 2;

thread_local! {
    /// Of the worker whose thread this is.
    static PLACES: Arc<Semaphore> = Arc::new(Semaphore::new(ASIDE_AT_MOST));
    /// The same for what editors send.
    static PLACES_OF_WRITERS: Arc<Semaphore> = Arc::new(Semaphore::new(OF_WRITERS_AT_MOST));
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

/// [`run`] for what a handler does.
pub(super) async fn aside<T, F>(work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Problem> + Send + 'static,
{
    run(work).await.map_err(|cause| {
        Problem::internal(&StoreError::Database(format!("work ended early: {cause}")))
    })?
}

/// [`aside`] for what comes with something that an editor sends.
pub(super) async fn aside_for_writer<T, F>(work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Problem> + Send + 'static,
{
    let places = PLACES_OF_WRITERS.with(Arc::clone);
    let place = places.acquire_owned().await.ok();
    aside(move || {
        let done = work();
        drop(place);
        done
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Mutex, mpsc::channel},
        time::Duration,
    };

    use futures_util::future::{join, join_all};
    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn readers_do_not_wait_behind_what_editors_send() {
        let (release, released) = channel::<()>();
        let released = Arc::new(Mutex::new(released));
        let writers = (0..6).map(|_| {
            let released = Arc::clone(&released);
            aside_for_writer(move || {
                let waiting = released.lock().unwrap();
                Ok(waiting.recv_timeout(Duration::from_secs(20)).is_ok())
            })
        });
        let reader = async {
            let read = aside(|| Ok(7)).await;
            (0..6).for_each(|_| release.send(()).unwrap());
            read
        };
        let runtime = Builder::new_current_thread().build().unwrap();
        let (written, read) = runtime.block_on(join(join_all(writers), reader));
        assert_eq!(read.unwrap(), 7);
        assert!(written.into_iter().all(|done| done.unwrap()));
    }
}
