//! One type for each coordinate reference system, so that mixing two of them, or converting twice, does not
//! compile.
//!
//! Phones give WGS-84, Chinese street maps GCJ-02; in Jiangmen the two lie about 600 m apart, enough to call
//! every patrol "outside". Storage knows one form only: [`E7`], WGS-84 in integers of 1e-7 degrees (11 mm).
//!
//! ```compile_fail
//! # use gridpatrol_geo::crs::{Gcj02, Wgs84};
//! # let shown = Gcj02::new(113.09, 22.58).expect("in range");
//! let twice = shown.to_gcj02(); // already GCJ-02
//! ```

use std::f64::consts::PI;

/// 1e-7 degrees in one degree.
const E7_PER_DEGREE: f64 = 1e7;

/// Semi-major axis in metres and squared eccentricity of the ellipsoid that GCJ-02 is defined on (Krasovsky 1940).
const GCJ_AXIS: f64 = 6_378_245.0;
const GCJ_E2: f64 = 0.006_693_421_622_965_943;

/// A point in WGS-84 degrees, longitude first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wgs84 {
    lon: f64,
    lat: f64,
}

/// A point in GCJ-02 degrees, longitude first: what Chinese street maps show. Never stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gcj02 {
    lon: f64,
    lat: f64,
}

/// The storage form: WGS-84 in units of 1e-7 degrees, always within ±180° and ±90°.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct E7 {
    lon: i32,
    lat: i32,
}

/// A number that is no position on earth.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum BadCoordinate {
    #[error("a coordinate must be a number")]
    NotFinite,
    #[error("a longitude runs from -180 to 180 degrees, got {0}")]
    Longitude(f64),
    #[error("a latitude runs from -90 to 90 degrees, got {0}: are longitude and latitude swapped?")]
    Latitude(f64),
}

/// The one rule of what a position is, in degrees of any reference system.
fn check(lon: f64, lat: f64) -> Result<(), BadCoordinate> {
    if !lon.is_finite() || !lat.is_finite() {
        return Err(BadCoordinate::NotFinite);
    }
    if lon.abs() > 180.0 {
        return Err(BadCoordinate::Longitude(lon));
    }
    if lat.abs() > 90.0 {
        return Err(BadCoordinate::Latitude(lat));
    }
    Ok(())
}

impl Wgs84 {
    pub fn new(lon: f64, lat: f64) -> Result<Self, BadCoordinate> {
        check(lon, lat)?;
        Ok(Self { lon, lat })
    }

    pub fn lon(self) -> f64 {
        self.lon
    }

    pub fn lat(self) -> f64 {
        self.lat
    }

    /// The nearest storable point, at most 8 mm away.
    pub fn to_e7(self) -> E7 {
        // In range by construction, and the bounds are whole numbers of units: rounding cannot leave them.
        E7 { lon: (self.lon * E7_PER_DEGREE).round() as i32, lat: (self.lat * E7_PER_DEGREE).round() as i32 }
    }

    /// Where a street map of China draws this point; the same point outside China.
    pub fn to_gcj02(self) -> Gcj02 {
        if !uses_gcj02(self.lon, self.lat) {
            return Gcj02 { lon: self.lon, lat: self.lat };
        }
        let (east, north) = gcj02_offset(self.lon, self.lat);
        Gcj02 { lon: self.lon + east, lat: self.lat + north }
    }
}

impl Gcj02 {
    pub fn new(lon: f64, lat: f64) -> Result<Self, BadCoordinate> {
        check(lon, lat)?;
        Ok(Self { lon, lat })
    }

    pub fn lon(self) -> f64 {
        self.lon
    }

    pub fn lat(self) -> f64 {
        self.lat
    }

    /// The inverse, by fixed point iteration: the offset is taken at the last guess of the WGS-84 point.
    /// One step leaves up to 2.7 m in Jiangmen; four leave less than 0.1 mm over the whole of China (tested).
    pub fn to_wgs84(self) -> Wgs84 {
        let mut guess = Wgs84 { lon: self.lon, lat: self.lat };
        if !uses_gcj02(self.lon, self.lat) {
            return guess;
        }
        for _ in 0..4 {
            let (east, north) = gcj02_offset(guess.lon, guess.lat);
            guess = Wgs84 { lon: self.lon - east, lat: self.lat - north };
        }
        guess
    }
}

impl E7 {
    /// From units of 1e-7 degrees.
    pub fn new(lon: i32, lat: i32) -> Result<Self, BadCoordinate> {
        check(f64::from(lon) / E7_PER_DEGREE, f64::from(lat) / E7_PER_DEGREE)?;
        Ok(Self { lon, lat })
    }

    /// Units of 1e-7 degrees, ±1,800,000,000.
    pub fn lon(self) -> i32 {
        self.lon
    }

    /// Units of 1e-7 degrees, ±900,000,000.
    pub fn lat(self) -> i32 {
        self.lat
    }

    pub fn to_wgs84(self) -> Wgs84 {
        Wgs84 { lon: f64::from(self.lon) / E7_PER_DEGREE, lat: f64::from(self.lat) / E7_PER_DEGREE }
    }
}

/// The box in which GCJ-02 differs from WGS-84, as every implementation of it has it. It is a box and not the
/// border, so it takes in some neighbouring countries.
fn uses_gcj02(lon: f64, lat: f64) -> bool {
    (72.004..=137.8347).contains(&lon) && (0.8293..=55.8271).contains(&lat)
}

/// How far GCJ-02 lies east and north of a WGS-84 point, in degrees. The formula is public knowledge and
/// unsourced; `tests/vectors/valid/coordinates.json` pins it.
fn gcj02_offset(lon: f64, lat: f64) -> (f64, f64) {
    let (x, y) = (lon - 105.0, lat - 35.0);
    let root = x.abs().sqrt();
    let ripple = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple + waves(y, 160.0, 320.0);
    let east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple + waves(x, 150.0, 300.0);

    let phi = lat.to_radians();
    let w2 = 1.0 - GCJ_E2 * phi.sin() * phi.sin();
    let meridian_radius = GCJ_AXIS * (1.0 - GCJ_E2) / (w2 * w2.sqrt());
    let parallel_radius = GCJ_AXIS / w2.sqrt() * phi.cos();
    ((east / parallel_radius).to_degrees(), (north / meridian_radius).to_degrees())
}

/// The long waves of either shift: by latitude northwards, by longitude eastwards.
fn waves(t: f64, twelfth: f64, thirtieth: f64) -> f64 {
    (20.0 * (t * PI).sin() + 40.0 * (t / 3.0 * PI).sin()) * 2.0 / 3.0
        + (twelfth * (t / 12.0 * PI).sin() + thirtieth * (t / 30.0 * PI).sin()) * 2.0 / 3.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Vectors {
        points: Vec<Vector>,
    }

    #[derive(Deserialize)]
    struct Vector {
        name: String,
        wgs84: (f64, f64),
        gcj02: (f64, f64),
    }

    fn vectors() -> Vec<Vector> {
        let text = include_str!("../../../tests/vectors/valid/coordinates.json");
        serde_json::from_str::<Vectors>(text).expect("the vectors are well-formed").points
    }

    #[test]
    fn both_directions_agree_with_the_golden_vectors() {
        let points = vectors();
        assert!(points.len() >= 6);
        for Vector { name, wgs84, gcj02 } in points {
            let shown = Wgs84::new(wgs84.0, wgs84.1).expect("in range").to_gcj02();
            assert!(
                (shown.lon() - gcj02.0).abs() < 1e-11 && (shown.lat() - gcj02.1).abs() < 1e-11,
                "{name}: {shown:?}"
            );
            let back = Gcj02::new(gcj02.0, gcj02.1).expect("in range").to_wgs84();
            assert!((back.lon() - wgs84.0).abs() < 1e-9 && (back.lat() - wgs84.1).abs() < 1e-9, "{name}: {back:?}");
        }
    }

    #[test]
    fn abroad_a_point_passes_unchanged_both_ways() {
        let aruba = Wgs84::new(-69.98, 12.52).expect("in range");
        assert_eq!((aruba.to_gcj02().lon(), aruba.to_gcj02().lat()), (-69.98, 12.52));
        assert_eq!(aruba.to_gcj02().to_wgs84(), aruba);
    }

    #[test]
    fn what_is_no_position_says_why() {
        assert_eq!(Wgs84::new(f64::NAN, 22.0), Err(BadCoordinate::NotFinite));
        assert_eq!(Gcj02::new(113.0, f64::INFINITY), Err(BadCoordinate::NotFinite));
        assert_eq!(Wgs84::new(113.0, 95.0), Err(BadCoordinate::Latitude(95.0)));
        assert_eq!(Gcj02::new(-180.5, 0.0), Err(BadCoordinate::Longitude(-180.5)));
        assert_eq!(E7::new(0, 900_000_001), Err(BadCoordinate::Latitude(90.000_000_1)));
        assert_eq!(E7::new(i32::MIN, 0), Err(BadCoordinate::Longitude(-214.748_364_8)));
        assert!(E7::new(-1_800_000_000, 900_000_000).is_ok());
    }

    proptest! {
        #[test]
        fn the_inverse_is_within_a_tenth_of_a_millimetre_everywhere_in_china(lon in 73.0..135.5, lat in 3.0..54.0) {
            let point = Wgs84::new(lon, lat).expect("in range");
            let back = point.to_gcj02().to_wgs84();
            // 1e-9 degrees are 0.11 mm along a meridian.
            prop_assert!((back.lon() - lon).abs() < 0.9e-9 && (back.lat() - lat).abs() < 0.9e-9, "{back:?}");
        }

        #[test]
        fn the_storage_form_survives_degrees(lon in -1_800_000_000..=1_800_000_000_i32, lat in -900_000_000..=900_000_000_i32) {
            let stored = E7::new(lon, lat).expect("in range");
            prop_assert_eq!(stored.to_wgs84().to_e7(), stored);
        }
    }
}
