//! The cells that an area is divided into.

use crate::crs::E7;
use crate::distance::Radii;

/// A cell is this wide and high, or a power of two times that where the area is large.
const CELL_M: f64 = 2.0;
/// At most this many cells: half a megabyte of bits.
pub(super) const MAX_CELLS: u64 = 1 << 22;
/// No cell is wider than a third of the earth, at the poles too.
const MAX_UNITS: f64 = 1.2e9;

/// Cells over a box of degrees, in rows from south to north. Everything in whole numbers, so that two phones agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lattice {
    /// The south-western corner, in units of 1e-7 degrees.
    pub west: i32,
    pub south: i32,
    /// Size of a cell in units.
    pub cell_lon: u32,
    pub cell_lat: u32,
    /// Length of a unit in nanometres, at the middle latitude of the box.
    pub nm_lon: u32,
    pub nm_lat: u32,
    pub columns: u32,
    pub rows: u32,
}

impl Lattice {
    /// Over the box from the south-western to the north-eastern point.
    pub(super) fn over(low: E7, high: E7) -> Self {
        let middle = f64::from(low.lat().midpoint(high.lat())) / 1e7;
        let (sin, cos) = middle.to_radians().sin_cos();
        let radii = Radii::at(sin, cos);
        let nm = |metres_a_radian: f64| (metres_a_radian.to_radians() * 100.0).round().max(1.0);
        let (nm_lon, nm_lat) = (nm(radii.parallel), nm(radii.meridian));
        let span = |low: i32, high: i32| (i64::from(high) - i64::from(low)).unsigned_abs();
        let (width, height) = (span(low.lon(), high.lon()), span(low.lat(), high.lat()));
        let mut cell_m = CELL_M;
        loop {
            let units = |nm: f64| (cell_m * 1e9 / nm).round().clamp(1.0, MAX_UNITS) as u32;
            let (cell_lon, cell_lat) = (units(nm_lon), units(nm_lat));
            let (columns, rows) = (width / u64::from(cell_lon) + 1, height / u64::from(cell_lat) + 1);
            if columns * rows <= MAX_CELLS {
                return Self {
                    west: low.lon(),
                    south: low.lat(),
                    cell_lon,
                    cell_lat,
                    nm_lon: nm_lon as u32,
                    nm_lat: nm_lat as u32,
                    columns: columns as u32,
                    rows: rows as u32,
                };
            }
            cell_m *= 2.0;
        }
    }

    pub fn cells(&self) -> u64 {
        u64::from(self.columns) * u64::from(self.rows)
    }

    /// Metres east and north of the corner.
    pub(super) fn metres(&self, point: E7) -> [f64; 2] {
        let along = |at: i32, from: i32, nm: u32| (f64::from(at) - f64::from(from)) * (f64::from(nm) * 1e-9);
        [along(point.lon(), self.west, self.nm_lon), along(point.lat(), self.south, self.nm_lat)]
    }

    /// Width and height of a cell in metres.
    pub(super) fn cell_metres(&self) -> [f64; 2] {
        let metres = |units: u32, nm: u32| f64::from(units) * (f64::from(nm) * 1e-9);
        [metres(self.cell_lon, self.nm_lon), metres(self.cell_lat, self.nm_lat)]
    }
}

/// A bit for every cell, each row in whole words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
    columns: usize,
    stride: usize,
}

impl Bits {
    pub fn none(lattice: &Lattice) -> Self {
        let stride = lattice.columns.div_ceil(64) as usize;
        Self { words: vec![0; stride * lattice.rows as usize], columns: lattice.columns as usize, stride }
    }

    /// Sets the cells `from..to` of a row; beyond the last column there are none.
    #[inline]
    pub fn fill(&mut self, row: usize, from: usize, to: usize) {
        let to = to.min(self.columns);
        if from >= to {
            return;
        }
        let (first, last) = (from / 64, (to - 1) / 64);
        let (low, high) = (u64::MAX << (from % 64), u64::MAX >> (63 - (to - 1) % 64));
        let start = row * self.stride;
        match &mut self.words[start + first..=start + last] {
            [word] => *word |= low & high,
            [one, two] => (*one, *two) = (*one | low, *two | high),
            [one, between @ .., last] => {
                *one |= low;
                between.fill(u64::MAX);
                *last |= high;
            }
            [] => {}
        }
    }

    pub fn has(&self, row: usize, column: usize) -> bool {
        self.words[row * self.stride + column / 64] >> (column % 64) & 1 == 1
    }

    pub fn or(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own |= other);
    }

    pub fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    pub fn count_both(&self, other: &Self) -> u64 {
        self.words.iter().zip(&other.words).map(|(own, other)| u64::from((own & other).count_ones())).sum()
    }

    /// Lengths of the runs of unset and set cells in turn, by rows, unset first; only the first may be 0. Word by word:
    /// cell by cell it was a quarter of what a walk cost a hub (2026-11).
    pub fn runs(&self) -> impl Iterator<Item = usize> {
        let (cells, mut at, mut set) =
            (self.words.len().checked_div(self.stride).unwrap_or(0) * self.columns, 0, false);
        let mut done = false;
        std::iter::from_fn(move || {
            if done {
                return None;
            }
            let from = at;
            while at < cells {
                let alike = self.alike(at, set);
                if alike == 0 {
                    break;
                }
                at += alike;
            }
            (set, done) = (!set, at == cells);
            Some(at - from)
        })
    }

    /// So many cells from this one on are so, within its word.
    fn alike(&self, at: usize, set: bool) -> usize {
        let (row, column) = (at / self.columns, at % self.columns);
        let word = self.words[row * self.stride + column / 64] >> (column % 64);
        let alike = if set { word.trailing_ones() } else { word.trailing_zeros() } as usize;
        alike.min(64 - column % 64).min(self.columns - column)
    }

    /// All cells, by rows.
    pub fn iter(&self) -> impl Iterator<Item = bool> {
        let rows = self.words.len().checked_div(self.stride).unwrap_or(0);
        (0..rows).flat_map(move |row| (0..self.columns).map(move |column| self.has(row, column)))
    }
}
