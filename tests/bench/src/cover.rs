//! `gridpatrol-bench cover DIR [--json]`: the share of a cell that an eight-hour walk has seen within 30 m.
//!
//! DIR has `cov_cell.bin`, the corners of the cell, and `cov_track.bin`, a fix a second without a gap: f64 pairs in
//! metres on a plane, little-endian. They are laid on the ellipsoid at 31° N, true to scale at the cell, and rounded
//! to 1e-7 degrees like every fix of a phone.

use std::path::Path;

use gridpatrol_geo::coverage::Area;
use gridpatrol_geo::crs::{E7, Wgs84};
use gridpatrol_geo::distance::metres;
use gridpatrol_geo::grid::Polygon;
use serde::Serialize;

use crate::grid::{median, pairs};

const RADIUS_M: f64 = 30.0;
const CORNER: (f64, f64) = (121.0, 31.0);

#[derive(Serialize)]
struct Figures {
    /// Of the area, from 0 to 1.
    share: f64,
    fixes: usize,
    /// From corners and fixes to the share.
    ms: f64,
    us_per_fix: f64,
    cells: u64,
    bytes: usize,
}

pub fn run(words: &[&str]) -> Result<String, String> {
    let [dir] = words.iter().copied().filter(|word| *word != "--json").collect::<Vec<_>>()[..] else {
        return Err("usage: gridpatrol-bench cover DIR [--json]".into());
    };
    let (cell, track) = (pairs(&Path::new(dir).join("cov_cell.bin"))?, pairs(&Path::new(dir).join("cov_track.bin"))?);
    let corner = [0, 1].map(|axis: usize| cell.iter().map(|at| at[axis]).fold(f64::INFINITY, f64::min));
    let place = |at: &[f64; 2]| on_earth([at[0] - corner[0], at[1] - corner[1]]);
    let ring: Vec<E7> = cell.iter().map(place).collect::<Result<_, _>>()?;
    let fixes: Vec<E7> = track.iter().map(place).collect::<Result<_, _>>()?;
    let polygon = Polygon::new(ring, Vec::new()).map_err(|error| format!("cov_cell.bin: {error}"))?;

    let mut last = None;
    let seconds = median(|| {
        let area = Area::new(std::slice::from_ref(&polygon)).expect("it has a part");
        let mut walker = area.unseen(RADIUS_M).walker();
        fixes.iter().for_each(|fix| walker.fix(*fix));
        last = Some((area.share(walker.coverage()).expect("it is of this area"), walker.into_coverage()));
    });
    let area = Area::new(std::slice::from_ref(&polygon)).expect("it has a part");
    let walking = median(|| {
        let mut walker = area.unseen(RADIUS_M).walker();
        fixes.iter().for_each(|fix| walker.fix(*fix));
        std::hint::black_box(walker.into_coverage());
    });
    let (share, coverage) = last.expect("there was a round");
    let figures = Figures {
        share: share.ratio(),
        fixes: fixes.len(),
        ms: seconds * 1e3,
        us_per_fix: walking / fixes.len() as f64 * 1e6,
        cells: share.all,
        bytes: coverage.to_bytes().len(),
    };
    Ok(serde_json::to_string(&figures).expect("figures are plain data"))
}

/// Metres east and north of the corner.
fn on_earth([east, north]: [f64; 2]) -> Result<E7, String> {
    let (lon, lat) = CORNER;
    let at = |lon, lat| Wgs84::new(lon, lat).map(Wgs84::to_e7).map_err(|error| format!("farther than a cell: {error}"));
    let per_degree = |point| metres(at(lon, lat).expect("in range"), point) * 100.0;
    let (east_m, north_m) = (per_degree(at(lon + 0.01, lat)?), per_degree(at(lon, lat + 0.01)?));
    at(lon + east / east_m, lat + north / north_m)
}
