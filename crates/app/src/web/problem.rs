//! Errors as programs get them: RFC 9457 problem details, with the product's own `error` and `message` beside them.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// An error: what was wrong and what to do about it.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    error: &'static str,
    message: String,
}

/// The body of an error.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// The kind of error, in one word that programs can rely on.
    error: &'static str,
    /// What was wrong and what to do about it.
    message: String,
    /// RFC 9457: always `about:blank`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// RFC 9457: the status in words.
    title: &'static str,
    /// RFC 9457: the status.
    status: u16,
    /// RFC 9457: the same as `message`.
    detail: String,
}

impl Problem {
    /// What was wrong and what to do about it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// An error of any kind.
    #[must_use]
    pub fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self { status, error, message: message.into() }
    }

    /// The request cannot be understood.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// The request is understood, and asks for what makes no sense.
    #[must_use]
    pub fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unprocessable", message)
    }

    /// There is nothing here.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    /// The state of things does not allow it.
    #[must_use]
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    /// The caller has to say who they are.
    #[must_use]
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            error: self.error,
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            detail: self.message.clone(),
            message: self.message,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

impl From<firstcall_store::Error> for Problem {
    /// What the database says is for the log; the caller learns whether trying again helps.
    fn from(error: firstcall_store::Error) -> Self {
        tracing::error!(%error, "the database failed a request");
        if error.is_temporary() {
            let message = "the database is busy or unreachable; nothing was changed; try again";
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message);
        }
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong here; it is in the log")
    }
}
