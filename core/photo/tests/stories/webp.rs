//! WebP, as messengers and browsers save it: taken in like any other, and refused as early where it lies.

use crate::support::*;
use gridpatrol_photo::{Damage, Format, Imported, NoPreview};

/// The chunk of a lossy picture of 32 × 16 pixels: red grows to the right, green downwards.
const LOSSY: &str = "9002009d012a200010000fc04225b00274ca11c0de9326000b3398643000fef9dd02e1715342e272fab15ebcff733d50dba0\
                     9ee3f4c60a1ed5a9c6ce7fbe8bd9147fc698ea03e38a3ccee8a333400000";

fn picture() -> Vec<u8> {
    let pairs = LOSSY.as_bytes().as_chunks::<2>().0.iter();
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).expect("digits"), 16).expect("hexadecimal")).collect()
}

fn canvas(flags: u8, width: u32, height: u32) -> Vec<u8> {
    [&[flags, 0, 0, 0][..], &(width - 1).to_le_bytes()[..3], &(height - 1).to_le_bytes()[..3]].concat()
}

fn verdict(bytes: &[u8]) -> (Option<Damage>, Option<NoPreview>) {
    let Imported { damage, no_preview, .. } = taken_in(bytes);
    (damage, no_preview)
}

#[test]
fn a_webp_shows_its_picture_with_and_without_a_canvas() {
    let plain = webp(&[(b"VP8 ", &picture())]);
    let on_canvas = webp(&[(b"VP8X", &canvas(0, 32, 16)), (b"VP8 ", &picture())]);
    for bytes in [plain, on_canvas] {
        let photo = take_in(&bytes, "mmexport1795500000000.webp").expect("a photo");
        assert_eq!((photo.format, photo.name_mismatch, photo.dimensions), (Format::Webp, false, Some((32, 16))));
        let shown = image::load_from_memory(&photo.derivative.expect("a picture").bytes).expect("a JPEG").to_rgb8();
        let (first, last) = (shown.get_pixel(1, 1).0, shown.get_pixel(30, 14).0);
        assert!(last[0] > first[0] + 150 && last[1] > first[1] + 120, "{first:?} {last:?}");
    }
    let lossless = {
        let mut out = std::io::Cursor::new(Vec::new());
        image::DynamicImage::from(quarters(64, 48)).write_to(&mut out, image::ImageFormat::WebP).expect("it encodes");
        out.into_inner()
    };
    let photo = taken_in(&lossless);
    assert_eq!((photo.dimensions, photo.no_preview), (Some((64, 48)), None));
}

#[test]
fn a_webp_that_breaks_off_moves_or_lies_is_kept_without_a_picture() {
    let whole = webp(&[(b"VP8X", &canvas(0, 32, 16)), (b"VP8 ", &picture())]);
    for end in 13..whole.len() {
        assert_eq!(verdict(&whole[..end]), (Some(Damage::EndMissing), Some(NoPreview::Truncated)), "{end}");
    }
    let moving = webp(&[(b"VP8X", &canvas(2, 32, 16)), (b"ANIM", &[0; 6])]);
    assert_eq!(verdict(&moving), (None, Some(NoPreview::Unsupported)));
    let torn = webp(&[(b"VP8X", &canvas(0, 32, 17)), (b"VP8 ", &picture())]);
    assert_eq!(verdict(&torn), (Some(Damage::Corrupt), Some(NoPreview::Damaged)));
    let claim = |width: u16, height: u16| {
        let mut picture = picture();
        picture[6..8].copy_from_slice(&width.to_le_bytes());
        picture[8..10].copy_from_slice(&height.to_le_bytes());
        verdict(&webp(&[(b"VP8 ", &picture)])).1
    };
    assert_eq!(claim(16_383, 16_383), Some(NoPreview::TooLarge { width: 16_383, height: 16_383 }));
    assert_eq!(claim(4_000, 3_000), Some(NoPreview::Implausible { width: 4_000, height: 3_000 }));
    assert_eq!(claim(0, 16), Some(NoPreview::Damaged));
}

#[test]
fn no_changed_byte_of_a_webp_does_more_than_cost_its_picture() {
    let whole = webp(&[(b"VP8X", &canvas(0, 32, 16)), (b"VP8 ", &picture()), (b"EXIF", b"Exif\0\0MM")]);
    for at in 12..whole.len() {
        for value in [0, 1, 0x7F, 0x80, 0xFF] {
            let mut changed = whole.clone();
            changed[at] = value;
            let photo = taken_in(&changed);
            assert_eq!(photo.no_preview.is_none(), photo.derivative.is_some(), "byte {at} is {value}");
        }
    }
}
