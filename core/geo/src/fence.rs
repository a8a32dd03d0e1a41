//! Whether a fix lies in a fence, as far as its accuracy can tell.
//!
//! An edge nearer than the accuracy leaves it open: the answer is then *unsure*, and unsure counts for the member.
//! A border is straight in degrees, and so on the plane round the fix on which its distance is measured.

use crate::crs::E7;
use crate::grid::Polygon;
use crate::ruler::Ruler;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fence {
    Inside,
    Outside,
    /// The border is nearer than the accuracy.
    Unsure {
        /// Metres to the border.
        distance_m: f64,
    },
}

impl Fence {
    /// A fix against a fence of one or more parts. An accuracy that is unknown, or is no number, leaves every
    /// distance open: pass infinity.
    pub fn of(parts: &[Polygon], fix: E7, accuracy_m: f64) -> Self {
        Self::judge(parts.iter().any(|part| part.covers(fix)), border_metres(parts, fix), accuracy_m)
    }

    /// The same for a circle, as round a place that has no border.
    pub fn round(centre: E7, radius_m: f64, fix: E7, accuracy_m: f64) -> Self {
        let from_centre = Ruler::near(centre).metres(centre, fix);
        Self::judge(from_centre <= radius_m, (radius_m - from_centre).abs(), accuracy_m)
    }

    fn judge(is_inside: bool, distance_m: f64, accuracy_m: f64) -> Self {
        // So that an accuracy which is no number is unsure.
        let is_clear = distance_m >= accuracy_m;
        match is_inside {
            _ if !is_clear => Self::Unsure { distance_m },
            true => Self::Inside,
            false => Self::Outside,
        }
    }

    /// Whether the member is taken to be there.
    pub fn counts(self) -> bool {
        !matches!(self, Self::Outside)
    }
}

/// Metres to the nearest border of any part, 0 on it; infinite without a part.
pub fn border_metres(parts: &[Polygon], point: E7) -> f64 {
    let ruler = Ruler::near(point);
    let edges = parts.iter().flat_map(Polygon::sides);
    let squared = edges.map(|(a, b)| squared_to_segment(ruler.plane(point, a), ruler.plane(point, b)));
    squared.fold(f64::INFINITY, f64::min).sqrt()
}

/// From the origin to a segment.
pub(crate) fn squared_to_segment([ax, ay]: [f64; 2], [bx, by]: [f64; 2]) -> f64 {
    let (dx, dy) = (bx - ax, by - ay);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (ax + along * dx, ay + along * dy);
    x * x + y * y
}
