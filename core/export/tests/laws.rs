//! What holds for any content, read back by plain readers.

mod support;

use gridpatrol_export::{Area, Bounds, CsvStyle, Error, Feature, GeoPackage, Kind, Layer, Line, Shape, Shapes, Value};
use gridpatrol_export::{csv, geojson, kml};
use gridpatrol_geo::crs::E7;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value as Json;
use support::*;

fn position() -> impl Strategy<Value = E7> {
    (-1_800_000_000..=1_800_000_000, -900_000_000..=900_000_000).prop_map(|(lon, lat)| e7(lon, lat))
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[=+@\t\r\n-].*", "[\u{0}-\u{20}<>&'\"]{0,8}"]
}

/// The text that every format promises: no control characters, lines end in a line feed.
fn promised(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let keep = |c: char| matches!(c, '\t' | '\n') || !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    let kept = |text: &str| text.chars().map(|c| if keep(c) { c } else { '\u{fffd}' }).collect();
    kept(&lines)
}

fn one_point(at: E7, text: &str, int: i64, real: f64) -> (Layer, Vec<Feature>) {
    let fields = [("备注", Kind::Text), ("n", Kind::Int), ("x", Kind::Real)];
    let values = vec![Value::Text(text.to_owned()), Value::Int(int), Value::Real(real)];
    (Layer::new("点", Shapes::Points, &fields), vec![Feature { shape: Shape::Point(at), values }])
}

fn number(json: &Json) -> f64 {
    json.as_f64().expect("a number")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn geojson_gives_back_every_value(at in position(), text in any_text(), int: i64, real in any::<f64>()) {
        let (mut layer, features) = one_point(at, &text, int, real);
        layer.bounds = Some(Bounds { south_west: at, north_east: at });
        let json: Json = serde_json::from_str(&written(|out| geojson(out, &layer, all(features)))).expect("JSON");
        let feature = &json["features"][0];
        prop_assert_eq!(&feature["properties"]["备注"], &Json::from(promised(&text)));
        prop_assert_eq!(&feature["properties"]["n"], &Json::from(int));
        let x = &feature["properties"]["x"];
        // The reader is off by a bit here and there.
        let near = x.as_f64().is_some_and(|x| (x - real).abs() <= real.abs() * 1e-15);
        prop_assert!(if real.is_finite() { near } else { x.is_null() }, "{}", x);
        let at = at.to_wgs84();
        prop_assert_eq!(number(&feature["geometry"]["coordinates"][0]), at.lon());
        prop_assert_eq!(number(&feature["geometry"]["coordinates"][1]), at.lat());
        prop_assert_eq!(number(&json["bbox"][3]), at.lat());
    }

    #[test]
    fn csv_gives_back_every_value_and_runs_none(at in position(), text in any_text(), int: i64) {
        let (layer, features) = one_point(at, &text, int, 0.25);
        let written = written(|out| csv(out, &layer, &CsvStyle::default(), all(features)));
        let mut reader = ::csv::Reader::from_reader(written.trim_start_matches('\u{feff}').as_bytes());
        let row = reader.records().next().expect("one row").expect("as wide as the head");
        let (cell, promised) = (&row[0], promised(&text));
        let guarded = format!("'{promised}");
        prop_assert!(cell == promised || cell == guarded, "{}", cell);
        prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']));
        prop_assert_eq!(&row[1], int.to_string());
        prop_assert_eq!(row[3].parse::<f64>().ok(), Some(at.to_wgs84().lon()));
        prop_assert_eq!(row[4].parse::<f64>().ok(), Some(at.to_wgs84().lat()));
    }

    #[test]
    fn kml_is_sound_xml_whatever_it_holds(at in position(), text in any_text()) {
        let (layer, features) = one_point(at, &text, 1, f64::INFINITY);
        let kml = written(|out| kml(out, &layer, all(features)));
        let mut reader = quick_xml::Reader::from_str(&kml);
        let mut named = None;
        loop {
            match reader.read_event().expect("sound XML") {
                quick_xml::events::Event::Start(start) if start.name().into_inner() == "SimpleData" => {
                    let inside = reader.read_text(start.name()).expect("closed");
                    let inside = quick_xml::escape::unescape(&inside).expect("known entities").into_owned();
                    named.get_or_insert(inside);
                }
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
        }
        prop_assert_eq!(named, Some(promised(&text)));
    }

    #[test]
    fn rings_follow_the_right_hand_rule(corners in vec(position(), 3..8), closed: bool) {
        let mut outer = corners.clone();
        if closed {
            outer.push(corners[0]);
        }
        let area = Area { outer, holes: vec![corners] };
        let layer = Layer::new("grid", Shapes::Areas, &[]);
        let feature = Feature { shape: Shape::Areas(vec![area]), values: Vec::new() };
        let mut out = Vec::new();
        match geojson(&mut out, &layer, [Ok(feature)]) {
            Err(Error::Ring { feature: 0 }) => return Ok(()),
            done => done.expect("a ring is the only doubt"),
        }
        let json: Json = serde_json::from_slice(&out).expect("JSON");
        let rings = json["features"][0]["geometry"]["coordinates"].as_array().expect("rings").clone();
        prop_assert!(area_of(&rings[0]) > 0.0 && area_of(&rings[1]) < 0.0);
        for ring in &rings {
            let ring = ring.as_array().expect("positions");
            prop_assert_eq!(ring.first(), ring.last());
        }
    }
}

/// Twice the area, counterclockwise.
fn area_of(ring: &Json) -> f64 {
    let corners: Vec<(f64, f64)> =
        ring.as_array().expect("positions").iter().map(|at| (number(&at[0]), number(&at[1]))).collect();
    corners.windows(2).map(|side| side[0].0 * side[1].1 - side[1].0 * side[0].1).sum()
}

#[test]
fn a_geopackage_says_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.gpkg");
    let layer = Layer::new("线", Shapes::Lines, &[]);
    let shape = Shape::Lines(vec![line(&[(0, 0), (20_000_000, 10_000_000)]), Line::default()]);
    let mut package = GeoPackage::create(&path, MORNING_MS).expect("a new file");
    package.add(&layer, [Ok(Feature { shape, values: Vec::new() })]).expect("a sound feature");
    package.finish().expect("a whole file");

    let db = rusqlite::Connection::open(&path).expect("SQLite");
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).expect(sql);
    assert_eq!(number("PRAGMA application_id"), 0x4750_4B47);
    assert_eq!(number("PRAGMA user_version"), 10_300);
    assert_eq!(number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(number("SELECT count(*) FROM gpkg_spatial_ref_sys WHERE srs_id IN (4326, -1, 0)"), 3);
    let sides = "SELECT min_x, min_y, max_x, max_y, last_change FROM gpkg_contents";
    let sides = db
        .query_row(sides, [], |row| {
            Ok((
                row.get::<_, f64>(0)?,
                row.get::<_, f64>(1)?,
                row.get::<_, f64>(2)?,
                row.get::<_, f64>(3)?,
                row.get::<_, String>(4)?,
            ))
        })
        .expect("one layer");
    assert_eq!(sides, (0.0, 0.0, 2.0, 1.0, "2026-11-24T01:30:00.250Z".to_owned()));
    let blob: Vec<u8> = db.query_row("SELECT geom FROM 线", [], |row| row.get(0)).expect("one feature");
    assert_eq!(blob[..8], [b'G', b'P', 0, 3, 0xE6, 0x10, 0, 0], "version 1, little-endian, xy envelope, 4326");
    let envelope: Vec<f64> =
        blob[8..40].chunks(8).map(|side| f64::from_le_bytes(side.try_into().expect("eight"))).collect();
    assert_eq!(envelope, [0.0, 2.0, 0.0, 1.0]);
    assert_eq!(blob[40..49], [1, 5, 0, 0, 0, 1, 0, 0, 0], "a multi line string of one line");
}

#[test]
fn a_geopackage_is_whole_or_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.gpkg");
    let layer = Layer::new("点", Shapes::Points, &[]);
    let broken = || Err(Error::Source("the disk is gone".into()));
    let mut package = GeoPackage::create(&path, MORNING_MS).expect("a new file");
    assert!(matches!(package.add(&layer, [broken()]), Err(Error::Source(_))));
    drop(package);
    assert!(!path.exists(), "half a file is worse than none");

    let mut package = GeoPackage::create(&path, MORNING_MS).expect("a new file");
    let sound = Feature { shape: Shape::Point(e7(1, 2)), values: Vec::new() };
    assert!(matches!(package.add(&layer, [Ok(sound.clone()), broken()]), Err(Error::Source(_))));
    package.add(&layer, [Ok(sound)]).expect("the layer that failed left nothing");
    assert!(matches!(package.add(&layer, []), Err(Error::LayerName(_))), "the same name twice");
    let reserved = Layer::new("gpkg_x", Shapes::Points, &[]);
    assert!(matches!(package.add(&reserved, []), Err(Error::LayerName(_))));
    package.finish().expect("a whole file");
    assert!(matches!(GeoPackage::create(&path, MORNING_MS), Err(Error::Io(_))), "never over a file");
    let db = rusqlite::Connection::open(&path).expect("it is still there");
    let count: i64 = db.query_row("SELECT count(*) FROM 点", [], |row| row.get(0)).expect("the layer");
    let sound: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("SQLite's own check");
    assert_eq!((count, sound.as_str()), (1, "ok"));
}

#[test]
fn what_does_not_fit_its_layer_is_refused() {
    let (layer, features) = points();
    let refused = |layer: &Layer, feature: &Feature| geojson(Vec::new(), layer, [Ok(feature.clone())]);
    let good = &features[0];
    refused(&layer, good).expect("as it is");

    let short = Feature { values: good.values[1..].to_vec(), ..good.clone() };
    assert!(matches!(refused(&layer, &short), Err(Error::Values { feature: 0 })));
    let mut swapped = good.clone();
    swapped.values.swap(0, 2);
    assert!(matches!(refused(&layer, &swapped), Err(Error::Values { feature: 0 })));
    let drawn = Feature { shape: Shape::Lines(Vec::new()), ..good.clone() };
    assert!(matches!(refused(&layer, &drawn), Err(Error::Shape { feature: 0 })));

    for names in [["a", "A"], ["x", "geom"], ["", "x"], ["FID", "x"], ["a\u{0}", "x"], ["\u{ffff}", "x"]] {
        let layer = Layer::new("x", Shapes::Points, &names.map(|name| (name, Kind::Text)));
        assert!(matches!(csv(Vec::new(), &layer, &CsvStyle::default(), []), Err(Error::ColumnName(_))), "{names:?}");
    }
}

#[test]
fn a_clock_that_is_off_by_ages_leaves_its_cell_empty() {
    let layer = Layer::new("x", Shapes::Points, &[("time", Kind::Time)]);
    let year_1 = -62_135_596_800_000;
    let feature = |ms| Feature { shape: Shape::Nowhere, values: vec![Value::Time(ms)] };
    let features = [i64::MIN, year_1 - 1, year_1, i64::MAX].map(feature).to_vec();
    let csv = written(|out| csv(out, &layer, &CsvStyle::default(), all(features)));
    assert_eq!(csv.lines().collect::<Vec<_>>()[1..], [",,", ",,", "0001-01-01T00:00:00+00:00,,", ",,"]);
}
