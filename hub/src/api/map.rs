//! Our own geometry as GeoJSON: grid borders, places and village labels. No tiles, nothing from outside.

use super::{
    Answer, Asked, Asks, Query,
    common::{EntityText, GridRef},
    places::DueState,
};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MapQuery {
    /// Area or grid code; the session's areas if left out.
    pub area: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MapData {
    /// West, south, east, north.
    pub bounds: [f64; 4],
    pub grids: Collection<GridProperties>,
    pub places: Collection<PlaceProperties>,
    pub villages: Collection<VillageProperties>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Collection<P> {
    /// `FeatureCollection`.
    #[serde(rename = "type")]
    pub kind: String,
    pub features: Vec<Feature<P>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Feature<P> {
    /// `Feature`.
    #[serde(rename = "type")]
    pub kind: String,
    pub geometry: Geometry,
    pub properties: P,
}

/// WGS-84, longitude before latitude.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Geometry {
    /// `Point`, `Polygon` or `MultiPolygon`.
    #[serde(rename = "type")]
    pub kind: String,
    pub coordinates: serde_json::Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GridProperties {
    #[serde(flatten)]
    pub grid: GridRef,
    pub synthetic: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlaceProperties {
    pub id: EntityText,
    pub name: String,
    /// Kind of place, last part of its message id: `reservoir`, `rental`, `hydrant`, `watchtower`, …
    pub kind: String,
    pub state: DueState,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VillageProperties {
    pub code: String,
    pub name: String,
}

pub(super) fn routes() -> OpenApiRouter<super::Desks> {
    OpenApiRouter::new().routes(routes!(map))
}

/// Grids, places and labels of an area.
#[utoipa::path(get, path = "/api/map", tag = "map", params(MapQuery), responses((status = 200, body = MapData), Asks))]
async fn map(asked: Asked, Query(query): Query<MapQuery>) -> Answer<Json<MapData>> {
    asked.json(move |desk, session| desk.map(session, &query)).await
}
