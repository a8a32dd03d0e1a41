//! JPEG, PNG, WebP, HEIC and their EXIF: whatever comes is taken in or refused by name.
#![no_main]

use std::path::Path;

use gridpatrol_photo::{Limits, import_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { max_pixels: 4_000_000, max_decoded_bytes: 32 << 20, ..Limits::default() };
    let _ = import_bytes(bytes, Path::new("photo.jpg"), &limits);
});
