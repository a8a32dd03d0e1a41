//! How much of the land and which places were walked past. Land and places are measured here, not people: there is
//! no filter and no total by member, and an unknown filter is refused rather than ignored.

use super::{
    Answer, Asked, Asks, Binary, Query,
    common::{GridRef, Position},
    places::PlaceRef,
};
use axum::{
    Json,
    extract::Path,
    http::{HeaderName, header},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CoverageQuery {
    /// Area or grid code; the session's areas if left out.
    pub area: Option<String>,
    /// First day in Beijing time, `2026-11-01`; 29 days before the last if left out, or fewer where those have too many walks for one answer.
    pub from: Option<String>,
    /// Last day, included; today if left out.
    pub to: Option<String>,
}

/// The days of a heat picture.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DaysQuery {
    /// First day in Beijing time, `2026-11-01`; 29 days before the last if left out, or fewer where those have too many walks for one answer.
    pub from: Option<String>,
    /// Last day, included; today if left out.
    pub to: Option<String>,
}

/// All walks of the days taken together, as docs/coverage.md defines it. A walk belongs to the day on which it began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Coverage {
    /// First and last day in Beijing time.
    pub from: String,
    pub to: String,
    /// Land and places within so many metres of the walked line count as seen.
    pub radius_m: f64,
    /// Part of a track is still on its way: more may have been seen than is shown.
    pub awaited: bool,
    pub land: Land,
    pub places_seen: u32,
    pub places_all: u32,
    /// In the order of their codes.
    pub grids: Vec<GridCoverage>,
    /// In the order of their grids and names.
    pub places: Vec<PlaceCoverage>,
}

/// Square metres.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Land {
    pub seen_m2: u64,
    pub all_m2: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GridCoverage {
    pub grid: GridRef,
    pub land: Land,
    pub places_seen: u32,
    pub places_all: u32,
    /// Of its heat picture: west, south, east, north in degrees.
    pub bounds: [f64; 4],
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlaceCoverage {
    pub place: PlaceRef,
    pub grid: Option<GridRef>,
    pub position: Position,
    /// A walk passed it. Whether somebody looked at it is what inspections say.
    pub seen: bool,
}

pub(super) fn routes() -> OpenApiRouter<super::Desks> {
    OpenApiRouter::new().routes(routes!(coverage)).routes(routes!(heat))
}

/// Land and places that were walked past in some days.
#[utoipa::path(get, path = "/api/coverage", tag = "coverage", params(CoverageQuery),
    responses((status = 200, body = Coverage), Asks))]
async fn coverage(asked: Asked, Query(query): Query<CoverageQuery>) -> Answer<Json<Coverage>> {
    asked.json(move |desk, session| desk.coverage(session, &query)).await
}

/// On how many of the days with walks each spot of a grid was seen: orange on none, blue on all, transparent outside.
#[utoipa::path(get, operation_id = "heat", path = "/api/coverage/{grid}/heat.png", tag = "coverage",
    params(("grid" = String, Path), DaysQuery),
    responses((status = 200, body = Binary, content_type = "image/png"), Asks))]
async fn heat(
    asked: Asked,
    Path(grid): Path<String>,
    Query(days): Query<DaysQuery>,
) -> Answer<([(HeaderName, &'static str); 2], Vec<u8>)> {
    let bytes = asked.run(move |desk, session| desk.heat(session, &grid, &days)).await?;
    Ok(([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "private, max-age=60")], bytes))
}
