//! Grids that tile: a honeycomb whose corners are moved and whose sides are bent, each corner and each side
//! by its own dice. Two neighbours read the same side, so there is no gap and no overlap by construction; the
//! bounds below keep sides from crossing.

use gridpatrol_geo::crs::E7;

use crate::dice::{Dice, Part};
use crate::plane::Spot;

/// Metres from the middle of a cell to its corner: about 1.7 km² a cell, as Kaiping has a thousand grids.
const SIZE: f64 = 800.0;
/// 3^½ / 2, the height of half a triangle of the honeycomb.
const HALF_WIDTH: f64 = 0.866_025_403_784_438_6;
/// Corners move by at most this part of `SIZE` each way, which leaves at least 70° between two sides.
const CORNER_SHIFT: f64 = 0.2;
/// A side leaves its chord at no more than 27°, so two sides at a corner never meet again.
const BEND: f64 = 0.35;
/// Points between the two corners of a side.
const BENDS: i32 = 5;

/// A cell of the honeycomb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub column: i32,
    pub row: i32,
}

/// A corner in units of half a cell's width and a quarter of its height: whole numbers, shared by three cells.
pub(crate) type Corner = (i32, i32);

/// Corners around the middle of a cell, counter-clockwise from the east.
const AROUND: [Corner; 6] = [(1, -1), (1, 1), (0, 2), (-1, 1), (-1, -1), (0, -2)];

impl Cell {
    /// All cells within `reach` metres east, west, north and south.
    pub(crate) fn within(reach: f64) -> impl Iterator<Item = Cell> {
        let columns = (reach / (2.0 * HALF_WIDTH * SIZE)) as i32;
        let rows = (reach / (1.5 * SIZE)) as i32;
        (-rows..=rows).flat_map(move |row| (-columns..=columns).map(move |column| Cell { column, row }))
    }

    fn middle_key(self) -> Corner {
        (2 * self.column + self.row.rem_euclid(2), 3 * self.row)
    }

    pub(crate) fn middle(self) -> Spot {
        unmoved(self.middle_key())
    }

    pub(crate) fn neighbours(self) -> impl Iterator<Item = Cell> {
        // Odd rows stand half a cell further east.
        let shift = self.row.rem_euclid(2);
        let steps = [(-1, 0), (1, 0), (shift - 1, 1), (shift, 1), (shift - 1, -1), (shift, -1)];
        steps.into_iter().map(move |(columns, rows)| Cell { column: self.column + columns, row: self.row + rows })
    }

    /// The six sides as pairs of corners, counter-clockwise.
    pub(crate) fn sides(self) -> impl Iterator<Item = (Corner, Corner)> {
        let (x, y) = self.middle_key();
        let corner = move |at: usize| (x + AROUND[at % 6].0, y + AROUND[at % 6].1);
        (0..6).map(move |at| (corner(at), corner(at + 1)))
    }

    pub(crate) fn polygon(self, seed: u64) -> Vec<E7> {
        self.sides().flat_map(|(from, to)| side(seed, from, to)).collect()
    }
}

fn unmoved(corner: Corner) -> Spot {
    Spot { x: f64::from(corner.0) * HALF_WIDTH * SIZE, y: f64::from(corner.1) * SIZE / 2.0 }
}

fn moved(seed: u64, corner: Corner) -> Spot {
    let mut dice = Dice::new(seed, Part::Corner, index(corner));
    let Spot { x, y } = unmoved(corner);
    Spot { x: x + dice.signed() * CORNER_SHIFT * SIZE, y: y + dice.signed() * CORNER_SHIFT * SIZE }
}

/// The points of a side from `from` up to but without `to`. The same points come in both directions.
pub(crate) fn side(seed: u64, from: Corner, to: Corner) -> Vec<E7> {
    let (low, high) = (from.min(to), from.max(to));
    let (start, end) = (moved(seed, low), moved(seed, high));
    // The sum of both ends names the side: it is twice its middle.
    let mut dice = Dice::new(seed, Part::Border, index((low.0 + high.0, low.1 + high.1)));
    let (lean, twist) = (0.7 * dice.signed(), 0.3 * dice.signed());
    let length = start.distance(end);
    let mut points: Vec<Spot> = (1..=BENDS)
        .map(|at| {
            let t = f64::from(at) / f64::from(BENDS + 1);
            let swing = lean + twist * (2.0 * t - 1.0) + 0.4 * dice.signed();
            start.towards(end, t, length * BEND * t * (1.0 - t) * swing)
        })
        .collect();
    points.insert(0, start);
    points.push(end);
    if from > to {
        points.reverse();
    }
    points.pop();
    points.into_iter().map(Spot::to_e7).collect()
}

fn index(corner: Corner) -> u64 {
    u64::from(corner.0 as u16) << 16 | u64::from(corner.1 as u16)
}
