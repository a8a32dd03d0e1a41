//! Pixels: the panel and the characters on it, in YCbCr.
//!
//! Over pure white the panel has luma 80, so that white text on it has a contrast of 7 : 1 and coloured text one of
//! 4 : 1 (WCAG 2 asks for 4.5, and 3 for large text).

use super::font::Face;
use super::layout::{Layout, Line};
use crate::planes::Planes;

/// How much of 256 stays of the picture under the panel, and the luma that is mixed in.
const KEPT: u32 = 72;
const PANEL_LUMA: u32 = 12;

/// Y, U, V.
type Colour = [u8; 3];
const WHITE: Colour = [242, 128, 128];
/// sRGB 255, 179, 0
const AMBER: Colour = [181, 26, 181];

/// Darkens the panel's part of the picture, and draws its bar.
pub(super) fn panel(planes: &mut Planes, layout: &Layout) {
    let panel = layout.panel;
    let mixed = |grey: u32| -> [u8; 256] {
        std::array::from_fn(|sample| ((sample as u32 * KEPT + grey * (256 - KEPT) + 128) / 256) as u8)
    };
    let (luma, chroma) = (mixed(PANEL_LUMA), mixed(128));
    let (width, chroma_width) = (planes.width, planes.chroma_width());
    let fill = |plane: &mut [u8], stride: usize, half: usize, table: &[u8; 256], colour: u8| {
        let (left, bar, right) =
            (panel.x / half, (panel.x + layout.bar) / half, (panel.x + panel.width).div_ceil(half).min(stride));
        let rows = plane.chunks_exact_mut(stride).skip(panel.y / half).take(panel.height / half);
        for row in rows {
            row[left..bar].fill(colour);
            row[bar..right].iter_mut().for_each(|sample| *sample = table[usize::from(*sample)]);
        }
    };
    fill(&mut planes.y, width, 1, &luma, AMBER[0]);
    fill(&mut planes.u, chroma_width, 2, &chroma, AMBER[1]);
    fill(&mut planes.v, chroma_width, 2, &chroma, AMBER[2]);
}

/// Writes a line. The pen stops at whole pixels, so that a character is rasterised once.
pub(super) fn line(planes: &mut Planes, face: &mut Face<'_>, line: &Line) {
    let mut pen = line.x as f32;
    for (at, character) in line.text.chars().enumerate() {
        let colour = if at < line.marked { AMBER } else { WHITE };
        let advance = face.advance(character) * line.side as f32;
        let mask = face.mask(character, line.side);
        let (x, y) = (pen.round() as i32 + mask.left, line.bottom as i32 + mask.top);
        if mask.width > 0 {
            ink(planes, x, y, mask.width, &mask.coverage, colour);
        }
        pen += advance;
    }
}

/// Lays a colour over the picture, as much of it as the mask says.
fn ink(planes: &mut Planes, x: i32, y: i32, width: usize, coverage: &[u8], [luma, u, v]: Colour) {
    let (picture_width, picture_height, chroma_width) = (planes.width, planes.height, planes.chroma_width());
    for (row, masks) in (y..).zip(coverage.chunks_exact(width)) {
        for (column, &covered) in (x..).zip(masks) {
            let (Ok(row), Ok(column)) = (usize::try_from(row), usize::try_from(column)) else { continue };
            if covered == 0 || row >= picture_height || column >= picture_width {
                continue;
            }
            let sample = &mut planes.y[row * picture_width + column];
            *sample = over(*sample, luma, i32::from(covered), 255);
            // A chroma sample lies under four pixels, and each of them moves it by a quarter.
            let at = row / 2 * chroma_width + column / 2;
            planes.u[at] = over(planes.u[at], u, i32::from(covered), 4 * 255);
            planes.v[at] = over(planes.v[at], v, i32::from(covered), 4 * 255);
        }
    }
}

/// `part` of `whole` of the way from one sample to the other.
fn over(from: u8, to: u8, part: i32, whole: i32) -> u8 {
    let step = (i32::from(to) - i32::from(from)) * part;
    (i32::from(from) + (step + step.signum() * whole / 2) / whole) as u8
}
