//! Whatever arrives: no panic, and an answer in bounded time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of tests may fail the test")]
#![allow(clippy::too_many_lines, clippy::format_collect, reason = "tables of cases are long")]

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::{context, fields, mail, reading};
use firstcall_mail::{Fields, Message, read};
use proptest::prelude::*;

fn samples() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths.retain(|p| p.extension().is_some_and(|e| e == "eml"));
    paths.into_iter().map(|p| std::fs::read(p).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = reading(&bytes);
    }

    #[test]
    fn random_answers_are_read_without_a_panic(
        date in "[ -~\u{e9}\u{2013}\u{202f}]{0,30}",
        time in "[0-9:apm., /;()+a-z\u{2212}-]{0,30}",
        zone in "[A-Za-z0-9:+/ ()\u{130}-]{0,30}",
        instrument in "[a-z0-9x,/() &\u{130}-]{0,40}",
        length in "[0-9a-z ½.,+-]{0,20}",
    ) {
        let body = format!("Instrument: {instrument}\nDate: {date}\nTime: {time}\nTime zone: {zone}\nLength: {length}\n");
        let _ = reading(&mail(&body));
        let _ = reading(&mail(&format!("{instrument} {date} {time} {zone} {length}")));
    }

    #[test]
    fn mutated_samples_are_read_without_a_panic(
        which in 0usize..35, cuts in proptest::collection::vec((0usize..20_000, 0usize..40, any::<u8>()), 1..6)
    ) {
        let samples = samples();
        let mut raw = samples[which % samples.len()].clone();
        for (place, length, byte) in cuts {
            let at = place % raw.len().max(1);
            let end = (at + length).min(raw.len());
            raw.splice(at..end, [byte]);
        }
        let _ = reading(&raw);
    }

    #[test]
    fn attachments_anywhere_are_left_out_without_a_panic(pieces in proptest::collection::vec(0usize..8, 1..12)) {
        let run = format!("{}\r\n", "TWFu".repeat(16)).repeat(1_200);
        let headed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
        let image = "Content-Type: image/png\r\n";
        let encoded = "Content-Transfer-Encoding: base64\r\n";
        let all = [&run, headed, image, encoded, "\r\n", "--b\r\n", "--b--\r\n", "At 3 pm"];
        let whole: String = pieces.iter().map(|piece| all[*piece]).collect();
        let _ = reading(whole.as_bytes());
        let _ = reading(format!("From: tess@example.com\r\n{headed}{whole}").as_bytes());
    }

    #[test]
    fn random_html_is_read_without_a_panic(html in "(<[a-z/!-]{0,8}( [a-z]{1,6}=['\"]?[a-z:;]{0,8}['\"]?)?>?|[a-z0-9 &;#:]{0,8}){0,40}") {
        let message = Message::from_fields(Fields { html: Some(html), ..Fields::default() });
        let _ = read(&message, &context());
    }
}

/// How long this thread has been at work. What other programs do meanwhile is no part of it, where the system can tell.
#[allow(clippy::disallowed_methods, reason = "this measures how long a reading takes")]
fn at_work(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Reads a large mail; in a debug build this may take several times as long as in a release build.
#[allow(clippy::disallowed_methods, reason = "this measures how long a reading takes")]
fn quick(name: &str, raw: &[u8]) -> firstcall_mail::Reading {
    let clock = Instant::now();
    let begin = at_work(clock);
    let got = reading(raw);
    let took = at_work(clock).saturating_sub(begin);
    assert!(took < Duration::from_secs(8), "{name} took {took:?}");
    got
}

const FORM: &str = "Instrument: drums\nDate: Friday, December 11\nTime: 3 PM\nTime zone: Eastern\n";

#[test]
fn absurd_mails_are_bounded() {
    let html = |body: &str| String::from_utf8(mail(body)).unwrap().replace("text/plain", "text/html").into_bytes();
    let megabytes = 1024 * 1024;
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("one long line", mail(&"a".repeat(megabytes))),
        ("spaces", mail(&" ".repeat(megabytes))),
        ("lines", mail(&"Time: 3 PM\n".repeat(50_000))),
        ("blank lines", mail(&"\n".repeat(50_000))),
        ("colons", mail(&":".repeat(50_000))),
        ("digits", mail(&format!("Time: {}", "1".repeat(50_000)))),
        ("numbers", mail(&format!("Date: Dec {}", "1, ".repeat(5_000)))),
        ("days", mail(&format!("Date: {}", "Dec 4 & 5 and ".repeat(2_000)))),
        (
            "times",
            mail(&format!("Instrument: drums\nTime zone: ET\nDate: Dec 4\nTime: {}", "3 PM, 4 PM, ".repeat(2_000))),
        ),
        ("instruments", mail(&format!("Instrument: {}", "2 violins and a ".repeat(2_000)))),
        ("prose", mail(&"We need a drummer on Friday at 3 PM. ".repeat(2_000))),
        ("quotes", mail(&format!("{}x", ">".repeat(50_000)))),
        ("quoted lines", mail(&"> a\n".repeat(15_000))),
        ("attributions", mail(&"On 1 Dec\n".repeat(5_000))),
        ("links", mail(&"http".repeat(25_000))),
        ("addresses", mail(&format!("Email: {}", "a@b.cd,".repeat(3_000)))),
        ("deep divs", html(&"<div>".repeat(25_000))),
        ("deep tables", html(&"<table><tr><td>".repeat(10_000))),
        ("deep quotations", html(&"<blockquote>".repeat(10_000))),
        ("open tags", html(&"<".repeat(50_000))),
        ("open attributes", html(&"<a href=\"".repeat(10_000))),
        ("end tags", html(&format!("{}{}", "<b>".repeat(1_000), "</i>".repeat(15_000)))),
        ("entities", html(&"&amp".repeat(25_000))),
        ("comments", html(&"<!--".repeat(25_000))),
        ("scripts", html(&"<script>".repeat(15_000))),
        ("cells", html(&format!("<table><tr>{}</tr></table>", "<td>a</td>".repeat(5_000)))),
        ("header", format!("Subject: {}\r\n\r\nhello", "x".repeat(megabytes)).into_bytes()),
        ("headers", format!("{}\r\nhello", "X-A: b\r\n".repeat(25_000)).into_bytes()),
        ("senders", format!("From: {}\r\n\r\nhello", "a@example.com, ".repeat(15_000)).into_bytes()),
        ("parts", {
            let part = "--b\r\nContent-Type: text/plain\r\n\r\na\r\n";
            format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", part.repeat(5_000)).into_bytes()
        }),
        ("nested parts", {
            let head: String = (0..20_000)
                .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
                .collect();
            head.into_bytes()
        }),
        ("nested mails", "Content-Type: message/rfc822\r\n\r\n".repeat(2_500).into_bytes()),
        (
            "nested forwards",
            mail(
                &"---------- Forwarded message ---------\nFrom: a@example.com\nDate: x\nTo: b\nSubject: Fwd: c\n\n"
                    .repeat(2_000),
            ),
        ),
    ];
    for (name, raw) in &cases {
        let got = quick(name, raw);
        assert!(got.machine || !got.problems.is_empty(), "{name}");
    }
}

#[test]
fn what_is_cut_off_is_said() {
    let long = format!("{FORM}\nNotes: {}\n", "la la la\n".repeat(40_000));
    assert_eq!(fields(&quick("long notes", &mail(&long))), "mail");
    let attachment = "A".repeat(76) + "\r\n";
    let raw = format!(
        "From: wren@example.com\r\nDate: Tue, 1 Dec 2026 09:00:00 -0500\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{FORM}\r\n--b\r\nContent-Type: audio/mpeg; name=demo.mp3\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n{}--b--\r\n",
        attachment.repeat(15_000)
    );
    assert_eq!(fields(&quick("attachment", raw.as_bytes())), "");
}

/// A mail with a text, a part in base64, and a text after it.
fn with_part(head: &str, lines: usize) -> Message {
    let part = |head: &str, body: &str| format!("--b\r\n{head}\r\n\r\n{body}\r\n");
    let body = format!("{}TWE=", format!("{}\r\n", "TWFu".repeat(19)).repeat(lines));
    let mail = [
        "From: tess@example.com\r\nSubject: Session\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n".to_owned(),
        part("Content-Type: text/plain", "Before it."),
        part(&format!("{head}Content-Transfer-Encoding: base64"), &body),
        part("Content-Type: text/plain", "After it."),
        "--b--\r\n".to_owned(),
    ];
    Message::parse(mail.concat().as_bytes())
}

#[test]
fn a_large_attachment_changes_nothing() {
    let file = "; name=score\r\nContent-Disposition: attachment; filename=score\r\n";
    for kind in ["application/pdf", "AUDIO/mpeg", "image/png", "video/mp4", "text/csv", "font/ttf", "\r\n image/png"] {
        let head = format!("Content-type: {kind}{file}");
        let large = with_part(&head, 100_000);
        assert_eq!(large, with_part(&head, 1), "{kind}");
        assert_eq!(large.text.as_deref(), Some("Before it.\nAfter it."), "{kind}");
        assert_eq!(large.attachments, ["score"], "{kind}");
    }
}

#[test]
fn a_long_text_in_base64_is_a_text() {
    for head in ["", "Content-Type: text/plain\r\n", "Subject: Content-Type: image/png\r\n"] {
        let text = with_part(head, 2_000).text.unwrap();
        assert_eq!(text, format!("Before it.\n{}Ma\nAfter it.", "Man".repeat(19 * 2_000)), "{head:?}");
    }
    let after = "Content-Type: image/png\r\n\r\n\r\n--b\r\n";
    assert_eq!(with_part(after, 2_000).text.unwrap().len(), "Before it.\n\nAfter it.".len() + 3 * 19 * 2_000 + 2);
}
