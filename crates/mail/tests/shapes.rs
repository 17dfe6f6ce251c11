//! Whole mails in other shapes than the samples: labels, tables, threads, prose, machines.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of tests may fail the test")]
#![allow(clippy::too_many_lines, clippy::format_collect, reason = "tables of cases are long")]

mod common;

use common::{chairs, mail, mail_with, reading, starts, with_problems};
use firstcall_mail::Reading;

/// "chairs | starts | zone | e-mail ! problems"
fn summary(reading: &Reading) -> String {
    if reading.machine {
        return "machine".to_owned();
    }
    let zone = reading.time_zone.as_deref().unwrap_or("-");
    let email = reading.client.email.as_deref().unwrap_or("-");
    with_problems(format!("{} | {} | {zone} | {email}", chairs(reading), starts(reading)), reading)
}

const CLEAN: &str = "drums | 12-11 15:00 | America/New_York | wren@example.com";

fn check(table: &[(&str, String, &str)]) {
    let misses: Vec<String> = table
        .iter()
        .filter_map(|(name, raw, expected)| {
            let got = reading(raw.as_bytes());
            let told = summary(&got);
            (told.trim() != expected.trim())
                .then(|| format!("  {name}\n    expected {expected}\n    got      {told}\n    {:?}", got.problems))
        })
        .collect();
    assert!(misses.is_empty(), "\n{}", misses.join("\n"));
}

fn text(body: &str) -> String {
    String::from_utf8(mail(body)).unwrap()
}

fn headed(headers: &str, body: &str) -> String {
    String::from_utf8(mail_with(headers, body)).unwrap()
}

fn html(body: &str) -> String {
    text(body).replace("text/plain", "text/html")
}

fn both(plain: &str, html: &str) -> String {
    let body = format!(
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{plain}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b--\r\n"
    );
    text(&body).replace("text/plain; charset=utf-8\r\n\r\n--b\r\n", "multipart/alternative; boundary=b\r\n\r\n--b\r\n")
}

const FORM: &str = "Instrument: drums\nDate: Friday, December 11\nTime: 3 PM\nTime zone: Eastern\n";

#[test]
fn labelled_shapes_1_5() {
    check(&[
        ("plain", text(FORM), CLEAN),
        ("upper case", text(&FORM.to_uppercase()), CLEAN),
        ("other order", text("Time zone: Eastern\nTime: 3 PM\nDate: Friday, December 11\nInstrument: drums\n"), CLEAN),
        (
            "answers on the next line",
            text("Instrument:\ndrums\n\nDate:\nFriday, December 11\n\nTime:\n3 PM\n\nTime zone:\nEastern\n"),
            CLEAN,
        ),
        (
            "answers after a blank line",
            text("Instrument\n\ndrums\n\nDate\n\nFriday, December 11\n\nTime\n\n3 PM\n\nTime zone\n\nEastern\n"),
            CLEAN,
        ),
        (
            "questions",
            text(
                "Which instrument do you need?\ndrums\nWhat day works best for you?\nFriday, December 11\nWhat time?\n3 PM\nWhat's your time zone?\nEastern\n",
            ),
            CLEAN,
        ),
        (
            "numbered questions",
            text("1. Instrument: drums\n2. Date: Friday, December 11\n3. Time: 3 PM\n4. Time zone: Eastern\n"),
            CLEAN,
        ),
        (
            "bullets",
            text("- Instrument: drums\n- Date: Friday, December 11\n- Time: 3 PM\n- Time zone: Eastern\n"),
            CLEAN,
        ),
        (
            "markdown",
            text("**Instrument:** drums\n**Date:** Friday, December 11\n**Time:** 3 PM\n**Time zone:** Eastern\n"),
            CLEAN,
        ),
        (
            "headings",
            text("## Instrument\ndrums\n## Date\nFriday, December 11\n## Time\n3 PM\n## Time zone\nEastern\n"),
            CLEAN,
        ),
        ("dashes", text("Instrument - drums\nDate - Friday, December 11\nTime - 3 PM\nTime zone - Eastern\n"), CLEAN),
        ("equals", text("Instrument = drums\nDate = Friday, December 11\nTime = 3 PM\nTime zone = Eastern\n"), CLEAN),
        ("tabs", text("Instrument\tdrums\nDate\tFriday, December 11\nTime\t3 PM\nTime zone\tEastern\n"), CLEAN),
        (
            "columns of spaces",
            text(
                "Instrument      drums\nDate            Friday, December 11\nTime            3 PM\nTime zone       Eastern\n",
            ),
            CLEAN,
        ),
        (
            "dot leaders",
            text(
                "Instrument.....: drums\nDate...........: Friday, December 11\nTime...........: 3 PM\nTime zone......: Eastern\n",
            ),
            CLEAN,
        ),
        (
            "pipes",
            text(
                "| Instrument | drums |\n|---|---|\n| Date | Friday, December 11 |\n| Time | 3 PM |\n| Time zone | Eastern |\n",
            ),
            CLEAN,
        ),
        (
            "pipe table with a head",
            text(
                "| Instrument | Date | Time | Time zone |\n|---|---|---|---|\n| drums | Friday, December 11 | 3 PM | Eastern |\n",
            ),
            CLEAN,
        ),
        (
            "one line with pipes",
            text("Instrument: drums | Date: Friday, December 11 | Time: 3 PM | Time zone: Eastern\n"),
            CLEAN,
        ),
        (
            "Q and A",
            text(
                "Q: Instrument?\nA: drums\nQ: Date?\nA: Friday, December 11\nQ: Time?\nA: 3 PM\nQ: Time zone?\nA: Eastern\n",
            ),
            CLEAN,
        ),
        (
            "required marks",
            text("Instrument *\ndrums\nDate *\nFriday, December 11\nTime *\n3 PM\nTime zone (required)\nEastern\n"),
            CLEAN,
        ),
        ("zone in the label", text("Instrument: drums\nDate: Friday, December 11\nTime (ET): 3 PM\n"), CLEAN),
        ("zone beside the time", text("Instrument: drums\nDate: Friday, December 11\nTime: 3 PM EST\n"), CLEAN),
        (
            "full width",
            text(
                "Instrument\u{FF1A}drums\nDate\u{FF1A}Friday, December \u{FF11}\u{FF11}\nTime\u{FF1A}3 PM\nTime zone\u{FF1A}Eastern\n",
            ),
            CLEAN,
        ),
        (
            "marks of direction",
            text(
                "\u{200E}Instrument: \u{200F}drums\u{200E}\nDate: Friday, December 11\nTime: 3\u{200B} PM\nTime zone: Eastern\n",
            ),
            CLEAN,
        ),
        ("bare carriage returns are line ends for nobody", text(&FORM.replace('\n', "\r\n")), CLEAN),
        (
            "greeting and thanks",
            text(&format!(
                "Hi there,\n\nI'd love to book a session. Here are the details:\n\n{FORM}\nThanks so much!\nWren\n"
            )),
            CLEAN,
        ),
        (
            "thanks right below",
            text(&format!("{FORM}Thanks!\nWren Halloway\nHalloway Violins, open Mon-Fri 9-5\n")),
            CLEAN,
        ),
        (
            "labels of no interest",
            text(&format!(
                "Song title: Nine to Five at 10:30\nSong length: 3:30\nTempo: 120 bpm\nTime signature: 6/8\nRelease date: March 3, 2027\nBudget: $300\nGenre: drum and bass\n{FORM}Vibe: 90s violin pop\n"
            )),
            CLEAN,
        ),
        (
            "submission data",
            text(&format!("Submitted on: December 1, 2026 at 9:00 AM\nEntry ID: 7781\nIP: 192.0.2.4\n{FORM}")),
            CLEAN,
        ),
        (
            "notes in the middle",
            text(
                "Instrument: drums\nNotes: no violin please, 2 takes\nat 3:30 there is a break\n\nsecond verse is loud\nDate: Friday, December 11\nTime: 3 PM\nTime zone: Eastern\n",
            ),
            CLEAN,
        ),
        (
            "labelled address wins",
            text(&format!("Email: other@example.com\n{FORM}")),
            "drums | 12-11 15:00 | America/New_York | other@example.com",
        ),
        (
            "two columns of labels",
            text("Instrument\tDate\tTime\tTime zone\ndrums\tFriday, December 11\t3 PM\tEastern\n"),
            CLEAN,
        ),
        (
            "days and times in a table",
            text("Instrument: drums\nTime zone: Eastern\n\nDate\tTime\nDecember 11\t3 PM\nDecember 14\t10 AM\n"),
            "drums | 12-11 15:00, 12-14 10:00 | America/New_York | wren@example.com",
        ),
        (
            "instruments with numbers in a table",
            text("Date: December 11\nTime: 3 PM\nTime zone: Eastern\n\nInstrument\tQuantity\nViolin\t2\nDrums\t1\n"),
            "violin 2, drums | 12-11 15:00 | America/New_York | wren@example.com",
        ),
        (
            "number in a label of its own",
            text("Instrument: Violin\nHow many: 2\nDate: December 11\nTime: 3 PM\nTime zone: Eastern\n"),
            "violin 2 | 12-11 15:00 | America/New_York | wren@example.com",
        ),
        (
            "numbered instruments",
            text("Instrument 1: drums\nInstrument 2: trumpet\nDate: December 11\nTime: 3 PM\nTime zone: Eastern\n"),
            "drums, trumpet | 12-11 15:00 | America/New_York | wren@example.com",
        ),
        (
            "numbered pairs",
            text(
                "Instrument: drums\nTime zone: Eastern\nDate 1: December 11\nTime 1: 3 PM\nDate 2: December 14\nTime 2: 10 AM\n",
            ),
            "drums | 12-11 15:00, 12-14 10:00 | America/New_York | wren@example.com",
        ),
        (
            "weekday and date apart",
            text("Instrument: drums\nTime zone: Eastern\nDay: Friday\nDate: December 11\nTime: 3 PM\n"),
            CLEAN,
        ),
        (
            "time before date",
            text("Instrument: drums\nTime: 3 PM\nDate: Friday, December 11\nTime zone: Eastern\n"),
            CLEAN,
        ),
        (
            "date said twice",
            text("Instrument: drums\nDate: December 11\nAvailability: December 11, 3 PM\nTime zone: Eastern\n"),
            CLEAN,
        ),
        ("same again in prose", text(&format!("We need a drummer on Friday, December 11 at 3 PM.\n\n{FORM}")), CLEAN),
        ("zone sentence", text("All times are Eastern.\nInstrument: drums\nDate: December 11\nTime: 3 PM\n"), CLEAN),
        (
            "second day of the form",
            text(
                "Select your instrument: drums\nWhat timezone are you in? EST\nWhat's day are you most available? Friday, December 11\nSelect your available times: 3 PM\nOk, which day? Monday, December 14\nSelect your available times: 10:00 AM, 11:00 AM\n",
            ),
            "drums | 12-11 15:00, 12-14 10:00, 12-14 11:00 | America/New_York | wren@example.com",
        ),
        (
            "one list for two days",
            text("Instrument: drums\nDate: December 11\nSecond date: December 14\nTimes: 10 AM, 3 PM\nTime zone: ET\n"),
            "drums | 12-11 10:00, 12-11 15:00, 12-14 10:00, 12-14 15:00 | America/New_York | wren@example.com",
        ),
        (
            "options",
            text(
                "Instrument: drums\nTime zone: ET\nFirst choice: December 11, 3 PM\nSecond choice: December 14, 10 AM\n",
            ),
            "drums | 12-11 15:00, 12-14 10:00 | America/New_York | wren@example.com",
        ),
        (
            "contact form of a blog",
            headed(
                "From: Fern Room <wordpress@example.com>\r\nReply-To: wren@example.com\r\n",
                &format!(
                    "From: Wren Halloway <wren@example.com>\nSubject: Booking\n\nMessage Body:\n{FORM}\n-- \nThis e-mail was sent from a contact form on Fern Room (https://example.com)\n"
                ),
            ),
            CLEAN,
        ),
        ("postscript", text(&format!("{FORM}\nCheers,\nWren\n\nP.S. Loved the last record!\n")), CLEAN),
    ]);
}

#[test]
fn labelled_shapes_that_are_asked_about() {
    check(&[
        (
            "empty instrument",
            text("Instrument:\nDate: December 11\nTime: 3 PM\nTime zone: Eastern\n"),
            " | 12-11 15:00 | America/New_York | wren@example.com ! instruments",
        ),
        (
            "empty time",
            text("Instrument: drums\nDate: December 11\nTime:\nTime zone: Eastern\n"),
            "drums |  | America/New_York | wren@example.com ! times",
        ),
        (
            "empty zone",
            text("Instrument: drums\nDate: December 11\nTime: 3 PM\nTime zone:\n"),
            "drums |  | - | wren@example.com ! time_zone",
        ),
        (
            "two zones",
            text("Instrument: drums\nDate: December 11\nTime: 3 PM\nTime zone: Eastern\nTime zone: Pacific\n"),
            "drums |  | - | wren@example.com ! time_zone",
        ),
        (
            "zone beside the time differs",
            text("Instrument: drums\nDate: December 11\nTime: 3 PM PST\nTime zone: Eastern\n"),
            "drums |  | America/New_York | wren@example.com ! time_zone",
        ),
        (
            "two instruments under one label",
            text("Instrument: drums\nInstrument: trumpet\nDate: December 11\nTime: 3 PM\nTime zone: ET\n"),
            "drums, trumpet | 12-11 15:00 | America/New_York | wren@example.com ! instruments",
        ),
        (
            "two dates that contradict",
            text("Instrument: drums\nDate: December 11\nWhen: December 12 at 3 PM\nTime zone: ET\n"),
            "drums | 12-11 15:00, 12-12 15:00 | America/New_York | wren@example.com ! times",
        ),
        (
            "two times that contradict",
            text("Instrument: drums\nDate: December 11\nTime: 3 PM\nStart time: 4 PM\nTime zone: ET\n"),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! times",
        ),
        (
            "numbers pair what the order does not",
            text(
                "Instrument: drums\nTime zone: ET\nDate 1: December 11\nDate 2: December 14\nTime 1: 3 PM\nTime 2: 10 AM\n",
            ),
            "drums |  | America/New_York | wren@example.com ! times",
        ),
        (
            "start and end",
            text("Instrument: drums\nDate: December 11\nStart time: 3 PM\nEnd time: 6 PM\nTime zone: ET\n"),
            "drums | 12-11 15:00, 12-11 16:00, 12-11 17:00 | America/New_York | wren@example.com ! times",
        ),
        (
            "not available",
            text(&format!("{FORM}Not available: December 14\n")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! times",
        ),
        (
            "dates to avoid",
            text(&format!("{FORM}Dates to avoid: December 11\n")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! times",
        ),
        (
            "instruments I play",
            text(&format!("{FORM}Instruments I play myself: guitar\n")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! instruments",
        ),
        (
            "a change below",
            text(&format!("{FORM}\nActually, make it 4 PM.\n")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! times",
        ),
        (
            "an addition below",
            text(&format!("{FORM}\nOh, and please add a trumpet.\n")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! instruments",
        ),
        (
            "an exception above",
            text(&format!("I can't do Friday after all, sorry!\n\n{FORM}")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! times",
        ),
        (
            "a postscript",
            text(&format!("{FORM}\nCheers, Wren\n\nP.S. no drums, we need a violin instead\n")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! instruments",
        ),
        (
            "two addresses",
            text(&format!("Email: a@example.com\nEmail: b@example.com\n{FORM}")),
            "drums | 12-11 15:00 | America/New_York | - ! client",
        ),
        (
            "an address that is none",
            text(&format!("Email: wren at example dot com\n{FORM}")),
            "drums | 12-11 15:00 | America/New_York | - ! client",
        ),
        (
            "nobody to answer to",
            headed("From: Forms <no-reply@example.com>\r\n", FORM),
            "drums | 12-11 15:00 | America/New_York | - ! client",
        ),
        (
            "two to answer to",
            headed("Reply-To: a@example.com, b@example.com\r\n", FORM),
            "drums | 12-11 15:00 | America/New_York | - ! client",
        ),
        (
            "cancelling with all the labels",
            text(&format!("Please cancel my session:\n\n{FORM}")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! mail",
        ),
        (
            "cancelling in the subject",
            headed("Subject: Cancel my session\r\n", FORM),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! mail",
        ),
        (
            "moving",
            text(&format!("We need to reschedule our session to:\n\n{FORM}")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! mail",
        ),
        (
            "asking a price",
            headed("Subject: Question\r\n", &format!("How much would this cost?\n\n{FORM}")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! mail",
        ),
    ]);
}

#[test]
fn prose_1_5() {
    check(&[
        (
            "one sentence",
            text("Hi,\n\nWe need a drummer on Friday, December 11 at 3 PM Eastern.\n\nThanks,\nWren\n"),
            CLEAN,
        ),
        (
            "two sentences",
            text("Hello! I'm looking for a drummer. I'm free on Friday, December 11 at 3 PM EST.\n"),
            CLEAN,
        ),
        (
            "wrapped",
            text(
                "Hi there, I would like to book a drummer for one song on Friday,\nDecember 11 at 3\nPM Eastern.\n\nBest,\nWren",
            ),
            CLEAN,
        ),
        (
            "counts",
            text(
                "We're looking for two violins and a trumpet player. Friday, December 11 at 3 PM Eastern would be great.\n",
            ),
            "violin 2, trumpet | 12-11 15:00 | America/New_York | wren@example.com",
        ),
        (
            "songs are no players",
            text("We need a drummer for two songs on Friday, December 11 at 3 PM Eastern.\n"),
            CLEAN,
        ),
        (
            "a range",
            text("We need a drummer on Friday, December 11 between 2 and 4 pm Eastern.\n"),
            "drums | 12-11 14:00, 12-11 15:00 | America/New_York | wren@example.com",
        ),
        (
            "a length",
            text("We need a drummer for 2 hours on Friday, December 11 at 3 PM Eastern.\n"),
            "drums | 12-11 15:00 PT2H | America/New_York | wren@example.com",
        ),
        (
            "no zone",
            text("We need a drummer on Friday, December 11 at 3 PM.\n"),
            "drums |  | - | wren@example.com ! time_zone",
        ),
        (
            "a choice",
            text("We need a drummer or a trumpet player on Friday, December 11 at 3 PM Eastern.\n"),
            " | 12-11 15:00 | America/New_York | wren@example.com ! instruments",
        ),
    ]);
}

#[test]
fn prose_that_is_asked_about_1_5() {
    for body in [
        "Our drummer plays on Friday, December 11 at 3 PM Eastern.",
        "We don't need a drummer on Friday, December 11 at 3 PM Eastern.",
        "We need a drummer, but not on Friday, December 11 at 3 PM Eastern.",
        "The show is on Friday, December 11 at 3 PM Eastern. We need a drummer.",
        "We have a drummer already. Need a violin Friday, December 11 at 3 PM Eastern.",
        "I play drums and need a studio on Friday, December 11 at 3 PM Eastern.",
        "We might need a drummer on Friday, December 11 at 3 PM Eastern.",
        "We need a drummer sometime after Friday, December 11 at 3 PM Eastern.",
        "Do you have a drummer on Friday, December 11 at 3 PM Eastern?",
        "We need a drummer except on Friday, December 11 at 3 PM Eastern.",
        "We need a cellist and a drummer on Friday, December 11 at 3 PM Eastern.",
        "We need a drummer who can sing on Friday, December 11 at 3 PM Eastern.",
        "We need a drummer on the 11th at 3 PM Eastern.",
        "We need a drummer next Friday at 3 PM Eastern.",
        "We need a drummer Friday morning, Eastern time.",
        "Can you get us a drummer every Friday at 3 PM Eastern?",
        "We recorded drums on Friday, December 11 at 3 PM Eastern and need a mix.",
        "Is the drummer from Friday, December 11 at 3 PM Eastern still free?",
        "Looking for a drummer. The demo was cut Friday, December 11 at 3 PM Eastern.",
        "We need a drummer Friday, December 11 at 3 PM Eastern, or maybe Saturday.",
        "Thanks for your mail of Friday, December 11 at 3 PM Eastern, we need a drummer.",
        "We need a bass player on Friday, December 11 at 3 PM Eastern.",
        "Hi! How much is a drummer for an hour?",
        "Please cancel the drummer on Friday, December 11 at 3 PM Eastern.",
        "I accept the offer for drums on Friday, December 11 at 3 PM Eastern.",
        "Hello, are you open on Sundays?",
        "",
        "drums",
        "Drums. Friday, December 11. 3 PM Eastern.",
        "We need drums like on \"Violin Blues\" on Friday, December 11 at 3 PM Eastern.",
        "We need a drummer by Friday, December 11 at 3 PM Eastern.",
        "We need a drummer on Friday, December 11 at 3 PM Eastern or 3 PM Pacific.",
    ] {
        let got = reading(&mail(body));
        assert!(!got.problems.is_empty(), "{body:?} was read as {}", summary(&got));
    }
}

#[test]
fn no_request_is_a_problem_of_the_mail_1_9() {
    for body in [
        "Hello, are you open on Sundays?",
        "Please cancel my booking.",
        "How much is an hour?",
        "Thanks for everything!",
        "",
        "YES",
        "Y7",
        "I accept.",
    ] {
        let got = reading(&mail(body));
        assert!(got.problems.iter().any(|p| p.field == firstcall_mail::Field::Mail), "{body:?}: {:?}", got.problems);
    }
}

#[test]
fn html_shapes_1_5() {
    let table = "<table><tr><th>Instrument</th><td>drums</td></tr><tr><th>Date</th><td>Friday, December 11</td></tr><tr><th>Time</th><td>3 PM</td></tr><tr><th>Time zone</th><td>Eastern</td></tr></table>";
    check(&[
        ("two columns", html(table), CLEAN),
        ("lines", html("<p>Instrument: drums<br>Date: Friday, December 11<br/>Time: 3&nbsp;PM<br>Time zone: Eastern</p>"), CLEAN),
        ("head row", html("<table><thead><tr><th>Instrument</th><th>Date</th><th>Time</th><th>Time zone</th></tr></thead><tbody><tr><td>drums</td><td>Friday, December 11</td><td>3 PM</td><td>Eastern</td></tr></tbody></table>"), CLEAN),
        ("definition list", html("<dl><dt>Instrument</dt><dd>drums</dd><dt>Date</dt><dd>Friday, December 11</dd><dt>Time</dt><dd>3 PM</dd><dt>Time zone</dt><dd>Eastern</dd></dl>"), CLEAN),
        ("divs", html("<div><div><b>Instrument</b></div><div>drums</div><div><b>Date</b></div><div>Friday, December 11</div><div><b>Time</b></div><div>3 PM</div><div><b>Time zone</b></div><div>Eastern</div></div>"), CLEAN),
        ("nested tables", html(&format!("<table><tr><td><table><tr><td>{table}</td></tr></table></td></tr></table>")), CLEAN),
        ("hidden parts", html(&format!("<head><title>2 violins</title><style>.x{{}}</style></head><body><div style=\"display:none\">Instrument: trumpet</div><!-- Instrument: violin --><script>var t='Instrument: violin'</script><span hidden>Time: 9 PM</span>{table}<p style='font-size:0'>Instrument: violin</p></body>")), CLEAN),
        ("entities", html("<p>Instrument&#58; drums</p><p>Date: Friday&#44; December 11</p><p>Time: 3&#8239;PM</p><p>Time zone: Eastern Time (US &amp; Canada)</p>"), CLEAN),
        ("list of times", html("<p>Instrument: drums</p><p>Date: December 11</p><p>Times:</p><ul><li>10 AM</li><li>3 PM</li></ul><p>Time zone: ET</p>"), "drums | 12-11 10:00, 12-11 15:00 | America/New_York | wren@example.com"),
        ("a form's mail", html("<html><body><div><h2>Book a session</h2><div>Your form has a new response.</div><div><div>Select your instrument</div><div>drums</div></div><div><div>What timezone are you in?</div><div>EST</div></div><div><div>What's day are you most available?</div><div>Friday, December 11</div></div><div><div>Select your available times.</div><div>3:00 PM</div></div><div><a href='https://forms.example.com/viewform'>View the form</a></div></div></body></html>"), CLEAN),
        ("reply with history", headed("Subject: Re: drums\r\n", "<div>Instrument: drums<br>Date: Friday, December 11<br>Time: 3 PM<br>Time zone: ET</div><br><div class=\"gmail_quote\"><div class=\"gmail_attr\">On Mon, Nov 30, 2026 at 9:00 AM Fern Room &lt;<a href=\"mailto:b@example.com\">b@example.com</a>&gt; wrote:<br></div><blockquote class=\"gmail_quote\"><p>Instrument: violin?</p><p>Time: 9 PM</p></blockquote></div>").replace("text/plain", "text/html"), CLEAN),
        ("struck out", html("<p>Instrument: drums</p><p>Date: December 11</p><p>Time: <s>10 AM</s> 3 PM</p><p>Time zone: ET</p>"), "drums |  | America/New_York | wren@example.com ! times"),
        ("unclosed", html("<table><tr><td>Instrument<td>drums<tr><td>Date<td>Friday, December 11<tr><td>Time<td>3 PM<tr><td>Time zone<td>Eastern"), CLEAN),
        ("upper case tags", html(&table.replace("table", "TABLE").replace("td>", "TD>")), CLEAN),
        ("preformatted", html(&format!("<pre>{FORM}</pre>")), CLEAN),
        ("two cells that are pairs", html("<table><tr><td>Instrument</td><td>drums</td><td>Date</td><td>Friday, December 11</td></tr><tr><td>Time</td><td>3 PM</td><td>Time zone</td><td>Eastern</td></tr></table>"), CLEAN),
        ("labels with colons in cells", html(&table.replace("</th>", ":</th>")), CLEAN),
    ]);
}

#[test]
fn text_and_html_1_8() {
    let lines = |form: &str| form.lines().map(|l| format!("<div>{l}</div>")).collect::<String>();
    check(&[
        ("agree", both(FORM, &lines(FORM)), CLEAN),
        (
            "instruments disagree",
            both(FORM, &lines(&FORM.replace("drums", "trumpet"))),
            "trumpet | 12-11 15:00 | America/New_York | wren@example.com ! instruments",
        ),
        (
            "counts disagree",
            both(&FORM.replace("drums", "2 violins"), &lines(&FORM.replace("drums", "violin"))),
            "violin | 12-11 15:00 | America/New_York | wren@example.com ! instruments",
        ),
        (
            "times disagree",
            both(FORM, &lines(&FORM.replace("3 PM", "4 PM"))),
            "drums | 12-11 16:00 | America/New_York | wren@example.com ! times",
        ),
        (
            "dates disagree",
            both(FORM, &lines(&FORM.replace("Friday, December 11", "December 12"))),
            "drums | 12-12 15:00 | America/New_York | wren@example.com ! times",
        ),
        (
            "zones disagree",
            both(FORM, &lines(&FORM.replace("Eastern", "Pacific"))),
            "drums | 12-11 15:00 | America/Los_Angeles | wren@example.com ! time_zone",
        ),
        ("zones in other words", both(FORM, &lines(&FORM.replace("Eastern", "EST"))), CLEAN),
        (
            "addresses disagree",
            both(&format!("Email: a@example.com\n{FORM}"), &lines(&format!("Email: b@example.com\n{FORM}"))),
            "drums | 12-11 15:00 | America/New_York | b@example.com ! client",
        ),
        ("a stub of text", both("Your mail program cannot show HTML.", &lines(FORM)), CLEAN),
        ("a stub of HTML", both(FORM, "<p>&nbsp;</p>"), CLEAN),
        (
            "one more time in one part",
            both(FORM, &lines(&FORM.replace("3 PM", "3 PM, 4 PM"))),
            "drums | 12-11 15:00, 12-11 16:00 | America/New_York | wren@example.com ! times",
        ),
        (
            "lengths disagree",
            both(&format!("{FORM}Length: 2 hours\n"), &lines(&format!("{FORM}Length: 3 hours\n"))),
            "drums | 12-11 15:00 PT3H | America/New_York | wren@example.com ! length",
        ),
    ]);
}

#[test]
fn threads_1_8() {
    let history =
        "On Mon, Nov 30, 2026 at 9:00 AM Fern Room <b@example.com> wrote:\n\n> Instrument: violin\n> Time: 9 PM\n";
    let forwarded = "---------- Forwarded message ---------\nFrom: Wren Halloway <wren@example.com>\nDate: Mon, Nov 30, 2026 at 4:12 PM\nSubject: Session\nTo: <rosa@example.com>\n\n\n";
    let rosa = "From: Rosa Quill <rosa@example.com>\r\nSubject: Fwd: Session\r\n";
    let form = format!("Email: wren@example.com\n{FORM}");
    check(&[
        ("reply on top", headed("Subject: Re: Session\r\n", &format!("{FORM}\n{history}")), CLEAN),
        ("reply below", headed("Subject: Re: Session\r\n", &format!("{history}\n{FORM}")), CLEAN),
        (
            "only history",
            headed("Subject: Re: Session\r\n", history),
            " |  | - | wren@example.com ! time_zone instruments times mail",
        ),
        (
            "yes to history",
            headed("Subject: Re: Session\r\n", &format!("Yes please!\n\n{history}")),
            " |  | - | wren@example.com ! time_zone instruments times mail",
        ),
        (
            "Outlook history",
            headed(
                "Subject: RE: Session\r\n",
                &format!(
                    "{FORM}\n________________________________\nFrom: Fern Room <b@example.com>\nSent: Monday, November 30, 2026 9:00 AM\nTo: Wren\nSubject: Session\n\nInstrument: violin\nTime: 9 PM\n"
                ),
            ),
            CLEAN,
        ),
        (
            "German history",
            headed(
                "Subject: AW: Session\r\n",
                &format!("{FORM}\nAm 30.11.2026 um 09:00 schrieb Fern Room:\n> Instrument: violin\n"),
            ),
            CLEAN,
        ),
        ("forwarded", headed(rosa, &format!("{forwarded}{form}")), CLEAN),
        ("forwarded with a remark", headed(rosa, &format!("Dane, can you take this one?\n\n{forwarded}{form}")), CLEAN),
        (
            "forwarded with a change",
            headed(rosa, &format!("Same as below, but with a trumpet instead of drums.\n\n{forwarded}{form}")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! instruments",
        ),
        (
            "forwarded with other times",
            headed(rosa, &format!("They now want Saturday at 5 PM instead.\n\n{forwarded}{form}")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! times",
        ),
        (
            "forwarded, nobody labelled",
            headed(rosa, &format!("{forwarded}{FORM}")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! client",
        ),
        (
            "forwarded by Apple",
            headed(
                rosa,
                &format!(
                    "Begin forwarded message:\n\n> From: Wren Halloway <wren@example.com>\n> Subject: Session\n> Date: November 30, 2026 at 4:12:00 PM EST\n> To: rosa@example.com\n> \n{}",
                    form.lines().map(|l| format!("> {l}\n")).collect::<String>()
                ),
            ),
            CLEAN,
        ),
        (
            "forwarded by Outlook",
            headed(
                rosa,
                &format!(
                    "________________________________\nFrom: Wren Halloway <wren@example.com>\nSent: Monday, November 30, 2026 4:12 PM\nTo: Rosa <rosa@example.com>\nSubject: Session\n\n{form}"
                ),
            ),
            CLEAN,
        ),
        (
            "forwarded by Thunderbird",
            headed(
                rosa,
                &format!(
                    "-------- Forwarded Message --------\nSubject: \tSession\nDate: \tMon, 30 Nov 2026 16:12:00 -0500\nFrom: \tWren Halloway <wren@example.com>\nTo: \trosa@example.com\n\n{form}"
                ),
            ),
            CLEAN,
        ),
        (
            "a request above a forward",
            headed(rosa, &format!("{}\n{forwarded}{form}", FORM.replace("drums", "trumpet"))),
            "trumpet | 12-11 15:00 | America/New_York | rosa@example.com",
        ),
        (
            "the forward's date counts",
            headed(rosa, &format!("{forwarded}{}", form.replace("Friday, December 11", "Tuesday"))),
            "drums | 12-01 15:00 | America/New_York | wren@example.com",
        ),
        (
            "a forward without a date",
            headed(
                rosa,
                &format!(
                    "{}{}",
                    forwarded.replace("Date: Mon, Nov 30, 2026 at 4:12 PM\n", ""),
                    form.replace("Friday, December 11", "Friday")
                ),
            ),
            "drums |  | America/New_York | wren@example.com ! times",
        ),
        (
            "a forward of a forward",
            headed(
                rosa,
                &format!("{forwarded}FYI\n\n{}{form}", forwarded.replace("Subject: Session", "Subject: Fwd: Session")),
            ),
            CLEAN,
        ),
        ("a forward of a reply", headed(rosa, &format!("{forwarded}{form}\n{history}")), CLEAN),
        ("signature", text(&format!("{FORM}\n-- \nWren\nViolin lessons Mon-Fri 9 AM-5 PM\nTime: money\n")), CLEAN),
        (
            "footer",
            text(&format!("{FORM}\nUnsubscribe: https://example.com/u\nInstruments on sale every Friday!\n")),
            CLEAN,
        ),
        ("phone's footer", text(&format!("{FORM}\nSent from my iPhone\n")), CLEAN),
        ("confidential", text(&format!("{FORM}\nCONFIDENTIAL: This e-mail is not for 2 violins.\n")), CLEAN),
    ]);
}

#[test]
fn machines_1_9() {
    let report = text("--b\r\nContent-Type: text/plain\r\n\r\nfailed\r\n--b--\r\n")
        .replace("text/plain; charset=utf-8", "multipart/report; boundary=b");
    check(&[
        ("auto-submitted", headed("Auto-Submitted: auto-generated\r\n", FORM), "machine"),
        ("auto-submitted with a comment", headed("Auto-Submitted: auto-replied (vacation)\r\n", FORM), "machine"),
        ("auto-submitted: no", headed("Auto-Submitted: no\r\n", FORM), CLEAN),
        ("auto-submitted: NO", headed("AUTO-SUBMITTED: NO\r\n", FORM), CLEAN),
        ("x-autoreply", headed("X-Autoreply: yes\r\n", FORM), "machine"),
        ("precedence", headed("Precedence: auto_reply\r\n", FORM), "machine"),
        ("bulk alone", headed("Precedence: bulk\r\n", FORM), CLEAN),
        ("no list but a suppressed answer", headed("X-Auto-Response-Suppress: All\r\n", FORM), CLEAN),
        ("empty return path", headed("Return-Path: <>\r\n", FORM), "machine"),
        ("return path", headed("Return-Path: <wren@example.com>\r\n", FORM), CLEAN),
        ("daemon", headed("From: Mail <MAILER-DAEMON@example.com>\r\n", FORM), "machine"),
        ("report", report, "machine"),
        (
            "list without a request",
            headed("List-Id: <l.example.com>\r\n", "Hello all, drum clinic on Friday at 3 PM.\n"),
            "machine",
        ),
        (
            "list with a request",
            headed("List-Id: <l.example.com>\r\nPrecedence: list\r\n", &format!("Name: Wren Halloway\n{FORM}")),
            CLEAN,
        ),
        ("advertisement", headed("List-Id: <l.example.com>\r\nPrecedence: bulk\r\n", FORM), "machine"),
    ]);
    let mut context = common::context();
    context.form_senders = vec!["wren@example.com".to_owned()];
    let raw = mail_with("Auto-Submitted: auto-generated\r\n", &format!("Email: a@example.com\n{FORM}"));
    let got = firstcall_mail::read(&firstcall_mail::Message::parse(&raw), &context);
    assert_eq!(summary(&got), "drums | 12-11 15:00 | America/New_York | a@example.com");
}

#[test]
fn clocks_that_change_2_4() {
    let at = |body: &str, now: &str| {
        let mut context = common::context();
        context.now = now.parse().unwrap();
        let raw = text(body).replace("Tue, 1 Dec 2026 09:00:00 -0500", "Mon, 1 Mar 2027 09:00:00 -0500");
        let got = firstcall_mail::read(&firstcall_mail::Message::parse(raw.as_bytes()), &context);
        let dropped: Vec<String> = got.dropped.iter().map(|d| format!("{} {}", d.start, d.reason)).collect();
        with_problems(format!("{} [{}]", starts(&got), dropped.join(", ")), &got)
    };
    let now = "2027-03-01T09:15:00-05:00";
    let form = |date: &str, time: &str| format!("Instrument: drums\nDate: {date}\nTime: {time}\nTime zone: ET\n");
    assert_eq!(at(&form("March 14", "2:30 AM"), now), " [] ! times".trim_start());
    assert_eq!(at(&form("November 7", "1:30 AM"), now), "[] ! times");
    assert_eq!(
        at(&form("March 14", "1:30-5:00 AM"), now),
        "2027-03-14 01:30, 2027-03-14 03:30 [2027-03-14T02:30:00[America/New_York] does_not_exist]"
    );
    assert_eq!(
        at(&form("November 7", "12:30 AM - 3:30 AM"), now),
        "2027-11-07 00:30, 2027-11-07 02:30 [2027-11-07T01:30:00[America/New_York] happens_twice]"
    );
    assert_eq!(
        at(&form("March 14", "1:30 AM to 3:30 AM"), now),
        "2027-03-14 01:30 [2027-03-14T02:30:00[America/New_York] does_not_exist]"
    );
}

#[test]
fn further_shapes_1_5() {
    let lines = |form: &str| form.lines().map(|l| format!("<div>{l}</div>")).collect::<String>();
    let two = "drums | 12-11 15:00, 12-14 10:00 | America/New_York | wren@example.com";
    let asked = "drums | 12-11 15:00 | America/New_York | wren@example.com ! instruments";
    check(&[
        (
            "the same in many words",
            text(&format!("Hi, I need a drummer for my indie rock track, please see below.\n\n{FORM}")),
            CLEAN,
        ),
        (
            "another one in many words",
            text(&format!("Hi, I need a steel drummer for my indie rock track.\n\n{FORM}")),
            asked,
        ),
        ("several in many words", text(&format!("Hi, I need two drummers for my indie rock track.\n\n{FORM}")), asked),
        (
            "the name is an answer",
            text(&format!("{FORM}Name:\nWren Halloway\nEmail:\nother@example.com\nNotes:\nnone yet\n")),
            "drums | 12-11 15:00 | America/New_York | other@example.com",
        ),
        (
            "the name and then the address",
            text(&format!("{FORM}\nWren Halloway\nEmail: other@example.com\n")),
            "drums | 12-11 15:00 | America/New_York | other@example.com",
        ),
        (
            "length in a sentence",
            text(&format!("{FORM}\nThe session will be 2 hours.\n")),
            "drums | 12-11 15:00 PT2H | America/New_York | wren@example.com",
        ),
        (
            "length that is not certain",
            text(&format!("{FORM}\nWe'll need about 3 hours.\n")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! length",
        ),
        ("length of the song", text(&format!("{FORM}\nThe song is 3 minutes long.\n")), CLEAN),
        (
            "office hours below the name",
            text(&format!("{FORM}\nWren Halloway\nProducer, Drums & Violin Records\nMon-Fri 9 AM - 5 PM\n")),
            CLEAN,
        ),
        ("an addition below the name", text(&format!("{FORM}\nCheers,\nWren\n\nPlease also add a trumpet.\n")), asked),
        (
            "a range in two zones",
            text(&FORM.replace("3 PM", "2-4 PM ET / 11 AM-1 PM PT")),
            "drums | 12-11 14:00, 12-11 15:00 | America/New_York | wren@example.com",
        ),
        (
            "a range in two zones that differ",
            text(&FORM.replace("3 PM", "2-4 PM ET / 11 AM-2 PM PT")),
            "drums | 12-11 14:00, 12-11 15:00 | America/New_York | wren@example.com ! time_zone",
        ),
        (
            "an edit",
            text(&format!("Edited: please use 4 PM.\n{FORM}")),
            "drums | 12-11 15:00 | America/New_York | wren@example.com ! times",
        ),
        (
            "when the form was filled in",
            text(&format!("A new response was submitted on December 1, 2026 at 8:59 AM.\n\n{FORM}")),
            CLEAN,
        ),
        ("another subject", headed("Subject: Violin instead of drums\r\n", FORM), asked),
        ("the same subject", headed("Subject: Drummer needed\r\n", FORM), CLEAN),
        (
            "agree in other words",
            both(FORM, &lines(&FORM.replace("Friday, December 11", "Dec 11, 2026").replace("3 PM", "15:00"))),
            CLEAN,
        ),
        (
            "rows of a form",
            html(
                "<table><tr><td colspan=2>Your time zone</td></tr><tr><td>&nbsp;</td><td>ET</td></tr><tr><td colspan=2>Which instruments?</td></tr><tr><td></td><td><ul><li>Drums</li></ul></td></tr><tr><td colspan=2>Desired date(s) and time(s)</td></tr><tr><td></td><td>11 December 2026, 15:00<br>14 December 2026, 10:00</td></tr></table>",
            ),
            two,
        ),
        (
            "not ticked",
            html(
                "<p>Instruments:</p><ul><li>\u{2610} Violin</li><li>\u{2611} Drums</li></ul><p>Date: December 11</p><p>Time: 3 PM</p><p>Time zone: ET</p>",
            ),
            asked,
        ),
        (
            "a box without a tick",
            text("Instruments:\n[x] Drums\n[ ] Violin\nDate: December 11\nTime: 3 PM\nTime zone: ET\n"),
            asked,
        ),
        (
            "choices of their own",
            text(
                "Instrument: drums\nTime zone: Eastern\nFirst choice date: December 11\nFirst choice time: 3 PM\nSecond choice date: December 14\nSecond choice time: 10 AM\n",
            ),
            two,
        ),
        (
            "a second day that is not offered",
            text(
                "Select your instrument: Drums\nWhat timezone are you in? EST\nWhat's day are you most available? December 11\nSelect your available times: 3:00 PM\nOk, which day? N/A\nSelect your available times: N/A\n",
            ),
            CLEAN,
        ),
        (
            "available from and until",
            text("Instrument: drums\nDate: December 11\nAvailable from: 3 PM\nAvailable until: 5 PM\nTime zone: ET\n"),
            "drums | 12-11 15:00, 12-11 16:00 | America/New_York | wren@example.com",
        ),
        (
            "numbered form",
            text(
                "1. Select your instrument\nDrums\n2. What timezone are you in?\nEST\n3. What's day are you most available?\n2026-12-11\n4. Select your available times\n3:00 PM\n5. Want to offer a second day?\nNo\n6. Ok, which day?\n\n7. Select your available times\n\n",
            ),
            CLEAN,
        ),
        ("one line", text("Instrument: drums, Date: Friday, December 11, Time: 3 PM, Time zone: ET"), CLEAN),
        ("declined players", text(&format!("{FORM}\nNo need for a bass player.\n")), CLEAN),
        ("who asks", text(&format!("Hi, I'm a guitarist from Leeds and I'd love to book a session.\n\n{FORM}")), CLEAN),
        (
            "names that are no request",
            text(&format!("Name: April May\nBand: The Friday Drums\nSong: Violin at Noon\nSong time: 3:30\n{FORM}")),
            CLEAN,
        ),
        ("only carriage returns", text(&FORM.replace('\n', "\r")), CLEAN),
        (
            "wrapped answers",
            text(
                "Instrument: drums\nDate: Friday,\nDecember 11\nTime: 3\nPM\nTime zone: Eastern Time\n(US & Canada)\n",
            ),
            CLEAN,
        ),
        (
            "the sender's name at the end",
            text("Time zone: ET\nDate: December 11\nTime: 3 PM\nInstrument: drums\nWren Halloway\n"),
            CLEAN,
        ),
    ]);
}

#[test]
fn encodings_and_parts() {
    let form = "Instrument: drums\nDate: Friday, December 11\nTime: 3\u{2013}4 pm\nTime zone: Eastern\n";
    let head = "From: Wren Halloway <wren@example.com>\r\nDate: Tue, 1 Dec 2026 09:00:00 -0500\r\n";
    let raw = |headers: &str, body: &[u8]| [head.as_bytes(), headers.as_bytes(), b"\r\n\r\n", body].concat();
    let western: Vec<u8> = form.chars().map(|c| if c == '\u{2013}' { 0x96 } else { c as u8 }).collect();
    let wide: Vec<u8> = form.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let part = |kind: &str, body: &str| format!("--b\r\nContent-Type: {kind}\r\n\r\n{body}\r\n");
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("no charset", raw("Content-Type: text/plain", form.as_bytes())),
        ("no type", raw("X-Nothing: x", form.as_bytes())),
        ("unknown charset", raw("Content-Type: text/plain; charset=x-unknown", form.as_bytes())),
        ("windows-1252 without a name", raw("Content-Type: text/plain", &western)),
        ("windows-1252 as UTF-8", raw("Content-Type: text/plain; charset=utf-8", &western)),
        ("windows-1252 as ASCII", raw("Content-Type: text/plain; charset=us-ascii", &western)),
        ("UTF-8 as Latin 1", raw("Content-Type: text/plain; charset=iso-8859-1", form.as_bytes())),
        ("UTF-16", raw("Content-Type: text/plain; charset=utf-16be", &wide)),
        ("byte order mark", raw("Content-Type: text/plain; charset=utf-8", format!("\u{FEFF}{form}").as_bytes())),
        ("soft breaks", raw("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable", b"Instru=\r\nment: dr=\r\nums\r\nDate: Friday, Dec=\r\nember 1=\r\n1\r\nTime: 3=E2=80=93=\r\n4 pm\r\nTime zone: East=\r\nern\r\n")),
        ("flowed", raw("Content-Type: text/plain; charset=utf-8; format=flowed", b"Instrument: drums\r\nDate: Friday, \r\nDecember 11\r\nTime: 3-4 \r\npm\r\nTime zone: Eastern Time \r\n(US & Canada)\r\n-- \r\nTime: 9 pm\r\n")),
        ("boundary not named", raw("Content-Type: multipart/alternative", format!("{}--b--\r\n", part("text/plain; charset=utf-8", form)).as_bytes())),
        ("wrong boundary", raw("Content-Type: multipart/alternative; boundary=c", format!("{}--b--\r\n", part("text/plain; charset=utf-8", form)).as_bytes())),
        ("no end", raw("Content-Type: multipart/mixed; boundary=b", part("text/plain; charset=utf-8", form).as_bytes())),
        ("attached text", raw("Content-Type: multipart/mixed; boundary=b", format!("{}{}--b--\r\n", part("text/plain; charset=utf-8", form), part("text/plain\r\nContent-Disposition: attachment; filename=n.txt", "Instrument: violin")).as_bytes())),
        ("enclosed mail beside a request", raw("Content-Type: multipart/mixed; boundary=b", format!("{}{}--b--\r\n", part("text/plain; charset=utf-8", form), part("message/rfc822", "From: a@example.com\r\n\r\nInstrument: violin")).as_bytes())),
        ("calendar", raw("Content-Type: multipart/alternative; boundary=b", format!("{}{}--b--\r\n", part("text/plain; charset=utf-8", form), part("text/calendar", "DTSTART:20261218T100000Z")).as_bytes())),
    ];
    for (name, raw) in &cases {
        let got = reading(raw);
        assert_eq!(summary(&got), CLEAN, "{name}: {:?}", got.problems);
    }
    let attached = raw(
        "Content-Type: multipart/mixed; boundary=b",
        format!(
            "{}{}--b--\r\n",
            part("text/plain", ""),
            part("text/html\r\nContent-Disposition: attachment; filename=a.html", form)
        )
        .as_bytes(),
    );
    assert!(!reading(&attached).problems.is_empty(), "attachments are kept, not read");
}

#[test]
fn fields_of_a_web_hook() {
    use firstcall_mail::{Fields, Message};
    let fields = |date: &str| Fields {
        from: Some("Wren Halloway <wren@example.com>".to_owned()),
        subject: Some("Booking".to_owned()),
        date: Some(date.to_owned()),
        message_id: Some("<a@example.com>".to_owned()),
        text: Some(FORM.replace("Friday, December 11", "Friday")),
        ..Fields::default()
    };
    for date in ["Tue, 1 Dec 2026 09:00:00 -0500", "2026-12-01T09:00:00-05:00", "2026-12-01T14:00:00Z"] {
        let message = Message::from_fields(fields(date));
        assert_eq!(message.message_id.as_deref(), Some("a@example.com"));
        let got = firstcall_mail::read(&message, &common::context());
        assert_eq!(summary(&got), CLEAN.replace("12-11", "12-04"), "{date}");
    }
}

#[test]
fn one_mail_has_one_content_1_3() {
    use firstcall_mail::Message;
    let one = Message::parse(&mail(FORM));
    let again = Message::parse(&mail_with("Received: from a\r\n", &FORM.replace('\n', "\r\n")));
    let other = Message::parse(&mail(&FORM.replace("3 PM", "4 PM")));
    assert_eq!(one.content_key(), again.content_key());
    assert_ne!(one.content_key(), other.content_key());
}

#[test]
fn settings_change_the_reading() {
    let mut context = common::context();
    let read_with = |context: &firstcall_mail::Context, body: &str| {
        summary(&firstcall_mail::read(&firstcall_mail::Message::parse(&mail(body)), context))
    };
    context.date_order = Some(firstcall_mail::DateOrder::Dmy);
    assert_eq!(read_with(&context, &FORM.replace("Friday, December 11", "11/12/2026")), CLEAN);
    context.date_order = Some(firstcall_mail::DateOrder::Mdy);
    assert_eq!(read_with(&context, &FORM.replace("Friday, December 11", "12/11/2026")), CLEAN);
    context
        .parts_of_day
        .insert("afternoon".to_owned(), (jiff::civil::time(15, 0, 0, 0), jiff::civil::time(17, 0, 0, 0)));
    let afternoon = "drums | 12-11 15:00, 12-11 16:00 | America/New_York | wren@example.com";
    assert_eq!(read_with(&context, &FORM.replace("3 PM", "afternoon")), afternoon);
    assert_eq!(
        read_with(&context, &FORM.replace("December 11", "December 11, afternoon").replace("Time: 3 PM\n", "")),
        afternoon
    );
    context
        .instruments
        .push(firstcall_mail::InstrumentName { name: "alto_sax".to_owned(), aliases: vec!["alto".to_owned()] });
    assert_eq!(read_with(&context, &FORM.replace("drums", "alto")), CLEAN.replace("drums", "alto_sax"));
    assert_eq!(read_with(&context, &FORM.replace("drums", "alto saxophone")), CLEAN.replace("drums", "alto_sax"));
    assert_eq!(
        read_with(&context, &FORM.replace("drums", "sax")),
        "| 12-11 15:00 | America/New_York | wren@example.com ! instruments"
    );
    context.labels.insert("Besetzung".to_owned(), firstcall_mail::Label::Instruments);
    assert_eq!(read_with(&context, &FORM.replace("Instrument", "Besetzung")), CLEAN);
    context.manager_email = Some("wren@example.com".to_owned());
    assert_eq!(read_with(&context, FORM), "drums | 12-11 15:00 | America/New_York | - ! client");
    context.notice = jiff::SignedDuration::from_hours(24 * 30);
    assert_eq!(
        read_with(&context, &format!("Email: a@example.com\n{FORM}")),
        "drums |  | America/New_York | a@example.com ! times"
    );
}
