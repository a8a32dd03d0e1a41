//! Fewer points for the same line, in one pass, with a bound on the error.
//!
//! **Bound.** Every dropped point lies within the tolerance ε of the segment that replaces it. From the last kept
//! point, the *anchor* a, a dropped point q at |aq| > ε allows the directions of a cone: those whose ray passes q
//! within ε, that is ± asin(ε / |aq|) round q. The cone of the anchor is what all points since then allow. A point
//! may end the segment if it lies in the cone and no further back than the farthest of them: r = max |aq| ≤ |ap|.
//! Then for each dropped q: the foot of q on the ray from a through p is not behind a, since a direction of its cone
//! is less than a right angle from q, and not beyond p, since it is at most |aq| ≤ r ≤ |ap| from a; so the foot lies
//! on the segment ap, at a distance of at most ε. A q within ε of a is within ε of the segment because a is on it. ∎
//!
//! **One pass.** A walk wavers, so a point outside the cone does not end the segment: the pass goes on while the cone
//! is open, for at most [`AHEAD`] points beyond the last point that could end it, and then goes back to that one. So
//! a point is looked at [`AHEAD`] times at worst, twice in a walk, and memory is bounded.
//!
//! Measured 2026-11 with `gridpatrol-bench simplify`, see docs/benchmarks.md.

use crate::crs::E7;
use crate::ruler::Ruler;

/// How many points the pass looks beyond the last one that could end a segment.
const AHEAD: usize = 32;
/// The cone is a hair narrower than the tolerance, so that rounding cannot pass it: coordinates within 1e7 m are
/// rounded by less than a thousandth of that for a tolerance of a metre.
const MARGIN: f64 = 1e-9;

type Metres = [f64; 2];

/// The numbers of the points to keep, ascending, of a line on a plane: the first, the last, and between them enough
/// for every dropped point to lie within `tolerance_m` of the segment that replaces it.
pub fn simplify(line: &[Metres], tolerance_m: f64) -> Vec<usize> {
    kept(line.len(), tolerance_m, |from, to| minus(line[to], line[from]))
}

/// The same for one segment of a track, on the plane round each kept point. A gap is no segment: what lies on its two
/// sides is simplified apart.
pub fn simplify_track(track: &[E7], tolerance_m: f64) -> Vec<usize> {
    let ruler = Ruler::for_track(track);
    kept(track.len(), tolerance_m, |from, to| ruler.plane(track[from], track[to]))
}

fn kept(count: usize, tolerance_m: f64, offset: impl Fn(usize, usize) -> Metres) -> Vec<usize> {
    let tolerance = tolerance_m.max(0.0) * (1.0 - MARGIN);
    let mut kept: Vec<usize> = (0..count.min(1)).collect();
    let (mut anchor, mut end, mut at) = (0, 0, 1);
    let mut seen = Seen::new(tolerance);
    while at < count {
        let point = offset(anchor, at);
        // The point after the anchor always may, also when it is no number, so the pass moves on.
        if at == anchor + 1 || seen.may_end(point) {
            end = at;
        }
        at += 1;
        if !seen.add(point) || at - end > AHEAD || at == count {
            if end + 1 == count {
                break;
            }
            kept.push(end);
            (anchor, at) = (end, end + 1);
            seen = Seen::new(tolerance);
        }
    }
    kept.extend((count > 1).then(|| count - 1));
    kept
}

/// What the points since the anchor allow for the end of its segment.
struct Seen {
    tolerance2: f64,
    tolerance: f64,
    cone: Cone,
    /// Square of r.
    farthest2: f64,
}

/// The directions between two of length 1, counter-clockwise from the right one to the left one, less than half a turn.
#[derive(Clone, Copy)]
enum Cone {
    All,
    Between { right: Metres, left: Metres },
}

impl Seen {
    fn new(tolerance: f64) -> Self {
        Self { tolerance2: tolerance * tolerance, tolerance, cone: Cone::All, farthest2: 0.0 }
    }

    fn may_end(&self, point: Metres) -> bool {
        self.cone.has(point) && squared(point) >= self.farthest2
    }

    /// Whether any direction is left.
    fn add(&mut self, point: Metres) -> bool {
        let distance2 = squared(point);
        if distance2 <= self.tolerance2 {
            return true;
        }
        self.farthest2 = self.farthest2.max(distance2);
        // Most points allow the whole cone, which costs no root to see: it is convex, so its sides tell.
        if let Cone::Between { right, left } = self.cone
            && self.allows(right, point)
            && self.allows(left, point)
        {
            return true;
        }
        let [x, y] = point;
        let (along, across) = ((distance2 - self.tolerance2).sqrt() / distance2, self.tolerance / distance2);
        let right = [x * along + y * across, y * along - x * across];
        let left = [x * along - y * across, y * along + x * across];
        let cone = self.cone.and(right, left);
        self.cone = cone.unwrap_or(self.cone);
        cone.is_some()
    }

    /// Whether a ray in this direction passes the point within the tolerance.
    fn allows(&self, direction: Metres, point: Metres) -> bool {
        cross(direction, point).abs() <= self.tolerance && direction[0] * point[0] + direction[1] * point[1] >= 0.0
    }
}

impl Cone {
    fn has(self, direction: Metres) -> bool {
        match self {
            Cone::All => true,
            Cone::Between { right, left } => cross(right, direction) >= 0.0 && cross(direction, left) >= 0.0,
        }
    }

    /// The directions also between these two; `None` if there are none.
    fn and(self, right: Metres, left: Metres) -> Option<Self> {
        let other = Cone::Between { right, left };
        let Cone::Between { right: own_right, left: own_left } = self else { return Some(other) };
        let side = |new: Metres, own: Metres| {
            if self.has(new) { Some(new) } else { other.has(own).then_some(own) }
        };
        Some(Cone::Between { right: side(right, own_right)?, left: side(left, own_left)? })
    }
}

fn minus(a: Metres, b: Metres) -> Metres {
    [a[0] - b[0], a[1] - b[1]]
}

fn cross(a: Metres, b: Metres) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn squared(a: Metres) -> f64 {
    a[0] * a[0] + a[1] * a[1]
}
