//! How long the desk's list takes with many bookings: `finding ADDRESS [BOOKINGS]`, on a database that may be thrown away.
//! Says the time of a page for each kind of question, the slowest of five, and of the last page too.

#![allow(clippy::unwrap_used, reason = "it is a measurement: whatever fails ends it")]

use firstcall_core::booking::{Booking, Chair, Request};
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::span::Span;
use firstcall_store::finding::{self, Wanted};
use firstcall_store::{Store, Tx, params, statements};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};

statements! {
    /// A booking.
    BOOKING = "INSERT INTO bookings (id, client_token, status, body, created_at, version) VALUES ($1, $2, $3, $4, $5, 1)";
    /// Somebody was asked.
    OFFER = "INSERT INTO messages (booking_id, kind, musician_id, recipient, body, offer_no, option_no, chair_no, chair, \
        instrument, starts_at, ends_at, reason, asked_again, state, created_at, sent_at, counted_at, standby) \
        VALUES ($1, 'offer', $2, '+12125550101', 'words', 1, 1, 0, 'drums', 'drums', $3, $4, 'wave 1', FALSE, 'sent', $3, $3, $3, FALSE)";
}

const INSTRUMENTS: [&str; 8] = ["drums", "violin", "viola", "cello", "upright_bass", "keyboard", "trumpet", "harp"];

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap();
    let number: i64 = arguments.next().map_or(100_000, |number| number.parse().unwrap());
    let store = Store::open(&address).await.unwrap();
    let begun = Instant::now();
    for batch in 0..number / 1000 {
        let fill = async move |tx: &mut Tx| {
            for id in batch * 1000 + 1..=batch * 1000 + 1000 {
                insert(tx, id).await?;
            }
            Ok::<_, firstcall_store::Error>(())
        };
        store.write(fill).await.unwrap();
    }
    println!("{number} bookings made in {:?}", begun.elapsed());
    let words = |text: &str| finding::words(text);
    let day = |text: &str| text.parse::<jiff::civil::Date>().unwrap();
    let questions = [
        ("any", Wanted::default()),
        ("status booked", Wanted { status: Some("booked".to_owned()), ..Wanted::default() }),
        ("status calling (1 in 1000)", Wanted { status: Some("calling".to_owned()), ..Wanted::default() }),
        ("instrument drums (half)", Wanted { instrument: Some("drums".to_owned()), ..Wanted::default() }),
        ("instrument harp (1 in 1000)", Wanted { instrument: Some("harp".to_owned()), ..Wanted::default() }),
        (
            "instrument and status, both rare",
            Wanted { instrument: Some("harp".to_owned()), status: Some("exhausted".to_owned()), ..Wanted::default() },
        ),
        ("musician (1 in 500)", Wanted { musician: Some(MusicianId(7)), ..Wanted::default() }),
        ("a week", Wanted { days: Some((day("2026-12-07"), day("2026-12-13"))), ..Wanted::default() }),
        ("all days", Wanted { days: Some((day("2000-01-01"), day("2100-01-01"))), ..Wanted::default() }),
        ("a name (1 in 100000)", Wanted { words: words("client77777"), ..Wanted::default() }),
        ("a common beginning", Wanted { words: words("cli"), ..Wanted::default() }),
        ("two common words", Wanted { words: words("client1 maribel"), ..Wanted::default() }),
        ("nobody's name", Wanted { words: words("zebedee"), ..Wanted::default() }),
        (
            "a name with a rare instrument",
            Wanted { words: words("maribel"), instrument: Some("harp".to_owned()), ..Wanted::default() },
        ),
        ("needs me", Wanted { needs: true, ..Wanted::default() }),
    ];
    for (name, wanted) in questions {
        for before in [None, Some(number / 10)] {
            let wanted = Wanted { before, ..wanted.clone() };
            let (mut slowest, mut rows) = (Duration::ZERO, 0);
            for _ in 0..5 {
                let (wanted, begun) = (wanted.clone(), Instant::now());
                let found = store.read(async move |tx: &mut Tx| finding::find(tx, &wanted, 51).await).await.unwrap();
                (slowest, rows) = (slowest.max(begun.elapsed()), found.len());
            }
            println!("{name:<36} {:<10} {rows:>3} rows {slowest:?}", before.map_or("newest", |_| "further on"));
        }
    }
}

async fn insert(tx: &mut Tx, id: i64) -> Result<(), firstcall_store::Error> {
    let begin: Timestamp = "2024-01-01T15:00:00Z".parse().unwrap();
    let start = begin + SignedDuration::from_hours(id % 26_280);
    let instrument = match id {
        _ if id % 1000 == 0 => "harp",
        _ if id % 2 == 0 => "drums",
        _ => INSTRUMENTS[usize::try_from(id % 7).unwrap()],
    };
    let name = if id % 10 == 0 { "Maribel" } else { "Theo" };
    let request = Request {
        client_name: Some(format!("{name} Client{id}")),
        client_email: Some(format!("client{id}@example.com")),
        time_zone: "America/New_York".to_owned(),
        ..Request::default()
    };
    let times = vec![Span::new(start, SignedDuration::from_hours(1))];
    let booking = Booking::new(BookingId(id), begin, request, Chair::list([(instrument, 1)]), times);
    let status = match id % 1000 {
        1 => "calling",
        2 => "exhausted",
        3 => "no_times",
        4..=100 => "cancelled",
        101..=300 => "expired",
        _ => "booked",
    };
    let at = start.as_microsecond();
    let body = serde_json::to_string(&booking).unwrap();
    tx.queue(&BOOKING, params![id, format!("client-{id}"), status, body, at]).await?;
    tx.queue(&OFFER, params![id, id % 500, at, at + 3_600_000_000]).await?;
    finding::keep(tx, &booking, &TimeZone::UTC).await
}
