//! libjpeg-turbo through the crate `turbojpeg`: the only module that touches it.
//!
//! Two things of it need care. A YUV buffer must have the size that the file's own header gives, because the library
//! trusts the caller's sampling and writes past a buffer that was sized for another: here sampling and size come from
//! `read_header` of the same bytes, and they must also be those that our own reading found. And it reports a picture
//! that was damaged half-way as a warning beside a half-grey picture: here every warning but one ([`harmless`]) is an
//! error.
//!
//! YCbCr of a usual sampling comes as planes, everything else (RGB, inks, odd samplings) as pixels.

use std::borrow::Cow;

use turbojpeg::{
    Colorspace, Compressor, DecompressHeader, Decompressor, Image, OutputBuf, PixelFormat, ScalingFactor, Subsamp,
    YuvImage, YuvPlanesImage,
};

use super::{Decoded, Source};
use crate::header::MAX_SCANS;
use crate::jpeg::Colour;
use crate::{NoPreview, Planes, entropy, jpeg, pixels};

pub fn decode(source: &Source<'_>, divisor: usize) -> Result<Decoded, NoPreview> {
    let mut decoder = Decompressor::new().map_err(damaged)?;
    decoder.set_scan_limit(MAX_SCANS).map_err(damaged)?;
    match decoder.read_header(source.bytes) {
        Ok(header) => scaled(&mut decoder, source, &header, divisor),
        // Half a colour profile, or stray bytes between segments, say nothing about the picture.
        Err(_) => {
            let bare = jpeg::without_metadata(source.bytes);
            let header = decoder.read_header(&bare).map_err(damaged)?;
            scaled(&mut decoder, &Source { bytes: &bare, ..*source }, &header, divisor)
        }
    }
}

fn scaled(
    decoder: &mut Decompressor,
    source: &Source<'_>,
    header: &DecompressHeader,
    divisor: usize,
) -> Result<Decoded, NoPreview> {
    let (width, height) = (source.frame.width.into(), source.frame.height.into());
    if (header.width, header.height) != (width, height) || header.is_lossless || header.is_arithmetic {
        return Err(NoPreview::Damaged);
    }
    let colour = match header.colorspace {
        Colorspace::Gray => Colour::Grey,
        Colorspace::YCbCr => Colour::YCbCr,
        Colorspace::RGB => Colour::Rgb,
        Colorspace::CMYK => Colour::Cmyk,
        Colorspace::YCCK => Colour::Ycck,
    };
    if colour != source.colour {
        return Err(NoPreview::Damaged);
    }
    let planar = matches!(colour, Colour::YCbCr | Colour::Grey) && header.subsamp != Subsamp::Unknown;
    let scale = ScalingFactor::new(1, divisor);
    decoder.set_scaling_factor(scale).map_err(damaged)?;
    let size = (scale.scale(width), scale.scale(height));
    if planar { planes(decoder, source, size, header.subsamp) } else { pixels(decoder, source, size) }
}

fn planes(
    decoder: &mut Decompressor,
    source: &Source<'_>,
    (width, height): (usize, usize),
    subsamp: Subsamp,
) -> Result<Decoded, NoPreview> {
    let size = turbojpeg::yuv_pixels_len(width, 1, height, subsamp).map_err(damaged)?;
    let mut picture = YuvImage { pixels: vec![0; size], width, align: 1, height, subsamp };
    tolerant(decoder.decompress_to_yuv(source.bytes, picture.as_deref_mut()), source)?;
    let (luma, chroma) = (picture.y_size(), (subsamp != Subsamp::Gray).then(|| picture.uv_size()));
    Ok(Decoded { luma, chroma, sampling: subsamp.size(), ..Decoded::grey(picture.pixels, (width, height)) })
}

fn pixels(
    decoder: &mut Decompressor,
    source: &Source<'_>,
    (width, height): (usize, usize),
) -> Result<Decoded, NoPreview> {
    let inks = matches!(source.colour, Colour::Cmyk | Colour::Ycck);
    let format = if inks { PixelFormat::CMYK } else { PixelFormat::RGB };
    let pitch = width * format.size();
    let mut picture = Image { pixels: vec![0; pitch * height], width, pitch, height, format };
    tolerant(decoder.decompress(source.bytes, picture.as_deref_mut()), source)?;
    Ok(if inks {
        pixels::from_inks(&picture.pixels, (width, height), source.ink)
    } else {
        pixels::from_rgb(&picture.pixels, (width, height))
    })
}

fn tolerant(result: turbojpeg::Result<()>, source: &Source<'_>) -> Result<(), NoPreview> {
    match result {
        Err(turbojpeg::Error::TurboJpegError(warning)) if harmless(&warning, source) => Ok(()),
        other => other.map_err(damaged),
    }
}

/// Stray bytes before the end marker that say nothing about the picture. The library tells its first warning, so none
/// came before this one, and behind it is nothing but the end: unless restart markers were still to follow.
fn harmless(warning: &str, source: &Source<'_>) -> bool {
    let words = warning.strip_prefix("Corrupt JPEG data: ").and_then(|rest| rest.split_once(' '));
    let Some((count, "extraneous bytes before marker 0xd9")) = words else { return false };
    count.parse().is_ok_and(|count: usize| count <= jpeg::FEW_STRAY) && entropy::restarts_in_time(source)
}

fn damaged(_: turbojpeg::Error) -> NoPreview {
    NoPreview::Damaged
}

pub fn encode(planes: &Planes, grey: bool, quality: u8) -> Result<Vec<u8>, NoPreview> {
    let mut encoder = Compressor::new().map_err(damaged)?;
    encoder.set_quality(quality.into()).map_err(damaged)?;
    let mut out = OutputBuf::new_owned();
    if grey {
        // The call for planes asks for the size of chroma planes that do not exist, and panics.
        encoder.set_subsamp(Subsamp::Gray).map_err(damaged)?;
        encoder.compress(luma(planes), &mut out).map_err(damaged)?;
        return Ok(out.to_vec());
    }
    let whole = planes.width.is_multiple_of(2) && planes.height.is_multiple_of(2);
    let y = if whole { Cow::Borrowed(&planes.y) } else { Cow::Owned(even(planes)) };
    let picture = YuvPlanesImage {
        y_plane: y.as_slice(),
        u_plane: planes.u.as_slice(),
        v_plane: planes.v.as_slice(),
        width: planes.width,
        height: planes.height,
        y_stride: 2 * planes.chroma_width(),
        u_stride: planes.chroma_width(),
        v_stride: planes.chroma_width(),
        subsamp: Subsamp::Sub2x2,
    };
    encoder.compress_yuv_planes(&picture, &mut out).map_err(damaged)?;
    Ok(out.to_vec())
}

fn luma(planes: &Planes) -> Image<&[u8]> {
    let Planes { width, height, y, .. } = planes;
    Image { pixels: y, width: *width, pitch: *width, height: *height, format: PixelFormat::GRAY }
}

/// Luma with an odd last column or row written twice: the encoder takes whole chroma samples.
fn even(planes: &Planes) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 * planes.u.len());
    let mut rows: Vec<_> = planes.y.chunks_exact(planes.width).collect();
    rows.extend(if planes.height.is_multiple_of(2) { None } else { rows.last().copied() });
    for row in rows {
        out.extend_from_slice(row);
        out.extend(if planes.width.is_multiple_of(2) { None } else { row.last() });
    }
    out
}
