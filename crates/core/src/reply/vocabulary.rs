//! The words that answers are made of. The lists are closed: a word that is on none of them makes a text words.

use super::words::Word;

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    Yes,
    No,
    StandBy,
    DropOut,
    Seen,
}

/// What a word, or a few words together, do in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It answers, with a code or without.
    Answer(Says),
    /// It answers only beside a code: alone it may be about anything.
    Coded(Says),
    /// A thumb answers where no word does, and otherwise goes with what the words say.
    Thumb(Side),
    /// It goes with one side only: who writes "Y7 away" or "N7 great" has not answered.
    GoesWith(Side),
    /// What people add to a NO. It says nothing that a word before it could deny: "I'm not, sorry".
    Courtesy,
    /// Thanks, greetings and the like say nothing.
    Nothing,
    /// A number must follow, and is the code: "yes to number 7".
    Label,
    /// Between two answers.
    And,
}

/// Two sides of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    For,
    Against,
}

/// Words and phrases, separated by commas.
const LISTS: [(Meaning, &str); 15] = [
    (Meaning::Answer(Says::Yes), "y, yes, yep, yeah, yup, yea, yeh, yess, yesss, oh yes, hell yes, heck yes"),
    (Meaning::Answer(Says::No), "n, no, nope, nah, no can do, no sorry, hell no, thanks but no thanks"),
    (
        Meaning::Coded(Says::Yes),
        "sure, sure thing, for sure, absolutely, definitely, certainly, of course, affirmative, accept, accepted, i accept, \
        confirmed, i confirm, im in, i am in, count me in, thumbs up, reply y, reply yes, ✅, ✔, ☑",
    ),
    (
        Meaning::Coded(Says::No),
        "decline, declined, i decline, pass, ill pass, i pass, negative, thumbs down, reply n, reply no, ❌, ✖",
    ),
    (
        Meaning::Coded(Says::StandBy),
        "b, backup, back up, standby, stand by, be backup, be a backup, be the backup, be first backup, first backup",
    ),
    (
        Meaning::Coded(Says::DropOut),
        "out, drop out, dropout, dropping out, im out, i am out, count me out, im dropping out, i need to drop out, \
        i have to drop out, need to drop out, have to drop out, drop out of, dropping out of",
    ),
    (Meaning::Coded(Says::Seen), "ok, okay, okey, k, kk, 👌, got it, seen, noted, received, understood, roger"),
    (Meaning::Thumb(Side::For), "👍"),
    (Meaning::Thumb(Side::Against), "👎"),
    (Meaning::Label, "to, to offer, to code, to number, offer, the offer, code, the code, number"),
    (Meaning::And, "and"),
    (
        Meaning::Nothing,
        "please, pls, plz, thanks, thank you, thank u, thankyou, thx, tnx, tks, tx, ty, many thanks, thanks so much, \
        thank you so much, thanks a lot, thanks again, thanks for asking, thank you for asking, thanks for the offer, \
        thank you for the offer, thanks for thinking of me, much appreciated, appreciate it, i appreciate it, cheers, \
        hi, hey, hello, hiya, howdy, hi there, hey there, hello there, hi all, hi guys, hey guys, hi folks, \
        sorry for the delay, sorry for the late reply, again, also, my answer is, indeed, sir, maam, boss, mate, dude, guys",
    ),
    (
        Meaning::GoesWith(Side::For),
        "available, im available, i am available, im free, i am free, i can do it, i can make it, i can play, ill be there, \
        i will be there, see you there, see you then, looking forward, looking forward to it, sounds good, sounds great, \
        great, perfect, awesome, cool, excellent, good, love to, id love to, would love to, i would love to, happy to, \
        with pleasure, my pleasure, glad to, cant wait, i can, i am, i will, i would, ill do it, ill take it, you got it, \
        that works, that works for me, no problem, no worries, np",
    ),
    (
        Meaning::GoesWith(Side::Against),
        "cant, i cant, cannot, i cannot, cant make it, i cant make it, cannot make it, i cannot make it, cant do it, i cant do it, i wont, im not, i am not, \
        not available, im not available, i am not available, unavailable, im unavailable, not free, im not free, busy, \
        im busy, im booked, already booked, im already booked, away, im away, out of town, im out of town",
    ),
    (
        Meaning::Courtesy,
        "sorry, so sorry, im sorry, im so sorry, i am sorry, unfortunately, alas, not this time, next time, maybe next time, \
        but thanks, but thank you, but thanks for asking, thanks though, thanks anyway",
    ),
];

/// The longest of these phrases, in words.
const LONGEST: usize = 5;

/// What the words at the beginning mean, as many together as possible, and how many these are.
pub(super) fn meaning(words: &[Word]) -> Option<(Meaning, usize)> {
    (1..=words.len().min(LONGEST)).rev().find_map(|count| {
        let phrase = words[..count].iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        let (meaning, _) = LISTS.iter().find(|(_, phrases)| phrases.split(", ").any(|known| known == phrase))?;
        Some((*meaning, count)).filter(|_| !turns_around(&words[..count], &words[count..]))
    })
}

/// Whether the last of some words denies what follows: "I'm not out 7" says the opposite of "out 7", and "I'm not away" of
/// "away".
fn turns_around(said: &[Word], next: &[Word]) -> bool {
    match said.last().map(|word| word.text.as_str()) {
        Some("not") => matches!(meaning(next), Some((Meaning::Coded(_) | Meaning::GoesWith(_), _))),
        Some("cant" | "cannot" | "wont") => matches!(meaning(next), Some((Meaning::Coded(_), _))),
        _ => false,
    }
}
