//! What musicians do: they press buttons, open pages and write texts.

use crate::manager::recent;
use crate::model::Deed;
use crate::process::Did;
use crate::world::{Checked, Failure, World};
use fastrand::Rng;
use firstcall::engine::{Press, TextReply};
use firstcall_connect::{Arrived, Part};
use firstcall_core::contact::Phone;
use firstcall_core::ids::{BookingId, MusicianId, OfferNo};
use firstcall_core::reply::{self, Reply};
use firstcall_core::roster::MusicianStanding;
use firstcall_core::step::{By, Outcome};
use firstcall_store::Tx;
use firstcall_store::inbound::{self, Inbound};
use firstcall_store::messages::{self, Message, Which};
use jiff::{SignedDuration, Timestamp};

/// For so long the pieces of a text are waited for; as in the program.
pub(crate) const PIECES_WAIT: SignedDuration = SignedDuration::from_mins(2);

/// What is there of a long text of which a piece is missing.
#[derive(Clone, Debug)]
pub struct Pieces {
    /// When the missing one is not waited for any more.
    pub due: Timestamp,
    /// Who wrote it.
    pub musician: MusicianId,
    /// What is there, put together.
    pub words: String,
}

/// How things stood before a text was read, on which its meaning hangs.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    /// The one offer that a bare "yes" means (rule 5.1).
    bare: Option<(BookingId, OfferNo)>,
    /// How its sender stood.
    stood: Option<MusicianStanding>,
}

impl World {
    /// A text that somebody has: mostly a new one.
    pub(crate) async fn some_offer(&self, luck: &mut Rng) -> Checked<Option<(Message, BookingId, OfferNo)>> {
        let all = self.bookings().await?;
        let asked: Vec<(BookingId, OfferNo)> =
            all.iter().flat_map(|booking| booking.offers.iter().map(|offer| (booking.id, offer.no))).collect();
        if asked.is_empty() {
            return Ok(None);
        }
        let at = if luck.u8(..4) == 0 { luck.usize(..asked.len()) } else { recent(asked.len(), luck) };
        let (id, no) = asked[at];
        let message = self.store.read(async move |tx: &mut Tx| messages::of_offer(tx, id, no).await).await?;
        Ok(message.filter(|message| self.network.taken.contains_key(&message.id)).map(|message| (message, id, no)))
    }

    pub(crate) async fn presses(&mut self, luck: &mut Rng) -> Checked<()> {
        let Some((message, id, no)) = self.some_offer(luck).await? else { return Ok(()) };
        let (token, press) = (message.token.unwrap_or_default(), some_press(luck));
        let times = if luck.u8(..6) == 0 { 2 } else { 1 };
        if times > 1 {
            self.probe("an answer twice");
        }
        for _ in 0..times {
            self.catches_up().await?;
            let engine = self.engine.clone();
            let outcome = match self.asks(1, Box::pin(engine.press(&token, press))).await? {
                Did::Said(answered) => answered.and_then(|answered| answered.outcome),
                Did::Ended(0) => continue,
                Did::Ended(_) => None,
            };
            self.note(&format!("{press:?} on the page of offer {no} of booking {id}: {outcome:?}"));
            self.heard(id, no, (press, By::Musician), outcome.as_ref())?;
        }
        Ok(())
    }

    /// What a press or its like does, for the promises and for the second reading.
    ///
    /// # Errors
    /// When the second reading says something else.
    pub fn heard(
        &mut self,
        id: BookingId,
        no: OfferNo,
        (press, by): (Press, By),
        outcome: Option<&Outcome>,
    ) -> Checked<()> {
        let deed = match press {
            Press::Yes => Deed::Answers(no, true, by),
            Press::No => Deed::Answers(no, false, by),
            Press::StandBy => Deed::StandsBy(no),
        };
        match (press, outcome) {
            (Press::Yes, Some(Outcome::Held | Outcome::Booked)) => self.checks.promise(id, no),
            (Press::No, _) => self.checks.takes_back(id, no),
            (Press::Yes | Press::StandBy, _) => {}
        }
        self.did(id, &deed, outcome)
    }

    /// Rule 8.6.
    pub(crate) async fn opens(&mut self, luck: &mut Rng) -> Checked<()> {
        let Some((message, ..)) = self.some_offer(luck).await? else { return Ok(()) };
        let commits = self.crash.commits();
        let opened = self.engine.offer(&message.token.unwrap_or_default()).await?;
        if opened.is_none() || self.crash.commits() != commits {
            return Err(Failure("8.6: opening a page does something, or finds nothing".to_owned()));
        }
        self.probe("a page opened");
        Ok(())
    }

    pub(crate) async fn texts(&mut self, luck: &mut Rng) -> Checked<()> {
        let Some((message, ..)) = self.some_offer(luck).await? else { return Ok(()) };
        let (Some(musician), Some(code)) = (message.musician, message.code) else { return Ok(()) };
        let words = match luck.u8(..40) {
            0..20 => format!("Y{code}"),
            20..30 => format!("no {code}"),
            30 | 31 => format!("B{code}"),
            32 | 33 => format!("OUT{code}"),
            34 | 35 => "yes".to_owned(),
            36 => "I might be late".to_owned(),
            37 => "STOP".to_owned(),
            38 => "START".to_owned(),
            _ => format!("y {}", code + 1),
        };
        let waiting = if words == "STOP" { self.somebody_waiting().await? } else { None };
        let musician = waiting.unwrap_or(musician);
        let before = self.before(musician).await?;
        let phone = self.people().await?.into_iter().find(|person| person.id == musician).map(|person| person.phone);
        let Some(phone) = phone else { return Ok(()) };
        let mut aside = Rng::with_seed(luck.clone().u64(..) ^ 0x2545_f491_4f6c_dd1d);
        let kind = aside.u8(..12);
        if kind == 0 && self.pieces.is_none() {
            return self.texts_in_pieces((musician, &phone), &words, &mut aside).await;
        }
        let (engine, text) = (self.engine.clone(), self.network.brings(&phone, &words, None));
        let did = self.asks(2, Box::pin(engine.text_brought(&text))).await?;
        self.note(&format!("{} texts {words:?}: {did:?}", phone.as_str()));
        if !matches!(did, Did::Ended(0 | 1)) {
            self.understands(musician, &words, before).await?;
        }
        if kind < 3 { self.is_brought_again(musician, &text, did).await } else { Ok(()) }
    }

    /// The network brings a text again, because it heard nothing in return or for no reason at all.
    async fn is_brought_again(&mut self, musician: MusicianId, text: &Arrived, first: Did<TextReply>) -> Checked<()> {
        self.probe("a text brought twice");
        self.catches_up().await?;
        let (left, before) = (self.left_texts().await?, self.before(musician).await?);
        let engine = self.engine.clone();
        let again = self.runs(engine.text_brought(text)).await?;
        self.note(&format!("{:?} is brought again: {again:?}", text.body));
        match (first, &again) {
            (Did::Ended(0), Did::Said(_) | Did::Ended(2..)) => self.understands(musician, &text.body, before).await?,
            (Did::Said(_), Did::Said(done)) if *done != TextReply::Did("again") => {
                return Err(Failure(format!("5.1: a text that was brought twice is understood twice: {done:?}")));
            }
            (Did::Said(_) | Did::Ended(_), _) => {}
        }
        self.were_read(left).await
    }

    /// A long text comes in pieces, in any order and more than once. Now and then one of them does not come.
    async fn texts_in_pieces(
        &mut self,
        (musician, phone): (MusicianId, &Phone),
        words: &str,
        aside: &mut Rng,
    ) -> Checked<()> {
        self.probe("a text in pieces");
        // How far it came would be anybody's guess.
        self.crash.spare();
        let all = [words, " - thanks for thinking of me,", " and see you all soon!"];
        let of = aside.u16(2..=3);
        let reference = self.network.brings(phone, "", None).network_id;
        let mut pieces: Vec<Arrived> = (1..=of)
            .zip(all)
            .map(|(number, words)| {
                let part = Part { reference: reference.clone(), number, of };
                self.network.brings(phone, words, Some(part))
            })
            .collect();
        aside.shuffle(&mut pieces);
        let missing = (aside.u8(..3) == 0).then(|| pieces.pop()).flatten();
        if aside.u8(..3) == 0 {
            pieces.insert(0, pieces[0].clone());
        }
        let there = all.iter().take(usize::from(of));
        let words: String =
            there.filter(|words| missing.as_ref().is_none_or(|text| text.body != **words)).copied().collect();
        let before = self.before(musician).await?;
        for piece in &pieces {
            let engine = self.engine.clone();
            let did = self.runs(engine.text_brought(piece)).await?;
            self.note(&format!("{} texts the piece {:?} {:?}: {did:?}", phone.as_str(), piece.part, piece.body));
            if let Did::Said(TextReply::Did(_) | TextReply::PassedOn) = did {
                if missing.is_some() {
                    return Err(Failure(format!("5.1: a text without {missing:?} is understood")));
                }
                return self.understands(musician, &words, before).await;
            }
        }
        if missing.is_none() {
            return Err(Failure("5.1: a text that is there to its last piece is not understood".to_owned()));
        }
        let due = self.now().saturating_add(PIECES_WAIT).unwrap_or(Timestamp::MAX);
        self.pieces = Some(Pieces { due, musician, words });
        Ok(())
    }

    /// Somebody to whom a text is about to leave: rather a word of what was decided than an offer.
    async fn somebody_waiting(&self) -> Checked<Option<MusicianId>> {
        let queued = Which::In("queued".to_owned());
        let mut texts = self.store.read(async move |tx: &mut Tx| messages::list(tx, &queued, 0, 10_000).await).await?;
        texts.sort_by_key(|text| text.kind == "offer");
        Ok(texts.iter().find_map(|text| text.musician))
    }

    /// What a text means to the second reading.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn understands(&mut self, musician: MusicianId, words: &str, before: Before) -> Checked<()> {
        let bare = before.bare;
        match reply::read(words) {
            Reply::Yes(None) if bare.is_some() => {
                self.probe("a bare yes by text");
                self.answers_by_text(musician, None, Press::Yes, bare).await
            }
            Reply::Yes(code) => self.answers_by_text(musician, code, Press::Yes, bare).await,
            Reply::No(code) => self.answers_by_text(musician, code, Press::No, bare).await,
            Reply::StandBy(code) => self.answers_by_text(musician, Some(code), Press::StandBy, bare).await,
            Reply::DropOut(code) => {
                let Some((id, no)) = self.offer_with(musician, code).await? else { return Ok(()) };
                self.checks.takes_back(id, no);
                self.did(id, &Deed::DropsOut(no), None)
            }
            // Said again it changes nothing: the manager has been asked to call about what is still open.
            Reply::Stop if before.stood == Some(MusicianStanding::OptedOut) => Ok(()),
            Reply::Stop => {
                let now = self.now();
                self.model.opted_out(musician, now);
                self.probe("STOP");
                self.tell_the_roster().await
            }
            Reply::Start | Reply::Join => self.tell_the_roster().await,
            Reply::Several(_) | Reply::Machine | Reply::Words => {
                self.probe("words for the manager");
                Ok(())
            }
            Reply::Seen(_) | Reply::Help | Reply::Page => Ok(()),
        }
    }

    async fn answers_by_text(
        &mut self,
        musician: MusicianId,
        code: Option<u32>,
        press: Press,
        bare: Option<(BookingId, OfferNo)>,
    ) -> Checked<()> {
        let offer = match code {
            Some(code) => self.offer_with(musician, code).await?,
            None => bare,
        };
        let Some((id, no)) = offer else { return Ok(()) };
        self.heard(id, no, (press, By::Musician), None)
    }

    /// Whether something else was said since to what a text means.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn is_superseded(&self, text: &Inbound, before: Before) -> Checked<bool> {
        let Some(musician) = text.musician else { return Ok(false) };
        let offer = match reply::read(&text.body) {
            Reply::Yes(Some(code)) | Reply::No(Some(code)) | Reply::StandBy(code) | Reply::DropOut(code) => {
                self.offer_with(musician, code).await?
            }
            Reply::Yes(None) | Reply::No(None) => before.bare,
            Reply::Join | Reply::Start | Reply::Stop => {
                let theirs = async move |tx: &mut Tx| inbound::from(tx, musician, 1000).await;
                let mut later = self.store.read(theirs).await?;
                later.retain(|other| other.id > text.id);
                return Ok(later.iter().any(|other| matches!(other.body.as_str(), "START" | "STOP")));
            }
            Reply::Seen(_) | Reply::Help | Reply::Page | Reply::Several(_) | Reply::Machine | Reply::Words => None,
        };
        let Some((id, no)) = offer else { return Ok(false) };
        let message = self.store.read(async move |tx: &mut Tx| messages::of_offer(tx, id, no).await).await?;
        Ok(message.and_then(|message| message.answered_at).is_some_and(|at| at > text.received_at))
    }

    /// A musician's newest offer with this code (rule 5.7), looked for without what the program looks for it with.
    async fn offer_with(&self, musician: MusicianId, code: u32) -> Checked<Option<(BookingId, OfferNo)>> {
        let all = self.store.read(async |tx: &mut Tx| messages::list(tx, &Which::All, 0, 10_000).await).await?;
        let theirs = all.iter().rev().find(|text| text.musician == Some(musician) && text.code == Some(code));
        Ok(theirs.and_then(|message| message.booking.zip(message.offer)))
    }

    /// How things stand before a text is read.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn before(&self, musician: MusicianId) -> Checked<Before> {
        Ok(Before { bare: self.only_open_offer(musician).await?, stood: self.model.standing(musician) })
    }

    /// The one offer that a bare "yes" means (rule 5.1).
    async fn only_open_offer(&self, musician: MusicianId) -> Checked<Option<(BookingId, OfferNo)>> {
        let mut open = Vec::new();
        for booking in self.bookings().await? {
            for offer in booking.offers.iter().filter(|offer| offer.musician == musician && offer.answer.is_none()) {
                let (id, no) = (booking.id, offer.no);
                let text = self.store.read(async move |tx: &mut Tx| messages::of_offer(tx, id, no).await).await?;
                if booking.is_answerable(offer) && text.is_some_and(|text| text.sent_at.is_some()) {
                    open.push((id, no));
                }
            }
        }
        Ok(if let [one] = open.as_slice() { Some(*one) } else { None })
    }
}

pub(crate) fn some_press(luck: &mut Rng) -> Press {
    match luck.u8(..20) {
        0..13 => Press::Yes,
        13..19 => Press::No,
        _ => Press::StandBy,
    }
}
