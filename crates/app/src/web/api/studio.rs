//! The studio, as its settings describe it.

use crate::web::Web;
use crate::web::problem::{Problem, ProblemBody};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// The studio.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudioView {
    /// Its name.
    name: String,
    /// Where it is.
    address: Option<String>,
    /// Its zone.
    time_zone: String,
    /// The number that is called to ask about a session.
    phone: Option<String>,
    /// The instruments that can be asked for.
    instruments: Vec<String>,
}

/// The studio and the instruments that can be asked for.
#[utoipa::path(get, path = "/api/v1/studio", tag = "studio",
    responses((status = 200, body = StudioView), (status = 401, body = ProblemBody)))]
pub async fn show(State(web): State<Web>) -> Result<Json<StudioView>, Problem> {
    let settings = web.engine.settings();
    Ok(Json(StudioView {
        name: settings.studio.name.clone(),
        address: settings.studio.address.clone(),
        time_zone: web.zone_name(),
        phone: settings.studio.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        instruments: web.engine.instruments().await?.into_iter().map(|instrument| instrument.name).collect(),
    }))
}
