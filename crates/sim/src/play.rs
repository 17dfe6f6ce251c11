//! Playing a move: who does what, and what the second reading is told of it.

use crate::story::{Move, What};
use crate::studio;
use crate::world::{Checked, Did, Failure, World};
use fastrand::Rng;
use firstcall::engine::{MusicianChange, NewBooking, Press, Receipt, Received, RosterError};
use firstcall::inbound::Content;
use firstcall_core::booking::{Booking, Chair, Request};
use firstcall_core::ids::{BookingId, ChairNo, MusicianId, OfferNo};
use firstcall_core::manage::Act;
use firstcall_core::reply::{self, Reply};
use firstcall_core::roster::{Musician, MusicianStanding};
use firstcall_core::span::Span;
use firstcall_core::step::Outcome;
use firstcall_store::messages::{self, Message, Which};
use firstcall_store::{Error, Tx, roster};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// At most this many bookings in one story.
const ENOUGH: usize = 6;

impl World {
    /// Plays one move.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub async fn plays(&mut self, one: &Move) -> Checked<()> {
        self.pass(one.after).await?;
        let mut luck = Rng::with_seed(one.luck);
        match one.what {
            What::Books => self.books(&mut luck).await?,
            What::Mails => self.mails(&mut luck).await?,
            What::Presses => self.presses(&mut luck).await?,
            What::Opens => self.opens(&mut luck).await?,
            What::Texts => self.texts(&mut luck).await?,
            What::AnswersFor => self.answers_for(&mut luck).await?,
            What::Acts => self.acts(&mut luck).await?,
            What::Edits => self.edits(&mut luck).await?,
            What::Settles => {
                let variant = luck.usize(..);
                self.note(&format!("the settings are those of variant {}", variant % 1000));
                self.restarts_with(variant).await?;
            }
            What::SetsClock => {
                let minutes = luck.i64(-180..180);
                self.note(&format!("the clock is set by {minutes} minutes"));
                self.probe(if minutes < 0 { "the clock set back" } else { "the clock set forward" });
                let now = self.now().saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX);
                self.clock.set(now);
            }
            What::Crashes => {
                let (commit, after) = (luck.u64(1..6), luck.bool());
                self.note(&format!("the process will end {} commit {commit}", if after { "after" } else { "before" }));
                if after { self.crash.after(commit) } else { self.crash.before(commit) }
            }
            What::IsDown => {
                let minutes = luck.i64(1..400);
                self.note(&format!("nothing runs for {minutes} minutes"));
                self.is_down(minutes).await?;
            }
        }
        self.settle().await
    }

    /// Puts somebody on the roster.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn joins(&mut self, musician: Musician) -> Checked<()> {
        let change = MusicianChange {
            name: Some(musician.name),
            phone: Some(musician.phone),
            zone: Some(musician.zone),
            instruments: Some(musician.instruments.into_iter().map(|(name, place)| (name, Some(place))).collect()),
            ..MusicianChange::default()
        };
        self.engine.add_musician(change).await.map_err(|error| Failure(error.to_string()))?;
        self.tell_the_roster().await
    }

    async fn tell_the_roster(&mut self) -> Checked<()> {
        let people = self.people().await?;
        self.agreement.roster_changes(people, self.clock.now());
        Ok(())
    }

    async fn people(&self) -> Checked<Vec<Musician>> {
        let people = self.store.read(async |tx: &mut Tx| roster::load(tx).await).await?;
        Ok(people.musicians().to_vec())
    }

    async fn books(&mut self, luck: &mut Rng) -> Checked<()> {
        if self.bookings().await?.len() >= ENOUGH {
            return Ok(());
        }
        let client_email = luck.bool().then(|| "client@example.com".to_owned());
        let request = Request { client_email, time_zone: "UTC".to_owned(), ..Request::default() };
        let times = (0..luck.usize(1..5)).map(|_| self.some_time(luck)).collect();
        let new = NewBooking { request, chairs: chairs(luck), times };
        let before = self.crash.commits();
        let made = self.engine.book(new, "manager", None).await;
        self.outcome(before, made).await?;
        self.welcome_bookings().await
    }

    /// Tells the second reading of the bookings that it does not know.
    async fn welcome_bookings(&mut self) -> Checked<()> {
        for booking in self.bookings().await? {
            if !self.agreement.knows(booking.id) {
                let (chairs, client) = (booking.chairs.clone(), booking.request.client_email.is_some());
                self.note(&format!("booking {} for {}", booking.id, words(&booking)));
                self.agreement.books(booking.id, chairs, booking.times, client, booking.created_at);
            }
        }
        Ok(())
    }

    async fn mails(&mut self, luck: &mut Rng) -> Checked<()> {
        let number = luck.u8(..4);
        let late = self.now().duration_since(studio::beginning(self.day)) > SignedDuration::from_hours(10);
        if !self.mailed.contains(&number) && (late || self.bookings().await?.len() >= ENOUGH) {
            return Ok(());
        }
        self.probe(if self.mailed.contains(&number) { "a mail again" } else { "a booking by mail" });
        let mail = self.mail(number);
        self.note(&format!("mail {number} comes"));
        for _ in 0..3 {
            let before = self.crash.commits();
            let taken = self.engine.receive("message/rfc822", mail.clone(), Content::Mime(mail.clone())).await;
            let Did::Said(received) = self.outcome(before, taken).await? else { continue };
            let Received { receipt: Receipt::Booking(shown), .. } = received else {
                return Err(Failure(format!("1.4: the mail is no booking but {received:?}")));
            };
            self.checks.acknowledges(&number.to_string(), shown.booking.id)?;
            break;
        }
        self.welcome_bookings().await
    }

    /// The same mail has the same bytes whenever it comes.
    fn mail(&mut self, number: u8) -> Vec<u8> {
        self.mailed.insert(number);
        let day = studio::beginning(self.day).saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
        let date = day.to_zoned(TimeZone::UTC).date();
        let hour = 15 + number;
        format!(
            "From: client@example.com\r\nMessage-ID: <{number}@example.com>\r\n\r\nName: Client\r\n\
             Instruments: drums, violin\r\nDate: {date}\r\nTime: {hour}:00\r\nTime zone: UTC\r\n"
        )
        .into_bytes()
    }

    /// Often at an hour that other bookings want too, or right after it.
    fn some_time(&self, luck: &mut Rng) -> Span {
        let hour = self.now().as_second() / 3600 + luck.i64(1..45);
        let wanted = (hour + 3) / 4 * 4;
        let hour = [hour, hour, wanted, wanted + 1][luck.usize(..4)];
        let start = Timestamp::from_second(hour * 3600).unwrap_or(Timestamp::MAX);
        Span::new(start, SignedDuration::from_mins(if luck.u8(..3) == 0 { 120 } else { 60 }))
    }

    /// A text that somebody has: mostly a new one.
    async fn some_offer(&self, luck: &mut Rng) -> Checked<Option<(Message, BookingId, OfferNo)>> {
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

    async fn presses(&mut self, luck: &mut Rng) -> Checked<()> {
        let Some((message, id, no)) = self.some_offer(luck).await? else { return Ok(()) };
        let token = message.token.unwrap_or_default();
        let press = match luck.u8(..20) {
            0..13 => Press::Yes,
            13..19 => Press::No,
            _ => Press::StandBy,
        };
        let times = if luck.u8(..6) == 0 { 2 } else { 1 };
        if times > 1 {
            self.probe("an answer twice");
        }
        for _ in 0..times {
            let before = self.crash.commits();
            let pressed = self.engine.press(&token, press).await;
            let did = self.outcome(before, pressed).await?;
            let outcome = match did {
                Did::Said(answered) => answered.and_then(|answered| answered.outcome),
                Did::Ended(0) => continue,
                Did::Ended(_) => None,
            };
            self.note(&format!("{press:?} on the page of offer {no} of booking {id}: {outcome:?}"));
            self.heard(id, no, press, outcome.as_ref())?;
        }
        Ok(())
    }

    /// What a press or its like does, for the promises and for the second reading.
    fn heard(&mut self, id: BookingId, no: OfferNo, press: Press, outcome: Option<&Outcome>) -> Checked<()> {
        let now = self.now();
        match press {
            Press::Yes => {
                if matches!(outcome, Some(Outcome::Held | Outcome::Booked)) {
                    self.checks.promise(id, no);
                }
                self.agreement.answers(id, no, true, outcome, now)
            }
            Press::No => {
                self.checks.takes_back(id, no);
                self.agreement.answers(id, no, false, outcome, now)
            }
            Press::StandBy => self.agreement.stands_by(id, no, outcome, now),
        }
    }

    /// Rule 8.6.
    async fn opens(&mut self, luck: &mut Rng) -> Checked<()> {
        let Some((message, ..)) = self.some_offer(luck).await? else { return Ok(()) };
        let commits = self.crash.commits();
        let opened = self.engine.offer(&message.token.unwrap_or_default()).await?;
        if opened.is_none() || self.crash.commits() != commits {
            return Err(Failure("8.6: opening a page does something, or finds nothing".to_owned()));
        }
        self.probe("a page opened");
        Ok(())
    }

    async fn texts(&mut self, luck: &mut Rng) -> Checked<()> {
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
        let bare = self.only_open_offer(musician).await?;
        let phone = self.people().await?.into_iter().find(|person| person.id == musician).map(|person| person.phone);
        let Some(phone) = phone else { return Ok(()) };
        let before = self.crash.commits();
        let read = self.engine.text_arrived(&phone, &words).await;
        let did = self.outcome(before, read).await?;
        self.note(&format!("{} texts {words:?}: {did:?}", phone.as_str()));
        if let Did::Ended(0) = did {
            return Ok(());
        }
        self.understands(musician, &words, bare).await
    }

    /// Somebody to whom a text is about to leave: rather a word of what was decided than an offer.
    async fn somebody_waiting(&self) -> Checked<Option<MusicianId>> {
        let queued = Which::In("queued".to_owned());
        let mut texts = self.store.read(async move |tx: &mut Tx| messages::list(tx, &queued, 0, 10_000).await).await?;
        texts.sort_by_key(|text| text.kind == "offer");
        Ok(texts.iter().find_map(|text| text.musician))
    }

    async fn understands(
        &mut self,
        musician: MusicianId,
        words: &str,
        bare: Option<(BookingId, OfferNo)>,
    ) -> Checked<()> {
        let now = self.now();
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
                self.agreement.drops_out(id, no, None, now)
            }
            Reply::Stop => {
                self.agreement.opts_out(musician, now);
                self.probe("STOP");
                self.tell_the_roster().await
            }
            Reply::Start | Reply::Join => self.tell_the_roster().await,
            Reply::Several(_) | Reply::Machine | Reply::Words => {
                self.probe("words for the manager");
                Ok(())
            }
            Reply::Seen(_) | Reply::Help => Ok(()),
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
        self.heard(id, no, press, None)
    }

    /// A musician's newest offer with this code (rule 5.7), looked for without what the program looks for it with.
    async fn offer_with(&self, musician: MusicianId, code: u32) -> Checked<Option<(BookingId, OfferNo)>> {
        let all = self.store.read(async |tx: &mut Tx| messages::list(tx, &Which::All, 0, 10_000).await).await?;
        let theirs = all.iter().rev().find(|text| text.musician == Some(musician) && text.code == Some(code));
        Ok(theirs.and_then(|message| message.booking.zip(message.offer)))
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

    async fn answers_for(&mut self, luck: &mut Rng) -> Checked<()> {
        let all = self.bookings().await?;
        if all.is_empty() {
            return Ok(());
        }
        let booking = &all[luck.usize(..all.len())];
        let (id, no, yes) = (booking.id, OfferNo(luck.u32(1..12)), luck.bool());
        let before = self.crash.commits();
        let answered = self.engine.answer_for(id, no, yes, "manager").await;
        let outcome = match self.outcome(before, answered).await? {
            Did::Said(outcome) => outcome,
            Did::Ended(0) => return Ok(()),
            Did::Ended(_) => None,
        };
        self.note(&format!("the manager answers {yes} to offer {no} of booking {id}: {outcome:?}"));
        self.heard(id, no, if yes { Press::Yes } else { Press::No }, outcome.as_ref())
    }

    async fn acts(&mut self, luck: &mut Rng) -> Checked<()> {
        let all = self.bookings().await?;
        if all.is_empty() {
            return Ok(());
        }
        let booking = &all[recent(all.len(), luck)];
        let (id, act) = (booking.id, self.some_act(booking, luck));
        let before = self.crash.commits();
        let done = self.engine.manage(id, act.clone(), "manager").await;
        let outcome = match self.outcome(before, done).await? {
            Did::Said(outcome) => outcome,
            Did::Ended(0) => return Ok(()),
            Did::Ended(_) => None,
        };
        self.note(&format!("{act:?} on booking {id}: {outcome:?}"));
        let now = self.now();
        self.agreement.acts(id, &act, outcome.as_ref(), now)
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

    async fn edits(&mut self, luck: &mut Rng) -> Checked<()> {
        let people = self.people().await?;
        let person = &people[luck.usize(..people.len())];
        let mut change = MusicianChange::default();
        match luck.u8(..8) {
            0 | 1 => change.standing = Some(MusicianStanding::Paused),
            2 | 3 => change.standing = Some(MusicianStanding::Active),
            4 => change.zone = TimeZone::get(["Asia/Tokyo", "Europe/Paris", "America/Denver"][luck.usize(..3)]).ok(),
            5 => change.instruments = Some(vec![(["drums", "bass", "violin"][luck.usize(..3)].to_owned(), None)]),
            _ => return self.blocks(person.id, luck).await,
        }
        self.note(&format!(
            "{} is changed: {:?} {:?} {:?}",
            person.name, change.standing, change.zone, change.instruments
        ));
        let before = self.crash.commits();
        let changed = self.engine.change_musician(person.id, change.clone(), "manager").await;
        let changed = changed.map_err(|error| match error {
            RosterError::Store(error) => error,
            RosterError::Unknown | RosterError::PhoneTaken | RosterError::Missing(_) => Error::Closed,
        });
        if let Did::Ended(0) = self.outcome(before, changed).await? {
            return Ok(());
        }
        self.tell_the_roster().await
    }

    async fn blocks(&mut self, musician: MusicianId, luck: &mut Rng) -> Checked<()> {
        let time = self.some_time(luck);
        self.note(&format!("musician {musician} has no time at {time:?}"));
        let before = self.crash.commits();
        let blocked = self.engine.block(musician, time, None).await;
        self.outcome(before, blocked).await?;
        let blocks = self.store.read(async move |tx: &mut Tx| roster::blocks(tx, musician, 0, 1000).await).await?;
        self.agreement.blocks_change(musician, blocks.into_iter().map(|block| block.span).collect());
        Ok(())
    }
}

fn chairs(luck: &mut Rng) -> Vec<Chair> {
    let instruments: &[(&str, u16)] = match luck.u8(..8) {
        0 => &[("drums", 1)],
        1 => &[("violin", 2)],
        2 => &[("drums", 2), ("violin", 1)],
        3 => &[("bass", 1), ("violin", 1)],
        4 => &[("drums", 1), ("bass", 1), ("violin", 2)],
        _ => &[("drums", 1), ("bass", 1), ("violin", 1)],
    };
    Chair::list(instruments.iter().copied())
}

/// One of `count`, and rather one of the last.
fn recent(count: usize, luck: &mut Rng) -> usize {
    count - 1 - luck.usize(..count.min(6))
}

fn words(booking: &Booking) -> String {
    let chairs: Vec<String> = booking.chairs.iter().map(Chair::label).collect();
    let times: Vec<String> = booking.times.iter().map(|time| time.start.to_string()).collect();
    format!("{} at {}", chairs.join(", "), times.join(", "))
}
