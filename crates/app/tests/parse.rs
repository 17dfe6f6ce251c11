//! `firstcall parse` as it is called.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::io::Write;
use std::process::Stdio;
use support::{Ended, Home};

const MAIL: &str = "From: Ann Example <ann@example.com>\r\nSubject: Session\r\n\r\n\
    Instruments: drums\r\nTime zone: America/Chicago\r\nTimes: December 2, 2026 10:00 AM\r\n";

#[test]
fn parse_prints_what_it_reads_as_json() {
    let home = Home::new();
    let mail = home.file("mail.eml", MAIL);
    let ended = home.run(&["parse", &mail, "--json", "--now", "2026-11-22T12:00:00Z"]);
    let reading: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(reading["problems"], serde_json::json!([]));
    assert_eq!(ended.code, Some(0));
    assert_eq!(reading["client"]["email"], "ann@example.com");
    assert_eq!(reading["instruments"], serde_json::json!([{ "instrument": "drums", "count": 1 }]));
    let time = serde_json::json!({ "start": "2026-12-02T10:00:00-06:00[America/Chicago]", "length": "PT1H" });
    assert_eq!(reading["times"], serde_json::json!([time]));
}

#[test]
fn parse_reads_stdin_at_the_moment_it_is_told() {
    let home = Home::new();
    let parse = |now: &str| {
        let mut command = home.command(&["parse", "-", "--json"]);
        command.env("FIRSTCALL_NOW", now).env("FIRSTCALL__SESSIONS__LENGTH", "90m");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(MAIL.as_bytes()).unwrap();
        Ended::from(child.wait_with_output().unwrap())
    };
    let before = parse("2026-11-22T12:00:00Z");
    assert_eq!(before.code, Some(0));
    assert!(before.out.contains("PT1H30M"));
    let after = parse("2026-12-03T12:00:00Z");
    assert_eq!(after.code, Some(3));
    assert!(after.out.contains("\"reason\": \"past\""));
}

#[test]
fn a_mail_with_problems_ends_with_3() {
    let home = Home::new();
    let mail = home.file("mail.eml", "From: ann@example.com\r\nSubject: Hello\r\n\r\nHow much is a session?\r\n");
    let ended = home.run_with(&[("FIRSTCALL_NOW", "2026-11-22T12:00:00Z")], &["parse", &mail]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(3), ""));
    assert!(ended.out.contains("Problems     "), "{}", ended.out);
}
