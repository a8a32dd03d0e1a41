//! A synthetic county for demo, tests, simulation and benches: Kaiping (440783) with its real towns and
//! villages and everything else made up — grids, places, people, walks, photos — and marked `synthetic`.
//!
//! No open data set has village borders or points, and no real person belongs in a test. The same seed gives
//! the same bytes on every run.
//!
//! ```
//! let world = gridpatrol_world::World::with_villages(7, 3);
//! let walk = world.walk(0, 0);
//! assert!(!walk.visits.is_empty() && world.members[0].name.starts_with("网格员·"));
//! ```

use std::collections::BTreeMap;

use gridpatrol_geo::crs::E7;
use gridpatrol_model::area::{AreaCode, GridCode, VillageKind};
use gridpatrol_model::divisions::Divisions;

mod county;
mod dice;
mod finding;
mod lattice;
mod people;
mod photo;
mod place;
mod plane;
mod walk;

pub use finding::{Finding, Problem};
pub use people::Member;
pub use photo::Shot;
pub use place::{Place, PlaceKind};
pub use walk::{Visit, Walk};

use dice::{Dice, Part};
use lattice::Cell;
use plane::Spot;

/// Where a small world begins: the village of the first member is the same whatever its size.
const FIRST_VILLAGE: &str = "440783108224";

/// Monday 2026-11-23, 00:00 in China.
const FIRST_DAY_MS: i64 = 1_795_363_200_000;

#[derive(Clone, Debug)]
pub struct World {
    pub seed: u64,
    /// 开平市, with the middle of its land.
    pub county: Area,
    /// The ring around the whole county, counter-clockwise and open, whatever the number of villages.
    pub outline: Vec<E7>,
    /// Towns with at least one village here, in order of their codes.
    pub towns: Vec<Area>,
    /// Real names and codes. The first is 仲和; a small world goes on with the nearest ones.
    pub villages: Vec<Area>,
    /// By village in the order above, then by serial.
    pub grids: Vec<Grid>,
    /// In the order of their grids.
    pub places: Vec<Place>,
    /// Grid members; `members[n]` looks after `grids[n]`.
    pub members: Vec<Member>,
    /// Leads of the villages, then the offices of the towns.
    pub staff: Vec<Member>,
    /// Midnight of day 0 in China, milliseconds UTC. Change it to play other days.
    pub first_day_ms: i64,
}

/// A real area. Where it lies is made up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    pub code: AreaCode,
    pub name: String,
    pub middle: E7,
}

/// A base grid (基础网格).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    pub code: GridCode,
    pub name: String,
    /// Counter-clockwise and open. Neighbours have the very same points on their common border.
    pub polygon: Vec<E7>,
    /// A count: nothing is known of who lives there.
    pub households: u32,
    /// Always true: no open data set has such borders.
    pub synthetic: bool,
}

impl World {
    /// The whole county: 16 towns, 270 villages, about a thousand grids and ten thousand places.
    pub fn new(seed: u64) -> Self {
        Self::with_villages(seed, usize::MAX)
    }

    /// The first `villages` of the same county, at least one: what is in it equals its part of the whole.
    pub fn with_villages(seed: u64, villages: usize) -> Self {
        let divisions = Divisions::jiangmen();
        let land = county::villages(seed, &divisions);
        let cells: Vec<Cell> = land.values().flatten().copied().collect();
        let county = AreaCode::parse(county::KAIPING).expect("a county code");
        let mut world = World {
            seed,
            county: area(&divisions, county, &cells),
            outline: county::outline(seed, &cells),
            towns: Vec::new(),
            villages: nearest_first(&divisions, &land),
            grids: Vec::new(),
            places: Vec::new(),
            members: Vec::new(),
            staff: Vec::new(),
            first_day_ms: FIRST_DAY_MS,
        };
        world.villages.truncate(villages.max(1));
        for village in world.villages.clone() {
            world.settle(&village, &land[&village.code]);
        }
        for town in divisions.children(county) {
            let of_town = |cells: &(&AreaCode, &Vec<Cell>)| cells.0.parent() == Some(town);
            if world.villages.iter().any(|village| village.code.parent() == Some(town)) {
                let cells: Vec<Cell> = land.iter().filter(of_town).flat_map(|(_, cells)| cells).copied().collect();
                let town = area(&divisions, town, &cells);
                world.staff.extend(people::office(town.code, people::short_name(&town.name)));
                world.towns.push(town);
            }
        }
        world
    }

    /// Grids, places and people of one village.
    fn settle(&mut self, village: &Area, cells: &[Cell]) {
        let name = people::short_name(&village.name);
        let grids: Vec<Grid> =
            (1..).zip(cells).map(|(serial, cell)| self.grid(village.code, name, serial, *cell)).collect();
        let kind = village.code.village_kind().unwrap_or(VillageKind::Virtual);
        self.places.extend(place::places(self.seed, name, kind, &grids));
        self.members.extend(people::members(name, &grids));
        self.staff.push(people::lead(village.code, name));
        self.grids.extend(grids);
    }

    fn grid(&self, village: AreaCode, name: &str, serial: u32, cell: Cell) -> Grid {
        let code = GridCode::parse(&format!("{village}{serial:03}")).expect("a village has few grids");
        let households = Dice::new(self.seed, Part::Villages, place::digits(code)).between(120, 380);
        Grid {
            code,
            name: format!("{name}第{serial:02}网格"),
            polygon: cell.polygon(self.seed),
            households: households as u32,
            synthetic: true,
        }
    }
}

impl Grid {
    /// The mean of its border points, which lies well inside.
    pub fn middle(&self) -> E7 {
        let spots: Vec<Spot> = self.polygon.iter().map(|at| Spot::from_e7(*at)).collect();
        mean(&spots).to_e7()
    }
}

fn area(divisions: &Divisions, code: AreaCode, cells: &[Cell]) -> Area {
    let name = divisions.name(code).expect("the codes come from the list").to_owned();
    let middles: Vec<Spot> = cells.iter().map(|cell| cell.middle()).collect();
    Area { code, name, middle: mean(&middles).to_e7() }
}

fn nearest_first(divisions: &Divisions, land: &BTreeMap<AreaCode, Vec<Cell>>) -> Vec<Area> {
    let mut villages: Vec<Area> = land.iter().map(|(code, cells)| area(divisions, *code, cells)).collect();
    let first = villages.iter().find(|village| village.code.as_str() == FIRST_VILLAGE).expect("a village of Tangkou");
    let home = Spot::from_e7(first.middle);
    let town = first.code.parent();
    // Her own town first, so that a small world has one office.
    let far = |village: &Area| (village.code.parent() != town, Spot::from_e7(village.middle).distance2(home));
    villages.sort_by(|a, b| {
        let (a_far, b_far) = (far(a), far(b));
        a_far.0.cmp(&b_far.0).then(a_far.1.total_cmp(&b_far.1)).then(a.code.cmp(&b.code))
    });
    villages
}

fn mean(spots: &[Spot]) -> Spot {
    let count = spots.len() as f64;
    Spot { x: spots.iter().map(|at| at.x).sum::<f64>() / count, y: spots.iter().map(|at| at.y).sum::<f64>() / count }
}
