//! The marker segments of a JPEG (ITU-T T.81 annex B): frame, scans, EXIF, and where the picture ends.
//!
//! Read here and not by the decoder, so that a lying size or a thousand scans cost nothing: the walk allocates
//! nothing. What stands behind the end marker (the film of a motion photo, the gain map of an UltraHDR photo) is
//! never looked at.

use memchr::memchr;

const SOI: u8 = 0xD8;
pub(crate) const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
pub(crate) const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;
pub(crate) const EXIF_ID: &[u8; 6] = b"Exif\0\0";

/// One marker segment: its code, where it begins (at its 0xFF) and its body without the length.
pub(crate) struct Segment<'a> {
    pub marker: u8,
    pub start: usize,
    pub body: &'a [u8],
}

/// One component of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Component {
    pub id: u8,
    /// Sampling factors across and down, 1 to 4 in a valid file.
    pub across: u8,
    pub down: u8,
}

/// Start of frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub marker: u8,
    pub precision: u8,
    pub width: u16,
    pub height: u16,
    /// Components that the frame says it has; only the first four are in `list`.
    pub count: u8,
    list: [Component; 4],
}

/// What the samples mean (libjpeg guesses by the same rules).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    Grey,
    YCbCr,
    Rgb,
    /// Four inks; with the Adobe marker the samples are inverted.
    Cmyk,
    /// The first three inks as YCbCr.
    Ycck,
}

/// What lies before the first scan, as far as the file goes.
pub(crate) struct Head<'a> {
    pub frame: Option<Frame>,
    /// TIFF block of the first EXIF segment.
    pub exif: Option<&'a [u8]>,
    /// Transform byte of the Adobe segment.
    pub adobe: Option<u8>,
    jfif: bool,
    /// Where the first scan begins, or where the segments break off.
    pub scan: usize,
}

impl Head<'_> {
    pub fn colour(&self, frame: &Frame) -> Colour {
        match (frame.components(), self.adobe) {
            ([_], _) => Colour::Grey,
            ([_, _, _, _], Some(2)) => Colour::Ycck,
            ([_, _, _, _], _) => Colour::Cmyk,
            _ if self.jfif => Colour::YCbCr,
            (_, Some(0)) => Colour::Rgb,
            ([r, g, b], None) if [r.id, g.id, b.id] == *b"RGB" => Colour::Rgb,
            _ => Colour::YCbCr,
        }
    }
}

impl Frame {
    fn parse(marker: u8, body: &[u8]) -> Option<Self> {
        let (&[precision, h1, h0, w1, w0, count], rest) = body.split_first_chunk()?;
        let mut list = [Component::default(); 4];
        for (component, &[id, factors, _table]) in list.iter_mut().zip(rest.as_chunks().0).take(count.into()) {
            *component = Component { id, across: factors >> 4, down: factors & 15 };
        }
        let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
        Some(Frame { marker, precision, width, height, count, list })
    }

    pub fn components(&self) -> &[Component] {
        &self.list[..usize::from(self.count).min(4)]
    }

    pub fn is_progressive(&self) -> bool {
        self.marker == 0xC2
    }

    /// The largest sampling factors across and down: what one step of the picture is divided by.
    pub fn densest(&self) -> (u8, u8) {
        let all = self.components();
        (all.iter().map(|c| c.across).max().unwrap_or(1), all.iter().map(|c| c.down).max().unwrap_or(1))
    }

    /// MCUs across and down of a scan with all components, and the pixel rows of one.
    pub fn mcus(&self) -> (usize, usize, usize) {
        // The blocks of a scan with one component are its MCUs, whatever the factors say (A.2.2).
        let (across, down) = if self.count == 1 { (1, 1) } else { self.densest() };
        let (wide, high) = (8 * usize::from(across.max(1)), 8 * usize::from(down.max(1)));
        (usize::from(self.width).div_ceil(wide), usize::from(self.height).div_ceil(high), high)
    }

    /// 8 × 8 blocks of a component, rounded up to whole MCUs.
    pub fn blocks(&self, component: &Component) -> u64 {
        let (across, down) = self.densest();
        let mcus = |size: u16, densest: u8| u64::from(size).div_ceil(8 * u64::from(densest.max(1)));
        mcus(self.width, across) * mcus(self.height, down) * u64::from(component.across) * u64::from(component.down)
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
        let body = body(bytes, &mut pos)?;
        Some(Segment { marker, start, body })
    })
}

/// The scans of a picture, and then its end.
pub(crate) struct Scans<'a> {
    bytes: &'a [u8],
    /// Behind the scan header that came last.
    pub pos: usize,
    /// Behind the end marker, once all scans were walked and it was there.
    pub end: Option<usize>,
}

impl<'a> Scans<'a> {
    /// `start` is [`Head::scan`].
    pub fn new(bytes: &'a [u8], start: usize) -> Self {
        Scans { bytes, pos: start, end: None }
    }
}

impl<'a> Iterator for Scans<'a> {
    /// The body of a scan header.
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            match next_marker(self.bytes, &mut self.pos)?.0 {
                SOS => return body(self.bytes, &mut self.pos),
                EOI => {
                    self.end = Some(self.pos);
                    self.pos = self.bytes.len();
                    return None;
                }
                _ => drop(body(self.bytes, &mut self.pos)?),
            }
        }
    }
}

/// Where the scans end that have a marker behind them, from the first by which every component has been seen.
pub(crate) fn scan_ends(bytes: &[u8], frame: &Frame) -> Vec<usize> {
    let mut pos = head(bytes).scan;
    let (mut ends, mut unseen, mut scanning) = (Vec::new(), frame.components().to_vec(), false);
    while let Some((marker, start)) = next_marker(bytes, &mut pos) {
        if scanning && unseen.is_empty() {
            ends.push(start);
        }
        scanning = marker == SOS;
        let Some(body) = (marker != EOI).then(|| body(bytes, &mut pos)).flatten() else { break };
        if let Some((&count, parts)) = body.split_first().filter(|_| scanning) {
            let parts = parts.as_chunks::<2>().0;
            unseen.retain(|component| !parts.iter().take(count.into()).any(|part| part[0] == component.id));
        }
    }
    ends
}

/// The file up to `end`, with an end marker, and with a frame of `height` pixel rows.
pub(crate) fn cut(bytes: &[u8], end: usize, height: u16) -> Vec<u8> {
    let mut out = [&bytes[..end], &[0xFF, EOI]].concat();
    let frame = segments(bytes).find(|s| matches!(s.marker, 0xC0..=0xCF) && !matches!(s.marker, 0xC4 | 0xC8 | 0xCC));
    if let Some(place) = frame.and_then(|frame| out.get_mut(frame.start + 5..frame.start + 7)) {
        place.copy_from_slice(&height.to_be_bytes());
    }
    out
}

/// The next marker with a segment behind it; `pos` then stands behind its code.
fn next_marker(bytes: &[u8], pos: &mut usize) -> Option<(u8, usize)> {
    loop {
        let start = *pos + memchr(0xFF, bytes.get(*pos..)?)?;
        let code = start + bytes[start..].iter().position(|&b| b != 0xFF)?;
        *pos = code + 1;
        // Stuffing, TEM and restart markers stand alone.
        if !matches!(bytes[code], 0x00 | 0x01 | 0xD0..=0xD7) {
            return Some((bytes[code], code - 1));
        }
    }
}

/// What the length at `pos` spans; `pos` then stands behind it.
fn body<'a>(bytes: &'a [u8], pos: &mut usize) -> Option<&'a [u8]> {
    let length = usize::from(u16::from_be_bytes(*bytes.get(*pos..)?.first_chunk()?));
    let body = bytes.get(*pos + 2..*pos + length)?;
    *pos += length;
    Some(body)
}

/// Bytes of any kind between a picture and its end marker, as some phones leave them. More are left over from a picture
/// that went astray.
pub(crate) const FEW_STRAY: usize = 16;

/// The first frame and the first EXIF block win; the decoder is held to that frame's size.
pub(crate) fn head(bytes: &[u8]) -> Head<'_> {
    let mut head = Head { frame: None, exif: None, adobe: None, jfif: false, scan: 2 };
    for segment in segments(bytes) {
        head.scan = segment.start + 4 + segment.body.len();
        match (segment.marker, segment.body) {
            // DHT, JPG and DAC lie among the frame markers.
            (0xC4 | 0xC8 | 0xCC, _) => {}
            (marker @ 0xC0..=0xCF, body) => head.frame = head.frame.or_else(|| Frame::parse(marker, body)),
            (APP0, body) => head.jfif |= body.starts_with(b"JFIF\0") && body.len() >= 14,
            (APP1, body) => head.exif = head.exif.or_else(|| body.strip_prefix(EXIF_ID)),
            (APP14, [b'A', b'd', b'o', b'b', b'e', _, _, _, _, _, _, transform, ..]) => head.adobe = Some(*transform),
            _ => {}
        }
    }
    head
}

/// One segment with its marker and length. `body` is at most 65,533 bytes long.
pub(crate) fn segment(marker: u8, body: &[&[u8]]) -> Vec<u8> {
    let length: usize = body.iter().map(|part| part.len()).sum();
    let length = u16::try_from(length + 2).expect("the caller keeps to the length of a segment");
    [&[0xFF, marker], &length.to_be_bytes()[..], &body.concat()].concat()
}

/// The file with `segments` right behind its start marker, where EXIF 2.32 §4.5.4 wants EXIF.
pub(crate) fn with_segments(jpeg: &[u8], segments: &[u8]) -> Vec<u8> {
    [&jpeg[..2], segments, &jpeg[2..]].concat()
}

/// The segment that holds an EXIF payload (an APP1 body).
pub(crate) fn exif(payload: &[u8]) -> Vec<u8> {
    segment(APP1, &[payload])
}

/// The file with nothing before its first scan but what a decoder needs: no application segments other than Adobe's,
/// which says what the samples mean, no comments, and no stray bytes between segments.
#[cfg(feature = "turbo")]
pub(crate) fn without_metadata(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes[..2].to_vec();
    let mut scan = 2;
    for Segment { marker, start, body } in segments(bytes) {
        if !matches!(marker, 0xE0..=0xED | 0xEF | 0xFE) {
            out.extend(segment(marker, &[body]));
        }
        scan = start + 4 + body.len();
    }
    let start = next_marker(bytes, &mut scan).map_or(bytes.len(), |(_, start)| start);
    out.extend_from_slice(&bytes[start..]);
    out
}

/// The file with `payload` as its only EXIF segment. `payload` is an APP1 body and at most 65,533 bytes long.
pub(crate) fn replace_exif(bytes: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = with_segments(&bytes[..2], &exif(payload));
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
