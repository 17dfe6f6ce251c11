//! 5.1: what musicians text, and how it is read.

use crate::words::{about, to_musicians, zone};
use firstcall_core::reply::{Reply, read};
use firstcall_core::wording::{About, Voice};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

/// Phrases under their readings.
const PHRASES: &str = include_str!("replies.txt");

fn phrases() -> Vec<(String, Reply)> {
    let mut reading = Reply::Words;
    let mut phrases = Vec::new();
    for line in PHRASES.lines().filter(|line| !line.starts_with("# ")) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            reading = named(name);
        } else if !line.is_empty() {
            phrases.push((unescaped(line), reading.clone()));
        }
    }
    phrases
}

fn unescaped(line: &str) -> String {
    line.replace("\\n", "\n").replace("\\r", "\r").replace("\\u200a", "\u{200a}").replace("\\u200b", "\u{200b}")
}

fn named(reading: &str) -> Reply {
    if let Some(several) = reading.strip_prefix("several: ") {
        return Reply::Several(several.split(", ").map(named).collect());
    }
    let (word, code) = reading.split_once(' ').map_or((reading, None), |(word, code)| (word, code.parse().ok()));
    match (word, code) {
        ("yes", code) => Reply::Yes(code),
        ("no", code) => Reply::No(code),
        ("standby", Some(code)) => Reply::StandBy(code),
        ("out", Some(code)) => Reply::DropOut(code),
        ("seen", Some(code)) => Reply::Seen(code),
        ("join", None) => Reply::Join,
        ("help", None) => Reply::Help,
        ("page", None) => Reply::Page,
        ("stop", None) => Reply::Stop,
        ("start", None) => Reply::Start,
        ("machine", None) => Reply::Machine,
        ("words", None) => Reply::Words,
        _ => panic!("no reading: {reading}"),
    }
}

#[test]
fn r5_1_phrases_are_read_as_the_list_says() {
    let phrases = phrases();
    assert!(phrases.len() > 600, "only {}", phrases.len());
    let wrong: Vec<String> = phrases
        .iter()
        .filter(|(phrase, expected)| read(phrase) != *expected)
        .map(|(phrase, expected)| format!("{phrase:?} is read as {:?}, not {expected:?}", read(phrase)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An answer, and so something that changes a booking.
fn answers(reply: &Reply) -> bool {
    match reply {
        Reply::Yes(_) | Reply::No(_) | Reply::StandBy(_) | Reply::DropOut(_) | Reply::Seen(_) | Reply::Several(_) => {
            true
        }
        Reply::Join | Reply::Help | Reply::Page | Reply::Stop | Reply::Start | Reply::Machine | Reply::Words => false,
    }
}

fn codes(reply: &Reply) -> BTreeSet<u32> {
    match reply {
        Reply::Yes(code) | Reply::No(code) => code.iter().copied().collect(),
        Reply::StandBy(code) | Reply::DropOut(code) | Reply::Seen(code) => [*code].into(),
        Reply::Several(replies) => replies.iter().flat_map(codes).collect(),
        Reply::Join | Reply::Help | Reply::Page | Reply::Stop | Reply::Start | Reply::Machine | Reply::Words => {
            BTreeSet::new()
        }
    }
}

/// 8.8: our own texts have codes in them. Who sends one back, whole or line by line, with or without a reaction, has not
/// answered, and has not asked for anything.
#[test]
fn r8_8_our_own_texts_quoted_back_never_answer() {
    let zone = zone();
    for studio in ["Fern Room", "Šimić’s", "The Old Foundry Recording Rooms, Upper Canal Yard"] {
        let voice = Voice { studio, zone: &zone, public_url: "https://fern.example.com" };
        for text in to_musicians(&voice, &About { code: 4, ..about("viola") }, "Rosa") {
            for quoted in [
                text.clone(),
                format!("> {text}"),
                format!("\"{text}\""),
                format!("“{text}”"),
                format!("On Wed, Fern Room wrote:\n{text}"),
                format!("{text}\n\nSent from my iPhone"),
                format!("{text}\n👍"),
            ] {
                assert_eq!(read(&quoted), Reply::Words, "{quoted}");
            }
            for quoted in [
                format!("Liked “{text}”"),
                format!("Emphasized \"{text}\""),
                format!("👍 to “{text}”"),
                format!("Reacted 👍 to “{text}”"),
            ] {
                assert_eq!(read(&quoted), Reply::Machine, "{quoted}");
            }
        }
    }
}

/// "I accept" as a hasty "I am accept", thanks that begin with "but", and who is not even sorry about their NO.
fn is_still_an_answer(phrase: &str, text: &str) -> bool {
    let (phrase, text) = (phrase.to_lowercase(), text.to_lowercase());
    let regrets_nothing = text.contains("not sorry") || text.contains("not so sorry");
    text.contains("but thank") || regrets_nothing || text.contains("i am ") && !phrase.contains("i am ")
}

/// Every answer with every word that may turn it around, in every place.
#[test]
fn r8_8_a_word_that_turns_it_around_makes_an_answer_words() {
    let turns = ["not", "if", "but", "only", "at", "am", "pm", "or", "until", "?", "7x"];
    for (phrase, _) in phrases().into_iter().filter(|(_, reply)| answers(reply)) {
        let words: Vec<&str> = phrase.split_whitespace().collect();
        for (turn, at) in turns.iter().flat_map(|turn| (0..=words.len()).map(move |at| (turn, at))) {
            let text = [&words[..at], &[*turn], &words[at..]].concat().join(" ");
            if !is_still_an_answer(&phrase, &text) {
                assert!(!answers(&read(&text)), "{text} is read as {:?}", read(&text));
            }
        }
    }
}

fn all_but_words() -> impl Strategy<Value = (String, Reply)> {
    select(phrases().into_iter().filter(|(_, reply)| *reply != Reply::Words).collect::<Vec<_>>())
}

fn all_answers() -> impl Strategy<Value = (String, Reply)> {
    select(phrases().into_iter().filter(|(_, reply)| answers(reply)).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r5_1_case_does_not_matter((phrase, reply) in all_but_words(), upper in prop::collection::vec(any::<bool>(), 60)) {
        let mixed: String = phrase
            .chars()
            .zip(upper.iter().cycle())
            .map(|(c, upper)| if *upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
            .collect();
        prop_assert_eq!(read(&mixed), reply, "{}", mixed);
    }

    #[test]
    fn r5_1_blanks_and_punctuation_around_do_not_matter(
        (phrase, reply) in all_answers(), before in "[ .,!\"'“”(\u{a0}\t\n\u{200b}]{0,4}", after in "[ .,!;:\"'”)…\u{202f}\n]{0,4}",
    ) {
        let around = format!("{before}{phrase}{after}");
        prop_assert_eq!(read(&around), reply, "{}", around);
    }

    #[test]
    fn r5_1_blanks_and_punctuation_between_words_do_not_matter(
        (phrase, reply) in all_answers(), between in prop::collection::vec(select(vec![" ", "  ", ", ", ". ", "! ", "\t", "\n", "\u{a0}", " (", "; ", ": ", " \"", "... "]), 20),
    ) {
        prop_assume!(!phrase.contains('\n'), "a signature has a line of its own");
        let mut between = between.iter();
        let spaced: String =
            phrase.split(' ').flat_map(|word| [word, *between.next().unwrap()]).collect();
        prop_assert_eq!(read(&spaced), reply, "{}", spaced);
    }

    /// Rather no answer than one that was not meant.
    #[test]
    fn r8_8_an_unknown_word_anywhere_makes_an_answer_words(
        (phrase, _) in all_answers(), word in "[a-zà-ÿ]{4,9}|[а-я]{1,5}|[A-Za-z]{10,12}|if|but|only|at|am|pm|or|not|until|\\?|\\$|%|/|=|@|🤔|7x",
        at in any::<prop::sample::Index>(),
    ) {
        let known = PHRASES.to_lowercase().replace(['’', '\''], "");
        prop_assume!(!known.contains(&word.to_lowercase()) || word.len() < 4);
        let mut words: Vec<&str> = phrase.split_whitespace().collect();
        words.insert(at.index(words.len() + 1), &word);
        let text = words.join(" ");
        prop_assume!(!is_still_an_answer(&phrase, &text));
        prop_assert!(!answers(&read(&text)), "{} is read as {:?}", text, read(&text));
    }

    #[test]
    fn r5_1_nothing_that_anybody_can_type_breaks_the_reader(text in "\\PC{0,200}") {
        prop_assert_eq!(read(&text), read(&format!(" {text} ")));
    }

    /// 8.8: whatever is read, the codes are those that were written.
    #[test]
    fn r8_8_codes_are_those_that_were_written(
        text in prop::collection::vec(select(vec!["y", "Y7", "n", "no", "yes", "7", "8", "b", "OUT9", "ok", "and", "please", "👍", "N7", "back up", "thanks", "sorry", "-", "?", "12"]), 1..6),
        glue in select(vec![" ", "", ", "]),
    ) {
        let text = text.join(glue);
        let written: BTreeSet<u32> =
            text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect();
        let reply = read(&text);
        prop_assert!(!answers(&reply) || written == codes(&reply), "{} is read as {:?}", text, reply);
    }
}
