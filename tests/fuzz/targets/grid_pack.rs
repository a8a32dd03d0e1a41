//! A grid pack that a phone maps from a file. The checksum is made right, so that what is behind it is reached.
#![no_main]

use gridpatrol_geo::crs::E7;
use gridpatrol_gridpack::PackFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = bytes.to_vec();
    if let Some((head, body)) = bytes.split_at_mut_checked(12) {
        head[8..].copy_from_slice(&crc32fast::hash(body).to_le_bytes());
    }
    let Ok(file) = PackFile::from_bytes(bytes) else { return };
    let _ = file.index.owner(E7::new(1_125_800_000, 223_700_000).expect("on the earth"));
    let again = PackFile::from_bytes(file.pack.to_bytes()).expect("what was read is written so that it reads");
    assert_eq!(again.pack, file.pack);
});
