//! What a shell saw becomes segments, and gaps that say why.

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::gpx;
use gridpatrol_geo::track::gaps::{Event, PRECEDENCE, SILENCE_MS, Seen, assemble};
use gridpatrol_geo::track::{Fix, Gap, GapCause, Track};
use proptest::prelude::*;

const MORNING: i64 = 1_795_500_000_000;

/// A fix of a walk eastwards, 10 m a second.
fn fix(second: i64) -> Seen {
    let at = E7::new(1_125_793_000 + second as i32 * 970, 223_686_000).expect("in Kaiping");
    Seen::Fix(Fix { time_ms: Some(MORNING + second * 1_000), ..Fix::at(at) })
}

fn walk(seconds: std::ops::Range<i64>) -> Vec<Seen> {
    seconds.map(fix).collect()
}

fn event(event: Event) -> Vec<Seen> {
    vec![Seen::Event(event)]
}

fn gaps(track: &Track) -> Vec<Option<Gap>> {
    track.segments.iter().map(|segment| segment.gap_before).collect()
}

/// The cause of the gap between ten seconds of walking and ten more, with this in between.
fn between(events: &[Event], resumes_at: i64) -> Option<GapCause> {
    let mut seen = walk(0..10);
    seen.extend(events.iter().map(|event| Seen::Event(*event)));
    seen.extend(walk(resumes_at..resumes_at + 10));
    let track = assemble(seen);
    assert_eq!(track.fixes().count(), 20, "no fix is lost");
    track.segments.get(1).map(|second| {
        let gap = second.gap_before.expect("segments are apart for a reason");
        assert_eq!((gap.from_ms, gap.to_ms), (Some(MORNING + 9_000), Some(MORNING + resumes_at * 1_000)));
        gap.cause
    })
}

#[test]
fn a_walk_of_which_nothing_is_told_is_one_segment() {
    let track = assemble(walk(0..100));
    assert_eq!(gaps(&track), [None]);
    assert_eq!(assemble([]), Track::default());
}

#[test]
fn every_event_that_keeps_fixes_away_gives_its_cause() {
    use Event::*;
    let stories: [(&[Event], GapCause); 11] = [
        (&[Started { boot: 1 }], GapCause::Killed),
        (&[Killed, Started { boot: 1 }], GapCause::Killed),
        (&[Started { boot: 2 }], GapCause::Killed),
        (&[PermissionLost, PermissionBack], GapCause::Permission),
        (&[PermissionLost], GapCause::Permission),
        (&[SwitchedOff, SwitchedOn], GapCause::SwitchedOff),
        (&[SwitchedOff], GapCause::SwitchedOff),
        (&[NoFix], GapCause::NoFix),
        (&[NoFix, NoFix, NoFix], GapCause::NoFix),
        (&[Paused, Resumed], GapCause::Paused),
        (&[Clocks { wall_ms: 0, mono_ms: 0 }, Clocks { wall_ms: 70_000, mono_ms: 60_000 }], GapCause::ClockJump),
    ];
    for (events, cause) in stories {
        assert_eq!(between(events, 60), Some(cause), "{events:?}");
    }
}

#[test]
fn clocks_that_agree_are_no_gap() {
    use Event::*;
    assert_eq!(between(&[], 60), None);
    let in_step = [Clocks { wall_ms: 5_000, mono_ms: 1_000 }, Clocks { wall_ms: 66_000, mono_ms: 60_000 }];
    assert_eq!(between(&in_step, 60), None, "a time server corrects two seconds");
    let rebooted = [
        Started { boot: 1 },
        Clocks { wall_ms: 900_000, mono_ms: 900_000 },
        Started { boot: 2 },
        Clocks { wall_ms: 960_000, mono_ms: 5_000 },
    ];
    assert_eq!(between(&rebooted, 60), Some(GapCause::Killed), "a monotonic clock begins anew with the phone");
}

#[test]
fn times_alone_tell_a_gap_where_nobody_told_a_cause() {
    let silence = SILENCE_MS / 1_000;
    assert_eq!(between(&[], 9 + silence), None);
    assert_eq!(between(&[], 10 + silence), Some(GapCause::Unknown));
    assert_eq!(between(&[], 8), Some(GapCause::ClockJump), "time ran backwards");
    assert_eq!(between(&[Event::NoFix], 10 + silence), Some(GapCause::NoFix), "a word beats silence");
}

#[test]
fn of_several_causes_the_first_in_the_documented_order_counts() {
    let event_of = |cause| match cause {
        GapCause::Paused => Some(vec![Event::Paused, Event::Resumed]),
        GapCause::Permission => Some(vec![Event::PermissionLost]),
        GapCause::SwitchedOff => Some(vec![Event::SwitchedOff]),
        GapCause::Killed => Some(vec![Event::Killed]),
        GapCause::NoFix => Some(vec![Event::NoFix]),
        GapCause::ClockJump => {
            Some(vec![Event::Clocks { wall_ms: 0, mono_ms: 0 }, Event::Clocks { wall_ms: 99_000, mono_ms: 0 }])
        }
        GapCause::Unknown => None,
    };
    for (place, strong) in PRECEDENCE.into_iter().enumerate() {
        for weak in &PRECEDENCE[place..] {
            let (Some(strong_events), Some(weak_events)) = (event_of(strong), event_of(*weak)) else { continue };
            for events in [[strong_events.clone(), weak_events.clone()], [weak_events, strong_events]] {
                assert_eq!(between(&events.concat(), 60), Some(strong), "{strong:?} and {weak:?}");
            }
        }
    }
}

#[test]
fn a_fix_proves_that_positions_are_back_but_not_that_a_pause_is_over() {
    let lost = [walk(0..10), event(Event::PermissionLost), walk(20..30), event(Event::NoFix), walk(40..50)].concat();
    let causes: Vec<_> = gaps(&assemble(lost)).into_iter().flatten().map(|gap| gap.cause).collect();
    assert_eq!(causes, [GapCause::Permission, GapCause::NoFix], "the permission was back at the twentieth second");

    let paused = [walk(0..10), event(Event::Paused), walk(10..20), event(Event::Resumed), walk(20..30)].concat();
    let track = assemble(paused);
    assert_eq!(track.fixes().count(), 20, "nothing is recorded in a pause");
    let pause = Gap { cause: GapCause::Paused, from_ms: Some(MORNING + 9_000), to_ms: Some(MORNING + 20_000) };
    assert_eq!(gaps(&track), [None, Some(pause)]);
}

#[test]
fn gaps_at_the_beginning_and_at_the_end_are_told_too() {
    let seen = [
        event(Event::Started { boot: 1 }),
        event(Event::NoFix),
        walk(0..10),
        event(Event::SwitchedOff),
        event(Event::SwitchedOn),
    ];
    let track = assemble(seen.concat());
    let before = Gap { cause: GapCause::NoFix, from_ms: None, to_ms: Some(MORNING) };
    let after = Gap { cause: GapCause::SwitchedOff, from_ms: Some(MORNING + 9_000), to_ms: None };
    assert_eq!(gaps(&track), [Some(before), Some(after)]);
    assert!(track.segments[1].fixes.is_empty());
}

#[test]
fn a_clock_parts_fixes_and_is_no_gap_without_them() {
    let jump =
        [event(Event::Clocks { wall_ms: 0, mono_ms: 0 }), event(Event::Clocks { wall_ms: 3_600_000, mono_ms: 1_000 })]
            .concat();
    assert_eq!(gaps(&assemble([jump.clone(), walk(0..10), jump].concat())), [None]);
}

#[test]
fn an_export_begins_a_segment_at_every_gap_and_counts_no_metre_of_one() {
    let seen = [walk(0..10), event(Event::Killed), walk(600..610), event(Event::NoFix), walk(700..710)].concat();
    let track = assemble(seen);
    let text = gpx::export(None, &track, &[]);
    assert_eq!(text.matches("<trkseg>").count(), 3);
    assert!(text.contains(r#"cause="killed""#) && text.contains(r#"cause="no-fix""#), "{text}");
    let metres = track.length_m();
    assert!((269.0..271.0).contains(&metres), "27 steps of 10 m and not the 6 km between: {metres}");
}

fn any_seen() -> impl Strategy<Value = Seen> {
    prop_oneof![
        10 => (0..5_000_i64).prop_map(fix),
        1 => (0..3_u64).prop_map(|boot| Seen::Event(Event::Started { boot })),
        1 => any::<(i64, i64)>()
            .prop_map(|(wall_ms, mono_ms)| Seen::Event(Event::Clocks { wall_ms, mono_ms })),
        6 => proptest::sample::select(vec![
            Event::Killed,
            Event::PermissionLost,
            Event::PermissionBack,
            Event::SwitchedOff,
            Event::SwitchedOn,
            Event::NoFix,
        ])
        .prop_map(Seen::Event),
    ]
}

proptest! {
    #[test]
    fn whatever_was_seen_no_fix_is_lost_moved_or_put_elsewhere(seen in proptest::collection::vec(any_seen(), 0..200)) {
        let fixes: Vec<Fix> =
            seen.iter().filter_map(|seen| if let Seen::Fix(fix) = seen { Some(*fix) } else { None }).collect();
        let track = assemble(seen);
        prop_assert_eq!(track.fixes().copied().collect::<Vec<_>>(), fixes);
        for (place, segment) in track.segments.iter().enumerate() {
            prop_assert!(place == 0 || segment.gap_before.is_some());
            prop_assert!(!segment.fixes.is_empty() || place + 1 == track.segments.len());
            let times: Vec<i64> = segment.fixes.iter().filter_map(|fix| fix.time_ms).collect();
            prop_assert!(times.windows(2).all(|pair| (0..=SILENCE_MS).contains(&(pair[1] - pair[0]))));
        }
    }
}
