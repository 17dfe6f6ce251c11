//! Looks at everything that has to be right before a mail arrives.

use crate::carriers::Carriers;
use crate::settings::{Settings, SmsProvider};
use firstcall_connect::Lookup;
use firstcall_core::roster::Roster;
use firstcall_store::calendars::{self, Calendar};
use firstcall_store::{Error, Store, Tx, bookings, journal, messages, roster};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Check {
    /// What was looked at, in one word.
    pub name: &'static str,
    /// How it is.
    pub state: State,
    /// What was found, and what to do.
    pub message: String,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, but not as it should.
    Warning,
    /// It does not work.
    Failed,
}

/// Looks at everything. `store` says why there is no database to look at, where there is none.
pub async fn checks(settings: &Settings, store: Result<&Store, Check>, now: Timestamp) -> Vec<Check> {
    let mut checks = vec![check("settings", State::Ok, "every key is known and allowed"), zone_data(settings, now)];
    checks.extend(setup(settings));
    checks.extend(network(settings, now).await);
    match store {
        Ok(store) => checks.extend(database(settings, store, now).await),
        Err(check) => checks.push(check),
    }
    checks
}

/// One thing that was looked at.
pub fn check(name: &'static str, state: State, message: impl Into<String>) -> Check {
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
    let url = &settings.server.public_url;
    let public = if url.is_local() {
        check(
            "public_url",
            State::Warning,
            format!("{url} is reached from this computer only: links in texts will not work"),
        )
    } else {
        check("public_url", State::Ok, url.to_string())
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

async fn database(settings: &Settings, store: &Store, now: Timestamp) -> Vec<Check> {
    let late = now.saturating_sub(SignedDuration::from_mins(1)).unwrap_or(Timestamp::MIN);
    let look = async move |tx: &mut Tx| {
        let overdue = bookings::overdue(tx, late).await? + messages::overdue(tx, late).await?;
        let newest = journal::last(tx).await?;
        let last = journal::since(tx, newest - 1, 1).await?;
        let failing = calendars::failing(tx, 5).await?;
        Ok::<_, Error>((overdue, last.into_iter().next(), roster::load(tx).await?, failing))
    };
    let looked = store.read(look).await;
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
        1 => check("roster", State::Ok, "1 musician can be asked"),
        number => check("roster", State::Ok, format!("{number} musicians can be asked")),
    };
    let calendars = unreadable(&failing, &people);
    vec![check("database", State::Ok, settings.database.url.to_string()), clock, work, roster, calendars]
}
