//! What parts a walk, which cause a gap gets, and what a gap means for distance and export.

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::gpx;
use gridpatrol_geo::track::gaps::{PRECEDENCE, SILENCE_MS, apart, explaining_most};
use gridpatrol_geo::track::{Fix, Gap, GapCause, Segment, Track};
use proptest::prelude::*;

const MORNING: i64 = 1_795_500_000_000;

/// A walk eastwards, 10 m a second.
fn walk(seconds: std::ops::Range<i64>) -> Vec<Fix> {
    let fix = |second: i64| {
        let at = E7::new(1_125_793_000 + second as i32 * 970, 223_686_000).expect("in Kaiping");
        Fix { time_ms: Some(MORNING + second * 1_000), ..Fix::at(at) }
    };
    seconds.map(fix).collect()
}

#[test]
fn times_tell_a_gap_and_a_clock_that_jumped_explains_it() {
    let after = |ms, jumped| apart(MORNING, MORNING + ms, 3_000, jumped);
    assert_eq!(after(SILENCE_MS, false), None);
    assert_eq!(after(SILENCE_MS + 1, false), Some(GapCause::Unknown));
    assert_eq!(after(SILENCE_MS + 1, true), Some(GapCause::ClockJump));
    assert_eq!(after(-1, false), Some(GapCause::ClockJump), "time ran backwards");
    assert_eq!(after(1_000, true), None, "satellites keep the time while the phone's clock is set");
    assert_eq!(apart(i64::MIN, i64::MAX, 0, false), Some(GapCause::Unknown));
    let rarely = |ms| apart(MORNING, MORNING + ms, 300_000, false);
    assert_eq!((rarely(600_000), rarely(600_001)), (None, Some(GapCause::Unknown)), "it was asked for so seldom");
}

#[test]
fn what_was_wanted_explains_a_gap_before_what_was_forbidden_or_failed() {
    use GapCause::*;
    assert_eq!(explaining_most([NoFix, Killed]), Some(Killed));
    assert_eq!(explaining_most([Permission, SwitchedOff, NoFix]), Some(Permission));
    assert_eq!(explaining_most([Killed, Permission, Paused]), Some(Paused));
    assert_eq!(explaining_most([Unknown]), Some(Unknown));
    assert_eq!(explaining_most([]), None);
}

#[test]
fn an_export_begins_a_segment_at_every_gap_and_counts_no_metre_of_one() {
    let gap = |cause, from: i64, to: i64| {
        Some(Gap { cause, from_ms: Some(MORNING + from * 1_000), to_ms: Some(MORNING + to * 1_000) })
    };
    let segments = vec![
        Segment { gap_before: None, fixes: walk(0..10) },
        Segment { gap_before: gap(GapCause::Killed, 9, 600), fixes: walk(600..610) },
        Segment { gap_before: gap(GapCause::NoFix, 609, 700), fixes: walk(700..710) },
    ];
    let track = Track { segments };
    let text = gpx::export(None, &track, &[]);
    assert_eq!(text.matches("<trkseg>").count(), 3);
    assert!(text.contains(r#"cause="killed""#) && text.contains(r#"cause="no-fix""#), "{text}");
    let metres = track.length_m();
    assert!((269.0..271.0).contains(&metres), "27 steps of 10 m and not the 6 km between: {metres}");
}

proptest! {
    #[test]
    fn the_cause_of_a_gap_does_not_depend_on_the_order_or_number_of_what_was_said(
        said in proptest::collection::vec(proptest::sample::select(GapCause::ALL.to_vec()), 1..12),
    ) {
        let cause = explaining_most(said.iter().copied()).expect("something was said");
        prop_assert_eq!(explaining_most(said.iter().rev().copied()), Some(cause));
        prop_assert_eq!(explaining_most(said.iter().chain(&said).copied()), Some(cause));
        let rank = |cause| PRECEDENCE.iter().position(|other| *other == cause).expect("every cause has its place");
        prop_assert!(said.iter().all(|other| rank(cause) <= rank(*other)));
    }
}
