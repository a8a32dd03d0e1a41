//! Shrinking, plane by plane, with Lanczos: whatever sampling came in, 4:2:0 comes out.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeOptions, Resizer};

use crate::codec::{Samples, View};
use crate::{NoPreview, Planes};

/// The size that fits `long_side` and is never enlarged. Shrunk sides are even, so that every chroma sample has its
/// four luma samples, also after turning.
pub(crate) fn fitted(width: usize, height: usize, long_side: usize) -> (usize, usize) {
    let long = width.max(height);
    if long <= long_side {
        return (width, height);
    }
    let even = |side: usize| ((side * long_side + long) / (2 * long) * 2).max(if side == 1 { 1 } else { 2 });
    (even(width), even(height))
}

/// The largest divisor of 1, 2, 4 and 8 that leaves at least `long_side` pixels.
pub(crate) fn divisor(width: usize, height: usize, long_side: usize) -> usize {
    let fits = |divisor: &usize| width.max(height).div_ceil(*divisor) >= long_side;
    [8, 4, 2].into_iter().find(fits).unwrap_or(1)
}

/// Shrinks (or copies) to `width` × `height`.
pub(crate) fn resize(from: &View<'_>, (width, height): (usize, usize)) -> Result<Planes, NoPreview> {
    let whole = (from.size.0 as f64, from.size.1 as f64);
    let y = plane(from.luma, whole, (width, height))?;
    let small = (width.div_ceil(2), height.div_ceil(2));
    let [u, v] = match from.chroma {
        Some(chroma) => {
            // The part of a chroma plane that lies under the picture; its last sample may lie half outside.
            let under = |small: usize, size: usize, whole: f64, ratio: usize, all: usize| {
                (2.0 * small as f64 * whole / (size * ratio) as f64).min(all as f64)
            };
            let [u, v] = chroma.map(|samples| {
                let (across, down) = samples.1;
                let part = (
                    under(small.0, width, whole.0, from.sampling.0, across),
                    under(small.1, height, whole.1, from.sampling.1, down),
                );
                plane(samples, part, small)
            });
            [u?, v?]
        }
        None => [vec![128; small.0 * small.1], vec![128; small.0 * small.1]],
    };
    Ok(Planes { width, height, y, u, v })
}

/// The upper left `part` of a plane, in samples, at a new size.
fn plane(
    (samples, (across, down)): Samples<'_>,
    part: (f64, f64),
    (width, height): (usize, usize),
) -> Result<Vec<u8>, NoPreview> {
    let side = |side: usize| u32::try_from(side).map_err(|_| NoPreview::Unsupported);
    let source =
        ImageRef::new(side(across)?, side(down)?, samples, PixelType::U8).map_err(|_| NoPreview::Unsupported)?;
    let mut target = Image::new(side(width)?, side(height)?, PixelType::U8);
    let options = ResizeOptions::new().crop(0.0, 0.0, part.0, part.1);
    // A resizer for each plane: it keeps its working memory, which for luma is as large as the picture.
    Resizer::new().resize(&source, &mut target, &options).map_err(|_| NoPreview::Unsupported)?;
    Ok(target.into_vec())
}
