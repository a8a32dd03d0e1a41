//! What is painted where a picture is missing: diagonal stripes, which nobody takes for a picture.

use crate::Planes;

/// Stripes across the longer side.
const STRIPES: usize = 40;
const DARK: u8 = 40;
const LIGHT: u8 = 215;

/// The picture with as many rows as `height`: striped below what it has.
pub(crate) fn below(mut planes: Planes, height: usize) -> Planes {
    let wide = (planes.width.max(height) / STRIPES).max(1);
    let stripe = |x: usize, y: usize| if ((x + y) / wide).is_multiple_of(2) { DARK } else { LIGHT };
    let width = planes.width;
    planes.y.extend((planes.height..height).flat_map(|y| (0..width).map(move |x| stripe(x, y))));
    planes.height = height;
    let chroma = planes.chroma_width() * planes.chroma_height();
    planes.u.resize(chroma, 128);
    planes.v.resize(chroma, 128);
    planes
}
