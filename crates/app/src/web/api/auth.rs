//! Who may use the interface: those who present one of the keys in `api.keys`.

use crate::web::problem::Problem;
use crate::web::{Web, bearer};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use subtle::{Choice, ConstantTimeEq};

/// Lets only those through who present a key.
pub async fn with_key(State(web): State<Web>, request: Request, next: Next) -> Result<Response, Problem> {
    if presents_key(&web, request.headers()) {
        return Ok(next.run(request).await);
    }
    Err(Problem::unauthorized("present one of api.keys: Authorization: Bearer KEY"))
}

/// Whether a request carries one of the keys. Every key is compared, in constant time.
pub fn presents_key(web: &Web, headers: &HeaderMap) -> bool {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(presented) = header.and_then(bearer) else { return false };
    let keys = web.engine.settings().api.keys.iter();
    let matches = keys.map(|key| presented.as_bytes().ct_eq(key.expose().as_bytes()));
    matches.fold(Choice::from(0), |any, this| any | this).into()
}
