//! Rings in the plane of longitude and latitude: exact tests in integers, and areas in square metres.

use geo::{Coord, LineString, Polygon};
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::ruler::Ruler;

/// Twice the area of `a`, `b`, `c`: positive when the way turns left, 0 when they lie on one line. Exact.
pub fn turn(a: E7, b: E7, c: E7) -> i128 {
    let [[bx, by], [cx, cy]] = [from(a, b), from(a, c)];
    bx * cy - by * cx
}

fn from(a: E7, b: E7) -> [i128; 2] {
    [i128::from(b.lon()) - i128::from(a.lon()), i128::from(b.lat()) - i128::from(a.lat())]
}

/// Whether the way from `a` by `b` to `c` goes straight back over itself.
pub fn turns_back(a: E7, b: E7, c: E7) -> bool {
    let [[ax, ay], [cx, cy]] = [from(a, b), from(b, c)];
    ax * cy == ay * cx && ax * cx + ay * cy < 0
}

/// Twice the area in square units of 1e-7 degrees, positive when counterclockwise. Exact; the ring is open or closed.
pub fn doubled_area(ring: &[E7]) -> i128 {
    let Some(&first) = ring.first() else { return 0 };
    ring.windows(2).map(|side| turn(first, side[0], side[1])).sum()
}

/// Without its closing corner, if it has one.
pub fn opened(ring: &[E7]) -> &[E7] {
    match ring {
        [first, rest @ .., last] if first == last && !rest.is_empty() => &ring[..ring.len() - 1],
        _ => ring,
    }
}

/// The sides of an open ring.
pub fn sides(ring: &[E7]) -> impl Iterator<Item = (E7, E7)> + '_ {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// South-west and north-east corner, in units.
pub fn bounds(ring: &[E7]) -> Option<[[f64; 2]; 2]> {
    let [lon, lat] = [E7::lon, E7::lat].map(|axis| {
        let along = || ring.iter().map(|at| axis(*at));
        Some((f64::from(along().min()?), f64::from(along().max()?)))
    });
    let ((west, east), (south, north)) = (lon?, lat?);
    Some([[west, south], [east, north]])
}

/// Area in square metres and outline in metres, to about 0.1 % for anything as small as a town.
pub fn measure(ring: &[E7]) -> (f64, f64) {
    let Some(&origin) = ring.first() else { return (0.0, 0.0) };
    let ruler = Ruler::near(origin);
    let plane: Vec<[f64; 2]> = opened(ring).iter().map(|at| ruler.plane(origin, *at)).collect();
    let sides = || plane.iter().zip(plane.iter().cycle().skip(1));
    let area = sides().map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0;
    let outline = sides().map(|(a, b)| (b[0] - a[0]).hypot(b[1] - a[1])).sum();
    (area.abs(), outline)
}

/// For the boolean operations, in units, which a double holds exactly.
pub fn polygon(ring: &[E7]) -> Polygon<f64> {
    let coord = |at: &E7| Coord { x: f64::from(at.lon()), y: f64::from(at.lat()) };
    let mut ring: Vec<Coord<f64>> = opened(ring).iter().map(coord).collect();
    if doubled_area_of(&ring) < 0.0 {
        ring.reverse();
    }
    Polygon::new(LineString::new(ring), Vec::new())
}

fn doubled_area_of(ring: &[Coord<f64>]) -> f64 {
    let Some(&first) = ring.first() else { return 0.0 };
    let cross = |a: Coord<f64>, b: Coord<f64>| (a.x - first.x) * (b.y - first.y) - (b.x - first.x) * (a.y - first.y);
    ring.windows(2).map(|side| cross(side[0], side[1])).sum()
}

/// Back from a boolean operation: to the nearest unit, closed.
pub fn ring(line: &LineString<f64>) -> Vec<E7> {
    line.coords().filter_map(|at| unit(at.x, at.y)).collect()
}

/// The nearest position.
pub fn unit(lon: f64, lat: f64) -> Option<E7> {
    E7::new(lon.round() as i32, lat.round() as i32).ok()
}
