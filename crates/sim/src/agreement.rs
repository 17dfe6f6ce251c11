//! The program beside the second reading of the rules (`model`): after every step both must say the same of every booking.

use crate::model::{Model, OfferView, Said, Told, View, Whom};
use crate::studio::MANAGER;
use crate::world::{Checked, Failure, Seen};
use firstcall_core::booking::{Answer, Booking, Delivery, Offer, Void};
use firstcall_core::ids::OptionNo;
use firstcall_core::policy::Policy;
use firstcall_core::step::Outcome;
use firstcall_store::messages::Message;
use jiff::Timestamp;

/// Compares everything.
///
/// # Errors
/// With the first booking that differs.
pub fn compare(model: &Model, seen: &Seen, policy: &Policy, now: Timestamp) -> Checked<()> {
    for (booking, deadline) in &seen.bookings {
        let (is, mut expected) = (view(booking, *deadline, &seen.texts, policy, now), model.view(booking.id));
        expected.told = counted(&expected.told);
        // While a text is being handed over, patience has no end.
        if booking.offers.iter().any(|offer| offer.delivery == Delivery::Sending) {
            expected.deadline = is.deadline;
        }
        // The rules leave open whether the number of an option that died uncalled is used again.
        for offer in &mut expected.offers {
            offer.option = OptionNo(0);
        }
        // What nobody can answer any more need not be closed once more, and another reason may come to it first.
        for (seen, expected) in is.offers.iter().zip(&mut expected.offers) {
            if !matches!(seen.shut, "opted_out" | "paused" | "removed") {
                expected.shut = seen.shut;
            }
        }
        // What is over is not about any time any more.
        expected.current = expected.current.filter(|_| booking.current().is_some());
        if is != expected {
            return Err(Failure(difference(booking, &is, &expected)));
        }
    }
    for person in seen.people.musicians() {
        let (is, expected) = (person.last_booked_at, model.last_booked_at(person.id));
        if is != expected {
            let name = &person.name;
            return Err(Failure(format!("3.6: {name} was last booked {is:?}, by the rules {expected:?}")));
        }
    }
    Ok(())
}

/// What the program says to whoever did something is what the rules say.
///
/// # Errors
/// When it is not.
pub fn agree(expected: Said, outcome: &Outcome, what: impl FnOnce() -> String) -> Checked<()> {
    let seen = match outcome {
        Outcome::Done => Said::Done,
        Outcome::Held => Said::Held,
        Outcome::Booked => Said::Booked,
        Outcome::AlreadyHeld => Said::AlreadyHeld,
        Outcome::SaidNo => Said::SaidNo,
        Outcome::AlreadyNo => Said::AlreadyNo,
        Outcome::DroppedOut => Said::DroppedOut,
        Outcome::Late(_) => Said::Late,
        Outcome::Conflict(_) => Said::Conflict,
        Outcome::StandsBy => Said::StandsBy,
        Outcome::ChairIsOpen => Said::ChairIsOpen,
        Outcome::HoldsNothing => Said::HoldsNothing,
        Outcome::Refused(_) => Said::Refused,
    };
    if seen == expected {
        return Ok(());
    }
    Err(Failure(format!("{}: the program says {outcome:?}, the rules say {expected:?}", what())))
}

/// A booking as the second reading shows it.
fn view(booking: &Booking, deadline: Option<Timestamp>, texts: &[Message], policy: &Policy, now: Timestamp) -> View {
    let current = booking.current().and_then(|no| booking.option(no)).map(|option| option.time);
    let theirs = texts.iter().filter(|text| text.booking == Some(booking.id));
    let told: Vec<Told> = theirs.filter_map(told).collect();
    View {
        status: booking.status(),
        current,
        deadline,
        offers: booking.offers.iter().filter_map(|offer| offer_view(booking, offer, policy, now)).collect(),
        told: counted(&told),
    }
}

fn offer_view(booking: &Booking, offer: &Offer, policy: &Policy, now: Timestamp) -> Option<OfferView> {
    let time = booking.option(offer.option)?.time;
    let answer = match offer.answer {
        None => "",
        Some(Answer::Held(_)) => "held",
        Some(Answer::Released { .. }) => "released",
        Some(Answer::No(_)) => "no",
        Some(Answer::Overlap(_)) => "overlap",
        Some(Answer::Late(_)) => "late",
        Some(Answer::Conflict(_)) => "conflict",
    };
    Some(OfferView {
        no: offer.no,
        option_time: time,
        option: OptionNo(0),
        chair: offer.chair,
        musician: offer.musician,
        delivery: offer.delivery,
        answer,
        // A booked option that is over is not looked at again.
        answerable: booking.is_answerable(offer) && policy.end_of(&time) > now,
        standby: offer.standby,
        shut: offer.void.map_or("", shut),
    })
}

fn shut(why: Void) -> &'static str {
    match why {
        Void::Superseded => "superseded",
        Void::OptedOut => "opted_out",
        Void::Paused => "paused",
        Void::Removed => "removed",
        Void::Withdrawn => "withdrawn",
    }
}

/// What a text tells; the words of releases and notices are `wording`'s, and are not told apart here. That a text could
/// not be delivered is told of texts that are no offers too, which the second reading does not know.
fn told(text: &Message) -> Option<Told> {
    let (to, word) = match (text.kind.as_str(), text.musician) {
        ("confirmation", Some(musician)) => (Whom::Musician(musician), "confirmed"),
        ("release", Some(musician)) => (Whom::Musician(musician), "released"),
        ("notice", None) if text.to == MANAGER && is_about_a_text(&text.body) => return None,
        ("notice", None) if text.to == MANAGER => (Whom::Manager, "notice"),
        ("notice", None) => (Whom::Client, "notice"),
        _ => return None,
    };
    Some(Told { to, word })
}

fn counted(told: &[Told]) -> Vec<Told> {
    let plain = |one: &Told| {
        let word = match (one.to, one.word) {
            (Whom::Musician(_), "confirmed") => "confirmed",
            (Whom::Musician(_), _) => "released",
            (Whom::Manager | Whom::Client, _) => "notice",
        };
        Told { to: one.to, word }
    };
    let mut told: Vec<Told> = told.iter().map(plain).collect();
    told.sort();
    told
}

fn difference(booking: &Booking, seen: &View, expected: &View) -> String {
    let mut lines = Vec::new();
    let mut differ = Vec::new();
    let mut compare = |what: &'static str, seen: String, expected: String| {
        if seen != expected {
            differ.push(what);
            lines.push(format!("  {what}: {seen}\n    by the rules: {expected}"));
        }
    };
    compare("status", seen.status.to_owned(), expected.status.to_owned());
    compare("current", format!("{:?}", seen.current), format!("{:?}", expected.current));
    compare("deadline", format!("{:?}", seen.deadline), format!("{:?}", expected.deadline));
    for at in 0..seen.offers.len().max(expected.offers.len()) {
        compare("offer", format!("{:?}", seen.offers.get(at)), format!("{:?}", expected.offers.get(at)));
    }
    compare("told", format!("{:?}", seen.told), format!("{:?}", expected.told));
    differ.dedup();
    lines.insert(0, format!("disagreement: {} of booking {}", differ.join(", "), booking.id));
    lines.push(format!("{booking:?}"));
    lines.join("\n")
}

fn is_about_a_text(body: &str) -> bool {
    body.contains("could not be delivered (") || body.contains("nobody knows whether")
}
