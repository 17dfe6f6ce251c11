//! Clients, musicians and a manager, who use the program until it is gone.

use crate::dice::Dice;
use crate::ledger::{Account, Heard};
use crate::program::{Program, request};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// Some play two instruments, so that bookings compete for them.
const ROSTER: [(&str, &str); 8] = [
    ("Ann", r#""drums""#),
    ("Ben", r#""violin""#),
    ("Cat", r#""violin","drums""#),
    ("Dan", r#""violin""#),
    ("Eve", r#""drums""#),
    ("Fay", r#""violin""#),
    ("Gus", r#""violin","drums""#),
    ("Hal", r#""violin""#),
];

/// Puts everybody on the roster, and says who they are.
pub fn hire(address: SocketAddr) -> Vec<i64> {
    let hired = ROSTER.iter().zip(1..).map(|((name, plays), number)| {
        let body = format!(r#"{{"name":"{name}","phone":"+121255501{number:02}","instruments":[{plays}]}}"#);
        let (status, body) = request(address, "POST", "/api/v1/musicians", &body).expect("an answer");
        assert_eq!(status, 201, "{body}");
        json(&body)["id"].as_i64().expect("a musician")
    });
    hired.collect()
}

pub fn json(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {body}"))
}

/// The mail of this number. The mails of one life of the program compete for ten hours of one day.
pub fn mail(number: u64) -> String {
    let (life, mut dice) = (number / 1000, Dice::new(number));
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let day = today + SignedDuration::from_hours(24 * i64::try_from(7 + life % 300).expect("a number of days"));
    let hour = 10 + dice.below(9);
    let other = hour + 1 + dice.below(19 - hour);
    let instruments = ["drums", "drums, violin", "drums, 2 violins", "violin"][dice.index(4)];
    format!(
        "From: c{number}@example.com\r\nMessage-ID: <{number}@example.com>\r\n\r\nName: Client\r\n\
         Instruments: {instruments}\r\nDate: {day}\r\nTime: {hour}:00, {other}:00\r\nTime zone: UTC\r\n"
    )
}

/// Uses the program until it is killed; returns what was acknowledged, and how many mails were not.
pub fn use_until(
    program: Program,
    alive: Duration,
    life: u64,
    dice: &mut Dice,
    old: Vec<Account>,
) -> (Vec<Account>, usize) {
    let address = program.address;
    std::thread::scope(|scope| {
        let mut users: Vec<_> = (0..3)
            .map(|user| {
                let mut dice = dice.split();
                scope.spawn(move || new_bookings(address, life * 1000 + user * 100, &mut dice))
            })
            .collect();
        let mut dice = dice.split();
        users.push(scope.spawn(move || (old_bookings(address, old, &mut dice), 0)));
        program.killed_after(alive);
        let all = users.into_iter().map(|user| user.join().expect("a user"));
        all.fold((Vec::new(), 0), |(mut accounts, lost), (more, also)| {
            accounts.extend(more);
            (accounts, lost + also)
        })
    })
}

/// Posts mails and goes through what comes of them.
fn new_bookings(address: SocketAddr, first: u64, dice: &mut Dice) -> (Vec<Account>, usize) {
    let mut accounts = Vec::new();
    for number in first..first + 100 {
        let Some((status, body)) = request(address, "POST", "/workflow/email/t", &mail(number)) else {
            return (accounts, 1);
        };
        assert!(matches!(status, 200 | 201), "{status} {body}");
        let booking = json(&body)["booking_id"].as_i64().expect("a booking");
        let mut account = Account { booking, mail: number, heard: BTreeMap::new(), acts: BTreeMap::new() };
        // Who heard that they are late stands by the second time.
        let alive = attend(address, &mut account, dice).and_then(|()| attend(address, &mut account, dice));
        accounts.push(account);
        if alive.is_none() {
            return (accounts, 0);
        }
    }
    (accounts, 0)
}

/// Goes on with bookings of an earlier life.
fn old_bookings(address: SocketAddr, mut accounts: Vec<Account>, dice: &mut Dice) -> Vec<Account> {
    while !accounts.is_empty() {
        let which = dice.index(accounts.len());
        if attend(address, &mut accounts[which], dice).is_none() {
            break;
        }
    }
    accounts
}

/// Musicians answer what they were asked, and the manager does something about it. None when the program went away.
fn attend(address: SocketAddr, account: &mut Account, dice: &mut Dice) -> Option<()> {
    let (_, body) = request(address, "GET", &format!("/api/v1/bookings/{}/messages?limit=200", account.booking), "")?;
    let messages = json(&body);
    for message in messages["items"].as_array().expect("items").iter().filter(|m| m["kind"] == "offer") {
        let token = token_of(message).expect("a link");
        match (account.heard.get(&token), dice.below(10)) {
            (None | Some(Heard::Unknown), 0..6) => press(address, account, &token, "yes")?,
            (None | Some(Heard::Unknown), 6..8) | (Some(Heard::Yes), 0) => press(address, account, &token, "no")?,
            (Some(Heard::Late), 0..7) => press(address, account, &token, "standby")?,
            _ => {}
        }
    }
    match dice.below(12) {
        0 => act(address, account, "pause", "paused", "")?,
        1..4 => act(address, account, "resume", "resumed", "")?,
        4..6 => act(address, account, "next", "", "")?,
        6 if dice.below(4) == 0 => act(address, account, "cancel", "cancelled", "")?,
        7 => {
            let body = format!(r#"{{"musician_id":{},"chair":"drums"}}"#, 1 + dice.below(8));
            act(address, account, "fill", "filled", &body)?;
        }
        8 => act(address, account, "release", "released", r#"{"chair":"drums"}"#)?,
        _ => {}
    }
    Some(())
}

/// The secret of an offer's links.
pub fn token_of(message: &Value) -> Option<String> {
    let link = message["body"].as_str()?.split_whitespace().find(|word| word.contains("/y/"))?;
    link.rsplit('/').next().map(str::to_owned)
}

fn press(address: SocketAddr, account: &mut Account, token: &str, button: &str) -> Option<()> {
    account.heard.insert(token.to_owned(), Heard::Unknown);
    let (status, page) = request(address, "POST", &format!("/y/{token}"), &format!("press={button}"))?;
    assert_eq!(status, 200, "{page}");
    let said = |words: &[&str]| words.iter().any(|words| page.contains(words));
    let heard = if said(&["Your time is held", "The session is confirmed"]) {
        Heard::Yes
    } else if said(&["You are first backup"]) {
        Heard::StandBy
    } else if said(&["You are out of"]) {
        Heard::Out
    } else if said(&["No problem, thanks for answering", "You said no"]) {
        Heard::No
    } else if said(&["You already hold another chair", "It is open again", "The other session is gone"]) {
        Heard::Nothing
    } else {
        assert!(said(&["You are not booked", "Nothing was changed"]), "the page says none of the known things: {page}");
        Heard::Late
    };
    account.heard.insert(token.to_owned(), heard);
    Some(())
}

/// An act of the manager's. One that the booking's state refuses is acknowledged as that, and does nothing.
fn act(address: SocketAddr, account: &mut Account, path: &str, word: &'static str, body: &str) -> Option<()> {
    let count = account.acts.entry(word).or_default();
    count.1 += 1;
    let body = if body.is_empty() { "{}" } else { body };
    let (status, body) = request(address, "POST", &format!("/api/v1/bookings/{}/{path}", account.booking), body)?;
    match status {
        200 => count.0 += 1,
        // Not in this state, or not with these chairs.
        409 | 422 => count.1 -= 1,
        _ => panic!("{path}: {status} {body}"),
    }
    Some(())
}
