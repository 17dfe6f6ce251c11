//! `firstcall doctor`: looks at everything that has to be right before a mail arrives.

use super::Exit;
use super::args::DoctorArgs;
use super::serve::{open, runtime};
use crate::doctor::{Check, State, check, checks};
use crate::settings::Settings;
use jiff::Timestamp;
use std::io::Write;

pub fn run(settings: &Settings, args: &DoctorArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let checks = runtime()?.block_on(look(settings, Timestamp::now()));
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&serde_json::json!({ "checks": checks }))?)?;
    } else {
        for check in &checks {
            let mark = match check.state {
                State::Ok => "ok     ",
                State::Warning => "warning",
                State::Failed => "FAILED ",
            };
            writeln!(out, "{mark} {}: {}", check.name, check.message)?;
        }
    }
    let failed = checks.iter().any(|check| check.state == State::Failed);
    Ok(if failed { Exit::Problems } else { Exit::Done })
}

async fn look(settings: &Settings, now: Timestamp) -> Vec<Check> {
    if settings.database.url.is_absent_file() {
        let message = format!("{} is not there yet: serve and import create it", settings.database.url);
        return checks(settings, Err(check("database", State::Warning, message)), now).await;
    }
    match open(settings).await {
        Ok(store) => {
            let checks = checks(settings, Ok(&store), now).await;
            store.close().await;
            checks
        }
        Err(error) => checks(settings, Err(check("database", State::Failed, format!("{error:#}"))), now).await,
    }
}
