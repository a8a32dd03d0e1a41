//! Fixes to doubt are marked and kept, and the noise of a receiver is no distance.

use gridpatrol_geo::coverage::Area;
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::drift::{Doubt, doubted, doubts, lines_walked, metres_walked};
use gridpatrol_geo::grid::Polygon;
use gridpatrol_geo::track::Fix;
use proptest::prelude::*;

/// Units of 1e-7 degrees in a metre, in Kaiping.
const EAST: f64 = 97.0;
const NORTH: f64 = 90.3;

/// A fix so many metres from the gate, accurate to 5 m.
fn fix(second: i64, east: f64, north: f64) -> Fix {
    let at = E7::new(1_125_793_000 + (east * EAST) as i32, 223_686_000 + (north * NORTH) as i32).expect("in Kaiping");
    Fix { time_ms: Some(1_795_500_000_000 + second * 1_000), accuracy_dm: Some(50), ..Fix::at(at) }
}

/// 1.4 m a second eastwards.
fn walk(seconds: std::ops::Range<i64>) -> Vec<Fix> {
    seconds.map(|second| fix(second, second as f64 * 1.4, 0.0)).collect()
}

/// The wander of a receiver that stands: 3.3 m on each axis, forgotten within half a minute.
fn noise() -> impl FnMut() -> (f64, f64) {
    let (mut state, mut east, mut north) = (1_u32, 0.0_f64, 0.0_f64);
    move || {
        let mut even = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1 << 24) - 0.5
        };
        let mut bell = || (0..12).map(|_| even()).sum::<f64>() * 0.8;
        (east, north) = (0.97 * east + bell(), 0.97 * north + bell());
        (east, north)
    }
}

fn marked(fixes: &[Fix]) -> Vec<(usize, Doubt)> {
    let found = doubts(fixes);
    assert_eq!(found.len(), fixes.len());
    found.into_iter().enumerate().filter_map(|(place, doubt)| Some((place, doubt?))).collect()
}

#[test]
fn a_plain_walk_is_doubted_nowhere_and_has_its_length() {
    let fixes = walk(0..600);
    assert_eq!(marked(&fixes), []);
    let metres = metres_walked(&fixes);
    assert!((metres / (599.0 * 1.4) - 1.0).abs() < 0.01, "{metres}");
}

#[test]
fn a_noisy_walk_is_as_long_as_its_way_and_not_as_its_zigzag() {
    let mut noise = noise();
    let wander = |second: i64| {
        let (east, north) = noise();
        fix(second, second as f64 * 1.4 + east, north)
    };
    let metres = metres_walked(&(0..3_600).map(wander).collect::<Vec<_>>());
    assert!((metres / (3_599.0 * 1.4) - 1.0).abs() < 0.05, "{metres}");
}

#[test]
fn an_hour_of_standing_is_hardly_a_way() {
    let mut noise = noise();
    let stand = |second: i64| {
        let (east, north) = noise();
        fix(second, east, north)
    };
    let fixes: Vec<Fix> = (0..3_600).map(stand).collect();
    let metres = metres_walked(&fixes);
    assert!(metres < 40.0, "{metres}");
    let told: Vec<Fix> = fixes.iter().map(|fix| Fix { moving: Some(false), ..*fix }).collect();
    assert_eq!(metres_walked(&told), 0.0, "the phone says that it stands");
    assert!(doubts(&told).iter().all(|doubt| *doubt == Some(Doubt::Drift)));
    let slow: Vec<Fix> = fixes.iter().map(|fix| Fix { speed_cms: Some(10), ..*fix }).collect();
    assert_eq!(metres_walked(&slow), 0.0, "its speed says so");
}

#[test]
fn who_walks_on_after_standing_loses_no_step() {
    let stand = (100..400).map(|second| Fix { moving: Some(false), ..fix(second, 140.0, 0.0) });
    let on = (400..500).map(|second| fix(second, (second - 300) as f64 * 1.4, 0.0));
    let metres = metres_walked(&walk(0..100).into_iter().chain(stand).chain(on).collect::<Vec<_>>());
    assert!((metres - 199.0 * 1.4).abs() < 8.0, "{metres}");
}

#[test]
fn a_jump_and_back_is_marked_and_stepped_over() {
    let mut fixes = walk(0..100);
    fixes[50] = fix(50, 70.0, 900.0);
    fixes[51] = fix(51, 71.0, 905.0);
    let before = fixes.clone();
    assert_eq!(marked(&fixes), [(50, Doubt::Jump), (51, Doubt::Jump)]);
    assert_eq!(fixes, before, "the coordinates stay as they came");
    assert!((metres_walked(&fixes) - 99.0 * 1.4).abs() < 8.0);
    let blurred: Vec<Fix> = fixes.iter().map(|fix| Fix { accuracy_dm: Some(5_000), ..*fix }).collect();
    assert_eq!(doubts(&blurred)[50], None, "within its accuracy of half a kilometre it is no jump");
    let timeless: Vec<Fix> = fixes.iter().map(|fix| Fix { time_ms: None, ..*fix }).collect();
    assert_eq!(doubts(&timeless)[50], None, "without times there is no speed");
}

#[test]
fn after_a_wrong_beginning_the_walk_is_believed() {
    let mut fixes = walk(0..100);
    fixes[0] = fix(0, 0.0, 20_000.0);
    let jumps: Vec<usize> = marked(&fixes).into_iter().map(|(place, _)| place).collect();
    assert_eq!(jumps, [1, 2, 3, 4], "until five in a row fit each other");
    assert!((metres_walked(&fixes) - 94.0 * 1.4).abs() < 8.0, "and the 20 km are not walked");
}

#[test]
fn a_receiver_that_repeats_itself_while_the_phone_moves_is_frozen() {
    let mut fixes = walk(0..60);
    for (place, fix) in fixes.iter_mut().enumerate() {
        fix.moving = Some(true);
        if (20..30).contains(&place) {
            fix.at = E7::new(1_125_793_000 + 2_716, 223_686_000).expect("in Kaiping");
        }
    }
    let expected: Vec<(usize, Doubt)> = (22..30).map(|place| (place, Doubt::Frozen)).collect();
    assert_eq!(marked(&fixes), expected);
    let lying: Vec<Fix> = fixes.iter().map(|fix| Fix { moving: None, ..*fix }).collect();
    assert_eq!(marked(&lying), [], "a phone that lies on a table repeats itself too");
    let again: Vec<Fix> = fixes.iter().map(|fix| Fix { time_ms: fixes[0].time_ms, ..*fix }).collect();
    assert!(doubts(&again).iter().all(|doubt| *doubt != Some(Doubt::Frozen)), "one fix, told ten times");
}

#[test]
fn a_made_up_position_is_kept_marked_and_not_measured() {
    let mut fixes = walk(0..60);
    for fix in &mut fixes[20..40] {
        fix.mock = Some(true);
        fix.at = E7::new(1_130_000_000, 225_000_000).expect("in Jiangmen");
    }
    let expected: Vec<(usize, Doubt)> = (20..40).map(|place| (place, Doubt::Mock)).collect();
    assert_eq!(marked(&fixes), expected);
    assert!((metres_walked(&fixes) - 59.0 * 1.4).abs() < 8.0);
}

#[test]
fn doubts_of_one_kind_in_a_row_are_told_as_a_stretch() {
    let mut fixes = walk(0..60);
    fixes[9].mock = Some(true);
    (20..40).for_each(|place| fixes[place].mock = Some(true));
    fixes[40] = fix(40, 56.0, 2_000.0);
    let stretches: Vec<(Doubt, u32, u32)> =
        doubted(&fixes).iter().map(|one| (one.doubt, one.first, one.last)).collect();
    assert_eq!(stretches, [(Doubt::Mock, 9, 9), (Doubt::Mock, 20, 39), (Doubt::Jump, 40, 40)]);
}

#[test]
fn coverage_sees_nothing_where_nobody_was() {
    let corner = |east: f64, north: f64| fix(0, east, north).at;
    let square = [(-100.0, -200.0), (1_900.0, -200.0), (1_900.0, 1_800.0), (-100.0, 1_800.0)];
    let square = square.map(|(east, north)| corner(east, north)).to_vec();
    let area = Area::new(&[Polygon::new(square, Vec::new()).expect("a square")]).expect("an area");
    let seen = |fixes: &[Fix]| {
        let mut walker = area.unseen(30.0).walker();
        for line in lines_walked(fixes) {
            line.into_iter().for_each(|at| walker.fix(at));
            walker.gap();
        }
        area.share(walker.coverage()).expect("of this area").seen
    };
    let plain = walk(0..300);
    let mut lying = plain.clone();
    for (at, fix) in lying.iter_mut().enumerate().skip(100).take(20) {
        (fix.mock, fix.at) = (Some(true), corner(at as f64, 1_500.0));
    }
    lying[200] = fix(200, 280.0, 900.0);
    assert!(lines_walked(&lying).len() == 1 && seen(&lying) <= seen(&plain));
    assert!(seen(&lying) * 100 >= seen(&plain) * 99, "what was stepped over lies on the way");

    let stands: Vec<Fix> = (0..60).map(|second| Fix { moving: Some(false), ..fix(second, 0.0, 0.0) }).collect();
    assert!(seen(&stands) > 0, "who stands somewhere has been there");

    let mut carried = walk(0..100);
    carried.extend((100..200).map(|second| fix(second, second as f64 * 1.4, 1_500.0)));
    assert_eq!(lines_walked(&carried).len(), 2, "the kilometre and a half between was no way");
}

#[test]
fn every_doubt_has_its_word() {
    let words: Vec<&str> = Doubt::ALL.into_iter().map(Doubt::word).collect();
    assert_eq!(words, ["jump", "frozen", "mock", "drift"]);
}

proptest! {
    #[test]
    fn any_fixes_have_a_finite_length_and_a_doubted_one_adds_nothing(
        places in proptest::collection::vec((0..100_i64, -500.0..500.0, -500.0..500.0, any::<(Option<bool>, Option<bool>)>()), 1..50),
    ) {
        let fixes: Vec<Fix> = places
            .into_iter()
            .map(|(second, east, north, (mock, moving))| Fix { mock, moving, ..fix(second, east, north) })
            .collect();
        let length = metres_walked(&fixes);
        prop_assert!(length.is_finite() && length >= 0.0);
        prop_assert!(length <= fixes.len() as f64 * 1_500.0);
        let last = doubts(&fixes)[fixes.len() - 1];
        if last.is_some() {
            prop_assert_eq!(metres_walked(&fixes[..fixes.len() - 1]), length);
        }
    }
}
