//! How somebody lets us at their calendars: they agree on a page of Google, we get a code, and for the code tokens.

use super::super::{Trouble, refused};
use super::{Google, Whole, address, google, unreadable};
use crate::http::SMALL;
use crate::words::fit;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt;

/// When somebody is busy, and with nothing else.
pub const SCOPE_BUSY: &str = "https://www.googleapis.com/auth/calendar.events.freebusy";
/// Calendars that we make, and their events.
pub const SCOPE_WRITE: &str = "https://www.googleapis.com/auth/calendar.app.created";

/// What Google gives for a consent.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// For the requests of an hour or so.
    pub access: String,
    /// How long that is.
    pub valid_for: SignedDuration,
    /// For further access tokens; there after a consent, and when Google replaces an earlier one.
    pub refresh: Option<String>,
    /// What was agreed to.
    pub scopes: Vec<String>,
}

/// RFC 6749, section 5.1.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u32,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    scope: String,
}

/// RFC 6749, section 5.2.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Denied {
    error: String,
}

impl Tokens {
    /// Whether events may be written: people can leave its box unticked.
    #[must_use]
    pub fn may_write(&self) -> bool {
        self.scopes.iter().any(|scope| scope == SCOPE_WRITE)
    }
}

impl Google {
    /// The page on which somebody agrees. `state` binds the answer to who asked, and `verifier` the code to us: 43 to 128
    /// letters and digits that nobody can guess (RFC 7636, section 4.1), kept until the code comes.
    ///
    /// # Errors
    /// When the address in the settings is none.
    pub fn authorize_url(&self, state: &str, verifier: &str) -> Result<String, Trouble> {
        let mut url = address(&self.app.authorize_url)?;
        url.query_pairs_mut().extend_pairs([
            ("client_id", self.app.client_id.as_str()),
            ("redirect_uri", &self.app.redirect_url),
            ("response_type", "code"),
            ("scope", &format!("{SCOPE_BUSY} {SCOPE_WRITE}")),
            ("state", state),
            ("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))),
            ("code_challenge_method", "S256"),
            // Without both, no refresh token comes the second time.
            ("access_type", "offline"),
            ("prompt", "consent"),
            // Without this, what was agreed to before is lost.
            ("include_granted_scopes", "true"),
        ]);
        Ok(url.into())
    }

    /// Tokens for a code, which works once. A refresh token is among them, and the right to see busy times.
    ///
    /// # Errors
    /// When there are none. The code may be used up then, and the consent to be asked for again.
    pub async fn exchange(&self, code: &str, verifier: &str) -> Result<Tokens, Trouble> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", &self.app.redirect_url),
        ];
        let tokens =
            self.tokens(&form, "Google does not take this answer any more: connect the calendar again").await?;
        if tokens.refresh.is_none() {
            return Err(refused("Google gives no lasting access: connect the calendar again"));
        }
        if !tokens.scopes.iter().any(|scope| scope == SCOPE_BUSY) {
            return Err(refused(
                "the box for seeing when you are busy was not ticked: connect the calendar again, with it",
            ));
        }
        Ok(tokens)
    }

    /// A further access token.
    ///
    /// # Errors
    /// When there is none; [`Trouble::Refused`] where the consent was withdrawn or has ended.
    pub async fn refresh(&self, refresh: &str) -> Result<Tokens, Trouble> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        self.tokens(&form, "access to the calendar was withdrawn or has ended: connect it again").await
    }

    async fn tokens(&self, form: &[(&str, &str)], ended: &str) -> Result<Tokens, Trouble> {
        let registration = [("client_id", self.app.client_id.as_str()), ("client_secret", &self.app.client_secret)];
        let all: Vec<_> = form.iter().chain(&registration).collect();
        let body = serde_urlencoded::to_string(all).unwrap_or_default();
        let request = self.http.request(Method::POST, address(&self.app.token_url)?);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let answer = self.http.whole(request, SMALL).await.map_err(google)?;
        if answer.status != 200 {
            return Err(denied(&answer, ended));
        }
        let granted: Granted = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        Ok(Tokens {
            access: granted.access_token,
            valid_for: SignedDuration::from_secs(granted.expires_in.into()),
            refresh: granted.refresh_token.filter(|token| !token.is_empty()),
            scopes: granted.scope.split_whitespace().map(str::to_owned).collect(),
        })
    }
}

fn denied(answer: &Whole, ended: &str) -> Trouble {
    let denied: Denied = serde_json::from_slice(&answer.body).unwrap_or_default();
    match (answer.status, denied.error.as_str()) {
        (_, "invalid_grant") => refused(ended),
        (408 | 429 | 500.., _) => {
            Trouble::Later(answer.retry_after(), format!("Google answers with status {}", answer.status))
        }
        (status, error) => Trouble::Refused(format!(
            "Google refuses this program with status {status} {}: whoever runs it must mend its registration",
            fit(error, &[])
        )),
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { valid_for, scopes, .. } = self;
        write!(f, "Tokens(valid for {valid_for:#}, {scopes:?})")
    }
}
