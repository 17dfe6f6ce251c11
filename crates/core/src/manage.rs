//! The manager's hand (rules 4.11, 7.2 and 7.4). An act that a booking's state does not allow is refused with the reason.

use crate::availability::{BusyWith, Facts};
use crate::booking::{Answer, Dead, Delivery, Fate, Offer, OfferReason, Refill, SessionOption, State, Urgent, Void};
use crate::ids::{ChairNo, MusicianId, OfferNo, OptionNo};
use crate::planning::plan;
use crate::roster::MusicianStanding;
use crate::span::Span;
use crate::step::{ClientNotice, Effect, Outcome, Turn, Word};

/// What a manager can do to a booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Nothing leaves until it is resumed.
    Pause,
    /// Go on, with a full patience.
    Resume,
    /// Ask the next musicians now; starts an exhausted booking again.
    Next,
    /// Ask this musician for this chair at the current option.
    Ask(MusicianId, ChairNo),
    /// Give this musician this chair of the current option, without asking.
    Fill(MusicianId, ChairNo),
    /// Take a chair back from whoever holds it at the current option.
    Release(ChairNo),
    /// Try these times as well.
    AddTimes(Vec<Span>),
    /// Do not try these starts any more.
    DropTimes(Vec<Span>),
    /// Move the booked session to this time.
    Move(Span),
    /// Call it off.
    Cancel,
}

impl Act {
    /// The times that it speaks of: whoever gathers the facts for it looks at these too.
    #[must_use]
    pub fn times(&self) -> &[Span] {
        match self {
            Self::AddTimes(times) | Self::DropTimes(times) => times,
            Self::Move(time) => std::slice::from_ref(time),
            Self::Pause
            | Self::Resume
            | Self::Next
            | Self::Ask(..)
            | Self::Fill(..)
            | Self::Release(_)
            | Self::Cancel => &[],
        }
    }
}

type Refusal = Result<Outcome, String>;

impl Turn<'_> {
    pub(crate) fn managed(&mut self, act: Act, facts: &Facts<'_>) -> Outcome {
        let done = match act {
            Act::Pause => self.pause(),
            Act::Resume => self.resume(facts),
            Act::Next => self.next_now(facts),
            Act::Ask(musician, chair) => self.ask_by_hand(musician, chair, facts),
            Act::Fill(musician, chair) => self.fill(musician, chair, facts),
            Act::Release(chair) => self.release_chair(chair),
            Act::AddTimes(times) => self.add_times(times, facts),
            Act::DropTimes(times) => self.drop_times(&times, facts),
            Act::Move(to) => self.move_session(to, facts),
            Act::Cancel => self.cancel(),
        };
        done.unwrap_or_else(Outcome::Refused)
    }

    fn pause(&mut self) -> Refusal {
        let State::Calling { option, .. } = self.booking.state else {
            return Err(format!("only a booking that is calling can be paused; this one is {}", self.booking.status()));
        };
        for offer in &mut self.booking.offers {
            if matches!(offer.delivery, Delivery::Queued(_)) {
                offer.delivery = Delivery::OnHold;
            }
        }
        self.booking.state = State::Paused { option, asked: self.now };
        self.log("paused");
        Ok(Outcome::Done)
    }

    fn resume(&mut self, facts: &Facts<'_>) -> Refusal {
        let State::Paused { option, .. } = self.booking.state else {
            return Err(format!("it is not paused but {}", self.booking.status()));
        };
        let (now, policy) = (self.now, self.policy);
        for offer in &mut self.booking.offers {
            if offer.delivery == Delivery::OnHold {
                let zone = facts.roster.get(offer.musician).map_or(&policy.zone, |m| &m.zone);
                offer.delivery = Delivery::Queued(policy.may_leave(now, zone));
            }
        }
        self.booking.state = State::Calling { option, since: now };
        self.log("resumed");
        Ok(Outcome::Done)
    }

    /// "Next wave now": with nobody left at the option, the next one is called.
    fn next_now(&mut self, facts: &Facts<'_>) -> Refusal {
        match self.booking.state {
            State::Calling { .. } => {}
            State::Exhausted { option } => self.booking.state = State::Calling { option, since: self.now },
            State::NoTimes => {
                return self.plan_again(facts).map(|()| {
                    self.call_next_option(facts);
                    Outcome::Done
                });
            }
            State::Booked { refill: Some(_), .. } => {
                self.booking.urgent = Urgent::Everything;
                return Ok(Outcome::Done);
            }
            State::Paused { .. } => return Err("it is paused: resume it first".to_owned()),
            State::Booked { refill: None, .. } | State::Expired | State::Cancelled => {
                return Err(format!("it is {}: nobody is asked any more", self.booking.status()));
            }
        }
        let asked = self.booking.offers.len();
        let before = (self.booking.state.clone(), self.booking.options.clone(), self.effects.len());
        self.call(None, facts);
        if self.booking.offers.len() == asked {
            (self.booking.state, self.booking.options) = (before.0, before.1);
            self.effects.truncate(before.2);
            if let State::Calling { option, .. } = self.booking.state {
                self.booking.state = State::Exhausted { option };
            }
            return Err("nobody is left to ask, and no other time is possible: add musicians or times".to_owned());
        }
        Ok(Outcome::Done)
    }

    fn plan_again(&mut self, facts: &Facts<'_>) -> Result<(), String> {
        let options = plan(&self.booking, self.now, facts, self.policy);
        if options.iter().any(|option| option.fate == Fate::Waiting) {
            return Ok(());
        }
        Err("no time is possible: add musicians or times".to_owned())
    }

    /// The option that chairs are filled for, and that chair's holder.
    fn chair_at_hand(&self, chair: ChairNo) -> Result<(OptionNo, Option<Offer>), String> {
        if !self.booking.chair_nos().any(|no| no == chair) {
            return Err("it has no such chair".to_owned());
        }
        let option = self.booking.current().filter(|&option| self.booking.is_live(option));
        let option = option.ok_or_else(|| format!("no time is being called: it is {}", self.booking.status()))?;
        Ok((option, self.booking.holder(option, chair).cloned()))
    }

    fn can_be_chosen(&self, musician: MusicianId, option: OptionNo, facts: &Facts<'_>) -> Result<(), String> {
        let Some(person) = facts.roster.get(musician) else { return Err("there is no such musician".to_owned()) };
        match person.standing {
            MusicianStanding::Active | MusicianStanding::Paused => {}
            MusicianStanding::OptedOut => return Err(format!("{} has opted out", person.name)),
            MusicianStanding::Removed => return Err(format!("{} is not on the roster", person.name)),
        }
        let Some(time) = self.booking.option(option).map(|o| o.time) else { return Ok(()) };
        match facts.busy.commitment(musician, &time, self.policy).map(|busy| busy.with) {
            Some(BusyWith::Hold(id) | BusyWith::Session(id)) => {
                Err(format!("{} is held by booking #{id} at that time", person.name))
            }
            Some(BusyWith::Block) | None => Ok(()),
        }
    }

    fn ask_by_hand(&mut self, musician: MusicianId, chair: ChairNo, facts: &Facts<'_>) -> Refusal {
        let (option, holder) = self.chair_at_hand(chair)?;
        if matches!(self.booking.state, State::Paused { .. }) {
            return Err("it is paused: resume it first".to_owned());
        }
        if holder.is_some() {
            return Err("that chair is held: release it first".to_owned());
        }
        if self.booking.offers_at(option).any(|offer| offer.musician == musician) {
            return Err(
                "they were asked about this time already: answer for them, or fill the chair by hand".to_owned()
            );
        }
        self.can_be_chosen(musician, option, facts)?;
        self.ask(option, chair, musician, OfferReason::ByHand, facts);
        Ok(Outcome::Done)
    }

    fn fill(&mut self, musician: MusicianId, chair: ChairNo, facts: &Facts<'_>) -> Refusal {
        let (option, holder) = self.chair_at_hand(chair)?;
        if holder.is_some() {
            return Err("that chair is held: release it first".to_owned());
        }
        self.can_be_chosen(musician, option, facts)?;
        let time = self.booking.option(option).map(|o| o.time);
        if self.booking.session().is_none() && time.is_some_and(|time| facts.busy.in_studio(&time).is_some()) {
            return Err("another session has the studio at that time".to_owned());
        }
        let asked = self.booking.offers_at(option).find(|o| o.musician == musician).map(|o| (o.no, o.holds()));
        let no = match asked {
            Some((_, true)) => return Err("they hold another chair of this time".to_owned()),
            Some((no, false)) => no,
            None => self.ask(option, chair, musician, OfferReason::ByHand, facts),
        };
        let now = self.now;
        if let Some(offer) = self.offer_mut(no) {
            offer.chair = chair;
            offer.void = None;
            offer.answer = Some(Answer::Held(now));
            if matches!(offer.delivery, Delivery::Queued(_) | Delivery::OnHold) {
                offer.delivery = Delivery::Void;
            }
        }
        self.log_offer("filled", no);
        let Some(offer) = self.booking.offer(no).cloned() else { return Ok(Outcome::Done) };
        Ok(self.book_if_complete(&offer))
    }

    fn release_chair(&mut self, chair: ChairNo) -> Refusal {
        let (option, holder) = self.chair_at_hand(chair)?;
        let Some(holder) = holder else { return Err("nobody holds that chair".to_owned()) };
        self.release(holder.no, Word::Released);
        if let Some(offer) = self.offer_mut(holder.no) {
            offer.void = Some(Void::Withdrawn);
        }
        if let State::Booked { refill, .. } = self.booking.state {
            self.open_chair(option, refill, &holder);
        }
        Ok(Outcome::Done)
    }

    /// More times; a booking that had none left goes on with them.
    fn add_times(&mut self, times: Vec<Span>, facts: &Facts<'_>) -> Refusal {
        if matches!(self.booking.state, State::Booked { .. } | State::Cancelled) {
            return Err(format!("it is {}: no time can be added", self.booking.status()));
        }
        if times.iter().any(|time| self.policy.end_of(time) <= self.now) {
            return Err("a time that has passed cannot be added".to_owned());
        }
        for time in times {
            if !self.booking.times.contains(&time) {
                self.booking.times.push(time);
            }
        }
        self.log("times_added");
        if matches!(self.booking.state, State::NoTimes | State::Exhausted { .. } | State::Expired) {
            if self.plan_again(facts).is_ok() {
                self.call_next_option(facts);
            }
        } else {
            self.booking.options = plan(&self.booking, self.now, facts, self.policy);
        }
        Ok(Outcome::Done)
    }

    fn drop_times(&mut self, times: &[Span], facts: &Facts<'_>) -> Refusal {
        if matches!(self.booking.state, State::Booked { .. } | State::Cancelled | State::Expired) {
            return Err(format!("it is {}: no time can be dropped", self.booking.status()));
        }
        let dropped = |time: &Span| times.iter().any(|t| t.start == time.start);
        let known = self.booking.times.iter().chain(self.booking.options.iter().map(|o| &o.time)).any(dropped);
        if !known {
            return Err("it has no such time".to_owned());
        }
        self.booking.times.retain(|time| !dropped(time));
        for option in self.booking.options.clone() {
            match option.fate {
                Fate::Called if dropped(&option.time) => self.kill(option.no, Dead::Dropped),
                Fate::Called | Fate::Waiting | Fate::Dead(_) => {}
            }
        }
        self.booking.options = plan(&self.booking, self.now, facts, self.policy);
        self.log("times_dropped");
        Ok(Outcome::Done)
    }

    /// Rule 7.2: the booked session's holders are asked anew about the new time.
    fn move_session(&mut self, to: Span, facts: &Facts<'_>) -> Refusal {
        let State::Booked { option: from, .. } = self.booking.state else {
            return Err(format!("only a booked session can be moved; this one is {}", self.booking.status()));
        };
        if self.policy.end_of(&to) <= self.now {
            return Err("that time has passed".to_owned());
        }
        if facts.busy.in_studio(&to).is_some() {
            return Err("another session has the studio at that time".to_owned());
        }
        if self.booking.option(from).is_some_and(|o| o.time == to) {
            return Err("it is at that time already".to_owned());
        }
        let no = OptionNo(1 + self.booking.options.iter().map(|o| o.no.0).max().unwrap_or(0));
        self.booking.options.push(SessionOption { no, time: to, fate: Fate::Called });
        let holders: Vec<Offer> = self.booking.offers_at(from).filter(|o| o.holds()).cloned().collect();
        for holder in holders {
            let Answer::Held(answered) = holder.answer.unwrap_or(Answer::Held(self.now)) else { continue };
            self.set_answer(holder.no, Answer::Released { answered, released: self.now });
            self.ask(no, holder.chair, holder.musician, OfferReason::Moved, facts);
        }
        self.set_fate(from, Fate::Dead(Dead::Dropped));
        let refill = Some(Refill { since: self.now, nobody_left: false });
        self.booking.state = State::Booked { option: no, refill };
        self.log("moved").option = Some(no);
        self.effects.push(Effect::TellClient(ClientNotice::Moved(no)));
        Ok(Outcome::Done)
    }

    /// Rule 7.4.
    fn cancel(&mut self) -> Refusal {
        if matches!(self.booking.state, State::Cancelled | State::Expired) {
            return Err(format!("it is {} already", self.booking.status()));
        }
        let word = if self.booking.session().is_some() { Word::Cancelled } else { Word::Released };
        self.booking.state = State::Cancelled;
        self.booking.urgent = Urgent::Nothing;
        let holders: Vec<OfferNo> = self.booking.offers.iter().filter(|o| o.holds()).map(|o| o.no).collect();
        for no in holders {
            self.release(no, word);
        }
        self.log("cancelled");
        self.effects.push(Effect::TellClient(ClientNotice::Cancelled));
        Ok(Outcome::Done)
    }
}
