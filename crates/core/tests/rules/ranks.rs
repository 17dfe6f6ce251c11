//! The order of musicians (rule 3.6), for any roster, any moment and any clock.

use crate::studio::policy;
use firstcall_core::contact::Phone;
use firstcall_core::ids::MusicianId;
use firstcall_core::policy::{Policy, Ranking};
use firstcall_core::ranking::Ranked;
use firstcall_core::roster::{Musician, MusicianStanding, Roster};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

/// The night of 13 March 2027, in which New York's clocks go forward, or of 31 October 2026, in which they go back; or
/// the last day before Samoa crossed the date line, where a whole day was left out.
fn nights() -> impl Strategy<Value = (TimeZone, Timestamp)> {
    let night = |zone: &str, at: &str| (TimeZone::get(zone).unwrap(), at.parse::<Timestamp>().unwrap());
    prop::sample::select(vec![
        night("America/New_York", "2027-03-14T07:00:00Z"),
        night("America/New_York", "2026-11-01T06:00:00Z"),
        night("Australia/Lord_Howe", "2027-04-03T15:00:00Z"),
        night("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ])
}

/// For each musician: how many half-hours before the night they were last booked, if ever; their place; whether they
/// hold an earlier option.
fn people() -> impl Strategy<Value = Vec<(Option<i64>, u32, bool)>> {
    prop::collection::vec((prop::option::of(-60_i64..200), 1_u32..4, prop::bool::weighted(0.2)), 0..12)
}

fn roster(people: &[(Option<i64>, u32, bool)], night: Timestamp) -> Roster {
    let musician = |(id, &(last, place, _)): (i64, &(Option<i64>, u32, bool))| Musician {
        id: MusicianId(id),
        name: format!("m{id}"),
        phone: Phone::new("+12125550143").unwrap(),
        zone: TimeZone::UTC,
        instruments: vec![("drums".to_owned(), place)],
        quiet_hours: None,
        standing: MusicianStanding::Active,
        last_booked_at: last.map(|half_hours| night - SignedDuration::from_mins(30 * half_hours)),
    };
    Roster::new((1..).zip(people).map(musician).collect())
}

/// The number of the studio's calendar day, by the clock's offset alone.
fn day_number(at: Timestamp, zone: &TimeZone) -> i64 {
    (at.as_second() + i64::from(zone.to_offset(at).seconds())).div_euclid(86_400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r3_6_each_stands_before_the_next_for_a_reason_of_the_rule(
        people in people(), (zone, night) in nights(), later in -60_i64..60, which in 0_usize..3,
    ) {
        let ranking = [Ranking::RecentFirst, Ranking::RestedFirst, Ranking::CallList][which];
        let policy = Policy { zone: zone.clone(), ranking, ..policy() };
        let now = night + SignedDuration::from_mins(30 * later);
        let roster = roster(&people, night);
        let holds = |id: MusicianId| people[usize::try_from(id.0).unwrap() - 1].2;
        let first: Vec<MusicianId> = roster.musicians().iter().map(|m| m.id).filter(|id| holds(*id)).collect();
        let ranked = Ranked::new(&roster, ["drums"], &first, now, &policy);
        let days = |m: &Musician| m.last_booked_at.map(|last| day_number(now, &zone) - day_number(last, &zone));
        // Never booked comes last with "recent first", and first with "rested first".
        let standing = |m: &Musician| match (ranking, days(m)) {
            (Ranking::RecentFirst, days) => (days.is_none(), days.unwrap_or(0)),
            (Ranking::RestedFirst, days) => (days.is_some(), -days.unwrap_or(0)),
            (Ranking::CallList, _) => (false, 0),
        };
        let key = |m: &&Musician| (!holds(m.id), standing(m), m.instruments[0].1, m.id);
        let list = ranked.of("drums");
        prop_assert_eq!(list.len(), people.len(), "nobody is lost and nobody is there twice");
        prop_assert!(list.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])), "{:?}", list);
    }
}
