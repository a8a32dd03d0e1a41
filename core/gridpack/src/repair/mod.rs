//! Repairs, each by its name and only when asked. Every grid that one has changed is reported; what it cannot mend it
//! leaves, and the check afterwards says so.

mod rings;
mod snap;

use gridpatrol_geo::crs::E7;

use crate::import::Drawn;
pub use rings::mend_rings;
pub use snap::{MAX_SNAP_METRES, TooFar, snap};

/// What a repair did to one grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Mended {
    pub feature: u64,
    pub code: String,
    /// Corners that added nothing and are gone.
    pub removed: u64,
    /// Corners of neighbours that were put into a side.
    pub added: u64,
    /// Corners that went to a neighbour's.
    pub moved: u64,
    /// The longest of those ways, in metres.
    pub furthest_metres: f64,
    /// Rings that were closed.
    pub closed: u64,
    /// Rings that ran the wrong way round.
    pub turned: u64,
}

impl Mended {
    fn new(grid: &Drawn) -> Self {
        let (feature, code) = (grid.feature, grid.code.clone());
        Mended { feature, code, removed: 0, added: 0, moved: 0, furthest_metres: 0.0, closed: 0, turned: 0 }
    }

    fn is_something(&self) -> bool {
        self.removed + self.added + self.moved + self.closed + self.turned > 0
    }
}

/// All rings of a grid, with whether they are outer ones.
fn rings_of(grid: &mut Drawn) -> impl Iterator<Item = (&mut Vec<E7>, bool)> {
    grid.areas.iter_mut().flat_map(|area| {
        std::iter::once((&mut area.outer, true)).chain(area.holes.iter_mut().map(|hole| (hole, false)))
    })
}
