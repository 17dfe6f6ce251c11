//! Answers as they arrive: the press of a button on an offer's page, or a text (rule 5.1).

use super::{Cause, Engine, Turned};
use firstcall_core::booking::Booking;
use firstcall_core::contact::Phone;
use firstcall_core::ids::{BookingId, MusicianId, OfferNo};
use firstcall_core::reply::{self, Reply};
use firstcall_core::roster::MusicianStanding;
use firstcall_core::step::Outcome;
use firstcall_core::wording::About;
use firstcall_store::messages::{self, AboutOffer, Message, NewMessage};
use firstcall_store::{Error, Tx, bookings, journal, roster};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A button on an offer's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// YES.
    Yes,
    /// NO, also to take a YES back.
    No,
    /// Be first backup.
    StandBy,
}

/// An offer, as its page shows it.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Its booking, as it is now.
    pub booking: Booking,
    /// Its message.
    pub message: Message,
    /// Which of the booking's offers it is.
    pub offer: OfferNo,
    /// What a press did; none when the page was only opened.
    pub outcome: Option<Outcome>,
    /// Its musician's zone.
    pub zone: Option<TimeZone>,
}

/// What became of a text that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextReply {
    /// It was understood, and this was done.
    Did(&'static str),
    /// It is for the manager.
    PassedOn,
    /// The sender is not on the roster: it is kept, and nothing is sent.
    Stranger,
}

/// A text of a musician's.
#[derive(Clone, Copy)]
struct Text {
    musician: MusicianId,
    id: i64,
    /// When it came, if it is answered later than that: what was said since counts more.
    left_since: Option<Timestamp>,
}

impl Engine {
    /// The offer behind a secret link. Changes nothing (rules 5.1, 8.6).
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn offer(&self, token: &str) -> Result<Option<Answered>, Error> {
        let token = token.to_owned();
        let find = async move |tx: &mut Tx| {
            let Some((message, id, offer)) = of_link(tx, &token).await? else { return Ok::<_, Error>(None) };
            let Some(booking) = bookings::get(tx, id).await? else { return Ok(None) };
            let zone = zone_of(tx, &message).await?;
            Ok(Some(Answered { booking, message, offer, outcome: None, zone }))
        };
        self.store().read(find).await
    }

    /// A button was pressed on an offer's page. When this returns, the answer is on the disk.
    ///
    /// # Errors
    /// When the database cannot be asked: then nothing was recorded.
    pub async fn press(&self, token: &str, press: Press) -> Result<Option<Answered>, Error> {
        let (engine, token) = (self.clone(), token.to_owned());
        let answer = async move |tx: &mut Tx| {
            let Some((message, id, offer)) = of_link(tx, &token).await? else { return Ok::<_, Error>(None) };
            let cause = match press {
                Press::Yes => Cause::Answered(offer, true),
                Press::No => Cause::Answered(offer, false),
                Press::StandBy => Cause::StandsBy(offer),
            };
            let Some(turned) = engine.turn(tx, id, cause, "link").await? else { return Ok(None) };
            let zone = zone_of(tx, &message).await?;
            Ok(Some((turned, message, offer, zone)))
        };
        let Some((turned, message, offer, zone)) = self.write_again_if_beaten(answer).await? else { return Ok(None) };
        self.ring_for(&turned);
        let Turned { booking, outcome, .. } = self.follow(turned).await?;
        Ok(Some(Answered { booking, message, offer, outcome: Some(outcome), zone }))
    }

    /// A text arrived. It is kept before it is understood, and answered by text.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn text_arrived(&self, sender: &Phone, body: &str) -> Result<TextReply, Error> {
        let now = self.clock().now();
        let (phone, words) = (sender.clone(), super::manage::storable(body));
        let keep = async move |tx: &mut Tx| {
            let musician = roster::by_phone(tx, &phone).await?.map(|entry| entry.musician.id);
            let id = journal::keep_inbound(tx, phone.as_str(), &words, musician, now).await?;
            Ok::<_, Error>((id, musician))
        };
        let (id, musician) = self.store().write(keep).await?;
        let Some(musician) = musician else { return Ok(TextReply::Stranger) };
        self.answer_text(Text { musician, id, left_since: None }, body).await
    }

    /// Answers the texts that were kept and not understood, because their process ended in between.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn read_left_texts(&self, older_than: SignedDuration) -> Result<(), Error> {
        let before = self.clock().now().saturating_sub(older_than).unwrap_or(Timestamp::MIN);
        let left = self.store().read(async move |tx| journal::inbound_left(tx, before, 100).await).await?;
        for text in left {
            if let Some(musician) = text.musician {
                let from = Text { musician, id: text.id, left_since: Some(text.received_at) };
                self.answer_text(from, &text.body).await?;
            }
        }
        Ok(())
    }

    /// Doing this again, after it was cut off, does nothing twice.
    async fn answer_text(&self, from: Text, body: &str) -> Result<TextReply, Error> {
        let done = self.understand(from, body).await?;
        let id = from.id;
        let word = match done {
            TextReply::Did(word) => word,
            TextReply::PassedOn | TextReply::Stranger => "passed_on",
        };
        let settle = async move |tx: &mut Tx| journal::settle_inbound(tx, id, word).await;
        self.store().write(settle).await?;
        Ok(done)
    }

    async fn understand(&self, from: Text, body: &str) -> Result<TextReply, Error> {
        let musician = from.musician;
        match reply::read(body) {
            Reply::Yes(code) => self.text_answers(from, code, true).await,
            Reply::No(code) => self.text_answers(from, code, false).await,
            Reply::StandBy(code) => self.by_code(from, code, "standby", Cause::StandsBy).await,
            Reply::DropOut(code) => self.by_code(from, code, "out", Cause::DropsOut).await,
            Reply::Seen(code) => self.has_seen(from, code).await,
            Reply::Join | Reply::Start | Reply::Stop if self.has_decided_since(from).await? => {
                Ok(TextReply::Did("superseded"))
            }
            Reply::Join | Reply::Start => {
                self.set_standing(musician, MusicianStanding::Active, "text").await?;
                self.reply(from, None, self.voice().joined()).await?;
                Ok(TextReply::Did("join"))
            }
            Reply::Help => {
                let contact = self.contact();
                self.reply(from, None, self.voice().help(&contact)).await?;
                Ok(TextReply::Did("help"))
            }
            Reply::Stop => {
                self.set_standing(musician, MusicianStanding::OptedOut, "text").await?;
                Ok(TextReply::Did("stop"))
            }
            Reply::Words => self.pass_on(from, body).await,
        }
    }

    /// Whether they have said START or STOP after a text that was left: what was said last is what they want (rule 8.5).
    async fn has_decided_since(&self, left: Text) -> Result<bool, Error> {
        if left.left_since.is_none() {
            return Ok(false);
        }
        let theirs = self.store().read(async move |tx| journal::inbound_from(tx, left.musician, 100).await).await?;
        let decides = |body: &str| matches!(reply::read(body), Reply::Join | Reply::Start | Reply::Stop);
        Ok(theirs.iter().any(|text| text.id > left.id && decides(&text.body)))
    }

    /// Rule 5.1: with a code, that offer; without one, the one that is open, or a list of the codes.
    async fn text_answers(&self, from: Text, code: Option<u32>, yes: bool) -> Result<TextReply, Error> {
        let word = if yes { "yes" } else { "no" };
        if let Some(code) = code {
            return self.by_code(from, code, word, |offer| Cause::Answered(offer, yes)).await;
        }
        let open = self.open_offers(from.musician).await?;
        if let [message] = open.as_slice() {
            let code = message.code.unwrap_or_default();
            return self.by_code(from, code, word, |offer| Cause::Answered(offer, yes)).await;
        }
        let abouts: Vec<About<'_>> = open.iter().filter_map(about).collect();
        self.reply(from, None, self.voice().which_one(&abouts)).await?;
        Ok(TextReply::Did("which_one"))
    }

    async fn by_code(
        &self,
        from: Text,
        code: u32,
        word: &'static str,
        cause: impl FnOnce(OfferNo) -> Cause,
    ) -> Result<TextReply, Error> {
        let find = async move |tx: &mut Tx| messages::by_code(tx, from.musician, code).await;
        let message = self.store().read(find).await?;
        let found = message.as_ref().and_then(|message| Some((message, message.booking?, message.offer?)));
        let Some((message, booking, offer)) = found else {
            self.reply(from, None, self.voice().unknown_code(code)).await?;
            return Ok(TextReply::Did("unknown_code"));
        };
        if from.left_since.is_some_and(|since| message.answered_at.is_some_and(|at| at > since)) {
            return Ok(TextReply::Did("superseded"));
        }
        let Some(turned) = self.change(booking, cause(offer), "text").await? else { return Ok(TextReply::PassedOn) };
        if let Some(body) = about(message).and_then(|about| self.words_for(&turned.outcome, &about)) {
            self.reply(from, Some((&turned.booking, offer)), body).await?;
        }
        Ok(TextReply::Did(word))
    }

    /// What an answer by text is answered with. A YES that books the session is answered by the confirmation.
    fn words_for(&self, outcome: &Outcome, about: &About<'_>) -> Option<String> {
        let voice = self.voice();
        Some(match outcome {
            Outcome::Booked => return None,
            Outcome::Done => voice.seen(),
            Outcome::Held => voice.held(about),
            Outcome::AlreadyHeld => voice.already_held(about),
            Outcome::SaidNo | Outcome::AlreadyNo => voice.said_no(),
            Outcome::DroppedOut => voice.dropped_out(about),
            Outcome::Late(why) => voice.late(about, *why),
            Outcome::Conflict(clash) => voice.conflict(about, *clash),
            Outcome::StandsBy => voice.stands_by(about),
            Outcome::ChairIsOpen => voice.chair_is_open(about),
            Outcome::HoldsNothing => voice.holds_nothing(),
            Outcome::Refused(_) => voice.unknown_code(about.code),
        })
    }

    async fn has_seen(&self, from: Text, code: u32) -> Result<TextReply, Error> {
        let now = self.clock().now();
        let see = async move |tx: &mut Tx| {
            if let Some(message) = messages::by_code(tx, from.musician, code).await? {
                messages::seen(tx, message.id, now).await?;
            }
            Ok::<_, Error>(())
        };
        self.store().write(see).await?;
        self.reply(from, None, self.voice().seen()).await?;
        Ok(TextReply::Did("seen"))
    }

    /// The musician's offers that can be answered now.
    async fn open_offers(&self, musician: MusicianId) -> Result<Vec<Message>, Error> {
        let find = async move |tx: &mut Tx| {
            let mut open = Vec::new();
            for message in messages::offers_to(tx, musician, 20).await? {
                let (Some(id), Some(no)) = (message.booking, message.offer) else { continue };
                let Some(booking) = bookings::get(tx, id).await? else { continue };
                let unanswered = booking.offer(no).is_some_and(|o| o.answer.is_none() && booking.is_answerable(o));
                if unanswered && message.sent_at.is_some() {
                    open.push(message);
                }
            }
            open.reverse();
            Ok::<_, Error>(open)
        };
        self.store().read(find).await
    }

    /// Anything else goes to the manager as the musician's words, and is answered once.
    async fn pass_on(&self, from: Text, body: &str) -> Result<TextReply, Error> {
        let Text { musician, id: inbound, .. } = from;
        let open = self.open_offers(musician).await?;
        let code = if let [one] = open.as_slice() { one.code } else { None };
        let (engine, now, body) = (self.clone(), self.clock().now(), super::manage::storable(body));
        let tell = async move |tx: &mut Tx| {
            let name = engine.roster(tx).await?.get(musician).map_or_else(String::new, |m| m.name.clone());
            let words = format!("First Call: {name} writes: \"{body}\". Please answer them.");
            engine.tell_manager(tx, None, Some(&format!("words:{inbound}")), words, now).await
        };
        self.store().write(tell).await?;
        let reply = self.voice().passed_on(&self.settings().manager.name, code);
        self.reply(from, None, reply).await?;
        Ok(TextReply::PassedOn)
    }

    /// Replies leave at once (rule 4.7), one to each text.
    async fn reply(&self, from: Text, about: Option<(&Booking, OfferNo)>, body: String) -> Result<(), Error> {
        let Text { musician, id: inbound, .. } = from;
        let offer = about.and_then(|(booking, no)| AboutOffer::of(booking, booking.offer(no)?));
        let booking: Option<BookingId> = about.map(|(booking, _)| booking.id);
        let (engine, now) = (self.clone(), self.clock().now());
        let write = async move |tx: &mut Tx| {
            let people = engine.roster(tx).await?;
            let Some(musician) = people.get(musician) else { return Ok(()) };
            if musician.standing == MusicianStanding::OptedOut {
                return Ok(());
            }
            let message = NewMessage {
                kind: "reply",
                booking,
                musician: Some(musician.id),
                to: musician.phone.as_str().to_owned(),
                body: body.clone(),
                once_key: Some(format!("reply:{inbound}")),
                about: offer.clone(),
                token: None,
                due_at: Some(now),
                at_once: true,
                error: None,
            };
            messages::insert(tx, &message, now).await
        };
        self.store().write(write).await?;
        self.ring();
        Ok(())
    }

    /// Whom musicians ask: the studio's number, else the manager's, else the manager by name.
    #[must_use]
    pub fn contact(&self) -> String {
        let settings = self.settings();
        let phone = settings.studio.phone.as_ref().or(settings.manager.phone.as_ref());
        phone.map_or_else(|| settings.manager.name.clone(), |phone| phone.as_str().to_owned())
    }
}

/// The offer behind a secret link, with its booking's number and its own.
async fn of_link(tx: &mut Tx, token: &str) -> Result<Option<(Message, BookingId, OfferNo)>, Error> {
    let message = messages::by_token(tx, token).await?;
    Ok(message.and_then(|message| Some((message.booking?, message.offer?)).map(|(id, offer)| (message, id, offer))))
}

async fn zone_of(tx: &mut Tx, message: &Message) -> Result<Option<TimeZone>, Error> {
    match message.musician {
        Some(musician) => roster::zone_of(tx, musician).await,
        None => Ok(None),
    }
}

fn about(message: &Message) -> Option<About<'_>> {
    Some(About {
        chair: message.chair.as_deref()?,
        time: message.time?,
        token: message.token.as_deref()?,
        code: message.code?,
    })
}
