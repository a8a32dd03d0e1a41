//! What a walk has seen, against the definition in docs/coverage.md worked out the long way.

use gridpatrol_geo::coverage::{Area, BadCoverage, Coverage, Lattice, NotTheSame, Places, PlacesSeen};
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::distance::metres;
use gridpatrol_geo::grid::Polygon;
use proptest::prelude::*;
use serde::Deserialize;

fn at(lon: i32, lat: i32) -> E7 {
    E7::new(1_126_000_000 + lon, 223_000_000 + lat).expect("in Kaiping")
}

fn square(west: i32, south: i32, size: i32) -> Vec<E7> {
    vec![at(west, south), at(west + size, south), at(west + size, south + size), at(west, south + size)]
}

/// A field of about 200 m with a pond in it.
fn field() -> Area {
    let field = Polygon::new(square(0, 0, 18_000), vec![square(6_000, 6_000, 4_000)]).expect("it has an area");
    Area::new(&[field]).expect("it has a part")
}

fn walked(area: &Area, radius_m: f64, lines: &[Vec<E7>]) -> Coverage {
    let mut walker = area.unseen(radius_m).walker();
    for line in lines {
        walker.gap();
        line.iter().for_each(|fix| walker.fix(*fix));
    }
    walker.into_coverage()
}

/// Metres from the corner of the lattice.
fn plane(lattice: &Lattice, point: E7) -> [f64; 2] {
    [
        f64::from(point.lon() - lattice.west) * f64::from(lattice.nm_lon) * 1e-9,
        f64::from(point.lat() - lattice.south) * f64::from(lattice.nm_lat) * 1e-9,
    ]
}

fn middle(lattice: &Lattice, column: u32, row: u32) -> [f64; 2] {
    let metres = |cell: u32, units: u32, nm: u32| (f64::from(cell) + 0.5) * f64::from(units) * f64::from(nm) * 1e-9;
    [metres(column, lattice.cell_lon, lattice.nm_lon), metres(row, lattice.cell_lat, lattice.nm_lat)]
}

fn away(point: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let (x, y) = (point[0] - a[0], point[1] - a[1]);
    let length2 = dx * dx + dy * dy;
    let along = if length2 > 0.0 { ((x * dx + y * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
    (x - along * dx).hypot(y - along * dy)
}

fn cells(lattice: Lattice) -> impl Iterator<Item = (u32, u32)> {
    (0..lattice.rows).flat_map(move |row| (0..lattice.columns).map(move |column| (column, row)))
}

#[test]
fn a_cell_is_two_metres_of_the_ellipsoid() {
    let lattice = field().lattice();
    let width = metres(at(0, 9_000), at(lattice.cell_lon as i32, 9_000));
    let height = metres(at(0, 9_000), at(0, 9_000 + lattice.cell_lat as i32));
    assert!((width - 2.0).abs() < 0.01 && (height - 2.0).abs() < 0.01, "{width} by {height}");
    let [_, north] = plane(&lattice, at(0, 18_000));
    assert!((north - metres(at(0, 0), at(0, 18_000))).abs() < 1e-3);
}

#[test]
fn nothing_walked_is_nothing_seen_and_a_gap_shows_nothing() {
    let area = field();
    assert_eq!(area.share(&area.unseen(30.0)).expect("its own").ratio(), 0.0);
    let (west, east) = (at(1_000, 9_000), at(17_000, 9_000));
    let line = area.share(&walked(&area, 20.0, &[vec![west, east]])).expect("its own");
    let gap = area.share(&walked(&area, 20.0, &[vec![west], vec![east]])).expect("its own");
    assert!(gap.seen > 0 && gap.seen * 2 < line.seen, "{gap:?} of {line:?}");
    let around = walked(&area, 300.0, &[vec![at(9_000, 9_000)]]);
    assert_eq!(area.share(&around).expect("its own").ratio(), 1.0);
}

#[test]
fn the_area_is_that_of_the_polygon_without_its_hole() {
    let area = field();
    let share = area.share(&area.unseen(30.0)).expect("its own");
    let [width, height] = middle(&area.lattice(), 0, 0).map(|half| 2.0 * half);
    let [east, north] = plane(&area.lattice(), at(18_000, 18_000));
    let [pond_east, pond_north] = plane(&area.lattice(), at(4_000, 4_000));
    let expected = (east * north - pond_east * pond_north) / (width * height);
    assert!((share.all as f64 / expected - 1.0).abs() < 0.02, "{} cells for {expected}", share.all);
    assert!(!area.has(40, 40), "in the pond");
}

#[test]
fn a_huge_area_has_coarser_cells_and_a_bounded_form() {
    let huge = Polygon::new(square(0, 0, 50_000_000), vec![]).expect("it has an area");
    let area = Area::new(&[huge]).expect("it has a part");
    assert!(area.lattice().cells() <= 1 << 22);
    let seen = walked(&area, 1_000.0, &[vec![at(0, 0), at(50_000_000, 50_000_000)]]);
    assert!(seen.to_bytes().len() <= 45 + (1 << 19));
    assert_eq!(Area::new(&[]).map(|area| area.lattice()), None);
}

#[test]
fn coverages_of_different_land_or_radius_do_not_become_one() {
    let (area, other) = (field(), Polygon::new(square(5, 0, 18_000), vec![]).expect("it has an area"));
    let other = Area::new(&[other]).expect("it has a part");
    assert_eq!(area.unseen(30.0).merge(&other.unseen(30.0)), Err(NotTheSame));
    assert_eq!(area.unseen(30.0).merge(&area.unseen(20.0)), Err(NotTheSame));
    assert_eq!(area.share(&other.unseen(30.0)), Err(NotTheSame));
    assert!(area.heat(&[other.unseen(30.0)], 100).is_err());
}

#[test]
fn heat_is_blue_where_all_walked_orange_where_nobody_did_and_nothing_outside() {
    let area = field();
    let south = walked(&area, 30.0, &[vec![at(0, 1_000), at(18_000, 1_000)]]);
    let west = walked(&area, 30.0, &[vec![at(1_000, 0), at(1_000, 18_000)]]);
    let picture = area.heat(&[south, west], 25).expect("of one area");
    assert!(picture.width <= 25 && picture.height <= 25);
    assert_eq!(picture.rgba.len(), (picture.width * picture.height * 4) as usize);
    let pixel = |column: u32, from_south: u32| {
        let at = (((picture.height - 1 - from_south) * picture.width + column) * 4) as usize;
        <[u8; 4]>::try_from(&picture.rgba[at..at + 4]).expect("four bytes")
    };
    assert_eq!(pixel(1, 1), [0, 114, 178, 128], "both walked the south-west");
    assert_eq!(pixel(18, 18), [230, 159, 0, 128], "nobody the north-east");
    assert_eq!(pixel(18, 1), [115, 137, 89, 128], "one of two the south-east");
    assert_eq!(pixel(picture.width / 2 - 2, picture.height / 2 - 2)[3], 0, "the pond");
    let [west, south, east, north] = picture.bounds;
    assert_eq!((west, south), (112.6, 22.3));
    assert!(east >= 112.6018 && north >= 22.3018, "{east} {north}");
}

#[test]
fn a_place_is_seen_within_its_radius_and_not_across_a_gap() {
    let places = Places::new(&[(at(0, 0), 20.0), (at(5_000, 0), 20.0), (at(10_000, 5_000), 60.0), (at(0, 9_000), 5.0)]);
    let mut walker = places.walker(places.unseen()).expect("of this list");
    walker.fix(at(0, 1_000));
    walker.fix(at(10_000, 1_000));
    assert_eq!(walker.seen().seen(), [true, true, true, false], "the second one lies between the fixes");
    let mut gap = places.walker(places.unseen()).expect("of this list");
    gap.fix(at(0, 1_000));
    gap.gap();
    gap.fix(at(10_000, 1_000));
    assert_eq!(gap.seen().seen(), [true, false, true, false]);
    let mut both = gap.into_seen();
    both.merge(walker.seen()).expect("of one list");
    assert_eq!(&both, walker.seen());
    assert_eq!((both.share().seen, both.share().all), (3, 4));
    let fewer = Places::new(&[(at(0, 0), 20.0)]);
    assert_eq!(both.merge(&fewer.unseen()), Err(NotTheSame));
    assert!(fewer.walker(both).is_err());
}

#[derive(Deserialize)]
struct Vectors {
    corners: Vec<(i32, i32)>,
    lines: Vec<Vec<(i32, i32)>>,
    radius_m: f64,
    seen: u64,
    all: u64,
    coverage: String,
    places: Vec<(i32, i32, f64)>,
    places_seen: String,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_golden_vector_is_met_byte_for_byte() {
    let text = include_str!("../../../../tests/vectors/valid/coverage.json");
    let vectors: Vectors = serde_json::from_str(text).expect("the vector is well-formed");
    let point = |(lon, lat): &(i32, i32)| E7::new(*lon, *lat).expect("in range");
    let ring = vectors.corners.iter().map(point).collect();
    let area = Area::new(&[Polygon::new(ring, vec![]).expect("it has an area")]).expect("it has a part");
    let lines: Vec<Vec<E7>> = vectors.lines.iter().map(|line| line.iter().map(point).collect()).collect();
    let coverage = walked(&area, vectors.radius_m, &lines);
    let share = area.share(&coverage).expect("its own");
    assert_eq!((share.seen, share.all), (vectors.seen, vectors.all));
    assert_eq!(hex(&coverage.to_bytes()), vectors.coverage);

    let places: Vec<(E7, f64)> = vectors.places.iter().map(|(lon, lat, r)| (point(&(*lon, *lat)), *r)).collect();
    let places = Places::new(&places);
    let mut walker = places.walker(places.unseen()).expect("of this list");
    for line in &lines {
        walker.gap();
        line.iter().for_each(|fix| walker.fix(*fix));
    }
    assert_eq!(hex(&walker.seen().to_bytes()), vectors.places_seen);
}

#[test]
fn damaged_bytes_say_what_to_do() {
    let bytes = field().unseen(30.0).to_bytes();
    assert_eq!(Coverage::from_bytes(&bytes[..20]), Err(BadCoverage::Unknown));
    let mut huge = bytes.clone();
    huge[32..40].fill(0xff);
    let refused = Coverage::from_bytes(&huge).expect_err("more cells than memory");
    assert_eq!(refused, BadCoverage::Damaged("lattice"));
    assert!(refused.to_string().contains("take it from its source again"));
    assert_eq!(Coverage::from_bytes(&bytes[..bytes.len() - 1]), Err(BadCoverage::Damaged("cells")));
    assert_eq!(PlacesSeen::from_bytes(b"gpplc\0\x02\0........"), Err(BadCoverage::Unknown));
}

/// Lines that start in the field, waver, and leave it.
fn lines() -> impl Strategy<Value = Vec<Vec<E7>>> {
    let fix = prop_oneof![
        4 => (0..18_000_i32, 0..18_000_i32),
        1 => (-30_000..50_000_i32, -30_000..50_000_i32),
        1 => (0..4_i32, 0..4_i32).prop_map(|(x, y)| (x * 4_500, y * 4_500)),
    ];
    prop::collection::vec(prop::collection::vec(fix.prop_map(|(lon, lat)| at(lon, lat)), 0..4), 0..3)
}

/// Twice the units from the corner: the middle of a cell is a whole number of these.
fn doubled(lattice: &Lattice, point: E7) -> [i64; 2] {
    [i64::from(point.lon() - lattice.west) * 2, i64::from(point.lat() - lattice.south) * 2]
}

/// The rule of `Polygon::holds` for one side.
fn passes_west(a: [i64; 2], b: [i64; 2], point: [u32; 2]) -> bool {
    let (low, high) = if a[1] <= b[1] { (a, b) } else { (b, a) };
    let [x, y] = point.map(i64::from);
    let turn = (high[0] - low[0]) * (y - low[1]) - (high[1] - low[1]) * (x - low[0]);
    (low[1]..high[1]).contains(&y) && turn <= 0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_cell_is_seen_when_its_middle_is_near_the_line(lines in lines(), radius in 1.0..60.0_f64) {
        let area = field();
        let coverage = walked(&area, radius, &lines);
        let lattice = coverage.lattice();
        let steps: Vec<[[f64; 2]; 2]> = lines
            .iter()
            .flat_map(|line| line.iter().zip(line.iter().skip(1).chain(line.last())))
            .map(|(a, b)| [plane(&lattice, *a), plane(&lattice, *b)])
            .collect();
        for (column, row) in cells(lattice) {
            let spot = middle(&lattice, column, row);
            let near = steps.iter().map(|[a, b]| away(spot, *a, *b)).fold(f64::INFINITY, f64::min);
            // Within a micrometre of the radius, rounding may decide.
            if (near - coverage.radius_m()).abs() > 1e-6 {
                prop_assert_eq!(coverage.has(column, row), near < coverage.radius_m(), "{} {}: {}", column, row, near);
            }
        }
    }

    #[test]
    fn a_cell_is_of_the_area_when_a_part_holds_its_middle(
        rings in prop::collection::vec(prop::collection::vec((0..3_000_i32, 0..3_000_i32), 3..7), 1..3),
    ) {
        let ring = |corners: &Vec<(i32, i32)>| corners.iter().map(|(lon, lat)| at(*lon, *lat)).collect();
        let Ok(parts) = rings.iter().map(|corners| Polygon::new(ring(corners), vec![])).collect::<Result<Vec<_>, _>>()
        else { return Ok(()) };
        let area = Area::new(&parts).expect("it has a part");
        let lattice = area.lattice();
        for (column, row) in cells(lattice) {
            let is_inside = parts.iter().any(|part| {
                let west = part.sides().filter(|(a, b)| {
                    let [a, b] = [a, b].map(|end| doubled(&lattice, *end));
                    passes_west(a, b, [(2 * column + 1) * lattice.cell_lon, (2 * row + 1) * lattice.cell_lat])
                });
                west.count() % 2 == 1
            });
            prop_assert_eq!(area.has(column, row), is_inside, "{} {}", column, row);
        }
    }

    #[test]
    fn phones_make_one_coverage_whatever_the_order(
        (a, b, c) in (lines(), lines(), lines()), radius in 5.0..40.0_f64,
    ) {
        let area = field();
        let [a, b, c] = [a, b, c].map(|lines| walked(&area, radius, &lines));
        let merged = |parts: [&Coverage; 4]| {
            let mut all = area.unseen(radius);
            parts.iter().for_each(|part| all.merge(part).expect("of one area"));
            all
        };
        let one = merged([&a, &b, &c, &a]);
        prop_assert_eq!(&one, &merged([&c, &b, &b, &a]));
        prop_assert_eq!(one.to_bytes(), merged([&b, &a, &c, &c]).to_bytes());
        prop_assert_eq!(Coverage::from_bytes(&one.to_bytes()), Ok(one));
    }

    #[test]
    fn any_bytes_are_refused_or_read_back_as_they_are_written(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        lines in lines(), cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = walked(&field(), 20.0, &lines).to_bytes();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            if let Ok(coverage) = Coverage::from_bytes(bytes) {
                prop_assert_eq!(Coverage::from_bytes(&coverage.to_bytes()), Ok(coverage));
            }
            let _ = PlacesSeen::from_bytes(bytes);
        }
    }

    #[test]
    fn a_place_is_seen_when_the_line_passes_within_its_radius(lines in lines(), lon in 0..18_000, lat in 0..18_000, radius in 1.0..200.0_f64) {
        let radius = (radius * 10.0).round() / 10.0;
        let places = Places::new(&[(at(lon, lat), radius), (at(1, 1), 0.5)]);
        let mut walker = places.walker(places.unseen()).expect("of this list");
        // A hundred stops on each step: the nearest of them is at most 40 m too far along the line.
        let mut nearest = f64::INFINITY;
        for line in &lines {
            walker.gap();
            line.iter().for_each(|fix| walker.fix(*fix));
            for (a, b) in line.iter().zip(line.iter().skip(1).chain(line.last())) {
                for part in 0..=1_000 {
                    let between = |a: i32, b: i32| a + (b - a) / 1_000 * part + (b - a) % 1_000 * part / 1_000;
                    let stop = E7::new(between(a.lon(), b.lon()), between(a.lat(), b.lat())).expect("in Kaiping");
                    nearest = nearest.min(metres(stop, at(lon, lat)));
                }
            }
        }
        let seen = walker.seen().seen()[0];
        prop_assert!(if seen { nearest < radius + 1.0 } else { nearest > radius - 0.1 }, "{} of {}", nearest, radius);
        prop_assert_eq!(PlacesSeen::from_bytes(&walker.seen().to_bytes()), Ok(walker.into_seen()));
    }
}
