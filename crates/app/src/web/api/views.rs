//! The shapes of things in JSON. Instants are RFC 3339 in UTC, with the zone in which they are meant beside them.

use firstcall_core::answers::{LateBecause, Standing};
use firstcall_core::booking::{Booking, Dead, Fate, Request, State, Void};
use firstcall_core::ids::{ChairNo, OptionNo};
use firstcall_core::segments::size;
use firstcall_store::bookings::Shown;
use firstcall_store::consents::Consent;
use firstcall_store::entries::Entry as CalendarEntry;
use firstcall_store::journal::Line;
use firstcall_store::messages::Message;
use firstcall_store::roster::{Block, Entry, clock_words, standing_word};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who asked.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Client {
    /// Their name.
    pub name: Option<String>,
    /// Their address.
    pub email: Option<String>,
    /// Their number, as they wrote it.
    pub phone: Option<String>,
    /// Where they live.
    pub city: Option<String>,
}

/// A session in somebody's calendar.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    /// Whose; null: the studio's.
    musician_id: Option<i64>,
    /// The calendar in which it stands; null where it was sent by e-mail, or stands nowhere.
    calendar_id: Option<i64>,
    /// waiting, failing (it is tried again), written, mailed, nowhere or removed.
    state: &'static str,
    /// Why it is not there.
    error: Option<String>,
}

impl From<CalendarEntry> for EntryView {
    fn from(entry: CalendarEntry) -> Self {
        Self {
            musician_id: entry.musician.map(|musician| musician.0),
            calendar_id: entry.calendar,
            state: entry.state().word(),
            error: entry.trouble,
        }
    }
}

/// How many of an instrument.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentCount {
    /// The instrument, in snake case.
    pub instrument: String,
    /// How many chairs.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 64)]
    pub count: u16,
}

fn one() -> u16 {
    1
}

/// A seat of the option that is being called, or is booked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChairView {
    /// What is played there.
    pub instrument: String,
    /// Counted from 1 for each instrument.
    pub number: u16,
    /// As people say it: "violin 2".
    pub chair: String,
    /// Who holds it.
    pub musician_id: Option<i64>,
    /// open, held or booked.
    pub state: &'static str,
}

/// A possible time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OptionView {
    /// Its number.
    pub option: u32,
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
    /// The studio's zone.
    pub time_zone: String,
    /// waiting, calling, left, dead or booked.
    pub state: &'static str,
    /// Why it is dead.
    pub reason: Option<&'static str>,
}

/// When a booking will be woken.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeadlineView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// patience, `at_once`, `option_ends`, `still_paused` or `times_pass`.
    pub reason: String,
}

/// The studio as a booking shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StudioName {
    /// Its name.
    pub name: String,
    /// Its zone.
    pub time_zone: String,
}

/// A booking.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BookingView {
    /// Its number.
    pub id: i64,
    /// calling, paused, `no_times`, exhausted, booked, expired or cancelled.
    pub status: &'static str,
    /// Who asked.
    pub client: Client,
    /// Where.
    pub studio: StudioName,
    /// The zone in which the client spoke.
    pub time_zone: String,
    /// What is needed.
    pub instruments: Vec<InstrumentCount>,
    /// The seats of the option that is being called, or is booked.
    pub chairs: Vec<ChairView>,
    /// The possible times, in the order in which they are tried.
    pub options: Vec<OptionView>,
    /// The number of the option that is booked.
    pub booked_option: Option<u32>,
    /// When it will be woken, and why.
    pub next_deadline: Option<DeadlineView>,
    /// What else the client said.
    pub notes: Option<String>,
    /// Demos, charts, videos.
    pub links: Vec<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Its page on the desk.
    pub url: String,
    /// The client's own page.
    pub client_url: String,
}

impl BookingView {
    /// A booking as JSON; `url` leads to its page on the desk, `client_url` to the client's.
    #[must_use]
    pub fn of(shown: &Shown, studio: &StudioName, url: String, client_url: String) -> Self {
        let booking = &shown.booking;
        let request = Request::clone(&booking.request);
        Self {
            id: booking.id.0,
            status: booking.status(),
            client: Client {
                name: request.client_name,
                email: request.client_email,
                phone: request.client_phone,
                city: request.client_city,
            },
            studio: studio.clone(),
            time_zone: request.time_zone,
            instruments: instruments(booking),
            chairs: chairs(booking),
            options: booking.options.iter().map(|o| option(booking, o.no, &studio.time_zone)).collect(),
            booked_option: match booking.state {
                State::Booked { option, .. } => Some(option.0),
                State::Calling { .. }
                | State::Paused { .. }
                | State::NoTimes
                | State::Exhausted { .. }
                | State::Expired
                | State::Cancelled => None,
            },
            next_deadline: shown
                .due_at
                .map(|at| DeadlineView { at, reason: shown.due_reason.clone().unwrap_or_default() }),
            notes: request.notes,
            links: request.links,
            created_at: booking.created_at,
            url,
            client_url,
        }
    }
}

fn instruments(booking: &Booking) -> Vec<InstrumentCount> {
    let mut counts: Vec<InstrumentCount> = Vec::new();
    for chair in &booking.chairs {
        match counts.iter_mut().find(|count| count.instrument == chair.instrument) {
            Some(count) => count.count += 1,
            None => counts.push(InstrumentCount { instrument: chair.instrument.clone(), count: 1 }),
        }
    }
    counts
}

/// The seats of a booking's current option.
#[must_use]
pub fn chairs(booking: &Booking) -> Vec<ChairView> {
    let booked = matches!(booking.state, State::Booked { .. });
    let chair = |no: ChairNo| {
        let chair = booking.chair(no);
        let holder = booking.current().and_then(|option| booking.holder(option, no));
        ChairView {
            instrument: chair.instrument.clone(),
            number: chair.number.unwrap_or(1),
            chair: chair.label(),
            musician_id: holder.map(|offer| offer.musician.0),
            state: match holder {
                Some(_) if booked => "booked",
                Some(_) => "held",
                None => "open",
            },
        }
    };
    booking.chair_nos().map(chair).collect()
}

/// The word for what has become of an option, and why it is dead.
#[must_use]
pub fn option_state(booking: &Booking, no: OptionNo) -> (&'static str, Option<&'static str>) {
    let fate = booking.option(no).map(|option| option.fate);
    match (&booking.state, fate) {
        (State::Booked { option, .. }, _) if *option == no => ("booked", None),
        (_, Some(Fate::Dead(why))) => ("dead", Some(dead(why))),
        (State::Booked { .. }, _) => ("dead", Some("booked_elsewhere")),
        (State::Cancelled, _) => ("dead", Some("cancelled")),
        (State::Expired, _) => ("dead", Some("expired")),
        (State::Calling { option, .. } | State::Paused { option, .. }, _) if *option == no => ("calling", None),
        (_, Some(Fate::Called)) => ("left", None),
        (_, Some(Fate::Waiting) | None) => ("waiting", None),
    }
}

fn option(booking: &Booking, no: OptionNo, zone: &str) -> OptionView {
    let (state, reason) = option_state(booking, no);
    let time = booking.option(no).map(|option| option.time);
    OptionView {
        option: no.0,
        start: time.map_or(Timestamp::UNIX_EPOCH, |time| time.start),
        end: time.map_or(Timestamp::UNIX_EPOCH, |time| time.end),
        time_zone: zone.to_owned(),
        state,
        reason,
    }
}

fn dead(why: Dead) -> &'static str {
    match why {
        Dead::TooLate => "too_late",
        Dead::StudioTaken => "studio_taken",
        Dead::Unfillable => "unfillable",
        Dead::Dropped => "dropped",
    }
}

/// A message.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageView {
    /// Its number.
    pub id: i64,
    /// The booking it belongs to.
    pub booking_id: Option<i64>,
    /// The musician it goes to.
    pub musician_id: Option<i64>,
    /// The option it speaks of.
    pub option: Option<u32>,
    /// When the option starts.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub booking_time: Option<Timestamp>,
    /// When the option ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub booking_end: Option<Timestamp>,
    /// The studio's zone.
    pub time_zone: String,
    /// The chair's instrument.
    pub instrument: Option<String>,
    /// The chair, as people say it.
    pub chair: Option<String>,
    /// offer, confirmation, release, reply or notice.
    pub kind: String,
    /// The number or address it goes to.
    pub to: String,
    /// Its words.
    pub body: String,
    /// The number in "Y7".
    pub code: Option<u32>,
    /// How many segments the network counts.
    pub segments: usize,
    /// queued, sending, sent, delivered, failed, `in_doubt` or void.
    pub state: String,
    /// Why it did not leave, or is in doubt.
    pub error: Option<String>,
    /// By which number the network knows it.
    pub network_id: Option<String>,
    /// When the network's records are looked at next, while it is in doubt; null when nobody but you can settle that.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub look_at: Option<Timestamp>,
    /// Whether it was handed over a second time.
    pub resent: bool,
    /// null, yes, no, late or conflict.
    pub answer: Option<&'static str>,
    /// Why the offer can no longer be had by saying YES.
    pub closed_reason: Option<&'static str>,
    /// Whether its musician would step in.
    pub standby: bool,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it may leave, while it is queued.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// When the provider took it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Timestamp>,
    /// When it was answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Timestamp>,
    /// When its hold ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub released_at: Option<Timestamp>,
}

impl MessageView {
    /// A message as JSON; what became of an offer's chair is read off its booking.
    #[must_use]
    pub fn of(message: Message, booking: Option<&Booking>, zone: &str) -> Self {
        let closed_reason = closed(&message, booking);
        let segments = size(&message.body).segments;
        Self {
            id: message.id,
            booking_id: message.booking.map(|id| id.0),
            musician_id: message.musician.map(|id| id.0),
            option: message.option.map(|no| no.0),
            booking_time: message.time.map(|time| time.start),
            booking_end: message.time.map(|time| time.end),
            time_zone: zone.to_owned(),
            instrument: message.instrument,
            chair: message.chair,
            kind: message.kind,
            to: message.to,
            body: message.body,
            code: message.code,
            segments,
            state: message.state,
            error: message.error,
            network_id: message.network_id,
            look_at: message.look_at,
            resent: message.resent,
            answer: message.answer.as_deref().and_then(answer_word),
            closed_reason,
            standby: message.standby,
            created_at: message.created_at,
            due_at: message.due_at,
            sent_at: message.sent_at,
            answered_at: message.answered_at,
            released_at: message.released_at,
        }
    }
}

/// The interface knows an overlap as a NO (rule 4.8).
fn answer_word(stored: &str) -> Option<&'static str> {
    ["yes", "no", "late", "conflict"].into_iter().find(|word| *word == stored).or((stored == "overlap").then_some("no"))
}

fn closed(message: &Message, booking: Option<&Booking>) -> Option<&'static str> {
    if message.answer.as_deref() == Some("overlap") {
        return Some("overlap");
    }
    let booking = booking?;
    let offer = booking.offer(message.offer?)?;
    match booking.standing(offer) {
        Standing::Closed(why) => Some(match why {
            LateBecause::Filled => "filled",
            LateBecause::BookedElsewhere => "booked_elsewhere",
            LateBecause::Cancelled => "cancelled",
            LateBecause::Expired => "expired",
            LateBecause::Dead(why) => dead(why),
            LateBecause::Void(Void::Superseded) => "superseded",
            LateBecause::Void(Void::OptedOut) => "opted_out",
            LateBecause::Void(Void::Paused) => "paused",
            LateBecause::Void(Void::Removed) => "removed",
            LateBecause::Void(Void::Withdrawn) => "withdrawn",
        }),
        Standing::Released => Some("released"),
        Standing::Open | Standing::SaidNo | Standing::Held(_) | Standing::Confirmed(_) => None,
    }
}

/// An instrument that a musician plays.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlaysView {
    /// The instrument, in snake case.
    pub instrument: String,
    /// The place in its call list, from 1.
    pub place: u32,
}

/// A musician.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MusicianView {
    /// Their number.
    pub id: i64,
    /// Their name.
    pub name: String,
    /// Their telephone number, E.164.
    pub phone: String,
    /// Their address.
    pub email: Option<String>,
    /// Their zone.
    pub time_zone: String,
    /// Their own quiet hours, such as "22:00-08:00"; null: the studio's.
    pub quiet_hours: Option<String>,
    /// What they play.
    pub instruments: Vec<PlaysView>,
    /// What the manager noted.
    pub notes: Option<String>,
    /// invited, waiting (to be approved), active, paused, `opted_out` or removed.
    pub status: &'static str,
    /// When they were last booked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_booked_at: Option<Timestamp>,
    /// The same, as a day in the studio's calendar.
    pub last_booked: Option<String>,
    /// Since when they are on the roster.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl MusicianView {
    /// A musician as JSON.
    #[must_use]
    pub fn of(entry: Entry, studio: &TimeZone) -> Self {
        let musician = entry.musician;
        let plays = |(instrument, place)| PlaysView { instrument, place };
        let day = |at: Timestamp| at.to_zoned(studio.clone()).date().to_string();
        Self {
            id: musician.id.0,
            name: musician.name,
            phone: musician.phone.as_str().to_owned(),
            email: entry.email,
            time_zone: musician.zone.iana_name().unwrap_or("UTC").to_owned(),
            quiet_hours: musician.quiet_hours.map(clock_words),
            instruments: musician.instruments.into_iter().map(plays).collect(),
            notes: entry.notes,
            status: standing_word(musician.standing),
            last_booked_at: musician.last_booked_at,
            last_booked: musician.last_booked_at.map(day),
            created_at: entry.created_at,
        }
    }
}

/// Time that a musician does not have, entered by hand.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BlockView {
    /// Its number.
    pub id: i64,
    /// Whose time.
    pub musician_id: i64,
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
    /// Why.
    pub note: Option<String>,
}

impl From<Block> for BlockView {
    fn from(block: Block) -> Self {
        Self {
            id: block.id,
            musician_id: block.musician.0,
            start: block.span.start,
            end: block.span.end,
            note: block.note,
        }
    }
}

/// What a musician agreed to, or refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConsentView {
    /// Its number.
    pub id: i64,
    /// Who.
    pub musician_id: i64,
    /// The number they had.
    pub phone: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// invited, joined, vouched (the manager says so) or `opted_out`.
    pub kind: String,
    /// How it was said: text, network, roster, import, desk or api.
    pub channel: String,
    /// The words.
    pub wording: String,
}

impl From<Consent> for ConsentView {
    fn from(consent: Consent) -> Self {
        let Consent { id, musician, phone, at, kind, channel, wording } = consent;
        Self { id, musician_id: musician.0, phone, at, kind, channel, wording }
    }
}

/// A line of a booking's log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LogView {
    /// Its number.
    pub id: i64,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// What happened, in one word.
    pub kind: String,
    /// About which option.
    pub option: Option<u32>,
    /// About whom.
    pub musician_id: Option<i64>,
    /// What the kind alone does not say.
    pub detail: String,
}

impl From<Line> for LogView {
    fn from(line: Line) -> Self {
        Self {
            id: line.id,
            at: line.at,
            actor: line.actor,
            kind: line.kind,
            option: line.option.map(|no| no.0),
            musician_id: line.musician.map(|id| id.0),
            detail: line.detail,
        }
    }
}
