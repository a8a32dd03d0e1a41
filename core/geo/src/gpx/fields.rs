//! The values of GPX elements: text in, units of storage out, `None` for what cannot be read.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::crs::{E7, Wgs84};

/// From the texts of `lon` and `lat`, in WGS-84 degrees as GPX defines them.
pub(super) fn position(lon: &str, lat: &str) -> Option<E7> {
    Wgs84::new(number(lon)?, number(lat)?).ok().map(Wgs84::to_e7)
}

/// Metres (or another unit) as a whole number of parts of it.
pub(super) fn scaled<T: TryFrom<i64>>(text: &str, parts: f64) -> Option<T> {
    // The cast saturates, and what is that large fits no target.
    T::try_from((number(text)? * parts).round() as i64).ok()
}

/// Degrees from north, 0 to 360, in 0.01 degrees below 36,000.
pub(super) fn course(text: &str) -> Option<u32> {
    scaled::<u32>(text, 100.0).filter(|&cdeg| cdeg <= 36_000).map(|cdeg| cdeg % 36_000)
}

/// A moment, and whether its zone had to be taken as UTC.
pub(super) struct Moment {
    pub(super) ms: i64,
    pub(super) zone_missing: bool,
}

/// RFC 3339 with any offset and fraction; a date without a time of day is no moment.
pub(super) fn moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    if let Ok(exact) = text.parse::<Timestamp>() {
        return Some(Moment { ms: exact.as_millisecond(), zone_missing: false });
    }
    if !text.contains(':') {
        return None;
    }
    let local: DateTime = text.parse().ok()?;
    let exact = TimeZone::UTC.to_timestamp(local).ok()?;
    Some(Moment { ms: exact.as_millisecond(), zone_missing: true })
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}
