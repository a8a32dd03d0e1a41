//! Every format is opened by GDAL, as QGIS and most other tools would open it; GPX and KML also keep to their schemas.

mod support;

use gridpatrol_export::track::{FIX_FIELDS, LINE_FIELDS, fixes, lines};
use gridpatrol_export::{CsvStyle, Feature, GeoPackage, Kind, Layer, Shape, Shapes, Value, csv, geojson, gpx, kml};
use gridpatrol_geo::gpx::Mark;
use jiff::tz::Offset;
use serde_json::{Value as Json, json};
use support::*;

const POINT_COLUMNS: [&str; 4] = ["-oo", "X_POSSIBLE_NAMES=lon_wgs84", "-oo", "Y_POSSIBLE_NAMES=lat_wgs84"];
const WKT_COLUMN: [&str; 2] = ["-oo", "GEOM_POSSIBLE_NAMES=wkt_wgs84"];
const DETECT: [&str; 2] = ["-oo", "AUTODETECT_TYPE=YES"];

fn lon_lat(lon: f64, lat: f64) -> Json {
    json!({"type": "Point", "coordinates": [lon, lat]})
}

fn local() -> CsvStyle {
    CsvStyle { offset: Offset::constant(8), ..CsvStyle::default() }
}

fn points_summary(summary: &str, geometry: &str) {
    for part in [geometry, "Feature Count: 4", "Extent: (-0.000001, -0.000002) - (112.700000, 22.300000)"] {
        assert!(summary.contains(part), "{part} is missing in:\n{summary}");
    }
}

/// What holds for the points in every format; the note as that format can hold it.
fn points_read(features: &[Json], note: &str) {
    let names: Vec<&Json> = features.iter().map(|feature| &feature["properties"]["名称"]).collect();
    assert_eq!(names, ["赤坎镇水闸", "塘口镇", "几内亚湾", "地点不详"]);
    assert_eq!(features[0]["geometry"], lon_lat(112.600_000_1, 22.300_000_2));
    assert_eq!(features[2]["geometry"], lon_lat(-0.000_001, -0.000_002));
    assert_eq!(features[3]["geometry"], Json::Null);
    let first = &features[0]["properties"];
    assert_eq!(first["备注"], note);
    assert_eq!(first["人数"].as_f64(), Some(-3.0));
    assert_eq!(first["水深"].as_f64(), Some(0.5));
    assert_eq!(features[3]["properties"]["水深"], Json::Null, "not a number");
}

/// XML and the rest hold no control character.
fn nasty() -> String {
    NASTY.replace('\u{1}', "\u{fffd}")
}

#[test]
fn inspections_open_from_geojson() {
    let folder = tempfile::tempdir().expect("a folder");
    let (layer, features) = points();
    let text = written(|out| geojson(out, &layer, all(features)));
    assert!(!text.contains("\"crs\"") && !text.contains("bbox"));
    let file = saved(folder.path(), "points.geojson", &text);
    let summary = ogrinfo(&file, &[]);
    points_summary(&summary, "Geometry: Point");
    for part in [
        "Layer name: 检查点",
        "GEOGCRS[\"WGS 84\"",
        "人数: Integer",
        "水深: Real",
        "已处理: Integer(Boolean)",
        "时间: DateTime",
    ] {
        assert!(summary.contains(part), "{part} is missing in:\n{summary}");
    }
    let read = read_by_gdal(&file, &[]);
    points_read(&read, &nasty());
    assert_eq!(read[0]["properties"]["时间"], "2026-11-24T01:30:00.250Z");
}

#[test]
fn inspections_open_from_a_geopackage() {
    let folder = tempfile::tempdir().expect("a folder");
    let (layer, features) = points();
    let file = packed(folder.path(), "points.gpkg", &layer, all(features));
    let summary = ogrinfo(&file, &[]);
    points_summary(&summary, "Geometry: Point");
    for part in [
        "Layer name: 检查点",
        "GEOGCRS[\"WGS 84\"",
        "人数: Integer64",
        "水深: Real",
        "已处理: Integer(Boolean)",
        "时间: DateTime",
    ] {
        assert!(summary.contains(part), "{part} is missing in:\n{summary}");
    }
    let read = read_by_gdal(&file, &[]);
    points_read(&read, &nasty());
    assert_eq!(read[0]["properties"]["已处理"], true);
    assert_eq!(read[0]["properties"]["时间"], "2026-11-24T01:30:00.250Z");
}

#[test]
fn a_gis_finds_by_place_in_a_geopackage_and_keeps_its_index_when_it_edits() {
    let folder = tempfile::tempdir().expect("a folder");
    let (layer, features) = points();
    let file = packed(folder.path(), "points.gpkg", &layer, all(features));
    let indexed = || {
        let db = rusqlite::Connection::open(&file).expect("SQLite");
        let mut ids =
            db.prepare("SELECT id FROM \"rtree_检查点_geom\" WHERE minx > 112 ORDER BY id").expect("an index");
        let ids = ids.query_map([], |row| row.get::<_, i64>(0)).expect("boxes");
        ids.collect::<Result<Vec<_>, _>>().expect("numbers")
    };
    assert_eq!(indexed(), [1, 2], "the place without a position is in no box");
    let summary = ogrinfo(&file, &["-spat", "112.5", "22.2", "112.65", "22.4"]);
    assert!(summary.contains("Feature Count: 1"), "{summary}");
    ogrinfo(&file, &["-update", "-sql", "DELETE FROM 检查点 WHERE fid = 1"]);
    ogrinfo(
        &file,
        &["-update", "-sql", "UPDATE 检查点 SET geom = (SELECT geom FROM 检查点 WHERE fid = 2) WHERE fid = 4"],
    );
    assert_eq!(indexed(), [2, 4], "one taken out, one moved there");
}

#[test]
fn inspections_open_from_kml() {
    let folder = tempfile::tempdir().expect("a folder");
    let (layer, features) = points();
    let file = saved(folder.path(), "points.kml", &written(|out| kml(out, &layer, all(features))));
    let summary = ogrinfo(&file, &[]);
    // A KML layer may hold anything; what it does hold is looked at below.
    points_summary(&summary, "Geometry: Unknown (any)");
    assert!(summary.contains("Layer name: 检查点") && summary.contains("GEOGCRS[\"WGS 84\""), "{summary}");
    let read = read_by_gdal(&file, &[]);
    points_read(&read, &nasty());
    assert_eq!(read[0]["properties"]["Name"], "赤坎镇水闸", "what a map shows");
    assert_eq!(read[0]["properties"]["已处理"], 1);
    assert_eq!(read[1]["properties"]["已处理"], 0);
    assert_eq!(read[0]["properties"]["时间"], "2026-11-24T01:30:00.25Z");
}

#[test]
fn inspections_open_from_csv_and_a_formula_is_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let (layer, features) = points();
    let text = written(|out| csv(out, &layer, &local(), all(features)));
    assert!(text.starts_with('\u{feff}'), "for Excel");
    let file = saved(folder.path(), "points.csv", &text);
    let options = [&POINT_COLUMNS[..], &DETECT].concat();
    points_summary(&ogrinfo(&file, &options), "Geometry: Point");
    let read = read_by_gdal(&file, &options);
    points_read(&read, &format!("'{}", nasty()));
    assert!(text.contains("2026-11-24T09:30:00.25+08:00"), "{text}");
}

#[test]
fn a_layer_of_mixed_shapes_opens_with_each_shape_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let (areas, places) = (grids().1, points().1);
    let shapes = [places[0].shape.clone(), areas[0].shape.clone()];
    let kinds = || {
        let feature = |shape: &Shape| Feature { shape: shape.clone(), values: vec![Value::Int(1)] };
        all(shapes.iter().map(feature).collect())
    };
    let layer = Layer::new("faults", Shapes::Mixed, &[("no", Kind::Int)]);
    let package = packed(path, "faults.gpkg", &layer, kinds());
    let files = [
        (saved(path, "faults.geojson", &written(|out| geojson(out, &layer, kinds()))), &[][..]),
        (package, &[]),
        (saved(path, "faults.csv", &written(|out| csv(out, &layer, &local(), kinds()))), &WKT_COLUMN),
    ];
    for (file, options) in files {
        let read = read_by_gdal(&file, options);
        assert_eq!(read[0]["geometry"], lon_lat(112.600_000_1, 22.300_000_2), "{}", file.display());
        assert!(read[1]["geometry"]["type"].as_str().is_some_and(|kind| kind.ends_with("Polygon")), "{read:?}");
    }
}

#[test]
fn grids_open_as_areas_with_their_holes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let (layer, features) = grids();
    let csv_text = written(|out| csv(out, &layer, &local(), all(features.clone())));
    let package = packed(path, "grids.gpkg", &layer, all(features.clone()));
    let files = [
        (saved(path, "grids.geojson", &written(|out| geojson(out, &layer, all(features.clone())))), &[][..]),
        (saved(path, "grids.kml", &written(|out| kml(out, &layer, all(features.clone())))), &[]),
        (saved(path, "grids.csv", &csv_text), &WKT_COLUMN),
        (package, &[]),
    ];
    for (file, options) in files {
        let summary = ogrinfo(&file, options);
        for part in ["Feature Count: 2", "Extent: (112.600000, 22.300000) - (112.635000, 22.310000)"] {
            assert!(summary.contains(part), "{part} is missing in {file:?}:\n{summary}");
        }
        let read = read_by_gdal(&file, options);
        assert_eq!(read[0]["properties"]["街道"], "三埠街道");
        assert_eq!(read[0]["properties"]["code"], "440783001001", "in {file:?}");
        // GDAL gives a grid in one part back as it stands in the file.
        let polygon = match read[0]["geometry"]["type"].as_str() {
            Some("MultiPolygon") => &read[0]["geometry"]["coordinates"][0],
            _ => &read[0]["geometry"]["coordinates"],
        };
        let corners = json!([[112.6, 22.3], [112.61, 22.3], [112.61, 22.31], [112.6, 22.31], [112.6, 22.3]]);
        assert_eq!(polygon[0], corners, "counterclockwise and closed, in {file:?}");
        assert_eq!(polygon.as_array().map(Vec::len), Some(2), "the hole, in {file:?}");
        assert_eq!(read[1]["geometry"]["coordinates"].as_array().map(Vec::len), Some(2), "the parts, in {file:?}");
    }
}

#[test]
fn no_format_draws_a_line_over_a_gap() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let layer = Layer::new("轨迹", Shapes::Lines, &LINE_FIELDS);
    let track = || [lines("早班巡查", all(walk()))];
    let drawn =
        json!([[[112.6, 22.3], [112.6001, 22.3001], [112.6002, 22.3002]], [[112.605, 22.305], [112.605, 22.305]]]);

    let file = saved(path, "track.geojson", &written(|out| geojson(out, &layer, track())));
    assert!(ogrinfo(&file, &[]).contains("Geometry: Multi Line String"));
    let read = read_by_gdal(&file, &[]);
    assert_eq!(read[0]["geometry"], json!({"type": "MultiLineString", "coordinates": drawn}));
    assert_eq!(read[0]["properties"]["gap_before"], json!(["", "killed", "paused"]));
    let times = ["", "2026-11-24T01:30:20.25Z/2026-11-24T01:40:00.25Z", "2026-11-24T01:40:00.25Z/.."];
    assert_eq!(read[0]["properties"]["gap_times"], json!(times));

    let file = path.join("track.gpkg");
    let mut package = GeoPackage::create(&file, MORNING_MS).expect("a new file");
    package.add(&layer, track()).expect("sound features");
    package.add(&Layer::new("定位", Shapes::Points, &FIX_FIELDS), fixes(all(walk()))).expect("a second layer");
    package.finish().expect("a whole file");
    is_geopackage(&file);
    let summary = ogrinfo(&file, &[]);
    assert!(summary.contains("Geometry: Multi Line String") && summary.contains("Feature Count: 4"), "{summary}");
    let read = read_by_gdal(&file, &["轨迹"]);
    assert_eq!(read[0]["geometry"]["coordinates"], drawn);
    assert_eq!(read[0]["properties"]["gap_before"], "; killed; paused");
    let read = read_by_gdal(&file, &["定位"]);
    assert_eq!(read[3]["properties"]["gap_before"], "killed");
    assert_eq!(read[3]["properties"]["segment"], 2);
    assert_eq!(read[3]["properties"]["accuracy_m"], 4.5);

    let file = saved(path, "track.csv", &written(|out| csv(out, &layer, &local(), track())));
    assert_eq!(read_by_gdal(&file, &WKT_COLUMN)[0]["geometry"]["coordinates"], drawn);

    let file = saved(path, "track.kml", &written(|out| kml(out, &layer, track())));
    assert!(ogrinfo(&file, &[]).contains("Feature Count: 2"));
    let read = read_by_gdal(&file, &[]);
    let spans: Vec<Json> = read.iter().map(|line| line["geometry"]["coordinates"].clone()).collect();
    assert_eq!(Json::from(spans), json!([drawn[0], drawn[1]]), "a line for each segment");
    assert_eq!(read[0]["properties"]["begin"], "2026-11-24T01:30:00.250Z");
    assert_eq!(read[0]["properties"]["end"], "2026-11-24T01:30:20.250Z");
}

#[test]
fn a_track_with_its_marks_opens_from_gpx() {
    let folder = tempfile::tempdir().expect("a folder");
    let marks = vec![Mark {
        name: Some(nasty()),
        at: e7(1_126_000_500, 223_000_500),
        time_ms: Some(MORNING_MS),
        ele_dm: Some(35),
    }];
    let text = written(|out| gpx(out, Some("早班巡查"), all(marks), all(walk())));
    let file = saved(folder.path(), "track.gpx", &text);
    let counted = |layer: &str, count: usize| {
        assert_eq!(read_by_gdal(&file, &[layer]).len(), count, "{layer}");
    };
    counted("waypoints", 1);
    counted("tracks", 1);
    counted("track_points", 4);
    let mark = &read_by_gdal(&file, &["waypoints"])[0];
    assert_eq!(mark["properties"]["name"], nasty());
    assert_eq!(mark["geometry"]["coordinates"], json!([112.600_05, 22.300_05]));
    assert_eq!(mark["properties"]["ele"], 3.5);
    let track = &read_by_gdal(&file, &["tracks"])[0];
    assert_eq!(track["properties"]["name"], "早班巡查");
    assert_eq!(track["geometry"]["type"], "MultiLineString");
    assert_eq!(track["geometry"]["coordinates"][0].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_day_without_anything_opens_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let (layer, _) = points();
    let package = packed(path, "none.gpkg", &layer, std::iter::empty());
    let none = "Feature Count: 0";
    let files = [
        (saved(path, "none.geojson", &written(|out| geojson(out, &layer, []))), none),
        // A KML layer is the placemarks in it.
        (saved(path, "none.kml", &written(|out| kml(out, &layer, []))), "using driver `LIBKML' successful"),
        (saved(path, "none.csv", &written(|out| csv(out, &layer, &local(), []))), none),
        (package, none),
    ];
    for (file, said) in files {
        let summary = ogrinfo(&file, &[]);
        assert!(summary.contains(said), "{file:?}:\n{summary}");
    }
}
