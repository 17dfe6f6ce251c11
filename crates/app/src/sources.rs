//! Calendars of others, as they are reached: when they block time is read from feeds, CalDAV servers, Google and files, and
//! sessions are written into those that can be. What came of it is recorded by the engine.

use crate::engine::{Engine, Entered, ToWrite};
use crate::hash::sha256;
use crate::seal::Seal;
use crate::settings::Settings;
use crate::token;
use bytes::Bytes;
use firstcall_calendar as ical;
use firstcall_connect::calendars::caldav::{Account, Collection, Expect, Written};
use firstcall_connect::calendars::feed::{Feed, Validators};
use firstcall_connect::calendars::google::{self, Channel, Failed, Google, Placed};
use firstcall_connect::calendars::{Fetched, Reach, Trouble, Web};
use firstcall_core::ids::MusicianId;
use firstcall_core::span::Span;
use firstcall_store::calendars::{self, Calendar, CalendarKind};
use firstcall_store::entries::Entry;
use firstcall_store::{Error, Tx, roster};
use futures_util::future::join_all;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// What has passed and may still overlap a session that is under way.
const BEFORE: SignedDuration = SignedDuration::from_hours(24);
/// Nobody asks for a session further ahead than a year (rule 2.6).
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 400);
/// In a dry run nothing is written, and looked at again after this.
const DRY_RUN: SignedDuration = SignedDuration::from_mins(15);
/// For so long planning waits for calendars to be read.
const PATIENCE: Duration = Duration::from_secs(3);
/// Nobody's calendar has more separate busy times in a year.
const MOST_SPANS: usize = 20_000;
/// A calendar that Google tells of for less than this is watched anew.
const WATCH_AGAIN: SignedDuration = SignedDuration::from_hours(24);
/// How often an event that was deleted is made again under another id.
const GENERATIONS: u32 = 20;

/// Where a calendar is and how to get in. It is kept sealed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// An address that anybody who knows it can read.
    Feed {
        /// The address.
        url: String,
    },
    /// One calendar of an account on a CalDAV server.
    CalDav {
        /// The server, as it was entered.
        server: String,
        /// The login.
        user: String,
        /// Its password.
        password: String,
        /// The calendar's address.
        href: String,
    },
    /// A Google account whose owner has agreed.
    Google {
        /// What gives access.
        refresh: String,
        /// The calendar of ours in it, once there is one.
        ours: Option<String>,
    },
    /// A file that was uploaded.
    File,
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// When it blocks time.
    pub busy: Vec<Span>,
    /// By which it says the next time that nothing has changed.
    pub validators: Option<String>,
    /// What it said, where it is not asked for all of it the next time.
    pub text: Option<Bytes>,
}

impl Read {
    /// What is read as a whole each time.
    fn whole(busy: Vec<Span>) -> Self {
        Self { busy, validators: None, text: None }
    }
}

/// The way to calendars.
pub struct Sources {
    web: Web,
    google: Option<Google>,
    seal: Arc<Seal>,
    tentative_blocks: bool,
}

impl Source {
    /// How it is read.
    #[must_use]
    pub fn kind(&self) -> CalendarKind {
        match self {
            Self::Feed { .. } => CalendarKind::Feed,
            Self::CalDav { .. } => CalendarKind::CalDav,
            Self::Google { .. } => CalendarKind::Google,
            Self::File => CalendarKind::File,
        }
    }

    /// Sealed, as it is kept.
    ///
    /// # Errors
    /// When there is no key.
    pub fn sealed(&self, seal: &Seal) -> anyhow::Result<String> {
        seal.seal(&serde_json::to_string(self)?)
    }

    pub(crate) fn opened(sealed: &str, seal: &Seal) -> Result<Self, Trouble> {
        let text = seal.open(sealed).map_err(|error| Trouble::Refused(format!("{error:#}")))?;
        serde_json::from_str(&text).map_err(|_| Trouble::Refused("it was kept by another version of this".to_owned()))
    }
}

impl Sources {
    /// Those of the settings, opened with the engine's seal.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(engine: &Engine) -> anyhow::Result<Self> {
        let settings = engine.settings();
        let private = settings.calendars.private_addresses.is_on();
        let web = Web::new(Reach { private, http: private, ..Reach::default() })?;
        let google = google_of(settings)?;
        let tentative_blocks = settings.calendars.tentative_blocks.is_on();
        Ok(Self { web, google, seal: engine.seal(), tentative_blocks })
    }

    /// The calendars of an account on a CalDAV server.
    ///
    /// # Errors
    /// When they cannot be found.
    pub async fn discover(&self, server: &str, user: &str, password: &str) -> Result<Vec<Collection>, Trouble> {
        Account::new(server, user, password, self.web.clone())?.list().await
    }

    /// Whether an address can be that of a feed.
    ///
    /// # Errors
    /// When it cannot: says why.
    pub fn check_feed(&self, url: &str) -> Result<(), Trouble> {
        Feed::new(url, self.web.clone()).map(drop)
    }

    /// Google, where the settings have it.
    #[must_use]
    pub fn google(&self) -> Option<&Google> {
        self.google.as_ref()
    }

    /// Reads a calendar and records what came of it.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn refresh(&self, engine: &Engine, calendar: &Calendar) -> Result<(), Error> {
        match self.read(engine, calendar).await {
            Ok(read) => engine.calendar_read(calendar, read).await,
            Err(Failure::Store(error)) => Err(error),
            Err(Failure::Trouble(Trouble::Later(wait, why))) => {
                engine.calendar_failed(calendar, &why, wait, false).await
            }
            Err(Failure::Trouble(Trouble::Refused(why))) => engine.calendar_failed(calendar, &why, None, true).await,
        }
    }

    /// Reads the calendars of those who play these instruments, and the studio's, unless they were read lately, before
    /// somebody is asked (rule 3.2). What has not come after a moment is planned without; it is read to the end all the
    /// same.
    pub async fn freshen(self: &Arc<Self>, engine: &Engine, instruments: &[String]) {
        let stale = engine.claim_stale_calendars(instruments).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "calendars could not be looked at");
            Vec::new()
        });
        let reading = stale.into_iter().map(|calendar| {
            let (sources, engine) = (Arc::clone(self), engine.clone());
            tokio::spawn(async move { sources.refresh_and_log(&engine, &calendar).await })
        });
        let _ = tokio::time::timeout(PATIENCE, join_all(reading)).await;
    }

    /// Reads a calendar and records what came of it, or why that could not be recorded.
    pub async fn refresh_and_log(&self, engine: &Engine, calendar: &Calendar) {
        if let Err(error) = self.refresh(engine, calendar).await {
            tracing::warn!(%error, calendar = calendar.id, "what a calendar says could not be recorded");
        }
    }

    async fn read(&self, engine: &Engine, calendar: &Calendar) -> Result<Read, Failure> {
        let now = engine.clock().now();
        let range = Span {
            start: now.saturating_sub(BEFORE).unwrap_or(Timestamp::MIN),
            end: now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX),
        };
        match Source::opened(&calendar.source, &self.seal)? {
            Source::Feed { url } => self.read_feed(engine, calendar, &url, range).await,
            Source::CalDav { server, user, password, href } => {
                let account = Account::new(&server, &user, &password, self.web.clone())?;
                let Fetched::Text { bytes, .. } = account.read(&href, range, None).await? else {
                    return Err(Trouble::Later(None, "the server says nothing".to_owned()).into());
                };
                let busy = self.busy(engine, calendar.musician, bytes.into(), range).await?;
                Ok(Read::whole(busy))
            }
            Source::Google { refresh, .. } => self.read_google(engine, calendar, &refresh, range).await,
            Source::File => {
                let id = calendar.id;
                let text = engine.store().read(async move |tx: &mut Tx| calendars::text(tx, id).await).await?;
                let text = text.ok_or_else(|| Trouble::Refused("the file is gone: upload it again".to_owned()))?;
                let busy = self.busy(engine, calendar.musician, text, range).await?;
                Ok(Read::whole(busy))
            }
        }
    }

    async fn read_feed(&self, engine: &Engine, calendar: &Calendar, url: &str, range: Span) -> Result<Read, Failure> {
        let known: Option<(Option<String>, Option<String>)> =
            calendar.validators.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let (etag, last_modified) = known.unwrap_or_default();
        let fetched = Feed::new(url, self.web.clone())?.fetch(&Validators { etag, last_modified }).await?;
        let id = calendar.id;
        let (text, validators, new) = match fetched {
            Fetched::Text { bytes, mark } => {
                let kept = serde_json::to_string(&(mark.etag, mark.last_modified)).ok();
                (Bytes::from(bytes), kept, true)
            }
            Fetched::Unchanged => {
                let kept = engine.store().read(async move |tx: &mut Tx| calendars::text(tx, id).await).await?;
                (kept.unwrap_or_default(), calendar.validators.clone(), false)
            }
        };
        let busy = self.busy(engine, calendar.musician, text.clone(), range).await?;
        Ok(Read { busy, validators, text: new.then_some(text) })
    }

    /// When a text of iCalendar blocks time for its owner. It is read beside what else is to be done.
    async fn busy(
        &self,
        engine: &Engine,
        owner: Option<MusicianId>,
        text: Bytes,
        range: Span,
    ) -> Result<Vec<Span>, Failure> {
        let zone = zone_of(engine, owner).await?;
        let (engine, tentative_blocks) = (engine.clone(), self.tentative_blocks);
        let read = tokio::task::spawn_blocking(move || {
            let reading = ical::Reading { tentative_blocks, ours: &|uid| engine.is_ours(uid) };
            ical::Calendar::read(&text)?.busy(range, &zone, &reading)
        });
        let busy = read.await.map_err(|_| Trouble::Later(None, "it could not be read to its end".to_owned()))?;
        let busy = busy.map_err(|error| Trouble::Later(None, error.to_string()))?;
        if busy.len() > MOST_SPANS {
            return Err(Trouble::Refused(format!("it has more than {MOST_SPANS} separate busy times")).into());
        }
        Ok(busy)
    }

    async fn read_google(
        &self,
        engine: &Engine,
        calendar: &Calendar,
        refresh: &str,
        range: Span,
    ) -> Result<Read, Failure> {
        let google = self.google_or_why()?;
        let tokens = google.refresh(refresh).await?;
        let known = google.busy(&tokens.access, &[google::PRIMARY], range).await.map_err(trouble)?;
        let known = known.into_iter().next();
        let mut busy = known.unwrap_or_else(|| Err(Trouble::Later(None, "Google says nothing of it".to_owned())))?;
        if let Err(error) = watch(engine, google, calendar.id, &tokens.access).await {
            tracing::warn!(%error, "that a calendar is watched could not be written down");
        }
        if let Some(musician) = calendar.musician {
            // Google tells no events apart. One that is exactly as long as a session of theirs is that session.
            let op = async move |tx: &mut Tx| calendars::sessions_of(tx, musician, range.start).await;
            let ours = engine.store().read(op).await?;
            busy.retain(|span| !ours.contains(span));
        }
        Ok(Read::whole(busy))
    }

    /// Writes what is to stand in a calendar, and records what came of it.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn write(&self, engine: &Engine, entry: &Entry) -> Result<(), Error> {
        let ToWrite::Calendar(calendar, entered) = engine.settle_entry(entry).await? else { return Ok(()) };
        if engine.settings().sms.dry_run.is_on() {
            return engine.entry_failed(entry, "this is a dry run", Some(DRY_RUN), false).await;
        }
        let written = match Source::opened(&calendar.source, &self.seal) {
            Ok(Source::CalDav { server, user, password, href }) => {
                self.write_caldav([&server, &user, &password, &href], &entered).await.map_err(Failure::from)
            }
            Ok(Source::Google { refresh, ours }) => {
                self.write_google(engine, &calendar, &refresh, ours, &entered).await
            }
            Ok(Source::Feed { .. } | Source::File) => {
                Err(Trouble::Refused("it cannot be written into".to_owned()).into())
            }
            Err(trouble) => Err(trouble.into()),
        };
        match written {
            Ok(generation) => engine.entry_written(entry, calendar.id, generation).await,
            Err(Failure::Store(error)) => Err(error),
            Err(Failure::Trouble(Trouble::Later(wait, why))) => engine.entry_failed(entry, &why, wait, false).await,
            Err(Failure::Trouble(Trouble::Refused(why))) => engine.entry_failed(entry, &why, None, true).await,
        }
    }

    async fn write_caldav(&self, [server, user, password, href]: [&str; 4], entered: &Entered) -> Result<u32, Trouble> {
        let account = Account::new(server, user, password, self.web.clone())?;
        let name = format!("{}.ics", entered.uid.replace('@', "-"));
        if !entered.present() {
            account.delete(href, &name).await?;
            return Ok(entered.generation());
        }
        match account.put(href, &name, &entered.event().to_ics(None), Expect::Any).await? {
            Written::Done(_) | Written::There(_) => Ok(entered.generation()),
            Written::Missing => Err(Trouble::Later(None, "the server has lost it meanwhile".to_owned())),
        }
    }

    async fn write_google(
        &self,
        engine: &Engine,
        calendar: &Calendar,
        refresh: &str,
        ours: Option<String>,
        entered: &Entered,
    ) -> Result<u32, Failure> {
        let google = self.google_or_why()?;
        let access = google.refresh(refresh).await?.access;
        let ours = match ours {
            Some(ours) => ours,
            None if !entered.present() => return Ok(entered.generation()),
            None => {
                // We may write into no other calendar than ours. It is kept before anything is written into it, because
                // what fails then is tried again, and would make another one.
                let studio = &engine.settings().studio;
                let name = format!("Sessions at {}", studio.name);
                let made = google.create_calendar(&access, &name, &studio.time_zone).await.map_err(trouble)?;
                let source = Source::Google { refresh: refresh.to_owned(), ours: Some(made.clone()) };
                engine.keep_source(calendar.id, &source).await?;
                made
            }
        };
        Ok(place(google, &access, &ours, entered).await?)
    }

    fn google_or_why(&self) -> Result<&Google, Trouble> {
        self.google.as_ref().ok_or_else(|| Trouble::Refused("google.client_id is not set".to_owned()))
    }
}

/// Puts an event where it belongs, and says under which generation of its id it is there.
async fn place(google: &Google, access: &str, calendar: &str, entered: &Entered) -> Result<u32, Trouble> {
    let event = entered.event();
    let mut generation = entered.generation();
    if !entered.present() {
        google.delete(access, calendar, &google::event_id(&entered.uid, generation)).await.map_err(trouble)?;
        return Ok(generation);
    }
    while generation < GENERATIONS {
        let id = google::event_id(&entered.uid, generation);
        let mut placed = google.insert(access, calendar, &id, &event).await.map_err(trouble)?;
        if let Placed::There(id) = &placed {
            placed = google.update(access, calendar, id, &event).await.map_err(trouble)?;
        }
        match placed {
            Placed::Done(_) | Placed::There(_) => return Ok(generation),
            Placed::Deleted => generation += 1,
            Placed::NoCalendar => {
                return Err(Trouble::Refused("our calendar in that account was deleted: connect it again".to_owned()));
            }
        }
    }
    Err(Trouble::Refused("somebody deletes it again and again".to_owned()))
}

/// Asks Google to tell when a calendar changes, unless it does for a day to come. It can tell an `https` address only. What
/// comes of it is no matter: the calendar is read now and then all the same.
async fn watch(engine: &Engine, google: &Google, calendar: i64, access: &str) -> Result<(), Error> {
    let (address, now) = (engine.settings().server.public_url.join("/hooks/google/calendar"), engine.clock().now());
    let read = async move |tx: &mut Tx| calendars::watched_until(tx, calendar).await;
    let until = engine.store().read(read).await?.unwrap_or(Timestamp::MIN);
    if !address.starts_with("https://") || until.duration_since(now) > WATCH_AGAIN {
        return Ok(());
    }
    let (id, secret) = (token::fresh(), token::fresh());
    let channel = Channel { id: &id, token: &secret, address: &address };
    let watched = google.watch(access, google::PRIMARY, &channel, now).await;
    let until = watched.unwrap_or_else(|error| {
        tracing::info!(%error, "Google does not tell of a calendar's changes");
        now.saturating_add(WATCH_AGAIN + WATCH_AGAIN).unwrap_or(Timestamp::MAX)
    });
    let secret = sha256(&[secret.as_bytes()]);
    let keep = async move |tx: &mut Tx| calendars::keep_watch(tx, calendar, &id, &secret, until, now).await;
    engine.store().write(keep).await
}

/// Why a calendar was not read or written.
enum Failure {
    Trouble(Trouble),
    Store(Error),
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

fn trouble(failed: Failed) -> Trouble {
    match failed {
        Failed::Expired => Trouble::Later(None, failed.to_string()),
        Failed::Trouble(trouble) => trouble,
    }
}

async fn zone_of(engine: &Engine, owner: Option<MusicianId>) -> Result<TimeZone, Error> {
    let studio = engine.settings().studio.time_zone.clone();
    let Some(owner) = owner else { return Ok(studio) };
    let entry = engine.store().read(async move |tx: &mut Tx| roster::get(tx, owner).await).await?;
    Ok(entry.map_or(studio, |entry| entry.musician.zone))
}

fn google_of(settings: &Settings) -> anyhow::Result<Option<Google>> {
    let google = &settings.google;
    let (Some(client_id), Some(client_secret)) = (&google.client_id, &google.client_secret) else { return Ok(None) };
    let app = google::App {
        client_id: client_id.clone(),
        client_secret: client_secret.expose().to_owned(),
        redirect_url: settings.server.public_url.join("/calendars/google"),
        authorize_url: google.auth_url.as_str().to_owned(),
        token_url: google.token_url.as_str().to_owned(),
        api_url: google.calendar_url.as_str().to_owned(),
    };
    Ok(Some(Google::new(app, firstcall_connect::http::Client::new()?)))
}
