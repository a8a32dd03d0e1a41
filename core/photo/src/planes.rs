//! A picture as the JPEG coder sees it: luma and two chroma planes at half size.
//!
//! Decoder, resize, turning, stamp and encoder all work on these planes, so nothing is turned into RGB and back: that
//! would cost as much as the entropy decoding of the file.

/// YCbCr 4:2:0, full range, BT.601 (JFIF). Rows are tightly packed: a luma row has `width` bytes, a chroma row
/// [`Planes::chroma_width`]. Chroma sizes round up, and a chroma sample lies in the middle of its 2 × 2 luma samples.
/// Grey is 128 in both chroma planes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planes {
    /// Pixels, at least 1.
    pub width: usize,
    /// Pixels, at least 1.
    pub height: usize,
    /// `width × height` bytes.
    pub y: Vec<u8>,
    /// Blue difference (Cb), `chroma_width × chroma_height` bytes.
    pub u: Vec<u8>,
    /// Red difference (Cr), as long as `u`.
    pub v: Vec<u8>,
}

impl Planes {
    /// A picture of one colour.
    pub fn filled(width: usize, height: usize, [y, u, v]: [u8; 3]) -> Self {
        let chroma = width.div_ceil(2) * height.div_ceil(2);
        Planes { width, height, y: vec![y; width * height], u: vec![u; chroma], v: vec![v; chroma] }
    }

    /// Puts another picture, as wide as this one, below it. This one has whole chroma rows.
    pub(crate) fn append(&mut self, below: &Planes) {
        self.height += below.height;
        self.y.extend_from_slice(&below.y);
        self.u.extend_from_slice(&below.u);
        self.v.extend_from_slice(&below.v);
    }

    /// Samples in a chroma row.
    pub fn chroma_width(&self) -> usize {
        self.width.div_ceil(2)
    }

    /// Chroma rows.
    pub fn chroma_height(&self) -> usize {
        self.height.div_ceil(2)
    }
}
