//! Borders that nearly meet, made to meet: corners go to a corner of an earlier grid that is near enough, and corners
//! that lie near a side of another grid become corners of that side. What is narrower than the tolerance closes, an
//! overlap as well as a gap.
//!
//! The grid with the smaller code keeps its corners, so the outcome does not depend on the order in the file.

use std::collections::BTreeSet;

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::distance::metres;
use gridpatrol_geo::ruler::Ruler;
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};

use super::{Mended, rings_of};
use crate::check::ring::cleaned;
use crate::import::Drawn;
use crate::plane::{opened, sides, turn, unit};

/// Beyond this it is no drawing error, and houses would change their grid.
pub const MAX_SNAP_METRES: f64 = 10.0;

/// A side that got a corner moves a little, and may come near another one.
const ROUNDS: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "borders are snapped over more than 0 and at most {MAX_SNAP_METRES} m, not over {0} m: redraw what is further apart"
)]
pub struct TooFar(pub f64);

/// A corner in units, exact in a double (in integers the tree's own sums overflow), and the grid that has it.
type Corner = GeomWithData<[f64; 2], usize>;

pub fn snap(grids: &mut [Drawn], within_metres: f64) -> Result<Vec<Mended>, TooFar> {
    if !(within_metres > 0.0 && within_metres <= MAX_SNAP_METRES) {
        return Err(TooFar(within_metres));
    }
    let mut mended: Vec<Mended> = grids.iter().map(Mended::new).collect();
    let mut order: Vec<usize> = (0..grids.len()).collect();
    order.sort_by(|a, b| (&grids[*a].code, grids[*a].feature).cmp(&(&grids[*b].code, grids[*b].feature)));
    let to_corners = move_corners(grids, &order, within_metres, &mut mended);
    let mut changed = add_corners(grids, within_metres, &mut mended) || to_corners;
    for _ in 1..ROUNDS {
        if !std::mem::take(&mut changed) {
            break;
        }
        changed = add_corners(grids, within_metres, &mut mended);
    }
    for (grid, mended) in grids.iter_mut().zip(&mut mended).filter(|(_, mended)| mended.is_something()) {
        rings_of(grid).for_each(|(ring, _)| tidy(ring, mended));
    }
    mended.retain(Mended::is_something);
    Ok(mended)
}

fn key(at: E7) -> [f64; 2] {
    [f64::from(at.lon()), f64::from(at.lat())]
}

/// The box around points that holds everything within so many metres.
fn reach(a: E7, b: E7, within_metres: f64) -> AABB<[f64; 2]> {
    // A degree of latitude has at least 110,574 m; of longitude that times the cosine, and a little to be safe.
    let north = within_metres / 110_574.0 * 1e7 + 1.0;
    let lat = f64::from(a.lat().abs().max(b.lat().abs())) / 1e7;
    let east = north / (lat + 0.1).min(89.0).to_radians().cos();
    let (low, high) = (|axis: usize| key(a)[axis].min(key(b)[axis]), |axis: usize| key(a)[axis].max(key(b)[axis]));
    AABB::from_corners([low(0) - east, low(1) - north], [high(0) + east, high(1) + north])
}

/// Each corner to the nearest one of a grid before it, in the order of codes.
fn move_corners(grids: &mut [Drawn], order: &[usize], within_metres: f64, mended: &mut [Mended]) -> bool {
    let mut fixed: RTree<Corner> = RTree::new();
    let mut moved = false;
    for &grid in order {
        let mut own = Vec::new();
        for (ring, _) in rings_of(&mut grids[grid]) {
            // The corner that closes a ring is its first one again.
            let corners = opened(ring).len();
            for (number, at) in ring.iter_mut().enumerate() {
                let near = fixed.locate_in_envelope(&reach(*at, *at, within_metres));
                let near = near.filter_map(|corner| unit(corner.geom()[0], corner.geom()[1]));
                let near = near.map(|to| (metres(*at, to), to)).filter(|(way, _)| *way <= within_metres);
                match near.min_by(|one, two| one.0.total_cmp(&two.0).then(one.1.cmp(&two.1))) {
                    Some((way, to)) if to != *at => {
                        mended[grid].moved += u64::from(number < corners);
                        mended[grid].furthest_metres = mended[grid].furthest_metres.max(way);
                        moved = true;
                        *at = to;
                    }
                    Some(_) => {}
                    None => own.push(Corner::new(key(*at), grid)),
                }
            }
        }
        own.into_iter().for_each(|corner| fixed.insert(corner));
    }
    moved
}

/// Into each side the corners of other grids that lie near it.
fn add_corners(grids: &mut [Drawn], within_metres: f64, mended: &mut [Mended]) -> bool {
    let corners = grids.iter().enumerate().flat_map(|(place, grid)| {
        let rings = grid.areas.iter().flat_map(|area| std::iter::once(&area.outer).chain(&area.holes));
        rings.flatten().map(move |at| Corner::new(key(*at), place))
    });
    let tree = RTree::bulk_load(corners.collect());
    let mut added = false;
    for (place, grid) in grids.iter_mut().enumerate() {
        for (ring, _) in rings_of(grid) {
            let own: BTreeSet<E7> = ring.iter().copied().collect();
            let open = opened(ring).to_vec();
            let closes = open.len() < ring.len();
            let mut filled = Vec::with_capacity(ring.len());
            for (a, b) in sides(&open) {
                filled.push(a);
                let near = tree.locate_in_envelope(&reach(a, b, within_metres));
                let near = near
                    .filter(|corner| corner.data != place)
                    .filter_map(|corner| unit(corner.geom()[0], corner.geom()[1]));
                let mut between: Vec<(f64, E7)> = near
                    .filter(|at| !own.contains(at) && turn(a, b, *at) != 0)
                    .filter_map(|at| Some((along(at, a, b, within_metres)?, at)))
                    .collect();
                between.sort_by(|one, two| one.0.total_cmp(&two.0).then(one.1.cmp(&two.1)));
                between.dedup_by_key(|(_, at)| *at);
                mended[place].added += between.len() as u64;
                added |= !between.is_empty();
                filled.extend(between.into_iter().map(|(_, at)| at));
            }
            if closes {
                filled.extend(open.first().copied());
            }
            *ring = filled;
        }
    }
    added
}

/// Where on the side, between its ends, the point lies, if it is near enough.
fn along(at: E7, a: E7, b: E7, within_metres: f64) -> Option<f64> {
    let ruler = Ruler::near(at);
    let [[ax, ay], [bx, by]] = [ruler.plane(at, a), ruler.plane(at, b)];
    let (east, north) = (bx - ax, by - ay);
    let part = -(ax * east + ay * north) / (east * east + north * north);
    let away = (ax + part * east).hypot(ay + part * north);
    (part > 0.0 && part < 1.0 && away <= within_metres).then_some(part)
}

/// Corners that fell on one another are one.
fn tidy(ring: &mut Vec<E7>, mended: &mut Mended) {
    let clean = cleaned(ring);
    let before = opened(ring).len();
    if clean.is_empty() || clean.len() == before {
        return;
    }
    mended.removed += (before - clean.len()) as u64;
    let closes = ring.len() > before;
    *ring = clean;
    if closes {
        ring.extend(ring.first().copied());
    }
}
