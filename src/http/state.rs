//! What every handler can reach.

use std::{
    cell::Cell,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use actix_web::http::header::HeaderValue;

use crate::{
    domain::{
        address::Site,
        share::ShareOptions,
        token::{Verifier, random_secret},
    },
    http::{
        cache::Cache, metrics::Metrics, overload::Overload, rate::Rates, readiness::Readiness,
        refused::Refusals, request_id,
    },
    model::{secret::SecretText, sight::Sight},
    store::{self, Connection, Measured, Reader, Store, StoreError},
};

/// Shared by all workers.
pub struct State {
    /// The database.
    pub store: Store,
    /// The public site.
    pub site: Site,
    /// Checks tokens; without one, nobody may write.
    pub verifier: Option<Verifier>,
    /// BCP 47 language of articles that say none.
    pub default_language: String,
    /// The key of preview links, once it was needed.
    pub preview_secret: OnceLock<SecretText>,
    /// How share links are made.
    pub share: ShareOptions,
    /// Words that a reader reads in a minute.
    pub words_per_minute: i64,
    /// Days after which closeness in time halves what a related article scores.
    pub related_half_life_days: Option<u32>,
    /// `Cache-Control` of public answers.
    pub cache_control: HeaderValue,
    /// `CDN-Cache-Control` of public answers.
    pub cdn_cache_control: HeaderValue,
    /// Origins that browsers may read from; `*` for all.
    pub cors_allowed_origins: Vec<String>,
    /// Whether to tell what the database took.
    pub server_timing: bool,
    /// Whether the server is about to stop, so that nobody is to come any more.
    pub is_stopping: AtomicBool,
    /// Whether the database is such that readers can be served.
    pub readiness: Readiness,
    /// Answers that are kept ready.
    pub cache: Cache,
    /// How much is let in.
    pub overload: Overload,
    /// How often a client may ask.
    pub rates: Rates,
    /// What was refused of late.
    pub refusals: Refusals,
    /// Figures since the start.
    pub metrics: Metrics,
}

/// What the database took for one request.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct StoreCost {
    pub(super) statements: u32,
    pub(super) elapsed: Duration,
}

tokio::task_local! {
    /// The cost of the request under way; set by the frame around all handlers.
    pub(super) static COST: Cell<StoreCost>;
    /// The id of the request under way.
    pub(super) static REQUEST_ID: HeaderValue;
}

/// Logs a cause that the client is not told, under the request's id.
pub(super) fn log_cause(cause: &dyn std::fmt::Display) {
    match REQUEST_ID.try_with(Clone::clone) {
        Ok(id) => log::error!("request {}: {cause}", request_id::text(&id)),
        Err(_) => log::error!("{cause}"),
    }
}

impl State {
    /// Says from now on that the server is not ready, and with each answer that it is the last one
    /// on its connection.
    pub fn stop(&self) {
        self.is_stopping.store(true, Relaxed);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Relaxed)
    }

    /// Reads from the store, on a thread that may wait, and notes what it took.
    pub(super) async fn read<T, F>(&self, sight: Sight, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Reader<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.read_then(sight, work, |read| read).await
    }

    /// [`State::read`], and what is made there of what was read.
    pub(super) async fn read_then<T, U, F, M>(
        &self,
        sight: Sight,
        work: F,
        make: M,
    ) -> Result<U, StoreError>
    where
        T: 'static,
        U: Send + 'static,
        F: FnOnce(&mut Reader<'_>) -> Result<T, StoreError> + Send + 'static,
        M: FnOnce(T) -> U + Send + 'static,
    {
        Ok(noted(self.store.read_then(sight, work, make).await?))
    }

    /// [`State::read_then`] of what one statement mostly tells; `work` may be run twice.
    pub(super) async fn read_single<T, U, F, M>(
        &self,
        sight: Sight,
        work: F,
        make: M,
    ) -> Result<U, StoreError>
    where
        T: 'static,
        U: Send + 'static,
        F: FnMut(&mut Reader<'_>) -> Result<T, StoreError> + Send + 'static,
        M: FnOnce(T) -> U + Send + 'static,
    {
        Ok(noted(self.store.read_single(sight, work, make).await?))
    }

    /// The key of preview links: made once for each database, and kept there, so that all servers
    /// on it have the same and a restart ends no link.
    pub(super) async fn preview_secret(&self) -> Result<SecretText, StoreError> {
        if let Some(known) = self.preview_secret.get() {
            return Ok(known.clone());
        }
        let stored = self
            .read(Sight::Public, |reader| {
                store::tokens::secret(reader, PREVIEW_SECRET)
            })
            .await?;
        let secret = match stored {
            Some(secret) => secret,
            None => {
                let made = random_secret().map_err(StoreError::Unavailable)?;
                let keep = move |connection: &mut Connection| -> Result<SecretText, StoreError> {
                    store::tokens::keep_secret(connection, PREVIEW_SECRET, &made)
                };
                self.store.write(keep).await?
            }
        };
        Ok(self.preview_secret.get_or_init(|| secret).clone())
    }
}

/// Adds what a read took to the cost of the request under way.
fn noted<T>(measured: Measured<T>) -> T {
    note(StoreCost {
        statements: measured.statements,
        elapsed: measured.elapsed,
    });
    measured.value
}

/// Adds to the cost of the request under way.
pub(super) fn note(more: StoreCost) {
    // Outside of a request there is nobody to tell.
    let _ = COST.try_with(|cost| {
        let before = cost.get();
        cost.set(StoreCost {
            statements: before.statements + more.statements,
            elapsed: before.elapsed + more.elapsed,
        });
    });
}

/// Its name in the database.
const PREVIEW_SECRET: &str = "preview_links";
