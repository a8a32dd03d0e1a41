//! The two JPEG coders and what they have in common: planes out of a file at 1, ½, ¼ or ⅛ of its size, and a file
//! out of planes.
//!
//! `turbo` (default) is libjpeg-turbo: SIMD on x86 and NEON on phones. `pure` needs neither a C compiler nor cmake nor
//! nasm, for targets that have none.

#[cfg(feature = "pure")]
mod pure;
#[cfg(feature = "turbo")]
mod turbo;

#[cfg(not(any(feature = "turbo", feature = "pure")))]
compile_error!("gridpatrol-photo needs a JPEG coder: feature `turbo` (default) or `pure`");

use std::ops::Range;

use crate::jpeg::{Colour, Frame};
use crate::pixels::Ink;
use crate::{NoPreview, Planes};

/// Which library decodes and encodes JPEG.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coder {
    /// libjpeg-turbo.
    #[cfg(feature = "turbo")]
    #[default]
    Turbo,
    /// `jpeg-decoder` and `jpeg-encoder`.
    #[cfg(feature = "pure")]
    #[cfg_attr(not(feature = "turbo"), default)]
    Pure,
}

/// A JPEG that was found fit for decoding.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// From the start marker to the end marker.
    pub bytes: &'a [u8],
    pub frame: Frame,
    pub colour: Colour,
    /// How inks are written, if it has inks.
    pub ink: Ink,
}

/// A decoded picture: planes of any sampling, one behind the other in one piece of memory, rows tightly packed.
pub(crate) struct Decoded {
    pub data: Vec<u8>,
    /// Samples across and down of the luma plane.
    pub luma: (usize, usize),
    /// The same of both chroma planes; none in a grey picture.
    pub chroma: Option<(usize, usize)>,
    /// Luma samples to a chroma sample, across and down.
    pub sampling: (usize, usize),
    /// Luma samples that show the picture, across and down; the rest pads.
    pub size: (usize, usize),
    /// Luma rows of a broken picture that are not to be shown, whole rows of blocks of the file. If they are its last,
    /// the planes end before them.
    pub lost: Option<Range<usize>>,
}

/// The same, borrowed, plane by plane.
pub(crate) struct View<'a> {
    pub luma: Samples<'a>,
    pub chroma: Option<[Samples<'a>; 2]>,
    pub sampling: (usize, usize),
    pub size: (usize, usize),
}

/// A plane and its samples across and down.
pub(crate) type Samples<'a> = (&'a [u8], (usize, usize));

impl Decoded {
    /// One byte a pixel.
    pub fn grey(data: Vec<u8>, size: (usize, usize)) -> Self {
        Decoded { data, luma: size, chroma: None, sampling: (1, 1), size, lost: None }
    }

    /// 4:2:0. `data` holds luma, blue and red difference, chroma sizes rounded up.
    pub fn quartered(data: Vec<u8>, (width, height): (usize, usize)) -> Self {
        let chroma = Some((width.div_ceil(2), height.div_ceil(2)));
        Decoded { data, luma: (width, height), chroma, sampling: (2, 2), size: (width, height), lost: None }
    }

    pub fn view(&self) -> View<'_> {
        let area = |(across, down)| across * down;
        let (luma, rest) = self.data.split_at(area(self.luma));
        let chroma = self.chroma.map(|size| {
            let (blue, red) = rest.split_at(area(size));
            [(blue, size), (&red[..area(size)], size)]
        });
        View { luma: (luma, self.luma), chroma, sampling: self.sampling, size: self.size }
    }
}

impl View<'_> {
    /// Some luma rows of it. They are whole rows of blocks of the file, which divide no chroma row unless colours were
    /// halved after decoding at an eighth.
    pub fn rows(&self, rows: Range<usize>) -> Self {
        let down = self.sampling.1;
        let small = rows.start / down..rows.end.div_ceil(down);
        let chroma = self.chroma.map(|both| both.map(|plane| part(plane, &small)));
        View { luma: part(self.luma, &rows), chroma, sampling: self.sampling, size: (self.size.0, rows.len()) }
    }
}

fn part<'a>((samples, (across, _)): Samples<'a>, rows: &Range<usize>) -> Samples<'a> {
    (&samples[rows.start * across..rows.end * across], (across, rows.len()))
}

impl<'a> From<&'a Planes> for View<'a> {
    fn from(planes: &'a Planes) -> Self {
        let size = (planes.width, planes.height);
        let small = (planes.chroma_width(), planes.chroma_height());
        let chroma = Some([(planes.u.as_slice(), small), (planes.v.as_slice(), small)]);
        View { luma: (&planes.y, size), chroma, sampling: (2, 2), size }
    }
}

/// Decodes at 1/`divisor` (1, 2, 4 or 8) of the size, rounded up; at a larger scale if [`roomy`] says so.
pub(crate) fn decode(coder: Coder, source: &Source<'_>, divisor: usize) -> Result<Decoded, NoPreview> {
    let divisor = roomy(source.frame.width.into(), divisor, source.frame.densest().0.into());
    match coder {
        #[cfg(feature = "turbo")]
        Coder::Turbo => turbo::decode(source, divisor),
        #[cfg(feature = "pure")]
        Coder::Pure => pure::decode(source, divisor),
    }
}

/// libjpeg-turbo copies rows rounded up to whole chroma samples out of rows of whole blocks. At small scales a row of
/// blocks can be the shorter of the two, and the copy would read past it; a larger scale has room.
fn roomy(width: usize, divisor: usize, across: usize) -> usize {
    let fits = |divisor: usize| width.div_ceil(divisor).next_multiple_of(across) <= width.div_ceil(8) * (8 / divisor);
    [8, 4, 2].into_iter().find(|&smaller| smaller <= divisor && fits(smaller)).unwrap_or(1)
}

/// A baseline JPEG, 4:2:0 or grey, without metadata. `quality` is 1 to 100.
pub(crate) fn encode(coder: Coder, planes: &Planes, grey: bool, quality: u8) -> Result<Vec<u8>, NoPreview> {
    match coder {
        #[cfg(feature = "turbo")]
        Coder::Turbo => turbo::encode(planes, grey, quality),
        #[cfg(feature = "pure")]
        Coder::Pure => pure::encode(planes, grey, quality),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_room_for_whole_chroma_samples() {
        assert_eq!(roomy(4032, 2, 2), 2);
        assert_eq!(roomy(12_800, 8, 2), 8);
        assert_eq!(roomy(12_801, 8, 2), 4, "1601 blocks in a row, and 801 pairs");
        assert_eq!(roomy(12_801, 8, 1), 8);
        assert_eq!(roomy(6_401, 4, 4), 2, "4:1:1 goes by fours");
        assert_eq!(roomy(1, 1, 4), 1);
    }
}
