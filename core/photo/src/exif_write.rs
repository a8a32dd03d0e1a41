//! Writes the few EXIF fields that this crate reads, so that what it makes can be imported again.

use std::io::Cursor;

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::Offset;

use crate::jpeg::{self, EXIF_ID};
use crate::{Format, PhotoError, Position, TakenAt};

/// What to write. The types are those of [`crate::Imported`]: written and read again they are equal, but for
/// times finer than a millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExifFields {
    pub position: Option<Position>,
    pub taken: Option<TakenAt>,
    /// 1 to 8.
    pub orientation: Option<u8>,
}

/// The body of an APP1 segment: `Exif\0\0` and a TIFF block. A PNG's eXIf chunk holds what follows those six bytes.
pub fn exif_segment(fields: &ExifFields) -> Vec<u8> {
    let list = field_list(fields);
    let mut writer = Writer::new();
    list.iter().for_each(|field| writer.push_field(field));
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, false).expect("a few short fields always fit, and memory does not fail");
    [EXIF_ID, tiff.into_inner().as_slice()].concat()
}

/// A JPEG with these fields as its only EXIF segment; its picture is untouched.
///
/// # Errors
/// [`PhotoError::NotAPhoto`] if the bytes are no JPEG.
pub fn with_exif(jpeg: &[u8], fields: &ExifFields) -> Result<Vec<u8>, PhotoError> {
    match Format::sniff(jpeg) {
        Some(Format::Jpeg) => Ok(jpeg::replace_exif(jpeg, &exif_segment(fields))),
        _ => Err(PhotoError::NotAPhoto),
    }
}

fn field_list(fields: &ExifFields) -> Vec<Field> {
    // Always there, so that the block is never empty.
    let mut list = vec![field(Tag::ExifVersion, Value::Undefined(b"0232".to_vec(), 0))];
    if let Some(orientation) = fields.orientation {
        list.push(field(Tag::Orientation, Value::Short(vec![orientation.into()])));
    }
    if let Some(position) = fields.position {
        push_position(&mut list, &position);
    }
    if let Some(taken) = fields.taken {
        push_taken(&mut list, &taken);
    }
    list
}

fn push_position(list: &mut Vec<Field>, position: &Position) {
    let hemisphere = |value: i32, [plus, minus]: [&str; 2]| text(if value < 0 { minus } else { plus });
    list.push(field(Tag::GPSVersionID, Value::Byte(vec![2, 3, 0, 0])));
    list.push(field(Tag::GPSLatitudeRef, hemisphere(position.lat_e7, ["N", "S"])));
    list.push(field(Tag::GPSLatitude, degrees(position.lat_e7)));
    list.push(field(Tag::GPSLongitudeRef, hemisphere(position.lon_e7, ["E", "W"])));
    list.push(field(Tag::GPSLongitude, degrees(position.lon_e7)));
    if let Some(alt) = position.alt_dm {
        list.push(field(Tag::GPSAltitudeRef, Value::Byte(vec![u8::from(alt < 0)])));
        list.push(field(Tag::GPSAltitude, Value::Rational(vec![(alt.unsigned_abs(), 10).into()])));
    }
    if let Some(accuracy) = position.accuracy_dm {
        list.push(field(Tag::GPSHPositioningError, Value::Rational(vec![(accuracy, 10).into()])));
    }
}

fn push_taken(list: &mut Vec<Field>, taken: &TakenAt) {
    if let Some(local) = taken.local {
        list.push(field(Tag::DateTimeOriginal, text(&local.strftime("%Y:%m:%d %H:%M:%S").to_string())));
        list.push(field(Tag::SubSecTimeOriginal, text(&format!("{:03}", local.millisecond()))));
    }
    if let Some(offset) = taken.offset_min {
        let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
        list.push(field(Tag::OffsetTimeOriginal, text(&format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60))));
    }
    if let Some(utc) = taken.gps_utc_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()) {
        let utc = Offset::UTC.to_datetime(utc);
        list.push(field(Tag::GPSDateStamp, text(&utc.strftime("%Y:%m:%d").to_string())));
        list.push(field(Tag::GPSTimeStamp, clock(utc)));
    }
}

fn field(tag: Tag, value: Value) -> Field {
    Field { tag, ifd_num: In::PRIMARY, value }
}

fn text(value: &str) -> Value {
    Value::Ascii(vec![value.as_bytes().to_vec()])
}

/// Degrees, minutes, and seconds in ten-millionths: exact for 1e-7 degrees.
fn degrees(e7: i32) -> Value {
    const UNIT: u32 = 10_000_000;
    let minutes = e7.unsigned_abs() % UNIT * 60;
    Value::Rational(vec![whole(e7.unsigned_abs() / UNIT), whole(minutes / UNIT), (minutes % UNIT * 60, UNIT).into()])
}

fn clock(time: civil::DateTime) -> Value {
    let number = |n: i8| u32::from(n.unsigned_abs());
    let ms = number(time.second()) * 1000 + u32::from(time.millisecond().unsigned_abs());
    Value::Rational(vec![whole(number(time.hour())), whole(number(time.minute())), (ms, 1000).into()])
}

fn whole(number: u32) -> Rational {
    (number, 1).into()
}
