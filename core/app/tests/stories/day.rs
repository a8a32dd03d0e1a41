//! A whole day without signal.

use gridpatrol_core::{
    CategoryId, Fix, GapCause, Gridpatrol, InspectionResult, Lang, NewInspection, NewPhoto, PatrolState, ReceiptState,
    SamplingSigns,
};
use gridpatrol_geo::drift::Doubt;

use crate::support::*;

#[test]
fn a_day_survives_pauses_and_a_kill_and_every_count_adds_up() {
    let world = world();
    let mut hub = Hub::with_grid(&world);
    let mut phone = ready(&mut hub, ME);
    let clock = phone.clock.clone();

    // She starts and walks; places that nobody ever looked at are due.
    let app = phone.app();
    let patrol = app.patrols().start(GRID, Some("上午巡查".into())).expect("nothing else is on");
    assert_eq!(refused(app.patrols().start(GRID, None)), "error-patrol-running");
    app.patrols().add_fixes(&patrol, (0..6).map(|n| fix(MORNING + n * 5_000, n as i32)).collect()).expect("saved");
    let due = app.places().due(None, 50).expect("readable");
    assert!(due.len() >= 3, "a grid has several places");

    // Everything normal at one, a problem at the next, with a case and a photo.
    app.places().normal(&due[0].id, None).expect("no fix is needed");
    let problem = NewInspection {
        place: due[1].id.clone(),
        result: InspectionResult::Problem,
        note: Some("护栏松动".into()),
        position: None,
        checklist: vec![],
    };
    app.places().inspect(problem).expect("saved");
    let category = CategoryId { standard_ref: "gridpatrol-village".into(), kind: "matter".into(), code: "54".into() };
    let found = gridpatrol_core::NewCase {
        category: Some(category),
        place: Some(due[1].id.clone()),
        ..case("水边护栏松动约两米")
    };
    let found = app.cases().report(found).expect("saved").id;
    let path = write(phone.dir.path(), "IMG_1.jpg", &world.photo(0));
    let app = phone.app();
    app.photos()
        .add(NewPhoto { path, of: found.clone(), library: false, position: None })
        .expect("this category takes photos");
    app.cases().self_handle(&found).expect("the second of two taps");

    // A rest; then the battery dies in the middle of the second half.
    app.patrols().pause(&patrol).expect("it is on");
    app.patrols().pause(&patrol).expect("pausing twice is pausing once");
    clock.pass(10 * MINUTE);
    app.patrols().resume(&patrol).expect("it is paused");
    let again = MORNING + 11 * MINUTE;
    app.patrols().add_fixes(&patrol, (0..3).map(|n| fix(again + n * 5_000, 20 + n as i32)).collect()).expect("saved");
    phone.kill();
    clock.pass(5 * MINUTE);

    let app = phone.app();
    let running = app.patrols().running().expect("readable").expect("it is on again");
    assert_eq!((running.id.as_str(), running.state), (patrol.as_str(), PatrolState::Running));
    let later = again + 6 * MINUTE;
    app.patrols().add_fixes(&patrol, (0..2).map(|n| fix(later + n * 5_000, 40 + n as i32)).collect()).expect("saved");
    app.patrols().fixes_stopped(&patrol, GapCause::Permission).expect("it is on");
    let missed = due.last().expect("there are places");
    app.patrols().end(&patrol).expect("it is on");
    assert_eq!(app.patrols().running().expect("readable"), None);
    assert_eq!(refused(app.patrols().add_fixes(&patrol, vec![fix(later, 50)])), "error-patrol-not-running");

    // What the day looks like in the evening.
    let day = app.patrols().detail(&patrol).expect("readable");
    let points: Vec<usize> = day.segments.iter().map(|segment| segment.points.len()).collect();
    assert_eq!(points, [6, 3, 2]);
    let gaps: Vec<(Option<u32>, &str)> = day.gaps.iter().map(|gap| (gap.after_segment, gap.cause.as_str())).collect();
    assert_eq!(gaps, [(Some(0), "gap-paused"), (Some(1), "gap-killed"), (Some(2), "gap-permission")]);
    assert_eq!(day.gaps[0].minutes, Some(10), "from the last fix before it to the first one behind");
    let seen = |id: &str| day.places.iter().find(|place| place.place.id == id).map(|place| place.looked_at);
    assert_eq!((seen(&due[0].id), seen(&missed.id)), (Some(true), Some(false)));
    let row = &day.row;
    assert_eq!((row.state, row.places_seen, row.problems, row.cases, row.photos), (PatrolState::Ended, 2, 1, 1, 1));
    assert_eq!(day.cases[0].stage.as_deref(), Some("stage-self-handled"));
    // The patrol, two inspections, the case, the photo and four stretches of the track.
    assert_eq!((row.receipts.total, row.receipts.saved), (9, 9));
    assert_eq!(app.patrols().list(None, None, 10).expect("readable").items, std::slice::from_ref(&day.row));

    // Nothing has left the phone. After a sync the records are there and the photo's bytes still wait.
    let handback = app.handback().expect("readable");
    assert!(!handback.can && handback.records_waiting == 9 && handback.bytes_waiting > 0, "{handback:?}");
    phone.sync(&mut hub);
    let handback = phone.app().handback().expect("readable");
    assert_eq!((handback.can, handback.records_waiting), (false, 0));
    assert!(handback.photos_waiting > 0 && handback.bytes_waiting > 0, "{handback:?}");
    let day = phone.app().patrols().detail(&patrol).expect("readable");
    assert_eq!(day.photos[0].receipt.as_ref().map(|receipt| receipt.state), Some(ReceiptState::Sent));
    assert_eq!(day.row.receipts.total, day.row.receipts.accepted + day.row.receipts.sent);

    phone.below(|store| {
        for upload in store.uploads(100).expect("readable") {
            store.upload_done(&upload.blob.hash).expect("it was waiting");
        }
    });
    let handback = phone.app().handback().expect("readable");
    assert!(handback.can, "{handback:?}");
}

#[test]
fn a_phone_is_not_handed_back_in_the_middle_of_a_walk() {
    let mut hub = Hub::with_grid(&world());
    let mut phone = ready(&mut hub, ME);
    assert!(phone.app().handback().expect("readable").can);
    let patrol = phone.app().patrols().start(GRID, None).expect("nothing else is on");
    phone.sync(&mut hub);
    let app = phone.app();
    app.patrols().add_fixes(&patrol, vec![fix(MORNING, 0)]).expect("saved");
    let handback = app.handback().expect("readable");
    assert_eq!((handback.can, handback.patrol_running, handback.records_waiting), (false, true, 0));
    app.patrols().end(&patrol).expect("it is on");
    let handback = app.handback().expect("readable");
    assert!(!handback.patrol_running && handback.records_waiting > 0, "the walk waits as records now: {handback:?}");
}

#[test]
fn a_silence_and_a_clock_that_ran_backwards_are_gaps_and_never_lines() {
    let mut phone = Phone::of(ME);
    let app = phone.app();
    let patrol = app.patrols().start(GRID, None).expect("nothing else is on");
    let times = [0, 5_000, 5 * MINUTE, 5 * MINUTE + 5_000, 2 * MINUTE, 2 * MINUTE + 5_000];
    let fixes = times.iter().zip(0..).map(|(ms, step)| fix(MORNING + ms, step)).collect();
    app.patrols().add_fixes(&patrol, fixes).expect("saved");
    let walk = app.patrols().detail(&patrol).expect("a walk in progress is drawn too");
    let points: Vec<usize> = walk.segments.iter().map(|segment| segment.points.len()).collect();
    let causes: Vec<&str> = walk.gaps.iter().map(|gap| gap.cause.as_str()).collect();
    assert_eq!((points, causes), (vec![2, 2, 2], vec!["gap-unknown", "gap-clock-jump"]));
}

#[test]
fn a_pause_outlasts_a_kill_and_stays_a_pause() {
    let mut phone = Phone::of(ME);
    let patrol = phone.app().patrols().start(GRID, None).expect("nothing else is on");
    phone.app().patrols().add_fixes(&patrol, vec![fix(MORNING, 0), fix(MORNING + 5_000, 1)]).expect("saved");
    phone.app().patrols().pause(&patrol).expect("it is on");
    phone.kill();
    let app = phone.app();
    let running = app.patrols().running().expect("readable").expect("it is on");
    assert_eq!(running.state, PatrolState::Paused);
    app.patrols().resume(&patrol).expect("it is paused");
    app.patrols().add_fixes(&patrol, vec![fix(MORNING + 20 * MINUTE, 9)]).expect("saved");
    app.patrols().end(&patrol).expect("it is on");
    let walk = app.patrols().detail(&patrol).expect("readable");
    let causes: Vec<&str> = walk.gaps.iter().map(|gap| gap.cause.as_str()).collect();
    assert_eq!((walk.segments.len(), causes), (2, vec!["gap-paused"]));
}

#[test]
fn a_long_walk_is_cut_into_blocks_that_draw_as_one_line() {
    let mut phone = Phone::of(ME);
    let app = phone.app();
    let patrol = app.patrols().start(GRID, None).expect("nothing else is on");
    for batch in 0..5 {
        let fixes = (0..500).map(|n| fix(MORNING + (batch * 500 + n) * 5_000, (batch * 500 + n) as i32)).collect();
        app.patrols().add_fixes(&patrol, fixes).expect("saved");
    }
    app.suspend();
    assert_eq!(refused(app.patrols().detail(&patrol)), "error-app-suspended");
    app.wake().expect("it was suspended");
    app.patrols().end(&patrol).expect("it is on");
    let walk = app.patrols().detail(&patrol).expect("readable");
    assert_eq!(walk.segments.iter().map(|segment| segment.points.len()).collect::<Vec<_>>(), [2_500]);
    let east: Vec<i32> = walk.segments[0].points.iter().map(|point| point.lon_e7).collect();
    assert!(east.is_sorted(), "in the order of walking");
}

#[test]
fn a_made_up_position_is_kept_marked_and_explained_also_after_the_walk() {
    let mut phone = Phone::of(ME);
    let app = phone.app();
    let patrol = app.patrols().start(GRID, None).expect("nothing else is on");
    let made_up = |step| Fix { mock: Some(true), lat_e7: 230_000_000, ..fix(MORNING + 5_000 * i64::from(step), step) };
    let walked = |step| fix(MORNING + 5_000 * i64::from(step), step);
    let stood = |step: i32| Fix { moving: Some(false), lon_e7: 1_125_809_000, ..walked(step) };
    let fixes = (0..4).map(walked).chain((4..6).map(made_up)).chain((6..10).map(walked)).chain((10..13).map(stood));
    app.patrols().add_fixes(&patrol, fixes.collect()).expect("saved");

    let shown = |app: &Gridpatrol| app.patrols().detail(&patrol).expect("readable").segments;
    let during = shown(app);
    let doubts: Vec<(&str, u32, u32)> =
        during[0].doubts.iter().map(|doubt| (doubt.reason.as_str(), doubt.first, doubt.last)).collect();
    assert_eq!(doubts, [("doubt-mock", 4, 5), ("doubt-drift", 10, 12)]);
    assert_eq!(during[0].points[4].lat_e7, 230_000_000, "as it came");
    let text = |id: &str| app.labels().text(id, Lang::Zh, &[]);
    assert_eq!(text("doubt-mock"), "系统提示这是模拟位置");
    assert!(Doubt::ALL.map(|doubt| format!("doubt-{}", doubt.word())).iter().all(|id| text(id) != *id));

    app.patrols().end(&patrol).expect("it is on");
    assert_eq!(shown(phone.app()), during, "the block that is kept and sent says the same");
}

#[test]
fn of_several_causes_of_one_gap_the_one_that_explains_most_is_told() {
    let mut phone = Phone::of(ME);
    let patrol = phone.app().patrols().start(GRID, None).expect("nothing else is on");
    let walk = |phone: &mut Phone, minute: i64| {
        let fixes = vec![fix(MORNING + minute * MINUTE, minute as i32), fix(MORNING + minute * MINUTE + 5_000, 1)];
        phone.app().patrols().add_fixes(&patrol, fixes).expect("saved");
    };
    let stopped = |phone: &mut Phone, cause| phone.app().patrols().fixes_stopped(&patrol, cause).expect("it is on");
    walk(&mut phone, 0);
    stopped(&mut phone, GapCause::Permission);
    stopped(&mut phone, GapCause::NoFix);
    walk(&mut phone, 10);
    stopped(&mut phone, GapCause::NoFix);
    phone.kill();
    walk(&mut phone, 20);
    stopped(&mut phone, GapCause::SwitchedOff);
    phone.kill();
    phone.app().patrols().end(&patrol).expect("it is on");
    let day = phone.app().patrols().detail(&patrol).expect("readable");
    let causes: Vec<&str> = day.gaps.iter().map(|gap| gap.cause.as_str()).collect();
    assert_eq!(causes, ["gap-permission", "gap-killed", "gap-switched-off"]);
    assert_eq!(day.segments.iter().map(|segment| segment.points.len()).collect::<Vec<_>>(), [2, 2, 2]);
}

#[test]
fn a_clock_that_is_set_explains_a_gap_and_makes_none() {
    let mut phone = Phone::of(ME);
    let (clock, hour) = (phone.clock.clone(), 60 * MINUTE);
    let app = phone.app();
    let patrol = app.patrols().start(GRID, None).expect("nothing else is on");
    let add = |ms, step| app.patrols().add_fixes(&patrol, vec![fix(MORNING + ms, step)]).expect("saved");
    add(0, 0);
    clock.pass(5_000);
    clock.set_wall(hour);
    // A receiver with the time of satellites, then one with the time of the phone.
    add(5_000, 1);
    clock.pass(5_000);
    clock.set_wall(-hour);
    add(10_000 + hour, 2);
    let day = app.patrols().detail(&patrol).expect("readable");
    let gaps: Vec<(&str, Option<i64>)> = day.gaps.iter().map(|gap| (gap.cause.as_str(), gap.minutes)).collect();
    assert_eq!(gaps, [("gap-clock-jump", None)], "nobody can say how long it was");
    assert_eq!(day.segments[0].points.len(), 2);
}

#[test]
fn nothing_is_recorded_in_a_pause() {
    let mut phone = Phone::of(ME);
    let app = phone.app();
    let patrol = app.patrols().start(GRID, None).expect("nothing else is on");
    let add = |phone: &mut Phone, minute: i64| {
        let fixes = vec![fix(MORNING + minute * MINUTE, minute as i32)];
        phone.app().patrols().add_fixes(&patrol, fixes).expect("a late fix is no error");
    };
    app.patrols().pause(&patrol).expect("it is on");
    add(&mut phone, 1);
    phone.kill();
    add(&mut phone, 2);
    phone.app().patrols().resume(&patrol).expect("it is paused");
    add(&mut phone, 3);
    let day = phone.app().patrols().detail(&patrol).expect("readable");
    let points: Vec<Option<i64>> =
        day.segments.iter().flat_map(|line| &line.points).map(|point| point.time_ms).collect();
    assert_eq!(points, [Some(MORNING + 3 * MINUTE)]);
}

#[test]
fn positions_are_asked_for_as_seldom_as_the_walk_allows_and_never_without_one() {
    let mut phone = Phone::of(ME);
    let clock = phone.clock.clone();
    let app = phone.app();
    let moving = SamplingSigns { moving: Some(true), battery_percent: Some(80), ..SamplingSigns::default() };
    let still = SamplingSigns { moving: Some(false), ..moving };
    let budget = |signs| app.patrols().sampling(signs).expect("readable").map(|advice| advice.budget);
    assert_eq!(budget(moving), None, "no patrol, no position");

    let patrol = app.patrols().start(GRID, None).expect("nothing else is on");
    assert_eq!(budget(moving), Some(1_200));
    assert_eq!(budget(still), Some(1_200), "a pause at a door switches nothing off");
    clock.pass(MINUTE);
    assert_eq!(budget(still), Some(60));
    assert_eq!(budget(SamplingSigns { battery_percent: Some(10), ..still }), Some(12));
    assert_eq!(budget(SamplingSigns { charging: true, battery_percent: Some(10), ..moving }), Some(1_200));

    app.patrols().pause(&patrol).expect("it is on");
    assert_eq!(budget(moving), None, "a pause is a promise not to record");
    app.patrols().resume(&patrol).expect("it is paused");
    assert_eq!(budget(moving), Some(1_200));
    app.patrols().end(&patrol).expect("it is on");
    assert_eq!(budget(moving), None);
}

#[test]
fn who_was_asked_seldom_and_answered_seldom_left_no_gap() {
    let mut phone = Phone::of(ME);
    let clock = phone.clock.clone();
    let app = phone.app();
    let patrol = app.patrols().start(GRID, None).expect("nothing else is on");
    let add = |minute| app.patrols().add_fixes(&patrol, vec![fix(MORNING + minute * MINUTE, minute as i32)]);
    let still = SamplingSigns { moving: Some(false), battery_percent: Some(10), ..SamplingSigns::default() };
    add(0).expect("saved");
    app.patrols().sampling(still).expect("readable");
    clock.pass(2 * MINUTE);
    let advice = app.patrols().sampling(still).expect("readable").expect("a patrol is on");
    assert_eq!(advice.interval_ms, 5 * MINUTE, "she stands, and the battery is low");
    add(5).expect("saved");
    add(10).expect("saved");
    let moving = SamplingSigns { moving: Some(true), ..still };
    assert_eq!(app.patrols().sampling(moving).expect("readable").map(|advice| advice.interval_ms), Some(15_000));
    add(14).expect("saved");
    add(18).expect("saved");
    let day = app.patrols().detail(&patrol).expect("readable");
    let points: Vec<usize> = day.segments.iter().map(|segment| segment.points.len()).collect();
    assert_eq!((points, day.gaps.len()), (vec![4, 1], 1), "only the last silence was not asked for");
}
