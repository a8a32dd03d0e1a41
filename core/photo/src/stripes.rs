//! What is painted where a picture is missing: diagonal stripes, which nobody takes for a picture.

use std::ops::Range;

use crate::Planes;

/// Stripes across a picture.
const STRIPES: usize = 40;
const DARK: u8 = 40;
const LIGHT: u8 = 215;

/// Some rows of a striped picture. The first is an even one.
pub(crate) fn rows(width: usize, rows: Range<usize>) -> Planes {
    let wide = (width / STRIPES).max(1);
    let stripe = |x: usize, y: usize| if ((x + y) / wide).is_multiple_of(2) { DARK } else { LIGHT };
    let mut planes = Planes::filled(width, rows.len(), [0, 128, 128]);
    planes.y = rows.flat_map(|y| (0..width).map(move |x| stripe(x, y))).collect();
    planes
}
