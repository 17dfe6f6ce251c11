//! Every zone of the time zone database, as a client would write it.

#![allow(clippy::unwrap_used, reason = "a helper of tests may fail the test")]

mod common;

use common::{fields, mail, reading};
use jiff::civil::date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};

/// Rules 2.3, 2.6: the instants are those that the zone's own clock shows in winter and in summer.
#[test]
fn every_zone_is_read_by_its_name_2_3() {
    let mut misses = Vec::new();
    let mut asked = Vec::new();
    for name in TimeZoneDatabase::bundled().available() {
        let name = name.as_str();
        let body = format!("Instrument: drums\nDate: January 15, July 15\nTime: 10 AM\nTime zone: {name}\n");
        let got = reading(&mail(&body));
        if fields(&got) == "time_zone" && got.times.is_empty() {
            asked.push(name.to_owned());
            continue;
        }
        // The mission's "EST" means the wall clock in New York (rule 2.2), not an offset.
        let zone = TimeZone::get(if name == "EST" { "America/New_York" } else { name }).unwrap();
        let at = |day: jiff::civil::Date| day.at(10, 0, 0, 0).to_zoned(zone.clone()).unwrap().timestamp();
        let starts: Vec<Timestamp> =
            got.times.iter().map(|time| time.start.parse::<Zoned>().unwrap().timestamp()).collect();
        if starts != [at(date(2027, 1, 15)), at(date(2027, 7, 15))] || !got.problems.is_empty() {
            misses.push(format!("{name}: {:?} {:?}", got.times, got.problems));
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
    // Old names of single words; whoever writes one is asked.
    let old = "Eire Factory GB GB-Eire GMT0 Greenwich Hongkong Libya MET MST Navajo NZ NZ-CHAT Portugal PRC ROC ROK UCT \
               Universal W-SU WET";
    assert_eq!(asked.join(" "), old);
}
