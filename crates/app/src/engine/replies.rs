//! Texts that arrive: kept before they are understood (rules 1.2, 5.1), and answered by text.

use super::joining::PAGE_DAYS;
use super::{Cause, Engine};
use firstcall_connect::{Arrived, OptOut};
use firstcall_core::booking::Booking;
use firstcall_core::contact::Phone;
use firstcall_core::ids::{BookingId, MusicianId, OfferNo};
use firstcall_core::reply::{self, Reply};
use firstcall_core::roster::MusicianStanding;
use firstcall_core::step::{By, Outcome};
use firstcall_core::wording::{About, writes};
use firstcall_store::consents::{self, ConsentKind};
use firstcall_store::inbound::{self, Inbound, InboundPart, NewInbound};
use firstcall_store::messages::{self, AboutOffer, Message, NewMessage};
use firstcall_store::{Error, Tx, bookings, roster};
use jiff::{SignedDuration, Timestamp};

/// What is missing of a long text for so long does not come any more.
const PARTS_WAIT: SignedDuration = SignedDuration::from_mins(2);
/// Who writes more often than this within [`LATELY`] is a machine that answers ours: it gets no reply.
const MOST_LATELY: i64 = 8;
const LATELY: SignedDuration = SignedDuration::from_mins(10);

/// What became of a text that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextReply {
    /// It was understood, and this was done.
    Did(&'static str),
    /// It is for the manager.
    PassedOn,
    /// The sender is not on the roster: it is kept, and nothing is sent.
    Stranger,
    /// It is a piece of a text whose other pieces are to come.
    Piece,
}

/// A text of a musician's.
#[derive(Clone, Copy)]
struct Text {
    musician: MusicianId,
    id: i64,
    /// When it came, if it is answered later than that: what was said since counts more.
    left_since: Option<Timestamp>,
    /// No reply of ours follows: the network has answered it, or a machine wrote it.
    answered: bool,
}

impl Engine {
    /// Somebody's text arrived. When this returns it is on the disk, understood and answered.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn text_arrived(&self, sender: &Phone, body: &str) -> Result<TextReply, Error> {
        self.take_text(sender.as_str(), body, None, None).await
    }

    /// A network brings a text; it may bring it several times, and a long one in pieces.
    ///
    /// # Errors
    /// When the database cannot be asked: the network is to bring it again.
    pub async fn text_brought(&self, text: &Arrived) -> Result<TextReply, Error> {
        let sender = number(&text.from);
        let Some(part) = text.part.as_ref().filter(|part| part.of > 1) else {
            return self.take_text(&sender, &text.body, Some(&text.network_id), text.opt_out).await;
        };
        let piece = InboundPart {
            sender,
            reference: part.reference.clone(),
            part: part.number.into(),
            parts: part.of.into(),
            network_id: text.network_id.clone(),
            body: super::manage::storable(&text.body),
        };
        let now = self.clock().now();
        let (kept, of) = (piece.clone(), usize::from(part.of));
        let keep = async move |tx: &mut Tx| inbound::keep_part(tx, &kept, now).await;
        let there = self.store().write(keep).await?;
        let mut numbers: Vec<u32> = there.iter().map(|piece| piece.part).collect();
        numbers.dedup();
        if numbers.len() < of { Ok(TextReply::Piece) } else { self.take_pieces(there).await }
    }

    /// Takes what is there of long texts whose other pieces did not come. A clock that is set back makes nobody wait
    /// more than twice as long.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn take_left_pieces(&self) -> Result<(), Error> {
        let now = self.clock().now();
        let before = now.saturating_sub(PARTS_WAIT).unwrap_or(Timestamp::MIN);
        let after = now.saturating_add(PARTS_WAIT).unwrap_or(Timestamp::MAX);
        let stale = self.store().read(async move |tx| inbound::stale_parts(tx, before, after, 100).await).await?;
        for (sender, reference) in stale {
            let there = async move |tx: &mut Tx| inbound::parts_of(tx, &sender, &reference).await;
            let there = self.store().read(there).await?;
            self.take_pieces(there).await?;
        }
        Ok(())
    }

    async fn take_pieces(&self, mut pieces: Vec<InboundPart>) -> Result<TextReply, Error> {
        pieces.dedup_by_key(|piece| piece.part);
        let Some(InboundPart { sender, reference, network_id, .. }) = pieces.first().cloned() else {
            return Ok(TextReply::Piece);
        };
        let body: String = pieces.iter().map(|piece| piece.body.as_str()).collect();
        let done = self.take_text(&sender, &body, Some(&format!("pieces {network_id}")), None).await?;
        let join = async move |tx: &mut Tx| inbound::join_parts(tx, &sender, &reference).await;
        self.store().write(join).await?;
        Ok(done)
    }

    async fn take_text(
        &self,
        sender: &str,
        body: &str,
        network_id: Option<&str>,
        opt_out: Option<OptOut>,
    ) -> Result<TextReply, Error> {
        let now = self.clock().now();
        let phone = Phone::new(sender).ok();
        let new = NewInbound {
            sender: super::manage::storable(sender),
            body: super::manage::storable(body),
            musician: None,
            network_id: network_id.map(str::to_owned),
        };
        let keep = async move |tx: &mut Tx| {
            let from = match &phone {
                Some(phone) => roster::by_phone(tx, phone).await?.map(|entry| entry.musician.id),
                None => None,
            };
            inbound::keep(tx, &NewInbound { musician: from, ..new.clone() }, now).await
        };
        let kept = self.store().write(keep).await?;
        let Some(musician) = kept.musician else { return self.hear_stranger(&kept).await };
        if kept.understood.is_some() {
            return Ok(TextReply::Did("again"));
        }
        let left_since = (kept.received_at < now).then_some(kept.received_at);
        let from = Text { musician, id: kept.id, left_since, answered: opt_out.is_some() };
        let read = match opt_out {
            Some(OptOut::Stop) => Reply::Stop,
            Some(OptOut::Start) => Reply::Start,
            Some(OptOut::Help) => Reply::Help,
            None => reply::read(body),
        };
        self.answer_text(from, read, body).await
    }

    /// Whoever is not on the roster gets no reply. STOP counts for their number all the same, and so does taking it back; what
    /// else they say goes to the manager, once a day.
    async fn hear_stranger(&self, text: &Inbound) -> Result<TextReply, Error> {
        let (engine, text, now) = (self.clone(), text.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let Some(phone) = Phone::new(&text.sender).ok().filter(|_| text.understood.is_none()) else {
                return Ok(());
            };
            let read = reply::read(&text.body);
            if read == Reply::Stop {
                consents::refuse(tx, &phone, &text.body, now).await?;
                return inbound::settle(tx, text.id, "stop").await;
            }
            if matches!(read, Reply::Start | Reply::Join) && consents::has_refused(tx, &phone).await? {
                consents::take_back(tx, &phone, &text.body, now).await?;
                return inbound::settle(tx, text.id, "start").await;
            }
            if !engine.is_manager(phone.as_str()) {
                let words = writes(&format!("{} (not on the roster)", text.sender), &text.body);
                let key = format!("stranger:{}:{}", text.sender, now.to_zoned(engine.policy().zone.clone()).date());
                engine.tell_manager(tx, None, Some(&key), words, now).await?;
            }
            let manager = engine.is_manager(phone.as_str());
            inbound::settle(tx, text.id, if manager { "manager" } else { "stranger" }).await
        };
        self.store().write(op).await?;
        self.ring();
        Ok(TextReply::Stranger)
    }

    /// Answers the texts that were kept and not understood, because their process ended in between.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn read_left_texts(&self, older_than: SignedDuration) -> Result<(), Error> {
        let before = self.clock().now().saturating_sub(older_than).unwrap_or(Timestamp::MIN);
        let left = self.store().read(async move |tx| inbound::left(tx, before, 100).await).await?;
        for Inbound { id, body, received_at, musician, .. } in left {
            if let Some(musician) = musician {
                let from = Text { musician, id, left_since: Some(received_at), answered: false };
                self.answer_text(from, reply::read(&body), &body).await?;
            }
        }
        Ok(())
    }

    /// Doing this again, after it was cut off, does nothing twice.
    async fn answer_text(&self, from: Text, read: Reply, body: &str) -> Result<TextReply, Error> {
        let mut done = TextReply::PassedOn;
        let all = if let Reply::Several(all) = read { all } else { vec![read] };
        for one in all {
            done = self.understand(from, one, body).await?;
        }
        let id = from.id;
        let word = match done {
            TextReply::Did(word) => word,
            TextReply::PassedOn | TextReply::Stranger | TextReply::Piece => "passed_on",
        };
        let settle = async move |tx: &mut Tx| inbound::settle(tx, id, word).await;
        self.store().write(settle).await?;
        Ok(done)
    }

    async fn understand(&self, from: Text, read: Reply, body: &str) -> Result<TextReply, Error> {
        match read {
            Reply::Yes(code) => self.text_answers(from, code, true).await,
            Reply::No(code) => self.text_answers(from, code, false).await,
            Reply::StandBy(code) => self.by_code(from, code, "standby", Cause::StandsBy).await,
            Reply::DropOut(code) => self.by_code(from, code, "out", Cause::DropsOut).await,
            Reply::Seen(code) => self.has_seen(from, code).await,
            Reply::Join | Reply::Start | Reply::Stop if self.has_decided_since(from).await? => {
                Ok(TextReply::Did("superseded"))
            }
            Reply::Join | Reply::Start if self.waits(from.musician).await? => {
                self.reply(from, None, self.voice().waits(&self.settings().manager.name)).await?;
                Ok(TextReply::Did("waits"))
            }
            Reply::Join | Reply::Start => {
                self.consents(from, ConsentKind::Joined, MusicianStanding::Active, body).await?;
                self.reply(from, None, self.voice().joined()).await?;
                Ok(TextReply::Did("join"))
            }
            Reply::Page => {
                let (engine, now) = (self.clone(), self.clock().now());
                let op = async move |tx: &mut Tx| engine.page_link(tx, from.musician, now).await;
                let link = self.store().write(op).await?;
                self.reply(from, None, self.voice().page(&link, PAGE_DAYS)).await?;
                Ok(TextReply::Did("page"))
            }
            Reply::Help => {
                let contact = self.contact();
                self.reply(from, None, self.voice().help(&contact)).await?;
                Ok(TextReply::Did("help"))
            }
            Reply::Stop => {
                self.consents(from, ConsentKind::OptedOut, MusicianStanding::OptedOut, body).await?;
                Ok(TextReply::Did("stop"))
            }
            // Whoever answered it might start a loop.
            Reply::Machine => self.pass_on(Text { answered: true, ..from }, body).await,
            Reply::Several(_) | Reply::Words => self.pass_on(from, body).await,
        }
    }

    /// Whether the manager has not approved them so far.
    async fn waits(&self, musician: MusicianId) -> Result<bool, Error> {
        let found = self.store().read(async move |tx: &mut Tx| roster::get(tx, musician).await).await?;
        Ok(found.is_some_and(|entry| entry.musician.standing == MusicianStanding::Waiting))
    }

    /// Whether they have said START or STOP after a text that was left: what was said last is what they want (rule 8.5).
    async fn has_decided_since(&self, left: Text) -> Result<bool, Error> {
        if left.left_since.is_none() {
            return Ok(false);
        }
        let theirs = self.store().read(async move |tx| inbound::from(tx, left.musician, 100).await).await?;
        let decides = |body: &str| matches!(reply::read(body), Reply::Join | Reply::Start | Reply::Stop);
        Ok(theirs.iter().any(|text| text.id > left.id && decides(&text.body)))
    }

    /// Somebody agrees to be texted, or wants no more: that, and the words, in one transaction.
    async fn consents(
        &self,
        from: Text,
        kind: ConsentKind,
        standing: MusicianStanding,
        body: &str,
    ) -> Result<(), Error> {
        let (engine, now, body) = (self.clone(), self.clock().now(), super::manage::storable(body));
        let op = async move |tx: &mut Tx| {
            consents::keep(tx, from.musician, kind, "text", &body, now).await?;
            engine.stand(tx, from.musician, standing, "text", now).await
        };
        self.write_again_if_beaten(op).await?;
        self.after(None).await
    }

    /// Rule 5.1: with a code, that offer; without one, the one that is open, or a list of the codes.
    async fn text_answers(&self, from: Text, code: Option<u32>, yes: bool) -> Result<TextReply, Error> {
        let word = if yes { "yes" } else { "no" };
        if let Some(code) = code {
            return self.by_code(from, code, word, |offer| Cause::Answered(offer, yes, By::Musician)).await;
        }
        let open = self.open_offers(from.musician).await?;
        if let [message] = open.as_slice() {
            let code = message.code.unwrap_or_default();
            return self.by_code(from, code, word, |offer| Cause::Answered(offer, yes, By::Musician)).await;
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
            if engine.is_machine(tx, musician, now).await? {
                return Ok(());
            }
            let name = engine.roster(tx).await?.get(musician).map_or_else(String::new, |m| m.name.clone());
            let words = writes(&name, &body);
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
        let key = match about {
            Some((booking, no)) => format!("reply:{inbound}:{}:{no}", booking.id),
            None => format!("reply:{inbound}"),
        };
        let (engine, now) = (self.clone(), self.clock().now());
        if from.answered {
            return Ok(());
        }
        let write = async move |tx: &mut Tx| {
            if engine.is_machine(tx, musician, now).await? {
                return Ok(());
            }
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
                once_key: Some(key.clone()),
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

    /// Whether somebody writes faster than people do.
    async fn is_machine(&self, tx: &mut Tx, musician: MusicianId, now: Timestamp) -> Result<bool, Error> {
        let since = now.saturating_sub(LATELY).unwrap_or(Timestamp::MIN);
        Ok(inbound::count_since(tx, musician, since).await? > MOST_LATELY)
    }

    /// Whom musicians ask: the studio's number, else the manager's, else the manager by name.
    #[must_use]
    pub fn contact(&self) -> String {
        let settings = self.settings();
        let phone = settings.studio.phone.as_ref().or(settings.manager.phone.as_ref());
        phone.map_or_else(|| settings.manager.name.clone(), |phone| phone.as_str().to_owned())
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

/// A number as the roster writes it: Vonage leaves out the plus.
fn number(sender: &str) -> String {
    let digits = sender.len() > 6 && sender.bytes().all(|b| b.is_ascii_digit());
    if digits { format!("+{sender}") } else { sender.to_owned() }
}
