//! `firstcall import musicians` and `firstcall export musicians`. Both work while `serve` runs.

use super::Exit;
use super::args::{ExportMusiciansArgs, ImportMusiciansArgs, Source};
use super::serve::{open, runtime};
use crate::clock::Clock;
use crate::engine::{Engine, MusicianChange};
use crate::roster_csv::{self, NewMusician, Row, Vocabulary};
use crate::settings::Settings;
use anyhow::Context;
use firstcall_core::contact::EmailAddress;
use firstcall_store::{Store, Tx, roster};
use jiff::tz::TimeZone;
use std::io::{IsTerminal, Write};
use std::sync::Arc;

/// Imports all rows of a file, or, if one has a mistake, none.
pub fn import(settings: Settings, args: &ImportMusiciansArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let bytes = args.file.read()?;
    let (settings, runtime) = (Arc::new(settings), runtime()?);
    let engine = Engine::new(runtime.block_on(open(&settings))?, Clock::System, Arc::clone(&settings));
    let vocabulary = Vocabulary {
        instruments: runtime.block_on(engine.instruments())?,
        studio_zone: settings.studio.time_zone.clone(),
    };
    let rows = match roster_csv::read(&bytes, &vocabulary) {
        Ok(rows) => rows,
        Err(mistakes) => {
            let mut errors = std::io::stderr().lock();
            for mistake in &mistakes {
                writeln!(errors, "{mistake}")?;
            }
            writeln!(errors, "nothing was imported")?;
            return Ok(Exit::Problems);
        }
    };
    let terminal = std::io::stdin().is_terminal() && args.file != Source::Standard;
    if terminal && !args.yes && !agreed(&rows, out)? {
        writeln!(out, "nothing was imported")?;
        return Ok(Exit::Failed);
    }
    let changes =
        rows.into_iter().map(|row| change(row.musician, &settings.studio.time_zone)).collect::<Result<Vec<_>, _>>()?;
    let number = changes.len();
    let new = runtime.block_on(async {
        let new = engine.import(changes).await?;
        engine.store().close().await;
        anyhow::Ok(new)
    })?;
    writeln!(out, "{new} musicians added, {} changed", number - new)?;
    Ok(Exit::Done)
}

fn agreed(rows: &[Row], out: &mut dyn Write) -> anyhow::Result<bool> {
    for Row { line, musician } in rows {
        let plays: Vec<String> = musician.instruments.iter().map(|(name, place)| format!("{name}={place}")).collect();
        writeln!(out, "line {line}: {}, {}, {}", musician.name, musician.phone, plays.join(" "))?;
    }
    write!(out, "Import these {} musicians? [y/N] ", rows.len())?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// A row as the engine takes it. The day of the last booking counts from its beginning.
pub(super) fn change(row: NewMusician, studio: &TimeZone) -> anyhow::Result<MusicianChange> {
    let last_booked = row.last_booked.map(|day| day.to_zoned(studio.clone())).transpose()?;
    Ok(MusicianChange {
        name: Some(row.name),
        phone: Some(row.phone),
        email: row.email.map(|email| email.as_str().to_owned()),
        zone: Some(row.zone),
        instruments: Some(row.instruments.into_iter().map(|(name, place)| (name, Some(place))).collect()),
        quiet_hours: None,
        notes: row.notes,
        standing: None,
        last_booked_at: last_booked.map(|start| start.timestamp()),
    })
}

/// Writes everybody on the roster, as `import` reads them.
pub fn export(settings: &Settings, args: &ExportMusiciansArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let entries = runtime()?.block_on(async {
        let store = open(settings).await?;
        let entries = everybody(&store).await?;
        store.close().await;
        anyhow::Ok(entries)
    })?;
    let rows: Vec<NewMusician> = entries.into_iter().map(|entry| row(entry, &settings.studio.time_zone)).collect();
    let text = roster_csv::write(&rows)?;
    match &args.file {
        Source::Standard => out.write_all(text.as_bytes())?,
        Source::File(path) => {
            std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(Exit::Done)
}

async fn everybody(store: &Store) -> anyhow::Result<Vec<roster::Entry>> {
    Ok(store.read(async move |tx: &mut Tx| roster::list(tx, 0, i64::MAX).await).await?)
}

fn row(entry: roster::Entry, studio: &TimeZone) -> NewMusician {
    let musician = entry.musician;
    NewMusician {
        name: musician.name,
        phone: musician.phone,
        email: entry.email.and_then(|email| EmailAddress::new(&email).ok()),
        zone: musician.zone,
        instruments: musician.instruments,
        notes: entry.notes,
        last_booked: musician.last_booked_at.map(|at| at.to_zoned(studio.clone()).date()),
    }
}
