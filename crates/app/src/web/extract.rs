//! What handlers take out of requests, with errors that say what was wrong.

use super::problem::Problem;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

/// A JSON body.
pub struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let json = kind.is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            kind == "application/json" || kind.ends_with("+json")
        });
        if !json {
            let message = "the body must be JSON, with the header Content-Type: application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message));
        }
        let bytes = body(request, state).await?;
        if bytes.windows(6).any(|text| text == b"\\u0000") {
            return Err(Problem::unprocessable("a text must not hold the character 0"));
        }
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let message = match error.path().to_string().as_str() {
                "." => error.inner().to_string(),
                field => format!("{field}: {}", error.inner()),
            };
            if error.inner().is_data() { Problem::unprocessable(message) } else { Problem::bad_request(message) }
        })?;
        json.end().map_err(|error| Problem::bad_request(error.to_string()))?;
        Ok(Self(value))
    }
}

/// The whole body of a request.
///
/// # Errors
/// When it is larger than the route allows, or breaks off.
pub async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| too_large_or_broken(&rejection))
}

fn too_large_or_broken(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is larger than is taken here");
    }
    Problem::bad_request("the body broke off")
}

/// A number in the path; anything else is no such thing.
pub struct Id(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<i64>::from_request_parts(parts, state).await.map_err(|_| Problem::not_found("thing"))?;
        Ok(Self(id))
    }
}

/// Which page of a list is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Where to go on: the `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many items, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// Only those in this state, where the list has states.
    pub state: Option<String>,
    /// As `state`.
    pub status: Option<String>,
}

/// A checked [`PageQuery`].
#[derive(Clone, Debug)]
pub struct Page {
    /// The number to go on from.
    pub cursor: Option<i64>,
    /// How many items.
    pub limit: i64,
    /// Only those in this state.
    pub state: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<PageQuery>::from_request_parts(parts, state).await;
        let Query(query) = query.map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
        let cursor = query.cursor.map(|cursor| {
            let number = cursor.parse::<i64>().ok().filter(|number| *number >= 0);
            number.ok_or_else(|| Problem::bad_request("cursor: use the next_cursor of the page before"))
        });
        let limit = query.limit.unwrap_or(50);
        if !(1..=200).contains(&limit) {
            return Err(Problem::bad_request(format!("limit: found {limit}; 1 to 200 are allowed")));
        }
        Ok(Self { cursor: cursor.transpose()?, limit, state: query.state.or(query.status) })
    }
}

impl Page {
    /// The state that is wanted, if it is one of `known`.
    ///
    /// # Errors
    /// When it is another word.
    pub fn state_of(&self, known: &[&str]) -> Result<Option<String>, Problem> {
        let Some(state) = &self.state else { return Ok(None) };
        if known.contains(&state.as_str()) {
            return Ok(Some(state.clone()));
        }
        Err(Problem::bad_request(format!("state: \"{}\" is not one of {}", state.escape_debug(), known.join(", "))))
    }
}
