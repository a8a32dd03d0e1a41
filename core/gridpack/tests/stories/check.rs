//! What is wrong with grids, and where.

use gridpatrol_export::{Area, Shape};
use gridpatrol_geo::crs::E7;
use gridpatrol_gridpack::check::{Expected, Fault, FaultKind, Report, Tolerance, features, layer};
use gridpatrol_gridpack::import::Drawn;
use gridpatrol_gridpack::repair::{mend_rings, snap};
use gridpatrol_gridpack::{MAX_CORNERS, check};
use gridpatrol_model::divisions::Divisions;
use gridpatrol_model::message::{Lang, Messages};
use proptest::prelude::*;

/// About 111 m north and 103 m east.
const STEP: i32 = 10_000;

fn at(lon: i32, lat: i32) -> E7 {
    E7::new(1_126_000_000 + lon, 223_000_000 + lat).expect("in Kaiping")
}

fn closed(corners: &[(i32, i32)]) -> Vec<E7> {
    corners.iter().chain(&corners[..1]).map(|(lon, lat)| at(*lon, *lat)).collect()
}

fn grid(feature: u64, ring: Vec<E7>) -> Drawn {
    let areas = vec![Area { outer: ring, holes: Vec::new() }];
    Drawn { feature, code: format!("440783108224{feature:03}"), areas, ..Drawn::default() }
}

fn square(west: i32, south: i32, size: i32) -> Vec<E7> {
    closed(&[(west, south), (west + size, south), (west + size, south + size), (west, south + size)])
}

fn faults(grids: &[Drawn]) -> Vec<Fault> {
    check(grids, &Expected::default()).faults
}

fn kinds(grids: &[Drawn]) -> Vec<FaultKind> {
    faults(grids).into_iter().map(|fault| fault.kind).collect()
}

#[test]
fn neighbours_that_share_their_border_have_no_fault() {
    let grids = [grid(1, square(0, 0, STEP)), grid(2, square(STEP, 0, STEP)), grid(3, square(0, STEP, STEP))];
    assert_eq!(check(&grids, &Expected::default()), Report::default());
}

#[test]
fn an_overlap_is_shown_with_its_area_and_both_codes() {
    let grids = [grid(1, square(0, 0, STEP)), grid(2, square(STEP - 1_000, 0, STEP))];
    let found = faults(&grids);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, FaultKind::Overlap);
    assert_eq!(found[0].codes, ["440783108224001", "440783108224002"]);
    let area = found[0].square_metres.expect("an area");
    assert!((1_130.0..1_160.0).contains(&area), "10.3 m by 111 m, got {area}");
    let Shape::Areas(areas) = &found[0].place else { panic!("an area") };
    let mut corners = areas[0].outer.clone();
    corners.sort_unstable();
    corners.dedup();
    assert_eq!(corners, [at(STEP - 1_000, 0), at(STEP - 1_000, STEP), at(STEP, 0), at(STEP, STEP)]);
}

#[test]
fn a_sliver_is_rounding_and_counted() {
    // 0.2 m over 111 m: 23 m², but nobody could draw it better.
    let grids = [grid(1, square(0, 0, STEP)), grid(2, square(STEP - 20, 0, STEP))];
    let report = check(&grids, &Expected::default());
    assert_eq!((report.faults, report.rounding), (vec![], 1));
    let strict = Expected { tolerance: Tolerance { square_metres: 0.0, metres_wide: 0.0 }, ..Expected::default() };
    assert_eq!(check(&grids, &strict).faults.len(), 1);
}

#[test]
fn land_that_grids_enclose_and_none_covers_is_a_gap_between_them() {
    // Four around a pond, and a sliver between two of them that opens to nowhere.
    let around = [
        closed(&[(0, 0), (3 * STEP, 0), (2 * STEP, STEP), (STEP, STEP)]),
        closed(&[(3 * STEP, 0), (3 * STEP, 3 * STEP), (2 * STEP, 2 * STEP), (2 * STEP, STEP)]),
        closed(&[(3 * STEP, 3 * STEP), (0, 3 * STEP), (STEP, 2 * STEP), (2 * STEP, 2 * STEP)]),
        closed(&[(0, 3 * STEP), (0, 0), (STEP, STEP), (STEP, 2 * STEP)]),
    ];
    let grids: Vec<Drawn> = (1..).zip(around).map(|(feature, ring)| grid(feature, ring)).collect();
    let found = faults(&grids);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].kind, &found[0].features[..]), (FaultKind::Gap, &[1, 2, 3, 4][..]));
    let area = found[0].square_metres.expect("an area");
    assert!((11_300.0..11_600.0).contains(&area), "103 m by 111 m, got {area}");
}

#[test]
fn a_border_that_crosses_itself_is_shown_where_it_does() {
    let bow = grid(1, closed(&[(0, 0), (STEP, STEP), (STEP, 0), (0, STEP)]));
    let found = faults(std::slice::from_ref(&bow));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, FaultKind::SelfCrossing);
    assert_eq!(found[0].place, Shape::Point(at(STEP / 2, STEP / 2)));
    // Touching itself in a corner is no border either.
    let pinched = [(0, 0), (STEP, 0), (STEP / 2, STEP / 2), (STEP, STEP), (0, STEP), (STEP / 2, STEP / 2)];
    assert_eq!(faults(&[grid(1, closed(&pinched))])[0].place, Shape::Point(at(STEP / 2, STEP / 2)));
}

#[test]
fn corners_that_add_nothing_are_named_and_a_ring_of_nothing_too() {
    let twice = closed(&[(0, 0), (0, 0), (STEP, 0), (STEP, STEP)]);
    let out_and_back = closed(&[(0, 0), (STEP, 0), (3 * STEP, 0), (STEP, 0), (STEP, STEP)]);
    let open = vec![at(0, 0), at(STEP, 0), at(STEP, STEP)];
    let nothing = closed(&[(0, 0), (STEP, 0), (2 * STEP, 0)]);
    assert_eq!(kinds(&[grid(1, twice)]), [FaultKind::RepeatedCorner]);
    let spike = faults(&[grid(1, out_and_back)]);
    assert_eq!((spike[0].kind, &spike[0].place), (FaultKind::RepeatedCorner, &Shape::Point(at(3 * STEP, 0))));
    assert_eq!(kinds(&[grid(1, open)]), [FaultKind::OpenRing]);
    assert_eq!(kinds(&[grid(1, nothing)]), [FaultKind::NoArea]);
    assert_eq!(kinds(&[grid(1, vec![])]), [FaultKind::NoArea]);
    assert_eq!(kinds(&[Drawn { areas: vec![], ..grid(1, vec![]) }]), [FaultKind::NoArea]);
}

#[test]
fn what_a_phone_cannot_hold_is_a_fault_with_a_name() {
    let mut parts = grid(1, square(0, 0, STEP));
    parts.areas.push(Area { outer: square(5 * STEP, 0, STEP), holes: Vec::new() });
    let mut hole = grid(2, square(0, 2 * STEP, STEP));
    hole.areas[0].holes.push(square(STEP / 4, 2 * STEP + STEP / 4, STEP / 2));
    let round = (0..=MAX_CORNERS).map(|step| {
        let turn = step as f64 / (MAX_CORNERS + 1) as f64 * std::f64::consts::TAU;
        ((turn.cos() * 1e6) as i32 + 30 * STEP * 20, (turn.sin() * 1e6) as i32)
    });
    let many = grid(3, closed(&round.collect::<Vec<_>>()));
    let found = kinds(&[parts, hole, many]);
    assert_eq!(found, [FaultKind::Parts, FaultKind::Hole, FaultKind::TooManyCorners, FaultKind::Gap]);
}

#[test]
fn codes_are_compared_with_each_other_and_with_the_villages_that_exist() {
    let divisions = Divisions::jiangmen();
    let mut grids: Vec<Drawn> = (0..6).map(|place| grid(place + 1, square(place as i32 * STEP, 0, STEP))).collect();
    let codes = ["440783108224001", "44078310822401", "440783108224001", "440783108999001", "440781001001001", ""];
    for (grid, code) in grids.iter_mut().zip(codes) {
        grid.code = code.into();
    }
    grids[0].village = Some("440783108225".into());
    let within = Some("440783".parse().expect("a county"));
    let expected = Expected { villages: Some(&divisions), within, ..Expected::default() };
    let found = check(&grids, &expected).faults;
    let named: Vec<(FaultKind, &[u64])> = found.iter().map(|fault| (fault.kind, &fault.features[..])).collect();
    assert_eq!(
        named,
        [
            (FaultKind::BadCode, &[2][..]),
            (FaultKind::BadCode, &[6]),
            (FaultKind::DuplicateCode, &[1, 3]),
            (FaultKind::UnknownVillage, &[4]),
            (FaultKind::WrongVillage, &[1]),
            (FaultKind::OutsideArea, &[5]),
        ]
    );
}

#[test]
fn a_file_in_which_all_lie_on_one_another_is_not_read_through() {
    let grids: Vec<Drawn> = (1..=100).map(|feature| grid(feature, square(feature as i32, 0, STEP))).collect();
    let report = check(&grids, &Expected::default());
    assert!(report.stopped);
    assert_eq!(report.faults.len(), 1_000);
}

/// Small, on one line, and at the ends of the earth.
fn any_corner() -> impl Strategy<Value = E7> {
    let lon = prop_oneof![-3..=3, Just(-1_800_000_000), Just(1_800_000_000), -1_800_000_000..=1_800_000_000];
    let lat = prop_oneof![-3..=3, Just(-900_000_000), Just(900_000_000), -900_000_000..=900_000_000];
    (lon, lat).prop_map(|(lon, lat)| E7::new(lon, lat).expect("on the earth"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_drawing_makes_the_check_or_a_repair_panic(
        rings in prop::collection::vec(prop::collection::vec(any_corner(), 0..9), 1..6),
    ) {
        let mut grids: Vec<Drawn> = (1..).zip(rings.chunks(2)).map(|(feature, rings)| {
            let mut one = grid(feature, rings[0].clone());
            one.areas[0].holes.extend(rings.get(1).cloned());
            one
        }).collect();
        let report = check(&grids, &Expected::default());
        let mut file = Vec::new();
        gridpatrol_export::geojson(&mut file, &layer(), features(&report.faults).map(Ok)).expect("it is drawn");
        snap(&mut grids, 5.0).expect("a sound distance");
        mend_rings(&mut grids);
        let kinds = |report: Report| report.faults.into_iter().map(|fault| fault.kind).collect::<Vec<_>>();
        let left = kinds(check(&grids, &Expected::default()));
        prop_assert!(!left.contains(&FaultKind::RepeatedCorner), "{:?}", left);
    }
}

#[test]
fn every_fault_explains_itself_and_becomes_a_feature_on_a_map() {
    for lang in Lang::ALL {
        let messages = Messages::new(lang);
        let missing: Vec<String> =
            FaultKind::ALL.iter().map(|kind| kind.message_id()).filter(|id| !messages.has(id)).collect();
        assert_eq!(missing, [""; 0]);
    }
    let grids = [grid(1, square(0, 0, STEP)), grid(2, square(STEP - 1_000, 0, STEP)), grid(3, vec![at(0, -9)])];
    let found = faults(&grids);
    let text = found.last().expect("the overlap").text(&Messages::new(Lang::Zh));
    assert!(text.contains("440783108224001 440783108224002") && text.contains("平方米"), "{text}");
    let mut file = Vec::new();
    gridpatrol_export::geojson(&mut file, &layer(), features(&found).map(Ok)).expect("it is drawn");
    let file = String::from_utf8(file).expect("text");
    assert!(file.contains(r#""type":"Point""#) && file.contains(r#""type":"Polygon""#), "{file}");
}

/// A comb of `teeth` that point north, or east if it lies.
fn comb(teeth: i32, lies: bool) -> Vec<E7> {
    let (pitch, length) = (200, teeth * 200);
    let mut corners = vec![(0, -pitch), (length, -pitch)];
    for tooth in (0..teeth).rev() {
        let left = tooth * pitch;
        corners.extend([(left + 100, 0), (left + 100, length), (left, length), (left, 0)]);
    }
    let turned = corners.iter().map(|&(x, y)| if lies { (y, x) } else { (x, y) });
    closed(&turned.collect::<Vec<_>>())
}

#[test]
fn combs_that_cross_at_a_million_places_stop_the_check_and_say_so() {
    let grids = [grid(1, comb(740, false)), grid(2, comb(740, true))];
    let report = check(&grids, &Expected::default());
    assert!(report.stopped);
}
