//! Days of the Gregorian calendar as numbers, counted from 1970-01-01. Rules of recurrence look at very many of them,
//! and a number is all that they need.

/// The seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// A day, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    /// From 1.
    pub(crate) month: u8,
    /// From 1.
    pub(crate) day: u8,
}

/// The number of a day (Howard Hinnant's `days_from_civil`: years begin in March, so that a leap day is the last).
pub(crate) fn number(year: i64, month: u8, day: u8) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (i64::from(month) + if month > 2 { -3 } else { 9 }) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The day of a number (his `civil_from_days`).
pub(crate) fn civil(number: i64) -> Civil {
    let shifted = number + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = small(of_year - (153 * month + 2) / 5 + 1);
    let month = small(if month < 10 { month + 3 } else { month - 9 });
    Civil { year: year + era * 400 + i64::from(month <= 2), month, day }
}

/// The day of the week, from Monday, 0, to Sunday, 6.
pub(crate) fn weekday(number: i64) -> u8 {
    small((number + 3).rem_euclid(7))
}

/// How many days a month has.
pub(crate) fn of_month(year: i64, month: u8) -> u8 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// How many days a year has.
pub(crate) fn of_year(year: i64) -> i64 {
    if leap(year) { 366 } else { 365 }
}

/// The first day of the first week of a year: the first of at least four days of it, where weeks begin with `week_start`.
pub(crate) fn first_week(year: i64, week_start: u8) -> i64 {
    let january = number(year, 1, 1);
    let into = (i64::from(weekday(january)) - i64::from(week_start)).rem_euclid(7);
    if into <= 3 { january - into } else { january + 7 - into }
}

fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// A number that is known to be that of a day, a month or a weekday.
fn small(number: i64) -> u8 {
    u8::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;

    #[test]
    fn days_are_those_of_a_calendar_written_elsewhere() {
        let epoch = date(1970, 1, 1);
        let mut day = date(1, 1, 1);
        for index in 0..1_000_000 {
            let count = i64::from(epoch.until(day).unwrap().get_days());
            let found = civil(count);
            assert_eq!(
                (found.year, i64::from(found.month), i64::from(found.day)),
                (day.year().into(), day.month().into(), day.day().into())
            );
            assert_eq!(number(found.year, found.month, found.day), count, "{day}");
            assert_eq!(i64::from(weekday(count)), i64::from(day.weekday().to_monday_zero_offset()), "{day}");
            assert_eq!(i64::from(of_month(found.year, found.month)), i64::from(day.days_in_month()), "{day}");
            let week = day.iso_week_date();
            assert_eq!((count - first_week(week.year().into(), 0)).div_euclid(7) + 1, i64::from(week.week()), "{day}");
            // All days of some centuries, and some of all others.
            let step = if index % 2_000_000 < 200_000 { 1 } else { 13 };
            let Ok(next) = day.checked_add(step.days()) else { break };
            day = next;
        }
    }
}
