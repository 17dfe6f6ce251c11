//! When the studio can be had, as the form and its script show it.

use super::form::Form;
use crate::web::Web;
use crate::web::problem::Problem;
use crate::web::when;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use firstcall_core::span::Span;
use firstcall_core::wording;
use firstcall_store::{Error, Tx, calendars};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// Nobody books farther ahead (rule 2.6).
pub const FARTHEST: SignedDuration = SignedDuration::from_hours(366 * 24);
/// So many weeks are looked through for the first time that can be had.
const FIRST_WEEKS: usize = 5;
/// So many days are asked for at once.
const MOST_DAYS: i64 = 45;

/// A week of the form, in the client's zone.
pub struct Week {
    /// Its first day.
    pub from: Date,
    /// "Wed 2 Dec – Tue 8 Dec".
    pub name: String,
    /// The days with a time that can be had.
    pub days: Vec<Day>,
    /// Whether there is a week before it to look at, and one after it.
    pub earlier: bool,
    /// As above.
    pub later: bool,
    /// The client's zone, for people.
    pub place: String,
    /// Whether times are told twice: the client's clock shows another time than the studio's.
    pub both: bool,
}

/// A day with times that can be had.
pub struct Day {
    /// "Wed 2 Dec".
    pub name: String,
    /// Its times.
    pub slots: Vec<Slot>,
}

impl Day {
    /// Whether one of its times was chosen.
    pub fn open(&self) -> bool {
        self.slots.iter().any(|slot| slot.chosen)
    }
}

/// A time that can be had.
pub struct Slot {
    /// Minutes since 1970.
    pub value: i64,
    /// "10:00".
    pub label: String,
    /// "16:00 at the studio".
    pub studio: Option<String>,
    /// Whether it was chosen.
    pub chosen: bool,
}

/// A time that was chosen.
pub struct Chosen {
    /// Minutes since 1970.
    pub value: i64,
    /// "Wed 2 Dec, 10:00 (16:00 at the studio)".
    pub label: String,
}

/// The week that a form looks at; where it looks at none, the first that has anything, of the next few.
///
/// # Errors
/// When the database cannot be asked.
pub async fn week(web: &Web, form: &Form) -> Result<Week, Error> {
    let (now, zone) = (web.engine.clock().now(), form.zone(web));
    let today = now.to_zoned(zone.clone()).date();
    let last = now.saturating_add(FARTHEST).unwrap_or(Timestamp::MAX).to_zoned(zone.clone()).date();
    let mut from = form.from.unwrap_or(today).clamp(today, last);
    let mut starts = Vec::new();
    for _ in 0..if form.from.is_none() { FIRST_WEEKS } else { 1 } {
        starts = web.engine.openings(days(from, from.saturating_add(7.days()), &zone), form.length()).await?;
        if !starts.is_empty() {
            break;
        }
        from = from.saturating_add(7.days()).min(last);
    }
    let end = from.saturating_add(7.days());
    let week = by_day(web, form, &zone, starts);
    let name = [from, end.saturating_sub(1.day())].map(|day| day.strftime("%a %-d %b").to_string()).join(" – ");
    let both = week.iter().flat_map(|day| &day.slots).any(|slot| slot.studio.is_some());
    let place = when::place(days(from, end, &zone).start, &zone);
    Ok(Week { from, name, days: week, earlier: from > today, later: end <= last, place, both })
}

fn by_day(web: &Web, form: &Form, zone: &TimeZone, starts: Vec<Timestamp>) -> Vec<Day> {
    let studio = &web.engine.settings().studio.time_zone;
    let mut list: Vec<Day> = Vec::new();
    for start in starts {
        let name = wording::day(start, zone);
        if list.last().is_none_or(|day| day.name != name) {
            list.push(Day { name, slots: Vec::new() });
        }
        let slot = Slot {
            value: start.as_second() / 60,
            label: clock(start, zone),
            studio: at_studio(start, zone, studio),
            chosen: form.has(start),
        };
        if let Some(day) = list.last_mut() {
            day.slots.push(slot);
        }
    }
    list
}

/// The chosen times that a week does not show.
pub fn others(web: &Web, form: &Form, week: &Week) -> Vec<Chosen> {
    let (zone, studio) = (form.zone(web), &web.engine.settings().studio.time_zone);
    let shown =
        |time: &Timestamp| week.days.iter().flat_map(|day| &day.slots).any(|s| s.value == time.as_second() / 60);
    let others = form.times.iter().filter(|time| !shown(time));
    let chosen = others.map(|&time| {
        let own = format!("{}, {}", wording::day(time, &zone), clock(time, &zone));
        let label = at_studio(time, &zone, studio).map_or_else(|| own.clone(), |there| format!("{own} ({there})"));
        Chosen { value: time.as_second() / 60, label }
    });
    chosen.collect()
}

/// Which of these times cannot be had, and why not.
///
/// # Errors
/// When the database cannot be asked.
pub async fn gone(web: &Web, times: &[Span]) -> Result<Vec<(Span, &'static str)>, Error> {
    let Some(around) = Span::around(times) else { return Ok(Vec::new()) };
    let taken = web.engine.store().read(async move |tx: &mut Tx| calendars::studio_taken(tx, around).await).await?;
    let why = |time: &Span| {
        if !web.engine.policy().is_open(time) {
            return Some("is not possible: the studio is closed then");
        }
        taken.iter().any(|taken| taken.overlaps(time)).then_some("is not available any more")
    };
    Ok(times.iter().filter_map(|time| Some((*time, why(time)?))).collect())
}

/// From the beginning of one day up to that of another.
fn days(from: Date, end: Date, zone: &TimeZone) -> Span {
    let start = |day: Date| day.to_zoned(zone.clone()).map_or(Timestamp::MAX, |day| day.timestamp());
    Span { start: start(from), end: start(end) }
}

/// "10:00"; where a clock shows it twice that day, with the zone's abbreviation.
fn clock(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    let twice = zone.to_ambiguous_timestamp(local.datetime()).is_ambiguous();
    local.strftime(if twice { "%H:%M %Z" } else { "%H:%M" }).to_string()
}

/// "16:00 at the studio", where the client's clock shows another time; with the day, where that is another too.
fn at_studio(at: Timestamp, zone: &TimeZone, studio: &TimeZone) -> Option<String> {
    let [own, there] = [zone, studio].map(|zone| at.to_zoned(zone.clone()).datetime());
    if own == there {
        return None;
    }
    let day = if own.date() == there.date() { String::new() } else { format!("{} ", there.strftime("%a")) };
    Some(format!("{day}{} at the studio", clock(at, studio)))
}

/// Which times are asked for.
#[derive(Deserialize)]
pub struct Asked {
    from: Date,
    days: i64,
    minutes: i64,
}

/// The starts of a stretch of days that can be had, in minutes since 1970.
#[derive(Serialize)]
pub struct Starts {
    starts: Vec<i64>,
}

/// For the script: the days are those of any zone, so it gets a little more than it asks for.
pub async fn list(
    State(web): State<Web>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Starts>, Problem> {
    let wrong = || Problem::bad_request(format!("from: a date; days: 1 to {MOST_DAYS}; minutes: 1 to 1440"));
    let Query(Asked { from, days: number, minutes }) = asked.map_err(|_| wrong())?;
    if !(1..=MOST_DAYS).contains(&number) || !(1..=24 * 60).contains(&minutes) {
        return Err(wrong());
    }
    let now = web.engine.clock().now();
    let mut within =
        days(from, from.saturating_add(number.days()), &TimeZone::UTC).widened(SignedDuration::from_hours(15));
    within.end = within.end.min(now.saturating_add(FARTHEST).unwrap_or(Timestamp::MAX));
    within.start = within.start.max(now);
    if within.start >= within.end {
        return Ok(Json(Starts { starts: Vec::new() }));
    }
    let starts = web.engine.openings(within, SignedDuration::from_mins(minutes)).await?;
    Ok(Json(Starts { starts: starts.into_iter().map(|start| start.as_second() / 60).collect() }))
}
