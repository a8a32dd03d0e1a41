//! Which grid owns a point, and whether a point is safely inside one.
//!
//! **The rule.** A point belongs to the grid that *holds* it ([`Polygon::holds`]): borders and corners that grids
//! share go to the grid on their east, and where they run due east, to the one on their north, whatever the order in
//! which the grids came. Only where drawings overlap do several grids hold a point: then the smallest code owns it.
//! A point that no grid holds and that lies on the border of some, which is the outer border on the east and north,
//! belongs to the smallest of those. So every point that some grid covers has one owner, on every phone and on the
//! hub. [`owner_among`] is the rule in a few lines; [`GridIndex`] answers the same from a raster, prepared once.
//!
//! **The index.** A raster over the land; a cell names its one owner or keeps the few edges in it, as
//! [`format`] describes. A lookup fetches a cell and tests those edges in integers; nothing is rounded. The bytes are
//! used where they lie, so a caller may map the file. Measured 2026-11 with `gridpatrol-bench grid`, see
//! docs/benchmarks.md.

mod build;
mod edge;
mod format;
mod polygon;

use gridpatrol_model::area::GridCode;

use crate::crs::E7;
use edge::spot;
use format::{Group, HEADER, MAGIC, MIXED, Raster};
pub use polygon::{BadPolygon, Polygon};

/// All grids of an area, ready to answer for a point. `B` holds the bytes: a `Vec`, a slice, a mapped file.
#[derive(Clone, Debug)]
pub struct GridIndex<B = Vec<u8>> {
    bytes: B,
    codes: Vec<GridCode>,
    raster: Raster,
    /// Where in the bytes the cells and the groups begin.
    cells_at: usize,
    mixed_at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadIndex {
    #[error("this is no grid index, or one of a version that this app does not know: fetch the grid pack again")]
    Unknown,
    #[error("the grid index is damaged ({0}): fetch the grid pack again")]
    Damaged(&'static str),
}

/// The owner of a point among grids, by the rule of this module. A grid of several parts comes once for each part.
pub fn owner_among<'a>(grids: impl IntoIterator<Item = (GridCode, &'a Polygon)>, point: E7) -> Option<GridCode> {
    // The closer claim first, then the smaller code.
    let claim = |(code, polygon): (GridCode, &Polygon)| {
        let holds = polygon.holds(point);
        (holds || polygon.covers(point)).then_some((!holds, code))
    };
    grids.into_iter().filter_map(claim).min().map(|(_, code)| code)
}

impl GridIndex {
    /// A grid of several parts comes once for each part. Equal grids give equal bytes, whatever their order.
    pub fn build(grids: impl IntoIterator<Item = (GridCode, Polygon)>) -> Self {
        let bytes = build::bytes(grids.into_iter().collect());
        Self::from_bytes(bytes).expect("what was just built is sound")
    }
}

impl<B: AsRef<[u8]>> GridIndex<B> {
    /// Reads all bytes once: afterwards no answer can fail.
    pub fn from_bytes(bytes: B) -> Result<Self, BadIndex> {
        let all = bytes.as_ref();
        let magic = all.get(..8).ok_or(BadIndex::Unknown)?;
        if magic != MAGIC {
            return Err(BadIndex::Unknown);
        }
        let words = all.get(8..HEADER).ok_or(BadIndex::Damaged("cut short"))?.as_chunks::<4>().0;
        let word = |at: usize| u32::from_le_bytes(words[at]);
        if crc32fast::hash(&all[12..]) != word(0) {
            return Err(BadIndex::Damaged("checksum"));
        }
        let raster =
            Raster { west: word(1) as i32, south: word(2) as i32, columns: word(4), rows: word(5), shift: word(6) };
        // In `u64`, since a phone's `usize` may have 32 bits; equal to the length, all of them fit.
        let cells_at = HEADER as u64 + u64::from(word(3)) * 8;
        let mixed_at = raster.cells().checked_mul(4).and_then(|cells| cells.checked_add(cells_at));
        let end = mixed_at.and_then(|mixed_at| mixed_at.checked_add(u64::from(word(7)) * 4));
        if !raster.is_sound() || end != Some(all.len() as u64) {
            return Err(BadIndex::Damaged("length"));
        }
        let (cells_at, mixed_at) = (cells_at as usize, mixed_at.unwrap_or(0) as usize);
        let codes = codes(&all[HEADER..cells_at]).ok_or(BadIndex::Damaged("codes"))?;
        let index = Self { codes, raster, cells_at, mixed_at, bytes };
        index.cells_are_sound().then_some(()).ok_or(BadIndex::Damaged("cells"))?;
        Ok(index)
    }

    /// The bytes to keep in a file: what [`GridIndex::from_bytes`] takes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// The grids of this index by ascending code.
    pub fn codes(&self) -> &[GridCode] {
        &self.codes
    }

    /// The grid that owns the point, by the rule above; `None` outside every grid.
    pub fn owner(&self, point: E7) -> Option<GridCode> {
        self.codes.get(self.owner_number(point)? as usize).copied()
    }

    /// The place of the owner in [`GridIndex::codes`].
    #[inline]
    pub fn owner_number(&self, point: E7) -> Option<u32> {
        let (column, row) = self.raster.cell_of(point)?;
        let bytes = self.bytes.as_ref();
        let at = row as usize * self.raster.columns as usize + column as usize;
        let cell = u32::from_le_bytes(*bytes.get(self.cells_at + at * 4..)?.first_chunk()?);
        if cell & MIXED == 0 {
            return cell.checked_sub(1);
        }
        let groups = bytes.get(self.mixed_at + (cell & !MIXED) as usize * 4..)?;
        let (corner, point) = (self.raster.corner(column, row), spot(point));
        first_of(groups, |group| group.holder(corner, point))
            .or_else(|| first_of(groups, |group| group.borderer(corner, point)))
    }

    fn cells_are_sound(&self) -> bool {
        let (cells, mut mixed) = self.bytes.as_ref()[self.cells_at..].split_at(self.mixed_at - self.cells_at);
        let whole = mixed.len();
        for cell in cells.as_chunks::<4>().0 {
            let cell = u32::from_le_bytes(*cell);
            if cell & MIXED == 0 {
                if cell as usize > self.codes.len() {
                    return false;
                }
                continue;
            }
            if (cell & !MIXED) as usize != (whole - mixed.len()) / 4 {
                return false;
            }
            let mut more = true;
            while more {
                let Some(group) = Group::read(mixed) else { return false };
                if !group.is_sound(self.codes.len() as u32, self.raster.shift) {
                    return false;
                }
                (mixed, more) = (group.rest, group.more);
            }
        }
        mixed.is_empty()
    }
}

/// The first answer of the groups of one cell.
fn first_of(mut bytes: &[u8], answer: impl Fn(&Group) -> Option<u32>) -> Option<u32> {
    loop {
        let group = Group::read(bytes)?;
        let found = answer(&group);
        if found.is_some() || !group.more {
            return found;
        }
        bytes = group.rest;
    }
}

/// Grid codes, strictly ascending.
fn codes(bytes: &[u8]) -> Option<Vec<GridCode>> {
    let numbers = bytes.as_chunks::<8>().0.iter().map(|code| u64::from_le_bytes(*code));
    let codes: Vec<GridCode> =
        numbers.map(|code| GridCode::parse(&format!("{code:015}")).ok()).collect::<Option<_>>()?;
    codes.is_sorted_by(|a, b| a < b).then_some(codes)
}
