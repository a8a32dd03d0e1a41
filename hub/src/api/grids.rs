//! A file of grids from a GIS: which faults it has, and where.

use super::{Answer, Asked, Asks, Binary, Query, common::Text, map::Collection, map::Geometry};
use crate::grid_file::GridFormat;
use axum::{
    Json,
    body::Bytes,
    extract::{DefaultBodyLimit, rejection::BytesRejection},
};
use gridpatrol_gridpack::crs::Crs;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GridsQuery {
    #[param(inline)]
    pub format: GridFormat,
    /// Never guessed.
    #[param(inline)]
    pub crs: GridCrs,
    /// `grid_code`, `code` or `网格编码` if left out.
    pub code_column: Option<String>,
    /// `name` or `网格名称` if left out.
    pub name_column: Option<String>,
    /// Of a GeoPackage that has several.
    pub layer: Option<String>,
    /// The file's own label of its system is known to be wrong.
    #[serde(default)]
    pub ignore_label: bool,
}

/// The system of the file's coordinates, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GridCrs {
    Wgs84,
    Cgcs2000,
    Gcj02,
    Bd09,
}

impl From<GridCrs> for Crs {
    fn from(crs: GridCrs) -> Self {
        match crs {
            GridCrs::Wgs84 => Crs::Wgs84,
            GridCrs::Cgcs2000 => Crs::Cgcs2000,
            GridCrs::Gcj02 => Crs::Gcj02,
            GridCrs::Bd09 => Crs::Bd09,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GridCheck {
    /// West, south, east, north of the grids; nothing where none has a corner.
    pub bounds: Option<[f64; 4]>,
    /// As the file draws them, faults included.
    pub grids: Collection<DrawnGrid>,
    /// By kind, then by feature.
    pub faults: Vec<GridFault>,
    /// How many of each kind, in the order of `faults`.
    pub counts: Vec<FaultCount>,
    /// Slivers so narrow that they are rounding and no fault.
    pub rounding: u64,
    /// So many grids lie on one another that not all were compared: mend what is here, then check again.
    pub stopped: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DrawnGrid {
    /// Its number in the file, from 1.
    pub feature: u64,
    /// As the file writes it.
    pub code: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GridFault {
    /// As docs/grid-packs.md names it: `overlap`, `gap`, `duplicate_code`, …
    pub kind: String,
    /// What it is and what to do about it.
    pub text: Text,
    /// Of the grids concerned, as the file writes them.
    pub codes: Vec<String>,
    /// Their numbers in the file, from 1.
    pub features: Vec<u64>,
    /// Of an overlap or a gap.
    pub square_metres: Option<f64>,
    /// Where it is: a point, or the land.
    pub geometry: Option<Geometry>,
    /// West, south, east, north of it.
    pub bounds: Option<[f64; 4]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FaultCount {
    pub kind: String,
    pub count: u64,
}

/// Bytes of a file that is checked: the grids of a county have about 10 MB.
const LARGEST: usize = 32 << 20;

pub(super) fn routes() -> OpenApiRouter<super::Desks> {
    OpenApiRouter::new().routes(routes!(check)).layer(DefaultBodyLimit::max(LARGEST))
}

/// Names each fault of a file of grids, with its place. The file is not kept.
#[utoipa::path(post, operation_id = "check_grids", path = "/api/grids/check", tag = "grids", params(GridsQuery),
    request_body(content = Binary, content_type = "application/octet-stream"),
    responses((status = 200, body = GridCheck), Asks))]
async fn check(
    asked: Asked,
    Query(query): Query<GridsQuery>,
    file: Result<Bytes, BytesRejection>,
) -> Answer<Json<GridCheck>> {
    asked.json(move |desk, _| desk.check_grids(&query, file.ok().as_deref())).await
}
