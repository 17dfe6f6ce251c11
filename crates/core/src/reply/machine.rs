//! What a telephone writes and no person: reactions, which quote our own text and so its codes, and automatic replies.

use super::words::{self, Word};

/// How a reaction begins that arrives as a text.
const REACTIONS: [&str; 7] = ["liked", "loved", "disliked", "laughed at", "emphasized", "emphasised", "questioned"];

/// What is reacted to, when it is not quoted.
const THINGS: [&str; 8] =
    ["an image", "a photo", "a picture", "a movie", "a video", "an attachment", "an audio message", "a sticker"];

const QUOTES: [char; 6] = ['"', '“', '”', '„', '«', '»'];

/// What only automatic replies say.
const AUTOMATIC: &str = "automatic reply, automatic response, automatic message, automated reply, automated response, \
    automated message, automated text, auto reply, autoreply, auto response, auto responder, out of office, \
    out of the office, this mailbox is not monitored, this number is not monitored, message could not be delivered";

/// What telephones say while somebody drives.
const DRIVING: &str = "im driving, i am driving, currently driving, driving right now, driving focus, focus turned on, \
    not receiving notifications, sent from my car";

/// The words of a device's own signature.
const DEVICES: &str = "the google apple samsung galaxy pixel iphone ipad ipod blackberry android phone cell mobile device \
    smartphone tablet watch verizon wireless tmobile";

/// Whether this is a reaction: `Liked “Fern Room: …”`, "👍 to “Fern Room: …”". It has our codes in it and answers nothing.
pub(super) fn reacts(text: &str) -> bool {
    let text = text.trim();
    if let Some(quote) = text.find(QUOTES) {
        return text.ends_with(QUOTES) && is_reaction(&text[..quote]);
    }
    let said = joined(&words::of(text));
    THINGS.iter().any(|thing| said.strip_suffix(thing).is_some_and(is_reaction))
}

fn is_reaction(head: &str) -> bool {
    let words = words::of(head);
    let said: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let is_sign = |word: &str| !word.contains(char::is_alphanumeric);
    match said.as_slice() {
        ["reacted", .., "to"] | ["removed", .., "from"] => said.len() <= 5,
        // Android's way: the emoji comes first.
        [signs @ .., "to"] => {
            signs.iter().all(|word| is_sign(word)) && head.trim_start().starts_with(|c| !char::is_alphanumeric(c))
        }
        said => REACTIONS.contains(&said.join(" ").as_str()),
    }
}

/// Whether it says that nobody wrote it.
pub(super) fn says_so(text: &str) -> bool {
    contains(text, AUTOMATIC)
}

/// Whether a telephone says that its owner drives. An owner who says so and "stop" is for the manager.
pub(super) fn drives(text: &str) -> bool {
    contains(text, DRIVING) && !contains(text, "stop")
}

fn contains(text: &str, phrases: &str) -> bool {
    let said = format!(" {} ", joined(&words::of(text)));
    phrases.split(", ").any(|phrase| said.contains(&format!(" {phrase} ")))
}

/// The text without a last line such as "Sent from my iPhone". What still follows, such as a question mark, is not part of it.
pub(super) fn without_signature(text: &str) -> &str {
    let end = text.trim_end_matches(|c: char| words::of(c.encode_utf8(&mut [0; 4])).is_empty());
    let Some((before, last)) = end.rsplit_once(['\n', '\r', '\u{2028}']) else { return text };
    let said = joined(&words::of(last));
    let device = |words: &str| words.split(' ').all(|word| DEVICES.split_whitespace().any(|known| known == word));
    let signature = matches!(said.as_str(), "get outlook for ios" | "get outlook for android")
        || said.strip_prefix("sent from my ").is_some_and(device);
    if signature { before } else { text }
}

fn joined(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}
