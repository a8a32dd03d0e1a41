//! PMTiles 3: one archive with directories and tiles, read from a file without an index of its own to load.
//!
//! A small reader of our own. The crate `pmtiles` (0.26) is well kept, but it reads only asynchronously and unpacks a
//! directory without a limit, which a stranger's file must not be able to use on a phone: `docs/adr/0010`. What is not
//! here: other packings of directories than gzip and none (no writer uses them), archives behind HTTP.
//!
//! The root directory stays in memory, and so do the last few leaf directories: the tiles of a screen lie in one or
//! two of them. A tile then costs one seek and one read.

mod directory;
mod header;
mod hilbert;

use std::collections::VecDeque;
use std::io::{Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::read::GzDecoder;
use gridpatrol_geo::crs::tile::TileId;

use crate::about::{Claims, layers};
use crate::error::BaseMapError;
use crate::format::Encoding;
use crate::{MAX_TILE_BYTES, Result};
use directory::{Directory, Entry};
use header::{Header, Packing, Section};

/// Bytes of a directory or of the metadata, packed and unpacked. The root is at most 16 KB packed by the
/// specification; leaf directories of whole countries are some 100 KB.
const MAX_PACKED: u64 = 1 << 20;
const MAX_UNPACKED: u64 = 4 << 20;

/// Directories on the way to a tile. The specification asks for two at most; archives of the first writers have three.
const MAX_DEPTH: usize = 4;

/// Leaf directories kept, at most 3 MB each and mostly 100 KB.
const KEPT_LEAVES: usize = 4;

pub(crate) trait Archive: Read + Seek + Send {}
impl<T: Read + Seek + Send> Archive for T {}

pub(crate) struct Pmtiles {
    header: Header,
    root: Arc<Directory>,
    inner: Mutex<Inner>,
}

struct Inner {
    archive: Box<dyn Archive>,
    /// By offset, the last used in front.
    leaves: VecDeque<(u64, Arc<Directory>)>,
}

impl Pmtiles {
    pub fn open(mut archive: Box<dyn Archive>) -> Result<(Self, Claims)> {
        let length = archive.seek(SeekFrom::End(0))?;
        if length < header::LENGTH as u64 {
            return Err(BaseMapError::no_map("it is too short for either"));
        }
        let mut head = [0; header::LENGTH];
        archive.seek(SeekFrom::Start(0))?;
        archive.read_exact(&mut head)?;
        let header = Header::read(&head, length)?;
        let mut inner = Inner { archive, leaves: VecDeque::new() };
        let root = Arc::new(Directory::read(&inner.unpacked(header.root, header.packing)?)?);
        let claims = inner.claims(&header)?;
        Ok((Pmtiles { header, root, inner: Mutex::new(inner) }, claims))
    }

    pub fn tile(&self, id: TileId) -> Result<Option<(Encoding, Vec<u8>)>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = self.find(&mut inner, hilbert::number(id))? else { return Ok(None) };
        if entry.length > MAX_TILE_BYTES {
            return Err(BaseMapError::Damaged("a tile is larger than 8 MB"));
        }
        let bytes = inner.read(part(self.header.data, entry)?)?;
        Ok(Some((self.header.encoding.unwrap_or_else(|| Encoding::of(&bytes)), bytes)))
    }

    fn find(&self, inner: &mut Inner, tile: u64) -> Result<Option<Entry>> {
        let mut directory = self.root.clone();
        for _ in 0..MAX_DEPTH {
            match directory.find(tile) {
                Some(entry) if entry.run == 0 => directory = inner.leaf(&self.header, entry)?,
                found => return Ok(found),
            }
        }
        Err(BaseMapError::Damaged("its directories lead to one another without end"))
    }
}

impl Inner {
    fn read(&mut self, section: Section) -> Result<Vec<u8>> {
        // A section lies inside the archive, so this is never more than there is to read.
        let mut bytes = vec![0; section.length as usize];
        self.archive.seek(SeekFrom::Start(section.offset))?;
        self.archive.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn unpacked(&mut self, section: Section, packing: Packing) -> Result<Vec<u8>> {
        if section.length > MAX_PACKED {
            return Err(BaseMapError::Damaged("a directory is larger than 1 MB"));
        }
        let packed = self.read(section)?;
        match packing {
            Packing::Plain => Ok(packed),
            Packing::Gzip => gunzip(&packed),
        }
    }

    fn leaf(&mut self, header: &Header, entry: Entry) -> Result<Arc<Directory>> {
        let kept = self.leaves.iter().position(|(offset, _)| *offset == entry.offset);
        let leaf = match kept.and_then(|at| self.leaves.remove(at)) {
            Some((_, leaf)) => leaf,
            None => Arc::new(Directory::read(&self.unpacked(part(header.leaves, entry)?, header.packing)?)?),
        };
        self.leaves.truncate(KEPT_LEAVES - 1);
        self.leaves.push_front((entry.offset, leaf.clone()));
        Ok(leaf)
    }

    fn claims(&mut self, header: &Header) -> Result<Claims> {
        let metadata = match header.metadata.length {
            0 => serde_json::Value::Null,
            _ => serde_json::from_slice(&self.unpacked(header.metadata, header.packing)?)
                .map_err(|_| BaseMapError::Damaged("its metadata is no JSON"))?,
        };
        let text = |key: &str| metadata.get(key).and_then(|value| value.as_str()).map(str::to_owned);
        Ok(Claims {
            name: text("name"),
            attribution: text("attribution"),
            crs: text("crs"),
            format: header.format,
            bounds: Some(header.bounds),
            zooms: header.zooms,
            layers: layers(&metadata),
        })
    }
}

/// What an entry names of a section.
fn part(section: Section, entry: Entry) -> Result<Section> {
    match entry.offset.checked_add(entry.length.into()) {
        Some(end) if end <= section.length => {
            Ok(Section { offset: section.offset + entry.offset, length: entry.length.into() })
        }
        _ => Err(BaseMapError::Damaged("a directory points beyond the end")),
    }
}

fn gunzip(packed: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match GzDecoder::new(packed).take(MAX_UNPACKED + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 <= MAX_UNPACKED => Ok(bytes),
        Ok(_) => Err(BaseMapError::Damaged("a directory unpacks to more than 4 MB")),
        Err(_) => Err(BaseMapError::Damaged("a directory cannot be unpacked")),
    }
}
