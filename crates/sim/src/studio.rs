//! The studios that stories play in: their settings, their people, their days.

use firstcall::settings::{Environment, Place, Settings, load};
use firstcall_core::contact::Phone;
use firstcall_core::ids::MusicianId;
use firstcall_core::policy::ClockRange;
use firstcall_core::roster::{Musician, MusicianStanding};
use jiff::Timestamp;
use jiff::civil::{Weekday, time};
use jiff::tz::TimeZone;
use std::sync::Arc;

/// The manager's number.
pub const MANAGER: &str = "+12125550199";

/// What every studio has.
const COMMON: [(&str, &str); 8] = [
    ("FIRSTCALL__INTAKE__TOKEN", "t"),
    ("FIRSTCALL__MANAGER__NAME", "Rosa"),
    ("FIRSTCALL__MANAGER__PHONE", MANAGER),
    ("FIRSTCALL__SMS__PROVIDER", "twilio"),
    ("FIRSTCALL__SMS__TWILIO__ACCOUNT_SID", "AC00000000000000000000000000000000"),
    ("FIRSTCALL__SMS__TWILIO__AUTH_TOKEN", "secret"),
    ("FIRSTCALL__SMS__TWILIO__FROM", "+12125550198"),
    ("FIRSTCALL__SERVER__PUBLIC_URL", "https://studio.example.com"),
];

/// What they differ in.
const VARIANTS: [&[(&str, &str)]; 10] = [
    &[],
    &[("FIRSTCALL__CALLING__QUIET_HOURS", "off")],
    &[("FIRSTCALL__CALLING__QUIET_HOURS", "off"), ("FIRSTCALL__CALLING__AFTER_NO", "next")],
    &[("FIRSTCALL__CALLING__PREVIOUS_OFFERS", "void"), ("FIRSTCALL__CALLING__PATIENCE", "20m")],
    &[("FIRSTCALL__SESSIONS__TRAVEL_GAP", "45m"), ("FIRSTCALL__CALLING__QUIET_HOURS", "off")],
    &[("FIRSTCALL__SESSIONS__NOTICE", "3h"), ("FIRSTCALL__CALLING__RANKING", "rested_first")],
    &[("FIRSTCALL__STUDIO__TIME_ZONE", "Europe/London"), ("FIRSTCALL__CALLING__QUIET_HOURS", "off")],
    &[("FIRSTCALL__STUDIO__TIME_ZONE", "Australia/Lord_Howe"), ("FIRSTCALL__CALLING__QUIET_HOURS", "23:30-06:30")],
    &[
        ("FIRSTCALL__CALLING__PREVIOUS_OFFERS", "void"),
        ("FIRSTCALL__CALLING__AFTER_NO", "next"),
        ("FIRSTCALL__SESSIONS__TRAVEL_GAP", "30m"),
        ("FIRSTCALL__CALLING__QUIET_HOURS", "off"),
    ],
    &[
        ("FIRSTCALL__CALLING__QUIET_HOURS", "off"),
        ("FIRSTCALL__CALLING__RANKING", "call_list"),
        (
            "FIRSTCALL__STUDIO__OPENING_HOURS",
            r#"{ mon = ["09:00-23:00"], sat = ["12:00-02:00"], sun = ["00:00-24:00"] }"#,
        ),
    ],
];

/// Mornings a day or two before something that clocks do, in the studios' zones, and one on which they do nothing.
const DAYS: [&str; 7] = [
    "2027-01-12T14:00:00Z",
    "2026-10-30T13:30:00Z",
    "2027-03-13T13:00:00Z",
    "2027-03-27T10:00:00Z",
    "2027-10-30T09:00:00Z",
    "2027-04-02T22:00:00Z",
    "2027-10-01T21:00:00Z",
];

/// The people: name, instruments in the order of their call lists, zone.
const PEOPLE: [(&str, &[&str], &str); 8] = [
    ("ana", &["drums", "violin"], "America/New_York"),
    ("bo", &["drums", "bass"], "America/New_York"),
    ("cy", &["drums"], "America/Los_Angeles"),
    ("dee", &["bass"], "America/New_York"),
    ("eve", &["bass", "violin"], "Europe/London"),
    ("fay", &["violin"], "America/New_York"),
    ("gus", &["violin"], "Australia/Lord_Howe"),
    ("hal", &["bass", "drums"], "America/New_York"),
];

/// The settings of a variant; numbers are taken modulo what there is.
///
/// # Panics
/// When a variant is written wrongly.
#[must_use]
pub fn settings(variant: usize) -> Arc<Settings> {
    let environment: Environment = COMMON.iter().chain(VARIANTS[variant % VARIANTS.len()]).copied().collect();
    match load(&Place::Nowhere, &environment) {
        Ok(loaded) => Arc::new(loaded.settings),
        Err(error) => panic!("the settings of variant {variant}: {error}"),
    }
}

/// Opening hours, range by range.
pub type Hours = Vec<(Weekday, ClockRange)>;

/// The opening hours of a variant, as its settings have them; none: always open.
#[must_use]
pub fn opening_hours(variant: usize) -> Option<Hours> {
    let open = |day, from: i8, to: i8| (day, ClockRange { from: time(from, 0, 0, 0), to: time(to, 0, 0, 0) });
    (variant % VARIANTS.len() == 9)
        .then(|| vec![open(Weekday::Monday, 9, 23), open(Weekday::Saturday, 12, 2), open(Weekday::Sunday, 0, 0)])
}

/// The moment at which a story begins; numbers are taken modulo what there is.
///
/// # Panics
/// When a day is written wrongly.
#[must_use]
pub fn beginning(day: usize) -> Timestamp {
    match DAYS[day % DAYS.len()].parse() {
        Ok(beginning) => beginning,
        Err(error) => panic!("day {day}: {error}"),
    }
}

/// Everybody on the roster, before they have numbers.
#[must_use]
pub fn people() -> Vec<Musician> {
    let mut lists: Vec<(&str, u32)> = Vec::new();
    let place = |lists: &mut Vec<(&str, u32)>, instrument: &'static str| {
        let last = lists.iter().filter(|(name, _)| *name == instrument).count();
        let place = u32::try_from(last + 1).unwrap_or(u32::MAX);
        lists.push((instrument, place));
        (instrument.to_owned(), place)
    };
    let person = |(at, (name, plays, zone)): (usize, &(&str, &'static [&'static str], &str))| {
        let number = 101 + at;
        Some(Musician {
            id: MusicianId(0),
            name: (*name).to_owned(),
            phone: Phone::new(&format!("+1212555{number:04}")).ok()?,
            zone: TimeZone::get(zone).ok()?,
            instruments: plays.iter().map(|instrument| place(&mut lists, instrument)).collect(),
            // Some have hours of their own.
            quiet_hours: (at % 5 == 3).then(|| ClockRange { from: time(22, 30, 0, 0), to: time(10, 30, 0, 0) }),
            standing: MusicianStanding::Active,
            last_booked_at: None,
        })
    };
    PEOPLE.iter().enumerate().filter_map(person).collect()
}
