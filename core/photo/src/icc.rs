//! Colour profiles (ICC.1:2022 annex B.4 for JPEG). Phones shoot Display P3; what is carried over unchanged shows the
//! same colours, costs half a kilobyte, and loses nothing as a conversion to sRGB would.

use crate::jpeg::{APP2, segment, segments};

const ID: &[u8; 12] = b"ICC_PROFILE\0";

/// What one segment holds beside length, name and the two counters.
const MAX_PART: usize = 65_533 - 14;

/// Profiles for screens have 0.5 to 4 KB, those with tables up to a few hundred.
const MAX_PROFILE: usize = 1 << 20;

/// What a profile describes, by its header.
const RGB: &[u8; 4] = b"RGB ";
const GREY: &[u8; 4] = b"GRAY";

/// The profile of a JPEG; `None` if there is none, or parts of it are missing, or it is too large to be one.
pub(crate) fn of_jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let parts = segments(bytes).filter(|s| s.marker == APP2).filter_map(|s| s.body.strip_prefix(ID));
    let mut parts: Vec<_> = parts.filter_map(|part| part.split_first_chunk()).collect();
    parts.sort_by_key(|([number, _], _)| *number);
    let whole = parts
        .iter()
        .enumerate()
        .all(|(at, ([number, count], _))| usize::from(*number) == at + 1 && usize::from(*count) == parts.len());
    let size: usize = parts.iter().map(|(_, body)| body.len()).sum();
    (whole && (1..=MAX_PROFILE).contains(&size)).then(|| parts.iter().flat_map(|(_, body)| *body).copied().collect())
}

/// Segments for a JPEG in grey or in YCbCr. Nothing for a profile of another kind, such as that of a printer: those
/// pixels were converted.
pub(crate) fn to_jpeg(profile: &[u8], grey: bool) -> Vec<u8> {
    let kind = if grey { GREY } else { RGB };
    if profile.get(16..20) != Some(kind) || profile.len() > MAX_PROFILE {
        return Vec::new();
    }
    let parts = profile.chunks(MAX_PART);
    let count = u8::try_from(parts.len()).expect("a megabyte is 17 segments");
    (1..=count).zip(parts).flat_map(|(number, part)| segment(APP2, &[ID, &[number, count], part])).collect()
}
