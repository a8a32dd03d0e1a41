//! The bytes of a grid index, version 1. Little-endian, used where they lie, at any alignment.
//!
//! ```text
//! 0   magic "gpgrid", version u16          24  columns, rows u32
//! 8   CRC-32 of all that follows u32       32  shift u32: a cell is 2^shift units wide and high
//! 12  west, south i32: its corner, units   36  words of the mixed part u32
//! 20  number of grid codes u32             40  codes u64 (15 digits, ascending), cells u32 by rows, mixed part
//! ```
//! A cell is 0 (nobody), n (wholly owned by code n − 1), or, with the top bit set, the place of its group in the
//! mixed part, in words. Groups lie in the order of their cells, without a gap, so reading them all is linear.
//!
//! A group knows at most eight parts of polygons, by ascending code, each as one bit of a state:
//! ```text
//! edges u32, state u8, parts u8, flags u8 (1: edges are wide, 2: a further group follows), 0
//! code number u32 × parts · bits u8 × edges, filled up to whole words · edges
//! ```
//! An edge is its lower and its upper end: `i16` from the cell's corner, or wide, `i32`.
//! The state of a point is the group's state with the bits of every edge west of the point toggled; the lowest bit
//! that is then set names the owner.

use super::edge::{Edge, Spot};
use crate::crs::E7;

pub(super) const MAGIC: &[u8; 8] = b"gpgrid\x01\x00";
pub(super) const HEADER: usize = 40;
/// Set in the word of a cell that has a group.
pub(super) const MIXED: u32 = 1 << 31;
pub(super) const PARTS: usize = 8;
pub(super) const WIDE: u8 = 1;
pub(super) const MORE: u8 = 2;
/// Sums of products of narrow differences fit into `i32` in cells up to this shift, for ends within this reach.
const NARROW_SHIFT: u32 = 13;
const NARROW_REACH: i32 = 1 << 14;

/// The raster: its south-western corner in units, and how fine it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Raster {
    pub west: i32,
    pub south: i32,
    pub columns: u32,
    pub rows: u32,
    pub shift: u32,
}

/// A group as it lies in the bytes.
pub(super) struct Group<'a> {
    state: u8,
    pub more: bool,
    parts: &'a [[u8; 4]],
    bits: &'a [u8],
    edges: Edges<'a>,
    pub rest: &'a [u8],
}

enum Edges<'a> {
    Narrow(&'a [[u8; 8]]),
    Wide(&'a [[u8; 16]]),
}

impl Raster {
    /// Whether every cell has its corner on the earth.
    pub fn is_sound(&self) -> bool {
        let inside = |low: i32, cells: u32, most: i64| {
            let far = i64::from(low) + (i64::from(cells.saturating_sub(1)) << self.shift);
            i64::from(low) >= -most && far <= most
        };
        // A shift of 31 makes a cell wider than the earth.
        self.shift <= 31 && inside(self.west, self.columns, 1_800_000_000) && inside(self.south, self.rows, 900_000_000)
    }

    pub fn cells(&self) -> u64 {
        u64::from(self.columns) * u64::from(self.rows)
    }

    /// Column and row, or `None` outside.
    #[inline]
    pub fn cell_of(&self, point: E7) -> Option<(u32, u32)> {
        // What lies before the corner wraps round to more cells than there can be.
        let cell = |at: i32, from: i32| (i64::from(at) - i64::from(from)) as u64 >> self.shift;
        let (column, row) = (cell(point.lon(), self.west), cell(point.lat(), self.south));
        let within = column < u64::from(self.columns) && row < u64::from(self.rows);
        within.then_some((column as u32, row as u32))
    }

    /// The south-western corner of a cell, which lies on the earth like the corner of the raster.
    pub fn corner(&self, column: u32, row: u32) -> Spot {
        [self.west.wrapping_add((column << self.shift) as i32), self.south.wrapping_add((row << self.shift) as i32)]
    }

    /// Whether edges fit the narrow form in the cell with this corner.
    pub fn narrows(&self, corner: Spot, edge: Edge) -> Option<[i16; 4]> {
        let [lx, ly] = from_corner(corner, edge.low)?;
        let [hx, hy] = from_corner(corner, edge.high)?;
        (self.shift <= NARROW_SHIFT).then_some([lx, ly, hx, hy])
    }
}

impl<'a> Group<'a> {
    #[inline]
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<8>()?;
        let [n0, n1, n2, n3, state, parts, flags, _] = *head;
        let count = u32::from_le_bytes([n0, n1, n2, n3]) as usize;
        let (parts, rest) = rest.split_at_checked(usize::from(parts) * 4)?;
        let (bits, rest) = rest.split_at_checked(count.checked_next_multiple_of(4)?)?;
        let wide = flags & WIDE != 0;
        let (edges, rest) = rest.split_at_checked(count.checked_mul(if wide { 16 } else { 8 })?)?;
        let edges = if wide { Edges::Wide(edges.as_chunks().0) } else { Edges::Narrow(edges.as_chunks().0) };
        Some(Self { state, more: flags & MORE != 0, parts: parts.as_chunks().0, bits: bits.get(..count)?, edges, rest })
    }

    /// What answers rely on so that they can neither panic nor overflow.
    pub fn is_sound(&self, codes: u32, shift: u32) -> bool {
        let known = match self.parts.len() {
            parts @ 1..=PARTS => u8::MAX >> (PARTS - parts),
            _ => return false,
        };
        let within_reach = |edge: &[u8; 8]| narrow(*edge).iter().all(|end| (-NARROW_REACH..NARROW_REACH).contains(end));
        let fits = match self.edges {
            Edges::Narrow(edges) => shift <= NARROW_SHIFT && edges.iter().all(within_reach),
            Edges::Wide(_) => true,
        };
        fits && self.state & !known == 0
            && self.bits.iter().all(|bits| bits & !known == 0)
            && self.parts.iter().all(|part| u32::from_le_bytes(*part) < codes)
    }

    /// The number of the lowest code that holds the point.
    #[inline]
    pub fn holder(&self, corner: Spot, point: Spot) -> Option<u32> {
        let state = match self.edges {
            Edges::Narrow(edges) => {
                let (x, y) = (point[0].wrapping_sub(corner[0]), point[1].wrapping_sub(corner[1]));
                self.bits.iter().zip(edges).fold(self.state, |state, (bits, edge)| {
                    // The rule of `Edge::passes_west_of`, without a branch.
                    let [lx, ly, hx, hy] = narrow(*edge);
                    let west = (ly <= y) & (y < hy) & ((hx - lx) * (y - ly) <= (hy - ly) * (x - lx));
                    state ^ (bits & u8::from(west).wrapping_neg())
                })
            }
            Edges::Wide(edges) => self.bits.iter().zip(edges).fold(self.state, |state, (bits, edge)| {
                if wide(*edge).passes_west_of(point) { state ^ bits } else { state }
            }),
        };
        self.lowest(state)
    }

    /// The number of the lowest code whose border has the point.
    pub fn borderer(&self, corner: Spot, point: Spot) -> Option<u32> {
        let touched = |edge: Edge, bits: &u8| if edge.touches(point) { *bits } else { 0 };
        let bits = match self.edges {
            Edges::Narrow(edges) => self.bits.iter().zip(edges).fold(0, |all, (bits, edge)| {
                let [lx, ly, hx, hy] = narrow(*edge);
                let [x, y] = corner;
                all | touched(Edge { low: [x + lx, y + ly], high: [x + hx, y + hy] }, bits)
            }),
            Edges::Wide(edges) => {
                self.bits.iter().zip(edges).fold(0, |all, (bits, edge)| all | touched(wide(*edge), bits))
            }
        };
        self.lowest(bits)
    }

    fn lowest(&self, bits: u8) -> Option<u32> {
        self.parts.get(bits.trailing_zeros() as usize).map(|part| u32::from_le_bytes(*part))
    }
}

fn from_corner(corner: Spot, end: Spot) -> Option<[i16; 2]> {
    let near = |axis: usize| {
        let offset = i64::from(end[axis]) - i64::from(corner[axis]);
        let reach = i64::from(NARROW_REACH);
        (-reach..reach).contains(&offset).then_some(offset as i16)
    };
    Some([near(0)?, near(1)?])
}

fn narrow(bytes: [u8; 8]) -> [i32; 4] {
    let [a, b, c, d, e, f, g, h] = bytes;
    [[a, b], [c, d], [e, f], [g, h]].map(|end| i32::from(i16::from_le_bytes(end)))
}

fn wide(bytes: [u8; 16]) -> Edge {
    let ends = bytes.as_chunks::<4>().0;
    let end = |at: usize| i32::from_le_bytes(ends[at]);
    Edge { low: [end(0), end(1)], high: [end(2), end(3)] }
}
