//! The studio: its hours, when it is closed, its calendars, and why it is not free.

use super::access::{Visitor, see_other};
use super::calendars::{CalendarRow, refused, rows};
use super::roster::{Asked, NO_TIME, Why, form_time, time, time_of};
use super::{Frame, failed, fields, nothing, page, value};
use crate::web::page::may_lead_to;
use crate::web::{Web, google, when};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::policy::{ClockRange, OpeningHours};
use firstcall_store::{Error, Tx, calendars};
use jiff::civil::Weekday;

/// More closures than anybody enters.
const MOST: i64 = 500;

#[derive(Template)]
#[template(path = "studio.html")]
struct StudioPage {
    frame: Frame,
    address: Option<String>,
    hours: Option<Vec<(&'static str, String)>>,
    closures: Vec<(i64, String, String)>,
    calendars: Vec<CalendarRow>,
    /// Where the calendars' forms lead.
    at: String,
    /// Whether Google calendars can be connected.
    google: bool,
    why: Option<Why>,
}

/// The studio's page.
pub async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    match studio_page(&web, visitor, asked.map(|Query(asked)| asked).unwrap_or_default()).await {
        Ok(shown) => {
            let mut response = page(StatusCode::OK, &shown);
            if shown.google {
                may_lead_to(&mut response, google::origin(&web));
            }
            response
        }
        Err(error) => failed(&error),
    }
}

async fn studio_page(web: &Web, visitor: Visitor, asked: Asked) -> Result<StudioPage, Error> {
    let (now, studio) = (web.engine.clock().now(), &web.engine.settings().studio);
    let zone = studio.time_zone.clone();
    let read = async move |tx: &mut Tx| {
        Ok::<_, Error>((rows(tx, None, now, &zone).await?, calendars::closures(tx, 0, MOST).await?))
    };
    let (calendars, closures) = web.engine.store().read(read).await?;
    let zone = &studio.time_zone;
    let why = match time(asked.from.as_deref(), asked.to.as_deref(), zone) {
        Some(time) => Some(Why::of(&web.engine.studio_availability(time).await?, form_time(time, zone))),
        None => None,
    };
    let closures = closures.into_iter().filter(|closure| closure.span.end > now);
    Ok(StudioPage {
        frame: Frame::new(web, visitor, "Studio"),
        address: studio.address.clone(),
        hours: studio.opening_hours.as_ref().map(week),
        closures: closures
            .map(|closure| (closure.id, when::local(closure.span, zone), closure.note.unwrap_or_default()))
            .collect(),
        calendars,
        at: format!("{}studio/calendars", visitor.root),
        google: web.sources.google().is_some(),
        why,
    })
}

/// The hours of each day, from Monday.
fn week(hours: &OpeningHours) -> Vec<(&'static str, String)> {
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let shown = |range: &ClockRange| format!("{}–{}", range.from.strftime("%H:%M"), range.to.strftime("%H:%M"));
    let of_day = |(name, day)| {
        let ranges: Vec<String> = hours.on(day).iter().map(shown).collect();
        (name, if ranges.is_empty() { "closed".to_owned() } else { ranges.join(", ") })
    };
    days.into_iter().zip(Weekday::Monday.cycle_forward()).map(of_day).collect()
}

/// Closes the studio for a time.
pub async fn close(State(web): State<Web>, Extension(visitor): Extension<Visitor>, body: Bytes) -> Response {
    let (form, back) = (fields(&body), format!("{}studio", visitor.root));
    let Some(time) = time_of(&form, &web.engine.settings().studio.time_zone) else {
        return refused(&web, visitor, NO_TIME, &back);
    };
    let note = value(&form, "note").map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned);
    match web.engine.close_studio(time, note).await {
        Ok(_) => see_other(&back, None),
        Err(error) => failed(&error),
    }
}

/// Opens it again.
pub async fn open(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Path(id): Path<i64>) -> Response {
    match web.engine.open_studio(id).await {
        Ok(true) => see_other(&format!("{}studio", visitor.root), None),
        Ok(false) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}
