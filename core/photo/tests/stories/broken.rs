//! Broken JPEGs: shown as far as they go, striped where rows are missing, and never as if they were whole.

use crate::support::*;
use gridpatrol_photo::exif_write::{ExifFields, with_exif};
use gridpatrol_photo::{Coder, Damage, Detail, Import, Imported, Limits, NoPreview, Planes, picture};
use image::RgbImage;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use std::path::Path;
use turbojpeg::Subsamp;

const CODERS: [Coder; 2] = [Coder::Turbo, Coder::Pure];

fn import(bytes: &[u8], coder: Coder) -> Imported {
    Import { coder, ..Import::default() }.bytes(bytes, Path::new("a.jpg")).expect("a photo is never lost")
}

fn planes(bytes: &[u8], coder: Coder) -> Planes {
    picture(bytes, 1600, (coder, Detail::Scaled), &Limits::default()).expect("a part of the picture")
}

fn row(planes: &Planes, row: usize) -> &[u8] {
    &planes.y[row * planes.width..][..planes.width]
}

/// Stripes have two values, and no row of the pictures here has so few.
fn is_striped(planes: &Planes, at: usize) -> bool {
    row(planes, at).iter().all(|sample| [40, 215].contains(sample))
}

/// The first striped row; below it all are.
fn end_of_picture(planes: &Planes) -> usize {
    let end = (0..planes.height).find(|&at| is_striped(planes, at)).unwrap_or(planes.height);
    assert!((end..planes.height).all(|at| is_striped(planes, at)), "stripes reach to the end");
    end
}

fn first_scan(bytes: &[u8]) -> usize {
    bytes.windows(2).position(|w| w == [0xFF, 0xDA]).expect("a scan")
}

fn with_end(bytes: &[u8]) -> Vec<u8> {
    [bytes, &[0xFF, 0xD9]].concat()
}

#[test]
fn a_jpeg_that_breaks_off_shows_its_sound_rows_and_stripes_below_them() {
    let whole = turbo_jpeg(&waves(320, 240), Subsamp::Sub2x2, false);
    let scan = first_scan(&whole) + 20;
    let mut ends = Vec::new();
    for part in 1..8 {
        let cut = &whole[..scan + (whole.len() - scan) * part / 8];
        // An end marker does not make it whole.
        for bytes in [cut.to_vec(), with_end(cut)] {
            for coder in CODERS {
                let photo = import(&bytes, coder);
                assert_eq!((photo.no_preview, photo.damage), (None, Some(Damage::EndMissing)), "{coder:?}, {part}");
                let (shown, all) = (planes(&bytes, coder), planes(&whole, coder));
                assert_eq!((shown.width, shown.height), (all.width, all.height));
                let end = end_of_picture(&shown);
                // Chroma of the last row has no neighbour below; luma has none to miss.
                assert!((0..end).all(|at| row(&shown, at) == row(&all, at)), "{coder:?}, {part} eighths, {end} rows");
                ends.push(end);
            }
        }
    }
    assert!(ends.chunks(4).all(|four| four.iter().all(|end| *end == four[0])), "both coders end alike: {ends:?}");
    assert!(ends.is_sorted() && ends[0] >= 16 && ends[27] < 240 && ends[27] > 180, "{ends:?}");
}

#[test]
fn every_sampling_and_restarts_are_cut_at_a_row_of_blocks() {
    let samplings =
        [(Subsamp::None, 8), (Subsamp::Sub2x1, 8), (Subsamp::Sub1x2, 16), (Subsamp::Sub4x1, 8), (Subsamp::Gray, 8)];
    for (sampling, high) in samplings {
        let whole = turbo_jpeg(&waves(323, 241), sampling, false);
        let cut = &whole[..whole.len() * 2 / 3];
        for coder in CODERS {
            let end = end_of_picture(&planes(cut, coder));
            assert!(end > 80 && end < 200 && end.is_multiple_of(high.max(2)), "{sampling:?}, {coder:?}: {end}");
        }
    }
    let whole = with_restarts(&waves(320, 240), 3, SamplingFactor::F_1_1);
    let end = end_of_picture(&planes(&whole[..whole.len() * 2 / 3], Coder::Turbo));
    assert!(end > 80 && end < 200, "{end}");
}

fn with_restarts(picture: &RgbImage, interval: u16, sampling: SamplingFactor) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 92);
    encoder.set_restart_interval(interval);
    encoder.set_sampling_factor(sampling);
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    encoder.encode(picture.as_raw(), width, height, ColorType::Rgb).expect("a small picture encodes");
    bytes
}

fn restart_markers(bytes: &[u8]) -> Vec<usize> {
    (0..bytes.len() - 1).filter(|&at| bytes[at] == 0xFF && bytes[at + 1] & 0xF8 == 0xD0).collect()
}

#[test]
fn behind_a_broken_place_a_jpeg_with_restart_markers_goes_on() {
    for (interval, sampling) in [
        (20, SamplingFactor::F_2_2),
        (7, SamplingFactor::F_2_2),
        (3, SamplingFactor::F_1_1),
        (50, SamplingFactor::F_2_1),
        (1, SamplingFactor::F_1_2),
    ] {
        let whole = with_restarts(&waves(320, 240), interval, sampling);
        let (scan, markers) = (first_scan(&whole) + 14, restart_markers(&whole));
        let third = scan + (whole.len() - scan) / 3;
        let marker = markers[markers.len() / 2];
        let overwritten =
            |with: &[u8]| [&whole[..third], &with.repeat(300), &whole[third + with.len() * 300..]].concat();
        let mut wrong_marker = whole.clone();
        wrong_marker[marker + 1] ^= 4;
        let ways = [
            ("a sector of zeros", overwritten(&[0])),
            ("senseless data", overwritten(&[0xFF, 0])),
            ("a missing sector", [&whole[..third], &whole[third + 512..]].concat()),
            ("a marker that is not the next", wrong_marker),
            ("no first interval", [&whole[..scan], &whole[markers[0] - 1..]].concat()),
            ("zeros to the end", with_end(&[&whole[..third], &vec![0; whole.len() - third]].concat())),
        ];
        for (way, bytes) in ways {
            for coder in CODERS {
                let photo = import(&bytes, coder);
                let damage = if way == "zeros to the end" { Damage::EndMissing } else { Damage::Corrupt };
                assert_eq!((photo.no_preview, photo.damage), (None, Some(damage)), "{way}, {interval}, {coder:?}");
                let (shown, all) = (planes(&bytes, coder), planes(&whole, coder));
                let striped: Vec<usize> = (0..240).filter(|&at| is_striped(&shown, at)).collect();
                let (from, to) = (striped[0], striped[striped.len() - 1]);
                assert_eq!(to - from + 1, striped.len(), "{way}: one band");
                assert!(striped.len() < 200, "{way}, {interval}, {coder:?}: {from} to {to}");
                assert_eq!(to == 239, way == "zeros to the end", "{way}, {interval}, {coder:?}: {from} to {to}");
                let astray: Vec<usize> =
                    (0..240).filter(|at| !striped.contains(at) && row(&shown, *at) != row(&all, *at)).collect();
                assert!(astray.is_empty(), "{way}, {interval}, {coder:?}: {from} to {to}, {astray:?}");
            }
        }
    }
}

#[test]
fn between_two_broken_places_nothing_is_shown_and_behind_both_all() {
    let whole = with_restarts(&waves(320, 240), 20, SamplingFactor::F_2_2);
    let markers = restart_markers(&whole);
    // The second is only that something stands behind the data of an interval.
    let stray = [0x5A; 20];
    let bytes =
        [&whole[..markers[3]], &[0xFF, 0].repeat(16), &whole[markers[3]..markers[9]], &stray, &whole[markers[9]..]]
            .concat();
    for coder in CODERS {
        let shown = planes(&bytes, coder);
        let striped: Vec<usize> = (0..240).filter(|&at| is_striped(&shown, at)).collect();
        assert_eq!(striped, (48..160).collect::<Vec<_>>(), "{coder:?}");
    }
}

#[test]
fn stripes_alone_are_no_picture() {
    let whole = with_restarts(&waves(320, 48), 7, SamplingFactor::F_2_2);
    let (scan, markers) = (first_scan(&whole) + 14, restart_markers(&whole));
    // Only the last four blocks are left, in a row that begins before them.
    let last = markers[markers.len() - 1];
    let bytes = [&whole[..scan], &[0xFF, 0].repeat(16), &whole[last..]].concat();
    for coder in CODERS {
        let photo = import(&bytes, coder);
        assert_eq!((photo.no_preview, photo.damage), (Some(NoPreview::Damaged), Some(Damage::Corrupt)), "{coder:?}");
    }
}

#[test]
fn an_end_marker_within_a_scan_header_is_none() {
    let whole = with_restarts(&waves(64, 48), 2, SamplingFactor::F_2_2);
    let mut bytes = whole[..first_scan(&whole) + 14].to_vec();
    bytes[first_scan(&whole) + 3] += 2;
    for coder in CODERS {
        assert_eq!(import(&with_end(&bytes), coder).no_preview, Some(NoPreview::Truncated), "{coder:?}");
    }
}

#[test]
fn an_interval_that_does_not_end_at_its_marker_is_in_doubt() {
    for (interval, rows) in [(20, 5 * 16), (7, 16)] {
        let whole = with_restarts(&waves(320, 240), interval, SamplingFactor::F_2_2);
        let markers = restart_markers(&whole);
        let mut bytes = whole[..markers[8]].to_vec();
        bytes[markers[5] + 1] ^= 4;
        for coder in CODERS {
            let photo = import(&bytes, coder);
            assert_eq!((photo.no_preview, photo.damage), (None, Some(Damage::Corrupt)), "{coder:?}, {interval}");
            assert_eq!(end_of_picture(&planes(&bytes, coder)), rows, "{coder:?}, {interval}");
        }
    }
}

#[test]
fn a_file_that_ends_with_an_interval_shows_all_of_it() {
    let whole = with_restarts(&waves(320, 240), 20, SamplingFactor::F_2_2);
    for (interval, marker) in restart_markers(&whole).into_iter().enumerate() {
        for coder in CODERS {
            for bytes in [whole[..marker].to_vec(), with_end(&whole[..marker])] {
                assert_eq!(import(&bytes, coder).damage, Some(Damage::EndMissing));
                assert_eq!(end_of_picture(&planes(&bytes, coder)), (interval + 1) * 16, "{coder:?}");
            }
            // Some bytes before the end marker are harmless behind the last interval only.
            let stray = with_end(&[&whole[..marker], &[0x5A; 8]].concat());
            assert_eq!(import(&stray, coder).damage, Some(Damage::Corrupt), "{coder:?}");
        }
    }
}

#[test]
fn intervals_that_are_sound_and_of_another_place_are_not_shown() {
    let whole = with_restarts(&waves(320, 240), 20, SamplingFactor::F_2_2);
    let markers = restart_markers(&whole);
    // The third interval is the second once more, and its marker says so.
    let bytes = [&whole[..markers[2]], &whole[markers[1]..]].concat();
    for coder in CODERS {
        let (shown, all) = (planes(&bytes, coder), planes(&whole, coder));
        assert!((0..32).all(|at| row(&shown, at) == row(&all, at)));
        assert!((32..240).all(|at| is_striped(&shown, at) || row(&shown, at) == row(&all, at)));
    }
}

#[test]
fn zeros_that_stand_for_what_a_card_never_wrote_are_no_picture() {
    for progressive in [false, true] {
        let whole = turbo_jpeg(&waves(320, 240), Subsamp::Sub2x2, progressive);
        let cut = &whole[..whole.len() * 2 / 3];
        let filled = [cut, &vec![0; 20_000]].concat();
        for coder in CODERS {
            let (photo, broken) = (import(&filled, coder), import(cut, coder));
            assert_eq!((photo.no_preview, photo.damage), (None, Some(Damage::EndMissing)), "{coder:?}");
            assert_eq!(photo.derivative, broken.derivative, "{coder:?}, as if they were not there");
            let photo = import(&with_end(&filled), coder);
            assert!(photo.damage.is_some(), "{coder:?}: an end marker behind them does not make it whole");
            assert_eq!(photo.derivative, broken.derivative, "{coder:?}");
        }
    }
}

#[test]
fn zeros_that_are_the_codes_of_a_blank_sheet_are_picture() {
    let blank_below = |top| {
        let mut sheet = waves(640, 480);
        (0..640).for_each(|x| (top..480).for_each(|y| sheet.put_pixel(x, y, WHITE)));
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, 50);
        encoder.set_optimized_huffman_tables(true);
        encoder.encode(sheet.as_raw(), 640, 480, ColorType::Rgb).expect("a small picture encodes");
        bytes
    };
    // Most end with a few ones that fill the last byte.
    let zeros = |bytes: &Vec<u8>| bytes.ends_with(&[&[0; 64][..], &[0xFF, 0xD9]].concat());
    let bytes = (50..150).map(blank_below).find(zeros).expect("one in eight does not");
    for coder in CODERS {
        let photo = import(&bytes, coder);
        assert_eq!((photo.no_preview, photo.damage), (None, None), "{coder:?}");
        assert_eq!(row(&planes(&bytes, coder), 479), [255; 640]);
    }
}

#[test]
fn a_zero_at_the_end_of_a_grey_picture_is_its_last_code() {
    // Nothing new in both chroma blocks is eight zeros, which fill a byte now and then.
    let grey =
        |width| turbo_jpeg(&image::DynamicImage::from(waves(width, 48)).grayscale().to_rgb8(), Subsamp::Sub2x2, false);
    let data = (64..128).filter_map(|width| Some(grey(width).strip_suffix(&[0xFF, 0xD9])?.to_vec()));
    let data: Vec<Vec<u8>> = data.filter(|data| data.ends_with(&[0])).collect();
    assert!(!data.is_empty(), "one in eight ends so");
    for data in data {
        for coder in CODERS {
            assert_eq!(import(&data, coder).damage, None, "{coder:?}, {} bytes", data.len());
        }
    }
}

#[test]
fn zeros_behind_a_header_are_nothing_at_all() {
    for progressive in [false, true] {
        let whole = turbo_jpeg(&waves(320, 240), Subsamp::Sub2x2, progressive);
        for kept in [3, 20, first_scan(&whole), first_scan(&whole) + 13, first_scan(&whole) + 14] {
            let photo = import(&[&whole[..kept], &vec![0; 20_000]].concat(), Coder::Turbo);
            assert!(photo.derivative.is_none() && photo.no_preview.is_some(), "{kept} bytes and zeros");
        }
    }
}

#[test]
fn a_picture_that_only_lacks_its_end_marker_is_whole() {
    for progressive in [false, true] {
        let whole = turbo_jpeg(&waves(320, 240), Subsamp::Sub2x2, progressive);
        // More scans might have followed.
        let damage = progressive.then_some(Damage::EndMissing);
        for coder in CODERS {
            let photo = import(&whole[..whole.len() - 2], coder);
            assert_eq!((photo.no_preview, photo.damage), (None, damage), "{coder:?}");
            assert_eq!(photo.derivative, import(&whole, coder).derivative);
        }
    }
}

#[test]
fn a_progressive_jpeg_that_breaks_off_is_coarser_and_says_so() {
    let whole = turbo_jpeg(&waves(320, 240), Subsamp::Sub2x2, true);
    let scans: Vec<usize> = (0..whole.len() - 1).filter(|&at| whole[at..].starts_with(&[0xFF, 0xDA])).collect();
    for coder in CODERS {
        for bytes in [whole[..whole.len() * 4 / 5].to_vec(), with_end(&whole[..whole.len() * 4 / 5])] {
            let photo = import(&bytes, coder);
            assert!(photo.damage.is_some() && photo.no_preview.is_none(), "{coder:?}: {photo:?}");
            let (shown, all) = (planes(&bytes, coder), planes(&whole, coder));
            assert_eq!(end_of_picture(&shown), 240, "every row is there");
            let far: usize = shown.y.iter().zip(&all.y).map(|(a, b)| usize::from(a.abs_diff(*b))).sum();
            assert!(far / all.y.len() < 10, "{coder:?}: {} levels apart", far / all.y.len());
        }
        // Within the first scan there is not even a coarse picture.
        let cut = &whole[..(scans[0] + scans[1]) / 2];
        assert_eq!(import(cut, coder).no_preview, Some(NoPreview::Truncated));
        assert_eq!(import(&with_end(cut), coder).no_preview, Some(NoPreview::Damaged));
    }
}

#[test]
fn senseless_data_end_the_picture_where_they_begin() {
    let whole = turbo_jpeg(&waves(320, 240), Subsamp::Sub2x2, false);
    let scan = first_scan(&whole) + 14;
    let mut bytes = whole.clone();
    // No code is all ones.
    bytes[scan + (whole.len() - scan) / 2..][..64].copy_from_slice(&[0xFF, 0].repeat(32));
    for coder in CODERS {
        let photo = import(&bytes, coder);
        assert_eq!((photo.no_preview, photo.damage), (None, Some(Damage::Corrupt)), "{coder:?}");
        let (shown, all) = (planes(&bytes, coder), planes(&whole, coder));
        let end = end_of_picture(&shown);
        assert!(end > 60 && end < 180, "{end}");
        assert!((0..end).all(|at| row(&shown, at) == row(&all, at)));
    }
}

#[test]
fn what_is_missing_is_missing_on_the_side_where_the_viewer_sees_it() {
    let fields = ExifFields { orientation: Some(6), position: Some(CANGDONG), ..Default::default() };
    let whole = with_exif(&turbo_jpeg(&waves(2000, 1500), Subsamp::Sub2x2, false), &fields).expect("a JPEG");
    let photo = taken_in(&whole[..whole.len() / 2]);
    assert_eq!((photo.damage, photo.position), (Some(Damage::EndMissing), Some(CANGDONG)));
    for jpeg in [photo.derivative, photo.thumbnail] {
        let shown = image::load_from_memory(&jpeg.expect("a picture").bytes).expect("ours decodes").to_luma8();
        assert!(shown.height() > shown.width());
        // Turned a quarter to the right, the lower rows are at the left: they have dark and light, and nothing between.
        let column = |x: u32| (0..shown.height()).map(move |y| (x, y));
        let plain = |x: u32| {
            let samples = column(x).filter(|&(x, y)| (70..190).contains(&shown.get_pixel(x, y).0[0])).count();
            samples as f64 / f64::from(shown.height())
        };
        assert!(plain(shown.width() / 8) < plain(shown.width() * 7 / 8) / 2.0);
    }
}

#[test]
fn no_cut_and_no_byte_of_a_jpeg_does_harm() {
    for progressive in [false, true] {
        let whole = turbo_jpeg(&waves(48, 40), Subsamp::Sub2x2, progressive);
        let restarts = with_restarts(&waves(48, 40), 2, SamplingFactor::F_2_2);
        for at in first_scan(&restarts)..restarts.len() {
            let mut bytes = restarts.clone();
            bytes[at] ^= 0x15;
            for coder in CODERS {
                let photo = import(&bytes, coder);
                assert_eq!(photo.no_preview.is_none(), photo.derivative.is_some());
            }
        }
        for coder in CODERS {
            for end in 4..whole.len() {
                let photo = import(&whole[..end], coder);
                let whole_picture = !progressive && end >= whole.len() - 2;
                assert_eq!(photo.damage.is_none(), whole_picture, "{coder:?}, {progressive}, cut at {end}");
            }
            for at in 3..whole.len() {
                let mut bytes = whole.clone();
                bytes[at] ^= 0x15;
                let photo = import(&bytes, coder);
                assert_eq!(photo.no_preview.is_none(), photo.derivative.is_some() && photo.thumbnail.is_some());
            }
        }
    }
}
