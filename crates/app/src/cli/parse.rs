//! `firstcall parse`.

use super::Exit;
use super::args::MailArgs;
use super::reading_table::as_text;
use crate::reading::context;
use crate::settings::Settings;
use firstcall_mail::{Message, Reading, read};
use jiff::Timestamp;
use std::io::Write;

pub fn run(settings: &Settings, args: &MailArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let reading = reading(settings, args)?;
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&reading)?)?;
    } else {
        out.write_all(as_text(&reading).as_bytes())?;
    }
    Ok(if reading.problems.is_empty() { Exit::Done } else { Exit::Problems })
}

/// What the mail that the arguments name says at the moment they name.
pub(super) fn reading(settings: &Settings, args: &MailArgs) -> anyhow::Result<Reading> {
    let message = Message::parse(&args.mail.read()?);
    let now = args.now.unwrap_or_else(Timestamp::now);
    Ok(read(&message, &context(settings, now)))
}
