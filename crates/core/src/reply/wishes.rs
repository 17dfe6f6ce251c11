//! What somebody wishes of the texts themselves: none any more, some again, to know what they are.
//!
//! The words STOP, CANCEL and their like count when they are the whole text, as the networks have it. Beyond them any
//! reasonable wording of the wish counts (47 CFR 64.1200(a)(10)): the forms below. "I'll stop by at 7" is none of them.
//!
//! A form is a row of places, each with the words that may stand there: `a|b` one of them, `_` a blank inside one, `?` or
//! none, `*` or any number of them. CAPITALS stand for a list.

use super::Reply;
use super::words::{self, Word};

/// Each counts as the whole text.
const STOP: &str = "stop, stopall, stop all, unsubscribe, cancel, end, quit, revoke, optout, opt out";

/// Whoever wishes for no texts uses a form of these; several may follow each other.
const NO_TEXTS: [&str; 18] = [
    "ASKING* STOPS texting|messaging|contacting|bothering|bugging|spamming|pestering|harassing ME? with? THESE* TEXTS? NOW*",
    "ASKING* STOPS sending|receiving|getting ME? THESE* TEXTS NOW*",
    "ASKING* stop|halt THESE* TEXTS NOW*",
    "ASKING* end|cancel|quit|cease all|these|the|your|my|this? MESSAGES|subscription NOW*",
    "POLITE* dont|do_not|never|dont_ever|do_not_ever|never_ever text|txt|message|msg|contact ME? NOW*",
    "POLITE* dont|do_not|never|dont_ever|do_not_ever|never_ever send ME? THESE* TEXTS NOW*",
    "POLITE* no_more THESE* TEXTS|texting|messaging NOW*",
    "no texts please|pls|plz|any_more|anymore|again|ever|thanks|thank_you",
    "ASKING* UNSUBSCRIBE ME? all? NOW*",
    "ASKING* UNSUBSCRIBE ME? from THESE* CALL* TEXTS|LIST NOW*",
    "ASKING* take|get|drop|scratch|cross|strike|pull ME off|off_of|from|out_of THESE* CALL* LIST NOW*",
    "ASKING* remove|delete|erase ME from|off|off_of THESE* CALL* LIST|TEXTS NOW*",
    "ASKING* want_to? be removed|taken|unsubscribed from|off|out_of THESE* CALL* LIST|TEXTS NOW*",
    "ASKING* remove|delete|erase|lose|forget my_number|my_phone_number|this_number NOW*",
    "ASKING* opt|opting ME? out of|from? THESE* CALL* everything|TEXTS|LIST? NOW*",
    "ASKING* revoke|withdraw|revoking|withdrawing my consent|permission to_text_me|to_be_texted|to_texts? NOW*",
    "i|we? NO_LONGER to_get|to_receive|getting|receiving? THESE* MESSAGES|offers NOW*",
    "i|we? NO_LONGER to_be on THESE* CALL* LIST NOW*",
];

/// These count as the whole text only: in company they may be about anything.
const NO_TEXTS_ALONE: [&str; 10] = [
    "POLITE* stop|stopall|stop_all|optout NOW*",
    "POLITE* stop|end|quit|cease this|it|that NOW*",
    "POLITE* remove NOW*",
    "POLITE* take ME off NOW*",
    "i_am|im? not_interested POLITE* remove|delete|take ME off? NOW*",
    "POLITE* can_you|could_you|would_you|will_you POLITE* stop this|it|that? NOW*",
    "POLITE* leave ME alone NOW*",
    "POLITE* remove|delete|erase me NOW*",
    "stop stop*",
    "i_said stop NOW*",
];

/// Beside these words a wish is not certain.
const DOUBTS: &str = "if, unless, but, except, until, till, when, while, or, for, only, kidding, joking, joke, jk, lol, haha, \
    hahaha, said, says";

const START: [&str; 6] = [
    "PLEASE* start|unstop|optin|opt_in|resubscribe|subscribe PLEASE*",
    "PLEASE* resubscribe|subscribe me PLEASE*",
    "ASKING* start|resume texting|messaging|sending ME? THESE* TEXTS? PLEASE*",
    "ASKING* start|resume THESE* MESSAGES PLEASE*",
    "ASKING* opt me back? in PLEASE*",
    "ASKING* put|add|sign me back on|to|up|in|onto? THESE* CALL* LIST? PLEASE*",
];

const JOIN: [&str; 3] = [
    "ASKING* join ME? THESE* CALL* LIST? PLEASE*",
    "ASKING* sign me up PLEASE*",
    "ASKING* add|put me on|to THESE* CALL* LIST PLEASE*",
];

const PAGE: [&str; 1] = ["me|my_page|link"];

const HELP: [&str; 4] = [
    "POLITE* can_you? more? help|info|information me? POLITE* ?*",
    "POLITE* i? need|want more? help|info|information POLITE* ?*",
    "? ?*",
    "POLITE* what_is|whats|who_is|whos this ?*",
];

/// What follows one of these is a wish of its own.
const JOINING: [&str; 3] = ["so", "and", "therefore"];

/// Longer ones are read by the manager.
const MOST_WORDS: usize = 24;

/// The lists that forms name.
fn list(name: &str) -> &str {
    match name {
        "PLEASE" => "please|pls|plz|thanks|thank_you|thx|hi|hello|hey|again",
        "POLITE" => "please|pls|plz|kindly|just|hi|hello|hey|ok|okay|sorry|thanks|thank_you|thx|now|and|again",
        "ASKING" => {
            "please|pls|plz|kindly|just|hi|hello|hey|ok|okay|sorry|thanks|thank_you|thx|now|and|fuck_off|go_away|\
            can_you|can_u|could_you|would_you|will_you|i_want_you_to|i_need_you_to|id_like_you_to|i_would_like_you_to|\
            i_want_to|i_wish_to|i_would_like_to|id_like_to|i_need_to|want_to|how_do_i|how_can_i|i|im|i_am|hereby"
        }
        "NOW" => {
            "please|pls|plz|thanks|thank_you|thx|ty|any_more|anymore|any_longer|again|ever|now|right_now|immediately|asap|\
            at_all|and|for_good|forever|permanently|from_now_on|from_you|to_me|to_this_number|at_this_number|on_this_number|sorry"
        }
        "STOPS" => "stop|quit|cease|discontinue",
        "UNSUBSCRIBE" => "unsubscribe|unsub|unsubcribe|unsuscribe|unsubscribed",
        "NO_LONGER" => {
            "no_longer_interested_in|not_interested_in|dont_want|do_not_want|no_longer_want|no_longer_wish|dont_wish|do_not_wish"
        }
        "ME" => "me|us|this_number|my_number|my_phone|my_phone_number|my_cell|my_name|my_details",
        "THESE" => "these|those|the|that|this|all|any|any_more|more|your|ur|of|such|further|future|unwanted",
        "CALL" => "call|calling|text|texting|contact|mailing|sms|session|studio|phone|message|messaging",
        "LIST" => "list|lists|roster|database|system|records|contacts",
        "MESSAGES" => {
            "texts|messages|msgs|sms|txts|text_messages|notifications|alerts|spam|communication|communications|contact"
        }
        "TEXTS" => {
            "texts|messages|msgs|sms|txts|text_messages|notifications|alerts|spam|text|message|msg|texting|offers|stuff|these|\
            this|it|anything"
        }
        words => words,
    }
}

/// Whether somebody wishes for no more texts.
pub(super) fn wants_no_texts(text: &str) -> bool {
    let all = spoken(text);
    if STOP.split(", ").any(|word| word == all.join(" ")) || is_any(&NO_TEXTS_ALONE, &all) || are_all(&NO_TEXTS, &all) {
        return true;
    }
    let certain =
        !text.contains(['"', '“', '”', '«']) && !all.iter().any(|word| DOUBTS.split(", ").any(|doubt| doubt == word));
    let sentences: Vec<Vec<String>> = text.split(['.', '!', '?', ';', ',', '\n']).map(spoken).collect();
    let clauses = sentences.iter().flat_map(|sentence| sentence.split(|word| JOINING.contains(&word.as_str())));
    certain
        && (sentences.iter().any(|sentence| says_stop(sentence))
            || clauses.into_iter().any(|clause| clause.len() > 1 && are_all(&NO_TEXTS, clause)))
}

/// "Stop" as a sentence of its own, also beside a code, which it takes nothing from.
fn says_stop(sentence: &[String]) -> bool {
    let is_code = |word: &&String| word.trim_start_matches(['y', 'n']).bytes().all(|b| b.is_ascii_digit());
    let rest: Vec<&str> = sentence.iter().filter(|word| !is_code(word)).map(String::as_str).collect();
    matches!(rest.as_slice(), ["stop" | "stopall" | "unsubscribe" | "optout"])
}

/// To be texted, or to know what this is.
pub(super) fn wish(words: &[Word]) -> Option<Reply> {
    let words: Vec<String> = words.iter().map(|word| word.text.clone()).collect();
    let wish =
        [(&START[..], Reply::Start), (&JOIN[..], Reply::Join), (&HELP[..], Reply::Help), (&PAGE[..], Reply::Page)];
    wish.into_iter().find(|(forms, _)| is_any(forms, &words)).map(|(_, reply)| reply)
}

/// The words without signs: neither an angry face nor a question mark takes a wish back.
fn spoken(text: &str) -> Vec<String> {
    let words = words::of(text).into_iter().map(|word| word.text);
    words.filter(|word| word.chars().any(char::is_alphanumeric)).collect()
}

fn is_any(forms: &[&str], words: &[String]) -> bool {
    words.len() <= MOST_WORDS && begins(forms, words, &|rest| rest.is_empty())
}

/// One form after the other.
fn are_all(forms: &[&str], words: &[String]) -> bool {
    words.len() <= MOST_WORDS && begins(forms, words, &|rest| rest.is_empty() || are_all(forms, rest))
}

/// Whether the words begin with one of these forms, and what is left of them goes on like that.
fn begins(forms: &[&str], words: &[String], goes_on: &dyn Fn(&[String]) -> bool) -> bool {
    forms.iter().any(|form| stands(form, words, goes_on))
}

fn stands(form: &str, words: &[String], goes_on: &dyn Fn(&[String]) -> bool) -> bool {
    let form = form.trim_start();
    if form.is_empty() {
        return goes_on(words);
    }
    let (place, rest) = form.split_once(' ').unwrap_or((form, ""));
    let (names, needed, often) = match (place.strip_suffix('?'), place.strip_suffix('*')) {
        (Some(names), _) if !names.is_empty() => (names, false, false),
        (_, Some(names)) => (names, false, true),
        _ => (place, true, false),
    };
    if !needed && stands(rest, words, goes_on) {
        return true;
    }
    names.split('|').flat_map(|name| list(name).split('|')).any(|phrase| {
        let mut left = words.iter();
        let is_there = phrase.split('_').all(|part| left.next().is_some_and(|word| word == part));
        is_there && stands(if often { form } else { rest }, left.as_slice(), goes_on)
    })
}
