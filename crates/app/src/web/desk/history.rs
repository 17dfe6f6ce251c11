//! What became of everything that a musician was asked.

use crate::web::when;
use firstcall_core::ids::MusicianId;
use firstcall_core::wording::capital;
use firstcall_store::messages::{self, Message};
use firstcall_store::{Error, Tx};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// So many offers are shown.
const MOST: i64 = 50;

/// What a musician was asked, in numbers, and the last of it.
pub struct History {
    pub asked: i64,
    pub yes: i64,
    pub no: i64,
    pub late: i64,
    pub open: i64,
    pub played: i64,
    pub offers: Vec<Offered>,
}

/// An offer, as a line.
pub struct Offered {
    pub at: String,
    pub booking: Option<i64>,
    pub what: String,
    pub said: &'static str,
    pub tone: &'static str,
}

impl History {
    /// Reads it.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn read(tx: &mut Tx, musician: MusicianId, now: Timestamp, zone: &TimeZone) -> Result<Self, Error> {
        let counts = messages::count_answers(tx, musician).await?;
        let sum = |answers: &[Option<&str>]| {
            counts.iter().filter(|(answer, _)| answers.contains(&answer.as_deref())).map(|(_, number)| number).sum()
        };
        let offers = messages::offers_to(tx, musician, MOST).await?;
        Ok(Self {
            asked: counts.iter().map(|(_, number)| number).sum(),
            yes: sum(&[Some("yes")]),
            no: sum(&[Some("no"), Some("overlap")]),
            late: sum(&[Some("late"), Some("conflict")]),
            open: sum(&[None]),
            played: messages::count_played(tx, musician, now).await?,
            offers: offers.iter().map(|offer| offered(offer, now, zone)).collect(),
        })
    }
}

fn offered(offer: &Message, now: Timestamp, zone: &TimeZone) -> Offered {
    let chair = capital(offer.chair.as_deref().unwrap_or_default());
    let time = offer.time.map(|time| when::start(time.start, zone)).unwrap_or_default();
    let (said, tone) = match (offer.answer.as_deref(), offer.state.as_str()) {
        (Some("yes"), _) if offer.released_at.is_some() => ("yes, released", "yes"),
        (Some("yes"), _) => ("yes", "yes"),
        (Some("no"), _) => ("no", ""),
        (Some("overlap"), _) => ("busy elsewhere", ""),
        (Some("late"), _) => ("late", "wait"),
        (Some("conflict"), _) => ("conflict", "wait"),
        (_, "failed") => ("not texted", "bad"),
        (_, "in_doubt") => ("in doubt", "bad"),
        (_, "void") => ("closed", ""),
        _ => ("no answer", ""),
    };
    let at = when::moment(offer.sent_at.unwrap_or(offer.created_at), now, zone);
    Offered { at, booking: offer.booking.map(|id| id.0), what: format!("{chair}, {time}"), said, tone }
}
