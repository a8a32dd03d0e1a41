//! The 127 bytes at the start of an archive.

use crate::error::BaseMapError;
use crate::format::{Encoding, TileFormat};
use crate::{Result, zooms};

pub(super) const LENGTH: usize = 127;

/// Where a part of the archive lies: from which byte, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub offset: u64,
    pub length: u64,
}

/// How directories and metadata are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Header {
    pub root: Section,
    pub metadata: Section,
    pub leaves: Section,
    pub data: Section,
    pub packing: Packing,
    /// None where the archive does not say.
    pub encoding: Option<Encoding>,
    pub format: TileFormat,
    pub zooms: (u8, u8),
    /// West, south, east, north, degrees.
    pub bounds: [f64; 4],
}

impl Header {
    /// Every section lies in the `length` bytes of the archive.
    pub fn read(bytes: &[u8; LENGTH], length: u64) -> Result<Self> {
        if !bytes.starts_with(b"PMTiles") {
            return Err(BaseMapError::no_map(if bytes.starts_with(b"PM") {
                "it is a PMTiles of version 1 or 2, which `pmtiles convert` makes a version 3 of"
            } else {
                "it begins like neither"
            }));
        }
        if bytes[7] != 3 {
            return Err(BaseMapError::Unsupported("a version of PMTiles other than 3"));
        }
        let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        let section = |at: usize| Section { offset: word(at), length: word(at + 8) }.within(length);
        let degrees =
            |at: usize| f64::from(i32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))) / 1e7;
        // 72 to 95 count tiles and 96 says how they are sorted, 118 to 126 where a viewer might begin: not needed.
        Ok(Header {
            root: section(8)?,
            metadata: section(24)?,
            leaves: section(40)?,
            data: section(56)?,
            packing: packing(bytes[97])?,
            encoding: encoding(bytes[98])?,
            format: format(bytes[99])?,
            zooms: zooms(bytes[100].into(), bytes[101].into())?,
            bounds: [degrees(102), degrees(106), degrees(110), degrees(114)],
        })
    }
}

impl Section {
    fn within(self, length: u64) -> Result<Self> {
        match self.offset.checked_add(self.length) {
            Some(end) if end <= length => Ok(self),
            _ => Err(BaseMapError::Damaged("it is shorter than it says of itself, as after a copy that was cut off")),
        }
    }
}

fn packing(code: u8) -> Result<Packing> {
    match code {
        1 => Ok(Packing::Plain),
        2 => Ok(Packing::Gzip),
        3 => Err(BaseMapError::Unsupported("directories in Brotli")),
        4 => Err(BaseMapError::Unsupported("directories in Zstandard")),
        _ => Err(BaseMapError::Damaged("it does not say how its directories are packed")),
    }
}

fn encoding(code: u8) -> Result<Option<Encoding>> {
    match code {
        0 => Ok(None),
        1 => Ok(Some(Encoding::Identity)),
        2 => Ok(Some(Encoding::Gzip)),
        3 => Ok(Some(Encoding::Brotli)),
        4 => Ok(Some(Encoding::Zstd)),
        _ => Err(BaseMapError::Unsupported("a newer packing of tiles")),
    }
}

fn format(code: u8) -> Result<TileFormat> {
    match code {
        1 => Ok(TileFormat::Mvt),
        2 => Ok(TileFormat::Png),
        3 => Ok(TileFormat::Jpeg),
        4 => Ok(TileFormat::Webp),
        5 => Ok(TileFormat::Avif),
        _ => Err(BaseMapError::Unsupported("a newer kind of tiles, or one of its own")),
    }
}
