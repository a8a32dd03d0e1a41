//! Position, time and orientation out of EXIF (CIPA DC-008, EXIF 2.32), read by `kamadak-exif`.
//!
//! Each field stands alone: a senseless one costs only itself. What cannot be known is absent, never guessed:
//! a coordinate without its hemisphere, a rational with a zero denominator and the point 0° 0° (which receivers
//! write before they have a fix) are no position.

use exif::{DateTime, Exif, In, Reader, Tag, Value};
use jiff::civil;
use jiff::tz::Offset;

use crate::header::Header;

/// Where the camera says it was. WGS-84, as EXIF cameras write it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// 1e-7 degrees, east positive.
    pub lon_e7: i32,
    /// 1e-7 degrees, north positive.
    pub lat_e7: i32,
    /// Decimetres above (or, negative, below) the sea.
    pub alt_dm: Option<i32>,
    /// Horizontal error in decimetres, if the camera states one.
    pub accuracy_dm: Option<u32>,
}

/// What the camera's clocks say. At least one of `local` and `gps_utc_ms` is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakenAt {
    /// The camera's wall clock when the shutter opened.
    pub local: Option<civil::DateTime>,
    /// What that clock was ahead of UTC, in minutes.
    pub offset_min: Option<i16>,
    /// Time of the satellite fix, milliseconds UTC.
    pub gps_utc_ms: Option<i64>,
}

/// Where [`TakenAt::utc_ms`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeSource {
    /// Satellites; nobody can set that clock wrong.
    Gps,
    /// The camera's clock and its stated offset.
    Offset,
    /// Only a wall clock of an unknown zone: no UTC.
    LocalOnly,
}

impl TakenAt {
    /// The best of what is known, and whence.
    pub fn source(&self) -> TimeSource {
        if self.gps_utc_ms.is_some() {
            TimeSource::Gps
        } else if self.by_offset().is_some() {
            TimeSource::Offset
        } else {
            TimeSource::LocalOnly
        }
    }

    /// Milliseconds UTC; `None` for a wall clock of an unknown zone.
    pub fn utc_ms(&self) -> Option<i64> {
        self.gps_utc_ms.or_else(|| self.by_offset())
    }

    fn by_offset(&self) -> Option<i64> {
        to_utc_ms(self.local?, self.offset_min?)
    }
}

/// What EXIF says about a photo.
pub(crate) struct Metadata {
    pub position: Option<Position>,
    pub taken: Option<TakenAt>,
    pub orientation: u8,
}

impl Metadata {
    pub fn read(header: &Header<'_>) -> Self {
        let exif = header.exif.as_deref().filter(|tiff| tiff.len() <= MAX_TIFF).and_then(parse);
        Metadata {
            position: exif.as_ref().and_then(position),
            taken: exif.as_ref().and_then(taken),
            orientation: header.turned.or(exif.as_ref().and_then(orientation)).unwrap_or(1),
        }
    }
}

/// Two JPEG segments. A HEIC may have more and never does.
pub(crate) const MAX_TIFF: usize = 2 * 65_535;

/// An honest file points at no more than a handful of sub-directories.
const MAX_SUBDIRECTORIES: usize = 32;

/// Reads what is readable. The reader enters every sub-directory that an entry points at, so that 64 KB of nothing
/// but overlapping pointers make it list millions of entries; such a block is not given to it.
fn parse(tiff: &[u8]) -> Option<Exif> {
    if subdirectory_pointers(tiff) > MAX_SUBDIRECTORIES {
        return None;
    }
    let mut reader = Reader::new();
    reader.continue_on_error(true);
    reader.read_raw(tiff.to_vec()).or_else(|e| e.distill_partial_result(|_| {})).ok()
}

/// Places that could be read as a pointer entry: the tag of the Exif, GPS or interoperability directory and an
/// integer type, in either byte order. In other data one comes up every 200 MB.
fn subdirectory_pointers(bytes: &[u8]) -> usize {
    let is_pointer = |tag: u16, kind: u16| matches!(tag, 0x8769 | 0x8825 | 0xA005) && matches!(kind, 1 | 3 | 4);
    let entry = |w: &[u8], to: fn([u8; 2]) -> u16| is_pointer(to([w[0], w[1]]), to([w[2], w[3]]));
    bytes.windows(4).filter(|w| entry(w, u16::from_be_bytes) || entry(w, u16::from_le_bytes)).count()
}

fn value(exif: &Exif, tag: Tag) -> Option<&Value> {
    exif.get_field(tag, In::PRIMARY).map(|field| &field.value)
}

fn ascii(exif: &Exif, tag: Tag) -> Option<&[u8]> {
    match value(exif, tag)? {
        Value::Ascii(lines) => lines.first().map(Vec::as_slice),
        _ => None,
    }
}

/// Rationals as numbers; `None` if one of them has no value (0/0). Some phones write the signed type.
fn numbers(exif: &Exif, tag: Tag) -> Option<Vec<f64>> {
    match value(exif, tag)? {
        Value::Rational(list) => list.iter().map(|r| (r.denom != 0).then(|| r.to_f64())).collect(),
        Value::SRational(list) => list.iter().map(|r| (r.denom != 0).then(|| r.to_f64())).collect(),
        _ => None,
    }
}

fn number(exif: &Exif, tag: Tag) -> Option<f64> {
    numbers(exif, tag)?.first().copied()
}

/// Degrees, minutes and seconds, or hours, minutes and seconds, in units of the first.
fn sexagesimal(exif: &Exif, tag: Tag, limit: f64) -> Option<f64> {
    let &[whole, minutes, seconds] = numbers(exif, tag)?.as_slice() else { return None };
    Some(whole + minutes / 60.0 + seconds / 3600.0).filter(|value| (0.0..=limit).contains(value))
}

fn orientation(exif: &Exif) -> Option<u8> {
    let stated = value(exif, Tag::Orientation).and_then(|v| v.get_uint(0));
    stated.and_then(|o| u8::try_from(o).ok()).filter(|o| (1..=8).contains(o))
}

fn position(exif: &Exif) -> Option<Position> {
    let lat_e7 = coordinate(exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, *b"NS", 90.0)?;
    let lon_e7 = coordinate(exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, *b"EW", 180.0)?;
    if (lat_e7, lon_e7) == (0, 0) {
        return None;
    }
    let accuracy_dm =
        number(exif, Tag::GPSHPositioningError).and_then(decimetres).and_then(|dm| u32::try_from(dm).ok());
    Some(Position { lon_e7, lat_e7, alt_dm: altitude(exif), accuracy_dm })
}

/// 1e-7 degrees. `signs` are the letters of the positive and the negative hemisphere.
fn coordinate(exif: &Exif, tag: Tag, ref_tag: Tag, signs: [u8; 2], limit: f64) -> Option<i32> {
    let degrees = sexagesimal(exif, tag, limit)?;
    let letter = ascii(exif, ref_tag)?.first()?.to_ascii_uppercase();
    let sign = if letter == signs[0] {
        1.0
    } else if letter == signs[1] {
        -1.0
    } else {
        return None;
    };
    // At most 1.8e9, which fits.
    Some((sign * degrees * 1e7).round() as i32)
}

fn altitude(exif: &Exif) -> Option<i32> {
    let metres = number(exif, Tag::GPSAltitude)?;
    let below = value(exif, Tag::GPSAltitudeRef).and_then(|v| v.get_uint(0).or(byte(v))) == Some(1);
    decimetres(if below { -metres } else { metres })
}

/// Some cameras write the altitude's reference as UNDEFINED instead of BYTE.
fn byte(value: &Value) -> Option<u32> {
    match value {
        Value::Undefined(bytes, _) => bytes.first().map(|&b| b.into()),
        _ => None,
    }
}

/// `None` beyond 100 km: such a number is no measurement.
fn decimetres(metres: f64) -> Option<i32> {
    (metres.abs() <= 100_000.0).then(|| (metres * 10.0).round() as i32)
}

fn taken(exif: &Exif) -> Option<TakenAt> {
    let original = [Tag::DateTimeOriginal, Tag::SubSecTimeOriginal, Tag::OffsetTimeOriginal];
    let digitized = [Tag::DateTimeDigitized, Tag::SubSecTimeDigitized, Tag::OffsetTimeDigitized];
    let (local, offset_min) = wall_clock(exif, original).or_else(|| wall_clock(exif, digitized)).unzip();
    let taken = TakenAt { local, offset_min: offset_min.flatten(), gps_utc_ms: gps_time(exif) };
    (taken.local.is_some() || taken.gps_utc_ms.is_some()).then_some(taken)
}

/// Date, fraction and offset tags of one event.
fn wall_clock(exif: &Exif, [time, subsec, offset]: [Tag; 3]) -> Option<(civil::DateTime, Option<i16>)> {
    let mut stamp = DateTime::from_ascii(ascii(exif, time)?).ok()?;
    // A bad fraction or offset costs only itself: the field then stays as it was, absent.
    let _ = ascii(exif, subsec).map(|text| stamp.parse_subsec(text));
    let _ = ascii(exif, offset).map(|text| stamp.parse_offset(text));
    let nanosecond = stamp.nanosecond.and_then(|n| i32::try_from(n).ok()).unwrap_or(0);
    let local = civil_time(&stamp, [stamp.hour, stamp.minute, stamp.second], nanosecond)?;
    Some((local, stamp.offset.filter(|minutes| minutes.abs() <= 15 * 60)))
}

/// `None` for a date or time that no calendar has, such as the zeros of a clock that was never set.
fn civil_time(date: &DateTime, [hour, minute, second]: [u8; 3], nanosecond: i32) -> Option<civil::DateTime> {
    let year = i16::try_from(date.year).ok().filter(|&y| y > 0)?;
    let small = |n: u8| i8::try_from(n).ok();
    let (month, day) = (small(date.month)?, small(date.day)?);
    civil::DateTime::new(year, month, day, small(hour)?, small(minute)?, small(second)?, nanosecond).ok()
}

/// GPSDateStamp and GPSTimeStamp are UTC.
fn gps_time(exif: &Exif) -> Option<i64> {
    let hours = sexagesimal(exif, Tag::GPSTimeStamp, 24.0)?;
    let midnight = [ascii(exif, Tag::GPSDateStamp)?, b" 00:00:00"].concat();
    let date = civil_time(&DateTime::from_ascii(&midnight).ok()?, [0; 3], 0)?;
    Some(to_utc_ms(date, 0)? + (hours * 3_600_000.0).round() as i64)
}

fn to_utc_ms(local: civil::DateTime, offset_min: i16) -> Option<i64> {
    let offset = Offset::from_seconds(i32::from(offset_min) * 60).ok()?;
    Some(offset.to_timestamp(local).ok()?.as_millisecond())
}
