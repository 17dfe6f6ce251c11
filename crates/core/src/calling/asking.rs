//! One question to one musician, and what becomes of its text (rules 4.6, 4.7, 4.12 and 5.7).

use crate::availability::Facts;
use crate::booking::{Answer, Delivery, Offer, OfferReason, State, Urgent, Void};
use crate::ids::{ChairNo, MusicianId, OfferNo, OptionNo};
use crate::policy::Night;
use crate::roster::MusicianStanding;
use crate::step::{Effect, Notice, Outcome, Turn};
use std::collections::BTreeSet;

impl Turn<'_> {
    /// One question to one musician. It leaves when their quiet hours allow (rule 4.7). A text that was called back
    /// before it left is sent after all.
    pub(crate) fn ask(
        &mut self,
        option: OptionNo,
        chair: ChairNo,
        musician: MusicianId,
        reason: OfferReason,
        facts: &Facts<'_>,
    ) -> OfferNo {
        let night = facts.roster.get(musician).map_or_else(|| Night::from(&self.policy.zone), Night::from);
        let delivery = Delivery::Queued(self.policy.may_leave(self.now, night));
        let called_back =
            |o: &&mut Offer| (o.option, o.chair, o.musician) == (option, chair, musician) && o.never_left();
        if let Some(offer) = self.booking.offers.iter_mut().find(called_back) {
            (offer.delivery, offer.void) = (delivery, None);
            let no = offer.no;
            self.log_offer("asked", no);
            return no;
        }
        let no = OfferNo(u32::try_from(self.booking.offers.len() + 1).unwrap_or(u32::MAX));
        let (answer, void, standby) = (None, None, false);
        self.booking.offers.push(Offer { no, option, chair, musician, reason, delivery, answer, void, standby });
        self.effects.push(Effect::Ask(no));
        self.log_offer("asked", no);
        no
    }

    /// What became of an offer's text. One that cannot be delivered is no answer, and its chair is called for at once
    /// (rule 4.6).
    pub(crate) fn delivered(&mut self, no: OfferNo, delivery: Delivery) -> Outcome {
        let paused = matches!(self.booking.state, State::Paused { .. });
        let Some(offer) = self.offer_mut(no) else { return Outcome::Refused("there is no such offer".to_owned()) };
        let answered = offer.answer.is_some() && !matches!(offer.answer, Some(Answer::Overlap(_)));
        if !is_news(offer.delivery, delivery) || answered && matches!(offer.delivery, Delivery::Sent(_)) {
            return Outcome::Done;
        }
        let waited_for = offer.is_unanswered();
        let (option, chair) = (offer.option, offer.chair);
        let held_back = paused && matches!(delivery, Delivery::Queued(_));
        offer.delivery = if held_back { Delivery::OnHold } else { delivery };
        if let Delivery::Failed(_) = delivery {
            self.log_offer("undeliverable", no);
            self.effects.push(Effect::TellManager(Notice::Undeliverable(no)));
            if waited_for {
                self.call_chair_at_once(option, chair);
            }
        }
        Outcome::Done
    }

    /// Whoever says something to an offer has its text, whatever becomes known of that afterwards.
    pub(crate) fn has_arrived(&mut self, no: OfferNo) {
        let now = self.now;
        let Some(offer) = self.offer_mut(no) else { return };
        offer.delivery = match offer.delivery {
            Delivery::Sending => Delivery::Sent(now),
            Delivery::InDoubt(since) => Delivery::Sent(since),
            known @ (Delivery::Queued(_)
            | Delivery::OnHold
            | Delivery::Sent(_)
            | Delivery::Failed(_)
            | Delivery::Void) => known,
        };
    }

    /// Rules 4.6, 4.12 and 5.7: with STOP, a pause or leaving the roster open offers close at once; a hold stays, and the
    /// manager is asked to call them.
    pub(crate) fn asked_no_more(&mut self, musician: MusicianId, standing: MusicianStanding) -> Outcome {
        let Some(why) = Void::by(standing) else { return Outcome::Done };
        let theirs: Vec<Offer> = self.booking.offers.iter().filter(|o| o.musician == musician).cloned().collect();
        for offer in theirs {
            let ahead = self.booking.option(offer.option).is_some_and(|option| option.time.end > self.now);
            if offer.holds() && ahead {
                self.effects.push(Effect::TellManager(Notice::CallHolder(offer.no, standing)));
            } else if !offer.holds() && offer.void.is_none() && self.booking.is_live(offer.option) {
                self.close_for_good(&offer, why);
            }
        }
        Outcome::Done
    }

    fn close_for_good(&mut self, offer: &Offer, why: Void) {
        let kind = match why {
            Void::Paused => "musician_paused",
            Void::Removed => "musician_removed",
            Void::OptedOut | Void::Superseded | Void::Withdrawn => "opted_out",
        };
        self.log_offer(kind, offer.no);
        if self.booking.awaits_move(offer) {
            self.effects.push(Effect::TellManager(Notice::DroppedOut(offer.no)));
        }
        if let Some(offer) = self.offer_mut(offer.no) {
            offer.void = Some(why);
        }
        if offer.is_unanswered() {
            self.call_chair_at_once(offer.option, offer.chair);
        }
    }

    /// Asks for one chair of the current option without waiting for patience to pass.
    pub(crate) fn call_chair_at_once(&mut self, option: OptionNo, chair: ChairNo) {
        let calling = match &self.booking.state {
            State::Calling { option, .. }
            | State::Paused { option, .. }
            | State::Booked { option, refill: Some(_) } => Some(*option),
            State::Booked { refill: None, .. }
            | State::NoTimes
            | State::Exhausted { .. }
            | State::Expired
            | State::Cancelled => None,
        };
        if calling != Some(option) || self.booking.holder(option, chair).is_some() {
            return;
        }
        match &mut self.booking.urgent {
            Urgent::Everything => {}
            Urgent::Chairs(chairs) => _ = chairs.insert(chair),
            nothing @ Urgent::Nothing => *nothing = Urgent::Chairs(BTreeSet::from([chair])),
        }
    }
}

/// Whether a report says more than what is known. Reports come twice and out of order: patience counts from the first
/// one that says so, what failed stays failed, and what the provider took can only fail afterwards, until it is answered.
fn is_news(known: Delivery, report: Delivery) -> bool {
    match (known, report) {
        (Delivery::Failed(_) | Delivery::Void, _) | (Delivery::InDoubt(_), Delivery::InDoubt(_)) => false,
        (Delivery::Sent(_), report) => matches!(report, Delivery::Failed(_)),
        (Delivery::Queued(_) | Delivery::OnHold | Delivery::Sending | Delivery::InDoubt(_), _) => known != report,
    }
}
