//! The direction of a step, to foretell the heading of the fix at its end.
//!
//! A receiver that moves says a heading near the bearing from the fix before, so the difference of the two is a
//! smaller number than the heading or its own difference: 8 bits less where the receiver works it out from its
//! places (2026-11). Where that does not help, the writer takes another mode.
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
    bearing: i32,
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

    /// The bearing from the fix before each of at most [`GROUP`] to it; where nothing moved, that of the last step.
    pub fn bearings(&mut self, lon: &[i64], lat: &[i64]) -> [i32; GROUP] {
        let mut bearings = [0; GROUP];
        let (Some(&last_lon), Some(&last_lat)) = (lon.last(), lat.last()) else { return bearings };
        let before = self.last.unwrap_or((lon[0], lat[0]));
        self.last = Some((last_lon, last_lat));
        let (east, north) = (steps(lon, before.0), steps(lat, before.1));
        let (shrink, turn, units) = (f32::from(self.shrink) / 32_768.0, self.turn as i32, self.turn as f32 / TAU);
        let mut still = false;
        // Without a branch, and always over a whole group, so that the compiler uses wide registers.
        for i in 0..GROUP {
            let turned = whole(angle(east[i] as f32 * shrink, north[i] as f32) * units);
            bearings[i] = if turned >= turn { 0 } else { turned };
            still |= (east[i] | north[i]) == 0;
        }
        if still {
            for i in 0..GROUP {
                let before = if i == 0 { self.bearing } else { bearings[i - 1] };
                bearings[i] = if (east[i] | north[i]) == 0 { before } else { bearings[i] };
            }
        }
        self.bearing = bearings[lon.len() - 1];
        bearings
    }
}

/// Steps so long that they leave 32 bits are cut, by the reader as by the writer.
fn steps(places: &[i64], mut before: i64) -> [i32; GROUP] {
    let mut steps = [0; GROUP];
    for (step, &place) in steps.iter_mut().zip(places) {
        *step = place.wrapping_sub(before) as i32;
        before = place;
    }
    steps
}

/// The nearest whole number of one from 0 to 2²², read off the lowest bits of its sum with 2²³.
#[inline(always)]
fn whole(number: f32) -> i32 {
    ((number + 8_388_608.0).to_bits() & 0x7f_ffff) as i32
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
