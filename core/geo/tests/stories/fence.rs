//! Inside, outside, or too near to the border to tell.

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::distance::metres;
use gridpatrol_geo::fence::{Fence, border_metres};
use gridpatrol_geo::grid::Polygon;
use proptest::prelude::*;

/// 0.001 degrees: about 111 m northwards.
const STEP: i32 = 10_000;

fn at(lon: i32, lat: i32) -> E7 {
    E7::new(1_126_000_000 + lon, 223_000_000 + lat).expect("in Kaiping")
}

fn square(west: i32, south: i32, size: i32) -> Vec<E7> {
    vec![at(west, south), at(west + size, south), at(west + size, south + size), at(west, south + size)]
}

/// A field with a pond in it.
fn field() -> Polygon {
    Polygon::new(square(0, 0, 10 * STEP), vec![square(4 * STEP, 4 * STEP, 2 * STEP)]).expect("it has an area")
}

#[test]
fn a_fix_is_inside_or_outside_while_the_border_is_farther_than_its_accuracy() {
    let fence = [field()];
    let (inside, outside) = (at(2 * STEP, 2 * STEP), at(12 * STEP, 2 * STEP));
    assert_eq!(Fence::of(&fence, inside, 100.0), Fence::Inside);
    assert_eq!(Fence::of(&fence, outside, 100.0), Fence::Outside);
    let Fence::Unsure { distance_m } = Fence::of(&fence, inside, 500.0) else { panic!("the border is 206 m away") };
    assert!((distance_m - metres(inside, at(0, 2 * STEP))).abs() < 0.01, "{distance_m}");
    assert!(matches!(Fence::of(&fence, outside, 500.0), Fence::Unsure { .. }));
}

#[test]
fn unsure_counts_for_the_member_and_outside_does_not() {
    let fence = [field()];
    let beside = at(10 * STEP + 500, 5 * STEP);
    assert!(Fence::of(&fence, beside, 8.0).counts(), "5 m outside with an accuracy of 8 m");
    assert!(!Fence::of(&fence, beside, 3.0).counts());
    assert!(Fence::of(&fence, at(STEP, STEP), 3.0).counts());
}

#[test]
fn a_circle_is_a_fence_too() {
    let centre = at(0, 0);
    // 22 m, 33 m and 45 m north of the centre.
    let fix = |units| Fence::round(centre, 30.0, at(0, units), 5.0);
    assert_eq!((fix(2_000), fix(4_100)), (Fence::Inside, Fence::Outside));
    let Fence::Unsure { distance_m } = fix(3_000) else { panic!("3 m from the border with an accuracy of 5 m") };
    assert!((distance_m - (metres(centre, at(0, 3_000)) - 30.0)).abs() < 0.01, "{distance_m}");
    assert!(matches!(Fence::round(centre, 30.0, centre, f64::INFINITY), Fence::Unsure { .. }));
}

#[test]
fn a_pond_is_outside_and_its_shore_is_a_border() {
    let fence = [field()];
    assert_eq!(Fence::of(&fence, at(5 * STEP, 5 * STEP), 50.0), Fence::Outside);
    assert!(matches!(Fence::of(&fence, at(4 * STEP - 300, 5 * STEP), 50.0), Fence::Unsure { .. }));
}

#[test]
fn a_fence_of_two_parts_is_left_only_by_leaving_both() {
    let parts = [field(), Polygon::new(square(20 * STEP, 0, 10 * STEP), vec![]).expect("it has an area")];
    assert_eq!(Fence::of(&parts, at(25 * STEP, 5 * STEP), 50.0), Fence::Inside);
    assert_eq!(Fence::of(&parts, at(15 * STEP, 5 * STEP), 50.0), Fence::Outside);
}

#[test]
fn an_unknown_accuracy_is_unsure_and_no_fence_is_outside() {
    assert!(matches!(Fence::of(&[field()], at(STEP, STEP), f64::NAN), Fence::Unsure { .. }));
    assert!(matches!(Fence::of(&[field()], at(STEP, STEP), f64::INFINITY), Fence::Unsure { .. }));
    assert_eq!(Fence::of(&[], at(0, 0), 10.0), Fence::Outside);
    assert_eq!(Fence::of(&[field()], at(0, 0), 0.0), Fence::Inside, "on the corner, by an exact fix");
}

proptest! {
    #[test]
    fn the_border_is_as_far_as_its_nearest_point(lon in -50_000..150_000_i32, lat in -50_000..150_000_i32) {
        let fence = [field()];
        let fix = at(lon, lat);
        // A thousand points on each side, each at most 0.6 m from the next.
        let stops = fence[0].sides().flat_map(|(a, b)| (0..=1_000).map(move |part| {
            let between = |a: i32, b: i32| a + (i64::from(b - a) * part / 1_000) as i32;
            E7::new(between(a.lon(), b.lon()), between(a.lat(), b.lat())).expect("on a side")
        }));
        let nearest = stops.map(|stop| metres(fix, stop)).fold(f64::INFINITY, f64::min);
        let distance = border_metres(&fence, fix);
        prop_assert!((nearest - 0.6..=nearest + 0.1).contains(&distance), "{} for {}", distance, nearest);
    }
}
