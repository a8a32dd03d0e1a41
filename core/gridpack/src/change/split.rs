//! One grid into two, along a line.

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::distance::metres;
use gridpatrol_model::area::GridCode;

use super::{Changed, NoChange, sound};
use crate::MAX_CORNERS;
use crate::import::MAX_TEXT;
use crate::pack::{Grid, Pack};
use crate::plane::{sides, unit};

/// A line that meets the border as near to a corner as this means the corner.
const NEAR_METRES: f64 = 1.0;

/// Where the line meets the border.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Meeting {
    /// Segment of the line, and how far along it.
    along: (usize, f64),
    at: E7,
    /// The corner, or the side on which a new one lies.
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Corner(usize),
    Side(usize),
}

impl Pack {
    /// Divides a grid along a line that crosses it once, from outside to outside. `names` are of the part on the right
    /// and on the left of the line, as it is drawn. The line may meet the border anywhere; within a metre of a corner
    /// it means the corner.
    pub fn split(&mut self, code: GridCode, line: &[E7], names: [&str; 2]) -> Result<Changed, NoChange> {
        if names.iter().any(|name| name.len() > MAX_TEXT) {
            return Err(NoChange::NameTooLong);
        }
        let ring = self.changeable(code)?;
        if line.len() < 2 {
            return Err(NoChange::NoLine);
        }
        let met = meetings(ring, line);
        let [enter, leave] = met[..] else { return Err(NoChange::Crossings(met.len())) };
        if enter.at == leave.at {
            return Err(NoChange::Crossings(1));
        }
        let cut = Cut::new(ring, enter, leave, line);
        let parts = cut.parts();
        parts.iter().try_for_each(|part| sound(part))?;
        let made = self.next_codes(code.village(), 2)?;
        let neighbours = self.sharing(&cut.new_corners, code)?;
        let touched = neighbours.iter().map(|grid| grid.code).collect();
        neighbours.into_iter().for_each(|grid| self.put(grid));
        for ((part, code), name) in parts.iter().zip(&made).zip(names) {
            self.put(Grid::new(*code, name.to_owned(), part, Vec::new()));
        }
        self.supersede(code, &made);
        Ok(Changed { made, touched })
    }

    /// The other live grids that have one of these sides, with the new corner on it.
    fn sharing(&self, corners: &[(E7, E7, E7)], split: GridCode) -> Result<Vec<Grid>, NoChange> {
        let mut changed = Vec::new();
        for grid in self.live().filter(|grid| grid.code != split) {
            let mut ring = Vec::with_capacity(grid.ring().len() + 2);
            for (a, b) in sides(grid.ring()) {
                ring.push(a);
                let mut on_it: Vec<E7> = (corners.iter())
                    .filter(|(from, to, _)| (*from, *to) == (a, b) || (*from, *to) == (b, a))
                    .map(|(_, _, at)| *at)
                    .collect();
                on_it.sort_by(|one, two| metres(a, *one).total_cmp(&metres(a, *two)));
                ring.extend(on_it);
            }
            if ring.len() > MAX_CORNERS {
                return Err(NoChange::TooManyCorners);
            }
            if ring.len() > grid.ring().len() {
                changed.push(Grid::new(grid.code, grid.name.clone(), &ring, Vec::new()));
            }
        }
        Ok(changed)
    }
}

fn meetings(ring: &[E7], line: &[E7]) -> Vec<Meeting> {
    let mut met: Vec<Meeting> = Vec::new();
    for (segment, ends) in line.windows(2).enumerate() {
        for (side, (a, b)) in sides(ring).enumerate() {
            if let Some((part, at)) = crossing(ends[0], ends[1], a, b) {
                let next = (side + 1) % ring.len();
                let corner = [(side, a), (next, b)].into_iter().find(|(_, corner)| metres(*corner, at) <= NEAR_METRES);
                let (place, at) = corner.map_or((Place::Side(side), at), |(no, corner)| (Place::Corner(no), corner));
                met.push(Meeting { along: (segment, part), at, place });
            }
        }
    }
    met.sort_by(|one, two| one.along.partial_cmp(&two.along).unwrap_or(std::cmp::Ordering::Equal));
    // Through a corner the line meets both of its sides.
    met.dedup_by(|next, kept| next.at == kept.at);
    met
}

/// Where the segment `p q` meets the side `a b`: the part of the segment, and the nearest unit.
fn crossing(p: E7, q: E7, a: E7, b: E7) -> Option<(f64, E7)> {
    // Differences of positions are exact in a double, and what is computed of them is rounded to units anyway.
    let from =
        |from: E7, to: E7| [f64::from(to.lon()) - f64::from(from.lon()), f64::from(to.lat()) - f64::from(from.lat())];
    let cross = |u: [f64; 2], v: [f64; 2]| u[0] * v[1] - u[1] * v[0];
    let (line, side, between) = (from(p, q), from(a, b), from(p, a));
    let turn = cross(line, side);
    if turn == 0.0 {
        return None;
    }
    let (part, on_side) = (cross(between, side) / turn, cross(between, line) / turn);
    let meets = (0.0..=1.0).contains(&part) && (0.0..=1.0).contains(&on_side);
    let at = unit(f64::from(a.lon()) + side[0] * on_side, f64::from(a.lat()) + side[1] * on_side)?;
    meets.then_some((part, at))
}

/// The ring with the two meetings as corners, and the line between them.
struct Cut {
    ring: Vec<E7>,
    enter: usize,
    leave: usize,
    inner: Vec<E7>,
    /// Sides that got a corner: from, to, corner.
    new_corners: Vec<(E7, E7, E7)>,
}

impl Cut {
    fn new(ring: &[E7], enter: Meeting, leave: Meeting, line: &[E7]) -> Self {
        let mut cut = Vec::with_capacity(ring.len() + 2);
        let mut new_corners = Vec::new();
        let mut ends = [0, 0];
        for (side, (a, b)) in sides(ring).enumerate() {
            for (end, met) in ends.iter_mut().zip([enter, leave]) {
                if met.place == Place::Corner(side) {
                    *end = cut.len();
                }
            }
            cut.push(a);
            let mut on_it: Vec<(usize, Meeting)> =
                [enter, leave].into_iter().enumerate().filter(|(_, met)| met.place == Place::Side(side)).collect();
            on_it.sort_by(|(_, one), (_, two)| metres(a, one.at).total_cmp(&metres(a, two.at)));
            for (end, met) in on_it {
                ends[end] = cut.len();
                cut.push(met.at);
                new_corners.push((a, b, met.at));
            }
        }
        let inner = line[enter.along.0 + 1..=leave.along.0].to_vec();
        Cut { ring: cut, enter: ends[0], leave: ends[1], inner, new_corners }
    }

    /// The ring is counterclockwise, so what follows the way in lies on the right of the line.
    fn parts(&self) -> [Vec<E7>; 2] {
        let way = |from: usize, to: usize| {
            let count = (to + self.ring.len() - from) % self.ring.len();
            (0..=count).map(move |step| self.ring[(from + step) % self.ring.len()])
        };
        let right = way(self.enter, self.leave).chain(self.inner.iter().rev().copied()).collect();
        let left = way(self.leave, self.enter).chain(self.inner.iter().copied()).collect();
        [right, left]
    }
}
