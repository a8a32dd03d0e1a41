//! From what a shell saw, in the order in which it saw it, to segments and the gaps between them.
//!
//! **What begins a gap.** An event that keeps fixes away, a clock that jumped, an app that started anew, or two fixes
//! that are too far apart in time. The gap ends at the next fix. An event that does not come between two fixes makes
//! none: a permission that was lost and given back before the walk began is a gap before its first fix, one that was
//! lost after the last fix a gap at its end.
//!
//! **Which cause it gets**, when several apply: the first in the order of [`PRECEDENCE`]. It puts what was wanted
//! before what was forbidden, that before what was switched off, that before what the system did, and last what
//! nobody did: each of them alone keeps fixes away whatever comes behind it in the list, and only a pause needs no
//! explanation.
//!
//! **What a fix proves.** It came, so the permission is there and positioning is on, even if the shell missed the
//! event that said so. While the patrol is paused it proves nothing and is left out: a pause is a promise not to
//! record.

use super::{Fix, Gap, GapCause, Segment, Track};

/// Between two fixes without a word of the shell, milliseconds: standing still, phones give one each half minute
/// (2026-11). Whatever is longer is a gap.
pub const SILENCE_MS: i64 = 120_000;

/// By so much the wall clock may move against the monotonic one, milliseconds, before it jumped: time servers correct
/// a phone by less (2026-11).
pub const CLOCK_STEP_MS: i64 = 5_000;

/// The causes from the one that explains most to the one that explains nothing.
pub const PRECEDENCE: [GapCause; 7] = [
    GapCause::Paused,
    GapCause::Permission,
    GapCause::SwitchedOff,
    GapCause::Killed,
    GapCause::NoFix,
    GapCause::ClockJump,
    GapCause::Unknown,
];

/// What a shell saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Fix(Fix),
    Event(Event),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The app runs. If anything was seen before, it had been ended in between, with or without the phone.
    Started {
        /// Another number since the phone was switched on again.
        boot: u64,
    },
    /// The system says that it ended the app.
    Killed,
    PermissionLost,
    PermissionBack,
    SwitchedOff,
    SwitchedOn,
    Paused,
    Resumed,
    /// The shell waited for a fix in vain.
    NoFix,
    /// Both clocks at one moment; the monotonic one counts sleep and begins with the boot.
    Clocks {
        wall_ms: i64,
        mono_ms: i64,
    },
}

/// The track out of everything that was seen of one patrol. Gaps are bounded by the times of the fixes around them.
pub fn assemble(seen: impl IntoIterator<Item = Seen>) -> Track {
    let mut assembler = Assembler::default();
    for seen in seen {
        match seen {
            Seen::Fix(fix) => assembler.fix(fix),
            Seen::Event(event) => assembler.event(event),
        }
        assembler.begun = true;
    }
    assembler.end()
}

/// What two times say that follow each other in a segment: nothing, or that they are apart.
pub fn apart(before_ms: i64, after_ms: i64) -> Option<GapCause> {
    match after_ms.saturating_sub(before_ms) {
        ..0 => Some(GapCause::ClockJump),
        0..=SILENCE_MS => None,
        _ => Some(GapCause::Unknown),
    }
}

#[derive(Default)]
struct Assembler {
    track: Track,
    begun: bool,
    boot: Option<u64>,
    /// Wall clock minus monotonic clock, when they were last compared.
    offset_ms: Option<i64>,
    /// What applies now and keeps fixes away.
    lasting: Causes,
    /// What applied since the last fix.
    since: Causes,
    last_ms: Option<i64>,
}

impl Assembler {
    fn event(&mut self, event: Event) {
        match event {
            Event::Started { boot } => {
                if self.begun {
                    self.since.add(GapCause::Killed);
                }
                if self.boot.replace(boot) != Some(boot) {
                    self.offset_ms = None;
                }
            }
            Event::Killed => self.since.add(GapCause::Killed),
            Event::PermissionLost => self.begins(GapCause::Permission),
            Event::PermissionBack => self.lasting.remove(GapCause::Permission),
            Event::SwitchedOff => self.begins(GapCause::SwitchedOff),
            Event::SwitchedOn => self.lasting.remove(GapCause::SwitchedOff),
            Event::Paused => self.begins(GapCause::Paused),
            Event::Resumed => self.lasting.remove(GapCause::Paused),
            Event::NoFix => self.since.add(GapCause::NoFix),
            Event::Clocks { wall_ms, mono_ms } => {
                let offset = wall_ms.saturating_sub(mono_ms);
                let before = self.offset_ms.replace(offset).unwrap_or(offset);
                if offset.abs_diff(before) > CLOCK_STEP_MS as u64 {
                    self.since.add(GapCause::ClockJump);
                }
            }
        }
    }

    fn begins(&mut self, cause: GapCause) {
        self.lasting.add(cause);
        self.since.add(cause);
    }

    fn fix(&mut self, fix: Fix) {
        if self.lasting.has(GapCause::Paused) {
            return;
        }
        self.lasting = Causes::default();
        let apart = self.last_ms.zip(fix.time_ms).and_then(|(before, after)| apart(before, after));
        apart.into_iter().for_each(|cause| self.since.add(cause));
        let gap_before = self.gap(fix.time_ms);
        match self.track.segments.last_mut() {
            Some(segment) if gap_before.is_none() => segment.fixes.push(fix),
            _ => self.track.segments.push(Segment { gap_before, fixes: vec![fix] }),
        }
        self.last_ms = fix.time_ms.or(self.last_ms);
    }

    fn end(mut self) -> Track {
        if let Some(gap) = self.gap(None).filter(|gap| gap.cause != GapCause::ClockJump) {
            self.track.segments.push(Segment { gap_before: Some(gap), fixes: Vec::new() });
        }
        self.track
    }

    /// What lies between the last fix and one at this time. A clock that jumps before there is a fix parts nothing.
    fn gap(&mut self, to_ms: Option<i64>) -> Option<Gap> {
        let cause = std::mem::take(&mut self.since).first()?;
        let parts = cause != GapCause::ClockJump || !self.track.segments.is_empty();
        parts.then_some(Gap { cause, from_ms: self.last_ms, to_ms })
    }
}

/// A set of causes: a bit for each, by its number.
#[derive(Clone, Copy, Default)]
struct Causes(u8);

impl Causes {
    fn add(&mut self, cause: GapCause) {
        self.0 |= 1 << cause.code();
    }

    fn remove(&mut self, cause: GapCause) {
        self.0 &= !(1 << cause.code());
    }

    fn has(self, cause: GapCause) -> bool {
        self.0 >> cause.code() & 1 == 1
    }

    fn first(self) -> Option<GapCause> {
        PRECEDENCE.into_iter().find(|&cause| self.has(cause))
    }
}
