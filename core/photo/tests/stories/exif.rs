//! Position and time: what is written reads back, and what makes no sense is absent.

use crate::support::*;
use exif::{Rational, SRational, Tag, Value};
use gridpatrol_photo::exif_write::{ExifFields, exif_segment, with_exif};
use gridpatrol_photo::{Format, Imported, PhotoError, Position, TakenAt, TimeSource};
use jiff::civil::date;
use proptest::prelude::*;

fn text(value: &str) -> Value {
    Value::Ascii(vec![value.as_bytes().to_vec()])
}

fn rationals<const N: usize>(values: [(u32, u32); N]) -> Value {
    Value::Rational(values.map(Rational::from).to_vec())
}

/// 22.5° and 112.75°, as fields that a test may spoil.
fn place() -> Vec<(Tag, Value)> {
    vec![
        (Tag::GPSLatitudeRef, text("N")),
        (Tag::GPSLatitude, rationals([(22, 1), (30, 1), (0, 1)])),
        (Tag::GPSLongitudeRef, text("E")),
        (Tag::GPSLongitude, rationals([(112, 1), (45, 1), (0, 1)])),
    ]
}

fn with(mut fields: Vec<(Tag, Value)>, tag: Tag, value: Value) -> Vec<(Tag, Value)> {
    fields.retain(|(known, _)| *known != tag);
    fields.push((tag, value));
    fields
}

fn photo(fields: &[(Tag, Value)]) -> Imported {
    taken_in(&jpeg_with_tiff(&tiff(fields)))
}

const PLACE: Position = Position { lon_e7: 1_127_500_000, lat_e7: 225_000_000, alt_dm: None, accuracy_dm: None };

#[test]
fn every_format_tells_position_and_time() {
    let taken = TakenAt {
        local: Some(date(2026, 3, 1).at(9, 30, 15, 250_000_000)),
        offset_min: Some(480),
        gps_utc_ms: Some(1_772_328_614_000),
    };
    let fields = ExifFields { position: Some(CANGDONG), taken: Some(taken), orientation: Some(6) };
    let tiff = exif_segment(&fields)[6..].to_vec();
    let files = [
        (Format::Jpeg, jpeg_with_tiff(&tiff)),
        (Format::Png, png_with_exif(&tiff)),
        (Format::Heic, heic(&tiff)),
        (Format::Webp, webp(&[(b"EXIF", &tiff)])),
        (Format::Webp, webp(&[(b"EXIF", &[b"Exif\0\0", &tiff[..]].concat())])),
    ];
    for (format, bytes) in files {
        let photo = taken_in(&bytes);
        assert_eq!((photo.format, photo.orientation), (format, 6));
        assert_eq!((photo.position, photo.taken), (Some(CANGDONG), Some(taken)), "{format:?}");
    }
}

#[test]
fn a_hemisphere_is_needed_and_obeyed() {
    assert_eq!(photo(&place()).position, Some(PLACE));
    let south_west = with(with(place(), Tag::GPSLatitudeRef, text("S")), Tag::GPSLongitudeRef, text("w"));
    assert_eq!(photo(&south_west).position, Some(Position { lon_e7: -1_127_500_000, lat_e7: -225_000_000, ..PLACE }));
    for senseless in ["", "X"] {
        assert_eq!(photo(&with(place(), Tag::GPSLatitudeRef, text(senseless))).position, None);
    }
    assert_eq!(photo(&place()[1..]).position, None, "no reference at all");
}

#[test]
fn signed_rationals_as_some_phones_write_them_are_read() {
    let degrees = [(22, 1), (30, 1), (0, 100)].map(SRational::from).to_vec();
    assert_eq!(photo(&with(place(), Tag::GPSLatitude, Value::SRational(degrees))).position, Some(PLACE));
    let negative = [(-22, 1), (30, 1), (0, 100)].map(SRational::from).to_vec();
    assert_eq!(photo(&with(place(), Tag::GPSLatitude, Value::SRational(negative))).position, None);
}

#[test]
fn senseless_coordinates_are_no_position() {
    let latitudes = [
        ("0/0 throughout", rationals([(0, 0); 3])),
        ("0/0 seconds", rationals([(22, 1), (30, 1), (0, 0)])),
        ("95 degrees", rationals([(95, 1), (0, 1), (0, 1)])),
        ("beyond by a second", rationals([(90, 1), (0, 1), (1, 1)])),
        ("two numbers", rationals([(22, 1), (30, 1)])),
        ("words", text("22.5")),
    ];
    for (what, latitude) in latitudes {
        assert_eq!(photo(&with(place(), Tag::GPSLatitude, latitude)).position, None, "{what}");
    }
}

#[test]
fn zero_zero_is_a_receiver_without_a_fix() {
    let nowhere = rationals([(0, 1); 3]);
    let null_island = with(with(place(), Tag::GPSLatitude, nowhere.clone()), Tag::GPSLongitude, nowhere.clone());
    assert_eq!(photo(&null_island).position, None);
    let equator = photo(&with(place(), Tag::GPSLatitude, nowhere)).position;
    assert_eq!(equator.map(|p| p.lat_e7), Some(0), "the equator is a place");
}

#[test]
fn a_bad_height_or_accuracy_costs_only_itself() {
    let height = |value| photo(&with(place(), Tag::GPSAltitude, value)).position.expect("a position").alt_dm;
    assert_eq!(height(rationals([(123, 10)])), Some(123));
    assert_eq!(height(rationals([(0, 0)])), None);
    assert_eq!(height(rationals([(u32::MAX, 1)])), None);
    let below = with(with(place(), Tag::GPSAltitude, rationals([(5, 1)])), Tag::GPSAltitudeRef, Value::Byte(vec![1]));
    assert_eq!(photo(&below).position.expect("a position").alt_dm, Some(-50));
    let unsure = photo(&with(place(), Tag::GPSHPositioningError, rationals([(1, 0)]))).position;
    assert_eq!(unsure, Some(PLACE));
}

#[test]
fn satellite_time_beats_the_cameras_clock() {
    // A camera whose clock is a day late, as happens.
    let mut fields = vec![
        (Tag::DateTimeOriginal, text("2026:03:02 09:30:15")),
        (Tag::OffsetTimeOriginal, text("+08:00")),
        (Tag::GPSDateStamp, text("2026:03:01")),
        (Tag::GPSTimeStamp, rationals([(1, 1), (30, 1), (1424, 100)])),
    ];
    let taken = photo(&fields).taken.expect("a time");
    assert_eq!((taken.utc_ms(), taken.source()), (Some(1_772_328_614_240), TimeSource::Gps));
    fields.truncate(2);
    let taken = photo(&fields).taken.expect("a time");
    assert_eq!((taken.utc_ms(), taken.source()), (Some(1_772_415_015_000), TimeSource::Offset));
    fields.truncate(1);
    let taken = photo(&fields).taken.expect("a time");
    assert_eq!((taken.utc_ms(), taken.source()), (None, TimeSource::LocalOnly));
    assert_eq!(taken.local, Some(date(2026, 3, 2).at(9, 30, 15, 0)));
}

#[test]
fn senseless_times_are_no_time() {
    for clock in ["0000:00:00 00:00:00", "    :  :     :  :  ", "2026:02:30 10:00:00", "yesterday", ""] {
        assert_eq!(photo(&[(Tag::DateTimeOriginal, text(clock))]).taken, None, "{clock:?}");
    }
    let satellites = |day: &str, clock| photo(&[(Tag::GPSDateStamp, text(day)), (Tag::GPSTimeStamp, clock)]).taken;
    assert_eq!(satellites("2026:03:01", rationals([(0, 0); 3])), None);
    assert_eq!(satellites("2026:03:01", rationals([(25, 1), (0, 1), (0, 1)])), None);
    assert_eq!(satellites("", rationals([(1, 1), (0, 1), (0, 1)])), None);
}

#[test]
fn a_bad_fraction_or_offset_costs_only_itself() {
    let clock = (Tag::DateTimeOriginal, text("2026:03:01 09:30:15"));
    for (tag, value) in [(Tag::SubSecTimeOriginal, "x"), (Tag::OffsetTimeOriginal, "+99:00")] {
        let taken = photo(&[clock.clone(), (tag, text(value))]).taken.expect("a time");
        assert_eq!((taken.local, taken.offset_min), (Some(date(2026, 3, 1).at(9, 30, 15, 0)), None));
    }
}

#[test]
fn the_time_of_digitizing_stands_in_for_a_missing_original() {
    let taken = photo(&[(Tag::DateTimeDigitized, text("2026:03:01 09:30:15"))]).taken;
    assert_eq!(taken.and_then(|t| t.local), Some(date(2026, 3, 1).at(9, 30, 15, 0)));
    assert_eq!(photo(&[(Tag::DateTime, text("2026:03:01 09:30:15"))]).taken, None, "time of the last change");
}

#[test]
fn a_senseless_orientation_is_upright() {
    for value in [Value::Short(vec![0]), Value::Short(vec![9]), Value::Long(vec![65_542]), text("6")] {
        assert_eq!(photo(&[(Tag::Orientation, value)]).orientation, 1);
    }
}

#[test]
fn one_broken_field_does_not_take_the_others_along() {
    // The type of the first entry says "double" and its offset leads out of the block.
    let mut block = tiff(&with(place(), Tag::ImageDescription, text("望楼东面的裂缝")));
    block[12..14].copy_from_slice(&12u16.to_be_bytes());
    block[18..22].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(taken_in(&jpeg_with_tiff(&block)).position, Some(PLACE));
}

#[test]
fn a_block_made_of_pointers_is_not_followed() {
    let with_pointers = |count: u16| {
        let mut block = [b"MM\0\x2A\0\0\0\x08", &(count + 1).to_be_bytes()[..]].concat();
        block.extend_from_slice(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
        for n in 0..count {
            block.extend_from_slice(&[&[0x87, 0x69, 0, 4, 0, 0, 0, 1][..], &u32::from(n).to_be_bytes()].concat());
        }
        block.extend_from_slice(&[0; 4]);
        taken_in(&jpeg_with_tiff(&block)).orientation
    };
    assert_eq!(with_pointers(3), 6);
    assert_eq!(with_pointers(5_000), 1);
}

#[test]
fn exif_is_replaced_and_the_picture_stays() {
    let first = jpeg_with(&ExifFields { position: Some(CANGDONG), orientation: Some(1), ..Default::default() });
    let second = with_exif(&first, &ExifFields { position: Some(PLACE), ..Default::default() }).expect("a JPEG");
    let (before, after) = (taken_in(&first), taken_in(&second));
    assert_eq!(after.position, Some(PLACE));
    let pixels = |photo: Imported| image::load_from_memory(&photo.derivative.expect("a picture").bytes).expect("ours");
    assert_eq!(pixels(before), pixels(after));
    assert_eq!(second.windows(6).filter(|w| w == b"Exif\0\0").count(), 1);
    assert!(matches!(with_exif(&png(8, 8), &ExifFields::default()), Err(PhotoError::NotAPhoto)));
}

fn positions() -> impl Strategy<Value = Position> {
    let alt = proptest::option::of(-100_000..100_000i32);
    let accuracy = proptest::option::of(0..100_000u32);
    let place = (-1_800_000_000..=1_800_000_000i32, -900_000_000..=900_000_000i32)
        .prop_filter("no fix", |place| *place != (0, 0));
    (place, alt, accuracy).prop_map(|((lon_e7, lat_e7), alt_dm, accuracy_dm)| Position {
        lon_e7,
        lat_e7,
        alt_dm,
        accuracy_dm,
    })
}

fn times() -> impl Strategy<Value = TakenAt> {
    // Within the years 1970 to 2100, in whole milliseconds.
    let utc = || 0..4_102_444_800_000i64;
    let local = utc().prop_map(|ms| {
        let instant = jiff::Timestamp::from_millisecond(ms).expect("a time in range");
        jiff::tz::Offset::UTC.to_datetime(instant)
    });
    (local, proptest::option::of(-900..=900i16), proptest::option::of(utc()))
        .prop_map(|(local, offset_min, gps_utc_ms)| TakenAt { local: Some(local), offset_min, gps_utc_ms })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_exactly(position in positions(), taken in times(), orientation in 1..=8u8) {
        let fields = ExifFields { position: Some(position), taken: Some(taken), orientation: Some(orientation) };
        let photo = taken_in(&heic(&exif_segment(&fields)[6..]));
        prop_assert_eq!(photo.position, Some(position));
        prop_assert_eq!(photo.taken, Some(taken));
        prop_assert_eq!(photo.orientation, orientation);
    }
}
