//! How far the systems of Chinese maps lie from one another, in degrees. The formulas are public knowledge and
//! unsourced; `tests/vectors/valid/coordinates*.json` pin them.
//!
//! The twelve waves of GCJ-02 are sines of multiples of two angles, so each angle costs one sine and one cosine, and
//! the addition theorems do the rest. The error of 1e-16 grows by the multiple, 360 at most, and stays a millionth of
//! a millionth of a metre. The way back tries points that lie near each other, which the same theorems reach without
//! any sine.

use std::f64::consts::PI;

/// Semi-major axis in metres and squared eccentricity of the ellipsoid that GCJ-02 is defined on (Krasovsky 1940).
const GCJ_AXIS: f64 = 6_378_245.0;
const GCJ_E2: f64 = 0.006_693_421_622_965_943;

/// The zero of the formula, in degrees.
const ZERO: (f64, f64) = (105.0, 35.0);

/// Sine and cosine of an angle.
#[derive(Clone, Copy)]
struct Angle {
    sin: f64,
    cos: f64,
}

impl Angle {
    fn new(radians: f64) -> Self {
        let (sin, cos) = radians.sin_cos();
        Self { sin, cos }
    }

    /// By the series: of less than a thousandth, to the last digit.
    fn tiny(radians: f64) -> Self {
        let square = radians * radians;
        Self { sin: radians * (1.0 - square / 6.0), cos: 1.0 - square * (0.5 - square / 24.0) }
    }

    fn plus(self, other: Self) -> Self {
        Self { sin: self.sin * other.cos + self.cos * other.sin, cos: self.cos * other.cos - self.sin * other.sin }
    }

    fn twice(self) -> Self {
        Self { sin: 2.0 * self.sin * self.cos, cos: 1.0 - 2.0 * self.sin * self.sin }
    }

    fn thrice(self) -> Self {
        Self { sin: self.sin * (3.0 - 4.0 * self.sin * self.sin), cos: self.cos * (4.0 * self.cos * self.cos - 3.0) }
    }
}

/// A WGS-84 point with the angles that its shift is made of.
struct Spot {
    lon: f64,
    lat: f64,
    /// π/60 times the degrees from the zero.
    x: Angle,
    y: Angle,
    /// The latitude.
    phi: Angle,
}

impl Spot {
    fn new(lon: f64, lat: f64) -> Self {
        let sixtieth = |degrees: f64| Angle::new(degrees * (PI / 60.0));
        Self { lon, lat, x: sixtieth(lon - ZERO.0), y: sixtieth(lat - ZERO.1), phi: Angle::new(lat.to_radians()) }
    }

    /// A point at most 0.01 degrees away.
    fn moved_to(&self, lon: f64, lat: f64) -> Self {
        let sixtieth = |degrees: f64| Angle::tiny(degrees * (PI / 60.0));
        let (east, north) = (lon - self.lon, lat - self.lat);
        Self {
            lon,
            lat,
            x: self.x.plus(sixtieth(east)),
            y: self.y.plus(sixtieth(north)),
            phi: self.phi.plus(Angle::tiny(north.to_radians())),
        }
    }

    /// How far GCJ-02 lies east and north of it, in degrees.
    fn shift(&self) -> (f64, f64) {
        let (x, y) = (self.lon - ZERO.0, self.lat - ZERO.1);
        let root = x.abs().sqrt();
        let (long_x, wave_x) = long_waves(self.x, 150.0, 300.0);
        let (long_y, _) = long_waves(self.y, 160.0, 320.0);
        let half_wave = wave_x.twice();
        let ripple = (20.0 * half_wave.thrice().sin + 20.0 * half_wave.sin) * 2.0 / 3.0;
        let north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple + long_y;
        let east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple + long_x;

        let w2 = 1.0 - GCJ_E2 * self.phi.sin * self.phi.sin;
        let meridian_radius = GCJ_AXIS * (1.0 - GCJ_E2) / (w2 * w2.sqrt());
        let parallel_radius = GCJ_AXIS / w2.sqrt() * self.phi.cos;
        ((east / parallel_radius).to_degrees(), (north / meridian_radius).to_degrees())
    }
}

/// The long waves of either shift, by longitude eastwards and by latitude northwards, in metres; and the angle of the
/// wave whose length is two degrees, π times the degrees.
fn long_waves(sixtieth: Angle, twelfth_metres: f64, thirtieth_metres: f64) -> (f64, Angle) {
    let thirtieth = sixtieth.twice();
    let twelfth = thirtieth.twice().plus(sixtieth);
    let third = twelfth.twice().twice();
    let one = third.thrice();
    let short = (20.0 * one.sin + 40.0 * third.sin) * 2.0 / 3.0;
    (short + (twelfth_metres * twelfth.sin + thirtieth_metres * thirtieth.sin) * 2.0 / 3.0, one)
}

/// WGS-84 to GCJ-02.
pub(super) fn to_gcj02(lon: f64, lat: f64) -> (f64, f64) {
    let (east, north) = Spot::new(lon, lat).shift();
    (lon + east, lat + north)
}

/// GCJ-02 to WGS-84 by fixed point iteration: the shift is taken at the last guess. One step leaves up to 2.7 m in
/// Jiangmen, three leave 0.04 mm there; four leave less than 0.1 mm over the whole of China (tested).
pub(super) fn from_gcj02(lon: f64, lat: f64) -> (f64, f64) {
    let mut guess = Spot::new(lon, lat);
    for _ in 0..3 {
        let (east, north) = guess.shift();
        guess = guess.moved_to(lon - east, lat - north);
    }
    let (east, north) = guess.shift();
    (lon - east, lat - north)
}

/// GCJ-02 to BD-09: a stretch and a turn round the zero of degrees, both tiny, then a shift.
pub(super) fn to_bd09(lon: f64, lat: f64) -> (f64, f64) {
    const WAVES: f64 = PI * 3000.0 / 180.0;
    let stretch = 1.0 + 0.000_02 * (lat * WAVES).sin() / lon.hypot(lat);
    let turn = Angle::tiny(0.000_003 * (lon * WAVES).cos());
    (stretch * (lon * turn.cos - lat * turn.sin) + 0.0065, stretch * (lat * turn.cos + lon * turn.sin) + 0.006)
}

/// BD-09 to GCJ-02 by fixed point iteration. A step leaves a fiftieth of the error before it; after five it is less
/// than 0.1 mm (tested).
pub(super) fn from_bd09(lon: f64, lat: f64) -> (f64, f64) {
    (0..5).fold((lon - 0.0065, lat - 0.006), |(x, y), _| {
        let (there_x, there_y) = to_bd09(x, y);
        (x + (lon - there_x), y + (lat - there_y))
    })
}
