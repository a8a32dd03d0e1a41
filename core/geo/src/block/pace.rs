//! How the pauses between fixes grow, to foretell how far the next one is.
//!
//! Whoever walks on at the same speed gets twice as far in twice the time. Watches and apps that save a fix only
//! where somebody turns have pauses of 1 to 20 seconds, and take 2 to 5 bits a fix less so (2026-11).

use super::bits::GROUP;

/// A pause as long as the one before.
const EVEN: i64 = 1 << 16;
/// So much longer at most, since nobody walks on for so long as they did before a long rest.
const MOST: f32 = 16.0 * EVEN as f32;
/// 2.3 hours. Longer ones are no part of a walk, and would not be exact.
const LONGEST: i64 = 1 << 23;

#[derive(Default)]
pub(super) struct Pace {
    /// Time of the last fix, and the pause before it, 0 if there is none.
    last: Option<i64>,
    pause: i32,
}

impl Pace {
    /// For each of at most [`GROUP`] fixes its pause in 1/65,536 of the pause before; [`EVEN`] where nothing is known.
    /// Basic IEEE-754 operations are the same on every processor.
    pub fn paces(&mut self, times: &[i64]) -> [i64; GROUP] {
        let mut pauses = [0; GROUP + 1];
        pauses[0] = self.pause;
        let mut before = self.last.or(times.first().copied()).unwrap_or(0);
        for (pause, &time) in pauses[1..].iter_mut().zip(times) {
            let long = time.wrapping_sub(before);
            *pause = if (0..=LONGEST).contains(&long) { long as i32 } else { 0 };
            before = time;
        }
        self.last = Some(before);
        self.pause = pauses[times.len()];
        let mut paces = [EVEN; GROUP];
        for (i, pace) in paces.iter_mut().enumerate() {
            let (before, pause) = (pauses[i], pauses[i + 1]);
            let known = (before > 0) & (pause > 0);
            let grown = (pause as f32 / before.max(1) as f32 * EVEN as f32).min(MOST) as i32;
            *pace = if known { grown.into() } else { EVEN };
        }
        paces
    }
}

/// As far as before, at this pace.
#[inline(always)]
pub(super) fn at_pace(step: i64, pace: i64) -> i64 {
    step.wrapping_mul(pace).wrapping_add(EVEN / 2) >> 16
}
