//! Mails: kept first, then read, then a booking or a question (rules 1.2–1.4).

use super::manage::{NewBooking, storable};
use super::{Engine, Turned};
use crate::hash::sha256;
use crate::inbound::Content;
use crate::reading;
use bytes::Bytes;
use firstcall_core::booking::{Chair, Request};
use firstcall_core::ids::BookingId;
use firstcall_core::span::Span;
use firstcall_mail::{Field, Message, Problem, Reading};
use firstcall_store::bookings::{self, Shown};
use firstcall_store::lessons::{self, Lesson};
use firstcall_store::mails::{self, Arrived, Mail, Settled};
use firstcall_store::{Error, Tx};
use jiff::{SignedDuration, Timestamp, Zoned};

/// So many mails that wait are read again when something is taught: the oldest.
const MOST_AGAIN: i64 = 500;

/// What became of a mail.
#[derive(Clone, Debug)]
pub enum Receipt {
    /// It is a booking.
    Booking(Box<Shown>),
    /// It waits for the manager; with what was read.
    Review(i64, Box<Reading>),
    /// A machine wrote it.
    Ignored(i64),
    /// The manager put it aside.
    Dismissed(i64),
}

/// What became of a mail, and whether it was seen before.
#[derive(Clone, Debug)]
pub struct Received {
    /// What became of it.
    pub receipt: Receipt,
    /// Whether this call did it.
    pub new: bool,
}

/// A mail that was read, with what makes it the same as another.
#[derive(Clone)]
struct Read {
    reading: Reading,
    key: String,
    content_hash: String,
    subject: Option<String>,
}

/// A mail that is kept and was read.
pub struct ReadMail {
    id: i64,
    read: Read,
}

impl ReadMail {
    /// The instruments that it asks for.
    #[must_use]
    pub fn instruments(&self) -> Vec<String> {
        self.read.reading.instruments.iter().map(|count| count.instrument.clone()).collect()
    }
}

impl Engine {
    /// Takes a mail: keeps it, reads it, and makes a booking of it or a question to the manager. `bytes` are what
    /// arrived, `content` what they decode to.
    ///
    /// # Errors
    /// When the database cannot be asked. If it was kept by then, it is read later.
    pub async fn receive(&self, media_type: &str, bytes: Bytes, content: Content) -> Result<Received, Error> {
        let read = self.take_in(media_type, bytes, content).await?;
        self.settle_mail(read).await
    }

    /// The first half of [`receive`](Self::receive): keeps a mail, and reads it.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub async fn take_in(&self, media_type: &str, bytes: Bytes, content: Content) -> Result<ReadMail, Error> {
        let arrival = sha256(&[media_type.as_bytes(), b"\0", &bytes]);
        let mail = Arrived::new(&arrival, media_type, bytes, self.clock().now());
        let keep = async move |tx: &mut Tx| Ok::<_, Error>((mails::keep(tx, &mail).await?, lessons::all(tx).await?));
        let (mail, lessons) = self.store().write(keep).await?;
        Ok(self.read_mail(mail.id, content, &lessons).await)
    }

    async fn read_mail(&self, id: i64, content: Content, lessons: &[Lesson]) -> ReadMail {
        let known = reading::context(self.settings(), lessons, self.clock().now());
        let read = tokio::task::spawn_blocking(move || read(content, &known)).await;
        ReadMail { id, read: read.unwrap_or_else(|_| unreadable(id)) }
    }

    /// The second half: makes a booking of a mail that was read, or a question. Doing it twice with the same one, also at
    /// the same time, does it once.
    ///
    /// # Errors
    /// When the database cannot be asked. It is read again later.
    pub async fn settle_mail(&self, ReadMail { id, read }: ReadMail) -> Result<Received, Error> {
        let (engine, now) = (self.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| engine.settle(tx, id, read.clone(), now).await;
        let received = self.write_again_if_beaten(op).await?;
        self.ring();
        Ok(received)
    }

    async fn settle(&self, tx: &mut Tx, id: i64, mut read: Read, now: Timestamp) -> Result<Received, Error> {
        let mail = mails::lock(tx, id).await?.ok_or(Error::Closed)?;
        if mail.state != "received" {
            return seen(tx, mail).await;
        }
        let mut key = read.key.clone();
        if let Some(first) = mails::first(tx, &key).await? {
            if first.content_hash.as_ref() == Some(&read.content_hash) {
                return same(tx, id, first).await;
            }
            key = format!("{key}#{}", read.content_hash);
            if let Some(first) = mails::first(tx, &key).await? {
                return same(tx, id, first).await;
            }
            read.reading.problems.push(contradicts(&first));
        }
        mails::make_first(tx, id, &key, &read.content_hash).await?;
        self.decide(tx, id, read, now).await
    }

    /// A machine's mail is put aside; with problems it waits for the manager; else it is a booking (rules 1.4, 1.9).
    async fn decide(&self, tx: &mut Tx, id: i64, mut read: Read, now: Timestamp) -> Result<Received, Error> {
        let mut receipt = None;
        if read.reading.machine {
            receipt = Some(Receipt::Ignored(id));
        } else if read.reading.problems.is_empty() {
            match draft(&read.reading) {
                Ok(new) => {
                    let turned = self.insert(tx, Some(id), new, "mail", now).await?;
                    let shown = self.shown(tx, &turned, now).await?;
                    receipt = Some(Receipt::Booking(Box::new(shown)));
                }
                Err(problem) => read.reading.problems.push(problem),
            }
        }
        let receipt = receipt.unwrap_or_else(|| Receipt::Review(id, Box::new(read.reading.clone())));
        let (state, booking) = match &receipt {
            Receipt::Booking(shown) => ("booked", Some(shown.booking.id)),
            Receipt::Review(..) => ("needs_review", None),
            Receipt::Ignored(_) => ("ignored", None),
            Receipt::Dismissed(_) => ("dismissed", None),
        };
        let json = serde_json::to_string(&read.reading).unwrap_or_default();
        let client = client_of(&read.reading);
        let client = client.as_deref();
        let settled = Settled { state, booking, reading: &json, client, subject: read.subject.as_deref() };
        mails::settle(tx, id, &settled).await?;
        if state == "needs_review" {
            let words = self.review_words(id, client, &read.reading);
            self.tell_manager(tx, None, Some(&format!("mail:{id}")), words, now).await?;
        }
        Ok(Received { receipt, new: true })
    }

    fn review_words(&self, id: i64, client: Option<&str>, reading: &Reading) -> String {
        let link = self.settings().server.public_url.join(&format!("/inbox/{id}"));
        let problem = reading.problems.first().map_or("It cannot be read.", |problem| problem.message.as_str());
        let client = client.unwrap_or("somebody");
        format!("First Call: a mail from {client} needs you. {problem} Mend it: {link}")
    }

    async fn shown(&self, tx: &mut Tx, turned: &Turned, now: Timestamp) -> Result<Shown, Error> {
        let (booking, deadline) = (turned.booking.clone(), turned.booking.next_deadline(now, self.policy()));
        let due_reason = deadline.and_then(|d| serde_json::to_value(d.reason).ok()?.as_str().map(str::to_owned));
        let client_token = bookings::client_of(tx, booking.id).await?.unwrap_or_default();
        Ok(Shown { booking, due_at: deadline.map(|d| d.at), due_reason, client_token })
    }

    /// Makes a booking of a mail as the manager mended it. None: there is no such mail, or it does not wait.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn mend(&self, id: i64, draft: NewBooking, actor: &str) -> Result<Option<Shown>, Error> {
        let (engine, actor, now) = (self.clone(), actor.to_owned(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let Some(mail) = waiting(tx, id).await? else { return Ok(None) };
            let turned = engine.insert(tx, Some(id), draft.clone(), &actor, now).await?;
            let shown = engine.shown(tx, &turned, now).await?;
            close(tx, &mail, "booked", Some(shown.booking.id)).await?;
            Ok::<_, Error>(Some(shown))
        };
        let shown = self.write_again_if_beaten(op).await?;
        self.ring();
        Ok(shown)
    }

    /// Puts a mail aside. False: there is no such mail, or it does not wait.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn dismiss(&self, id: i64) -> Result<bool, Error> {
        let op = async move |tx: &mut Tx| {
            let Some(mail) = waiting(tx, id).await? else { return Ok(false) };
            close(tx, &mail, "dismissed", None).await.map(|()| true)
        };
        let dismissed = self.store().write(op).await?;
        self.ring();
        Ok(dismissed)
    }

    /// Reads mails that were kept and never read to the end, because their process ended in between.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn read_left_mails(&self, older_than: SignedDuration) -> Result<usize, Error> {
        let before = self.clock().now().saturating_sub(older_than).unwrap_or(Timestamp::MIN);
        let left = self.store().read(async move |tx| mails::unread(tx, before, 100).await).await?;
        for &id in &left {
            let Some((content, _, lessons)) = self.kept(id).await? else { continue };
            // One mail that cannot be settled keeps no other from it.
            let read = self.read_mail(id, content, &lessons).await;
            if let Err(error) = self.settle_mail(read).await {
                tracing::error!(%error, mail = id, "a mail that was kept could not be read");
            }
        }
        Ok(left.len())
    }

    /// A mail that is kept, with what was taught so far. What cannot be decoded now could not be decoded then: it becomes
    /// a question to the manager.
    async fn kept(&self, id: i64) -> Result<Option<(Content, Mail, Vec<Lesson>)>, Error> {
        let find = async move |tx: &mut Tx| {
            Ok::<_, Error>((mails::get(tx, id).await?, mails::raw(tx, id).await?, lessons::all(tx).await?))
        };
        let (Some(mail), Some((bytes, media_type)), lessons) = self.store().read(find).await? else { return Ok(None) };
        let content = crate::inbound::decode(&media_type, &bytes).await.unwrap_or(Content::Mime(bytes));
        Ok(Some((content, mail, lessons)))
    }

    /// Reads the mails that wait once more, by what is taught: the one with number `first` before the others. They go on
    /// waiting, also without any problem, because nobody is to be called for a word that was taught. Returns how many
    /// were read.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn read_again(&self, first: Option<i64>) -> Result<usize, Error> {
        let waiting = async |tx: &mut Tx| mails::list(tx, "needs_review", 0, MOST_AGAIN).await;
        let waiting = self.store().read(waiting).await?;
        let others = waiting.iter().map(|mail| mail.id).filter(|id| Some(*id) != first);
        let mut number = 0;
        for id in first.into_iter().chain(others) {
            number += usize::from(self.read_one_again(id).await?);
        }
        self.ring();
        Ok(number)
    }

    async fn read_one_again(&self, id: i64) -> Result<bool, Error> {
        let Some((content, mail, lessons)) = self.kept(id).await? else { return Ok(false) };
        let (known, came) = (reading::context(self.settings(), &lessons, self.clock().now()), mail.received_at);
        let fresh = tokio::task::spawn_blocking(move || read_as_of(content, &known, came)).await;
        let Ok(fresh) = fresh else { return Ok(false) };
        let op = async move |tx: &mut Tx| {
            let Some(mail) = waiting(tx, id).await? else { return Ok(false) };
            let Read { mut reading, key, subject, .. } = fresh.clone();
            if let Some(first) = mails::first(tx, &key).await?.filter(|first| first.id != id) {
                reading.problems.push(contradicts(&first));
            } else if reading.problems.is_empty() {
                reading.problems.extend(draft(&reading).err());
            }
            let json = serde_json::to_string(&reading).unwrap_or_default();
            let client = client_of(&reading);
            let settled = Settled {
                state: &mail.state,
                booking: None,
                reading: &json,
                client: client.as_deref(),
                subject: subject.as_deref(),
            };
            mails::settle(tx, id, &settled).await?;
            Ok::<_, Error>(true)
        };
        self.store().write(op).await
    }

    /// Keeps what somebody typed into the form of a mail that waits, as JSON. False: it does not wait.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn keep_typed(&self, id: i64, typed: String) -> Result<bool, Error> {
        let typed = storable(&typed);
        self.store().write(async move |tx: &mut Tx| mails::save_typed(tx, id, &typed).await).await
    }

    /// Lets a mail wait again that was dismissed, or ignored as a machine's. False: there is no such mail, or it was neither.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn bring_back(&self, id: i64) -> Result<bool, Error> {
        let op = async move |tx: &mut Tx| {
            let mail = mails::lock(tx, id).await?;
            let Some(mail) = mail.filter(|mail| matches!(mail.state.as_str(), "dismissed" | "ignored")) else {
                return Ok(false);
            };
            close(tx, &mail, "needs_review", None).await.map(|()| true)
        };
        let back = self.store().write(op).await?;
        self.ring();
        Ok(back)
    }
}

/// A reading as of the moment at which a mail came, where it has no date itself (rule 2.6).
fn read_as_of(content: Content, known: &firstcall_mail::Context, came: Timestamp) -> Read {
    let (mut message, provider_id) = taken_apart(content);
    let identity = identity(&message, provider_id);
    message.date = message.date.or(Some(came));
    understood(&message, identity, known)
}

fn client_of(reading: &Reading) -> Option<String> {
    reading.client.name.as_deref().or(reading.client.email.as_deref()).map(storable)
}

fn read(content: Content, known: &firstcall_mail::Context) -> Read {
    let (message, provider_id) = taken_apart(content);
    let identity = identity(&message, provider_id);
    understood(&message, identity, known)
}

fn taken_apart(content: Content) -> (Message, Option<String>) {
    match content {
        Content::Mime(bytes) => (Message::parse(&bytes), None),
        Content::Fields(fields, provider_id) => (Message::from_fields(*fields), provider_id),
    }
}

/// The key by which a mail is the same as another, and the hash of what it says (rule 1.3).
fn identity(message: &Message, provider_id: Option<String>) -> (String, String) {
    let content = message.content_key();
    let key = match (&message.message_id, provider_id) {
        (Some(id), _) => format!("id:{}", sha256(&[id.as_bytes()])),
        (None, Some(id)) => format!("provider:{}", sha256(&[id.as_bytes()])),
        // Without any id, only what the same people wrote is the same mail.
        (None, None) => {
            let people = format!("{:?}{:?}{:?}", message.from, message.reply_to, message.html);
            format!("content:{}", sha256(&[people.as_bytes(), b"\0", content.as_bytes()]))
        }
    };
    (key, sha256(&[content.as_bytes()]))
}

fn understood(message: &Message, (key, content_hash): (String, String), known: &firstcall_mail::Context) -> Read {
    let reading = firstcall_mail::read(message, known);
    Read { reading, key, content_hash, subject: message.subject.as_deref().map(storable) }
}

/// What stands for the reading of a mail that the reader broke on.
fn unreadable(id: i64) -> Read {
    let problem = Problem {
        field: Field::Mail,
        message: "This mail could not be read by the program. Read the original and type the booking in.".to_owned(),
        text: String::new(),
    };
    let reading = Reading { problems: vec![problem], ..Reading::default() };
    Read { reading, key: format!("unreadable:{id}"), content_hash: String::new(), subject: None }
}

fn contradicts(first: &Mail) -> Problem {
    let first = match first.booking {
        Some(BookingId(id)) => format!("booking #{id}"),
        None => format!("inbox item {}", first.id),
    };
    Problem {
        field: Field::Mail,
        message: format!("This mail has the Message-ID of {first}, but says something else. Is it a new request?"),
        text: String::new(),
    }
}

async fn same(tx: &mut Tx, id: i64, first: Mail) -> Result<Received, Error> {
    if first.id != id {
        mails::make_same(tx, id, first.id).await?;
    }
    seen(tx, first).await
}

/// What became of a mail that was seen before.
async fn seen(tx: &mut Tx, mut mail: Mail) -> Result<Received, Error> {
    if let Some(first) = mail.same_as {
        mail = mails::get(tx, first).await?.unwrap_or(mail);
    }
    let shown = match mail.booking {
        Some(id) => bookings::show(tx, id).await?,
        None => None,
    };
    let receipt = match (shown, mail.state.as_str()) {
        (Some(shown), _) => Receipt::Booking(Box::new(shown)),
        (None, "ignored") => Receipt::Ignored(mail.id),
        (None, "dismissed") => Receipt::Dismissed(mail.id),
        (None, _) => Receipt::Review(mail.id, Box::new(stored_reading(&mail))),
    };
    Ok(Received { receipt, new: false })
}

/// The reading that is kept with a mail.
#[must_use]
pub fn stored_reading(mail: &Mail) -> Reading {
    mail.reading.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

async fn waiting(tx: &mut Tx, id: i64) -> Result<Option<Mail>, Error> {
    Ok(mails::lock(tx, id).await?.filter(|mail| mail.state == "needs_review"))
}

async fn close(tx: &mut Tx, mail: &Mail, state: &str, booking: Option<BookingId>) -> Result<(), Error> {
    let reading = mail.reading.as_deref().unwrap_or_default();
    let settled = Settled { state, booking, reading, client: mail.client.as_deref(), subject: mail.subject.as_deref() };
    mails::settle(tx, mail.id, &settled).await
}

/// The booking that a reading asks for.
///
/// # Errors
/// With the value that cannot be taken over.
pub fn draft(reading: &Reading) -> Result<NewBooking, Problem> {
    let cannot = |field, text: &str| Problem {
        field,
        message: format!("\"{text}\" could not be taken over. Enter it by hand."),
        text: text.to_owned(),
    };
    let mut times = Vec::new();
    for time in &reading.times {
        let start: Zoned = time.start.parse().map_err(|_| cannot(Field::Times, &time.start))?;
        let length: SignedDuration = time.length.parse().map_err(|_| cannot(Field::Length, &time.length))?;
        times.push(Span::new(start.timestamp(), length));
    }
    let mut instruments = Vec::new();
    for count in &reading.instruments {
        let number = u16::try_from(count.count).map_err(|_| cannot(Field::Instruments, &count.instrument))?;
        instruments.push((count.instrument.as_str(), number));
    }
    let client = reading.client.clone();
    let request = Request {
        client_name: client.name,
        client_email: client.email,
        client_phone: client.phone,
        client_city: client.city,
        time_zone: reading.time_zone.clone().unwrap_or_default(),
        notes: reading.notes.clone(),
        links: reading.links.clone(),
    };
    Ok(NewBooking { request, chairs: Chair::list(instruments), times })
}
