//! One side of a ring and where a point lies against it, exactly: differences of `i32` fit into 33 bits and their
//! products into `i128`, so nothing is rounded.

use crate::crs::E7;

/// Longitude and latitude in units of 1e-7 degrees; unlike [`E7`] it may lie beside the earth.
pub(super) type Spot = [i32; 2];

/// A side with its lower end first: by latitude, then by longitude.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    pub low: Spot,
    pub high: Spot,
}

pub(super) fn spot(point: E7) -> Spot {
    [point.lon(), point.lat()]
}

impl Edge {
    pub fn between(a: Spot, b: Spot) -> Self {
        let upwards = (a[1], a[0]) <= (b[1], b[0]);
        if upwards { Self { low: a, high: b } } else { Self { low: b, high: a } }
    }

    /// Whether a ray from the point to the west meets the edge, which has its lower end but not its upper one, so
    /// that a ray through a corner crosses a ring once. A point on the edge counts as on its east.
    pub fn passes_west_of(self, point: Spot) -> bool {
        self.low[1] <= point[1] && point[1] < self.high[1] && turn(self.low, self.high, point) <= 0
    }

    /// Whether the point lies on the edge, ends included.
    pub fn touches(self, point: Spot) -> bool {
        let ([ax, ay], [bx, by]) = (self.low, self.high);
        (ay..=by).contains(&point[1])
            && (ax.min(bx)..=ax.max(bx)).contains(&point[0])
            && turn(self.low, self.high, point) == 0
    }
}

/// Positive when the way from `a` by `b` to `c` turns left, 0 when the three lie on one line.
pub(super) fn turn(a: Spot, b: Spot, c: Spot) -> i128 {
    let from_a = |p: Spot| [0, 1].map(|axis: usize| i128::from(p[axis]) - i128::from(a[axis]));
    let ([bx, by], [cx, cy]) = (from_a(b), from_a(c));
    bx * cy - by * cx
}
