//! What a calendar has in a range.

use super::super::{Fetched, dav, later};
use super::{Account, Trouble, gone, not_read, unreadable, with_depth};
use firstcall_core::span::Span;
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;

/// Servers compare the range with days, and with times that have no zone, in a zone of their own.
const MARGIN: SignedDuration = SignedDuration::from_hours(24);

const STATE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<D:propfind xmlns:D="DAV:" xmlns:S="http://calendarserver.org/ns/"><D:prop>
<D:resourcetype/><S:getctag/><D:sync-token/></D:prop></D:propfind>"#;

impl Account {
    pub(super) async fn fetch(
        &self,
        href: &str,
        range: Span,
        known: Option<&str>,
    ) -> Result<Fetched<Option<String>>, Trouble> {
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
