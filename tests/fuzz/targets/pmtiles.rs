//! Any bytes as a PMTiles base map: an error or a map, and every tile of it an error, nothing or at most 8 MB.
#![no_main]

use std::io::Cursor;

use gridpatrol_basemap::{BaseMap, MAX_TILE_BYTES};
use gridpatrol_geo::crs::tile::{MAX_ZOOM, TileCrs, TileId};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(map) = BaseMap::pmtiles(Cursor::new(bytes.to_vec()), TileCrs::Gcj02) else { return };
    let about = map.about();
    assert!(about.min_zoom <= about.max_zoom && about.max_zoom <= MAX_ZOOM);
    for z in 0..=MAX_ZOOM {
        for (x, y) in [(0, 0), ((1 << z) - 1, 0), ((1 << z) / 2, (1 << z) / 3)] {
            let id = TileId::new(z, x, y).expect("inside the zoom");
            if let Ok(Some(found)) = map.nearest(id) {
                assert!(found.tile.bytes.len() <= MAX_TILE_BYTES as usize);
                assert_eq!(id.up(found.part.levels), Some(found.id));
            }
        }
    }
});
