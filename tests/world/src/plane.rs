//! A flat map in metres around the middle of Kaiping. Good to a few parts in a thousand across the county,
//! which is all that made-up geometry needs, and free of functions that differ from one machine to another.

use gridpatrol_geo::crs::E7;

/// 112.55 E, 22.33 N in units of 1e-7 degrees.
const ORIGIN: (f64, f64) = (1_125_500_000.0, 223_300_000.0);
/// Units of 1e-7 degrees in a metre at the latitude of the origin.
const UNITS_PER_METRE: (f64, f64) = (97.12, 90.30);

/// Metres east and north of the origin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spot {
    pub x: f64,
    pub y: f64,
}

impl Spot {
    pub(crate) fn from_degrees(lon: f64, lat: f64) -> Self {
        Self { x: (lon * 1e7 - ORIGIN.0) / UNITS_PER_METRE.0, y: (lat * 1e7 - ORIGIN.1) / UNITS_PER_METRE.1 }
    }

    pub(crate) fn from_e7(at: E7) -> Self {
        Self {
            x: (f64::from(at.lon()) - ORIGIN.0) / UNITS_PER_METRE.0,
            y: (f64::from(at.lat()) - ORIGIN.1) / UNITS_PER_METRE.1,
        }
    }

    pub(crate) fn to_e7(self) -> E7 {
        let lon = (ORIGIN.0 + self.x * UNITS_PER_METRE.0).round() as i32;
        let lat = (ORIGIN.1 + self.y * UNITS_PER_METRE.1).round() as i32;
        E7::new(lon, lat).expect("the county is nowhere near an edge of the world")
    }

    /// The point at `t` of the way to `other`, moved `aside` metres to the left.
    pub(crate) fn towards(self, other: Spot, t: f64, aside: f64) -> Self {
        let length = self.distance(other).max(1.0);
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        Self { x: self.x + t * dx - aside * dy / length, y: self.y + t * dy + aside * dx / length }
    }

    pub(crate) fn distance2(self, other: Spot) -> f64 {
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        dx * dx + dy * dy
    }

    pub(crate) fn distance(self, other: Spot) -> f64 {
        self.distance2(other).sqrt()
    }
}
