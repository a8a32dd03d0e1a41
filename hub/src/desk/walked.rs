//! What each walk has seen of the grids and the places, kept between questions.
//!
//! A walk that is over never changes, so what it has seen is worked out once; a coverage of a walk is 3 to 4 KB. What is
//! kept is bounded, and dropped when a grid or a place changes. Nothing of it names a member.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard};

use gridpatrol_geo::coverage::{Area, Places, SEEN_WITHIN_M};
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::drift::lines_walked;
use gridpatrol_geo::grid::Polygon;
use gridpatrol_model::area::{GridCode, Scope};
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::RecordKind;
use rusqlite::params;

use super::Desk;
use super::grids::Grids;
use super::patrol_page::stored_place;
use super::track::Stretch;
use super::view::{View, decode};
use crate::api::{Answer, patrols::GapCause, problem::Problem};

/// Bytes of coverages that are kept: some 10,000 walks.
const KEPT_BYTES: usize = 64 << 20;

/// What coverage is measured on, as it is now.
pub(super) struct Ground {
    grids: Arc<Grids>,
    /// Count and last change of the places.
    version: (i64, i64),
    pub places: Vec<Place>,
    index: Places,
}

pub(super) struct Place {
    pub record: Record,
    pub at: E7,
}

/// What one walk has seen.
pub(super) struct Seen {
    /// Count and last change of the chunks that it comes from.
    version: (i64, i64),
    pub grids: Vec<(GridCode, Vec<u8>)>,
    /// Their numbers in [`Ground::places`].
    pub places: Vec<u32>,
    /// A block of it has not arrived.
    pub awaited: bool,
}

#[derive(Default)]
pub(super) struct Walked {
    ground: Option<Arc<Ground>>,
    by_walk: HashMap<EntityId, Arc<Seen>>,
    bytes: usize,
}

impl View<'_> {
    pub fn ground(&self) -> Answer<Arc<Ground>> {
        let version = self
            .state
            .prepare_cached("SELECT count(*), coalesce(max(asof), 0) FROM record WHERE kind = ?1")?
            .query_row([RecordKind::PLACE.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let kept = self.desk.walked()?.ground.clone();
        let same = |ground: &Arc<Ground>| ground.version == version && Arc::ptr_eq(&ground.grids, &self.grids);
        if let Some(ground) = kept.filter(same) {
            return Ok(ground);
        }
        let ground = Arc::new(self.load_ground(version)?);
        *self.desk.walked()? = Walked { ground: Some(ground.clone()), ..Walked::default() };
        Ok(ground)
    }

    fn load_ground(&self, version: (i64, i64)) -> Answer<Ground> {
        let mut statement = self.state.prepare_cached("SELECT state FROM record WHERE kind = ?1 AND life <> 1")?;
        let mut rows = statement.query([RecordKind::PLACE.0])?;
        let mut places = Vec::new();
        while let Some(row) = rows.next()? {
            let record = decode(&row.get::<_, Vec<u8>>(0)?)?;
            places.extend(stored_place(&record).map(|at| Place { record, at }));
        }
        let circles: Vec<(E7, f64)> = places.iter().map(|place| (place.at, SEEN_WITHIN_M)).collect();
        Ok(Ground { grids: self.grids.clone(), version, places, index: Places::new(&circles) })
    }

    /// What a walk has seen, as far as its blocks are within the session's areas.
    pub fn seen_by(&self, ground: &Arc<Ground>, walk: EntityId) -> Answer<Arc<Seen>> {
        let version = self.chunks_version(walk)?;
        if let Some(seen) = self.desk.walked()?.by_walk.get(&walk).filter(|seen| seen.version == version) {
            return Ok(seen.clone());
        }
        let stretches = self.stretches(&self.chunks_of(walk)?)?;
        let awaited = stretches.iter().any(|part| part.gap.is_some_and(|gap| gap.cause == GapCause::Awaited));
        let (grids, places) = (land_seen(ground, &stretches), places_seen(ground, &stretches));
        let seen = Arc::new(Seen { version, grids, places, awaited });
        // A block that arrives changes no record.
        if !awaited {
            self.desk.walked()?.keep(ground, walk, seen.clone());
        }
        Ok(seen)
    }

    /// Another session may see other chunks of a walk: then their count or last change differs.
    fn chunks_version(&self, walk: EntityId) -> Answer<(i64, i64)> {
        let mut statement = self
            .state
            .prepare_cached("SELECT scope, asof FROM record WHERE parent = ?1 AND kind = ?2 AND life <> 1")?;
        let mut rows = statement.query(params![walk.0, RecordKind::TRACK_CHUNK.0])?;
        let mut version = (0, 0);
        while let Some(row) = rows.next()? {
            if Scope::parse(&row.get::<_, String>(0)?).is_ok_and(|scope| self.areas().covers(&scope)) {
                version = (version.0 + 1, version.1.max(row.get(1)?));
            }
        }
        Ok(version)
    }

    fn chunks_of(&self, walk: EntityId) -> Answer<Vec<Record>> {
        let mut statement = self
            .state
            .prepare_cached("SELECT scope, state FROM record WHERE parent = ?1 AND kind = ?2 AND life <> 1")?;
        let mut rows = statement.query(params![walk.0, RecordKind::TRACK_CHUNK.0])?;
        let mut chunks = Vec::new();
        while let Some(row) = rows.next()? {
            if Scope::parse(&row.get::<_, String>(0)?).is_ok_and(|scope| self.areas().covers(&scope)) {
                chunks.push(decode(&row.get::<_, Vec<u8>>(1)?)?);
            }
        }
        Ok(chunks)
    }
}

impl Desk {
    pub(super) fn walked(&self) -> Answer<MutexGuard<'_, Walked>> {
        self.walked.lock().map_err(|_| Problem::unavailable())
    }
}

impl Walked {
    /// Unless the ground has changed in the meantime.
    fn keep(&mut self, ground: &Arc<Ground>, walk: EntityId, seen: Arc<Seen>) {
        if !self.ground.as_ref().is_some_and(|of| Arc::ptr_eq(of, ground)) {
            return;
        }
        self.bytes += seen.bytes();
        if self.bytes > KEPT_BYTES {
            (self.by_walk, self.bytes) = (HashMap::new(), seen.bytes());
        }
        if let Some(before) = self.by_walk.insert(walk, seen) {
            self.bytes -= before.bytes();
        }
    }
}

impl Seen {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.grids.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() + self.places.len() * 4
    }
}

impl Ground {
    /// The cells of a grid; nothing where it has no border.
    pub fn area(&self, code: GridCode) -> Option<Area> {
        let ring = self.grids.by_code.get(&code)?.ring.clone();
        Area::new(&[Polygon::new(ring, Vec::new()).ok()?])
    }

    /// Grids whose box the line, or what can be seen from it, reaches.
    fn near(&self, stretches: &[Stretch]) -> Vec<GridCode> {
        // At least 30 m in any latitude that has a village.
        const REACH: i32 = 6_000;
        let fixes = || stretches.iter().flat_map(|stretch| stretch.fixes.iter().map(|fix| fix.at));
        let Some(walked) = around(fixes()) else { return Vec::new() };
        let meets = |ring: &[E7]| {
            around(ring.iter().copied()).is_some_and(|[west, south, east, north]| {
                west - REACH <= walked[2]
                    && east + REACH >= walked[0]
                    && south - REACH <= walked[3]
                    && north + REACH >= walked[1]
            })
        };
        self.grids.by_code.iter().filter(|(_, grid)| meets(&grid.ring)).map(|(code, _)| *code).collect()
    }
}

/// West, south, east, north.
fn around(points: impl Iterator<Item = E7>) -> Option<[i32; 4]> {
    points
        .map(|at| [at.lon(), at.lat(), at.lon(), at.lat()])
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}

fn land_seen(ground: &Ground, stretches: &[Stretch]) -> Vec<(GridCode, Vec<u8>)> {
    let of_grid = |code: GridCode| {
        let area = ground.area(code)?;
        let seen = area.walked(stretches.iter().map(|stretch| &stretch.fixes[..]));
        let any = area.share(&seen).is_ok_and(|share| share.seen > 0);
        any.then(|| (code, seen.to_bytes()))
    };
    ground.near(stretches).into_iter().filter_map(of_grid).collect()
}

fn places_seen(ground: &Ground, stretches: &[Stretch]) -> Vec<u32> {
    let Ok(mut walker) = ground.index.walker(ground.index.unseen()) else { return Vec::new() };
    for line in stretches.iter().flat_map(|stretch| lines_walked(&stretch.fixes)) {
        walker.gap();
        line.into_iter().for_each(|at| walker.fix(at));
    }
    (0..).zip(walker.seen().seen()).filter(|(_, seen)| **seen).map(|(number, _)| number).collect()
}
