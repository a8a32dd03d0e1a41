//! What a member's own walks have seen of her grid, and the round that is offered to her.

use gridpatrol_core::{Fix, GapCause, Position};

use crate::support::*;

/// Fixes ten metres apart on the way east from a place.
fn walk_east(from: Position, began_ms: i64, steps: i32) -> Vec<Fix> {
    let at = |step: i32| Fix {
        lon_e7: from.lon_e7 + step * 1_000,
        lat_e7: from.lat_e7,
        ..fix(began_ms + i64::from(step) * 5_000, step)
    };
    (0..steps).map(at).collect()
}

#[test]
fn a_walk_colours_the_land_beside_it_and_a_gap_colours_none() {
    let mut hub = Hub::with_grid(&world());
    let mut phone = ready(&mut hub, ME);
    let clock = phone.clock.clone();
    let app = phone.app();
    let map = app.map();
    let before = map.covered(GRID, 0).expect("a grid of hers");
    assert_eq!((before.share, before.elsewhere), (0.0, 0), "nobody walked yet");
    assert_eq!(before.rgba.len(), (before.width * before.height * 4) as usize);

    let start = app.places().due(None, 1).expect("readable")[0].position.expect("it is on the map");
    let (patrol, now) = (app.patrols().start(GRID, None).expect("saved"), clock.wall_ms());
    app.patrols().add_fixes(&patrol, walk_east(start, now, 30)).expect("saved");
    let walked = map.covered(GRID, 0).expect("a grid of hers").share;
    assert!(walked > 0.0 && walked < 1.0, "{walked}");

    app.patrols().fixes_stopped(&patrol, GapCause::NoFix).expect("saved");
    let far = Fix { time_ms: Some(now + 3_600_000), lon_e7: start.lon_e7 - 30_000, ..fix(0, 0) };
    app.patrols().add_fixes(&patrol, vec![Fix { lat_e7: start.lat_e7, ..far }]).expect("saved");
    let after_gap = map.covered(GRID, 0).expect("a grid of hers").share;
    assert!(after_gap - walked < walked, "a circle, and no line across the gap: {walked} then {after_gap}");
    assert!(map.covered(GRID, now + 1).expect("a grid of hers").share == 0.0, "walks that began later");

    let beside = |time_ms: i64, mock: bool| {
        let at = Fix { lon_e7: start.lon_e7 + 10_000, lat_e7: start.lat_e7 + 8_000, ..fix(time_ms, 0) };
        vec![Fix { mock: Some(mock), ..at }]
    };
    let share = || map.covered(GRID, 0).expect("a grid of hers").share;
    app.patrols().add_fixes(&patrol, beside(now + 7_200_000, true)).expect("saved");
    assert_eq!(share(), after_gap, "a made-up position saw nothing");
    app.patrols().add_fixes(&patrol, beside(now + 10_800_000, false)).expect("saved");
    assert!(share() > after_gap, "and a true one does");
    assert_eq!(refused(map.covered("440783108224999", 0)), "error-record-missing");
}

#[test]
fn the_round_that_is_offered_goes_from_each_place_to_the_nearest_one_that_is_left() {
    let mut hub = Hub::with_grid(&world());
    let mut phone = ready(&mut hub, ME);
    let app = phone.app();
    let all = app.places().all(None).expect("readable");
    let from = all[0].position.expect("it is on the map");
    let seen = app.places().due(Some(from), 1).expect("readable")[0].id.clone();
    app.places().normal(&seen, Some(from)).expect("saved");

    let round = app.places().round(from).expect("readable");
    assert_eq!(round.len(), all.len() - 1, "all that is due, and nothing that was seen");
    let at = |position: Position| (f64::from(position.lon_e7) * 0.925, f64::from(position.lat_e7));
    let far = |one: (f64, f64), two: (f64, f64)| (one.0 - two.0).hypot(one.1 - two.1);
    let mut here = at(from);
    for (number, place) in round.iter().enumerate() {
        let next = at(place.position.expect("it is on the map"));
        let left = round[number..].iter().map(|left| far(here, at(left.position.expect("it is on the map"))));
        assert!(far(here, next) <= left.fold(f64::MAX, f64::min) * 1.01, "{} is not the nearest", place.name);
        here = next;
    }
}
