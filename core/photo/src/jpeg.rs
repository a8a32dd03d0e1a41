//! The marker segments of a JPEG before its first scan (ITU-T T.81 annex B): frame size and EXIF.
//!
//! Read here and not by the decoder, so that a lying size costs nothing: the walk allocates nothing and touches
//! the scan only to see whether it ends.

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP1: u8 = 0xE1;
pub(crate) const EXIF_ID: &[u8; 6] = b"Exif\0\0";

/// One marker segment: its code, where it begins (at its 0xFF) and its body without the length.
pub(crate) struct Segment<'a> {
    pub marker: u8,
    pub start: usize,
    pub body: &'a [u8],
}

/// Start of frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub marker: u8,
    pub precision: u8,
    pub width: u16,
    pub height: u16,
    pub components: u8,
}

/// What lies before the first scan, as far as the file goes.
pub(crate) struct Head<'a> {
    pub frame: Option<Frame>,
    /// TIFF block of the first EXIF segment.
    pub exif: Option<&'a [u8]>,
    /// Bytes from the first scan to the end of the file.
    pub scan: &'a [u8],
}

impl Head<'_> {
    /// Whether the end marker is there. Inside a scan 0xFF is always stuffed, so a cut scan holds no such pair.
    pub fn ends(&self) -> bool {
        self.scan.windows(2).rev().any(|pair| pair == [0xFF, EOI])
    }
}

impl Frame {
    fn parse(marker: u8, body: &[u8]) -> Option<Self> {
        let &[precision, h1, h0, w1, w0, components, ..] = body else { return None };
        Some(Frame {
            marker,
            precision,
            width: u16::from_be_bytes([w1, w0]),
            height: u16::from_be_bytes([h1, h0]),
            components,
        })
    }

    pub fn is_progressive(self) -> bool {
        self.marker == 0xC2
    }
}

/// Segments from the start of the file up to and without the first scan or a broken length.
/// Bytes between segments that are no marker are skipped, as decoders do.
pub(crate) fn segments(bytes: &[u8]) -> impl Iterator<Item = Segment<'_>> {
    let mut pos = 2;
    std::iter::from_fn(move || {
        let (marker, start) = next_marker(bytes, &mut pos)?;
        if matches!(marker, SOS | EOI | SOI) {
            return None;
        }
        let length = usize::from(u16::from_be_bytes(*bytes.get(pos..)?.first_chunk()?));
        let body = bytes.get(pos + 2..pos + length)?;
        pos += length;
        Some(Segment { marker, start, body })
    })
}

/// The next marker with a segment behind it; `pos` then stands behind its code.
fn next_marker(bytes: &[u8], pos: &mut usize) -> Option<(u8, usize)> {
    loop {
        let start = *pos + bytes.get(*pos..)?.iter().position(|&b| b == 0xFF)?;
        let code = start + bytes[start..].iter().position(|&b| b != 0xFF)?;
        *pos = code + 1;
        // Stuffing, TEM and restart markers stand alone.
        if !matches!(bytes[code], 0x00 | 0x01 | 0xD0..=0xD7) {
            return Some((bytes[code], code - 1));
        }
    }
}

/// The first frame and the first EXIF block win; the decoder is held to that frame's size.
pub(crate) fn head(bytes: &[u8]) -> Head<'_> {
    let mut head = Head { frame: None, exif: None, scan: &[] };
    let mut end = 2;
    for segment in segments(bytes) {
        end = segment.start + 4 + segment.body.len();
        match segment.marker {
            // DHT, JPG and DAC lie among the frame markers.
            0xC4 | 0xC8 | 0xCC => {}
            0xC0..=0xCF => head.frame = head.frame.or_else(|| Frame::parse(segment.marker, segment.body)),
            APP1 => head.exif = head.exif.or_else(|| segment.body.strip_prefix(EXIF_ID)),
            _ => {}
        }
    }
    head.scan = bytes.get(end..).unwrap_or_default();
    head
}

/// The file with `payload` as its only EXIF segment, right behind the start marker as EXIF 2.32 §4.5.4 wants it.
/// `payload` is an APP1 body and at most 65,533 bytes long.
pub(crate) fn replace_exif(bytes: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).expect("an EXIF segment of a few hundred bytes");
    let mut out = Vec::with_capacity(bytes.len() + payload.len() + 4);
    out.extend_from_slice(&[0xFF, SOI, 0xFF, APP1]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(payload);
    let mut copied = 2;
    for segment in segments(bytes) {
        if segment.marker == APP1 && segment.body.starts_with(EXIF_ID) {
            out.extend_from_slice(&bytes[copied..segment.start]);
            copied = segment.start + 4 + segment.body.len();
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    out
}
