//! Both formats give the same tiles in the same way.

mod support;

use std::path::Path;

use gridpatrol_basemap::{BaseMap, BaseMapError, Encoding, TileFormat};
use gridpatrol_geo::crs::tile::{Extent, Part, TileCrs};
use gridpatrol_geo::crs::{E7, Gcj02};
use support::*;

const SAID: (&str, &str) = ("crs", "wgs84");

fn open(path: &Path) -> BaseMap {
    BaseMap::open(path, None).expect("a good map")
}

fn error(path: &Path) -> BaseMapError {
    BaseMap::open(path, None).err().expect("not a map to be shown")
}

/// Zooms 10 and 12 over Tangkou, in each format.
fn both(folder: &Path) -> [BaseMap; 2] {
    let tiles = [(10, 832, 446), (12, 3328, 1786), (12, 3329, 1786)];
    let rows: Vec<_> = tiles.map(|(z, x, y)| (id(z, x, y), picture(z, x, y))).to_vec();
    let metadata = [
        SAID,
        ("name", "塘口"),
        ("format", "png"),
        ("bounds", BOUNDS),
        ("minzoom", "10"),
        ("maxzoom", "12"),
        ("attribution", "<a href='x'>&copy; OSM</a>"),
    ];
    let mbtiles = mbtiles(folder, "tangkou.mbtiles", &metadata, &rows);
    // Numbered by pmtiles 3.8.1 of Python.
    let numbers = [1_193_299, 19_092_801, 19_092_802];
    let entries: Vec<_> = numbers.into_iter().zip(&rows).map(|(number, (_, bytes))| (number, bytes.clone())).collect();
    let archive = Archive { zooms: (10, 12), ..Archive::of(&entries) };
    let pmtiles = saved(folder, "tangkou.pmtiles", &archive.bytes());
    [open(&mbtiles), open(&pmtiles)]
}

#[test]
fn a_map_says_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    for map in both(folder.path()) {
        let about = map.about();
        assert_eq!(about.name, "塘口");
        assert_eq!(about.attribution, "© OSM");
        assert_eq!((about.format, about.crs), (TileFormat::Png, TileCrs::Wgs84));
        assert_eq!((about.min_zoom, about.max_zoom), (10, 12));
        assert_eq!(about.extent.south_west(), E7::new(1_125_000_000, 223_000_000).expect("on earth"));
        assert_eq!(about.extent.north_east(), E7::new(1_126_000_000, 224_000_000).expect("on earth"));
    }
}

#[test]
fn a_tile_comes_out_as_it_went_in_and_a_missing_one_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    for map in both(folder.path()) {
        let tile = map.tile(id(12, 3329, 1786)).expect("a good map").expect("it is there");
        assert_eq!(tile.bytes, picture(12, 3329, 1786));
        assert_eq!((tile.format, tile.encoding), (TileFormat::Png, Encoding::Identity));
        for missing in [id(12, 3329, 1787), id(11, 1664, 893), id(9, 416, 223), id(13, 0, 0), id(24, 0, 0)] {
            assert_eq!(map.tile(missing).expect("a good map"), None, "{missing:?}");
        }
    }
}

#[test]
fn a_deeper_zoom_is_stretched_from_the_nearest_tile_above() {
    let folder = tempfile::tempdir().expect("a folder");
    for map in both(folder.path()) {
        let asked = id(17, 3329 * 32 + 5, 1786 * 32 + 30);
        let found = map.nearest(asked).expect("a good map").expect("zoom 12 holds it");
        assert_eq!(found.id, id(12, 3329, 1786));
        assert_eq!(found.tile.bytes, picture(12, 3329, 1786));
        assert_eq!(found.part, Part { levels: 5, left: 5, top: 30 });

        // Zoom 12 has a hole beside it, and zoom 11 nothing at all.
        let found = map.nearest(id(12, 3330, 1787)).expect("a good map").expect("zoom 10 holds it");
        assert_eq!(found.id, id(10, 832, 446));
        assert_eq!(found.part, Part { levels: 2, left: 2, top: 3 });

        let found = map.nearest(id(12, 3328, 1786)).expect("a good map").expect("it is there");
        assert_eq!((found.id, found.part.levels), (id(12, 3328, 1786), 0));

        assert_eq!(map.nearest(id(10, 833, 446)).expect("a good map"), None, "nothing above");
        assert_eq!(map.nearest(id(24, 0, 0)).expect("a good map"), None, "too far to stretch");
    }
}

#[test]
fn vector_tiles_stay_packed_and_say_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let vector = gzip(b"\x1a\x05layer");
    let metadata = [SAID, ("format", "pbf")];
    let mbtiles = open(&mbtiles(folder.path(), "v.mbtiles", &metadata, &[(id(0, 0, 0), vector.clone())]));
    let archive = Archive { tile_compression: 2, tile_type: 1, ..Archive::of(&[(0, vector.clone())]) };
    let pmtiles = open(&saved(folder.path(), "v.pmtiles", &archive.bytes()));
    for map in [mbtiles, pmtiles] {
        assert!(map.about().format.is_vector());
        let tile = map.tile(id(0, 0, 0)).expect("a good map").expect("it is there");
        assert_eq!((tile.format, tile.encoding), (TileFormat::Mvt, Encoding::Gzip));
        assert_eq!(tile.encoding.content_encoding(), Some("gzip"));
        assert_eq!(tile.bytes, vector);
    }
}

#[test]
fn a_picture_of_another_kind_than_the_map_says_so_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let tiles = [(id(1, 0, 0), PNG.to_vec()), (id(1, 1, 0), JPEG.to_vec())];
    let map = open(&mbtiles(folder.path(), "mixed.mbtiles", &[SAID, ("format", "jpg")], &tiles));
    let format = |x| map.tile(id(1, x, 0)).expect("a good map").expect("it is there").format;
    assert_eq!((format(0), format(1)), (TileFormat::Png, TileFormat::Jpeg));
}

#[test]
fn an_old_mbtiles_without_format_zooms_and_bounds_is_looked_at() {
    let folder = tempfile::tempdir().expect("a folder");
    let tiles = [(id(3, 6, 3), PNG.to_vec()), (id(9, 416, 223), PNG.to_vec())];
    let map = open(&mbtiles(folder.path(), "old.wgs84.mbtiles", &[], &tiles));
    let about = map.about();
    assert_eq!((about.format, about.min_zoom, about.max_zoom), (TileFormat::Png, 3, 9));
    assert_eq!((about.name.as_str(), about.attribution.as_str()), ("old", ""));
    assert_eq!(about.extent, Extent::world());
}

#[test]
fn a_view_over_shared_pictures_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shared.wgs84.mbtiles");
    let database = rusqlite::Connection::open(&path).expect("a new file");
    let schema = "CREATE TABLE metadata (name TEXT, value TEXT);
        CREATE TABLE map (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_id TEXT);
        CREATE TABLE images (tile_id TEXT PRIMARY KEY, tile_data BLOB);
        CREATE VIEW tiles AS SELECT map.zoom_level AS zoom_level, map.tile_column AS tile_column,
            map.tile_row AS tile_row, images.tile_data AS tile_data
            FROM map JOIN images ON images.tile_id = map.tile_id;
        INSERT INTO images VALUES ('sea', x'89504e470d0a1a0a');
        INSERT INTO map VALUES (1, 0, 0, 'sea'), (1, 0, 1, 'sea');";
    database.execute_batch(schema).expect("a new file");
    let map = open(&path);
    assert_eq!(map.tile(id(1, 0, 1)).expect("a good map").expect("it is there").bytes, PNG);
    assert_eq!(map.tile(id(1, 1, 1)).expect("a good map"), None);
}

#[test]
fn leaf_directories_and_repeated_tiles_are_found() {
    let tiles: Vec<(u64, Vec<u8>)> =
        (0..5_000).map(|number: u64| (3 * number, number.to_le_bytes().to_vec())).collect();
    let mut archive = Archive::of(&tiles);
    for entry in &mut archive.root {
        entry.run = 2;
    }
    let archive = Archive { zooms: (0, 8), ..archive }.in_leaves(700);
    for gzip in [true, false] {
        // Packed or not, a leaf's place is another.
        let archive = if gzip {
            archive.clone()
        } else {
            Archive { gzip, root: unpack(&archive), ..archive.clone() }.in_leaves(700)
        };
        let map = BaseMap::pmtiles(std::io::Cursor::new(archive.bytes()), TileCrs::Wgs84).expect("a good map");
        let found = every_tile(7).filter(|id| map.tile(*id).expect("a good map").is_some()).count();
        assert_eq!(found, 2 * 5_000);
    }
}

fn unpack(archive: &Archive) -> Vec<Entry> {
    archive.leaves.concat()
}

/// All of the zooms up to this one.
fn every_tile(last: u8) -> impl Iterator<Item = gridpatrol_geo::crs::tile::TileId> {
    (0..=last).flat_map(|z| (0..1 << z).flat_map(move |x| (0..1 << z).map(move |y| id(z, x, y))))
}

#[test]
fn a_file_of_which_nobody_says_what_it_is_drawn_in_is_not_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let silent = mbtiles(folder.path(), "silent.mbtiles", &[("format", "png")], &[(id(0, 0, 0), PNG.to_vec())]);
    assert!(matches!(error(&silent), BaseMapError::CrsUnsaid));
    assert!(error(&silent).to_string().contains("NAME.gcj02.mbtiles"), "it says what to do");
    let told = BaseMap::open(&silent, Some(TileCrs::Gcj02)).expect("told");
    assert_eq!(told.about().crs, TileCrs::Gcj02);
    assert_eq!(told.about().name, "silent");
}

#[test]
fn a_person_counts_more_than_a_files_name_and_that_more_than_what_is_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let tiles = [(id(0, 0, 0), PNG.to_vec())];
    // Tools call everything EPSG:3857, also what they fetched from Amap.
    let metadata = [("format", "png"), ("crs", "EPSG:3857")];
    let inside = mbtiles(folder.path(), "plain.mbtiles", &metadata, &tiles);
    let named = mbtiles(folder.path(), "amap.gcj02.mbtiles", &metadata, &tiles);
    assert_eq!(open(&inside).about().crs, TileCrs::Wgs84);
    assert_eq!(open(&named).about().crs, TileCrs::Gcj02);
    assert_eq!(open(&named).about().name, "amap");
    assert_eq!(BaseMap::open(&named, Some(TileCrs::Wgs84)).expect("told").about().crs, TileCrs::Wgs84);
}

#[test]
fn what_is_cut_another_way_than_web_mercator_is_refused_whatever_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let metadata = [("format", "png"), ("crs", "EPSG:4490")];
    let path = mbtiles(folder.path(), "degrees.wgs84.mbtiles", &metadata, &[(id(0, 0, 0), PNG.to_vec())]);
    for told in [None, Some(TileCrs::Wgs84)] {
        let refused = BaseMap::open(&path, told).err().expect("refused");
        assert!(matches!(&refused, BaseMapError::ForeignCrs(word) if word == "EPSG:4490"), "{refused}");
    }
}

#[test]
fn the_bounds_of_a_gcj02_map_are_given_in_wgs84() {
    let folder = tempfile::tempdir().expect("a folder");
    let metadata = [("format", "png"), ("bounds", BOUNDS)];
    let path = mbtiles(folder.path(), "amap.gcj02.mbtiles", &metadata, &[(id(0, 0, 0), PNG.to_vec())]);
    let corner = Gcj02::new(112.5, 22.3).expect("on earth").to_wgs84().to_e7();
    assert_eq!(open(&path).about().extent.south_west(), corner);
}

#[test]
fn other_files_are_refused_by_what_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes, why) in [
        ("empty", b"".as_slice(), "too short"),
        ("note.txt", b"hello", "too short"),
        ("picture.png", &[PNG, &[0; 200]].concat(), "begins like neither"),
        ("old.pmtiles", &[b"PM\x02\x00".as_slice(), &[0; 200]].concat(), "version 1 or 2"),
    ] {
        let refused = error(&saved(folder.path(), name, bytes));
        assert!(matches!(refused, BaseMapError::NotABaseMap(_)), "{name}: {refused}");
        let text = refused.to_string();
        assert!(text.starts_with("this file is no MBTiles or PMTiles base map: ") && text.contains(why), "{text}");
    }
    let other = folder.path().join("other.db");
    let database = rusqlite::Connection::open(&other).expect("a new file");
    database.execute_batch("CREATE TABLE people (name TEXT)").expect("a new file");
    assert!(error(&other).to_string().contains("no tiles that can be read"));
    assert!(matches!(error(&folder.path().join("nowhere.mbtiles")), BaseMapError::File(_)));
    assert!(matches!(error(folder.path()), BaseMapError::File(_)));
}

#[test]
fn a_map_is_read_from_a_folder_that_cannot_be_written_and_leaves_no_trace() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = mbtiles(folder.path(), "100% #1?.wgs84.mbtiles", &[("format", "png")], &[(id(0, 0, 0), PNG.to_vec())]);
    // A journal that another program left would have to be played back, were the file not taken as it is.
    rusqlite::Connection::open(&path).expect("it is there").pragma_update(None, "journal_mode", "wal").expect("WAL");
    let before = std::fs::read(&path).expect("it is there");
    let names = || std::fs::read_dir(folder.path()).expect("it is there").count();
    let count = names();
    let map = open(&path);
    assert!(map.tile(id(0, 0, 0)).expect("a good map").is_some());
    assert_eq!(names(), count);
    drop(map);
    assert_eq!(std::fs::read(&path).expect("it is there"), before);
}

#[test]
fn a_map_of_vector_tiles_names_its_layers_from_the_ground_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let layers = r#"{"vector_layers": [{"id": "earth"}, {"id": "water"}, {"id": "earth"}, {"no": "id"}, 7]}"#;
    let metadata = [SAID, ("format", "pbf"), ("json", layers), ("minzoom", "0"), ("maxzoom", "0")];
    let said = mbtiles(folder.path(), "layers.mbtiles", &metadata, &[(id(0, 0, 0), vec![0x1a])]);
    assert_eq!(open(&said).about().layers, ["earth", "water"]);
    let broken = [SAID, ("format", "pbf"), ("json", "{"), ("minzoom", "0"), ("maxzoom", "0")];
    let silent = mbtiles(folder.path(), "silent.mbtiles", &broken, &[(id(0, 0, 0), vec![0x1a])]);
    assert_eq!(open(&silent).about().layers, [""; 0]);

    let mut archive = Archive::of(&[(0, vec![0x1a])]);
    archive.metadata = format!(r#"{{"crs": "wgs84", {}"#, &layers[1..]);
    assert_eq!(open(&saved(folder.path(), "layers.pmtiles", &archive.bytes())).about().layers, ["earth", "water"]);
}
