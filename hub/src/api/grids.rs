//! A file of grids from a GIS: which faults it has, and where.

use super::{Answer, Asked, Asks, Binary, Query, common::Text, map::Collection, map::Geometry};
use crate::grid_file::GridFormat;
use axum::{
    Json,
    body::Bytes,
    extract::{DefaultBodyLimit, rejection::BytesRejection},
    http::{HeaderName, header::CONTENT_TYPE},
};
use gridpatrol_gridpack::crs::Crs;
use gridpatrol_gridpack::import::TextEncoding;
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
    /// Of a GeoPackage, or the name of a Shapefile in an archive, where there are several.
    pub layer: Option<String>,
    /// Of a Shapefile's texts where it has no `.cpg`.
    #[param(inline)]
    pub encoding: Option<GridEncoding>,
    /// The file's own label of its system is known to be wrong.
    #[serde(default)]
    pub ignore_label: bool,
    /// Before the check: close and turn rings, drop corners that add nothing.
    #[serde(default)]
    pub repair_rings: bool,
    /// Before the check: close what is narrower than this between neighbours, in metres, at most 10.
    pub snap_metres: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GridEncoding {
    Utf8,
    Gbk,
}

impl From<GridEncoding> for TextEncoding {
    fn from(encoding: GridEncoding) -> Self {
        match encoding {
            GridEncoding::Utf8 => TextEncoding::Utf8,
            GridEncoding::Gbk => TextEncoding::Gbk,
        }
    }
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
    /// As the file draws them, faults included; or as they are after the repairs that were asked for.
    pub grids: Collection<DrawnGrid>,
    /// What each repair did, grid by grid.
    pub mended: Vec<MendedGrid>,
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

/// What one repair did to one grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MendedGrid {
    /// Its number in the file, from 1.
    pub feature: u64,
    /// As the file writes it.
    pub code: String,
    /// Rings that were closed.
    pub closed: u64,
    /// Rings that ran the wrong way round.
    pub turned: u64,
    /// Corners that added nothing and are gone.
    pub removed: u64,
    /// Corners of neighbours that were put into a side.
    pub added: u64,
    /// Corners that went to a neighbour's.
    pub moved: u64,
    /// The longest of those ways.
    pub furthest_metres: f64,
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
    OpenApiRouter::new().routes(routes!(check)).routes(routes!(repaired)).layer(DefaultBodyLimit::max(LARGEST))
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

/// The grids after the repairs that were asked for, as GeoJSON in WGS-84. The file is not kept.
#[utoipa::path(post, operation_id = "repair_grids", path = "/api/grids/repaired", tag = "grids", params(GridsQuery),
    request_body(content = Binary, content_type = "application/octet-stream"),
    responses((status = 200, body = Binary, content_type = "application/geo+json"), Asks))]
async fn repaired(
    asked: Asked,
    Query(query): Query<GridsQuery>,
    file: Result<Bytes, BytesRejection>,
) -> Answer<([(HeaderName, &'static str); 1], Vec<u8>)> {
    let bytes = asked.run(move |desk, _| desk.repaired_grids(&query, file.ok().as_deref())).await?;
    Ok(([(CONTENT_TYPE, "application/geo+json")], bytes))
}
