//! Numbers to clock times.

use super::{Number, Scan, small};
use crate::clocks::{Clock, Kind};
use crate::scan::Item;

impl Scan<'_> {
    /// 10:00, 10:00 AM, 10 am, 1030am, 10.30 pm, 14h30, 10 Uhr.
    pub(super) fn clock(&mut self, n: Number) -> bool {
        let Some((clock, end)) = self.clock_end(n) else { return false };
        match clock {
            Some(clock) => self.push(Item::Clock(clock), end),
            None => self.push(Item::Unknown, end),
        }
        true
    }

    /// A clock time that begins with this number, and where it ends; no clock where the numbers make no sense.
    pub(super) fn clock_end(&self, n: Number) -> Option<(Option<Clock>, usize)> {
        let rest = self.rest(n.end);
        let mark = rest.chars().next();
        let minute = match mark {
            Some(':' | '.') if n.digits <= 2 => self.number_at(n.end + 1).filter(|m| m.digits == 2),
            _ => None,
        };
        if let Some(minute) = minute {
            return self.clock_with_minutes(n, minute, mark == Some('.'));
        }
        let (hour, minutes) = if n.digits >= 3 { (n.value / 100, n.value % 100) } else { (n.value, 0) };
        if let Some((half, end)) = self.half_at(n.end) {
            return (n.digits <= 4).then(|| (twelve(hour, minutes, half), end));
        }
        let word = self.word_at(self.skip(n.end, " "));
        let word_end = self.skip(n.end, " ") + word.len();
        match word {
            "noon" if n.value == 12 => Some((twelve(12, 0, Kind::Noon), word_end)),
            "o'clock" | "oclock" => Some((plausible(hour, minutes, Kind::Bare), word_end)),
            "uhr" => Some((plausible(hour, minutes, if hour >= 7 { Kind::Full } else { Kind::Bare }), word_end)),
            "h" | "hrs" | "hours" if n.digits == 4 => Some((plausible(hour, minutes, Kind::Full), word_end)),
            "h" if n.digits <= 2 && n.value >= 13 => {
                let minute = self.number_at(word_end).filter(|m| m.digits == 2);
                let (minutes, end) = minute.map_or((0, word_end), |m| (m.value, m.end));
                Some((plausible(n.value, minutes, Kind::Full), end))
            }
            _ => None,
        }
    }

    pub(super) fn clock_with_minutes(&self, n: Number, minute: Number, dotted: bool) -> Option<(Option<Clock>, usize)> {
        let mut end = minute.end;
        if !dotted && let Some(seconds) = self.rest(end).strip_prefix(':').and_then(|_| self.number_at(end + 1)) {
            end = seconds.end;
        }
        if let Some((half, after)) = self.half_at(end) {
            return Some((twelve(n.value, minute.value, half), after));
        }
        let after = self.skip(end, " ");
        match self.word_at(after) {
            "noon" if n.value == 12 && minute.value == 0 => return Some((twelve(12, 0, Kind::Noon), after + 4)),
            word @ ("h" | "hrs" | "uhr") => {
                let kind = if n.value >= 7 || n.digits == 2 { Kind::Full } else { Kind::Minutes };
                return Some((plausible(n.value, minute.value, kind), after + word.len()));
            }
            _ => {}
        }
        if dotted {
            let certain = (n.value >= 13 || (n.digits == 2 && n.value < 10)) && minute.value % 15 == 0 && n.value < 24;
            return certain.then(|| (plausible(n.value, minute.value, Kind::Full), end));
        }
        let kind = match (n.digits, n.value) {
            (_, 13.. | 0) => Kind::Full,
            (2, 7..=12) => Kind::TwoDigits,
            (_, _) => Kind::Minutes,
        };
        Some((plausible(n.value, minute.value, kind), end))
    }

    /// am or pm.
    pub(super) fn half_at(&self, at: usize) -> Option<(Kind, usize)> {
        let start = self.skip(at, " \n");
        let rest = self.rest(start);
        for (spelling, half) in [
            ("a.m.", Kind::Am),
            ("p.m.", Kind::Pm),
            ("a.m", Kind::Am),
            ("p.m", Kind::Pm),
            ("a. m.", Kind::Am),
            ("p. m.", Kind::Pm),
        ] {
            if rest.starts_with(spelling) {
                return Some((half, start + spelling.len()));
            }
        }
        let word = self.word_at(start);
        match word {
            "am" => Some((Kind::Am, start + 2)),
            "pm" => Some((Kind::Pm, start + 2)),
            "a" if start == at => Some((Kind::Am, start + 1)),
            "p" if start == at => Some((Kind::Pm, start + 1)),
            _ => None,
        }
    }
}

/// A time on the twelve-hour clock.
fn twelve(hour: i32, minute: i32, half: Kind) -> Option<Clock> {
    ((1..=12).contains(&hour) && (0..60).contains(&minute)).then(|| {
        let hour = match (hour, half) {
            (12, Kind::Am) => 0,
            (12, _) | (_, Kind::Am) => hour,
            (_, _) => hour + 12,
        };
        Clock { hour: small(hour), minute: small(minute), kind: half }
    })
}

fn plausible(hour: i32, minute: i32, kind: Kind) -> Option<Clock> {
    let valid = (0..24).contains(&hour) && (0..60).contains(&minute) || (hour == 24 && minute == 0);
    valid.then(|| Clock { hour: small(hour), minute: small(minute), kind })
}
