//! Calendars on a server of somebody's own or of a provider (`CalDAV`: RFC 4791, found by RFC 6764 without look-ups of SRV
//! and TXT records). With a name and a password; providers want one made for programs.

use super::dav::{self, Found};
use super::{Ask, Trouble, Web, by_status, later, refused};
use crate::http::Whole;
use crate::words::fit;
use firstcall_core::span::Span;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{
    CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH, WWW_AUTHENTICATE,
};
use reqwest::{Method, Url};
use std::fmt;

/// Where servers tell where their calendars are (RFC 6764, section 5).
const WELL_KNOWN: &str = "/.well-known/caldav";
/// Providers whose servers have many names.
const PROVIDERS: [&str; 1] = ["icloud.com"];
/// Nobody has calendars at more places.
const HOMES: usize = 10;
/// Servers compare the range with days, and with times that have no zone, in a zone of their own.
const MARGIN: SignedDuration = SignedDuration::from_hours(24);

const PLACES: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"><D:prop>
<D:resourcetype/><D:displayname/><D:current-user-principal/><C:calendar-home-set/><D:current-user-privilege-set/>
<C:supported-calendar-component-set/></D:prop></D:propfind>"#;
const STATE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<D:propfind xmlns:D="DAV:" xmlns:S="http://calendarserver.org/ns/"><D:prop>
<D:resourcetype/><S:getctag/><D:sync-token/></D:prop></D:propfind>"#;

/// Whose calendars they are, and where.
#[derive(Clone)]
pub struct Account {
    base: Url,
    user: String,
    password: String,
    web: Web,
}

/// A calendar on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// Its absolute address.
    pub href: String,
    /// What its owner calls it.
    pub name: String,
    /// Whether the server lets us write into it, as far as it says.
    pub writable: bool,
}

/// What came of a calendar.
#[derive(Clone, PartialEq, Eq)]
pub enum Fetched {
    /// It is as it was.
    Unchanged,
    /// Everything that may be in the range.
    Text {
        /// One VCALENDAR after the other: recurring events as they are kept, not expanded.
        bytes: Vec<u8>,
        /// To be kept with the range as soon as the text was understood, where the server has such a thing.
        mark: Option<String>,
    },
}

/// What is expected where something is written.
#[derive(Clone, Copy)]
pub enum Expect<'a> {
    /// Nothing.
    New,
    /// What had this `ETag`.
    Etag(&'a str),
    /// Whatever there is.
    Any,
}

/// What came of writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is there as it was sent. With its `ETag`, as far as the server says.
    Done(Option<String>),
    /// Something else than expected is there, with the same UID: what an earlier attempt wrote, whose answer was lost,
    /// or what somebody made of it since. With its `ETag`, for writing over it.
    There(Option<String>),
    /// What was expected is not there any more: somebody removed it.
    Missing,
}

impl Account {
    /// An account at the address that somebody entered: of the server, of their own place there, or of one calendar.
    ///
    /// # Errors
    /// [`Trouble::Refused`] where the address is none, or not one that may be reached.
    pub fn new(entered: &str, user: &str, password: &str, web: Web) -> Result<Self, Trouble> {
        let mut base = web.address(entered)?;
        // What stands there would be sent in the place of the user and the password.
        if !base.username().is_empty() || base.password().is_some() {
            return Err(refused("the address must not have a name or a password in it: enter them beside it"));
        }
        base.set_fragment(None);
        Ok(Self { base, user: user.to_owned(), password: password.to_owned(), web })
    }

    /// The account's calendars that can have events.
    ///
    /// # Errors
    /// When they cannot be found.
    pub async fn list(&self) -> Result<Vec<Collection>, Trouble> {
        self.web.in_time(self.discover()).await
    }

    /// Reads what may be in the range, unless the calendar is as it was when it had the mark `known`: to be given for
    /// the same range only.
    ///
    /// # Errors
    /// Then nothing is known of it.
    pub async fn read(&self, href: &str, range: Span, known: Option<&str>) -> Result<Fetched, Trouble> {
        self.web.in_time(self.fetch(href, range, known)).await
    }

    /// Writes one VCALENDAR with one event under this name in a calendar. What is there already and has the same UID is no
    /// error.
    ///
    /// # Errors
    /// Then it may be there or not; writing it again is harmless.
    pub async fn put(&self, href: &str, name: &str, ics: &str, expect: Expect<'_>) -> Result<Written, Trouble> {
        let url = resource(self.own(href)?, name)?;
        self.web.in_time(self.write(url, ics, expect)).await
    }

    /// Removes what has this name in a calendar, whoever has changed it. What is not there is removed.
    ///
    /// # Errors
    /// Then it may be there or not; removing it again is harmless.
    pub async fn delete(&self, href: &str, name: &str) -> Result<(), Trouble> {
        let url = resource(self.own(href)?, name)?;
        let (_, answer) = self.web.in_time(self.ask("DELETE", url, HeaderMap::new(), "")).await?;
        match answer.status {
            200 | 202 | 204 | 404 | 410 => Ok(()),
            _ => Err(self.not_written(&answer)),
        }
    }

    /// RFC 6764, section 6, from the address that was entered.
    async fn discover(&self) -> Result<Vec<Collection>, Trouble> {
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

    async fn fetch(&self, href: &str, range: Span, known: Option<&str>) -> Result<Fetched, Trouble> {
        let url = self.own(href)?;
        // Before the text: what changes between the two is read again the next time.
        let mark = self.mark(url.clone()).await?;
        if known.is_some() && known == mark.as_deref() {
            return Ok(Fetched::Unchanged);
        }
        let (_, answer) = self.ask("REPORT", url, with_depth("1"), &query(range)).await?;
        match answer.status {
            207 => Ok(Fetched::Text { bytes: texts(&answer.body)?, mark }),
            _ => Err(not_read(&answer)),
        }
    }

    /// The state of a calendar. What is no calendar would have nothing in the range, and seem free.
    async fn mark(&self, url: Url) -> Result<Option<String>, Trouble> {
        let (_, answer) = self.ask("PROPFIND", url, with_depth("0"), STATE).await?;
        if answer.status != 207 {
            return Err(not_read(&answer));
        }
        let found = dav::read(&answer.body).and_then(|all| all.into_iter().next()).ok_or_else(unreadable)?;
        match found.status {
            None | Some(200) if found.is_calendar => Ok(found.mark()),
            None | Some(200 | 404 | 410) => Err(gone()),
            Some(_) => Err(unreadable()),
        }
    }

    async fn write(&self, url: Url, ics: &str, expect: Expect<'_>) -> Result<Written, Trouble> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
        let mut expecting = |name: HeaderName, value: &str| match HeaderValue::from_str(value) {
            Ok(value) => Ok(headers.insert(name, value)),
            Err(_) => Err(refused("what is expected there is no ETag")),
        };
        match expect {
            Expect::New => expecting(IF_NONE_MATCH, "*")?,
            Expect::Etag(etag) => expecting(IF_MATCH, etag)?,
            Expect::Any => None,
        };
        let (at, answer) = self.ask("PUT", url, headers, ics).await?;
        match answer.status {
            200..=299 => Ok(Written::Done(match answer.header(&ETAG) {
                Some(etag) => Some(etag.to_owned()),
                // A server that keeps something else than was sent does not say (RFC 4791, section 5.3.4). It is written
                // all the same.
                None => self.there(at).await.ok().flatten().and_then(|(etag, _)| etag),
            })),
            412 => match self.there(at).await? {
                None => Ok(Written::Missing),
                Some((etag, text)) if is_same(&text, ics) => Ok(Written::There(etag)),
                Some(_) => Err(refused("another event has the same name in the calendar: remove it there")),
            },
            _ => Err(self.not_written(&answer)),
        }
    }

    /// What there is, with its `ETag`.
    async fn there(&self, url: Url) -> Result<Option<(Option<String>, String)>, Trouble> {
        let (_, answer) = self.ask("GET", url, HeaderMap::new(), "").await?;
        match answer.status {
            200 => {
                let etag = answer.header(&ETAG).map(str::to_owned);
                Ok(Some((etag, String::from_utf8_lossy(&answer.body).into_owned())))
            }
            404 | 410 => Ok(None),
            _ => Err(not_read(&answer)),
        }
    }

    /// Which condition of RFC 4791, section 5.3.2.1, was not met, or what else there was.
    fn not_written(&self, answer: &Whole) -> Trouble {
        let (condition, words) = dav::refusal(&answer.body).unwrap_or_default();
        let words = words.map(|words| fit(&words, &[&self.password])).filter(|words| !words.is_empty());
        match (answer.status, condition.as_str()) {
            (401 | 408 | 421 | 423 | 425 | 429 | 500..=506 | 508.., _) => not_let_in(answer),
            (507, _) => refused("the calendar's server has no room left: make some"),
            (_, "no-uid-conflict") => {
                refused("the event is in the calendar under another name: remove it there, from its bin too")
            }
            (403, "" | "need-privileges") => refused("the calendar is not ours to write into: let its owner allow it"),
            (404 | 409 | 410, "") => gone(),
            (status, _) => {
                let why = words.unwrap_or_else(|| format!("status {status} {condition}").trim_end().to_owned());
                Trouble::Refused(format!("the calendar's server refuses the event: {why}"))
            }
        }
    }

    async fn ask(&self, method: &str, url: Url, mut headers: HeaderMap, body: &str) -> Result<(Url, Whole), Trouble> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| unreadable())?;
        if !headers.contains_key(CONTENT_TYPE) && !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
        }
        let ask = Ask { method, headers, body, user: Some((&self.user, &self.password)) };
        self.web.ask(url, &ask, |url| self.trusts(url)).await
    }

    /// An address that was kept, or that belongs to the server.
    fn own(&self, href: &str) -> Result<Url, Trouble> {
        self.within(&self.base, href)
    }

    fn within(&self, at: &Url, href: &str) -> Result<Url, Trouble> {
        let url = at.join(href).map_err(|_| unreadable())?;
        self.trusts(&url)?;
        Ok(url)
    }

    /// The password goes where its owner meant it to go, and nowhere else: to the same host and those under it, to the
    /// hosts of the same provider, and never from a protected address to one that is not.
    fn trusts(&self, url: &Url) -> Result<(), Trouble> {
        let (ours, theirs) = (self.base.host_str().unwrap_or_default(), url.host_str().unwrap_or_default());
        let same =
            is_under(theirs, ours) || PROVIDERS.iter().any(|each| is_under(theirs, each) && is_under(ours, each));
        if !same {
            let words = format!(
                "the server sends us to {theirs}, which would get the password: if that is right, enter that address"
            );
            return Err(Trouble::Refused(words));
        }
        if url.scheme() != "https" && self.base.scheme() == "https" {
            return Err(refused("the server sends us to an address that is not protected: check the address"));
        }
        Ok(())
    }
}

/// Whether a host is this one or one under it. Numbers have nothing under them.
fn is_under(host: &str, of: &str) -> bool {
    let before = host.strip_suffix(of);
    before.is_some_and(|before| {
        before.is_empty() || before.ends_with('.') && of.contains(|c: char| c.is_ascii_alphabetic())
    })
}

fn with_depth(depth: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(HeaderName::from_static("depth"), HeaderValue::from_static(depth))])
}

/// RFC 4791, section 7.8: the entries whole, because expanding them is ours.
fn query(range: Span) -> String {
    let utc = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let start = utc(range.start.saturating_sub(MARGIN).unwrap_or(range.start));
    let end = utc(range.end.saturating_add(MARGIN).unwrap_or(range.end));
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="{start}" end="{end}"/>
</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"#
    )
}

/// One after the other. What a server leaves out may block time.
fn texts(body: &[u8]) -> Result<Vec<u8>, Trouble> {
    let mut all = Vec::new();
    for found in dav::read(body).ok_or_else(unreadable)? {
        let text = found.data.filter(|text| found.status.is_none_or(|status| status == 200) && is_whole(text));
        let text = text.ok_or_else(|| later("the calendar's server leaves out some of its entries"))?;
        all.extend_from_slice(text.as_bytes());
        all.extend_from_slice(b"\r\n");
    }
    if all.is_empty() {
        all.extend_from_slice(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n");
    }
    Ok(all)
}

fn is_whole(text: &str) -> bool {
    let (text, begin, end) = (text.trim_start_matches('\u{feff}').as_bytes(), b"BEGIN:VCALENDAR", b"END:VCALENDAR");
    text.get(..begin.len()).is_some_and(|start| start.eq_ignore_ascii_case(begin))
        && text.len().checked_sub(end.len()).is_some_and(|at| text[at..].eq_ignore_ascii_case(end))
}

fn resource(mut collection: Url, name: &str) -> Result<Url, Trouble> {
    if name.is_empty() || name.chars().all(|c| c == '.') {
        return Err(refused("an event needs a name in the calendar"));
    }
    collection.path_segments_mut().map_err(|()| unreadable())?.pop_if_empty().push(name);
    Ok(collection)
}

fn last_segment(href: &str) -> String {
    href.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
}

/// Whether two texts describe the same event. A server may write lines in its own way.
fn is_same(theirs: &str, ours: &str) -> bool {
    let ours = uids(ours);
    !ours.is_empty() && uids(theirs).iter().any(|uid| ours.contains(uid))
}

fn uids(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let uid = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.split(';').next()?.eq_ignore_ascii_case("UID").then(|| value.trim().to_owned())
    };
    text.lines().filter_map(uid).collect()
}

fn not_let_in(answer: &Whole) -> Trouble {
    let offers = |scheme: &str| {
        let all = answer.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        all.flat_map(|value| value.split(','))
            .any(|each| each.trim().get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
    };
    match answer.status {
        401 if offers("digest") && !offers("basic") => refused(
            "the calendar's server takes passwords only in a way (Digest) that is not known here: let it take Basic",
        ),
        401 => refused(
            "the calendar's server does not take the name and the password: enter them again (many providers want a password made for programs)",
        ),
        403 => refused("the calendar's server does not let this account in: check the address and the account"),
        _ => by_status(answer),
    }
}

fn not_read(answer: &Whole) -> Trouble {
    match answer.status {
        404 | 410 => gone(),
        200..=299 => unreadable(),
        _ => not_let_in(answer),
    }
}

fn unlisted() -> Trouble {
    refused("the server does not list its calendars: enter the address of the calendar itself")
}

fn gone() -> Trouble {
    refused("the calendar is not there any more: choose another one")
}

fn unreadable() -> Trouble {
    later("the calendar's server gives an answer that cannot be read")
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").finish_non_exhaustive()
    }
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unchanged => write!(f, "Unchanged"),
            Self::Text { bytes, .. } => write!(f, "Text({} bytes)", bytes.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reach;
    use super::*;

    #[test]
    fn the_password_stays_where_it_belongs() {
        let trusted = |base: &str, url: &str| {
            let web = Web::new(Reach { http: true, private: true, ..Reach::default() }).unwrap();
            Account::new(base, "ann", "x", web).unwrap().trusts(&url.parse().unwrap()).is_ok()
        };
        for (base, url) in [
            ("https://example.com/", "https://example.com/a"),
            ("https://example.com/", "https://EXAMPLE.com:8443/"),
            ("https://example.com/", "https://dav.example.com/"),
            ("http://example.com/", "https://example.com/"),
            ("https://caldav.icloud.com/", "https://p42-caldav.icloud.com/1/calendars/"),
            ("https://10.0.0.1/", "https://10.0.0.1:8443/"),
        ] {
            assert!(trusted(base, url), "{base} {url}");
        }
        for (base, url) in [
            ("https://example.com/", "http://example.com/"),
            ("https://example.com/", "https://badexample.com/"),
            ("https://example.com/", "https://example.com.evil.example/"),
            ("https://dav.example.com/", "https://example.com/"),
            ("https://dav.example.com/", "https://www.example.com/"),
            ("https://caldav.icloud.com/", "https://evilicloud.com/"),
            ("https://example.com/", "https://caldav.icloud.com/"),
            ("https://10.0.0.1/", "https://10.0.0.2/"),
        ] {
            assert!(!trusted(base, url), "{base} {url}");
        }
    }
}
