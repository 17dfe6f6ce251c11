//! The JSON interface: what programs see and do. Its description is generated from the code.

mod actions;
pub(in crate::web) mod auth;
mod bookings;
mod idempotency;
mod inbox;
mod messages;
mod musicians;
mod studio;
pub mod views;

use super::{Web, workflow};
use axum::routing::get;
use axum::{Json, Router, middleware};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
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
    /// A page of at most `limit` items, out of one more than that.
    fn page(mut items: Vec<T>, limit: i64, number: impl Fn(&T) -> i64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(|last| number(last).to_string());
        Self { items, next_cursor }
    }
}

/// The routes under `/api`.
pub fn router(web: &Web) -> Router<Web> {
    let (routes, description) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(bookings::list, bookings::create))
        .routes(routes!(bookings::show))
        .routes(routes!(bookings::messages))
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
        .routes(routes!(musicians::list, musicians::create))
        .routes(routes!(musicians::show, musicians::change, musicians::remove))
        .routes(routes!(musicians::blocks, musicians::block))
        .routes(routes!(musicians::unblock))
        .routes(routes!(inbox::list))
        .routes(routes!(inbox::show))
        .routes(routes!(inbox::mend))
        .routes(routes!(inbox::dismiss))
        .routes(routes!(studio::show))
        .split_for_parts();
    let document = Json(description);
    routes
        .layer(middleware::from_fn_with_state(web.clone(), idempotency::once))
        .layer(middleware::from_fn_with_state(web.clone(), auth::with_key))
        .route("/api/openapi.json", get(move || std::future::ready(document.clone())))
}
