//! Grids against each other: what two of them cover, and what none does.

use std::collections::BTreeSet;

use geo::{BooleanOps, Polygon, unary_union};
use gridpatrol_export::{Area, Shape};
use gridpatrol_geo::crs::E7;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::ring::cleaned;
use super::{Fault, FaultKind, Report, Tolerance};
use crate::import::Drawn;
use crate::plane::{bounds, doubled_area, measure, polygon, ring};

/// Overlaps that are told. A file in the wrong system or with every grid twice has more, and is not to be read through.
const MOST_OVERLAPS: usize = 1_000;
/// Neighbours that are compared, on average; drawn grids have about ten whose boxes meet.
const MOST_NEIGHBOURS: usize = 64;

type Boxed = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// One area of a grid, ready to be compared.
struct Cover<'a> {
    grid: &'a Drawn,
    polygon: Polygon<f64>,
    bounds: [[f64; 2]; 2],
}

pub(super) fn check(grids: &[Drawn], tolerance: Tolerance, report: &mut Report) {
    let covers: Vec<Cover> = grids.iter().flat_map(covers).collect();
    let boxes = (0..).zip(&covers).map(|(at, cover)| {
        let [south_west, north_east] = cover.bounds;
        Boxed::new(Rectangle::from_corners(south_west, north_east), at)
    });
    let tree = RTree::bulk_load(boxes.collect());
    overlaps(&covers, &tree, tolerance, report);
    gaps(&covers, &tree, tolerance, report);
}

fn covers(grid: &Drawn) -> impl Iterator<Item = Cover<'_>> {
    grid.areas.iter().filter_map(move |area| {
        let outer = cleaned(&area.outer);
        if doubled_area(&outer) == 0 {
            return None;
        }
        let holes = area.holes.iter().map(|hole| cleaned(hole)).filter(|hole| doubled_area(hole) != 0);
        // A hole runs the other way round than its area, so that both fill rules see it as one.
        let holes = holes.map(|hole| {
            let mut line = polygon(&hole).into_inner().0;
            line.0.reverse();
            line
        });
        let polygon = Polygon::new(polygon(&outer).into_inner().0, holes.collect());
        Some(Cover { grid, bounds: bounds(&outer)?, polygon })
    })
}

fn around(bounds: [[f64; 2]; 2]) -> AABB<[f64; 2]> {
    let [south_west, north_east] = bounds;
    AABB::from_corners(south_west, north_east)
}

fn overlaps(covers: &[Cover], tree: &RTree<Boxed>, tolerance: Tolerance, report: &mut Report) {
    let (mut found, mut compared) = (0, 0);
    for (at, one) in covers.iter().enumerate() {
        let mut near: Vec<usize> = tree.locate_in_envelope_intersecting(&around(one.bounds)).map(|b| b.data).collect();
        near.retain(|other| *other > at);
        near.sort_unstable();
        for other in near {
            if found == MOST_OVERLAPS || compared == MOST_NEIGHBOURS * covers.len() {
                report.stopped = true;
                return;
            }
            compared += 1;
            let two = &covers[other];
            let shared = one.polygon.intersection(&two.polygon);
            let mut areas = Vec::new();
            let mut square_metres = 0.0;
            for part in &shared {
                match part_of(part, tolerance) {
                    Some((area, size)) => {
                        areas.push(area);
                        square_metres += size;
                    }
                    None => report.rounding += 1,
                }
            }
            if !areas.is_empty() {
                found += 1;
                report.faults.push(Fault {
                    kind: FaultKind::Overlap,
                    codes: vec![one.grid.code.clone(), two.grid.code.clone()],
                    features: vec![one.grid.feature, two.grid.feature],
                    place: Shape::Areas(areas),
                    square_metres: Some(square_metres),
                });
            }
        }
    }
}

/// A piece with its size, unless it is rounding.
fn part_of(part: &Polygon<f64>, tolerance: Tolerance) -> Option<(Area, f64)> {
    let outer = ring(part.exterior());
    let holes: Vec<Vec<E7>> = part.interiors().iter().map(ring).filter(|hole| doubled_area(hole) != 0).collect();
    let (mut size, mut outline) = measure(&outer);
    for hole in &holes {
        let (less, more) = measure(hole);
        size -= less;
        outline += more;
    }
    let drawable = doubled_area(&outer) != 0 && !tolerance.is_rounding(size, outline);
    drawable.then_some((Area { outer, holes }, size))
}

/// Holes of all grids together, which is land that they enclose.
fn gaps(covers: &[Cover], tree: &RTree<Boxed>, tolerance: Tolerance, report: &mut Report) {
    let union = unary_union(covers.iter().map(|cover| &cover.polygon));
    for hole in union.iter().flat_map(|part| part.interiors()) {
        let outer = ring(hole);
        let (size, outline) = measure(&outer);
        let bounds = bounds(&outer).filter(|_| doubled_area(&outer) != 0 && !tolerance.is_rounding(size, outline));
        let Some(bounds) = bounds else {
            report.rounding += 1;
            continue;
        };
        let grids = neighbours(&outer, bounds, covers, tree);
        report.faults.push(Fault {
            kind: FaultKind::Gap,
            codes: grids.iter().map(|(_, code)| (*code).to_owned()).collect(),
            features: grids.iter().map(|(feature, _)| *feature).collect(),
            place: Shape::Areas(vec![Area { outer, holes: Vec::new() }]),
            square_metres: Some(size),
        });
    }
}

/// The grids that have a corner of the gap, by their numbers; those whose boxes meet it where none has.
fn neighbours<'a>(
    gap: &[E7],
    bounds: [[f64; 2]; 2],
    covers: &'a [Cover],
    tree: &RTree<Boxed>,
) -> BTreeSet<(u64, &'a str)> {
    let corners: BTreeSet<(i32, i32)> = gap.iter().map(|at| (at.lon(), at.lat())).collect();
    let near = || tree.locate_in_envelope_intersecting(&around(bounds)).map(|found| &covers[found.data]);
    let touches = |cover: &&Cover| {
        let lines = std::iter::once(cover.polygon.exterior()).chain(cover.polygon.interiors());
        lines.flat_map(|line| line.coords()).any(|at| corners.contains(&(at.x as i32, at.y as i32)))
    };
    let named = |cover: &'a Cover| (cover.grid.feature, cover.grid.code.as_str());
    let touching: BTreeSet<_> = near().filter(touches).map(named).collect();
    if touching.is_empty() { near().map(named).collect() } else { touching }
}
