//! Turning upright (EXIF 2.32 §4.6.5), after shrinking: few pixels are moved.

use crate::Planes;

/// Side of the squares in which rows become columns: both sides of a square stay in the first-level cache.
const TILE: usize = 32;

/// `orientation` is 1 to 8; anything else is upright.
pub(crate) fn upright(planes: Planes, orientation: u8) -> Planes {
    // Mirrored left to right, mirrored top to bottom, and then rows to columns.
    let (across, down, swap) = match orientation {
        2 => (true, false, false),
        3 => (true, true, false),
        4 => (false, true, false),
        5 => (false, false, true),
        6 => (false, true, true),
        7 => (true, true, true),
        8 => (true, false, true),
        _ => return planes,
    };
    let turn = |mut plane: Vec<u8>, width: usize| {
        if across {
            plane.chunks_exact_mut(width).for_each(<[u8]>::reverse);
        }
        if down {
            let rows = plane.len() / width;
            let (upper, lower) = plane.split_at_mut(rows / 2 * width);
            let rows = upper.chunks_exact_mut(width).zip(lower.rchunks_exact_mut(width));
            rows.for_each(|(above, below)| above.swap_with_slice(below));
        }
        if swap { transposed(&plane, width) } else { plane }
    };
    let small = planes.chroma_width();
    let (y, u, v) = (turn(planes.y, planes.width), turn(planes.u, small), turn(planes.v, small));
    let (width, height) = if swap { (planes.height, planes.width) } else { (planes.width, planes.height) };
    Planes { width, height, y, u, v }
}

fn transposed(plane: &[u8], width: usize) -> Vec<u8> {
    let height = plane.len() / width;
    let mut out = vec![0; plane.len()];
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            let bottom = (top + TILE).min(height);
            for column in left..(left + TILE).min(width) {
                let to = &mut out[column * height..][top..bottom];
                let from = plane[top * width + column..].iter().step_by(width);
                to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            }
        }
    }
    out
}
