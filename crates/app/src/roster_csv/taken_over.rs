//! From rows to changes of the roster, and from the roster to rows.

use super::{NewMusician, Row};
use crate::engine::MusicianChange;
use firstcall_core::contact::EmailAddress;
use firstcall_store::roster::Entry;
use jiff::tz::TimeZone;

/// Rows as the engine takes them. The day of the last booking counts from its beginning, at the studio.
///
/// # Errors
/// When a day has no beginning there.
pub fn changes(rows: &[Row], studio: &TimeZone) -> Result<Vec<MusicianChange>, jiff::Error> {
    rows.iter().map(|row| change(row.musician.clone(), studio)).collect()
}

fn change(row: NewMusician, studio: &TimeZone) -> Result<MusicianChange, jiff::Error> {
    let last_booked = row.last_booked.map(|day| day.to_zoned(studio.clone())).transpose()?;
    Ok(MusicianChange {
        name: Some(row.name),
        phone: Some(row.phone),
        email: row.email.map(|email| email.as_str().to_owned()),
        zone: Some(row.zone),
        instruments: Some(row.instruments.into_iter().map(|(name, place)| (name, Some(place))).collect()),
        quiet_hours: None,
        notes: row.notes.map(|notes| notes.replace('\0', "\u{fffd}")),
        standing: None,
        last_booked_at: last_booked.map(|start| start.timestamp()),
    })
}

/// Everybody, as [`super::read()`] reads them.
#[must_use]
pub fn rows(entries: Vec<Entry>, studio: &TimeZone) -> Vec<NewMusician> {
    entries.into_iter().map(|entry| row(entry, studio)).collect()
}

fn row(entry: Entry, studio: &TimeZone) -> NewMusician {
    let musician = entry.musician;
    NewMusician {
        name: musician.name,
        phone: musician.phone,
        email: entry.email.and_then(|email| EmailAddress::new(&email).ok()),
        zone: musician.zone,
        instruments: musician.instruments,
        notes: entry.notes,
        last_booked: musician.last_booked_at.map(|at| at.to_zoned(studio.clone()).date()),
    }
}
