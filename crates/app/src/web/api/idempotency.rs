//! A call that carries an `Idempotency-Key` is carried out once: the same call again gets the same answer, another call
//! under the same key is refused. Keys are kept for a day.

use crate::hash::sha256;
use crate::web::Web;
use crate::web::extract::body;
use crate::web::problem::Problem;
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use firstcall_store::journal::{self, Key};

/// The key that a call is carried out under, for handlers whose work must not be done twice even if its answer is lost.
#[derive(Clone, Debug)]
pub struct TakenKey(pub String);

const KEY: &str = "idempotency-key";
const LONGEST_KEY: usize = 255;

/// Carries a call with a key out once.
pub async fn once(State(web): State<Web>, request: Request, next: Next) -> Result<Response, Problem> {
    let Some(key) = request.headers().get(KEY).filter(|_| request.method() == Method::POST).cloned() else {
        return Ok(next.run(request).await);
    };
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(Problem::bad_request(format!("Idempotency-Key: 1 to {LONGEST_KEY} characters are allowed")));
    }
    let path = request.uri().path().to_owned();
    let caller = request.headers().get(header::AUTHORIZATION).cloned();
    let (parts, stream) = request.into_parts();
    let bytes = body(Request::from_parts(parts.clone(), stream), &()).await?;
    let key = sha256(&[caller.as_ref().map_or(&[], |value| value.as_bytes()), b"\0", key.as_bytes()]);
    let call = sha256(&[path.as_bytes(), b"\0", &bytes]);
    let (taken, now) = (key.clone(), web.engine.clock().now());
    let take = async move |tx: &mut firstcall_store::Tx| journal::take_key(tx, &taken, &call, now).await;
    match web.engine.store().write(take).await? {
        Key::Taken => {}
        Key::Answered(status, body) => return Ok(again(status, body)),
        Key::Booked(id) => {
            let view = web.booking_view(id).await?;
            return keep(&web, key, (StatusCode::CREATED, Json(view)).into_response()).await;
        }
        Key::Busy => return Err(Problem::conflict("the same call is being carried out; ask again in a moment")),
        Key::Misused => {
            return Err(Problem::unprocessable("this Idempotency-Key was used for another call: take a new one"));
        }
    }
    let mut request = Request::from_parts(parts, Body::from(bytes));
    request.extensions_mut().insert(TakenKey(key.clone()));
    let response = next.run(request).await;
    keep(&web, key, response).await
}

/// Keeps what was answered, unless the call failed here: then it may be tried again under the same key.
async fn keep(web: &Web, key: String, response: Response) -> Result<Response, Problem> {
    let (parts, stream) = response.into_parts();
    let bytes = to_bytes(stream, usize::MAX).await.map_err(|_| Problem::bad_request("the answer broke off"))?;
    let (status, text) = (parts.status.as_u16(), String::from_utf8_lossy(&bytes).into_owned());
    let failed = parts.status.is_server_error();
    let settle = async move |tx: &mut firstcall_store::Tx| {
        if failed { journal::release_key(tx, &key).await } else { journal::answer_key(tx, &key, status, &text).await }
    };
    web.engine.store().write(settle).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn again(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    response
}
