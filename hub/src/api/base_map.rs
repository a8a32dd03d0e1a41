//! Base maps under the grid: tiles of the files that `gridpatrol serve --base-map` names, as they are in the file.
//!
//! They hold nothing of the county's, so whoever is logged in may see all of them. The console's map draws WGS-84 and
//! shifts nothing, so the tiles of a map in GCJ-02 are cut anew; where they cannot be, the file is refused at the start
//! instead of being drawn 600 m off.

use super::{Answer, Asked, Asks, Binary, problem::Problem};
use crate::recut::{Recut, can_cut};
use axum::{
    Extension, Json,
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use gridpatrol_basemap::{BaseMap, BaseMapError, Tile};
use gridpatrol_geo::crs::tile::{TileCrs, TileId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{path::PathBuf, sync::Arc};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The files of this hub, opened at its start.
#[derive(Clone, Default)]
pub struct BaseMaps(Arc<Open>);

#[derive(Default)]
struct Open {
    maps: Vec<BaseMap>,
    recut: Recut,
}

/// Why the hub does not start with a base map.
#[derive(Debug, thiserror::Error)]
pub enum BadBaseMap {
    #[error("cannot show the base map {0}: {1}")]
    File(PathBuf, BaseMapError),
    #[error(
        "the base map {0} is drawn in GCJ-02, and the console shifts only PNG, JPEG and WebP: give the hub one of these, \
         or one in WGS-84, as from OpenStreetMap or Tianditu"
    )]
    Shifted(PathBuf),
}

impl BaseMaps {
    pub fn open(files: &[PathBuf]) -> Result<Self, BadBaseMap> {
        let open = |path: &PathBuf| match BaseMap::open(path, None) {
            Ok(map) if map.about().crs == TileCrs::Wgs84 || can_cut(map.about().format) => Ok(map),
            Ok(_) => Err(BadBaseMap::Shifted(path.clone())),
            Err(error) => Err(BadBaseMap::File(path.clone(), error)),
        };
        let maps = files.iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Open { maps, recut: Recut::default() })))
    }

    /// None for a map, or a place in it, that there is not. A tile that cannot be read is a hole in the map.
    fn tile(&self, number: usize, z: u8, x: u32, y: u32) -> Option<Tile> {
        let (map, id) = (self.0.maps.get(number)?, TileId::new(z, x, y)?);
        let tile = match map.about().crs {
            TileCrs::Wgs84 => map.tile(id),
            TileCrs::Gcj02 => self.0.recut.tile(number, map, id),
        };
        tile.unwrap_or_else(|error| {
            tracing::warn!(number, z, x, y, %error, "a tile of a base map cannot be read");
            None
        })
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BaseMapAbout {
    /// The one in its tiles' addresses.
    pub number: usize,
    pub name: String,
    /// To be shown on the map while it is; plain text, may be empty.
    pub attribution: String,
    /// Its tiles are vector tiles, to be drawn by a style.
    pub vector: bool,
    /// Of vector tiles, from the ground up, as far as the file names them.
    pub layers: Vec<String>,
    /// West, south, east, north, degrees.
    pub bounds: [f64; 4],
    pub min_zoom: u8,
    pub max_zoom: u8,
}

impl BaseMapAbout {
    fn of((number, map): (usize, &BaseMap)) -> Self {
        let about = map.about();
        let (low, high) = (about.extent.south_west().to_wgs84(), about.extent.north_east().to_wgs84());
        Self {
            number,
            name: about.name.clone(),
            attribution: about.attribution.clone(),
            vector: about.format.is_vector(),
            layers: about.layers.clone(),
            bounds: [low.lon(), low.lat(), high.lon(), high.lat()],
            min_zoom: about.min_zoom,
            max_zoom: about.max_zoom,
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<super::Desks> {
    OpenApiRouter::new().routes(routes!(base_maps)).routes(routes!(tile))
}

type Maps = Option<Extension<BaseMaps>>;

/// The base maps of this hub.
#[utoipa::path(get, path = "/api/base-maps", tag = "map", responses((status = 200, body = [BaseMapAbout]), Asks))]
async fn base_maps(_asked: Asked, maps: Maps) -> Json<Vec<BaseMapAbout>> {
    let maps = maps.map(|Extension(maps)| maps).unwrap_or_default();
    Json(maps.0.maps.iter().enumerate().map(BaseMapAbout::of).collect())
}

/// One tile, XYZ: `y` from the north.
#[utoipa::path(get, path = "/api/base-map/{number}/{z}/{x}/{y}", tag = "map",
    params(("number" = usize, Path), ("z" = u8, Path), ("x" = u32, Path), ("y" = u32, Path)),
    responses((status = 200, body = Binary, content_type = "application/octet-stream"),
        (status = 304, description = "As it was"), Asks))]
async fn tile(
    asked: Asked,
    maps: Maps,
    Path((number, z, x, y)): Path<(usize, u8, u32, u32)>,
    headers: HeaderMap,
) -> Answer<Response> {
    let maps = maps.map(|Extension(maps)| maps).unwrap_or_default();
    let tile = asked.run(move |_, _| maps.tile(number, z, x, y).ok_or_else(Problem::not_found)).await?;
    let digest: String = Sha256::digest(&tile.bytes)[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{digest}\"");
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| value == tag.as_str());
    // The address stays when the file is another after a restart: an hour, then ask again.
    let caching = [(header::ETAG, tag), (header::CACHE_CONTROL, "private, max-age=3600".to_owned())];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let encoding = tile.encoding.content_encoding().map(|name| [(header::CONTENT_ENCODING, name)]);
    let kind: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, tile.format.mime())];
    let mut answer = (caching, kind, Body::from(tile.bytes)).into_response();
    answer.headers_mut().extend(
        encoding.into_iter().flatten().map(|(name, value)| (name, axum::http::HeaderValue::from_static(value))),
    );
    Ok(answer)
}
