//! Whether a line below an answer is more of that answer.

use crate::context::Label;
use crate::instruments::{self, Names};
use crate::length;
use crate::scan::{self, Item, Mode};
use crate::text::{among, folded};
use crate::zones;

/// Words that change an answer's meaning wherever they stand.
const HEDGES: &str = "or, not, no, except, maybe, flexible, tbd, tba, every, weekly, anytime, any, after, before, until, \
     only, either, if, but, also, preferably, ideally, approx, approximately, around, about, unless, \
     depending, otherwise, without, plus, and, perhaps, possibly";

/// Does a line say something that the field must understand?
pub(super) fn is_relevant(label: Label, line: &str, names: &Names) -> bool {
    let text = folded(line);
    let hedged = text.split(|c: char| !c.is_alphanumeric()).any(|w| among(HEDGES, w));
    match label {
        Label::Instruments => {
            instruments::mentioned(&text, names)
                || line.split_whitespace().count() <= 3
                || (hedged && line.split_whitespace().count() <= 6)
        }
        Label::Zone => text.starts_with('(') || hedged || !zones::words_of(&text).said.is_empty(),
        Label::Length => hedged || text.contains(|c: char| c.is_ascii_digit()) || text.contains("hour"),
        Label::Date | Label::Times | Label::End => {
            hedged
                || matches!(text.trim(), "am" | "pm")
                || text.contains(|c: char| c.is_ascii_digit())
                || scan::items(&text, Mode::Prose).iter().any(|(item, _)| {
                    matches!(item, Item::Day(_) | Item::Clock(_) | Item::Part(_) | Item::Zone(_) | Item::Length(_))
                })
        }
        Label::Name
        | Label::FirstName
        | Label::LastName
        | Label::Email
        | Label::Phone
        | Label::City
        | Label::Count
        | Label::Notes
        | Label::Links
        | Label::Ignored => false,
    }
}

/// Can a line stand in the field all by itself?
pub(super) fn is_complete(label: Label, line: &str, names: &Names) -> bool {
    let text = folded(line);
    match label {
        Label::Instruments => {
            let chairs = instruments::read(&text, names, Mode::Labelled);
            !chairs.counts.is_empty() && chairs.doubts.is_empty()
        }
        Label::Zone => {
            let words = zones::words_of(&text);
            !words.said.is_empty() && words.unknown.is_empty()
        }
        Label::Length => length::labelled(&text, None).is_some(),
        Label::Date | Label::Times | Label::End => {
            let items = scan::items(&text, Mode::Labelled);
            let timed = items.iter().any(|(item, _)| matches!(item, Item::Day(_) | Item::Clock(_)));
            timed && !items.iter().any(|(item, _)| matches!(item, Item::Unknown | Item::Open | Item::Part(_)))
        }
        Label::Name
        | Label::FirstName
        | Label::LastName
        | Label::Email
        | Label::Phone
        | Label::City
        | Label::Count
        | Label::Notes
        | Label::Links
        | Label::Ignored => false,
    }
}
