//! Grids that are divided or joined. The old ones stay in the pack, with what took their place, and own no point any
//! more; a code is never used again, new grids get the next serials of the village.
//!
//! Borders are integers, so a new corner on an old border is rounded to the nearest unit (11 mm). It is put into the
//! neighbours' borders too: whoever had a point keeps it or its neighbour gets it, and nobody loses it.

mod merge;
mod split;

use gridpatrol_geo::crs::E7;
use gridpatrol_model::area::{AreaCode, GridCode};

use crate::MAX_CORNERS;
use crate::check::ring::crossings;
use crate::import::MAX_TEXT;
use crate::pack::Pack;
use crate::plane::doubled_area;

/// What a change did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub made: Vec<GridCode>,
    /// Neighbours that got a corner where a new border meets theirs.
    pub touched: Vec<GridCode>,
}

/// Why a grid was not changed; the pack is as it was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoChange {
    #[error("the pack has no grid {0}: look at its codes with `gridpatrol grids show`")]
    Unknown(GridCode),
    #[error("grid {0} was superseded already: change what took its place")]
    Superseded(GridCode),
    #[error("village {0} has used all its serials up to 999: no code is used twice")]
    NoSerial(AreaCode),
    #[error("the name is longer than {MAX_TEXT} bytes: shorten it")]
    NameTooLong,
    #[error("a line has two points or more")]
    NoLine,
    #[error("the line meets the border of the grid {0} times: draw it from outside to outside, across the grid once")]
    Crossings(usize),
    #[error("the line crosses itself or runs along the border: draw it clear of both")]
    Tangled,
    #[error("a part would have more than {MAX_CORNERS} corners: draw the line with fewer")]
    TooManyCorners,
    #[error("two grids or more are merged, each named once")]
    NotSeveral,
    #[error("grids of one village are merged; {0} and {1} are of two: change the village of one first")]
    TwoVillages(GridCode, GridCode),
    #[error(
        "the grids do not make one area with one border: they must be neighbours along a border, without land between them (the snap repair closes slivers)"
    )]
    NotOneArea,
}

impl Pack {
    fn changeable(&self, code: GridCode) -> Result<&[E7], NoChange> {
        let grid = self.grid(code).ok_or(NoChange::Unknown(code))?;
        if grid.is_live() { Ok(grid.ring()) } else { Err(NoChange::Superseded(code)) }
    }

    /// The next serials of a village, never one that any grid of the pack had.
    fn next_codes(&self, village: AreaCode, count: u16) -> Result<Vec<GridCode>, NoChange> {
        let serial = |code: GridCode| code.as_str()[12..].parse::<u16>().unwrap_or(0);
        let last = self.grids().filter(|grid| grid.code.village() == village).map(|grid| serial(grid.code)).max();
        let code =
            |serial: u16| GridCode::parse(&format!("{village}{serial:03}")).map_err(|_| NoChange::NoSerial(village));
        (1..=count).map(|more| code(last.unwrap_or(0) + more)).collect()
    }

    fn supersede(&mut self, code: GridCode, by: &[GridCode]) {
        if let Some(mut grid) = self.grid(code).cloned() {
            grid.superseded_by = by.to_vec();
            self.put(grid);
        }
    }
}

/// What a new border must be.
fn sound(ring: &[E7]) -> Result<(), NoChange> {
    if ring.len() > MAX_CORNERS {
        return Err(NoChange::TooManyCorners);
    }
    let simple = doubled_area(ring) != 0 && crossings(ring, 1).is_empty();
    if simple { Ok(()) } else { Err(NoChange::Tangled) }
}
