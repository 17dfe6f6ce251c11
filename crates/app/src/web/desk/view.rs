//! A booking as the desk shows it: a mark for each chair, who was asked and said what, and what it waits for.
//!
//! Every mark is a word; colours only repeat it.

use super::words;
use crate::web::when;
use firstcall_core::booking::{Answer, Booking, Delivery, Fate, Offer, OfferReason, State, Void};
use firstcall_core::ids::{ChairNo, MusicianId, OptionNo};
use firstcall_core::wording;
use firstcall_core::wording::capital;
use firstcall_store::bookings::Shown;
use firstcall_store::inbound::Inbound;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// What musicians are called.
pub type Names = HashMap<MusicianId, String>;

/// What everything on a page is seen with.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// What musicians are called.
    pub names: &'a Names,
    /// What they wrote, newest first.
    pub said: &'a [Said],
    /// The moment.
    pub now: Timestamp,
    /// The studio's zone.
    pub zone: &'a TimeZone,
}

/// A text of a musician's.
#[derive(Clone, Debug)]
pub struct Said {
    /// Whose.
    pub musician: MusicianId,
    /// When it came.
    pub at: Timestamp,
    /// Its words.
    pub words: String,
}

impl From<Inbound> for Said {
    fn from(text: Inbound) -> Self {
        Self { musician: text.musician.unwrap_or(MusicianId(0)), at: text.received_at, words: text.body }
    }
}

/// An answer by text is understood within so long after it came.
const SOON: SignedDuration = SignedDuration::from_mins(5);

/// A chair at one option.
#[derive(Clone, Debug)]
pub struct ChairMark {
    /// As people say it.
    pub chair: String,
    /// open, asked, held or booked.
    pub state: &'static str,
    /// Who holds it, or was asked and has not answered.
    pub who: String,
    /// Who said no to it.
    pub no: String,
}

/// An offer: who was asked, and what they said.
#[derive(Clone, Debug)]
pub struct AskedLine {
    /// Their name.
    pub name: String,
    /// For which chair.
    pub chair: String,
    /// When the text left, or why it has not.
    pub asked: String,
    /// What they said.
    pub said: String,
    /// How that is coloured: yes, no, late, wait or bad.
    pub tone: &'static str,
    /// In their own words, where they wrote.
    pub words: Option<String>,
}

/// The offers that went out together.
#[derive(Clone, Debug)]
pub struct Wave {
    /// "Wave 2", "By hand".
    pub name: String,
    /// Its offers.
    pub offers: Vec<AskedLine>,
}

/// An option and how far it has come.
#[derive(Clone, Debug)]
pub struct OptionView {
    /// Its number.
    pub no: u32,
    /// When.
    pub when: String,
    /// "being called", "booked" and so on.
    pub state: &'static str,
    /// Why it is dead.
    pub why: &'static str,
    /// Its chairs.
    pub chairs: Vec<ChairMark>,
    /// Its offers.
    pub waves: Vec<Wave>,
    /// Whether it is the one at hand.
    pub current: bool,
}

/// What a booking waits for.
#[derive(Clone, Debug)]
pub struct Countdown {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// "in 43 min".
    pub left: String,
    /// "the next musicians are asked".
    pub reason: &'static str,
    /// "10:30".
    pub clock: String,
}

/// A booking in one line.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Its number.
    pub id: i64,
    /// Who asked for it.
    pub client: String,
    /// calling, paused and so on, as the class of its mark.
    pub status: &'static str,
    /// The same in words.
    pub status_words: &'static str,
    /// "drums, 2 violins".
    pub wants: String,
    /// When it is, or which option is being called.
    pub when: String,
    /// The option at hand, where there is one.
    pub option: Option<OptionView>,
    /// What it waits for.
    pub countdown: Option<Countdown>,
    /// What the tab says: "3/4 · viola waiting · #214".
    pub title: String,
    /// Whom the next wave asks: "asks Ines and Bo".
    pub next: Option<String>,
}

impl View<'_> {
    /// What a musician is called.
    #[must_use]
    pub fn name(&self, id: MusicianId) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| format!("musician {id}"))
    }

    /// A booking in one line.
    #[must_use]
    pub fn summary(&self, shown: &Shown) -> Summary {
        let booking = &shown.booking;
        Summary {
            id: booking.id.0,
            client: client(booking),
            status: booking.status(),
            status_words: words::status(booking),
            wants: wants(booking),
            when: self.when(booking),
            option: booking.current().map(|option| self.option(booking, option)),
            countdown: self.countdown(shown),
            title: title(booking),
            next: None,
        }
    }

    fn when(&self, booking: &Booking) -> String {
        if let Some(time) = booking.session() {
            return when::with_zone(time, self.zone);
        }
        let Some(option) = booking.current().and_then(|no| booking.option(no)) else {
            return match booking.times.len() {
                0 => "no times".to_owned(),
                1 => "1 time".to_owned(),
                many => format!("{many} times"),
            };
        };
        let of = booking.options.len();
        format!("Option {} of {of} · {}", option.no, when::with_zone(option.time, self.zone))
    }

    /// An option with its chairs and offers.
    #[must_use]
    pub fn option(&self, booking: &Booking, no: OptionNo) -> OptionView {
        let option = booking.option(no);
        OptionView {
            no: no.0,
            when: option.map(|o| when::with_zone(o.time, self.zone)).unwrap_or_default(),
            state: words::option_state(booking, no),
            why: option.map_or("", |o| if let Fate::Dead(why) = o.fate { why.phrase() } else { "" }),
            chairs: booking.chair_nos().map(|chair| self.chair(booking, no, chair)).collect(),
            waves: self.waves(booking, no),
            current: booking.current() == Some(no),
        }
    }

    fn chair(&self, booking: &Booking, option: OptionNo, no: ChairNo) -> ChairMark {
        let booked = matches!(booking.state, State::Booked { option: booked, .. } if booked == option);
        let holder = booking.holder(option, no);
        let silent =
            booking.offers_at(option).filter(|o| o.chair == no && o.is_unanswered() && booking.is_answerable(o));
        let silent: Vec<String> = silent.map(|offer| self.name(offer.musician)).collect();
        let (state, who) = match holder {
            Some(holder) if booked => ("booked", self.name(holder.musician)),
            Some(holder) => ("held", self.name(holder.musician)),
            None if !silent.is_empty() => ("asked", silent.join(", ")),
            None => ("open", String::new()),
        };
        let nos = booking.offers_at(option).filter(|o| o.chair == no && matches!(o.answer, Some(Answer::No(_))));
        let nos: Vec<String> = nos.map(|offer| self.name(offer.musician)).collect();
        ChairMark { chair: capital(&booking.chair(no).label()), state, who, no: nos.join(", ") }
    }

    fn waves(&self, booking: &Booking, option: OptionNo) -> Vec<Wave> {
        let mut waves: Vec<Wave> = Vec::new();
        for offer in booking.offers_at(option) {
            let name = wave_name(offer.reason);
            let line = self.asked(booking, offer);
            match waves.iter_mut().find(|wave| wave.name == name) {
                Some(wave) => wave.offers.push(line),
                None => waves.push(Wave { name, offers: vec![line] }),
            }
        }
        waves
    }

    fn asked(&self, booking: &Booking, offer: &Offer) -> AskedLine {
        let (said, tone) = self.said(booking, offer);
        AskedLine {
            name: self.name(offer.musician),
            chair: booking.chair(offer.chair).label(),
            asked: self.left(offer),
            said: if offer.standby { format!("{said}, first backup") } else { said },
            tone,
            words: self.own_words(offer),
        }
    }

    /// The text by which an offer was answered; of one that was not, what its musician wrote last since it left.
    fn own_words(&self, offer: &Offer) -> Option<String> {
        let Delivery::Sent(left) = offer.delivery else { return None };
        let answered = match offer.answer {
            Some(
                Answer::Held(at)
                | Answer::Released { answered: at, .. }
                | Answer::No(at)
                | Answer::Late(at)
                | Answer::Conflict(at),
            ) => Some(at),
            Some(Answer::Overlap(_)) => return None,
            None => None,
        };
        let theirs = self.said.iter().filter(|text| text.musician == offer.musician && text.at >= left);
        let mut theirs =
            theirs.filter(|text| answered.is_none_or(|at| text.at <= at && at.duration_since(text.at) < SOON));
        theirs.next().map(|text| text.words.clone())
    }

    fn left(&self, offer: &Offer) -> String {
        match offer.delivery {
            Delivery::Sent(at) => format!("asked {}", self.moment(at)),
            Delivery::Queued(at) if at > self.now => format!("text leaves {}", self.moment(at)),
            Delivery::Queued(_) | Delivery::Sending => "text is leaving".to_owned(),
            Delivery::OnHold => "text waits until it is resumed".to_owned(),
            Delivery::Failed(at) => format!("text failed {}", self.moment(at)),
            Delivery::InDoubt(at) => format!("text in doubt since {}", self.moment(at)),
            Delivery::Void if offer.answer.is_some() => "text not needed".to_owned(),
            Delivery::Void => "text not sent".to_owned(),
        }
    }

    fn said(&self, booking: &Booking, offer: &Offer) -> (String, &'static str) {
        match offer.answer {
            Some(Answer::Held(at)) => (format!("yes at {}", self.moment(at)), "yes"),
            Some(Answer::Released { answered, released }) => {
                (format!("yes at {}, released {}", self.moment(answered), self.moment(released)), "late")
            }
            Some(Answer::No(at)) => (format!("no at {}", self.moment(at)), "no"),
            Some(Answer::Overlap(_)) => ("holds another session".to_owned(), "no"),
            Some(Answer::Late(at)) => (format!("yes at {}, too late", self.moment(at)), "late"),
            Some(Answer::Conflict(at)) => (format!("yes at {}, but holds another session", self.moment(at)), "late"),
            None => silent(booking, offer),
        }
    }

    /// What a booking waits for, and until when.
    #[must_use]
    pub fn countdown(&self, shown: &Shown) -> Option<Countdown> {
        let at = shown.due_at?;
        let reason = words::deadline(shown.due_reason.as_deref().unwrap_or_default(), &shown.booking);
        Some(Countdown { at_ms: at.as_millisecond(), left: when::until(at, self.now), reason, clock: self.moment(at) })
    }

    /// "09:14", with its day on another day.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> String {
        when::moment(at, self.now, self.zone)
    }
}

/// What is to be said of an offer that was not answered.
fn silent(booking: &Booking, offer: &Offer) -> (String, &'static str) {
    let (said, tone) = match (offer.void, offer.delivery) {
        (Some(Void::OptedOut), _) => ("opted out of texts", "bad"),
        (Some(Void::Paused), _) => ("paused", "late"),
        (Some(Void::Removed), _) => ("off the roster", "late"),
        (Some(Void::Withdrawn), _) => ("taken back", "late"),
        (_, Delivery::Failed(_)) => ("not reached", "bad"),
        (_, Delivery::InDoubt(_)) => ("not sure they were reached", "bad"),
        (Some(Void::Superseded), _) => ("closed without an answer", "late"),
        _ if booking.is_answerable(offer) => ("no answer yet", "wait"),
        _ => ("no answer", "late"),
    };
    (said.to_owned(), tone)
}

fn wave_name(reason: OfferReason) -> String {
    match reason {
        OfferReason::Wave(wave) => format!("Wave {wave}"),
        OfferReason::DropOut => "After a drop-out".to_owned(),
        OfferReason::Standby => "First backup".to_owned(),
        OfferReason::Moved => "After the move".to_owned(),
        OfferReason::ByHand => "By hand".to_owned(),
    }
}

/// What happens when patience has passed: "asks Ines and Bo".
#[must_use]
pub fn asks(names: &[String]) -> String {
    match names.split_last() {
        None => "nobody is left to ask: you are told".to_owned(),
        Some((last, [])) => format!("asks {last}"),
        Some((last, others)) => format!("asks {} and {last}", others.join(", ")),
    }
}

/// How many chairs are held, and which are waited for, for the tab.
fn title(booking: &Booking) -> String {
    let Some(option) = booking.current().filter(|no| booking.is_live(*no)) else {
        return format!("{} · #{}", words::status(booking), booking.id);
    };
    let open = booking.open_chairs(option);
    let labels: Vec<String> = open.iter().take(3).map(|no| booking.chair(*no).label()).collect();
    let (of, held) = (booking.chairs.len(), booking.chairs.len() - open.len());
    let state = match booking.state {
        State::Booked { .. } if open.is_empty() => "booked".to_owned(),
        State::Paused { .. } => "paused".to_owned(),
        State::Exhausted { .. } => "nobody left to ask".to_owned(),
        State::Calling { .. } | State::Booked { .. } | State::NoTimes | State::Expired | State::Cancelled => {
            format!("{} waiting", labels.join(", "))
        }
    };
    format!("{held}/{of} · {state} · #{}", booking.id)
}

/// Everybody whose name a booking's page needs.
#[must_use]
pub fn people<'a>(bookings: impl IntoIterator<Item = &'a Booking>) -> Vec<MusicianId> {
    let mut people: Vec<MusicianId> = bookings.into_iter().flat_map(|b| b.offers.iter().map(|o| o.musician)).collect();
    people.sort_unstable();
    people.dedup();
    people
}

/// Who asked for a booking.
#[must_use]
pub fn client(booking: &Booking) -> String {
    let request = &booking.request;
    let known = request.client_name.as_ref().or(request.client_email.as_ref()).or(request.client_phone.as_ref());
    known.cloned().unwrap_or_else(|| "somebody".to_owned())
}

/// "drums, violin × 2".
#[must_use]
pub fn wants(booking: &Booking) -> String {
    let mut counts: Vec<(&str, u32)> = Vec::new();
    for chair in &booking.chairs {
        match counts.iter_mut().find(|(name, _)| *name == chair.instrument) {
            Some((_, count)) => *count += 1,
            None => counts.push((&chair.instrument, 1)),
        }
    }
    let each = counts.into_iter().map(|(name, count)| {
        let name = name.replace('_', " ");
        if count == 1 { name } else { format!("{name} × {count}") }
    });
    each.collect::<Vec<_>>().join(", ")
}

/// "Wed 2 Dec, 10:00", for a time that a sentence speaks of.
#[must_use]
pub fn time_of(booking: &Booking, option: Option<OptionNo>, zone: &TimeZone) -> Option<String> {
    let time = booking.option(option?)?.time;
    Some(format!("{}, {}", wording::day(time.start, zone), when::clock(time.start, zone)))
}
