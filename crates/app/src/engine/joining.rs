//! Joining the list: somebody asks, shows with a code that the number is theirs, and waits for the manager.
//!
//! Nobody learns here who is on the list: whoever asks with a number that is on it sees the same pages, and the number gets
//! the link of its own page instead of a code.

use super::outbox::later;
use super::{Engine, MusicianChange, RosterError};
use crate::settings::SmsProvider;
use crate::token;
use firstcall_core::contact::Phone;
use firstcall_core::ids::MusicianId;
use firstcall_core::policy::ClockRange;
use firstcall_core::roster::{Musician, MusicianStanding};
use firstcall_core::wording::{self, MASK};
use firstcall_store::applicants::{self, Applicant};
use firstcall_store::consents::{self, ConsentKind};
use firstcall_store::messages::{Message, NewMessage};
use firstcall_store::roster::{self, Entry};
use firstcall_store::{Error, Tx, messages, pages};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq;

/// For so long a code is valid.
const VALID: SignedDuration = SignedDuration::from_mins(15);
/// So often a code can be tried.
const MOST_TRIES: u32 = 5;
/// So many codes one number gets in an hour, and all numbers together: whoever enters other people's numbers is stopped.
const MOST_AN_HOUR: (i64, i64) = (3, 60);
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Who has not given their code by then is forgotten.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// For so many days the link of somebody's own page works.
pub const PAGE_DAYS: i64 = 30;
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// What somebody enters who wants to be on the list.
#[derive(Clone)]
pub struct Asking {
    /// Their name.
    pub name: String,
    /// The number that they say is theirs.
    pub phone: Phone,
    /// Where they are written to.
    pub email: Option<String>,
    /// Where they live.
    pub zone: TimeZone,
    /// What they play, in their order.
    pub instruments: Vec<String>,
    /// When they want no offers, instead of the studio's quiet hours.
    pub quiet_hours: Option<ClockRange>,
    /// What they agree to, as it was shown to them.
    pub wording: String,
}

/// What became of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A text is on its way; the code in it is entered behind this link.
    Texted(String),
    /// The number wants no texts.
    OptedOut,
    /// It is in a country that is not texted.
    OutOfReach,
    /// It was asked for too often within an hour, or too many were.
    TooOften,
}

/// What became of a code that was entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// It is right, and this is the link of their own page.
    Page(String),
    /// It is wrong; so many more can be tried.
    Wrong(u32),
    /// No more can be tried, or it is too old.
    Over,
    /// The number has said since that it wants no texts.
    OptedOut,
    /// Nobody asked behind this link.
    Unknown,
}

impl Engine {
    /// Somebody wants to be on the list: their number gets a code.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn ask_to_join(&self, asking: Asking) -> Result<Asked, Error> {
        let (engine, now) = (self.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| engine.note_applicant(tx, &asking, now).await;
        let asked = self.store().write(op).await?;
        self.ring();
        Ok(asked)
    }

    async fn note_applicant(&self, tx: &mut Tx, asking: &Asking, now: Timestamp) -> Result<Asked, Error> {
        let phone = &asking.phone;
        if !self.is_in_reach(phone) {
            return Ok(Asked::OutOfReach);
        }
        let known = roster::by_phone(tx, phone).await?.map(|entry| entry.musician);
        let refused = known.as_ref().is_some_and(|known| known.standing == MusicianStanding::OptedOut);
        if refused || consents::has_refused(tx, phone).await? {
            return Ok(Asked::OptedOut);
        }
        applicants::one_by_one(tx).await?;
        let (number, all) = applicants::asked_since(tx, phone, later(now, -AN_HOUR)).await?;
        if number >= MOST_AN_HOUR.0 || all >= MOST_AN_HOUR.1 {
            return Ok(Asked::TooOften);
        }
        let (token, code) = (token::fresh(), if known.is_some() { String::new() } else { token::code() });
        applicants::insert(tx, &asking.applicant(token.clone(), code, now)).await?;
        let (body, link) = match &known {
            Some(known) => (self.voice().page(&self.page_link(tx, known.id, now).await?, PAGE_DAYS), None),
            None => (self.voice().code(MASK, VALID.as_mins()), Some(token.clone())),
        };
        let message = NewMessage {
            kind: "reply",
            booking: None,
            musician: known.map(|known| known.id),
            to: phone.as_str().to_owned(),
            body,
            once_key: None,
            about: None,
            token: link,
            due_at: Some(now),
            at_once: true,
            error: None,
        };
        messages::insert(tx, &message, now).await?;
        Ok(Asked::Texted(token))
    }

    /// Whether `sms.countries` has a number's country.
    pub(super) fn is_in_reach(&self, phone: &Phone) -> bool {
        let sms = &self.settings().sms;
        let codes = &sms.countries;
        sms.provider == SmsProvider::Phones
            || codes.is_empty()
            || codes.iter().any(|code| phone.as_str().starts_with(code.as_str()))
    }

    /// What the text of a code says in truth, and until when it is of use; why it does not leave. It is kept without the
    /// code, so that nobody reads one who looks at messages.
    pub(super) async fn coded(
        &self,
        tx: &mut Tx,
        message: &Message,
        token: &str,
        now: Timestamp,
    ) -> Result<Result<(String, Timestamp), &'static str>, Error> {
        let Some(applicant) = applicants::get(tx, token).await? else {
            return Ok(Err("nobody waits for this code any more"));
        };
        let until = later(applicant.asked_at, VALID);
        if consents::has_refused(tx, &applicant.phone).await? {
            return Ok(Err("they have opted out of texts"));
        }
        if applicant.musician.is_some() || until <= now {
            return Ok(Err("nobody waits for this code any more"));
        }
        Ok(Ok((message.body.replace(MASK, &applicant.code), until)))
    }

    /// Gives the text of a code the words that left.
    pub(super) async fn uncover(&self, message: &mut Message) -> Result<(), Error> {
        let Some(token) = message.token.take() else { return Ok(()) };
        let applicant = self.store().write(async move |tx: &mut Tx| applicants::get(tx, &token).await).await?;
        message.body = message.body.replace(MASK, &applicant.map_or_else(|| MASK.to_owned(), |one| one.code));
        Ok(())
    }

    /// Whether somebody asked behind this link.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn asks_to_join(&self, token: &str) -> Result<bool, Error> {
        let token = token.to_owned();
        self.store().read(async move |tx: &mut Tx| applicants::is_known(tx, &token).await).await
    }

    /// Somebody enters a code. With the right one they are on the roster, and wait for the manager.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn confirm_number(&self, token: &str, code: &str) -> Result<Confirmed, Error> {
        let (engine, now) = (self.clone(), self.clock().now());
        let (token, code) = (token.to_owned(), code.to_owned());
        let op = async move |tx: &mut Tx| {
            let Some(applicant) = applicants::get(tx, &token).await? else { return Ok(Confirmed::Unknown) };
            if applicant.tries >= MOST_TRIES || later(applicant.asked_at, VALID) <= now {
                return Ok(Confirmed::Over);
            }
            let right = !applicant.code.is_empty() && bool::from(applicant.code.as_bytes().ct_eq(code.as_bytes()));
            if !right {
                applicants::tried(tx, &token).await?;
                return Ok(Confirmed::Wrong(MOST_TRIES - 1 - applicant.tries));
            }
            if consents::has_refused(tx, &applicant.phone).await? {
                return Ok(Confirmed::OptedOut);
            }
            let musician = engine.enter(tx, &applicant, now).await?;
            applicants::confirm(tx, &token, musician).await?;
            let page = engine.new_page(tx, musician, now).await?;
            Ok::<_, RosterError>(Confirmed::Page(page))
        };
        let confirmed = self.store().write(op).await.map_err(of_store)?;
        self.ring();
        Ok(confirmed)
    }

    /// Puts whoever owns a number on the roster, with the proof of their consent, and tells the manager.
    async fn enter(&self, tx: &mut Tx, applicant: &Applicant, now: Timestamp) -> Result<MusicianId, RosterError> {
        if let Some(musician) = applicant.musician {
            return Ok(musician);
        }
        let wording = &applicant.wording;
        if let Some(known) = roster::by_phone(tx, &applicant.phone).await?.map(|entry| entry.musician) {
            // The manager has entered them meanwhile.
            consents::keep(tx, known.id, ConsentKind::Joined, "web", wording, now).await?;
            if known.standing == MusicianStanding::Invited {
                self.stand(tx, known.id, MusicianStanding::Active, "web", now).await?;
            }
            return Ok(known.id);
        }
        let change = MusicianChange {
            name: Some(applicant.name.clone()),
            phone: Some(applicant.phone.clone()),
            email: applicant.email.clone(),
            zone: Some(applicant.zone.clone()),
            instruments: Some(applicant.instruments.iter().map(|name| (name.clone(), None)).collect()),
            quiet_hours: Some(applicant.quiet_hours),
            notes: (applicant.instruments.len() > 1)
                .then(|| format!("Plays, best first: {}", applicant.instruments.join(", ").replace('_', " "))),
            standing: Some(MusicianStanding::Waiting),
            ..MusicianChange::default()
        };
        let id = self.insert_musician(tx, &change, "web", now).await?.musician.id;
        consents::keep(tx, id, ConsentKind::Joined, "web", wording, now).await?;
        let link = self.settings().server.public_url.join(&format!("/newcomers/{id}"));
        let words = wording::wants_to_join(&applicant.name, &applicant.instruments, &link);
        self.tell_manager(tx, None, Some(&format!("newcomer:{id}")), words, now).await?;
        Ok(id)
    }

    /// The manager lets somebody in who waits: they are asked like the others, and told so.
    ///
    /// # Errors
    /// When there is no such musician, or they do not wait.
    pub async fn approve(&self, id: MusicianId, actor: &str) -> Result<Entry, RosterError> {
        self.of_newcomer(id).await?;
        let change = MusicianChange { standing: Some(MusicianStanding::Active), ..MusicianChange::default() };
        self.change_musician(id, change, actor).await
    }

    /// The manager does not let somebody in who waits: they are forgotten.
    ///
    /// # Errors
    /// As for [`Engine::approve`].
    pub async fn decline(&self, id: MusicianId, actor: &str) -> Result<(), RosterError> {
        self.of_newcomer(id).await?;
        let change = MusicianChange { standing: Some(MusicianStanding::Removed), ..MusicianChange::default() };
        self.change_musician(id, change, actor).await.map(drop)
    }

    async fn of_newcomer(&self, id: MusicianId) -> Result<(), RosterError> {
        let found = self.store().read(async move |tx: &mut Tx| roster::get(tx, id).await).await?;
        let waits = found.ok_or(RosterError::Unknown)?.musician.standing == MusicianStanding::Waiting;
        if waits { Ok(()) } else { Err(RosterError::NotWaiting) }
    }

    /// Somebody was let in: they are told outside their quiet hours, with the link of their page.
    pub(super) async fn welcome(&self, tx: &mut Tx, musician: &Musician, now: Timestamp) -> Result<(), Error> {
        let link = self.page_link(tx, musician.id, now).await?;
        let body = self.voice().approved(&musician.name, &link);
        self.notify(tx, musician, body, None, now).await
    }

    /// The address of somebody's own page, by a new link.
    pub(super) async fn page_link(&self, tx: &mut Tx, musician: MusicianId, now: Timestamp) -> Result<String, Error> {
        let token = self.new_page(tx, musician, now).await?;
        Ok(self.settings().server.public_url.join(&format!("/me/{token}")))
    }

    async fn new_page(&self, tx: &mut Tx, musician: MusicianId, now: Timestamp) -> Result<String, Error> {
        let token = token::fresh();
        pages::insert(tx, &token, musician, later(now, A_DAY * 30)).await?;
        Ok(token)
    }
}

/// Forgets who asked a day ago, with the texts of their codes; and links that ended long ago.
pub(super) async fn forget(tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
    applicants::forget(tx, later(now, -FORGOTTEN_AFTER)).await?;
    // For as long again they say that they have ended.
    pages::forget(tx, later(now, A_DAY * -30), now).await
}

impl Asking {
    fn applicant(&self, token: String, code: String, now: Timestamp) -> Applicant {
        Applicant {
            token,
            code,
            phone: self.phone.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            zone: self.zone.clone(),
            instruments: self.instruments.clone(),
            quiet_hours: self.quiet_hours,
            wording: self.wording.clone(),
            tries: 0,
            asked_at: now,
            musician: None,
        }
    }
}

/// Nothing else can go wrong where somebody is entered whose number was looked up in the same transaction.
fn of_store(error: RosterError) -> Error {
    match error {
        RosterError::Store(error) => error,
        RosterError::PhoneTaken => Error::Contended("the number was entered by somebody else".to_owned()),
        RosterError::Unknown
        | RosterError::Refused
        | RosterError::Missing(_)
        | RosterError::Waits
        | RosterError::NotWaiting => Error::Closed,
    }
}
