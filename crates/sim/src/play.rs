//! Playing a move: who does what, and what the second reading is told of it. `musicians` and `manager` have what those do
//! about bookings.

use crate::meanwhile::Meanwhile;
use crate::process::Did;
use crate::story::{Move, What};
use crate::studio;
use crate::world::{Checked, Failure, World};
use bytes::Bytes;
use fastrand::Rng;
use firstcall::engine::{MusicianChange, NewBooking, Receipt, Received, RosterError};
use firstcall::inbound::Content;
use firstcall_core::booking::{Booking, Chair, Request};
use firstcall_core::ids::MusicianId;
use firstcall_core::roster::{Musician, MusicianStanding};
use firstcall_core::span::Span;
use firstcall_store::calendars::{self, Closure};
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
            What::Closes => self.closes(&mut luck).await?,
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
                if after {
                    self.crash.after(commit);
                } else {
                    self.crash.before(commit);
                }
                self.away = if luck.bool() { 0 } else { luck.i64(1..400) };
            }
            What::Meanwhile => self.meanwhile = Some(Meanwhile::Somebody(luck.u64(..))),
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

    pub(crate) async fn tell_the_roster(&mut self) -> Checked<()> {
        let people = self.people().await?;
        self.model.set_roster(people, self.clock.now());
        Ok(())
    }

    pub(crate) async fn people(&self) -> Checked<Vec<Musician>> {
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
        let engine = self.engine.clone();
        self.runs(engine.book(new, "manager", None)).await?;
        self.welcome_bookings().await
    }

    /// Tells the second reading of the bookings that it does not know.
    async fn welcome_bookings(&mut self) -> Checked<()> {
        for booking in self.bookings().await? {
            if !self.model.bookings().any(|known| known == booking.id) {
                let (chairs, client) = (booking.chairs.clone(), booking.request.client_email.is_some());
                self.note(&format!("booking {} for {}", booking.id, words(&booking)));
                self.model.book(booking.id, chairs, booking.times, client, booking.created_at);
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
            let engine = self.engine.clone();
            let taken = engine.receive("message/rfc822", mail.clone(), Content::Mime(mail.clone()));
            let Did::Said(received) = self.runs(taken).await? else {
                self.welcome_bookings().await?;
                self.catches_up().await?;
                continue;
            };
            let Received { receipt: Receipt::Booking(shown), .. } = received else {
                return Err(Failure(format!("1.4: the mail is no booking but {received:?}")));
            };
            self.checks.acknowledges(&number.to_string(), shown.booking.id)?;
            break;
        }
        self.welcome_bookings().await
    }

    /// The same mail has the same bytes whenever it comes.
    fn mail(&mut self, number: u8) -> Bytes {
        self.mailed.insert(number);
        let day = studio::beginning(self.day).saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
        let date = day.to_zoned(TimeZone::UTC).date();
        let hour = 15 + number;
        format!(
            "From: client@example.com\r\nMessage-ID: <{number}@example.com>\r\n\r\nName: Client\r\n\
             Instruments: drums, violin\r\nDate: {date}\r\nTime: {hour}:00\r\nTime zone: UTC\r\n"
        )
        .into()
    }

    /// Often at an hour that other bookings want too, or right after it.
    pub(crate) fn some_time(&self, luck: &mut Rng) -> Span {
        let hour = self.now().as_second() / 3600 + luck.i64(1..45);
        let wanted = (hour + 3) / 4 * 4;
        let hour = [hour, hour, wanted, wanted + 1][luck.usize(..4)];
        let start = Timestamp::from_second(hour * 3600).unwrap_or(Timestamp::MAX);
        Span::new(start, SignedDuration::from_mins(if luck.u8(..3) == 0 { 120 } else { 60 }))
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
        let engine = self.engine.clone();
        let changed = async {
            match engine.change_musician(person.id, change, "manager").await {
                // Only they take a STOP back.
                Ok(_) | Err(RosterError::Refused) => Ok(()),
                Err(RosterError::Store(error)) => Err(error),
                Err(
                    RosterError::Unknown
                    | RosterError::PhoneTaken
                    | RosterError::Missing(_)
                    | RosterError::Waits
                    | RosterError::NotWaiting,
                ) => Err(Error::Closed),
            }
        };
        if let Did::Ended(0) = self.asks(1, Box::pin(changed)).await? {
            return Ok(());
        }
        self.tell_the_roster().await
    }

    async fn closes(&mut self, luck: &mut Rng) -> Checked<()> {
        let known = self.closures().await?;
        let opened = known.last().filter(|_| luck.u8(..3) == 0).map(|closure| closure.id);
        let (engine, time) = (self.engine.clone(), self.some_time(luck));
        let done = async {
            match opened {
                Some(closure) => engine.open_studio(closure).await.map(drop),
                None => engine.close_studio(time, None).await.map(drop),
            }
        };
        self.note(&opened.map_or_else(
            || format!("the studio is closed at {time:?}"),
            |closure| format!("the studio is open in spite of closure {closure}"),
        ));
        if let Did::Ended(0) = self.asks(1, Box::pin(done)).await? {
            return Ok(());
        }
        let closures = self.closures().await?.into_iter().map(|closure| closure.span).collect();
        self.model.set_closures(closures, self.now());
        Ok(())
    }

    async fn closures(&self) -> Checked<Vec<Closure>> {
        Ok(self.store.read(async |tx: &mut Tx| calendars::closures(tx, 0, 1000).await).await?)
    }

    async fn blocks(&mut self, musician: MusicianId, luck: &mut Rng) -> Checked<()> {
        let time = self.some_time(luck);
        self.note(&format!("musician {musician} has no time at {time:?}"));
        let engine = self.engine.clone();
        self.runs(engine.block(musician, time, None)).await?;
        let blocks = self.store.read(async move |tx: &mut Tx| roster::blocks(tx, musician, 0, 1000).await).await?;
        self.model.set_blocks(musician, blocks.into_iter().map(|block| block.span).collect());
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

fn words(booking: &Booking) -> String {
    let chairs: Vec<String> = booking.chairs.iter().map(Chair::label).collect();
    let times: Vec<String> = booking.times.iter().map(|time| time.start.to_string()).collect();
    format!("{} at {}", chairs.join(", "), times.join(", "))
}
