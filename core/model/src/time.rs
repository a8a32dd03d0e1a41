//! Time evidence. No clock decides an order or a merge; the hub works out one effective time for each op
//! and says how sure it is.

/// What the phone's clocks said when an op was written. Evidence, never trusted as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeEvidence {
    /// Wall clock, milliseconds UTC.
    pub wall_ms: i64,
    /// Changes at each boot, so that two monotonic readings are compared only within one.
    pub boot_id: u64,
    /// Milliseconds since boot, on a clock that counts sleep.
    pub mono_ms: u64,
    /// Time of a satellite fix in this boot, milliseconds UTC, brought to the moment of writing.
    pub gnss_ms: Option<i64>,
}

/// How an effective time was found, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeQuality {
    /// The phone synced in the boot in which it wrote: hub clock minus monotonic difference.
    SameBoot,
    /// A satellite fix of the same boot.
    Gnss,
    /// The phone's wall clock, which lay between the bounds.
    Wall,
    /// The wall clock lay outside the bounds: the nearer bound stands instead.
    Clamped,
}

/// Milliseconds UTC and how they were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EffectiveTime {
    pub ms: i64,
    pub quality: TimeQuality,
}

/// The phone's clocks and the hub's at the moment of one sync, and the bounds of the op in question.
#[derive(Clone, Copy, Debug)]
pub struct SyncMoment {
    pub hub_now_ms: i64,
    pub phone_boot_id: u64,
    pub phone_mono_ms: u64,
    /// Commit time of the row that the author had seen last: an op cannot be older. `i64::MIN` if none.
    pub seen_ms: i64,
}

impl TimeQuality {
    pub const ALL: [TimeQuality; 4] =
        [TimeQuality::SameBoot, TimeQuality::Gnss, TimeQuality::Wall, TimeQuality::Clamped];

    /// Stable number on the wire.
    pub fn code(self) -> u8 {
        self as u8
    }

    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

/// `eff_ms` of an op: same boot → `hub_now − (mono_now − mono_op)`; a GNSS fix; else the wall clock.
/// Always clamped between the time of `seen` and the receipt, so a clock wrong by years wins or loses
/// nothing beyond the real uncertainty.
pub fn effective_time(evidence: &TimeEvidence, moment: &SyncMoment) -> EffectiveTime {
    let same_boot = evidence.boot_id == moment.phone_boot_id && evidence.mono_ms <= moment.phone_mono_ms;
    let (ms, quality) = if same_boot {
        let age = i64::try_from(moment.phone_mono_ms - evidence.mono_ms).unwrap_or(i64::MAX);
        (moment.hub_now_ms.saturating_sub(age), TimeQuality::SameBoot)
    } else if let Some(gnss) = evidence.gnss_ms {
        (gnss, TimeQuality::Gnss)
    } else {
        (evidence.wall_ms, TimeQuality::Wall)
    };
    let clamped = ms.clamp(moment.seen_ms.min(moment.hub_now_ms), moment.hub_now_ms);
    EffectiveTime { ms: clamped, quality: if clamped == ms { quality } else { TimeQuality::Clamped } }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR: i64 = 365 * 86_400_000;
    const NOW: i64 = 1_795_500_000_000;

    fn evidence(wall_ms: i64) -> TimeEvidence {
        TimeEvidence { wall_ms, boot_id: 1, mono_ms: 1_000, gnss_ms: None }
    }

    fn moment(boot_id: u64) -> SyncMoment {
        SyncMoment { hub_now_ms: NOW, phone_boot_id: boot_id, phone_mono_ms: 61_000, seen_ms: NOW - 86_400_000 }
    }

    #[test]
    fn a_clock_three_years_wrong_does_not_matter_within_one_boot() {
        let eff = effective_time(&evidence(NOW - 3 * YEAR), &moment(1));
        assert_eq!(eff, EffectiveTime { ms: NOW - 60_000, quality: TimeQuality::SameBoot });
    }

    #[test]
    fn after_a_reboot_a_wrong_clock_is_clamped_and_says_so() {
        let past = effective_time(&evidence(NOW - 3 * YEAR), &moment(2));
        assert_eq!(past, EffectiveTime { ms: NOW - 86_400_000, quality: TimeQuality::Clamped });
        let future = effective_time(&evidence(NOW + 3 * YEAR), &moment(2));
        assert_eq!(future, EffectiveTime { ms: NOW, quality: TimeQuality::Clamped });
    }

    #[test]
    fn a_satellite_fix_beats_the_wall_clock() {
        let seen = TimeEvidence { gnss_ms: Some(NOW - 5_000), ..evidence(NOW - YEAR) };
        assert_eq!(effective_time(&seen, &moment(2)), EffectiveTime { ms: NOW - 5_000, quality: TimeQuality::Gnss });
    }
}
