//! The JSON interface: what programs see and do. Its description is generated from the code.

mod actions;
pub(in crate::web) mod auth;
pub(in crate::web) mod bookings;
pub(in crate::web) mod calendars;
mod idempotency;
mod inbox;
mod messages;
mod musicians;
mod studio;
pub mod views;

use super::{Web, workflow};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router, middleware};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The head of the description; paths and schemas are collected from the handlers.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "First Call",
        description = "The session contractor that texts the next player until every chair is filled.",
        license(name = "MIT", identifier = "MIT")
    ),
    paths(workflow::take, workflow::take_with_token),
    modifiers(&Keys),
    security(("key" = []))
)]
struct Description;

struct Keys;

impl Modify for Keys {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let key = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        openapi.components.get_or_insert_default().add_security_scheme("key", key);
    }
}

/// One page of a list.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Items<T> {
    /// What is on it.
    items: Vec<T>,
    /// What to pass as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

impl<T> Items<T> {
    /// All there is.
    fn all(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }

    /// A page of at most `limit` items, out of one more than that.
    fn page(mut items: Vec<T>, limit: i64, number: impl Fn(&T) -> i64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(|last| number(last).to_string());
        Self { items, next_cursor }
    }
}

/// Completes the description with what all operations share: what each status means, that errors are problem details,
/// and the errors that any call can get.
fn described(mut description: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for (path, item) in &mut description.paths.paths {
        if let Some(post) = item.post.as_mut().filter(|_| path.starts_with("/api/")) {
            add_key(post);
        }
        let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().filter_map(Option::as_mut) {
            complete(operation);
        }
    }
    description
}

/// Every POST under `/api` takes an idempotency key.
fn add_key(operation: &mut Operation) {
    let parameters = operation.parameters.get_or_insert_default();
    if parameters.iter().any(is_key) {
        return;
    }
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some("The same call again gets the same answer"))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
    parameters.push(key.build().into());
}

fn is_key(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.name == "Idempotency-Key")
}

fn complete(operation: &mut Operation) {
    // Handlers of several slices have the same name; an operation's id is its own.
    let tag = operation.tags.iter().flatten().next();
    operation.operation_id = tag.zip(operation.operation_id.as_ref()).map(|(tag, id)| format!("{tag}_{id}"));
    let mut common = vec!["400", "401", "404", "429", "500", "503"];
    if operation.request_body.is_some() {
        common.extend(["413", "415", "422"]);
    }
    if operation.parameters.iter().flatten().any(is_key) {
        common.extend(["409", "422"]);
    }
    let responses = &mut operation.responses.responses;
    for status in common {
        let body = Content::new(Some(Ref::from_schema_name("ProblemBody")));
        let error = ResponseBuilder::new().content("application/json", body).build();
        responses.entry(status.to_owned()).or_insert_with(|| error.into());
    }
    for (status, response) in responses {
        let RefOr::T(response) = response else { continue };
        let code = status.parse().ok().and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or_default();
        if response.description.is_empty() {
            code.canonical_reason().unwrap_or_default().clone_into(&mut response.description);
        }
        let error = code.is_client_error() || code.is_server_error();
        if let Some(body) = response.content.shift_remove("application/json").filter(|_| error) {
            response.content.insert("application/problem+json".to_owned(), body);
        }
    }
}

/// The routes under `/api`.
pub fn router(web: &Web) -> Router<Web> {
    let (routes, description) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(bookings::list, bookings::create))
        .routes(routes!(bookings::show))
        .routes(routes!(bookings::messages))
        .routes(routes!(bookings::calendars))
        .routes(routes!(bookings::log))
        .routes(routes!(actions::pause))
        .routes(routes!(actions::resume))
        .routes(routes!(actions::next))
        .routes(routes!(actions::cancel))
        .routes(routes!(actions::ask))
        .routes(routes!(actions::fill))
        .routes(routes!(actions::answer))
        .routes(routes!(actions::release))
        .routes(routes!(actions::add_times))
        .routes(routes!(actions::drop_times))
        .routes(routes!(actions::move_session))
        .routes(routes!(messages::list))
        .routes(routes!(messages::show))
        .routes(routes!(messages::arrived))
        .routes(routes!(messages::resend))
        .routes(routes!(musicians::list, musicians::create))
        .routes(routes!(musicians::show, musicians::change, musicians::remove))
        .routes(routes!(musicians::approve))
        .routes(routes!(musicians::blocks, musicians::block))
        .routes(routes!(musicians::unblock))
        .routes(routes!(musicians::consents))
        .routes(routes!(inbox::list))
        .routes(routes!(inbox::show))
        .routes(routes!(inbox::mend))
        .routes(routes!(inbox::dismiss))
        .routes(routes!(studio::show))
        .routes(routes!(calendars::list, calendars::connect))
        .routes(routes!(calendars::change, calendars::disconnect))
        .routes(routes!(calendars::read))
        .routes(routes!(calendars::availability))
        .routes(routes!(calendars::studio_list, calendars::studio_connect))
        .routes(routes!(calendars::studio_change, calendars::studio_disconnect))
        .routes(routes!(calendars::studio_read))
        .routes(routes!(calendars::studio_availability))
        .routes(routes!(calendars::closures, calendars::close))
        .routes(routes!(calendars::open))
        .split_for_parts();
    let document = Json(described(description));
    routes
        .layer(middleware::from_fn_with_state(web.clone(), idempotency::once))
        .layer(middleware::from_fn_with_state(web.clone(), auth::with_key))
        .route("/api/openapi.json", get(move || std::future::ready(document.clone())))
}
