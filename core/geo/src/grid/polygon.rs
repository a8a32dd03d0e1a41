//! A polygon in integers, and where a point lies against it. An edge is straight in degrees. No polygon crosses the
//! date line.

use super::edge::{Edge, spot, turn};
use crate::crs::E7;

/// An outer ring and its holes. Rings may be given closed (last corner = first) or open, in either direction.
/// Inside is even-odd, also where a ring crosses itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Polygon {
    rings: Vec<Vec<E7>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPolygon {
    #[error("a ring needs at least three corners that do not lie on one line (ring {ring}; 0 is the outer one)")]
    NoArea { ring: usize },
}

impl Polygon {
    pub fn new(outer: Vec<E7>, holes: Vec<Vec<E7>>) -> Result<Self, BadPolygon> {
        let rings: Vec<Vec<E7>> = std::iter::once(outer).chain(holes).map(opened).collect();
        match rings.iter().position(|ring| !has_area(ring)) {
            Some(ring) => Err(BadPolygon::NoArea { ring }),
            None => Ok(Self { rings }),
        }
    }

    /// Whether the point lies inside or on the border: the polygon as a closed set.
    pub fn covers(&self, point: E7) -> bool {
        self.holds(point) || self.edges().any(|edge| edge.touches(spot(point)))
    }

    /// Whether the point, moved east by a hair and north by a much smaller one, lies inside. Of polygons that meet
    /// along a border exactly one holds each point of it: the one on its east or, where the border runs due east,
    /// the one on its north.
    pub fn holds(&self, point: E7) -> bool {
        self.edges().fold(false, |inside, edge| inside ^ edge.passes_west_of(spot(point)))
    }

    /// The sides of all rings.
    pub fn sides(&self) -> impl Iterator<Item = (E7, E7)> {
        self.rings.iter().flat_map(|ring| {
            let next = ring.iter().cycle().skip(1);
            ring.iter().copied().zip(next.copied())
        })
    }

    pub(super) fn edges(&self) -> impl Iterator<Item = Edge> {
        self.sides().map(|(from, to)| Edge::between(spot(from), spot(to)))
    }
}

fn opened(mut ring: Vec<E7>) -> Vec<E7> {
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

fn has_area(ring: &[E7]) -> bool {
    let Some(&first) = ring.first() else { return false };
    ring.windows(2).any(|pair| turn(spot(first), spot(pair[0]), spot(pair[1])) != 0)
}
