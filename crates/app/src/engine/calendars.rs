//! Connected calendars: who has which, what was read of them, and what follows for bookings (rules 3.1–3.3). Reading them
//! is for `sources`; here it is recorded.

use super::Engine;
use super::outbox::later;
use crate::hash::sha256;
use crate::sources::{Read, Source};
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::span::Span;
use firstcall_core::wording;
use firstcall_store::calendars::{self, Calendar, CalendarKind, NewCalendar};
use firstcall_store::{Error, Tx, bookings, roster};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// For so long nobody else reads a calendar that is being read.
const LEASE: SignedDuration = SignedDuration::from_mins(2);
/// What failed is tried again after so long, then after twice as long each time.
const FIRST_RETRY: SignedDuration = SignedDuration::from_secs(30);
/// And after this long at the latest.
const LAST_RETRY: SignedDuration = SignedDuration::from_hours(6);
/// No more are read at once before somebody is asked.
const MOST: i64 = 200;
/// What was read so lately is fresh enough to plan with.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(2);
/// A calendar whose source tells of every change is not read more often.
const AT_MOST_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// A calendar as somebody wants it to be connected.
#[derive(Clone)]
pub struct Connection {
    /// Whose it is; none: the studio's.
    pub owner: Option<MusicianId>,
    /// What people call it.
    pub name: String,
    /// Where it is and how to get in.
    pub source: Source,
    /// Whether its entries block time.
    pub blocks: bool,
    /// Whether booked sessions are written into it.
    pub writes: bool,
    /// Of an uploaded file: what it says.
    pub text: Option<Vec<u8>>,
}

/// Why a calendar cannot be connected or changed.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// There is no such musician or calendar.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// It cannot be done like this: says why.
    #[error("{0}")]
    Refused(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}
impl Engine {
    /// Connects a calendar: it is read at once.
    ///
    /// # Errors
    /// When there is no such musician, or it cannot be kept.
    pub async fn connect_calendar(&self, connection: Connection) -> Result<Calendar, CalendarError> {
        let sealed =
            connection.source.sealed(&self.0.seal).map_err(|error| CalendarError::Refused(format!("{error:#}")))?;
        let now = self.clock().now();
        let op = async move |tx: &mut Tx| {
            if let Some(owner) = connection.owner
                && roster::get(tx, owner).await?.is_none()
            {
                return Err(CalendarError::Unknown("musician"));
            }
            let new = NewCalendar {
                musician: connection.owner,
                kind: connection.source.kind(),
                name: connection.name.clone(),
                blocks: connection.blocks,
                writes: connection.writes,
                source: sealed.clone(),
            };
            let id = calendars::insert(tx, &new, now).await?;
            if let Some(text) = &connection.text {
                calendars::keep_text(tx, id, text).await?;
            }
            calendars::get(tx, id).await?.ok_or(CalendarError::Unknown("calendar"))
        };
        let calendar = self.store().write(op).await?;
        self.ring_for_calendars();
        Ok(calendar)
    }

    /// The source of a calendar tells that it changed: it is read soon, once a minute at the most. False when it does not
    /// tell of any of ours, or is not who it says.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn calendar_changed(&self, channel: String, secret: &str) -> Result<bool, Error> {
        let (fingerprint, now) = (sha256(&[secret.as_bytes()]), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let Some((id, known)) = calendars::watch(tx, &channel).await? else { return Ok(false) };
            let Some(calendar) = calendars::get(tx, id).await?.filter(|_| known == fingerprint) else {
                return Ok(false);
            };
            let earliest = calendar.read_at.map_or(now, |read| later(read, AT_MOST_EVERY).max(now));
            if calendar.due_at.is_some_and(|due| due > earliest) {
                calendars::read_soon(tx, id, earliest).await?;
            }
            Ok::<_, Error>(true)
        };
        let ours = self.store().write(op).await?;
        self.ring_for_calendars();
        Ok(ours)
    }

    /// Changes what a calendar of somebody's is called and used for.
    ///
    /// # Errors
    /// When it is not theirs.
    pub async fn change_calendar(
        &self,
        owner: Option<MusicianId>,
        id: i64,
        change: impl Fn(&mut Calendar) + Clone + Send + 'static,
    ) -> Result<Calendar, CalendarError> {
        let (engine, now) = (self.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let mut calendar = owned(tx, owner, id).await?;
            change(&mut calendar);
            calendars::change(tx, &calendar).await?;
            if calendar.blocks && owner.is_none() {
                engine.note_studio_calendar(tx, &calendar, now).await?;
            }
            Ok::<_, CalendarError>(calendar)
        };
        let calendar = self.store().write(op).await?;
        self.after_calendars().await?;
        Ok(calendar)
    }

    /// Forgets a calendar of somebody's.
    ///
    /// # Errors
    /// When it is not theirs.
    pub async fn disconnect_calendar(&self, owner: Option<MusicianId>, id: i64) -> Result<(), CalendarError> {
        let op = async move |tx: &mut Tx| {
            owned(tx, owner, id).await?;
            Ok::<_, CalendarError>(calendars::delete(tx, id).await?)
        };
        self.store().write(op).await
    }

    /// Asks for a calendar of somebody's to be read now.
    ///
    /// # Errors
    /// When it is not theirs.
    pub async fn read_calendar_soon(&self, owner: Option<MusicianId>, id: i64) -> Result<Calendar, CalendarError> {
        let now = self.clock().now();
        let op = async move |tx: &mut Tx| {
            let calendar = owned(tx, owner, id).await?;
            calendars::read_soon(tx, id, now).await?;
            Ok::<_, CalendarError>(calendar)
        };
        let calendar = self.store().write(op).await?;
        self.ring_for_calendars();
        Ok(calendar)
    }

    /// Takes up to `limit` calendars that are to be read now.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn claim_calendars(&self, limit: i64) -> Result<Vec<Calendar>, Error> {
        let now = self.clock().now();
        let Some(next) = self.next_calendar_due().await? else { return Ok(Vec::new()) };
        if next > now {
            return Ok(Vec::new());
        }
        let lease = now.saturating_add(LEASE).unwrap_or(Timestamp::MAX);
        self.store().write(async move |tx| calendars::claim_due(tx, now, lease, limit).await).await
    }

    /// When the next calendar is to be read.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn next_calendar_due(&self) -> Result<Option<Timestamp>, Error> {
        self.store().read(async |tx| calendars::next_due(tx).await).await
    }

    /// Takes the calendars of those who play these instruments, and the studio's, that were not read lately.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn claim_stale_calendars(&self, instruments: &[String]) -> Result<Vec<Calendar>, Error> {
        if instruments.is_empty() || self.next_calendar_due().await?.is_none() {
            return Ok(Vec::new());
        }
        let (instruments, now) = (instruments.to_owned(), self.clock().now());
        let since = now.saturating_sub(FRESH_FOR).unwrap_or(Timestamp::MIN);
        let lease = now.saturating_add(LEASE).unwrap_or(Timestamp::MAX);
        let op = async move |tx: &mut Tx| calendars::claim_stale(tx, &instruments, since, now, lease, MOST).await;
        self.store().write(op).await
    }

    /// What is played in the bookings that are woken now: whose calendars are to be fresh. Nothing where nobody has any.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn instruments_due(&self, limit: i64) -> Result<Vec<String>, Error> {
        if self.next_calendar_due().await?.is_none() {
            return Ok(Vec::new());
        }
        let now = self.clock().now();
        let read = async move |tx: &mut Tx| {
            let mut instruments = BTreeSet::new();
            for id in bookings::due(tx, now, limit).await? {
                let chairs = bookings::get(tx, id).await?.map(|booking| booking.chairs).unwrap_or_default();
                instruments.extend(chairs.into_iter().map(|chair| chair.instrument));
            }
            Ok::<_, Error>(instruments.into_iter().collect())
        };
        self.store().read(read).await
    }

    /// Records what was read of a calendar. Bookings whose times the studio does not have any more are woken.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn calendar_read(&self, calendar: &Calendar, read: Read) -> Result<(), Error> {
        let (engine, calendar, now) = (self.clone(), calendar.clone(), self.clock().now());
        let every = self.settings().calendars.refresh;
        let next = now.saturating_add(spread(every)).unwrap_or(Timestamp::MAX);
        let op = async move |tx: &mut Tx| {
            if calendars::get(tx, calendar.id).await?.is_none() {
                return Ok(false);
            }
            if let Some(text) = &read.text {
                calendars::keep_text(tx, calendar.id, text).await?;
            }
            let validators = read.validators.as_deref();
            let changed = calendars::was_read(tx, calendar.id, &read.busy, validators, now, next).await?;
            if changed && calendar.musician.is_none() && calendar.blocks {
                engine.note_studio_calendar(tx, &calendar, now).await?;
            }
            Ok::<_, Error>(changed)
        };
        let changed = self.store().write(op).await?;
        if changed {
            self.after_calendars().await?;
        }
        Ok(())
    }

    /// Records that a calendar could not be read. With `refused` its owner has to do something: what was known of it is
    /// forgotten, and it is looked at again from time to time. Whose it is, or the manager, is told once.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn calendar_failed(
        &self,
        calendar: &Calendar,
        why: &str,
        wait: Option<SignedDuration>,
        refused: bool,
    ) -> Result<(), Error> {
        let (engine, calendar, now) = (self.clone(), calendar.clone(), self.clock().now());
        let doubled = FIRST_RETRY.checked_mul(1 << calendar.failures.min(12)).unwrap_or(LAST_RETRY);
        let wait = if refused { LAST_RETRY } else { spread(doubled.min(LAST_RETRY)).max(wait.unwrap_or_default()) };
        let (next, why) = (now.saturating_add(wait).unwrap_or(Timestamp::MAX), why.to_owned());
        let op = async move |tx: &mut Tx| {
            calendars::failed(tx, calendar.id, &why, Some(next), refused).await?;
            if refused {
                engine.tell_owner(tx, &calendar, &why, now).await?;
            }
            if refused || calendar.failures == 3 {
                engine.tell_unreadable(tx, &calendar, &why, now).await?;
            }
            Ok::<_, Error>(())
        };
        self.store().write(op).await?;
        self.ring();
        Ok(())
    }

    /// Keeps another way into a calendar.
    ///
    /// # Errors
    /// When the database cannot be asked, or there is no key.
    pub async fn keep_source(&self, id: i64, source: &Source) -> Result<(), Error> {
        let Ok(sealed) = source.sealed(&self.0.seal) else { return Ok(()) };
        self.store().write(async move |tx| calendars::save_source(tx, id, &sealed).await).await
    }

    /// Closes the studio for a time beside its weekly hours. Bookings that wanted it then are woken.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn close_studio(&self, time: Span, note: Option<String>) -> Result<i64, Error> {
        let (engine, now) = (self.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let id = calendars::insert_closure(tx, time, note.as_deref()).await?;
            let sessions = calendars::poke_closed(tx, time, now).await?;
            engine.tell_of_sessions(tx, sessions, "the studio is closed then", now).await?;
            Ok::<_, Error>(id)
        };
        let id = self.store().write(op).await?;
        self.after_calendars().await?;
        Ok(id)
    }

    /// Opens it again. False: there is no such closure.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn open_studio(&self, closure: i64) -> Result<bool, Error> {
        self.store().write(async move |tx| calendars::delete_closure(tx, closure).await).await
    }

    async fn after_calendars(&self) -> Result<(), Error> {
        self.wake_poked().await?;
        self.ring();
        Ok(())
    }

    /// What follows from what a calendar of the studio's says.
    async fn note_studio_calendar(&self, tx: &mut Tx, calendar: &Calendar, now: Timestamp) -> Result<(), Error> {
        let sessions = calendars::poke_busy(tx, calendar.id, now).await?;
        let why = format!("the studio's calendar \"{}\" has something else then", calendar.name);
        self.tell_of_sessions(tx, sessions, &why, now).await
    }

    /// A booked session stays booked whatever the studio's calendars say: the manager decides.
    async fn tell_of_sessions(
        &self,
        tx: &mut Tx,
        sessions: Vec<(BookingId, Span)>,
        why: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        for (booking, time) in sessions {
            let when = wording::start(time.start, &self.settings().studio.time_zone);
            let link = self.settings().server.public_url.join(&format!("/bookings/{booking}"));
            let body = format!("First Call: #{booking} is booked for {when}, but {why}. Move it, or make room: {link}");
            let once = format!("{booking}:studio:{}", time.start.as_second());
            self.tell_manager(tx, Some(booking), Some(&once), body, now).await?;
        }
        Ok(())
    }

    async fn tell_unreadable(&self, tx: &mut Tx, calendar: &Calendar, why: &str, now: Timestamp) -> Result<(), Error> {
        let whose = match calendar.musician {
            Some(id) => roster::get(tx, id).await?.map_or("A musician".to_owned(), |entry| entry.musician.name),
            None => "The studio".to_owned(),
        };
        let (name, link) = (&calendar.name, self.settings().server.public_url.join("/roster"));
        let until = if calendar.musician.is_none() {
            "the studio counts as not free"
        } else {
            "they are asked as if without it"
        };
        let body =
            format!("First Call: {whose}'s calendar \"{name}\" cannot be read: {why}. Until it can, {until}. {link}");
        // Of one failure that lasts it is told once; a calendar that has been read in between fails anew.
        let since = calendar.read_at.map_or(0, Timestamp::as_second);
        self.tell_manager(tx, None, Some(&format!("calendar:{}:{since}", calendar.id)), body, now).await
    }
}

async fn owned(tx: &mut Tx, owner: Option<MusicianId>, id: i64) -> Result<Calendar, CalendarError> {
    let calendar = calendars::get(tx, id).await?.filter(|calendar| calendar.musician == owner);
    calendar.ok_or(CalendarError::Unknown("calendar"))
}

/// About so long: a quarter less or more, so that not everybody's is read at the same moment.
fn spread(about: SignedDuration) -> SignedDuration {
    let part = i64::from(getrandom::u32().unwrap_or_default() % 500) - 250;
    about + SignedDuration::from_millis(i64::try_from(about.as_millis() * i128::from(part) / 1000).unwrap_or_default())
}

/// Which kinds can be written into.
#[must_use]
pub fn can_be_written(kind: CalendarKind) -> bool {
    matches!(kind, CalendarKind::CalDav | CalendarKind::Google)
}
