//! The same as `photo`, with the JPEG coder in Rust.
#![no_main]

use std::path::Path;

use gridpatrol_photo::{Coder, Import, Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { max_pixels: 4_000_000, max_decoded_bytes: 32 << 20, ..Limits::default() };
    let _ = Import { coder: Coder::Pure, limits, ..Import::default() }.bytes(bytes, Path::new("photo.jpg"));
});
