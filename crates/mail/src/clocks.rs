//! Clock times of one list, with am and pm carried over (rule 2.5).

use jiff::civil::Time;

/// A clock time as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    /// 0 to 24.
    pub(crate) hour: i8,
    pub(crate) minute: i8,
    pub(crate) kind: Kind,
}

/// How much of a clock time is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Am,
    Pm,
    Noon,
    /// On the 24-hour clock without doubt: 16:00, 0:30, 14 h.
    Full,
    /// 09:00 or 10:00: the 24-hour clock, unless am and pm stand elsewhere.
    TwoDigits,
    /// 3:00.
    Minutes,
    /// 3.
    Bare,
}

/// One entry of a list: a time, or a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) from: Clock,
    pub(crate) to: Option<Clock>,
}

/// What clock times the whole schedule has, which says how its writer writes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Habit {
    /// am or pm somewhere.
    pub(crate) halves: bool,
    /// A time such as 16:00 somewhere.
    pub(crate) full: bool,
}

impl Habit {
    /// The habit that some clocks show.
    pub(crate) fn of<'a>(clocks: impl Iterator<Item = &'a Clock>) -> Habit {
        let mut habit = Habit::default();
        for clock in clocks {
            habit.halves |= matches!(clock.kind, Kind::Am | Kind::Pm);
            habit.full |= clock.kind == Kind::Full;
        }
        habit
    }
}

/// The times of each entry of a list; nothing for an entry that can be read in two ways.
pub(crate) fn settled(list: &[Entry], habit: Habit) -> Vec<Option<(Time, Option<Time>)>> {
    let clocks: Vec<Clock> = list.iter().flat_map(|e| std::iter::once(e.from).chain(e.to)).collect();
    let own = Habit::of(clocks.iter());
    let minutes: Vec<Option<i32>> =
        if own.halves { carried(list, &clocks) } else { without_halves(list, &clocks, habit) };
    let mut next = minutes.into_iter();
    list.iter()
        .map(|entry| {
            let from = next.next().flatten();
            let to = entry.to.and_then(|_| next.next().flatten());
            let whole_day = 24 * 60;
            if entry.to.is_some() && (to.is_none() || from == to) || from == Some(whole_day) {
                return None;
            }
            Some((
                time(from?)?,
                match to {
                    Some(minutes) => Some(time(minutes % whole_day)?),
                    None => None,
                },
            ))
        })
        .collect()
}

fn time(minutes: i32) -> Option<Time> {
    Time::new(i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?, 0, 0).ok()
}

fn minutes_of(clock: Clock) -> i32 {
    i32::from(clock.hour) * 60 + i32::from(clock.minute)
}

/// A list in which nobody says am or pm.
fn without_halves(list: &[Entry], clocks: &[Clock], habit: Habit) -> Vec<Option<i32>> {
    let twenty_four = habit.full && !habit.halves;
    let doubtful_minutes = clocks.iter().any(|c| c.kind == Kind::Minutes) && !twenty_four;
    // "9-17" can only be hours of the 24-hour clock.
    let plain_range = |clock: &Clock| {
        list.iter().any(|e| {
            e.to.is_some_and(|to| {
                to.kind == Kind::Bare && to.hour >= 13 && e.from.kind == Kind::Bare && e.from.hour < to.hour
            }) && (e.from == *clock || e.to == Some(*clock))
        })
    };
    clocks
        .iter()
        .map(|clock| {
            let certain = match clock.kind {
                Kind::Am | Kind::Pm | Kind::Noon | Kind::Full => true,
                Kind::TwoDigits => !habit.halves && !doubtful_minutes,
                Kind::Minutes => twenty_four,
                Kind::Bare => plain_range(clock),
            };
            certain.then(|| minutes_of(*clock))
        })
        .collect()
}

/// A list with am or pm somewhere: what is bare takes the half that leaves the list in order.
fn carried(list: &[Entry], clocks: &[Clock]) -> Vec<Option<i32>> {
    let explicit = |c: &Clock| matches!(c.kind, Kind::Am | Kind::Pm);
    let bare = |c: &Clock| matches!(c.kind, Kind::TwoDigits | Kind::Minutes | Kind::Bare);
    if !clocks.iter().any(bare) {
        return clocks.iter().map(|c| Some(minutes_of(*c))).collect();
    }
    let assigned = |following_first: bool| -> Option<Vec<i32>> {
        let all = clocks.iter().enumerate().map(|(at, clock)| {
            if !bare(clock) {
                return Some(minutes_of(*clock));
            }
            let following = clocks[at..].iter().find(|c| explicit(c));
            let preceding = clocks[..at].iter().rfind(|c| explicit(c));
            let half = if following_first { following.or(preceding) } else { preceding.or(following) }?.kind;
            halved(*clock, half)
        });
        all.collect::<Option<Vec<i32>>>().filter(|minutes| in_order(list, clocks, minutes))
    };
    let (one, other) = (assigned(true), assigned(false));
    let only = match (one, other) {
        (Some(a), Some(b)) => (a == b).then_some(a),
        (Some(a), None) | (None, Some(a)) => Some(a),
        (None, None) => None,
    };
    match only {
        Some(minutes) => minutes.into_iter().map(Some).collect(),
        None => clocks.iter().map(|c| (!bare(c)).then(|| minutes_of(*c))).collect(),
    }
}

fn halved(clock: Clock, half: Kind) -> Option<i32> {
    if !(1..=12).contains(&clock.hour) {
        return None;
    }
    let hour = i32::from(clock.hour % 12) + if half == Kind::Pm { 12 } else { 0 };
    Some(hour * 60 + i32::from(clock.minute))
}

/// Later entries begin later, and a range with a bare end does not run over midnight.
fn in_order(list: &[Entry], clocks: &[Clock], minutes: &[i32]) -> bool {
    let mut at = 0;
    let mut before = -1;
    for entry in list {
        let from = minutes[at];
        if from <= before {
            return false;
        }
        before = from;
        at += 1;
        if entry.to.is_some() {
            let said = |n: usize| matches!(clocks[n].kind, Kind::Am | Kind::Pm | Kind::Noon | Kind::Full);
            if minutes[at] <= from && !(said(at - 1) && said(at)) {
                return false;
            }
            at += 1;
        }
    }
    true
}
