//! Google Calendar: consent by OAuth 2.0 (RFC 6749 with PKCE, RFC 7636), busy times and events (Calendar API v3, discovery
//! document 20261030).
//!
//! Access is asked for to busy times of all calendars and to calendars that we make ourselves, and to nothing else: so
//! events are written into a calendar of our own ([`Google::create_calendar`]).

mod busy;
mod consent;
mod events;
mod watch;

pub use consent::{SCOPE_BUSY, SCOPE_WRITE, Tokens};
pub use events::{Placed, event_id};
pub use watch::Channel;

use super::{Trouble, later, refused};
use crate::http::{Client, Fault, PAGE, Whole};
use crate::words::fit;
use jiff::SignedDuration;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::Value;
use std::fmt;

/// The calendar that everybody has.
pub const PRIMARY: &str = "primary";
/// Where people are asked.
pub const AUTHORIZE_URL: &str = "https://accounts.google.com/o/oauth2/v2/auth";
/// Where codes and tokens are exchanged.
pub const TOKEN_URL: &str = "https://oauth2.googleapis.com/token";
/// Where the calendars are.
pub const API_URL: &str = "https://www.googleapis.com/calendar/v3";

/// When a quota is used up and Google does not say for how long.
const USED_UP: SignedDuration = SignedDuration::from_hours(4);

/// The program, as it is registered with Google, and where Google is.
#[derive(Clone)]
pub struct App {
    /// `….apps.googleusercontent.com`
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where Google sends people back to, exactly as it is registered.
    pub redirect_url: String,
    /// [`AUTHORIZE_URL`], or a stand-in.
    pub authorize_url: String,
    /// [`TOKEN_URL`], or a stand-in.
    pub token_url: String,
    /// [`API_URL`], or a stand-in. Without a slash at the end.
    pub api_url: String,
}

/// Calendars at Google. Clones share the client.
#[derive(Clone)]
pub struct Google {
    app: App,
    http: Client,
}

/// Why Google did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// The access token is too old: it is to be refreshed, once, and then it is to be tried again.
    #[error("the access to the calendar must be renewed")]
    Expired,
    /// As with other calendars.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// What the API answers when it does not do something.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    error: Details,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    message: String,
    errors: Vec<Reason>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reason {
    reason: String,
}

impl Google {
    /// Google, for this registration.
    #[must_use]
    pub fn new(app: App, http: Client) -> Self {
        Self { app, http }
    }

    /// Asks the API once. The path's segments are whole ids.
    async fn ask(&self, access: &str, method: Method, path: &[&str], body: Option<&Value>) -> Result<Whole, Failed> {
        let mut url = address(&self.app.api_url)?;
        url.path_segments_mut().map_err(|()| no_address())?.extend(path);
        if method != Method::GET && path.contains(&"events") && !path.ends_with(&["watch"]) {
            // Nobody gets a mail from Google about it.
            url.query_pairs_mut().append_pair("sendUpdates", "none");
        }
        let mut request = self.http.request(method, url).bearer_auth(access);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        Ok(self.http.whole(request, PAGE).await.map_err(google)?)
    }
}

/// What is said of an answer that nobody has read before.
fn by_problem(answer: &Whole, access: &str) -> Failed {
    let problem: Problem = serde_json::from_slice(&answer.body).unwrap_or_default();
    let reason = problem.error.errors.first().map(|first| first.reason.as_str()).unwrap_or_default();
    let wait = answer.retry_after();
    let trouble = match (answer.status, reason) {
        (401, _) => return Failed::Expired,
        (403 | 429, "quotaExceeded" | "dailyLimitExceeded" | "calendarUsageLimitsExceeded") => {
            Trouble::Later(wait.or(Some(USED_UP)), "Google takes no more for today".to_owned())
        }
        (403, "rateLimitExceeded" | "userRateLimitExceeded") | (429, _) => {
            Trouble::Later(wait, "Google is asked too often".to_owned())
        }
        (408 | 500.., status) => {
            let why = if status.is_empty() { String::new() } else { format!(" ({})", fit(status, &[access])) };
            Trouble::Later(wait, format!("Google answers with status {}{why}", answer.status))
        }
        (403, "accessNotConfigured") => refused(
            "the Google Calendar API is not switched on for this program: whoever runs it must do that at Google",
        ),
        (403, _) => {
            refused("the access that was given is not enough: connect the calendar again, with all boxes ticked")
        }
        (404 | 410, _) => refused("Google does not know the calendar any more: connect it again"),
        (status, _) => {
            let words = fit(&problem.error.message, &[access]);
            Trouble::Refused(format!("Google refuses with status {status}: {words}"))
        }
    };
    trouble.into()
}

fn address(of: &str) -> Result<Url, Trouble> {
    Url::parse(of).map_err(|_| no_address())
}

fn no_address() -> Trouble {
    refused("an address of Google in the settings is none: whoever runs this must mend it")
}

fn unreadable() -> Trouble {
    later("Google gives an answer that cannot be read")
}

fn google(fault: Fault) -> Trouble {
    match fault {
        Fault::TooLarge => unreadable(),
        Fault::Private | Fault::Failed(_) => fault.into(),
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

impl fmt::Debug for Google {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Google").finish_non_exhaustive()
    }
}
