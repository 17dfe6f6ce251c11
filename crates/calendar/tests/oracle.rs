//! What another implementation says: PyPI `recurring-ical-events`, whose answers are kept beside the cases.

#![allow(clippy::expect_used, reason = "a helper of tests may fail the test")]

use firstcall_calendar::{Calendar, Reading};
use firstcall_core::span::Span;
use jiff::tz::TimeZone;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

const CASES: &str = concat!(include_str!("oracle/generated.txt"), include_str!("oracle/by_hand.txt"));

struct Case<'a> {
    text: &'a str,
    name: &'a str,
    owner: TimeZone,
    range: Span,
    events: &'a str,
    answers: Vec<&'a str>,
}

fn cases(text: &str) -> Vec<Case<'_>> {
    text.trim().split("\n\n").map(case).collect()
}

fn case(text: &str) -> Case<'_> {
    let (head, rest) = text.split_once('\n').expect("a head");
    let head: Vec<&str> = head.trim_start_matches("# ").split(" | ").collect();
    let [name, owner, from, to] = head[..] else { panic!("{head:?}") };
    let (events, answers) = rest.split_once("\n=").expect("answers");
    Case {
        text,
        name,
        owner: TimeZone::get(owner).expect("a zone"),
        range: Span { start: from.parse().expect("an instant"), end: to.parse().expect("an instant") },
        events,
        answers: answers.lines().filter(|line| !line.is_empty()).collect(),
    }
}

fn ours(case: &Case<'_>) -> Vec<String> {
    let text = format!("BEGIN:VCALENDAR\r\n{}\r\nEND:VCALENDAR\r\n", case.events.replace('\n', "\r\n"));
    let reading = Reading { tentative_blocks: true, ours: &|_| false };
    let calendar = Calendar::read(text.as_bytes()).expect("a calendar");
    let busy = calendar.busy(case.range, &case.owner, &reading).expect("an answer");
    busy.iter().map(|span| format!("{} {}", span.start, span.end)).collect()
}

/// What the other implementation says today, where there is a Python for tests.
#[test]
fn the_other_implementation_says_what_is_kept_of_it() {
    let Ok(python) = std::env::var("FIRSTCALL_TEST_PYTHON") else {
        println!("scripts/test sets FIRSTCALL_TEST_PYTHON");
        return;
    };
    let mut child = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/oracle.py"))
        .arg("answer")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut input = child.stdin.take().expect("its input");
    std::thread::spawn(move || input.write_all(CASES.as_bytes()));
    let output = child.wait_with_output().expect("an answer");
    assert!(output.status.success(), "scripts/test installs recurring-ical-events");
    let said = String::from_utf8(output.stdout).expect("a text");
    let (kept, said): (Vec<_>, Vec<_>) = (CASES.trim().split("\n\n").collect(), said.trim().split("\n\n").collect());
    assert_eq!(kept.len(), said.len());
    for (kept, said) in kept.into_iter().zip(said) {
        assert_eq!(kept, said);
    }
}

#[test]
fn recurrence_is_what_another_implementation_says() {
    let cases = cases(CASES);
    let mut wrong = String::new();
    let mut count = 0;
    for case in &cases {
        let ours = ours(case);
        if ours != case.answers {
            count += 1;
            let only_ours: Vec<_> = ours.iter().filter(|span| !case.answers.contains(&span.as_str())).collect();
            let only_theirs: Vec<_> = case.answers.iter().filter(|span| !ours.iter().any(|our| our == *span)).collect();
            let _ = writeln!(
                wrong,
                "{}\n{}\n-- only ours: {only_ours:#?}\n-- only theirs: {only_theirs:#?}\n",
                case.name,
                case.text.split("\n=").next().unwrap_or_default()
            );
        }
    }
    assert!(wrong.is_empty(), "{count} of {}:\n{wrong}", cases.len());
}
