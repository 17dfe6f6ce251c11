//! What somebody on the roster does on their own page, which a link that was texted to them opens.

use super::{CalendarError, Engine, RosterError};
use crate::sources::Source;
use firstcall_core::availability::BusySpan;
use firstcall_core::ids::MusicianId;
use firstcall_core::roster::MusicianStanding;
use firstcall_core::span::Span;
use firstcall_store::calendars::{self, Calendar, CalendarKind};
use firstcall_store::consents::{self, ConsentKind};
use firstcall_store::roster::{self, Block, Entry};
use firstcall_store::{Error, Tx, applicants, messages, pages};
use jiff::Timestamp;

/// What a page shows, as it is.
pub struct OwnPage {
    /// Whose it is.
    pub entry: Entry,
    /// Whether its link has ended: then it opens nothing.
    pub over: bool,
    /// Their calendars.
    pub calendars: Vec<Calendar>,
    /// When they are away from now on.
    pub away: Vec<Block>,
    /// What they hold from now on.
    pub holds: Vec<BusySpan>,
}

/// What became of the wish to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// They are.
    Done,
    /// They hold something that is to come, which is to be given up first.
    Holds,
}

impl Engine {
    /// What a link opens. None: there is no such link.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn own_page(&self, token: &str) -> Result<Option<OwnPage>, Error> {
        let (token, now) = (token.to_owned(), self.clock().now());
        let read = async move |tx: &mut Tx| {
            let Some(page) = pages::get(tx, &token).await? else { return Ok(None) };
            let Some(entry) = roster::get(tx, page.musician).await? else { return Ok(None) };
            let ahead = ahead(now);
            Ok::<_, Error>(Some(OwnPage {
                entry,
                over: page.expires_at <= now,
                calendars: calendars::of(tx, Some(page.musician)).await?,
                away: roster::blocks_in(tx, page.musician, ahead).await?,
                holds: roster::holds_in(tx, page.musician, ahead).await?,
            }))
        };
        self.store().read(read).await
    }

    /// They want to be asked no more for a while, or again. Nothing changes for those who are neither asked nor paused.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn rest(&self, id: MusicianId, rests: bool) -> Result<(), Error> {
        let (from, to) = if rests {
            (MusicianStanding::Active, MusicianStanding::Paused)
        } else {
            (MusicianStanding::Paused, MusicianStanding::Active)
        };
        let (engine, now) = (self.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let stands = roster::get(tx, id).await?.is_some_and(|entry| entry.musician.standing == from);
            if stands { engine.stand(tx, id, to, "page", now).await } else { Ok(()) }
        };
        self.write_again_if_beaten(op).await?;
        self.wake_poked().await?;
        self.ring();
        Ok(())
    }

    /// They want to be forgotten, and are texted no more.
    ///
    /// # Errors
    /// When there is no such musician, or the database cannot be asked.
    pub async fn forget_me(&self, id: MusicianId) -> Result<Forgotten, RosterError> {
        let (engine, now) = (self.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            roster::get(tx, id).await?.ok_or(RosterError::Unknown)?;
            if !roster::holds_in(tx, id, ahead(now)).await?.is_empty() {
                return Ok(Forgotten::Holds);
            }
            let wording = "\"Delete me\", pressed on their own page";
            consents::keep(tx, id, ConsentKind::OptedOut, "web", wording, now).await?;
            engine.stand(tx, id, MusicianStanding::Removed, "page", now).await?;
            engine.forget(tx, id).await?;
            Ok::<_, RosterError>(Forgotten::Done)
        };
        let done = self.store().write(op).await?;
        self.wake_poked().await?;
        self.ring();
        Ok(done)
    }

    /// Forgets what is known of somebody who is off the roster, but for their number beside what they agreed to.
    pub(super) async fn forget(&self, tx: &mut Tx, id: MusicianId) -> Result<(), Error> {
        let Some(entry) = roster::get(tx, id).await? else { return Ok(()) };
        messages::void_for(tx, id, "they are not on the roster").await?;
        for calendar in calendars::of(tx, Some(id)).await? {
            calendars::delete(tx, calendar.id).await?;
        }
        applicants::forget_of(tx, &entry.musician.phone).await?;
        pages::forget_musician(tx, id).await
    }

    /// Lets us into a calendar again, whose owner has agreed once more. It is read at once.
    ///
    /// # Errors
    /// When it is not theirs, or there is no key.
    pub async fn reconnect_calendar(
        &self,
        owner: Option<MusicianId>,
        id: i64,
        refresh: &str,
        writes: bool,
    ) -> Result<(), CalendarError> {
        let (engine, now, refresh) = (self.clone(), self.clock().now(), refresh.to_owned());
        let op = async move |tx: &mut Tx| {
            let theirs = calendars::get(tx, id).await?.filter(|calendar| calendar.musician == owner);
            let mut calendar = theirs.ok_or(CalendarError::Unknown("calendar"))?;
            let refused = |error: anyhow::Error| CalendarError::Refused(format!("{error:#}"));
            let seal = engine.seal();
            let ours = match Source::opened(&calendar.source, &seal) {
                Ok(Source::Google { ours, .. }) => ours,
                Ok(_) | Err(_) => None,
            };
            let sealed = Source::Google { refresh: refresh.clone(), ours }.sealed(&seal).map_err(refused)?;
            calendars::save_source(tx, id, &sealed).await?;
            calendar.writes = writes;
            calendars::change(tx, &calendar).await?;
            Ok::<_, CalendarError>(calendars::read_soon(tx, id, now).await?)
        };
        self.store().write(op).await?;
        self.ring_for_calendars();
        Ok(())
    }

    /// Tells whoever owns a Google calendar that it lets us in no more, once for each time that it did.
    pub(super) async fn tell_owner(
        &self,
        tx: &mut Tx,
        calendar: &Calendar,
        why: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        // Of what else is refused, whoever runs this has to mend it.
        let theirs = calendar.kind == CalendarKind::Google && why.contains("connect");
        let told = calendar.trouble.as_deref() == Some(why);
        let Some(owner) = calendar.musician.filter(|_| theirs && !told) else { return Ok(()) };
        let people = self.roster(tx).await?;
        let Some(owner) = people.get(owner) else { return Ok(()) };
        if !matches!(owner.standing, MusicianStanding::Active | MusicianStanding::Paused) {
            return Ok(());
        }
        let since = calendar.read_at.map_or(0, Timestamp::as_second);
        let key = format!("calendar_lost:{}:{since}", calendar.id);
        let link = self.page_link(tx, owner.id, now).await?;
        self.notify(tx, owner, self.voice().calendar_lost(&link), Some(key), now).await
    }
}

/// From now on.
fn ahead(now: Timestamp) -> Span {
    Span { start: now, end: Timestamp::MAX }
}
