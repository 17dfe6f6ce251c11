//! Pieces to runs of days and runs of times, and which times belong to which day.

use super::{Answer, Piece, Schedule, Slot, Span, same_day};
use crate::clocks::{self, Clock, Entry, Habit};
use crate::scan::{Day, Mode, Name};

#[derive(Clone, Debug)]
pub(super) enum Run {
    Days { days: Vec<(Day, String)>, answer: usize, bad: bool },
    Times { spans: Vec<Span>, answer: usize },
}

/// Takes out what stands beside words that were not understood, up to the next separator; a day takes its times along.
pub(super) fn poisoned(pieces: &[Piece], schedule: &mut Schedule) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for chunk in pieces.split_inclusive(|p| matches!(p, Piece::And(_) | Piece::Border)) {
        let bad = chunk.iter().any(|p| matches!(p, Piece::Bad));
        if !bad {
            out.extend(chunk.iter().cloned());
            continue;
        }
        let has_day = chunk.iter().any(|p| matches!(p, Piece::Day(..)));
        if has_day {
            out.push(Piece::Bad);
        }
        out.extend(chunk.last().filter(|p| matches!(p, Piece::And(_) | Piece::Border)).cloned());
    }
    for pair in out.windows(3) {
        if let [Piece::Day(_, day), Piece::And("and" | "or"), Piece::Times(span)] = pair {
            let text = format!("{day} {}", span.text);
            schedule.doubts.push((
                "It is not clear which day this time belongs to. Enter the days with their times.".to_owned(),
                text,
            ));
        }
    }
    out
}

/// Days that stand together, and times that stand together.
pub(super) fn runs_of(pieces: Vec<Piece>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut current = 0;
    for piece in pieces {
        match piece {
            Piece::Border => current += 1,
            Piece::And(_) => {}
            Piece::Bad => match runs.last_mut() {
                Some(Run::Days { bad, answer, .. }) if *answer == current => *bad = true,
                _ => runs.push(Run::Days { days: Vec::new(), answer: current, bad: true }),
            },
            Piece::Day(day, text) => match runs.last_mut() {
                Some(Run::Days { days, answer, .. }) if *answer == current => days.push((day, text)),
                _ => runs.push(Run::Days { days: vec![(day, text)], answer: current, bad: false }),
            },
            Piece::Times(span) => match runs.last_mut() {
                Some(Run::Times { spans, answer }) if *answer == current => spans.push(span),
                _ => runs.push(Run::Times { spans: vec![span], answer: current }),
            },
        }
    }
    runs
}

const TWO_ANSWERS: &str = "Two answers about the days or times do not agree. Check the times.";

/// Joins runs of different answers where one reading is possible.
pub(super) fn joined(runs: Vec<Run>, answers: &[Answer], schedule: &mut Schedule) -> Vec<Run> {
    let with_days: Vec<usize> =
        runs.iter().filter_map(|r| if let Run::Days { answer, .. } = r { Some(*answer) } else { None }).collect();
    let with_times: Vec<usize> =
        runs.iter().filter_map(|r| if let Run::Times { answer, .. } = r { Some(*answer) } else { None }).collect();
    let numbered = |answer: &usize| answers.get(*answer).is_some_and(|a| a.number.is_some());
    if parallel(&with_days, &with_times, numbered) {
        let text = answers.iter().map(|a| a.text.as_str()).collect::<Vec<_>>().join(" / ");
        schedule.doubts.push((
            "It is not clear which times belong to which day. Enter the days with their times.".to_owned(),
            text,
        ));
        return Vec::new();
    }
    let mut out: Vec<Run> = Vec::new();
    for run in runs {
        match (out.last_mut(), run) {
            (Some(Run::Days { days, bad, answer }), Run::Days { days: more, bad: more_bad, answer: next }) => {
                let own_times = with_times.contains(&next);
                if !merge_days(days, more, own_times) {
                    schedule
                        .doubts
                        .push((TWO_ANSWERS.to_owned(), answers.get(next).map(|a| a.text.clone()).unwrap_or_default()));
                }
                *bad |= more_bad;
                *answer = next;
            }
            (Some(Run::Times { spans, answer }), Run::Times { spans: more, answer: next }) => {
                let entries = |s: &[Span]| s.iter().map(|s| s.entry.clone()).collect::<Vec<_>>();
                let list = !with_days.contains(answer) && numbered(answer) && numbered(&next);
                let prose = answers.get(next).is_some_and(|a| a.mode == Mode::Prose);
                if list || prose {
                    spans.extend(more);
                } else if entries(spans) != entries(&more) {
                    schedule
                        .doubts
                        .push((TWO_ANSWERS.to_owned(), answers.get(next).map(|a| a.text.clone()).unwrap_or_default()));
                }
                *answer = next;
            }
            (_, run) => out.push(run),
        }
    }
    out
}

/// "Date 1, Date 2, Time 1, Time 2": the numbers pair what the order does not.
fn parallel(days: &[usize], times: &[usize], numbered: impl Fn(&usize) -> bool) -> bool {
    let days: Vec<&usize> = days.iter().filter(|a| numbered(a) && !times.contains(a)).collect();
    let times: Vec<&usize> = times.iter().filter(|a| numbered(a) && !days.contains(a)).collect();
    days.len() > 1
        && times.len() > 1
        && (days.iter().max() < times.iter().min() || times.iter().max() < days.iter().min())
}

/// Days of two answers without times between them; false where they contradict each other.
fn merge_days(days: &mut Vec<(Day, String)>, more: Vec<(Day, String)>, own_times: bool) -> bool {
    if let ([(one, _)], [(other, text)]) = (days.as_mut_slice(), more.as_slice()) {
        if one.name == Name::Weekday
            && other.name != Name::Weekday
            && other.weekday.is_none_or(|w| Some(w) == one.weekday)
        {
            let day = Day { name: other.name.clone(), weekday: one.weekday };
            days[0] = (day, text.clone());
            return true;
        }
        if other.name == Name::Weekday
            && one.name != Name::Weekday
            && one.weekday.is_none_or(|w| Some(w) == other.weekday)
        {
            one.weekday = other.weekday;
            return true;
        }
    }
    let new: Vec<(Day, String)> =
        more.into_iter().filter(|(d, _)| !days.iter().any(|(known, _)| same_day(known, d))).collect();
    let agrees = new.is_empty() || !own_times;
    days.extend(new);
    agrees
}

/// Times belong to the day before them; a list may also begin with its times throughout.
pub(super) fn pair(runs: Vec<Run>, schedule: &mut Schedule) {
    let all = runs.iter().flat_map(|r| match r {
        Run::Times { spans, .. } => spans.as_slice(),
        Run::Days { .. } => &[],
    });
    let clocks: Vec<Clock> = all.flat_map(|s| std::iter::once(s.entry.from).chain(s.entry.to)).collect();
    let habit = Habit::of(clocks.iter());
    let times_first = matches!(runs.first(), Some(Run::Times { .. }));
    let days_last = matches!(runs.last(), Some(Run::Days { .. }));
    if times_first && !days_last && runs.len() > 1 {
        schedule.doubts.push((
            "It is not clear which times belong to which day. Enter the days with their times.".to_owned(),
            text_of(&runs),
        ));
        return;
    }
    let mut runs = runs.into_iter();
    while let Some(run) = runs.next() {
        let (days, bad, spans) = match (run, times_first) {
            (Run::Days { days, bad, .. }, false) => match runs.next() {
                Some(Run::Times { spans, .. }) => (days, bad, spans),
                _ => (days, bad, Vec::new()),
            },
            (Run::Times { spans, .. }, true) => match runs.next() {
                Some(Run::Days { days, bad, .. }) => (days, bad, spans),
                _ => (Vec::new(), false, spans),
            },
            (Run::Days { days, bad, .. }, true) => (days, bad, Vec::new()),
            (Run::Times { spans, .. }, false) => (Vec::new(), false, spans),
        };
        combine(&days, bad, &spans, habit, schedule);
    }
}

fn text_of(runs: &[Run]) -> String {
    let texts = runs.iter().flat_map(|r| match r {
        Run::Days { days, .. } => days.iter().map(|(_, t)| t.clone()).collect::<Vec<_>>(),
        Run::Times { spans, .. } => spans.iter().map(|s| s.text.clone()).collect(),
    });
    texts.collect::<Vec<_>>().join(", ")
}

fn combine(days: &[(Day, String)], bad: bool, spans: &[Span], habit: Habit, schedule: &mut Schedule) {
    if days.is_empty() && bad {
        return;
    }
    if days.is_empty() {
        let text = spans.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join(", ");
        schedule.doubts.push(("These times have no day. Ask for the day.".to_owned(), text));
        return;
    }
    if spans.is_empty() {
        let text = days.iter().map(|(_, t)| t.as_str()).collect::<Vec<_>>().join(", ");
        schedule.doubts.push(("This day has no time. Ask for the time.".to_owned(), text));
        return;
    }
    // "2-4 PM ET / 11 AM-1 PM PT" are two lists.
    let settled: Vec<_> = spans
        .chunk_by(|a, b| a.zones == b.zones)
        .flat_map(|list| {
            let entries: Vec<Entry> = list.iter().map(|s| s.entry.clone()).collect();
            clocks::settled(&entries, habit)
        })
        .collect();
    for (span, times) in spans.iter().zip(&settled) {
        if times.is_none() {
            let message =
                "It is not said whether this is am or pm, or the range makes no sense. Ask for the exact time.";
            schedule.doubts.push((message.to_owned(), span.text.clone()));
        }
    }
    for (day, day_text) in days {
        for (span, times) in spans.iter().zip(&settled) {
            let Some((from, to)) = times else { continue };
            let text = format!("{day_text} {}", span.text);
            schedule.slots.push(Slot { day: day.clone(), from: *from, to: *to, zones: span.zones.clone(), text });
        }
    }
}
