//! Every seed of the fuzzer and everything it ever found, held to the same as there, without a fuzzer.

#![allow(clippy::expect_used, reason = "a helper of tests may fail the test")]

use std::path::Path;

#[path = "../../../fuzz/checks/calendar.rs"]
mod calendar;

#[test]
fn calendars_are_read_as_the_fuzzer_demands() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/calendar");
    let mut seen = 0;
    for seed in std::fs::read_dir(seeds).expect("the seeds") {
        calendar::holds(&std::fs::read(seed.expect("a seed").path()).expect("a seed that can be read"));
        seen += 1;
    }
    assert!(seen >= 20, "only {seen} seeds");
}

/// The same for calendars that are put together of lines of all seeds.
#[test]
fn lines_of_seeds_in_any_order_are_read_as_the_fuzzer_demands() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/calendar");
    let mut lines = Vec::new();
    for seed in std::fs::read_dir(seeds).expect("the seeds") {
        let text = std::fs::read(seed.expect("a seed").path()).expect("a seed that can be read");
        lines.extend(String::from_utf8_lossy(&text).lines().map(str::to_owned));
    }
    lines.retain(|line| !line.starts_with("BEGIN:") && !line.starts_with("END:"));
    lines.sort();
    let mut state = 7u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("a place") % below
    };
    for _ in 0..2_000 {
        let mut text = "BEGIN:VCALENDAR\n".to_owned();
        for _ in 0..=random(3) {
            text += "BEGIN:VEVENT\nUID:a\nDTSTART:20261021T090000Z\nDURATION:PT1H\n";
            for _ in 0..random(5) {
                text += &(lines[random(lines.len())].clone() + "\n");
            }
            text += "END:VEVENT\n";
        }
        calendar::holds((text + "END:VCALENDAR\n").as_bytes());
    }
}
