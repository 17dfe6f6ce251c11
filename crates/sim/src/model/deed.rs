//! What somebody does about one booking.

use super::{Model, Said};
use firstcall_core::ids::{BookingId, OfferNo};
use firstcall_core::manage::Act;
use firstcall_core::step::By;
use jiff::Timestamp;

/// What somebody does about one booking.
#[derive(Clone, Debug)]
pub enum Deed {
    /// YES or NO, from a musician or from the manager for them.
    Answers(OfferNo, bool, By),
    /// A musician would step in.
    StandsBy(OfferNo),
    /// A musician gives up what they hold.
    DropsOut(OfferNo),
    /// The manager steps in.
    Acts(Act),
}

impl Model {
    /// Somebody does something, and is told what came of it.
    pub fn does(&mut self, id: BookingId, deed: &Deed, now: Timestamp) -> Said {
        match deed {
            Deed::Answers(offer, yes, By::Manager) => self.answer(id, *offer, *yes, now),
            Deed::Answers(offer, yes, By::Musician) => {
                self.has_arrived(id, *offer, now);
                self.answer(id, *offer, *yes, now)
            }
            Deed::StandsBy(offer) => {
                self.has_arrived(id, *offer, now);
                self.stands_by(id, *offer, now)
            }
            Deed::DropsOut(offer) => {
                self.has_arrived(id, *offer, now);
                self.drops_out(id, *offer, now)
            }
            Deed::Acts(act) => self.manage(id, act, now),
        }
    }
}
