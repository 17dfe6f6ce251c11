//! The program beside the second reading of the rules (`model`): after every step both must say the same of every booking.

use crate::model::{Model, OfferView, Said, Told, View, Whom};
use crate::studio::{Hours, MANAGER};
use crate::world::{Checked, Failure};
use firstcall_core::booking::{Answer, Booking, Chair, Delivery, Offer};
use firstcall_core::ids::{BookingId, MusicianId, OfferNo, OptionNo};
use firstcall_core::manage::Act;
use firstcall_core::policy::Policy;
use firstcall_core::roster::Musician;
use firstcall_core::span::Span;
use firstcall_core::step::Outcome;
use firstcall_store::messages::{self, Message, Which};
use firstcall_store::{Error, Store, Tx, bookings, roster};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The second reading of everything that happens, and whether the two are still compared.
pub struct Agreement(Model, bool);

impl Agreement {
    /// An empty studio.
    #[must_use]
    pub fn new(policy: Policy, hours: Option<Hours>) -> Self {
        let mut new = Self(Model::new(policy.clone()), true);
        new.rules_change(policy, hours, Timestamp::MIN);
        new
    }

    /// From now on nobody can say what should have happened when.
    pub fn gives_up(&mut self) {
        self.1 = false;
    }

    /// The studio's settings are others from now on.
    pub fn rules_change(&mut self, policy: Policy, hours: Option<Hours>, now: Timestamp) {
        self.0.set_opening_hours(hours);
        self.0.set_policy(policy, now);
    }

    /// The roster is another from now on.
    pub fn roster_changes(&mut self, people: Vec<Musician>, now: Timestamp) {
        self.0.set_roster(people, now);
    }

    /// Somebody's blocks are others from now on.
    pub fn blocks_change(&mut self, musician: MusicianId, blocks: Vec<Span>) {
        self.0.set_blocks(musician, blocks);
    }

    /// A booking was made.
    pub fn books(&mut self, id: BookingId, chairs: Vec<Chair>, times: Vec<Span>, client: bool, now: Timestamp) {
        self.0.book(id, chairs, times, client, now);
    }

    /// A text has come this far.
    pub fn delivered(&mut self, id: BookingId, offer: OfferNo, delivery: Delivery, now: Timestamp) {
        self.0.delivered(id, offer, delivery, now);
    }

    /// Somebody said STOP.
    pub fn opts_out(&mut self, musician: MusicianId, now: Timestamp) {
        self.0.opted_out(musician, now);
    }

    /// Everything that is due is done.
    pub fn wakes(&mut self, now: Timestamp) {
        self.0.wake(now);
    }

    /// Somebody answered; what the program says to it, if it said anything, is what the rules say.
    ///
    /// # Errors
    /// When it is not.
    pub fn answers(
        &mut self,
        id: BookingId,
        offer: OfferNo,
        yes: bool,
        outcome: Option<&Outcome>,
        now: Timestamp,
    ) -> Checked<()> {
        let said = self.0.answer(id, offer, yes, now);
        agree(said, outcome.filter(|_| self.1), || {
            format!("{} to offer {offer} of booking {id}", if yes { "YES" } else { "NO" })
        })
    }

    /// Somebody would step in.
    ///
    /// # Errors
    /// As for an answer.
    pub fn stands_by(
        &mut self,
        id: BookingId,
        offer: OfferNo,
        outcome: Option<&Outcome>,
        now: Timestamp,
    ) -> Checked<()> {
        let said = self.0.stands_by(id, offer, now);
        agree(said, outcome.filter(|_| self.1), || format!("standby at offer {offer} of booking {id}"))
    }

    /// Somebody drops out.
    ///
    /// # Errors
    /// As for an answer.
    pub fn drops_out(
        &mut self,
        id: BookingId,
        offer: OfferNo,
        outcome: Option<&Outcome>,
        now: Timestamp,
    ) -> Checked<()> {
        let said = self.0.drops_out(id, offer, now);
        agree(said, outcome.filter(|_| self.1), || format!("dropping out of offer {offer} of booking {id}"))
    }

    /// The manager acted.
    ///
    /// # Errors
    /// As for an answer.
    pub fn acts(&mut self, id: BookingId, act: &Act, outcome: Option<&Outcome>, now: Timestamp) -> Checked<()> {
        let said = self.0.manage(id, act, now);
        agree(said, outcome.filter(|_| self.1), || format!("{act:?} on booking {id}"))
    }

    /// Whether the second reading has been told of a booking.
    #[must_use]
    pub fn knows(&self, id: BookingId) -> bool {
        self.0.bookings().any(|known| known == id)
    }

    /// Compares everything.
    ///
    /// # Errors
    /// With the first booking that differs.
    pub async fn look(&self, store: &Store, all: &[Booking], policy: &Policy, now: Timestamp) -> Checked<()> {
        let Self(model, true) = self else { return Ok(()) };
        let ids: Vec<BookingId> = all.iter().map(|booking| booking.id).collect();
        let look = async move |tx: &mut Tx| {
            let mut due = BTreeMap::new();
            for &id in &ids {
                due.insert(id, bookings::show(tx, id).await?.and_then(|shown| shown.due_at));
            }
            let texts = messages::list(tx, &Which::All, 0, 10_000).await?;
            Ok::<_, Error>((due, texts, roster::load(tx).await?))
        };
        let (due, texts, people) = store.read(look).await?;
        for booking in all {
            let deadline = due.get(&booking.id).copied().flatten();
            let (seen, mut expected) = (view(booking, deadline, &texts, policy, now), model.view(booking.id));
            expected.told = counted(&expected.told);
            // While a text is being handed over, patience has no end.
            if booking.offers.iter().any(|offer| offer.delivery == Delivery::Sending) {
                expected.deadline = seen.deadline;
            }
            // The rules leave open whether the number of an option that died uncalled is used again.
            for offer in &mut expected.offers {
                offer.option = OptionNo(0);
            }
            // What is over is not about any time any more.
            expected.current = expected.current.filter(|_| booking.current().is_some());
            if seen != expected {
                return Err(Failure(difference(booking, &seen, &expected)));
            }
        }
        for person in people.musicians() {
            let (seen, expected) = (person.last_booked_at, model.last_booked_at(person.id));
            if seen != expected {
                let name = &person.name;
                return Err(Failure(format!("3.6: {name} was last booked {seen:?}, by the rules {expected:?}")));
            }
        }
        Ok(())
    }
}

fn agree(expected: Said, outcome: Option<&Outcome>, what: impl FnOnce() -> String) -> Checked<()> {
    let Some(outcome) = outcome else { return Ok(()) };
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
    })
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
