//! The web side. It reads through the store and writes through the engine; nothing depends on it.
//!
//! `workflow` takes mails, `hooks` what networks call us for, `offers` shows and takes answers, `sheet` is the call
//! sheet, `book` is the booking form and `client` what becomes of it, `join` lets people ask to be on the list, `me`
//! is their own page, and `google` lets us into their calendars, `api` is for programs, `desk` for the manager,
//! `events` keeps the desk live, `phones` is the demo's. `page` and `when` are what all pages share.

pub mod api;
mod assets;
mod book;
mod brand;
mod client;
mod desk;
mod events;
mod extract;
mod google;
mod health;
mod hooks;
mod join;
mod limits;
mod me;
mod offers;
mod page;
mod phones;
mod problem;
mod server;
mod sheet;
mod when;
pub mod who;
mod workflow;

use crate::carriers::Carriers;
use crate::engine::Engine;
use crate::sources::Sources;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use problem::Problem;
pub use server::{is_true, serve};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

/// What every handler is given.
#[derive(Clone)]
pub struct Web {
    /// The engine.
    pub engine: Engine,
    /// Who carries texts, and reports of them.
    pub carriers: Arc<Carriers>,
    /// The way to calendars.
    pub sources: Arc<Sources>,
    /// Which of their calls were not believed.
    pub refused: Arc<hooks::Refused>,
    /// How many forms each address has sent lately; none where limits are off.
    pub forms: Option<limits::Limiter>,
    /// Turns true when the program is about to end: streams end then.
    pub closing: watch::Receiver<bool>,
    /// As what the program runs.
    pub mode: Mode,
}

/// As what the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For real.
    Serve,
    /// With pretended phones beside the board, and a clock that can be moved.
    Demo,
}

impl Web {
    /// A page's address, as it is reached from outside.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.engine.settings().server.public_url.join(path)
    }
}

/// Longer than this, no request is worked on: a caller that sends its body this slowly has gone.
const LONGEST_REQUEST: Duration = Duration::from_mins(2);

/// Every route of the program.
pub fn router(
    engine: Engine,
    carriers: Arc<Carriers>,
    sources: Arc<Sources>,
    closing: watch::Receiver<bool>,
    mode: Mode,
) -> Router {
    let limited = engine.settings().server.rate_limits.is_on();
    let forms = limited.then(limits::forms);
    let web = Web { engine, carriers, sources, refused: Arc::default(), forms, closing, mode };
    let mail = Router::new()
        .route("/workflow/email", post(workflow::take))
        .route("/workflow/email/{token}", post(workflow::take_with_token))
        .layer(DefaultBodyLimit::max(workflow::LARGEST_MAIL));
    let hooks = Router::new()
        .route("/hooks/{network}/status", get(hooks::status).post(hooks::status))
        .route("/hooks/google/calendar", post(google::changed))
        .route("/hooks/{network}/inbound", get(hooks::inbound).post(hooks::inbound))
        .layer(DefaultBodyLimit::max(hooks::LARGEST));
    // Compressed: nothing that a stranger chooses stands beside a secret on these pages.
    let open = Router::new()
        .merge(book::router())
        .merge(client::router())
        .route("/s/{token}", get(sheet::show))
        .merge(join::router())
        .route("/assets/{version}/{name}", get(assets::show))
        .layer(CompressionLayer::new());
    let router = Router::new()
        .merge(mail)
        .merge(hooks)
        .merge(api::router(&web))
        .merge(desk::router(&web))
        .merge(phones::router(&web))
        .route("/y/{token}", get(offers::show_yes).post(offers::press_yes))
        .route("/n/{token}", get(offers::show_no).post(offers::press_no))
        .merge(open)
        .merge(me::router())
        .route("/calendars/google", get(google::answered))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_this_way)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, LONGEST_REQUEST))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong here").into_response()
        }))
        .with_state(web);
    if limited { router.layer(middleware::from_fn_with_state(limits::limiter(), limits::limit)) } else { router }
}

/// Browsers get a page, programs a problem.
async fn nothing_here(State(web): State<Web>, request: Request) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        let root = desk::access::root_of(request.uri().path());
        return offers::notice_at(
            &web,
            root,
            StatusCode::NOT_FOUND,
            "There is no such page.",
            "Please look at the address again.",
        );
    }
    let message = format!("there is nothing at {}", request.uri().path());
    Problem::new(StatusCode::NOT_FOUND, "not_found", message).into_response()
}

async fn not_this_way(request: Request) -> Response {
    let message = format!("{} does not take {}", request.uri().path(), request.method());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message).into_response()
}

/// The token of an `Authorization: Bearer …` header.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
