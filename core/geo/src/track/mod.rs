//! A walked track: fixes in segments, and what is known about the gaps between them.
//!
//! A gap is a gap: nothing is drawn or measured across it, and it says why it is there. [`gaps`] says what makes one
//! and which cause it gets, [`crate::drift`] says which fixes to doubt and measures, [`crate::block`] turns fixes into bytes.

pub mod gaps;

use crate::crs::E7;
use crate::drift;

/// One position of a phone. What was not measured is `None`, never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Milliseconds UTC; imported points may have no time.
    pub time_ms: Option<i64>,
    pub at: E7,
    /// Elevation in decimetres, as the source gave it (ellipsoid or sea level is not known).
    pub ele_dm: Option<i32>,
    /// Horizontal accuracy in decimetres.
    pub accuracy_dm: Option<u32>,
    /// Speed over ground in centimetres a second.
    pub speed_cms: Option<u32>,
    /// Direction of movement in 0.01 degrees clockwise from true north, below 36,000.
    pub heading_cdeg: Option<u32>,
    /// Whether the system says that an app made this position up.
    pub mock: Option<bool>,
    /// Whether a motion sensor says that the phone moves.
    pub moving: Option<bool>,
}

/// Why there are no fixes for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GapCause {
    /// The system ended the app.
    Killed,
    /// The permission to use the position was taken away.
    Permission,
    /// No satellite in view.
    NoFix,
    /// Positioning was switched off.
    SwitchedOff,
    /// The clock jumped, so the times on both sides do not belong together.
    ClockJump,
    /// The member paused the patrol.
    Paused,
    /// Nobody recorded why, as in an imported file.
    Unknown,
}

/// A stretch without fixes. A bound that is not known is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub cause: GapCause,
    /// Milliseconds UTC.
    pub from_ms: Option<i64>,
    /// Milliseconds UTC.
    pub to_ms: Option<i64>,
}

/// Fixes that belong together. A segment without fixes stands for a gap at the end of a track.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// What separates this segment from the one before it, or from the start of the patrol.
    pub gap_before: Option<Gap>,
    pub fixes: Vec<Fix>,
}

/// Segments in the order they were walked. Two segments are never joined, with or without a known gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    pub segments: Vec<Segment>,
}

impl GapCause {
    pub const ALL: [GapCause; 7] = [
        GapCause::Killed,
        GapCause::Permission,
        GapCause::NoFix,
        GapCause::SwitchedOff,
        GapCause::ClockJump,
        GapCause::Paused,
        GapCause::Unknown,
    ];

    /// Stable number in stored data.
    pub fn code(self) -> u8 {
        self as u8
    }

    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Stable word in exported files.
    pub fn word(self) -> &'static str {
        match self {
            GapCause::Killed => "killed",
            GapCause::Permission => "permission",
            GapCause::NoFix => "no-fix",
            GapCause::SwitchedOff => "switched-off",
            GapCause::ClockJump => "clock-jump",
            GapCause::Paused => "paused",
            GapCause::Unknown => "unknown",
        }
    }

    /// The cause with this word. One of a newer version is a gap all the same, of a cause that is not known here.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|cause| cause.word() == word).unwrap_or(GapCause::Unknown)
    }
}

impl Fix {
    /// A fix of which nothing is known but its place.
    pub fn at(at: E7) -> Self {
        Fix {
            time_ms: None,
            at,
            ele_dm: None,
            accuracy_dm: None,
            speed_cms: None,
            heading_cdeg: None,
            mock: None,
            moving: None,
        }
    }
}

impl Segment {
    /// Metres walked, by the rule of [`drift`].
    pub fn length_m(&self) -> f64 {
        drift::metres_walked(&self.fixes)
    }
}

impl Track {
    /// Metres along all segments. A gap counts nothing.
    pub fn length_m(&self) -> f64 {
        self.segments.iter().fold(0.0, |sum, segment| sum + segment.length_m())
    }

    pub fn fixes(&self) -> impl Iterator<Item = &Fix> {
        self.segments.iter().flat_map(|segment| &segment.fixes)
    }

    /// A track out of segments of which nothing is known but that they are apart: the gap before each is
    /// `Unknown`, from the last time before it to the first one after it. Empty segments leave no trace but that.
    pub fn from_apart(segments: impl IntoIterator<Item = Vec<Fix>>) -> Self {
        let mut track = Track::default();
        for fixes in segments.into_iter().filter(|fixes| !fixes.is_empty()) {
            let gap_before = track.segments.last().map(|before| Gap {
                cause: GapCause::Unknown,
                from_ms: before.fixes.last().and_then(|fix| fix.time_ms),
                to_ms: fixes.first().and_then(|fix| fix.time_ms),
            });
            track.segments.push(Segment { gap_before, fixes });
        }
        track
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distance::metres;

    fn fix(lon: i32, time_ms: Option<i64>) -> Fix {
        let at = E7::new(1_126_000_000 + lon, 223_000_000).expect("in Kaiping");
        Fix { time_ms, ..Fix::at(at) }
    }

    #[test]
    fn a_gap_counts_no_metre_and_an_empty_segment_joins_nothing() {
        let walked =
            |from: i32| vec![fix(from, Some(i64::from(from))), fix(from + 1_000, Some(i64::from(from) + 60_000))];
        let track = Track::from_apart([walked(0), vec![], walked(500_000), vec![fix(900_000, None)]]);
        assert_eq!(track.segments.len(), 3);
        let hundred_microdegrees = metres(fix(0, None).at, fix(1_000, None).at);
        assert!((track.length_m() - 2.0 * hundred_microdegrees).abs() < 1e-6);
        assert_eq!(track.fixes().count(), 5);
        let gaps: Vec<Option<Gap>> = track.segments.iter().map(|segment| segment.gap_before).collect();
        let unknown = |from_ms, to_ms| Some(Gap { cause: GapCause::Unknown, from_ms, to_ms });
        assert_eq!(gaps, [None, unknown(Some(60_000), Some(500_000)), unknown(Some(560_000), None)]);
    }

    #[test]
    fn a_track_without_a_step_is_no_metre_long_and_prints_so() {
        let nothing = Track::default();
        let one_fix = Track::from_apart([vec![fix(0, None)]]);
        assert_eq!(format!("{} {}", nothing.length_m(), one_fix.length_m()), "0 0", "an empty float sum would be -0");
    }

    #[test]
    fn every_cause_has_its_number_and_word() {
        for (number, cause) in (0..).zip(GapCause::ALL) {
            assert_eq!((cause.code(), GapCause::from_code(number)), (number, Some(cause)));
        }
        let words: std::collections::BTreeSet<&str> = GapCause::ALL.iter().map(|cause| cause.word()).collect();
        assert_eq!(words.len(), GapCause::ALL.len());
        assert_eq!(GapCause::from_code(7), None);
        assert!(GapCause::ALL.into_iter().all(|cause| GapCause::from_word(cause.word()) == cause));
        assert_eq!(GapCause::from_word("of-tomorrow"), GapCause::Unknown);
    }
}
