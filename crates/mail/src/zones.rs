//! What a client calls their time zone, to a zone that is certain or a reason to ask (rule 2.3).
//!
//! Reading ([`words_of`], [`at`]) is kept apart from settling ([`settle`]): two parts of a mail may say the same zone in
//! different words, and a city elsewhere in the mail may settle what a zone's name leaves open.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::text::folded;
use crate::zone_tables::{ALSO_CALLED, ASKED, CITIES, HALVES, NAMES, REGIONS, WINDOWS};

/// One mention of a zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Said {
    /// A name that is certain: an IANA name.
    Named(String),
    /// A distance from UTC in seconds.
    Offset(i32),
    /// An abbreviation with several meanings.
    Asked(String),
    /// A place, with the zones of all places of that name.
    Place(Vec<String>),
}

/// A zone that is certain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Zone {
    /// As `parse --json` prints it.
    pub(crate) name: String,
    pub(crate) clock: TimeZone,
}

/// What a zone answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) said: Vec<Said>,
    /// Words that no zone explains.
    pub(crate) unknown: Vec<String>,
}

/// Why no zone is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// None is named, and no city settles it.
    Missing,
    /// An abbreviation with several meanings.
    Ambiguous(String),
    /// Two mentions that cannot both be true.
    Contradiction,
    /// Words that are not understood.
    Unknown(String),
}

/// Names of a region that are as well known for another place.
const TWO_PLACES: &[&str] = &["georgia", "washington", "victoria"];

static NAMED: LazyLock<HashMap<String, Said>> = LazyLock::new(named);
static PLACES: LazyLock<HashMap<String, Vec<Place>>> = LazyLock::new(places);

/// A place of some name.
#[derive(Clone, Debug)]
struct Place {
    region: &'static str,
    zone: String,
    /// Only meant where its region is named.
    minor: bool,
}

fn named() -> HashMap<String, Said> {
    let mut map = HashMap::new();
    for name in jiff::tz::db().available() {
        let name = name.as_str();
        if name.contains('/') && !name.starts_with("Etc/") && !name.starts_with("posix") && !name.starts_with("right") {
            map.insert(key(name), Said::Named(name.to_owned()));
        }
    }
    for (words, zone) in WINDOWS {
        map.insert(key(words), Said::Named((*zone).to_owned()));
    }
    for (zone, names) in NAMES {
        for words in names.split(", ") {
            map.insert(key(words), Said::Named((*zone).to_owned()));
        }
    }
    for (place, zones) in PLACES.iter() {
        let with_time = format!("{place} time");
        map.entry(with_time).or_insert_with(|| Said::Place(distinct(zones)));
    }
    for words in ASKED {
        map.insert((*words).to_owned(), Said::Asked((*words).to_owned()));
    }
    map
}

fn places() -> HashMap<String, Vec<Place>> {
    let mut map: HashMap<String, Vec<Place>> = HashMap::new();
    let place = |region: &'static str, zone: &str, minor: bool| Place { region, zone: zone.to_owned(), minor };
    for (zone, region, cities) in CITIES {
        for city in cities.split(", ") {
            map.entry(key(city)).or_default().push(place(region, zone, city.starts_with('~')));
        }
    }
    for (region, names, zone) in REGIONS {
        let Some(zone) = zone else { continue };
        // Two letters alone are too little to be a place.
        for name in names.split(", ").filter(|n| (key(n).len() > 2 && !TWO_PLACES.contains(n)) || *n == "uk") {
            map.entry(key(name)).or_insert_with(|| vec![place(region, zone, false)]);
        }
    }
    for name in jiff::tz::db().available() {
        let name = name.as_str();
        let Some((area, city)) = name.rsplit_once('/') else { continue };
        if matches!(area, "Africa" | "America" | "Asia" | "Europe" | "Australia" | "Pacific" | "Atlantic" | "Indian")
            && !matches!(city, "Knox_IN" | "North" | "South" | "West" | "ACT" | "LHI" | "NSW" | "Easter" | "Center")
        {
            map.entry(key(city)).or_insert_with(|| vec![place("", name, false)]);
        }
    }
    map
}

/// Letters and digits in lower case with single spaces between the words.
fn key(text: &str) -> String {
    let spaced: String = folded(text).chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    crate::text::squeezed(&spaced)
}

/// The zones of the places that a bare name means.
fn distinct(places: &[Place]) -> Vec<String> {
    sorted(places.iter().filter(|p| !p.minor).map(|p| p.zone.clone()).collect())
}

fn sorted(mut zones: Vec<String>) -> Vec<String> {
    zones.sort();
    zones.dedup();
    zones
}

/// A zone at the beginning of a folded text, and how many bytes it takes. Bare cities are no zones here.
pub(crate) fn at(text: &str) -> Option<(Said, usize)> {
    offset_at(text, false).or_else(|| name_at(text, false))
}

/// Everything a zone answer says.
pub(crate) fn words_of(answer: &str) -> Words {
    const FILL: &[&str] = &[
        "time", "times", "zone", "timezone", "tz", "the", "us", "usa", "and", "i", "m", "am", "im", "in", "we", "re",
        "are", "is", "my", "our", "local", "on", "based", "here", "please", "standard", "it", "s", "its", "all",
        "daylight", "thanks", "a", "for", "me", "this", "that", "city", "mine", "ours", "same", "as",
    ];
    let mut found = Words::default();
    // "Los Angeles, CA (PST)": the city with its state, and what is in brackets.
    if let Some((city, inside)) = answer.split_once('(')
        && city.contains(',')
        && !city_zones(city).is_empty()
    {
        found = words_of(inside.trim_end().trim_end_matches(')'));
        found.said.insert(0, Said::Place(city_zones(city)));
        return found;
    }
    // "Paris, France" as a whole, before its words are looked at one by one; but a name such as EST goes first.
    if answer.contains(',') && !city_zones(answer).is_empty() {
        found.said.push(Said::Place(city_zones(answer)));
        return found;
    }
    let text = undotted(&folded(answer)).replace("utc/gmt", "gmt").replace("gmt/utc", "gmt");
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        if let Some((said, length)) = offset_at(rest, true).or_else(|| name_at(rest, true)) {
            if !found.said.contains(&said) {
                found.said.push(said);
            }
            rest = &rest[length..];
        } else if first.is_alphanumeric() || matches!(first, '+' | '-') {
            let length = rest[first.len_utf8()..]
                .find(|c: char| !c.is_alphanumeric())
                .map_or(rest.len(), |l| l + first.len_utf8());
            let word = &rest[..length];
            if !FILL.contains(&word) && word != "-" {
                found.unknown.push(word.to_owned());
            }
            rest = &rest[length..];
        } else {
            if !first.is_whitespace()
                && !matches!(first, ',' | '.' | '(' | ')' | '/' | '&' | '\'' | ':' | ';' | '"' | '*' | '!')
            {
                found.unknown.push(first.to_string());
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    if same_as_you(&text) {
        found.unknown.push("same as".to_owned());
    }
    found
}

/// "E.S.T." is EST, and "U.S." is US.
fn undotted(text: &str) -> String {
    let is_initials = |word: &str| {
        let word = word.trim_matches(['(', ')', ',']);
        word.len() >= 3
            && word.split('.').filter(|p| !p.is_empty()).all(|p| p.len() == 1)
            && word.starts_with(char::is_alphabetic)
    };
    let words = text.split(' ').map(|w| if is_initials(w) { w.replace('.', "") } else { w.to_owned() });
    words.collect::<Vec<_>>().join(" ")
}

fn same_as_you(text: &str) -> bool {
    text.contains("same") || text.contains("your") || text.contains("studio")
}

/// GMT-5, UTC+05:30, and where a sign alone is enough also -05:00 and +0530.
fn offset_at(text: &str, bare: bool) -> Option<(Said, usize)> {
    let named = ["gmt", "utc"].iter().any(|n| text.starts_with(n));
    if !named && !bare {
        return None;
    }
    let rest = if named { text[3..].trim_start_matches(' ') } else { text };
    let sign = match rest.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits = rest[1..].trim_start_matches(' ');
    let (seconds, length) = hours_and_minutes(digits)?;
    let used = text.len() - digits.len() + length;
    let ends = text[used..].chars().next().is_none_or(|c| !c.is_alphanumeric() && c != ':');
    (ends && seconds <= 14 * 3600).then_some((Said::Offset(sign * seconds), used))
}

fn hours_and_minutes(digits: &str) -> Option<(i32, usize)> {
    let whole = digits.bytes().take_while(u8::is_ascii_digit).count();
    let number = |s: &str| s.parse::<i32>().ok();
    let (hours, minutes, length) = match whole {
        1 | 2 => {
            let hours = number(&digits[..whole])?;
            let after =
                digits[whole..].strip_prefix(':').filter(|m| m.bytes().take_while(u8::is_ascii_digit).count() == 2);
            match after {
                Some(minutes) => (hours, number(&minutes[..2])?, whole + 3),
                None => (hours, 0, whole),
            }
        }
        4 => (number(&digits[..2])?, number(&digits[2..4])?, 4),
        _ => return None,
    };
    (minutes % 15 == 0 && minutes < 60).then_some((hours * 3600 + minutes * 60, length))
}

/// The longest name that begins here.
fn name_at(text: &str, places: bool) -> Option<(Said, usize)> {
    if text.starts_with("etc/") {
        let length =
            text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '/' | '+' | '-' | '_')).unwrap_or(text.len());
        let zone = TimeZone::get(&text[..length]).ok()?;
        return Some((Said::Named(zone.iana_name()?.to_owned()), length));
    }
    let mut best = None;
    let mut words = String::new();
    let mut at = 0;
    for _ in 0..7 {
        let Some(gap) = text[at..].find(char::is_alphanumeric) else { break };
        let between = &text[at..at + gap];
        let joins = if places { " /_-.()&,'\n" } else { " /_-.()&'" };
        if (at == 0 && gap > 0) || !between.chars().all(|c| joins.contains(c)) {
            break;
        }
        let start = at + gap;
        at = text[start..].find(|c: char| !c.is_alphanumeric()).map_or(text.len(), |l| start + l);
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&text[start..at]);
        let said = NAMED.get(&words).cloned().or_else(|| {
            let zones = PLACES.get(&words).filter(|_| places)?;
            Some(Said::Place(distinct(zones)))
        });
        if let Some(said) = said {
            best = Some((said, at));
        }
        if at >= text.len() {
            break;
        }
    }
    best
}

/// The zones of all places that a city answer may mean; empty when it is not known.
pub(crate) fn city_zones(answer: &str) -> Vec<String> {
    let mut parts = answer.split([',', '(', ')', '\n']).map(key).filter(|p| !p.is_empty());
    let Some(city) = parts.next() else { return Vec::new() };
    let qualifiers: Vec<String> = parts
        .map(|p| p.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ').to_owned())
        .filter(|p| !p.is_empty())
        .collect();
    if !qualifiers.is_empty() {
        return qualified(&city, &qualifiers);
    }
    if let Some(found) = PLACES.get(&city) {
        return distinct(found);
    }
    // "Austin TX" without a comma.
    if let Some((name, region)) = city.rsplit_once(' ') {
        return qualified(name, &[region.to_owned()]);
    }
    Vec::new()
}

fn qualified(city: &str, qualifiers: &[String]) -> Vec<String> {
    let regions: Vec<Vec<&str>> = qualifiers.iter().map(|q| regions_called(q)).collect();
    if regions.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let inside = |place: &str| {
        regions.iter().all(|called| called.iter().any(|r| *r == place || place.starts_with(&format!("{r}-"))))
    };
    let known = PLACES.get(city).map(Vec::as_slice).unwrap_or_default();
    let here: Vec<String> = known.iter().filter(|p| inside(p.region)).map(|p| p.zone.clone()).collect();
    if !here.is_empty() {
        return sorted(here);
    }
    let whole = REGIONS.iter().filter(|(region, ..)| inside(region)).filter_map(|(_, _, zone)| zone.map(str::to_owned));
    let whole = sorted(whole.collect());
    if whole.len() == 1 && qualifiers.len() <= 2 { whole } else { Vec::new() }
}

fn regions_called(name: &str) -> Vec<&'static str> {
    REGIONS
        .iter()
        .filter(|(_, names, _)| names.split(", ").any(|n| key(n) == name))
        .map(|(region, ..)| *region)
        .collect()
}

/// The one zone that the mentions mean, with the help of a labelled city.
pub(crate) fn settle(words: &Words, city: Option<&str>, now: Timestamp) -> Result<Zone, Doubt> {
    if let Some(unknown) = words.unknown.first() {
        return Err(Doubt::Unknown(unknown.clone()));
    }
    let city = || city.map(city_zones).unwrap_or_default();
    let mut names: Vec<Vec<String>> = Vec::new();
    let mut offsets = Vec::new();
    let mut asked = Vec::new();
    for said in &words.said {
        match said {
            Said::Named(zone) => names.push(vec![zone.clone()]),
            Said::Place(zones) => names.push(zones.clone()),
            Said::Offset(seconds) => offsets.push(*seconds),
            Said::Asked(word) => asked.push(word.as_str()),
        }
    }
    if names.is_empty() && asked.is_empty() {
        return match offsets.as_slice() {
            [] => one_of(&city(), now).ok_or(Doubt::Missing),
            [only] => fixed(*only).ok_or(Doubt::Contradiction),
            [_, _, ..] => Err(Doubt::Contradiction),
        };
    }
    if names.is_empty() {
        names.push(city());
    }
    let fits = |zone: &TimeZone| {
        asked.iter().all(|word| uses(zone, word, now)) && offsets.iter().all(|o| half_offsets(zone, now).contains(o))
    };
    let candidates: Vec<String> =
        names.iter().flatten().filter(|name| TimeZone::get(name).is_ok_and(|z| fits(&z))).cloned().collect();
    // What is said of each name must hold for the zone that is taken.
    let agreeing: Vec<String> = candidates
        .into_iter()
        .filter(|name| names.iter().all(|group| group.iter().any(|other| agree(name, other, now))))
        .collect();
    if let Some(zone) = one_of(&agreeing, now) {
        return Ok(zone);
    }
    match asked.first() {
        Some(word) => Err(Doubt::Ambiguous((*word).to_uppercase())),
        None if words.said.len() > 1 => Err(Doubt::Contradiction),
        None => Err(Doubt::Ambiguous(String::new())),
    }
}

/// The first of some zones, if they all show the same clock.
fn one_of(zones: &[String], now: Timestamp) -> Option<Zone> {
    // A place says more than "GMT" or "CET" beside it.
    let first = zones.iter().find(|z| z.contains('/')).or_else(|| zones.first())?.clone();
    let same = zones.iter().all(|other| agree(&first, other, now));
    let clock = TimeZone::get(&first).ok()?;
    same.then(|| Zone { name: first, clock })
}

/// Two names for the same clock; GMT beside a place where that is the winter time means the place.
fn agree(one: &str, other: &str, now: Timestamp) -> bool {
    if one == other {
        return true;
    }
    let (Ok(a), Ok(b)) = (TimeZone::get(one), TimeZone::get(other)) else { return false };
    let loose = |utc: &str, place: &TimeZone| utc == "UTC" && uses(place, "GMT", now);
    samples(now).all(|moment| a.to_offset(moment) == b.to_offset(moment)) || loose(one, &b) || loose(other, &a)
}

fn uses(zone: &TimeZone, word: &str, now: Timestamp) -> bool {
    let word = word.to_lowercase();
    let halves = HALVES.iter().find(|(name, _)| *name == word).map(|(_, both)| *both).unwrap_or_default();
    let also = |name: &str| ALSO_CALLED.iter().any(|(called, place)| *called == word && *place == name);
    zone.iana_name().is_some_and(also)
        || samples(now).any(|moment| {
            let info = zone.to_offset_info(moment);
            let short = info.abbreviation();
            short.eq_ignore_ascii_case(&word) || halves.contains(&short)
        })
}

fn half_offsets(zone: &TimeZone, now: Timestamp) -> Vec<i32> {
    samples(now).map(|moment| zone.to_offset(moment).seconds()).collect()
}

/// A moment in each half month of the coming year.
fn samples(now: Timestamp) -> impl Iterator<Item = Timestamp> {
    (0..26).filter_map(move |n| now.checked_add(SignedDuration::from_hours(n * 14 * 24)).ok())
}

fn fixed(seconds: i32) -> Option<Zone> {
    let offset = Offset::from_seconds(seconds).ok()?;
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    Some(Zone { name: format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60), clock: TimeZone::fixed(offset) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_in_the_tables_exists() {
        let names = NAMES.iter().map(|(zone, _)| *zone);
        let windows = WINDOWS.iter().map(|(_, zone)| *zone);
        let cities = CITIES.iter().map(|(zone, ..)| *zone);
        let regions = REGIONS.iter().filter_map(|(.., zone)| *zone);
        let also = ALSO_CALLED.iter().map(|(_, zone)| *zone);
        for zone in names.chain(windows).chain(cities).chain(regions).chain(also) {
            assert!(TimeZone::get(zone).is_ok(), "{zone}");
        }
    }

    #[test]
    fn every_city_has_a_region_with_a_name() {
        for (_, region, cities) in CITIES {
            assert!(REGIONS.iter().any(|(known, ..)| known == region), "{region}: {cities}");
        }
    }
}
