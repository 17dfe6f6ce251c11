//! The network that texts go through: it takes them, refuses them, is busy, loses them, takes them and says nothing; and
//! it reports what became of them late, early, twice, in any order or never. It brings what musicians write, long texts in
//! pieces.

use fastrand::Rng;
use firstcall::engine::{Claimed, Doubt};
use firstcall_connect::{Arrived, Because, Handed, Listed, Lookup, Part, Refusal, Report};
use firstcall_core::contact::Phone;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// A network.
#[derive(Debug, Default)]
pub struct Network {
    /// Whether nothing goes wrong from now on.
    pub calm: bool,
    /// What it took, by the message's number.
    pub taken: BTreeMap<i64, Taken>,
    reports: Vec<(Timestamp, i64, Report)>,
    /// The numbers that want no more, as it knows and we may not.
    stopped: BTreeSet<String>,
    tries: u64,
    brought: u64,
}

/// A text that it took.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its own number for it.
    pub record: i64,
    /// Which attempt to hand it over it took.
    pub attempt: u32,
    /// The number it went to.
    pub to: String,
    /// Its words.
    pub body: String,
    /// When.
    pub at: Timestamp,
}

/// What it does with one text.
#[derive(Clone, Debug)]
pub struct Fate {
    /// Whether it takes it.
    pub takes: bool,
    /// What it says to whoever hands it over; none when that process ends before it hears it.
    pub says: Option<Handed>,
    /// What it reports before it has said anything.
    pub early: Option<Report>,
    /// For how many minutes nothing runs then, if that process ends.
    pub away: i64,
}

impl Network {
    /// What will become of the next text, and the reports that it will make of it.
    pub fn decide(&mut self, message: &Claimed, seed: u64, now: Timestamp) -> Fate {
        self.tries += 1;
        let mut rng = Rng::with_seed(seed ^ self.tries.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        if self.stopped.contains(&message.to) {
            let refused = Handed::Refused(Refusal { because: Because::OptedOut, ..refusal("they want no more") });
            return Fate { takes: false, says: Some(refused), early: None, away: 0 };
        }
        if self.calm {
            return Fate { takes: true, says: Some(taken(message.id)), early: None, away: 0 };
        }
        let mut aside = Rng::with_seed(seed ^ self.tries.wrapping_mul(0xd1b5_4a32_d192_ed03));
        let mut fate = fate(&mut rng, message.id);
        if let Some(Handed::Refused(refusal)) = &mut fate.says {
            refusal.because = because(&mut aside);
        }
        if let Some(Report::Failed(refusal)) = &mut fate.early {
            refusal.because = because(&mut aside);
        }
        if fate.takes {
            self.will_report(message.id, &mut rng, &mut aside, now);
        }
        let reports = self.reports.iter().filter(|(_, id, _)| *id == message.id).map(|(.., report)| report);
        let said = fate.early.iter().chain(reports).filter_map(|report| match report {
            Report::Failed(refusal) => Some(refusal),
            Report::Taken | Report::Sent | Report::Delivered => None,
        });
        let refused =
            fate.says.iter().filter_map(|said| if let Handed::Refused(refusal) = said { Some(refusal) } else { None });
        if said.chain(refused).any(|refusal| refusal.because == Because::OptedOut) {
            self.stopped.insert(message.to.clone());
        }
        fate
    }

    /// A text that it brings from somebody.
    pub fn brings(&mut self, from: &Phone, words: &str, part: Option<Part>) -> Arrived {
        self.brought += 1;
        if words == "START" {
            self.stopped.remove(from.as_str());
        }
        Arrived {
            network_id: format!("in {}", self.brought),
            from: from.as_str().to_owned(),
            to: String::new(),
            body: words.to_owned(),
            opt_out: None,
            part,
            sent_at: None,
        }
    }

    /// It has a text now.
    pub fn takes(&mut self, message: &Claimed, now: Timestamp) {
        self.taken.insert(
            message.id,
            Taken {
                record: message.id,
                attempt: message.attempt,
                to: message.to.clone(),
                body: message.body.clone(),
                at: now,
            },
        );
    }

    /// What its records show for the number of a text in doubt.
    ///
    /// # Errors
    /// Now and then they cannot be read.
    pub fn look_up(&mut self, doubt: &Doubt, seed: u64) -> Result<Lookup, String> {
        self.tries += 1;
        let mut rng = Rng::with_seed(seed ^ self.tries.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        if !self.calm && rng.u8(..4) == 0 {
            return Err("its records cannot be read".to_owned());
        }
        let theirs = self.taken.iter().filter(|(_, taken)| taken.to == doubt.to && taken.at >= doubt.since);
        let listed = theirs.map(|(_, taken)| Listed {
            network_id: taken.record.to_string(),
            body: taken.body.clone(),
            report: Report::Sent,
            created_at: taken.at,
        });
        Ok(Lookup::Listed(listed.collect()))
    }

    /// One of its records counts as the text `id`. Of two with the same words to the same number nobody can tell which is
    /// which: they change places.
    pub fn is_known_as(&mut self, record: i64, id: i64) {
        let found = self.taken.iter().find(|(_, taken)| taken.record == record).map(|(other, _)| *other);
        let Some(other) = found.filter(|_| !self.taken.contains_key(&id)) else { return };
        if let Some(taken) = self.taken.remove(&other) {
            self.taken.insert(id, taken);
            for (_, about, _) in self.reports.iter_mut().filter(|(_, about, _)| *about == other) {
                *about = id;
            }
        }
    }

    fn will_report(&mut self, id: i64, rng: &mut Rng, aside: &mut Rng, now: Timestamp) {
        for _ in 0..rng.u8(..3) {
            let at = now.saturating_add(SignedDuration::from_secs(rng.i64(1..400))).unwrap_or(now);
            let report = match rng.u8(..12) {
                0 => Report::Failed(Refusal { because: because(aside), ..refusal("no such subscriber") }),
                1 => Report::Taken,
                2..4 => Report::Sent,
                _ => Report::Delivered,
            };
            self.reports.push((at, id, report.clone()));
            if rng.u8(..4) == 0 {
                self.reports.push((at, id, report));
            }
        }
        self.reports.sort_by_key(|(at, ..)| *at);
    }

    /// When it reports next.
    #[must_use]
    pub fn next_report(&self) -> Option<Timestamp> {
        self.reports.first().map(|(at, ..)| *at)
    }

    /// The next report that is due.
    pub fn report(&mut self, now: Timestamp) -> Option<(i64, Report)> {
        let due = self.next_report().is_some_and(|at| at <= now);
        due.then(|| self.reports.remove(0)).map(|(_, id, report)| (id, report))
    }

    /// A report that was not taken note of is made again, a minute later.
    pub fn report_again(&mut self, id: i64, report: Report, now: Timestamp) {
        let at = now.saturating_add(SignedDuration::from_mins(1)).unwrap_or(now);
        self.reports.push((at, id, report));
        self.reports.sort_by_key(|(at, ..)| *at);
    }
}

fn fate(rng: &mut Rng, id: i64) -> Fate {
    let seconds = SignedDuration::from_secs(rng.i64(2..150));
    let (takes, says) = match rng.u8(..100) {
        0..5 => (false, Some(Handed::Refused(refusal("no route to this number")))),
        5..11 => (false, Some(Handed::Later(seconds, "too many requests".to_owned()))),
        11..15 => (true, Some(Handed::Unknown("it took too long to answer".to_owned()))),
        15..18 => (false, Some(Handed::Unknown("the connection was reset".to_owned()))),
        18..20 => (true, None),
        20..22 => (false, None),
        _ => (true, Some(taken(id))),
    };
    let early = match rng.u8(..20) {
        0 => Some(Report::Delivered),
        1 => Some(Report::Failed(refusal("unreachable"))),
        _ => None,
    };
    let away = if rng.bool() { 0 } else { rng.i64(1..400) };
    Fate { takes, says, early: early.filter(|_| takes), away }
}

fn taken(id: i64) -> Handed {
    Handed::Taken(id.to_string())
}

/// Mostly a phone that is off.
fn because(aside: &mut Rng) -> Because {
    match aside.u8(..8) {
        0 => Because::OptedOut,
        1 => Because::BadNumber,
        _ => Because::Unreachable,
    }
}

fn refusal(words: &str) -> Refusal {
    Refusal { because: Because::Unreachable, code: None, words: words.to_owned() }
}
