//! Numbers, times and texts as they stand in files.

use std::borrow::Cow;
use std::fmt::{self, Display};

use gridpatrol_geo::crs::E7;
use jiff::Timestamp;

/// What a file says about its positions where it has a place to say it.
pub(crate) const WGS84: &str = "WGS-84 longitude and latitude in degrees";

/// Control characters but tab and line feed become `�`: XML cannot hold them, and SQLite and spreadsheets stop at
/// some. A line ends in a line feed.
pub(crate) fn legal(text: &str) -> Cow<'_, str> {
    let bad = |c: char| unfit(c) && !matches!(c, '\t' | '\n');
    if !text.contains(bad) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n").replace(bad, "\u{fffd}"))
}

/// Whether it can name a column or a table.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(unfit)
}

fn unfit(c: char) -> bool {
    c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Texts in one, where there are no arrays. An empty one keeps its place.
pub(crate) fn joined(texts: &[String]) -> String {
    texts.join("; ")
}

/// The first moment of the year 1, milliseconds UTC: the formats have no sign before a year.
const YEAR_1_MS: i64 = -62_135_596_800_000;

/// `None` outside the years 1 to 9999.
pub(crate) fn moment(ms: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(ms).ok().filter(|_| ms >= YEAR_1_MS)
}

/// RFC 3339 in UTC.
pub(crate) fn utc(ms: i64) -> Option<String> {
    moment(ms).map(|time| time.to_string())
}

/// Longitude, what stands between, latitude: exact, in degrees with seven decimals.
pub(crate) fn position(at: E7, between: char) -> impl Display {
    fmt::from_fn(move |f| write!(f, "{}{between}{}", degrees(at.lon()), degrees(at.lat())))
}

/// From units of 1e-7 degrees.
pub(crate) fn degrees(e7: i32) -> impl Display {
    let sign = if e7 < 0 { "-" } else { "" };
    let units = e7.unsigned_abs();
    fmt::from_fn(move |f| write!(f, "{sign}{}.{:07}", units / 10_000_000, units % 10_000_000))
}
