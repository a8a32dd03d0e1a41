//! Places that must be looked at every so many days, inside their grid.

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::grid::Polygon;
use gridpatrol_model::area::{GridCode, VillageKind};

use crate::Grid;
use crate::dice::{Dice, Part};
use crate::plane::Spot;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Unique in the world: `p-`, grid code, serial.
    pub id: String,
    pub kind: PlaceKind,
    pub name: String,
    pub position: E7,
    pub grid: GridCode,
    pub interval_days: u32,
    /// Always true: no such place exists.
    pub synthetic: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceKind {
    Reservoir,
    RentalHouse,
    FireHydrant,
    Watchtower,
    School,
    Market,
    Pond,
    Slope,
    OldTree,
}

impl PlaceKind {
    pub const ALL: [PlaceKind; 9] = [
        PlaceKind::Reservoir,
        PlaceKind::RentalHouse,
        PlaceKind::FireHydrant,
        PlaceKind::Watchtower,
        PlaceKind::School,
        PlaceKind::Market,
        PlaceKind::Pond,
        PlaceKind::Slope,
        PlaceKind::OldTree,
    ];

    /// The key; `place-kind-` + key is the message id of its label.
    pub fn as_str(self) -> &'static str {
        self.facts().0
    }

    pub fn chinese(self) -> &'static str {
        self.facts().1
    }

    pub fn interval_days(self) -> u32 {
        self.facts().2
    }

    /// Key, name, days between two looks.
    fn facts(self) -> (&'static str, &'static str, u32) {
        match self {
            PlaceKind::Reservoir => ("reservoir", "水库", 7),
            PlaceKind::RentalHouse => ("rental-house", "出租屋", 30),
            PlaceKind::FireHydrant => ("fire-hydrant", "消防栓", 30),
            PlaceKind::Watchtower => ("watchtower", "碉楼", 90),
            PlaceKind::School => ("school", "学校", 7),
            PlaceKind::Market => ("market", "市场", 7),
            PlaceKind::Pond => ("pond", "鱼塘", 14),
            PlaceKind::Slope => ("slope", "边坡", 14),
            PlaceKind::OldTree => ("old-tree", "古树", 90),
        }
    }

    /// How many of it a grid has, from and to.
    fn count(self, village: VillageKind) -> (usize, usize) {
        let urban = village == VillageKind::Residents;
        match self {
            PlaceKind::RentalHouse => {
                if urban {
                    (3, 6)
                } else {
                    (1, 2)
                }
            }
            PlaceKind::FireHydrant => {
                if urban {
                    (2, 4)
                } else {
                    (1, 2)
                }
            }
            PlaceKind::Watchtower => {
                if urban {
                    (0, 0)
                } else {
                    (1, 3)
                }
            }
            PlaceKind::Pond => {
                if urban {
                    (0, 0)
                } else {
                    (1, 2)
                }
            }
            PlaceKind::Reservoir | PlaceKind::OldTree => {
                if urban {
                    (0, 0)
                } else {
                    (0, 1)
                }
            }
            PlaceKind::Market | PlaceKind::School | PlaceKind::Slope => (0, 1),
        }
    }
}

/// The places of the grids of one village, which are numbered within it by kind.
pub(crate) fn places(seed: u64, village: &str, kind: VillageKind, grids: &[Grid]) -> Vec<Place> {
    let mut numbers = [0; PlaceKind::ALL.len()];
    let mut places = Vec::new();
    for grid in grids {
        let mut dice = Dice::new(seed, Part::Places, digits(grid.code));
        let polygon = Polygon::new(grid.polygon.clone(), Vec::new()).expect("a grid has an area");
        let mut serial = 0;
        for (at, place) in PlaceKind::ALL.into_iter().enumerate() {
            let (low, high) = place.count(kind);
            for _ in 0..dice.between(low, high) {
                serial += 1;
                numbers[at] += 1;
                places.push(Place {
                    id: format!("p-{}-{serial:02}", grid.code),
                    kind: place,
                    name: format!("{village}{}{:02}号", place.chinese(), numbers[at]),
                    position: inside(&polygon, grid, &mut dice),
                    grid: grid.code,
                    interval_days: place.interval_days(),
                    synthetic: true,
                });
            }
        }
    }
    places
}

/// A point inside, on the way from the middle to a point of the border.
fn inside(polygon: &Polygon, grid: &Grid, dice: &mut Dice) -> E7 {
    let middle = Spot::from_e7(grid.middle());
    loop {
        let border = Spot::from_e7(grid.polygon[dice.below(grid.polygon.len())]);
        // The root spreads them evenly over the land instead of crowding the middle.
        let outwards = (dice.signed().abs()).sqrt() * 0.9;
        let at = middle.towards(border, outwards, 60.0 * dice.signed()).to_e7();
        if polygon.covers(at) {
            return at;
        }
    }
}

/// The code without its county as a number: it fits into the index of a dice stream.
pub(crate) fn digits(code: GridCode) -> u64 {
    code.as_str()[6..].parse().expect("a code has digits only")
}
