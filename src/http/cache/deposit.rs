//! Where an answer is left that may be kept.

use std::{cell::Cell, rc::Rc, sync::Arc};

use actix_web::{HttpMessage, HttpRequest};

use crate::{http::stored::Stored, store::InvalidationKey};

/// Where an answer that may be kept is left for the one who makes it for others too.
#[derive(Clone, Default)]
pub(in crate::http) struct Deposit(Rc<Cell<Option<Left>>>);

/// An answer, and what is to be known of it.
pub(in crate::http) struct Left {
    /// The answer.
    pub(in crate::http) stored: Arc<Stored>,
    /// What it depends on.
    pub(in crate::http) watched: Box<[InvalidationKey]>,
    /// The pattern of its path.
    pub(in crate::http) route: String,
}

impl Deposit {
    /// The one of a request, if its answer is asked for.
    pub(in crate::http) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// Leaves an answer.
    pub(in crate::http) fn leave(&self, left: Left) {
        self.0.set(Some(left));
    }

    /// Takes what was left.
    pub(super) fn take(&self) -> Option<Left> {
        self.0.take()
    }
}
