//! What the walks on this phone have seen of a grid, as a picture to lay under the map. docs/coverage.md says what
//! counts. It is of the place: whose walks they were is not read.

use gridpatrol_geo::coverage::{Area, Coverage, SEEN_WITHIN_M};
use gridpatrol_geo::grid::Polygon;
use gridpatrol_model::area::GridCode;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_store::Query;

use crate::core::{Core, ring};
use crate::error::{Result, Rule};
use crate::map::Bounds;
use crate::track;

/// Pixels of the longer side: two to four metres each, and 200 KB.
const PICTURE: u32 = 256;

/// A grid as it was walked.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Covered {
    /// Of the land, from 0 to 1.
    pub share: f64,
    /// RGBA, not premultiplied, rows from north to south; nobody was there: orange, every walk was: blue, between them
    /// what some walks saw. Transparent outside the grid.
    pub rgba: Vec<u8>,
    pub width: u32,
    pub height: u32,
    /// Of the picture.
    pub bounds: Bounds,
    /// Parts of tracks that are on other phones and at the office only: there the share may be larger.
    pub elsewhere: u32,
}

/// By the walks that began since then, milliseconds UTC.
pub(crate) fn covered(core: &Core, grid: &str, since_ms: i64) -> Result<Covered> {
    let area = area(core, &GridCode::parse(grid)?)?;
    let (mut walks, mut elsewhere) = (Vec::new(), 0);
    for patrol in core.all(Query { kind: Some(RecordKind::PATROL), ..Query::default() })? {
        if patrol.record.int(FieldNo::STARTED).is_some_and(|at| at < since_ms) {
            continue;
        }
        let mut chunks = core.children(patrol.record.entity)?;
        chunks.retain(|view| view.record.kind == Some(RecordKind::TRACK_CHUNK));
        let (stretches, missing) = track::stretches(core, patrol.record.entity, &chunks)?;
        let walk = area.walked(stretches.values().map(|stretch| &stretch.fixes[..]));
        elsewhere += missing;
        if seen_of(&area, &walk) > 0.0 {
            walks.push(walk);
        }
    }
    Ok(draw(&area, &walks, elsewhere))
}

fn area(core: &Core, code: &GridCode) -> Result<Area> {
    let missing = || Rule::RecordMissing(code.to_string());
    let query = Query { kind: Some(RecordKind::GRID), scope: Some(code.scope()), ..Query::default() };
    let grids = core.all(query)?;
    let grid = grids.iter().find(|grid| grid.record.text(FieldNo::GRID_CODE) == Some(code.as_str()));
    let border = grid.and_then(|grid| Polygon::new(ring(&grid.record)?, Vec::new()).ok());
    Ok(Area::new(&[border.ok_or_else(missing)?]).ok_or_else(missing)?)
}

fn seen_of(area: &Area, walk: &Coverage) -> f64 {
    area.share(walk).expect("it was made for the area").ratio()
}

fn draw(area: &Area, walks: &[Coverage], elsewhere: u32) -> Covered {
    let mut all = area.unseen(SEEN_WITHIN_M);
    walks.iter().for_each(|walk| all.merge(walk).expect("each was made for the area"));
    let picture = area.heat(walks, PICTURE).expect("each was made for the area");
    let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
    let [west_e7, south_e7, east_e7, north_e7] = picture.bounds.map(e7);
    Covered {
        share: seen_of(area, &all),
        rgba: picture.rgba,
        width: picture.width,
        height: picture.height,
        bounds: Bounds { west_e7, south_e7, east_e7, north_e7 },
        elsewhere,
    }
}
