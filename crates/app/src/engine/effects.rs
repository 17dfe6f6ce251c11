//! What a step decided, as rows: messages for the outbox, lines for the log.

use super::{Engine, is_record};
use crate::token;
use firstcall_core::booking::{Answer, Booking, Offer, OfferReason, State};
use firstcall_core::contact::Phone;
use firstcall_core::ids::{BookingId, OfferNo, OptionNo};
use firstcall_core::planning::Impossible;
use firstcall_core::roster::{MusicianStanding, Roster};
use firstcall_core::span::Span;
use firstcall_core::step::{ClientNotice, Effect, Notice, Word};
use firstcall_core::wording::{self, About, ToManager, Voice};
use firstcall_store::messages::{self, AboutOffer, NewMessage, OfferWords};
use firstcall_store::{Error, Tx, bookings, journal, roster};
use jiff::Timestamp;
use std::sync::Arc;

/// The key under which texts are kept that only show that texts arrive.
pub const TEST: &str = "test";

impl Engine {
    /// How the studio speaks.
    pub(crate) fn voice(&self) -> Voice<'_> {
        let settings = self.settings();
        Voice {
            studio: &settings.studio.name,
            zone: &settings.studio.time_zone,
            public_url: settings.server.public_url.as_str(),
        }
    }

    pub(super) async fn write_effects(
        &self,
        tx: &mut Tx,
        booking: &Booking,
        effects: &[Effect],
        actor: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let people = if effects.iter().all(is_record) { Arc::default() } else { self.people_of(tx, booking).await? };
        for effect in effects {
            match effect {
                Effect::Ask(offer) => self.write_offer(tx, booking, *offer, &people, now).await?,
                Effect::Tell(offer, word) => self.write_word(tx, booking, *offer, *word, &people, now).await?,
                Effect::TellManager(notice) => self.write_notice(tx, booking, notice, &people, now).await?,
                Effect::TellClient(notice) => self.write_client_notice(tx, booking, *notice, now).await?,
                Effect::Booked(musicians) => roster::booked(tx, musicians, now).await?,
                Effect::Log(entry) => journal::write(tx, Some(booking.id), actor, entry, now).await?,
            }
        }
        Ok(())
    }

    async fn write_offer(
        &self,
        tx: &mut Tx,
        booking: &Booking,
        no: OfferNo,
        people: &Roster,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some((offer, time)) = with_time(booking, no) else { return Ok(()) };
        let Some(musician) = people.get(offer.musician) else { return Ok(()) };
        let token = token::fresh();
        let code = messages::next_code(tx, offer.musician).await?;
        let chair = booking.chair(offer.chair).label();
        let about = About { chair: &chair, time, token: &token, code };
        let body = match moved_from(booking, offer) {
            Some(from) => self.voice().moved(&about, from),
            None => self.voice().offer(&about),
        };
        let words = OfferWords { to: musician.phone.as_str(), body: &body, token: &token, code };
        messages::insert_offer(tx, booking, offer, words, now).await
    }

    /// A confirmation leaves at once; a release, and a cancellation of a session that is far off, waits for the end of
    /// quiet hours (rule 4.7).
    async fn write_word(
        &self,
        tx: &mut Tx,
        booking: &Booking,
        no: OfferNo,
        word: Word,
        people: &Roster,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some((offer, time)) = with_time(booking, no) else { return Ok(()) };
        let Some(musician) = people.get(offer.musician) else { return Ok(()) };
        let Some(asked) = messages::of_offer(tx, booking.id, no).await? else { return Ok(()) };
        let chair = booking.chair(offer.chair).label();
        let token = asked.token.unwrap_or_default();
        let about = About { chair: &chair, time, token: &token, code: asked.code.unwrap_or_default() };
        let quiet_end = self.policy().may_leave(now, musician);
        let at_once = word == Word::Cancelled && time.start <= quiet_end;
        let (kind, body, leaves) = match word {
            Word::Confirmed => ("confirmation", self.voice().confirmed(&about), now),
            Word::Released => ("release", self.voice().released(time), quiet_end),
            Word::NotNeeded => ("release", self.voice().not_needed(time), quiet_end),
            Word::Cancelled if at_once => ("release", self.voice().cancelled(&about), now),
            Word::Cancelled => ("release", self.voice().cancelled(&about), quiet_end),
        };
        let silent = why_silent(musician.standing, offer.reason).map(str::to_owned);
        let message = NewMessage {
            kind,
            booking: Some(booking.id),
            musician: Some(offer.musician),
            to: musician.phone.as_str().to_owned(),
            body,
            once_key: None,
            about: AboutOffer::of(booking, offer),
            token: None,
            due_at: silent.is_none().then_some(leaves),
            at_once,
            error: silent,
        };
        messages::insert(tx, &message, now).await
    }

    async fn write_notice(
        &self,
        tx: &mut Tx,
        booking: &Booking,
        notice: &Notice,
        people: &Roster,
        now: Timestamp,
    ) -> Result<(), Error> {
        let link = self.settings().server.public_url.join(&format!("/bookings/{}", booking.id));
        let says = ToManager { booking: booking.id, link: &link };
        let zone = &self.settings().studio.time_zone;
        let of_offer = |no: OfferNo| {
            let (offer, time) = with_time(booking, no)?;
            let name = people.get(offer.musician).map_or("a musician", |m| m.name.as_str());
            Some((name.to_owned(), booking.chair(offer.chair).label(), wording::start(time.start, zone)))
        };
        // Of one offer these are told once; anything else that comes again is another thing (rule 7.1).
        let once = match notice {
            Notice::Undeliverable(no) => Some(format!("{}:undeliverable:{no}", booking.id)),
            Notice::CallHolder(no, _) => Some(format!("{}:call_holder:{no}", booking.id)),
            Notice::NoTimes(_)
            | Notice::Exhausted(_)
            | Notice::Booked(_)
            | Notice::DroppedOut(_)
            | Notice::NobodyStepsIn(_)
            | Notice::Expired
            | Notice::StillPaused => None,
        };
        let body = match notice {
            Notice::NoTimes(why) => says.no_times(&closest(why, zone)),
            Notice::Exhausted(option) => says.exhausted(&who_said_what(booking, *option, people)),
            Notice::Booked(option) => {
                let time = booking.option(*option).map(|o| wording::start(o.time.start, zone)).unwrap_or_default();
                says.booked(&time, booking.chairs.len())
            }
            Notice::DroppedOut(no) => {
                let Some((name, chair, when)) = of_offer(*no) else { return Ok(()) };
                let others = matches!(booking.state, State::Booked { refill: Some(_), .. });
                says.dropped_out(&name, &chair, &when, others)
            }
            Notice::NobodyStepsIn(chair) => says.nobody_steps_in(&booking.chair(*chair).label()),
            Notice::Expired => says.expired(),
            Notice::StillPaused => says.still_paused(),
            Notice::Undeliverable(no) => {
                let Some((name, ..)) = of_offer(*no) else { return Ok(()) };
                let text = messages::of_offer(tx, booking.id, *no).await?;
                says.undeliverable(&name, text.and_then(|text| text.error).as_deref())
            }
            Notice::CallHolder(no, standing) => {
                let Some((name, chair, _)) = of_offer(*no) else { return Ok(()) };
                says.call_holder(&name, &chair, *standing)
            }
        };
        self.tell_manager(tx, Some(booking.id), once.as_deref(), body, now).await
    }

    /// Texts the manager, to show that texts arrive.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn try_text(&self) -> Result<(), Error> {
        let (engine, now) = (self.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let body =
                format!("{}: this is a test of First Call. There is nothing to do.", engine.settings().studio.name);
            engine.tell_manager(tx, None, Some(&format!("{TEST}:{now}")), body, now).await
        };
        self.store().write(op).await?;
        self.ring();
        Ok(())
    }

    /// Tells the manager something, by text and, where an address is set, by e-mail too (rule 7.1); what was told under the
    /// same key is not told again. It leaves at once, whatever the hour (rule 4.7).
    pub(super) async fn tell_manager(
        &self,
        tx: &mut Tx,
        booking: Option<BookingId>,
        once_key: Option<&str>,
        body: String,
        now: Timestamp,
    ) -> Result<(), Error> {
        let manager = &self.settings().manager;
        let phone = manager.phone.as_ref().map(Phone::as_str);
        let text = NewMessage {
            kind: "notice",
            booking,
            musician: None,
            to: phone.unwrap_or("manager").to_owned(),
            body,
            once_key: once_key.map(str::to_owned),
            about: None,
            token: None,
            due_at: phone.map(|_| now),
            at_once: true,
            error: phone.is_none().then(|| "manager.phone is not set, so it is shown here only".to_owned()),
        };
        messages::insert(tx, &text, now).await?;
        let Some(address) = &manager.email else { return Ok(()) };
        let mail = NewMessage {
            once_key: once_key.map(|key| format!("{key}:email")),
            ..self.email(address.as_str(), text, now)
        };
        messages::insert(tx, &mail, now).await
    }

    /// The same message by e-mail; without a mail server it says that it never leaves.
    fn email(&self, to: &str, message: NewMessage, now: Timestamp) -> NewMessage {
        let connected = self.settings().smtp.host.is_some();
        NewMessage {
            to: to.to_owned(),
            due_at: connected.then_some(now),
            error: (!connected).then(|| "no e-mail is sent: smtp is not set up".to_owned()),
            ..message
        }
    }

    async fn write_client_notice(
        &self,
        tx: &mut Tx,
        booking: &Booking,
        notice: ClientNotice,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(to) = booking.request.client_email.clone() else { return Ok(()) };
        let zone = &self.settings().studio.time_zone;
        let when = |option: OptionNo| booking.option(option).map(|o| wording::when(o.time, zone)).unwrap_or_default();
        let studio = &self.settings().studio.name;
        let token = bookings::client_of(tx, booking.id).await?.unwrap_or_default();
        let link = self.settings().server.public_url.join(&format!("/c/{token}"));
        let body = match notice {
            ClientNotice::Booked(option) => format!("{studio}: your session is booked for {}. {link}", when(option)),
            ClientNotice::Moved(option) => format!("{studio}: your session was moved to {}. {link}", when(option)),
            ClientNotice::Cancelled => format!("{studio}: your session request was cancelled. {link}"),
        };
        let message = NewMessage {
            kind: "notice",
            booking: Some(booking.id),
            musician: None,
            to: String::new(),
            body,
            once_key: None,
            about: None,
            token: None,
            due_at: None,
            at_once: true,
            error: None,
        };
        messages::insert(tx, &self.email(&to, message, now), now).await
    }
}

fn with_time(booking: &Booking, no: OfferNo) -> Option<(&Offer, Span)> {
    let offer = booking.offer(no)?;
    Some((offer, booking.option(offer.option)?.time))
}

/// The time that this musician had, or was asked about, before the session was moved; none when the offer is about
/// something else.
pub(super) fn moved_from(booking: &Booking, moved: &Offer) -> Option<Span> {
    if moved.reason != OfferReason::Moved {
        return None;
    }
    let before = booking.offers.iter().filter(|o| o.musician == moved.musician && o.no < moved.no);
    let asked = before.filter(|o| matches!(o.answer, Some(Answer::Released { .. })) || o.reason == OfferReason::Moved);
    let last = asked.max_by_key(|o| o.no)?.option;
    booking.option(last).map(|option| option.time)
}

fn closest(why: &[Impossible], zone: &jiff::tz::TimeZone) -> String {
    let closest = why.iter().min_by_key(|time| time.reasons.len());
    closest.map_or_else(String::new, |time| {
        format!("Closest: {}: {}.", wording::start(time.time.start, zone), time.reasons.join("; "))
    })
}

/// Rule 4.9: who was asked and what they said, and who holds; chair by chair, for the option called last.
fn who_said_what(booking: &Booking, option: OptionNo, people: &Roster) -> String {
    let name =
        |offer: &Offer| people.get(offer.musician).map_or("a musician", |musician| musician.name.as_str()).to_owned();
    let chairs = booking.chair_nos().map(|chair| {
        let label = booking.chair(chair).label();
        if let Some(holder) = booking.holder(option, chair) {
            return format!("{label}: {} holds.", name(holder));
        }
        let asked = booking.offers_at(option).filter(|offer| offer.chair == chair);
        let said: Vec<String> = asked.map(|offer| format!("{} {}", name(offer), said(offer))).collect();
        if said.is_empty() { format!("{label}: nobody.") } else { format!("{label}: {}.", said.join(", ")) }
    });
    chairs.collect::<Vec<_>>().join(" ")
}

fn said(offer: &Offer) -> &'static str {
    match offer.answer {
        Some(Answer::No(_)) => "no",
        Some(Answer::Overlap(_) | Answer::Conflict(_)) => "is held elsewhere",
        Some(Answer::Late(_)) => "too late",
        Some(Answer::Held(_) | Answer::Released { .. }) => "yes, released",
        None if offer.is_unanswered() => "silent",
        None => "not reached",
    }
}

/// Why a holder is not texted (rule 4.12): the manager was asked to call them. Whom the manager chose by hand, paused as they
/// are, is.
fn why_silent(standing: MusicianStanding, reason: OfferReason) -> Option<&'static str> {
    match standing {
        MusicianStanding::OptedOut => Some("they have opted out of texts"),
        MusicianStanding::Removed => Some("they are off the roster"),
        MusicianStanding::Paused if reason != OfferReason::ByHand => Some("they are paused"),
        MusicianStanding::Paused | MusicianStanding::Active | MusicianStanding::Invited | MusicianStanding::Waiting => {
            None
        }
    }
}
