//! The number of a tile in an archive: those of all zooms above it, then its place on the Hilbert curve.
//! J. K. Lawder, "Calculation of Mappings Between One and n-dimensional Values Using the Hilbert Space-filling
//! Curve", 2000; the curve's turn is that of the PMTiles specification.

use gridpatrol_geo::crs::tile::TileId;

pub(super) fn number(id: TileId) -> u64 {
    let (mut x, mut y) = (u64::from(id.x()), u64::from(id.y()));
    let above = ((1u64 << (2 * id.z())) - 1) / 3;
    let mut along = 0;
    for level in (0..id.z()).rev() {
        let side = 1u64 << level;
        let (east, south) = (x >> level & 1, y >> level & 1);
        along += ((3 * east) ^ south) << (2 * level);
        (x, y) = (x & (side - 1), y & (side - 1));
        // The curve is turned in two of its four quarters.
        if south == 0 {
            if east == 1 {
                (x, y) = (side - 1 - x, side - 1 - y);
            }
            (x, y) = (y, x);
        }
    }
    above + along
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_numbered_as_other_programs_number_them() {
        // pmtiles 3.8.1 of Python: zxy_to_tileid.
        let known = [((0, 0, 0), 0), ((1, 0, 0), 1), ((1, 0, 1), 2), ((1, 1, 1), 3), ((1, 1, 0), 4), ((2, 0, 0), 5)];
        for ((z, x, y), expected) in
            known.into_iter().chain([((14, 13315, 7149), 305_484_873), ((24, 13635600, 7321000), 320_324_086_865_087)])
        {
            assert_eq!(number(TileId::new(z, x, y).expect("there is such a tile")), expected, "{z}/{x}/{y}");
        }
    }
}
