//! Photo manifests and the sidecar files that carry them; what is read encodes to the same bytes.
#![no_main]

use gridpatrol_photo::{Manifest, Sidecar, SignedManifest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = Manifest::decode(bytes) {
        assert_eq!(manifest.encode(), bytes);
    }
    if let Ok(signed) = SignedManifest::decode(bytes) {
        assert_eq!(signed.encode(), bytes);
        let _ = signed.is_signed();
    }
    let _ = Sidecar::decode(bytes);
});
