//! Files that lie. Each is refused with an error, or one of its tiles is; none takes memory or time for a lie.

mod support;

use std::io::Cursor;
use std::path::Path;
use std::sync::LazyLock;

use gridpatrol_basemap::{BaseMap, BaseMapError, MAX_TILE_BYTES};
use gridpatrol_geo::crs::tile::{MAX_ZOOM, TileCrs, TileId};
use proptest::prelude::*;
use support::*;

fn read(bytes: Vec<u8>) -> Result<BaseMap, BaseMapError> {
    BaseMap::pmtiles(Cursor::new(bytes), TileCrs::Wgs84)
}

/// Why the archive is not opened.
fn refused(bytes: Vec<u8>) -> String {
    read(bytes).err().expect("it lies").to_string()
}

/// Why this tile is not given.
fn tile_refused(archive: &Archive, tile: TileId) -> String {
    read(archive.bytes()).expect("the lie is deeper").tile(tile).expect_err("it lies").to_string()
}

fn good() -> Archive {
    Archive::of(&[(0, picture(0, 0, 0)), (1, picture(1, 0, 0)), (5, picture(2, 0, 0))])
}

#[test]
fn an_archive_that_was_cut_off_anywhere_is_refused_when_it_is_opened() {
    let whole = good().in_leaves(2).bytes();
    read(whole.clone()).expect("whole, it is good");
    for length in 0..whole.len() {
        let text = refused(whole[..length].to_vec());
        assert!(length < 127 || text.contains("shorter than it says") && text.contains("Copy it again"), "{text}");
    }
}

#[test]
fn sections_that_overflow_are_beyond_the_end() {
    for field in (8..72).step_by(8) {
        let mut bytes = good().bytes();
        bytes[field..field + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(refused(bytes).contains("shorter than it says"), "field at {field}");
    }
}

#[test]
fn a_directory_claims_no_more_entries_than_its_bytes_can_hold() {
    for count in [5, 1 << 17, 1 << 40, u64::MAX] {
        let mut claims = Vec::new();
        varint(&mut claims, count);
        claims.extend([1; 16]);
        assert!(refused(with_root(&claims)).contains("more entries"), "{count}");
    }
    let mut many = Vec::new();
    varint(&mut many, (1 << 17) + 1);
    many.extend(vec![1; 1 << 20]);
    assert!(refused(with_root(&many)).contains("more entries"), "more than one directory may have");
}

#[test]
fn a_directory_that_unpacks_to_more_than_it_may_is_given_up() {
    assert!(refused(with_root(&vec![0; 5 << 20])).contains("unpacks to more than 4 MB"));
    let metadata = Archive { metadata: " ".repeat(5 << 20), ..good() };
    assert!(refused(metadata.bytes()).contains("unpacks to more than 4 MB"));
}

#[test]
fn a_directory_that_is_no_gzip_or_no_directory_is_refused() {
    let mut broken = good().bytes();
    broken[130] ^= 0xff;
    assert!(refused(broken).contains("cannot be unpacked"));
    assert!(refused(with_root(&[3, 1])).contains("more entries"));
    assert!(refused(with_root(&[1, 0, 1, 0x80, 0x80, 0x80])).contains("ends too early"));
    let unsorted = [2, 5, 0, 1, 1, 1, 1, 1, 1];
    assert!(refused(with_root(&unsorted)).contains("not in order"));
    let behind_nothing = [1, 0, 1, 5, 0];
    assert!(refused(with_root(&behind_nothing)).contains("nothing before it"));
    assert!(refused(Archive { metadata: "{".to_owned(), ..good() }.bytes()).contains("no JSON"));
}

/// The good archive with another root directory.
fn with_root(root: &[u8]) -> Vec<u8> {
    let whole = good().bytes();
    let packed = gzip(root);
    let old = u64::from_le_bytes(whole[16..24].try_into().expect("eight bytes")) as usize;
    let mut bytes = [&whole[..127], &packed, &whole[127 + old..]].concat();
    bytes[16..24].copy_from_slice(&(packed.len() as u64).to_le_bytes());
    let moved = packed.len() as i64 - old as i64;
    for field in [24, 40, 56] {
        let offset = u64::from_le_bytes(bytes[field..field + 8].try_into().expect("eight bytes"));
        bytes[field..field + 8].copy_from_slice(&offset.wrapping_add_signed(moved).to_le_bytes());
    }
    bytes
}

#[test]
fn leaf_directories_that_lead_to_themselves_come_to_an_end() {
    let mut archive = good().in_leaves(3);
    // Unpacked, so that a leaf that names itself has the length that it says.
    archive.gzip = false;
    let leaf = vec![Entry { tile: 0, offset: 0, length: 5, run: 0 }];
    assert_eq!(directory(&leaf).len(), 5);
    archive.root.clone_from(&leaf);
    archive.leaves = vec![leaf];
    assert!(tile_refused(&archive, id(1, 0, 0)).contains("without end"));
}

#[test]
fn an_entry_that_points_beyond_the_end_gives_no_tile() {
    for (offset, length) in [(0, 1 << 30), (1 << 40, 1), (u64::MAX - 1, 1), (u64::MAX - 1, u64::from(u32::MAX))] {
        let mut archive = good();
        archive.root[0] = Entry { tile: 0, offset, length, run: 1 };
        archive.root.truncate(1);
        let text = tile_refused(&archive, id(0, 0, 0));
        assert!(text.contains("beyond the end") || text.contains("larger than 8 MB"), "{text}");
        archive.root[0].run = 0;
        assert!(tile_refused(&archive, id(0, 0, 0)).contains("beyond the end"));
    }
}

#[test]
fn a_run_over_the_whole_world_is_one_tile_many_times() {
    let mut archive = good();
    archive.root = vec![Entry { tile: 0, offset: 0, length: 13, run: u64::from(u32::MAX) }];
    let map = read(archive.bytes()).expect("long, and no lie");
    assert_eq!(map.tile(id(14, 9_000, 9_000)).expect("long, and no lie").expect("in the run").bytes, picture(0, 0, 0));
    archive.root[0].run += 1;
    assert!(refused(archive.bytes()).contains("too large"));
}

#[test]
fn a_tile_that_is_too_large_is_refused_in_both_formats() {
    let folder = tempfile::tempdir().expect("a folder");
    let large = vec![0; MAX_TILE_BYTES as usize + 1];
    let archive = Archive::of(&[(0, large.clone())]);
    assert!(tile_refused(&archive, id(0, 0, 0)).contains("larger than 8 MB"));

    let tiles = [(id(0, 0, 0), large), (id(1, 0, 0), picture(1, 0, 0))];
    let metadata = [("crs", "wgs84"), ("format", "pbf"), ("minzoom", "0"), ("maxzoom", "1")];
    let path = mbtiles(folder.path(), "large.mbtiles", &metadata, &tiles);
    assert!(BaseMap::open(&path, None).err().expect("its first tile is too large").to_string().contains("8 MB"));
}

#[test]
fn zooms_that_cannot_be_are_refused_and_those_beyond_the_finest_are_not_asked_for() {
    for zooms in [(5, 4), (MAX_ZOOM + 1, MAX_ZOOM + 2), (255, 255)] {
        assert!(refused(Archive { zooms, ..good() }.bytes()).contains("zooms"));
    }
    let map = read(Archive { zooms: (0, 255), ..good() }.bytes()).expect("the rest of it is good");
    assert_eq!(map.about().max_zoom, MAX_ZOOM);
}

#[test]
fn what_the_reader_does_not_know_is_named() {
    let changed = |at: usize, to: u8| {
        let mut bytes = good().bytes();
        bytes[at] = to;
        refused(bytes)
    };
    assert!(changed(7, 4).contains("a version of PMTiles other than 3"));
    assert!(changed(97, 3).contains("Brotli"));
    assert!(changed(97, 4).contains("Zstandard"));
    assert!(changed(97, 0).contains("packed"));
    assert!(changed(98, 9).contains("packing of tiles"));
    assert!(changed(99, 6).contains("kind of tiles"));
}

/// An MBTiles whose tiles are this view.
fn view(folder: &Path, select: &str) -> std::path::PathBuf {
    let path = folder.join("view.wgs84.mbtiles");
    let database = rusqlite::Connection::open(&path).expect("a new file");
    let schema = format!(
        "CREATE TABLE metadata (name TEXT, value TEXT);
        INSERT INTO metadata VALUES ('format', 'png'), ('minzoom', '0'), ('maxzoom', '4');
        CREATE TABLE t (zoom_level, tile_column, tile_row, tile_data);
        CREATE VIEW tiles AS {select};"
    );
    database.execute_batch(&schema).expect("a new file");
    path
}

#[test]
fn sql_in_a_map_can_neither_loop_nor_call() {
    let numbers = "0 AS zoom_level, 0 AS tile_column, 0 AS tile_row";
    for select in [
        &format!("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n FROM r) SELECT {numbers}, n AS tile_data FROM r"),
        &format!("SELECT {numbers}, zeroblob(1000000000) AS tile_data"),
        &format!("SELECT {numbers}, randomblob(8000000) AS tile_data"),
        &format!("SELECT {numbers}, printf('%.*c', 8000000, 'x') AS tile_data"),
        "SELECT zoom_level, tile_column, tile_row, hex(tile_data) AS tile_data FROM t",
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let error = BaseMap::open(&view(folder.path(), select), None).err().expect("refused");
        assert!(error.to_string().contains("more than read"), "{select}: {error}");
    }
}

#[test]
fn a_search_without_end_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let joins =
        "SELECT a.zoom_level, a.tile_column, a.tile_row, a.tile_data FROM t a, t b, t c, t d WHERE d.tile_row = 7";
    let path = view(folder.path(), joins);
    let database = rusqlite::Connection::open(&path).expect("it is there");
    for _ in 0..200 {
        database.execute("INSERT INTO t VALUES (1, 1, 1, x'00')", []).expect("a row");
    }
    drop(database);
    let error = BaseMap::open(&path, None).err().expect("given up");
    assert!(error.to_string().contains("tables without an index"), "{error}");
}

#[test]
fn rows_of_other_types_than_the_format_has_are_no_tiles() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("types.wgs84.mbtiles");
    let database = database(&path);
    let rows = "INSERT INTO metadata VALUES ('format', 'png'), (NULL, x'00'), ('minzoom', 0), ('maxzoom', 2.0), ('bounds', 'x');
        INSERT INTO tiles VALUES (0, 0, 0, NULL), (1, 0, 0, 17), (1, 1, 0, 'text'), (NULL, 'a', x'00', 1.5);";
    database.execute_batch(rows).expect("SQLite takes any type");
    drop(database);
    let map = BaseMap::open(&path, None).expect("odd, and no lie");
    assert_eq!(map.tile(id(0, 0, 0)).expect("NULL is no tile"), None);
    assert!(map.tile(id(1, 0, 1)).is_err(), "a number is none either, and somebody should know");
    assert_eq!(map.tile(id(1, 1, 1)).expect("text is bytes").expect("it is there").bytes, b"text");
}

/// Opens what may be anything, and asks it for tiles of all kinds.
fn try_all(map: Result<BaseMap, BaseMapError>) {
    let Ok(map) = map else { return };
    for z in [0, 1, 2, 3, 9, 14, 24] {
        let _ = map.tile(id(z, 0, 0));
        let _ = map.nearest(id(z, (1 << z) - 1, 1 << z >> 1));
    }
}

static GOOD_MBTILES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let tiles: Vec<_> = (0..8).map(|x| (id(3, x, 0), picture(3, x, 0))).collect();
    let path = mbtiles(folder.path(), "good.mbtiles", &[("format", "png")], &tiles);
    std::fs::read(path).expect("it was just made")
});

proptest! {
    #[test]
    fn a_pmtiles_with_changed_bytes_does_no_harm(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), packed in any::<bool>(),
    ) {
        let tiles: Vec<_> = (0..40u64).map(|number| (number * 2, picture(3, number as u32, 0))).collect();
        let mut bytes = Archive { gzip: packed, ..Archive::of(&tiles) }.in_leaves(7).bytes();
        for (at, to) in changes {
            let at = at.index(bytes.len());
            bytes[at] = to;
        }
        try_all(read(bytes));
    }

    #[test]
    fn an_mbtiles_with_changed_bytes_does_no_harm(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut bytes = GOOD_MBTILES.clone();
        for (at, to) in changes {
            let at = at.index(bytes.len());
            bytes[at] = to;
        }
        let folder = tempfile::tempdir().expect("a folder");
        try_all(BaseMap::open(&saved(folder.path(), "changed.wgs84.mbtiles", &bytes), None));
    }

    #[test]
    fn any_bytes_behind_a_magic_number_do_no_harm(tail in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut bytes = b"PMTiles\x03".to_vec();
        bytes.extend(tail);
        try_all(read(bytes));
    }
}
