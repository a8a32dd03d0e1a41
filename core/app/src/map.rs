//! What to draw under a thumb: grids, places by state, and lines, in 1e-7 degrees. No tiles are needed; where the phone
//! has a base map, it lies under all of it.

use std::path::Path;
use std::sync::Arc;

use gridpatrol_geo::crs::tile::TileId;

use gridpatrol_model::area::Scope;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_store::Query;

use crate::basemap::{BaseMap, BaseMapList, BaseTile, BaseTileAt, MapSystem};
use crate::core::{Core, ring};
use crate::covered::{Covered, covered};
use crate::error::Result;
use crate::places::{Place, PlaceState};
use crate::track::{self, TrackGap, TrackSegment};
use crate::types::{Position, RecordRef};

pub struct Map {
    pub(crate) core: Arc<Core>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Bounds {
    pub west_e7: i32,
    pub south_e7: i32,
    pub east_e7: i32,
    pub north_e7: i32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct GridShape {
    pub code: String,
    pub name: String,
    /// The border, not closed.
    pub ring: Vec<Position>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MapPlace {
    pub id: String,
    pub name: String,
    /// `place-kind-…`: its shape.
    pub kind: String,
    pub position: Position,
    /// Its fill.
    pub state: PlaceState,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MapLabel {
    pub text: String,
    pub at: Position,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MapData {
    pub bounds: Option<Bounds>,
    pub grids: Vec<GridShape>,
    pub places: Vec<MapPlace>,
    pub labels: Vec<MapLabel>,
    /// The track of the walk in progress.
    pub segments: Vec<TrackSegment>,
    pub gaps: Vec<TrackGap>,
    /// Base maps of this phone that show something of `bounds`, with what has to be shown beside them.
    pub base_maps: Vec<BaseMap>,
}

impl Map {
    /// Everything of an area or grid that this phone has.
    pub fn of(&self, scope: &str) -> Result<MapData> {
        let core = &self.core;
        let scope = Some(Scope::parse(scope)?);
        let grids = core.all(Query { kind: Some(RecordKind::GRID), scope, ..Query::default() })?;
        let live = grids.iter().map(|view| &view.record).filter(|grid| !grid.is_superseded());
        let grids: Vec<GridShape> = live.filter_map(GridShape::of).collect();
        let places = core.all(Query { kind: Some(RecordKind::PLACE), scope, ..Query::default() })?;
        let places = places.iter().map(|view| Place::of(core, view, None)).collect::<Result<Vec<_>>>()?;
        let walk = core.walk()?.walk.as_ref().map(|walk| walk.patrol);
        let (segments, gaps) = match walk {
            None => (Vec::new(), Vec::new()),
            Some(patrol) => {
                let mut chunks = core.children(patrol)?;
                chunks.retain(|view| view.record.kind == Some(RecordKind::TRACK_CHUNK));
                let lines = track::lines(core, patrol, &chunks)?;
                (lines.segments, lines.gaps)
            }
        };
        let bounds = Bounds::around(grids.iter().flat_map(|grid| grid.ring.iter().copied()));
        let base_maps = bounds.as_ref().map(|bounds| core.base_maps.touching(bounds)).transpose()?;
        Ok(MapData {
            bounds,
            base_maps: base_maps.unwrap_or_default(),
            labels: grids.iter().filter_map(GridShape::label).collect(),
            places: places.into_iter().filter_map(MapPlace::of).collect(),
            grids,
            segments,
            gaps,
        })
    }

    /// What the walks on this phone that began since then (milliseconds UTC) have seen of a grid.
    pub fn covered(&self, grid: &str, since_ms: i64) -> Result<Covered> {
        covered(&self.core, grid, since_ms)
    }

    /// The base maps of this phone: files in the folder `basemaps` of the app's.
    pub fn base_maps(&self) -> Result<BaseMapList> {
        self.core.base_maps.list()
    }

    /// Copies an MBTiles or PMTiles file to this phone; the original stays as it is. `system` is what its pictures are
    /// drawn in, for a file that does not say. A map of the same name is replaced.
    pub fn add_base_map(&self, path: &str, system: Option<MapSystem>) -> Result<BaseMap> {
        self.core.base_maps.add(Path::new(path), system)
    }

    pub fn remove_base_map(&self, id: &str) -> Result<()> {
        self.core.base_maps.remove(id)
    }

    /// The tiles of a base map that a view shows, and where each lies. At most 256: of a coarser zoom if need be.
    pub fn base_cover(&self, id: &str, view: &Bounds, zoom: u8) -> Result<Vec<BaseTileAt>> {
        self.core.base_maps.cover(id, view, zoom)
    }

    /// A tile, or the part of a coarser one that lies there. None where the map shows nothing.
    pub fn base_tile(&self, id: &str, z: u8, x: u32, y: u32) -> Result<Option<BaseTile>> {
        let Some(tile) = TileId::new(z, x, y) else { return Ok(None) };
        self.core.base_maps.tile(id, tile)
    }
}

impl GridShape {
    fn of(record: &gridpatrol_model::record::Record) -> Option<Self> {
        let ring = ring(record)?;
        Some(GridShape {
            code: record.value(FieldNo::GRID_CODE).and_then(Value::as_text)?.to_owned(),
            name: RecordRef::of(record).title,
            ring: ring.iter().map(|at| Position { lon_e7: at.lon(), lat_e7: at.lat(), accuracy_dm: None }).collect(),
        })
    }

    /// Its name in the middle of its corners.
    fn label(&self) -> Option<MapLabel> {
        let count = i64::try_from(self.ring.len()).ok().filter(|count| *count > 0)?;
        let mean = |part: fn(&Position) -> i32| self.ring.iter().map(|at| i64::from(part(at))).sum::<i64>() / count;
        let at =
            Position { lon_e7: mean(|at| at.lon_e7) as i32, lat_e7: mean(|at| at.lat_e7) as i32, accuracy_dm: None };
        Some(MapLabel { text: self.name.clone(), at })
    }
}

impl MapPlace {
    fn of(place: Place) -> Option<Self> {
        let Place { id, name, kind, position, state, .. } = place;
        Some(MapPlace { id, name, kind, position: position?, state })
    }
}

impl Bounds {
    fn around(points: impl Iterator<Item = Position>) -> Option<Self> {
        points.fold(None, |bounds: Option<Bounds>, at| {
            let (lon, lat) = (at.lon_e7, at.lat_e7);
            Some(match bounds {
                None => Bounds { west_e7: lon, south_e7: lat, east_e7: lon, north_e7: lat },
                Some(bounds) => Bounds {
                    west_e7: bounds.west_e7.min(lon),
                    south_e7: bounds.south_e7.min(lat),
                    east_e7: bounds.east_e7.max(lon),
                    north_e7: bounds.north_e7.max(lat),
                },
            })
        })
    }
}
