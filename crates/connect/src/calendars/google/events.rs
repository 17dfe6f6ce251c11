//! Sessions in a calendar of ours at Google. No event is made twice, because we choose its id.

use super::super::Trouble;
use super::{Failed, Google, Whole, by_problem, unreadable};
use firstcall_calendar::{Event, Status};
use jiff::{Timestamp, tz::TimeZone};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Where our UID is in an event, because an event with an id of ours has a UID of Google's.
const OURS: &str = "firstcall";
/// The digits of base32hex (RFC 4648, section 7), which are what an id may have.
const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// It is there as it was sent, under this id.
    Done(String),
    /// It was there already, under this id: what an earlier attempt wrote, whose answer was lost, or what somebody made of
    /// it since. It can be updated.
    There(String),
    /// It was deleted. Its id stays used: the next generation of it is free.
    Deleted,
    /// There is no such calendar any more, or it is not one that we may write into.
    NoCalendar,
}

/// An event, as far as it matters.
#[derive(Deserialize)]
struct Kept {
    id: String,
    #[serde(default)]
    status: String,
    #[serde(default, rename = "extendedProperties")]
    extended: Extended,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Extended {
    private: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

/// The id of an event with this UID: another one for each generation, because deleted events keep theirs.
#[must_use]
pub fn event_id(uid: &str, generation: u32) -> String {
    let hash = Sha256::digest(format!("{generation} {uid}"));
    let bit = |at: usize| hash.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    (0..hash.len() * 8)
        .step_by(5)
        .map(|at| DIGITS[(at..at + 5).fold(0, |digit, at| digit << 1 | usize::from(bit(at)))])
        .map(char::from)
        .collect()
}

impl Google {
    /// Makes a calendar of ours and gives its id. Where the answer is lost there may be one that nobody uses.
    ///
    /// # Errors
    /// When there is none, or its id is not known.
    pub async fn create_calendar(&self, access: &str, name: &str, zone: &TimeZone) -> Result<String, Failed> {
        let mut body = json!({ "summary": name });
        if let Some(zone) = zone.iana_name() {
            body["timeZone"] = zone.into();
        }
        let answer = self.ask(access, Method::POST, &["calendars"], Some(&body)).await?;
        let made: Made = read(&answer, access)?;
        Ok(made.id)
    }

    /// Writes a new event, under an id from [`event_id`].
    ///
    /// # Errors
    /// Then it may be there or not; writing it again under the same id is harmless.
    pub async fn insert(&self, access: &str, calendar: &str, id: &str, event: &Event<'_>) -> Result<Placed, Failed> {
        let mut body = described(event);
        body["id"] = id.into();
        let answer = self.ask(access, Method::POST, &["calendars", calendar, "events"], Some(&body)).await?;
        match answer.status {
            404 | 410 => Ok(Placed::NoCalendar),
            409 => self.there(access, calendar, id, event.uid).await,
            _ => Ok(Placed::Done(read::<Kept>(&answer, access)?.id)),
        }
    }

    /// Writes over an event that is there.
    ///
    /// # Errors
    /// Then it may be written or not; writing it again is harmless.
    pub async fn update(&self, access: &str, calendar: &str, id: &str, event: &Event<'_>) -> Result<Placed, Failed> {
        let path = ["calendars", calendar, "events", id];
        let answer = self.ask(access, Method::PUT, &path, Some(&described(event))).await?;
        match answer.status {
            404 | 410 => Ok(Placed::Deleted),
            _ => Ok(match read::<Kept>(&answer, access)? {
                kept if kept.status == "cancelled" && event.status != Status::Cancelled => Placed::Deleted,
                kept => Placed::Done(kept.id),
            }),
        }
    }

    /// Removes an event, whoever has changed it. What is not there is removed.
    ///
    /// # Errors
    /// Then it may be there or not; removing it again is harmless.
    pub async fn delete(&self, access: &str, calendar: &str, id: &str) -> Result<(), Failed> {
        let answer = self.ask(access, Method::DELETE, &["calendars", calendar, "events", id], None).await?;
        match answer.status {
            200..=299 | 404 | 410 => Ok(()),
            _ => Err(by_problem(&answer, access)),
        }
    }

    /// What has the id that was used.
    async fn there(&self, access: &str, calendar: &str, id: &str, uid: &str) -> Result<Placed, Failed> {
        let answer = self.ask(access, Method::GET, &["calendars", calendar, "events", id], None).await?;
        if let 404 | 410 = answer.status {
            return Ok(Placed::Deleted);
        }
        let kept: Kept = read(&answer, access)?;
        match kept.extended.private.get(OURS) {
            _ if kept.status == "cancelled" => Ok(Placed::Deleted),
            Some(ours) if ours == uid => Ok(Placed::There(kept.id)),
            _ => Err(Trouble::Refused("another event has the same id at Google: remove it there".to_owned()).into()),
        }
    }
}

fn read<T: for<'de> Deserialize<'de>>(answer: &Whole, access: &str) -> Result<T, Failed> {
    match answer.status {
        200..=299 => serde_json::from_slice(&answer.body).map_err(|_| unreadable().into()),
        _ => Err(by_problem(answer, access)),
    }
}

fn described(event: &Event<'_>) -> Value {
    let status = match event.status {
        Status::Tentative => "tentative",
        Status::Confirmed => "confirmed",
        Status::Cancelled => "cancelled",
    };
    let mut described = json!({
        "summary": event.title,
        "description": event.description,
        "start": at(event.time.start, event.zone),
        "end": at(event.time.end, event.zone),
        "status": status,
        "transparency": "opaque",
        "extendedProperties": { "private": { OURS: event.uid } },
    });
    if let Some(place) = event.place {
        described["location"] = place.into();
    }
    if let Some(url) = event.url {
        described["source"] = json!({ "title": event.title, "url": url });
    }
    described
}

/// A time with its offset, and the name of its zone, by which Google shows it.
fn at(at: Timestamp, zone: &TimeZone) -> Value {
    let name = zone.iana_name().unwrap_or("UTC");
    json!({ "dateTime": at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(), "timeZone": name })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With coreutils: `printf '0 session-17@example.com' | sha256sum | xxd -r -p | basenc --base32hex`, in lower case.
    #[test]
    fn an_id_is_what_google_takes() {
        let id = event_id("session-17@example.com", 0);
        assert_eq!(id, "uhbi52rjn823qlfkubul7u6m6uetnpk57ee4ke84ttikhgk62p5g");
        assert_ne!(id, event_id("session-17@example.com", 1));
        assert!(id.len() == 52 && id.bytes().all(|byte| DIGITS.contains(&byte)));
    }
}
