//! One type for each coordinate reference system, so that mixing two of them, or converting twice, does not
//! compile.
//!
//! Phones give WGS-84, Amap and Tencent GCJ-02, Baidu BD-09, survey offices CGCS2000. In Jiangmen GCJ-02 lies about
//! 600 m from WGS-84, enough to call every patrol "outside". Storage knows one form only: [`E7`], WGS-84 in integers
//! of 1e-7 degrees (11 mm).
//!
//! ```compile_fail
//! # use gridpatrol_geo::crs::{Gcj02, Wgs84};
//! # let shown = Gcj02::new(113.09, 22.58).expect("in range");
//! let twice = shown.to_gcj02(); // already GCJ-02
//! ```

mod shift;
pub mod tile;

/// 1e-7 degrees in one degree.
const E7_PER_DEGREE: f64 = 1e7;

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

macro_rules! systems {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name {
            lon: f64,
            lat: f64,
        }

        impl $name {
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
        }
    )*};
}

systems! {
    /// A point in WGS-84 degrees, longitude first: what phones give.
    Wgs84,
    /// A point in GCJ-02 degrees, longitude first: what Chinese street maps show. Never stored.
    Gcj02,
    /// A point in BD-09 degrees, longitude first: what Baidu maps show. Never stored.
    Bd09,
    /// A point in CGCS2000 degrees, longitude first: what Chinese survey offices give. Its ellipsoid differs from
    /// WGS-84's by 0.1 mm, its frame is ITRF97 as of 2000.0, from which China has since moved by less than a metre:
    /// less than a phone can see, so the numbers are taken as they are. The type keeps the name of the source.
    Cgcs2000
}

impl Wgs84 {
    /// The nearest storable point, at most 8 mm away.
    pub fn to_e7(self) -> E7 {
        // In range by construction, and the bounds are whole numbers of units: rounding cannot leave them.
        E7 { lon: (self.lon * E7_PER_DEGREE).round() as i32, lat: (self.lat * E7_PER_DEGREE).round() as i32 }
    }

    /// Where a street map of China draws this point; the same point outside China.
    pub fn to_gcj02(self) -> Gcj02 {
        let (lon, lat) = shifted(shift::to_gcj02, self.lon, self.lat);
        Gcj02 { lon, lat }
    }

    /// Where Baidu draws this point; the same point outside China.
    pub fn to_bd09(self) -> Bd09 {
        self.to_gcj02().to_bd09()
    }

    /// The same numbers, see [`Cgcs2000`].
    pub fn to_cgcs2000(self) -> Cgcs2000 {
        Cgcs2000 { lon: self.lon, lat: self.lat }
    }
}

impl Cgcs2000 {
    /// The same numbers, see [`Cgcs2000`].
    pub fn to_wgs84(self) -> Wgs84 {
        Wgs84 { lon: self.lon, lat: self.lat }
    }
}

impl Gcj02 {
    /// The inverse, within 0.1 mm (tested over the whole of China).
    pub fn to_wgs84(self) -> Wgs84 {
        let (lon, lat) = shifted(shift::from_gcj02, self.lon, self.lat);
        Wgs84 { lon, lat }
    }

    pub fn to_bd09(self) -> Bd09 {
        let (lon, lat) = shifted(shift::to_bd09, self.lon, self.lat);
        Bd09 { lon, lat }
    }
}

impl Bd09 {
    /// The inverse, within 0.1 mm (tested over the whole of China).
    pub fn to_gcj02(self) -> Gcj02 {
        let (lon, lat) = shifted(shift::from_bd09, self.lon, self.lat);
        Gcj02 { lon, lat }
    }

    pub fn to_wgs84(self) -> Wgs84 {
        self.to_gcj02().to_wgs84()
    }
}

impl E7 {
    /// From units of 1e-7 degrees.
    #[inline(always)]
    pub fn new(lon: i32, lat: i32) -> Result<Self, BadCoordinate> {
        // Divisions are a tenth of the time in which a block of a track is read, so only a bad place gets to them.
        if lon.unsigned_abs() <= 1_800_000_000 && lat.unsigned_abs() <= 900_000_000 {
            return Ok(Self { lon, lat });
        }
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

/// The box in which Chinese maps are shifted, as every implementation has it. It is a box and not the border, so it
/// takes in some neighbouring countries.
fn is_shifted(lon: f64, lat: f64) -> bool {
    (72.004..=137.8347).contains(&lon) && (0.8293..=55.8271).contains(&lat)
}

/// What a shift makes of a point in China; abroad there is none.
fn shifted(by: impl Fn(f64, f64) -> (f64, f64), lon: f64, lat: f64) -> (f64, f64) {
    if is_shifted(lon, lat) { by(lon, lat) } else { (lon, lat) }
}
