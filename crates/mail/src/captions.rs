//! Which words make a label, and of what (rule 1.5).

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use crate::context::Label;
use crate::text::{among, folded, squeezed};

/// A label as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caption {
    /// What it asks for; nothing when its words are not known.
    pub(crate) label: Option<Label>,
    /// The words, normalised.
    pub(crate) words: String,
    /// What stands in brackets, as in "Time (ET)".
    pub(crate) hint: String,
    /// As in "Date 2".
    pub(crate) number: Option<u32>,
    /// The words are known, even if only as something that is not read.
    pub(crate) is_listed: bool,
}

const LABELS: &[(Label, &str)] = &[
    (
        Label::Name,
        "name, full name, client, client name, artist, artist name, contact, contact name, contact person, requested by, booked by, customer, \
         customer name, songwriter, who are you, what is name, whats name, band name, artist or band, artist band name, your name",
    ),
    (Label::FirstName, "first name, given name, forename"),
    (Label::LastName, "last name, surname, family name"),
    (
        Label::Email,
        "email, e mail, mail, email address, e mail address, contact email, client email, reply to, reply email, what is email, whats email, \
         email id, mail address, best email, whats email address, what is email address",
    ),
    (
        Label::Phone,
        "phone, telephone, tel, mobile, cell, phone number, telephone number, mobile number, cell phone, contact number, best phone number, \
         mobile phone, whatsapp, phone no, cell number, whats phone number, what is phone number, best number, contact phone",
    ),
    (
        Label::City,
        "city, town, location, where are you, where are you based, based in, city state, city and state, city country, city and country, \
         where are you located, hometown, home town, your location, where do you live, city town, town city, what city are you in, which city are you in, \
         where are you joining from, current city, place",
    ),
    (
        Label::Count,
        "quantity, qty, how many, number of players, number needed, how many players, count, number of musicians, how many do you need, how many musicians",
    ),
    (
        Label::Zone,
        "time zone, timezone, tz, zone, what timezone are you in, what time zone are you in, which time zone are you in, \
         which timezone are you in, your time zone, local time zone, local timezone, times are in, all times in, all times are in, times in, whats timezone, \
         whats time zone, what is timezone, what is time zone",
    ),
    (
        Label::Notes,
        "notes, note, message, comments, comment, additional info, additional information, additional notes, anything else, details, \
         description, about the song, about the project, project details, tell us more, tell us about the project, tell us about the song, more info, \
         other info, info, remarks, further information, other notes, song notes, anything else we should know, is there anything else, \
         special requests, special instructions, what are you looking for, project description, your message, message body, extra notes, \
         additional comments, session notes, anything else you want to tell us, anything else to add, questions or comments, brief, background, description of the project",
    ),
    (
        Label::Links,
        "demo, demos, demo link, link, links, demo links, links to demos, chart, charts, video, reference, references, reference track, \
         reference tracks, dropbox, soundcloud, youtube, files, file, link to demo, links to files, audio, website, drive, spotify, demo recording, rough mix, \
         sheet music, lead sheet, demo url, music link, link to the song, upload, uploads, attachment, attachments",
    ),
    (
        Label::End,
        "end time, end, ends, finish, finish time, until, available until, ending time, ends at, to time, time to, latest end",
    ),
    (
        Label::Length,
        "length, duration, session length, how long, how long do you need, hours needed, how many hours, length of session, \
         session duration, length of the session, hours, number of hours, how many hours do you need, how long will the session be, how long is the session, \
         estimated length, estimated duration, minutes, booking length, time needed, time required, length needed, duration of session, duration of the session, \
         studio hours needed, how long a session do you need, how long should the session be, how much time do you need, session hours",
    ),
    (
        Label::Instruments,
        "instrument, instruments, instrumentation, lineup, line up, players, musicians, players needed, musicians needed, session players, \
         who do you need, what do you need, what instruments do you need, which instruments do you need, chairs, select instrument, \
         instruments needed, instrument needed, what instrument, which instrument, players wanted, musicians wanted, who do you want to book, \
         player, musician, chair, select instruments, session musicians, what instrument do you need, which instrument do you need, looking for, we need, i need, parts needed",
    ),
    (
        Label::Times,
        "when, availability, available, start time, start, starts, times, time, slot, slots, time slot, time slots, when are you available, \
         when are you free, select available times, available times, select times, dates and times, date and time, date time, day and time, days and times, \
         preferred times, preferred time, appointment, session slot, appointment time, appointment date, requested slot, booking, booking time, preferred date and time, session time, starts at, available from, from time, start date and time, \
         when would you like to record, when suits you, when works, session date and time, what time, what times, proposed times, possible times, \
         starting time, time of session, time of day, hour, begin, begins, starting at, start date time, session start, session starts, \
         time options, date options, date time options, option, choice, first choice, second choice, third choice, when do you want to record, \
         which times, which time, best times, best time, what times are you available, what time are you available, preferred start time, preferred slot, your availability, \
         dates times, schedule, preferred start, requested time, requested times, requested date and time, when works for you, when works best, when works best for you, select available time, \
         select a time, choose a time, pick a time, date and start time, day time, when do you need them, when is the session, time s, arrival time, call time",
    ),
    (
        Label::Date,
        "date, dates, day, days, preferred date, preferred dates, session date, session dates, ok which day, which day, what day, \
         what days are you available, what day are you most available, whats day are you most available, which day are you most available, \
         second day, other day, another day, alternative date, alternate date, alternative day, second date, additional day, third day, third date, first day, first date, \
         preferred day, preferred days, start date, date of session, session day, what date, which date, recording date, requested date, date requested, date of recording, \
         ok which day then, second choice of day, proposed date, booking date, date needed, available date, available dates, available day, available days, possible dates, select a date, choose a date, pick a date, \
         desired date, date s, which dates, on which day, date of the session, backup date, best day, best date, another date, extra day, and which day, what other day",
    ),
    (
        Label::Ignored,
        "band, song time, track time, playing time, lead time, set time, show time, song, song title, title, genre, style, tempo, key, bpm, budget, fee, rate, price, company, studio, engineer, producer, subject, from, to, cc, sent, \
         form, form name, source, submitted, submitted on, submitted at, submission date, submission time, timestamp, date submitted, created, created at, received, \
         received on, ip, ip address, remote ip, user agent, page, page url, entry, entry id, response id, reference number, order number, id, \
         how did you hear about us, referral, want to offer a second day, offer a second day, release date, deadline, due date, mix deadline, delivery date, \
         date of birth, birthday, song length, track length, song duration, running time, time signature, signature, feel, mood, album, label, publisher, \
         website, address, street, postcode, zip, zip code, country, state, pronouns, role, job title, terms, consent, newsletter, i agree, payment, invoice, \
         number of songs, how many songs, songs, key signature, meter, take, project, project name, project title, artist website, instagram, facebook, twitter, \
         office hours, studio hours, opening hours, business hours, fax, time feel, submission id, form id, response time, score, url, host, browser, referrer, user, status, time submitted, \
         time to complete, completed at, started at, start of form, session id, ticket, priority, second day, want to add a second day, add another day, do you want to offer a second day, would you like to offer a second day, \
         a second day, are you flexible, which studio, room, experience, level, how did you find us, time spent, local time, tuning, scale, sample rate, bit depth, daw, language",
    ),
];

static LISTED: LazyLock<HashMap<String, Label>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    let all = || LABELS.iter().flat_map(|(label, list)| list.split(", ").map(move |words| (words.trim(), *label)));
    for (words, label) in all() {
        map.entry(words.to_owned()).or_insert(label);
    }
    // "Time required" is "time" without the mark of a field that must be filled in.
    for (words, label) in all() {
        map.entry(normal(words)).or_insert(label);
    }
    map
});

/// The labels that are read without being set up, for the documentation.
#[must_use]
pub fn built_in_labels() -> Vec<(Label, Vec<&'static str>)> {
    LABELS.iter().map(|(label, list)| (*label, list.split(", ").map(str::trim).collect())).collect()
}

/// Words that a label may have beside those that say what it asks for.
const SMALL: &str = "first, second, third, choice, other, another, alternate, alternative, additional, backup, have, \
     client, clients, local, current, own, next, from, with, by, get, find, there, these, those, here, \
     following, below, a, an, the, my, our, we, you, i, is, are, do, does, will, would, can, could, \
     please, select, choose, pick, enter, list, what, whats, what's, which, for, of, to, in, on, at, be, \
     this, that, and, or, s, best, most, preferred, preferable, requested, desired, proposed, possible, \
     suitable, needed, need, required, wanted, want, like, book, booking, booked, session, sessions, \
     recording, record, studio, works, work, all, your, it, it's, should, looking, hire, us, use, \
     options, option, me, ideal, candidate, apply, suit, suits, specify, let, know, tell, fill, give, \
     provide";

/// Words that only a question about instruments may have: "song time" is no time of the session.
const MUSIC: &str = "song, songs, track, tracks, project, hear";

/// The caption that a whole line is: "Instruments", "What timezone are you in?".
pub(crate) fn whole(line: &str, extra: &BTreeMap<String, Label>) -> Option<Caption> {
    let trimmed = unnumbered(line.trim().trim_end_matches(['*', ' ']));
    if trimmed.len() > 120 {
        return None;
    }
    let marked = trimmed.ends_with([':', '?', '.']);
    let words = trimmed.trim_end_matches([':', '?', '.', '-', ' ']);
    if words.contains([':', '=']) {
        return None;
    }
    let caption = of(words, extra);
    if !marked && caption.number.is_some_and(|n| n > 5) {
        return None;
    }
    // An answer such as "the day" is no label: without a mark at its end, only well-known words are.
    let titled = trimmed.starts_with(char::is_uppercase) && caption.words.contains(' ') && caption.number.is_none();
    (caption.label.is_some() && (marked || caption.is_listed || titled)).then_some(caption)
}

/// A question without its number: "7. Select your times".
fn unnumbered(line: &str) -> &str {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line[digits..].strip_prefix(['.', ')']).map(str::trim_start);
    rest.filter(|r| (1..=2).contains(&digits) && r.starts_with(char::is_alphabetic)).unwrap_or(line)
}

/// A caption and the answer after it on one line.
pub(crate) fn before_answer(line: &str, extra: &BTreeMap<String, Label>) -> Option<(Caption, String)> {
    let line = unnumbered(line);
    if let Some(caption) = whole(line, extra) {
        return Some((caption, String::new()));
    }
    for (at, mark) in marks(line) {
        let (head, rest) = line.split_at(at);
        let caption = of(head, extra);
        let known = caption.label.is_some() || caption.is_listed;
        let sure = matches!(mark, ":" | "?");
        if known && (sure || caption.is_listed) {
            let mut rest = rest[mark.len()..].trim_start_matches([':', ' ', '*', '_']);
            // An arrow or a dash may follow, but "-05:00" begins with a sign.
            for arrow in ["- ", "-> ", "=> ", "> ", "= "] {
                rest = rest.strip_prefix(arrow).unwrap_or(rest).trim_start();
            }
            return Some((caption, rest.trim().to_owned()));
        }
        if mark == ":" && is_label_like(head) && !rest[1..].starts_with(|c: char| c.is_ascii_digit() || c == '/') {
            return Some((caption, rest[1..].trim().to_owned()));
        }
    }
    None
}

/// "Instrument: drums, Date: December 14": splits before the second label of a line.
pub(crate) fn two_in_one<'a>(line: &'a str, extra: &BTreeMap<String, Label>) -> Option<(&'a str, &'a str)> {
    let (head, _) = line.split_once(':')?;
    let first = of(head, extra);
    if !first.is_listed || matches!(first.label, None | Some(Label::Notes | Label::Ignored | Label::Links)) {
        return None;
    }
    let breaks = line.match_indices([',', ';']).filter(|(at, _)| *at > head.len()).take(20);
    for (at, _) in breaks {
        let rest = line[at + 1..].trim_start();
        let (caption, _) = rest.split_once(':')?;
        if caption.len() <= 40 && of(caption, extra).is_listed {
            return Some((line[..at].trim_end(), rest));
        }
    }
    None
}

/// Where a label may end: the places of the marks, the first ones only.
fn marks(line: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for mark in [":", "?", " - ", " = ", "=", " > ", ". "] {
        let digit = |at: usize| line.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        let in_number = |at: usize| at > 0 && digit(at - 1) && digit(at + 1);
        let places = line.match_indices(mark).map(|(at, _)| (at, mark)).filter(|(at, _)| !in_number(*at)).take(2);
        found.extend(places.filter(|(at, _)| *at > 0 && *at <= 120));
    }
    found.sort_unstable();
    found
}

pub(crate) fn is_label_like(head: &str) -> bool {
    let words = head.split_whitespace().count();
    let first = folded(head.split_whitespace().next().unwrap_or(""));
    let schedule_word = crate::scan::weekday(first.trim_end_matches([',', '.'])).is_some();
    (1..=8).contains(&words)
        && head.len() <= 60
        && head.starts_with(char::is_alphabetic)
        && !head.contains(['@', '"', ';'])
        && !schedule_word
        && !head.contains(|c: char| c.is_ascii_digit())
        && !head.to_ascii_lowercase().starts_with("http")
}

/// Too many words for a label, or a greeting: "Here's what we'd like to book:".
pub(crate) fn is_sentence(words: &str) -> bool {
    words.split(' ').count() > 4
}

/// What the words of a label say.
pub(crate) fn of(raw: &str, extra: &BTreeMap<String, Label>) -> Caption {
    let (outside, hint) = without_brackets(raw);
    let (words, number) = numbered(&normal(&outside));
    let found = extra
        .iter()
        .find(|(label, _)| normal(label) == words || normal(label) == normal(raw))
        .map(|(_, label)| *label)
        .or_else(|| listed(&words));
    let (label, is_listed) = match found {
        Some(Label::Ignored) => (Some(Label::Ignored), true),
        Some(label) => (Some(label), true),
        None => (by_words(&words), false),
    };
    Caption { label, words, hint, number, is_listed }
}

/// A label as it is compared with others: two that are the same in this form are one label.
#[must_use]
pub fn plain_label(raw: &str) -> String {
    normal(raw)
}

fn listed(words: &str) -> Option<Label> {
    let short = words
        .strip_prefix("your ")
        .or_else(|| words.strip_prefix("the "))
        .or_else(|| words.strip_prefix("my "))
        .unwrap_or(words);
    LISTED.get(words).or_else(|| LISTED.get(short)).copied()
}

/// Letters and digits in lower case; "(s)", "your" and marks such as "required" go.
fn normal(raw: &str) -> String {
    let text = folded(raw).replace("(s)", "").replace("what's", "whats").replace("'s", "s");
    let spaced: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let words: Vec<&str> = spaced
        .split_whitespace()
        .filter(|w| !matches!(*w, "your" | "required" | "optional" | "please" | "the"))
        .collect();
    words.join(" ")
}

fn without_brackets(raw: &str) -> (String, String) {
    let raw = raw.replace("(s)", "");
    let Some(open) = raw.find(['(', '[']) else { return (raw, String::new()) };
    let close = raw[open..].find([')', ']']).map_or(raw.len(), |c| open + c);
    let outside = format!("{} {}", &raw[..open], raw.get(close + 1..).unwrap_or(""));
    (squeezed(&outside), raw[open + 1..close].trim().to_owned())
}

/// "date 2", "2 date", "2nd choice".
fn numbered(words: &str) -> (String, Option<u32>) {
    let mut number: Option<u32> = None;
    let rest: Vec<&str> = words
        .split(' ')
        .filter(|w| {
            let digits = w.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let suffix = &w[digits.len()..];
            let is_number = !digits.is_empty() && digits.len() <= 2 && matches!(suffix, "" | "st" | "nd" | "rd" | "th");
            if is_number && number.is_none() {
                number = digits.parse().ok();
                return false;
            }
            true
        })
        .collect();
    (rest.join(" "), number)
}

/// A label in words of its own: all of them must be small words or say what is asked for.
fn by_words(words: &str) -> Option<Label> {
    let all: Vec<&str> = words.split(' ').filter(|w| !w.is_empty()).collect();
    if all.is_empty() || all.len() > 14 {
        return None;
    }
    let mut kinds: Vec<Label> = Vec::new();
    let mut musical = false;
    for (at, word) in all.iter().enumerate() {
        let kind = match *word {
            "instrument" | "instruments" | "musicians" | "players" | "musician" | "player" => Some(Label::Instruments),
            "timezone" => Some(Label::Zone),
            "zone" if at > 0 && all[at - 1] == "time" => Some(Label::Zone),
            "time" if all.get(at + 1) == Some(&"zone") => None,
            "date" | "dates" | "day" | "days" => Some(Label::Date),
            "time" | "times" | "slot" | "slots" | "start" | "when" | "availability" | "available" => Some(Label::Times),
            "length" | "duration" => Some(Label::Length),
            "email" => Some(Label::Email),
            "phone" => Some(Label::Phone),
            "city" => Some(Label::City),
            "notes" | "comments" => Some(Label::Notes),
            _ if among(SMALL, word) => None,
            _ if among(MUSIC, word) => {
                musical = true;
                None
            }
            _ => return None,
        };
        kinds.extend(kind);
    }
    kinds.sort();
    kinds.dedup();
    match kinds.as_slice() {
        [Label::Instruments] => Some(Label::Instruments),
        _ if musical => None,
        [only] => Some(*only),
        [Label::Date, Label::Times] => {
            Some(if words.contains("available") && !words.contains("time") { Label::Date } else { Label::Times })
        }
        [Label::Zone, Label::Times] if words.contains("zone") => Some(Label::Zone),
        _ => None,
    }
}

/// An unknown label about days, times or instruments: what stands under it may matter.
pub(crate) fn is_suspicious(caption: &Caption) -> Option<Label> {
    let any = |list: &[&str]| caption.words.split(' ').any(|w| list.contains(&w));
    if any(&["instrument", "instruments", "musician", "musicians", "player", "players"]) {
        return Some(Label::Instruments);
    }
    if any(&[
        "date",
        "dates",
        "day",
        "days",
        "time",
        "times",
        "available",
        "availability",
        "unavailable",
        "slot",
        "slots",
        "start",
        "when",
        "hours",
        "avoid",
        "except",
        "earliest",
        "latest",
        "before",
        "after",
        "blackout",
        "week",
        "weekend",
        "conflicts",
    ]) {
        return Some(Label::Times);
    }
    None
}
