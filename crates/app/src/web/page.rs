//! HTML pages: how they are rendered, and the headers that each carries.
//!
//! Addresses in them are relative to the page, so that they hold behind a proxy that serves the program under a path.

use super::assets;
use askama::Template;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// Who reads a page: what it may do follows from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Somebody with a secret link. The page runs no script, and its address is told to nobody.
    Musician,
    /// A musician who fills in a form. As above; but forms say where they come from, which nothing else is told.
    Filling,
    /// A client who books. As above; but the page may run its own script, which asks for the studio's times.
    Booking,
    /// The manager. The page may run the desk's own script.
    Manager,
}

/// What every page's head needs.
#[derive(Clone, Debug)]
pub struct Head {
    /// The title, which tells the state.
    pub title: String,
    /// Leads from the page's address to the program's first page: `./` or `../`.
    pub root: &'static str,
    /// The version of the style sheet and the script, so that browsers never mix two.
    pub version: &'static str,
}

impl Head {
    /// The head of a page that lies `root` away from the first page.
    #[must_use]
    pub fn new(title: impl Into<String>, root: &'static str) -> Self {
        Self { title: title.into(), root, version: assets::version() }
    }
}

/// Renders a page and gives it its headers.
pub fn render(status: StatusCode, reader: Reader, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => {
            let mut response = (status, Html(html)).into_response();
            guard(response.headers_mut(), reader);
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "This page could not be made. Please try again.").into_response()
        }
    }
}

const FILLING: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const WITH_SCRIPT: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// Lets the forms of a page for [`Reader::Filling`] lead to another site: browsers count where a form's answer sends them.
pub fn may_lead_to(response: &mut Response, origin: &str) {
    let policy = FILLING.replace("form-action 'self'", &format!("form-action 'self' {origin}"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Lets sites show a page in a frame.
pub fn may_be_embedded(response: &mut Response, origins: &[String]) {
    let headers = response.headers_mut();
    let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let policy = policy.map(|p| p.replace("frame-ancestors 'none'", &format!("frame-ancestors {}", origins.join(" "))));
    if let Some(policy) = policy.filter(|_| !origins.is_empty()).and_then(|policy| HeaderValue::from_str(&policy).ok())
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.remove(header::X_FRAME_OPTIONS);
    }
}

/// The desk's forms say where they come from, which `no-referrer` would hide; a musician's page tells nobody its address.
fn guard(headers: &mut HeaderMap, reader: Reader) {
    let (referrer, policy) = match reader {
        Reader::Musician => (
            "no-referrer",
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        Reader::Filling => ("same-origin", FILLING),
        Reader::Booking | Reader::Manager => ("same-origin", WITH_SCRIPT),
    };
    let fixed: [(HeaderName, &'static str); 6] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, referrer),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
