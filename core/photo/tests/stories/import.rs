//! Taking photos in: what comes back, and what is kept when something is wrong.

use crate::support::*;
use gridpatrol_photo::exif_write::{ExifFields, exif_segment, with_exif};
use gridpatrol_photo::{Damage, Format, Imported, Jpeg, Limits, NoPreview, PhotoError, import, import_bytes};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, Rgba, RgbaImage};
use sha2::{Digest, Sha256};
use std::path::Path;

fn decoded(jpeg: &Jpeg) -> DynamicImage {
    let picture = image::load_from_memory_with_format(&jpeg.bytes, ImageFormat::Jpeg).expect("ours decodes");
    assert_eq!((picture.width(), picture.height()), (jpeg.width, jpeg.height));
    picture
}

fn derivative(photo: &Imported) -> DynamicImage {
    decoded(photo.derivative.as_ref().expect("a derivative"))
}

fn assert_colour(found: Rgb<u8>, wanted: Rgb<u8>, what: &str) {
    let off = found.0.iter().zip(wanted.0).any(|(&a, b)| a.abs_diff(b) > 24);
    assert!(!off, "{what}: {found:?} is not {wanted:?}");
}

fn size(jpeg: &Option<Jpeg>) -> (u32, u32) {
    jpeg.as_ref().map(|j| (j.width, j.height)).expect("a picture")
}

#[test]
fn a_large_photo_gets_a_derivative_and_a_thumbnail() {
    let original = jpeg(2000, 1000);
    let photo = taken_in(&original);
    assert_eq!(photo.dimensions, Some((2000, 1000)));
    assert_eq!(size(&photo.derivative), (1600, 800));
    assert_eq!(size(&photo.thumbnail), (256, 128));
    assert_eq!((photo.format, photo.no_preview, photo.damage), (Format::Jpeg, None, None));
    assert_eq!(photo.sha256, <[u8; 32]>::from(Sha256::digest(&original)));
    assert_eq!(photo.size, original.len() as u64);
}

#[test]
fn a_small_photo_is_never_enlarged() {
    let photo = taken_in(&jpeg(64, 48));
    assert_eq!((size(&photo.derivative), size(&photo.thumbnail)), ((64, 48), (64, 48)));
}

#[test]
fn a_panorama_one_pixel_high_keeps_its_pixel() {
    let photo = taken_in(&jpeg(4000, 1));
    assert_eq!((size(&photo.derivative), size(&photo.thumbnail)), ((1600, 1), (256, 1)));
}

#[test]
fn a_photo_without_exif_has_no_position_and_no_time() {
    let photo = taken_in(&jpeg(64, 48));
    assert_eq!((photo.position, photo.taken, photo.orientation), (None, None, 1));
}

#[test]
fn a_file_and_its_bytes_are_taken_in_alike_and_the_file_stays_as_it_is() {
    let dir = tempfile::tempdir().expect("a temp folder");
    let path = dir.path().join("巡格.jpg");
    let original = jpeg_with(&ExifFields { position: Some(CANGDONG), ..Default::default() });
    std::fs::write(&path, &original).expect("a writable folder");
    let photo = import(&path, &Limits::default()).expect("a photo");
    assert_eq!(photo, import_bytes(&original, &path, &Limits::default()).expect("a photo"));
    assert_eq!(photo.position, Some(CANGDONG));
    assert_eq!(std::fs::read(&path).expect("still there"), original);
}

#[test]
fn derivatives_are_upright_for_every_orientation() {
    // What the viewer sees at the upper left and upper right, by EXIF 2.32 §4.6.5 (orientation).
    let seen = [
        (RED, GREEN),
        (GREEN, RED),
        (WHITE, BLUE),
        (BLUE, WHITE),
        (RED, BLUE),
        (BLUE, RED),
        (WHITE, GREEN),
        (GREEN, WHITE),
    ];
    for (orientation, (left, right)) in (1..=8).zip(seen) {
        let fields = ExifFields { orientation: Some(orientation), ..Default::default() };
        let photo = taken_in(&with_exif(&jpeg(640, 320), &fields).expect("a JPEG"));
        assert_eq!((photo.orientation, photo.dimensions), (orientation, Some((640, 320))));
        let upright = if orientation > 4 { (320, 640) } else { (640, 320) };
        assert_eq!(size(&photo.derivative), upright, "orientation {orientation}");
        for jpeg in [&photo.derivative, &photo.thumbnail] {
            let picture = decoded(jpeg.as_ref().expect("a picture")).to_rgb8();
            assert_colour(*picture.get_pixel(4, 4), left, &format!("orientation {orientation}, left"));
            assert_colour(*picture.get_pixel(picture.width() - 5, 4), right, &format!("orientation {orientation}"));
        }
    }
}

#[test]
fn a_png_named_jpg_works_and_says_so() {
    let photo = take_in(&png(64, 48), "IMG_0042.JPG").expect("a photo");
    assert_eq!((photo.format, photo.name_mismatch), (Format::Png, true));
    assert_colour(*derivative(&photo).to_rgb8().get_pixel(2, 2), RED, "upper left");
    assert!(!take_in(&png(64, 48), "shot.png").expect("a photo").name_mismatch);
}

#[test]
fn grey_stays_grey() {
    let photo = taken_in(&jpeg_of(&GrayImage::from_pixel(2000, 500, Luma([90])).into()));
    let picture = derivative(&photo);
    assert!(matches!(picture, DynamicImage::ImageLuma8(_)));
    assert_colour(*picture.to_rgb8().get_pixel(800, 200), Rgb([90; 3]), "middle");
}

#[test]
fn transparent_becomes_white_at_any_size() {
    for width in [64, 2000] {
        let clear =
            RgbaImage::from_fn(width, 48, |x, _| if x * 2 < width { Rgba([0; 4]) } else { Rgba([255, 0, 0, 255]) });
        let picture = derivative(&taken_in(&png_of(&clear.into()))).to_rgb8();
        assert_colour(*picture.get_pixel(2, 2), WHITE, "the clear half");
        assert_colour(*picture.get_pixel(picture.width() - 3, 2), RED, "the solid half");
    }
}

#[test]
fn sixteen_bits_become_eight() {
    let deep = DynamicImage::from(quarters(64, 48)).to_rgb16();
    let picture = derivative(&taken_in(&png_of(&deep.into()))).to_rgb8();
    assert_colour(*picture.get_pixel(2, 40), BLUE, "lower left");
}

#[test]
fn cmyk_is_shown_in_its_colours() {
    let photo = taken_in(&cmyk_red());
    assert_eq!(photo.dimensions, Some((8, 8)));
    assert_colour(*derivative(&photo).to_rgb8().get_pixel(4, 4), RED, "no cyan, full magenta and yellow, no black");
}

/// One 8 × 8 block of four components as Adobe writes them: inverted, no transform.
fn cmyk_red() -> Vec<u8> {
    let dqt = [&[0xFF, 0xDB, 0, 67, 0][..], &[8; 64]].concat();
    let sof: Vec<u8> =
        [&[0xFF, 0xC0, 0, 20, 8, 0, 8, 0, 8, 4][..], &[1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0]].concat();
    // DC: sizes 0 to 8 as four-bit codes. AC: the one-bit code 0 ends a block.
    let dc = [&[0xFF, 0xC4, 0, 28, 0x00, 0, 0, 0, 9][..], &[0; 12], &[0, 1, 2, 3, 4, 5, 6, 7, 8]].concat();
    let ac = [&[0xFF, 0xC4, 0, 20, 0x10, 1][..], &[0; 15], &[0]].concat();
    let adobe = b"\xFF\xEE\0\x0EAdobe\0\x64\0\0\0\0\0";
    let sos = [0xFF, 0xDA, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0];
    // A quantizer of 8 makes DC a sample's distance from 128: 127 (size 7) is 255, −128 (size 8) is 0.
    let (full, none) = ("0111".to_owned() + "1111111" + "0", "1000".to_owned() + "01111111" + "0");
    let mut bits = [full.as_str(), &none, &none, &full].concat();
    while bits.len() % 8 != 0 {
        bits.push('1');
    }
    let scan: Vec<u8> = bits
        .as_bytes()
        .chunks(8)
        .map(|byte| byte.iter().fold(0, |n, &bit| n << 1 | (bit - b'0')))
        .flat_map(|byte| if byte == 0xFF { vec![0xFF, 0] } else { vec![byte] })
        .collect();
    [&[0xFF, 0xD8][..], adobe, &dqt, &sof, &dc, &ac, &sos, &scan, &[0xFF, 0xD9]].concat()
}

#[test]
fn a_heic_keeps_hash_and_position_and_waits_for_the_shell() {
    let fields = ExifFields { position: Some(CANGDONG), orientation: Some(6), ..Default::default() };
    let original = heic(&exif_segment(&fields)[6..]);
    let photo = take_in(&original, "IMG_1.HEIC").expect("a photo");
    assert_eq!((photo.format, photo.name_mismatch), (Format::Heic, false));
    assert_eq!((photo.position, photo.orientation), (Some(CANGDONG), 6));
    assert_eq!(photo.sha256, <[u8; 32]>::from(Sha256::digest(&original)));
    assert_eq!(photo.no_preview, Some(NoPreview::HeicNeedsShell));
    assert!(photo.derivative.is_none() && photo.thumbnail.is_none());
}

#[test]
fn a_jpeg_cut_before_its_pixels_is_kept_without_preview() {
    let whole = jpeg_with(&ExifFields { position: Some(CANGDONG), ..Default::default() });
    let scan = whole.windows(2).position(|w| w == [0xFF, 0xDA]).expect("a scan");
    for end in [4, 40, scan, scan + 2] {
        let photo = taken_in(&whole[..end]);
        let wrong = (Some(NoPreview::Truncated), Some(Damage::EndMissing));
        assert_eq!((photo.no_preview, photo.damage), wrong, "cut at {end}");
        assert_eq!(photo.size, end as u64);
    }
    assert_eq!(taken_in(&whole[..scan]).position, Some(CANGDONG));
}

#[test]
fn a_cut_png_is_kept_without_preview() {
    let whole = png(64, 48);
    let photo = taken_in(&whole[..whole.len() - 20]);
    assert_eq!((photo.no_preview, photo.damage), (Some(NoPreview::Truncated), Some(Damage::EndMissing)));
    assert_eq!(photo.dimensions, Some((64, 48)));
}

#[test]
fn what_is_no_photo_is_refused_with_what_to_do() {
    let refused = |bytes: &[u8]| take_in(bytes, "a.jpg").expect_err("no photo").to_string();
    assert!(matches!(take_in(b"", "a.jpg"), Err(PhotoError::Empty)));
    assert!(refused("巡查记录".as_bytes()).contains("save it as JPEG"));
    assert!(refused(b"").contains("again"));
    let missing = import(Path::new("no/such/photo.jpg"), &Limits::default());
    assert!(matches!(missing, Err(PhotoError::Unreadable(_))));
}

#[test]
fn a_file_over_the_cap_is_refused_before_it_is_read() {
    let dir = tempfile::tempdir().expect("a temp folder");
    let path = dir.path().join("huge.jpg");
    let file = std::fs::File::create(&path).expect("a writable folder");
    file.set_len(1 << 40).expect("a sparse file");
    let refused = import(&path, &Limits::default());
    assert!(matches!(refused, Err(PhotoError::TooManyBytes { size, max }) if size == 1 << 40 && max == 200 << 20));
}
