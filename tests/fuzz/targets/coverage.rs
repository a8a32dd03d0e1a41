//! Coverage that another phone sent.
#![no_main]

use gridpatrol_geo::coverage::Coverage;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = Coverage::from_bytes(bytes).map(|coverage| coverage.to_bytes());
});
