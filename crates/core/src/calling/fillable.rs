//! Who can still fill an option: those who hold, those who were asked, and those who are left to ask.

use crate::availability::Facts;
use crate::ids::{ChairNo, MusicianId, OptionNo};
use crate::planning::{Candidates, candidates, rank};
use crate::roster::Musician;
use crate::step::Turn;

impl Turn<'_> {
    /// Who may still say YES to the open chairs of an option, and who holds the others.
    pub(crate) fn who_may_fill(&self, option: OptionNo) -> Vec<Candidates> {
        let lists = self.booking.chair_nos().map(|chair| {
            let musicians = match self.booking.holder(option, chair) {
                Some(holder) => vec![holder.musician],
                None => self.unanswered(option, chair),
            };
            Candidates { chair, musicians }
        });
        lists.collect()
    }

    /// Those who were asked for a chair and have not said anything.
    pub(super) fn unanswered(&self, option: OptionNo, chair: ChairNo) -> Vec<MusicianId> {
        let offers = self.booking.offers_at(option).filter(|o| o.chair == chair && o.is_unanswered());
        offers.map(|o| o.musician).collect()
    }

    /// For each of `chairs`, the available musicians who were not asked at this option (rule 4.8), best first. Those
    /// whose text was called back before it left come first: it was their turn.
    pub(super) fn left_to_ask(&self, option: OptionNo, chairs: &[ChairNo], facts: &Facts<'_>) -> Vec<Candidates> {
        let Some(time) = self.booking.option(option).map(|o| o.time) else { return Vec::new() };
        let known: Vec<MusicianId> = self.booking.offers_at(option).map(|offer| offer.musician).collect();
        let ranked = rank(&self.booking, self.now, facts, self.policy);
        let mut lists = candidates(&self.booking, chairs, &time, &known, &ranked, facts, self.policy);
        for list in &mut lists {
            let called_back = self.booking.offers_at(option).filter(|o| o.chair == list.chair && o.never_left());
            let free = called_back.map(|o| o.musician).filter(|&m| self.is_available(m, option, list.chair, facts));
            let free: Vec<MusicianId> = free.collect();
            list.musicians.splice(0..0, free);
        }
        lists
    }

    /// Whether somebody who was asked at an option before can be asked again for a chair: they (still) play its instrument
    /// (rule 3.2), are free, and in no chair of the option.
    pub(super) fn is_available(
        &self,
        musician: MusicianId,
        option: OptionNo,
        chair: ChairNo,
        facts: &Facts<'_>,
    ) -> bool {
        let Some(time) = self.booking.option(option).map(|o| o.time) else { return false };
        let instrument = &self.booking.chair(chair).instrument;
        let can_play = |m: &Musician| m.plays(instrument) && facts.why_not(m, &time, self.policy).is_none();
        facts.roster.get(musician).is_some_and(can_play) && !self.booking.holds_a_chair(musician, option)
    }
}
