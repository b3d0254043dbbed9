//! Whether the database is such that readers can be served. One look at it is under way at a time,
//! for all workers, and who asks meanwhile is told what it finds: so a database that hangs holds
//! one thread, however many ask. A look that takes long goes on, but nobody waits for it as long.

use std::{
    pin::pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use actix_web::web::Data;
use tokio::{
    spawn,
    sync::watch::{Receiver, Sender, channel},
    time::timeout,
};

use crate::{
    http::state::{State, StoreCost, note},
    model::sight::Sight,
    store::{self, Measured, Obstacle},
};

/// How long a look may take before who asks is told that the database does not answer: balancers
/// wait for a second or two.
const WITHIN: Duration = Duration::from_secs(1);
/// What is lacking then.
const SILENT: &str = "database: it does not answer in time";
/// What is lacking where it can't be told more closely.
const UNREADABLE: &str = "database: it can't be read";

/// How far a look is.
#[derive(Debug, Clone, Copy)]
enum Look {
    /// It may still be in time.
    UnderWay,
    /// It goes on, and is not waited for.
    Late,
    /// It has ended.
    Done(Looked),
}

/// What a look has found.
#[derive(Debug, Clone, Copy)]
struct Looked {
    /// What keeps the server from serving.
    lacking: Option<&'static str>,
    cost: StoreCost,
}

/// The last look at the database.
#[derive(Debug, Default)]
pub struct Readiness {
    last: Mutex<Option<Receiver<Look>>>,
}

/// What keeps a server from serving readers, if anything does.
pub(super) async fn lacking(state: &Data<State>) -> Option<&'static str> {
    let mut look = under_way(state);
    let found = look.wait_for(|look| !matches!(look, Look::UnderWay)).await;
    match found.map(|look| *look) {
        Ok(Look::Done(looked)) => {
            note(looked.cost);
            looked.lacking
        }
        Ok(Look::UnderWay | Look::Late) => Some(SILENT),
        // The worker that looked has ended.
        Err(_) => Some(UNREADABLE),
    }
}

/// The look that is under way, or a new one.
fn under_way(state: &Data<State>) -> Receiver<Look> {
    let last = &state.readiness.last;
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    let goes_on = |look: &&Receiver<Look>| {
        let is_done = matches!(*look.borrow(), Look::Done(_));
        // It fails where the worker that looked has ended.
        !is_done && look.has_changed().is_ok()
    };
    if let Some(look) = last.as_ref().filter(goes_on) {
        return look.clone();
    }
    let (told, look) = channel(Look::UnderWay);
    // It goes on by itself, so that it is not begun anew when who asked goes away.
    spawn(go_on(Data::clone(state), told));
    *last = Some(look.clone());
    look
}

/// Looks, and tells how far it is.
async fn go_on(state: Data<State>, told: Sender<Look>) {
    let mut looking = pin!(look(&state));
    let looked = match timeout(WITHIN, looking.as_mut()).await {
        Ok(looked) => looked,
        Err(_) => {
            log::warn!("not ready: the database has not answered within {WITHIN:?}");
            told.send_replace(Look::Late);
            looking.await
        }
    };
    told.send_replace(Look::Done(looked));
}

async fn look(state: &State) -> Looked {
    let files = state.store.clone();
    let looked = state.store.read(Sight::Public, move |reader| {
        Ok((store::obstacle(reader)?, files.check_file()))
    });
    let (found, cost) = match looked.await {
        Ok(Measured {
            value,
            statements,
            elapsed,
        }) => {
            let cost = StoreCost {
                statements,
                elapsed,
            };
            (value, cost)
        }
        Err(cause) => {
            log::warn!("not ready: {cause}");
            return Looked {
                lacking: Some(UNREADABLE),
                cost: StoreCost::default(),
            };
        }
    };
    let lacking = match found {
        (None, Ok(())) => None,
        (Some(Obstacle::Migrations), _) => {
            Some("migrations: the database lacks some that this version needs")
        }
        (Some(Obstacle::Copy), _) => Some("copy: one into this database was not finished"),
        (None, Err(_)) => Some("database: its file was deleted or replaced"),
    };
    Looked { lacking, cost }
}
