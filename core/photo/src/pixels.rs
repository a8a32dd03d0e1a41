//! Pixels to planes: pictures that a shell has decoded (HEIC), and the JPEGs and PNGs that do not come as planes.

use crate::codec::Decoded;
use crate::{Limits, NoPreview};

/// A picture that the shell's own decoder made. Not stored anywhere: borrowed for as long as a call takes.
#[derive(Clone, Copy, Debug)]
pub struct Pixels<'a> {
    /// Pixels across, as in `layout`.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// EXIF orientation of these pixels, 1 to 8. Most system decoders turn a HEIC upright themselves: then 1.
    pub orientation: u8,
    /// ICC profile of these pixels, if they are not sRGB.
    pub icc: Option<&'a [u8]>,
    pub layout: Layout<'a>,
}

/// How the pixels lie in memory.
#[derive(Clone, Copy, Debug)]
pub enum Layout<'a> {
    /// Four bytes a pixel; what is transparent turns white. `row_stride` is the bytes from a row to the next.
    Rgba { data: &'a [u8], row_stride: usize },
    /// Full range, BT.601 (JFIF). Chroma sizes round up.
    Yuv420 { y: Plane<'a>, u: Plane<'a>, v: Plane<'a> },
}

/// One plane, with the strides that Android's `Image.Plane` and Apple's `CVPixelBuffer` give.
#[derive(Clone, Copy, Debug)]
pub struct Plane<'a> {
    pub data: &'a [u8],
    /// Bytes from a row to the next.
    pub row_stride: usize,
    /// Bytes from a sample to the next: 2 where blue and red difference lie interleaved.
    pub pixel_stride: usize,
}

/// How four inks are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// 255 is all ink.
    Plain,
    /// 255 is no ink: so write all who set the Adobe marker.
    Inverted,
}

/// # Errors
/// [`NoPreview::TooLarge`] by the limits, [`NoPreview::Implausible`] if a buffer is too short for size and strides.
pub(crate) fn decoded(pixels: &Pixels<'_>, limits: &Limits) -> Result<Decoded, NoPreview> {
    let (width, height) = (pixels.width, pixels.height);
    crate::header::check_size(width, height, limits)?;
    let short = NoPreview::Implausible { width, height };
    let (width, height) = (width as usize, height as usize);
    match pixels.layout {
        Layout::Rgba { data, row_stride } => {
            let plane = Plane { data, row_stride, pixel_stride: 4 };
            // The last pixel has four bytes.
            plane.check(width, height, 4).ok_or(short)?;
            Ok(rgba(data, row_stride, (width, height)))
        }
        Layout::Yuv420 { y, u, v } => {
            let (across, down) = (width.div_ceil(2), height.div_ceil(2));
            y.check(width, height, 1).ok_or(short)?;
            u.check(across, down, 1).and(v.check(across, down, 1)).ok_or(short)?;
            let mut data = Vec::with_capacity(width * height + 2 * across * down);
            y.copy(&mut data, width, height);
            u.copy(&mut data, across, down);
            v.copy(&mut data, across, down);
            Ok(Decoded::quartered(data, (width, height)))
        }
    }
}

impl Plane<'_> {
    /// `Some` if all samples, each of `bytes` bytes, lie in the buffer and no row overlaps the next.
    fn check(&self, width: usize, height: usize, bytes: usize) -> Option<()> {
        let row = (width - 1).checked_mul(self.pixel_stride)?.checked_add(bytes)?;
        let all = (height - 1).checked_mul(self.row_stride)?.checked_add(row)?;
        let apart = self.pixel_stride > 0 && (height == 1 || row <= self.row_stride);
        (apart && all <= self.data.len()).then_some(())
    }

    fn copy(&self, to: &mut Vec<u8>, width: usize, height: usize) {
        for row in 0..height {
            let samples = &self.data[row * self.row_stride..];
            match self.pixel_stride {
                1 => to.extend_from_slice(&samples[..width]),
                stride => to.extend(samples.iter().step_by(stride).take(width)),
            }
        }
    }
}

/// Tightly packed RGB.
pub(crate) fn from_rgb(data: &[u8], size: (usize, usize)) -> Decoded {
    subsampled(data, 3 * size.0, size, rgb_to_ycc)
}

/// Tightly packed RGBA; what is transparent turns white, because JPEG has no alpha.
pub(crate) fn from_rgba(data: &[u8], size: (usize, usize)) -> Decoded {
    rgba(data, 4 * size.0, size)
}

fn rgba(data: &[u8], stride: usize, size: (usize, usize)) -> Decoded {
    subsampled(data, stride, size, |[r, g, b, a]| rgb_to_ycc(over_white([r, g, b], a)))
}

/// Tightly packed YCbCr, as the pure decoder gives it.
#[cfg(feature = "pure")]
pub(crate) fn from_ycbcr(data: &[u8], size: (usize, usize)) -> Decoded {
    subsampled(data, 3 * size.0, size, |pixel: [u8; 3]| pixel)
}

/// Four inks, tightly packed. Without the printer's profile this is the screen's usual guess: each ink takes its
/// colour away, black takes all.
pub(crate) fn from_inks(data: &[u8], size: (usize, usize), ink: Ink) -> Decoded {
    subsampled(data, 4 * size.0, size, |inks: [u8; 4]| {
        let light = inks.map(|value| if ink == Ink::Inverted { value } else { 255 - value });
        let [c, m, y, k] = light.map(u16::from);
        rgb_to_ycc([c, m, y].map(|colour| ((colour * k + 127) / 255) as u8))
    })
}

/// The first three of four inks out of YCbCr (libjpeg's `ycck_cmyk_convert`).
#[cfg(feature = "pure")]
pub(crate) fn inks_of_ycck(mut data: Vec<u8>) -> Vec<u8> {
    for [y, cb, cr, _] in data.as_chunks_mut().0 {
        let (luma, blue, red) = (f32::from(*y), f32::from(*cb) - 128.0, f32::from(*cr) - 128.0);
        let ink = |light: f32| 255 - light.round().clamp(0.0, 255.0) as u8;
        *y = ink(luma + 1.402 * red);
        *cr = {
            let green = ink(luma - 0.344_136 * blue - 0.714_136 * red);
            *cb = ink(luma + 1.772 * blue);
            std::mem::replace(cb, green)
        };
    }
    data
}

fn over_white(rgb: [u8; 3], alpha: u8) -> [u8; 3] {
    let alpha = u16::from(alpha);
    rgb.map(|sample| ((u16::from(sample) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
}

/// JFIF 1.02 §7, in 16 bits behind the point.
fn rgb_to_ycc(rgb: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = rgb.map(i32::from);
    let round = |sum: i32, middle: i32| (((sum + (1 << 15)) >> 16) + middle).clamp(0, 255) as u8;
    [
        round(19_595 * r + 38_470 * g + 7_471 * b, 0),
        round(-11_059 * r - 21_709 * g + 32_768 * b, 128),
        round(32_768 * r - 27_439 * g - 5_329 * b, 128),
    ]
}

/// Planes of packed pixels of `N` bytes; a chroma sample is the mean of its four pixels. At an odd edge the last
/// pixel counts twice.
fn subsampled<const N: usize>(
    data: &[u8],
    stride: usize,
    (width, height): (usize, usize),
    to_ycc: impl Fn([u8; N]) -> [u8; 3],
) -> Decoded {
    let (across, down) = (width.div_ceil(2), height.div_ceil(2));
    let mut planes = vec![0; width * height + 2 * across * down];
    let (luma, chroma) = planes.split_at_mut(width * height);
    let (blue, red) = chroma.split_at_mut(across * down);
    let pixels = |row: usize| &data[row * stride..][..width * N].as_chunks::<N>().0[..width];
    let chroma = blue.chunks_exact_mut(across).zip(red.chunks_exact_mut(across));
    for ((row, (blue, red)), luma) in chroma.enumerate().zip(luma.chunks_mut(2 * width)) {
        let (above, below) = (pixels(2 * row), pixels((2 * row + 1).min(height - 1)));
        let (upper, lower) = luma.split_at_mut(width);
        for (at, (blue, red)) in blue.iter_mut().zip(red).enumerate() {
            let (left, right) = (2 * at, (2 * at + 1).min(width - 1));
            let quad = [above[left], above[right], below[left], below[right]].map(&to_ycc);
            (upper[left], upper[right]) = (quad[0][0], quad[1][0]);
            if !lower.is_empty() {
                (lower[left], lower[right]) = (quad[2][0], quad[3][0]);
            }
            let mean = |n: usize| (quad.iter().map(|ycc| u16::from(ycc[n])).sum::<u16>() + 2) / 4;
            (*blue, *red) = (mean(1) as u8, mean(2) as u8);
        }
    }
    Decoded::quartered(planes, (width, height))
}
