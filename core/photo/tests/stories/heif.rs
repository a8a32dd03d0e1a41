//! What a HEIC says of itself: EXIF wherever its boxes put it, size, turning, and that its end is missing.

use crate::support::*;
use gridpatrol_photo::exif_write::{ExifFields, exif_segment};
use gridpatrol_photo::{Damage, NoPreview};

fn tiff(orientation: u8) -> Vec<u8> {
    let fields = ExifFields { position: Some(CANGDONG), orientation: Some(orientation), ..Default::default() };
    exif_segment(&fields)[6..].to_vec()
}

/// Every combination of versions, places and ids.
fn all() -> Vec<Heic> {
    let mut all = Vec::new();
    for (locations, wide) in [(0, false), (1, false), (2, true)] {
        for inside in [false, true].into_iter().take(if locations == 0 { 1 } else { 2 }) {
            for torn in [false, true] {
                all.push(Heic { locations, inside, wide, torn, size: Some((4032, 3024)), turning: vec![] });
            }
        }
    }
    all
}

#[test]
fn exif_and_size_are_found_wherever_a_phone_puts_them() {
    for how in all() {
        let photo = taken_in(&how.file(&tiff(6)));
        let what = (how.locations, how.inside, how.wide, how.torn);
        assert_eq!((photo.position, photo.orientation), (Some(CANGDONG), 6), "{what:?}");
        assert_eq!(photo.dimensions, Some((4032, 3024)), "{what:?}");
        assert_eq!((photo.no_preview, photo.damage), (Some(NoPreview::HeicNeedsShell), None), "{what:?}");
    }
}

#[test]
fn a_block_is_found_though_its_offset_is_wrong_or_missing() {
    let file = heic(&tiff(6));
    let at = file.windows(6).rposition(|w| w == b"Exif\0\0").expect("the block");
    let mut counted_before_the_word = file.clone();
    counted_before_the_word[at - 4..at].copy_from_slice(&[0; 4]);
    assert_eq!(taken_in(&counted_before_the_word).position, Some(CANGDONG));
    // Ten bytes less, and ten of something else behind it.
    let bare = [&file[..at - 4], &file[at + 6..], &[0; 10]].concat();
    assert_eq!(taken_in(&bare).position, Some(CANGDONG));
}

#[test]
fn exif_that_lies_in_another_file_or_item_is_not_looked_for_in_this_one() {
    let file = Heic { locations: 1, inside: true, ..Heic::default() }.file(&tiff(6));
    // Behind the kind: version and flags, sizes, count of items, id, method, number of the other file.
    let locations = file.windows(4).position(|w| w == b"iloc").expect("its box") + 4;
    for (at, value) in [(11, 2), (13, 1)] {
        let mut elsewhere = file.clone();
        elsewhere[locations + at] = value;
        let photo = taken_in(&elsewhere);
        assert_eq!((photo.position, photo.orientation), (None, 1), "byte {at}");
    }
}

#[test]
fn what_the_container_says_of_its_turning_beats_exif() {
    // EXIF 2.32 §4.6.5: a quarter to the left is 8, to the right 6; mirrored left to right is 2.
    type Turnings = &'static [(&'static [u8; 4], u8)];
    let turnings: [(Turnings, u8); 9] = [
        (&[(b"irot", 0)], 1),
        (&[(b"irot", 1)], 8),
        (&[(b"irot", 2)], 3),
        (&[(b"irot", 3)], 6),
        (&[(b"imir", 1)], 2),
        (&[(b"imir", 0)], 4),
        // Mirrored and then turned to the left, and the other way round.
        (&[(b"imir", 1), (b"irot", 1)], 5),
        (&[(b"irot", 1), (b"imir", 1)], 7),
        (&[], 6),
    ];
    for (turning, orientation) in turnings {
        let how = Heic { turning: turning.to_vec(), size: Some((4032, 3024)), ..Heic::default() };
        let photo = taken_in(&how.file(&tiff(6)));
        assert_eq!((photo.orientation, photo.dimensions), (orientation, Some((4032, 3024))), "{turning:?}");
    }
}

#[test]
fn a_heic_that_breaks_off_says_so_and_keeps_what_it_knows() {
    let whole = Heic { locations: 1, inside: true, ..Heic::default() }.file(&tiff(6));
    let trailer = [&whole[..], b"\xFF\xFF\xFF\xFFSEFT and no box at all"].concat();
    assert_eq!(taken_in(&trailer).damage, None, "what stands behind the boxes is nobody's business");
    let picture = [&whole[..whole.len() - 8], &1_000u32.to_be_bytes(), b"mdat", &[7; 500]].concat();
    let photo = taken_in(&picture);
    assert_eq!((photo.damage, photo.position), (Some(Damage::EndMissing), Some(CANGDONG)));
}

#[test]
fn no_cut_and_no_byte_of_a_heic_does_harm() {
    for how in all() {
        let whole = Heic { turning: vec![(b"irot", 3), (b"imir", 1)], ..how }.file(&tiff(6));
        for end in 12..whole.len() {
            taken_in(&whole[..end]);
        }
        for at in 12..whole.len() {
            for value in [0, 1, 0x7F, 0x80, 0xFF, whole[at] ^ 0x15] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                assert!(take_in(&bytes, "a.heic").is_ok_and(|photo| photo.derivative.is_none()));
            }
        }
    }
}
