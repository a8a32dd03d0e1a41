//! Grids against each other: what two of them cover, and what none does.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use geo::{BooleanOps, Polygon, unary_union};
use gridpatrol_export::{Area, Shape};
use gridpatrol_geo::crs::E7;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::ring::{Side, cleaned, meeting, sides_of, sweep};
use super::{Fault, FaultKind, Report, Tolerance};
use crate::import::Drawn;
use crate::plane::{bounds, doubled_area, measure, polygon, ring};

/// Overlaps that are told. A file in the wrong system or with every grid twice has more, and is not to be read through.
const MOST_OVERLAPS: usize = 1_000;
/// Neighbours that are compared, on average; drawn grids have about ten whose boxes meet.
const MOST_NEIGHBOURS: usize = 64;
/// Steps for any file, and for each corner of it. Combs of 3,000 corners that cross take half a billion.
const STEPS: u64 = 25_000_000;
const STEPS_A_CORNER: u64 = 2_000;
/// What a place where two sides meet costs the boolean operations, in comparisons of two sides.
const MEETING: u64 = 250;

type Boxed = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// One area of a grid, ready to be compared.
struct Cover<'a> {
    grid: &'a Drawn,
    polygon: Polygon<f64>,
    bounds: [[f64; 2]; 2],
    sides: Vec<Side>,
}

/// What may still be spent. The boolean operations have no limit of their own, and a few thousand corners can cross at
/// millions of places.
struct Budget(u64);

impl Budget {
    fn of(covers: &[Cover]) -> Self {
        Budget(STEPS + STEPS_A_CORNER * covers.iter().map(|cover| cover.sides.len() as u64).sum::<u64>())
    }

    /// Pays for the places where sides of different names meet; breaks when it cannot.
    fn pay<N: PartialEq>(&mut self, sides: Vec<(Side, N)>) -> ControlFlow<()> {
        sweep(sides, |(one, name), (two, other)| {
            let meets = name != other && meeting(*one, *two).is_some();
            match self.0.checked_sub(if meets { MEETING } else { 1 }) {
                Some(left) => {
                    self.0 = left;
                    ControlFlow::Continue(())
                }
                None => ControlFlow::Break(()),
            }
        })
    }
}

pub(super) fn check(grids: &[Drawn], tolerance: Tolerance, report: &mut Report) {
    let covers: Vec<Cover> = grids.iter().flat_map(covers).collect();
    let boxes = (0..).zip(&covers).map(|(at, cover)| {
        let [south_west, north_east] = cover.bounds;
        Boxed::new(Rectangle::from_corners(south_west, north_east), at)
    });
    let tree = RTree::bulk_load(boxes.collect());
    report.stopped = overlaps(&covers, &tree, tolerance, report).is_break();
    if !report.stopped {
        gaps(&covers, &tree, tolerance, report);
    }
}

fn covers(grid: &Drawn) -> impl Iterator<Item = Cover<'_>> {
    grid.areas.iter().filter_map(move |area| {
        let outer = cleaned(&area.outer);
        if doubled_area(&outer) == 0 {
            return None;
        }
        let holes: Vec<Vec<E7>> =
            area.holes.iter().map(|hole| cleaned(hole)).filter(|hole| doubled_area(hole) != 0).collect();
        let sides = std::iter::once(&outer).chain(&holes).flat_map(|ring| sides_of(ring)).collect();
        // A hole runs the other way round than its area, so that both fill rules see it as one.
        let holes = holes.iter().map(|hole| {
            let mut line = polygon(hole).into_inner().0;
            line.0.reverse();
            line
        });
        let polygon = Polygon::new(polygon(&outer).into_inner().0, holes.collect());
        Some(Cover { grid, bounds: bounds(&outer)?, polygon, sides })
    })
}

fn around(bounds: [[f64; 2]; 2]) -> AABB<[f64; 2]> {
    let [south_west, north_east] = bounds;
    AABB::from_corners(south_west, north_east)
}

/// Breaks where it gave up comparing.
fn overlaps(covers: &[Cover], tree: &RTree<Boxed>, tolerance: Tolerance, report: &mut Report) -> ControlFlow<()> {
    let mut budget = Budget::of(covers);
    let (mut found, mut compared) = (0, 0);
    for (at, one) in covers.iter().enumerate() {
        budget.pay(one.sides.iter().copied().zip(0..).collect())?;
        let mut near: Vec<usize> = tree.locate_in_envelope_intersecting(&around(one.bounds)).map(|b| b.data).collect();
        near.retain(|other| *other > at);
        near.sort_unstable();
        for other in near {
            let two = &covers[other];
            if found == MOST_OVERLAPS || compared == MOST_NEIGHBOURS * covers.len() {
                return ControlFlow::Break(());
            }
            compared += 1;
            budget.pay(close_sides(one, two))?;
            let overlap = overlap(one, two, tolerance, &mut report.rounding);
            found += usize::from(overlap.is_some());
            report.faults.extend(overlap);
        }
    }
    ControlFlow::Continue(())
}

/// The sides of both that the other may meet.
fn close_sides(one: &Cover, two: &Cover) -> Vec<(Side, bool)> {
    let of_one = one.sides.iter().filter(|side| side.reaches(two.bounds)).map(|side| (*side, true));
    let of_two = two.sides.iter().filter(|side| side.reaches(one.bounds)).map(|side| (*side, false));
    of_one.chain(of_two).collect()
}

fn overlap(one: &Cover, two: &Cover, tolerance: Tolerance, rounding: &mut u64) -> Option<Fault> {
    let (mut areas, mut square_metres) = (Vec::new(), 0.0);
    for part in &one.polygon.intersection(&two.polygon) {
        match part_of(part, tolerance) {
            Some((area, size)) => {
                areas.push(area);
                square_metres += size;
            }
            None => *rounding += 1,
        }
    }
    (!areas.is_empty()).then(|| Fault {
        kind: FaultKind::Overlap,
        codes: vec![one.grid.code.clone(), two.grid.code.clone()],
        features: vec![one.grid.feature, two.grid.feature],
        place: Shape::Areas(areas),
        square_metres: Some(square_metres),
    })
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
