//! What derivatives carry over from the original and what they leave behind.

use crate::support::*;
use gridpatrol_photo::exif_write::{ExifFields, with_exif};
use gridpatrol_photo::{
    Import, Imported, Jpeg, Layout, Limits, NoPreview, Pixels, Plane, Planes, TakenAt, import_bytes,
};
use image::{GrayImage, Luma, RgbImage};
use jiff::civil::date;
use std::path::Path;
use turbojpeg::Subsamp;

const ICC_ID: &[u8] = b"ICC_PROFILE\0";

fn derivative(photo: &Imported) -> &Jpeg {
    photo.derivative.as_ref().expect("a derivative")
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|w| w == word)
}

/// The first bytes that tell what a profile is for, and something to recognise it by.
fn profile(kind: &[u8; 4], size: usize) -> Vec<u8> {
    let mut profile: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
    profile[16..20].copy_from_slice(kind);
    profile
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("a short body").to_be_bytes();
    [&[0xFF, marker], &length[..], body].concat()
}

/// The JPEG with more segments behind its start marker.
fn with(jpeg: &[u8], segments: &[Vec<u8>]) -> Vec<u8> {
    [&jpeg[..2], &segments.concat(), &jpeg[2..]].concat()
}

fn icc_segments(profile: &[u8], part: usize) -> Vec<Vec<u8>> {
    let parts = profile.chunks(part);
    let count = u8::try_from(parts.len()).expect("few parts");
    (1..=count).zip(parts).map(|(n, part)| segment(0xE2, &[ICC_ID, &[n, count], part].concat())).collect()
}

/// What a decoder that is not ours finds.
fn profile_of(jpeg: &Jpeg) -> Option<Vec<u8>> {
    let mut decoder = jpeg_decoder::Decoder::new(jpeg.bytes.as_slice());
    decoder.decode().expect("ours decodes");
    decoder.icc_profile()
}

#[test]
fn sizes_of_derivative_and_thumbnail() {
    let sizes = [
        ((4032, 3024), (1600, 1200), (256, 192)),
        ((3024, 4032), (1200, 1600), (192, 256)),
        ((4608, 1976), (1600, 686), (256, 110)),
        ((1600, 1201), (1600, 1201), (256, 192)),
        ((1601, 1201), (1600, 1200), (256, 192)),
        ((257, 3), (257, 3), (256, 2)),
        ((5000, 7), (1600, 2), (256, 2)),
        ((6000, 4000), (1600, 1066), (256, 170)),
    ];
    for ((width, height), large, small) in sizes {
        let grey = GrayImage::from_pixel(width, height, Luma([90]));
        let photo = taken_in(&jpeg_of(&grey.into()));
        let size = |jpeg: &Option<Jpeg>| jpeg.as_ref().map(|jpeg| (jpeg.width, jpeg.height));
        assert_eq!((size(&photo.derivative), size(&photo.thumbnail)), (Some(large), Some(small)), "{width} × {height}");
    }
}

#[test]
fn place_and_time_are_carried_over_and_the_picture_is_upright() {
    let taken = TakenAt {
        local: Some(date(2026, 3, 1).at(9, 30, 15, 250_000_000)),
        offset_min: Some(480),
        gps_utc_ms: Some(1_772_328_614_000),
    };
    let fields = ExifFields { position: Some(CANGDONG), taken: Some(taken), orientation: Some(6) };
    let photo = taken_in(&with_exif(&jpeg(640, 320), &fields).expect("a JPEG"));
    let again = taken_in(&derivative(&photo).bytes);
    assert_eq!((again.position, again.taken, again.orientation), (Some(CANGDONG), Some(taken), 1));
    assert_eq!(again.dimensions, Some((320, 640)));
    let small = taken_in(&photo.thumbnail.expect("a thumbnail").bytes);
    assert_eq!((small.position, small.taken), (None, None), "a list of thumbnails needs neither");
}

#[test]
fn a_colour_profile_goes_with_the_pixels() {
    // In one piece, and in three that are out of order.
    let screen = profile(b"RGB ", 600);
    let mut parts = icc_segments(&screen, 200);
    parts.swap(0, 2);
    for segments in [icc_segments(&screen, 600), parts] {
        let photo = taken_in(&with(&jpeg(64, 48), &segments));
        assert_eq!(profile_of(derivative(&photo)), Some(screen.clone()));
        assert_eq!(profile_of(photo.thumbnail.as_ref().expect("a thumbnail")), Some(screen.clone()));
    }
    let large = profile(b"RGB ", 100_000);
    let photo = taken_in(&with(&jpeg(64, 48), &icc_segments(&large, 60_000)));
    assert_eq!(profile_of(derivative(&photo)), Some(large));
}

#[test]
fn a_profile_that_no_longer_fits_is_left_behind() {
    let grey = jpeg_of(&GrayImage::from_pixel(64, 48, Luma([90])).into());
    let printer = with(&jpeg(64, 48), &icc_segments(&profile(b"CMYK", 600), 600));
    let screen_on_grey = with(&grey, &icc_segments(&profile(b"RGB ", 600), 600));
    let mut torn = icc_segments(&profile(b"RGB ", 600), 200);
    torn.remove(1);
    for bytes in [printer, screen_on_grey, with(&jpeg(64, 48), &torn)] {
        assert_eq!(profile_of(derivative(&taken_in(&bytes))), None);
    }
    let own = profile(b"GRAY", 600);
    let photo = taken_in(&with(&grey, &icc_segments(&own, 600)));
    assert_eq!(profile_of(derivative(&photo)), Some(own));
}

#[test]
fn a_motion_photo_is_its_picture() {
    // A film behind the end marker, which may hold anything: also what looks like the end of a JPEG.
    let picture = turbo_jpeg(&waves(320, 240), Subsamp::Sub2x2, false);
    let film = [b"\0\0\0\x18ftypmp42", &[0xFF, 0xD9, 0xFF, 0xDA, 0, 0][..], &[7; 5_000]].concat();
    let xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x GCamera:MotionPhoto=\"1\"/>");
    let (still, moving) = (taken_in(&picture), taken_in(&[with(&picture, &[xmp]), film].concat()));
    assert_eq!((moving.no_preview, moving.damage), (None, None));
    assert_eq!(moving.derivative, still.derivative);
    assert_ne!(moving.sha256, still.sha256, "the original is kept with its film");
}

#[test]
fn a_gain_map_is_left_behind() {
    let picture = turbo_jpeg(&waves(320, 240), Subsamp::Sub2x2, false);
    let map = jpeg_of(&GrayImage::from_pixel(80, 60, Luma([200])).into());
    let xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x hdrgm:Version=\"1.0\"/>");
    let mpf = segment(0xE2, b"MPF\0MM\0\x2A\0\0\0\x08\0\0");
    let photo = taken_in(&[with(&picture, &[xmp, mpf]), map].concat());
    assert_eq!(photo.derivative, taken_in(&picture).derivative);
    for word in [&b"hdrgm"[..], b"MPF\0", b"adobe.com"] {
        assert!(!holds(&derivative(&photo).bytes, word));
    }
}

#[test]
fn a_stamp_draws_on_the_upright_derivative_and_shows_on_the_thumbnail() {
    let fields = ExifFields { orientation: Some(6), position: Some(CANGDONG), ..Default::default() };
    let bytes = with_exif(&jpeg_of(&GrayImage::from_pixel(800, 400, Luma([90])).into()), &fields).expect("a JPEG");
    let mut seen = None;
    let mut stamp = |photo: &Imported, planes: &mut Planes| {
        seen = Some((photo.sha256, photo.position, planes.width, planes.height));
        let lower_left = |row: usize, column: usize| row >= planes.height - 100 && column < 100;
        for row in 0..planes.height {
            (0..100).filter(|&column| lower_left(row, column)).for_each(|column| {
                planes.y[row * planes.width + column] = 255;
            });
        }
    };
    let import = Import { stamp: Some(&mut stamp), ..Import::default() };
    let photo = import.bytes(&bytes, Path::new("a.jpg")).expect("a photo");
    assert_eq!(seen, Some((photo.sha256, Some(CANGDONG), 400, 800)));
    for jpeg in [derivative(&photo), photo.thumbnail.as_ref().expect("a thumbnail")] {
        let picture = image::load_from_memory(&jpeg.bytes).expect("ours decodes").to_luma8();
        assert!(picture.get_pixel(4, picture.height() - 4).0[0] > 245);
        assert!(picture.get_pixel(4, 4).0[0].abs_diff(90) < 4);
    }
}

fn rgba(picture: &RgbImage) -> Vec<u8> {
    picture.pixels().flat_map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2], 255]).collect()
}

fn heic_photo() -> Imported {
    let fields = ExifFields { position: Some(CANGDONG), orientation: Some(6), ..Default::default() };
    taken_in(&heic(&gridpatrol_photo::exif_write::exif_segment(&fields)[6..]))
}

#[test]
fn the_shell_gives_the_pixels_of_a_heic() {
    let picture = quarters(2000, 1000);
    let data = rgba(&picture);
    let screen = profile(b"RGB ", 600);
    let layout = Layout::Rgba { data: &data, row_stride: 8_000 };
    let pixels = Pixels { width: 2000, height: 1000, orientation: 8, icc: Some(&screen), layout };
    let photo = Import::default().pixels(heic_photo(), &pixels);
    assert_eq!((photo.no_preview, photo.position), (None, Some(CANGDONG)));
    let shown = image::load_from_memory(&derivative(&photo).bytes).expect("ours decodes").to_rgb8();
    assert_eq!((shown.width(), shown.height()), (800, 1600));
    // Turned a quarter to the left, green (upper right) comes to the upper left.
    assert!(shown.get_pixel(9, 9).0[1] > 240 && shown.get_pixel(9, 9).0[0] < 15);
    assert_eq!(profile_of(derivative(&photo)), Some(screen));
    assert_eq!(taken_in(&derivative(&photo).bytes).position, Some(CANGDONG));
}

#[test]
fn planes_may_have_strides_and_interleaved_chroma() {
    // Red: luma 76, blue difference 85, red difference 255. Odd sizes, and rows longer than the picture.
    let luma: Vec<u8> = (0..61).flat_map(|_| [vec![76; 97], vec![0; 31]].concat()).collect();
    let mut both: Vec<u8> = (0..31).flat_map(|_| [[85, 255].repeat(49), vec![0; 30]].concat()).collect();
    // The last row has no room behind its last sample.
    both.truncate(30 * 128 + 98);
    let plane = |data, pixel_stride| Plane { data, row_stride: 128, pixel_stride };
    let layout = Layout::Yuv420 { y: plane(&luma, 1), u: plane(&both, 2), v: plane(&both[1..], 2) };
    let pixels = Pixels { width: 97, height: 61, orientation: 1, icc: None, layout };
    let photo = Import::default().pixels(heic_photo(), &pixels);
    let shown = image::load_from_memory(&derivative(&photo).bytes).expect("ours decodes").to_rgb8();
    assert_eq!((shown.width(), shown.height()), (97, 61));
    let corner = shown.get_pixel(96, 60).0;
    assert!(corner[0] > 245 && corner[1] < 10 && corner[2] < 10, "{corner:?}");
}

#[test]
fn buffers_that_are_too_short_are_refused_by_name() {
    let data = vec![0; 64 * 48 * 4];
    let shown = |width, height, row_stride, data| {
        let layout = Layout::Rgba { data, row_stride };
        let pixels = Pixels { width, height, orientation: 1, icc: None, layout };
        Import::default().pixels(heic_photo(), &pixels).no_preview
    };
    let implausible = |width, height| Some(NoPreview::Implausible { width, height });
    assert_eq!(shown(64, 48, 256, &data), None);
    assert_eq!(shown(64, 48, 256, &data[1..]), implausible(64, 48));
    assert_eq!(shown(64, 48, 257, &data), implausible(64, 48));
    assert_eq!(shown(64, 48, 255, &data), implausible(64, 48), "rows that overlap");
    assert_eq!(shown(64, 48, usize::MAX, &data), implausible(64, 48));
    assert_eq!(shown(0, 48, 256, &data), Some(NoPreview::Damaged));
    let too_large = Some(NoPreview::TooLarge { width: u32::MAX, height: 2 });
    assert_eq!(shown(u32::MAX, 2, 256, &data), too_large);
    let plane = |data, pixel_stride| Plane { data, row_stride: 64, pixel_stride };
    let layout = Layout::Yuv420 { y: plane(&data, 1), u: plane(&data, 0), v: plane(&data, 1) };
    let pixels = Pixels { width: 64, height: 48, orientation: 1, icc: None, layout };
    assert_eq!(Import::default().pixels(heic_photo(), &pixels).no_preview, implausible(64, 48));
}

#[test]
fn a_png_keeps_its_colour_profile() {
    let screen = profile(b"RGB ", 600);
    let mut out = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut out);
    image::ImageEncoder::set_icc_profile(&mut encoder, screen.clone()).expect("a PNG may have one");
    let picture = quarters(64, 48);
    image::ImageEncoder::write_image(encoder, &picture, 64, 48, image::ExtendedColorType::Rgb8).expect("encodes");
    let photo = import_bytes(&out, Path::new("a.png"), &Limits::default()).expect("a photo");
    assert_eq!(profile_of(derivative(&photo)), Some(screen));
}
