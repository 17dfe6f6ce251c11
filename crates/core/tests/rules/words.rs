//! The words of every text: one says who sends it, says one thing and tells the next step. A change of words shows here.

use crate::studio::{at, hour};
use firstcall_core::answers::LateBecause;
use firstcall_core::booking::{Chair, Dead, Void};
use firstcall_core::ids::BookingId;
use firstcall_core::span::Span;
use firstcall_core::step::Clash;
use firstcall_core::wording::{About, ToManager, Voice, when, zone_name};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn zone() -> TimeZone {
    TimeZone::get("America/New_York").unwrap()
}

fn about(chair: &str) -> About<'_> {
    let time = Span::new(at("Wed 10:00"), SignedDuration::from_hours(3));
    About { chair, time, token: "k7Qm2xPz9RtLw3Vb", code: 7 }
}

/// 4.2, 5.x, 6.2: every text to a musician.
#[test]
fn texts_to_musicians() {
    let zone = zone();
    let voice = Voice { studio: "Fern Room", zone: &zone, public_url: "https://fern.example.com" };
    let (about, other) = (about("violin 2"), About { code: 12, ..about("drums") });
    let clash = Clash { booking: BookingId(3), time: hour("Wed 11:30") };
    let texts = [
        voice.offer(&about),
        voice.moved(&about, hour("Tue 09:30")),
        voice.confirmed(&about),
        voice.released(about.time),
        voice.cancelled(&about),
        voice.held(&about),
        voice.said_no(),
        voice.dropped_out(&about),
        voice.late(&about, LateBecause::Filled),
        voice.late(&about, LateBecause::Cancelled),
        voice.late(&about, LateBecause::Expired),
        voice.late(&about, LateBecause::BookedElsewhere),
        voice.late(&about, LateBecause::Dead(Dead::TooLate)),
        voice.late(&about, LateBecause::Void(Void::Superseded)),
        voice.conflict(&about, clash),
        voice.already_held(&about),
        voice.stands_by(&about),
        voice.chair_is_open(&about),
        voice.holds_nothing(),
        voice.which_one(&[about, other]),
        voice.which_one(&[]),
        voice.unknown_code(99),
        voice.passed_on("Rosa", Some(7)),
        voice.passed_on("Rosa", None),
        voice.help("+12125550143"),
        voice.joined(),
        voice.seen(),
    ];
    for text in &texts {
        assert!(text.starts_with("Fern Room: "), "{text}");
        assert!(text.is_ascii() && text.len() <= 160, "more than one GSM-7 segment ({}): {text}", text.len());
    }
    insta::assert_snapshot!(texts.join("\n"), @r"
    Fern Room: Violin 2, Wed 2 Dec 10am-1pm ET. Yes: https://fern.example.com/y/k7Qm2xPz9RtLw3Vb No: https://fern.example.com/n/k7Qm2xPz9RtLw3Vb or reply Y7 / N7
    Fern Room: CHANGED. Violin 2 is now Wed 2 Dec 10am-1pm ET (was Tue 1 Dec 9.30am). Still OK? https://fern.example.com/y/k7Qm2xPz9RtLw3Vb Reply Y7 or OUT7
    Fern Room: CONFIRMED. Violin 2, Wed 2 Dec 10am-1pm ET. Map, calendar, call sheet: https://fern.example.com/s/k7Qm2xPz9RtLw3Vb If you can't play, reply OUT7.
    Fern Room: Wed 2 Dec 10am is not going ahead at that time, so your hold is released. Thank you.
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
    Fern Room: 2 offers are open. Reply Y7 for Wed 2 Dec or Y12 for Wed 2 Dec. Nothing is booked yet.
    Fern Room: no offer is open for you right now. Nothing is booked by this text.
    Fern Room: 99 is not the code of an offer to you. Nothing is booked by this text.
    Fern Room: passed to Rosa, who will reply here. Nothing is booked by this text. To answer the offer reply Y7 or N7.
    Fern Room: passed to Rosa, who will reply here. Nothing is booked by this text.
    Fern Room: we text session offers. Reply with the code in an offer to answer it. Questions: +12125550143. STOP to opt out.
    Fern Room: you're on our call list. We text you when a session fits. HELP for help, STOP to opt out.
    Fern Room: thank you, noted.
    ");
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
        says.undeliverable("Ana"),
        says.holder_opted_out("Ana", "drums"),
    ];
    for text in &texts {
        assert!(text.starts_with("First Call: #214 ") && text.contains(says.link), "{text}");
    }
    insta::assert_snapshot!(texts.join("\n"), @r"
    First Call: #214 has no possible time. Closest: Wed 2 Dec 10am: no trumpet: Ana is away. Add people or times. See why: https://fern.example.com/bookings/214
    First Call: #214 needs you: nobody is left to ask. drums: Ana holds. violin: Ben no, Cat silent. Add players or change the time: https://fern.example.com/bookings/214
    First Call: #214 is booked. Wed 2 Dec 10am, 4 of 4 chairs. https://fern.example.com/bookings/214
    First Call: #214 Ana (drums) is out of Wed 2 Dec 10am. Others are asked, if there are any. See who: https://fern.example.com/bookings/214
    First Call: #214 needs you. Nobody is left to step in for drums. Fill it by hand or move it: https://fern.example.com/bookings/214
    First Call: #214 has expired: its times have passed and it was not filled. Tell the client: https://fern.example.com/bookings/214
    First Call: #214 is still paused. Resume or cancel it: https://fern.example.com/bookings/214
    First Call: #214 could not text Ana. Check their number: https://fern.example.com/bookings/214
    First Call: #214 Ana holds drums but gets no more texts. Please call them: https://fern.example.com/bookings/214
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
            (voice.confirmed(&about), vec![link("s"), format!("OUT{code}.")]),
            (voice.late(&about, LateBecause::Filled), vec![format!("B{code}.")]),
            (voice.cancelled(&about), vec![format!("OK{code}")]),
        ] {
            prop_assert!(text.starts_with(&format!("{studio}: ")), "{}", text);
            let words: Vec<&str> = text.split(' ').collect();
            for need in needs {
                prop_assert!(words.contains(&need.as_str()), "{} in {}", need, text);
            }
        }
    }
}
