//! `firstcall send-test`: one text, and what each hop says of it.

use super::Exit;
use super::args::SendTestArgs;
use super::serve::runtime;
use crate::carriers::Carriers;
use crate::engine::Claimed;
use crate::settings::{Settings, SmsProvider};
use firstcall_connect::{Handed, Lookup, Report};
use firstcall_core::contact::Phone;
use firstcall_core::segments;
use jiff::{SignedDuration, Timestamp};
use std::io::Write;
use std::time::Duration;
use tokio::time::sleep;

/// For so long the network may try.
const VALID: SignedDuration = SignedDuration::from_mins(10);
/// So often, and this far apart, the network's records are looked at.
const LOOKS: u32 = 15;
const BETWEEN: Duration = Duration::from_secs(2);
/// The network's clock may be behind ours.
const BEFORE: SignedDuration = SignedDuration::from_mins(5);

pub fn run(settings: &Settings, args: &SendTestArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let provider = settings.sms.provider;
    if provider == SmsProvider::Phones {
        writeln!(out, "sms.provider is phones, which sends nothing: set it to twilio or vonage")?;
        return Ok(Exit::Usage);
    }
    let Ok(to) = Phone::new(&args.number) else {
        writeln!(out, "{} is not a phone number such as \"+1 212 555 0143\"", args.number)?;
        return Ok(Exit::Usage);
    };
    writeln!(
        out,
        "settings    texts go through {}; reports are expected at {}",
        provider.word(),
        settings.server.public_url
    )?;
    runtime()?.block_on(send(settings, &to, out))
}

async fn send(settings: &Settings, to: &Phone, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let carriers = Carriers::new(settings)?;
    let now = Timestamp::now();
    let body =
        segments::plain(&format!("{}: this is a test of First Call. There is nothing to do.", settings.studio.name));
    let claimed = Claimed { id: 0, attempt: 1, to: to.as_str().to_owned(), body, invitation: None, valid_for: VALID };
    let number = match carriers.carry(&claimed, now).await {
        Handed::Taken(number) => number,
        Handed::Later(_, why) => return failed(out, "not now", &why),
        Handed::Refused(refusal) => return failed(out, "refused", &refusal.words),
        Handed::Unknown(why) => return failed(out, "in doubt", &why),
    };
    writeln!(out, "handed over the network has it as {number}")?;
    for _ in 0..LOOKS {
        let since = now.saturating_sub(BEFORE).unwrap_or(now);
        let listed = match carriers.records(to, since).await {
            Ok(Lookup::Listed(listed)) => listed,
            Ok(Lookup::NoListing) => {
                writeln!(out, "records     this network keeps none that can be read: look at the phone")?;
                return Ok(Exit::Done);
            }
            Err(why) => return failed(out, "records", &why),
        };
        match listed.into_iter().find(|listed| listed.network_id == number).map(|listed| listed.report) {
            Some(Report::Delivered) => {
                writeln!(out, "delivered   it is on the phone")?;
                return Ok(Exit::Done);
            }
            Some(Report::Failed(refusal)) => return failed(out, "failed", &refusal.words),
            Some(Report::Taken | Report::Sent) | None => sleep(BETWEEN).await,
        }
    }
    writeln!(out, "records     it is on its way, and nothing more is known after half a minute: look at the phone")?;
    Ok(Exit::Done)
}

fn failed(out: &mut dyn Write, hop: &str, why: &str) -> anyhow::Result<Exit> {
    writeln!(out, "{hop:<11} {why}")?;
    Ok(Exit::Failed)
}
