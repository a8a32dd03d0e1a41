//! The squares that web maps are cut into: the world in web Mercator, halved `z` times each way, `x` counted from the
//! west and `y` from the north (XYZ, as Google, OpenStreetMap and PMTiles count; TMS counts `y` from the south).
//!
//! The projection takes longitude and latitude as they are given, so a map whose pictures are in GCJ-02 has GCJ-02
//! tiles: about 600 m beside the WGS-84 tiles of the same numbers. [`TileCrs`] says which, and everything that
//! leaves this file is WGS-84.
//!
//! Columns are exact integers. Rows go through `asinh(tan φ)` (EPSG:3857, spherical); both ways are monotone, so a
//! point is always inside the tile that is said to contain it.

use std::f64::consts::PI;
use std::ops::RangeInclusive;

use super::{E7, Gcj02, Wgs84};

/// A tile of this zoom is 2.4 m wide at the equator; no map of a phone is cut finer.
pub const MAX_ZOOM: u8 = 24;

/// Where the square world ends, in degrees north and south.
pub const MAX_LATITUDE: f64 = 85.051_128_779_806_6;

/// 1e-7 degrees in half and all of the way round.
const HALF_TURN: i64 = 1_800_000_000;
const TURN: i64 = 2 * HALF_TURN;

/// How fast the shift of GCJ-02 changes at most, degrees per degree (tested over the whole of China).
const SHIFT_SLOPE: f64 = 0.007;

/// What the pictures of a map are drawn in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TileCrs {
    /// Also CGCS2000, which differs by less than a phone can see: Tianditu.
    Wgs84,
    /// Most street maps of China: Amap, Tencent, Google inside China.
    Gcj02,
}

/// The name of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    z: u8,
    x: u32,
    y: u32,
}

/// A box between two meridians and two parallels, 1e-7 degrees of WGS-84, edges included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    south_west: E7,
    north_east: E7,
}

/// A square part of a tile: its side is `1 / 2^levels` of the tile's, and it lies `left` and `top` such sides from the
/// north-western corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub levels: u8,
    pub left: u32,
    pub top: u32,
}

/// The tiles of one zoom that touch a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    z: u8,
    x: RangeInclusive<u32>,
    y: RangeInclusive<u32>,
}

impl TileId {
    /// None if there is no such tile.
    pub fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        (z <= MAX_ZOOM && x < 1 << z && y < 1 << z).then_some(Self { z, x, y })
    }

    /// The tile that a point lies in; one on an edge lies in the tile to the east and south of it. Poles belong to the
    /// outermost rows.
    ///
    /// # Panics
    /// Above [`MAX_ZOOM`].
    pub fn containing(at: E7, z: u8, crs: TileCrs) -> Self {
        assert!(z <= MAX_ZOOM, "no tile is cut finer than zoom {MAX_ZOOM}");
        match crs {
            TileCrs::Wgs84 => Self { z, x: column(at.lon(), z), y: row(f64::from(at.lat()) / 1e7, z) },
            TileCrs::Gcj02 => {
                let at = at.to_wgs84().to_gcj02();
                Self { z, x: column((at.lon() * 1e7).round() as i32, z), y: row(at.lat(), z) }
            }
        }
    }

    /// Where a point lies, counted in tiles of this zoom from the west and from the north.
    ///
    /// # Panics
    /// Above [`MAX_ZOOM`].
    pub fn spot(at: E7, z: u8, crs: TileCrs) -> [f64; 2] {
        assert!(z <= MAX_ZOOM, "no tile is cut finer than zoom {MAX_ZOOM}");
        let [lon, lat] = match crs {
            TileCrs::Wgs84 => degrees(at),
            TileCrs::Gcj02 => {
                let at = at.to_wgs84().to_gcj02();
                [at.lon(), at.lat()]
            }
        };
        let side = f64::from(1u32 << z);
        [(lon + 180.0) / 360.0 * side, down(lat) * side]
    }

    pub fn z(self) -> u8 {
        self.z
    }

    pub fn x(self) -> u32 {
        self.x
    }

    /// From the north.
    pub fn y(self) -> u32 {
        self.y
    }

    /// From the south, as MBTiles counts.
    pub fn tms_y(self) -> u32 {
        (1 << self.z) - 1 - self.y
    }

    /// The tile that holds this one, so many zooms further out.
    pub fn up(self, levels: u8) -> Option<Self> {
        let z = self.z.checked_sub(levels)?;
        Some(Self { z, x: self.x >> levels, y: self.y >> levels })
    }

    /// Which part of `self.up(levels)` this tile is. None above the one tile of zoom 0.
    pub fn part(self, levels: u8) -> Option<Part> {
        self.z.checked_sub(levels)?;
        let mask = (1 << levels) - 1;
        Some(Part { levels, left: self.x & mask, top: self.y & mask })
    }

    /// Where to draw it. The tiles of one zoom meet without a gap in WGS-84. Of GCJ-02 the box is what lies between the
    /// north-western and the south-eastern corner, where the true outline bends by up to 1/200 of its side.
    pub fn extent(self, crs: TileCrs) -> Extent {
        let (west, north) = (west_of(self.x, self.z), north_of(self.y, self.z));
        let (east, south) = (west_of(self.x + 1, self.z), north_of(self.y + 1, self.z));
        Extent { south_west: corner(west, south, crs), north_east: corner(east, north, crs) }
    }
}

impl Extent {
    /// Everything that web maps show.
    pub fn world() -> Self {
        TileId { z: 0, x: 0, y: 0 }.extent(TileCrs::Wgs84)
    }

    /// None if a corner is on the wrong side of the other. No box crosses the 180th meridian.
    pub fn new(south_west: E7, north_east: E7) -> Option<Self> {
        (south_west.lon() <= north_east.lon() && south_west.lat() <= north_east.lat())
            .then_some(Self { south_west, north_east })
    }

    pub fn south_west(&self) -> E7 {
        self.south_west
    }

    pub fn north_east(&self) -> E7 {
        self.north_east
    }

    pub fn contains(&self, at: E7) -> bool {
        (self.south_west.lon()..=self.north_east.lon()).contains(&at.lon())
            && (self.south_west.lat()..=self.north_east.lat()).contains(&at.lat())
    }

    /// What both hold.
    pub fn overlap(&self, other: &Self) -> Option<Self> {
        let pair = |lon: [i32; 2], lat: [i32; 2], of: fn(i32, i32) -> i32| E7 {
            lon: of(lon[0], lon[1]),
            lat: of(lat[0], lat[1]),
        };
        let (low, high) = (self.south_west, self.north_east);
        let (other_low, other_high) = (other.south_west, other.north_east);
        Self::new(
            pair([low.lon, other_low.lon], [low.lat, other_low.lat], i32::max),
            pair([high.lon, other_high.lon], [high.lat, other_high.lat], i32::min),
        )
    }

    pub fn touches(&self, other: &Self) -> bool {
        self.south_west.lon() <= other.north_east.lon()
            && other.south_west.lon() <= self.north_east.lon()
            && self.south_west.lat() <= other.north_east.lat()
            && other.south_west.lat() <= self.north_east.lat()
    }
}

impl Cover {
    /// Every point of the box lies in one of them.
    ///
    /// # Panics
    /// Above [`MAX_ZOOM`].
    pub fn of(extent: &Extent, z: u8, crs: TileCrs) -> Self {
        assert!(z <= MAX_ZOOM, "no tile is cut finer than zoom {MAX_ZOOM}");
        let ([west, south], [east, north]) = match crs {
            TileCrs::Wgs84 => (degrees(extent.south_west), degrees(extent.north_east)),
            TileCrs::Gcj02 => shifted_box(extent),
        };
        let unit = |lon: f64| (lon * 1e7).round() as i32;
        Self { z, x: column(unit(west), z)..=column(unit(east), z), y: row(north, z)..=row(south, z) }
    }

    /// How many.
    pub fn count(&self) -> u64 {
        let side = |range: &RangeInclusive<u32>| u64::from(range.end() - range.start()) + 1;
        side(&self.x) * side(&self.y)
    }

    pub fn contains(&self, tile: TileId) -> bool {
        tile.z == self.z && self.x.contains(&tile.x) && self.y.contains(&tile.y)
    }

    /// Row by row from the north-west.
    pub fn tiles(&self) -> impl Iterator<Item = TileId> + '_ {
        self.y.clone().flat_map(move |y| self.x.clone().map(move |x| TileId { z: self.z, x, y }))
    }
}

fn degrees(at: E7) -> [f64; 2] {
    let at = at.to_wgs84();
    [at.lon(), at.lat()]
}

/// A box that holds the GCJ-02 image of another: no point is further from a corner than half the diagonal, so the
/// corners' images and the steepest slope bound all the others.
fn shifted_box(extent: &Extent) -> ([f64; 2], [f64; 2]) {
    let ([west, south], [east, north]) = (degrees(extent.south_west), degrees(extent.north_east));
    let slack = SHIFT_SLOPE * (east - west).hypot(north - south) / 2.0;
    let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
    for (lon, lat) in [(west, south), (west, north), (east, south), (east, north)] {
        let image = Wgs84 { lon, lat }.to_gcj02();
        let shift = [image.lon() - lon, image.lat() - lat];
        for axis in 0..2 {
            low[axis] = f64::min(low[axis], shift[axis]);
            high[axis] = f64::max(high[axis], shift[axis]);
        }
    }
    let within = |lon: f64, lat: f64| [lon.clamp(-180.0, 180.0), lat.clamp(-90.0, 90.0)];
    (within(west + low[0] - slack, south + low[1] - slack), within(east + high[0] + slack, north + high[1] + slack))
}

/// The point with these numbers of the map's system.
fn corner(lon: i32, lat: f64, crs: TileCrs) -> E7 {
    let lon_degrees = f64::from(lon) / 1e7;
    match crs {
        TileCrs::Wgs84 => E7 { lon, lat: (lat * 1e7).round() as i32 },
        TileCrs::Gcj02 => Gcj02 { lon: lon_degrees, lat }.to_wgs84().to_e7(),
    }
}

fn column(lon: i32, z: u8) -> u32 {
    let scaled = ((i64::from(lon) + HALF_TURN) << z) / TURN;
    // The 180th meridian closes the last column.
    scaled.clamp(0, (1 << z) - 1) as u32
}

/// The nearest unit to a column's western edge.
fn west_of(x: u32, z: u8) -> i32 {
    (((i64::from(x) * TURN + (1 << z >> 1)) >> z) - HALF_TURN) as i32
}

/// The row of a latitude in degrees.
fn row(lat: f64, z: u8) -> u32 {
    // The cast holds a pole, infinitely far off, at the outermost row.
    ((down(lat) * f64::from(1u32 << z)).floor() as u32).min((1 << z) - 1)
}

/// Of the way from the northern edge to the southern.
fn down(lat: f64) -> f64 {
    0.5 - lat.to_radians().tan().asinh() / (2.0 * PI)
}

/// A row's northern edge in degrees.
fn north_of(y: u32, z: u8) -> f64 {
    let down = f64::from(y) / f64::from(1u32 << z);
    (PI * (1.0 - 2.0 * down)).sinh().atan().to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn e7(lon: i32, lat: i32) -> E7 {
        E7::new(lon, lat).expect("on earth")
    }

    fn tile(z: u8, x: u32, y: u32) -> TileId {
        TileId::new(z, x, y).expect("there is such a tile")
    }

    fn on_earth() -> impl Strategy<Value = E7> {
        (-1_800_000_000..=1_800_000_000, -850_000_000..=850_000_000).prop_map(|(lon, lat)| e7(lon, lat))
    }

    /// Well inside the box in which maps are shifted.
    fn in_china() -> impl Strategy<Value = E7> {
        (740_000_000..=1_350_000_000, 30_000_000..=530_000_000).prop_map(|(lon, lat)| e7(lon, lat))
    }

    fn mid(one: E7, other: E7, across: f64, up: f64) -> E7 {
        let mix = |from: i32, to: i32, part: f64| from + ((f64::from(to) - f64::from(from)) * part) as i32;
        e7(mix(one.lon(), other.lon(), across), mix(one.lat(), other.lat(), up))
    }

    fn crs() -> impl Strategy<Value = TileCrs> {
        prop_oneof![Just(TileCrs::Wgs84), Just(TileCrs::Gcj02)]
    }

    #[test]
    fn a_point_is_in_the_tile_that_other_programs_say() {
        // mercantile 1.2.1: mercantile.tile(lng, lat, zoom).
        let chikan = e7(1_125_855_000, 223_237_000);
        assert_eq!(TileId::containing(chikan, 10, TileCrs::Wgs84), tile(10, 832, 446));
        assert_eq!(TileId::containing(chikan, 14, TileCrs::Wgs84), tile(14, 13315, 7149));
        assert_eq!(TileId::containing(chikan, 17, TileCrs::Wgs84), tile(17, 106527, 57194));
        let west = e7(-1_223_300_000, -410_000_000);
        assert_eq!(TileId::containing(west, 12, TileCrs::Wgs84), tile(12, 656, 2560));
    }

    #[test]
    fn the_outermost_tiles_take_the_poles_and_the_date_line() {
        assert_eq!(TileId::containing(e7(1_800_000_000, 900_000_000), 5, TileCrs::Wgs84), tile(5, 31, 0));
        assert_eq!(TileId::containing(e7(-1_800_000_000, -900_000_000), 5, TileCrs::Wgs84), tile(5, 0, 31));
        let world = Extent::world();
        assert_eq!(world.south_west(), e7(-1_800_000_000, -850_511_288));
        assert_eq!(world.north_east(), e7(1_800_000_000, 850_511_288));
        assert!((MAX_LATITUDE * 1e7 - 850_511_288.0).abs() < 1.0);
    }

    #[test]
    fn there_is_no_tile_beyond_the_edge_or_finer_than_the_finest() {
        assert!(TileId::new(3, 8, 0).is_none() && TileId::new(3, 0, 8).is_none());
        assert!(TileId::new(MAX_ZOOM, (1 << MAX_ZOOM) - 1, 0).is_some());
        assert!(TileId::new(MAX_ZOOM + 1, 0, 0).is_none() && TileId::new(255, 0, 0).is_none());
    }

    #[test]
    fn an_amap_tile_is_drawn_600_m_beside_its_numbers() {
        let tile = TileId::containing(e7(1_125_855_000, 223_237_000), 17, TileCrs::Gcj02);
        let (as_amap, as_wgs) = (tile.extent(TileCrs::Gcj02), tile.extent(TileCrs::Wgs84));
        let metres = crate::distance::metres(as_amap.south_west(), as_wgs.south_west());
        assert!((587.0..635.0).contains(&metres), "{metres}");
    }

    proptest! {
        #[test]
        fn a_tile_contains_its_points_and_lies_in_all_tiles_above(at in on_earth(), z in 0..=MAX_ZOOM, up in 0..=255u8) {
            let tile = TileId::containing(at, z, TileCrs::Wgs84);
            prop_assert!(tile.extent(TileCrs::Wgs84).contains(at));
            prop_assert_eq!(tile.up(up), z.checked_sub(up).map(|z| TileId::containing(at, z, TileCrs::Wgs84)));
            prop_assert_eq!(tile.part(up).is_some(), up <= z);
        }

        #[test]
        fn a_point_is_as_far_into_its_tile_as_is_said(at in on_earth(), z in 0..=MAX_ZOOM, crs in crs()) {
            let (tile, spot) = (TileId::containing(at, z, crs), TileId::spot(at, z, crs));
            let into = [spot[0] - f64::from(tile.x()), spot[1] - f64::from(tile.y())];
            // Longitude is rounded to 1e-7 degrees before its column is looked for.
            let rounding = f64::from(1u32 << z) * 2e-10 + 1e-9;
            prop_assert!(into.iter().all(|part| (-rounding..=1.0 + rounding).contains(part)), "{into:?}");
        }

        #[test]
        fn a_tile_is_the_part_of_its_ancestor_that_it_says(at in on_earth(), z in 0..=MAX_ZOOM, up in 0..=MAX_ZOOM) {
            let up = up % (z + 1);
            let tile = TileId::containing(at, z, TileCrs::Wgs84);
            let (above, part) = (tile.up(up).expect("up to zoom 0"), tile.part(up).expect("up to zoom 0"));
            prop_assert_eq!((above.x() << up) + part.left, tile.x());
            prop_assert_eq!((above.y() << up) + part.top, tile.y());
        }

        #[test]
        fn neighbours_share_their_edge(z in 1..=MAX_ZOOM, x in any::<u32>(), y in any::<u32>()) {
            let side = (1u32 << z) - 1;
            let (x, y) = (x % side, y % side);
            let here = tile(z, x, y).extent(TileCrs::Wgs84);
            let south_east = tile(z, x + 1, y + 1).extent(TileCrs::Wgs84);
            prop_assert_eq!(here.north_east().lon(), south_east.south_west().lon());
            prop_assert_eq!(here.south_west().lat(), south_east.north_east().lat());
        }

        #[test]
        fn a_box_is_covered_and_no_tile_lies_beside_it(
            one in on_earth(), other in on_earth(), across in 0.0..=1.0, up in 0.0..=1.0, z in 0..=10u8,
        ) {
            let low = e7(one.lon().min(other.lon()), one.lat().min(other.lat()));
            let high = e7(one.lon().max(other.lon()), one.lat().max(other.lat()));
            let extent = Extent::new(low, high).expect("in order");
            let cover = Cover::of(&extent, z, TileCrs::Wgs84);
            prop_assert!(cover.contains(TileId::containing(mid(low, high, across, up), z, TileCrs::Wgs84)));
            prop_assert_eq!(cover.tiles().take(5_000).count() as u64, cover.count().min(5_000));
            for tile in cover.tiles().take(100) {
                prop_assert!(tile.extent(TileCrs::Wgs84).touches(&extent));
            }
        }

        #[test]
        fn a_box_is_covered_in_the_map_of_either_system(
            at in in_china(), size in 1..3_000_000, across in 0.0..=1.0, up in 0.0..=1.0, z in 0..=MAX_ZOOM, crs in crs(),
        ) {
            let extent = Extent::new(at, e7(at.lon() + size, at.lat() + size)).expect("in order");
            let inside = mid(at, extent.north_east(), across, up);
            let cover = Cover::of(&extent, z, crs);
            prop_assert!(cover.contains(TileId::containing(inside, z, crs)));
        }

        #[test]
        fn the_shift_is_nowhere_steeper_than_assumed(at in in_china(), turn in 0.0..std::f64::consts::TAU) {
            let step = 1e-3;
            let from = at.to_wgs84();
            let to = Wgs84::new(from.lon() + step * turn.cos(), from.lat() + step * turn.sin()).expect("on earth");
            let shift = |at: Wgs84| {
                let image = at.to_gcj02();
                (image.lon() - at.lon(), image.lat() - at.lat())
            };
            let (one, other) = (shift(from), shift(to));
            let steep = f64::max((one.0 - other.0).abs(), (one.1 - other.1).abs()) / step;
            prop_assert!(steep <= SHIFT_SLOPE, "{steep}");
        }
    }
}
