//! What the program finds when it is measured: a roster, and bookings that are being called, each with four chairs, three
//! times, and a line-up that was asked and has not answered.

use firstcall_core::booking::{
    Answer, Booking, Chair, Deadline, DeadlineReason, Delivery, Fate, Offer, OfferReason, Request, SessionOption, State,
};
use firstcall_core::contact::Phone;
use firstcall_core::ids::{ChairNo, MusicianId, OfferNo, OptionNo};
use firstcall_core::roster::{Musician, MusicianStanding};
use firstcall_core::span::Span;
use firstcall_store::bookings::{self, Kept};
use firstcall_store::messages::{self, OfferWords};
use firstcall_store::roster::{self, Entry};
use firstcall_store::{Error, Store, Tx};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The chairs of every booking.
pub const CHAIRS: [&str; 4] = ["drums", "upright_bass", "keyboard", "trumpet"];
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// An hour from now.
pub fn in_an_hour() -> Timestamp {
    Timestamp::now() + HOUR
}

/// How many bookings are written in one transaction.
const BATCH: i64 = 500;

/// Where a booking's offers stand.
#[derive(Clone, Copy)]
pub enum Offers {
    /// They left, and patience with them (an hour) ends at this moment.
    Asked(Timestamp),
    /// Everybody but the last has said yes.
    OneMissing(Timestamp),
}

/// The YES link's token of a booking's offer for a chair: both numbered from 0.
pub fn token(booking: i64, chair: usize) -> String {
    format!("bench{booking:09}-{chair}")
}

/// Puts `musicians` people on the roster; each plays one instrument, three in ten play two.
pub async fn roster(store: &Store, musicians: usize) -> Result<(), Error> {
    let write = async move |tx: &mut Tx| {
        for number in 0..musicians {
            roster::insert(tx, &person(number)).await?;
        }
        Ok::<_, Error>(())
    };
    store.write(write).await
}

fn person(number: usize) -> Entry {
    let place = u32::try_from(number).unwrap_or_default() + 1;
    let count = if number % 10 < 3 { 2 } else { 1 };
    let plays = (0..count).map(|more| (CHAIRS[(number + more) % CHAIRS.len()].to_owned(), place));
    let phone = Phone::new(&format!("+1212{:07}", 2_000_000 + number));
    let musician = Musician {
        id: MusicianId(0),
        name: format!("Musician {number}"),
        phone: phone.unwrap_or_else(|_| unreachable!("an invented number is a number")),
        zone: TimeZone::get("America/New_York").unwrap_or(TimeZone::UTC),
        instruments: plays.collect(),
        quiet_hours: None,
        standing: MusicianStanding::Active,
        last_booked_at: None,
    };
    Entry { musician, email: None, notes: None, created_at: Timestamp::now() }
}

/// Makes bookings number `first` to `first + count - 1`, each at times of its own, so that none is in another's way.
pub async fn bookings(store: &Store, musicians: i64, first: i64, count: i64, offers: Offers) -> Result<(), Error> {
    for batch in (first..first + count).step_by(usize::try_from(BATCH).unwrap_or(1)) {
        let end = (batch + BATCH).min(first + count);
        let write = async move |tx: &mut Tx| {
            for number in batch..end {
                insert(tx, musicians, number, offers).await?;
            }
            Ok::<_, Error>(())
        };
        store.write(write).await?;
    }
    Ok(())
}

async fn insert(tx: &mut Tx, musicians: i64, number: i64, offers: Offers) -> Result<(), Error> {
    let now = Timestamp::now();
    let id = bookings::insert(tx, None, &format!("client-{number:015}"), now).await?;
    let before = Booking::new(id, now, request(number), Chair::list(CHAIRS.map(|chair| (chair, 1))), Vec::new());
    let mut after = before.clone();
    let start = Timestamp::from_second(now.as_second() / 3600 * 3600).unwrap_or(now) + HOUR * 48;
    for option in 0..3 {
        let start = start + HOUR * i32::try_from(number * 9 + option * 3).unwrap_or_default();
        let fate = if option == 0 { Fate::Called } else { Fate::Waiting };
        let no = OptionNo(u32::try_from(option).unwrap_or_default() + 1);
        after.options.push(SessionOption { no, time: Span::new(start, HOUR * 2), fate });
        after.times.push(Span::new(start, HOUR * 2));
    }
    let (held, due) = match offers {
        Offers::Asked(due) => (0, due),
        Offers::OneMissing(due) => (CHAIRS.len() - 1, due),
    };
    let asked = due - HOUR;
    after.state = State::Calling { option: OptionNo(1), since: asked };
    for (chair, no) in (0..CHAIRS.len()).zip(1..) {
        let place = number * 4 + i64::try_from(chair).unwrap_or_default();
        let offer = Offer {
            no: OfferNo(no),
            option: OptionNo(1),
            chair: ChairNo(u16::try_from(chair).unwrap_or_default()),
            musician: MusicianId(place % musicians + 1),
            reason: OfferReason::Wave(1),
            delivery: Delivery::Sent(asked),
            answer: (chair < held).then_some(Answer::Held(asked)),
            void: None,
            standby: false,
        };
        after.offers.push(offer);
    }
    for (chair, offer) in after.offers.iter().enumerate() {
        let secret = token(number, chair);
        let body = format!(
            "The studio: {} Wed 2 Dec, 10:00-12:00 (New York). YES http://127.0.0.1:8080/y/{secret} NO \
             http://127.0.0.1:8080/n/{secret} or reply Y7 / N7",
            CHAIRS[chair]
        );
        let code = u32::try_from(number % 999).unwrap_or_default() + 1;
        let to = format!("+1212{:07}", 1_999_999 + offer.musician.0);
        messages::insert_offer(tx, &after, offer, OfferWords { to: &to, body: &body, token: &secret, code }, now)
            .await?;
    }
    let deadline = Deadline { at: due, reason: DeadlineReason::Patience };
    bookings::save(tx, &Kept::numbered(before), &after, Some(deadline), now, SignedDuration::ZERO).await.map(drop)
}

fn request(number: i64) -> Request {
    Request {
        client_name: Some(format!("Client {number}")),
        client_email: Some(format!("client{number}@example.com")),
        client_phone: Some("+1 212 555 0100".to_owned()),
        client_city: Some("New York".to_owned()),
        time_zone: "America/New_York".to_owned(),
        notes: Some("Three songs, charts are in the folder; brushes on the second one, please.".to_owned()),
        links: vec!["https://example.com/demos/three-songs".to_owned()],
    }
}
