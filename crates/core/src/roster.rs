//! The people who can be asked.

use crate::contact::Phone;
use crate::ids::MusicianId;
use crate::policy::ClockRange;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// A person on the roster.
#[derive(Clone, Debug)]
pub struct Musician {
    /// Who.
    pub id: MusicianId,
    /// As the manager writes it.
    pub name: String,
    /// Where offers go.
    pub phone: Phone,
    /// Where they live: quiet hours are theirs (rule 4.7).
    pub zone: TimeZone,
    /// When they want no offers, instead of the studio's quiet hours (rule 4.7).
    pub quiet_hours: Option<ClockRange>,
    /// What they play, each with a place in that instrument's call list, from 1.
    pub instruments: Vec<(String, u32)>,
    /// Whether they may be asked.
    pub standing: MusicianStanding,
    /// The moment at which a session with them was last booked, whenever it takes place (rule 3.6).
    pub last_booked_at: Option<Timestamp>,
}

impl Musician {
    /// Whether they are on the call list of an instrument.
    #[must_use]
    pub fn plays(&self, instrument: &str) -> bool {
        self.instruments.iter().any(|(plays, _)| plays == instrument)
    }
}

/// Whether a musician may be asked (rules 3.2, 4.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MusicianStanding {
    /// Was asked to join the list and has not agreed so far: nothing is offered to them.
    Invited,
    /// Asked to be on the list, agreed to be texted, and was not approved so far: nothing is offered to them.
    Waiting,
    /// Asked like the others.
    Active,
    /// Asked again when they or the manager say so.
    Paused,
    /// Said STOP: nothing more is sent to them.
    OptedOut,
    /// No longer on the roster.
    Removed,
}

/// Everybody, findable by id and by instrument.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    musicians: Vec<Musician>,
    by_id: HashMap<MusicianId, usize>,
    call_lists: HashMap<String, Vec<(u32, usize)>>,
}

impl Roster {
    /// Builds the call lists.
    #[must_use]
    pub fn new(musicians: Vec<Musician>) -> Self {
        let by_id = musicians.iter().enumerate().map(|(at, m)| (m.id, at)).collect();
        let mut call_lists: HashMap<String, Vec<(u32, usize)>> = HashMap::new();
        for (at, musician) in musicians.iter().enumerate() {
            for (instrument, place) in &musician.instruments {
                call_lists.entry(instrument.clone()).or_default().push((*place, at));
            }
        }
        for list in call_lists.values_mut() {
            list.sort_unstable_by_key(|&(place, at)| (place, musicians[at].id));
        }
        Self { musicians, by_id, call_lists }
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: MusicianId) -> Option<&Musician> {
        self.by_id.get(&id).map(|&at| &self.musicians[at])
    }

    /// The call list of an instrument, in order of place.
    pub fn call_list(&self, instrument: &str) -> impl Iterator<Item = (u32, &Musician)> {
        self.call_lists.get(instrument).into_iter().flatten().map(|&(place, at)| (place, &self.musicians[at]))
    }

    /// Everybody, in no particular order.
    #[must_use]
    pub fn musicians(&self) -> &[Musician] {
        &self.musicians
    }
}
