//! A map under the grid: brought to the phone once, drawn without signal, taken off again.

use std::path::{Path, PathBuf};

use gridpatrol_core::{Bounds, GridpatrolError, MapSystem, TilePart};

use crate::support::*;

/// An MBTiles with one picture: the tile of zoom 10 that Tangkou lies in, 832/446 from the north-west.
fn map_file(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    let database = rusqlite::Connection::open(&path).expect("a new file");
    let rows = "CREATE TABLE metadata (name TEXT, value TEXT);
        INSERT INTO metadata VALUES ('name', '塘口镇'), ('format', 'png'), ('minzoom', '10'), ('maxzoom', '10'),
            ('attribution', '<a>天地图</a> GS(2024)0568号'), ('bounds', '112.5,22.2,112.8,22.5');
        CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);
        CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row);
        INSERT INTO tiles VALUES (10, 832, 577, x'89504e470d0a1a0a');";
    database.execute_batch(rows).expect("a new file");
    path
}

fn refusal(error: GridpatrolError) -> String {
    assert!(matches!(error, GridpatrolError::Refused { .. }), "{error}");
    error.message().to_owned()
}

#[test]
fn a_map_is_copied_to_the_phone_and_stays_there_after_a_restart() {
    let mut phone = Phone::of(ME);
    let card = tempfile::tempdir().expect("a memory card");
    let original = map_file(card.path(), "tangkou.mbtiles");
    let before = std::fs::read(&original).expect("it is there");
    let path = original.to_str().expect("plain");

    let map = phone.app().map().add_base_map(path, Some(MapSystem::Wgs84)).expect("a good map");
    assert_eq!((map.id.as_str(), map.name.as_str()), ("tangkou.wgs84.mbtiles", "塘口镇"));
    assert_eq!(map.attribution, "天地图 GS(2024)0568号");
    assert_eq!((map.mime.as_str(), map.min_zoom, map.max_zoom), ("image/png", 10, 10));
    assert_eq!(map.bytes, before.len() as u64);
    assert_eq!(std::fs::read(&original).expect("it is there"), before, "the original is untouched");
    drop(card);

    phone.kill();
    let list = phone.app().map().base_maps().expect("the folder is there");
    assert_eq!(list.maps, std::slice::from_ref(&map));
    assert!(list.rejected.is_empty());
    phone.app().suspend();
    phone.app().wake().expect("it wakes");
    assert!(phone.app().map().base_tile(&map.id, 10, 832, 446).expect("it is there").is_some());
}

#[test]
fn a_finer_view_than_the_map_has_is_stretched() {
    let mut phone = Phone::of(ME);
    let card = tempfile::tempdir().expect("a memory card");
    let path = map_file(card.path(), "tangkou.wgs84.mbtiles");
    let map = phone.app().map().add_base_map(path.to_str().expect("plain"), None).expect("its name says it");

    let screen =
        Bounds { west_e7: 1_125_800_000, south_e7: 223_200_000, east_e7: 1_125_900_000, north_e7: 223_280_000 };
    let cover = phone.app().map().base_cover(&map.id, &screen, 17).expect("a good map");
    assert_eq!(cover.len(), 4 * 4);
    let first = &cover[0];
    let tile = phone.app().map().base_tile(&map.id, first.z, first.x, first.y).expect("a good map").expect("stretched");
    assert_eq!((tile.mime.as_str(), tile.encoding), ("image/png", None));
    assert_eq!(tile.bytes, b"\x89PNG\r\n\x1a\n");
    assert_eq!(tile.bounds, first.bounds);
    assert_eq!(tile.part, TilePart { levels: 7, left: first.x - (832 << 7), top: first.y - (446 << 7) });

    let world =
        Bounds { west_e7: -1_800_000_000, south_e7: -900_000_000, east_e7: 1_800_000_000, north_e7: 900_000_000 };
    let all = phone.app().map().base_cover(&map.id, &world, 24).expect("a good map");
    assert!(!all.is_empty() && all.len() <= 256, "as fine as a screen can hold: {}", all.len());
    let elsewhere = Bounds { west_e7: 0, south_e7: 0, east_e7: 10_000_000, north_e7: 10_000_000 };
    assert!(phone.app().map().base_cover(&map.id, &elsewhere, 10).expect("a good map").is_empty());
    assert_eq!(phone.app().map().base_tile(&map.id, 10, 833, 446).expect("a good map"), None);
    assert_eq!(phone.app().map().base_tile(&map.id, 3, 8, 0).expect("no such tile anywhere"), None);
}

#[test]
fn a_map_of_amap_is_laid_where_its_places_are() {
    let mut phone = Phone::of(ME);
    let card = tempfile::tempdir().expect("a memory card");
    let path = map_file(card.path(), "tangkou.mbtiles");
    let path = path.to_str().expect("plain");
    let wgs = phone.app().map().add_base_map(path, Some(MapSystem::Wgs84)).expect("a good map");
    let gcj = phone.app().map().add_base_map(path, Some(MapSystem::Gcj02)).expect("a good map");
    assert_eq!(gcj.id, "tangkou.gcj02.mbtiles", "one does not replace the other");
    let mut west = |id: &str| {
        let tile = phone.app().map().base_tile(id, 10, 832, 446).expect("a good map").expect("it is there");
        tile.bounds.west_e7
    };
    let apart = west(&wgs.id) - west(&gcj.id);
    assert!((40_000..60_000).contains(&apart), "about 500 m to the west: {apart}");
}

#[test]
fn the_map_of_a_grid_names_the_base_maps_that_show_it() {
    let mut hub = Hub::with_grid(&world());
    let mut phone = Phone::of(ME);
    phone.sync(&mut hub);
    let card = tempfile::tempdir().expect("a memory card");
    let path = map_file(card.path(), "tangkou.wgs84.mbtiles");
    assert!(phone.app().map().of(GRID).expect("its own grid").base_maps.is_empty());
    let map = phone.app().map().add_base_map(path.to_str().expect("plain"), None).expect("a good map");
    assert_eq!(phone.app().map().of(GRID).expect("its own grid").base_maps, [map]);
}

#[test]
fn what_cannot_be_shown_is_refused_and_leaves_nothing_behind() {
    let mut phone = Phone::of(ME);
    let card = tempfile::tempdir().expect("a memory card");
    let silent = map_file(card.path(), "silent.mbtiles");
    let letter = card.path().join("letter.mbtiles");
    std::fs::write(&letter, "Dear Sir").expect("the card can be written");
    let mut add = |path: &Path| phone.app().map().add_base_map(path.to_str().expect("plain"), None);
    assert_eq!(refusal(add(&silent).expect_err("nobody says its system")), "error-base-map-system-unsaid");
    assert_eq!(refusal(add(&letter).expect_err("a letter")), "error-base-map-unreadable");
    assert_eq!(refusal(add(&card.path().join("gone")).expect_err("gone")), "error-base-map-unreadable");
    assert!(phone.app().map().base_maps().expect("an empty folder").maps.is_empty());
}

#[test]
fn a_file_that_others_put_into_the_folder_is_listed_or_rejected_with_the_reason() {
    let mut phone = Phone::of(ME);
    let folder = phone.dir.path().join("basemaps");
    std::fs::create_dir(&folder).expect("the phone's folder");
    map_file(&folder, "town.wgs84.mbtiles");
    map_file(&folder, "silent.mbtiles");
    std::fs::write(folder.join(".incoming-half.wgs84.mbtiles"), "a copy that was cut off").expect("a file");
    std::fs::write(folder.join("readme.txt"), "no map").expect("a file");
    let list = phone.app().map().base_maps().expect("a folder");
    assert_eq!(list.maps.iter().map(|map| map.id.as_str()).collect::<Vec<_>>(), ["town.wgs84.mbtiles"]);
    assert_eq!(list.rejected.len(), 1);
    assert_eq!(list.rejected[0].path, "silent.mbtiles");
    assert!(list.rejected[0].reason.starts_with("error-base-map-system-unsaid"), "{}", list.rejected[0].reason);
}

#[test]
fn a_map_is_taken_off_by_its_id_and_no_other_file_is() {
    let mut phone = Phone::of(ME);
    let card = tempfile::tempdir().expect("a memory card");
    let path = map_file(card.path(), "tangkou.wgs84.mbtiles");
    let map = phone.app().map().add_base_map(path.to_str().expect("plain"), None).expect("a good map");
    for id in ["../tangkou.wgs84.mbtiles", path.to_str().expect("plain"), "", "other.mbtiles"] {
        let error = phone.app().map().remove_base_map(id).expect_err("no map of this phone");
        assert_eq!(error.message(), "error-base-map-missing");
    }
    assert!(path.exists());
    phone.app().map().remove_base_map(&map.id).expect("it is there");
    assert!(phone.app().map().base_maps().expect("an empty folder").maps.is_empty());
    let error = phone.app().map().base_tile(&map.id, 10, 832, 446).expect_err("taken off");
    assert_eq!(error.message(), "error-base-map-missing");
}
