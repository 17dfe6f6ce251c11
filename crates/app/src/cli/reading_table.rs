//! What a mail says, for the terminal.

use firstcall_mail::{Client, Field, Reading, Time};
use jiff::{SignedDuration, Timestamp, Zoned};
use std::fmt::Write;

/// The reading as a table of what was read, what was dropped and what is doubtful.
pub fn as_text(reading: &Reading) -> String {
    let mut table = Table(String::new());
    if reading.machine {
        table.row("Machine", &["written by a machine: makes no booking".to_owned()]);
    }
    table.row("Client", &client(&reading.client));
    table.row("Time zone", reading.time_zone.as_slice());
    let chairs = reading.instruments.iter().map(|each| match each.count {
        1 => each.instrument.clone(),
        count => format!("{} x {count}", each.instrument),
    });
    table.row("Instruments", &chairs.collect::<Vec<_>>());
    table.row("Times", &reading.times.iter().map(time).collect::<Vec<_>>());
    let dropped =
        reading.dropped.iter().map(|each| format!("{}: {}", start(&each.start), each.reason.replace('_', " ")));
    table.row("Dropped", &dropped.collect::<Vec<_>>());
    let notes = reading.notes.as_deref().unwrap_or_default();
    table.row("Notes", &notes.lines().map(str::to_owned).collect::<Vec<_>>());
    table.row("Links", &reading.links);
    table.row("Problems", &problems(reading));
    table.0
}

fn client(client: &Client) -> Vec<String> {
    [&client.name, &client.email, &client.phone, &client.city].into_iter().flatten().cloned().collect()
}

fn problems(reading: &Reading) -> Vec<String> {
    let mut lines = Vec::new();
    for problem in &reading.problems {
        lines.push(format!("{}: {}", field(problem.field), problem.message));
        lines.extend(problem.text.lines().map(|line| format!("    | {line}")));
    }
    if lines.is_empty() && !reading.machine {
        lines.push("none".to_owned());
    }
    lines
}

fn field(field: Field) -> &'static str {
    match field {
        Field::Client => "client",
        Field::TimeZone => "time zone",
        Field::Instruments => "instruments",
        Field::Times => "times",
        Field::Length => "length",
        Field::Mail => "mail",
    }
}

fn time(time: &Time) -> String {
    let length =
        time.length.parse::<SignedDuration>().map_or_else(|_| time.length.clone(), |length| format!("{length:#}"));
    format!("{}, {length}", start(&time.start))
}

/// A start as people write it. One that the clock skips or repeats has no offset and stays as the reader wrote it.
fn start(text: &str) -> String {
    let (Ok(_), Ok(start)) = (text.parse::<Timestamp>(), text.parse::<Zoned>()) else { return text.to_owned() };
    start.strftime("%a %-d %b %Y, %H:%M %Z").to_string()
}

struct Table(String);

impl Table {
    /// Adds a title and its lines; nothing when there are none.
    fn row(&mut self, title: &str, lines: &[String]) {
        for (at, line) in lines.iter().enumerate() {
            let title = if at == 0 { title } else { "" };
            // Writing to a text cannot fail.
            let _ = writeln!(self.0, "{title:<12} {}", harmless(line));
        }
    }
}

/// A mail is anybody's text: control characters in it could take over the terminal.
fn harmless(line: &str) -> String {
    let mark = |c: char| if c == '\t' { ' ' } else { '\u{fffd}' };
    line.chars().map(|c| if c.is_control() { mark(c) } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstcall_mail::{Count, Dropped, Problem};

    #[test]
    fn everything_that_was_read_is_in_the_table() {
        let reading = Reading {
            client: Client { name: Some("Ann".into()), email: Some("ann@example.com".into()), ..Client::default() },
            time_zone: Some("America/Chicago".into()),
            instruments: vec![
                Count { instrument: "drums".into(), count: 1 },
                Count { instrument: "violin".into(), count: 2 },
            ],
            times: vec![Time { start: "2026-12-02T10:00:00-06:00[America/Chicago]".into(), length: "PT1H30M".into() }],
            dropped: vec![Dropped {
                start: "2027-03-14T02:30:00[America/Chicago]".into(),
                reason: "does_not_exist".into(),
            }],
            machine: false,
            notes: Some("Two songs\n\u{1b}[2Jin A".into()),
            links: vec!["https://example.com/demo".into()],
            problems: vec![Problem {
                field: Field::Times,
                message: "which morning?".into(),
                text: "some morning".into(),
            }],
        };
        let expected = "\
Client       Ann
             ann@example.com
Time zone    America/Chicago
Instruments  drums
             violin x 2
Times        Wed 2 Dec 2026, 10:00 CST, 1h 30m
Dropped      2027-03-14T02:30:00[America/Chicago]: does not exist
Notes        Two songs
             \u{fffd}[2Jin A
Links        https://example.com/demo
Problems     times: which morning?
                 | some morning
";
        assert_eq!(as_text(&reading), expected);
    }

    #[test]
    fn a_machines_mail_is_named_as_such() {
        let reading = Reading { machine: true, ..Reading::default() };
        assert_eq!(as_text(&reading), "Machine      written by a machine: makes no booking\n");
    }
}
