//! What keeps some people from being free on some days: one question for each kind of it, however many people they are.

use crate::calendars::day;
use crate::instants::{At, span};
use crate::{Error, ToValue, Tx, Value, statements};
use firstcall_core::availability::{BusySpan, BusyWith};
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::span::Span;
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};

statements! {
    /// What some people hold in a stretch of time, and whether it is booked.
    HOLDS_OF_SOME = "SELECT holds.musician_id AS musician_id, holds.booking_id AS booking_id, \
        holds.starts_at AS starts_at, holds.ends_at AS ends_at, \
        CASE WHEN sessions.booking_id IS NULL THEN 0 ELSE 1 END AS booked \
        FROM holds LEFT JOIN sessions ON sessions.booking_id = holds.booking_id \
        WHERE holds.musician_id IN {ints $1} AND holds.ends_at > $2 AND holds.starts_at < $3";
    /// When some people are away in a stretch of time.
    BLOCKS_OF_SOME = "SELECT musician_id, starts_at, ends_at FROM blocks \
        WHERE musician_id IN {ints $1} AND ends_at > $2 AND starts_at < $3";
    /// What some people's calendars have on some days.
    CALENDARS_OF_SOME = "SELECT calendars.musician_id AS musician_id, calendar_busy.starts_at AS starts_at, \
        calendar_busy.ends_at AS ends_at \
        FROM calendars JOIN calendar_busy ON calendar_busy.calendar_id = calendars.id \
        WHERE calendars.musician_id IN {ints $1} AND calendars.blocks AND calendar_busy.day >= $4 \
        AND calendar_busy.day <= $5 AND calendar_busy.ends_at > $2 AND calendar_busy.starts_at < $3";
    /// Whose calendars are known: all that block time can be read, and were not long ago (rule 3.3).
    KNOWN_OF_SOME = "SELECT musician_id, CAST(SUM(CASE WHEN trouble IS NULL AND read_at >= $2 THEN 0 ELSE 1 END) AS BIGINT) \
        AS unknown FROM calendars WHERE musician_id IN {ints $1} AND blocks GROUP BY musician_id";
}

/// What is known of some people on some days.
#[derive(Debug, Default)]
pub struct Occupied {
    /// What keeps each of them from being free.
    pub busy: HashMap<MusicianId, Vec<BusySpan>>,
    /// Those whose calendars say everything; of the others, what looks free is not known to be.
    pub known: HashSet<MusicianId>,
}

/// What keeps these people from being free in a stretch of time. A calendar that was not read since `since` is not known.
///
/// # Errors
/// When the database cannot be asked.
pub async fn occupied(tx: &mut Tx, of: &[MusicianId], range: Span, since: Timestamp) -> Result<Occupied, Error> {
    let ids = Value::ints(&of.iter().map(|id| id.0).collect::<Vec<_>>());
    let (start, end) = (At(range.start).to_value(), At(range.end).to_value());
    let time = [ids.clone(), start, end];
    let days = [day(range.start).to_value(), day(range.end).to_value()];
    let on_days: Vec<Value> = time.iter().chain(&days).cloned().collect();
    let [holds, blocks, entries, known] = tx
        .query_all([
            (&HOLDS_OF_SOME, &time[..]),
            (&BLOCKS_OF_SOME, &time),
            (&CALENDARS_OF_SOME, &on_days),
            (&KNOWN_OF_SOME, &[ids, At(since).to_value()]),
        ])
        .await?;
    let mut found = Occupied::default();
    for row in &holds {
        let id: BookingId = row.get("booking_id")?;
        let with = if row.get::<bool>("booked")? { BusyWith::Session(id) } else { BusyWith::Hold(id) };
        found.busy.entry(row.get("musician_id")?).or_default().push(BusySpan { span: span(row)?, with });
    }
    for (rows, with) in [(&blocks, BusyWith::Block), (&entries, BusyWith::Calendar)] {
        for row in rows {
            found.busy.entry(row.get("musician_id")?).or_default().push(BusySpan { span: span(row)?, with });
        }
    }
    for row in known {
        if row.get::<i64>("unknown")? == 0 {
            found.known.insert(row.get("musician_id")?);
        }
    }
    Ok(found)
}
