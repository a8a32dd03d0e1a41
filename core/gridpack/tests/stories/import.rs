//! Files that are not what they should be: an error that says where and what to do, and never a panic.

use gridpatrol_gridpack::crs::Crs;
use gridpatrol_gridpack::import::{Columns, Options, ShapefileParts, Source, TextEncoding, import};
use proptest::prelude::*;

const SQUARE: &str = "[[[112.58,22.36],[112.59,22.36],[112.59,22.37],[112.58,22.36]]]";

fn wgs84() -> Options {
    Options::new(Crs::Wgs84)
}

fn collection(features: &str) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#)
}

fn feature(properties: &str, kind: &str, coordinates: &str) -> String {
    format!(
        r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}"#
    )
}

fn refused(text: &str, options: &Options) -> String {
    import(Source::GeoJson(text.as_bytes()), options).expect_err("it is wrong").to_string()
}

#[test]
fn an_error_names_the_feature_and_what_to_do() {
    let good = feature(r#"{"code":"1"}"#, "Polygon", SQUARE);
    let second = |bad: &str| refused(&collection(&format!("{good},{bad}")), &wgs84());
    let code = r#"{"code":"2"}"#;
    for (bad, says) in [
        (feature(code, "LineString", "[[1,2],[3,4]]"), "feature 2: a grid is a polygon, this is LineString"),
        (r#"{"type":"Feature","properties":{"code":"2"},"geometry":null}"#.into(), "feature 2: it has no geometry"),
        (feature(code, "Polygon", "[[[22.3,112.5],[22.4,112.5],[22.4,112.6]]]"), "feature 2: a latitude runs from"),
        (feature(code, "Polygon", "[[[38456789.1,2471234.5]]]"), "feature 2: 38456789.1, 2471234.5 are metres"),
        (feature(code, "Polygon", r#"[[["a",2]]]"#), "feature 2: its geometry cannot be read"),
        (feature(&format!(r#"{{"code":"{}"}}"#, "长".repeat(80)), "Polygon", SQUARE), "feature 2: the code is longer"),
        (feature(r#"{"编号":"2"}"#, "Polygon", SQUARE), "no column grid_code, code, 网格编码: the file has 编号"),
    ] {
        let error = second(&bad);
        assert!(error.contains(says), "{error}");
    }
    assert!(refused("{", &wgs84()).contains("GeoJSON"));
    assert!(refused(r#"{"type":"Feature"}"#, &wgs84()).contains("no FeatureCollection"));
}

#[test]
fn the_caller_may_name_the_columns_and_a_code_may_be_a_number() {
    let columns = Columns { code: Some("编号".into()), name: Some("叫法".into()), village: None };
    let options = Options { columns, ..wgs84() };
    let file = collection(&feature(r#"{"编号":440783108224001,"叫法":"一格"}"#, "Polygon", SQUARE));
    let grids = import(Source::GeoJson(file.as_bytes()), &options).expect("named columns");
    assert_eq!((grids[0].code.as_str(), grids[0].name.as_str()), ("440783108224001", "一格"));
}

#[test]
fn a_file_that_names_another_system_is_refused_with_both() {
    let labelled = |name: &str| {
        let crs = format!(r#""crs":{{"type":"name","properties":{{"name":"{name}"}}}},"features""#);
        collection(&feature(r#"{"code":"1"}"#, "Polygon", SQUARE)).replacen(r#""features""#, &crs, 1)
    };
    let error = refused(&labelled("urn:ogc:def:crs:EPSG::4490"), &wgs84());
    assert!(error.contains("you say wgs84, the file says cgcs2000"), "{error}");
    let error = refused(&labelled("EPSG:4549"), &Options::new(Crs::Cgcs2000));
    assert!(error.contains("EPSG:4549") && error.contains("ogr2ogr"), "{error}");
    assert!(import(Source::GeoJson(labelled("GCJ02").as_bytes()), &Options::new(Crs::Gcj02)).is_ok());
}

#[test]
fn csv_takes_polygons_or_corners_and_says_which_line_is_wrong() {
    let csv = |text: &str| import(Source::Csv(text.as_bytes()), &wgs84());
    let wkt = "code,name,wkt\n1,a,\"POLYGON ((112.58 22.36, 112.59 22.36, 112.59 22.37, 112.58 22.36))\"\n";
    let corners = "\u{feff}网格编码,网格名称,经度,纬度\n1,a,112.58,22.36\n1,a,112.59,22.36\n1,a,112.59,22.37\n";
    let (wkt, corners) = (csv(wkt).expect("polygons"), csv(corners).expect("corners"));
    assert_eq!(wkt, corners);
    let deep = format!("code,wkt\n1,\"{}\"\n", "GEOMETRYCOLLECTION (".repeat(50_000));
    for (text, says) in [
        ("code,lon,lat\n1,112.5,x\n", "feature 1: its geometry cannot be read: \"x\" is no number"),
        ("code,x,y\n1,1,2\n", "no column wkt, lon, lat: the file has code, x, y"),
        ("code,wkt\n1,POINT (1 2)\n", "feature 1: a grid is a polygon, this is POINT"),
        (&deep, "this is GEOMETRYCOLLECTION"),
        ("code,wkt_wgs84\n1,\n", "feature 1: it has no geometry"),
    ] {
        let error = csv(text).expect_err("it is wrong").to_string();
        assert!(error.contains(says), "{error}");
    }
    let error = import(Source::Csv(b"code,wkt_wgs84\n"), &Options::new(Crs::Bd09)).expect_err("ours").to_string();
    assert!(error.contains("bd09") && error.contains("wgs84"), "{error}");
}

/// A small Shapefile of two grids, made by GDAL from the GeoJSON in `gis.rs`.
fn shapefile() -> [Vec<u8>; 3] {
    let folder = tempfile::tempdir().expect("a folder");
    let square = |code: &str| feature(&format!(r#"{{"code":"{code}"}}"#), "Polygon", SQUARE);
    let file = folder.path().join("grids.geojson");
    std::fs::write(&file, collection(&[square("1"), square("2")].join(","))).expect("a folder of our own");
    let shp = folder.path().join("grids.shp");
    let done = std::process::Command::new("ogr2ogr").arg(&shp).arg(&file).output().expect("gdal-bin is installed");
    assert!(done.status.success());
    ["shp", "shx", "dbf"].map(|part| std::fs::read(shp.with_extension(part)).expect("written"))
}

fn geopackage() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let (json, file) = (folder.path().join("grids.geojson"), folder.path().join("grids.gpkg"));
    std::fs::write(&json, collection(&feature(r#"{"code":"1"}"#, "Polygon", SQUARE))).expect("a folder of our own");
    let done = std::process::Command::new("ogr2ogr").arg(&file).arg(&json).output().expect("gdal-bin is installed");
    assert!(done.status.success());
    std::fs::read(&file).expect("written")
}

#[test]
fn nothing_that_is_written_in_a_geopackage_is_run() {
    let change = |sql: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("grids.gpkg");
        std::fs::write(&path, geopackage()).expect("a folder of our own");
        let db = rusqlite::Connection::open(&path).expect("SQLite");
        db.execute_batch(sql).expect("it takes anything");
        drop(db);
        std::fs::read(&path).expect("written")
    };
    let read = |file: &[u8]| import(Source::GeoPackage { file, layer: None }, &wgs84());
    assert!(read(&change("")).is_ok());
    assert!(read(&change("PRAGMA journal_mode = WAL; CREATE TABLE more (x)")).is_ok(), "as a GIS leaves it");
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x, x, x FROM n";
    for hostile in [
        "ALTER TABLE grids RENAME TO g; CREATE VIEW grids AS SELECT * FROM g".to_owned(),
        "ALTER TABLE grids ADD COLUMN more AS (hex(zeroblob(3000000)))".to_owned(),
        format!("DROP TABLE gpkg_geometry_columns; CREATE VIEW gpkg_geometry_columns AS {endless}"),
        "UPDATE gpkg_contents SET table_name = 'json_tree'; UPDATE gpkg_geometry_columns SET table_name = 'json_tree'"
            .to_owned(),
    ] {
        let error = read(&change(&format!("PRAGMA foreign_keys = OFF; {hostile}"))).expect_err("refused").to_string();
        assert!(error.contains("no plain table"), "{hostile}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_an_error_or_grids_and_never_a_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        near in any::<bool>(),
    ) {
        use std::sync::LazyLock;
        static WHOLE: LazyLock<([Vec<u8>; 3], Vec<u8>)> = LazyLock::new(|| (shapefile(), geopackage()));
        let damage = |file: &Vec<u8>| {
            let mut file = file.clone();
            for (at, byte) in &changes {
                // Heads are where a byte means most.
                let reach = if near { file.len().min(200) } else { file.len() };
                let at = at.index(reach);
                file[at] = *byte;
            }
            if cut.index(4) == 0 {
                file.truncate(cut.index(file.len()));
            }
            file
        };
        let (parts, package) = &*WHOLE;
        let options = Options { encoding: Some(TextEncoding::Gbk), ..wgs84() };
        for damaged in 0..3 {
            let [shp, shx, dbf] = [0, 1, 2].map(|at| if at == damaged { damage(&parts[at]) } else { parts[at].clone() });
            let parts = ShapefileParts { shp: &shp, shx: &shx, dbf: &dbf, prj: None, cpg: None };
            let _ = import(Source::Shapefile(parts), &options);
        }
        let _ = import(Source::GeoPackage { file: &damage(package), layer: None }, &options);
    }
}
