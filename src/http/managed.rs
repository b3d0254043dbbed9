//! Categories, authors and tags made, replaced, changed and removed over HTTP: the same for all
//! three, so written once.

use actix_web::{HttpResponse, web::Payload};
use serde_json::Value;

use crate::{
    domain::{import::FieldProblem, patch::merge},
    http::{
        articles::present,
        path::path_key,
        payload::MAX_SMALL,
        problem::Problem,
        query::Query,
        state::State,
        stop::Stop,
        write::{Answer, Call, Shown},
    },
    model::{kind::Kind, sight::Sight, slug::Key, stamp::Stamp},
    store::{Connection, Found, Reader, StoreError},
};

/// A thing that editors make and change as a whole.
pub(super) trait Managed: Clone + Send + Sized + 'static {
    /// What an editor sends.
    type Input: Send + 'static;
    /// Which kind of thing.
    const KIND: Kind;
    /// Where all of them are.
    const PATH: &'static str;

    /// What a key names.
    fn find(reader: &mut Reader<'_>, key: &Key) -> Result<Found<Self>, StoreError>;
    /// Its id, and its version.
    fn state(&self) -> (&str, i64);
    /// As an editor would send it.
    fn sent(&self) -> Value;
    /// Reads what an editor sent.
    fn read(value: &Value) -> Result<Self::Input, Vec<FieldProblem>>;
    /// Makes one; gives its id.
    fn create(
        connection: &mut Connection,
        input: &Self::Input,
        stamp: &Stamp,
    ) -> Result<String, StoreError>;
    /// Puts an input in its place.
    fn replace(
        &self,
        connection: &mut Connection,
        input: &Self::Input,
        stamp: &Stamp,
    ) -> Result<(), StoreError>;
    /// Removes it; what it holds goes to another.
    fn delete(
        &self,
        connection: &mut Connection,
        move_to: Option<&Key>,
        stamp: &Stamp,
    ) -> Result<(), StoreError>;
    /// Its JSON, as `GET` answers with it.
    fn json(&self, state: &State) -> Result<String, Problem>;
}

fn input<M: Managed>(value: &Value) -> Result<M::Input, Problem> {
    Ok(M::read(value)?)
}

fn shown<M: Managed>(
    state: &State,
    connection: &mut Connection,
    id: &str,
) -> Result<Shown, Problem> {
    let key = Key::Id(id.to_owned());
    let found = M::find(&mut Reader::desk(connection), &key)?.here();
    let found = found.ok_or_else(Problem::moved_on)?;
    let (id, version) = found.state();
    Ok(Shown {
        id: id.to_owned(),
        version,
        json: found.json(state)?,
    })
}

/// Makes one.
pub(super) async fn create<M: Managed>(
    call: Call,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    Query::none(&call.request)?;
    let sent = call.sent(payload, MAX_SMALL).await?;
    let input = input::<M>(&sent.value)?;
    call.write(&sent.digest, move |connection, stamp, state| {
        let id = M::create(connection, &input, stamp)?;
        Ok(Answer::created(
            M::PATH,
            shown::<M>(state, connection, &id)?,
        ))
    })
    .await
}

/// What the request is about as it is now.
async fn current<M: Managed>(call: &Call) -> Result<M, Stop> {
    let key = path_key(&call.request)?;
    let found = {
        let key = key.clone();
        call.state
            .read(Sight::Desk, move |reader| M::find(reader, &key))
            .await?
    };
    present(&call.request, found, &key, M::KIND)
}

/// Puts what is sent in place of what there is; with `patch`, on top of it.
pub(super) async fn replace<M: Managed>(
    call: Call,
    payload: Payload,
    patch: bool,
) -> Result<HttpResponse, Stop> {
    Query::none(&call.request)?;
    let sent = call.sent(payload, MAX_SMALL).await?;
    let before = current::<M>(&call).await?;
    let seen = call.must_have_seen()?;
    if !patch {
        // What can be told without the database is told first.
        input::<M>(&sent.value)?;
    }
    let id = before.state().0.to_owned();
    let done = call.write("", move |connection, stamp, state| {
        let key = Key::Id(id);
        let before = M::find(&mut Reader::desk(connection), &key)?.here();
        let before = before.ok_or_else(Problem::moved_on)?;
        let (id, version) = before.state();
        seen.check(id, version)?;
        let value = match patch {
            true => {
                let mut value = before.sent();
                merge(&mut value, sent.value);
                value
            }
            false => sent.value,
        };
        before.replace(connection, &input::<M>(&value)?, stamp)?;
        Ok(Answer::ok(shown::<M>(state, connection, id)?))
    });
    Ok(done.await?)
}

/// Removes it; `move_to` says what takes its place.
pub(super) async fn delete<M: Managed>(
    call: Call,
    move_to: Option<Key>,
) -> Result<HttpResponse, Stop> {
    let before = current::<M>(&call).await?;
    let seen = call.must_have_seen()?;
    let id = before.state().0.to_owned();
    let done = call.write("", move |connection, stamp, _| {
        let key = Key::Id(id);
        let before = M::find(&mut Reader::desk(connection), &key)?.here();
        let before = before.ok_or_else(Problem::moved_on)?;
        let (id, version) = before.state();
        seen.check(id, version)?;
        before.delete(connection, move_to.as_ref(), stamp)?;
        Ok(Answer::no_content())
    });
    Ok(done.await?)
}

/// The handlers of one kind of thing that write. The document and the checks of tokens hang on
/// each of them, so each stands there by itself.
macro_rules! managed_handlers {
    (
        $managed:ty, $detail:ty, $input:ty, $move_params:ty, $tag:literal, $one:literal,
        $list:literal, $item:literal,
        $create:ident $create_id:literal, $replace:ident $replace_id:literal,
        $update:ident $update_id:literal, $delete:ident $delete_id:literal
    ) => {
        #[utoipa::path(
            summary = concat!("Create ", $one),
            description = "A slug is made from the name where none is given.",
            operation_id = $create_id,
            tag = $tag,
            security(("token" = ["content:write"])),
            request_body(content = $input, content_type = "application/json"),
            responses((status = 201, description = "It was made.", body = $detail))
        )]
        #[post($list)]
        pub(super) async fn $create(
            request: HttpRequest,
            state: Data<State>,
            allowed: Allowed<Write>,
            payload: Payload,
        ) -> Result<HttpResponse, Problem> {
            managed::create::<$managed>(Call::new(request, state, allowed.caller), payload).await
        }

        #[utoipa::path(
            summary = concat!("Replace ", $one),
            description = "What is left out is empty afterwards, but for the slug, which stays. Another slug leaves the former one leading here. `If-Match` must hold the `ETag` of what was read.",
            operation_id = $replace_id,
            tag = $tag,
            security(("token" = ["content:write"])),
            params(("key" = String, Path, description = "Id or slug.", max_length = 200)),
            request_body(content = $input, content_type = "application/json"),
            responses((status = 200, description = "It is thus now.", body = $detail))
        )]
        #[put($item)]
        pub(super) async fn $replace(
            request: HttpRequest,
            state: Data<State>,
            allowed: Allowed<Write>,
            payload: Payload,
        ) -> Result<HttpResponse, Stop> {
            let call = Call::new(request, state, allowed.caller);
            managed::replace::<$managed>(call, payload, false).await
        }

        #[utoipa::path(
            summary = concat!("Change ", $one),
            description = "By a JSON merge patch (RFC 7396). `If-Match` must hold the `ETag` of what was read.",
            operation_id = $update_id,
            tag = $tag,
            security(("token" = ["content:write"])),
            params(("key" = String, Path, description = "Id or slug.", max_length = 200)),
            request_body(
                content(
                    ($input = "application/merge-patch+json"),
                    ($input = "application/json")
                )
            ),
            responses((status = 200, description = "It is thus now.", body = $detail))
        )]
        #[patch($item)]
        pub(super) async fn $update(
            request: HttpRequest,
            state: Data<State>,
            allowed: Allowed<Write>,
            payload: Payload,
        ) -> Result<HttpResponse, Stop> {
            let call = Call::new(request, state, allowed.caller);
            managed::replace::<$managed>(call, payload, true).await
        }

        #[utoipa::path(
            summary = concat!("Delete ", $one),
            description = "Its address answers 410 from then on, and `changes` tells of it. `move_to` says what takes its place.",
            operation_id = $delete_id,
            tag = $tag,
            security(("token" = ["content:write"])),
            params(
                ("key" = String, Path, description = "Id or slug.", max_length = 200),
                $move_params
            ),
            responses((status = 204, description = "It is gone."))
        )]
        #[delete($item)]
        pub(super) async fn $delete(
            request: HttpRequest,
            state: Data<State>,
            allowed: Allowed<Write>,
        ) -> Result<HttpResponse, Stop> {
            let mut query = Query::of::<$move_params>(&request)?;
            let move_to = query.key("move_to");
            query.finish()?;
            let call = Call::new(request, state, allowed.caller);
            managed::delete::<$managed>(call, move_to).await
        }
    };
}

pub(super) use managed_handlers;
