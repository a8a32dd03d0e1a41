//! Headers that lie and bytes that make no sense: refused early, and never a panic.

use crate::support::*;
use gridpatrol_photo::exif_write::ExifFields;
use gridpatrol_photo::{Coder, Damage, Import, Limits, NoPreview, PhotoError, import_bytes};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use std::path::Path;
use turbojpeg::Subsamp;

fn verdict(bytes: &[u8]) -> Option<NoPreview> {
    let photo = taken_in(bytes);
    assert_eq!(photo.no_preview.is_none(), photo.derivative.is_some() && photo.thumbnail.is_some());
    photo.no_preview
}

#[test]
fn a_jpeg_that_lies_about_its_size_is_not_decoded() {
    let claim = |width, height| verdict(&with_claimed_size(jpeg(64, 48), width, height));
    assert_eq!(claim(65_280, 65_280), Some(NoPreview::TooLarge { width: 65_280, height: 65_280 }));
    assert_eq!(claim(30_000, 6_834), Some(NoPreview::TooLarge { width: 30_000, height: 6_834 }));
    // Phones have taken photos of 200 megapixels since 2022.
    assert_eq!(claim(16_320, 12_240), Some(NoPreview::Implausible { width: 16_320, height: 12_240 }));
    assert_eq!(claim(30_001, 1), Some(NoPreview::TooLarge { width: 30_001, height: 1 }));
    assert_eq!(claim(30_000, 4_000), Some(NoPreview::Implausible { width: 30_000, height: 4_000 }));
    assert_eq!(claim(0, 48), Some(NoPreview::Damaged));
    assert_eq!(claim(64, 0), Some(NoPreview::Damaged));
}

#[test]
fn a_second_frame_cannot_smuggle_in_a_larger_size() {
    let honest = jpeg(64, 48);
    let sof = honest.windows(2).position(|w| w == [0xFF, 0xC0]).expect("a frame");
    let frame = honest[sof..sof + 19].to_vec();
    let twice = [&honest[..sof + 19], &frame, &honest[sof + 19..]].concat();
    let mut lying = twice;
    lying[sof + 19 + 5..sof + 19 + 9].copy_from_slice(&[0, 96, 0, 128]);
    assert_eq!(verdict(&lying), Some(NoPreview::Damaged));
}

#[test]
fn frames_that_are_not_decoded_say_so() {
    let frame = |offset: usize, value: u8| {
        let mut bytes = jpeg(64, 48);
        let sof = bytes.windows(2).position(|w| w == [0xFF, 0xC0]).expect("a frame");
        bytes[sof + offset] = value;
        verdict(&bytes)
    };
    assert_eq!(frame(1, 0xC3), Some(NoPreview::Unsupported), "lossless");
    assert_eq!(frame(1, 0xC9), Some(NoPreview::Unsupported), "arithmetic");
    assert_eq!(frame(4, 12), Some(NoPreview::Unsupported), "twelve bits");
    assert_eq!(frame(9, 2), Some(NoPreview::Unsupported), "two components");
}

#[test]
fn a_png_that_lies_about_its_size_is_not_decoded() {
    let claim = |width: u32, height: u32| {
        let mut bytes = png(64, 48);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        verdict(&bytes)
    };
    assert_eq!(claim(u32::MAX, u32::MAX), Some(NoPreview::TooLarge { width: u32::MAX, height: u32::MAX }));
    assert_eq!(claim(10_000, 10_000), Some(NoPreview::Implausible { width: 10_000, height: 10_000 }));
    assert_eq!(claim(0, 48), Some(NoPreview::Damaged));
}

#[test]
fn every_reason_keeps_the_name_that_records_store() {
    let (width, height) = (1, 1);
    let reasons = [
        (NoPreview::HeicNeedsShell, "heic"),
        (NoPreview::Truncated, "truncated"),
        (NoPreview::TooLarge { width, height }, "too-large"),
        (NoPreview::Implausible { width, height }, "implausible"),
        (NoPreview::TooCostly, "too-costly"),
        (NoPreview::Unsupported, "unsupported"),
        (NoPreview::Damaged, "damaged"),
    ];
    for (reason, code) in reasons {
        assert_eq!(reason.code(), code);
    }
    assert_eq!([Damage::EndMissing, Damage::Corrupt].map(Damage::code), ["end-missing", "corrupt"]);
}

#[test]
fn memory_has_its_own_limit() {
    let verdict = |bytes: &[u8], max| {
        let tight = Limits { max_decoded_bytes: max, ..Limits::default() };
        import_bytes(bytes, Path::new("photo"), &tight).expect("a photo").no_preview
    };
    let too_large = Some(NoPreview::TooLarge { width: 64, height: 48 });
    let shown = 64 * 48 * 4;
    assert_eq!(verdict(&jpeg(64, 48), shown), None);
    assert_eq!(verdict(&jpeg(64, 48), shown - 1), too_large);
    // 4:2:0 has one and a half samples a pixel, and a coefficient takes two bytes.
    let held = shown + 64 * 48 * 3;
    let progressive = turbo_jpeg(&quarters(64, 48), Subsamp::Sub2x2, true);
    assert_eq!(verdict(&progressive, held), None);
    assert_eq!(verdict(&progressive, held - 1), too_large, "all coefficients are held");
}

#[test]
fn a_thousand_scans_are_refused_unread() {
    let progressive = turbo_jpeg(&quarters(1024, 1024), Subsamp::Sub2x2, true);
    assert_eq!(verdict(&progressive), None);
    let last = progressive.windows(2).rposition(|w| w == [0xFF, 0xDA]).expect("a scan");
    let (scan, end) = progressive[last..].split_at(progressive.len() - last - 2);
    let many = [&progressive[..last], &scan.repeat(1_000), end].concat();
    assert_eq!(verdict(&many), Some(NoPreview::TooCostly));
    // Few enough to count, but each passes over the whole picture for a dozen bytes.
    let empty = [0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 1, 0x10, 0x7F];
    let idle = [&progressive[..last], &empty.repeat(90), end].concat();
    assert_eq!(verdict(&idle), Some(NoPreview::TooCostly));
}

#[test]
fn samples_that_no_jpeg_has_are_damage() {
    let mut bytes = jpeg(64, 48);
    let sof = bytes.windows(2).position(|w| w == [0xFF, 0xC0]).expect("a frame");
    for factors in [0x00, 0x50, 0x15] {
        bytes[sof + 11] = factors;
        assert_eq!(verdict(&bytes), Some(NoPreview::Damaged));
    }
}

/// Whatever the bytes are, they are a photo or no photo.
fn survives(bytes: &[u8]) -> Result<(), TestCaseError> {
    for coder in [Coder::Turbo, Coder::Pure] {
        match (Import { coder, ..Import::default() }).bytes(bytes, Path::new("photo")) {
            Ok(photo) => prop_assert_eq!(photo.no_preview.is_some(), photo.derivative.is_none()),
            Err(e) => prop_assert!(matches!(e, PhotoError::NotAPhoto | PhotoError::Empty)),
        }
    }
    Ok(())
}

/// A byte replaced, a piece cut out, or a piece repeated.
#[derive(Clone, Debug)]
enum Harm {
    Set(Index, u8),
    Cut(Index, Index),
    Repeat(Index, Index),
}

fn harm() -> impl Strategy<Value = Harm> {
    let place = any::<Index>;
    prop_oneof![
        4 => (place(), any::<u8>()).prop_map(|(at, value)| Harm::Set(at, value)),
        1 => (place(), place()).prop_map(|(a, b)| Harm::Cut(a, b)),
        1 => (place(), place()).prop_map(|(a, b)| Harm::Repeat(a, b)),
    ]
}

fn harmed(mut bytes: Vec<u8>, harms: &[Harm]) -> Vec<u8> {
    let span = |len: usize, a: &Index, b: &Index| {
        let (a, b) = (a.index(len), b.index(len));
        a.min(b)..a.max(b)
    };
    for harm in harms {
        let len = bytes.len().max(1);
        match harm {
            Harm::Set(at, value) => bytes.get_mut(at.index(len)).into_iter().for_each(|b| *b = *value),
            Harm::Cut(a, b) => drop(bytes.drain(span(len, a, b))),
            Harm::Repeat(a, b) => bytes.extend_from_within(span(len, a, b)),
        }
    }
    bytes
}

fn samples() -> [Vec<u8>; 5] {
    let fields = ExifFields { position: Some(CANGDONG), orientation: Some(6), ..Default::default() };
    let tiff = gridpatrol_photo::exif_write::exif_segment(&fields)[6..].to_vec();
    let plain = |progressive| turbo_jpeg(&quarters(97, 61), Subsamp::Sub2x1, progressive);
    [jpeg_with(&fields), png_with_exif(&tiff), heic(&tiff), plain(false), plain(true)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_bytes_do_no_harm(start in 0..4usize, bytes in vec(any::<u8>(), 0..2_000)) {
        let starts: [&[u8]; 4] = [b"", b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1a\n", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"];
        survives(&[starts[start], &bytes].concat())?;
    }

    #[test]
    fn harmed_photos_do_no_harm(sample in 0..5usize, harms in vec(harm(), 1..6)) {
        survives(&harmed(samples()[sample].clone(), &harms))?;
    }
}
