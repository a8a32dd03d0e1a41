//! The chunks of a WebP (RFC 9649 §2): size, EXIF, and whether the file is whole. Messengers and browsers save such.

pub(crate) struct Head<'a> {
    /// Of the picture, or of the canvas that it lies on, which its decoder wants to be the same.
    pub dimensions: Option<(u32, u32)>,
    /// TIFF block of the EXIF chunk, which stands behind the pixels.
    pub exif: Option<&'a [u8]>,
    pub animated: bool,
    /// The file is as long as it says.
    pub ends: bool,
}

pub(crate) fn is_webp(bytes: &[u8]) -> bool {
    matches!(bytes, [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..])
}

/// Of a file that [`is_webp`].
pub(crate) fn head(bytes: &[u8]) -> Head<'_> {
    let said = bytes.get(4..8).and_then(|size| size.first_chunk()).map_or(0, |size| u32::from_le_bytes(*size) as usize);
    let riff = bytes.get(8..).unwrap_or_default();
    let mut rest = riff.get(4..said.min(riff.len())).unwrap_or_default();
    let (mut canvas, mut picture, mut exif, mut animated) = (None, None, None, false);
    while let Some((kind, body, behind)) = chunk(rest) {
        match kind {
            b"VP8X" => {
                canvas = canvas.or_else(|| of_canvas(body));
                animated |= body.first().is_some_and(|flags| flags & 2 != 0);
            }
            b"VP8 " => picture = picture.or_else(|| of_lossy(body)),
            b"VP8L" => picture = picture.or_else(|| of_lossless(body)),
            b"EXIF" => exif = exif.or(Some(body.strip_prefix(b"Exif\0\0").unwrap_or(body))),
            _ => {}
        }
        rest = behind;
    }
    Head { dimensions: picture.or(canvas), exif, animated, ends: riff.len() >= said }
}

/// Kind, body and what follows, which begins at an even place.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (kind, rest) = bytes.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let (body, rest) = rest.split_at_checked(length)?;
    Some((kind, body, rest.get(length % 2..).unwrap_or_default()))
}

fn of_canvas(body: &[u8]) -> Option<(u32, u32)> {
    let &[_, _, _, _, w0, w1, w2, h0, h1, h2, ..] = body else { return None };
    Some((u32::from_le_bytes([w0, w1, w2, 0]) + 1, u32::from_le_bytes([h0, h1, h2, 0]) + 1))
}

/// RFC 6386 §9.1.
fn of_lossy(body: &[u8]) -> Option<(u32, u32)> {
    let &[_, _, _, 0x9D, 0x01, 0x2A, w0, w1, h0, h1, ..] = body else { return None };
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    Some((side(w0, w1), side(h0, h1)))
}

/// RFC 9649 §3.4: 14 bits each, lowest first.
fn of_lossless(body: &[u8]) -> Option<(u32, u32)> {
    let &[0x2F, a, b, c, d, ..] = body else { return None };
    let bits = u32::from_le_bytes([a, b, c, d]);
    Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
}
