//! What the header of a file promises, and whether a decoder may be let loose on it.

use crate::{Format, Limits, NoPreview, jpeg, png};

/// A baseline JPEG spends at least two bits on each 8 × 8 block (one for DC, one for end of block), so a byte holds
/// at most 256 pixels. Photos lie between 2 and 20; a blank sheet with the standard tables reaches 64.
const JPEG_PIXELS_PER_BYTE: u64 = 256;

/// Deflate (RFC 1951) turns two bits into at most 258 bytes.
const PNG_INFLATION: u64 = 1032;

/// A file's header: what is known of it without decoding.
pub(crate) struct Header<'a> {
    /// Pixels as stored, before any turning. `None` if the file breaks off before it says, and for HEIC.
    pub dimensions: Option<(u32, u32)>,
    /// TIFF block with the EXIF fields, if this module finds it (JPEG and PNG).
    pub exif: Option<&'a [u8]>,
    /// The end of the file is missing.
    pub truncated: bool,
    /// Whether decoding is allowed.
    pub verdict: Result<(), NoPreview>,
}

impl<'a> Header<'a> {
    pub fn read(format: Format, bytes: &'a [u8], limits: &Limits) -> Self {
        match format {
            Format::Jpeg => Self::of_jpeg(&jpeg::head(bytes), limits),
            Format::Png => Self::of_png(&png::head(bytes), bytes.len() as u64, limits),
            Format::Heic => {
                Header { dimensions: None, exif: None, truncated: false, verdict: Err(NoPreview::HeicNeedsShell) }
            }
        }
    }

    fn of_jpeg(head: &jpeg::Head<'a>, limits: &Limits) -> Self {
        let truncated = !head.ends();
        let verdict = match head.frame {
            Some(frame) => check_jpeg(frame, head.scan.len() as u64, truncated, limits),
            None => Err(if truncated { NoPreview::Truncated } else { NoPreview::Damaged }),
        };
        let dimensions = head.frame.map(|f| (f.width.into(), f.height.into()));
        Header { dimensions, exif: head.exif, truncated, verdict }
    }

    fn of_png(head: &png::Head<'a>, size: u64, limits: &Limits) -> Self {
        let truncated = !head.ends;
        let verdict = match head.ihdr {
            // The decoder gives a PNG whole or not at all.
            _ if truncated => Err(NoPreview::Truncated),
            Some(ihdr) => check_png(ihdr, size, limits),
            None => Err(NoPreview::Damaged),
        };
        Header { dimensions: head.ihdr.map(|i| (i.width, i.height)), exif: head.exif, truncated, verdict }
    }
}

fn check_jpeg(frame: jpeg::Frame, scan: u64, truncated: bool, limits: &Limits) -> Result<(), NoPreview> {
    // Baseline, extended and progressive Huffman frames; the rest is lossless, hierarchical or arithmetic.
    if !matches!(frame.marker, 0xC0..=0xC2) || frame.precision != 8 || !matches!(frame.components, 1 | 3 | 4) {
        return Err(NoPreview::Unsupported);
    }
    // A progressive frame holds a 16-bit coefficient for each sample beside the sample itself.
    let bytes_per_sample = if frame.is_progressive() { 3 } else { 1 };
    let (width, height) = (u32::from(frame.width), u32::from(frame.height));
    check_size(width, height, u64::from(frame.components) * bytes_per_sample, limits)?;
    if pixels(width, height) <= scan * JPEG_PIXELS_PER_BYTE {
        Ok(())
    } else if truncated {
        Err(NoPreview::Truncated)
    } else {
        Err(NoPreview::Implausible { width, height })
    }
}

fn check_png(ihdr: png::Ihdr, size: u64, limits: &Limits) -> Result<(), NoPreview> {
    let png::Ihdr { width, height, .. } = ihdr;
    check_size(width, height, ihdr.decoded_bytes_per_pixel(), limits)?;
    let bits = pixels(width, height).saturating_mul(ihdr.samples() * u64::from(ihdr.bit_depth));
    if bits / 8 > size * PNG_INFLATION { Err(NoPreview::Implausible { width, height }) } else { Ok(()) }
}

fn check_size(width: u32, height: u32, bytes_per_pixel: u64, limits: &Limits) -> Result<(), NoPreview> {
    if width == 0 || height == 0 {
        return Err(NoPreview::Damaged);
    }
    let fits = width.max(height) <= limits.max_side
        && pixels(width, height) <= limits.max_pixels
        && pixels(width, height).saturating_mul(bytes_per_pixel) <= limits.max_decoded_bytes;
    if fits { Ok(()) } else { Err(NoPreview::TooLarge { width, height }) }
}

fn pixels(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height)
}
