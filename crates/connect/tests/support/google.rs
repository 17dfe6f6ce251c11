//! Google as it is told to be.

#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use super::calendars::span;
use super::support::{Act, Request, StandIn, answer, client_for, patient};
use firstcall_connect::calendars::Trouble;
use firstcall_connect::calendars::google::{App, Failed, Google};
use firstcall_core::span::Span;
use jiff::tz::TimeZone;
use reqwest::Url;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Debug;

pub const VERIFIER: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ";
pub const STATE: &str = "state & of é";
pub const REDIRECT: &str = "https://calls.example.com/calendars/google";
pub const SECRET: &str = "g00gle-s3cret";
pub const ACCESS: &str = "ya29.acc3ss";
pub const REFRESH: &str = "1//r3fresh";
pub const UID: &str = "session-17@calls.example.com";

pub fn app(url: &str) -> App {
    App {
        client_id: "firstcall.apps.example.com".to_owned(),
        client_secret: SECRET.to_owned(),
        redirect_url: REDIRECT.to_owned(),
        authorize_url: format!("{url}/o/oauth2/v2/auth"),
        token_url: format!("{url}/oauth2/token"),
        api_url: format!("{url}/calendar/v3"),
    }
}

pub fn google(url: &str) -> Google {
    Google::new(app(url), patient())
}

/// Google that does these things one after the other.
pub async fn scripted(acts: &[Act]) -> (StandIn, Google) {
    let server = StandIn::new(acts).await;
    let http = acts.last().map_or_else(patient, client_for);
    let google = Google::new(app(&server.url), http);
    (server, google)
}

pub fn says(status: &str, body: &Value) -> Act {
    Act::Answer(answer(status, "Content-Type: application/json\r\n", &body.to_string()))
}

pub fn problem(status: u16, reason: &str) -> Act {
    let message = format!("No {reason} for {ACCESS}");
    let body =
        json!({ "error": { "code": status, "message": message, "errors": [{ "domain": "x", "reason": reason }] } });
    says(&format!("{status} No"), &body)
}

pub fn trouble<T: Debug>(result: Result<T, Failed>) -> Result<(), Trouble> {
    match result {
        Err(Failed::Trouble(trouble)) => Err(trouble),
        other => panic!("{other:?}"),
    }
}

pub fn query(url: &str) -> HashMap<String, String> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

pub fn body(request: &Request) -> Value {
    serde_json::from_str(&request.body).unwrap()
}

pub fn at_ten() -> Span {
    span("2026-12-08T15:00:00Z", "2026-12-08T16:00:00Z")
}

pub fn new_york() -> TimeZone {
    TimeZone::get("America/New_York").unwrap()
}
