//! What a musician's text message says (rule 5.1).
//!
//! A wrong reading is worse than none (rules 8.5, 8.8): so a text is understood only when *every* word of it is. It is cut
//! into words (`words`), and then read in this order:
//!
//! 1. what a telephone writes by itself (`machine`),
//! 2. the wish to get no more texts, or to get them, and to know what this is (`wishes`),
//! 3. answers: `answers` has the grammar, `vocabulary` its words.
//!
//! Whatever none of them understands completely is words for the manager. docs/replies.md tells musicians.

mod answers;
mod machine;
mod vocabulary;
mod wishes;
mod words;

/// A text message as far as it is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// YES to the offer with this code; without a code, to the one that is open.
    Yes(Option<u32>),
    /// NO to the offer with this code; without a code, to the one that is open.
    No(Option<u32>),
    /// "B7": would step in.
    StandBy(u32),
    /// "OUT7": gives up what they hold.
    DropOut(u32),
    /// "OK7": has seen it.
    Seen(u32),
    /// "Y7 N8": two or more of the above, each with a code and no code twice, in the order in which they were written.
    Several(Vec<Reply>),
    /// Wants to be on the list.
    Join,
    /// Asks what this is.
    Help,
    /// Asks for the link of their own page.
    Page,
    /// Wants nothing more; the provider answers them (rule 5.7).
    Stop,
    /// Wants texts again.
    Start,
    /// Written by a telephone and not by a person: a reaction that quotes our own text, or an automatic reply. Who answers
    /// it may start a loop.
    Machine,
    /// Anything else: the musician's own words, for the manager.
    Words,
}

/// Reads a text message. Case, blanks and the punctuation around words do not matter, and thanks and greetings are no part
/// of an answer; anything else that is not understood makes all of it words, so that "yes but only until noon" never
/// counts as a YES.
#[must_use]
pub fn read(text: &str) -> Reply {
    let text = machine::without_signature(text);
    if machine::reacts(text) || machine::says_so(text) {
        return Reply::Machine;
    }
    if wishes::wants_no_texts(text) {
        return Reply::Stop;
    }
    if machine::drives(text) {
        return Reply::Machine;
    }
    let words = words::of(text);
    wishes::wish(&words).or_else(|| answers::answer(&words)).unwrap_or(Reply::Words)
}
