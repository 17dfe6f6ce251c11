//! Measures the program: the real server as a process of its own, on a fresh database, over loopback; and in the same run,
//! in turns, a bare yardstick that does as little as can be done. What counts is the ratio.
//!
//! `scripts/bench [NAME…] [--rounds N] [--json]`; the names are those of [`GROUPS`], all of them when none is given.

mod answers;
mod child;
mod load;
mod mails;
mod postgres;
mod report;
mod rest;
mod sending;
mod stock;
mod waiting;
mod yardstick;

use anyhow::{Context, bail};
use report::Report;
use std::path::PathBuf;

/// A group of figures: its name, and what measures it.
type Group = (&'static str, fn(&Bench, &mut Report) -> anyhow::Result<()>);

/// Everything that can be measured.
const GROUPS: [Group; 8] = [
    ("answers", answers::measure),
    ("large-mail", answers::beside_large_mails),
    ("mails", mails::measure),
    ("sending", sending::measure),
    ("waiting", waiting::measure),
    ("rest", rest::measure),
    ("planning", rest::planning),
    ("postgres", postgres::measure),
];

/// How to measure.
struct Bench {
    /// The program that is measured.
    program: PathBuf,
    /// How often the product and the yardstick take turns.
    rounds: usize,
    runtime: tokio::runtime::Runtime,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, database] = arguments.as_slice()
        && first == "yardstick"
    {
        return yardstick::run(database);
    }
    let (mut rounds, mut json, mut names) = (3, false, Vec::new());
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--json" => json = true,
            "--rounds" => rounds = rest.next().context("--rounds needs a number")?.parse()?,
            name if GROUPS.iter().any(|(known, _)| *known == name) => names.push(argument),
            other => bail!("{other} is not one of {}", GROUPS.map(|(name, _)| name).join(", ")),
        }
    }
    let program = std::env::current_exe()?.with_file_name("firstcall");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (bench, mut report) = (Bench { program, rounds, runtime }, Report::default());
    for (name, measure) in
        GROUPS.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|wanted| wanted == name))
    {
        eprintln!("measuring {name} …");
        measure(&bench, &mut report).with_context(|| (*name).to_owned())?;
    }
    report.print(json);
    Ok(())
}
