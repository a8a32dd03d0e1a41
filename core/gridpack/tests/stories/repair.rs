//! Repairs do what was asked, say what they did, and leave everything else alone.

use crate::support::*;
use gridpatrol_export::Area;
use gridpatrol_gridpack::check;
use gridpatrol_gridpack::check::{Expected, FaultKind, Tolerance};
use gridpatrol_gridpack::import::Drawn;
use gridpatrol_gridpack::repair::{mend_rings, snap};
use proptest::prelude::*;

/// No rounding: every sliver counts.
fn strict() -> Expected<'static> {
    Expected { tolerance: Tolerance { square_metres: 0.0, metres_wide: 0.0 }, ..Expected::default() }
}

fn kinds(grids: &[Drawn]) -> Vec<FaultKind> {
    check(grids, &strict()).faults.into_iter().map(|fault| fault.kind).collect()
}

fn grid(feature: u64, corners: &[(i32, i32)]) -> Drawn {
    let outer = corners.iter().map(|(lon, lat)| at(*lon, *lat)).collect();
    let areas = vec![Area { outer, holes: Vec::new() }];
    Drawn { feature, code: code(feature as usize).to_string(), areas, ..Drawn::default() }
}

#[test]
fn rings_are_closed_turned_and_rid_of_what_adds_nothing() {
    let clockwise = [(0, 0), (0, STEP), (0, STEP), (STEP, STEP), (STEP, 3 * STEP), (STEP, STEP), (STEP, 0)];
    let mut grids = [grid(1, &clockwise), grid(2, &[(5 * STEP, 0), (6 * STEP, 0), (6 * STEP, STEP), (5 * STEP, 0)])];
    let untouched = grids[1].clone();
    let mended = mend_rings(&mut grids);
    assert_eq!(mended.len(), 1, "the second had no fault");
    let one = &mended[0];
    assert_eq!((one.feature, one.closed, one.turned, one.removed, one.moved), (1, 1, 1, 3, 0));
    assert_eq!(grids[1], untouched);
    assert_eq!(kinds(&grids), []);
}

#[test]
fn a_ring_that_crosses_itself_is_tidied_and_stays_a_fault() {
    let mut grids = [grid(1, &[(0, 0), (STEP, STEP), (STEP, STEP), (STEP, 0), (0, STEP)])];
    assert_eq!(kinds(&grids), [FaultKind::OpenRing, FaultKind::RepeatedCorner, FaultKind::SelfCrossing]);
    let mended = mend_rings(&mut grids);
    assert_eq!((mended[0].closed, mended[0].removed, mended[0].turned), (1, 1, 0));
    assert_eq!(kinds(&grids), [FaultKind::SelfCrossing]);
}

#[test]
fn a_sliver_and_an_overlap_close_and_the_smaller_code_keeps_its_corners() {
    let first = grid(1, &[(0, 0), (STEP, 0), (STEP + 30, STEP / 2), (STEP, STEP), (0, STEP), (0, 0)]);
    // A metre of overlap below, half a metre of gap above, and no corner in the middle.
    let second = grid(2, &[(STEP - 60, 0), (2 * STEP, 0), (2 * STEP, STEP), (STEP + 40, STEP), (STEP - 60, 0)]);
    let mut grids = [first.clone(), second];
    assert!(kinds(&grids).contains(&FaultKind::Overlap));
    let mended = snap(&mut grids, 1.0).expect("a sound distance");
    assert_eq!(grids[0], first);
    assert_eq!(mended.len(), 1);
    assert_eq!((mended[0].feature, mended[0].moved, mended[0].added), (2, 2, 1), "the closing corner moves along");
    assert!((0.5..0.7).contains(&mended[0].furthest_metres), "{}", mended[0].furthest_metres);
    assert_eq!(kinds(&grids), []);
    assert!(grids[1].areas[0].outer.contains(&at(STEP + 30, STEP / 2)));
}

#[test]
fn what_is_further_apart_is_left_and_so_is_what_was_not_asked_for() {
    let mut grids = [
        grid(1, &[(0, 0), (STEP, 0), (STEP, STEP), (0, STEP), (0, 0)]),
        grid(2, &[(STEP - 600, 0), (2 * STEP, 0), (2 * STEP, STEP), (STEP - 600, STEP), (STEP - 600, 0)]),
    ];
    let before = grids.clone();
    assert_eq!(snap(&mut grids, 1.0).expect("a sound distance"), []);
    assert_eq!(grids, before);
    assert_eq!(kinds(&grids), [FaultKind::Overlap]);
    for metres in [0.0, -1.0, 11.0, f64::NAN] {
        assert!(snap(&mut grids, metres).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each office digitised the common borders once more, half a metre off.
    #[test]
    fn borders_drawn_twice_meet_after_snapping(
        crooked in prop::collection::vec((-3_000..3_000, -3_000..3_000), 9),
        noise in prop::collection::vec((-20..=20, -20..=20), 36),
    ) {
        let mut grids = land(&crooked);
        let mut noise = noise.iter();
        for grid in &mut grids {
            let ring = &mut grid.areas[0].outer;
            for corner in &mut ring[..4] {
                let (east, north) = noise.next().expect("four for each of nine");
                *corner = at(corner.lon() - 1_126_000_000 + east, corner.lat() - 223_000_000 + north);
            }
            ring[4] = ring[0];
        }
        snap(&mut grids, 1.0).expect("a sound distance");
        prop_assert_eq!(kinds(&grids), vec![]);
        let again = grids.clone();
        prop_assert_eq!(snap(&mut grids, 1.0).expect("a sound distance"), vec![]);
        prop_assert_eq!(grids, again);
    }
}
