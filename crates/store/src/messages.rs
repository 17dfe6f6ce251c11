//! Messages: every text there is, from the moment it was decided to the moment it was delivered.

use crate::instants::At;
use crate::offers::{AnswerColumns, delivery_columns, is_again, reason_column};
use crate::{Error, Row, Tx, params, statements};
use firstcall_core::booking::{Booking, Offer};
use firstcall_core::ids::{BookingId, ChairNo, MusicianId, OfferNo, OptionNo};
use firstcall_core::span::Span;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The columns of a [`Message`], in one place.
macro_rules! select_message {
    ($rest:literal) => {
        concat!(
            "SELECT id, booking_id, kind, musician_id, recipient, body, offer_no, option_no, chair_no, chair, instrument, starts_at, \
             ends_at, reason, token, code, state, due_at, error, created_at, sent_at, answer, answered_at, \
             released_at, void_reason, standby, network_id, doubted_at, look_at, looks, looked_at, attempt, resent \
             FROM messages ",
            $rest
        )
    };
}

statements! {
    /// A new message.
    INSERT_MESSAGE = "INSERT INTO messages (booking_id, kind, musician_id, recipient, body, once_key, offer_no, \
        option_no, chair_no, chair, instrument, starts_at, ends_at, reason, asked_again, token, code, state, due_at, \
        counted_at, created_at, answer, answered_at, standby, error) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
        $22, $23, $24, $25) ON CONFLICT (once_key) DO NOTHING";
    /// A mail is an invitation.
    INVITE = "UPDATE messages SET invitation = $2 WHERE once_key = $1";
    /// The calendar part of a mail.
    INVITATION = "SELECT invitation FROM messages WHERE id = $1";
    /// The next code of a musician's offers: short, and never used again (rule 5.7).
    NEXT_CODE = "UPDATE musicians SET last_code = last_code + 1 WHERE id = $1 RETURNING last_code";
    /// One message.
    MESSAGE = select_message!("WHERE id = $1");
    /// One message, which nobody else changes until this transaction ends.
    LOCK_MESSAGE = select_message!("WHERE id = $1 {for_update}");
    /// The offer behind a secret link, and its musician's zone.
    OFFER_BY_TOKEN = "SELECT booking_id, offer_no, \
        (SELECT time_zone FROM musicians WHERE id = musician_id) AS time_zone \
        FROM messages WHERE token = $1 AND offer_no IS NOT NULL";
    /// The newest message whose key begins in a way.
    MESSAGE_UNDER = select_message!("WHERE once_key >= $1 AND once_key < $2 ORDER BY once_key DESC LIMIT 1");
    /// A musician's newest offer with a code.
    MESSAGE_BY_CODE = select_message!("WHERE musician_id = $1 AND code = $2 ORDER BY id DESC LIMIT 1");
    /// A musician's newest offers.
    OFFERS_TO = select_message!("WHERE musician_id = $1 AND code IS NOT NULL ORDER BY id DESC LIMIT $2");
    /// What was written to a musician before a message, newest first.
    MESSAGES_WITH = select_message!("WHERE musician_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    /// What was written to any musician before a message, newest first.
    NEWEST_TO_MUSICIANS = select_message!("WHERE id < $1 AND musician_id IS NOT NULL ORDER BY id DESC LIMIT $2");
    /// How a musician answered what was texted to them.
    COUNT_ANSWERS = "SELECT answer, CAST(COUNT(*) AS BIGINT) AS number FROM messages \
        WHERE musician_id = $1 AND kind = 'offer' AND (sent_at IS NOT NULL OR answer IS NOT NULL) GROUP BY answer";
    /// How many sessions a musician has played.
    COUNT_PLAYED = "SELECT CAST(COUNT(*) AS BIGINT) AS number FROM holds \
        JOIN sessions ON sessions.booking_id = holds.booking_id WHERE holds.musician_id = $1 AND holds.ends_at <= $2";
    /// An offer of a booking.
    MESSAGE_OF_OFFER = select_message!("WHERE booking_id = $1 AND offer_no = $2");
    /// Messages, oldest first.
    LIST_MESSAGES = select_message!("WHERE id > $1 ORDER BY id LIMIT $2");
    /// A booking's messages, oldest first.
    LIST_MESSAGES_OF = select_message!("WHERE id > $1 AND booking_id = $3 ORDER BY id LIMIT $2");
    /// Messages in one state, oldest first.
    LIST_MESSAGES_IN = select_message!("WHERE id > $1 AND state = $3 ORDER BY id LIMIT $2");
    /// Messages in one state, newest first.
    NEWEST_MESSAGES_IN = select_message!("WHERE state = $1 ORDER BY id DESC LIMIT $2");
    /// What a phone has received, newest first.
    LIST_MESSAGES_TO = select_message!("WHERE recipient = $1 AND sent_at IS NOT NULL ORDER BY id DESC LIMIT $2");
    /// Messages that may leave now, those that are due longest first.
    DUE_MESSAGES = "SELECT id FROM messages WHERE state = 'queued' AND due_at <= $1 \
        ORDER BY due_at, id LIMIT $2 {skip_locked}";
    /// Takes a message to hand it over.
    CLAIM_MESSAGE = "UPDATE messages SET state = 'sending', due_at = NULL, lease_until = $2 \
        WHERE id = $1 AND state = 'queued'";
    /// A message leaves later.
    POSTPONE_MESSAGE = "UPDATE messages SET state = 'queued', due_at = $2, lease_until = NULL, look_at = NULL \
        WHERE id = $1 AND state IN ('queued', 'sending', 'in_doubt')";
    /// Texts that wait and were never tried: for the end of quiet hours.
    LOOK_ANEW = "UPDATE messages SET due_at = $1 WHERE state = 'queued' AND due_at > $1 \
        AND kind IN ('offer', 'release', 'notice') AND attempt = 1 AND error IS NULL";
    /// Whom a message goes to: their number may have changed since it was written.
    READDRESS_MESSAGE = "UPDATE messages SET recipient = $2 WHERE id = $1 AND state = 'queued'";
    /// By which number the network knows a message.
    NUMBER_MESSAGE = "UPDATE messages SET network_id = $2 WHERE id = $1";
    /// The message that the network knows by a number.
    MESSAGE_BY_NETWORK_ID = select_message!("WHERE network_id = $1 ORDER BY id DESC LIMIT 1");
    /// A message is in doubt.
    DOUBT_MESSAGE = "UPDATE messages SET doubted_at = $2, look_at = $3, looks = 0 WHERE id = $1 AND state = 'in_doubt'";
    /// When a message in doubt is looked up next.
    LOOK_AT_MESSAGE = "UPDATE messages SET look_at = $2, looks = $3 WHERE id = $1 AND state = 'in_doubt'";
    /// Messages in doubt that are to be looked up now.
    DOUBTFUL_MESSAGES = select_message!("WHERE look_at <= $1 AND state = 'in_doubt' ORDER BY look_at, id LIMIT $2");
    /// When the next message in doubt is looked up.
    NEXT_LOOK = "SELECT MIN(look_at) AS at FROM messages WHERE look_at IS NOT NULL";
    /// A message that waits to go again is in doubt as before.
    DOUBT_MESSAGE_AGAIN = "UPDATE messages SET doubted_at = $2, look_at = $2, looks = $3, resent = FALSE \
        WHERE id = $1 AND state = 'in_doubt'";
    /// A message is handed over a second time.
    RESEND_MESSAGE = "UPDATE messages SET resent = TRUE, attempt = attempt + 1, looks = 0, look_at = NULL, \
        looked_at = $2 WHERE id = $1";
    /// How many texts were handed over on a day, in a scope.
    TEXTS_SENT = "SELECT number FROM texts_sent WHERE day = $1 AND scope = $2";
    /// One more text was handed over.
    COUNT_TEXT = "INSERT INTO texts_sent (day, scope, number) VALUES ($1, $2, 1) \
        ON CONFLICT (day, scope) DO UPDATE SET number = texts_sent.number + 1";
    /// Forgets how many texts were handed over on earlier days.
    FORGET_TEXTS_SENT = "DELETE FROM texts_sent WHERE day < $1";
    /// What became of a message that is no offer.
    SETTLE_MESSAGE = "UPDATE messages SET state = $2, error = $3, lease_until = NULL, due_at = NULL, look_at = NULL, \
        sent_at = CASE WHEN $2 = 'sent' THEN $4 ELSE sent_at END \
        WHERE id = $1 AND (state IN ('queued', 'sending') OR state = 'in_doubt' AND $2 <> 'in_doubt' \
        OR state IN ('sent', 'delivered') AND $2 = 'failed')";
    /// The recipient has a message.
    DELIVERED_MESSAGE = "UPDATE messages SET state = 'delivered' WHERE id = $1 AND state = 'sent'";
    /// Why an offer's text failed.
    EXPLAIN_MESSAGE = "UPDATE messages SET error = $2, lease_until = NULL WHERE id = $1";
    /// Messages whose handing over was begun and never reported.
    ABANDONED_MESSAGES = "SELECT id FROM messages WHERE state = 'sending' AND lease_until <= $1 ORDER BY id LIMIT $2";
    /// Ends every lease.
    END_LEASES = "UPDATE messages SET lease_until = $1 WHERE state = 'sending'";
    /// When the next message may leave.
    NEXT_MESSAGE_DUE = "SELECT MIN(due_at) AS at FROM messages WHERE state = 'queued' AND due_at IS NOT NULL";
    /// When the next unreported message is given up.
    NEXT_LEASE_END = "SELECT MIN(lease_until) AS at FROM messages WHERE state = 'sending'";
    /// Nothing that is queued for a musician leaves (rule 8.5).
    VOID_MESSAGES_TO = "UPDATE messages SET state = 'void', error = $2, due_at = NULL \
        WHERE musician_id = $1 AND state = 'queued' AND kind <> 'offer'";
    /// The open bookings that have offered a musician something.
    BOOKINGS_OFFERED_TO = "SELECT DISTINCT booking_id FROM messages \
        WHERE musician_id = $1 AND kind = 'offer' AND ends_at > $2 ORDER BY booking_id";
    /// Messages that should have left before, and have not.
    OVERDUE_MESSAGES = "SELECT CAST(COUNT(*) AS BIGINT) AS number FROM messages \
        WHERE state = 'queued' AND due_at <= $1";
    /// How many messages are on their way, or in trouble.
    COUNT_UNSETTLED = "SELECT state, CAST(COUNT(*) AS BIGINT) AS number FROM messages \
        WHERE state IN ('queued', 'sending', 'failed', 'in_doubt') GROUP BY state ORDER BY state";
    /// A musician has seen a message.
    SEEN_MESSAGE = "UPDATE messages SET seen_at = $2 WHERE id = $1 AND seen_at IS NULL";
}

/// A message as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its number.
    pub id: i64,
    /// The booking it belongs to.
    pub booking: Option<BookingId>,
    /// offer, confirmation, release, reply or notice.
    pub kind: String,
    /// The musician it goes to; none for the manager, the client and the studio.
    pub musician: Option<MusicianId>,
    /// The number or address it goes to.
    pub to: String,
    /// Its words.
    pub body: String,
    /// The offer that it makes.
    pub offer: Option<OfferNo>,
    /// The option it speaks of.
    pub option: Option<OptionNo>,
    /// The chair it speaks of, by number.
    pub chair_no: Option<ChairNo>,
    /// The chair it speaks of, as people say it.
    pub chair: Option<String>,
    /// The chair's instrument.
    pub instrument: Option<String>,
    /// The time it speaks of.
    pub time: Option<Span>,
    /// How the offer came about.
    pub reason: Option<String>,
    /// The secret of its links.
    pub token: Option<String>,
    /// The number in "Y7".
    pub code: Option<u32>,
    /// queued, sending, sent, delivered, failed, `in_doubt` or void.
    pub state: String,
    /// When it may leave.
    pub due_at: Option<Timestamp>,
    /// Why it did not.
    pub error: Option<String>,
    /// When it was decided.
    pub created_at: Timestamp,
    /// When the provider took it.
    pub sent_at: Option<Timestamp>,
    /// yes, no, overlap, late or conflict.
    pub answer: Option<String>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When its hold ended.
    pub released_at: Option<Timestamp>,
    /// Why the offer was closed for good.
    pub void_reason: Option<String>,
    /// Whether they would step in.
    pub standby: bool,
    /// By which number the network knows it.
    pub network_id: Option<String>,
    /// Since when it is in doubt, or was.
    pub doubted_at: Option<Timestamp>,
    /// When it is looked up in the network's records; only while it is in doubt.
    pub look_at: Option<Timestamp>,
    /// How often they did not have it.
    pub looks: u32,
    /// When they last did not have it, if it goes again because of that; none when the manager said so.
    pub looked_at: Option<Timestamp>,
    /// Which attempt to hand it over this is, from 1.
    pub attempt: u32,
    /// Whether it was handed over a second time, or is about to be.
    pub resent: bool,
}

/// A message that is not an offer, before it is kept.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// confirmation, release, reply or notice.
    pub kind: &'static str,
    /// The booking it belongs to.
    pub booking: Option<BookingId>,
    /// The musician it goes to.
    pub musician: Option<MusicianId>,
    /// The number or address it goes to.
    pub to: String,
    /// Its words.
    pub body: String,
    /// What makes it the only one of its kind: a second message with the same key is not kept (rule 7.1).
    pub once_key: Option<String>,
    /// The offer that it speaks of.
    pub about: Option<AboutOffer>,
    /// The secret of a call sheet's link.
    pub token: Option<String>,
    /// When it may leave; never when absent, and then `error` says why.
    pub due_at: Option<Timestamp>,
    /// It leaves in quiet hours too.
    pub at_once: bool,
    /// Why it never leaves.
    pub error: Option<String>,
}

/// What a message says of the offer it speaks of.
#[derive(Clone, Debug)]
pub struct AboutOffer {
    /// The option.
    pub option: OptionNo,
    /// The chair.
    pub chair_no: ChairNo,
    /// The chair, as people say it.
    pub chair: String,
    /// The instrument.
    pub instrument: String,
    /// When.
    pub time: Span,
}

impl AboutOffer {
    /// What is to be said of an offer of a booking.
    #[must_use]
    pub fn of(booking: &Booking, offer: &Offer) -> Option<Self> {
        let chair = booking.chair(offer.chair);
        Some(Self {
            option: offer.option,
            chair_no: offer.chair,
            chair: chair.label(),
            instrument: chair.instrument.clone(),
            time: booking.option(offer.option)?.time,
        })
    }
}

impl Message {
    /// Whether it is the text of a code to somebody who wants to join; its link is the one behind which the code is
    /// entered.
    #[must_use]
    pub fn is_code(&self) -> bool {
        self.musician.is_none() && self.booking.is_none() && self.token.is_some()
    }
}

/// The next code for an offer to a musician.
///
/// # Errors
/// When the database cannot be asked, or there is no such musician.
pub async fn next_code(tx: &mut Tx, musician: MusicianId) -> Result<u32, Error> {
    tx.query_one(&NEXT_CODE, params![musician]).await?.get("last_code")
}

/// Keeps a new offer.
///
/// # Errors
/// [`Error::Constraint`] `messages_asked_once` when this musician was asked about this option before (rule 4.8).
pub async fn insert_offer(
    tx: &mut Tx,
    booking: &Booking,
    offer: &Offer,
    words: OfferWords<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(about) = AboutOffer::of(booking, offer) else { return Ok(()) };
    let answer = AnswerColumns::of(offer);
    let (state, due_at, counted_at) = delivery_columns(offer.delivery);
    let values = params![
        booking.id,
        "offer",
        offer.musician,
        words.to,
        words.body,
        None::<String>,
        offer.no,
        about.option,
        about.chair_no,
        about.chair,
        about.instrument,
        At(about.time.start),
        At(about.time.end),
        reason_column(offer.reason),
        is_again(offer.reason),
        words.token,
        words.code,
        state,
        due_at,
        counted_at,
        At(now),
        answer.answer,
        answer.answered_at,
        offer.standby,
        None::<String>
    ];
    tx.queue(&INSERT_MESSAGE, values).await
}

/// Adds a mail with a calendar part, which has a key by which it is the only one of its kind.
///
/// # Errors
/// When the database cannot be asked.
pub async fn insert_invitation(tx: &mut Tx, message: &NewMessage, ics: &str, now: Timestamp) -> Result<(), Error> {
    insert(tx, message, now).await?;
    tx.execute(&INVITE, params![message.once_key, ics]).await.map(drop)
}

/// The calendar part of a mail, where it has one.
///
/// # Errors
/// When the database cannot be asked.
pub async fn invitation(tx: &mut Tx, id: i64) -> Result<Option<String>, Error> {
    tx.query_opt(&INVITATION, params![id]).await?.map_or(Ok(None), |row| row.get("invitation"))
}

/// The words of an offer.
#[derive(Clone, Copy, Debug)]
pub struct OfferWords<'a> {
    /// The number it goes to.
    pub to: &'a str,
    /// The text.
    pub body: &'a str,
    /// The secret of its links.
    pub token: &'a str,
    /// The number in "Y7".
    pub code: u32,
}

/// Keeps a new message. One with a known `once_key` is not kept again.
///
/// # Errors
/// When the database cannot be asked.
pub async fn insert(tx: &mut Tx, message: &NewMessage, now: Timestamp) -> Result<(), Error> {
    let about = message.about.as_ref();
    let time = about.map(|about| about.time);
    let state = if message.due_at.is_some() { "queued" } else { "void" };
    let values = params![
        message.booking,
        message.kind,
        message.musician,
        message.to,
        message.body,
        message.once_key,
        None::<OfferNo>,
        about.map(|a| a.option),
        about.map(|a| a.chair_no),
        about.map(|a| a.chair.clone()),
        about.map(|a| a.instrument.clone()),
        time.map(|t| At(t.start)),
        time.map(|t| At(t.end)),
        message.at_once.then_some("at_once"),
        false,
        message.token,
        None::<u32>,
        state,
        message.due_at.map(At),
        None::<At>,
        At(now),
        None::<String>,
        None::<At>,
        false,
        message.error
    ];
    tx.queue(&INSERT_MESSAGE, values).await
}

/// Which messages a list shows.
#[derive(Clone, Debug)]
pub enum Which {
    /// All of them.
    All,
    /// Those of one booking.
    Of(BookingId),
    /// Those in one state.
    In(String),
}

/// Up to `limit` messages after number `after`, oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(tx: &mut Tx, which: &Which, after: i64, limit: i64) -> Result<Vec<Message>, Error> {
    let rows = match which {
        Which::All => tx.query(&LIST_MESSAGES, params![after, limit]).await?,
        Which::Of(booking) => tx.query(&LIST_MESSAGES_OF, params![after, limit, booking]).await?,
        Which::In(state) => tx.query(&LIST_MESSAGES_IN, params![after, limit, state]).await?,
    };
    rows.iter().map(read).collect()
}

/// The newest messages in one state.
///
/// # Errors
/// When the database cannot be asked.
pub async fn newest_in(tx: &mut Tx, state: &str, limit: i64) -> Result<Vec<Message>, Error> {
    tx.query(&NEWEST_MESSAGES_IN, params![state, limit]).await?.iter().map(read).collect()
}

/// What was handed over to a number, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn received_by(tx: &mut Tx, number: &str, limit: i64) -> Result<Vec<Message>, Error> {
    tx.query(&LIST_MESSAGES_TO, params![number, limit]).await?.iter().map(read).collect()
}

/// One message, which nobody else changes until this transaction ends.
///
/// # Errors
/// When the database cannot be asked.
pub async fn lock(tx: &mut Tx, id: i64) -> Result<Option<Message>, Error> {
    tx.query_opt(&LOCK_MESSAGE, params![id]).await?.as_ref().map(read).transpose()
}

/// One message.
///
/// # Errors
/// When the database cannot be asked.
pub async fn get(tx: &mut Tx, id: i64) -> Result<Option<Message>, Error> {
    tx.query_opt(&MESSAGE, params![id]).await?.as_ref().map(read).transpose()
}

/// The offer behind a secret link.
#[derive(Clone, Debug)]
pub struct Linked {
    /// Its booking.
    pub booking: BookingId,
    /// Which of the booking's offers it is.
    pub offer: OfferNo,
    /// The zone of its musician.
    pub zone: Option<TimeZone>,
}

/// The offer behind a secret link.
///
/// # Errors
/// When the database cannot be asked.
pub async fn offer_by_token(tx: &mut Tx, token: &str) -> Result<Option<Linked>, Error> {
    let Some(row) = tx.query_opt(&OFFER_BY_TOKEN, params![token]).await? else { return Ok(None) };
    let zone = row.text("time_zone")?.and_then(|name| TimeZone::get(name).ok());
    Ok(Some(Linked { booking: row.get("booking_id")?, offer: row.get("offer_no")?, zone }))
}

/// The last of the messages whose keys begin with `name` and a colon, in the order of their keys.
///
/// # Errors
/// When the database cannot be asked.
pub async fn last_under(tx: &mut Tx, name: &str) -> Result<Option<Message>, Error> {
    let (from, to) = (format!("{name}:"), format!("{name};"));
    tx.query_opt(&MESSAGE_UNDER, params![from, to]).await?.as_ref().map(read).transpose()
}

/// A musician's newest offer with a code.
///
/// # Errors
/// When the database cannot be asked.
pub async fn by_code(tx: &mut Tx, musician: MusicianId, code: u32) -> Result<Option<Message>, Error> {
    tx.query_opt(&MESSAGE_BY_CODE, params![musician, code]).await?.as_ref().map(read).transpose()
}

/// A musician's newest offers.
///
/// # Errors
/// When the database cannot be asked.
pub async fn offers_to(tx: &mut Tx, musician: MusicianId, limit: i64) -> Result<Vec<Message>, Error> {
    tx.query(&OFFERS_TO, params![musician, limit]).await?.iter().map(read).collect()
}

/// Up to `limit` messages to a musician before number `before`, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn with(tx: &mut Tx, musician: MusicianId, before: i64, limit: i64) -> Result<Vec<Message>, Error> {
    tx.query(&MESSAGES_WITH, params![musician, before, limit]).await?.iter().map(read).collect()
}

/// Up to `limit` messages to any musician before number `before`, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn newest_to_musicians(tx: &mut Tx, before: i64, limit: i64) -> Result<Vec<Message>, Error> {
    tx.query(&NEWEST_TO_MUSICIANS, params![before, limit]).await?.iter().map(read).collect()
}

/// How often a musician was asked, by what they answered; none for what they have not answered.
///
/// # Errors
/// When the database cannot be asked.
pub async fn count_answers(tx: &mut Tx, musician: MusicianId) -> Result<Vec<(Option<String>, i64)>, Error> {
    let rows = tx.query(&COUNT_ANSWERS, params![musician]).await?;
    rows.iter().map(|row| Ok((row.get("answer")?, row.get("number")?))).collect()
}

/// How many booked sessions with a musician are over.
///
/// # Errors
/// When the database cannot be asked.
pub async fn count_played(tx: &mut Tx, musician: MusicianId, now: Timestamp) -> Result<i64, Error> {
    tx.query_one(&COUNT_PLAYED, params![musician, At(now)]).await?.get("number")
}

/// An offer of a booking.
///
/// # Errors
/// When the database cannot be asked.
pub async fn of_offer(tx: &mut Tx, booking: BookingId, offer: OfferNo) -> Result<Option<Message>, Error> {
    tx.query_opt(&MESSAGE_OF_OFFER, params![booking, offer]).await?.as_ref().map(read).transpose()
}

/// The bookings with a time still ahead that have offered a musician something.
///
/// # Errors
/// When the database cannot be asked.
pub async fn bookings_offered_to(tx: &mut Tx, musician: MusicianId, now: Timestamp) -> Result<Vec<BookingId>, Error> {
    let rows = tx.query(&BOOKINGS_OFFERED_TO, params![musician, At(now)]).await?;
    rows.iter().map(|row| row.get("booking_id")).collect()
}

/// Up to `limit` messages that may leave now.
///
/// # Errors
/// When the database cannot be asked.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<i64>, Error> {
    tx.query(&DUE_MESSAGES, params![At(now), limit]).await?.iter().map(|row| row.get("id")).collect()
}

/// Takes a message to hand it over: from here on it counts as possibly sent. False when somebody else took it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn claim(tx: &mut Tx, id: i64, lease_until: Timestamp) -> Result<bool, Error> {
    Ok(tx.execute(&CLAIM_MESSAGE, params![id, At(lease_until)]).await? == 1)
}

/// Lets a message that certainly was not handed over leave at another moment.
///
/// # Errors
/// When the database cannot be asked.
pub async fn postpone(tx: &mut Tx, id: i64, until: Timestamp) -> Result<(), Error> {
    tx.execute(&POSTPONE_MESSAGE, params![id, At(until)]).await.map(drop)
}

/// Makes the texts due that wait for the end of quiet hours: whether they may leave is judged when they are claimed.
///
/// # Errors
/// When the database cannot be asked.
pub async fn look_anew(tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
    tx.execute(&LOOK_ANEW, params![At(now)]).await.map(drop)
}

/// Records what became of a message that is no offer.
///
/// # Errors
/// When the database cannot be asked.
pub async fn settle(tx: &mut Tx, id: i64, state: &str, error: Option<&str>, now: Timestamp) -> Result<(), Error> {
    tx.execute(&SETTLE_MESSAGE, params![id, state, error, At(now)]).await.map(drop)
}

/// Records that the recipient has a message.
///
/// # Errors
/// When the database cannot be asked.
pub async fn delivered(tx: &mut Tx, id: i64) -> Result<(), Error> {
    tx.execute(&DELIVERED_MESSAGE, params![id]).await.map(drop)
}

/// Records why an offer's text failed, or is in doubt, and ends its lease.
///
/// # Errors
/// When the database cannot be asked.
pub async fn explain(tx: &mut Tx, id: i64, error: Option<&str>) -> Result<(), Error> {
    tx.execute(&EXPLAIN_MESSAGE, params![id, error]).await.map(drop)
}

/// Addresses a message anew: its musician's number has changed since it was written.
///
/// # Errors
/// When the database cannot be asked.
pub async fn readdress(tx: &mut Tx, id: i64, to: &str) -> Result<(), Error> {
    tx.execute(&READDRESS_MESSAGE, params![id, to]).await.map(drop)
}

/// Records by which number the network knows a message.
///
/// # Errors
/// When the database cannot be asked.
pub async fn number(tx: &mut Tx, id: i64, network_id: &str) -> Result<(), Error> {
    tx.execute(&NUMBER_MESSAGE, params![id, network_id]).await.map(drop)
}

/// The message that the network knows by a number.
///
/// # Errors
/// When the database cannot be asked.
pub async fn by_network_id(tx: &mut Tx, network_id: &str) -> Result<Option<Message>, Error> {
    tx.query_opt(&MESSAGE_BY_NETWORK_ID, params![network_id]).await?.as_ref().map(read).transpose()
}

/// A message is in doubt since `now`; its network's records are looked at at `at` (never, when absent).
///
/// # Errors
/// When the database cannot be asked.
pub async fn doubt(tx: &mut Tx, id: i64, now: Timestamp, at: Option<Timestamp>) -> Result<(), Error> {
    tx.execute(&DOUBT_MESSAGE, params![id, At(now), at.map(At)]).await.map(drop)
}

/// Looks a message in doubt up at `at` (never, when absent); the records did not have it `looks` times.
///
/// # Errors
/// When the database cannot be asked.
pub async fn look_up(tx: &mut Tx, id: i64, at: Option<Timestamp>, looks: u32) -> Result<(), Error> {
    tx.execute(&LOOK_AT_MESSAGE, params![id, at.map(At), looks]).await.map(drop)
}

/// Up to `limit` messages in doubt that are to be looked up now.
///
/// # Errors
/// When the database cannot be asked.
pub async fn doubtful(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Message>, Error> {
    tx.query(&DOUBTFUL_MESSAGES, params![At(now), limit]).await?.iter().map(read).collect()
}

/// A message that waits to go again is in doubt as before: it is looked up `now`, the records not having had it `looks`
/// times.
///
/// # Errors
/// When the database cannot be asked.
pub async fn doubt_again(tx: &mut Tx, id: i64, now: Timestamp, looks: u32) -> Result<(), Error> {
    tx.execute(&DOUBT_MESSAGE_AGAIN, params![id, At(now), looks]).await.map(drop)
}

/// Records that a message is handed over a second time, because the records did not have it at `looked_at`, or because the
/// manager says so (none).
///
/// # Errors
/// When the database cannot be asked.
pub async fn resend(tx: &mut Tx, id: i64, looked_at: Option<Timestamp>) -> Result<(), Error> {
    tx.execute(&RESEND_MESSAGE, params![id, looked_at.map(At)]).await.map(drop)
}

/// How many texts were handed over on a day, in a scope.
///
/// # Errors
/// When the database cannot be asked.
pub async fn sent_on(tx: &mut Tx, day: &str, scope: &str) -> Result<u32, Error> {
    let row = tx.query_opt(&TEXTS_SENT, params![day, scope]).await?;
    row.map_or(Ok(0), |row| row.get("number"))
}

/// Counts a text that is handed over.
///
/// # Errors
/// When the database cannot be asked.
pub async fn count_sent(tx: &mut Tx, day: &str, scope: &str) -> Result<(), Error> {
    tx.execute(&COUNT_TEXT, params![day, scope]).await.map(drop)
}

/// Forgets how many texts were handed over before a day.
///
/// # Errors
/// When the database cannot be asked.
pub async fn forget_sent(tx: &mut Tx, day: &str) -> Result<(), Error> {
    tx.execute(&FORGET_TEXTS_SENT, params![day]).await.map(drop)
}

/// Messages whose handing over was begun and never reported.
///
/// # Errors
/// When the database cannot be asked.
pub async fn abandoned(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<i64>, Error> {
    tx.query(&ABANDONED_MESSAGES, params![At(now), limit]).await?.iter().map(|row| row.get("id")).collect()
}

/// Ends every lease, so that what was claimed and not reported is looked at now.
///
/// # Errors
/// When the database cannot be asked.
pub async fn release_claims(tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
    tx.execute(&END_LEASES, params![At(now)]).await.map(drop)
}

/// When the next message may leave, the next unreported one is given up, or the next one in doubt is looked up.
///
/// # Errors
/// When the database cannot be asked.
pub async fn next_due(tx: &mut Tx) -> Result<Option<Timestamp>, Error> {
    let rows = tx.query_all([(&NEXT_MESSAGE_DUE, &[]), (&NEXT_LEASE_END, &[]), (&NEXT_LOOK, &[])]).await?;
    let mut next = None;
    for row in rows.iter().flatten() {
        next = next.into_iter().chain(row.get::<Option<At>>("at")?.map(|At(at)| at)).min();
    }
    Ok(next)
}

/// Lets nothing that is queued for a musician leave; their offers are closed by their bookings.
///
/// # Errors
/// When the database cannot be asked.
pub async fn void_for(tx: &mut Tx, musician: MusicianId, why: &str) -> Result<(), Error> {
    tx.execute(&VOID_MESSAGES_TO, params![musician, why]).await.map(drop)
}

/// How many messages should have left before `since` and have not.
///
/// # Errors
/// When the database cannot be asked.
pub async fn overdue(tx: &mut Tx, since: Timestamp) -> Result<i64, Error> {
    tx.query_one(&OVERDUE_MESSAGES, params![At(since)]).await?.get("number")
}

/// How many messages are on their way, or in trouble, by state.
///
/// # Errors
/// When the database cannot be asked.
pub async fn count(tx: &mut Tx) -> Result<Vec<(String, i64)>, Error> {
    let rows = tx.query(&COUNT_UNSETTLED, params![]).await?;
    rows.iter().map(|row| Ok((row.get("state")?, row.get("number")?))).collect()
}

/// A musician has seen a message.
///
/// # Errors
/// When the database cannot be asked.
pub async fn seen(tx: &mut Tx, id: i64, now: Timestamp) -> Result<(), Error> {
    tx.execute(&SEEN_MESSAGE, params![id, At(now)]).await.map(drop)
}

fn read(row: &Row) -> Result<Message, Error> {
    let at = |column: &str| Ok::<_, Error>(row.get::<Option<At>>(column)?.map(|At(at)| at));
    let time = match (at("starts_at")?, at("ends_at")?) {
        (Some(start), Some(end)) => Some(Span { start, end }),
        _ => None,
    };
    Ok(Message {
        id: row.get("id")?,
        booking: row.get("booking_id")?,
        kind: row.get("kind")?,
        musician: row.get("musician_id")?,
        to: row.get("recipient")?,
        body: row.get("body")?,
        offer: row.get("offer_no")?,
        option: row.get("option_no")?,
        chair_no: row.get("chair_no")?,
        chair: row.get("chair")?,
        instrument: row.get("instrument")?,
        time,
        reason: row.get("reason")?,
        token: row.get("token")?,
        code: row.get("code")?,
        state: row.get("state")?,
        due_at: at("due_at")?,
        error: row.get("error")?,
        created_at: row.get::<At>("created_at")?.0,
        sent_at: at("sent_at")?,
        answer: row.get("answer")?,
        answered_at: at("answered_at")?,
        released_at: at("released_at")?,
        void_reason: row.get("void_reason")?,
        standby: row.get("standby")?,
        network_id: row.get("network_id")?,
        doubted_at: at("doubted_at")?,
        look_at: at("look_at")?,
        looks: row.get("looks")?,
        looked_at: at("looked_at")?,
        attempt: row.get("attempt")?,
        resent: row.get("resent")?,
    })
}
