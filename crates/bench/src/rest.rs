//! The program when nothing happens, how it starts, how large it is; and how long planning takes.

use crate::answers::sqlite;
use crate::child::Child;
use crate::report::{Aim, Report, median};
use crate::{Bench, load};
use anyhow::Context;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// At rest, and at the start.
pub fn measure(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let url = sqlite(directory.path());
    let mut ready = Vec::new();
    for _ in 0..bench.rounds * 3 {
        let start = Instant::now();
        let product = Child::product(&bench.program, &url)?;
        load::run(product.address, 1, &[b"GET /readyz HTTP/1.1\r\nHost: bench\r\n\r\n".to_vec()], "HTTP/1.1 200")?;
        ready.push(start.elapsed().as_secs_f64() * 1e3);
    }
    report.add("from the start to ready", median(ready), "ms", None, Aim::AtMost(100.0));
    let product = Child::product(&bench.program, &url)?;
    sleep(Duration::from_secs(2));
    let (start, before) = (Instant::now(), product.cpu()?);
    sleep(Duration::from_secs(10));
    let share = (product.cpu()? - before) / start.elapsed().as_secs_f64() * 100.0;
    report.add("CPU at rest, of one core", share, "%", None, Aim::AtMost(0.5));
    report.add("resident at rest", product.resident()?, "MB", None, Aim::AtMost(30.0));
    #[allow(clippy::cast_precision_loss, reason = "a figure to look at")]
    let size = std::fs::metadata(&bench.program)?.len() as f64 / 1024.0 / 1024.0;
    report.add("the program's file", size, "MB", None, Aim::AtMost(25.0));
    Ok(())
}

/// The benchmark of planning, as `firstcall-core` has it.
pub fn planning(_: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let run = Command::new("cargo").args(["bench", "--quiet", "-p", "firstcall-core"]).output()?;
    for line in String::from_utf8_lossy(&run.stdout).lines() {
        let Some((name, figures)) = line.split_once(": best ") else { continue };
        let median = figures.rsplit("median ").next().context("a median")?;
        let milliseconds = if let Some(number) = median.strip_suffix("ms") {
            number.parse::<f64>()?
        } else {
            median.trim_end_matches("µs").parse::<f64>()? / 1e3
        };
        report.add(&format!("planning, {name}"), milliseconds, "ms", None, Aim::AtMost(5.0));
    }
    Ok(())
}
