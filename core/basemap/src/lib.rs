//! Base maps in one file: what lies under the grid when there is no signal.
//!
//! Two formats, told apart by their first bytes: MBTiles 1.3 (a SQLite database) and PMTiles 3 (one archive with a
//! directory inside). Raster tiles (PNG, JPEG, WebP, AVIF) and vector tiles (MVT) alike come out as the bytes that
//! are in the file: nothing is decoded here. Tiles are named as web maps name them (XYZ, web Mercator), whatever the
//! file counts by.
//!
//! **A map is drawn in a system that is said, never guessed.** Most street maps of China are in GCJ-02, 600 m beside
//! WGS-84, and nothing in their pictures or in these formats tells. The caller says it, or the file's name
//! (`NAME.gcj02.mbtiles`), or its metadata (a key `crs`); what is said later in this list counts less. A file of which
//! nobody says it is not opened. Everything that leaves this crate is WGS-84.
//!
//! **The file is hostile until shown otherwise.** It may come from anywhere. Whatever it says is checked before memory
//! is taken for it, SQL in it may neither loop nor call, and a lie is an error that says what to do.

mod about;
mod crs;
mod error;
mod format;
mod mbtiles;
mod pmtiles;

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use gridpatrol_geo::crs::tile::{MAX_ZOOM, Part, TileCrs, TileId};

pub use about::About;
pub use crs::{of_file_name, word as crs_word};
pub use error::BaseMapError;
pub use format::{Encoding, TileFormat};

use mbtiles::Mbtiles;
use pmtiles::Pmtiles;

/// Bytes of one tile, at most; of those that people make, one in a thousand is above a tenth of it.
pub const MAX_TILE_BYTES: u32 = 8 << 20;

/// What the names of the two kinds of files end in.
pub const ENDINGS: [&str; 2] = ["mbtiles", "pmtiles"];

/// Zooms that a tile is stretched over at most: then one pixel in 256 is left of it.
const MAX_STRETCH: u8 = 8;

pub type Result<T, E = BaseMapError> = std::result::Result<T, E>;

/// An open base map. The file must not change while it is open.
pub struct BaseMap {
    about: About,
    tiles: Tiles,
}

enum Tiles {
    Mbtiles(Mbtiles),
    Pmtiles(Pmtiles),
}

/// One tile as it is in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    pub bytes: Vec<u8>,
    pub format: TileFormat,
    /// What `bytes` are packed in on top of their format.
    pub encoding: Encoding,
}

/// The nearest tile that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    pub tile: Tile,
    /// The one that was asked for, or one that holds it.
    pub id: TileId,
    /// Of it, what was asked for: all of it, or what is to be stretched.
    pub part: Part,
}

impl BaseMap {
    /// `told` is what a person said of its system, and wins over what the file says.
    pub fn open(path: &Path, told: Option<TileCrs>) -> Result<Self> {
        let mut file = File::open(path)?;
        let mut head = [0; 16];
        let read = read_up_to(&mut file, &mut head)?;
        let (tiles, claims) = if head[..read].starts_with(b"SQLite format 3\0") {
            let (tiles, claims) = Mbtiles::open(path)?;
            (Tiles::Mbtiles(tiles), claims)
        } else {
            let (tiles, claims) = Pmtiles::open(Box::new(file))?;
            (Tiles::Pmtiles(tiles), claims)
        };
        Ok(BaseMap { about: claims.settle(path, told)?, tiles })
    }

    /// A PMTiles archive that is no file.
    pub fn pmtiles(archive: impl Read + Seek + Send + 'static, told: TileCrs) -> Result<Self> {
        let (tiles, claims) = Pmtiles::open(Box::new(archive))?;
        Ok(BaseMap { about: claims.settle(Path::new(""), Some(told))?, tiles: Tiles::Pmtiles(tiles) })
    }

    pub fn about(&self) -> &About {
        &self.about
    }

    /// What its file's name ends in, whatever it is called.
    pub fn ending(&self) -> &'static str {
        match self.tiles {
            Tiles::Mbtiles(_) => ENDINGS[0],
            Tiles::Pmtiles(_) => ENDINGS[1],
        }
    }

    /// None where the map has no tile.
    pub fn tile(&self, id: TileId) -> Result<Option<Tile>> {
        if !(self.about.min_zoom..=self.about.max_zoom).contains(&id.z()) {
            return Ok(None);
        }
        let found = match &self.tiles {
            Tiles::Mbtiles(map) => map.tile(id)?.map(|bytes| (Encoding::of(&bytes), bytes)),
            Tiles::Pmtiles(map) => map.tile(id)?,
        };
        // A map may mix pictures of several kinds, as GDAL does with PNG and JPEG.
        Ok(found.map(|(encoding, bytes)| {
            let format = TileFormat::of(&bytes).unwrap_or(self.about.format);
            Tile { bytes, format, encoding }
        }))
    }

    /// The tile, or where there is none the finest one above it, to be stretched.
    pub fn nearest(&self, id: TileId) -> Result<Option<Nearest>> {
        for levels in id.z().saturating_sub(self.about.max_zoom)..=MAX_STRETCH {
            let Some((above, part)) = id.up(levels).zip(id.part(levels)) else { break };
            if let Some(tile) = self.tile(above)? {
                return Ok(Some(Nearest { tile, id: above, part }));
            }
        }
        Ok(None)
    }
}

/// As much as there is.
fn read_up_to(file: &mut File, head: &mut [u8; 16]) -> Result<usize> {
    let mut read = 0;
    while let count @ 1.. = file.read(&mut head[read..])? {
        read += count;
    }
    Ok(read)
}

/// The zooms that a file claims, where they can be.
fn zooms(min: u64, max: u64) -> Result<(u8, u8)> {
    if min > max || min > u64::from(MAX_ZOOM) {
        return Err(BaseMapError::Damaged("its zooms are none that a map can have"));
    }
    Ok((min as u8, max.min(u64::from(MAX_ZOOM)) as u8))
}
