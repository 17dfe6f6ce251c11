//! When a booking wants to be woken: derived from the booking alone, so that there is nothing to cancel and nothing to
//! lose (rule 4.4).

use super::{Booking, Delivery, State, Urgent};
use crate::calling::ASK_AGAIN;
use crate::policy::Policy;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a booking will be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineReason {
    /// Patience with the last offer ends: the next musicians are asked.
    Patience,
    /// Something must be called at once.
    AtOnce,
    /// An option's start, less the notice, comes.
    OptionEnds,
    /// The manager is asked whether a paused booking should go on.
    StillPaused,
    /// The last of its times passes.
    TimesPass,
}

/// When a booking will be woken, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: DeadlineReason,
}

impl Booking {
    /// When this booking wants to be woken, and why; none when it waits for nothing.
    #[must_use]
    pub fn next_deadline(&self, now: Timestamp, policy: &Policy) -> Option<Deadline> {
        let at = |at, reason| Deadline { at, reason };
        let own = match &self.state {
            State::Paused { asked, .. } => {
                let again = at(asked.saturating_add(ASK_AGAIN).unwrap_or(Timestamp::MAX), DeadlineReason::StillPaused);
                self.times_pass(policy).into_iter().chain([again]).min_by_key(|deadline| deadline.at)
            }
            _ if self.urgent != Urgent::Nothing => return Some(at(now, DeadlineReason::AtOnce)),
            State::Calling { since, .. } => Some(at(self.patience_ends(*since, now, policy), DeadlineReason::Patience)),
            State::Booked { refill: Some(refill), .. } if !refill.nobody_left => {
                Some(at(self.patience_ends(refill.since, now, policy), DeadlineReason::Patience))
            }
            State::Booked { refill: Some(_), .. } => None,
            State::Exhausted { .. } if self.has_live_option() => None,
            State::Exhausted { .. } | State::NoTimes => self.times_pass(policy),
            State::Booked { refill: None, .. } | State::Expired | State::Cancelled => return None,
        };
        own.into_iter().chain(self.option_ends(policy)).min_by_key(|deadline| deadline.at)
    }

    /// When the first of the options that can still be booked ends (rule 4.10).
    fn option_ends(&self, policy: &Policy) -> Option<Deadline> {
        let live = self.options.iter().filter(|option| self.is_live(option.no));
        let at = live.map(|option| policy.end_of(&option.time)).min()?;
        Some(Deadline { at, reason: DeadlineReason::OptionEnds })
    }

    fn times_pass(&self, policy: &Policy) -> Option<Deadline> {
        let times = self.times.iter().chain(self.options.iter().map(|option| &option.time));
        let at = times.map(|time| policy.end_of(time)).max()?;
        Some(Deadline { at, reason: DeadlineReason::TimesPass })
    }

    /// When patience with the last offer ends (rule 4.3). An offer that has not left counts from when it may leave.
    #[must_use]
    pub fn patience_ends(&self, since: Timestamp, now: Timestamp, policy: &Policy) -> Timestamp {
        let counted = self.offers.iter().filter_map(|offer| match offer.delivery {
            Delivery::Sent(at) | Delivery::Failed(at) | Delivery::InDoubt(at) => Some(at),
            Delivery::Queued(at) => Some(at.max(now)),
            Delivery::Sending => Some(now),
            Delivery::OnHold | Delivery::Void => None,
        });
        let last = counted.fold(since, Timestamp::max);
        last.saturating_add(policy.patience).unwrap_or(Timestamp::MAX)
    }
}
