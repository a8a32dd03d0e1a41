//! Photos made on the spot: no real photo is in the repository.

use std::io::Cursor;
use std::path::Path;

use exif::experimental::Writer;
use exif::{Field, In, Tag, Value};
use gridpatrol_photo::exif_write::{ExifFields, with_exif};
use gridpatrol_photo::{Imported, Limits, PhotoError, Position, import_bytes};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

pub const RED: Rgb<u8> = Rgb([255, 0, 0]);
pub const GREEN: Rgb<u8> = Rgb([0, 255, 0]);
pub const BLUE: Rgb<u8> = Rgb([0, 0, 255]);
pub const WHITE: Rgb<u8> = Rgb([255, 255, 255]);

/// Cangdong village in Tangkou, Kaiping, within a metre or so; the height is made up.
pub const CANGDONG: Position =
    Position { lon_e7: 1_125_765_432, lat_e7: 223_456_789, alt_dm: Some(123), accuracy_dm: Some(48) };

/// Quarters: red and green above, blue and white below.
pub fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x * 2 < width, y * 2 < height) {
        (true, true) => RED,
        (false, true) => GREEN,
        (true, false) => BLUE,
        (false, false) => WHITE,
    })
}

pub fn jpeg_of(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).expect("a small picture encodes");
    bytes
}

pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    jpeg_of(&quarters(width, height).into())
}

/// With another encoder, in any sampling.
pub fn turbo_jpeg(picture: &RgbImage, subsamp: Subsamp, progressive: bool) -> Vec<u8> {
    let mut encoder = Compressor::new().expect("memory");
    encoder.set_quality(90).expect("a quality");
    encoder.set_subsamp(subsamp).expect("a sampling");
    encoder.set_progressive(progressive).expect("a way of coding");
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let image =
        Image { pixels: picture.as_raw().as_slice(), width, pitch: 3 * width, height, format: PixelFormat::RGB };
    encoder.compress_to_vec(image).expect("a small picture encodes")
}

/// Something to look at: soft waves of colour, different in every corner.
pub fn waves(width: u32, height: u32) -> RgbImage {
    let wave = |at: f64| (127.5 + 100.0 * at.sin()) as u8;
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x), f64::from(y));
        Rgb([wave(x / 17.0 + y / 90.0), wave(y / 23.0), wave((x + y) / 60.0 + 1.0)])
    })
}

pub fn jpeg_with(fields: &ExifFields) -> Vec<u8> {
    with_exif(&jpeg(64, 48), fields).expect("it is a JPEG")
}

pub fn png_of(picture: &DynamicImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Png).expect("a small picture encodes");
    out.into_inner()
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    png_of(&quarters(width, height).into())
}

/// A PNG with an eXIf chunk behind its IHDR. Checksums of chunks that decoders skip are not looked at.
pub fn png_with_exif(tiff: &[u8]) -> Vec<u8> {
    let png = png(64, 48);
    let behind_ihdr = 8 + 25;
    let length = u32::try_from(tiff.len()).expect("a short block").to_be_bytes();
    [&png[..behind_ihdr], &length, b"eXIf", tiff, &crc32(&[b"eXIf", tiff].concat()), &png[behind_ihdr..]].concat()
}

fn crc32(bytes: &[u8]) -> [u8; 4] {
    let crc = bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 })
    });
    (!crc).to_be_bytes()
}

/// A WebP of some chunks.
pub fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (kind, content) in chunks {
        let length = u32::try_from(content.len()).expect("a small chunk").to_le_bytes();
        body.extend([&kind[..], &length, content, &[0][..content.len() % 2]].concat());
    }
    [b"RIFF", &u32::try_from(body.len()).expect("a small file").to_le_bytes()[..], &body].concat()
}

/// The smallest HEIC that carries EXIF: a file type, an item of type `Exif` and its bytes. It has no picture.
pub fn heic(tiff: &[u8]) -> Vec<u8> {
    Heic::default().file(tiff)
}

/// Ways in which phones write a HEIC.
#[derive(Clone, Default)]
pub struct Heic {
    /// Version of `iloc`, 0 to 2.
    pub locations: u8,
    /// EXIF lies in `idat` and not in `mdat`; asks for version 1 or 2.
    pub inside: bool,
    /// Ids of items have 32 bits; asks for version 2.
    pub wide: bool,
    /// EXIF lies in two pieces.
    pub torn: bool,
    /// Pixels of the primary item.
    pub size: Option<(u32, u32)>,
    /// `irot` or `imir` of the primary item, in their order.
    pub turning: Vec<(&'static [u8; 4], u8)>,
}

impl Heic {
    const PICTURE: u32 = 7;
    const EXIF: u32 = 9;

    pub fn file(&self, tiff: &[u8]) -> Vec<u8> {
        let block = [&6u32.to_be_bytes()[..], b"Exif\0\0", tiff].concat();
        let ftyp = boxed(b"ftyp", b"heic\0\0\0\0mif1heic");
        let meta = |offset| self.meta(offset, &block);
        // The meta box is as long wherever the block lies.
        let offset = if self.inside { 0 } else { ftyp.len() + meta(0).len() + 8 };
        [ftyp, meta(offset), boxed(b"mdat", if self.inside { &[] } else { &block })].concat()
    }

    fn meta(&self, offset: usize, block: &[u8]) -> Vec<u8> {
        let id = |id: u32| if self.wide { id.to_be_bytes().to_vec() } else { id.to_be_bytes()[2..].to_vec() };
        let full = |kind, version: u8, body: &[u8]| boxed(kind, &[&[version, 0, 0, 0], body].concat());
        let pitm = full(b"pitm", self.wide.into(), &id(Self::PICTURE));
        let entry = |number, kind: &[u8; 4]| {
            full(b"infe", if self.wide { 3 } else { 2 }, &[&id(number)[..], &[0, 0], kind, b"\0"].concat())
        };
        let entries = [entry(Self::PICTURE, b"hvc1"), entry(Self::EXIF, b"Exif")].concat();
        let iinf = full(b"iinf", 0, &[&2u16.to_be_bytes()[..], &entries].concat());
        let place = |n: usize| u32::try_from(n).expect("a short file").to_be_bytes();
        let pieces = if self.torn { vec![(0, 5), (5, block.len() - 5)] } else { vec![(0, block.len())] };
        let extents: Vec<u8> =
            pieces.iter().flat_map(|&(at, length)| [place(offset + at), place(length)].concat()).collect();
        let method: &[u8] = if self.locations == 0 { &[] } else { &[0, self.inside.into()] };
        let count = u16::try_from(pieces.len()).expect("few pieces").to_be_bytes();
        let item = [&id(Self::EXIF)[..], method, &[0, 0], &count, &extents].concat();
        let items = if self.wide { 1u32.to_be_bytes().to_vec() } else { 1u16.to_be_bytes().to_vec() };
        let iloc = full(b"iloc", self.locations, &[&[0x44, 0][..], &items, &item].concat());
        let idat = if self.inside { boxed(b"idat", block) } else { Vec::new() };
        let mut properties = Vec::new();
        if let Some((width, height)) = self.size {
            properties.push(full(b"ispe", 0, &[width.to_be_bytes(), height.to_be_bytes()].concat()));
        }
        properties.extend(self.turning.iter().map(|(kind, value)| boxed(kind, &[*value])));
        let count = u8::try_from(properties.len()).expect("few properties");
        let links = [&1u32.to_be_bytes()[..], &id(Self::PICTURE), &[count], &(1..=count).collect::<Vec<u8>>()].concat();
        let ipma = full(b"ipma", self.wide.into(), &links);
        let iprp = boxed(b"iprp", &[boxed(b"ipco", &properties.concat()), ipma].concat());
        full(b"meta", 0, &[pitm, iinf, iloc, idat, iprp].concat())
    }
}

fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).expect("a short box");
    [&size.to_be_bytes()[..], kind, body].concat()
}

/// TIFF block with arbitrary fields, sensible or not.
pub fn tiff(fields: &[(Tag, Value)]) -> Vec<u8> {
    let list: Vec<Field> =
        fields.iter().map(|(tag, value)| Field { tag: *tag, ifd_num: In::PRIMARY, value: value.clone() }).collect();
    let mut writer = Writer::new();
    list.iter().for_each(|field| writer.push_field(field));
    let mut out = Cursor::new(Vec::new());
    writer.write(&mut out, false).expect("a few fields fit");
    out.into_inner()
}

/// A JPEG with any TIFF block at all as EXIF.
pub fn jpeg_with_tiff(tiff: &[u8]) -> Vec<u8> {
    let length = u16::try_from(tiff.len() + 8).expect("a block that fits one segment").to_be_bytes();
    [b"\xFF\xD8\xFF\xE1", &length[..], b"Exif\0\0", tiff, &jpeg(64, 48)[2..]].concat()
}

/// The JPEG's start of frame with another size written over it.
pub fn with_claimed_size(mut jpeg: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let sof = jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).expect("a baseline frame");
    jpeg[sof + 5..sof + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[sof + 7..sof + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

pub fn take_in(bytes: &[u8], name: &str) -> Result<Imported, PhotoError> {
    import_bytes(bytes, Path::new(name), &Limits::default())
}

pub fn taken_in(bytes: &[u8]) -> Imported {
    take_in(bytes, "photo").expect("a photo is never lost")
}
