//! The direction of a step, to foretell the heading of the fix at its end.
//!
//! A receiver that moves says a heading near the bearing from the fix before, so the difference of the two is a
//! smaller number than the heading or its own difference: 8 bits less on a walk with 1.5 m of noise (2026-11).
//! Whoever decodes must come to the same bearing to the last digit, so it is made of basic IEEE-754 operations,
//! which are the same on every processor; the cosine of the latitude is not, and travels in the block.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use super::bits::GROUP;

/// A whole turn in the units of a heading.
pub(super) const TURN: u64 = 36_000;

/// Turns steps into bearings of `turn` units a turn.
pub(super) struct Compass {
    /// Length of a unit of longitude in units of latitude, in 1/32,768.
    shrink: u16,
    pub turn: i64,
    /// Longitude and latitude of the last fix, if there is one.
    last: Option<(i64, i64)>,
    bearing: i64,
}

impl Compass {
    /// For steps near a latitude in 1e-7 degrees.
    pub fn shrink_at(lat: i32) -> u16 {
        (f64::from(lat) / 1e7).to_radians().cos().mul_add(32_768.0, 0.5) as u16
    }

    /// `turn` is at most [`TURN`].
    pub fn new(shrink: u16, turn: u64) -> Self {
        Compass { shrink, turn: turn as i64, last: None, bearing: 0 }
    }

    /// The bearing from the fix before each of these to it; where nothing moved, that of the last step. In one pass
    /// without a branch over all steps and one for the steps that are none, so that the first can use wide registers.
    pub fn bearings(&mut self, lon: &[i64], lat: &[i64], bearings: &mut [i64]) {
        let (Some(&last_lon), Some(&last_lat)) = (lon.last(), lat.last()) else { return };
        let before = self.last.unwrap_or((lon[0], lat[0]));
        self.last = Some((last_lon, last_lat));
        let (mut north, mut east) = ([0_i32; GROUP], [0_i32; GROUP]);
        steps(lon, before.0, &mut east);
        steps(lat, before.1, &mut north);
        let mut angles = [0_i32; GROUP];
        let (shrink, units) = (f32::from(self.shrink) / 32_768.0, self.turn as f32 / TAU);
        for ((turned, east), north) in angles.iter_mut().zip(east).zip(north) {
            *turned = (angle(east as f32 * shrink, north as f32) * units + 0.5) as i32;
        }
        for (i, bearing) in bearings.iter_mut().enumerate() {
            if (east[i], north[i]) != (0, 0) {
                let angle = i64::from(angles[i]);
                self.bearing = if angle >= self.turn { 0 } else { angle };
            }
            *bearing = self.bearing;
        }
    }
}

/// Steps so long that they leave 32 bits are cut, by the reader as by the writer.
fn steps(places: &[i64], mut before: i64, steps: &mut [i32]) {
    for (step, &place) in steps.iter_mut().zip(places) {
        *step = place.wrapping_sub(before) as i32;
        before = place;
    }
}

/// Radians clockwise from north, 0 to 2π; any number for a step of no length. The polynomial is within 1e-5 of the
/// arc tangent up to 1 (Abramowitz and Stegun, *Handbook of Mathematical Functions*, 4.4.49).
#[inline(always)]
fn angle(east: f32, north: f32) -> f32 {
    let (across, along) = (east.abs(), north.abs());
    let steep = across > along;
    let (short, long) = if steep { (along, across) } else { (across, along) };
    let ratio = short / if long > 0.0 { long } else { 1.0 };
    let square = ratio * ratio;
    let arc = 0.180_141 + square * (-0.085_133 + square * 0.020_835_1);
    let arc = ratio * (0.999_866 + square * (-0.330_299_5 + square * arc));
    let arc = if steep { FRAC_PI_2 - arc } else { arc };
    let arc = if north < 0.0 { PI - arc } else { arc };
    if east < 0.0 { TAU - arc } else { arc }
}
