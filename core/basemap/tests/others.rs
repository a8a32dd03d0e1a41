//! Maps that other people's tools made.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use gridpatrol_basemap::{BaseMap, TileFormat};
use gridpatrol_geo::crs::tile::{Cover, TileCrs, TileId};

struct Vector(serde_json::Value);

impl Vector {
    fn text(&self, key: &str) -> &str {
        self.0[key].as_str().expect("a text")
    }

    fn numbers(&self, key: &str) -> Vec<i64> {
        self.0[key].as_array().expect("a list").iter().filter_map(serde_json::Value::as_i64).collect()
    }
}

fn tile(text: &str) -> TileId {
    let parts: Vec<u32> = text.split('/').map(|part| part.parse().expect("a number")).collect();
    TileId::new(parts[0] as u8, parts[1], parts[2]).expect("there is such a tile")
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
}

#[test]
fn an_archive_of_pythons_writer_is_read_to_the_last_tile() {
    let vector = include_str!("../../../tests/vectors/valid/pmtiles.json");
    let vector = Vector(serde_json::from_str(vector).expect("the vector is JSON"));
    let map = BaseMap::pmtiles(Cursor::new(unhex(vector.text("archive"))), TileCrs::Wgs84).expect("a good archive");
    let about = map.about();
    assert_eq!(about.name, vector.text("name"));
    assert_eq!(about.attribution, vector.text("attribution"));
    assert_eq!(about.format, TileFormat::Png);
    assert_eq!([about.min_zoom, about.max_zoom].map(i64::from).as_slice(), vector.numbers("zooms"));
    let (low, high) = (about.extent.south_west(), about.extent.north_east());
    assert_eq!([low.lon(), low.lat(), high.lon(), high.lat()].map(i64::from).as_slice(), vector.numbers("bounds"));

    let tiles: BTreeMap<String, String> = serde_json::from_value(vector.0["tiles"].clone()).expect("tiles by name");
    assert_eq!(tiles.len(), 8);
    for (name, bytes) in tiles {
        let found = map.tile(tile(&name)).expect("a good archive").expect("it is in there");
        assert_eq!(found.bytes, unhex(&bytes), "{name}");
    }
    let missing: Vec<String> = serde_json::from_value(vector.0["missing"].clone()).expect("names");
    for name in missing {
        assert_eq!(map.tile(tile(&name)).expect("a good archive"), None, "{name}");
    }
}

fn run(command: &mut Command) {
    let done = command.output().expect("gdal-bin is installed: scripts/setup test");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// A picture of 300 by 300 pixels.
fn hillside(path: &Path) {
    let pixel = |row: u32, column: u32| (row * column % 250) as u8;
    let pixels = (0..300).flat_map(|row| (0..300).map(move |column| pixel(row, column)));
    let picture: Vec<u8> = b"P5 300 300 255\n".iter().copied().chain(pixels).collect();
    std::fs::write(path, picture).expect("the folder can be written");
}

#[test]
fn a_map_of_gdal_has_every_tile_that_its_bounds_promise() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, made) = (folder.path().join("hill.pgm"), folder.path().join("hill.wgs84.mbtiles"));
    hillside(&source);
    // Over Tangkou, 4 m a pixel.
    run(Command::new("gdal_translate")
        .args(["-q", "-of", "MBTiles", "-a_srs", "EPSG:3857", "-co", "TILE_FORMAT=JPEG"])
        .args(["-a_ullr", "12532000", "2551200", "12533200", "2550000"])
        .args([&source, &made]));
    run(Command::new("gdaladdo").arg("-q").arg(&made).args(["2", "4"]));

    let map = BaseMap::open(&made, None).expect("GDAL made it");
    let about = map.about();
    assert_eq!(about.format, TileFormat::Jpeg);
    assert!(about.min_zoom < about.max_zoom, "gdaladdo made coarser ones");
    for zoom in about.min_zoom..=about.max_zoom {
        let cover = Cover::of(&about.extent, zoom, about.crs);
        assert!(cover.count() >= 1);
        for id in cover.tiles() {
            let tile = map.tile(id).expect("GDAL made it").expect("inside its bounds");
            assert_eq!(tile.format, TileFormat::Jpeg);
        }
        let first = cover.tiles().next().expect("at least one");
        let beyond = TileId::new(zoom, first.x(), first.y() - 1).expect("further north");
        assert_eq!(map.tile(beyond).expect("GDAL made it"), None, "not upside down");
    }
}
