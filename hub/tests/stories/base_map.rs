//! A base map that the operator gave the hub: who gets its tiles, and how.

use std::path::{Path, PathBuf};

use crate::town::Town;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use gridpatrol_hub::api::base_map::BaseMaps;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// One tile at 10/832/446 in a map of this kind.
fn map_file(folder: &Path, name: &str, format: &str, tile: &[u8]) -> PathBuf {
    let path = folder.join(name);
    let database = rusqlite::Connection::open(&path).expect("a new file");
    let schema = "CREATE TABLE metadata (name TEXT, value TEXT);
        INSERT INTO metadata VALUES ('name', '塘口镇'), ('minzoom', '10'), ('maxzoom', '10'),
            ('attribution', '天地图'), ('bounds', '112.5,22.2,112.75,22.5');
        CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);";
    database.execute_batch(schema).expect("a new file");
    database.execute("INSERT INTO metadata VALUES ('format', ?1)", [format]).expect("a row");
    if format == "pbf" {
        let layers = r#"{"vector_layers": [{"id": "water", "fields": {}}, {"id": "road", "fields": {}}]}"#;
        database.execute("INSERT INTO metadata VALUES ('json', ?1)", [layers]).expect("a row");
    }
    database.execute("INSERT INTO tiles VALUES (10, 832, 577, ?1)", [tile]).expect("a row");
    path
}

async fn body(answer: Response<Body>) -> Vec<u8> {
    to_bytes(answer.into_body(), 1 << 20).await.expect("in memory").to_vec()
}

#[tokio::test]
async fn a_supervisor_sees_the_map_and_a_stranger_nothing_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        map_file(folder.path(), "town.wgs84.mbtiles", "png", PNG),
        map_file(folder.path(), "town-v.wgs84.mbtiles", "pbf", &[0x1f, 0x8b, 8, 0]),
    ];
    let town = Town::new().with_base_maps(BaseMaps::open(&files).expect("good maps"));
    for path in ["/api/base-maps", "/api/base-map/0/10/832/446"] {
        assert_eq!(town.ask(Request::get(path), Body::empty()).await.status(), 401, "{path}");
    }
    let office = town.log_in("tangkou").await;
    let maps = office.get("/api/base-maps").await;
    assert_eq!(maps[0]["name"], "塘口镇");
    assert_eq!(maps[0]["attribution"], "天地图");
    assert_eq!(maps[0]["bounds"], serde_json::json!([112.5, 22.2, 112.75, 22.5]));
    assert_eq!((&maps[0]["vector"], &maps[1]["vector"]), (&false.into(), &true.into()));
    assert_eq!(
        (&maps[0]["layers"], &maps[1]["layers"]),
        (&serde_json::json!([]), &serde_json::json!(["water", "road"]))
    );

    let tile = office.raw("/api/base-map/0/10/832/446").await;
    assert_eq!(tile.status(), 200);
    assert_eq!(tile.headers()["content-type"], "image/png");
    assert!(!tile.headers().contains_key("content-encoding"));
    assert_eq!(body(tile).await, PNG);

    let vector = office.raw("/api/base-map/1/10/832/446").await;
    assert_eq!(vector.headers()["content-type"], "application/vnd.mapbox-vector-tile");
    assert_eq!(vector.headers()["content-encoding"], "gzip");
    assert_eq!(body(vector).await, [0x1f, 0x8b, 8, 0]);

    for missing in ["0/10/832/447", "0/11/1664/892", "7/10/832/446", "0/10/5000/446", "0/200/0/0"] {
        assert_eq!(office.refused(&format!("/api/base-map/{missing}")).await.0, 404, "{missing}");
    }
}

#[tokio::test]
async fn a_browser_that_has_the_tile_is_not_sent_it_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = map_file(folder.path(), "town.wgs84.mbtiles", "png", PNG);
    let town = Town::new().with_base_maps(BaseMaps::open(&[file]).expect("a good map"));
    let office = town.log_in("tangkou").await;
    let first = office.raw("/api/base-map/0/10/832/446").await;
    let tag = first.headers()["etag"].to_str().expect("text").to_owned();
    assert!(first.headers()["cache-control"].to_str().expect("text").contains("private"));
    for (known, status) in [(tag.as_str(), 304), ("\"another\"", 200)] {
        let again = office.raw_with("/api/base-map/0/10/832/446", "if-none-match", known).await;
        assert_eq!(again.status(), status);
        assert_eq!(again.headers()["etag"], tag.as_str());
        assert_eq!(body(again).await.is_empty(), status == 304);
    }
}

#[tokio::test]
async fn a_hub_without_base_maps_says_so() {
    let town = Town::new();
    let office = town.log_in("tangkou").await;
    assert_eq!(office.get("/api/base-maps").await, serde_json::json!([]));
    assert_eq!(office.refused("/api/base-map/0/10/832/446").await.0, 404);
}

#[test]
fn a_file_that_cannot_be_shown_is_named_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let amap = map_file(folder.path(), "amap.gcj02.mbtiles", "pbf", &[0x1f, 0x8b, 8, 0]);
    let said = BaseMaps::open(&[amap]).err().expect("nobody shifts vector tiles").to_string();
    assert!(said.contains("amap.gcj02.mbtiles") && said.contains("WGS-84"), "{said}");
    let silent = map_file(folder.path(), "silent.mbtiles", "png", PNG);
    let said = BaseMaps::open(&[silent]).err().expect("nobody says its system").to_string();
    assert!(said.contains("silent.mbtiles") && said.contains("NAME.wgs84.mbtiles"), "{said}");
}

/// Names, longitude and latitude in WGS-84 and in GCJ-02, from `tests/vectors/valid/coordinates.json`.
fn known() -> Vec<[f64; 4]> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/valid/coordinates.json");
    let vectors: serde_json::Value =
        serde_json::from_slice(&std::fs::read(file).expect("a vector")).expect("it is JSON");
    let number = |pair: &serde_json::Value, at: usize| pair[at].as_f64().expect("degrees");
    let points = vectors["points"].as_array().expect("points").iter();
    points
        .map(|point| {
            let (wgs, gcj) = (&point["wgs84"], &point["gcj02"]);
            [number(wgs, 0), number(wgs, 1), number(gcj, 0), number(gcj, 1)]
        })
        .collect()
}

/// Pixels of the whole world at this zoom from the west and from the north (EPSG:3857, tiles of 256).
fn mercator(lon: f64, lat: f64, z: u8) -> [f64; 2] {
    let side = 256.0 * f64::from(1u32 << z);
    let up = (lat.to_radians().tan() + 1.0 / lat.to_radians().cos()).ln() / std::f64::consts::PI;
    [(lon / 360.0 + 0.5) * side, (0.5 - up / 2.0) * side]
}

/// A map around a point, white, with a dot of three pixels there, as PNG or JPEG.
fn dotted(folder: &Path, name: &str, z: u8, [x, y]: [f64; 2], format: image::ImageFormat) -> PathBuf {
    let path = folder.join(name);
    let database = rusqlite::Connection::open(&path).expect("a new file");
    let schema = "CREATE TABLE metadata (name TEXT, value TEXT);
        CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);";
    database.execute_batch(schema).expect("a new file");
    let (left, top) = ((x / 256.0) as u32 - 1, (y / 256.0) as u32 - 1);
    for (column, row) in (0..9).map(|at| (left + at % 3, top + at / 3)) {
        let picture = image::RgbImage::from_fn(256, 256, |px, py| {
            let far = |at: f64, tile: u32, pixel: u32| (f64::from(tile * 256 + pixel) - at.floor()).abs();
            let dot = far(x, column, px) <= 1.0 && far(y, row, py) <= 1.0;
            image::Rgb(if dot { [0; 3] } else { [255; 3] })
        });
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).expect("in memory");
        let from_south = (1 << z) - 1 - row;
        let tile = (z, column, from_south, bytes.into_inner());
        database.execute("INSERT INTO tiles VALUES (?1, ?2, ?3, ?4)", tile).expect("a row");
    }
    path
}

/// The middle of what is dark, in pixels of the world.
fn dot_of(bytes: &[u8], x: u32, y: u32) -> Option<[f64; 2]> {
    let picture = image::load_from_memory(bytes).expect("a picture").into_luma8();
    assert_eq!(picture.dimensions(), (256, 256));
    let dark: Vec<(u32, u32)> =
        picture.enumerate_pixels().filter(|(_, _, pixel)| pixel.0[0] < 100).map(|(px, py, _)| (px, py)).collect();
    let middle = |tile: u32, of: fn(&(u32, u32)) -> u32| {
        let sum: u32 = dark.iter().map(of).sum();
        f64::from(tile * 256) + f64::from(sum) / dark.len() as f64 + 0.5
    };
    (!dark.is_empty()).then(|| [middle(x, |at| at.0), middle(y, |at| at.1)])
}

#[tokio::test]
async fn a_map_in_gcj_02_is_cut_anew_so_that_a_point_lies_where_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut places = Vec::new();
    for (number, [lon, lat, as_drawn_lon, as_drawn_lat]) in known().into_iter().enumerate() {
        for z in [16, 17, 18] {
            for format in [image::ImageFormat::Png, image::ImageFormat::Jpeg] {
                let name = format!("{number}-{z}-{format:?}.gcj02.mbtiles");
                let drawn = mercator(as_drawn_lon, as_drawn_lat, z);
                let file = dotted(folder.path(), &name, z, drawn, format);
                places.push((file, z, mercator(lon, lat, z), format));
            }
        }
    }
    let files: Vec<PathBuf> = places.iter().map(|(file, ..)| file.clone()).collect();
    let town = Town::new().with_base_maps(BaseMaps::open(&files).expect("good maps"));
    let office = town.log_in("tangkou").await;
    let mut seen = 0;
    for (number, (file, z, [x, y], format)) in places.iter().enumerate() {
        // Beside an edge a part of the dot may lie in the next tile.
        let (column, row) = ((x / 256.0) as u32, (y / 256.0) as u32);
        let inside = |at: f64| (4.0..252.0).contains(&(at % 256.0));
        let answer = office.raw(&format!("/api/base-map/{number}/{z}/{column}/{row}")).await;
        assert_eq!(answer.status(), 200, "{}", file.display());
        assert_eq!(answer.headers()["content-type"], format.to_mime_type());
        let dot = dot_of(&body(answer).await, column, row);
        if inside(*x) && inside(*y) {
            let at = dot.expect("the dot is in its tile");
            let off = (at[0] - x).hypot(at[1] - y);
            assert!(off <= 1.0, "{} at {z}: {off} pixels off", file.display());
            seen += 1;
        }
    }
    assert!(seen >= 20, "most dots are not at an edge: {seen}");
    // Three tiles on there is nothing.
    let (_, z, [x, y], _) = &places[0];
    let beyond = format!("/api/base-map/0/{z}/{}/{}", (x / 256.0) as u32 + 3, (y / 256.0) as u32);
    assert_eq!(office.refused(&beyond).await.0, 404);
}

#[tokio::test]
async fn a_broken_tile_is_a_hole_and_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let [lon, lat, as_drawn_lon, as_drawn_lat] = known()[2];
    let z = 16;
    let file = dotted(
        folder.path(),
        "amap.gcj02.mbtiles",
        z,
        mercator(as_drawn_lon, as_drawn_lat, z),
        image::ImageFormat::Jpeg,
    );
    let database = rusqlite::Connection::open(&file).expect("the file");
    // Cut short, another size, no picture.
    let small = {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(16, 16).write_to(&mut bytes, image::ImageFormat::Png).expect("in memory");
        bytes.into_inner()
    };
    let breaks: [(&str, Vec<u8>); 3] = [("0", PNG.to_vec()), ("1", small), ("2", b"no picture".to_vec())];
    for (at, bytes) in breaks {
        let one =
            "UPDATE tiles SET tile_data = ?1 WHERE rowid = (SELECT rowid FROM tiles ORDER BY rowid LIMIT 1 OFFSET ?2)";
        database.execute(one, (bytes, at)).expect("a row");
    }
    drop(database);
    let town = Town::new().with_base_maps(BaseMaps::open(&[file]).expect("a good map"));
    let office = town.log_in("tangkou").await;
    let [x, y] = mercator(lon, lat, z).map(|at| (at / 256.0) as u32);
    let mut holes = 0;
    for (column, row) in (0..9).map(|at| (x - 1 + at % 3, y - 1 + at / 3)) {
        let answer = office.raw(&format!("/api/base-map/0/{z}/{column}/{row}")).await;
        if answer.status() == 200 && answer.headers()["content-type"] == "image/png" {
            let picture = image::load_from_memory(&body(answer).await).expect("a picture").into_rgba8();
            holes += u32::from(picture.pixels().any(|pixel| pixel.0[3] == 0));
        }
    }
    assert!(holes > 0, "what is missing is clear, and the rest is drawn");
}
