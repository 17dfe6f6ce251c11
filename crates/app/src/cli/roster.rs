//! `firstcall import musicians` and `firstcall export musicians`. Both work while `serve` runs.

use super::Exit;
use super::args::{ExportMusiciansArgs, ImportMusiciansArgs, Source};
use super::serve::{open, runtime};
use crate::clock::Clock;
use crate::engine::{Engine, Import};
use crate::roster_csv::{self, Row, Vocabulary};
use crate::settings::Settings;
use anyhow::Context;
use firstcall_store::{Store, Tx, roster};
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
    let changes = roster_csv::changes(&rows, &settings.studio.time_zone)?;
    if terminal && !args.yes && !agreed(&rows, &runtime.block_on(engine.preview_import(&changes))?, out)? {
        writeln!(out, "nothing was imported")?;
        return Ok(Exit::Failed);
    }
    let number = changes.len();
    let new = runtime.block_on(async {
        let new = engine.import(changes).await?;
        engine.store().close().await;
        anyhow::Ok(new)
    })?;
    writeln!(out, "{new} musicians added, {} changed", number - new)?;
    Ok(Exit::Done)
}

fn agreed(rows: &[Row], imports: &[Import], out: &mut dyn Write) -> anyhow::Result<bool> {
    for (Row { line, musician }, import) in rows.iter().zip(imports) {
        let plays: Vec<String> = musician.instruments.iter().map(|(name, place)| format!("{name}={place}")).collect();
        let what = match import {
            Import::Added => "new".to_owned(),
            Import::Changed(fields) => format!("other {}", fields.join(", ")),
            Import::Unchanged => "the same".to_owned(),
        };
        writeln!(out, "line {line}: {}, {}, {} ({what})", musician.name, musician.phone, plays.join(" "))?;
    }
    write!(out, "Import these {} musicians? [y/N] ", rows.len())?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Writes everybody on the roster, as `import` reads them.
pub fn export(settings: &Settings, args: &ExportMusiciansArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let entries = runtime()?.block_on(async {
        let store = open(settings).await?;
        let entries = everybody(&store).await?;
        store.close().await;
        anyhow::Ok(entries)
    })?;
    let text = roster_csv::write(&roster_csv::rows(entries, &settings.studio.time_zone))?;
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
