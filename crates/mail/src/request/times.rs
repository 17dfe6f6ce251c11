//! The client's zone, and the starts that the days and times give in it.

use jiff::civil::DateTime;

use super::{Found, has};
use crate::calendar::{self, Calendar, Sent};
use crate::clocks;
use crate::context::Context;
use crate::draft::Draft;
use crate::message::Message;
use crate::reading::{Field, Reading};
use crate::scan::{self, Item, Mode, Name};
use crate::text::{folded, plain};
use crate::thread;
use crate::zones::{self, Doubt, Zone};

/// Finds the zone, and makes instants of the days and times.
pub(super) fn times(found: &mut Found, message: &Message, reading: &mut Reading, context: &Context) {
    let zone = zone_of(found, context);
    if found.draft.schedule.slots.is_empty() && !has(found, Field::Times) {
        found.problem(Field::Times, "No day and time is given that can be read. Ask for it.", "");
    }
    let Some(zone) = zone else {
        if !found.draft.schedule.slots.is_empty() {
            without_zone(found, message, context);
        }
        return;
    };
    reading.time_zone = Some(zone.name.clone());
    let length = found.draft.length.unwrap_or(context.length);
    let result = calendar::resolve(
        &found.draft.schedule.slots,
        &zone,
        found.draft.city.as_deref(),
        sent(found, message, context),
        length,
        context,
    );
    let had_slots = !found.draft.schedule.slots.is_empty();
    take(result, had_slots, found, reading);
}

/// Without a zone there are no instants, but a date that does not exist is as wrong in any zone.
fn without_zone(found: &mut Found, message: &Message, context: &Context) {
    let utc = Zone { name: "UTC".to_owned(), clock: jiff::tz::TimeZone::UTC };
    let length = found.draft.length.unwrap_or(context.length);
    let plain: Vec<_> =
        found.draft.schedule.slots.iter().map(|s| crate::schedule::Slot { zones: Vec::new(), ..s.clone() }).collect();
    // Two days of grace cover every zone.
    let earlier = Context {
        now: context.now - jiff::SignedDuration::from_hours(48),
        notice: jiff::SignedDuration::ZERO,
        ..context.clone()
    };
    let result = calendar::resolve(&plain, &utc, None, sent(found, message, context), length, &earlier);
    let mut ignored = Reading::default();
    take(result, true, found, &mut ignored);
}

fn take(result: Calendar, had_slots: bool, found: &mut Found, reading: &mut Reading) {
    for (message, text) in &result.doubts {
        found.problem(Field::Times, message, text);
    }
    for text in &result.other_zone {
        found.problem(
            Field::TimeZone,
            "This time is given in two zones that do not mean the same moment. Ask which one is right.",
            text,
        );
    }
    for text in &result.too_short {
        found.problem(
            Field::Length,
            "The session is longer than the range it should fit into. Ask for more time, or a shorter session.",
            text,
        );
    }
    let explained = !result.doubts.is_empty()
        || !result.too_short.is_empty()
        || !result.other_zone.is_empty()
        || has(found, Field::Times);
    if had_slots && result.times.is_empty() && !explained {
        let over = result.dropped.iter().all(|d| matches!(d.reason.as_str(), "past" | "notice"));
        let message = if over {
            "All the times are over, or too soon. Ask for new ones."
        } else {
            "None of the times exists on the clock that night. Ask for new ones."
        };
        found.problem(Field::Times, message, "");
    }
    reading.times = result.times;
    reading.dropped = result.dropped;
}

fn zone_of(found: &mut Found, context: &Context) -> Option<Zone> {
    let draft = &found.draft;
    let mut words = draft.zone.clone();
    // Zones beside single times: the first is the client's, and the calendar compares the others.
    let beside = draft.schedule.slots.iter().map(|s| &s.zones).find(|z| !z.is_empty());
    let labelled = !words.said.is_empty() || !words.unknown.is_empty();
    if !labelled && let Some(zones) = beside {
        words.said.extend(zones.iter().cloned());
    }
    let settled = zones::settle(&words, draft.city.as_deref(), context.now);
    let text = if draft.zone_text.is_empty() {
        beside.map(|_| slot_text(draft)).unwrap_or_default()
    } else {
        draft.zone_text.clone()
    };
    match settled {
        Ok(zone) => {
            city_against_offset(found, &zone, context);
            Some(zone)
        }
        Err(doubt) => {
            let message = message_of(&doubt);
            found.problem(Field::TimeZone, &message, &text);
            None
        }
    }
}

fn slot_text(draft: &Draft) -> String {
    draft.schedule.slots.iter().find(|s| !s.zones.is_empty()).map(|s| s.text.clone()).unwrap_or_default()
}

fn message_of(doubt: &Doubt) -> String {
    match doubt {
        Doubt::Missing => "No time zone is named. Ask for it.".to_owned(),
        Doubt::Ambiguous(word) if word.is_empty() => {
            "There are several places of this name, in different time zones. Ask which one is meant.".to_owned()
        }
        Doubt::Ambiguous(word) => format!("{word} is the name of several time zones. Ask for the city."),
        Doubt::Contradiction => {
            "Two time zones are given that contradict each other. Ask which one is right.".to_owned()
        }
        Doubt::Unknown(word) => format!("The time zone cannot be read because of \"{word}\". Ask for it."),
    }
}

/// A bare offset that the client's labelled city does not have on the day is one of two readings.
fn city_against_offset(found: &mut Found, zone: &Zone, context: &Context) {
    if zone.clock.iana_name().is_some() {
        return;
    }
    let Some(city) = found.draft.city.clone() else { return };
    let cities = zones::city_zones(&city);
    let [only] = cities.as_slice() else { return };
    let Ok(clock) = jiff::tz::TimeZone::get(only) else { return };
    let differs = found.draft.schedule.slots.iter().any(|slot| {
        let Name::Date { month, day, year } = slot.day.name else { return false };
        let year = year.unwrap_or_else(|| context.now.to_zoned(clock.clone()).year());
        let Ok(date) = jiff::civil::Date::new(year, month, day) else { return false };
        let wall = date.to_datetime(slot.from);
        clock.to_ambiguous_timestamp(wall).compatible().ok()
            != zone.clock.to_ambiguous_timestamp(wall).compatible().ok()
    });
    if differs {
        found.problem(
            Field::TimeZone,
            "The city has another time on that day than the zone says. Ask which one is right.",
            &format!("{city}, {}", zone.name),
        );
    }
}

/// When the mail, or the forwarded mail in it, was written.
fn sent(found: &Found, message: &Message, context: &Context) -> Sent {
    let outer = message.date.unwrap_or(context.now);
    let Some(forwarded) = &found.forwarded else { return Sent::At(outer) };
    let Some(text) = forwarded.header(thread::SENT) else { return Sent::Unreadable(outer) };
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Sent::At(instant);
    }
    wall_clock(text).map_or(Sent::Unreadable(outer), Sent::Wall)
}

/// "Mon, Nov 30, 2026 at 4:12 PM" in a copied header.
fn wall_clock(text: &str) -> Option<DateTime> {
    let items = scan::items(&folded(&plain(text)), Mode::Labelled);
    let days: Vec<_> =
        items.iter().filter_map(|(item, _)| if let Item::Day(day) = item { Some(day) } else { None }).collect();
    let date = days.iter().find_map(|day| match day.name {
        Name::Date { year: Some(year), month, day } => jiff::civil::Date::new(year, month, day).ok(),
        Name::Date { .. } | Name::Numbers { .. } | Name::Weekday | Name::Today | Name::Tomorrow => None,
    })?;
    let clock = items.iter().find_map(|(item, _)| if let Item::Clock(clock) = item { Some(*clock) } else { None });
    let entry = clock.map(|from| clocks::Entry { from, to: None });
    let time = entry.and_then(|e| clocks::settled(&[e], clocks::Habit::default()).into_iter().next().flatten());
    Some(date.to_datetime(time.map_or(jiff::civil::Time::midnight(), |(from, _)| from)))
}
