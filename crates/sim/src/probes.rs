//! Rare paths: what stories are to reach now and then. A run says which of them it never reached, because a check that
//! never sees what it is for proves nothing.

use firstcall_core::booking::{Answer, Booking, Dead, Delivery, Fate, OfferReason, State, Void};

/// Everything that is to be reached.
pub const ALL: [&str; 48] = [
    "a booking by mail",
    "a mail again",
    "a page opened",
    "an answer twice",
    "a bare yes by text",
    "words for the manager",
    "STOP",
    "a text brought twice",
    "a text in pieces",
    "a piece that never came",
    "a STOP that the network knows of",
    "a number that is none",
    "other rules",
    "the clock set forward",
    "the clock set back",
    "a clock change passed",
    "nothing ran for a while",
    "ended before its first commit",
    "ended between commits",
    "ended while handing over",
    "away between commits",
    "somebody acted between two commits",
    "a text answered later",
    "a report before its text was recorded",
    "a text refused",
    "a text that had to wait for the network",
    "a text in doubt",
    "a doubt looked up",
    "records that could not be read",
    "a text handed over a second time",
    "a text called back",
    "no possible time",
    "paused",
    "exhausted",
    "booked",
    "booked by an option that was left",
    "expired",
    "cancelled",
    "a third wave",
    "an option too late",
    "an option without the studio",
    "an option that could not be filled",
    "late",
    "conflict",
    "overlap",
    "a drop-out filled again",
    "standby asked",
    "a session moved",
];

/// What can be seen of a booking.
#[must_use]
pub fn of(booking: &Booking) -> Vec<&'static str> {
    let mut seen = Vec::new();
    seen.extend(match &booking.state {
        State::NoTimes => Some("no possible time"),
        State::Calling { .. } | State::Booked { refill: Some(_), .. } => None,
        State::Paused { .. }
        | State::Exhausted { .. }
        | State::Booked { refill: None, .. }
        | State::Expired
        | State::Cancelled => Some(booking.status()),
    });
    if let State::Booked { option, refill: None } = &booking.state
        && booking.offers.iter().any(|offer| offer.option > *option)
    {
        seen.push("booked by an option that was left");
    }
    seen.extend(booking.options.iter().filter_map(|option| match option.fate {
        Fate::Dead(Dead::TooLate) => Some("an option too late"),
        Fate::Dead(Dead::StudioTaken) => Some("an option without the studio"),
        Fate::Dead(Dead::Unfillable) => Some("an option that could not be filled"),
        Fate::Dead(Dead::Dropped) | Fate::Waiting | Fate::Called => None,
    }));
    for offer in &booking.offers {
        seen.extend(match offer.answer {
            Some(Answer::Late(_)) => Some("late"),
            Some(Answer::Conflict(_)) => Some("conflict"),
            Some(Answer::Overlap(_)) => Some("overlap"),
            Some(Answer::Held(_)) if offer.reason == OfferReason::DropOut => Some("a drop-out filled again"),
            Some(Answer::Held(_) | Answer::Released { .. } | Answer::No(_)) | None => None,
        });
        seen.extend(match offer.reason {
            OfferReason::Wave(3) => Some("a third wave"),
            OfferReason::Standby => Some("standby asked"),
            OfferReason::Moved => Some("a session moved"),
            OfferReason::Wave(_) | OfferReason::DropOut | OfferReason::ByHand => None,
        });
        seen.extend(match (offer.delivery, offer.void) {
            (Delivery::InDoubt(_), _) => Some("a text in doubt"),
            (Delivery::Failed(_), _) => Some("a text refused"),
            (Delivery::Void, None | Some(Void::Superseded)) => Some("a text called back"),
            (Delivery::Void, Some(Void::OptedOut | Void::Paused | Void::Removed | Void::Withdrawn))
            | (Delivery::Queued(_) | Delivery::OnHold | Delivery::Sending | Delivery::Sent(_), _) => None,
        });
    }
    seen
}
