//! When a place is due: a place has to be looked at every so many days, whoever does it. The same answer on every
//! phone and on the hub.

const DAY_MS: i64 = 86_400_000;

/// The word of the result of an inspection that could not get there.
pub const UNREACHABLE: &str = "unreachable";

/// How a place stands. Everything but `Seen` is worth going to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DueState {
    /// Its days ran out.
    Overdue,
    /// Never looked at, or its days run out soon.
    Due,
    /// The last one who went there could not get to it.
    Unreachable,
    Seen,
}

/// The newest inspection of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastLook<'a> {
    /// Milliseconds UTC.
    pub at_ms: i64,
    /// Word of its result.
    pub result: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub state: DueState,
    /// When its days run out, milliseconds UTC. None if nobody ever looked.
    pub due_ms: Option<i64>,
}

impl DueState {
    pub fn message_id(self) -> &'static str {
        match self {
            DueState::Overdue => "due-overdue",
            DueState::Due => "due-due",
            DueState::Unreachable => "due-unreachable",
            DueState::Seen => "due-seen",
        }
    }
}

/// A place counts as due in the last fifth of its days, at least one day: early enough to be taken along on a
/// round that passes by. A place without an interval is due until somebody has looked.
pub fn due(interval_days: Option<i64>, last: Option<LastLook<'_>>, now_ms: i64) -> Due {
    let Some(last) = last else { return Due { state: DueState::Due, due_ms: None } };
    let days = interval_days.filter(|days| *days > 0);
    let due_ms = days.map(|days| last.at_ms.saturating_add(days.saturating_mul(DAY_MS)));
    let soon_ms = days.map_or(0, |days| (days.saturating_mul(DAY_MS) / 5).max(DAY_MS));
    let state = match due_ms {
        _ if last.result == UNREACHABLE => DueState::Unreachable,
        Some(due_ms) if now_ms > due_ms => DueState::Overdue,
        Some(due_ms) if now_ms > due_ms.saturating_sub(soon_ms) => DueState::Due,
        _ => DueState::Seen,
    };
    Due { state, due_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_500_000_000;

    fn looked(days_ago: i64, result: &str) -> DueState {
        due(Some(30), Some(LastLook { at_ms: NOW - days_ago * DAY_MS, result }), NOW).state
    }

    #[test]
    fn a_place_is_seen_then_due_then_overdue() {
        assert_eq!(looked(0, "normal"), DueState::Seen);
        assert_eq!(looked(24, "problem"), DueState::Seen);
        assert_eq!(looked(25, "normal"), DueState::Due);
        assert_eq!(looked(30, "normal"), DueState::Due);
        assert_eq!(looked(31, "normal"), DueState::Overdue);
    }

    #[test]
    fn what_nobody_reached_stays_to_be_done() {
        assert_eq!(looked(0, UNREACHABLE), DueState::Unreachable);
        assert_eq!(due(Some(30), None, NOW), Due { state: DueState::Due, due_ms: None });
    }

    #[test]
    fn without_an_interval_one_look_is_enough() {
        let last = Some(LastLook { at_ms: 0, result: "normal" });
        assert_eq!(due(None, last, NOW), Due { state: DueState::Seen, due_ms: None });
        assert_eq!(due(Some(i64::MAX), last, NOW).state, DueState::Seen, "a senseless interval harms nobody");
    }
}
