//! A list of instruments as people write it, to chairs (rule 1.7).
//!
//! Every word must be explained: a part of the list with a word left over is asked about and gives no chair, because the
//! word may be "no", "alto" or "maybe".

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::context::InstrumentName;
use crate::reading::Count;
use crate::scan::Mode;
use crate::text::{STRUCK, among, folded};

/// What a list of instruments says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chairs {
    pub(crate) counts: Vec<Count>,
    /// Message and words.
    pub(crate) doubts: Vec<(String, String)>,
    /// Something was asked for, or seemed to be.
    pub(crate) any: bool,
}

/// The instruments of the roster by the words that people use for them.
pub(crate) struct Names {
    /// Words to the instruments they may mean; several for a general name.
    by_words: HashMap<String, Vec<String>>,
    longest: usize,
}

/// General names: what the last word of a roster name may be called.
const KINDS: &[(&str, &str)] = &[
    ("sax", "sax, saxophone, saxophonist, saxist, sax player, saxophone player"),
    ("guitar", "guitar, gtr, guitarist, guitar player, gtr player"),
    ("bass", "bass, bassist, bass player"),
    ("piano", "piano, pianist, piano player"),
    ("violin", "violin, violinist, violin player"),
    ("trumpet", "trumpet, trumpeter, trumpet player"),
    ("drums", "drums, drummer, drum, drum player, drums player"),
    ("keyboard", "keyboard, keyboardist, keyboard player"),
];

/// Names that end in s without being several.
const NOT_PLURAL: &[&str] = &["drums", "keys", "bass", "brass", "strings", "congas", "bongos", "vibes"];

impl Names {
    /// The names of a roster. The last ones are kept: a program reads one mail after the other with the same.
    pub(crate) fn of(instruments: &[InstrumentName]) -> Arc<Names> {
        static LAST: Mutex<Option<(Vec<InstrumentName>, Arc<Names>)>> = Mutex::new(None);
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, names)) if known == instruments => Arc::clone(names),
            _ => {
                let names = Arc::new(Names::new(instruments));
                *last = Some((instruments.to_vec(), Arc::clone(&names)));
                names
            }
        }
    }

    fn new(instruments: &[InstrumentName]) -> Names {
        let mut names = Names { by_words: HashMap::new(), longest: 1 };
        for instrument in instruments {
            names.add(&instrument.name, &instrument.name);
            for alias in &instrument.aliases {
                names.add(alias, &instrument.name);
            }
        }
        let exact = names.by_words.clone();
        for instrument in instruments {
            let kind = instrument.name.rsplit('_').next().unwrap_or("");
            let words = KINDS.iter().find(|(k, _)| *k == kind).map_or(kind, |(_, words)| *words);
            let before = instrument.name.strip_suffix(kind).unwrap_or("");
            for word in words.split(", ") {
                if !exact.contains_key(&key(word)) {
                    names.add(word, &instrument.name);
                }
                // "alto saxophonist", "electric bass player"
                names.add(&format!("{before} {word}"), &instrument.name);
            }
        }
        names
    }

    fn add(&mut self, words: &str, instrument: &str) {
        let words = key(words);
        if words.is_empty() {
            return;
        }
        self.longest = self.longest.max(words.split(' ').count());
        let meant = self.by_words.entry(words).or_default();
        if !meant.iter().any(|m| m == instrument) {
            meant.push(instrument.to_owned());
        }
    }

    /// The longest name that begins at a word: what it may mean, how many words, and whether it is a plural.
    fn at(&self, words: &[Word]) -> Option<(&[String], usize, bool)> {
        let mut best = None;
        let mut joined = String::new();
        for (at, word) in words.iter().enumerate().take(self.longest) {
            if word.kind != Kind::Name && !(at > 0 && word.kind == Kind::Slash) {
                break;
            }
            if !joined.is_empty() && !joined.ends_with('/') && word.kind != Kind::Slash {
                joined.push(' ');
            }
            joined.push_str(&word.text);
            if word.kind == Kind::Slash {
                continue;
            }
            if let Some(meant) = self.by_words.get(&joined) {
                best = Some((meant.as_slice(), at + 1, false));
            } else if let Some(single) = singular(&joined)
                && let Some(meant) = self.by_words.get(&single)
            {
                best = Some((meant.as_slice(), at + 1, true));
            }
        }
        best
    }
}

fn singular(words: &str) -> Option<String> {
    if let Some(stem) = words.strip_suffix("xes") {
        return Some(format!("{stem}x"));
    }
    words.strip_suffix('s').filter(|s| s.len() > 2).map(str::to_owned)
}

fn key(words: &str) -> String {
    let spaced: String = folded(words).chars().map(|c| if c.is_alphanumeric() || c == '/' { c } else { ' ' }).collect();
    crate::text::squeezed(&spaced).replace(" / ", "/")
}

/// A word or sign of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Name,
    Number(u32),
    Comma,
    /// A strong separator: a new line or a semicolon.
    Stop,
    And,
    Or,
    Slash,
    Open,
    Close,
    Dash,
    Other,
}

fn words_of(text: &str) -> Vec<Word> {
    spans_of(text).into_iter().map(|(word, _)| word).collect()
}

/// Words with the places they stand in.
fn spans_of(text: &str) -> Vec<(Word, std::ops::Range<usize>)> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if c.is_ascii_digit() {
            rest.bytes().take_while(u8::is_ascii_digit).count()
        } else if c.is_alphabetic() {
            rest.char_indices().find(|(_, c)| !c.is_alphabetic() && *c != '\'').map_or(rest.len(), |(at, _)| at)
        } else {
            c.len_utf8()
        };
        let word = &rest[..length];
        let start = text.len() - rest.len();
        let glued = text[..start].ends_with(char::is_alphabetic) && rest[length..].starts_with(char::is_alphabetic);
        // "stand-up" is two words, "violin - 2" is not.
        if let Some(kind) = kind_of(word, c).filter(|k| *k != Kind::Dash || !glued) {
            out.push((Word { text: word.to_owned(), kind }, start..start + length));
        }
        rest = &rest[length..];
    }
    out
}

fn kind_of(word: &str, first: char) -> Option<Kind> {
    Some(match word {
        "and" | "&" | "+" | "plus" | "with" => Kind::And,
        "or" => Kind::Or,
        "," => Kind::Comma,
        ";" | "\n" | "|" | "\u{2022}" => Kind::Stop,
        "/" => Kind::Slash,
        "(" | "[" => Kind::Open,
        ")" | "]" => Kind::Close,
        "-" | ":" => Kind::Dash,
        "." | "\"" | "*" | "!" | "'" | "_" | "#" | "=" => return None,
        "one" => Kind::Number(1),
        "two" => Kind::Number(2),
        "three" => Kind::Number(3),
        "four" => Kind::Number(4),
        "five" => Kind::Number(5),
        "six" => Kind::Number(6),
        "seven" => Kind::Number(7),
        "eight" => Kind::Number(8),
        _ if first.is_ascii_digit() => Kind::Number(word.parse().unwrap_or(u32::MAX)),
        _ if first.is_alphabetic() => Kind::Name,
        _ if first.is_whitespace() => return None,
        _ if first == STRUCK => Kind::Other,
        _ => Kind::Other,
    })
}

const FILL: &str = "needed, wanted, required, only, a, an, the, player, players, musician, musicians, please, session, \
     live, for";

const PROSE_FILL: &str = "hi, hello, hey, there, we, we're, we'd, we'll, i, i'm, i'd, i'll, need, needs, are, am, looking, \
     after, want, would, like, love, to, book, hire, find, get, request, require, seeking, of, on, our, \
     my, in, at, song, songs, track, tracks, tune, tunes, new, this, that, is, it, be, can, could, you, \
     us, me, booking, requesting, single, ballad, ep, album, demo, project, between, time, slot, date, \
     hoping, wanted, come, someone, somebody, all, so, do, will, should, hours, hour, as, well, also, \
     your, help";

const OWNED: &[&str] = &["my", "our", "your", "his", "her", "their"];

/// What else is counted in a request.
const COUNTED: &[&str] = &["song", "songs", "track", "tracks", "tune", "tunes", "hour", "hours"];

/// What makes a sentence a request.
const ASKING: &str = "need, needs, after, looking, want, book, booking, hire, like, love, find, get, request, requesting, \
     require, seeking, hoping";

/// Reads a labelled list, or a sentence of prose in which dates and times are blanked out.
pub(crate) fn read(answer: &str, names: &Names, mode: Mode) -> Chairs {
    let text = folded(answer);
    let words = words_of(&text);
    let mut chairs = Chairs::default();
    for part in parts_of(&words) {
        chairs.part(part, names, mode);
    }
    if mode == Mode::Prose && chairs.any && !words.iter().any(|w| among(ASKING, w.text.as_str())) {
        chairs.counts.clear();
        chairs.doubts.push((
            "Instruments are named, but not clearly asked for. Enter the ones that are wanted.".to_owned(),
            answer.trim().to_owned(),
        ));
    }
    chairs
}

/// Is one of the roster's instruments named here, under any name?
pub(crate) fn mentioned(text: &str, names: &Names) -> bool {
    let words = words_of(&folded(text));
    (0..words.len()).any(|at| names.at(&words[at..]).is_some())
}

/// May a folded text mean one of these chairs?
pub(crate) fn names_one_of(text: &str, names: &Names, counts: &[Count]) -> bool {
    let words = words_of(text);
    (0..words.len())
        .filter_map(|at| names.at(&words[at..]))
        .any(|(meant, ..)| meant.iter().any(|m| counts.iter().any(|c| c.instrument == *m)))
}

/// Does a folded text name none but these chairs, each of them once and in the singular?
pub(crate) fn names_only(text: &str, names: &Names, counts: &[Count]) -> bool {
    let words = words_of(text);
    let mut at = 0;
    while at < words.len() {
        let Some((meant, length, plural)) = names.at(&words[at..]) else {
            at += 1;
            continue;
        };
        let [only] = meant else { return false };
        let one = counts.iter().any(|c| c.instrument == *only && c.count == 1);
        let article =
            at.checked_sub(1).is_some_and(|b| matches!(words[b].text.as_str(), "a" | "the" | "an" | "one" | "some"));
        if plural || !one || !article {
            return false;
        }
        at += length;
    }
    true
}

/// A folded text with the names of instruments, and the numbers beside them, blanked out.
pub(crate) fn blanked(text: &str, names: &Names) -> String {
    let mut out = text.to_owned();
    let spans = spans_of(text);
    let words: Vec<Word> = spans.iter().map(|(w, _)| w.clone()).collect();
    let mut at = 0;
    while at < words.len() {
        let Some((_, length, _)) = names.at(&words[at..]) else {
            at += 1;
            continue;
        };
        let numeric = |n: usize| words.get(n).is_some_and(|w| matches!(w.kind, Kind::Number(_)) || w.text == "x");
        let mut first = at;
        while first > 0 && numeric(first - 1) {
            first -= 1;
        }
        let mut last = at + length - 1;
        if numeric(last + 1) && words.get(last + 1).is_some_and(|w| w.text == "x") {
            last += 2;
        }
        for (_, range) in spans.iter().take(last + 1).skip(first) {
            out.replace_range(range.clone(), &" ".repeat(range.len()));
        }
        at += length;
    }
    out
}

/// The parts between separators. A list that ends in "or" is one part: it may be a choice among all of them.
fn parts_of(words: &[Word]) -> Vec<&[Word]> {
    let mut parts = Vec::new();
    for line in words.split(|w| w.kind == Kind::Stop) {
        let separates = |w: &Word| matches!(w.kind, Kind::Comma | Kind::And);
        let choice = line.iter().position(|w| w.kind == Kind::Or);
        let commas_before = choice.is_some_and(|or| line[..or].iter().any(|w| w.kind == Kind::Comma));
        let and_somewhere = line.iter().any(|w| w.kind == Kind::And);
        if commas_before && !and_somewhere {
            parts.push(line);
            continue;
        }
        let mut depth = 0_u32;
        let mut start = 0;
        for (at, word) in line.iter().enumerate() {
            match word.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                // "and/or" is a choice.
                Kind::And if line.get(at + 1).is_some_and(|w| matches!(w.kind, Kind::Slash | Kind::Or)) => {}
                _ if depth == 0 && separates(word) => {
                    parts.push(&line[start..at]);
                    start = at + 1;
                }
                Kind::Name
                | Kind::Number(_)
                | Kind::Comma
                | Kind::Stop
                | Kind::And
                | Kind::Or
                | Kind::Slash
                | Kind::Dash
                | Kind::Other => {}
            }
        }
        parts.push(&line[start..]);
    }
    parts.retain(|p| !p.is_empty());
    parts
}

/// What one part of a list says.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that was seen in the words, in any combination")]
struct Part {
    meant: Option<Vec<String>>,
    numbers: Vec<u32>,
    plural: bool,
    /// A number after the name without "x" or brackets: "violin 2".
    ordinal: bool,
    unknown: bool,
    several: bool,
}

impl Chairs {
    fn part(&mut self, words: &[Word], names: &Names, mode: Mode) {
        let text = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        if mode == Mode::Prose
            && !words.iter().enumerate().any(|(at, _)| names.at(&words[at..]).is_some())
            && !words.iter().any(|w| foreign_word(w, mode))
        {
            return;
        }
        let part = part_of(words, names, mode);
        let nothing = part.meant.is_none() && !part.unknown && part.numbers.is_empty() && !part.several;
        if nothing {
            return;
        }
        self.any |= part.meant.is_some() || mode == Mode::Labelled;
        match verdict(&part) {
            Ok((instrument, count)) => self.add(&instrument, count, &text),
            Err(message) => self.doubts.push((message.to_owned(), text)),
        }
    }

    fn add(&mut self, instrument: &str, count: u32, text: &str) {
        if self.counts.iter().any(|c| c.instrument == instrument) {
            self.doubts
                .push(("This instrument is named twice. Check how many are wanted.".to_owned(), text.to_owned()));
            return;
        }
        self.counts.push(Count { instrument: instrument.to_owned(), count });
    }
}

fn foreign_word(word: &Word, mode: Mode) -> bool {
    word.kind == Kind::Name
        && !among(FILL, word.text.as_str())
        && !(mode == Mode::Prose && among(PROSE_FILL, word.text.as_str()))
}

fn part_of(words: &[Word], names: &Names, mode: Mode) -> Part {
    let mut part = Part::default();
    let mut at = 0;
    let mut bracket = false;
    while at < words.len() {
        let word = &words[at];
        if let Some((meant, length, plural)) = names.at(&words[at..]) {
            if let Some((qualified, more)) = qualified(words, at, length, names) {
                part.name(&qualified, plural);
                at += more;
                continue;
            }
            part.name(meant, plural);
            at += length;
            continue;
        }
        let previous = at.checked_sub(1).and_then(|p| words.get(p));
        match word.kind {
            // "for two songs" is no number of players.
            Kind::Number(_)
                if words.get(at + 1).is_some_and(|w| COUNTED.contains(&w.text.as_str())) && mode == Mode::Prose =>
            {
                at += 1;
            }
            Kind::Number(n) => {
                let marked = [previous, words.get(at + 1)].iter().flatten().any(|w| w.text == "x");
                part.ordinal |= part.meant.is_some() && !bracket && !marked;
                part.numbers.push(n);
                // "2-3 violins"
                part.several |= previous.is_some_and(|p| p.kind == Kind::Dash) && part.numbers.len() > 1;
            }
            Kind::Open => bracket = true,
            Kind::Close => bracket = false,
            Kind::Or | Kind::Slash => part.several = true,
            Kind::Name if word.text == "x" && beside_number(words, at) => {}
            Kind::Name if word.text == "pair" && words.get(at + 1).is_some_and(|w| w.text == "of") => {
                part.numbers = vec![2];
                at += 1;
            }
            Kind::Name if matches!(word.text.as_str(), "player" | "players" | "musician" | "musicians") => {
                part.plural |= word.text.ends_with('s');
            }
            // "our drummer" is somebody who is there already.
            Kind::Name if OWNED.contains(&word.text.as_str()) && names.at(&words[at + 1..]).is_some() => {
                part.unknown = true;
            }
            Kind::Name if !foreign_word(word, mode) => {}
            Kind::Dash
                if at > 0
                    && part.meant.is_some()
                    && matches!(words.get(at + 1).map(|w| w.kind), Some(Kind::Number(_))) =>
            {
                part.ordinal = false;
                if let Some(Kind::Number(n)) = words.get(at + 1).map(|w| w.kind) {
                    part.numbers.push(n);
                    at += 1;
                }
            }
            Kind::Dash | Kind::Comma | Kind::Stop | Kind::And => {}
            Kind::Name | Kind::Other => part.unknown = true,
        }
        at += 1;
    }
    part
}

/// "guitar (acoustic)", "bass - upright": a general name with the word that makes it one instrument.
fn qualified(words: &[Word], at: usize, length: usize, names: &Names) -> Option<(Vec<String>, usize)> {
    let after = words.get(at + length)?;
    if !matches!(after.kind, Kind::Open | Kind::Dash) {
        return None;
    }
    let qualifier = words.get(at + length + 1).filter(|w| w.kind == Kind::Name)?;
    if after.kind == Kind::Open && words.get(at + length + 2).is_none_or(|w| w.kind != Kind::Close) {
        return None;
    }
    let mut turned = vec![qualifier.clone()];
    turned.extend_from_slice(&words[at..at + length]);
    let (meant, used, _) = names.at(&turned)?;
    let closing = usize::from(after.kind == Kind::Open);
    (used == length + 1 && meant.len() == 1).then(|| (meant.to_vec(), length + 2 + closing))
}

fn beside_number(words: &[Word], at: usize) -> bool {
    let number = |w: Option<&Word>| matches!(w.map(|w| w.kind), Some(Kind::Number(_)));
    number(words.get(at + 1)) || number(at.checked_sub(1).and_then(|p| words.get(p)))
}

impl Part {
    fn name(&mut self, meant: &[String], plural: bool) {
        match &self.meant {
            None => self.meant = Some(meant.to_vec()),
            // "violin/fiddle" is one instrument under two names.
            Some(known) if known == meant && meant.len() == 1 => {}
            Some(_) => self.unknown = true,
        }
        if let Some(only) = meant.first() {
            self.plural |= plural && !NOT_PLURAL.contains(&only.as_str());
        }
    }
}

fn verdict(part: &Part) -> Result<(String, u32), &'static str> {
    let Some(meant) = &part.meant else {
        return Err("This is no instrument on the roster. Add it there, or choose another one.");
    };
    if part.unknown {
        return Err(
            "These words beside the instrument were not understood. Check which instruments are wanted, and how many.",
        );
    }
    if part.several && part.numbers.is_empty() && meant.len() == 1 {
        return Ok((meant[0].clone(), 1)).and_then(|one| if part.plural { Err(HOW_MANY) } else { Ok(one) });
    }
    let [instrument] = meant.as_slice() else {
        return Err("Several instruments on the roster have this general name. Ask which one is wanted.");
    };
    match part.numbers.as_slice() {
        [] if part.plural => Err(HOW_MANY),
        [] => Ok((instrument.clone(), 1)),
        [n @ 1..=20] if !(part.several || part.ordinal && *n != 1) => Ok((instrument.clone(), *n)),
        _ => Err(HOW_MANY),
    }
}

const HOW_MANY: &str = "It is not certain how many players are wanted. Ask for the number.";
