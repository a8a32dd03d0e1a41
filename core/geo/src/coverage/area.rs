//! The share of an area that a walk has seen.

use super::SEEN_WITHIN_M;
use super::lattice::{Bits, Lattice};
use super::step::{Disc, step};
use crate::crs::E7;
use crate::drift::lines_walked;
use crate::grid::Polygon;
use crate::track::Fix;

/// The land that may be seen: a grid of one or more parts, as cells.
#[derive(Clone, Debug)]
pub struct Area {
    lattice: Lattice,
    pub(super) inside: Bits,
    cells: u64,
}

/// What was seen of a lattice within a radius of the walked line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    pub(super) lattice: Lattice,
    pub(super) radius_dm: u32,
    pub(super) seen: Bits,
}

/// Seen, of all: cells of an area, or places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub seen: u64,
    pub all: u64,
}

/// A coverage that grows with the fixes of a walk.
#[derive(Clone, Debug)]
pub struct Walker {
    coverage: Coverage,
    /// Round the last fix, if the line goes on from it.
    last: Option<Disc>,
    /// Room for the next one.
    spare: Disc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the two coverages are of different areas or radii and cannot become one")]
pub struct NotTheSame;

impl Share {
    /// From 0 to 1; 0 of nothing.
    pub fn ratio(self) -> f64 {
        if self.all == 0 { 0.0 } else { self.seen as f64 / self.all as f64 }
    }
}

impl Area {
    /// `None` without a part.
    pub fn new(parts: &[Polygon]) -> Option<Self> {
        let corners = || parts.iter().flat_map(Polygon::sides).map(|(corner, _)| corner);
        let (west, east) = (corners().map(E7::lon).min()?, corners().map(E7::lon).max()?);
        let (south, north) = (corners().map(E7::lat).min()?, corners().map(E7::lat).max()?);
        let corner = |lon, lat| E7::new(lon, lat).expect("each is of a position");
        let lattice = Lattice::over(corner(west, south), corner(east, north));
        let mut inside = Bits::none(&lattice);
        for part in parts {
            lay(&lattice, part, &mut inside);
        }
        Some(Self { lattice, cells: inside.count(), inside })
    }

    pub fn lattice(&self) -> Lattice {
        self.lattice
    }

    /// A coverage of which nothing is seen yet. The radius is kept in decimetres,
    /// from 0.1 m to 1 km.
    pub fn unseen(&self, radius_m: f64) -> Coverage {
        let radius_dm = (radius_m * 10.0).round().clamp(1.0, 10_000.0) as u32;
        Coverage { lattice: self.lattice, radius_dm, seen: Bits::none(&self.lattice) }
    }

    /// What the segments of a walk have seen within [`SEEN_WITHIN_M`]: nothing across a gap, and nothing by fixes that are
    /// in doubt, see [`lines_walked`].
    pub fn walked<'a>(&self, segments: impl IntoIterator<Item = &'a [Fix]>) -> Coverage {
        let mut walker = self.unseen(SEEN_WITHIN_M).walker();
        for line in segments.into_iter().flat_map(lines_walked) {
            walker.gap();
            line.into_iter().for_each(|at| walker.fix(at));
        }
        walker.into_coverage()
    }

    pub fn share(&self, coverage: &Coverage) -> Result<Share, NotTheSame> {
        if coverage.lattice != self.lattice {
            return Err(NotTheSame);
        }
        Ok(Share { seen: self.inside.count_both(&coverage.seen), all: self.cells })
    }

    /// Whether the middle of a cell lies in the area.
    pub fn has(&self, column: u32, row: u32) -> bool {
        column < self.lattice.columns && row < self.lattice.rows && self.inside.has(row as usize, column as usize)
    }
}

impl Coverage {
    pub fn lattice(&self) -> Lattice {
        self.lattice
    }

    pub fn radius_m(&self) -> f64 {
        f64::from(self.radius_dm) * 0.1
    }

    /// Whether a cell was seen.
    pub fn has(&self, column: u32, row: u32) -> bool {
        column < self.lattice.columns && row < self.lattice.rows && self.seen.has(row as usize, column as usize)
    }

    /// Takes over what another phone has seen. The result does not depend on the order.
    pub fn merge(&mut self, other: &Self) -> Result<(), NotTheSame> {
        if (self.lattice, self.radius_dm) != (other.lattice, other.radius_dm) {
            return Err(NotTheSame);
        }
        self.seen.or(&other.seen);
        Ok(())
    }

    /// Goes on from here with the fixes of a walk.
    pub fn walker(self) -> Walker {
        Walker { coverage: self, last: None, spare: Disc::default() }
    }
}

impl Walker {
    /// The next fix: everything near the line from the one before it is seen, or near this one after a gap.
    pub fn fix(&mut self, at: E7) {
        let Coverage { lattice, radius_dm, seen } = &mut self.coverage;
        let mut next = std::mem::take(&mut self.spare);
        next.lay(lattice, f64::from(*radius_dm) * 0.1, at);
        step(lattice, seen, self.last.as_ref().unwrap_or(&next), &next);
        self.spare = self.last.replace(next).unwrap_or_default();
    }

    /// The next fix begins a new line.
    pub fn gap(&mut self) {
        self.last = None;
    }

    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    pub fn into_coverage(self) -> Coverage {
        self.coverage
    }
}

/// Adds the cells whose middle a part holds, exactly: twice the middle is a whole number of units.
fn lay(lattice: &Lattice, part: &Polygon, inside: &mut Bits) {
    let mut crossings = vec![Vec::new(); lattice.rows as usize];
    let (width, height) = (i128::from(lattice.cell_lon), i64::from(lattice.cell_lat));
    for (a, b) in part.sides() {
        let (low, high) = if a.lat() <= b.lat() { (a, b) } else { (b, a) };
        let from_corner = |point: E7| {
            let offset = |at: i32, from: i32| 2 * (i64::from(at) - i64::from(from));
            (offset(point.lon(), lattice.west), offset(point.lat(), lattice.south))
        };
        let ((lx, ly), (hx, hy)) = (from_corner(low), from_corner(high));
        // Rows whose middle, (2·row + 1)·height, is at or above the lower end and below the upper one.
        let row_at = |y: i64| (y - height).div_euclid(2 * height) + i64::from((y - height).rem_euclid(2 * height) > 0);
        for row in row_at(ly).max(0)..row_at(hy).min(i64::from(lattice.rows)) {
            let rise = i128::from(hy - ly);
            let along = i128::from(hx - lx) * i128::from((2 * row + 1) * height - ly);
            // The first cell whose middle, (2·column + 1)·width, is at or east of the side.
            let east = (i128::from(lx) - width) * rise + along;
            let column = -(-east).div_euclid(2 * width * rise);
            crossings[row as usize].push(column.clamp(0, i128::from(lattice.columns)) as usize);
        }
    }
    for (row, columns) in crossings.iter_mut().enumerate() {
        columns.sort_unstable();
        for pair in columns.as_chunks::<2>().0 {
            inside.fill(row, pair[0], pair[1]);
        }
    }
}
