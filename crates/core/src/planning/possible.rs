//! Which of many times are possible: what asking about each of them says, in one pass over each musician's taken time.

use super::{Candidates, can_fill};
use crate::availability::Facts;
use crate::booking::Booking;
use crate::ids::MusicianId;
use crate::policy::Policy;
use crate::ranking::Ranked;
use crate::roster::{Musician, MusicianStanding};
use crate::span::Span;
use jiff::Timestamp;
use std::collections::HashMap;

/// Those of `times` that are possible now, by their end.
pub(super) fn possible(
    booking: &Booking,
    times: &[Span],
    now: Timestamp,
    ranked: &Ranked<'_>,
    facts: &Facts<'_>,
    policy: &Policy,
) -> Vec<Span> {
    let ahead = times.iter().filter(|time| policy.end_of(time) > now && facts.why_no_studio(time, policy).is_none());
    let mut times: Vec<Span> = ahead.copied().collect();
    times.sort_unstable_by_key(|time| time.end);
    let wide: Vec<Span> = times.iter().map(|time| time.widened(policy.travel_gap)).collect();
    let mut free: HashMap<&str, Vec<Vec<MusicianId>>> = HashMap::new();
    for chair in &booking.chairs {
        let musicians = ranked.of(&chair.instrument);
        free.entry(&chair.instrument).or_insert_with(|| who_is_free(musicians, &wide, booking.chairs.len(), facts));
    }
    let can_be_filled = |at: usize| {
        let lists = booking.chair_nos().map(|chair| {
            let musicians = free[booking.chair(chair).instrument.as_str()][at].clone();
            Candidates { chair, musicians }
        });
        can_fill(&lists.collect::<Vec<_>>())
    };
    times.iter().enumerate().filter(|&(at, _)| can_be_filled(at)).map(|(_, time)| *time).collect()
}

/// For each time, the first `limit` who are available.
fn who_is_free(musicians: &[&Musician], times: &[Span], limit: usize, facts: &Facts<'_>) -> Vec<Vec<MusicianId>> {
    let mut lists: Vec<Vec<MusicianId>> = vec![Vec::new(); times.len()];
    for musician in musicians.iter().filter(|musician| musician.standing == MusicianStanding::Active) {
        let mut wanted = false;
        for (list, taken) in lists.iter_mut().zip(facts.busy.taken(musician.id, times)) {
            if !taken && list.len() < limit {
                list.push(musician.id);
            }
            wanted |= list.len() < limit;
        }
        if !wanted {
            break;
        }
    }
    lists
}
