//! In which order the musicians of an instrument are asked (rule 3.6).

use crate::ids::MusicianId;
use crate::policy::{Policy, Ranking};
use crate::roster::{Musician, Roster};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// Every instrument's musicians, best first.
#[derive(Debug)]
pub struct Ranked<'a> {
    lists: HashMap<&'a str, Vec<&'a Musician>>,
}

impl<'a> Ranked<'a> {
    /// Ranks the call lists of `instruments`. `first` are those who hold an earlier option of the same booking.
    #[must_use]
    pub fn new(
        roster: &'a Roster,
        instruments: impl IntoIterator<Item = &'a str>,
        first: &[MusicianId],
        now: Timestamp,
        policy: &Policy,
    ) -> Self {
        let mut lists = HashMap::new();
        for instrument in instruments {
            lists.entry(instrument).or_insert_with(|| ranked(roster, instrument, first, now, policy));
        }
        Self { lists }
    }

    /// The musicians of an instrument, best first.
    #[must_use]
    pub fn of(&self, instrument: &str) -> &[&'a Musician] {
        self.lists.get(instrument).map_or(&[], Vec::as_slice)
    }
}

fn ranked<'a>(
    roster: &'a Roster,
    instrument: &str,
    first: &[MusicianId],
    now: Timestamp,
    policy: &Policy,
) -> Vec<&'a Musician> {
    let mut list: Vec<(u32, &Musician)> = roster.call_list(instrument).collect();
    let today = now.to_zoned(policy.zone.clone()).date();
    list.sort_by_cached_key(|&(place, musician)| {
        let standing = recency(musician.last_booked_at, today, &policy.zone, policy.ranking);
        (!first.contains(&musician.id), standing, place, musician.id)
    });
    list.into_iter().map(|(_, musician)| musician).collect()
}

/// Smaller is asked earlier. Whole studio-calendar days, so that an hour more or less never decides.
fn recency(last: Option<Timestamp>, today: Date, zone: &TimeZone, ranking: Ranking) -> i64 {
    let days = last.map(|last| last.to_zoned(zone.clone()).date().duration_until(today).as_hours() / 24);
    match (ranking, days) {
        (Ranking::CallList, _) => 0,
        (Ranking::RecentFirst, Some(days)) => days,
        (Ranking::RecentFirst, None) => i64::MAX,
        (Ranking::RestedFirst, Some(days)) => -days,
        (Ranking::RestedFirst, None) => i64::MIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Rule 3.6: days are the studio's, not spans of 24 hours.
    #[test]
    fn an_evening_booking_is_one_day_ago_the_next_morning() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let today = date(2026, 12, 2);
        let last_evening = at("2026-12-02T02:00:00Z");
        let this_morning = at("2026-12-02T12:00:00Z");
        assert_eq!(recency(Some(last_evening), today, &zone, Ranking::RecentFirst), 1);
        assert_eq!(recency(Some(this_morning), today, &zone, Ranking::RecentFirst), 0);
        assert_eq!(recency(None, today, &zone, Ranking::RecentFirst), i64::MAX);
        assert_eq!(recency(None, today, &zone, Ranking::RestedFirst), i64::MIN);
        assert_eq!(recency(Some(last_evening), today, &zone, Ranking::CallList), 0);
    }
}
