//! Who is free when: the musicians of an instrument, in the order of its call list, over some days. It goes by what is kept
//! of calendars, as planning does, and never says what anybody does.

use super::access::Visitor;
use super::{Frame, failed, page};
use crate::web::Web;
use askama::Template;
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::availability::{BusySpan, BusyWith};
use firstcall_core::span::Span;
use firstcall_store::calendars::KNOWN_FOR;
use firstcall_store::call_lists::{self, Player};
use firstcall_store::occupied::{Occupied, occupied};
use firstcall_store::roster::standing_word;
use firstcall_store::{Error, Tx};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Deserialize;

/// So many people fit on a page of 14 days, and of 28.
const ROWS: [(i64, i64); 2] = [(14, 60), (28, 30)];

/// What the manager wants to see.
#[derive(Deserialize, Default)]
pub struct Wanted {
    instrument: Option<String>,
    from: Option<String>,
    days: Option<i64>,
    skip: Option<i64>,
}

#[derive(Template)]
#[template(path = "availability.html")]
struct AvailabilityPage {
    frame: Frame,
    instruments: Vec<(String, String)>,
    instrument: String,
    from: Date,
    days: i64,
    /// The days: the date, the day of the week, the day of the month, and the whole of it.
    columns: Vec<(Date, String, String, String)>,
    rows: Vec<Row>,
    earlier: Option<Date>,
    later: Option<Date>,
    skip: i64,
    more: bool,
    legend: Vec<(&'static str, &'static str, &'static str)>,
}

/// A musician.
struct Row {
    id: i64,
    name: String,
    standing: &'static str,
    cells: Vec<(Date, OnDay)>,
}

/// How somebody is on a day, as far as sessions are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnDay {
    Free,
    Partly,
    Busy,
    Away,
    Unknown,
    Hold,
    Session,
    Closed,
}

impl OnDay {
    const ALL: [Self; 8] =
        [Self::Free, Self::Partly, Self::Busy, Self::Away, Self::Unknown, Self::Hold, Self::Session, Self::Closed];

    /// Its class on the page.
    fn class(self) -> &'static str {
        match self {
            Self::Free => "F",
            Self::Partly => "P",
            Self::Busy => "B",
            Self::Away => "A",
            Self::Unknown => "U",
            Self::Hold => "H",
            Self::Session => "S",
            Self::Closed => "C",
        }
    }

    /// What is seen of it.
    fn letter(self) -> &'static str {
        match self {
            Self::Unknown => "?",
            Self::Closed => "–",
            Self::Free | Self::Partly | Self::Busy | Self::Away | Self::Hold | Self::Session => self.class(),
        }
    }

    /// What is read out after that.
    fn rest(self) -> &'static str {
        match self {
            Self::Free => "ree",
            Self::Partly => "artly free",
            Self::Busy => "usy",
            Self::Away => "way",
            Self::Unknown => " not known",
            Self::Hold => "olds a time",
            Self::Session => "ession",
            Self::Closed => " studio closed",
        }
    }
}

/// The page.
pub async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Response {
    let wanted = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    match read(&web, visitor, wanted).await {
        Ok(shown) => page(StatusCode::OK, &shown),
        Err(error) => failed(&error),
    }
}

async fn read(web: &Web, visitor: Visitor, wanted: Wanted) -> Result<AvailabilityPage, Error> {
    let (now, policy) = (web.engine.clock().now(), web.engine.policy());
    let known = super::inbox::instruments(web).await?;
    let instrument = if let Some(instrument) = wanted.instrument.filter(|name| known.contains(name)) {
        instrument
    } else {
        let played = web.engine.store().read(call_lists::played).await?;
        known.iter().find(|name| played.contains(name)).or(known.first()).cloned().unwrap_or_default()
    };
    let (days, most) = ROWS.into_iter().find(|(days, _)| wanted.days == Some(*days)).unwrap_or(ROWS[0]);
    let today = now.to_zoned(policy.zone.clone()).date();
    let asked = wanted.from.as_deref().and_then(|from| from.parse().ok());
    // Far from any session, days cannot be counted on.
    let from = asked.filter(|from: &Date| (2000..=2200).contains(&from.year())).unwrap_or(today);
    let dates: Vec<Date> = (0..days).filter_map(|day| from.checked_add(day.days()).ok()).collect();
    let open: Vec<(Date, Vec<Span>)> = dates.iter().map(|date| (*date, open_on(web, *date))).collect();
    let skip = wanted.skip.unwrap_or(0).max(0);
    let hours = open.iter().flat_map(|(_, hours)| hours.iter().copied());
    let all: Vec<Span> = dates.iter().filter_map(|date| whole(*date, &policy.zone)).chain(hours).collect();
    let range = Span::around(&all).unwrap_or(Span { start: now, end: now });
    let name = instrument.clone();
    let since = now.saturating_sub(KNOWN_FOR).unwrap_or(Timestamp::MIN);
    let op = async move |tx: &mut Tx| {
        let mut people = call_lists::page(tx, &name, skip, most + 1).await?;
        let more = people.len() > usize::try_from(most).unwrap_or(usize::MAX);
        people.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        let ids: Vec<_> = people.iter().map(|player| player.id).collect();
        let found = occupied(tx, &ids, range, since).await?;
        Ok::<_, Error>((people, found, more))
    };
    let (people, found, more) = web.engine.store().read(op).await?;
    let length = web.engine.settings().sessions.length;
    let title = format!("Availability: {}", instrument.replace('_', " "));
    let words = |date: &Date, format: &str| date.strftime(format).to_string();
    Ok(AvailabilityPage {
        frame: Frame::new(web, visitor, &title),
        columns: dates.iter().map(|d| (*d, words(d, "%a"), words(d, "%-d"), words(d, "%A %-d %B"))).collect(),
        rows: people.into_iter().map(|player| row(player, &open, &found, length)).collect(),
        instruments: known.into_iter().map(|name| (name.clone(), name.replace('_', " "))).collect(),
        earlier: from.checked_sub(days.days()).ok(),
        later: from.checked_add(days.days()).ok(),
        legend: OnDay::ALL.iter().map(|day| (day.class(), day.letter(), day.rest())).collect(),
        instrument,
        from,
        days,
        skip: if more { skip + most } else { 0 },
        more,
    })
}

fn whole(date: Date, zone: &TimeZone) -> Option<Span> {
    let start = date.to_zoned(zone.clone()).ok()?.timestamp();
    let end = date.tomorrow().ok()?.to_zoned(zone.clone()).ok()?.timestamp();
    (start < end).then_some(Span { start, end })
}

/// When sessions can be on a day: while the studio is open.
fn open_on(web: &Web, date: Date) -> Vec<Span> {
    let policy = web.engine.policy();
    match &policy.opening_hours {
        Some(hours) => hours.on(date.weekday()).iter().filter_map(|range| range.on(date, &policy.zone)).collect(),
        None => whole(date, &policy.zone).into_iter().collect(),
    }
}

/// The time of a day that a question about that day is about: the studio's open hours, or the day where there are none.
pub(super) fn day_of(web: &Web, date: Date) -> Option<Span> {
    Span::around(&open_on(web, date)).or_else(|| whole(date, &web.engine.policy().zone))
}

fn row(player: Player, open: &[(Date, Vec<Span>)], found: &Occupied, length: SignedDuration) -> Row {
    let busy = found.busy.get(&player.id).map(Vec::as_slice).unwrap_or_default();
    let known = found.known.contains(&player.id);
    Row {
        cells: open.iter().map(|(date, hours)| (*date, on_day(hours, busy, known, length))).collect(),
        id: player.id.0,
        name: player.name,
        standing: standing_word(player.standing),
    }
}

/// What a day is like whose open hours are these. Partly free is who could play a session of the usual length.
fn on_day(hours: &[Span], busy: &[BusySpan], known: bool, length: SignedDuration) -> OnDay {
    if hours.is_empty() {
        return OnDay::Closed;
    }
    let touches = |busy: &&BusySpan| hours.iter().any(|open| open.start < busy.span.end && busy.span.start < open.end);
    let busy: Vec<&BusySpan> = busy.iter().filter(touches).collect();
    if busy.iter().any(|busy| matches!(busy.with, BusyWith::Session(_))) {
        return OnDay::Session;
    }
    if busy.iter().any(|busy| matches!(busy.with, BusyWith::Hold(_))) {
        return OnDay::Hold;
    }
    let blocks: Vec<Span> = busy.iter().filter(|busy| busy.with == BusyWith::Block).map(|busy| busy.span).collect();
    let all: Vec<Span> = busy.iter().map(|busy| busy.span).collect();
    match (has_room(hours, &all, length), known) {
        (false, _) if !has_room(hours, &blocks, length) => OnDay::Away,
        (false, _) => OnDay::Busy,
        (true, false) => OnDay::Unknown,
        (true, true) if all.is_empty() => OnDay::Free,
        (true, true) => OnDay::Partly,
    }
}

/// Whether so much time in one piece is left of these hours.
fn has_room(hours: &[Span], taken: &[Span], length: SignedDuration) -> bool {
    let mut taken = taken.to_vec();
    taken.sort_unstable_by_key(|span| span.start);
    hours.iter().any(|open| {
        let mut free = open.start;
        for span in taken.iter().filter(|span| span.start < open.end) {
            if free < span.start && span.start.duration_since(free) >= length {
                return true;
            }
            free = free.max(span.end);
        }
        free < open.end && open.end.duration_since(free) >= length
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstcall_core::ids::BookingId;

    fn at(from: i64, to: i64) -> Span {
        let hour = |hour| Timestamp::from_second(hour * 3600).unwrap();
        Span { start: hour(from), end: hour(to) }
    }

    fn day(busy: &[(i64, i64, BusyWith)], known: bool) -> OnDay {
        let busy: Vec<BusySpan> = busy.iter().map(|&(from, to, with)| BusySpan { span: at(from, to), with }).collect();
        on_day(&[at(10, 14), at(16, 20)], &busy, known, SignedDuration::from_hours(2))
    }

    #[test]
    fn a_day_is_what_is_left_of_it_for_a_session() {
        use BusyWith::{Block, Calendar, Hold, Session};
        assert_eq!(day(&[], true), OnDay::Free);
        assert_eq!(day(&[], false), OnDay::Unknown);
        assert_eq!(day(&[(14, 16, Calendar)], true), OnDay::Free, "the studio is closed then");
        assert_eq!(day(&[(10, 13, Calendar)], true), OnDay::Partly);
        assert_eq!(day(&[(10, 13, Calendar)], false), OnDay::Unknown, "never free (rule 3.3)");
        assert_eq!(day(&[(11, 13, Calendar), (17, 19, Calendar)], true), OnDay::Busy, "an hour is no session");
        assert_eq!(day(&[(11, 13, Calendar), (17, 18, Calendar)], true), OnDay::Partly);
        assert_eq!(day(&[(0, 24, Calendar)], false), OnDay::Busy);
        assert_eq!(day(&[(0, 24, Block)], true), OnDay::Away);
        assert_eq!(day(&[(0, 15, Block), (15, 24, Calendar)], true), OnDay::Busy);
        assert_eq!(day(&[(0, 24, Calendar), (12, 13, Hold(BookingId(1)))], true), OnDay::Hold);
        assert_eq!(day(&[(12, 13, Hold(BookingId(1))), (17, 18, Session(BookingId(2)))], true), OnDay::Session);
        assert_eq!(on_day(&[], &[], true, SignedDuration::from_hours(1)), OnDay::Closed);
    }
}
