//! Who owns a point: the rule by its consequences, and the index against the rule.

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::grid::{BadIndex, BadPolygon, GridIndex, Polygon, owner_among};
use gridpatrol_model::area::GridCode;
use proptest::prelude::*;

/// A raster cell of the index is this many units wide, or a power of two times that.
const CELL: i32 = 8_192;

fn at(lon: i32, lat: i32) -> E7 {
    E7::new(1_126_000_000 + lon, 223_000_000 + lat).expect("in Kaiping")
}

fn code(serial: usize) -> GridCode {
    GridCode::parse(&format!("440783108224{serial:03}")).expect("a grid of a real village")
}

fn square(west: i32, south: i32, size: i32) -> Vec<E7> {
    vec![at(west, south), at(west + size, south), at(west + size, south + size), at(west, south + size)]
}

fn polygon(ring: Vec<E7>) -> Polygon {
    Polygon::new(ring, vec![]).expect("it has an area")
}

/// The index, written to bytes and read again, which every test means.
fn index(grids: &[(GridCode, Polygon)]) -> GridIndex {
    let built = GridIndex::build(grids.iter().cloned());
    GridIndex::from_bytes(built.as_bytes().to_vec()).expect("it was just written")
}

fn by_rule(grids: &[(GridCode, Polygon)], point: E7) -> Option<GridCode> {
    owner_among(grids.iter().map(|(code, polygon)| (*code, polygon)), point)
}

#[test]
fn a_shared_border_goes_east_or_north_and_the_outer_border_stays_with_its_grid() {
    for size in [10, 3 * CELL] {
        let half = size / 2;
        let grids = [(1, 0, 0), (2, size, 0), (3, 0, size)];
        let grids = grids.map(|(serial, west, south)| (code(serial), polygon(square(west, south, size))));
        let index = index(&grids);
        assert_eq!(index.owner(at(half, half)), Some(code(1)));
        assert_eq!(index.owner(at(size, half)), Some(code(2)), "the border between west and east");
        assert_eq!(index.owner(at(half, size)), Some(code(3)), "the border between south and north");
        assert_eq!(index.owner(at(0, 0)), Some(code(1)));
        assert_eq!(index.owner(at(size, size)), Some(code(1)), "three outer corners: the smallest code");
        assert_eq!(index.owner(at(2 * size, size)), Some(code(2)), "an outer corner");
        assert_eq!(index.owner(at(half, 2 * size)), Some(code(3)), "the outer border in the north");
        assert_eq!(index.owner(at(2 * size + 1, half)), None);
        assert_eq!(index.owner(at(-1, 0)), None);
    }
}

#[test]
fn four_grids_meet_at_a_corner_and_one_owns_it_whatever_their_numbers() {
    let corners = [(0, 0), (CELL, 0), (0, CELL), (CELL, CELL)];
    for first in 0..4 {
        let mut grids: Vec<(GridCode, Polygon)> = (0..4)
            .map(|serial| {
                let (west, south) = corners[(serial + first) % 4];
                (code(serial + 1), polygon(square(west, south, CELL)))
            })
            .collect();
        let north_east = index(&grids).owner(at(CELL, CELL)).expect("inside");
        assert_eq!(north_east, index(&grids).owner(at(CELL + 9, CELL + 9)).expect("inside"));
        let bytes = index(&grids).as_bytes().to_vec();
        grids.reverse();
        assert_eq!(index(&grids).as_bytes(), bytes, "the order of the grids is not seen");
    }
}

#[test]
fn a_school_in_a_hole_is_a_grid_of_its_own() {
    let around = Polygon::new(square(0, 0, 30), vec![square(10, 10, 10)]).expect("it has an area");
    let index = index(&[(code(1), around), (code(9), polygon(square(10, 10, 10)))]);
    assert_eq!(index.owner(at(15, 15)), Some(code(9)));
    assert_eq!(index.owner(at(10, 15)), Some(code(9)), "the school lies east of its western border");
    assert_eq!(index.owner(at(20, 15)), Some(code(1)), "and the village east of its eastern one");
    assert_eq!(index.owner(at(5, 5)), Some(code(1)));
}

#[test]
fn where_drawings_overlap_the_smaller_code_owns() {
    let many: Vec<(GridCode, Polygon)> =
        (0..30).map(|n| (code(30 - n), polygon(square(n as i32 * 5, 0, 40_000)))).collect();
    let index = index(&many);
    assert_eq!(index.owner(at(20_000, 20_000)), Some(code(1)), "all thirty cover it");
    assert_eq!(index.owner(at(3, 20_000)), Some(code(30)), "only the last one reaches so far west");
    assert_eq!(index.owner(at(27, 20_000)), Some(code(25)));
    assert_eq!(index.owner(at(40_000 + 145, 7)), Some(code(1)), "the outer border of the first");
}

#[test]
fn a_point_a_hair_beside_a_long_edge_lies_on_one_side_only() {
    // Neighbouring Fibonacci numbers: the point misses the edge by less than a billionth of a unit, and `f64`
    // products are equal.
    assert_eq!(1_134_903_170.0 * 433_494_437.0 - 701_408_733.0 * 701_408_733.0, 0.0_f64);
    let from = |lon, lat| E7::new(lon - 500_000_000, lat - 300_000_000).expect("in range");
    let (start, end, beside) = (from(0, 0), from(1_134_903_170, 701_408_733), from(701_408_733, 433_494_437));
    let north = polygon(vec![start, end, from(0, 701_408_733)]);
    let south = polygon(vec![start, end, from(1_134_903_170, 0)]);
    assert!(north.covers(beside) && !south.covers(beside));
    assert!(north.covers(end) && south.covers(end));
    let index = index(&[(code(1), north), (code(2), south)]);
    assert_eq!(index.owner(beside), Some(code(1)));
    assert_eq!(index.owner(from(701_408_734, 433_494_437)), Some(code(2)));
}

#[test]
fn the_whole_earth_is_a_grid_like_any_other() {
    let corner = |lon, lat| E7::new(lon, lat).expect("on the border of the range");
    let (east, north) = (1_800_000_000, 900_000_000);
    let earth = polygon(vec![corner(-east, -north), corner(east, -north), corner(east, north), corner(-east, north)]);
    let index = index(&[(code(1), earth)]);
    for (lon, lat) in [(0, 0), (-east, -north), (east, north), (east, -north), (-east, north), (east, 5)] {
        assert_eq!(index.owner(corner(lon, lat)), Some(code(1)), "{lon} {lat}");
    }
}

#[test]
fn a_grid_of_two_parts_is_one_grid_and_a_line_is_none() {
    let parts = [(code(1), polygon(square(0, 0, 5))), (code(1), polygon(square(3, 3, 50)))];
    let index = index(&parts);
    assert_eq!(index.codes(), [code(1)]);
    for place in [1, 4, 40] {
        assert_eq!(index.owner(at(place, place)), Some(code(1)), "in one part or in both");
    }
    assert_eq!(Polygon::new(vec![at(0, 0), at(5, 5), at(9, 9)], vec![]).err(), Some(BadPolygon::NoArea { ring: 0 }));
    assert_eq!(Polygon::new(square(0, 0, 9), vec![vec![]]).err(), Some(BadPolygon::NoArea { ring: 1 }));
}

#[test]
fn no_grids_own_nothing() {
    assert_eq!(index(&[]).owner(at(0, 0)), None);
}

#[test]
fn an_index_serves_from_borrowed_bytes_at_any_alignment() {
    let built = GridIndex::build([(code(1), polygon(square(0, 0, 3 * CELL)))]);
    let file = [b"x".as_slice(), built.as_bytes()].concat();
    let mapped = GridIndex::from_bytes(&file[1..]).expect("it was just written");
    assert_eq!(mapped.owner(at(1, 1)), Some(code(1)));
}

#[test]
fn damaged_bytes_are_refused_and_say_what_to_do() {
    let bytes = GridIndex::build([(code(1), polygon(square(0, 0, 3 * CELL)))]).as_bytes().to_vec();
    for length in 0..bytes.len() {
        assert!(GridIndex::from_bytes(&bytes[..length]).is_err(), "cut at {length}");
    }
    for byte in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[byte] ^= 0x10;
        assert!(GridIndex::from_bytes(&flipped).is_err(), "byte {byte}");
    }
    let mut newer = bytes;
    newer[6] = 2;
    let refused = GridIndex::from_bytes(&newer).expect_err("version 2 is unknown");
    assert_eq!(refused, BadIndex::Unknown);
    assert!(refused.to_string().contains("fetch the grid pack again"));
}

/// Coordinates at which things go wrong: on and beside the borders of raster cells, and few of them, so that
/// corners fall onto edges and edges onto each other.
fn awkward() -> impl Strategy<Value = i32> {
    prop_oneof![
        4 => (0..4, -1..=1).prop_map(|(cells, beside)| cells * CELL + beside),
        2 => (0..10).prop_map(|step| step * 3_000),
        1 => 0..4 * CELL,
    ]
}

fn corner() -> impl Strategy<Value = E7> {
    (awkward(), awkward()).prop_map(|(lon, lat)| at(lon, lat))
}

/// Any ring will do, also one that crosses itself. The second, if there is one, is a hole.
fn rings() -> impl Strategy<Value = Vec<Vec<E7>>> {
    prop::collection::vec(prop::collection::vec(corner(), 3..7), 1..3)
}

fn drawn(rings: &[Vec<E7>]) -> Option<Polygon> {
    Polygon::new(rings[0].clone(), rings[1..].to_vec()).ok()
}

/// Every corner, the middle of every edge, and what lies right beside them.
fn telling(ring: &[E7]) -> Vec<E7> {
    let middle =
        |a: E7, b: E7| E7::new(a.lon().midpoint(b.lon()), a.lat().midpoint(b.lat())).expect("between two points");
    let near = |point: E7| {
        [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]
            .map(|(x, y)| E7::new(point.lon() + x, point.lat() + y).expect("in Kaiping"))
    };
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    edges.flat_map(|(a, b)| [*a, middle(*a, *b)]).flat_map(near).collect()
}

/// Land divided into 4 × 4 grids with shared corners, some of which lie on a line or on the border of a raster cell.
fn tiles() -> impl Strategy<Value = Vec<Vec<E7>>> {
    let shift = || prop_oneof![2 => Just(0), 1 => -2_500..2_500];
    prop::collection::vec((shift(), shift()), 25).prop_map(|shifts| {
        let corner = |column: usize, row: usize| {
            let (lon, lat) = shifts[row * 5 + column];
            at(column as i32 * CELL + lon, row as i32 * CELL + lat)
        };
        (0..16)
            .map(|tile| (tile % 4, tile / 4))
            .map(|(x, y)| vec![corner(x, y), corner(x + 1, y), corner(x + 1, y + 1), corner(x, y + 1)])
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_index_answers_as_the_rule(drawings in prop::collection::vec((1..4_usize, rings()), 1..14)) {
        let grids: Vec<(GridCode, Polygon)> =
            drawings.iter().filter_map(|(serial, rings)| Some((code(*serial * 7), drawn(rings)?))).collect();
        let index = index(&grids);
        for point in drawings.iter().flat_map(|(_, rings)| rings).flat_map(|ring| telling(ring)) {
            prop_assert_eq!(index.owner(point), by_rule(&grids, point), "{:?}", point);
        }
    }

    #[test]
    fn large_grids_are_as_exact_as_small_ones(
        corners in prop::collection::vec((-1_800_000_000..=1_800_000_000_i32, -900_000_000..=900_000_000_i32), 3..9),
        cut in 0.0..1.0_f64,
    ) {
        let ring: Vec<E7> = corners.iter().map(|(lon, lat)| E7::new(*lon, *lat).expect("in range")).collect();
        let Ok(polygon) = Polygon::new(ring.clone(), vec![]) else { return Ok(()) };
        let grids = [(code(1), polygon)];
        let index = index(&grids);
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            let between = |a: i32, b: i32| (f64::from(a) + cut * (f64::from(b) - f64::from(a))) as i32;
            let point = E7::new(between(a.lon(), b.lon()), between(a.lat(), b.lat())).expect("between two points");
            prop_assert_eq!(index.owner(point), by_rule(&grids, point));
            prop_assert_eq!(index.owner(*a), by_rule(&grids, *a));
        }
    }

    #[test]
    fn tiles_hold_every_point_between_them_once_whatever_their_order(
        (rings, numbers) in (tiles(), Just((1..=16).collect::<Vec<usize>>()).prop_shuffle()),
    ) {
        let grids: Vec<(GridCode, Polygon)> =
            numbers.iter().zip(&rings).map(|(serial, ring)| (code(*serial), polygon(ring.clone()))).collect();
        let renumbered: Vec<(GridCode, Polygon)> =
            (1..).zip(&rings).map(|(serial, ring)| (code(serial), polygon(ring.clone()))).collect();
        let (index, other) = (index(&grids), index(&renumbered));
        let inner = |point: &E7| (4_000..3 * CELL + 4_000).contains(&(point.lon() - 1_126_000_000))
            && (4_000..3 * CELL + 4_000).contains(&(point.lat() - 223_000_000));
        for point in rings.iter().flat_map(|ring| telling(ring)).filter(inner) {
            prop_assert_eq!(grids.iter().filter(|(_, polygon)| polygon.holds(point)).count(), 1, "{:?}", point);
            let tile = |grids: &[(GridCode, Polygon)], owner: Option<GridCode>| {
                grids.iter().position(|(code, _)| Some(*code) == owner)
            };
            prop_assert_eq!(tile(&grids, index.owner(point)), tile(&renumbered, other.owner(point)));
        }
    }

    /// Whoever can damage a file can make its checksum fit.
    #[test]
    fn bytes_of_an_enemy_are_refused_or_answer_something(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let grids = (0..12).map(|n| (code(n + 1), polygon(square(n as i32 * 2_000, 0, 2_000))));
        let mut bytes = GridIndex::build(grids).as_bytes().to_vec();
        for (place, value) in changes {
            let place = 8 + place.index(bytes.len() - 8);
            bytes[place] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(12 + cut.index(bytes.len() - 12));
        }
        let checksum = crc32fast::hash(&bytes[12..]);
        bytes[8..12].copy_from_slice(&checksum.to_le_bytes());
        if let Ok(index) = GridIndex::from_bytes(&bytes) {
            for step in 0..400 {
                let owner = index.owner(at(step * 70 - 500, step * 7 - 20));
                prop_assert!(owner.is_none_or(|owner| index.codes().contains(&owner)));
            }
        }
    }
}
