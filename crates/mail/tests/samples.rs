//! The sample mails, judged as `score.py` judges them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of tests may fail the test")]

use std::collections::BTreeMap;
use std::path::Path;

use firstcall_mail::{Context, Message, Reading, read};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

type Judgement = Result<(), String>;

fn chairs(list: &Value) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for entry in list.as_array().into_iter().flatten() {
        *all.entry(entry["instrument"].as_str().unwrap_or("").to_owned()).or_default() +=
            entry["count"].as_u64().unwrap_or(1);
    }
    all
}

fn instant(start: &str) -> Timestamp {
    start.split('[').next().unwrap_or("").parse().expect("an instant")
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or_else(|_| {
        format!("2026-01-01T00:00{name}[{name}]").parse::<jiff::Zoned>().expect("a zone").time_zone().clone()
    })
}

fn judge(record: &Value, got: &Reading) -> Judgement {
    let expect = &record["expect"];
    let raised: Vec<String> =
        got.problems.iter().map(|p| serde_json::to_value(p.field).unwrap().as_str().unwrap().to_owned()).collect();
    if record["class"] == "not_a_booking" {
        return if got.machine || !raised.is_empty() {
            Ok(())
        } else {
            Err("a machine's mail would become a booking".to_owned())
        };
    }
    let wanted: Vec<&str> =
        expect["problems"].as_array().into_iter().flatten().filter_map(|p| p["field"].as_str()).collect();
    if wanted.is_empty() && !raised.is_empty() {
        return if record["or_problem"] == true { Ok(()) } else { Err(format!("over-cautious: {:?}", got.problems)) };
    }
    if let Some(missing) = wanted.iter().find(|w| !raised.iter().any(|r| r == *w)) {
        return Err(format!("no problem {missing}"));
    }
    let mine = serde_json::to_value(got).unwrap();
    if !expect["instruments"].is_null() || wanted.contains(&"instruments") {
        let also = expect["instruments_also"].as_array().into_iter().flatten().map(chairs);
        let allowed: Vec<_> = std::iter::once(chairs(&expect["instruments"])).chain(also).collect();
        if !allowed.contains(&chairs(&mine["instruments"])) {
            return Err(format!("instruments: {}", mine["instruments"]));
        }
    }
    if !wanted.contains(&"time_zone") {
        judge_times(expect, got, &wanted)?;
    }
    judge_client(expect, got)
}

fn judge_times(expect: &Value, got: &Reading, wanted: &[&str]) -> Judgement {
    let starts = expect["times"].as_array().into_iter().flatten();
    let want: BTreeMap<Timestamp, &str> =
        starts.map(|t| (instant(t["start"].as_str().unwrap()), t["length"].as_str().unwrap())).collect();
    let mine: BTreeMap<Timestamp, &str> = got.times.iter().map(|t| (instant(&t.start), t.length.as_str())).collect();
    if (!expect["times"].is_null() || wanted.contains(&"times")) && want != mine {
        return Err(format!("times: {mine:?}; expected {want:?}"));
    }
    if let Some(expected) = expect["time_zone"].as_str() {
        let Some(name) = got.time_zone.as_deref() else { return Err("no zone".to_owned()) };
        if want.keys().any(|t| zone(name).to_offset(*t) != zone(expected).to_offset(*t)) {
            return Err(format!("zone: {name}"));
        }
    }
    Ok(())
}

fn judge_client(expect: &Value, got: &Reading) -> Judgement {
    let client = &expect["client"];
    for (field, mine) in [("email", &got.client.email), ("name", &got.client.name)] {
        if let Some(expected) = client[field].as_str()
            && mine.as_deref() != Some(expected)
        {
            return Err(format!("{field}: {mine:?}"));
        }
    }
    for link in expect["links"].as_array().into_iter().flatten() {
        if !got.links.iter().any(|l| l == link) {
            return Err(format!("links: {:?}", got.links));
        }
    }
    Ok(())
}

#[test]
fn every_sample_is_read_exactly() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let mut misses = Vec::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "eml") {
            continue;
        }
        seen += 1;
        let record: Value =
            serde_json::from_str(&std::fs::read_to_string(path.with_extension("json")).unwrap()).unwrap();
        let context = Context::new(
            record["now"].as_str().unwrap().parse().unwrap(),
            zone(record["studio_time_zone"].as_str().unwrap()),
        );
        let reading = read(&Message::parse(&std::fs::read(&path).unwrap()), &context);
        if let Err(miss) = judge(&record, &reading) {
            misses.push(format!("{}: {miss}", path.display()));
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
    assert!(seen >= 35);
}
