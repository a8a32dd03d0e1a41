//! The bound of the simplification, and that it is worth having.

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::ruler::Ruler;
use gridpatrol_geo::simplify::{simplify, simplify_track};
use proptest::prelude::*;

type Metres = [f64; 2];

/// From a point to a segment, written apart from the code under test.
fn away(point: Metres, [a, b]: [Metres; 2]) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let (x, y) = (point[0] - a[0], point[1] - a[1]);
    let length2 = dx * dx + dy * dy;
    let along = if length2 > 0.0 { ((x * dx + y * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
    (x - along * dx).hypot(y - along * dy)
}

fn worst(line: &[Metres], kept: &[usize]) -> f64 {
    let segments = kept
        .windows(2)
        .flat_map(|ends| line[ends[0]..=ends[1]].iter().map(|point| away(*point, [line[ends[0]], line[ends[1]]])));
    segments.fold(0.0, f64::max)
}

#[test]
fn a_straight_walk_is_two_points_and_a_corner_is_a_third() {
    let east: Vec<Metres> = (0..100).map(|n| [f64::from(n) * 1.4, 0.0]).collect();
    let corner: Vec<Metres> = east.iter().copied().chain((1..100).map(|n| [99.0 * 1.4, f64::from(n) * 1.4])).collect();
    assert_eq!(simplify(&east, 1.0), [0, 99]);
    let kept = simplify(&corner, 1.0);
    assert_eq!((kept.len(), kept[0], kept[2]), (3, 0, 198));
    assert!(kept[1].abs_diff(99) <= 1, "at the corner, or beside it: {kept:?}");
}

#[test]
fn a_way_there_and_back_is_not_one_point() {
    let there = (0..50).map(|n| [f64::from(n), 0.0]);
    let line: Vec<Metres> = there.clone().chain(there.rev()).collect();
    let kept = simplify(&line, 5.0);
    assert!(worst(&line, &kept) <= 5.0, "the farthest point lies 49 m from where the walk began and ended");
    assert!(kept.len() <= 4);
}

#[test]
fn a_wavering_walk_keeps_few_of_its_points() {
    // The tenth of a turn is no multiple of the step of the second wave: it does not repeat.
    let line: Vec<Metres> = (0..10_000)
        .map(|n| f64::from(n) * 1.4)
        .map(|way| [way + 1.5 * (way * 2.1).sin(), 60.0 * (way / 300.0).sin() + 1.5 * (way * 1.3).cos()])
        .collect();
    let kept = simplify(&line, 5.0);
    assert!(worst(&line, &kept) <= 5.0);
    assert!(kept.len() < 500, "{}", kept.len());
}

#[test]
fn nothing_one_and_two_points_are_kept_and_no_tolerance_keeps_the_line() {
    assert!(simplify(&[], 5.0).is_empty());
    assert_eq!(simplify(&[[1.0, 1.0]], 5.0), [0]);
    assert_eq!(simplify(&[[1.0, 1.0]; 2], 5.0), [0, 1]);
    let bend = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [2.0, 1.5]];
    assert_eq!(simplify(&bend, 0.0), [0, 1, 2, 3]);
    assert_eq!(simplify(&bend, f64::NAN), [0, 1, 2, 3]);
    let broken = [[0.0, 0.0], [f64::NAN, 0.0], [f64::INFINITY, 1.0], [2.0, 1.5]];
    assert_eq!(simplify(&broken, 5.0), [0, 1, 2, 3], "what is no number is not dropped in silence");
}

/// Lines that waver, turn back, stand still and jump.
fn line() -> impl Strategy<Value = Vec<Metres>> {
    let step = prop_oneof![
        6 => (-2.0..2.0, -2.0..2.0),
        2 => (0.0..3.0, -0.2..0.2),
        1 => Just((0.0, 0.0)),
        1 => (-40.0..40.0, -40.0..40.0),
    ];
    let repeated = (step, 1..30_usize, any::<bool>());
    prop::collection::vec(repeated, 0..30).prop_map(|steps| {
        let mut here = [1e5, -3e4];
        let mut line = vec![here];
        for ((east, north), times, wavers) in steps {
            for time in 0..times {
                let sway = if wavers { (time as f64 * 2.4).sin() * 4.0 } else { 0.0 };
                here = [here[0] + east, here[1] + north];
                line.push([here[0] - sway * north, here[1] + sway * east]);
            }
        }
        line
    })
}

proptest! {
    #[test]
    fn every_dropped_point_lies_within_the_tolerance(line in line(), tolerance in 0.01..20.0) {
        let kept = simplify(&line, tolerance);
        prop_assert_eq!((kept.first(), kept.last()), (Some(&0), Some(&(line.len() - 1))));
        prop_assert!(kept.is_sorted_by(|a, b| a < b));
        prop_assert!(worst(&line, &kept) <= tolerance, "{}", worst(&line, &kept));
    }

    #[test]
    fn a_track_keeps_the_same_bound_on_the_plane_round_its_kept_points(line in line(), tolerance in 0.5..20.0) {
        let degrees = |[x, y]: Metres| E7::new(1_126_000_000 + (x * 97.0) as i32, 223_000_000 + (y * 90.0) as i32);
        let track: Vec<E7> = line.iter().map(|at| degrees(*at).expect("near Kaiping")).collect();
        let kept = simplify_track(&track, tolerance);
        prop_assert_eq!(kept.last(), Some(&(track.len() - 1)));
        let ruler = Ruler::for_track(&track);
        for ends in kept.windows(2) {
            let plane: Vec<Metres> =
                track[ends[0]..=ends[1]].iter().map(|point| ruler.plane(track[ends[0]], *point)).collect();
            prop_assert!(worst(&plane, &[0, plane.len() - 1]) <= tolerance);
        }
    }
}
