//! Where an account's calendars are.

use super::super::dav::{self, Found};
use super::{Account, Collection, Trouble, not_let_in, refused, unreadable, with_depth};
use reqwest::Url;

/// Where servers tell where their calendars are (RFC 6764, section 5).
const WELL_KNOWN: &str = "/.well-known/caldav";
/// Nobody has calendars at more places.
const HOMES: usize = 10;

const PLACES: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop>
<D:resourcetype/><D:displayname/><D:current-user-principal/><C:calendar-home-set/><D:current-user-privilege-set/>
<C:supported-calendar-component-set/></D:prop></D:propfind>"#;

impl Account {
    /// RFC 6764, section 6, from the address that was entered.
    pub(super) async fn discover(&self) -> Result<Vec<Collection>, Trouble> {
        let well_known = self.own(WELL_KNOWN)?;
        let places = match self.base.path() {
            "/" => [well_known, self.base.clone()],
            _ => [self.base.clone(), well_known],
        };
        for place in places {
            let Some((at, found)) = self.look(place, "0").await? else { continue };
            let Some(found) = found.into_iter().next() else { continue };
            if found.is_calendar {
                return Ok(self.collection(&at, found)?.into_iter().collect());
            }
            let homes = self.homes(&at, found).await?;
            if !homes.is_empty() {
                return self.all_of(homes).await;
            }
        }
        Err(refused("no calendars were found there: check the address, or enter that of the calendar itself"))
    }

    /// Where the calendars are of whom a resource belongs to, or who asks.
    async fn homes(&self, at: &Url, found: Found) -> Result<Vec<Url>, Trouble> {
        let (mut at, mut homes) = (at.clone(), found.homes);
        if let (true, Some(principal)) = (homes.is_empty(), found.principal) {
            let principal = self.within(&at, &principal)?;
            if let Some((there, found)) = self.look(principal, "0").await? {
                at = there;
                homes = found.into_iter().next().map(|found| found.homes).unwrap_or_default();
            }
        }
        homes.iter().take(HOMES).map(|home| self.within(&at, home)).collect()
    }

    async fn all_of(&self, homes: Vec<Url>) -> Result<Vec<Collection>, Trouble> {
        let mut all = Vec::new();
        for home in homes {
            let (at, found) = self.look(home, "1").await?.ok_or_else(unlisted)?;
            for found in found.into_iter().filter(|found| found.is_calendar) {
                all.extend(self.collection(&at, found)?);
            }
        }
        Ok(all)
    }

    /// A calendar, if it can have events.
    fn collection(&self, at: &Url, found: Found) -> Result<Option<Collection>, Trouble> {
        if found.kinds.is_some_and(|kinds| !kinds.iter().any(|kind| kind == "VEVENT")) {
            return Ok(None);
        }
        let href = String::from(self.within(at, &found.href)?);
        let name = found.name.unwrap_or_else(|| last_segment(&href));
        Ok(Some(Collection { href, name, writable: found.writable.unwrap_or(true) }))
    }

    /// What a place says of itself, or of what is in it too; nothing where there is no such place for this account.
    async fn look(&self, url: Url, depth: &'static str) -> Result<Option<(Url, Vec<Found>)>, Trouble> {
        let (at, answer) = self.ask("PROPFIND", url, with_depth(depth), PLACES).await?;
        match answer.status {
            207 => Ok(Some((at, dav::read(&answer.body).ok_or_else(unreadable)?))),
            200..=299 | 400 | 403..=406 | 410 | 415 | 501 => Ok(None),
            _ => Err(not_let_in(&answer)),
        }
    }
}

fn last_segment(href: &str) -> String {
    href.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
}

fn unlisted() -> Trouble {
    refused("the server does not list its calendars: enter the address of the calendar itself")
}
