//! Walks and photos: what a phone would have recorded, and the same each time.

use std::fmt::Write;
use std::path::Path;

use gridpatrol_geo::distance::metres;
use gridpatrol_geo::track::{Gap, GapCause};
use gridpatrol_photo::{Limits, import_bytes};
use gridpatrol_world::{Finding, Shot, World};
use sha2::{Digest, Sha256};

/// Everything that a world and a day of it say, as one hash.
fn fingerprint(world: &World) -> String {
    let mut text = String::new();
    for grid in &world.grids {
        write!(text, "{} {} {:?};", grid.code, grid.households, grid.polygon).expect("text grows");
    }
    for place in &world.places {
        write!(text, "{} {} {:?};", place.id, place.name, place.position).expect("text grows");
    }
    for member in 0..world.members.len() {
        write!(text, "{} {:?};", world.members[member].id, world.walk(member, 0)).expect("text grows");
    }
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_same_seed_is_the_same_world_for_ever() {
    // A change here is a change of every demo, bench and screenshot: make it on purpose.
    assert_eq!(
        fingerprint(&World::with_villages(1, 3)),
        "c375755b6cba38dbfeea24588e1a63f728c72df048af1a218823bd09b940156e"
    );
    assert_ne!(fingerprint(&World::with_villages(2, 3)), fingerprint(&World::with_villages(1, 3)));
}

#[test]
fn a_walk_goes_to_places_of_her_grid_in_the_order_of_time() {
    let world = World::with_villages(4, 10);
    for (member, grid) in world.grids.iter().enumerate() {
        let walk = world.walk(member, 2);
        let times: Vec<i64> = walk.track.fixes().filter_map(|fix| fix.time_ms).collect();
        assert!(times.is_sorted_by(|a, b| a < b));
        assert!(walk.started_ms < times[0] && *times.last().expect("a walk has fixes") <= walk.ended_ms);
        assert!(walk.visits.is_sorted_by(|a, b| a.left_ms < b.arrived_ms));
        assert!(walk.visits.len() >= 2);
        let all = walk.visits.iter().map(|visit| visit.place).chain(walk.missed.iter().copied());
        assert_eq!(all.clone().count(), world.places.iter().filter(|place| place.grid == grid.code).count());
        assert!(all.into_iter().all(|place| world.places[place].grid == grid.code));
    }
}

#[test]
fn a_visit_has_a_fix_near_its_place_unless_it_fell_into_a_gap() {
    let world = World::with_villages(4, 10);
    let mut without = 0;
    for member in 0..world.members.len() {
        let walk = world.walk(member, 0);
        let gaps: Vec<Gap> = walk.track.segments.iter().filter_map(|segment| segment.gap_before).collect();
        for visit in &walk.visits {
            match visit.fix {
                Some(fix) => assert!(metres(fix.at, world.places[visit.place].position) < 100.0),
                None => {
                    without += 1;
                    let in_gap = |gap: &Gap| {
                        gap.from_ms.is_some_and(|from| from < visit.left_ms)
                            && gap.to_ms.is_none_or(|to| visit.left_ms < to)
                    };
                    assert!(gaps.iter().any(in_gap));
                }
            }
        }
    }
    assert!(without > 0, "in some visits there is no signal");
}

#[test]
fn every_walk_has_a_gap_and_every_gap_its_cause() {
    let world = World::with_villages(4, 10);
    let mut causes = Vec::new();
    for member in 0..world.members.len() {
        let walk = world.walk(member, 0);
        assert!(walk.track.segments.len() >= 2);
        assert!(walk.track.segments[0].gap_before.is_none());
        for segment in &walk.track.segments[1..] {
            causes.push(segment.gap_before.expect("a segment begins after a gap").cause);
        }
        for segment in &walk.track.segments {
            // Walking she is seen every five seconds, standing every thirty; a bent way is never a jump.
            for pair in segment.fixes.windows(2) {
                let seconds = pair[1].time_ms.zip(pair[0].time_ms).map(|(to, from)| (to - from) / 1_000);
                assert!(seconds.is_some_and(|seconds| (5..=65).contains(&seconds)), "{seconds:?}");
                assert!(metres(pair[0].at, pair[1].at) < 60.0);
            }
        }
    }
    for cause in [GapCause::NoFix, GapCause::Permission, GapCause::Killed, GapCause::SwitchedOff, GapCause::Paused] {
        assert!(causes.contains(&cause), "{cause:?}");
    }
}

#[test]
fn most_is_normal_and_something_is_always_found() {
    let world = World::with_villages(4, 10);
    let findings: Vec<Finding> =
        (0..world.members.len()).flat_map(|member| world.walk(member, 0).visits).map(|visit| visit.finding).collect();
    let count = |wanted: fn(&Finding) -> bool| findings.iter().filter(|finding| wanted(finding)).count();
    assert!(count(|finding| *finding == Finding::Normal) * 2 > findings.len());
    assert!(count(|finding| *finding == Finding::Unreachable) > 0);
    assert!(count(|finding| matches!(finding, Finding::Problem(problem) if problem.self_handled)) > 0);
    assert!(count(|finding| matches!(finding, Finding::Problem(problem) if !problem.self_handled)) > 0);
}

#[test]
fn days_can_be_played_on_another_date() {
    let mut world = World::with_villages(4, 1);
    let before = world.walk(0, 1);
    world.first_day_ms += 86_400_000;
    assert_eq!(world.walk(0, 1).started_ms, before.started_ms + 86_400_000);
}

#[test]
fn a_photo_is_imported_with_its_place_and_time() {
    let world = World::with_villages(1, 1);
    let photo = world.photo(3);
    assert!((100_000..=300_000).contains(&photo.len()), "{} bytes", photo.len());
    assert_eq!(photo, world.photo(3));
    assert_ne!(photo, world.photo(4));
    assert!(photo.windows(9).any(|bytes| bytes == b"synthetic"), "the file itself says so");

    let imported = import_bytes(&photo, Path::new("photo.jpg"), &Limits::default()).expect("a photo");
    assert_eq!(imported.no_preview, None);
    let position = imported.position.expect("it has one");
    let place = world.places[3].position;
    assert_eq!((position.lon_e7, position.lat_e7), (place.lon(), place.lat()));
    assert_eq!(imported.taken.and_then(|taken| taken.utc_ms()), Some(world.first_day_ms + 9 * 3_600_000 + 3_000));
}

#[test]
fn a_photo_without_a_fix_or_a_clock_says_neither() {
    let world = World::with_villages(1, 1);
    let photo = world.photo_of(0, Shot { position: None, taken_ms: None });
    let imported = import_bytes(&photo, Path::new("photo.jpg"), &Limits::default()).expect("a photo");
    assert_eq!((imported.position, imported.taken), (None, None));
}
