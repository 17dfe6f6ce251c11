//! What must never happen (rule 8), looked for after every step in what the database holds and what the network took.
//!
//! Nothing here knows how the program decides: it looks at holds, sessions, offers and texts, and remembers what was
//! promised to whom.

use crate::network::Network;
use crate::world::{Checked, Failure, Seen};
use firstcall::engine::Claimed;
use firstcall_connect::Handed;
use firstcall_core::booking::{Answer, Booking, Delivery, OfferReason, State};
use firstcall_core::ids::{BookingId, ChairNo, MusicianId, OfferNo, OptionNo};
use firstcall_core::policy::{ClockRange, Policy};
use firstcall_core::roster::{Musician, MusicianStanding};
use firstcall_core::span::Span;
use firstcall_store::messages::{self, Message, Which};
use firstcall_store::{Error, Store, Tx, bookings, inbound, mails, roster};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What was seen and promised so far.
#[derive(Debug, Default)]
pub struct Checks {
    /// Who was told that a chair is theirs, and has not said otherwise since.
    promised: BTreeSet<(BookingId, OfferNo)>,
    /// What every offer asked: it never changes.
    asked: BTreeMap<(BookingId, OfferNo), (OptionNo, MusicianId, Span)>,
    /// The bookings that mails became, by the mail's own name.
    mails: BTreeMap<String, BookingId>,
    /// The texts that failed: none of them is under way again.
    failed: BTreeSet<i64>,
    /// The texts that the network took and somebody answered: none of them fails any more.
    arrived: BTreeSet<i64>,
    /// The booked sessions of which a chair came open when it was too late to look for somebody.
    too_late: BTreeSet<BookingId>,
    /// The newest message there was after the last step.
    last_message: i64,
}

impl Checks {
    /// Somebody was told that the chair is theirs (rule 8.3).
    pub fn promise(&mut self, booking: BookingId, offer: OfferNo) {
        self.promised.insert((booking, offer));
    }

    /// They, or the manager, said otherwise.
    pub fn takes_back(&mut self, booking: BookingId, offer: OfferNo) {
        self.promised.remove(&(booking, offer));
    }

    /// A mail was acknowledged with this booking (rules 1.3, 8.9).
    ///
    /// # Errors
    /// When it was another booking before.
    pub fn acknowledges(&mut self, mail: &str, booking: BookingId) -> Checked<()> {
        let first = *self.mails.entry(mail.to_owned()).or_insert(booking);
        ensure(first == booking, || format!("1.3: mail {mail} is booking {first}, and then booking {booking}"))
    }

    /// Looks at everything.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub fn look(&mut self, seen: &Seen, network: &Network, policy: &Policy, now: Timestamp) -> Checked<()> {
        let all: Vec<&Booking> = seen.bookings.iter().map(|(booking, _)| booking).collect();
        for booking in &all {
            one_holder_for_each_chair(booking)?;
            self.somebody_is_looked_for(booking, policy, now)?;
            nobody_is_asked_twice(booking)?;
            holds_can_be_booked(booking)?;
            paused_is_silent(booking)?;
            self.offers_stay_what_they_were(booking)?;
            self.promises_are_kept(booking)?;
            it_waits_for_something(booking, policy, now)?;
        }
        nobody_is_in_two_places(&all)?;
        for text in &seen.texts {
            if text.id > self.last_message {
                has_a_reason(text, &all)?;
                self.last_message = text.id;
            }
            self.sent_is_taken(text, network)?;
        }
        Ok(())
    }

    /// Rules 8.4, 8.5 and 4.7: what the network is about to take may leave, and is taken for the first time.
    ///
    /// # Errors
    /// When it is not.
    pub async fn takes(
        &self,
        store: &Store,
        network: &Network,
        claimed: &Claimed,
        policy: &Policy,
        now: Timestamp,
    ) -> Checked<()> {
        let id = claimed.id;
        let look = async move |tx: &mut Tx| {
            let message = messages::get(tx, id).await?;
            let people = roster::load(tx).await?;
            Ok::<_, Error>((message, people))
        };
        let (message, people) = store.read(look).await?;
        let message = message.ok_or_else(|| Failure(format!("text {id} is nowhere")))?;
        ensure(!network.taken.contains_key(&id), || format!("8.4: text {id} is handed over twice: {message:?}"))?;
        ensure(message.state == "sending", || format!("8.4: text {id} leaves while it is {}", message.state))?;
        let Some(musician) = message.musician.and_then(|id| people.get(id)) else { return Ok(()) };
        ensure(musician.standing != MusicianStanding::OptedOut, || format!("8.5: text {id} to {musician:?}"))?;
        let at_once = message.reason.as_deref() == Some("at_once");
        let waits = matches!(message.kind.as_str(), "offer" | "release") && !at_once;
        ensure(!waits || !is_asleep(musician, musician.quiet_hours.or(policy.quiet_hours), now), || {
            format!("4.7: text {id} leaves at {now}: {message:?}")
        })
    }

    /// Rule 4.3: what the network said of a text is what is known of it; a report may have come before.
    ///
    /// # Errors
    /// When it is not.
    pub async fn was_recorded(&self, store: &Store, id: i64, handed: &Handed) -> Checked<()> {
        let text = store.read(async move |tx: &mut Tx| messages::get(tx, id).await).await?;
        let text = text.ok_or_else(|| Failure(format!("text {id} is nowhere")))?;
        let may_be: &[&str] = match handed {
            Handed::Taken(_) => &["sent", "delivered", "failed"],
            // What nobody can answer any more does not leave again.
            Handed::Later(..) => &["queued", "void"],
            Handed::Refused(_) => &["failed"],
            Handed::Unknown(_) => &["in_doubt", "sent", "delivered", "failed"],
        };
        ensure(may_be.contains(&text.state.as_str()), || format!("4.3: the network said {handed:?}, and yet {text:?}"))
    }

    /// Rule 4.4: while the program runs, nothing is late.
    ///
    /// # Errors
    /// When something is.
    pub async fn nothing_is_overdue(&self, store: &Store, now: Timestamp) -> Checked<()> {
        let late = now.saturating_sub(SignedDuration::from_secs(60)).unwrap_or(Timestamp::MIN);
        let look = async move |tx: &mut Tx| {
            let poked = bookings::poked(tx, 1).await?.len();
            Ok::<_, Error>((bookings::overdue(tx, late).await?, messages::overdue(tx, late).await?, poked))
        };
        let late = store.read(look).await?;
        ensure(late == (0, 0, 0), || format!("4.4: (deadlines, texts, pokes) {late:?} are late"))
    }

    /// When faults have stopped and time has passed: nothing is half done.
    ///
    /// # Errors
    /// When something is.
    pub async fn at_rest(&self, store: &Store) -> Checked<()> {
        let look = async |tx: &mut Tx| {
            let half_done = messages::list(tx, &Which::In("sending".to_owned()), 0, 10).await?;
            let unread = mails::unread(tx, Timestamp::MAX, 10).await?;
            let pieces = inbound::stale_parts(tx, Timestamp::MAX, Timestamp::MAX, 10).await?;
            Ok::<_, Error>((half_done, unread.len(), pieces.len()))
        };
        let (half_done, unread, pieces) = store.read(look).await?;
        ensure(half_done.is_empty(), || format!("8.4: never settled: {half_done:?}"))?;
        ensure(pieces == 0, || format!("5.1: {pieces} texts in pieces were never read"))?;
        ensure(unread == 0, || format!("8.9: {unread} mails were never read"))
    }

    /// Rule 8.8: what was asked stays what was asked.
    fn offers_stay_what_they_were(&mut self, booking: &Booking) -> Checked<()> {
        for offer in &booking.offers {
            let Some(option) = booking.option(offer.option) else {
                return fail(format!("8.8: the option of {offer:?} is gone"));
            };
            let asks = (offer.option, offer.musician, option.time);
            let asked = *self.asked.entry((booking.id, offer.no)).or_insert(asks);
            ensure(asked == asks, || format!("8.8: {asked:?} has become {asks:?} in booking {}", booking.id))?;
        }
        Ok(())
    }

    /// Rule 8.3: who was told that the chair is theirs has it, or was released, or plays the booked time anyway.
    fn promises_are_kept(&self, booking: &Booking) -> Checked<()> {
        for &(_, no) in self.promised.range((booking.id, OfferNo(0))..=(booking.id, OfferNo(u32::MAX))) {
            let Some(offer) = booking.offer(no) else { return fail(format!("8.3: offer {no} is gone")) };
            let kept = matches!(offer.answer, Some(Answer::Held(_) | Answer::Released { .. }));
            ensure(kept, || format!("8.3: a YES is lost: {offer:?} of {booking:?}"))?;
        }
        Ok(())
    }

    /// What counts as sent is what the network has (rules 4.3 and 8.4), and what the network has counts as more than
    /// queued.
    fn sent_is_taken(&mut self, text: &Message, network: &Network) -> Checked<()> {
        let taken = network.taken.contains_key(&text.id);
        let ok = match text.state.as_str() {
            // An answer, also under a code that was guessed, counts as if it had been.
            "sent" | "delivered" => taken || text.answer.is_some(),
            "queued" | "void" => !taken,
            _ => true,
        };
        ensure(ok, || format!("8.4: taken by the network: {taken}, and yet {text:?}"))?;
        if text.state == "failed" {
            self.failed.insert(text.id);
        }
        if matches!(text.state.as_str(), "sent" | "delivered")
            && text.answer.as_deref().is_some_and(|answer| answer != "overlap")
        {
            self.arrived.insert(text.id);
        }
        ensure(text.state != "failed" || !self.arrived.contains(&text.id), || {
            format!("4.6: it was answered, and now {text:?}")
        })?;
        ensure(text.state == "failed" || !self.failed.contains(&text.id), || {
            format!("4.3: it had failed, and now {text:?}")
        })
    }

    /// Rules 6.1 and 7.3. What came open too late stays so, also when the notice is shorter later.
    fn somebody_is_looked_for(&mut self, booking: &Booking, policy: &Policy, now: Timestamp) -> Checked<()> {
        let open = if let State::Booked { option, refill: None } = &booking.state {
            booking.open_chairs(*option).len()
        } else {
            0
        };
        let over = booking.session().is_some_and(|time| policy.end_of(&time) <= now);
        if open == 0 {
            self.too_late.remove(&booking.id);
        } else if over {
            self.too_late.insert(booking.id);
        }
        let dead = booking.current().is_none_or(|option| !booking.is_live(option));
        ensure(open == 0 || dead || self.too_late.contains(&booking.id), || {
            format!("6.1: booked with {open} open chairs: {booking:?}")
        })
    }
}

/// Rules 5.6 and 8.1.
fn one_holder_for_each_chair(booking: &Booking) -> Checked<()> {
    let mut chairs: BTreeSet<(OptionNo, ChairNo)> = BTreeSet::new();
    let mut people = BTreeSet::new();
    for hold in booking.holds() {
        let first = chairs.insert((hold.option, hold.chair));
        ensure(first, || format!("8.1: two musicians on one chair: {booking:?}"))?;
        let first = people.insert((hold.option, hold.musician));
        ensure(first, || format!("3.4: one musician on two chairs: {booking:?}"))?;
    }
    Ok(())
}

/// Rule 4.8; whoever stands by is asked once more.
fn nobody_is_asked_twice(booking: &Booking) -> Checked<()> {
    let mut asked = BTreeSet::new();
    for offer in &booking.offers {
        let again = offer.reason == OfferReason::Standby;
        let first = asked.insert((offer.option, offer.musician, again));
        ensure(first, || format!("4.8: asked twice: {offer:?} of {booking:?}"))?;
    }
    Ok(())
}

/// Rule 8.7: nobody is held by what cannot be booked.
fn holds_can_be_booked(booking: &Booking) -> Checked<()> {
    let booked = booking.session().and(booking.current());
    for hold in booking.holds() {
        let can = booking.is_live(hold.option) || booked == Some(hold.option);
        ensure(can, || format!("8.7: held for nothing: {hold:?} of {booking:?}"))?;
    }
    Ok(())
}

/// Rule 4.11.
fn paused_is_silent(booking: &Booking) -> Checked<()> {
    let leaves = booking.offers.iter().any(|offer| matches!(offer.delivery, Delivery::Queued(_)));
    let paused = matches!(booking.state, State::Paused { .. });
    ensure(!(paused && leaves), || format!("4.11: it is paused, and a text would leave: {booking:?}"))
}

/// Rule 8.7: each open booking has a deadline, or an unanswered question to the manager.
fn it_waits_for_something(booking: &Booking, policy: &Policy, now: Timestamp) -> Checked<()> {
    let waits = booking.next_deadline(now, policy).is_some();
    let ok = match &booking.state {
        State::Calling { .. } | State::Paused { .. } => waits,
        // The manager was told that nobody is left.
        State::NoTimes | State::Exhausted { .. } | State::Booked { .. } | State::Expired | State::Cancelled => true,
    };
    ensure(ok, || format!("8.7: it waits for nothing: {booking:?}"))
}

/// Rules 5.4, 6.1 and 8.2.
fn nobody_is_in_two_places(all: &[&Booking]) -> Checked<()> {
    for (at, one) in all.iter().enumerate() {
        for other in &all[at + 1..] {
            for (hold, theirs) in one.holds().iter().flat_map(|a| other.holds().into_iter().map(move |b| (*a, b))) {
                let twice = hold.musician == theirs.musician && hold.time.overlaps(&theirs.time);
                ensure(!twice, || format!("8.2: {hold:?} of {} and {theirs:?} of {}", one.id, other.id))?;
            }
            if let (Some(session), Some(taken)) = (one.session(), other.session()) {
                let twice = session.overlaps(&taken);
                ensure(!twice, || format!("8.2: two sessions in the studio: {} and {}", one.id, other.id))?;
            }
        }
    }
    Ok(())
}

/// Every text traces to one decision: an offer to its booking's offer, anything else to what its booking went through.
fn has_a_reason(text: &Message, all: &[&Booking]) -> Checked<()> {
    let booking = text.booking.and_then(|id| all.iter().find(|booking| booking.id == id)).copied();
    let offer = |no: OfferNo| booking.and_then(|booking| booking.offer(no));
    let about = |musician: MusicianId| {
        booking.is_some_and(|b| b.offers.iter().any(|o| o.musician == musician && Some(o.option) == text.option))
    };
    let ok = match (text.kind.as_str(), text.musician, text.offer) {
        ("offer", Some(musician), Some(no)) => offer(no).is_some_and(|o| o.musician == musician),
        ("confirmation" | "release", Some(musician), None) => about(musician),
        ("reply", Some(_), None) | ("notice", None, None) => true,
        _ => false,
    };
    ensure(ok, || format!("a text without a reason: {text:?}"))
}

/// Rule 4.7, read once more: what their wall clock shows. Quiet hours that do not go over midnight are not played.
fn is_asleep(musician: &Musician, quiet: Option<ClockRange>, now: Timestamp) -> bool {
    let clock = now.to_zoned(musician.zone.clone()).time();
    quiet.is_some_and(|quiet| clock >= quiet.from || clock < quiet.to)
}

fn ensure(ok: bool, why: impl FnOnce() -> String) -> Checked<()> {
    if ok { Ok(()) } else { fail(why()) }
}

fn fail<T>(why: String) -> Checked<T> {
    Err(Failure(why))
}
