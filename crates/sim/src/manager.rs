//! What the manager does about bookings.

use crate::meanwhile::{Link, Other};
use crate::model::Deed;
use crate::musicians::some_press;
use crate::process::Did;
use crate::world::{Checked, World};
use fastrand::Rng;
use firstcall::engine::Press;
use firstcall_core::booking::Booking;
use firstcall_core::ids::{ChairNo, MusicianId, OfferNo};
use firstcall_core::manage::Act;
use firstcall_core::span::Span;
use firstcall_core::step::By;

impl World {
    pub(crate) async fn answers_for(&mut self, luck: &mut Rng) -> Checked<()> {
        let all = self.bookings().await?;
        if all.is_empty() {
            return Ok(());
        }
        let booking = &all[luck.usize(..all.len())];
        let (id, no, yes) = (booking.id, OfferNo(luck.u32(1..12)), luck.bool());
        let engine = self.engine.clone();
        let outcome = match self.asks(1, Box::pin(engine.answer_for(id, no, yes, "manager"))).await? {
            Did::Said(outcome) => outcome,
            Did::Ended(0) => return Ok(()),
            Did::Ended(_) => None,
        };
        self.note(&format!("the manager answers {yes} to offer {no} of booking {id}: {outcome:?}"));
        self.heard(id, no, (if yes { Press::Yes } else { Press::No }, By::Manager), outcome.as_ref())
    }

    /// What somebody else does, while something else is under way.
    pub(crate) async fn something_else(&self, luck: &mut Rng) -> Checked<Other> {
        let all = self.bookings().await?;
        if all.is_empty() {
            return Ok(Other::Wakes);
        }
        match luck.u8(..8) {
            0..4 => {
                let Some((message, id, no)) = self.some_offer(luck).await? else { return Ok(Other::Wakes) };
                Ok(Other::Presses(Link(message.token.unwrap_or_default()), some_press(luck), id, no))
            }
            4 => {
                let booking = &all[recent(all.len(), luck)];
                Ok(Other::AnswersFor(booking.id, OfferNo(luck.u32(1..12)), luck.bool()))
            }
            5 | 6 => {
                let booking = &all[recent(all.len(), luck)];
                Ok(Other::Acts(booking.id, self.some_act(booking, luck)))
            }
            _ => Ok(Other::Wakes),
        }
    }

    pub(crate) async fn acts(&mut self, luck: &mut Rng) -> Checked<()> {
        let all = self.bookings().await?;
        if all.is_empty() {
            return Ok(());
        }
        let booking = &all[recent(all.len(), luck)];
        let (id, act) = (booking.id, self.some_act(booking, luck));
        let engine = self.engine.clone();
        let outcome = match self.asks(1, Box::pin(engine.manage(id, act.clone(), "manager"))).await? {
            Did::Said(outcome) => outcome,
            Did::Ended(0) => return Ok(()),
            Did::Ended(_) => None,
        };
        self.note(&format!("{act:?} on booking {id}: {outcome:?}"));
        self.did(id, &Deed::Acts(act), outcome.as_ref())
    }

    fn some_act(&self, booking: &Booking, luck: &mut Rng) -> Act {
        let musician = MusicianId(luck.i64(1..9));
        let chair = ChairNo(u16::try_from(luck.usize(..=booking.chairs.len())).unwrap_or_default());
        let known = booking.times.iter().chain(booking.options.iter().map(|option| &option.time));
        let known: Vec<Span> = known.copied().collect();
        match luck.u8(..24) {
            0..4 => Act::Pause,
            4..8 => Act::Resume,
            8..12 => Act::Next,
            12 | 13 => Act::Ask(musician, chair),
            14..17 => Act::Fill(musician, chair),
            17 | 18 => Act::Release(chair),
            19 => Act::AddTimes(vec![self.some_time(luck)]),
            20 if !known.is_empty() => Act::DropTimes(vec![known[luck.usize(..known.len())]]),
            20..23 => Act::Move(self.some_time(luck)),
            _ => Act::Cancel,
        }
    }
}

/// One of `count`, and rather one of the last.
pub(crate) fn recent(count: usize, luck: &mut Rng) -> usize {
    count - 1 - luck.usize(..count.min(6))
}
