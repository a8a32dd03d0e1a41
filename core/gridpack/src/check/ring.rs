//! One grid by itself: its parts, its corners, and where its border meets itself. Exact, in integers.

use std::ops::ControlFlow;

use gridpatrol_export::{Area, Shape};
use gridpatrol_geo::crs::E7;

use super::{Fault, FaultKind, first_corner, whole};
use crate::MAX_CORNERS;
use crate::import::Drawn;
use crate::plane::{doubled_area, opened, sides, turn, turns_back, unit};

/// Crossings that are shown of one ring: a scribble has thousands.
const SHOWN: usize = 10;

pub(crate) fn check(grid: &Drawn, faults: &mut Vec<Fault>) {
    if grid.areas.is_empty() {
        faults.push(Fault::of(FaultKind::NoArea, grid, Shape::Nowhere));
    }
    if grid.areas.len() > 1 {
        faults.push(Fault::of(FaultKind::Parts, grid, whole(grid)));
    }
    let holes: Vec<Area> = (grid.areas.iter().flat_map(|area| &area.holes))
        .filter(|hole| doubled_area(opened(hole)) != 0)
        .map(|hole| Area { outer: hole.clone(), holes: Vec::new() })
        .collect();
    if grid.areas.iter().any(|area| !area.holes.is_empty()) {
        let place = if holes.is_empty() { first_corner(grid) } else { Shape::Areas(holes) };
        faults.push(Fault::of(FaultKind::Hole, grid, place));
    }
    for area in &grid.areas {
        std::iter::once(&area.outer).chain(&area.holes).for_each(|ring| check_ring(grid, ring, faults));
    }
}

fn check_ring(grid: &Drawn, ring: &[E7], faults: &mut Vec<Fault>) {
    let Some(&first) = ring.first() else { return faults.push(Fault::of(FaultKind::NoArea, grid, Shape::Nowhere)) };
    let mut fault = |kind, at| faults.push(Fault::of(kind, grid, Shape::Point(at)));
    if ring.last() != Some(&first) {
        fault(FaultKind::OpenRing, first);
    }
    let clean = cleaned(ring);
    let is_huge = clean.len() > MAX_CORNERS;
    if doubled_area(&clean) == 0 && (is_huge || crossings(&clean, 1).is_empty()) {
        return fault(FaultKind::NoArea, first);
    }
    if let Some(at) = repeated(opened(ring)) {
        fault(FaultKind::RepeatedCorner, at);
    }
    if is_huge {
        return faults.push(Fault::of(FaultKind::TooManyCorners, grid, whole(grid)));
    }
    crossings(&clean, SHOWN).into_iter().for_each(|at| fault(FaultKind::SelfCrossing, at));
}

/// The first corner that adds nothing: the same as the one before it, or the tip of a way out and back.
fn repeated(ring: &[E7]) -> Option<E7> {
    let count = ring.len();
    (0..count).map(|at| [ring[at], ring[(at + 1) % count], ring[(at + 2) % count]]).find_map(|[a, b, c]| {
        let needless = a == b || turns_back(a, b, c);
        needless.then_some(b)
    })
}

/// The ring, open, without corners that add nothing. Empty if nothing is left.
pub(crate) fn cleaned(ring: &[E7]) -> Vec<E7> {
    let mut clean: Vec<E7> = Vec::with_capacity(ring.len());
    for &at in opened(ring) {
        clean.push(at);
        settle(&mut clean);
    }
    // The seam: the end against the beginning.
    let mut start = 0;
    loop {
        match clean[start..] {
            [] | [_] | [_, _] => return Vec::new(),
            [first, .., last] if first == last => drop(clean.pop()),
            [first, .., before, last] if turns_back(before, last, first) => drop(clean.pop()),
            [first, second, .., last] if turns_back(last, first, second) => start += 1,
            _ => return clean.split_off(start),
        }
    }
}

/// Takes back what the last corner made needless.
fn settle(clean: &mut Vec<E7>) {
    loop {
        match clean[..] {
            [.., a, b] if a == b => drop(clean.pop()),
            [.., a, b, c] if turns_back(a, b, c) => {
                clean.truncate(clean.len() - 2);
                if a != c {
                    clean.push(c);
                }
            }
            _ => return,
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Side {
    a: E7,
    b: E7,
}

impl Side {
    fn lon(self) -> (i32, i32) {
        (self.a.lon().min(self.b.lon()), self.a.lon().max(self.b.lon()))
    }

    fn lat(self) -> (i32, i32) {
        (self.a.lat().min(self.b.lat()), self.a.lat().max(self.b.lat()))
    }

    pub fn reaches(self, [south_west, north_east]: [[f64; 2]; 2]) -> bool {
        let meets = |(from, to): (i32, i32), axis: usize| {
            f64::from(from) <= north_east[axis] && f64::from(to) >= south_west[axis]
        };
        meets(self.lon(), 0) && meets(self.lat(), 1)
    }
}

pub(super) fn sides_of(ring: &[E7]) -> impl Iterator<Item = Side> + '_ {
    sides(ring).map(|(a, b)| Side { a, b })
}

/// Shows every pair of sides that have a longitude in common, until `look` breaks off: from west to east, each with
/// those before it that reach as far. A side comes with what it was named.
pub(super) fn sweep<N>(
    mut sides: Vec<(Side, N)>,
    mut look: impl FnMut(&(Side, N), &(Side, N)) -> ControlFlow<()>,
) -> ControlFlow<()> {
    sides.sort_by_key(|(side, _)| side.lon().0);
    let mut reaching: Vec<&(Side, N)> = Vec::new();
    for one in &sides {
        reaching.retain(|(other, _)| other.lon().1 >= one.0.lon().0);
        reaching.iter().try_for_each(|other| look(one, other))?;
        reaching.push(one);
    }
    ControlFlow::Continue(())
}

/// Where sides that are not neighbours meet, at most so many.
pub(crate) fn crossings(ring: &[E7], most: usize) -> Vec<E7> {
    let mut found: Vec<E7> = Vec::new();
    let _ = sweep(sides_of(ring).zip(0_usize..).collect(), |(side, place), (other, other_place)| {
        let apart = place.abs_diff(*other_place);
        if apart != 1 && apart != ring.len() - 1 {
            found.extend(meeting(*side, *other).filter(|at| !found.contains(at)));
        }
        if found.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found.sort_unstable();
    found
}

/// A point that both sides have, to the nearest unit.
pub(super) fn meeting(one: Side, two: Side) -> Option<E7> {
    let (a, b, c, d) = (one.a, one.b, two.a, two.b);
    let ((south, north), (other_south, other_north)) = (one.lat(), two.lat());
    if north < other_south || other_north < south {
        return None;
    }
    let [ta, tb] = [turn(c, d, a), turn(c, d, b)];
    let [tc, td] = [turn(a, b, c), turn(a, b, d)];
    if ta.signum() * tb.signum() > 0 || tc.signum() * td.signum() > 0 {
        return None;
    }
    if ta == 0 && tb == 0 {
        // On one line: their boxes meet, if they do, at an end of one of them.
        return [a, b].into_iter().find(|at| within(*at, c, d)).or_else(|| within(c, a, b).then_some(c));
    }
    let part = ta as f64 / (ta - tb) as f64;
    let along = |from: i32, to: i32| f64::from(from) + (f64::from(to) - f64::from(from)) * part;
    unit(along(a.lon(), b.lon()), along(a.lat(), b.lat()))
}

fn within(at: E7, c: E7, d: E7) -> bool {
    let between = |x: i32, p: i32, q: i32| (p.min(q)..=p.max(q)).contains(&x);
    between(at.lon(), c.lon(), d.lon()) && between(at.lat(), c.lat(), d.lat())
}
