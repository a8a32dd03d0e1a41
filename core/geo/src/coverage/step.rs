//! The cells within a radius of one step of a walk.

use super::lattice::{Bits, Lattice};
use crate::crs::E7;

/// Everything within the radius of a fix, row by row of the lattice. Kept from one step to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Disc {
    radius: f64,
    /// The fix, in metres from the corner of the lattice.
    middle: [f64; 2],
    /// The rows that it meets, and half of what each cuts from it.
    first: u32,
    chords: Vec<f64>,
}

impl Disc {
    pub fn lay(&mut self, lattice: &Lattice, radius: f64, fix: E7) {
        self.radius = radius;
        self.middle = lattice.metres(fix);
        let [_, height] = lattice.cell_metres();
        let [_, y] = self.middle;
        let rows = Cells::of(height, lattice.rows).between(y - radius, y + radius);
        self.first = rows.start;
        self.chords.clear();
        self.chords.extend(rows.map(|row| {
            let above = (f64::from(row) + 0.5) * height - y;
            (radius * radius - above * above).max(0.0).sqrt()
        }));
    }

    /// From west to east; less than nothing beside it.
    #[inline]
    fn stretch(&self, row: u32) -> (f64, f64) {
        let at = row.wrapping_sub(self.first) as usize;
        let half = self.chords.get(at).copied().unwrap_or(f64::NEG_INFINITY);
        (self.middle[0] - half, self.middle[0] + half)
    }
}

/// Sets all cells whose middle lies within the radius of the line between two fixes: two discs with a strip between
/// them. Along a row that is one stretch, from the western to the eastern end of both discs, or of the strip where
/// that goes beyond them.
pub(super) fn step(lattice: &Lattice, seen: &mut Bits, from: &Disc, to: &Disc) {
    let [width, height] = lattice.cell_metres();
    let columns = Cells::of(width, lattice.columns);
    let strip = Strip::between(from, to);
    let (ay, by) = (from.middle[1], to.middle[1]);
    let rows = Cells::of(height, lattice.rows).between(ay.min(by) - to.radius, ay.max(by) + to.radius);
    for row in rows {
        let (a, b) = (from.stretch(row), to.stretch(row));
        let (mut west, mut east) = (a.0.min(b.0), a.1.max(b.1));
        if let Some(strip) = &strip {
            let y = (f64::from(row) + 0.5) * height - ay;
            if let Some(side) = strip.side(y, -1.0) {
                west = west.min(from.middle[0] + side);
            }
            if let Some(side) = strip.side(y, 1.0) {
                east = east.max(from.middle[0] + side);
            }
        }
        let stretch = columns.between(west, east);
        seen.fill(row as usize, stretch.start as usize, stretch.end as usize);
    }
}

/// The two long sides of the strip between two discs, of a step that goes north or south.
struct Strip {
    /// From the middle line to the eastern side, square to it.
    east: [f64; 2],
    /// Metres northwards over the whole step, and eastwards for each of them.
    dy: f64,
    slope: f64,
}

impl Strip {
    fn between(from: &Disc, to: &Disc) -> Option<Self> {
        let (dx, dy) = (to.middle[0] - from.middle[0], to.middle[1] - from.middle[1]);
        if dy == 0.0 {
            return None;
        }
        let scale = from.radius / (dx * dx + dy * dy).sqrt();
        Some(Self { east: [dy.abs() * scale, -dx * dy.signum() * scale], dy, slope: dx / dy })
    }

    /// Where the eastern (1) or western (-1) side meets a row, from the beginning of the step.
    #[inline]
    fn side(&self, y: f64, sign: f64) -> Option<f64> {
        let along = y - sign * self.east[1];
        let meets = (along >= self.dy.min(0.0)) & (along <= self.dy.max(0.0));
        meets.then_some(sign * self.east[0] + along * self.slope)
    }
}

/// Cells along one axis.
struct Cells {
    per_metre: f64,
    count: u32,
}

impl Cells {
    fn of(size: f64, count: u32) -> Self {
        Self { per_metre: 1.0 / size, count }
    }

    /// Those whose middle lies from one border to the other.
    #[inline]
    fn between(&self, from: f64, to: f64) -> std::ops::Range<u32> {
        // A cast cuts off the fraction and stops at both ends of `u32`.
        let first = (from * self.per_metre - 0.5).max(0.0);
        let whole = first as u32;
        let first = whole.saturating_add(u32::from(f64::from(whole) < first));
        first.min(self.count)..((to * self.per_metre + 0.5).max(0.0) as u32).min(self.count)
    }
}
