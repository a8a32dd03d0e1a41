//! One photo file in, everything the core keeps about it out.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::exif_write::ExifFields;
use crate::header::Header;
use crate::metadata::Metadata;
use crate::preview::{self, DERIVATIVE, Opened};
use crate::{Coder, Damage, Detail, Format, Jpeg, NoPreview, PhotoError, Pixels, Planes, Position, TakenAt, pixels};

/// What a photo may cost. The defaults let every phone camera of 2026 through (16,320 × 12,240 at most).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub max_bytes: u64,
    /// Pixels of the longer side.
    pub max_side: u32,
    /// Pixels altogether.
    pub max_pixels: u64,
    /// Bytes that the decoder holds at once: enough for `max_pixels` of a JPEG that is decoded at a scale, and for
    /// 128 MP in 4:2:0 or 64 MP in 4:4:4 of a progressive one, of which all coefficients are held.
    pub max_decoded_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_bytes: 200 << 20, max_side: 30_000, max_pixels: 205_000_000, max_decoded_bytes: 384 << 20 }
    }
}

/// A photo that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// SHA-256 of the original's bytes.
    pub sha256: [u8; 32],
    /// Bytes of the original.
    pub size: u64,
    pub format: Format,
    /// The name's extension belongs to another format. Harmless, but worth saying.
    pub name_mismatch: bool,
    /// What is wrong with the file. The pictures then show what is sound, with stripes where rows are known to be
    /// missing.
    pub damage: Option<Damage>,
    /// Width and height as stored, before turning. `None` if the file does not say, or breaks off before.
    pub dimensions: Option<(u32, u32)>,
    /// EXIF orientation, 1 to 8; 1 if absent or senseless. What a HEIC itself says of its turning comes first. Derivative
    /// and thumbnail are already upright.
    pub orientation: u8,
    pub position: Option<Position>,
    pub taken: Option<TakenAt>,
    /// Upright, long side at most 1600 px, quality 80, with position, time and colour profile of the original.
    pub derivative: Option<Jpeg>,
    /// Upright, long side at most 256 px, with the colour profile and nothing else.
    pub thumbnail: Option<Jpeg>,
    /// Says why the two are missing; `None` exactly if they are there.
    pub no_preview: Option<NoPreview>,
}

/// Draws on the derivative before it is encoded. It gets what is known of the photo (no pictures yet) and the upright
/// planes; the thumbnail is made from the same planes.
pub type Stamp<'a> = dyn FnMut(&Imported, &mut Planes) + 'a;

/// How to take a photo in.
#[derive(Default)]
pub struct Import<'a> {
    pub limits: Limits,
    pub coder: Coder,
    pub stamp: Option<&'a mut Stamp<'a>>,
}

/// [`Import::file`] without a stamp.
///
/// # Errors
/// [`PhotoError`] if the file cannot be read, is empty, too big, or no photo.
pub fn import(path: &Path, limits: &Limits) -> Result<Imported, PhotoError> {
    Import { limits: *limits, ..Import::default() }.file(path)
}

/// [`Import::bytes`] without a stamp.
///
/// # Errors
/// [`PhotoError`] if the bytes are empty, too many, or no photo.
pub fn import_bytes(bytes: &[u8], name: &Path, limits: &Limits) -> Result<Imported, PhotoError> {
    Import { limits: *limits, ..Import::default() }.bytes(bytes, name)
}

/// The upright picture of a file, its long side at most `long_side` pixels. The memory limit is that of an import:
/// [`Detail::Full`] may take up to 64 times as much.
///
/// # Errors
/// [`NoPreview`], with the same checks as an import; [`NoPreview::Unsupported`] for what is no photo.
pub fn picture(
    bytes: &[u8],
    long_side: usize,
    (coder, detail): (Coder, Detail),
    limits: &Limits,
) -> Result<Planes, NoPreview> {
    let format = Format::sniff(bytes).ok_or(NoPreview::Unsupported)?;
    let header = Header::read(format, bytes, limits);
    header.verdict?;
    let orientation = Metadata::read(&header).orientation;
    let opened = preview::decode(bytes, &header, (coder, detail, long_side))?;
    preview::shrink(opened.decoded, orientation, long_side)
}

impl Import<'_> {
    /// Reads a photo file once, hashing it on the way.
    ///
    /// # Errors
    /// [`PhotoError`] if the file cannot be read, is empty, too big, or no photo.
    pub fn file(self, path: &Path) -> Result<Imported, PhotoError> {
        let max = self.limits.max_bytes;
        let file = File::open(path).map_err(PhotoError::Unreadable)?;
        let size = file.metadata().map_err(PhotoError::Unreadable)?.len();
        if size > max {
            return Err(PhotoError::TooManyBytes { size, max });
        }
        // A file that grows meanwhile is read one byte past the cap, which the next check sees.
        let mut reader = Hashing { inner: file.take(max.saturating_add(1)), hash: Sha256::new() };
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        reader.read_to_end(&mut bytes).map_err(PhotoError::Unreadable)?;
        self.describe(Cow::Owned(bytes), reader.hash.finalize().into(), path)
    }

    /// The same from bytes in memory; `name` is only compared with the content.
    ///
    /// # Errors
    /// [`PhotoError`] if the bytes are empty, too many, or no photo.
    pub fn bytes(self, bytes: &[u8], name: &Path) -> Result<Imported, PhotoError> {
        self.describe(Cow::Borrowed(bytes), Sha256::digest(bytes).into(), name)
    }

    /// Derivative and thumbnail of a photo whose pixels the shell has decoded, such as a HEIC.
    pub fn pixels(mut self, photo: Imported, pixels: &Pixels<'_>) -> Imported {
        let profile = pixels.icc.map(<[u8]>::to_vec);
        let opened = pixels::decoded(pixels, &self.limits).map(|decoded| Opened { decoded, profile, damage: None });
        self.finish(photo, opened, pixels.orientation)
    }

    fn describe(mut self, bytes: Cow<'_, [u8]>, sha256: [u8; 32], name: &Path) -> Result<Imported, PhotoError> {
        let (size, max) = (bytes.len() as u64, self.limits.max_bytes);
        if bytes.is_empty() {
            return Err(PhotoError::Empty);
        }
        if size > max {
            return Err(PhotoError::TooManyBytes { size, max });
        }
        let format = Format::sniff(&bytes).ok_or(PhotoError::NotAPhoto)?;
        let header = Header::read(format, &bytes, &self.limits);
        let metadata = Metadata::read(&header);
        let how = (self.coder, Detail::Scaled, DERIVATIVE);
        let opened = header.verdict.and_then(|()| preview::decode(&bytes, &header, how));
        let damage = match &opened {
            Ok(opened) => opened.damage,
            Err(_) if header.truncated => Some(Damage::EndMissing),
            Err(NoPreview::Damaged) => Some(Damage::Corrupt),
            Err(_) => None,
        };
        let photo = Imported {
            sha256,
            size,
            format,
            name_mismatch: format.contradicts(name),
            damage,
            dimensions: header.dimensions,
            orientation: metadata.orientation,
            position: metadata.position,
            taken: metadata.taken,
            derivative: None,
            thumbnail: None,
            no_preview: None,
        };
        // From here on the original is not needed: it and the planes are never shrunk side by side.
        drop(bytes);
        let orientation = photo.orientation;
        Ok(self.finish(photo, opened, orientation))
    }

    fn finish(&mut self, mut photo: Imported, opened: Result<Opened, NoPreview>, orientation: u8) -> Imported {
        let made = opened.and_then(|Opened { decoded, profile, .. }| {
            let mut planes = preview::shrink(decoded, orientation, DERIVATIVE)?;
            if let Some(stamp) = &mut self.stamp {
                stamp(&photo, &mut planes);
            }
            let fields = ExifFields { position: photo.position, taken: photo.taken, orientation: Some(1) };
            preview::encode(self.coder, &planes, &fields, profile.as_deref())
        });
        photo.no_preview = made.as_ref().err().copied();
        (photo.derivative, photo.thumbnail) = made.ok().unzip();
        photo
    }
}

/// Hashes what passes through.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.hash.update(&buf[..n]);
        Ok(n)
    }
}
