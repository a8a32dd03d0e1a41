//! What coverage is measured on: the grids and the places as they are now, kept until one of them changes.

use std::sync::Arc;

use gridpatrol_geo::coverage::{Area, Places, SEEN_WITHIN_M};
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::grid::Polygon;
use gridpatrol_model::area::{GridCode, Scope};
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::RecordKind;

use super::Desk;
use super::grids::Grids;
use super::patrol_page::stored_place;
use super::view::{View, decode};
use crate::api::{Answer, problem::Problem};

/// At least the radius of 30 m in any latitude that has a village, in 1e-7 degrees.
const REACH: i32 = 6_000;

/// West, south, east, north, 1e-7 degrees; holds its edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Around(pub [i32; 4]);

pub(super) struct Ground {
    grids: Arc<Grids>,
    /// Count and last change of the places.
    version: (i64, i64),
    pub places: Vec<Place>,
    pub index: Places,
    /// Of the grids that are drawn.
    boxes: Vec<(GridCode, Around)>,
    /// Grids and places, the last to change first.
    changes: Vec<Change>,
}

pub(super) struct Place {
    pub record: Record,
    pub at: E7,
}

/// A grid or a place that changed.
pub(super) struct Change {
    /// The row of the log.
    pub asof: i64,
    pub what: Changed,
    /// Where it is now; a grid that is not drawn is nowhere.
    pub around: Around,
}

pub(super) enum Changed {
    Grid(GridCode),
    Place(EntityId),
}

impl View<'_> {
    pub fn ground(&self) -> Answer<Arc<Ground>> {
        let version = self
            .state
            .prepare_cached("SELECT count(*), coalesce(max(asof), 0) FROM record WHERE kind = ?1")?
            .query_row([RecordKind::PLACE.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let kept = self.desk.kept_ground()?.clone();
        let same = |ground: &Arc<Ground>| ground.version == version && Arc::ptr_eq(&ground.grids, &self.grids);
        if let Some(ground) = kept.filter(same) {
            return Ok(ground);
        }
        let ground = Arc::new(self.load_ground(version)?);
        *self.desk.kept_ground()? = Some(ground.clone());
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
        Ok(Ground::new(self.grids.clone(), places, version))
    }
}

impl Desk {
    fn kept_ground(&self) -> Answer<std::sync::MutexGuard<'_, Option<Arc<Ground>>>> {
        self.ground.lock().map_err(|_| Problem::unavailable())
    }
}

impl Ground {
    fn new(grids: Arc<Grids>, places: Vec<Place>, version: (i64, i64)) -> Self {
        let circles: Vec<(E7, f64)> = places.iter().map(|place| (place.at, SEEN_WITHIN_M)).collect();
        let drawn = grids.by_code.iter().map(|(code, grid)| (*code, grid.asof, Around::of(grid.ring.iter().copied())));
        let (mut boxes, mut changes) = (Vec::new(), Vec::new());
        for (code, asof, around) in drawn {
            boxes.extend((around != Around::NOWHERE).then_some((code, around)));
            changes.push(Change { asof, what: Changed::Grid(code), around });
        }
        changes.extend(places.iter().map(|place| Change {
            asof: place.record.asof.n as i64,
            what: Changed::Place(place.record.entity),
            around: Around::of([place.at]),
        }));
        changes.sort_by_key(|change| std::cmp::Reverse(change.asof));
        Ground { index: Places::new(&circles), grids, version, places, boxes, changes }
    }

    /// The cells of a grid; nothing where it has no border.
    pub fn area(&self, code: GridCode) -> Option<Area> {
        let ring = self.grids.by_code.get(&code)?.ring.clone();
        Area::new(&[Polygon::new(ring, Vec::new()).ok()?])
    }

    /// Grids of which a part may be seen from within a box.
    pub fn near(&self, seen: Around) -> impl Iterator<Item = GridCode> + '_ {
        self.boxes.iter().filter(move |(_, around)| around.meets(seen)).map(|(code, _)| *code)
    }

    /// What changed behind a row of the log.
    pub fn changed_since(&self, asof: i64) -> impl Iterator<Item = &Change> {
        self.changes.iter().take_while(move |change| change.asof > asof)
    }

    /// The box around the grids and places of some areas.
    pub fn around(&self, scopes: &[Scope]) -> Around {
        let mine = |scope: &Scope| scopes.iter().any(|asked| asked.contains(scope));
        let grids = self.boxes.iter().filter(|(code, _)| mine(&code.scope())).map(|(_, around)| *around);
        let places = self.places.iter().filter(|place| place.record.scope.as_ref().is_some_and(mine));
        grids.chain(places.map(|place| Around::of([place.at]))).fold(Around::NOWHERE, Around::and)
    }
}

impl Around {
    pub const NOWHERE: Around = Around([i32::MAX, i32::MAX, i32::MIN, i32::MIN]);

    pub fn of(points: impl IntoIterator<Item = E7>) -> Self {
        let boxes = points.into_iter().map(|at| Around([at.lon(), at.lat(), at.lon(), at.lat()]));
        boxes.fold(Around::NOWHERE, Around::and)
    }

    fn and(self, Around(other): Around) -> Self {
        let Around(own) = self;
        Around([own[0].min(other[0]), own[1].min(other[1]), own[2].max(other[2]), own[3].max(other[3])])
    }

    /// With all that can be seen from it.
    pub fn with_reach(self) -> Self {
        let Around([west, south, east, north]) = self;
        if self == Around::NOWHERE {
            return self;
        }
        Around([west - REACH, south - REACH, east + REACH, north + REACH])
    }

    pub fn meets(self, Around(other): Around) -> bool {
        let Around(own) = self;
        own[0] <= other[2] && own[2] >= other[0] && own[1] <= other[3] && own[3] >= other[1]
    }
}
