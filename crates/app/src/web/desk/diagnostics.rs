//! What `firstcall doctor` knows, and a file for whoever helps: without names, numbers, addresses and secrets.

use super::access::Visitor;
use super::{Frame, page};
use crate::doctor::{Check, State as How, check, checks};
use crate::settings::{Shown, Source, as_json};
use crate::web::Web;
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use firstcall_store::{Error, Tx, bookings, journal, messages, roster};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;

/// A network that does not answer is not waited for longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// How much of the log is in the file.
const LINES: i64 = 200;
/// Settings that say who and where somebody is: how their keys end.
const PERSONAL: [&str; 12] = [
    "name",
    "address",
    "phone",
    "email",
    "from",
    "url",
    "senders",
    "account_sid",
    "service_sid",
    "api_key",
    "client_id",
    "host",
];

#[derive(Template)]
#[template(path = "diagnostics.html")]
struct DiagnosticsPage {
    frame: Frame,
    version: &'static str,
    /// What was looked at, and where it is mended.
    checks: Vec<(Check, Option<&'static str>)>,
}

/// The page.
pub async fn show(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    let looked = look(&web).await.into_iter();
    let checks = looked
        .map(|check| {
            let place = mended_at(check.name);
            (check, place)
        })
        .collect();
    let frame = Frame::new(&web, visitor, "Diagnostics");
    page(StatusCode::OK, &DiagnosticsPage { frame, version: env!("CARGO_PKG_VERSION"), checks })
}

/// The page of the desk on which what a check finds is mended.
fn mended_at(check: &str) -> Option<&'static str> {
    Some(match check {
        "intake" => "settings/mails",
        "manager" => "settings/manager",
        "email" => "settings/email",
        "public_url" => "settings/server",
        "sms" | "callbacks" => "settings/texts",
        "zone_data" => "settings/studio",
        "roster" | "calendars" => "roster",
        _ => return None,
    })
}

async fn look(web: &Web) -> Vec<Check> {
    // The network is asked by the computer's own time: it signs with it.
    let looked = timeout(PATIENCE, checks(web.engine.settings(), Ok(web.engine.store()), Timestamp::now())).await;
    looked.unwrap_or_else(|_| vec![check("sms", How::Failed, "the network does not answer")])
}

/// The file.
pub async fn bundle(State(web): State<Web>) -> Response {
    let checks = look(&web).await;
    let counted = web.engine.store().read(async |tx: &mut Tx| count(tx).await).await;
    let shown = web.engine.kept_settings().await.map(|kept| kept.shown);
    let bundle = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "system": { "os": std::env::consts::OS, "arch": std::env::consts::ARCH },
        "backend": format!("{:?}", web.engine.store().backend()),
        "made_at": web.engine.clock().now().to_string(),
        "settings": shown.map_or_else(|error| json!(format!("{error:#}")), settings),
        // A check's words may name somebody.
        "checks": checks.iter().map(|check| (check.name, check.state)).map(|(name, state)| json!([name, state])).collect::<Vec<_>>(),
        "database": counted.unwrap_or_else(|error| json!(error.to_string())),
    });
    let head = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"firstcall-diagnostics.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (head, format!("{bundle:#}\n")).into_response()
}

/// The settings without secrets, and without what says who somebody is.
fn settings(shown: Vec<Shown>) -> Value {
    let redact = |mut shown: Shown| {
        let personal = PERSONAL.iter().any(|end| shown.key.ends_with(end));
        if personal && shown.source != Source::Default {
            shown.value = Some(toml::Value::String("(set)".to_owned()));
        }
        shown
    };
    as_json(&shown.into_iter().map(redact).collect::<Vec<_>>())
}

/// How much there is, and what kinds of things happened last: no words.
async fn count(tx: &mut Tx) -> Result<Value, Error> {
    let people = roster::load(tx).await?;
    let mut standings = BTreeMap::new();
    for musician in people.musicians() {
        *standings.entry(roster::standing_word(musician.standing)).or_insert(0) += 1;
    }
    let last = journal::last(tx).await?;
    let lines = journal::since(tx, last.saturating_sub(LINES), LINES).await?;
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| json!({ "at": line.at.to_string(), "booking": line.booking.map(|id| id.0), "kind": line.kind }))
        .collect();
    Ok(json!({
        "bookings": bookings::count(tx).await?,
        "texts_on_their_way": messages::count(tx).await?,
        "musicians": standings,
        "log": lines,
    }))
}
