//! Sentences: what a person asks for without labels, and what a sentence beside the labels may change.
//!
//! Prose is read only where every word of a sentence is explained; the rest is asked about (rules 1.4 and 1.5).

use std::ops::Range;

use jiff::SignedDuration;

use crate::instruments::{self, Chairs, Names};
use crate::scan::{self, Item, Mode};
use crate::schedule;
use crate::text::{among, folded};
use crate::zones::Said;

/// The sentences of paragraphs, each on one line.
pub(crate) fn sentences(paragraphs: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    for paragraph in paragraphs {
        let text = paragraph.replace("a.m.", "am").replace("p.m.", "pm").replace("A.M.", "AM").replace("P.M.", "PM");
        let lines: Vec<&str> = text.lines().collect();
        // Short lines of their own, as in an address block or a list, are not the beginning of the next sentence.
        let mut current = String::new();
        for line in lines {
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(line.trim());
        }
        split_into(&current, &mut out);
    }
    out
}

fn split_into(text: &str, out: &mut Vec<String>) {
    let bytes = text.as_bytes();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let ends = matches!(c, '.' | '!' | '?') && bytes.get(at + 1).is_none_or(|b| *b == b' ');
        if ends && !(c == '.' && is_abbreviation(&text[start..at])) {
            let sentence = text[start..=at].trim().trim_end_matches(['.', '!', '?']);
            if !sentence.is_empty() {
                out.push(sentence.to_owned());
            }
            start = at + 1;
        }
    }
    let rest = text[start..].trim();
    if !rest.is_empty() {
        out.push(rest.to_owned());
    }
}

fn is_abbreviation(before: &str) -> bool {
    let word = folded(before.rsplit(' ').next().unwrap_or(""));
    let word = word.trim_start_matches('(');
    scan::weekday(word).is_some() && word.len() < 6
        || matches!(
            word,
            "jan"
                | "feb"
                | "mar"
                | "apr"
                | "jun"
                | "jul"
                | "aug"
                | "sep"
                | "sept"
                | "oct"
                | "nov"
                | "dec"
                | "elec"
                | "ac"
                | "approx"
                | "st"
                | "mr"
                | "ms"
                | "mrs"
                | "dr"
                | "e.g"
                | "i.e"
                | "ca"
                | "gtr"
                | "min"
                | "hrs"
                | "no"
        )
}

/// Sentences taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spoken {
    pub(crate) chairs: Chairs,
    /// Sentences about days and times, folded, with the instruments blanked out.
    pub(crate) times: Vec<String>,
    pub(crate) zones: Vec<Said>,
    /// Sentences about the zone that are not understood.
    pub(crate) zone_doubts: Vec<String>,
    /// How long the session is, in sentences without a day or time.
    pub(crate) lengths: Vec<SignedDuration>,
    /// Sentences that may be about its length.
    pub(crate) length_doubts: Vec<String>,
}

/// What sentences ask for.
pub(crate) fn read(sentences: &[String], names: &Names) -> Spoken {
    let mut spoken = Spoken::default();
    for sentence in sentences {
        let text = folded(sentence);
        let without = instruments::blanked(&text, names);
        let items = scan::items(&without, Mode::Prose);
        let timed = is_timed(&items);
        if timed {
            spoken.times.push(without.clone());
        } else {
            zones_of(&items, sentence, &mut spoken);
            lengths_of(&items, &text, &mut spoken);
        }
        if instruments::mentioned(&text, names) || (timed && asks(&text)) {
            let rest = blanked(&text, schedule_ranges(&items));
            merge(&mut spoken.chairs, instruments::read(&rest, names, Mode::Prose));
        }
    }
    spoken
}

fn asks(text: &str) -> bool {
    ["need ", "looking for ", "would like ", "want "].iter().any(|a| text.contains(a))
}

fn merge(all: &mut Chairs, more: Chairs) {
    all.any |= more.any;
    all.doubts.extend(more.doubts);
    for count in more.counts {
        if all.counts.iter().any(|c| c.instrument == count.instrument) {
            let message = "This instrument is named twice. Check how many are wanted.";
            all.doubts.push((message.to_owned(), count.instrument.replace('_', " ")));
        } else {
            all.counts.push(count);
        }
    }
}

/// A day, a clock time or a part of the day is named.
fn is_timed(items: &[scan::Spanned]) -> bool {
    items.iter().any(|(item, _)| match item {
        Item::Day(_) | Item::Part(_) => true,
        Item::Clock(clock) => clock.kind != crate::clocks::Kind::Bare,
        Item::Dash
        | Item::And(_)
        | Item::Between
        | Item::From
        | Item::Zone(_)
        | Item::Length(_)
        | Item::Open
        | Item::Bracket
        | Item::Unknown => false,
    })
}

/// "All times are Eastern.", "We're on Paris time."
fn zones_of(items: &[scan::Spanned], sentence: &str, spoken: &mut Spoken) {
    let said: Vec<Said> = items
        .iter()
        .filter_map(|(item, _)| if let Item::Zone(said) = item { Some(said.clone()) } else { None })
        .collect();
    if said.is_empty() {
        return;
    }
    let about_time = folded(sentence)
        .split(|c: char| !c.is_alphanumeric())
        .any(|w| matches!(w, "time" | "times" | "zone" | "timezone"));
    let clear = !items.iter().any(|(item, _)| matches!(item, Item::Unknown | Item::Open));
    if about_time && clear {
        spoken.zones.extend(said);
    } else if about_time {
        spoken.zone_doubts.push(sentence.to_owned());
    }
}

/// "The session will be 2 hours.", but not "the song is 4 minutes long".
fn lengths_of(items: &[scan::Spanned], text: &str, spoken: &mut Spoken) {
    const OTHER: &str = "song, songs, track, tracks, tune, demo, solo, intro, outro, ago, drive, away, notice, break, per, rate, \
                         album, ep, take, takes, bridge, verse, chorus, video, back, within, flight, early, late";
    let found: Vec<SignedDuration> = items
        .iter()
        .filter_map(|(item, _)| if let Item::Length(length) = item { Some(*length) } else { None })
        .collect();
    let hours = text.contains("hour") || text.contains("minute");
    let other = text.split(|c: char| !c.is_alphanumeric()).any(|w| among(OTHER, w) && !text.contains("session"));
    if (found.is_empty() && !text.contains("hour")) || !hours || other {
        return;
    }
    match found.as_slice() {
        [only] if !items.iter().any(|(item, _)| matches!(item, Item::Unknown | Item::Open)) => {
            spoken.lengths.push(*only);
        }
        _ => spoken.length_doubts.push(text.to_owned()),
    }
}

fn schedule_ranges(items: &[scan::Spanned]) -> Vec<Range<usize>> {
    let kept = |item: &Item| {
        matches!(
            item,
            Item::Day(_)
                | Item::Clock(_)
                | Item::Zone(_)
                | Item::Length(_)
                | Item::Part(_)
                | Item::Between
                | Item::From
                | Item::Dash
                | Item::Bracket
        )
    };
    items.iter().filter(|(item, _)| kept(item)).map(|(_, range)| range.clone()).collect()
}

fn blanked(text: &str, ranges: Vec<Range<usize>>) -> String {
    let mut out = text.to_owned();
    for range in ranges {
        if let Some(words) = out.get(range.clone()) {
            let blanks = " ".repeat(words.len());
            out.replace_range(range, &blanks);
        }
    }
    out
}

/// Words with which a sentence changes what the labels say.
const TURNING: &str = "use, edit, edited, also, add, plus, need, needs, instead, actually, rather, change, changed, swap, replace, \
     correction, forgot, without, no, not, don't, dont, can't, cant, cannot, won't, wont, skip, drop, \
     except, only, but, unless, or, unavailable, away, must, before, after, until, move, moved, \
     reschedule, update, updated, wrong, mistake, prefer, ideally, possible, too, make, maybe, perhaps, \
     isn't, doesn't, want, book, work, works, available, free, else, either, alternatively, optional, \
     additional, extra, another, oops, ignore, disregard";

/// Does a sentence beside the labels name an instrument in a way that may change the request?
pub(crate) fn turns_instruments(sentence: &str, names: &Names, known: &Chairs) -> bool {
    let text = without_self(&folded(sentence));
    if !turns(&text) || !instruments::mentioned(&text, names) || only_declines(&text, names, known) {
        return false;
    }
    if only_repeats(&text, names, known) {
        return false;
    }
    let said = read(&[sentence.to_owned()], names).chairs;
    let same =
        !said.counts.is_empty() && said.doubts.is_empty() && said.counts.iter().all(|c| known.counts.contains(c));
    !same
}

/// "I'm a guitarist" says who asks, not who is wanted.
fn without_self(text: &str) -> String {
    let mut out = text.to_owned();
    for lead in ["i'm a ", "i am a ", "i'm an ", "i am an ", "as a ", "i play ", "we're a ", "we are a "] {
        while let Some(at) = out.find(lead) {
            let start = at + lead.len();
            let end = out[start..].find([' ', ',', '.']).map_or(out.len(), |e| start + e);
            out.replace_range(at..end, " ");
        }
    }
    out
}

/// "I need a drummer for my indie track" changes nothing where one drummer is asked for.
fn only_repeats(text: &str, names: &Names, known: &Chairs) -> bool {
    const CHANGES: &str = "no, not, without, don't, dont, can't, instead, or, another, extra, additional, also, add, plus, only, but, except, \
                           change, swap, replace, actually, skip, drop, maybe, perhaps, too, second, more, if, rather, use, edit, edited, \
                           correction, update, forgot, unless, either, optional, else";
    let changed = text.split(|c: char| !c.is_alphanumeric() && c != '\'').any(|w| among(CHANGES, w));
    !changed && instruments::names_only(text, names, &known.counts)
}

/// "No drums, please" changes nothing where no drums are asked for.
fn only_declines(text: &str, names: &Names, known: &Chairs) -> bool {
    const DECLINES: &[&str] = &["no", "not", "without", "don't"];
    const WANTS: &[&str] = &[
        "instead", "add", "also", "but", "plus", "change", "rather", "actually", "or", "only", "want", "replace",
        "swap",
    ];
    let has = |list: &[&str]| text.split(|c: char| !c.is_alphanumeric() && c != '\'').any(|w| list.contains(&w));
    let needs = text.contains("need") && !["no need", "don't need", "not need"].iter().any(|n| text.contains(n));
    has(DECLINES) && !has(WANTS) && !needs && !instruments::names_one_of(text, names, &known.counts)
}

/// Does a sentence beside the labels name a day or time in a way that may change the request?
pub(crate) fn turns_times(sentence: &str, names: &Names, known: &[schedule::Slot], parts: &schedule::Parts) -> bool {
    let text = folded(sentence);
    if !turns(&text) && !names_a_clock_time(&text) {
        return false;
    }
    let times = read(&[sentence.to_owned()], names).times;
    if times.is_empty() {
        return false;
    }
    let answers: Vec<schedule::Answer> =
        times.into_iter().map(|text| schedule::Answer { text, number: None, mode: Mode::Prose }).collect();
    let said = schedule::read(&answers, parts);
    let same =
        |slot: &schedule::Slot| known.iter().any(|k| k.day == slot.day && k.from == slot.from && k.to == slot.to);
    said.slots.is_empty() || !said.doubts.is_empty() || !said.slots.iter().all(same)
}

/// A clock time beside the labels matters, unless it is when the form was filled in.
fn names_a_clock_time(text: &str) -> bool {
    use crate::clocks::Kind;
    let of_the_form = ["submitted", "submission", "received", "response", "sent ", "created", "filled in", "wrote"];
    !of_the_form.iter().any(|w| text.contains(w))
        && scan::items(text, Mode::Prose).iter().any(|(item, _)| {
            matches!(item, Item::Clock(clock) if matches!(clock.kind, Kind::Am | Kind::Pm | Kind::Full | Kind::Noon))
        })
}

fn turns(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'').any(|w| among(TURNING, w))
}

/// Why a person's mail is no new request although it names instruments or times (rule 1.9).
pub(crate) fn other_intent(subject: &str, sentences: &[String]) -> Option<(&'static str, String)> {
    const CANCELS: &str = "please cancel, this is a test, please ignore, cancel my, cancel our, cancel the, cancel this, \
     want to cancel, need to cancel, have to cancel, like to cancel, must cancel, cancelling my, \
     cancelling our, cancelling the, canceling, cancellation, reschedule, postpone, call off, \
     call it off, no longer need, don't need, do not need the, move my, move our, move the session, \
     change my booking, change our booking, change my session, change our session, change the booking, \
     disregard, ignore my, ignore the previous, ignore our, withdraw, can't make it, cannot make it, \
     won't be able to, never mind, nevermind, forget about, instead of our, existing booking, \
     already booked, confirm my booking, confirming our, i accept, we accept, i decline, to cancel, \
     i cancel, we cancel";
    const PRICES: &str = "how much, what do you charge, do you charge, your rates, your rate, price list, a quote, quotation, \
     pricing, what would it cost, what does it cost, cost of, your prices, what's the cost, an estimate, \
     what are the rates, what is the price, what's the price, prices for, would cost, price for, \
     rates for";
    let asks_to_book = |text: &str| ["book", "request", "reserve", "hire"].iter().any(|w| text.contains(w));
    let subject_folded = folded(subject);
    let all: Vec<String> = std::iter::once(subject_folded).chain(sentences.iter().map(|s| folded(s))).collect();
    for (at, text) in all.iter().enumerate() {
        let said = || if at == 0 { subject.to_owned() } else { sentences[at - 1].clone() };
        if CANCELS.split(", ").any(|c| text.contains(c))
            || (at == 0 && (text.starts_with("cancel") || text.contains(" cancel")))
        {
            return Some((
                "This seems to be about a booking that exists, not a new one. Answer it yourself, or enter what is wanted.",
                said(),
            ));
        }
    }
    let price = all.iter().position(|text| PRICES.split(", ").any(|p| text.contains(p)))?;
    let books = all.iter().any(|text| asks_to_book(text));
    let said = if price == 0 { subject.to_owned() } else { sentences[price - 1].clone() };
    (!books).then_some((
        "This asks for a price. Answer it yourself, or make a booking of it if that is what is wanted.",
        said,
    ))
}
