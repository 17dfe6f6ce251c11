//! Reads a mail on standard input and prints what it asks for as JSON; exit 3 when there are problems.
//!
//! `FIRSTCALL_NOW` is the moment of reading, `FIRSTCALL__STUDIO__TIME_ZONE` the studio's zone.

use std::io::Read;
use std::process::ExitCode;

use firstcall_mail::{Context, Message, read};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut raw = Vec::new();
    std::io::stdin().read_to_end(&mut raw)?;
    let now = std::env::var("FIRSTCALL_NOW")?.parse()?;
    let zone = std::env::var("FIRSTCALL__STUDIO__TIME_ZONE").unwrap_or_else(|_| "America/New_York".to_owned());
    let context = Context::new(now, jiff::tz::TimeZone::get(&zone)?);
    let reading = read(&Message::parse(&raw), &context);
    println!("{}", serde_json::to_string_pretty(&reading)?);
    Ok(if reading.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}
