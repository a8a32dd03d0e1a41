//! What parts two fixes of a walk, and which cause the gap between them gets.
//!
//! A gap begins when somebody says why fixes stop, or where two of them are too far apart in time; it ends at the next
//! fix. Who follows a walk notes every cause when it is said, so that it outlives the app; [`explaining_most`] of them
//! is the cause of the gap. A clock parts nothing by itself: fixes keep the time of satellites while it jumps.

use super::GapCause;

/// Between two fixes without a word of the shell, milliseconds: standing still, phones give one each half minute
/// (2026-11). Whatever is longer is a gap, unless fixes were asked for less often.
pub const SILENCE_MS: i64 = 120_000;

/// By so much the wall clock may move against the monotonic one, milliseconds, before it jumped: time servers correct
/// a phone by less (2026-11).
pub const CLOCK_STEP_MS: u64 = 5_000;

/// The causes from the one that explains most to the one that explains nothing: what was wanted comes before what was
/// forbidden, that before what was switched off, that before what the system did, and last what nobody did. Each of
/// them alone keeps fixes away whatever comes behind it, and only a pause needs no explanation.
pub const PRECEDENCE: [GapCause; 7] = [
    GapCause::Paused,
    GapCause::Permission,
    GapCause::SwitchedOff,
    GapCause::Killed,
    GapCause::NoFix,
    GapCause::ClockJump,
    GapCause::Unknown,
];

/// Of all that was said about one gap, the cause that it gets.
pub fn explaining_most(said: impl IntoIterator<Item = GapCause>) -> Option<GapCause> {
    said.into_iter().min_by_key(|cause| PRECEDENCE.iter().position(|other| other == cause))
}

/// What two times say that follow each other in a segment: nothing, or that they are apart. `asked_ms`: the interval
/// at which fixes were asked for in between; one in two may fail to come. `clock_jumped`: the wall clock moved by more
/// than [`CLOCK_STEP_MS`] against the monotonic one in between.
pub fn apart(before_ms: i64, after_ms: i64, asked_ms: i64, clock_jumped: bool) -> Option<GapCause> {
    match after_ms.saturating_sub(before_ms) {
        ..0 => Some(GapCause::ClockJump),
        passed if passed <= SILENCE_MS.max(2 * asked_ms) => None,
        _ if clock_jumped => Some(GapCause::ClockJump),
        _ => Some(GapCause::Unknown),
    }
}
