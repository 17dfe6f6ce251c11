//! The words of every text: one says who sends it, says one thing and tells the next step. A change of words shows here.

use crate::studio::{at, hour};
use firstcall_core::answers::LateBecause;
use firstcall_core::booking::{Chair, Dead, Void};
use firstcall_core::ids::BookingId;
use firstcall_core::roster::MusicianStanding;
use firstcall_core::segments::{Encoding, Size, plain, size};
use firstcall_core::span::Span;
use firstcall_core::step::Clash;
use firstcall_core::wording::{About, MASK, ToManager, Voice, wants_to_join, when, zone_name};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use proptest::prelude::*;

pub fn zone() -> TimeZone {
    TimeZone::get("America/New_York").unwrap()
}

pub fn about(chair: &str) -> About<'_> {
    let time = Span::new(at("Wed 10:00"), SignedDuration::from_hours(3));
    About { chair, time, token: "k7Qm2xPz9RtLw3Vb", code: 7 }
}

/// Every text to a musician.
pub fn to_musicians(voice: &Voice<'_>, about: &About<'_>, manager: &str) -> Vec<String> {
    let other = About { code: 12, chair: "drums", ..*about };
    let clash = Clash { booking: BookingId(3), time: hour("Wed 11:30") };
    vec![
        voice.offer(about),
        voice.moved(about, hour("Tue 09:30")),
        voice.confirmed(about),
        voice.released(about.time),
        voice.not_needed(about.time),
        voice.cancelled(about),
        voice.held(about),
        voice.said_no(),
        voice.dropped_out(about),
        voice.late(about, LateBecause::Filled),
        voice.late(about, LateBecause::Cancelled),
        voice.late(about, LateBecause::Expired),
        voice.late(about, LateBecause::BookedElsewhere),
        voice.late(about, LateBecause::Dead(Dead::TooLate)),
        voice.late(about, LateBecause::Void(Void::Superseded)),
        voice.conflict(about, clash),
        voice.already_held(about),
        voice.stands_by(about),
        voice.chair_is_open(about),
        voice.holds_nothing(),
        voice.which_one(&[*about, other]),
        voice.which_one(&[]),
        voice.unknown_code(99),
        voice.passed_on(manager, Some(about.code)),
        voice.passed_on(manager, None),
        voice.help("+12125550143"),
        voice.joined(),
        voice.seen(),
        voice.code("123456", 15),
        voice.page("https://fern.example.com/me/k7Qm2xPz9RtLw3Vb", 30),
        voice.waits(manager),
        voice.calendar_lost("https://fern.example.com/me/k7Qm2xPz9RtLw3Vb"),
    ]
}

/// Who joins is told in one segment, and so is the manager.
#[test]
fn texts_about_joining() {
    let zone = zone();
    let voice = Voice { studio: "Fern Room", zone: &zone, public_url: "https://fern.example.com" };
    let link = "https://fern.example.com/me/k7Qm2xPz9RtLw3Vb";
    let plays = ["violin".to_owned(), "bass_guitar".to_owned()];
    let texts = [
        voice.approved("Ines Moreau", link),
        wants_to_join("Ines Moreau", &plays, "https://fern.example.com/newcomers/12"),
    ];
    for text in &texts {
        assert_eq!((size(text).encoding, size(text).segments), (Encoding::Gsm7, 1), "{text}");
    }
    insta::assert_snapshot!(texts.join("\n"), @r"
    You're in, Ines. Save this number as Fern Room. Connect a calendar and we only ask when you're free: https://fern.example.com/me/k7Qm2xPz9RtLw3Vb
    First Call: Ines Moreau (violin, bass guitar) wants to be on your call list. Approve or decline: https://fern.example.com/newcomers/12
    ");
    assert_eq!(voice.code(MASK, 15).len(), voice.code("123456", 15).len(), "masked, it has as many segments");
}

/// 4.2, 5.x, 6.2: every text to a musician is one segment.
#[test]
fn texts_to_musicians() {
    let zone = zone();
    let voice = Voice { studio: "Fern Room", zone: &zone, public_url: "https://fern.example.com" };
    let texts = to_musicians(&voice, &about("violin 2"), "Rosa");
    for text in &texts {
        assert!(text.starts_with("Fern Room: "), "{text}");
        let Size { encoding, segments, .. } = size(text);
        assert_eq!((encoding, segments), (Encoding::Gsm7, 1), "{text}");
    }
    insta::assert_snapshot!(texts.join("\n"), @r"
    Fern Room: Violin 2, Wed 2 Dec 10am-1pm ET. Yes: https://fern.example.com/y/k7Qm2xPz9RtLw3Vb No: https://fern.example.com/n/k7Qm2xPz9RtLw3Vb or reply Y7 / N7
    Fern Room: CHANGED. Violin 2 is now Wed 2 Dec 10am-1pm ET (was Tue 1 Dec 9.30am). Still OK? https://fern.example.com/y/k7Qm2xPz9RtLw3Vb Reply Y7 or OUT7
    Fern Room: CONFIRMED. Violin 2, Wed 2 Dec 10am-1pm ET. Map, calendar, call sheet: https://fern.example.com/s/k7Qm2xPz9RtLw3Vb If you can't play, reply OUT7.
    Fern Room: Wed 2 Dec 10am is not going ahead at that time, so your hold is released. Thank you.
    Fern Room: you are not needed for Wed 2 Dec 10am after all, so your hold is released. Thank you.
    Fern Room: CANCELLED. Wed 2 Dec 10am is off, please don't travel. Reply OK7 so we know you saw this.
    Fern Room: your YES is in. Violin 2, Wed 2 Dec 10am is held for you. We'll text again when the session is confirmed.
    Fern Room: no problem, thanks for answering. Your place on the list hasn't changed.
    Fern Room: you are out of Wed 2 Dec 10am. Thanks for telling us; we'll find somebody else.
    Fern Room: thanks for the YES. Violin 2 on Wed 2 Dec was filled before you. You are NOT booked. Want to be backup? Reply B7.
    Fern Room: that session is off, so you are NOT booked for Wed 2 Dec. Thanks for answering.
    Fern Room: that session is off, so you are NOT booked for Wed 2 Dec. Thanks for answering.
    Fern Room: that offer is closed, so you are NOT booked for Wed 2 Dec. Want to be first backup? Reply B7.
    Fern Room: that offer is closed, so you are NOT booked for Wed 2 Dec. Want to be first backup? Reply B7.
    Fern Room: that offer is closed, so you are NOT booked for Wed 2 Dec. Want to be first backup? Reply B7.
    Fern Room: you already hold Wed 2 Dec 11.30am with us, so you are NOT booked for Wed 2 Dec 10am. If that one goes, reply Y7 again.
    Fern Room: we already have your YES for Wed 2 Dec. Nothing more to do. Changed your mind? Reply OUT7.
    Fern Room: thank you. You are first backup for Wed 2 Dec. You are NOT booked; you are asked first if somebody drops out.
    Fern Room: Wed 2 Dec is still open. To take it reply Y7. Nothing is booked yet.
    Fern Room: you hold nothing under that code, so there is nothing to give up.
    Fern Room: 2 offers are open. Reply Y7 for violin 2 Wed 2 Dec 10am or Y12 for drums Wed 2 Dec 10am. Nothing is booked yet.
    Fern Room: no offer is open for you right now. Nothing is booked by this text.
    Fern Room: 99 is not the code of an offer to you. Nothing is booked by this text.
    Fern Room: passed to Rosa, who will reply here. Nothing is booked by this text. To answer the offer reply Y7 or N7.
    Fern Room: passed to Rosa, who will reply here. Nothing is booked by this text.
    Fern Room: we text session offers. Reply with the code in an offer to answer it. Questions: +12125550143. STOP to opt out.
    Fern Room: you're on our call list. We text you when a session fits. HELP for help, STOP to opt out.
    Fern Room: thank you, noted.
    Fern Room: your code is 123456. It is valid for 15 minutes. If you did not ask for it, ignore this text.
    Fern Room: your page: https://fern.example.com/me/k7Qm2xPz9RtLw3Vb Calendars, away dates, what we hold about you. The link works for 30 days.
    Fern Room: we have your request, nothing more to do. Rosa looks at it, and we text you then.
    Fern Room: we can no longer see your Google calendar, so we may ask when you are busy. Reconnect: https://fern.example.com/me/k7Qm2xPz9RtLw3Vb
    ");
}

/// 4.2: with long names and a long address the wording is shorter; who sends it, when, links and codes stay.
#[test]
fn texts_of_a_studio_with_a_long_name() {
    let zone = zone();
    let (studio, public_url) =
        ("The Old Foundry Recording Rooms, Upper Canal Yard", "https://calls.oldfoundry.example.com");
    let voice = Voice { studio, zone: &zone, public_url };
    let about = About { code: 1234, ..about("electric guitar 2") };
    let texts = to_musicians(&voice, &about, "Alexandra Featherstonehaugh");
    let counted = texts.iter().map(|text| format!("{} {text}", size(text).segments));
    insta::assert_snapshot!(counted.collect::<Vec<_>>().join("\n"), @r"
    2 The Old Foundry Recording Rooms, Upper Canal Yard: Electric guitar 2, Wed 2 Dec 10am-1pm ET. Yes: https://calls.oldfoundry.example.com/y/k7Qm2xPz9RtLw3Vb No: https://calls.oldfoundry.example.com/n/k7Qm2xPz9RtLw3Vb or reply Y1234 / N1234
    2 The Old Foundry Recording Rooms, Upper Canal Yard: CHANGED. Electric guitar 2 is now Wed 2 Dec 10am-1pm ET (was Tue 1 Dec 9.30am). Still OK? https://calls.oldfoundry.example.com/y/k7Qm2xPz9RtLw3Vb Reply Y1234 or OUT1234
    2 The Old Foundry Recording Rooms, Upper Canal Yard: CONFIRMED. Electric guitar 2, Wed 2 Dec 10am-1pm ET. Map, calendar, call sheet: https://calls.oldfoundry.example.com/s/k7Qm2xPz9RtLw3Vb If you can't play, reply OUT1234.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: Wed 2 Dec 10am is not going ahead at that time, so your hold is released. Thank you.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: you are not needed for Wed 2 Dec 10am after all, so your hold is released. Thank you.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: CANCELLED. Wed 2 Dec 10am is off, please don't travel. Reply OK1234 so we know you saw this.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: your YES is in. Electric guitar 2, Wed 2 Dec 10am is held for you. We'll text when it's confirmed.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: no problem, thanks for answering. Your place on the list hasn't changed.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: you are out of Wed 2 Dec 10am. Thanks for telling us; we'll find somebody else.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: Electric guitar 2 on Wed 2 Dec was filled before you. You are NOT booked. Be backup? Reply B1234.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: that session is off, so you are NOT booked for Wed 2 Dec. Thanks for answering.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: that session is off, so you are NOT booked for Wed 2 Dec. Thanks for answering.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: that offer is closed, so you are NOT booked for Wed 2 Dec. Want to be first backup? Reply B1234.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: that offer is closed, so you are NOT booked for Wed 2 Dec. Want to be first backup? Reply B1234.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: that offer is closed, so you are NOT booked for Wed 2 Dec. Want to be first backup? Reply B1234.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: you hold Wed 2 Dec 11.30am, so you are NOT booked for Wed 2 Dec 10am. If that goes, reply Y1234 again.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: we already have your YES for Wed 2 Dec. Nothing more to do. Changed your mind? Reply OUT1234.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: thank you. You are first backup for Wed 2 Dec. You are NOT booked; you are asked first if somebody drops out.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: Wed 2 Dec is still open. To take it reply Y1234. Nothing is booked yet.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: you hold nothing under that code, so there is nothing to give up.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: reply Y1234 for electric guitar 2 Wed 2 Dec 10am or Y12 for drums Wed 2 Dec 10am. Nothing is booked yet.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: no offer is open for you right now. Nothing is booked by this text.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: 99 is not the code of an offer to you. Nothing is booked by this text.
    2 The Old Foundry Recording Rooms, Upper Canal Yard: passed to Alexandra Featherstonehaugh, who will reply here. Nothing is booked by this text. To answer the offer reply Y1234 or N1234.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: passed to Alexandra Featherstonehaugh, who will reply here. Nothing is booked by this text.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: we text session offers. Questions: +12125550143. STOP to opt out.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: you're on our call list. We text you when a session fits. HELP for help, STOP to opt out.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: thank you, noted.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: your code is 123456. It is valid for 15 minutes. If you did not ask for it, ignore this text.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: your page, for 30 days: https://fern.example.com/me/k7Qm2xPz9RtLw3Vb
    1 The Old Foundry Recording Rooms, Upper Canal Yard: we have your request, nothing more to do. Alexandra Featherstonehaugh looks at it, and we text you then.
    1 The Old Foundry Recording Rooms, Upper Canal Yard: we can't see your Google calendar any more. Reconnect: https://fern.example.com/me/k7Qm2xPz9RtLw3Vb
    ");
}

/// 4.2: one segment also where the best wording has a few letters too many.
#[test]
fn r4_2_an_offer_of_an_electric_guitar_is_one_segment() {
    let zone = zone();
    let voice = Voice { studio: "Fern Room", zone: &zone, public_url: "https://fern.example.com" };
    let offers = ["cello", "upright bass", "electric guitar 2"].map(|chair| voice.offer(&about(chair)));
    assert!(offers.iter().all(|offer| size(offer).segments == 1), "{offers:?}");
    insta::assert_snapshot!(offers.join("\n"), @r"
    Fern Room: Cello, Wed 2 Dec 10am-1pm ET. Yes: https://fern.example.com/y/k7Qm2xPz9RtLw3Vb No: https://fern.example.com/n/k7Qm2xPz9RtLw3Vb or reply Y7 / N7
    Fern Room: Upright bass, Wed 2 Dec 10am-1pm ET. Yes: https://fern.example.com/y/k7Qm2xPz9RtLw3Vb No: https://fern.example.com/n/k7Qm2xPz9RtLw3Vb or Y7 / N7
    Fern Room: Electric guitar 2, Wed 2 Dec 10am-1pm ET. Yes: https://fern.example.com/y/k7Qm2xPz9RtLw3Vb No: https://fern.example.com/n/k7Qm2xPz9RtLw3Vb or Y7 / N7
    ");
}

/// 5.1: a list of codes tells two offers of one day apart.
#[test]
fn r5_1_codes_of_one_day_are_told_apart() {
    let zone = zone();
    let voice = Voice { studio: "Fern Room", zone: &zone, public_url: "https://fern.example.com" };
    let one = About { code: 7, ..about("cello") };
    let later =
        |hours: i64| Span::new(one.time.start + SignedDuration::from_hours(hours), SignedDuration::from_hours(1));
    let list = |other: About<'_>| voice.which_one(&[one, other]);
    assert!(list(About { code: 8, time: later(24), ..one }).contains("Y7 for Wed 2 Dec or Y8 for Thu 3 Dec."));
    assert!(list(About { code: 8, time: later(3), ..one }).contains("Y7 for Wed 2 Dec 10am or Y8 for Wed 2 Dec 1pm."));
    let same = list(About { code: 8, chair: "violin", ..one });
    assert!(same.contains("Y7 for cello Wed 2 Dec 10am or Y8 for violin Wed 2 Dec 10am."), "{same}");
}

/// 7.1: every text to the manager says what to do, with a link.
#[test]
fn texts_to_the_manager() {
    let says = ToManager { booking: BookingId(214), link: "https://fern.example.com/bookings/214" };
    let texts = [
        says.no_times("Closest: Wed 2 Dec 10am: no trumpet: Ana is away."),
        says.exhausted("drums: Ana holds. violin: Ben no, Cat silent."),
        says.booked("Wed 2 Dec 10am", 4),
        says.dropped_out("Ana", "drums", "Wed 2 Dec 10am", true),
        says.nobody_steps_in("drums"),
        says.expired(),
        says.still_paused(),
        says.undeliverable("Ana", None),
        says.undeliverable("Ana", Some("a landline cannot be texted")),
        says.call_holder("Ana", "drums", MusicianStanding::OptedOut),
        says.call_holder("Ana", "drums", MusicianStanding::Paused),
        says.call_holder("Ana", "drums", MusicianStanding::Removed),
    ];
    for text in &texts {
        assert!(text.starts_with("First Call: #214 ") && text.contains(says.link), "{text}");
    }
    insta::assert_snapshot!(texts.join("\n"), @r"
    First Call: #214 has no possible time. Closest: Wed 2 Dec 10am: no trumpet: Ana is away. Add people or times. See why: https://fern.example.com/bookings/214
    First Call: #214 needs you: nobody is left. drums: Ana holds. violin: Ben no, Cat silent. Add players or change the time: https://fern.example.com/bookings/214
    First Call: #214 is booked. Wed 2 Dec 10am, 4 of 4 chairs. https://fern.example.com/bookings/214
    First Call: #214 Ana (drums) is out of Wed 2 Dec 10am. Others are asked, if there are any. See who: https://fern.example.com/bookings/214
    First Call: #214 needs you. Nobody is left to step in for drums. Fill it by hand or move it: https://fern.example.com/bookings/214
    First Call: #214 has expired: its times have passed and it was not filled. Tell the client: https://fern.example.com/bookings/214
    First Call: #214 is still paused. Resume or cancel it: https://fern.example.com/bookings/214
    First Call: #214 could not text Ana. Check their number: https://fern.example.com/bookings/214
    First Call: #214 could not text Ana (a landline cannot be texted). Mend that, or call them: https://fern.example.com/bookings/214
    First Call: #214 Ana holds drums but gets no more texts. Please call them: https://fern.example.com/bookings/214
    First Call: #214 Ana holds drums but is paused. Please call them: https://fern.example.com/bookings/214
    First Call: #214 Ana holds drums but is off the roster. Please call them: https://fern.example.com/bookings/214
    ");
}

/// 2.1: the studio's local time with its zone.
#[test]
fn r2_1_times_are_the_studios_with_their_zone() {
    let time = Span::new(at("Wed 10:00"), SignedDuration::from_mins(90));
    let in_zone = |name: &str| when(time, &TimeZone::get(name).unwrap());
    assert_eq!(in_zone("America/New_York"), "Wed 2 Dec 10am-11.30am ET");
    assert_eq!(in_zone("America/Los_Angeles"), "Wed 2 Dec 7am-8.30am PT");
    assert_eq!(in_zone("Europe/Paris"), "Wed 2 Dec 4pm-5.30pm CET");
    assert_eq!(in_zone("Asia/Kathmandu"), "Wed 2 Dec 8.45pm-10.15pm +0545");
    let in_july = |name: &str| zone_name(at("2027-07-01 10:00"), &TimeZone::get(name).unwrap());
    assert_eq!(in_july("America/New_York"), "ET", "summer and winter");
    assert_eq!(in_july("America/Phoenix"), "MST", "an hour behind what \"MT\" says to everybody in July");
}

/// Chairs are numbered where there are several of an instrument.
#[test]
fn chairs_are_named_as_people_say_it() {
    let labels: Vec<String> = Chair::list([("electric_guitar", 1), ("violin", 2)]).iter().map(Chair::label).collect();
    assert_eq!(labels, ["electric guitar", "violin 1", "violin 2"]);
}

/// A word that somebody may have for a name: any letters, also those that no telephone alphabet has.
fn names() -> impl Strategy<Value = String> {
    "[\\p{L}\\p{N} .'&-]{1,40}"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// 4.2: whatever people and chairs are called, links and codes are whole words of the text.
    #[test]
    fn r4_2_links_and_codes_are_whole_whatever_the_names(
        studio in names(), chair in names(), code in 1_u32..100_000, token in "[A-Za-z0-9_-]{16}", days in 0_i64..400,
    ) {
        let zone = zone();
        let voice = Voice { studio: &studio, zone: &zone, public_url: "https://fern.example.com" };
        let start = at("Mon 09:00") + SignedDuration::from_hours(24 * days);
        let time = Span::new(start, SignedDuration::from_mins(90));
        let about = About { chair: &chair, time, token: &token, code };
        let link = |kind: &str| format!("https://fern.example.com/{kind}/{token}");
        for (text, needs) in [
            (voice.offer(&about), vec![link("y"), link("n"), format!("Y{code}"), format!("N{code}")]),
            (voice.moved(&about, time), vec![link("y"), format!("Y{code}"), format!("OUT{code}")]),
            (voice.confirmed(&about), vec![link("s"), format!("OUT{code}")]),
            (voice.late(&about, LateBecause::Filled), vec![format!("B{code}")]),
            (voice.cancelled(&about), vec![format!("OK{code}")]),
        ] {
            prop_assert!(text.starts_with(&plain(&format!("{studio}: "))), "{}", text);
            for need in needs {
                // A dot after a link would be taken for a part of it.
                let end = if need.starts_with("http") { "" } else { "." };
                let mut words = text.split(' ').map(|word| word.strip_suffix(end).unwrap_or(word));
                prop_assert!(words.any(|word| word == need), "{} in {}", need, text);
            }
        }
    }
}
