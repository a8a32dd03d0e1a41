//! Grids as they are drawn now, kept between questions until one of them changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::grid::{GridIndex, Polygon};
use gridpatrol_model::area::{AreaCode, GridCode};
use gridpatrol_model::divisions::Divisions;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use rusqlite::Connection;

use super::Desk;
use super::view::decode;
use crate::api::{Answer, common::GridRef, problem::Problem};

pub(super) struct Grids {
    /// Count and last change: when it differs, the grids are read anew.
    version: (i64, i64),
    pub by_code: BTreeMap<GridCode, Grid>,
    pub index: GridIndex,
}

pub(super) struct Grid {
    name: Option<String>,
    pub synthetic: bool,
    /// The border as it is drawn; empty where it is missing or encloses nothing, and where other grids took its place:
    /// that one keeps its name for the work that was done in it, owns no point and is not drawn.
    pub ring: Vec<E7>,
    /// The last row of the log that changed it.
    pub asof: i64,
}

impl Desk {
    pub(super) fn grids(&self, state: &Connection) -> Answer<Arc<Grids>> {
        let version = state
            .prepare_cached("SELECT count(*), coalesce(max(asof), 0) FROM record WHERE kind = ?1")?
            .query_row([RecordKind::GRID.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut kept = self.grids.lock().map_err(|_| Problem::unavailable())?;
        if let Some(grids) = kept.as_ref().filter(|grids| grids.version == version) {
            return Ok(grids.clone());
        }
        let grids = Arc::new(Grids::load(state, version)?);
        *kept = Some(grids.clone());
        Ok(grids)
    }
}

impl Grids {
    fn load(state: &Connection, version: (i64, i64)) -> Answer<Self> {
        let mut by_code = BTreeMap::new();
        let mut statement = state.prepare_cached("SELECT state FROM record WHERE kind = ?1 AND life <> 1")?;
        let mut rows = statement.query([RecordKind::GRID.0])?;
        while let Some(row) = rows.next()? {
            let record = decode(&row.get::<_, Vec<u8>>(0)?)?;
            if let Some(code) = code_of(&record) {
                by_code.insert(code, Grid::of(&record));
            }
        }
        let polygons = by_code.iter().filter_map(|(code, grid): (&GridCode, &Grid)| {
            Some((*code, Polygon::new(grid.ring.clone(), Vec::new()).ok()?))
        });
        let index = GridIndex::build(polygons);
        Ok(Grids { version, by_code, index })
    }

    pub fn reference(&self, divisions: &Divisions, code: GridCode) -> GridRef {
        let village = code.village();
        let name = |area| divisions.name(area).unwrap_or_default().to_owned();
        let own = self.by_code.get(&code).and_then(|grid| grid.name.clone());
        GridRef {
            code: code.to_string(),
            name: own.unwrap_or_else(|| code.to_string()),
            village: name(village),
            town: village.parent().map(name).unwrap_or_default(),
        }
    }

    /// An area as a place, where no grid is known.
    pub fn area(divisions: &Divisions, area: AreaCode) -> GridRef {
        let name = |area| divisions.name(area).unwrap_or_default().to_owned();
        GridRef {
            code: area.to_string(),
            name: String::new(),
            village: name(area),
            town: area.parent().map(name).unwrap_or_default(),
        }
    }
}

impl Grid {
    fn of(record: &Record) -> Self {
        let ring = record.value(FieldNo::RING).map(ring_of).unwrap_or_default();
        let drawn = !record.is_superseded() && Polygon::new(ring.clone(), Vec::new()).is_ok();
        Grid {
            name: record.text(FieldNo::NAME).map(str::to_owned),
            synthetic: record.value(FieldNo::SYNTHETIC).and_then(|value| value.as_bool()).unwrap_or(false),
            ring: if drawn { ring } else { Vec::new() },
            asof: record.asof.n as i64,
        }
    }

    /// The mean of the corners: where a label stands.
    pub fn middle(&self) -> Option<[f64; 2]> {
        let count = self.ring.len() as f64;
        let sum = |part: fn(&E7) -> f64| self.ring.iter().map(part).sum::<f64>() / count;
        (count > 0.0).then(|| [sum(|at| at.to_wgs84().lon()), sum(|at| at.to_wgs84().lat())])
    }
}

/// The corners of a ring; one that lies off the earth is left out.
pub(super) fn ring_of(value: &gridpatrol_model::value::Value) -> Vec<E7> {
    let numbers: Vec<i64> = value.as_list().unwrap_or_default().iter().filter_map(|part| part.as_int()).collect();
    let narrow = |number: i64| i32::try_from(number).ok();
    numbers.chunks_exact(2).filter_map(|pair| E7::new(narrow(pair[0])?, narrow(pair[1])?).ok()).collect()
}

fn code_of(record: &Record) -> Option<GridCode> {
    let said = record.text(FieldNo::GRID_CODE).and_then(|code| GridCode::parse(code).ok());
    said.or_else(|| record.scope.and_then(|scope| scope.grid()))
}
