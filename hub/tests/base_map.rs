//! A base map that the operator gave the hub: who gets its tiles, and how.

mod town;

use std::path::{Path, PathBuf};

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use gridpatrol_hub::api::base_map::BaseMaps;
use town::Town;

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
    let amap = map_file(folder.path(), "amap.gcj02.mbtiles", "png", PNG);
    let said = BaseMaps::open(&[amap]).err().expect("the console shifts nothing").to_string();
    assert!(said.contains("amap.gcj02.mbtiles") && said.contains("WGS-84"), "{said}");
    let silent = map_file(folder.path(), "silent.mbtiles", "png", PNG);
    let said = BaseMaps::open(&[silent]).err().expect("nobody says its system").to_string();
    assert!(said.contains("silent.mbtiles") && said.contains("NAME.wgs84.mbtiles"), "{said}");
}
