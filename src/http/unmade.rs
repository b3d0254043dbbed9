//! Answers whose form for this client takes long to make. Whoever has such an answer can't wait
//! for it, since handlers give answers and not promises; so what is given stands for it, and the
//! frame around all handlers has the form made, away from the threads that answer.

use std::sync::Arc;

use actix_web::{
    Error, HttpResponse, body::BoxBody, dev::ServiceResponse, http::StatusCode, web::Data,
};

use crate::http::{state::State, stored::Stored, wanted::Wanted};

/// What is still to be made.
pub(super) struct Unmade {
    stored: Arc<Stored>,
    private: bool,
}

impl Unmade {
    /// What stands for an answer. `private` ones depend on who asks.
    pub(super) fn response(stored: Arc<Stored>, private: bool) -> HttpResponse {
        let mut response = HttpResponse::new(StatusCode::OK);
        response.extensions_mut().insert(Self { stored, private });
        response
    }
}

/// Puts the answer in place of what stands for it; header fields that were added to that stay.
pub(super) async fn made(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let unmade = response.response_mut().extensions_mut().remove::<Unmade>();
    let Some(Unmade { stored, private }) = unmade else {
        return response;
    };
    let (request, stand_in) = response.into_parts();
    let state = request.app_data::<Data<State>>();
    let wanted = Wanted::read(request.headers());
    stored.make(wanted.coding()).await;
    let answer = match stored.respond(&wanted, state.map(Data::get_ref), private) {
        Ok(answer) => {
            let mut answer: HttpResponse = answer.into();
            for (name, value) in stand_in.headers() {
                answer.headers_mut().insert(name.clone(), value.clone());
            }
            answer
        }
        Err(problem) => Error::from(problem).into(),
    };
    ServiceResponse::new(request, answer)
}
