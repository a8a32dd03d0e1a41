//! One photo file in, everything the core keeps about it out.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::header::Header;
use crate::metadata::Metadata;
use crate::{Format, Jpeg, NoPreview, PhotoError, Position, TakenAt, preview};

/// What a photo may cost. The defaults let every phone camera of 2026 through (108 MP at most).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub max_bytes: u64,
    /// Pixels of the longer side.
    pub max_side: u32,
    /// Pixels altogether.
    pub max_pixels: u64,
    /// Bytes that the decoder holds at once: enough for `max_pixels` in RGB, and for 44 MP of a progressive JPEG,
    /// which needs three times as much.
    pub max_decoded_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_bytes: 200 << 20, max_side: 30_000, max_pixels: 120_000_000, max_decoded_bytes: 384 << 20 }
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
    /// The end of the file is missing; the derivative then shows as much as was there.
    pub truncated: bool,
    /// Width and height as stored, before turning. `None` for HEIC and if the file breaks off before it says.
    pub dimensions: Option<(u32, u32)>,
    /// EXIF orientation, 1 to 8; 1 if absent or senseless. Derivative and thumbnail are already upright.
    pub orientation: u8,
    pub position: Option<Position>,
    pub taken: Option<TakenAt>,
    /// Upright, long side at most 1600 px, no metadata.
    pub derivative: Option<Jpeg>,
    /// Upright, long side at most 256 px, no metadata.
    pub thumbnail: Option<Jpeg>,
    /// Says why the two are missing; `None` exactly if they are there.
    pub no_preview: Option<NoPreview>,
}

/// Reads a photo file once, hashing it on the way.
///
/// # Errors
/// [`PhotoError`] if the file cannot be read, is empty, too big, or no photo.
pub fn import(path: &Path, limits: &Limits) -> Result<Imported, PhotoError> {
    let file = File::open(path).map_err(PhotoError::Unreadable)?;
    let size = file.metadata().map_err(PhotoError::Unreadable)?.len();
    if size > limits.max_bytes {
        return Err(PhotoError::TooManyBytes { size, max: limits.max_bytes });
    }
    // A file that grows meanwhile is read one byte past the cap, which the next check sees.
    let mut reader = Hashing { inner: file.take(limits.max_bytes.saturating_add(1)), hash: Sha256::new() };
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    reader.read_to_end(&mut bytes).map_err(PhotoError::Unreadable)?;
    describe(&bytes, reader.hash.finalize().into(), path, limits)
}

/// The same from bytes in memory; `name` is only compared with the content.
///
/// # Errors
/// [`PhotoError`] if the bytes are empty, too many, or no photo.
pub fn import_bytes(bytes: &[u8], name: &Path, limits: &Limits) -> Result<Imported, PhotoError> {
    describe(bytes, Sha256::digest(bytes).into(), name, limits)
}

fn describe(bytes: &[u8], sha256: [u8; 32], name: &Path, limits: &Limits) -> Result<Imported, PhotoError> {
    let size = bytes.len() as u64;
    if bytes.is_empty() {
        return Err(PhotoError::Empty);
    }
    if size > limits.max_bytes {
        return Err(PhotoError::TooManyBytes { size, max: limits.max_bytes });
    }
    let format = Format::sniff(bytes).ok_or(PhotoError::NotAPhoto)?;
    let header = Header::read(format, bytes, limits);
    let metadata = Metadata::read(format, bytes, header.exif);
    let preview = header.verdict.and_then(|()| preview::make(format, bytes, &header, metadata.orientation, limits));
    let no_preview = preview.as_ref().err().copied();
    let (derivative, thumbnail) = preview.ok().unzip();
    Ok(Imported {
        sha256,
        size,
        format,
        name_mismatch: format.contradicts(name),
        truncated: header.truncated,
        dimensions: header.dimensions,
        orientation: metadata.orientation,
        position: metadata.position,
        taken: metadata.taken,
        derivative,
        thumbnail,
        no_preview,
    })
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
