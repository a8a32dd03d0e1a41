//! What the header of a file promises, and whether a decoder may be let loose on it.
//!
//! Everything is decided on the marker segments, before anything is allocated: size, samples, memory, and the work
//! that the scans ask for in proportion to their bytes.

use std::borrow::Cow;

use crate::codec::Source;
use crate::jpeg::{self, Frame, Scans};
use crate::pixels::Ink;
use crate::preview::DERIVATIVE;
use crate::{Format, Limits, NoPreview, heif, png, resize, webp};

/// A baseline JPEG spends at least two bits on each 8 × 8 block (one for DC, one for end of block), so a byte holds
/// at most 256 pixels. Photos lie between 2 and 20; a blank sheet with the standard tables reaches 64. A progressive
/// one can do with the bit for DC.
const JPEG_PIXELS_PER_BYTE: u64 = 256;

/// Blocks that a decoder may visit for each byte of a JPEG. A scan of a progressive file can pass over a whole picture
/// with three bytes, so a small file could ask for hours. Photos ask for 0.3 to 2, a blank progressive sheet for 16.
const VISITS_PER_BYTE: u64 = 32;

/// Scans of one picture. Encoders write 1 to 20.
pub(crate) const MAX_SCANS: u32 = 100;

/// Visits that cost next to nothing (about 5 ms) and are granted to any file.
const FREE_VISITS: u64 = 1 << 18;

/// Bytes. A card keeps room by sectors of 512, and no picture but a blank one has so many zeros in a row.
const FEWEST_UNWRITTEN: usize = 64;

/// Deflate (RFC 1951) turns two bits into at most 258 bytes.
const PNG_INFLATION: u64 = 1032;

/// What a byte of a lossy WebP may hold. Photos lie between 4 and 40; a blank sheet has 560.
const WEBP_PIXELS_PER_BYTE: u64 = 2_048;

/// Its decoder holds luma and chroma at 1½, the colours with an alpha channel at 4, and a lossless channel at 5.
const WEBP_BYTES_PER_PIXEL: u64 = 11;

/// A file's header: what is known of it without decoding.
pub(crate) struct Header<'a> {
    /// Pixels as stored, before any turning. `None` if the file breaks off before it says.
    pub dimensions: Option<(u32, u32)>,
    /// TIFF block with the EXIF fields.
    pub exif: Option<Cow<'a, [u8]>>,
    /// How the container itself says that the picture is turned, as an EXIF orientation (HEIC).
    pub turned: Option<u8>,
    /// The end of the file is missing.
    pub truncated: bool,
    /// What a JPEG decoder needs to know, if it may decode.
    pub jpeg: Option<Source<'a>>,
    /// Whether decoding is allowed.
    pub verdict: Result<(), NoPreview>,
}

impl<'a> Header<'a> {
    pub fn read(format: Format, bytes: &'a [u8], limits: &Limits) -> Self {
        match format {
            Format::Jpeg => Self::of_jpeg(bytes, limits),
            Format::Png => Self::of_png(&png::head(bytes), bytes.len() as u64, limits),
            Format::Webp => Self::of_webp(&webp::head(bytes), bytes.len() as u64, limits),
            Format::Heic => {
                let heif::Head { exif, dimensions, turned, truncated } = heif::head(bytes);
                let verdict = Err(NoPreview::HeicNeedsShell);
                Header { dimensions, exif, turned, truncated, jpeg: None, verdict }
            }
        }
    }

    fn of_jpeg(bytes: &'a [u8], limits: &Limits) -> Self {
        let head = jpeg::head(bytes);
        let (scans, end) = walk(bytes, &head);
        let truncated = end.is_none() && !scans.stopped;
        let verdict = match head.frame {
            Some(frame) => check_jpeg(&frame, &scans, truncated, limits),
            None => Err(if truncated { NoPreview::Truncated } else { NoPreview::Damaged }),
        };
        let source = |frame: Frame| Source {
            bytes: end.map_or_else(|| written(bytes), |end| &bytes[..end]),
            frame,
            colour: head.colour(&frame),
            ink: if head.adobe.is_some() { Ink::Inverted } else { Ink::Plain },
        };
        Header {
            dimensions: head.frame.map(|f| (f.width.into(), f.height.into())),
            exif: head.exif.map(Cow::Borrowed),
            turned: None,
            truncated,
            jpeg: head.frame.map(source),
            verdict,
        }
    }

    fn of_png(head: &png::Head<'a>, size: u64, limits: &Limits) -> Self {
        let truncated = !head.ends;
        let verdict = match head.ihdr {
            // The decoder gives a PNG whole or not at all.
            _ if truncated => Err(NoPreview::Truncated),
            Some(ihdr) => check_png(ihdr, size, limits),
            None => Err(NoPreview::Damaged),
        };
        let dimensions = head.ihdr.map(|i| (i.width, i.height));
        Header { dimensions, exif: head.exif.map(Cow::Borrowed), turned: None, truncated, jpeg: None, verdict }
    }

    fn of_webp(head: &webp::Head<'a>, size: u64, limits: &Limits) -> Self {
        Header {
            dimensions: head.dimensions,
            exif: head.exif.map(Cow::Borrowed),
            turned: None,
            truncated: !head.ends,
            jpeg: None,
            verdict: check_webp(head, size, limits),
        }
    }
}

/// A file without the zeros at its end: there a card or a file system kept room for what it never wrote, and a coder
/// would take them for picture. A few may be its last codes.
pub(crate) fn written(bytes: &[u8]) -> &[u8] {
    let (all, written) = (bytes.len(), bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1));
    if all - written < FEWEST_UNWRITTEN { bytes } else { &bytes[..written] }
}

fn check_webp(head: &webp::Head<'_>, size: u64, limits: &Limits) -> Result<(), NoPreview> {
    let (width, height) = match head.dimensions {
        _ if !head.ends => return Err(NoPreview::Truncated),
        _ if head.animated => return Err(NoPreview::Unsupported),
        dimensions => dimensions.ok_or(NoPreview::Damaged)?,
    };
    check_size(width, height, limits)?;
    if pixels(width, height) * WEBP_BYTES_PER_PIXEL > limits.max_decoded_bytes {
        return Err(NoPreview::TooLarge { width, height });
    }
    if pixels(width, height) > size * WEBP_PIXELS_PER_BYTE {
        Err(NoPreview::Implausible { width, height })
    } else {
        Ok(())
    }
}

/// What the scans of a JPEG ask for.
#[derive(Default)]
struct Walk {
    count: u32,
    /// Blocks that they pass over altogether.
    visits: u64,
    /// Bytes from the first scan to the end of the picture.
    bytes: u64,
    /// The first scan lacks a component, so that the decoder keeps all coefficients until the last.
    apart: bool,
    /// The work was found too much before the end was found.
    stopped: bool,
}

impl Walk {
    fn too_costly(&self, bytes: u64) -> bool {
        self.count > MAX_SCANS || self.visits > FREE_VISITS + bytes * VISITS_PER_BYTE
    }
}

/// Walks until the work is known to be too much. Also where the picture ends, if it does.
fn walk(bytes: &[u8], head: &jpeg::Head<'_>) -> (Walk, Option<usize>) {
    let mut scans = Scans::new(bytes, head.scan);
    let mut walk = Walk::default();
    let all = head.frame.as_ref().map(Frame::components).unwrap_or_default();
    for header in scans.by_ref() {
        let named = |id: u8| all.iter().find(|component| component.id == id);
        let (count, rest) = header.split_first().unwrap_or((&0, &[]));
        let parts = rest.as_chunks::<2>().0.iter().take((*count).into());
        let blocks = |component| head.frame.map_or(0, |frame| frame.blocks(component));
        walk.visits += parts.filter_map(|[id, _tables]| named(*id)).map(blocks).sum::<u64>();
        walk.apart |= walk.count == 0 && usize::from(*count) < all.len();
        walk.count += 1;
        if walk.too_costly(bytes.len() as u64) {
            walk.stopped = true;
            break;
        }
    }
    walk.bytes = (scans.end.unwrap_or(bytes.len()) - head.scan.min(bytes.len())) as u64;
    (walk, scans.end)
}

fn check_jpeg(frame: &Frame, scans: &Walk, truncated: bool, limits: &Limits) -> Result<(), NoPreview> {
    // Baseline, extended and progressive Huffman frames; the rest is lossless, hierarchical or arithmetic.
    if !matches!(frame.marker, 0xC0..=0xC2) || frame.precision != 8 || !matches!(frame.count, 1 | 3 | 4) {
        return Err(NoPreview::Unsupported);
    }
    let (width, height) = (u32::from(frame.width), u32::from(frame.height));
    check_size(width, height, limits)?;
    if !frame.components().iter().all(|c| (1..=4).contains(&c.across) && (1..=4).contains(&c.down)) {
        return Err(NoPreview::Damaged);
    }
    if memory(frame, scans) > limits.max_decoded_bytes {
        return Err(NoPreview::TooLarge { width, height });
    }
    let bits = if frame.is_progressive() { 2 } else { 1 };
    if pixels(width, height) > scans.bytes * JPEG_PIXELS_PER_BYTE * bits {
        return Err(if truncated { NoPreview::Truncated } else { NoPreview::Implausible { width, height } });
    }
    if scans.stopped || scans.too_costly(scans.bytes) {
        return Err(NoPreview::TooCostly);
    }
    Ok(())
}

/// Bytes that a decoder holds: the pixels at the scale that will be used, four bytes each at most, and two bytes for
/// each coefficient of a picture that comes in several scans.
fn memory(frame: &Frame, scans: &Walk) -> u64 {
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    let divisor = resize::divisor(width, height, DERIVATIVE);
    let shown = 4 * (width.div_ceil(divisor) * height.div_ceil(divisor)) as u64;
    let blocks: u64 = frame.components().iter().map(|component| frame.blocks(component)).sum();
    if frame.is_progressive() || scans.apart { shown + blocks * 64 * 2 } else { shown }
}

fn check_png(ihdr: png::Ihdr, size: u64, limits: &Limits) -> Result<(), NoPreview> {
    let png::Ihdr { width, height, .. } = ihdr;
    check_size(width, height, limits)?;
    if pixels(width, height) * ihdr.decoded_bytes_per_pixel() > limits.max_decoded_bytes {
        return Err(NoPreview::TooLarge { width, height });
    }
    let bits = pixels(width, height) * ihdr.samples() * u64::from(ihdr.bit_depth);
    if bits / 8 > size * PNG_INFLATION { Err(NoPreview::Implausible { width, height }) } else { Ok(()) }
}

/// # Errors
/// [`NoPreview::Damaged`] for no pixels at all, [`NoPreview::TooLarge`] for more than the limits let through.
pub(crate) fn check_size(width: u32, height: u32, limits: &Limits) -> Result<(), NoPreview> {
    if width == 0 || height == 0 {
        return Err(NoPreview::Damaged);
    }
    let fits = width.max(height) <= limits.max_side && pixels(width, height) <= limits.max_pixels;
    if fits { Ok(()) } else { Err(NoPreview::TooLarge { width, height }) }
}

fn pixels(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_of_twelve_megapixels_needs_the_memory_of_its_half() {
        let body = [8, 0x0B, 0xD0, 0x0F, 0xC0, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
        let file = [&[0xFF, 0xD8][..], &jpeg::segment(0xC0, &[&body])].concat();
        let frame = jpeg::head(&file).frame.expect("a frame");
        assert_eq!(memory(&frame, &Walk::default()), 4 * 2016 * 1512);
        assert_eq!(frame.components().iter().map(|c| frame.blocks(c)).sum::<u64>(), 252 * 189 * 6);
    }
}
