//! When calendars are busy.

use super::super::{Trouble, later, refused};
use super::{Failed, Google, by_problem, unreadable};
use firstcall_core::span::Span;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;

/// `calendarExpansionMax`
const CALENDARS: usize = 50;
/// Google refuses longer ranges, and does not say how long they may be.
const RANGE: SignedDuration = SignedDuration::from_hours(60 * 24);

#[derive(Deserialize)]
struct Answer {
    calendars: HashMap<String, OfOne>,
}

#[derive(Deserialize)]
struct OfOne {
    #[serde(default)]
    errors: Vec<Reason>,
    busy: Option<Vec<Period>>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct Period {
    start: Timestamp,
    end: Timestamp,
}

/// What is known of one calendar so far.
type Known = Result<Vec<Span>, Trouble>;

impl Google {
    /// When each of these calendars is busy within the range: half-open spans that do not touch, in their order. One
    /// calendar's trouble is its own.
    ///
    /// # Errors
    /// When nothing is known of any.
    pub async fn busy(
        &self,
        access: &str,
        calendars: &[&str],
        range: Span,
    ) -> Result<Vec<Result<Vec<Span>, Trouble>>, Failed> {
        let mut all = Vec::new();
        for some in calendars.chunks(CALENDARS) {
            let mut known: Vec<Known> = some.iter().map(|_| Ok(Vec::new())).collect();
            for part in parts(range) {
                let mut answer = self.part(access, some, part).await?;
                for (calendar, known) in some.iter().zip(&mut known) {
                    // The same calendar may be asked for twice.
                    add(known, answer.calendars.get_mut(*calendar).map(OfOne::spans));
                }
            }
            all.extend(known.into_iter().map(|known| known.map(|spans| merged(spans, range))));
        }
        Ok(all)
    }

    async fn part(&self, access: &str, calendars: &[&str], part: Span) -> Result<Answer, Failed> {
        let items: Vec<_> = calendars.iter().map(|id| json!({ "id": id })).collect();
        let body = json!({
            "timeMin": part.start.to_string(),
            "timeMax": part.end.to_string(),
            "timeZone": "UTC",
            "calendarExpansionMax": CALENDARS,
            "items": items,
        });
        let answer = self.ask(access, Method::POST, &["freeBusy"], Some(&body)).await?;
        if answer.status != 200 {
            return Err(by_problem(&answer, access));
        }
        serde_json::from_slice(&answer.body).map_err(|_| unreadable().into())
    }
}

impl OfOne {
    fn spans(&mut self) -> Known {
        match self.errors.first().map(|first| first.reason.as_str()) {
            Some("notFound") => Err(refused("Google does not show us this calendar: connect it again")),
            Some(_) => Err(later("Google cannot tell when this calendar is busy")),
            None => {
                let periods = self.busy.as_ref().ok_or_else(unreadable)?;
                let span =
                    |each: &Period| (each.start <= each.end).then_some(Span { start: each.start, end: each.end });
                periods.iter().map(span).collect::<Option<_>>().ok_or_else(unreadable)
            }
        }
    }
}

/// What is not in the answer is unknown, and one part's trouble is that of all.
fn add(known: &mut Known, found: Option<Known>) {
    let found = found.unwrap_or_else(|| Err(later("Google leaves this calendar out of its answer")));
    match (known.as_mut(), found) {
        (Ok(spans), Ok(found)) => spans.extend(found),
        (Ok(_), Err(trouble)) => *known = Err(trouble),
        (Err(_), _) => {}
    }
}

fn parts(range: Span) -> Vec<Span> {
    let mut parts = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let end = start.saturating_add(RANGE).map_or(range.end, |end| end.min(range.end));
        parts.push(Span { start, end });
        start = end;
    }
    parts
}

fn merged(mut spans: Vec<Span>, range: Span) -> Vec<Span> {
    spans.sort_by_key(|span| span.start);
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        let span = Span { start: span.start.max(range.start), end: span.end.min(range.end) };
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ if span.start < span.end => merged.push(span),
            _ => {}
        }
    }
    merged
}
