//! The chunks of a PNG (W3C PNG 3rd edition §5): size, EXIF, and whether the file is whole.

pub(crate) const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// IHDR, as far as it decides about size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ihdr {
    pub width: u32,
    pub height: u32,
    pub bit_depth: u8,
    pub colour_type: u8,
}

pub(crate) struct Head<'a> {
    pub ihdr: Option<Ihdr>,
    /// TIFF block of the eXIf chunk, which may stand before or behind the pixels.
    pub exif: Option<&'a [u8]>,
    /// IEND was reached.
    pub ends: bool,
}

impl Ihdr {
    fn parse(body: &[u8]) -> Option<Self> {
        let &[w3, w2, w1, w0, h3, h2, h1, h0, bit_depth, colour_type, _, _, _] = body else { return None };
        Some(Ihdr {
            width: u32::from_be_bytes([w3, w2, w1, w0]),
            height: u32::from_be_bytes([h3, h2, h1, h0]),
            bit_depth,
            colour_type,
        })
    }

    /// Samples per pixel in the file.
    pub fn samples(self) -> u64 {
        match self.colour_type {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        }
    }

    /// Bytes per pixel once decoded: palettes become colours, transparency an alpha channel.
    pub fn decoded_bytes_per_pixel(self) -> u64 {
        let samples = match self.colour_type {
            0 | 4 => 2,
            _ => 4,
        };
        if self.bit_depth == 16 { samples * 2 } else { samples }
    }
}

pub(crate) fn head(bytes: &[u8]) -> Head<'_> {
    let mut head = Head { ihdr: None, exif: None, ends: false };
    let mut rest = bytes.get(SIGNATURE.len()..).unwrap_or_default();
    while let Some((kind, body, behind)) = chunk(rest) {
        match kind {
            b"IHDR" => head.ihdr = head.ihdr.or_else(|| Ihdr::parse(body)),
            b"eXIf" => head.exif = head.exif.or(Some(body)),
            b"IEND" => {
                head.ends = true;
                break;
            }
            _ => {}
        }
        rest = behind;
    }
    head
}

/// Kind, body and what follows the checksum.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let (body, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    let (_checksum, rest) = rest.split_at_checked(4)?;
    Some((kind, body, rest))
}
