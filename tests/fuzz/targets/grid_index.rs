//! A grid index that a phone maps from a file: what loads answers every question without a panic.
#![no_main]

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::grid::GridIndex;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(index) = GridIndex::from_bytes(bytes) else { return };
    for (lon, lat) in
        [(0, 0), (1_125_800_000, 223_700_000), (-1_800_000_000, -900_000_000), (1_800_000_000, 900_000_000)]
    {
        let _ = index.owner(E7::new(lon, lat).expect("on the earth"));
    }
});
