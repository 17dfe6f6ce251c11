//! One chair of the option at hand: ask somebody, fill it without asking, take it back.

use super::Acted;
use crate::availability::{BusyWith, Facts};
use crate::booking::{Delivery, Offer, OfferReason, State, Void};
use crate::ids::{ChairNo, MusicianId, OfferNo, OptionNo};
use crate::roster::MusicianStanding;
use crate::step::{Outcome, Turn, Word};

impl Turn<'_> {
    pub(super) fn ask_by_hand(&mut self, musician: MusicianId, chair: ChairNo, facts: &Facts<'_>) -> Acted {
        let option = self.open_chair_at_hand(chair)?;
        if matches!(self.booking.state, State::Paused { .. }) {
            return Err("it is paused: resume it first".to_owned());
        }
        let knows = |offer: &Offer| offer.musician == musician && !(offer.never_left() && offer.chair == chair);
        if self.booking.offers_at(option).any(knows) {
            return Err(
                "they were asked about this time already: answer for them, or fill the chair by hand".to_owned()
            );
        }
        self.can_be_chosen(musician, option, facts)?;
        self.ask(option, chair, musician, OfferReason::ByHand, facts);
        if let State::Booked { refill: Some(refill), .. } = &mut self.booking.state {
            refill.starts_again(chair);
        }
        Ok(Outcome::Done)
    }

    pub(super) fn fill(&mut self, musician: MusicianId, chair: ChairNo, facts: &Facts<'_>) -> Acted {
        let option = self.open_chair_at_hand(chair)?;
        self.can_be_chosen(musician, option, facts)?;
        let time = self.booking.option(option).map(|o| o.time);
        if let Some(time) = time.filter(|_| self.booking.session().is_none()) {
            facts.studio_can_be_had(&time)?;
        }
        if self.booking.holds_a_chair(musician, option) {
            return Err("they hold another chair of this time".to_owned());
        }
        let asked = self.booking.offers_at(option).find(|o| o.musician == musician).map(|o| o.no);
        let no = asked.unwrap_or_else(|| self.ask(option, chair, musician, OfferReason::ByHand, facts));
        self.seat(no, chair);
        self.log_offer("filled", no);
        let Some(offer) = self.booking.offer(no).cloned() else { return Ok(Outcome::Done) };
        Ok(self.book_if_complete(&offer))
    }

    /// The chair is theirs, whatever they were asked about; a question that has not left does not leave.
    fn seat(&mut self, no: OfferNo, chair: ChairNo) {
        self.hold(no);
        let Some(offer) = self.offer_mut(no) else { return };
        (offer.chair, offer.void) = (chair, None);
        if matches!(offer.delivery, Delivery::Queued(_) | Delivery::OnHold) {
            offer.delivery = Delivery::Void;
        }
    }

    pub(super) fn release_chair(&mut self, chair: ChairNo) -> Acted {
        let option = self.option_at_hand(chair)?;
        let holder = self.booking.holder(option, chair).cloned();
        let Some(holder) = holder else { return Err("nobody holds that chair".to_owned()) };
        self.release(holder.no, Word::NotNeeded);
        if let Some(offer) = self.offer_mut(holder.no) {
            offer.void = Some(Void::Withdrawn);
        }
        self.open_chair(&holder);
        Ok(Outcome::Done)
    }

    /// The option that chairs are filled for.
    fn option_at_hand(&self, chair: ChairNo) -> Result<OptionNo, String> {
        if !self.booking.chair_nos().any(|no| no == chair) {
            return Err("it has no such chair".to_owned());
        }
        let option = self.booking.current().filter(|&option| self.booking.is_live(option));
        option.ok_or_else(|| format!("no time is being called: it is {}", self.booking.status()))
    }

    fn open_chair_at_hand(&self, chair: ChairNo) -> Result<OptionNo, String> {
        let option = self.option_at_hand(chair)?;
        if self.booking.holder(option, chair).is_some() {
            return Err("that chair is held: release it first".to_owned());
        }
        if self.too_late_for(option).is_some() {
            return Err("it is too late for that time".to_owned());
        }
        Ok(option)
    }

    /// A paused musician, or one who is away, can be chosen by hand; not one who has left or is held elsewhere.
    fn can_be_chosen(&self, musician: MusicianId, option: OptionNo, facts: &Facts<'_>) -> Result<(), String> {
        let Some(person) = facts.roster.get(musician) else { return Err("there is no such musician".to_owned()) };
        match person.standing {
            MusicianStanding::Active | MusicianStanding::Paused => {}
            MusicianStanding::Invited => return Err(format!("{} has not agreed to be texted", person.name)),
            MusicianStanding::Waiting => return Err(format!("{} waits to be approved", person.name)),
            MusicianStanding::OptedOut => return Err(format!("{} has opted out", person.name)),
            MusicianStanding::Removed => return Err(format!("{} is not on the roster", person.name)),
        }
        let Some(time) = self.booking.option(option).map(|o| o.time) else { return Ok(()) };
        match facts.busy.commitment(musician, &time, self.policy).map(|busy| busy.with) {
            Some(BusyWith::Hold(id) | BusyWith::Session(id)) => {
                Err(format!("{} is held by booking #{id} at that time", person.name))
            }
            Some(BusyWith::Block | BusyWith::Calendar) | None => Ok(()),
        }
    }
}
