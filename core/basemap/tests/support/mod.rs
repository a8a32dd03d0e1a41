//! Maps to read: an MBTiles made with SQLite, and a PMTiles made by a writer that can also be told to lie.
#![allow(dead_code, reason = "each test uses its part")]

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use gridpatrol_geo::crs::tile::TileId;
use rusqlite::Connection;

/// Beginnings of tiles, enough to tell what they are.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
pub const JPEG: &[u8] = b"\xff\xd8\xff\xe0";

pub fn id(z: u8, x: u32, y: u32) -> TileId {
    TileId::new(z, x, y).expect("there is such a tile")
}

/// A tile that can be told from all others.
pub fn picture(z: u8, x: u32, y: u32) -> Vec<u8> {
    let mut bytes = PNG.to_vec();
    bytes.extend(format!("{z}/{x}/{y}").bytes());
    bytes
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).expect("to memory");
    packed.finish().expect("to memory")
}

pub fn saved(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("the folder can be written");
    path
}

/// Chikan and Tangkou at zooms 10 and 12, as bounds in degrees.
pub const BOUNDS: &str = "112.5,22.3,112.6,22.4";

/// An MBTiles with these rows of metadata and tiles, whose rows are counted from the south.
pub fn mbtiles(folder: &Path, name: &str, metadata: &[(&str, &str)], tiles: &[(TileId, Vec<u8>)]) -> PathBuf {
    let path = folder.join(name);
    let database = database(&path);
    for (key, value) in metadata {
        database.execute("INSERT INTO metadata VALUES (?1, ?2)", [key, value]).expect("a row");
    }
    for (id, bytes) in tiles {
        let row = (id.z(), id.x(), (1u32 << id.z()) - 1 - id.y(), bytes);
        database.execute("INSERT INTO tiles VALUES (?1, ?2, ?3, ?4)", row).expect("a row");
    }
    path
}

/// As the specification has it, empty.
pub fn database(path: &Path) -> Connection {
    let database = Connection::open(path).expect("a new file");
    let schema = "CREATE TABLE metadata (name TEXT, value TEXT);
        CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);
        CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row);";
    database.execute_batch(schema).expect("a new file has no tables");
    database
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub tile: u64,
    pub offset: u64,
    pub length: u64,
    pub run: u64,
}

/// A PMTiles archive in its parts.
#[derive(Clone, Debug)]
pub struct Archive {
    pub root: Vec<Entry>,
    /// Each a directory; their bytes lie one behind the other.
    pub leaves: Vec<Vec<Entry>>,
    pub metadata: String,
    pub data: Vec<u8>,
    pub gzip: bool,
    pub tile_compression: u8,
    pub tile_type: u8,
    pub zooms: (u8, u8),
    pub bounds: [i32; 4],
}

impl Archive {
    /// Of tiles in the order of their numbers.
    pub fn of(tiles: &[(u64, Vec<u8>)]) -> Self {
        let mut data = Vec::new();
        let mut root = Vec::new();
        for (tile, bytes) in tiles {
            root.push(Entry { tile: *tile, offset: data.len() as u64, length: bytes.len() as u64, run: 1 });
            data.extend(bytes);
        }
        Archive {
            root,
            leaves: Vec::new(),
            metadata: r#"{"name": "塘口", "attribution": "<a href='x'>&copy; OSM</a>", "crs": "wgs84"}"#.to_owned(),
            data,
            gzip: true,
            tile_compression: 1,
            tile_type: 2,
            zooms: (0, 14),
            bounds: [1_125_000_000, 223_000_000, 1_126_000_000, 224_000_000],
        }
    }

    /// Moves the entries into leaf directories of so many.
    pub fn in_leaves(mut self, size: usize) -> Self {
        self.leaves = self.root.chunks(size).map(<[Entry]>::to_vec).collect();
        let mut offset = 0;
        self.root = self
            .leaves
            .iter()
            .map(|leaf| {
                let length = self.packed(&directory(leaf)).len() as u64;
                offset += length;
                Entry { tile: leaf[0].tile, offset: offset - length, length, run: 0 }
            })
            .collect();
        self
    }

    pub fn packed(&self, bytes: &[u8]) -> Vec<u8> {
        if self.gzip { gzip(bytes) } else { bytes.to_vec() }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let root = self.packed(&directory(&self.root));
        let metadata = self.packed(self.metadata.as_bytes());
        let leaves: Vec<u8> = self.leaves.iter().flat_map(|leaf| self.packed(&directory(leaf))).collect();
        let mut head = b"PMTiles\x03".to_vec();
        let mut offset = 127u64;
        for part in [&root, &metadata, &leaves, &self.data] {
            head.extend(offset.to_le_bytes());
            head.extend((part.len() as u64).to_le_bytes());
            offset += part.len() as u64;
        }
        // Counts of tiles: unknown.
        head.extend([0; 24]);
        head.push(1);
        head.push(if self.gzip { 2 } else { 1 });
        head.extend([self.tile_compression, self.tile_type, self.zooms.0, self.zooms.1]);
        head.extend(self.bounds.iter().flat_map(|bound| bound.to_le_bytes()));
        head.extend([self.zooms.0, 0, 0, 0, 0, 0, 0, 0, 0]);
        [head, root, metadata, leaves, self.data.clone()].concat()
    }
}

pub fn directory(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut put = |value: u64| varint(&mut bytes, value);
    put(entries.len() as u64);
    let mut last = 0;
    for entry in entries {
        put(entry.tile.wrapping_sub(last));
        last = entry.tile;
    }
    entries.iter().for_each(|entry| put(entry.run));
    entries.iter().for_each(|entry| put(entry.length));
    let mut next = None;
    for entry in entries {
        put(if next == Some(entry.offset) { 0 } else { entry.offset.wrapping_add(1) });
        next = entry.offset.checked_add(entry.length);
    }
    bytes
}

pub fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
