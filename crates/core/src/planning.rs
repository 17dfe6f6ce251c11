//! Which times are possible, in which order they are tried, and who is asked first (rules 3.4–3.8).

mod possible;

use possible::possible;

use crate::availability::{Facts, Unavailable};
use crate::booking::{Booking, Chair, Fate, SessionOption};
use crate::ids::{ChairNo, MusicianId, OptionNo};
use crate::policy::Policy;
use crate::ranking::Ranked;
use crate::span::Span;
use jiff::Timestamp;
use pathfinding::matrix::Matrix;
use pathfinding::prelude::kuhn_munkres_min;
use std::collections::{HashMap, HashSet};

/// Who may be asked for one chair, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// The chair.
    pub chair: ChairNo,
    /// Best first.
    pub musicians: Vec<MusicianId>,
}

/// One chair and who is asked for it.
pub type Seat = (ChairNo, MusicianId);

/// Why a time is not possible, in sentences (rule 3.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// The time.
    pub time: Span,
    /// One sentence for each thing that is missing.
    pub reasons: Vec<String>,
}

/// The available musicians for each of `chairs` at a time, best first, leaving out who is in `except`.
///
/// At most as many as there are chairs, for each: whoever else takes the better ones, one of these is left (so neither a
/// matching nor the smallest total rank ever needs more).
#[must_use]
pub fn candidates(
    booking: &Booking,
    chairs: &[ChairNo],
    time: &Span,
    except: &[MusicianId],
    ranked: &Ranked<'_>,
    facts: &Facts<'_>,
    policy: &Policy,
) -> Vec<Candidates> {
    let mut by_instrument: HashMap<&str, Vec<MusicianId>> = HashMap::new();
    chairs
        .iter()
        .map(|&chair| {
            let instrument = booking.chair(chair).instrument.as_str();
            let musicians = by_instrument.entry(instrument).or_insert_with(|| {
                let list = ranked.of(instrument).iter();
                let free = list.filter(|m| !except.contains(&m.id) && facts.why_not(m, time, policy).is_none());
                free.map(|m| m.id).take(chairs.len()).collect()
            });
            Candidates { chair, musicians: musicians.clone() }
        })
        .collect()
}

/// Seats as many chairs as can be seated, everyone at most once, with the smallest total rank; where totals are equal,
/// the earlier chair has the better-ranked musician (rule 3.7).
#[must_use]
pub fn line_up(candidates: &[Candidates]) -> Vec<Seat> {
    let mut rows: Vec<Row> = candidates.iter().map(Row::of).collect();
    let ranks: usize = rows.iter().map(|row| row.choices.len()).sum();
    let empty = i64::try_from(ranks).unwrap_or(i64::MAX / 2) + 1;
    let (best, mut seats) = cheapest(&rows, empty);
    let mut taken: HashSet<MusicianId> = HashSet::new();
    // Pins chair after chair to the best rank that still gives the smallest total. `seats` is such an assignment with
    // what is pinned so far: it spares the proof of its own choices, without which 60 chairs would take half a minute.
    for chair in 0..rows.len() {
        let any = rows[chair].clone();
        for &choice in any.choices.iter().filter(|(_, musician)| !taken.contains(musician)) {
            rows[chair] = Row { choices: vec![choice], pinned: true };
            if seats[chair] == Some(choice.1) {
                break;
            }
            let (total, other) = cheapest(&rows, empty);
            if total == best {
                seats = other;
                break;
            }
            rows[chair].clone_from(&any);
        }
        taken.extend(seats[chair]);
    }
    candidates.iter().zip(seats).filter_map(|(c, musician)| Some((c.chair, musician?))).collect()
}

/// Who may sit on one chair, each with a rank.
#[derive(Clone)]
struct Row {
    choices: Vec<(usize, MusicianId)>,
    /// It must not stay empty.
    pinned: bool,
}

impl Row {
    fn of(candidates: &Candidates) -> Self {
        Self { choices: candidates.musicians.iter().copied().enumerate().collect(), pinned: false }
    }
}

/// The assignment of the smallest total rank, by the Hungarian algorithm of Kuhn and Munkres. A chair that stays empty
/// costs `empty`, which must be more than all ranks together; a pinned one more than any assignment.
fn cheapest(rows: &[Row], empty: i64) -> (i64, Vec<Option<MusicianId>>) {
    if rows.is_empty() {
        return (0, Vec::new());
    }
    let mut people: Vec<MusicianId> = rows.iter().flat_map(|row| &row.choices).map(|&(_, musician)| musician).collect();
    people.sort_unstable();
    people.dedup();
    // One column of nobody for each chair keeps the matrix wide enough for every chair to stay empty.
    let width = people.len() + rows.len();
    let never = empty.saturating_mul(i64::try_from(rows.len() + 1).unwrap_or(i64::MAX));
    let mut costs = Matrix::new(rows.len(), width, empty);
    for (row, Row { choices, pinned }) in rows.iter().enumerate() {
        if *pinned {
            (0..width).for_each(|column| costs[(row, column)] = never);
        }
        for &(rank, musician) in choices {
            if let (Ok(column), Ok(rank)) = (people.binary_search(&musician), i64::try_from(rank)) {
                costs[(row, column)] = rank;
            }
        }
    }
    let (total, columns) = kuhn_munkres_min(&costs);
    let seated = columns
        .iter()
        .enumerate()
        .map(|(row, &column)| (costs[(row, column)] < empty).then(|| people.get(column).copied()).flatten());
    (total, seated.collect())
}

/// Whether every chair can be given a different one of its candidates (rule 3.4), by augmenting paths.
#[must_use]
pub fn can_fill(candidates: &[Candidates]) -> bool {
    let mut seated: HashMap<MusicianId, usize> = HashMap::new();
    (0..candidates.len()).all(|row| seat(row, candidates, &mut seated, &mut HashSet::new()))
}

fn seat(
    row: usize,
    candidates: &[Candidates],
    seated: &mut HashMap<MusicianId, usize>,
    tried: &mut HashSet<MusicianId>,
) -> bool {
    for &musician in &candidates[row].musicians {
        if !tried.insert(musician) {
            continue;
        }
        let moved = match seated.get(&musician) {
            None => true,
            Some(&other) => seat(other, candidates, seated, tried),
        };
        if moved {
            seated.insert(musician, row);
            return true;
        }
    }
    false
}

/// Whether a time is possible now: far enough ahead, the studio free, every chair fillable (rules 2.7, 3.1, 3.4).
#[must_use]
pub fn is_possible(
    booking: &Booking,
    time: &Span,
    now: Timestamp,
    ranked: &Ranked<'_>,
    facts: &Facts<'_>,
    policy: &Policy,
) -> bool {
    if policy.end_of(time) <= now || facts.why_no_studio(time, policy).is_some() {
        return false;
    }
    let chairs: Vec<ChairNo> = booking.chair_nos().collect();
    can_fill(&candidates(booking, &chairs, time, &[], ranked, facts, policy))
}

/// The rankings a booking needs. Who holds one of its options comes first (rule 3.6).
#[must_use]
pub fn rank<'a>(booking: &'a Booking, now: Timestamp, facts: &Facts<'a>, policy: &Policy) -> Ranked<'a> {
    let holders: Vec<MusicianId> = booking.holds().iter().map(|hold| hold.musician).collect();
    let instruments = booking.chairs.iter().map(|chair| chair.instrument.as_str());
    Ranked::new(facts.roster, instruments, &holders, now, policy)
}

/// The booking's options as planned afresh: those that were called, or have died, keep their numbers; the others are
/// the times that are possible now, in the order of rule 3.5, on the numbers that are left (rule 4.3b).
#[must_use]
pub fn plan(booking: &Booking, now: Timestamp, facts: &Facts<'_>, policy: &Policy) -> Vec<SessionOption> {
    let mut options: Vec<SessionOption> =
        booking.options.iter().filter(|option| option.fate != Fate::Waiting).cloned().collect();
    let called = options.iter().filter(|option| option.fate == Fate::Called);
    let taken: HashSet<Span> = called.map(|option| option.time).collect();
    let ranked = rank(booking, now, facts, policy);
    let mut times: Vec<Span> = booking.times.iter().filter(|time| !taken.contains(time)).copied().collect();
    times.sort_unstable();
    times.dedup();
    times = possible(booking, &times, now, &ranked, facts, policy);
    times.sort_by_key(|time| (!policy.is_prime(time), *time));
    let used: HashSet<OptionNo> = options.iter().map(|option| option.no).collect();
    let free = (1..).map(OptionNo).filter(|no| !used.contains(no));
    options.extend(times.into_iter().zip(free).map(|(time, no)| SessionOption { no, time, fate: Fate::Waiting }));
    options.sort_by_key(|option| option.no);
    options
}

/// Why each of the booking's times that cannot be had now cannot be had (rule 3.8).
#[must_use]
pub fn impossible(booking: &Booking, now: Timestamp, facts: &Facts<'_>, policy: &Policy) -> Vec<Impossible> {
    let ranked = rank(booking, now, facts, policy);
    let possible: HashSet<Span> = possible(booking, &booking.times, now, &ranked, facts, policy).into_iter().collect();
    let times = booking.times.iter().filter(|time| !possible.contains(time));
    times.map(|time| Impossible { time: *time, reasons: reasons(booking, time, now, &ranked, facts, policy) }).collect()
}

fn reasons(
    booking: &Booking,
    time: &Span,
    now: Timestamp,
    ranked: &Ranked<'_>,
    facts: &Facts<'_>,
    policy: &Policy,
) -> Vec<String> {
    let mut reasons = Vec::new();
    if policy.end_of(time) <= now {
        reasons.push("it is too late for it".to_owned());
    }
    if let Some(why) = facts.why_no_studio(time, policy) {
        reasons.push(format!("the studio {}", why.phrase()));
    }
    let chairs: Vec<ChairNo> = booking.chair_nos().collect();
    let lists = candidates(booking, &chairs, time, &[], ranked, facts, policy);
    for list in lists.iter().filter(|list| list.musicians.is_empty()) {
        reasons.push(nobody_for(booking.chair(list.chair), time, ranked, facts, policy));
    }
    if reasons.is_empty() && !can_fill(&lists) {
        let labels: Vec<String> = booking.chairs.iter().map(Chair::label).collect();
        reasons.push(format!("too few different people for {}", labels.join(", ")));
    }
    reasons
}

fn nobody_for(chair: &Chair, time: &Span, ranked: &Ranked<'_>, facts: &Facts<'_>, policy: &Policy) -> String {
    let people = ranked.of(&chair.instrument).iter().filter_map(|musician| {
        let why = facts.why_not(musician, time, policy)?;
        (why != Unavailable::Removed).then(|| format!("{} {}", musician.name, why.phrase()))
    });
    let people: Vec<String> = people.collect();
    if people.is_empty() {
        return format!("no {}: nobody on the roster plays it", chair.label());
    }
    format!("no {}: {}", chair.label(), people.join(", "))
}
