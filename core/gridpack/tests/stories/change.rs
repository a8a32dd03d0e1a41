//! Splitting and merging: no land is lost, and every point has exactly one live owner before and after.

use crate::support::*;
use gridpatrol_gridpack::check::Expected;
use gridpatrol_gridpack::{NoChange, PackFile, check};
use proptest::prelude::*;

#[test]
fn a_split_grid_stays_with_what_took_its_place_and_owns_nothing() {
    let mut pack = pack(&[]);
    let middle = at(STEP + STEP / 2, STEP + STEP / 4);
    let line = [at(STEP - 1_000, STEP + STEP / 2), at(2 * STEP + 1_000, STEP + STEP / 2)];
    let changed = pack.split(code(5), &line, ["南格", "北格"]).expect("across the middle grid");
    assert_eq!(changed.made, [code(10), code(11)]);
    assert_eq!(changed.touched, [code(4), code(6)], "the new corners are theirs too");
    let old = pack.grid(code(5)).expect("it stays");
    assert_eq!((old.superseded_by.as_slice(), old.is_live()), (&[code(10), code(11)][..], false));
    assert_eq!(pack.grid(code(10)).map(|grid| grid.name.as_str()), Some("南格"), "on the right of the line");
    assert_eq!(holders(&pack, middle), [code(10)]);
    let file = PackFile::from_bytes(pack.to_bytes()).expect("it was just written");
    assert_eq!(file.index.owner(middle), Some(code(10)));
    assert!(!file.index.codes().contains(&code(5)));
    assert_eq!(pack.split(code(5), &line, ["", ""]), Err(NoChange::Superseded(code(5))));
}

#[test]
fn merged_again_they_get_a_code_that_nobody_had() {
    let mut pack = pack(&[]);
    let whole = doubled_area(&pack);
    let line = [at(STEP - 1_000, STEP + STEP / 2), at(2 * STEP + 1_000, STEP + STEP / 2)];
    pack.split(code(5), &line, ["南格", "北格"]).expect("across the middle grid");
    let changed = pack.merge(&[code(10), code(11)], "五格").expect("they are neighbours");
    assert_eq!(changed.made, [code(12)]);
    assert_eq!(doubled_area(&pack), whole);
    assert_eq!(check(&pack.drawn(), &Expected::default()).faults, []);
    assert_eq!(pack.merge(&[code(10), code(1)], ""), Err(NoChange::Superseded(code(10))));
}

#[test]
fn a_line_may_bend_and_end_at_corners() {
    let mut pack = pack(&[]);
    let (from, to) = (at(STEP - 30, STEP - 30), at(2 * STEP + 30, 2 * STEP + 30));
    let line = [from, at(STEP + 7_000, STEP + 2_000), to];
    let changed = pack.split(code(5), &line, ["", ""]).expect("from corner to corner");
    assert_eq!(changed.touched, []);
    let south = pack.grid(changed.made[0]).expect("new").ring();
    assert_eq!(south, [at(STEP, STEP), at(2 * STEP, STEP), at(2 * STEP, 2 * STEP), line[1]]);
}

#[test]
fn a_line_that_cuts_one_side_twice_leaves_the_neighbour_without_a_crossing() {
    let mut pack = pack(&[]);
    let line = [
        at(STEP - 900, STEP + 7_000),
        at(STEP + 3_000, STEP + 6_500),
        at(STEP + 3_000, STEP + 3_500),
        at(STEP - 900, STEP + 3_000),
    ];
    let changed = pack.split(code(5), &line, ["", ""]).expect("a bay is cut off");
    assert_eq!(changed.touched, [code(4)]);
    assert_eq!(pack.grid(code(4)).map(|grid| grid.ring().len()), Some(6));
    assert_eq!(check(&pack.drawn(), &Expected::default()).faults, []);
}

#[test]
fn what_cannot_be_done_says_why_and_changes_nothing() {
    let mut pack = pack(&[]);
    let before = pack.clone();
    let short = [at(STEP + 1_000, STEP + 5_000), at(2 * STEP + 1_000, STEP + 5_000)];
    assert_eq!(pack.split(code(5), &short, ["", ""]), Err(NoChange::Crossings(1)));
    assert_eq!(pack.split(code(5), &short[..1], ["", ""]), Err(NoChange::NoLine));
    let loops = [
        at(STEP - 9, STEP + 5_000),
        at(STEP + 8_000, STEP + 5_000),
        at(STEP + 8_000, STEP + 8_000),
        at(STEP + 4_000, STEP + 2_000),
        at(2 * STEP + 9, STEP + 2_000),
    ];
    assert_eq!(pack.split(code(5), &loops, ["", ""]), Err(NoChange::Tangled));
    assert_eq!(pack.merge(&[code(1)], ""), Err(NoChange::NotSeveral));
    assert_eq!(pack.merge(&[code(1), code(1)], ""), Err(NoChange::NotSeveral));
    assert_eq!(pack.merge(&[code(1), code(3)], ""), Err(NoChange::NotOneArea), "no common border");
    assert_eq!(pack.merge(&[code(1), code(5)], ""), Err(NoChange::NotOneArea), "a corner is no border");
    let around = [1, 2, 3, 4, 6, 7, 8, 9].map(code);
    assert_eq!(pack.merge(&around, ""), Err(NoChange::NotOneArea), "land in the middle");
    assert_eq!(pack.merge(&[code(1), code(99)], ""), Err(NoChange::Unknown(code(99))));
    assert_eq!(pack, before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_land_is_lost_and_every_point_keeps_one_owner(
        crooked in prop::collection::vec((-3_000..3_000, -3_000..3_000), 9),
        heights in (4_000..6_000, 4_000..6_000, 4_000..6_000),
        upright in any::<bool>(),
        points in prop::collection::vec((1..3 * STEP, 1..3 * STEP), 64),
    ) {
        let mut pack = pack(&crooked);
        let whole = doubled_area(&pack);
        let turned = |along: i32, across: i32| if upright { at(across, along) } else { at(along, across) };
        let line = [
            turned(STEP / 2, STEP + heights.0),
            turned(STEP + STEP / 2, STEP + heights.1),
            turned(3 * STEP - STEP / 2, STEP + heights.2),
        ];
        // The corners of both new borders are where rounding would show.
        let check_all = |pack: &gridpatrol_gridpack::Pack| {
            let file = PackFile::from_bytes(pack.to_bytes()).expect("it was just written");
            let corners: Vec<_> = pack.live().flat_map(|grid| grid.ring().to_vec()).collect();
            let near = corners.iter().flat_map(|c| (-2..=2).flat_map(move |east| (-2..=2).map(move |north| (c, east, north))));
            let near = near.filter_map(|(c, east, north)| {
                let (lon, lat) = (c.lon() - 1_126_000_000 + east, c.lat() - 223_000_000 + north);
                let inside = (1..3 * STEP).contains(&lon) && (1..3 * STEP).contains(&lat);
                inside.then(|| at(lon, lat))
            });
            for point in points.iter().map(|(lon, lat)| at(*lon, *lat)).chain(near) {
                let holders = holders(pack, point);
                prop_assert_eq!(holders.len(), 1, "{:?} of {:?}", point, holders);
                prop_assert_eq!(file.index.owner(point), Some(holders[0]));
            }
            Ok(())
        };
        check_all(&pack)?;
        let made = pack.split(code(5), &line, ["", ""]).expect("across the middle grid").made;
        prop_assert_eq!(doubled_area(&pack), whole);
        check_all(&pack)?;
        let joined = pack.merge(&[code(if upright { 8 } else { 6 }), made[0]], "").or_else(|_| pack.merge(&made, ""));
        joined.expect("the parts of a grid are neighbours");
        prop_assert_eq!(doubled_area(&pack), whole);
        check_all(&pack)?;
    }
}
