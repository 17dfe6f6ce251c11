//! What holds for any text message whatever (rule 5.1).

use firstcall_core::reply::{Reply, read};

/// Checks the reading of this text.
pub fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let reply = read(&text);
    assert_eq!(reply, read(&text.to_ascii_uppercase()), "case matters");
    assert_eq!(reply, read(&text.to_ascii_lowercase()), "case matters");
    for around in [format!("  {text}\n"), format!("\"{text}!\""), format!("({text})."), format!("\u{a0}{text}\u{202f}")]
    {
        assert_eq!(reply, read(&around), "what stands around matters: {around:?}");
    }
    assert_eq!(reply, expected(&text), "{text:?}");
}

/// The forms of rule 5.1, read in another way: the letters and the digits of the text, whatever stands between them.
fn expected(text: &str) -> Reply {
    let spaced = text.replace(|c: char| !c.is_alphanumeric(), " ").to_ascii_lowercase();
    let said = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let digits: String = said.chars().filter(char::is_ascii_digit).collect();
    let word: String = said.chars().filter(|c| !c.is_ascii_digit()).collect();
    let forms =
        [format!("{}{digits}", word.trim()), format!("{} {digits}", word.trim()), format!("{digits} {}", word.trim())];
    let number = digits.parse().ok().filter(|_| digits.len() <= 6 && forms.contains(&said));
    match (word.trim(), number) {
        ("y" | "yes", Some(code)) => Reply::Yes(Some(code)),
        ("n" | "no", Some(code)) => Reply::No(Some(code)),
        ("b", Some(code)) => Reply::StandBy(code),
        ("out", Some(code)) => Reply::DropOut(code),
        ("ok", Some(code)) => Reply::Seen(code),
        (_, Some(_)) => Reply::Words,
        (_, None) => without_a_code(&said),
    }
}

fn without_a_code(said: &str) -> Reply {
    match said {
        "y" | "yes" => Reply::Yes(None),
        "n" | "no" => Reply::No(None),
        "join" => Reply::Join,
        "help" | "info" => Reply::Help,
        "start" | "unstop" => Reply::Start,
        "stop" | "stopall" | "stop all" | "unsubscribe" | "cancel" | "end" | "quit" | "revoke" | "optout"
        | "opt out" => Reply::Stop,
        _ => Reply::Words,
    }
}
