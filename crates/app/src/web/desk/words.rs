//! The desk's words: states, reasons and the log in sentences.

use super::view::{View, time_of};
use crate::engine::Wanted;
use crate::web::when;
use firstcall_core::booking::{Booking, Chair, Fate, State};
use firstcall_core::ids::{ChairNo, OptionNo};
use firstcall_core::manage::Act;
use firstcall_core::span::Span;
use firstcall_store::journal::Line;

/// How far a booking has come.
#[must_use]
pub fn status(booking: &Booking) -> &'static str {
    match &booking.state {
        State::Calling { .. } => "calling",
        State::Paused { .. } => "paused",
        State::NoTimes => "no possible time",
        State::Exhausted { .. } => "nobody left to ask",
        State::Booked { refill: None, .. } => "booked",
        State::Booked { refill: Some(_), .. } => "booked, chair open",
        State::Expired => "expired",
        State::Cancelled => "cancelled",
    }
}

/// What has become of an option.
#[must_use]
pub fn option_state(booking: &Booking, no: OptionNo) -> &'static str {
    let fate = booking.option(no).map(|option| option.fate);
    match (&booking.state, fate) {
        (State::Booked { option, .. }, _) if *option == no => "booked",
        (_, Some(Fate::Dead(_))) | (State::Booked { .. } | State::Cancelled | State::Expired, _) => "closed",
        (State::Calling { option, .. }, _) if *option == no => "being called",
        (State::Paused { option, .. }, _) if *option == no => "paused",
        (State::Exhausted { option }, _) if *option == no => "everybody asked",
        (_, Some(Fate::Called)) => "left, still open",
        (_, Some(Fate::Waiting) | None) => "waiting",
    }
}

/// What happens at a booking's deadline.
#[must_use]
pub fn deadline(reason: &str, booking: &Booking) -> &'static str {
    match (reason, &booking.state) {
        ("patience", State::Booked { .. }) => "the next stand-in is asked",
        ("patience", _) => "the next musicians are asked",
        ("at_once", _) => "it is being called",
        ("option_ends", State::Booked { .. }) => "the session begins",
        ("option_ends", _) => "this time can no longer be booked",
        ("still_paused", _) => "you are asked whether to go on",
        ("times_pass", _) => "its last time passes",
        _ => "it is looked at again",
    }
}

/// What the manager pressed and is about to happen, or was about to: the chair of an act is one that the booking has.
#[must_use]
pub fn wanted(wanted: &Wanted, booking: &Booking, view: &View<'_>) -> String {
    let chair = |no: ChairNo| booking.chairs.get(usize::from(no.0)).map_or_else(String::new, Chair::label);
    let times = |times: &[Span]| times.iter().map(|time| when::local(*time, view.zone)).collect::<Vec<_>>().join(", ");
    match wanted {
        Wanted::Act(Act::Pause) => "Pausing".to_owned(),
        Wanted::Act(Act::Resume) => "Resuming".to_owned(),
        Wanted::Act(Act::Next) => "Asking the next musicians".to_owned(),
        Wanted::Act(Act::Ask(who, no)) => format!("Asking {} for {}", view.name(*who), chair(*no)),
        Wanted::Act(Act::Fill(who, no)) => format!("Giving {} to {}", chair(*no), view.name(*who)),
        Wanted::Act(Act::Release(no)) => format!("Taking {} back", chair(*no)),
        Wanted::Act(Act::AddTimes(added)) => format!("Adding {}", times(added)),
        Wanted::Act(Act::DropTimes(dropped)) => format!("Dropping {}", times(dropped)),
        Wanted::Act(Act::Move(to)) => format!("Moving the session to {}", when::local(*to, view.zone)),
        Wanted::Act(Act::Cancel) => "Cancelling the booking".to_owned(),
        Wanted::Answer(offer, yes) => {
            let who = booking.offer(*offer).map_or_else(|| "somebody".to_owned(), |offer| view.name(offer.musician));
            format!("Saying {} for {who}", if *yes { "yes" } else { "no" })
        }
    }
}

/// Who did something, as a sentence ends.
#[must_use]
pub fn actor(actor: &str) -> String {
    let words = match actor {
        "clock" => "",
        "link" => "by link",
        "text" => "by text",
        "mail" => "by e-mail",
        "form" => "by the form",
        "client" => "by the client",
        "api" => "by API",
        "desk" => "by the manager",
        "provider" => "by the provider",
        name => return format!("by {name}"),
    };
    words.to_owned()
}

/// A line of the log as a sentence.
#[must_use]
pub fn sentence(line: &Line, booking: &Booking, view: &View<'_>) -> String {
    let who = line.musician.map_or_else(|| "Somebody".to_owned(), |id| view.name(id));
    let chair = line.chair.filter(|no| usize::from(no.0) < booking.chairs.len());
    let chair = chair.map_or_else(|| "a chair".to_owned(), |no| booking.chair(no).label());
    let option = line.option.map_or_else(String::new, |no| match time_of(booking, Some(no), view.zone) {
        Some(time) => format!("option {no} ({time})"),
        None => format!("option {no}"),
    });
    let detail = &line.detail;
    match line.kind.as_str() {
        "created" => "The booking was made.".to_owned(),
        "option_called" => format!("Calling {option}."),
        "wave" => format!("Wave {detail} goes out for {option}."),
        "asked" => format!("{who} is asked: {chair}, {option}."),
        "yes" => format!("{who} said yes: {chair}, {option}."),
        "no" => format!("{who} said no: {chair}, {option}."),
        "took_back" => format!("{who} took their yes back: {chair}, {option}."),
        "late" => format!("{who} said yes too late: {chair}, {option}."),
        "conflict" => format!("{who} said yes, but holds another session then: {chair}, {option}."),
        "overlap" => format!("{who} holds another session then, which counts as a no: {chair}, {option}."),
        "standby" => format!("{who} would step in: {chair}, {option}."),
        "dropped_out" => format!("{who} dropped out: {chair}, {option}."),
        "released" => format!("{who} is released: {chair}, {option}."),
        "filled" => format!("{who} was given {chair} by hand, {option}."),
        "undeliverable" => format!("{who} could not be texted about {chair}."),
        "opted_out" => format!("{who} is not texted any more."),
        "musician_paused" => format!("{who} is paused and not asked any more: {chair}, {option}."),
        "musician_removed" => format!("{who} was taken off the roster: {chair}, {option}."),
        "nobody_steps_in" => format!("Nobody is left to step in for {chair}."),
        "option_dead" => format!("Closed {option}: {detail}."),
        "booked" => format!("Booked: {option}."),
        "moved" => format!("The session was moved to {option}."),
        "no_times" => "No time is possible.".to_owned(),
        "exhausted" => "Everybody was asked; nobody is left.".to_owned(),
        "expired" => "Its times have passed.".to_owned(),
        "paused" => "Paused.".to_owned(),
        "resumed" => "Resumed.".to_owned(),
        "cancelled" => "Cancelled.".to_owned(),
        "times_added" => "Times were added.".to_owned(),
        "act_refused" => format!("What was pressed had become impossible: {detail}."),
        "client_wrote" => format!("The client wrote: {detail}"),
        "times_dropped" => "Times were taken off the list.".to_owned(),
        other => format!("{} {detail}", other.replace('_', " ")).trim_end().to_owned(),
    }
}
