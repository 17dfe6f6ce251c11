//! The style sheets, the scripts and the icon, which are part of the program. htmx is as its makers publish it.

use super::{Web, brand};
use crate::hash::sha256;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

const STYLE: &str = include_str!("../../assets/style.css");
const LIVE: &str = include_str!("../../assets/live.js");
const HTMX: &str = include_str!("../../assets/vendor/htmx-4.0.1.min.js");
const HX_SSE: &str = include_str!("../../assets/vendor/hx-sse-4.0.1.min.js");
const ORDER: &str = include_str!("../../assets/order.js");
const BOOK_STYLE: &str = include_str!("../../assets/book.css");
const BOOK: &str = include_str!("../../assets/book.js");
const ICON: &str = include_str!("../../assets/icon.svg");

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let all = [STYLE, LIVE, HTMX, HX_SSE, ORDER, BOOK_STYLE, BOOK, ICON].map(str::as_bytes);
    sha256(&all).chars().take(12).collect()
});

/// A name for the assets as they are in this program.
#[must_use]
pub fn version() -> &'static str {
    &VERSION
}

/// One of them. The version is part of its address, so it may be kept for ever.
pub async fn show(State(web): State<Web>, Path((version, name)): Path<(String, String)>) -> Response {
    let colour = web.engine.settings().studio.colour;
    if let Some(colour) = colour.filter(|_| name == "studio.css") {
        return asset("text/css; charset=utf-8", brand::style(colour), version == brand::version(colour));
    }
    let (kind, text) = match name.as_str() {
        "book.css" => ("text/css; charset=utf-8", BOOK_STYLE),
        "book.js" => ("text/javascript; charset=utf-8", BOOK),
        "style.css" => ("text/css; charset=utf-8", STYLE),
        "live.js" => ("text/javascript; charset=utf-8", LIVE),
        "htmx-4.0.1.min.js" => ("text/javascript; charset=utf-8", HTMX),
        "hx-sse-4.0.1.min.js" => ("text/javascript; charset=utf-8", HX_SSE),
        "order.js" => ("text/javascript; charset=utf-8", ORDER),
        "icon.svg" => ("image/svg+xml", ICON),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    asset(kind, text, version == self::version())
}

fn asset(kind: &'static str, text: impl IntoResponse, current: bool) -> Response {
    let keep = if current { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, text).into_response()
}
