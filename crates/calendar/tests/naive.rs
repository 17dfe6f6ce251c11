//! Rules of recurrence read a second time, without any cleverness: every day from the first is asked whether it is one of
//! the rule's, with the calendar of `jiff`.

#![allow(clippy::unwrap_used, reason = "a helper of tests may fail the test")]

use firstcall_calendar::{Calendar, Reading};
use firstcall_core::span::Span;
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan, Zoned};
use proptest::prelude::*;

const NAMES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

#[derive(Clone, Debug)]
struct Simple {
    start: Date,
    hour: i8,
    zone: &'static str,
    frequency: &'static str,
    interval: i64,
    /// Days of the week, from Monday, 0.
    weekdays: Vec<usize>,
    months: Vec<i8>,
    /// Days of the month, counted from its end where they are negative.
    month_days: Vec<i8>,
    count: Option<usize>,
    until: Option<i64>,
    left_out: Option<usize>,
}

impl Simple {
    fn text(&self) -> String {
        let list = |name: &str, items: Vec<String>| {
            if items.is_empty() { String::new() } else { format!(";{name}={}", items.join(",")) }
        };
        let local = |day: Date| day.at(self.hour, 30, 0, 0).strftime("%Y%m%dT%H%M%S");
        let rule = [
            format!("FREQ={};INTERVAL={}", self.frequency, self.interval),
            list("BYDAY", self.weekdays.iter().map(|&day| NAMES[day].to_owned()).collect()),
            list("BYMONTH", self.months.iter().map(ToString::to_string).collect()),
            list("BYMONTHDAY", self.month_days.iter().map(ToString::to_string).collect()),
            list("COUNT", self.count.iter().map(ToString::to_string).collect()),
            list("UNTIL", self.last_day().iter().map(|day| local(*day).to_string()).collect()),
        ];
        let without = self.left_out.and_then(|place| self.days(date(2035, 1, 1)).get(place).copied());
        let without = without.map_or_else(String::new, |day| format!("EXDATE;TZID={}:{}\r\n", self.zone, local(day)));
        format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID={}:{}\r\nDURATION:PT45M\r\nRRULE:{}\r\n{without}END:VEVENT\r\n\
             END:VCALENDAR\r\n",
            self.zone,
            local(self.start),
            rule.concat()
        )
    }

    fn last_day(&self) -> Option<Date> {
        self.until.map(|days| self.start + days.days())
    }

    /// The days of its instances, up to one.
    fn days(&self, end: Date) -> Vec<Date> {
        let end = self.last_day().map_or(end, |last| last.min(end));
        let rest = std::iter::successors(Some(self.start + 1.day()), |day| Some(*day + 1.day()));
        let rest = rest.take_while(|day| *day <= end).filter(|day| self.has(*day));
        std::iter::once(self.start).chain(rest).take(self.count.unwrap_or(usize::MAX)).collect()
    }

    fn has(&self, day: Date) -> bool {
        let monday = |day: Date| day - i64::from(day.weekday().to_monday_zero_offset()).days();
        let months = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
        let days_between = |first: Date, last: Date| i64::from(first.until(last).unwrap().get_days());
        let period = match self.frequency {
            "DAILY" => days_between(self.start, day),
            "WEEKLY" => days_between(monday(self.start), monday(day)) / 7,
            "MONTHLY" => months(day) - months(self.start),
            _ => i64::from(day.year() - self.start.year()),
        };
        let from_end = day.day() - day.days_in_month() - 1;
        let weekday = |place: &usize| Weekday::from_monday_zero_offset(i8::try_from(*place).unwrap()).unwrap();
        let nothing = self.weekdays.is_empty() && self.month_days.is_empty();
        let implied = match self.frequency {
            _ if !nothing => true,
            "WEEKLY" => day.weekday() == self.start.weekday(),
            "MONTHLY" => day.day() == self.start.day(),
            "YEARLY" => day.day() == self.start.day() && (!self.months.is_empty() || day.month() == self.start.month()),
            _ => true,
        };
        period % self.interval == 0
            && implied
            && (self.weekdays.is_empty() || self.weekdays.iter().map(weekday).any(|said| said == day.weekday()))
            && (self.months.is_empty() || self.months.contains(&day.month()))
            && (self.month_days.is_empty()
                || self.month_days.contains(&day.day())
                || self.month_days.contains(&from_end))
    }

    fn spans(&self, range: Span) -> Vec<Span> {
        let mut days = self.days(date(2035, 1, 1));
        if let Some(place) = self.left_out.filter(|&place| place < days.len()) {
            days.remove(place);
        }
        let zone = TimeZone::get(self.zone).unwrap();
        // What two nights in which a clock changes make of one wall cannot happen here: instances are a day apart.
        let start = |day: Date| -> Zoned { day.at(self.hour, 30, 0, 0).to_zoned(zone.clone()).unwrap() };
        let spans = days.into_iter().map(|day| Span::new(start(day).timestamp(), SignedDuration::from_mins(45)));
        let cut = |span: Span| Span { start: span.start.max(range.start), end: span.end.min(range.end) };
        spans.map(cut).filter(|span| span.start < span.end).collect()
    }
}

fn simple() -> impl Strategy<Value = Simple> {
    let frequency = prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]);
    let zone =
        prop::sample::select(vec!["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo"]);
    let when = (2018i16..2027, 1i8..=12, 1i8..=31, 0i8..24, zone);
    let weekdays = prop::collection::btree_set(0usize..7, 0..4);
    let months = prop::collection::btree_set(1i8..=12, 0..5);
    let month_days = prop::collection::btree_set((1i8..=31, any::<bool>()), 0..4);
    let ends = (prop::option::of(1usize..80), prop::option::of(0i64..1_500), any::<bool>());
    (when, frequency, 1i64..5, weekdays, months, month_days, ends, prop::option::of(0usize..40)).prop_map(
        |((year, month, day, hour, zone), frequency, interval, weekdays, months, month_days, ends, left_out)| {
            let first = date(year, month, 1);
            // Days of the month mean nothing in a week (3.3.10), and one rule has one end.
            let month_days = month_days.into_iter().map(|(day, back)| if back { -day } else { day });
            let month_days = if frequency == "WEEKLY" { Vec::new() } else { month_days.collect() };
            Simple {
                start: date(year, month, day.min(first.days_in_month())),
                hour,
                zone,
                frequency,
                interval,
                weekdays: weekdays.into_iter().collect(),
                months: months.into_iter().collect(),
                month_days,
                count: ends.0.filter(|_| ends.2),
                until: ends.1.filter(|_| !ends.2),
                left_out,
            }
        },
    )
}

proptest! {
    #[test]
    fn rules_are_what_asking_every_day_says(rule in simple(), after in 0i64..2_000, length in 1i64..120) {
        let start = rule.start.at(rule.hour, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let start = start + SignedDuration::from_hours(24 * (after - 100));
        let range = Span::new(start, SignedDuration::from_hours(24 * length));
        let reading = Reading { tentative_blocks: true, ours: &|_| false };
        let calendar = Calendar::read(rule.text().as_bytes()).unwrap();
        prop_assert_eq!(calendar.busy(range, &TimeZone::UTC, &reading).unwrap(), rule.spans(range), "{}", rule.text());
    }
}
