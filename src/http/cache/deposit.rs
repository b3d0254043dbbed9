//! What comes of a request, for the one who makes its answer for others too.

use std::{cell::Cell, rc::Rc, sync::Arc};

use actix_web::{HttpMessage, HttpRequest};

use crate::{
    http::{problem::Problem, stored::Stored},
    store::InvalidationKey,
};

/// Where an answer that may be kept is left for the one who makes it for others too; or a problem
/// that is theirs as well.
#[derive(Clone, Default)]
pub(in crate::http) struct Deposit(Rc<Places>);

#[derive(Default)]
struct Places {
    left: Cell<Option<Left>>,
    problem: Cell<Option<Problem>>,
}

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
        self.0.left.set(Some(left));
    }

    /// Leaves a problem.
    pub(in crate::http) fn leave_problem(&self, problem: Problem) {
        self.0.problem.set(Some(problem));
    }

    /// Takes the answer.
    pub(super) fn take(&self) -> Option<Left> {
        self.0.left.take()
    }

    /// Takes the problem.
    pub(super) fn take_problem(&self) -> Option<Problem> {
        self.0.problem.take()
    }
}
