//! One labelled answer at a time, in the shapes in which people write them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of tests may fail the test")]
#![allow(clippy::too_many_lines, clippy::format_collect, reason = "tables of cases are long")]

mod common;

use common::{chairs, mail, reading, starts, with_problems};

/// A clean mail in which some labels have other answers.
fn form(changes: &[(&str, &str)]) -> String {
    let mut lines = vec![
        ("Name", "Wren Halloway"),
        ("Instrument", "drums"),
        ("Date", "Friday, December 11"),
        ("Time", "3 PM"),
        ("Time zone", "Eastern Time"),
    ];
    for (label, answer) in changes {
        match lines.iter_mut().find(|(l, _)| l == label) {
            Some(line) => line.1 = answer,
            None => lines.push((label, answer)),
        }
    }
    lines.iter().map(|(label, answer)| format!("{label}: {answer}\n")).collect()
}

fn check(table: &[(&str, &str)], read: impl Fn(&str) -> String) {
    let misses: Vec<String> = table
        .iter()
        .filter_map(|(words, expected)| {
            let got = read(words);
            (got != *expected).then(|| format!("  {words:?}\n    expected {expected:?}\n    got      {got:?}"))
        })
        .collect();
    assert!(misses.is_empty(), "\n{}", misses.join("\n"));
}

fn times(label: &'static str) -> impl Fn(&str) -> String {
    move |words| {
        let reading = reading(&mail(&form(&[(label, words)])));
        with_problems(starts(&reading), &reading)
    }
}

#[test]
fn single_times_2_5() {
    check(
        &[
            ("3 PM", "12-11 15:00"),
            ("3pm", "12-11 15:00"),
            ("3 p.m.", "12-11 15:00"),
            ("3:00 P.M.", "12-11 15:00"),
            ("3:30:00 PM", "12-11 15:30"),
            ("3.30 pm", "12-11 15:30"),
            ("330pm", "12-11 15:30"),
            ("1030am", "12-11 10:30"),
            ("at 3 PM", "12-11 15:00"),
            ("@ 3pm", "12-11 15:00"),
            ("3 PM sharp", "12-11 15:00"),
            ("15:00", "12-11 15:00"),
            ("15h", "12-11 15:00"),
            ("15h30", "12-11 15:30"),
            ("15.30", "12-11 15:30"),
            ("15 Uhr", "12-11 15:00"),
            ("1500 hrs", "12-11 15:00"),
            ("10:00", "12-11 10:00"),
            ("09:30", "12-11 09:30"),
            ("noon", "12-11 12:00"),
            ("12 noon", "12-11 12:00"),
            ("12:00 noon", "12-11 12:00"),
            ("12 PM", "12-11 12:00"),
            ("12:30 AM", "12-11 00:30"),
            ("3 PM EST", "12-11 15:00"),
            ("3 PM (Eastern)", "12-11 15:00"),
            ("3 PM ET / 12 PM PT", "12-11 15:00"),
            ("3 PM ET (12 PM PT)", "12-11 15:00"),
            ("\u{FF13}\u{FF1A}\u{FF10}\u{FF10} PM", "12-11 15:00"),
            ("3\u{202F}PM", "12-11 15:00"),
            ("3 PM \u{1F3B8}", "12-11 15:00"),
            ("3 PM.", "12-11 15:00"),
            ("**3 PM**", "12-11 15:00"),
            ("3 PM please", "12-11 15:00"),
        ],
        times("Time"),
    );
}

#[test]
fn single_times_that_are_asked_about_2_5() {
    for words in [
        "3",
        "10",
        "3:00",
        "10 o'clock",
        "midnight",
        "morning",
        "in the afternoon",
        "evening",
        "after 3 PM",
        "before noon",
        "3 PM onwards",
        "3 PM or later",
        "from 3 PM",
        "until 5 PM",
        "any time",
        "anytime after 2 PM",
        "TBD",
        "flexible",
        "maybe 3 PM",
        "3 PM maybe",
        "around 3 PM",
        "~3 PM",
        "3 PM-ish",
        "3ish",
        "not 3 PM",
        "anything but 3 PM",
        "3 PM?",
        "25:00",
        "13 PM",
        "3:75 PM",
        "24:00",
        "3 PM or so",
        "about 3 PM",
        "3 PM at the latest",
        "by 3 PM",
        "half past 3",
        "02:00",
        "early",
        "lunchtime",
        "3 PM+",
        "the usual time",
        "same as last time",
        "every hour from 3 PM",
        "3 PM weekly",
        "when the drummer can",
        "???",
        "3 PM, unless it rains",
        "3 PM ET / 3 PM PT",
        "3 PM PT",
        "no later than 3 PM",
        "3 PM local studio time or yours",
        "10h",
        "afternoon, 3 PM preferably",
        "quarter to three",
    ] {
        let reading = reading(&mail(&form(&[("Time", words)])));
        assert!(!reading.problems.is_empty(), "{words:?} was read as {}", starts(&reading));
    }
}

#[test]
fn ranges_and_lists_2_5() {
    check(
        &[
            ("2-5 pm", "12-11 14:00, 12-11 15:00, 12-11 16:00"),
            ("2 - 5pm", "12-11 14:00, 12-11 15:00, 12-11 16:00"),
            ("between 2 and 5 pm", "12-11 14:00, 12-11 15:00, 12-11 16:00"),
            ("Between 2 PM and 4 PM", "12-11 14:00, 12-11 15:00"),
            ("from 2 to 5 pm", "12-11 14:00, 12-11 15:00, 12-11 16:00"),
            ("2 pm until 4 pm", "12-11 14:00, 12-11 15:00"),
            ("2pm till 4pm", "12-11 14:00, 12-11 15:00"),
            ("2pm-4", "12-11 14:00, 12-11 15:00"),
            ("noon-3pm", "12-11 12:00, 12-11 13:00, 12-11 14:00"),
            ("12-3 pm", "12-11 12:00, 12-11 13:00, 12-11 14:00"),
            ("10 AM to noon", "12-11 10:00, 12-11 11:00"),
            ("10:30am-1pm", "12-11 10:30, 12-11 11:30"),
            ("14:00-17:00", "12-11 14:00, 12-11 15:00, 12-11 16:00"),
            ("9:00-11:00, 14:00", "12-11 09:00, 12-11 10:00, 12-11 14:00"),
            ("10:00-12:00", "12-11 10:00, 12-11 11:00"),
            ("14-16", "12-11 14:00, 12-11 15:00"),
            ("11pm-1am", "12-11 23:00, 12-12 00:00"),
            ("10 PM - 12 AM", "12-11 22:00, 12-11 23:00"),
            ("20:00-24:00", "12-11 20:00, 12-11 21:00, 12-11 22:00, 12-11 23:00"),
            ("2, 3, 5 pm", "12-11 14:00, 12-11 15:00, 12-11 17:00"),
            ("10, 11 AM", "12-11 10:00, 12-11 11:00"),
            ("10 or 11 AM", "12-11 10:00, 12-11 11:00"),
            ("10 AM, 11, 2 PM", "12-11 10:00, 12-11 11:00, 12-11 14:00"),
            ("10 AM/11 AM", "12-11 10:00, 12-11 11:00"),
            ("10 AM and 2 PM", "12-11 10:00, 12-11 14:00"),
            ("10 AM; 2-4 PM", "12-11 10:00, 12-11 14:00, 12-11 15:00"),
            ("10:00, 14:00", "12-11 10:00, 12-11 14:00"),
            ("9:00, 14:00", "12-11 09:00, 12-11 14:00"),
            ("10 AM\n11 AM\n2 PM", "12-11 10:00, 12-11 11:00, 12-11 14:00"),
            ("\n- 10 AM\n- 2 PM", "12-11 10:00, 12-11 14:00"),
            ("\n1. 10 AM\n2. 2 PM", "12-11 10:00, 12-11 14:00"),
            ("\n1) 10 AM\n2) 2 PM", "12-11 10:00, 12-11 14:00"),
            ("10 AM, 10 AM", "12-11 10:00"),
            ("either 10 AM or 2 PM works for us", "12-11 10:00, 12-11 14:00"),
            ("2 PM to 5 PM ET", "12-11 14:00, 12-11 15:00, 12-11 16:00"),
            ("2\u{2013}5 pm (Eastern)", "12-11 14:00, 12-11 15:00, 12-11 16:00"),
            ("2 to 5 pm, session 2 hours", "12-11 14:00 PT2H, 12-11 15:00 PT2H"),
            ("10 AM (1 hour)", "12-11 10:00"),
            ("3 PM for 2 hours", "12-11 15:00 PT2H"),
            ("2-2:30 pm", "! length"),
        ],
        times("Time"),
    );
}

#[test]
fn ranges_and_lists_that_are_asked_about_2_5() {
    for words in [
        "10-11",
        "10-2pm",
        "10am-2",
        "10am-12",
        "11-1 pm",
        "9-5",
        "9:00-5:00",
        "10:00-2:00",
        "2-5",
        "3, 4",
        "10, 11, 1 pm",
        "2 PM -",
        "2-5 pm except 3",
        "2-5 pm but not 4",
        "10 AM, not 11 AM",
        "3 PM - 3 PM",
        "noon-3",
        "11, 12 PM",
        "2 to 5 or 6 pm",
        "10 AM (2 PM)",
        "2-5 pm or any other time",
        "10 AM, TBC",
        "9am-5pm weekdays",
        "10 AM, evening",
        "10 AM, 2",
        "2-5 pm every day",
    ] {
        let reading = reading(&mail(&form(&[("Time", words)])));
        assert!(!reading.problems.is_empty(), "{words:?} was read as {}", starts(&reading));
    }
}

#[test]
fn part_of_a_list_is_returned_2_7() {
    check(
        &[
            ("10 AM, morning", "12-11 10:00 ! times"),
            ("10 AM, 2 PM, not 4 PM", "12-11 10:00, 12-11 14:00 ! times"),
            ("10 AM, 25:00", "12-11 10:00 ! times"),
            ("after 3 PM, 10 AM", "12-11 10:00 ! times"),
        ],
        times("Time"),
    );
}

#[test]
fn dates_2_6() {
    check(
        &[
            ("Friday, December 11", "12-11 15:00"),
            ("Fri Dec 11", "12-11 15:00"),
            ("Fri. Dec. 11th", "12-11 15:00"),
            ("December 11th, 2026", "12-11 15:00"),
            ("11 December 2026", "12-11 15:00"),
            ("the 11th of December", "12-11 15:00"),
            ("11th of December, 2026", "12-11 15:00"),
            ("11. December 2026", "12-11 15:00"),
            ("11-Dec-2026", "12-11 15:00"),
            ("11-Dec-26", "12-11 15:00"),
            ("Dec 11 '26", "12-11 15:00"),
            ("2026-12-11", "12-11 15:00"),
            ("2026/12/11", "12-11 15:00"),
            ("20261211", "12-11 15:00"),
            ("2026 Dec 11", "12-11 15:00"),
            ("12/13/2026", "12-13 15:00"),
            ("13/12/2026", "12-13 15:00"),
            ("13.12.2026", "12-13 15:00"),
            ("13.12.", "12-13 15:00"),
            ("12/12/2026", "12-12 15:00"),
            ("12/12", "12-12 15:00"),
            ("Fri 12/11/2026", "12-11 15:00"),
            ("12/11/2026 (Friday)", "12-11 15:00"),
            ("Thursday 12/10", "12-10 15:00"),
            // 12 November 2027 is a Friday as well.
            ("Friday 12/11", "! times"),
            ("Dec 11, 12", "12-11 15:00, 12-12 15:00"),
            ("12/18/26", "12-18 15:00"),
            ("DECEMBER 11", "12-11 15:00"),
            ("December 11 (Friday)", "12-11 15:00"),
            ("December 11, Friday", "12-11 15:00"),
            ("January 5", "2027-01-05 15:00"),
            ("December 1", "12-01 15:00"),
            ("November 30, 2027", "2027-11-30 15:00"),
            ("Friday", "12-04 15:00"),
            ("on Friday", "12-04 15:00"),
            ("Tuesday", "12-08 15:00"),
            ("today", "12-01 15:00"),
            ("tomorrow", "12-02 15:00"),
            ("Dec 11 and 12", "12-11 15:00, 12-12 15:00"),
            ("Dec 11 & 12", "12-11 15:00, 12-12 15:00"),
            ("Dec 11th, 12th and 14th", "12-11 15:00, 12-12 15:00, 12-14 15:00"),
            ("11 and 12 December", "12-11 15:00, 12-12 15:00"),
            ("Friday, December 11 or Monday, December 14", "12-11 15:00, 12-14 15:00"),
            ("Friday or Saturday", "12-04 15:00, 12-05 15:00"),
            ("December 11\nDecember 14", "12-11 15:00, 12-14 15:00"),
            ("December\n11", "12-11 15:00"),
            ("Dec 11, 2026 and Jan 4, 2027", "12-11 15:00, 2027-01-04 15:00"),
        ],
        times("Date"),
    );
}

#[test]
fn dates_that_are_asked_about_2_6() {
    for words in [
        "12/11/2026",
        "4/5",
        "4.5.2027",
        "04-05-2027",
        "Thursday, December 11",
        "Feb 30",
        "February 29",
        "31/04/2027",
        "13/13/2026",
        "next Friday",
        "this Friday",
        "next week",
        "a week from Friday",
        "in two weeks",
        "the 11th",
        "Friday the 11th",
        "the weekend",
        "Dec 4-6",
        "Dec 11 to 13",
        "December 11 through 14",
        "Mon-Fri",
        "Mondays",
        "every Friday",
        "weekdays",
        "any day",
        "ASAP",
        "not Friday",
        "anything but Friday",
        "after Dec 11",
        "before Christmas",
        "mid December",
        "early December",
        "December",
        "December 2026",
        "Dec 11 at the earliest",
        "December 11, 2028",
        "December 11, 2025 or 2026",
        "January 5, 2028",
        "Friday, not December 11",
        "Dec 11?",
        "TBD",
        "first week of December",
        "Christmas Eve",
        "Dec 11-ish",
        "around Dec 11",
        "December 4 or later",
        "day after tomorrow",
        "the day before Dec 11",
        "Friday week",
        "2026-13-11",
        "2026-02-30",
        "26/12/10",
        "Dec 11, 5",
        "Thursday 12/11/2026",
        "Dec 11 weekly",
        "within 10 days",
        "Dec 11 if possible",
    ] {
        let reading = reading(&mail(&form(&[("Date", words)])));
        assert!(!reading.problems.is_empty(), "{words:?} was read as {}", starts(&reading));
    }
}

#[test]
fn days_with_times_of_their_own_2_5() {
    let read = |words: &str| {
        let reading = reading(&mail(&format!("Instrument: drums\nTime zone: ET\nWhen: {words}\n")));
        with_problems(starts(&reading), &reading)
    };
    check(
        &[
            ("Friday, December 11 at 3 PM", "12-11 15:00"),
            ("Fri Dec 11, 3 PM", "12-11 15:00"),
            ("3 PM on Friday, December 11", "12-11 15:00"),
            ("3 PM, Dec 11", "12-11 15:00"),
            ("Dec 11 3pm", "12-11 15:00"),
            ("Dec 11, 3:00 PM - 5:00 PM", "12-11 15:00, 12-11 16:00"),
            ("Dec 11 - 3-5 pm", "12-11 15:00, 12-11 16:00"),
            ("Dec 11 2026 3pm", "12-11 15:00"),
            ("Dec 11: 10 AM, 2 PM\nDec 14: 11 AM", "12-11 10:00, 12-11 14:00, 12-14 11:00"),
            ("Dec 11 at 10 AM or 2 PM, or Dec 14 at 11 AM", "12-11 10:00, 12-11 14:00, 12-14 11:00"),
            ("10 AM on Dec 11, 2 PM on Dec 14", "12-11 10:00, 12-14 14:00"),
            ("Dec 11 and Dec 14, 10 AM", "12-11 10:00, 12-14 10:00"),
            ("Dec 11, Dec 14: 10 AM, 2 PM", "12-11 10:00, 12-11 14:00, 12-14 10:00, 12-14 14:00"),
            ("Dec 11 & 12 at 10 AM", "12-11 10:00, 12-12 10:00"),
            ("2026-12-11T15:00", "12-11 15:00"),
            ("2026-12-11 15:00", "12-11 15:00"),
            ("2026-12-11T15:00:00-05:00", "12-11 15:00"),
            ("2026-12-11T20:00Z", "! time_zone"),
            ("12/11/2026 (Fri) 3 PM", "12-11 15:00"),
            ("Thu 12/10 10/11 AM", "12-10 10:00, 12-10 11:00"),
            ("Option 1: Dec 11, 10 AM\nOption 2: Dec 14, 2 PM", "12-11 10:00, 12-14 14:00"),
            ("Friday 3 PM; Saturday 11 AM", "12-04 15:00, 12-05 11:00"),
            ("tomorrow at 3 PM", "12-02 15:00"),
            ("today 3 PM", "12-01 15:00"),
            ("Dec 1 at 8 AM", "! times"),
            ("December 2, 2026 8 AM, December 1, 2026 8 AM", "12-02 08:00"),
            (
                "Dec 11 from 10 am to 1 pm or Dec 12 from 2 pm to 4 pm",
                "12-11 10:00, 12-11 11:00, 12-11 12:00, 12-12 14:00, 12-12 15:00",
            ),
            ("Saturday, December 12, 2026, 12 pm to 2 pm", "12-12 12:00, 12-12 13:00"),
            ("We are free Friday, December 11 at 3 PM", "12-11 15:00"),
            ("Dec 14, 2-4 pm or Dec 15, 10 am-noon", "12-14 14:00, 12-14 15:00, 12-15 10:00, 12-15 11:00"),
            ("Dec 14 & 15, 10 AM", "12-14 10:00, 12-15 10:00"),
            ("Dec 14, 15 and 16, 10 AM", "12-14 10:00, 12-15 10:00, 12-16 10:00"),
            ("Dec 14, 2, 4 pm", "12-14 14:00, 12-14 16:00"),
            ("Dec 14 any time between 2 and 5 pm", "12-14 14:00, 12-14 15:00, 12-14 16:00"),
            ("Dec 14 2PM ET/11AM PT", "12-14 14:00"),
            ("Dec 11 10:00, Dec 12 14:00", "12-11 10:00, 12-12 14:00"),
        ],
        read,
    );
    for words in [
        "3 PM Dec 11 5 PM",
        "Dec 11 at 3 PM, Dec 14",
        "Dec 4, 5, 6 pm",
        "Dec 11 morning",
        "Friday night",
        "Dec 11 at 3 PM or the week after",
        "Dec 11 at 3 PM, Dec 12 maybe",
        "tonight at 8 PM",
        "Dec 11 3 PM, same time Dec 12?",
        "Any day but Dec 11 at 3 PM",
        "Dec 11 10:00, Dec 12 2 PM",
        "Not Dec 11 at 3 PM",
        "Mon-Fri 10 AM",
        "Dec 11 at 3 PM unless you hear otherwise",
        "3 PM",
        "Friday, December 11",
        "Dec 11 at 3 PM weekly until Christmas",
        "Dec 11 at 3, 4 PM on Dec 12, 5",
        "first Monday in January, 3 PM",
        "the 15th at 3 PM",
    ] {
        let got = read(words);
        assert!(got.contains('!'), "{words:?} was read as {got}");
    }
}

#[test]
fn instruments_1_7() {
    let read = |words: &str| {
        let reading = reading(&mail(&form(&[("Instrument", words)])));
        with_problems(chairs(&reading), &reading)
    };
    check(
        &[
            ("Drums", "drums"),
            ("drummer", "drums"),
            ("a drummer", "drums"),
            ("one drummer please", "drums"),
            ("DRUMS", "drums"),
            ("drum kit", "drums"),
            ("sax", "tenor_sax"),
            ("saxophone", "tenor_sax"),
            ("tenor saxophone", "tenor_sax"),
            ("keys", "keyboard"),
            ("keyboards", "keyboard"),
            ("keyboard player", "keyboard"),
            ("Keys/Piano", "keyboard"),
            ("Keys / Piano", "keyboard"),
            ("piano", "live_piano"),
            ("pianist", "live_piano"),
            ("double bass", "upright_bass"),
            ("upright", "! instruments"),
            ("stand-up bass", "upright_bass"),
            ("bass guitar", "electric_bass"),
            ("electric bassist", "electric_bass"),
            ("elec. gtr", "electric_guitar"),
            ("e-guitar", "electric_guitar"),
            ("acoustic gtr", "acoustic_guitar"),
            ("guitar (acoustic)", "acoustic_guitar"),
            ("bass (upright)", "upright_bass"),
            ("Sax - tenor", "tenor_sax"),
            ("fiddle", "violin"),
            ("violin/fiddle", "violin"),
            ("2 violins", "violin 2"),
            ("two violins", "violin 2"),
            ("2x violin", "violin 2"),
            ("2 x violin", "violin 2"),
            ("violin x2", "violin 2"),
            ("violin x 2", "violin 2"),
            ("Violin \u{d7} 2", "violin 2"),
            ("violin (2)", "violin 2"),
            ("violin (x2)", "violin 2"),
            ("violins (2)", "violin 2"),
            ("Violin: 2", "violin 2"),
            ("violin - 2", "violin 2"),
            ("2 violinists", "violin 2"),
            ("two violin players", "violin 2"),
            ("a pair of violins", "violin 2"),
            ("2 drummers and a trumpet player", "drums 2, trumpet"),
            ("Drums, Bass Guitar & Keys", "drums, electric_bass, keyboard"),
            ("drums + trumpet", "drums, trumpet"),
            ("drums; trumpet", "drums, trumpet"),
            ("drums with trumpet", "drums, trumpet"),
            ("\n- drums\n- trumpet", "drums, trumpet"),
            ("\n\u{2022} drums\n\u{2022} 2 violins", "drums, violin 2"),
            ("drums\ntrumpet", "drums, trumpet"),
            ("[drums], [trumpet]", "drums, trumpet"),
            ("drums | trumpet", "drums, trumpet"),
            ("live piano and drums", "live_piano, drums"),
            ("acoustic guitar, electric guitar", "acoustic_guitar, electric_guitar"),
            // asked about, with what is certain
            ("guitar", "! instruments"),
            ("bass", "! instruments"),
            ("bassist and drums", "drums ! instruments"),
            ("keyboard or piano", "! instruments"),
            ("violin or fiddle", "violin"),
            ("drums, trumpet or violin", "! instruments"),
            ("either drums or trumpet", "! instruments"),
            ("violin or viola, and drums", "drums ! instruments"),
            ("2-3 violins", "! instruments"),
            ("2 or 3 violins", "! instruments"),
            ("a couple of violins", "! instruments"),
            ("some violins", "! instruments"),
            ("violins", "! instruments"),
            ("several violins and drums", "drums ! instruments"),
            ("violin 2", "! instruments"),
            ("0 violins", "! instruments"),
            ("99 violins", "! instruments"),
            ("alto sax", "! instruments"),
            ("baritone saxophone", "! instruments"),
            ("bass clarinet", "! instruments"),
            ("drum machine", "! instruments"),
            ("steel drums", "! instruments"),
            ("no drums", "! instruments"),
            ("drums, no bass", "drums ! instruments"),
            ("anything but drums", "! instruments"),
            ("everything except drums", "! instruments"),
            ("not drums", "! instruments"),
            ("drums maybe", "! instruments"),
            ("maybe drums", "! instruments"),
            ("drums?", "! instruments"),
            ("drums (optional)", "! instruments"),
            ("drums if possible", "! instruments"),
            ("cello", "! instruments"),
            ("drums, cello", "drums ! instruments"),
            ("drums and percussion", "drums ! instruments"),
            ("TBD", "! instruments"),
            ("n/a", "! instruments"),
            ("none", "! instruments"),
            ("a band", "! instruments"),
            ("rhythm section", "! instruments"),
            ("string quartet", "! instruments"),
            ("same as last time", "! instruments"),
            ("violin, violin", "violin ! instruments"),
            ("drums/bass guitar", "! instruments"),
            ("drums and/or trumpet", "! instruments"),
            ("violin and fiddle", "violin ! instruments"),
            ("electric piano", "! instruments"),
            ("electric violin", "! instruments"),
            ("drums (programmed)", "! instruments"),
            ("\n\u{2610} drums\n\u{2611} trumpet", "trumpet ! instruments"),
            ("2+ violins", "! instruments"),
            ("at least 2 violins", "! instruments"),
            ("piano player who also plays violin", "! instruments"),
            ("trumpets", "! instruments"),
        ],
        read,
    );
}

#[test]
fn zones_2_3() {
    let read = |words: &str| {
        let reading = reading(&mail(&form(&[("Time zone", words)])));
        with_problems(reading.time_zone.clone().unwrap_or_default(), &reading)
    };
    check(
        &[
            ("EST", "America/New_York"),
            ("EDT", "America/New_York"),
            ("ET", "America/New_York"),
            ("est", "America/New_York"),
            ("Eastern", "America/New_York"),
            ("US/Eastern", "America/New_York"),
            ("EST5EDT", "America/New_York"),
            ("Eastern Standard Time", "America/New_York"),
            ("(GMT-05:00) Eastern Time (US & Canada)", "America/New_York"),
            ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
            ("GMT-4 (EST)", "America/New_York"),
            ("EST (UTC-5)", "America/New_York"),
            ("Eastern Time - New York", "America/New_York"),
            ("EST (New York)", "America/New_York"),
            ("PST", "America/Los_Angeles"),
            ("PT", "America/Los_Angeles"),
            ("Pacific", "America/Los_Angeles"),
            ("Pacific Standard Time", "America/Los_Angeles"),
            ("MDT", "America/Denver"),
            ("CDT", "America/Chicago"),
            ("Central Time (US & Canada)", "America/Chicago"),
            ("Central Standard Time", "America/Chicago"),
            ("Mountain Time (US & Canada)", "America/Denver"),
            ("Europe/Paris", "Europe/Paris"),
            ("europe/paris", "Europe/Paris"),
            ("America/Los Angeles", "America/Los_Angeles"),
            ("Paris time", "Europe/Paris"),
            ("Paris", "Europe/Paris"),
            ("Paris, France", "Europe/Paris"),
            ("I'm in Paris", "Europe/Paris"),
            ("UK time", "Europe/London"),
            ("London", "Europe/London"),
            ("CET", "CET"),
            ("CEST", "CET"),
            ("CET (Berlin)", "Europe/Berlin"),
            ("Central European Time", "CET"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("GMT Standard Time", "Europe/London"),
            ("Romance Standard Time", "Europe/Paris"),
            ("India Standard Time", "Asia/Kolkata"),
            ("China Standard Time", "Asia/Shanghai"),
            ("AUS Eastern Standard Time", "Australia/Sydney"),
            ("US Mountain Standard Time", "America/Phoenix"),
            ("Arizona", "America/Phoenix"),
            ("JST", "Asia/Tokyo"),
            ("Japan", "Asia/Tokyo"),
            ("GMT", "UTC"),
            ("UTC", "UTC"),
            ("GMT (London)", "Europe/London"),
            ("GMT-5", "-05:00"),
            ("GMT -5", "-05:00"),
            ("UTC-05:00", "-05:00"),
            ("UTC\u{2212}05:00", "-05:00"),
            ("UTC+5:30", "+05:30"),
            ("GMT+0530", "+05:30"),
            ("-05:00", "-05:00"),
            ("UTC+0", "+00:00"),
            ("Etc/GMT+5", "Etc/GMT+5"),
            ("CST (Chicago)", "America/Chicago"),
            ("IST - Mumbai", "Asia/Kolkata"),
            ("Portland, OR", "America/Los_Angeles"),
            ("Paris, TX", "America/Chicago"),
            ("New York City", "America/New_York"),
            ("NYC time", "America/New_York"),
            ("Newfoundland", "America/St_Johns"),
            ("E.S.T.", "America/New_York"),
            ("Eastern (U.S.)", "America/New_York"),
            ("Los Angeles, CA (PST)", "America/Los_Angeles"),
            ("(GMT+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
            ("EST/EDT", "America/New_York"),
            ("CST/CDT", "America/Chicago"),
        ],
        read,
    );
    for words in [
        "CST",
        "MST",
        "IST",
        "BST",
        "AST",
        "CT",
        "MT",
        "AEST",
        "Pacific Time (GMT-05:00)",
        "EST or PST",
        "EST/PST",
        "not sure",
        "same as you",
        "yours",
        "local",
        "studio time",
        "GMT+25",
        "Springfield",
        "Portland",
        "Eastern, I think",
        "EST?",
        "CST (UTC-6)",
        "CST (New York)",
        "Europe",
        "US",
        "somewhere in Europe",
        "Mars",
        "America/Gotham",
        "GMT-5 (Paris)",
        "5",
        "MST (Chicago)",
        "Eastern European Time",
        "Eastern Australia",
        "EST (Sydney)",
        "",
        "TBD",
        "travelling",
        "whatever is easiest",
        "EST for now, PST later",
        "Central Africa Time",
        "GMT-5/-6",
        "UTC-5 or UTC-6",
        "Athens",
        "BST (UTC+1)",
        "Texas",
    ] {
        let got = read(words);
        assert!(got.contains("time_zone"), "{words:?} was read as {got}");
    }
}

#[test]
fn a_labelled_city_settles_what_the_zone_leaves_open_2_3() {
    let read = |words: &str| {
        let (city, zone) = words.split_once('|').unwrap();
        let zone = if zone.is_empty() { String::new() } else { format!("Time zone: {zone}\n") };
        let reading =
            reading(&mail(&format!("City: {city}\nInstrument: drums\nDate: December 11\nTime: 3 PM\n{zone}")));
        with_problems(reading.time_zone.clone().unwrap_or_default(), &reading)
    };
    check(
        &[
            ("Chicago|", "America/Chicago"),
            ("Chicago, IL|CST", "America/Chicago"),
            ("Shanghai|CST", "Asia/Shanghai"),
            ("New York|CST", "! time_zone"),
            ("Mumbai|IST", "Asia/Kolkata"),
            ("Dublin|IST", "Europe/Dublin"),
            ("Tel Aviv|IST", "Asia/Jerusalem"),
            ("London|BST", "Europe/London"),
            ("Phoenix, AZ|MST", "America/Phoenix"),
            ("Denver|MST", "America/Denver"),
            ("Chicago|CT", "America/Chicago"),
            ("Halifax|AST", "America/Halifax"),
            ("Lyon|", "Europe/Paris"),
            ("Austin TX|", "America/Chicago"),
            ("Austin, TX 78701|", "America/Chicago"),
            ("Macon, GA|", "America/New_York"),
            ("Bogot\u{e1}|", "America/Bogota"),
            ("Springfield|", "! time_zone"),
            ("Springfield, IL|", "America/Chicago"),
            ("Portland|", "! time_zone"),
            ("Portland, Maine|", "America/New_York"),
            ("Kansas City|", "America/Chicago"),
            ("Birmingham|", "! time_zone"),
            ("Birmingham, UK|", "Europe/London"),
            ("Birmingham, AL|", "America/Chicago"),
            ("Paris, TX|", "America/Chicago"),
            ("Nowhereville|", "! time_zone"),
            ("London, Ontario|", "America/Toronto"),
            ("Chicago|Eastern", "America/New_York"),
            ("Bengaluru|GMT+5:30", "+05:30"),
            ("Chicago|GMT-5", "-05:00 ! time_zone"),
            ("New York|GMT-5", "-05:00"),
            ("Chicago or Denver|", "! time_zone"),
            ("S\u{e3}o Paulo|", "America/Sao_Paulo"),
        ],
        read,
    );
}

#[test]
fn lengths_2_5() {
    let read = |words: &str| {
        let reading = reading(&mail(&form(&[("Session length", words), ("Time", "2-5 pm")])));
        with_problems(starts(&reading), &reading)
    };
    check(
        &[
            ("2 hours", "12-11 14:00 PT2H, 12-11 15:00 PT2H"),
            ("90 min", "12-11 14:00 PT1H30M, 12-11 15:00 PT1H30M"),
            ("1.5h", "12-11 14:00 PT1H30M, 12-11 15:00 PT1H30M"),
            ("three hours", "12-11 14:00 PT3H"),
            ("3 hrs max", "12-11 14:00, 12-11 15:00, 12-11 16:00 ! length"),
            ("4 hours", "! length"),
            ("half a day", "12-11 14:00, 12-11 15:00, 12-11 16:00 ! length"),
            ("2-3 hours", "12-11 14:00, 12-11 15:00, 12-11 16:00 ! length"),
            ("not sure", "12-11 14:00, 12-11 15:00, 12-11 16:00 ! length"),
            ("3", "12-11 14:00, 12-11 15:00, 12-11 16:00 ! length"),
        ],
        read,
    );
}
