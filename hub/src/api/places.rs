//! Places and when they were last looked at. Places are measured here, not people: nobody's name is on it.

use super::{
    Answer, Asked, Asks, Query,
    common::{EntityText, GridRef, Moment, Page, Paging, Position, RecordRef},
    patrols::InspectionResult,
};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlaceQuery {
    /// Area or grid code.
    pub area: Option<String>,
    #[param(inline)]
    pub state: Option<DueState>,
    /// Kind of place.
    pub kind: Option<String>,
    /// Words in the name.
    pub q: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueState {
    Seen,
    Due,
    Overdue,
    /// The last look could not reach it.
    Unreachable,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlaceRef {
    pub id: EntityText,
    pub name: String,
    /// Last part of the message id: `reservoir`, `rental`, `hydrant`, `watchtower`, …
    pub kind: String,
}

/// The longest overdue first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlaceRow {
    #[serde(flatten)]
    pub place: PlaceRef,
    pub grid: Option<GridRef>,
    pub position: Option<Position>,
    /// To be looked at every so many days.
    pub every_days: u32,
    pub state: DueState,
    pub due_ms: Option<i64>,
    pub last: Option<LastLook>,
    pub open_cases: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LastLook {
    pub at: Moment,
    pub result: InspectionResult,
    pub patrol: Option<RecordRef>,
}

pub(super) fn routes() -> OpenApiRouter<super::Desks> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Places by how due they are.
#[utoipa::path(get, operation_id = "places", path = "/api/places", tag = "places", params(PlaceQuery, Paging),
    responses((status = 200, body = Page<PlaceRow>), Asks))]
async fn list(
    asked: Asked,
    Query(query): Query<PlaceQuery>,
    Query(paging): Query<Paging>,
) -> Answer<Json<Page<PlaceRow>>> {
    asked.json(move |desk, session| desk.places(session, &query, &paging)).await
}
