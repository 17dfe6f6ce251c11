//! Every seed of the fuzzer, everything it ever found, and what proptest makes, held to the same as there.

#![allow(clippy::expect_used, clippy::panic, reason = "a helper of tests may fail the test")]

use proptest::prelude::*;
use std::path::Path;

#[path = "../../../fuzz/checks/csv.rs"]
mod csv;
#[path = "../../../fuzz/checks/intake.rs"]
mod intake;

fn each_in(seeds: &str, holds: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(seeds);
    let mut seen = 0;
    for seed in std::fs::read_dir(folder).expect("the seeds") {
        let path = seed.expect("a seed").path();
        println!("{}", path.display());
        holds(&std::fs::read(&path).expect("a seed that can be read"));
        seen += 1;
    }
    seen
}

#[test]
fn files_of_musicians_are_read_as_the_fuzzer_demands() {
    assert!(each_in("csv", csv::holds) >= 9);
}

#[test]
fn posted_mails_are_decoded_as_the_fuzzer_demands() {
    assert!(each_in("intake", intake::holds) >= 14);
}

/// A field as people, spreadsheets and mischief write it, already quoted where it has to be.
fn field() -> impl Strategy<Value = String> {
    let plain = prop::sample::select(vec![
        "",
        " ",
        "Ann",
        "(212) 555-0101",
        "+12125550102",
        "2125550103",
        "+49 30 5550143",
        "ann@example.com",
        "Europe/Berlin",
        "UTC",
        "drums",
        "double bass=2; keys",
        "Tenor Sax=1",
        "violin=3;violin",
        "2026-11-22",
        "=1+1",
        "name",
        "phone",
    ]);
    let any = "[ -~\u{e9}\u{1f3b7}\u{feff}\u{a0}\n\r\t]{0,12}";
    prop_oneof![
        4 => plain.prop_map(str::to_owned),
        2 => any.prop_map(|text| format!("\"{}\"", text.replace('"', "\"\""))),
        1 => any,
    ]
}

fn file() -> impl Strategy<Value = String> {
    let titles = prop::sample::subsequence(vec!["email", "time_zone", "Notes", "last booked"], 0..=4);
    let end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    let row =
        (prop::collection::vec(field(), 0..5), "[A-Za-z][A-Za-z ,'\"\u{e9}\u{1f3b7}]{0,12}", 0_u32..100, 0_usize..13);
    (titles, end, prop::collection::vec(row, 0..6), prop::bool::weighted(0.2)).prop_map(|(titles, end, rows, messy)| {
        let mut lines = vec![[&["name", "phone", "instruments"][..], &titles].concat().join(",")];
        for (fields, name, number, plays) in rows {
            let plays = ["drums", "violin=2;keys", "trumpet=1; Double Bass", "sax"][plays / 4];
            let own = format!("\"{}\",+121255501{number:02},{plays}", name.replace('"', "\"\""));
            let mut fields = fields;
            if !messy {
                // Nothing where it is known what a column wants, but for notes.
                fields = titles
                    .iter()
                    .map(|title| if *title == "Notes" { quoted(&fields) } else { String::new() })
                    .collect();
            }
            lines.push([vec![own], fields].concat().join(","));
        }
        lines.join(end)
    })
}

fn quoted(fields: &[String]) -> String {
    format!("\"{}\"", fields.join(" ").replace('"', "\"\""))
}

/// A media type that fits the body, or does not.
fn body() -> impl Strategy<Value = String> {
    let any_kind = prop::sample::select(vec!["multipart/form-data", "Application/JSON;charset=utf-8", "text/plain"]);
    let kind = prop::option::weighted(0.2, any_kind);
    let name = "(text|html|body-plain|Body Html|subject|from|reply_to|date|message-id|raw|email|id|x)";
    let pair = (name, "[ -~\u{e9}\u{1f3b7}\u{0}\n\r]{0,20}");
    (kind, prop::collection::vec(pair, 0..6), 0_usize..4).prop_map(|(kind, pairs, form)| {
        let body = match form {
            0 => serde_json::Value::Object(pairs.into_iter().map(|(name, value)| (name, value.into())).collect())
                .to_string(),
            1 => serde_urlencoded::to_string(pairs).unwrap_or_default(),
            2 => {
                let part = |(name, value)| {
                    format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                };
                pairs.into_iter().map(part).chain(["--x--\r\n".to_owned()]).collect()
            }
            _ => pairs
                .into_iter()
                .map(|(name, value)| format!("{name}: {value}\r\n"))
                .chain(["\r\nhi".to_owned()])
                .collect(),
        };
        let its_own = [
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "message/rfc822",
        ];
        format!("{}\n{body}", kind.unwrap_or(its_own[form]))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_file_is_made_is_read_so(file in file(), at in any::<prop::sample::Index>(), byte in prop::option::weighted(0.3, any::<u8>())) {
        let mut bytes = file.into_bytes();
        if let Some(byte) = byte {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        csv::holds(&bytes);
    }

    #[test]
    fn whatever_body_is_made_is_decoded_so(body in body()) {
        intake::holds(body.as_bytes());
    }
}
