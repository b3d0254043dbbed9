//! The forms of an answer in codings, each made once, when it is first asked for.

use actix_web::web::Bytes;

use crate::http::{coding::Coding, long, stored::Stored, wanted::Wanted};

/// Bodies below this many bytes are not worth compressing.
const COMPRESS_FROM: usize = 1_024;
/// Bodies from this many bytes on are compressed away from the threads that answer, and in no turn
/// to read: it takes a millisecond.
const LARGE_FROM: usize = 32 * 1_024;

impl Stored {
    /// The coding of the answer, given the one that the client wants.
    pub(super) fn coding(&self, wanted: Coding) -> Coding {
        match self.body.len() >= COMPRESS_FROM {
            true => wanted,
            false => Coding::Identity,
        }
    }

    /// The body in a coding; `None` where it goes as it is.
    pub(super) fn form(&self, coding: Coding) -> Option<Bytes> {
        if coding == Coding::Identity {
            return None;
        }
        let cell = self.forms.of(coding);
        if let Some(made) = cell.get() {
            return made.clone();
        }
        let made = encoded(&self.body, coding);
        // Whoever was quicker made the same bytes.
        let _ = cell.set(made.clone());
        made
    }

    /// Makes the form that a client wants, on this thread, unless that takes long.
    pub(in crate::http) fn make_here(&self, wanted: Coding) {
        if self.body.len() < LARGE_FROM {
            let _ = self.form(self.coding(wanted));
        }
    }

    /// Whether the form that a client wants is still to be made.
    pub(in crate::http) fn lacks(&self, wanted: Coding) -> bool {
        let coding = self.coding(wanted);
        coding != Coding::Identity && self.forms.of(coding).get().is_none()
    }

    /// Whether it is, takes too long for a thread that answers, and is to be sent.
    pub(in crate::http) fn is_long_in_making(&self, wanted: &Wanted<'_>) -> bool {
        let is_large = self.body.len() >= LARGE_FROM;
        let is_sent = || self.failing(wanted).is_none() && !self.is_unchanged(wanted);
        is_large && self.lacks(wanted.coding()) && is_sent()
    }

    /// Makes the form that a client wants, once for all who wait for it, away from the threads
    /// that answer.
    pub(in crate::http) async fn make(&self, wanted: Coding) {
        let coding = self.coding(wanted);
        let body = self.body.clone();
        let make = || async move {
            let made = long::run(move || encoded(&body, coding)).await;
            made.unwrap_or_else(|cause| {
                log::error!("an answer can't be encoded: {cause}");
                None
            })
        };
        if coding != Coding::Identity {
            self.forms.of(coding).get_or_init(make).await;
        }
    }
}

fn encoded(body: &[u8], coding: Coding) -> Option<Bytes> {
    let mut made = coding.encode(body)?;
    made.shrink_to_fit();
    Some(made.into())
}
