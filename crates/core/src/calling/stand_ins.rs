//! A chair of a booked session is open again: somebody to step in is looked for (rules 7.2, 7.3).

use crate::availability::Facts;
use crate::booking::{Offer, OfferReason, Refill, State, Urgent};
use crate::ids::{ChairNo, MusicianId, OfferNo, OptionNo};
use crate::planning::{Candidates, line_up};
use crate::step::{Effect, Notice, Turn};

impl Turn<'_> {
    /// For every chair that is open, one musician at a time, each patience.
    pub(super) fn call_stand_ins_if_due(&mut self, option: OptionNo, mut refill: Refill, facts: &Facts<'_>) {
        let due = !refill.nobody_left && self.booking.patience_ends(refill.since, self.now, self.policy) <= self.now;
        let open = self.booking.open_chairs(option);
        let chairs: Vec<ChairNo> = match std::mem::take(&mut self.booking.urgent) {
            Urgent::Nothing if !due => return,
            Urgent::Chairs(urgent) if !due => open.into_iter().filter(|chair| urgent.contains(chair)).collect(),
            Urgent::Nothing | Urgent::Chairs(_) | Urgent::Everything => open,
        };
        if due {
            self.note_silence_about_move(option);
            (refill.moved, refill.since) = (false, self.now);
        }
        self.call_stand_ins(option, refill, &chairs, facts);
    }

    pub(crate) fn call_stand_ins(
        &mut self,
        option: OptionNo,
        mut refill: Refill,
        chairs: &[ChairNo],
        facts: &Facts<'_>,
    ) {
        let seats = line_up(&self.stand_ins(option, chairs, facts));
        for &(chair, musician) in &seats {
            let standby = self.stands_by_for(option, chair, musician);
            self.ask(option, chair, musician, if standby { OfferReason::Standby } else { OfferReason::DropOut }, facts);
            refill.starts_again(chair);
        }
        for &chair in chairs.iter().filter(|chair| !seats.iter().any(|seat| seat.0 == **chair)) {
            if refill.told.insert(chair) {
                self.log("nobody_steps_in").chair = Some(chair);
                self.effects.push(Effect::TellManager(Notice::NobodyStepsIn(chair)));
            }
        }
        refill.nobody_left = self.booking.open_chairs(option).iter().all(|chair| refill.told.contains(chair));
        self.booking.state = State::Booked { option, refill: Some(refill) };
    }

    /// Rule 7.2: no answer to a move within patience counts as a drop-out.
    fn note_silence_about_move(&mut self, option: OptionNo) {
        let silent = self.booking.offers_at(option).filter(|offer| self.booking.awaits_move(offer));
        let silent: Vec<OfferNo> = silent.map(|offer| offer.no).collect();
        for no in silent {
            self.log_offer("dropped_out", no);
            self.effects.push(Effect::TellManager(Notice::DroppedOut(no)));
        }
    }

    /// Those on standby first, then who was not asked at this option.
    fn stand_ins(&self, option: OptionNo, chairs: &[ChairNo], facts: &Facts<'_>) -> Vec<Candidates> {
        let mut lists = self.left_to_ask(option, chairs, facts);
        for list in &mut lists {
            let standby = self.booking.offers_at(option).filter(|offer| offer.standby && !self.asked_again(offer));
            let standby = standby.map(|offer| offer.musician).filter(|&musician| {
                self.stands_by_for(option, list.chair, musician)
                    && self.is_available(musician, option, list.chair, facts)
            });
            let standby: Vec<MusicianId> = standby.collect();
            list.musicians.splice(0..0, standby);
        }
        lists
    }

    fn stands_by_for(&self, option: OptionNo, chair: ChairNo, musician: MusicianId) -> bool {
        let instrument = &self.booking.chair(chair).instrument;
        let mut offers = self.booking.offers_at(option);
        offers.any(|o| o.standby && o.musician == musician && self.booking.chair(o.chair).instrument == *instrument)
    }

    /// Whoever is on standby is asked once more, and not twice (rule 4.8).
    fn asked_again(&self, offer: &Offer) -> bool {
        let mut offers = self.booking.offers_at(offer.option);
        offers.any(|other| other.musician == offer.musician && other.reason == OfferReason::Standby)
    }
}
