//! Coverage of areas and places over some days: the set of all that any walk has seen.
//!
//! The walks are those of the session's areas, whatever area is asked for: who walks along a border sees both sides of
//! it. Nobody's name is read.

use std::collections::{BTreeMap, HashSet};
use std::io::Cursor;

use gridpatrol_geo::coverage::{Area, Coverage as Cells, Lattice, SEEN_WITHIN_M, Share};
use gridpatrol_model::area::{GridCode, Scope};
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::schema::RecordKind;
use image::{ImageFormat, RgbaImage};
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, ToSpan};
use rusqlite::params;

use super::ground::{Around, Ground};
use super::patrol_page::shown_position;
use super::patrols::{DAY_MS, day_ms};
use super::problems::{days_reversed, too_many_walks};
use super::view::View;
use super::walked::{Kept, Seen, Walk};
use super::{Desk, Session};
use crate::api::{
    Answer,
    coverage::{Coverage, CoverageQuery, DaysQuery, GridCoverage, Land, PlaceCoverage},
    problem::Problem,
};

/// Days, if no first day is asked for: so many that the walks can be looked at.
const USUAL_DAYS: [i64; 3] = [30, 7, 1];
/// Walks that one question looks at: a county's of a month, a town's of a year. See `walked.rs` for what they cost.
const MOST_WALKS: usize = 30_000;
/// Pixels of the longer side of a heat picture: two to four metres each.
const PICTURE: u32 = 512;

/// Days from the first up to and including the last.
struct Days {
    from: Date,
    to: Date,
}

/// What all walks together have seen. A grid has some 100 KB of cells, and a county a thousand grids.
struct Merged {
    grids: BTreeMap<GridCode, Option<Cells>>,
    places: HashSet<EntityId>,
}

impl Desk {
    pub(crate) fn coverage(&self, session: &Session, query: &CoverageQuery) -> Answer<Coverage> {
        self.ask(session, |view| {
            let scopes = view.filter(query.area.as_deref())?;
            let (days, walks) = view.walks(query.from.as_deref(), query.to.as_deref())?;
            let ground = view.ground()?;
            let grids = view.grids_in(&scopes).map(|code| (code, None)).collect();
            let mut all = Merged { grids, places: HashSet::new() };
            let awaited = view.each_seen(&ground, &walks, ground.around(&scopes), |_, seen| {
                all.add(seen);
                Ok(())
            })?;
            let places = view.places_covered(&ground, &scopes, &all.places)?;
            let grids = view.grids_covered(&ground, all, &places);
            Ok(Coverage {
                from: days.from.to_string(),
                to: days.to.to_string(),
                radius_m: SEEN_WITHIN_M,
                awaited,
                land: grids.iter().fold(Land::default(), |sum, grid| Land {
                    seen_m2: sum.seen_m2 + grid.land.seen_m2,
                    all_m2: sum.all_m2 + grid.land.all_m2,
                }),
                places_seen: places.iter().filter(|place| place.seen).count() as u32,
                places_all: places.len() as u32,
                grids,
                places,
            })
        })
    }

    /// A picture of a grid. The walks of a day are one, so that who crosses a border does not count as a second walk.
    pub(crate) fn heat(&self, session: &Session, grid: &str, days: &DaysQuery) -> Answer<Vec<u8>> {
        self.ask(session, |view| {
            let code = GridCode::parse(grid).map_err(|_| Problem::not_found())?;
            if !view.areas().covers(&code.scope()) {
                return Err(Problem::not_found());
            }
            let (days, walks) = view.walks(days.from.as_deref(), days.to.as_deref())?;
            let ground = view.ground()?;
            let area = ground.area(code).ok_or_else(Problem::not_found)?;
            let mut by_day: BTreeMap<i64, Cells> = BTreeMap::new();
            let begins_ms = days.begins_ms()?;
            view.each_seen(&ground, &walks, ground.around(&[code.scope()]), |walk, seen| {
                if let Some(bytes) = seen.grids.iter().find(|(of, _)| *of == code).map(|(_, bytes)| bytes) {
                    let day = (walk.began_ms - begins_ms).div_euclid(DAY_MS);
                    add(by_day.entry(day).or_insert_with(|| area.unseen(SEEN_WITHIN_M)), bytes);
                }
                Ok(())
            })?;
            picture(&area, &by_day.into_values().collect::<Vec<_>>())
        })
    }
}

impl View<'_> {
    /// The days asked for, and the walks of the session's areas that began in them.
    fn walks(&self, from: Option<&str>, to: Option<&str>) -> Answer<(Days, Vec<Walk>)> {
        let to = to.map_or_else(|| today(self.now_ms), day)?;
        let spans = match from {
            Some(from) => vec![day(from)?],
            None => USUAL_DAYS.iter().map(|days| before(to, days - 1)).collect::<Answer<_>>()?,
        };
        for from in spans {
            let days = Days { from, to };
            if from > to {
                return Err(days_reversed());
            }
            if let Some(walks) = self.walks_in(&days)? {
                return Ok((days, walks));
            }
        }
        Err(too_many_walks())
    }

    /// Nothing if there are too many.
    fn walks_in(&self, days: &Days) -> Answer<Option<Vec<Walk>>> {
        let mut statement = self.state.prepare_cached(
            "SELECT scope, entity, sort_ms, id, walk_seen.asof, west, south, east, north, scopes
             FROM record INDEXED BY record_of_kind LEFT JOIN walk_seen ON walk = entity
             WHERE kind = ?1 AND sort_ms >= ?2 AND sort_ms < ?3 AND life <> 1",
        )?;
        let mut rows = statement.query(params![RecordKind::PATROL.0, days.begins_ms()?, days.ends_ms()?])?;
        let mut walks = Vec::new();
        while let Some(row) = rows.next()? {
            let Ok(scope) = Scope::parse(row.get_ref(0)?.as_str().unwrap_or_default()) else { continue };
            if self.areas().covers(&scope) {
                walks.push(Walk { entity: EntityId(row.get(1)?), scope, began_ms: row.get(2)?, kept: kept(row)? });
            }
            if walks.len() > MOST_WALKS {
                return Ok(None);
            }
        }
        Ok(Some(walks))
    }

    fn grids_in<'a>(&'a self, scopes: &'a [Scope]) -> impl Iterator<Item = GridCode> + 'a {
        self.grids.by_code.keys().copied().filter(|code| scopes.iter().any(|mine| mine.contains(&code.scope())))
    }

    fn places_covered(
        &self,
        ground: &Ground,
        scopes: &[Scope],
        passed: &HashSet<EntityId>,
    ) -> Answer<Vec<PlaceCoverage>> {
        let mut places = Vec::new();
        for place in &ground.places {
            let record = &place.record;
            let mine = record.scope.is_some_and(|scope| scopes.iter().any(|asked| asked.contains(&scope)));
            let Some(position) = shown_position(record).filter(|_| mine) else { continue };
            let (place, grid) = (self.place_ref(record)?, self.grid(record));
            places.push(PlaceCoverage { place, grid, position, seen: passed.contains(&record.entity) });
        }
        let key = |place: &PlaceCoverage| (place.grid.as_ref().map(|grid| grid.code.clone()), place.place.name.clone());
        places.sort_by_cached_key(key);
        Ok(places)
    }

    fn grids_covered(&self, ground: &Ground, all: Merged, places: &[PlaceCoverage]) -> Vec<GridCoverage> {
        let mut counts: BTreeMap<&str, [u32; 2]> = BTreeMap::new();
        for place in places {
            let Some(grid) = &place.grid else { continue };
            let [seen, all] = counts.entry(&grid.code).or_default();
            (*seen, *all) = (*seen + u32::from(place.seen), *all + 1);
        }
        let covered = all.grids.into_iter().filter_map(|(code, seen)| {
            let area = ground.area(code)?;
            let mut cells = area.unseen(SEEN_WITHIN_M);
            seen.iter().for_each(|seen| merge(&mut cells, seen));
            let grid = self.grids.reference(&self.desk.divisions, code);
            let [places_seen, places_all] = counts.get(grid.code.as_str()).copied().unwrap_or_default();
            let bounds = borders(&area.lattice());
            Some(GridCoverage { grid, land: land(&area, &cells), places_seen, places_all, bounds })
        });
        covered.collect()
    }
}

impl Merged {
    fn add(&mut self, walk: &Seen) {
        for (code, bytes) in &walk.grids {
            match self.grids.get_mut(code) {
                Some(Some(cells)) => add(cells, bytes),
                Some(none) => *none = Cells::from_bytes(bytes).ok(),
                None => {}
            }
        }
        self.places.extend(&walk.places);
    }
}

fn kept(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Kept>> {
    let Some(id) = row.get(3)? else { return Ok(None) };
    let around = Around([row.get(5)?, row.get(6)?, row.get(7)?, row.get(8)?]);
    Ok(Some(Kept { id, asof: row.get(4)?, around, scopes: row.get(9)? }))
}

/// Those that are kept are of this area and radius.
fn add(cells: &mut Cells, walk: &[u8]) {
    match Cells::from_bytes(walk) {
        Ok(walk) => merge(cells, &walk),
        Err(error) => tracing::error!(%error, "a coverage that was kept cannot be read"),
    }
}

fn merge(cells: &mut Cells, other: &Cells) {
    if cells.merge(other).is_err() {
        tracing::error!("a coverage that was kept does not fit its grid");
    }
}

fn land(area: &Area, cells: &Cells) -> Land {
    let Lattice { cell_lon, cell_lat, nm_lon, nm_lat, .. } = area.lattice();
    let metres = |units: u32, nm: u32| f64::from(units) * f64::from(nm) * 1e-9;
    let cell_m2 = metres(cell_lon, nm_lon) * metres(cell_lat, nm_lat);
    let m2 = |cells: u64| (cells as f64 * cell_m2).round() as u64;
    let share = area.share(cells).unwrap_or(Share { seen: 0, all: 0 });
    Land { seen_m2: m2(share.seen), all_m2: m2(share.all) }
}

/// Of the picture, which has whole pixels.
fn borders(lattice: &Lattice) -> [f64; 4] {
    let step = lattice.columns.max(lattice.rows).div_ceil(PICTURE);
    let end = |from: i32, cells: u32, units: u32| {
        (f64::from(from) + f64::from(cells.div_ceil(step)) * f64::from(step) * f64::from(units)) / 1e7
    };
    let Lattice { west, south, cell_lon, cell_lat, columns, rows, .. } = *lattice;
    [f64::from(west) / 1e7, f64::from(south) / 1e7, end(west, columns, cell_lon), end(south, rows, cell_lat)]
}

fn picture(area: &Area, days: &[Cells]) -> Answer<Vec<u8>> {
    let drawn = area.heat(days, PICTURE).map_err(|_| Problem::unavailable())?;
    let image = RgbaImage::from_raw(drawn.width, drawn.height, drawn.rgba).ok_or_else(Problem::unavailable)?;
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, ImageFormat::Png).map_err(|error| {
        tracing::error!(%error, "a heat picture could not be written");
        Problem::unavailable()
    })?;
    Ok(file.into_inner())
}

fn day(text: &str) -> Answer<Date> {
    text.parse().map_err(|_| Problem::unreadable())
}

/// In China.
fn today(now_ms: i64) -> Answer<Date> {
    let now = Timestamp::from_millisecond(now_ms).map_err(|_| Problem::unavailable())?;
    Ok(TimeZone::fixed(offset(8)).to_datetime(now).date())
}

fn before(day: Date, days: i64) -> Answer<Date> {
    day.checked_sub(days.days()).map_err(|_| Problem::unreadable())
}

impl Days {
    fn begins_ms(&self) -> Answer<i64> {
        day_ms(self.from)
    }

    fn ends_ms(&self) -> Answer<i64> {
        Ok(day_ms(self.to)? + DAY_MS)
    }
}
