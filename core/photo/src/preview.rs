//! Derivative and thumbnail. The chain is: decode at 1/2^k, shrink, turn (few pixels by then), stamp, encode; the
//! thumbnail is shrunk out of the derivative's planes.
//!
//! Measured 2026-11-24 for a whole import without stamp, release build, two loaded cores, medians of CPU
//! (`gridpatrol-bench photo`), in the same run as libvips 8.18 (decode, 1600 px, thumbnail: 102 ms, 131 MB): 12 MP
//! baseline 59 ms, half of it entropy decoding, and a peak of 13 MB for the process; 4:4:4 17 MB; progressive 150 ms,
//! 46 MB; 48 MP 84 ms, 14 MB. The pure coder: 88 ms, 21 MB. Scaled against full decoding: 47 to 52 dB in luma.

use std::io::Cursor;
use std::ops::Range;

use image::{DynamicImage, ImageDecoder, ImageError, ImageReader};

use crate::codec::{self, Coder, Decoded, Source, View};
use crate::exif_write::{ExifFields, exif_segment};
use crate::header::{self, Header};
use crate::{Damage, NoPreview, Planes, entropy, icc, jpeg, mend, pixels, resize, stripes, turn};

pub(crate) const DERIVATIVE: usize = 1600;
const THUMBNAIL: usize = 256;
const DERIVATIVE_QUALITY: u8 = 80;
const THUMBNAIL_QUALITY: u8 = 75;

/// Bytes that a PNG decoder may take beside the pixels, of which the header was checked: for rows, and for a profile
/// that may be packed a thousandfold.
const PNG_MARGIN: u64 = 4 << 20;

/// An encoded picture and its size in pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jpeg {
    pub bytes: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

/// How much of a JPEG is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The largest 1/2^k of the size that is not below the target.
    Scaled,
    /// Every pixel: what [`Detail::Scaled`] is measured against.
    Full,
}

/// A picture out of a file.
pub(crate) struct Opened {
    pub decoded: Decoded,
    /// The colour profile that the pixels are in.
    pub profile: Option<Vec<u8>>,
    /// Why this is not all of it.
    pub damage: Option<Damage>,
}

/// Decodes a file whose header was found good, and of a broken JPEG what is sound.
pub(crate) fn decode(
    bytes: &[u8],
    header: &Header<'_>,
    (coder, detail, long_side): (Coder, Detail, usize),
) -> Result<Opened, NoPreview> {
    let Some(source) = &header.jpeg else { return decode_image(bytes, header) };
    let divisor = match detail {
        Detail::Scaled => resize::divisor(source.frame.width.into(), source.frame.height.into(), long_side),
        Detail::Full => 1,
    };
    let profile = icc::of_jpeg(source.bytes);
    let (decoded, damage) = decode_jpeg(coder, source, divisor, !header.truncated)?;
    Ok(Opened { decoded, profile, damage })
}

/// `ends` says whether its end marker is there.
fn decode_jpeg(
    coder: Coder,
    source: &Source<'_>,
    divisor: usize,
    ends: bool,
) -> Result<(Decoded, Option<Damage>), NoPreview> {
    let unpadded = if ends { unpadded(source.bytes) } else { None };
    let written = unpadded.as_ref().map_or(*source, |bytes| Source { bytes, ..*source });
    let mut whole = if ends { codec::decode(coder, &written, divisor) } else { Err(NoPreview::Truncated) };
    // The codes of a blank sheet are zeros too.
    if unpadded.is_some() && whole.is_err() && entropy::ends_in_time(source) {
        whole = codec::decode(coder, source, divisor);
    }
    match whole {
        Ok(decoded) => Ok((decoded, None)),
        Err(NoPreview::Truncated | NoPreview::Damaged) => mend::decode(coder, &written, divisor, ends),
        Err(other) => Err(other),
    }
}

/// A file without the zeros before its end marker, if there are many: they pad a picture, or stand for what was never
/// written.
fn unpadded(bytes: &[u8]) -> Option<Vec<u8>> {
    let (data, end) = bytes.split_at_checked(bytes.len().checked_sub(2)?)?;
    let written = header::written(data);
    (written.len() < data.len()).then(|| [written, end].concat())
}

/// PNG and WebP. The decoder is held to the size that was checked, should it read the header differently.
fn decode_image(bytes: &[u8], header: &Header<'_>) -> Result<Opened, NoPreview> {
    let (width, height) = header.dimensions.ok_or(NoPreview::Damaged)?;
    let mut held = image::Limits::no_limits();
    held.max_image_width = Some(width);
    held.max_image_height = Some(height);
    held.max_alloc = Some(PNG_MARGIN);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| NoPreview::Damaged)?;
    reader.limits(held);
    let reason = |error| match error {
        ImageError::Unsupported(_) => NoPreview::Unsupported,
        _ => NoPreview::Damaged,
    };
    let mut decoder = reader.into_decoder().map_err(reason)?;
    let profile = decoder.icc_profile().map_err(reason)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(reason)?;
    let size = (width as usize, height as usize);
    let decoded = match picture {
        DynamicImage::ImageLuma8(_) | DynamicImage::ImageLuma16(_) => {
            Decoded::grey(picture.into_luma8().into_raw(), size)
        }
        _ if picture.color().has_alpha() => pixels::from_rgba(&picture.into_rgba8(), size),
        _ => pixels::from_rgb(&picture.into_rgb8(), size),
    };
    Ok(Opened { decoded, profile, damage: None })
}

/// Upright, the long side at most `long_side` pixels, striped where the picture is missing.
pub(crate) fn shrink(decoded: Decoded, orientation: u8, long_side: usize) -> Result<Planes, NoPreview> {
    let planes = match decoded.lost.clone() {
        None => resize::resize(&decoded.view(), resize::fitted(decoded.size.0, decoded.size.1, long_side))?,
        Some(lost) => shrink_around(&decoded, lost, long_side)?,
    };
    // Turning needs its room.
    drop(decoded);
    Ok(turn::upright(planes, orientation))
}

/// What is above and what is below the lost rows are shrunk each by itself: neither takes on a shade of what stands
/// between them. [`NoPreview::Damaged`] if neither has a row to show.
fn shrink_around(decoded: &Decoded, lost: Range<usize>, long_side: usize) -> Result<Planes, NoPreview> {
    let all = decoded.size.1;
    let (width, height) = resize::fitted(decoded.size.0, all, long_side);
    // Whole chroma rows.
    let above = (height * lost.start / all) & !1;
    let below = (height * lost.end).div_ceil(all).next_multiple_of(2).min(height);
    if above == 0 && below == height {
        return Err(NoPreview::Damaged);
    }
    let shrunk = |rows: Range<usize>, height: usize| match height {
        0 => Ok(Planes::filled(width, 0, [0; 3])),
        _ => resize::resize(&decoded.view().rows(rows), (width, height)),
    };
    let mut planes = shrunk(0..lost.start, above)?;
    planes.append(&stripes::rows(width, above..below));
    planes.append(&shrunk(lost.end..all, height - below)?);
    Ok(planes)
}

/// Derivative with EXIF, and thumbnail without, both with the colour profile.
pub(crate) fn encode(
    coder: Coder,
    planes: &Planes,
    fields: &ExifFields,
    profile: Option<&[u8]>,
) -> Result<(Jpeg, Jpeg), NoPreview> {
    let exif = jpeg::exif(&exif_segment(fields));
    let large = one(coder, planes, DERIVATIVE_QUALITY, exif, profile)?;
    let size = resize::fitted(planes.width, planes.height, THUMBNAIL);
    let small = resize::resize(&View::from(planes), size)?;
    Ok((large, one(coder, &small, THUMBNAIL_QUALITY, Vec::new(), profile)?))
}

fn one(
    coder: Coder,
    planes: &Planes,
    quality: u8,
    mut segments: Vec<u8>,
    profile: Option<&[u8]>,
) -> Result<Jpeg, NoPreview> {
    // A colour picture is known for one by its first pixels; a grey one costs a third less to store.
    let grey = [&planes.u, &planes.v].into_iter().all(|plane| plane.iter().all(|&sample| sample == 128));
    segments.extend(profile.map(|profile| icc::to_jpeg(profile, grey)).unwrap_or_default());
    let bytes = codec::encode(coder, planes, grey, quality)?;
    let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    Ok(Jpeg { bytes: jpeg::with_segments(&bytes, &segments), width: side(planes.width), height: side(planes.height) })
}
