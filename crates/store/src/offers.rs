//! Offers as rows of `messages`.

use crate::instants::At;
use crate::{Error, Row, Tx, params, statements};
use firstcall_core::booking::{Answer, Booking, Delivery, Offer, OfferReason, Void};
use jiff::Timestamp;

statements! {
    /// A booking's offers, in order.
    OFFERS_OF = "SELECT offer_no, option_no, chair_no, musician_id, reason, state, due_at, counted_at, answer, \
        answered_at, released_at, void_reason, standby \
        FROM messages WHERE booking_id = $1 AND offer_no IS NOT NULL ORDER BY offer_no";
    /// What was said to an offer.
    SAVE_ANSWER = "UPDATE messages SET answer = $3, answered_at = $4, released_at = $5, void_reason = $6, \
        standby = $7, chair_no = $8, chair = $9 WHERE booking_id = $1 AND offer_no = $2";
    /// How far an offer's text has come, unless it has meanwhile come further than was known: one that is being handed
    /// over is not called back.
    SAVE_DELIVERY = "UPDATE messages SET state = $3, due_at = $4, counted_at = $5, lease_until = NULL, \
        look_at = NULL, \
        sent_at = CASE WHEN $3 = 'sent' THEN $5 ELSE sent_at END \
        WHERE booking_id = $1 AND offer_no = $2 AND (state = $6 OR state = 'delivered' AND $6 = 'sent')";
}

/// The offers in the rows of a query.
pub(crate) fn read_all(rows: &[Row]) -> Result<Vec<Offer>, Error> {
    rows.iter().map(read).collect()
}

/// Writes what changed in the offers that were there before. New ones come as messages, with their words.
pub(crate) async fn save(tx: &mut Tx, before: &Booking, after: &Booking) -> Result<(), Error> {
    for (old, new) in before.offers.iter().zip(&after.offers) {
        if (old.answer, old.void, old.standby, old.chair) != (new.answer, new.void, new.standby, new.chair) {
            let columns = AnswerColumns::of(new);
            let chair = after.chair(new.chair).label();
            let answer = params![
                after.id,
                new.no,
                columns.answer,
                columns.answered_at,
                columns.released_at,
                columns.void_reason,
                new.standby,
                new.chair,
                chair
            ];
            tx.queue(&SAVE_ANSWER, answer).await?;
        }
        if old.delivery != new.delivery {
            let (state, due_at, counted_at) = delivery_columns(new.delivery);
            let (known, ..) = delivery_columns(old.delivery);
            tx.queue(&SAVE_DELIVERY, params![after.id, new.no, state, due_at, counted_at, known]).await?;
        }
    }
    Ok(())
}

/// The columns that say what was answered.
pub(crate) struct AnswerColumns {
    pub(crate) answer: Option<&'static str>,
    pub(crate) answered_at: Option<At>,
    pub(crate) released_at: Option<At>,
    pub(crate) void_reason: Option<&'static str>,
}

impl AnswerColumns {
    pub(crate) fn of(offer: &Offer) -> Self {
        let (answer, answered_at, released_at) = match offer.answer {
            None => (None, None, None),
            Some(Answer::Held(at)) => (Some("yes"), Some(At(at)), None),
            Some(Answer::Released { answered, released }) => (Some("yes"), Some(At(answered)), Some(At(released))),
            Some(Answer::No(at)) => (Some("no"), Some(At(at)), None),
            Some(Answer::Overlap(at)) => (Some("overlap"), Some(At(at)), None),
            Some(Answer::Late(at)) => (Some("late"), Some(At(at)), None),
            Some(Answer::Conflict(at)) => (Some("conflict"), Some(At(at)), None),
        };
        let void_reason = offer.void.map(|void| match void {
            Void::Superseded => "superseded",
            Void::OptedOut => "opted_out",
            Void::Paused => "paused",
            Void::Removed => "removed",
            Void::Withdrawn => "withdrawn",
        });
        Self { answer, answered_at, released_at, void_reason }
    }
}

/// `state`, `due_at` and `counted_at` (the instant from which patience counts) of a delivery.
pub(crate) fn delivery_columns(delivery: Delivery) -> (&'static str, Option<At>, Option<At>) {
    match delivery {
        Delivery::Queued(at) => ("queued", Some(At(at)), None),
        Delivery::OnHold => ("queued", None, None),
        Delivery::Sending => ("sending", None, None),
        Delivery::Sent(at) => ("sent", None, Some(At(at))),
        Delivery::Failed(at) => ("failed", None, Some(At(at))),
        Delivery::InDoubt(at) => ("in_doubt", None, Some(At(at))),
        Delivery::Void => ("void", None, None),
    }
}

/// The columns of an offer's reason.
pub(crate) fn reason_column(reason: OfferReason) -> String {
    match reason {
        OfferReason::Wave(wave) => format!("wave {wave}"),
        OfferReason::DropOut => "drop_out".to_owned(),
        OfferReason::Standby => "standby".to_owned(),
        OfferReason::Moved => "moved".to_owned(),
        OfferReason::ByHand => "by_hand".to_owned(),
    }
}

fn read(row: &Row) -> Result<Offer, Error> {
    Ok(Offer {
        no: row.get("offer_no")?,
        option: row.get("option_no")?,
        chair: row.get("chair_no")?,
        musician: row.get("musician_id")?,
        reason: read_reason(row.text("reason")?.unwrap_or_default())?,
        delivery: read_delivery(row)?,
        answer: read_answer(row)?,
        void: row.text("void_reason")?.map(read_void).transpose()?,
        standby: row.get("standby")?,
    })
}

fn unknown(column: &str, found: &str) -> Error {
    Error::Column { column: column.to_owned(), reason: format!("{found} is not one of its values") }
}

fn read_reason(text: &str) -> Result<OfferReason, Error> {
    match text {
        "drop_out" => Ok(OfferReason::DropOut),
        "standby" => Ok(OfferReason::Standby),
        "moved" => Ok(OfferReason::Moved),
        "by_hand" => Ok(OfferReason::ByHand),
        other => {
            let wave = other.strip_prefix("wave ").and_then(|wave| wave.parse().ok());
            wave.map(OfferReason::Wave).ok_or_else(|| unknown("reason", other))
        }
    }
}

fn read_delivery(row: &Row) -> Result<Delivery, Error> {
    let counted = || row.get::<At>("counted_at").map(|At(at)| at);
    match row.text("state")?.unwrap_or_default() {
        "queued" => Ok(row.get::<Option<At>>("due_at")?.map_or(Delivery::OnHold, |At(at)| Delivery::Queued(at))),
        "sending" => Ok(Delivery::Sending),
        "sent" | "delivered" => counted().map(Delivery::Sent),
        "failed" => counted().map(Delivery::Failed),
        "in_doubt" => counted().map(Delivery::InDoubt),
        "void" => Ok(Delivery::Void),
        other => Err(unknown("state", other)),
    }
}

fn read_answer(row: &Row) -> Result<Option<Answer>, Error> {
    let Some(answer) = row.text("answer")? else { return Ok(None) };
    let at: Timestamp = row.get::<At>("answered_at")?.0;
    let released = row.get::<Option<At>>("released_at")?;
    Ok(Some(match (answer, released) {
        ("yes", None) => Answer::Held(at),
        ("yes", Some(At(released))) => Answer::Released { answered: at, released },
        ("no", _) => Answer::No(at),
        ("overlap", _) => Answer::Overlap(at),
        ("late", _) => Answer::Late(at),
        ("conflict", _) => Answer::Conflict(at),
        (other, _) => return Err(unknown("answer", other)),
    }))
}

fn read_void(word: &str) -> Result<Void, Error> {
    match word {
        "superseded" => Ok(Void::Superseded),
        "opted_out" => Ok(Void::OptedOut),
        "paused" => Ok(Void::Paused),
        "removed" => Ok(Void::Removed),
        "withdrawn" => Ok(Void::Withdrawn),
        other => Err(unknown("void_reason", other)),
    }
}

/// Whether somebody on standby is asked a second time, which rule 7.3 allows once.
pub(crate) fn is_again(reason: OfferReason) -> bool {
    matches!(reason, OfferReason::Standby)
}
