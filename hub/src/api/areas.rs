//! The areas and grids that a filter can name.

use super::{Answer, Asked, Asks, common::GridRef};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// All towns, villages and grids of the session's areas, in code order: some hundreds of rows, fetched once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Areas {
    pub areas: Vec<Area>,
    pub grids: Vec<GridRef>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Area {
    pub code: String,
    pub name: String,
    pub level: Level,
    /// Made up for trials and training.
    pub synthetic: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    County,
    Town,
    Village,
}

pub(super) fn routes() -> OpenApiRouter<super::Desks> {
    OpenApiRouter::new().routes(routes!(areas))
}

/// What the area filter offers.
#[utoipa::path(get, path = "/api/areas", tag = "areas", responses((status = 200, body = Areas), Asks))]
async fn areas(asked: Asked) -> Answer<Json<Areas>> {
    asked.json(|desk, session| desk.areas(session)).await
}
