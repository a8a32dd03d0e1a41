//! JPEG in Rust alone: `jpeg-decoder`, which can leave out frequencies as libjpeg does, and `jpeg-encoder`.
//!
//! The decoder gives pixels with the chroma already enlarged. It is told that three components are RGB and four are
//! CMYK, whatever they are, because it hands those on as they are (four of them inverted); its `ColorTransform::None`
//! writes the components of a row one behind the other, and panics where a row is padded.

use std::io::{self, Read};

use jpeg_decoder::{ColorTransform, Decoder, Error};
use jpeg_encoder::{ChromaSubsamplingMethod, Encoder, ImageBuffer, JpegColorType, SamplingFactor};

use super::{Decoded, Source};
use crate::jpeg::Colour;
use crate::{NoPreview, Planes, entropy, pixels};

pub fn decode(source: &Source<'_>, divisor: usize) -> Result<Decoded, NoPreview> {
    // It fills up what lacks before a restart marker too.
    if !entropy::restarts_in_time(source) {
        return Err(NoPreview::Damaged);
    }
    let mut decoder = Decoder::new(Tripwire::new(source.bytes));
    match source.colour {
        Colour::Grey => {}
        Colour::YCbCr | Colour::Rgb => decoder.set_color_transform(ColorTransform::RGB),
        Colour::Cmyk | Colour::Ycck => decoder.set_color_transform(ColorTransform::CMYK),
    }
    let scaled = |side: u16| side.div_ceil(u16::try_from(divisor).unwrap_or(8));
    let wanted = (scaled(source.frame.width), scaled(source.frame.height));
    // It takes the smallest scale that satisfies either side: the shorter one must not be satisfied early.
    let asked = if wanted.0 >= wanted.1 { (wanted.0, u16::MAX) } else { (u16::MAX, wanted.1) };
    if decoder.scale(asked.0, asked.1).map_err(reason)? != wanted {
        return Err(NoPreview::Damaged);
    }
    let data = decoder.decode().map_err(reason)?;
    let size = (usize::from(wanted.0), usize::from(wanted.1));
    if data.len() != size.0 * size.1 * source.frame.components().len() {
        return Err(NoPreview::Damaged);
    }
    Ok(match source.colour {
        Colour::Grey => Decoded::grey(data, size),
        Colour::YCbCr => pixels::from_ycbcr(&data, size),
        Colour::Rgb => pixels::from_rgb(&data, size),
        Colour::Cmyk => pixels::from_inks(&inverted(data), size, source.ink),
        Colour::Ycck => pixels::from_inks(&pixels::inks_of_ycck(inverted(data)), size, source.ink),
    })
}

/// A file with 128 one-bits before its end marker. The decoder fills up a picture that lacks its end as if nothing had
/// happened; but no code of a JPEG is all ones, so that it stumbles over these unless it has the whole picture by then.
struct Tripwire<'a> {
    now: &'a [u8],
    then: &'static [u8],
}

const WIRE: [u8; 34] = {
    let mut wire = [0; 34];
    let mut at = 0;
    while at < 32 {
        wire[at] = 0xFF;
        at += 2;
    }
    (wire[32], wire[33]) = (0xFF, 0xD9);
    wire
};

impl<'a> Tripwire<'a> {
    /// `bytes` end with their end marker.
    fn new(bytes: &'a [u8]) -> Self {
        Tripwire { now: &bytes[..bytes.len() - 2], then: &WIRE }
    }
}

impl Read for Tripwire<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.now.is_empty() {
            self.now = std::mem::take(&mut self.then);
        }
        self.now.read(buf)
    }
}

fn inverted(mut data: Vec<u8>) -> Vec<u8> {
    data.iter_mut().for_each(|sample| *sample = 255 - *sample);
    data
}

fn reason(error: Error) -> NoPreview {
    match error {
        Error::Unsupported(_) => NoPreview::Unsupported,
        _ => NoPreview::Damaged,
    }
}

pub fn encode(planes: &Planes, grey: bool, quality: u8) -> Result<Vec<u8>, NoPreview> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, quality);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    // Each chroma sample is handed over four times, so that the first of four is the one.
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Nearest);
    encoder.encode_image(Rows { planes, grey }).map_err(|_| NoPreview::Unsupported)?;
    Ok(out)
}

struct Rows<'a> {
    planes: &'a Planes,
    grey: bool,
}

impl ImageBuffer for Rows<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        if self.grey { JpegColorType::Luma } else { JpegColorType::Ycbcr }
    }

    fn width(&self) -> u16 {
        u16::try_from(self.planes.width).unwrap_or(u16::MAX)
    }

    fn height(&self) -> u16 {
        u16::try_from(self.planes.height).unwrap_or(u16::MAX)
    }

    fn fill_buffers(&self, row: u16, [luma, blue, red, _]: &mut [Vec<u8>; 4]) {
        let (row, width) = (usize::from(row), self.planes.width);
        luma.extend_from_slice(&self.planes.y[row * width..][..width]);
        if self.grey {
            return;
        }
        let across = self.planes.chroma_width();
        for (to, from) in [(blue, &self.planes.u), (red, &self.planes.v)] {
            let samples = from[row / 2 * across..][..across].iter();
            to.extend(samples.flat_map(|&sample| [sample; 2]).take(width));
        }
    }
}
