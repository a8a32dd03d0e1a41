//! GPX of any provenance.
#![no_main]

use gridpatrol_geo::gpx::import;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = import(bytes);
});
