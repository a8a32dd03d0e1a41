//! Which grid owns a point.
//!
//! Polygons are closed sets: border and corners belong to them. Where several cover a point — on a shared border,
//! at a corner, or where two drawings overlap — the **smallest grid code** owns it. So a point has one owner,
//! whatever the order the grids came in, on every phone and on the hub; and the outer border of a village
//! still has one.
//!
//! Exact: corners are integers (1e-7 degrees) and the side of an edge is the sign of an `i128` product, so
//! nothing is rounded. `rstar` finds the few candidates by their boxes; its `f64` holds such integers exactly.
//! An edge is straight in degrees. No polygon crosses the date line.

use gridpatrol_model::area::GridCode;
use rstar::{AABB, RTree, RTreeObject};

use crate::crs::E7;

/// An outer ring and its holes. Rings may be given closed (last corner = first) or open, in either direction.
/// Inside is even-odd; the border of a hole belongs to the polygon around it.
#[derive(Clone, Debug)]
pub struct Polygon {
    rings: Vec<Vec<E7>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPolygon {
    #[error("a ring needs at least three corners that do not lie on one line (ring {ring}; 0 is the outer one)")]
    NoArea { ring: usize },
}

/// All grids of an area, ready to answer for a point.
#[derive(Debug)]
pub struct GridIndex {
    tree: RTree<Entry>,
}

#[derive(Debug)]
struct Entry {
    code: GridCode,
    polygon: Polygon,
    bounds: AABB<[f64; 2]>,
}

/// Where a point lies against a ring.
#[derive(PartialEq)]
enum Side {
    Inside,
    Border,
    Outside,
}

impl Polygon {
    pub fn new(outer: Vec<E7>, holes: Vec<Vec<E7>>) -> Result<Self, BadPolygon> {
        let rings: Vec<Vec<E7>> = std::iter::once(outer).chain(holes).map(opened).collect();
        match rings.iter().position(|ring| !has_area(ring)) {
            Some(ring) => Err(BadPolygon::NoArea { ring }),
            None => Ok(Self { rings }),
        }
    }

    /// Whether the point lies inside or on the border.
    pub fn covers(&self, point: E7) -> bool {
        let mut inside = false;
        for ring in &self.rings {
            match side(ring, point) {
                Side::Border => return true,
                Side::Inside => inside = !inside,
                Side::Outside => {}
            }
        }
        inside
    }
}

impl GridIndex {
    /// A grid of several parts comes once for each part.
    pub fn build(grids: impl IntoIterator<Item = (GridCode, Polygon)>) -> Self {
        let entries = grids.into_iter().map(|(code, polygon)| {
            let corners: Vec<[f64; 2]> = polygon.rings[0].iter().map(|&corner| flat(corner)).collect();
            Entry { code, polygon, bounds: AABB::from_points(&corners) }
        });
        Self { tree: RTree::bulk_load(entries.collect()) }
    }

    /// The grid that owns the point, by the rule above; `None` outside every grid.
    pub fn owner(&self, point: E7) -> Option<GridCode> {
        self.tree
            .locate_in_envelope_intersecting(AABB::from_point(flat(point)))
            .filter(|entry| entry.polygon.covers(point))
            .map(|entry| entry.code)
            .min()
    }
}

impl RTreeObject for Entry {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.bounds
    }
}

fn flat(point: E7) -> [f64; 2] {
    [f64::from(point.lon()), f64::from(point.lat())]
}

fn opened(mut ring: Vec<E7>) -> Vec<E7> {
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

fn edges(ring: &[E7]) -> impl Iterator<Item = (E7, E7)> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

fn has_area(ring: &[E7]) -> bool {
    let Some(&first) = ring.first() else { return false };
    edges(ring).any(|(from, to)| turn(first, from, to) != 0)
}

/// Positive when the way from `a` by `b` to `c` turns left, 0 when the three lie on one line. Exact.
fn turn(a: E7, b: E7, c: E7) -> i128 {
    let from_a = |p: E7| (i128::from(p.lon()) - i128::from(a.lon()), i128::from(p.lat()) - i128::from(a.lat()));
    let ((bx, by), (cx, cy)) = (from_a(b), from_a(c));
    bx * cy - by * cx
}

/// Even-odd by a ray to the east. An edge counts from its lower corner up to but without its upper one, so a
/// ray through a corner crosses the ring once.
fn side(ring: &[E7], point: E7) -> Side {
    let mut inside = false;
    for (from, to) in edges(ring) {
        let (low, high) = if from.lat() <= to.lat() { (from, to) } else { (to, from) };
        if point.lat() < low.lat() || point.lat() > high.lat() {
            continue;
        }
        let turn = turn(low, high, point);
        if turn == 0 && low.lon().min(high.lon()) <= point.lon() && point.lon() <= low.lon().max(high.lon()) {
            return Side::Border;
        }
        // Left of an edge that runs upwards: the ray to the east crosses it.
        if turn > 0 && point.lat() < high.lat() {
            inside = !inside;
        }
    }
    if inside { Side::Inside } else { Side::Outside }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STEP: i32 = 6_000;
    const SIZE: i32 = 4;

    fn at(lon: i32, lat: i32) -> E7 {
        E7::new(1_126_000_000 + lon, 223_000_000 + lat).expect("in Kaiping")
    }

    fn code(serial: i32) -> GridCode {
        GridCode::parse(&format!("440783108224{serial:03}")).expect("a grid of a real village")
    }

    fn square(west: i32, south: i32, size: i32) -> Vec<E7> {
        vec![at(west, south), at(west + size, south), at(west + size, south + size), at(west, south + size)]
    }

    fn polygon(ring: Vec<E7>) -> Polygon {
        Polygon::new(ring, vec![]).expect("it has an area")
    }

    #[test]
    fn a_shared_border_belongs_to_the_smaller_code_and_the_outer_border_to_its_grid() {
        let index = GridIndex::build([(code(2), polygon(square(0, 0, 10))), (code(1), polygon(square(10, 0, 10)))]);
        assert_eq!(index.owner(at(5, 5)), Some(code(2)));
        assert_eq!(index.owner(at(10, 5)), Some(code(1)), "on the shared edge");
        assert_eq!(index.owner(at(10, 10)), Some(code(1)), "on a shared corner");
        assert_eq!(index.owner(at(20, 10)), Some(code(1)), "on the outer corner");
        assert_eq!(index.owner(at(0, 10)), Some(code(2)), "on the outer corner");
        assert_eq!(index.owner(at(21, 5)), None);
    }

    #[test]
    fn a_school_in_a_hole_is_a_grid_of_its_own() {
        let around = Polygon::new(square(0, 0, 30), vec![square(10, 10, 10)]).expect("it has an area");
        let index = GridIndex::build([(code(1), around), (code(9), polygon(square(10, 10, 10)))]);
        assert_eq!(index.owner(at(15, 15)), Some(code(9)));
        assert_eq!(index.owner(at(10, 15)), Some(code(1)), "the border of the hole is shared");
        assert_eq!(index.owner(at(5, 5)), Some(code(1)));
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
    }

    #[test]
    fn a_grid_of_two_parts_is_one_grid_and_a_line_is_none() {
        let index = GridIndex::build([(code(1), polygon(square(0, 0, 5))), (code(1), polygon(square(50, 0, 5)))]);
        assert_eq!(index.owner(at(2, 2)), index.owner(at(52, 2)));
        assert_eq!(
            Polygon::new(vec![at(0, 0), at(5, 5), at(9, 9)], vec![]).err(),
            Some(BadPolygon::NoArea { ring: 0 })
        );
        assert_eq!(Polygon::new(square(0, 0, 9), vec![vec![]]).err(), Some(BadPolygon::NoArea { ring: 1 }));
        assert_eq!(GridIndex::build([]).owner(at(0, 0)), None);
    }

    /// A mesh of crooked quadrilaterals without a gap: corners are shared and pushed about, yet every edge stays
    /// divisible by 3, so that exact points on it exist.
    fn mesh() -> impl Strategy<Value = (Vec<Vec<E7>>, Vec<i32>)> {
        let corners = ((SIZE + 1) * (SIZE + 1)) as usize;
        let pushes = proptest::collection::vec((-300..=300_i32, -300..=300_i32), corners);
        let serials = Just((1..=SIZE * SIZE).collect::<Vec<i32>>()).prop_shuffle();
        (pushes, serials).prop_map(|(pushes, serials)| {
            let corner = |i: i32, j: i32| {
                let (east, north) = pushes[(j * (SIZE + 1) + i) as usize];
                at(i * STEP + 3 * east, j * STEP + 3 * north)
            };
            let cells = (0..SIZE * SIZE).map(|n| (n % SIZE, n / SIZE));
            let rings =
                cells.map(|(i, j)| vec![corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)]);
            (rings.collect(), serials)
        })
    }

    /// The rule written naively: winding by signs alone, all polygons tried. The quadrilaterals are convex.
    fn touches(ring: &[E7], point: E7) -> bool {
        edges(ring).all(|(from, to)| turn(from, to, point) >= 0)
    }

    proptest! {
        #[test]
        fn in_a_tiling_every_point_has_exactly_one_owner_the_smallest_code_that_touches_it(
            (rings, serials) in mesh(), east in 0..=STEP * SIZE, north in 0..=STEP * SIZE,
        ) {
            let cells: Vec<(GridCode, &Vec<E7>)> = serials.iter().map(|&s| code(s)).zip(&rings).collect();
            let index = GridIndex::build(cells.iter().map(|(code, ring)| (*code, polygon((*ring).clone()))));
            let thirds = rings.iter().flat_map(|ring| edges(ring).map(|(a, b)| {
                E7::new(a.lon() + (b.lon() - a.lon()) / 3, a.lat() + (b.lat() - a.lat()) / 3).expect("on the edge")
            }));
            let points = rings.iter().flatten().copied().chain(thirds);
            for point in points {
                let smallest = cells.iter().filter(|(_, ring)| touches(ring, point)).map(|(code, _)| *code).min();
                prop_assert!(smallest.is_some());
                prop_assert_eq!(index.owner(point), smallest);
            }
            let anywhere = at(east, north);
            let touching: Vec<GridCode> =
                cells.iter().filter(|(_, ring)| touches(ring, anywhere)).map(|(code, _)| *code).collect();
            prop_assert_eq!(index.owner(anywhere), touching.iter().min().copied());
        }
    }
}
