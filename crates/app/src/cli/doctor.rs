//! `firstcall doctor`: looks at everything that has to be right before a mail arrives.

use super::Exit;
use super::args::DoctorArgs;
use super::serve::{open, runtime};
use crate::carriers::Carriers;
use crate::settings::{Settings, SmsProvider};
use firstcall_connect::Lookup;
use firstcall_core::roster::Roster;
use firstcall_store::calendars::{self, Calendar};
use firstcall_store::{Tx, bookings, journal, messages, roster};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::io::Write;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    /// It works, but not as it should.
    Warning,
    /// It does not work.
    Failed,
}

pub fn run(settings: &Settings, args: &DoctorArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let now = Timestamp::now();
    let mut checks = vec![
        Check { name: "settings", state: State::Ok, message: "every key is known and allowed".to_owned() },
        zone_data(settings, now),
    ];
    checks.extend(setup(settings));
    let runtime = runtime()?;
    checks.extend(runtime.block_on(network(settings, now)));
    checks.extend(runtime.block_on(database(settings, now)));
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

fn check(name: &'static str, state: State, message: impl Into<String>) -> Check {
    Check { name, state, message: message.into() }
}

/// The zone's next change of clocks shows that there is data to go by.
fn zone_data(settings: &Settings, now: Timestamp) -> Check {
    let zone = &settings.studio.time_zone;
    let local = now.to_zoned(zone.clone());
    let next = zone.following(now).next();
    let next =
        next.map_or_else(|| "never".to_owned(), |change| change.timestamp().to_zoned(zone.clone()).date().to_string());
    check(
        "zone_data",
        State::Ok,
        format!("it is {} at the studio; clocks change next on {next}", local.strftime("%F %H:%M %Z")),
    )
}

fn setup(settings: &Settings) -> Vec<Check> {
    let absent = |name, set: bool, key: &str, what: &str| {
        if set {
            check(name, State::Ok, format!("{key} is set"))
        } else {
            check(name, State::Warning, format!("{key} is not set: {what}"))
        }
    };
    let url = settings.server.public_url.as_str();
    let local = url.contains("//127.") || url.contains("//localhost");
    let public = if local {
        check(
            "public_url",
            State::Warning,
            format!("{url} is reached from this computer only: links in texts will not work"),
        )
    } else {
        check("public_url", State::Ok, url.to_owned())
    };
    vec![
        absent("intake", settings.intake.token.is_some(), "intake.token", "booking mails are refused"),
        absent(
            "manager",
            settings.manager.phone.is_some(),
            "manager.phone",
            "nobody is texted when something needs a human",
        ),
        absent("api", !settings.api.keys.is_empty(), "api.keys", "no program can use the interface"),
        absent("email", settings.smtp.host.is_some(), "smtp.host", "no e-mail is sent"),
        public,
    ]
}

/// The network: whether it knows the account, and whether its reports reach us and are believed.
async fn network(settings: &Settings, now: Timestamp) -> Vec<Check> {
    if settings.sms.provider == SmsProvider::Phones {
        return vec![check("sms", State::Warning, "sms.provider is phones: texts are shown, not sent")];
    }
    let carriers = match Carriers::new(settings) {
        Ok(carriers) => carriers,
        Err(error) => return vec![check("sms", State::Failed, error.to_string())],
    };
    let name = settings.sms.provider.word();
    let somebody = settings.manager.phone.as_ref().or(settings.studio.phone.as_ref());
    let account = match somebody {
        None => {
            check("sms", State::Warning, format!("{name}: set manager.phone, then firstcall send-test that number"))
        }
        Some(number) => match carriers.records(number, now).await {
            Ok(Lookup::Listed(_)) => check("sms", State::Ok, format!("{name} knows the account")),
            Ok(Lookup::NoListing) => {
                check("sms", State::Ok, format!("{name} tells with the first text: firstcall send-test NUMBER"))
            }
            Err(why) => check("sms", State::Failed, format!("{name} does not answer as it should: {why}")),
        },
    };
    let reports = match carriers.prove_reports(now).await {
        Ok(()) => check("callbacks", State::Ok, "a signed report reaches us at public_url and is believed"),
        Err(why) => check("callbacks", State::Failed, why),
    };
    vec![account, reports]
}

/// Calendars that cannot be read: whose time is not known.
fn unreadable(failing: &[Calendar], people: &Roster) -> Check {
    if failing.is_empty() {
        return check("calendars", State::Ok, "every connected calendar can be read");
    }
    let each = failing.iter().map(|calendar| {
        let owner = calendar.musician.and_then(|id| people.get(id)).map_or("the studio", |musician| &musician.name);
        format!("{owner}'s \"{}\": {}", calendar.name, calendar.trouble.as_deref().unwrap_or_default())
    });
    check("calendars", State::Warning, format!("not read: {}", each.collect::<Vec<_>>().join("; ")))
}

async fn database(settings: &Settings, now: Timestamp) -> Vec<Check> {
    if settings.database.url.is_absent_file() {
        let message = format!("{} is not there yet: serve and import create it", settings.database.url);
        return vec![check("database", State::Warning, message)];
    }
    let store = match open(settings).await {
        Ok(store) => store,
        Err(error) => return vec![check("database", State::Failed, format!("{error:#}"))],
    };
    let late = now.saturating_sub(SignedDuration::from_mins(1)).unwrap_or(Timestamp::MIN);
    let look = async move |tx: &mut Tx| {
        let overdue = bookings::overdue(tx, late).await? + messages::overdue(tx, late).await?;
        let newest = journal::last(tx).await?;
        let last = journal::since(tx, newest - 1, 1).await?;
        let failing = calendars::failing(tx, 5).await?;
        Ok::<_, firstcall_store::Error>((overdue, last.into_iter().next(), roster::load(tx).await?, failing))
    };
    let looked = store.read(look).await;
    store.close().await;
    let (overdue, last, people, failing) = match looked {
        Ok(found) => found,
        Err(error) => return vec![check("database", State::Failed, error.to_string())],
    };
    let clock = match last.filter(|line| line.at > now) {
        Some(line) => {
            check("clock", State::Failed, format!("the clock is behind the newest entry of the log ({})", line.at))
        }
        None => check("clock", State::Ok, now.to_string()),
    };
    let work = match overdue {
        0 => check("deadlines", State::Ok, "nothing is overdue"),
        number => {
            check("deadlines", State::Warning, format!("{number} deadlines or texts are overdue: is serve running?"))
        }
    };
    let active =
        people.musicians().iter().filter(|m| m.standing == firstcall_core::roster::MusicianStanding::Active).count();
    let roster = match active {
        0 => check("roster", State::Warning, "nobody is on the roster: firstcall import musicians FILE.csv"),
        number => check("roster", State::Ok, format!("{number} musicians can be asked")),
    };
    let calendars = unreadable(&failing, &people);
    vec![check("database", State::Ok, settings.database.url.to_string()), clock, work, roster, calendars]
}
