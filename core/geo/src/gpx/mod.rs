//! GPX 1.0 and 1.1, the format of other people's tracks: <https://www.topografix.com/GPX/1/1/>.
//!
//! Import takes what is there and invents nothing: every `trkseg` stays apart, a point without a usable position
//! is dropped and counted, a bad optional value costs only itself. What would have to be guessed is an error
//! that says what to do, and then nothing is imported at all.

mod encoding;
mod export;
mod fields;
mod grammar;
mod import;

use std::fmt;

use crate::crs::E7;
use crate::track::{Fix, Track};

pub use export::{export, write};
pub use import::import;

/// 2026-11: a million points with extensions; a phone holds the file and its points in memory.
pub const MAX_BYTES: usize = 256 << 20;
/// 2026-11: points and marks together; a fix a second for eleven days, 64 MB of fixes. Far below the two million
/// that must be refused.
pub const MAX_POINTS: usize = 1_000_000;
/// 2026-11: real files stay below 10.
pub const MAX_DEPTH: usize = 64;
/// 2026-11: bytes of one name or number that are kept.
pub const MAX_TEXT: usize = 4_096;

/// What a file holds. At least one point or mark.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gpx {
    pub tracks: Vec<GpxTrack>,
    pub marks: Vec<Mark>,
    /// What was left out or read with a doubt, at most one note for each reason.
    pub notes: Vec<Note>,
}

/// One `trk`. Its segments are those of the file, empty ones too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GpxTrack {
    pub name: Option<String>,
    pub segments: Vec<Vec<Fix>>,
}

/// One `wpt`: a place that somebody marked, never part of a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub name: Option<String>,
    pub at: E7,
    /// Milliseconds UTC.
    pub time_ms: Option<i64>,
    /// Elevation in decimetres.
    pub ele_dm: Option<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    pub reason: Reason,
    pub count: usize,
}

/// Why something is not in the result as it is in the file. `Display` is one English sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    BadPosition,
    BadMarkPosition,
    PointOutsideSegment,
    RoutePoint,
    BadTime,
    TimeWithoutZone,
    BadElevation,
    BadSpeed,
    BadCourse,
    BadAccuracy,
    LongText,
}

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GpxError {
    #[error("the file has {0} bytes and the limit is {MAX_BYTES}: export a shorter period")]
    TooBig(usize),
    #[error("the file declares the encoding {0:?}, which is not known: export it again as UTF-8")]
    UnknownEncoding(String),
    #[error("the file is not text in the encoding {0}: is it a GPX file? If so, export it again as UTF-8")]
    NotText(&'static str),
    #[error("the file is not XML, at byte {byte}: {problem}. Export it again")]
    NotXml { byte: u64, problem: String },
    #[error("the file ends in the middle: copy or export it again")]
    CutOff,
    #[error("the file is XML but its root is <{0}> and not <gpx>: export the track as GPX")]
    NotGpx(String),
    #[error("the namespace {0:?} is not that of GPX 1.0 or 1.1: export the track as GPX 1.1")]
    Namespace(String),
    #[error("the file has a DOCTYPE, which GPX does not use and which is refused as unsafe: export it again without")]
    Doctype,
    #[error("the file uses the entity &{0};, which GPX does not define: export it again")]
    Entity(String),
    #[error("the elements of the file are nested more than {MAX_DEPTH} deep: this is no track; export it again")]
    TooDeep,
    #[error("the file has more than {MAX_POINTS} points: export a shorter period")]
    TooManyPoints,
    #[error(
        "the file has no track point and no mark that can be used ({dropped} without a valid position): export the track, not a route"
    )]
    NoPoints { dropped: usize },
}

impl GpxTrack {
    /// The track with a gap of unknown cause between each two segments that hold points.
    pub fn into_track(self) -> Track {
        Track::from_apart(self.segments)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::BadPosition => "track points without a valid latitude and longitude were left out",
            Reason::BadMarkPosition => "marks without a valid latitude and longitude were left out",
            Reason::PointOutsideSegment => "track points outside any track segment were left out",
            Reason::RoutePoint => "route points were left out: they are planned, not walked",
            Reason::BadTime => "times could not be read: those points are untimed",
            Reason::TimeWithoutZone => "times had no zone and were read as UTC",
            Reason::BadElevation => "elevations could not be read and were left out",
            Reason::BadSpeed => "speeds could not be read and were left out",
            Reason::BadCourse => "courses could not be read and were left out",
            Reason::BadAccuracy => "accuracies could not be read and were left out",
            Reason::LongText => "texts were cut to 4,096 bytes",
        })
    }
}
