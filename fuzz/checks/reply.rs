//! What holds for any text message whatever (rule 5.1).

use std::collections::BTreeSet;

use firstcall_core::reply::{Reply, read};

/// Checks the reading of this text.
pub fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let reply = read(&text);
    assert_eq!(reply, read(&text.to_ascii_uppercase()), "case matters");
    assert_eq!(reply, read(&text.to_ascii_lowercase()), "case matters");
    let around = [format!("  {text}\n"), format!("({text})."), format!("\u{a0}{text}!\u{202f}")];
    // A reaction begins with its verb, and its quotes are its own.
    if reply != Reply::Machine {
        for around in around {
            assert_eq!(reply, read(&around), "what stands around matters: {around:?}");
        }
    }
    certain(&text, &reply);
    if let Some(expected) = expected(&text) {
        assert_eq!(reply, expected, "{text:?}");
    }
}

/// Every word that may stand in a text that answers, in any order. Others make it words.
const HARMLESS: &str = "y yes yep yeah yup yea yeh yess yesss n no nope nah can do thanks but sure thing for \
    absolutely definitely certainly of course affirmative accept accepted i confirm confirmed im in am count me thumbs up decline \
    declined pass ill negative down b backup back standby stand by be a the first out drop dropout dropping need \
    to have ok okay okey k kk got it seen noted received understood roger offer code number and please pls plz \
    thank you u thankyou thx tnx tks tx ty many so much lot again asking thinking appreciated appreciate cheers hi \
    hey hello hiya howdy there all guys folks sorry delay late reply oh also my answer is sir maam boss mate dude \
    available free make play will see then looking forward sounds good great perfect awesome cool excellent love \
    id would happy with pleasure cant wait that works problem worries np hell heck indeed will glad do take wont \
    but though anyway unfortunately alas cannot not unavailable busy booked already away town this time next maybe \
    sent from get outlook ios google apple samsung galaxy pixel iphone ipad ipod blackberry android phone cell \
    mobile device smartphone tablet watch verizon wireless tmobile";

/// Rule 8.8: an answer has no question in it, no number but its codes, and no word that could make it a condition. What
/// opts out, or asks for something, has a word that says so.
fn certain(text: &str, reply: &Reply) {
    let plain = plain(text);
    let words: BTreeSet<&str> = plain.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    let says = |any: &[&str]| words.iter().any(|word| any.iter().any(|part| word.contains(part)));
    match reply {
        Reply::Words => {}
        Reply::Machine => assert!(!words.is_empty(), "no machine says {text:?}"),
        Reply::Help => assert!(plain.contains('?') || says(&["help", "info", "this"]), "no call for help: {text:?}"),
        Reply::Page => assert!(says(&["me", "page", "link"]), "no wish for a page: {text:?}"),
        Reply::Join => assert!(says(&["join", "sign", "add", "put"]), "no wish to join: {text:?}"),
        Reply::Start => {
            assert!(says(&["start", "stop", "subscribe", "opt", "back", "resume"]), "no wish for texts: {text:?}");
        }
        Reply::Stop => {
            let roots = [
                "stop", "quit", "cease", "end", "cancel", "halt", "text", "message", "msg", "contact", "unsub", "unsus",
            ];
            let more =
                ["list", "number", "opt", "revok", "withdraw", "alone", "discontinue", "remove", "delete", "erase"];
            assert!(says(&roots) || says(&more), "no wish for silence: {text:?}");
        }
        Reply::Yes(_) | Reply::No(_) | Reply::StandBy(_) | Reply::DropOut(_) | Reply::Seen(_) | Reply::Several(_) => {
            assert!(!plain.contains(['?', '/', '@', '$', '%', '=', '<']), "it asks, or says more: {text:?}");
            let unknown: Vec<&&str> =
                words.iter().filter(|word| !HARMLESS.split(' ').any(|known| known == **word)).collect();
            assert!(unknown.is_empty(), "{unknown:?} is not heard in {text:?}");
            let digits = plain.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
            let written: BTreeSet<u32> = digits.map(|digits| digits.parse().expect("a code")).collect();
            assert_eq!(codes(reply), written, "{text:?}");
        }
    }
}

fn codes(answer: &Reply) -> BTreeSet<u32> {
    match answer {
        Reply::Yes(code) | Reply::No(code) => code.iter().copied().collect(),
        Reply::StandBy(code) | Reply::DropOut(code) | Reply::Seen(code) => [*code].into(),
        Reply::Several(answers) => answers.iter().flat_map(codes).collect(),
        Reply::Join | Reply::Help | Reply::Page | Reply::Stop | Reply::Start | Reply::Machine | Reply::Words => {
            BTreeSet::new()
        }
    }
}

/// Small letters of ordinary width, without what is not seen and without apostrophes. Two in a row are a quote, which is
/// no part of a word.
fn plain(text: &str) -> String {
    let seen = text.chars().filter(|c| {
        let at = u32::from(*c);
        let format = matches!(at, 0xad | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff);
        let hidden = format || matches!(at, 0x20e3 | 0xfe00..=0xfe0f);
        !hidden
    });
    let narrow = |c: char| match u32::from(c) {
        0xbf => '?',
        0x2018..=0x201b | 0x2032 | 0x60 | 0xb4 | 0x2bc | 0xff07 => '\'',
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
        _ => c,
    };
    let narrow: String = seen.map(narrow).collect();
    narrow.replace("''", "\"").replace('\'', "").to_lowercase()
}

/// The forms that rule 5.1 gives, read in another way: the letters and the digits of the text, with nothing but blanks,
/// dots and the like around them.
fn expected(text: &str) -> Option<Reply> {
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || " \t\n.,!\"()#".contains(c)) {
        return None;
    }
    let spaced = text.replace(|c: char| !c.is_alphanumeric(), " ").to_ascii_lowercase();
    let said = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let digits: String = said.chars().filter(char::is_ascii_digit).collect();
    let word: String = said.chars().filter(|c| !c.is_ascii_digit()).collect();
    let forms =
        [format!("{}{digits}", word.trim()), format!("{} {digits}", word.trim()), format!("{digits} {}", word.trim())];
    let number = digits.parse().ok().filter(|_| digits.len() <= 6 && forms.contains(&said));
    match (word.trim(), number) {
        ("y" | "yes", Some(code)) => Some(Reply::Yes(Some(code))),
        ("n" | "no", Some(code)) => Some(Reply::No(Some(code))),
        ("b", Some(code)) => Some(Reply::StandBy(code)),
        ("out", Some(code)) => Some(Reply::DropOut(code)),
        ("ok", Some(code)) => Some(Reply::Seen(code)),
        _ => without_a_code(&said),
    }
}

fn without_a_code(said: &str) -> Option<Reply> {
    Some(match said {
        "y" | "yes" => Reply::Yes(None),
        "n" | "no" => Reply::No(None),
        "join" => Reply::Join,
        "help" | "info" => Reply::Help,
        "start" | "unstop" => Reply::Start,
        "stop" | "stopall" | "stop all" | "unsubscribe" | "cancel" | "end" | "quit" | "revoke" | "optout"
        | "opt out" => Reply::Stop,
        "" | "b" | "out" | "ok" => Reply::Words,
        _ => return None,
    })
}
