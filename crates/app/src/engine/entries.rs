//! Booked sessions in people's calendars and the studio's (rules 6.2, 6.4, 7.4). What is to stand there follows from the
//! booking, in the transaction that changes it; writing it is for `sources`, and here it is recorded.

use super::Engine;
use firstcall_calendar::{Event, Method, Person, Status};
use firstcall_core::booking::{Booking, Offer};
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::wording;
use firstcall_store::calendars::{self, Calendar};
use firstcall_store::entries::{self, Entry};
use firstcall_store::messages::{self, NewMessage};
use firstcall_store::{Error, Tx, bookings, roster};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// For so long nobody else writes an entry that is being written.
const LEASE: SignedDuration = SignedDuration::from_mins(2);
/// What failed is tried again after so long, then after twice as long each time.
const FIRST_RETRY: SignedDuration = SignedDuration::from_secs(30);
/// And after this long at the latest.
const LAST_RETRY: SignedDuration = SignedDuration::from_hours(2);
/// After so many failures the manager is told.
const TELL_AFTER: u32 = 4;

/// An event as somebody's calendar is to have it.
#[derive(Clone, Debug)]
pub struct Entered {
    /// What makes it the same event when it is written again.
    pub uid: String,
    /// What it is called.
    pub title: String,
    /// Who plays what, and where the call sheet is.
    pub description: String,
    /// The call sheet, or of the studio's event the booking.
    pub url: String,
    place: Option<String>,
    zone: TimeZone,
    entry: Entry,
    stamp: Timestamp,
}

/// What is to be done about an entry.
#[derive(Clone, Debug)]
pub enum ToWrite {
    /// It is to be written into this calendar, or, where it is not to be present any more, removed from it.
    Calendar(Box<Calendar>, Box<Entered>),
    /// There is nothing to write, or it was done: it is settled.
    Settled,
}

impl Entered {
    /// As iCalendar has it.
    #[must_use]
    pub fn event(&self) -> Event<'_> {
        Event {
            uid: &self.uid,
            sequence: u32::try_from(self.entry.sequence).unwrap_or_default(),
            stamp: self.stamp,
            time: self.entry.time,
            zone: &self.zone,
            title: &self.title,
            place: self.place.as_deref(),
            description: &self.description,
            url: Some(&self.url),
            organizer: None,
            attendee: None,
            status: if self.entry.present { Status::Confirmed } else { Status::Cancelled },
        }
    }

    /// Whether it is to stand there.
    #[must_use]
    pub fn present(&self) -> bool {
        self.entry.present
    }

    /// Counts how often it had to be made under another id.
    #[must_use]
    pub fn generation(&self) -> u32 {
        u32::try_from(self.entry.generation).unwrap_or_default()
    }
}

impl Engine {
    /// Makes what is to stand in calendars follow a booking that changed.
    pub(super) async fn follow_in_calendars(
        &self,
        tx: &mut Tx,
        before: &Booking,
        after: &Booking,
        now: Timestamp,
    ) -> Result<(), Error> {
        let wanted = after.in_calendars();
        if before.in_calendars() == wanted {
            return Ok(());
        }
        entries::follow(tx, after.id, &wanted, now).await
    }

    /// What makes a session's event the same wherever it stands: one for each who plays, and one for the studio.
    #[must_use]
    pub fn uid(&self, booking: BookingId, whose: Option<MusicianId>) -> String {
        let whose = whose.map_or("studio".to_owned(), |musician| musician.to_string());
        format!("booking-{booking}-{whose}@{}", self.settings().server.public_url.host())
    }

    /// Whether an event that stands in a calendar is one of ours.
    #[must_use]
    pub fn is_ours(&self, uid: &str) -> bool {
        let ours = uid.strip_prefix("booking-").and_then(|rest| rest.split_once('@'));
        ours.is_some_and(|(_, host)| host == self.settings().server.public_url.host())
    }

    /// Takes up to `limit` entries that are to be written now.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn claim_entries(&self, limit: i64) -> Result<Vec<Entry>, Error> {
        let now = self.clock().now();
        if self.next_entry_due().await?.is_none_or(|next| next > now) {
            return Ok(Vec::new());
        }
        let lease = now.saturating_add(LEASE).unwrap_or(Timestamp::MAX);
        self.store().write(async move |tx| entries::claim_due(tx, now, lease, limit).await).await
    }

    /// When the next entry is to be written.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn next_entry_due(&self) -> Result<Option<Timestamp>, Error> {
        self.store().read(async |tx| entries::next_due(tx).await).await
    }

    /// Says where an entry is to be written. Where nothing can be written it is sent by e-mail as an invitation, in this
    /// transaction; without an address the link in the confirmation has to do.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn settle_entry(&self, entry: &Entry) -> Result<ToWrite, Error> {
        let (engine, entry, now) = (self.clone(), entry.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let Some(kept) = bookings::get(tx, entry.booking).await? else { return Ok(ToWrite::Settled) };
            let entered = engine.entered(tx, &kept, &entry, now).await?;
            // What was written stays where it is: only there can it be changed and removed.
            let calendar = match entry.calendar {
                Some(id) => calendars::get(tx, id).await?,
                None if entry.written.is_some() => None,
                None => calendars::of(tx, entry.musician).await?.into_iter().find(|calendar| calendar.writes),
            };
            match calendar {
                Some(calendar) if entry.present || entry.calendar.is_some() => {
                    Ok::<_, Error>(ToWrite::Calendar(Box::new(calendar), Box::new(entered)))
                }
                Some(_) | None => {
                    engine.invite_by_mail(tx, &kept, &entry, &entered, now).await.map(|()| ToWrite::Settled)
                }
            }
        };
        let settled = self.store().write(op).await?;
        if matches!(settled, ToWrite::Settled) {
            self.ring();
        }
        Ok(settled)
    }

    /// Records that an entry stands in a calendar, or not any more.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn entry_written(&self, entry: &Entry, calendar: i64, generation: u32) -> Result<(), Error> {
        let entry = entry.clone();
        let op = async move |tx: &mut Tx| entries::written(tx, &entry, Some(calendar), generation.into(), None).await;
        self.store().write(op).await?;
        self.ring();
        Ok(())
    }

    /// Records that an entry could not be written. With `refused` somebody has to do something, which the manager is told;
    /// it is tried again all the same.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn entry_failed(
        &self,
        entry: &Entry,
        why: &str,
        wait: Option<SignedDuration>,
        refused: bool,
    ) -> Result<(), Error> {
        let (engine, entry, why, now) = (self.clone(), entry.clone(), why.to_owned(), self.clock().now());
        let doubled = FIRST_RETRY.checked_mul(1 << entry.failures.min(10)).unwrap_or(LAST_RETRY);
        let wait = doubled.min(LAST_RETRY).max(wait.unwrap_or_default());
        let next = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
        let op = async move |tx: &mut Tx| {
            entries::failed(tx, entry.id, &why, Some(next)).await?;
            if refused || entry.failures + 1 == TELL_AFTER {
                engine.tell_unwritten(tx, &entry, &why, now).await?;
            }
            Ok::<_, Error>(())
        };
        self.store().write(op).await?;
        self.ring();
        Ok(())
    }

    async fn tell_unwritten(&self, tx: &mut Tx, entry: &Entry, why: &str, now: Timestamp) -> Result<(), Error> {
        let whose = match entry.musician {
            Some(id) => roster::get(tx, id).await?.map_or("a musician".to_owned(), |entry| entry.musician.name),
            None => "the studio".to_owned(),
        };
        let (id, link) =
            (entry.booking, self.settings().server.public_url.join(&format!("/bookings/{}", entry.booking)));
        let body = format!(
            "First Call: #{id} could not be written into the calendar of {whose}: {why}. It is tried again. {link}"
        );
        self.tell_manager(tx, Some(id), Some(&format!("entry:{}:{}", entry.id, entry.sequence)), body, now).await
    }

    async fn entered(&self, tx: &mut Tx, booking: &Booking, entry: &Entry, now: Timestamp) -> Result<Entered, Error> {
        let studio = &self.settings().studio;
        let (title, url) = match entry.musician.and_then(|musician| latest_offer(booking, musician)) {
            Some(offer) => self.to_who_plays(tx, booking, offer).await?,
            None => self.to_the_studio(booking),
        };
        let mut seats = Vec::new();
        for offer in booking.in_calendars().into_iter().filter_map(|(whose, _)| latest_offer(booking, whose?)) {
            let name = roster::get(tx, offer.musician).await?.map(|entry| entry.musician.name).unwrap_or_default();
            seats.push(format!("{}: {name}", chair(booking, offer)));
        }
        Ok(Entered {
            uid: self.uid(booking.id, entry.musician),
            title,
            description: format!("{}\n\nCall sheet: {url}", seats.join("\n")),
            url,
            place: studio.address.clone(),
            zone: studio.time_zone.clone(),
            entry: entry.clone(),
            stamp: now,
        })
    }

    /// What a session is called in the calendar of somebody who plays, and their call sheet.
    async fn to_who_plays(&self, tx: &mut Tx, booking: &Booking, offer: &Offer) -> Result<(String, String), Error> {
        let token = messages::of_offer(tx, booking.id, offer.no).await?.and_then(|message| message.token);
        let sheet = self.settings().server.public_url.join(&format!("/s/{}", token.unwrap_or_default()));
        Ok((format!("Session at {}: {}", self.settings().studio.name, chair(booking, offer)), sheet))
    }

    /// What it is called in the studio's, and its page.
    fn to_the_studio(&self, booking: &Booking) -> (String, String) {
        let client = booking.request.client_name.as_deref().unwrap_or("a client");
        let page = self.settings().server.public_url.join(&format!("/bookings/{}", booking.id));
        (format!("Session: {client} (#{})", booking.id), page)
    }

    /// An invitation (RFC 5546: REQUEST, with a higher sequence for a change, CANCEL for its end), once for each change.
    async fn invite_by_mail(
        &self,
        tx: &mut Tx,
        booking: &Booking,
        entry: &Entry,
        entered: &Entered,
        now: Timestamp,
    ) -> Result<(), Error> {
        let remark = self.mail_invitation(tx, booking, entry, entered, now).await?;
        entries::written(tx, entry, None, entry.generation, remark).await
    }

    /// Says why there is none.
    async fn mail_invitation(
        &self,
        tx: &mut Tx,
        booking: &Booking,
        entry: &Entry,
        entered: &Entered,
        now: Timestamp,
    ) -> Result<Option<&'static str>, Error> {
        let Some(musician) = entry.musician else { return Ok(Some("the studio has no calendar to write into")) };
        let Some(person) = roster::get(tx, musician).await? else { return Ok(None) };
        let Some(address) = &person.email else { return Ok(Some("no calendar to write into, and no e-mail address")) };
        let Some(from) = self.settings().smtp.from.as_ref().filter(|_| self.settings().smtp.host.is_some()) else {
            return Ok(Some("no calendar to write into, and no e-mail is sent: smtp is not set up"));
        };
        if !entry.present && entry.written.is_none() {
            return Ok(None);
        }
        let studio = &self.settings().studio;
        let method = if entry.present { Method::Request } else { Method::Cancel };
        let event = Event {
            organizer: Some(Person { name: &studio.name, email: from.as_str() }),
            attendee: Some(Person { name: &person.musician.name, email: address }),
            ..entered.event()
        };
        let when = wording::when(entry.time, &studio.time_zone);
        let body = match method {
            Method::Cancel => format!("{}: cancelled for you: {}, {when}.", studio.name, entered.title),
            Method::Request | Method::Publish => {
                format!("{}: {}, {when}.\n\nCall sheet: {}\n", studio.name, entered.title, entered.url)
            }
        };
        let message = NewMessage {
            kind: "confirmation",
            booking: Some(booking.id),
            musician: Some(musician),
            to: address.clone(),
            body,
            once_key: Some(format!("invitation:{}:{}", entry.id, entry.sequence)),
            about: None,
            token: None,
            due_at: Some(now),
            at_once: true,
            error: None,
        };
        messages::insert_invitation(tx, &message, &event.to_ics(Some(method)), now).await?;
        Ok(None)
    }
}

/// The offer by which somebody plays, or the last one that they had.
fn latest_offer(booking: &Booking, musician: MusicianId) -> Option<&Offer> {
    let theirs = || booking.offers.iter().rev().filter(|offer| offer.musician == musician);
    theirs().find(|offer| offer.holds()).or_else(|| theirs().next())
}

fn chair(booking: &Booking, offer: &Offer) -> String {
    wording::capital(&booking.chair(offer.chair).label())
}
