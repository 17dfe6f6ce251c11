//! Whether the program lives, and whether it can work.

use super::Web;
use super::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use firstcall_store::journal;

/// It lives.
pub async fn live() -> &'static str {
    "ok\n"
}

/// It can reach its database.
pub async fn ready(State(web): State<Web>) -> Result<&'static str, Problem> {
    let read = web.engine.store().read(async |tx| journal::last(tx).await).await;
    match read {
        Ok(_) => Ok("ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "the database cannot be reached"))
        }
    }
}
