//! Track blocks of all versions; what decodes is encoded and decoded to the same again.
#![no_main]

use gridpatrol_geo::block::{decode_block, encode_compact, encode_live};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(fixes) = decode_block(bytes) else { return };
    for encode in [encode_live, encode_compact] {
        if let Ok(again) = encode(&fixes) {
            assert_eq!(decode_block(&again).expect("our own bytes"), fixes);
        }
    }
});
