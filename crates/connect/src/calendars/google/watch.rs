//! Being told that a calendar changed.

use super::{Failed, Google, by_problem, unreadable};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

/// For so long Google is asked to tell; it may choose less.
const LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Where Google tells of a calendar's changes.
pub struct Channel<'a> {
    /// Its name, of up to 64 letters, digits, `-` and `_`.
    pub id: &'a str,
    /// What Google presents with each call, so that nobody else is believed.
    pub token: &'a str,
    /// An `https` address with a certificate that Google trusts.
    pub address: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Watching {
    /// In milliseconds since 1970, as a text.
    #[serde(default)]
    expiration: Option<String>,
}

impl Google {
    /// Asks to be told when a calendar changes (Calendar API, "Push notifications"): calls are empty, may get lost, and end
    /// at the moment that is returned. `now` is when the request is made.
    ///
    /// # Errors
    /// When Google does not do it: then the calendar is read now and then all the same.
    pub async fn watch(
        &self,
        access: &str,
        calendar: &str,
        channel: &Channel<'_>,
        now: Timestamp,
    ) -> Result<Timestamp, Failed> {
        let body = json!({
            "id": channel.id,
            "type": "web_hook",
            "address": channel.address,
            "token": channel.token,
            "params": { "ttl": LIFE.as_secs().to_string() },
        });
        let answer = self.ask(access, Method::POST, &["calendars", calendar, "events", "watch"], Some(&body)).await?;
        if answer.status != 200 {
            return Err(by_problem(&answer, access));
        }
        let watching: Watching = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        let end = watching.expiration.and_then(|text| Timestamp::from_millisecond(text.parse().ok()?).ok());
        let longest = now.saturating_add(LIFE).unwrap_or(Timestamp::MAX);
        Ok(end.map_or(longest, |end| end.min(longest)))
    }
}
