//! What must be true after a restart.

use crate::ledger::{Account, Heard, Ledger};
use crate::program::request;
use crate::users::{json, mail, token_of};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

/// What was acknowledged about one booking is there, and nothing of it happened twice.
pub fn still_there(address: SocketAddr, account: &Account) {
    let id = account.booking;
    let (status, body) = request(address, "POST", "/workflow/email/t", &mail(account.mail)).expect("an answer");
    assert_eq!((status, json(&body)["booking_id"].as_i64()), (200, Some(id)), "mail {} was lost", account.mail);
    let messages = all(address, &format!("/api/v1/bookings/{id}/messages"));
    let log = all(address, &format!("/api/v1/bookings/{id}/log"));
    let (status, booking) = request(address, "GET", &format!("/api/v1/bookings/{id}"), "").expect("an answer");
    assert_eq!(status, 200, "{booking}");
    answers(account, &messages, &log);
    acts(account, &log);
    one_of_each(&json(&booking), &messages, &log);
}

fn all(address: SocketAddr, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, body) = request(address, "GET", &format!("{path}?limit=200{cursor}"), "").expect("an answer");
        assert_eq!(status, 200, "{body}");
        let page = json(&body);
        items.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// Rule 8.3: every answer that was acknowledged is on record as what it was, and in the log.
fn answers(account: &Account, messages: &[Value], log: &[Value]) {
    for (token, heard) in &account.heard {
        let mut found = messages.iter().filter(|m| m["kind"] == "offer" && token_of(m).as_ref() == Some(token));
        let offer = found.next().unwrap_or_else(|| panic!("the offer of {token} was lost"));
        let logged = |kinds: &[&str]| {
            let theirs =
                |line: &&Value| line["musician_id"] == offer["musician_id"] && line["option"] == offer["option"];
            log.iter().filter(theirs).any(|line| kinds.iter().any(|kind| line["kind"] == *kind))
        };
        let answer = offer["answer"].as_str();
        let kept = match heard {
            Heard::Yes => answer == Some("yes"),
            // A YES that was released before stays on record (rule 6.3), and the manager may fill a chair with anybody.
            Heard::No | Heard::Out => answer == Some("no") || !offer["released_at"].is_null() || logged(&["filled"]),
            Heard::Late => answer.is_some(),
            Heard::StandBy => offer["standby"] == true || answer == Some("yes"),
            Heard::Nothing | Heard::Unknown => true,
        };
        assert!(kept, "the page said {heard:?}, and this is on record: {offer}");
        match heard {
            Heard::Yes => assert!(logged(&["yes", "filled"]), "no YES in the log: {offer}"),
            Heard::No => assert!(logged(&["no", "overlap", "took_back", "dropped_out"]), "no NO in the log: {offer}"),
            Heard::Late | Heard::StandBy | Heard::Out | Heard::Nothing | Heard::Unknown => {}
        }
    }
}

/// Every act that was acknowledged is in the log, and none is there more often than it was asked for.
fn acts(account: &Account, log: &[Value]) {
    for (&word, &(done, asked)) in account.acts.iter().filter(|(word, _)| !word.is_empty()) {
        let lines = log.iter().filter(|line| line["kind"] == word && line["actor"] == "api").count();
        // Cancelling releases everybody, and that is in the log as well.
        let most = if word == "released" { usize::MAX } else { asked };
        assert!((done..=most).contains(&lines), "{word}: {done} acknowledged, {asked} asked for, {lines} in the log");
    }
}

/// Rules 4.8, 6.1, 6.4, 8.1, 8.4, 8.7, about one booking.
fn one_of_each(booking: &Value, messages: &[Value], log: &[Value]) {
    let mut asked: BTreeMap<_, Vec<&Value>> = BTreeMap::new();
    for offer in messages.iter().filter(|m| m["kind"] == "offer") {
        asked.entry((offer["option"].as_i64(), offer["musician_id"].as_i64())).or_default().push(offer);
    }
    for offers in asked.values() {
        // Who stands by is asked once more when somebody drops out.
        let again =
            offers.len() == 2 && offers.iter().any(|offer| offer["standby"] == true || offer["answer"] == "late");
        assert!(offers.len() == 1 || again, "asked twice: {offers:?}");
    }
    let chairs = booking["chairs"].as_array().expect("chairs");
    let holders: Vec<i64> = chairs.iter().filter_map(|chair| chair["musician_id"].as_i64()).collect();
    assert_eq!(holders.iter().collect::<BTreeSet<_>>().len(), holders.len(), "two chairs have one holder: {booking}");
    let status = booking["status"].as_str().expect("a status");
    if status == "booked" {
        for holder in holders {
            let theirs = |it: &&Value| it["musician_id"] == holder && it["option"] == booking["booked_option"];
            let confirmed = messages.iter().filter(theirs).filter(|m| m["kind"] == "confirmation").count();
            // Who was out and is in again is confirmed anew.
            let out = ["dropped_out", "took_back", "released"];
            let times_out =
                log.iter().filter(theirs).filter(|line| out.iter().any(|kind| line["kind"] == *kind)).count();
            let wrong = format!("{holder} was confirmed {confirmed} times, and out {times_out} times");
            assert!((1..=1 + times_out).contains(&confirmed), "{wrong}: {booking}");
        }
    }
    let waits = matches!(status, "calling" | "paused");
    assert!(!waits || !booking["next_deadline"].is_null(), "it waits for nothing: {booking}");
}

/// All that was ever acknowledged, and what must hold between bookings (rules 8.2, 8.9).
pub fn everything(address: SocketAddr, ledger: &Ledger, hired: &[i64]) {
    ledger.assert_used();
    for account in ledger.bookings.values() {
        still_there(address, account);
    }
    let musicians: BTreeSet<_> = all(address, "/api/v1/musicians").iter().filter_map(|m| m["id"].as_i64()).collect();
    assert_eq!(musicians, hired.iter().copied().collect(), "the roster is another");
    let bookings = all(address, "/api/v1/bookings");
    let clients: BTreeSet<_> = bookings.iter().map(|booking| booking["client"]["email"].to_string()).collect();
    assert_eq!(clients.len(), bookings.len(), "a mail became two bookings");
    assert!(bookings.len() >= ledger.bookings.len(), "bookings are gone");
    sessions(&bookings);
    nothing_is_stuck(address);
}

/// A text that was being handed over when the program was killed is taken up again: where several programs may share the
/// database, when the minute is over that each has for it.
fn nothing_is_stuck(address: SocketAddr) {
    let mut stuck = Vec::new();
    for _ in 0..100 {
        stuck = all(address, "/api/v1/messages").into_iter().filter(|m| m["state"] == "sending").collect();
        if stuck.is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(750));
    }
    panic!("texts that nobody hands over: {stuck:?}");
}

/// Rule 8.2: no musician, and not the studio, is in two sessions at once.
fn sessions(bookings: &[Value]) {
    let mut taken: BTreeMap<String, Vec<(String, String, i64)>> = BTreeMap::new();
    for booking in bookings.iter().filter(|booking| booking["status"] == "booked") {
        let options = booking["options"].as_array().expect("options");
        let booked = options.iter().find(|option| option["option"] == booking["booked_option"]).expect("an option");
        let text = |name: &str| booked[name].as_str().expect("an instant").to_owned();
        let session = (text("start"), text("end"), booking["id"].as_i64().expect("a number"));
        let chairs = booking["chairs"].as_array().expect("chairs").iter();
        let people = chairs.filter_map(|chair| chair["musician_id"].as_i64()).map(|id| format!("musician {id}"));
        for who in people.chain(["the studio".to_owned()]) {
            taken.entry(who).or_default().push(session.clone());
        }
    }
    for (who, mut sessions) in taken {
        // All instants are in UTC and written alike, so that their texts are in their order.
        sessions.sort();
        for pair in sessions.windows(2) {
            assert!(pair[0].1 <= pair[1].0, "{who} is in two sessions at once: {pair:?}");
        }
    }
}
