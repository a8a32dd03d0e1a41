//! Kaiping laid over the honeycomb: which cells are in the county, which town and village each belongs to,
//! and the border around all of them.

use std::collections::{BTreeMap, BTreeSet};

use gridpatrol_geo::crs::E7;
use gridpatrol_model::area::AreaCode;
use gridpatrol_model::divisions::Divisions;

use crate::dice::{Dice, Part};
use crate::lattice::{self, Cell, Corner};
use crate::plane::Spot;

pub(crate) const KAIPING: &str = "440783";

/// Where the towns lie, to a twentieth of a degree: enough for a map that looks familiar, and no survey.
const SEATS: [(&str, f64, f64); 16] = [
    ("440783001", 112.70, 22.35),
    ("440783002", 112.70, 22.40),
    ("440783103", 112.60, 22.40),
    ("440783104", 112.55, 22.45),
    ("440783105", 112.45, 22.50),
    ("440783106", 112.35, 22.50),
    ("440783107", 112.45, 22.45),
    ("440783108", 112.60, 22.35),
    ("440783109", 112.60, 22.30),
    ("440783110", 112.55, 22.25),
    ("440783111", 112.45, 22.25),
    ("440783112", 112.45, 22.20),
    ("440783115", 112.70, 22.55),
    ("440783116", 112.55, 22.15),
    ("440783117", 112.75, 22.45),
    ("440783400", 112.65, 22.45),
];

/// Metres east, west, north and south of the origin in which the county is looked for.
const REACH: f64 = 60_000.0;
/// Metres within which nearness to a town seat hardly counts more: rounds the outline of the county.
const ROUNDING: f64 = 6_000.0;

/// A town or a village on its way to its cells.
#[derive(Clone)]
struct Share {
    area: AreaCode,
    seat: Spot,
    cells: usize,
}

/// The cells of each village, in reading order. Villages come in order of their codes.
pub(crate) fn villages(seed: u64, divisions: &Divisions) -> BTreeMap<AreaCode, Vec<Cell>> {
    let mut dice = Dice::new(seed, Part::Villages, 0);
    let mut towns = Vec::new();
    let mut villages_of = BTreeMap::new();
    for (code, lon, lat) in SEATS {
        let town = AreaCode::parse(code).expect("the table holds town codes");
        let villages: Vec<Share> = divisions.children(town).map(|village| share(village, &mut dice)).collect();
        let cells = villages.iter().map(|village| village.cells).sum();
        towns.push(Share { area: town, seat: Spot::from_degrees(lon, lat), cells });
        villages_of.insert(town, villages);
    }
    let mut cells = county_cells(&towns);
    let mut owners = BTreeMap::new();
    deal(&mut towns, &mut cells, &mut |town, cells| {
        let villages = villages_of.get_mut(&town.area).expect("every town has its villages");
        deal(villages, cells, &mut |village, cells| {
            cells.sort_by_key(|cell| (-cell.row, cell.column));
            owners.insert(village.area, cells.to_vec());
        });
    });
    owners
}

/// Where a village lies within its town is nowhere on record, so the dice say.
fn share(village: AreaCode, dice: &mut Dice) -> Share {
    Share { area: village, seat: Spot { x: dice.signed(), y: dice.signed() }, cells: dice.between(2, 5) }
}

/// As many cells as the towns need, the ones nearest to many town seats first.
fn county_cells(towns: &[Share]) -> Vec<Cell> {
    let pull = |cell: &Cell| -> f64 {
        towns.iter().map(|town| 1.0 / (town.seat.distance2(cell.middle()) + ROUNDING * ROUNDING)).sum()
    };
    let mut cells: Vec<(f64, Cell)> = Cell::within(REACH).map(|cell| (pull(&cell), cell)).collect();
    cells.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    cells.truncate(towns.iter().map(|town| town.cells).sum());
    cells.into_iter().map(|(_, cell)| cell).collect()
}

/// Cuts the land in two, and the areas likewise, until each area has its land.
fn deal(shares: &mut [Share], cells: &mut [Cell], give: &mut dyn FnMut(&Share, &mut [Cell])) {
    if let [only] = shares {
        return give(only, cells);
    }
    let half = shares.len() / 2;
    // The way across the longest side that leaves both halves in one piece; there nearly always is one.
    let ways = ways(cells);
    let whole = ways.iter().find(|along| {
        let at = order(shares, cells, half, **along);
        hangs_together(&cells[..at]) && hangs_together(&cells[at..])
    });
    let at = order(shares, cells, half, *whole.unwrap_or(&ways[0]));
    let ((first, second), (near, far)) = (shares.split_at_mut(half), cells.split_at_mut(at));
    deal(first, near, give);
    deal(second, far, give);
}

/// A direction, as the distance along it.
type Along = fn(Spot) -> f64;

/// East, north and the diagonals, the one in which the land is longest first.
fn ways(cells: &[Cell]) -> [Along; 4] {
    let mut ways: [Along; 4] = [|at| at.x, |at| at.y, |at| (at.x + at.y) * 0.7, |at| (at.x - at.y) * 0.7];
    ways.sort_by(|a, b| extent(cells, *b).total_cmp(&extent(cells, *a)));
    ways
}

fn extent(cells: &[Cell], along: Along) -> f64 {
    let reach = |(low, high): (f64, f64), at: f64| (low.min(at), high.max(at));
    let (low, high) = cells.iter().map(|cell| along(cell.middle())).fold((f64::MAX, f64::MIN), reach);
    high - low
}

/// Sorts both along a direction. Returns how many cells the first `half` of the areas need.
fn order(shares: &mut [Share], cells: &mut [Cell], half: usize, along: Along) -> usize {
    shares.sort_by(|a, b| along(a.seat).total_cmp(&along(b.seat)).then(a.area.cmp(&b.area)));
    cells.sort_by(|a, b| along(a.middle()).total_cmp(&along(b.middle())).then(a.cmp(b)));
    shares[..half].iter().map(|share| share.cells).sum()
}

fn hangs_together(cells: &[Cell]) -> bool {
    let mut left: BTreeSet<Cell> = cells.iter().copied().collect();
    let mut edge: Vec<Cell> = left.pop_first().into_iter().collect();
    while let Some(cell) = edge.pop() {
        edge.extend(cell.neighbours().filter(|next| left.remove(next)));
    }
    left.is_empty()
}

/// The ring around all cells, counter-clockwise: the sides that only one of them has.
pub(crate) fn outline(seed: u64, cells: &[Cell]) -> Vec<E7> {
    let sides: BTreeSet<(Corner, Corner)> = cells.iter().flat_map(|cell| cell.sides()).collect();
    // Three cells meet in a corner, so the ring leaves each of its corners by one side only.
    let ring: BTreeMap<Corner, Corner> =
        sides.iter().filter(|(from, to)| !sides.contains(&(*to, *from))).copied().collect();
    let start = *ring.keys().next().expect("a county has cells");
    let mut points = Vec::new();
    let mut from = start;
    loop {
        let to = ring[&from];
        points.extend(lattice::side(seed, from, to));
        from = to;
        if from == start {
            return points;
        }
    }
}
