//! GeoJSON of any provenance, and what the check makes of the grids in it.
#![no_main]

use gridpatrol_gridpack::check;
use gridpatrol_gridpack::check::Expected;
use gridpatrol_gridpack::crs::Crs;
use gridpatrol_gridpack::import::{Options, Source, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for crs in [Crs::Wgs84, Crs::Bd09] {
        let Ok(grids) = import(Source::GeoJson(bytes), &Options::new(crs)) else { continue };
        // The check takes the time that borders take, not that of the bytes.
        let _ = check(&grids[..grids.len().min(16)], &Expected::default());
    }
});
