//! Who may use the interface: those who present one of the keys in `api.keys`, or one that `firstcall admin` made.

use crate::engine::key_fingerprint;
use crate::web::problem::Problem;
use crate::web::who::Who;
use crate::web::{Web, bearer};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use firstcall_store::accounts::{self, ApiKey};
use firstcall_store::{Error, Tx};
use subtle::{Choice, ConstantTimeEq};

/// Which key was presented.
#[derive(Clone, Debug)]
pub enum Key {
    /// One of `api.keys`.
    Set,
    /// One that was made.
    Made(ApiKey),
}

impl Key {
    /// Who acts with it, in the log.
    #[must_use]
    pub fn who(&self) -> Who {
        match self {
            Self::Set => Who::API,
            Self::Made(key) => Who::named(&key.name),
        }
    }
}

/// Lets only those through who present a key.
pub async fn with_key(State(web): State<Web>, mut request: Request, next: Next) -> Result<Response, Problem> {
    let Some(key) = presented(&web, request.headers()).await? else {
        return Err(Problem::unauthorized("present one of api.keys: Authorization: Bearer KEY"));
    };
    request.extensions_mut().insert(key.who());
    Ok(next.run(request).await)
}

/// The key that a request carries, if it opens something.
///
/// # Errors
/// When the database cannot be asked: it is, only if the key is not one of `api.keys`.
pub async fn presented(web: &Web, headers: &HeaderMap) -> Result<Option<Key>, Error> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match header.and_then(bearer) {
        Some(key) => known(web, key).await,
        None => Ok(None),
    }
}

/// Which key this is. Every one of `api.keys` is compared, in constant time.
///
/// # Errors
/// When the database cannot be asked.
pub async fn known(web: &Web, key: &str) -> Result<Option<Key>, Error> {
    let keys = web.engine.settings().api.keys.iter();
    let matches = keys.map(|known| key.as_bytes().ct_eq(known.expose().as_bytes()));
    if matches.fold(Choice::from(0), |any, this| any | this).into() {
        return Ok(Some(Key::Set));
    }
    made(web, key_fingerprint(key)).await
}

/// The made key of a fingerprint.
///
/// # Errors
/// When the database cannot be asked.
pub async fn made(web: &Web, fingerprint: String) -> Result<Option<Key>, Error> {
    let read = async move |tx: &mut Tx| accounts::key(tx, &fingerprint).await;
    Ok(web.engine.store().read(read).await?.map(Key::Made))
}
