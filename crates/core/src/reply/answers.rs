//! Answers to offers. The grammar, with thanks and greetings left out:
//!
//! ```text
//! text    = answer                     yes            counts when exactly one offer is open
//!         | pair (and? pair)*          Y7, no 8       each code beside its own answer
//! pair    = answer+ label? code        yes yes to #7
//!         | code answer+               7 yes          then all pairs of the text are in this order
//! ```
//!
//! Answers in a row say the same, or they are words. "ok" before or after another answer is an exclamation. "yes" before
//! "backup 7" is an answer to "Want to be backup?". Asides must go with an answer.

use super::Reply;
use super::vocabulary::{Meaning, Says, Side, meaning};
use super::words::{Word, code};

/// More answers than anybody has offers.
const MOST: usize = 10;
/// Nobody answers at such length.
const MOST_WORDS: usize = 60;

/// What the words of a text come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    /// An answer that counts without a code too.
    Bare(Says),
    /// An answer that counts beside a code.
    Coded(Says),
    Code(u32),
    And,
    Thumb(Side),
    Aside(Side),
}

/// The answer or answers, if all of the text is understood.
pub(super) fn answer(words: &[Word]) -> Option<Reply> {
    if words.len() > MOST_WORDS {
        return None;
    }
    let items = with_thumbs(items(words)?);
    let said = if items.iter().any(|item| matches!(item, Item::Code(_))) {
        pairs(&items)?.into_iter().map(|(says, code)| (says, Some(code))).collect()
    } else {
        vec![(bare(&items)?, None)]
    };
    for item in &items {
        if let Item::Aside(side) = item
            && !said.iter().any(|(says, _)| says.side() == *side)
        {
            return None;
        }
    }
    let mut replies: Vec<Reply> = said.into_iter().filter_map(|(says, code)| reply(says, code)).collect();
    if replies.len() > 1 { Some(Reply::Several(replies)) } else { replies.pop() }
}

fn items(words: &[Word]) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if let Some(code) = code(word) {
            items.push(Item::Code(code));
            at += 1;
            continue;
        }
        if word.text == "n" && !is_no(words, at) {
            return None;
        }
        let (meaning, count) = meaning(&words[at..])?;
        at += count;
        items.push(match meaning {
            Meaning::Answer(says) => Item::Bare(says),
            Meaning::Coded(says) => Item::Coded(says),
            Meaning::Thumb(side) => Item::Thumb(side),
            Meaning::GoesWith(side) => Item::Aside(side),
            Meaning::Courtesy => Item::Aside(Side::Against),
            Meaning::And => Item::And,
            Meaning::Nothing => continue,
            // "No code 7" may say that there is none.
            Meaning::Label if items.last() == Some(&Item::Bare(Says::No)) && word.text != "to" => return None,
            Meaning::Label if names_a_code(&words[at..]) => continue,
            Meaning::Label => return None,
        });
    }
    Some(items)
}

/// Inside a text a single "n" is also how people write "and".
fn is_no(words: &[Word], at: usize) -> bool {
    let last = at + 1 == words.len();
    at == 0 || last || words[at + 1].glued && code(&words[at + 1]).is_some()
}

fn names_a_code(after: &[Word]) -> bool {
    let is_label = || matches!(meaning(after), Some((Meaning::Label, _)));
    after.first().is_some_and(|word| code(word).is_some() || is_label())
}

/// Thumbs answer where no word does.
fn with_thumbs(mut items: Vec<Item>) -> Vec<Item> {
    let worded = items.iter().any(|item| matches!(item, Item::Bare(_) | Item::Coded(_)));
    for item in &mut items {
        if let Item::Thumb(side) = *item {
            *item = match side {
                side if worded => Item::Aside(side),
                Side::For => Item::Bare(Says::Yes),
                Side::Against => Item::Bare(Says::No),
            };
        }
    }
    items
}

fn bare(items: &[Item]) -> Option<Says> {
    let mut said = Vec::new();
    for item in items {
        match item {
            Item::Bare(says) | Item::Coded(says) => said.push(*says),
            Item::And => return None,
            Item::Code(_) | Item::Thumb(_) | Item::Aside(_) => {}
        }
    }
    said.retain(|says| *says != Says::Seen);
    let says = *said.first()?;
    // "No pass" may be about a pass.
    let certain = items.contains(&Item::Bare(says)) && !items.contains(&Item::Coded(Says::No));
    let counts = certain && said.iter().all(|other| *other == says);
    counts.then_some(says)
}

/// Each code with its answer.
fn pairs(items: &[Item]) -> Option<Vec<(Says, u32)>> {
    let first = items.iter().position(|item| matches!(item, Item::Code(_)))?;
    let answers_first = first > 0 && matches!(items[first - 1], Item::Bare(_) | Item::Coded(_));
    let mut found = if answers_first {
        pairs_of(items.iter())?
    } else {
        let mut found = pairs_of(items.iter().rev())?;
        found.reverse();
        found
    };
    if items.contains(&Item::And) && (found.len() < 2 || items.first() == Some(&Item::And)) {
        return None;
    }
    let mut known: Vec<(Says, u32)> = Vec::new();
    for (says, code) in found.drain(..) {
        match known.iter().find(|(_, other)| *other == code) {
            None => known.push((says, code)),
            Some((said, _)) if *said == says => {}
            Some(_) => return None,
        }
    }
    (known.len() <= MOST).then_some(known)
}

/// The same, each answer before its code. Answers that have no code beside them must say what all the others say.
fn pairs_of<'a>(items: impl Iterator<Item = &'a Item>) -> Option<Vec<(Says, u32)>> {
    let (mut pairs, mut row, mut loose) = (Vec::new(), Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Bare(says) | Item::Coded(says) => row.push(*says),
            Item::Code(code) => {
                pairs.push((together(&row)?, *code));
                row.clear();
            }
            Item::And | Item::Aside(_) | Item::Thumb(_) => loose.append(&mut row),
        }
    }
    loose.append(&mut row);
    let agrees = |loose: &Says| *loose == Says::Seen || pairs.iter().all(|(says, _)| says == loose);
    loose.iter().all(agrees).then_some(pairs)
}

/// What answers in a row say; the last is the one beside the code.
fn together(row: &[Says]) -> Option<Says> {
    let last = *row.last()?;
    let agrees = |says: &Says| *says == last || *says == Says::Seen || (*says, last) == (Says::Yes, Says::StandBy);
    row.iter().all(agrees).then_some(last)
}

impl Says {
    fn side(self) -> Side {
        match self {
            Self::Yes | Self::StandBy | Self::Seen => Side::For,
            Self::No | Self::DropOut => Side::Against,
        }
    }
}

fn reply(says: Says, code: Option<u32>) -> Option<Reply> {
    Some(match says {
        Says::Yes => Reply::Yes(code),
        Says::No => Reply::No(code),
        Says::StandBy => Reply::StandBy(code?),
        Says::DropOut => Reply::DropOut(code?),
        Says::Seen => Reply::Seen(code?),
    })
}
