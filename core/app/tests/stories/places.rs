//! Places that are due, and taking a look back.

use gridpatrol_core::{InspectionResult, NewInspection, PlaceState, Position};

use crate::support::*;

const DAY: i64 = 24 * 60 * MINUTE;

#[test]
fn one_tap_can_be_taken_back_for_ten_seconds_and_no_longer() {
    let mut hub = Hub::with_grid(&world());
    let mut phone = ready(&mut hub, ME);
    let clock = phone.clock.clone();
    let app = phone.app();
    let place = app.places().due(None, 1).expect("readable")[0].id.clone();
    let state = || app.places().all(None).expect("readable").into_iter().find(|one| one.id == place).map(|p| p.state);

    let look = app.places().normal(&place, None).expect("saved");
    assert_eq!(state(), Some(PlaceState::Seen));
    clock.pass(9_000);
    app.places().undo(&look).expect("nine seconds later");
    assert_eq!(state(), Some(PlaceState::Due), "as if nobody had looked");

    let look = app.places().normal(&place, None).expect("saved");
    clock.pass(10_001);
    assert_eq!(refused(app.places().undo(&look)), "error-undo-too-late");
    clock.set_wall(-3 * 365 * DAY);
    assert_eq!(refused(app.places().undo(&look)), "error-undo-too-late", "setting the clock back gives no time");
    assert_eq!(refused(app.places().undo(&place)), "error-record-missing", "a place is no inspection");
}

#[test]
fn setting_the_clock_back_gives_no_time_after_a_sync_either() {
    let mut hub = Hub::with_grid(&world());
    let mut phone = ready(&mut hub, ME);
    let clock = phone.clock.clone();
    let place = phone.app().places().due(None, 1).expect("readable")[0].id.clone();
    let look = phone.app().places().normal(&place, None).expect("saved");
    phone.sync(&mut hub);
    // The op is at the hub for good and leaves the phone, and with it what the monotonic clock said.
    phone.below(|store| store.set_durable(store.cursor().expect("readable").seq).expect("writable"));
    clock.pass(11_000);
    clock.set_wall(-3 * 365 * DAY);
    assert_eq!(refused(phone.app().places().undo(&look)), "error-undo-too-late");
}

#[test]
fn only_its_author_takes_an_inspection_back() {
    let mut hub = Hub::with_grid(&world());
    let (mut mine, mut other) = (ready(&mut hub, ME), ready(&mut hub, OTHER));
    let place = mine.app().places().due(None, 1).expect("readable")[0].id.clone();
    let look = mine.app().places().normal(&place, None).expect("saved");
    mine.sync(&mut hub);
    other.sync(&mut hub);
    assert_eq!(refused(other.app().places().undo(&look)), "error-not-allowed");
}

#[test]
fn what_is_near_comes_first_and_what_was_seen_is_not_offered() {
    let mut hub = Hub::with_grid(&world());
    let mut phone = ready(&mut hub, ME);
    let app = phone.app();
    let all = app.places().due(None, 100).expect("readable");
    let here = all.last().and_then(|place| place.position).expect("the world's places have positions");
    let near = app.places().due(Some(here), 100).expect("readable");
    assert_eq!(near[0].distance_m, Some(0));
    assert!(near.is_sorted_by_key(|place| place.distance_m));

    app.places().normal(&near[0].id, Some(here)).expect("saved");
    let unreachable = NewInspection {
        place: near[1].id.clone(),
        result: InspectionResult::Unreachable,
        note: None,
        position: None,
        checklist: vec![],
    };
    app.places().inspect(unreachable).expect("saved");
    let left = app.places().due(Some(here), 100).expect("readable");
    assert_eq!(left.len(), near.len() - 1);
    assert_eq!((left[0].id == near[1].id, left[0].state), (true, PlaceState::Unreachable));
}

#[test]
fn a_place_is_due_by_the_best_time_and_not_by_the_clock_of_whoever_looked() {
    let mut hub = Hub::with_grid(&world());
    let (mut wrong, mut right) = (ready(&mut hub, ME), ready(&mut hub, OTHER));
    wrong.clock.set_wall(3 * 365 * DAY);
    let place = wrong.app().places().due(None, 1).expect("readable")[0].id.clone();
    wrong.app().places().normal(&place, None).expect("saved");
    wrong.sync(&mut hub);
    right.sync(&mut hub);
    let state = |phone: &mut Phone| {
        phone.app().places().all(None).expect("readable").into_iter().find(|one| one.id == place).map(|one| one.state)
    };
    assert_eq!(state(&mut right), Some(PlaceState::Seen));
    right.clock.pass(400 * DAY);
    assert_eq!(state(&mut right), Some(PlaceState::Overdue), "a clock three years ahead keeps no place from being due");
}

#[test]
fn the_map_of_a_grid_has_its_border_its_places_and_the_walk() {
    let world = world();
    let mut hub = Hub::with_grid(&world);
    let mut phone = ready(&mut hub, ME);
    let app = phone.app();
    let patrol = app.patrols().start(GRID, None).expect("nothing else is on");
    app.patrols().add_fixes(&patrol, vec![fix(MORNING, 0), fix(MORNING + 5_000, 1)]).expect("saved");
    let map = app.map().of(GRID).expect("readable");
    assert_eq!((map.grids.len(), map.grids[0].ring.len()), (1, world.grids[0].polygon.len()));
    assert_eq!(map.places.len(), app.places().all(None).expect("readable").len());
    assert!(map.places.iter().all(|place| place.state == PlaceState::Due));
    assert_eq!((map.segments.len(), map.labels[0].text.as_str()), (1, world.grids[0].name.as_str()));
    let bounds = map.bounds.expect("there is a grid");
    let inside = |at: &Position| {
        (bounds.west_e7..=bounds.east_e7).contains(&at.lon_e7)
            && (bounds.south_e7..=bounds.north_e7).contains(&at.lat_e7)
    };
    assert!(map.places.iter().all(|place| inside(&place.position)) && inside(&map.labels[0].at));
}

#[test]
fn a_grid_that_others_took_the_place_of_is_not_on_the_map_and_owns_nothing() {
    let world = world();
    let mut hub = Hub::with_grid(&world);
    let mut phone = ready(&mut hub, ME);
    assert_eq!(phone.app().map().of(GRID).expect("readable").grids.len(), 1);
    hub.supersede_grid();
    phone.sync(&mut hub);
    let map = phone.app().map().of(GRID).expect("readable");
    assert_eq!((map.grids.len(), map.labels.len()), (0, 0));
    assert!(!map.places.is_empty(), "the places stay where they are");
}
