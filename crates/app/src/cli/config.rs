//! `firstcall config show`.

use super::Exit;
use super::args::{ConfigCommand, ConfigShowArgs};
use crate::settings::{Loaded, as_json, as_text};
use std::io::Write;

pub fn run(loaded: &Loaded, command: &ConfigCommand, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let ConfigCommand::Show(ConfigShowArgs { json }) = command;
    if *json {
        writeln!(out, "{:#}", as_json(&loaded.shown))?;
    } else {
        out.write_all(as_text(&loaded.shown).as_bytes())?;
    }
    Ok(Exit::Done)
}
