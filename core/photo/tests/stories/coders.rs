//! Both JPEG coders on every kind of JPEG: the same picture, the right way round, within 40 dB.

use crate::support::*;
use gridpatrol_photo::exif_write::{ExifFields, with_exif};
use gridpatrol_photo::{Coder, Damage, Detail, Import, Limits, Planes, picture};
use image::{GrayImage, Luma, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use proptest::prelude::*;
use std::path::Path;
use turbojpeg::Subsamp;

const SAMPLINGS: [Subsamp; 6] =
    [Subsamp::None, Subsamp::Sub2x1, Subsamp::Sub2x2, Subsamp::Sub1x2, Subsamp::Sub4x1, Subsamp::Sub1x4];

fn planes(bytes: &[u8], coder: Coder, detail: Detail) -> Planes {
    picture(bytes, 1600, (coder, detail), &Limits::default()).expect("a good picture")
}

fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let squares: f64 = a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum();
    10.0 * (255.0 * 255.0 * a.len() as f64 / squares.max(1e-9)).log10()
}

/// Luma within 40 dB, chroma within 30: the pure decoder enlarges chroma and takes it apart again.
fn assert_alike(a: &Planes, b: &Planes, what: &str) {
    assert_eq!((a.width, a.height), (b.width, b.height), "{what}");
    let found = [psnr(&a.y, &b.y), psnr(&a.u, &b.u), psnr(&a.v, &b.v)];
    assert!(found[0] >= 40.0 && found[1] >= 30.0 && found[2] >= 30.0, "{what}: {found:?} dB");
}

/// The planes of a picture, by the formulas of JFIF 1.02 §7 in floating point; chroma is the mean of four.
fn reference(picture: &RgbImage) -> Planes {
    let (width, height) = (picture.width(), picture.height());
    let ycc = |x: u32, y: u32| {
        let [r, g, b] = picture.get_pixel(x.min(width - 1), y.min(height - 1)).0.map(f64::from);
        let luma = 0.299 * r + 0.587 * g + 0.114 * b;
        [luma, 128.0 + (b - luma) / 1.772, 128.0 + (r - luma) / 1.402]
    };
    let mean = |x, y, n: usize| {
        let four = [ycc(2 * x, 2 * y), ycc(2 * x + 1, 2 * y), ycc(2 * x, 2 * y + 1), ycc(2 * x + 1, 2 * y + 1)];
        (four.iter().map(|ycc| ycc[n]).sum::<f64>() / 4.0).round() as u8
    };
    let each = |width, height| (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)));
    let small = || each(width.div_ceil(2), height.div_ceil(2));
    Planes {
        width: width as usize,
        height: height as usize,
        y: each(width, height).map(|(x, y)| ycc(x, y)[0].round() as u8).collect(),
        u: small().map(|(x, y)| mean(x, y, 1)).collect(),
        v: small().map(|(x, y)| mean(x, y, 2)).collect(),
    }
}

#[test]
fn every_sampling_comes_out_as_it_went_in() {
    for (width, height) in [(160, 120), (97, 61), (1, 1), (17, 3)] {
        let picture = waves(width, height);
        for sampling in SAMPLINGS {
            for progressive in [false, true] {
                let bytes = turbo_jpeg(&picture, sampling, progressive);
                let what = format!("{width} × {height}, {sampling:?}, progressive {progressive}");
                let turbo = planes(&bytes, Coder::Turbo, Detail::Scaled);
                let found = psnr(&turbo.y, &reference(&picture).y);
                assert!(found > 32.0, "{what}: {found} dB to the picture that was encoded");
                assert_alike(&turbo, &planes(&bytes, Coder::Pure, Detail::Scaled), &what);
            }
        }
    }
}

#[test]
fn every_scale_agrees_with_the_whole_picture() {
    // Long sides that are decoded whole, at a half, a quarter and an eighth; odd ones too.
    for long in [1601, 3199, 3200, 3333, 6401, 12_801, 12_870] {
        let picture = waves(long, 40);
        for sampling in SAMPLINGS {
            let bytes = turbo_jpeg(&picture, sampling, false);
            let what = format!("{long} pixels, {sampling:?}");
            let whole = planes(&bytes, Coder::Turbo, Detail::Full);
            assert_eq!(whole.width, 1600, "{what}");
            let turbo = planes(&bytes, Coder::Turbo, Detail::Scaled);
            assert_eq!((turbo.width, turbo.height), (whole.width, whole.height), "{what}");
            assert!(psnr(&turbo.y, &whole.y) > 30.0, "{what}: {}", psnr(&turbo.y, &whole.y));
            assert_alike(&turbo, &planes(&bytes, Coder::Pure, Detail::Scaled), &what);
        }
    }
}

#[test]
fn grey_has_no_colour() {
    let grey = GrayImage::from_fn(200, 100, |x, _| Luma([x as u8]));
    let bytes = jpeg_of(&grey.into());
    for coder in [Coder::Turbo, Coder::Pure] {
        let planes = planes(&bytes, coder, Detail::Scaled);
        assert!(planes.u.iter().chain(&planes.v).all(|&sample| sample == 128));
        assert!(planes.y[100].abs_diff(100) < 4);
    }
}

type Setup = fn(&mut Encoder<&mut Vec<u8>>);

/// Written by `jpeg-encoder`, which knows kinds that libjpeg-turbo's planes do not.
fn written(picture: &RgbImage, setup: Setup) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 92);
    setup(&mut encoder);
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    encoder.encode(picture.as_raw(), width, height, ColorType::Rgb).expect("a small picture encodes");
    out
}

#[test]
fn restart_markers_and_odd_samplings_are_followed() {
    let picture = waves(163, 121);
    let kinds: [(&str, Setup); 4] = [
        ("restarts", |e| e.set_restart_interval(2)),
        ("restarts, progressive", |e| {
            e.set_restart_interval(3);
            e.set_progressive(true);
        }),
        ("4:1:0", |e| e.set_sampling_factor(SamplingFactor::F_4_2)),
        ("2 × 4", |e| e.set_sampling_factor(SamplingFactor::F_2_4)),
    ];
    for (what, setup) in kinds {
        let bytes = written(&picture, setup);
        let turbo = planes(&bytes, Coder::Turbo, Detail::Scaled);
        let found = psnr(&turbo.y, &reference(&picture).y);
        assert!(found > 32.0, "{what}: {found} dB");
        assert_alike(&turbo, &planes(&bytes, Coder::Pure, Detail::Scaled), what);
    }
}

#[test]
fn four_inks_show_their_colours() {
    // Inks as Adobe stores them: 255 is none. The same picture as RGB is what must come out.
    let picture = waves(96, 64);
    let inks: Vec<u8> = picture.pixels().flat_map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2], 255]).collect();
    for (kind, what) in [(ColorType::Cmyk, "CMYK"), (ColorType::CmykAsYcck, "YCCK")] {
        let mut bytes = Vec::new();
        let plain: Vec<u8> = inks.iter().map(|ink| 255 - ink).collect();
        Encoder::new(&mut bytes, 95).encode(&plain, 96, 64, kind).expect("a small picture encodes");
        for coder in [Coder::Turbo, Coder::Pure] {
            let found = planes(&bytes, coder, Detail::Scaled);
            let wanted = reference(&picture);
            let found = [psnr(&found.y, &wanted.y), psnr(&found.u, &wanted.u), psnr(&found.v, &wanted.v)];
            assert!(found.iter().all(|&db| db > 28.0), "{what}, {coder:?}: {found:?} dB");
        }
    }
}

#[test]
fn both_encoders_make_the_same_picture() {
    for (width, height) in [(1600, 1200), (97, 61), (96, 61), (97, 60), (1, 1)] {
        let bytes = turbo_jpeg(&waves(width, height), Subsamp::Sub2x2, false);
        let made = |coder| {
            let photo = Import { coder, ..Import::default() }.bytes(&bytes, Path::new("a.jpg")).expect("a photo");
            let derivative = photo.derivative.expect("a picture");
            assert_eq!((derivative.width, derivative.height), (width, height));
            planes(&derivative.bytes, Coder::Turbo, Detail::Full)
        };
        let turbo = made(Coder::Turbo);
        let before = planes(&bytes, Coder::Turbo, Detail::Full);
        assert!(psnr(&turbo.y, &before.y) > 32.0, "{width} × {height}");
        assert!(psnr(&turbo.u, &before.u) > 30.0, "{width} × {height}");
        assert!(psnr(&turbo.y, &made(Coder::Pure).y) > 36.0, "{width} × {height}");
    }
}

#[test]
fn stray_bytes_before_the_end_do_not_cost_the_picture() {
    let whole = turbo_jpeg(&waves(64, 48), Subsamp::Sub2x2, false);
    let (picture, end) = whole.split_at(whole.len() - 2);
    let with = |stray: &[u8]| [picture, stray, end].concat();
    // The last is a marker that has nothing to restart.
    for stray in [&[0x00, 0x11][..], &[0; 700], &[0xFF, 0xD0, 0x42]] {
        for coder in [Coder::Turbo, Coder::Pure] {
            let import = Import { coder, ..Import::default() };
            assert_eq!(import.bytes(&with(stray), Path::new("a.jpg")).expect("a photo").damage, None, "{stray:?}");
            assert_eq!(planes(&with(stray), coder, Detail::Full), planes(&whole, coder, Detail::Full));
        }
    }
    // As much as a part of the picture: it went astray on the way. All rows are there, and one cannot be sure of them.
    let astray = taken_in(&with(&picture[picture.len() - 200..]));
    assert_eq!((astray.no_preview, astray.damage), (None, Some(Damage::Corrupt)));
}

#[test]
fn odd_metadata_does_not_cost_the_picture() {
    let whole = turbo_jpeg(&waves(64, 48), Subsamp::Sub2x2, false);
    // Half a colour profile; a JFIF of the future; zeros between segments.
    let torn = [b"\xFF\xE2\0\x14ICC_PROFILE\0", &[2, 2, 0, 0, 0, 0][..]].concat();
    let future = b"\xFF\xE0\0\x10JFIF\0\x03\x01\0\0\x01\0\x01\0\0";
    for odd in [&torn[..], future, &[0; 9]] {
        let behind_jfif = 20;
        let bytes = [&whole[..behind_jfif], odd, &whole[behind_jfif..]].concat();
        for coder in [Coder::Turbo, Coder::Pure] {
            assert_eq!(planes(&bytes, coder, Detail::Full), planes(&whole, coder, Detail::Full), "{odd:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_size_sampling_and_orientation_goes_through_both(
        width in 1..90u32, height in 1..90u32, sampling in 0..6usize, progressive: bool, orientation in 1..=8u8
    ) {
        let bytes = turbo_jpeg(&waves(width, height), SAMPLINGS[sampling], progressive);
        let fields = ExifFields { orientation: Some(orientation), ..Default::default() };
        let bytes = with_exif(&bytes, &fields).expect("a JPEG");
        let upright = if orientation > 4 { (height, width) } else { (width, height) };
        for coder in [Coder::Turbo, Coder::Pure] {
            let planes = planes(&bytes, coder, Detail::Scaled);
            prop_assert_eq!((planes.width as u32, planes.height as u32), upright);
            prop_assert_eq!(planes.y.len(), planes.width * planes.height);
            prop_assert_eq!(planes.u.len(), planes.chroma_width() * planes.chroma_height());
            let photo = Import { coder, ..Import::default() }.bytes(&bytes, Path::new("a.jpg")).expect("a photo");
            prop_assert_eq!(photo.derivative.map(|d| (d.width, d.height)), Some(upright));
        }
    }
}
